// What the canvas shows, the slider between before and after, the zoom buttons and the tools of a selected hint.

import { isBrushing, takeBrush } from "../brushing.js";
import { $, $$ } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { changeKind, recolor } from "../keyboard.js";
import { hasRegions, isFilledNow } from "../pointing.js";
import * as stage from "../stage.js";
import * as store from "../store.js";

const { session } = store;

function startViews() {
  $$("#views input").forEach((input) => input.addEventListener("change", () => store.setSession({ view: input.value })));
  $("#zoom-in").addEventListener("click", () => stage.zoomBy(1.25));
  $("#zoom-out").addEventListener("click", () => stage.zoomBy(0.8));
  $("#zoom-fit").addEventListener("click", stage.fit);
  $("#zoom-level").addEventListener("click", () => stage.zoomTo(1));
}

function startTools() {
  $$("#tools [data-tool]").forEach((button) => button.addEventListener("click", () => store.setSession({ tool: button.dataset.tool, selected: -1 })));
  $("#show-hints").addEventListener("click", () => store.setSession({ showHints: !session.showHints, selected: -1 }));
  $("#undo").addEventListener("click", store.undo);
  $("#redo").addEventListener("click", store.redo);
  $("#hint-color").addEventListener("click", recolor);
  $("#hint-kind").addEventListener("click", changeKind);
  $("#hint-widen").addEventListener("click", () => takeBrush("widen"));
  $("#hint-narrow").addEventListener("click", () => takeBrush("narrow"));
  $("#hint-erase").addEventListener("click", () => store.eraseHint(session.selected));
}

function startSplit() {
  const split = $("#split");
  const set = (value) => store.setSession({ split: Math.min(1, Math.max(0, value)) });
  split.addEventListener("pointerdown", (event) => {
    split.setPointerCapture(event.pointerId);
    event.preventDefault();
    split.focus({ focusVisible: false });
  });
  split.addEventListener("pointermove", (event) => {
    if (!split.hasPointerCapture(event.pointerId)) return;
    set(stage.pictureOf({ x: event.clientX - $("#canvas").getBoundingClientRect().left, y: 0 }).x);
  });
  split.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    set(session.split + step);
  });
}

function showSplit() {
  const split = $("#split");
  split.hidden = session.view !== "compare" || !store.currentResult() || !session.room || Boolean(session.stage);
  if (split.hidden) return;
  const top = stage.screenOf({ x: session.split, y: 0 });
  const bottom = stage.screenOf({ x: session.split, y: 1 });
  split.style.setProperty("left", `${top.x}px`);
  split.style.setProperty("top", `${Math.max(0, top.y)}px`);
  split.style.setProperty("height", `${Math.min($("#canvas").clientHeight, bottom.y) - Math.max(0, top.y)}px`);
  split.setAttribute("aria-valuenow", Math.round(session.split * 100));
  split.setAttribute("aria-valuetext", t("{n} % sketch", { n: Math.round(session.split * 100) }));
}

function showHintTools() {
  const tools = $("#hint-tools");
  const hint = store.doc().hints[session.selected];
  tools.hidden = !hint || !session.room;
  if (tools.hidden) return $("#stage").removeAttribute("data-brushing");
  for (const brush of ["widen", "narrow"]) {
    $(`#hint-${brush}`).hidden = !hasRegions();
    $(`#hint-${brush}`).setAttribute("aria-pressed", String(isBrushing() && session.brush === brush));
  }
  const { clientWidth, clientHeight } = $("#canvas");
  const half = tools.offsetWidth / 2 + 12;
  const isAway = isBrushing(); // out of the hand's way; on a phone in place of the choice of views
  $("#stage").toggleAttribute("data-brushing", isAway);
  const at = isAway ? { x: clientWidth < 640 ? clientWidth / 2 : 0 } : stage.screenOf(hint);
  const isLow = at.y > 130; // above it the tools would lie over the choice of views
  tools.style.setProperty("left", `${Math.min(clientWidth - half, Math.max(half, at.x))}px`);
  tools.style.setProperty("top", `${Math.min(clientHeight - 60, isAway ? 10 : isLow ? at.y - 66 : at.y + 26)}px`);
  $("use", $("#hint-kind")).setAttribute("href", `icons.svg#${hint.kind === "draft" ? "exact" : "draft"}`);
}

/** Where drawings are filled there is no draft; in its place stands what each hint fills. */
function nameDraft() {
  const words = $("#views input[value=draft] + span");
  words.dataset.i18n = isFilledNow() ? "Regions" : "Draft";
  words.textContent = isFilledNow() ? t("Regions") : t("Draft");
}

function showViews() {
  nameDraft();
  const hasResult = Boolean(store.currentResult() || session.preview);
  const isBusy = Boolean(session.stage);
  $$("#views input").forEach((input) => {
    input.checked = input.value === session.view;
    const isReady = input.value === "draft" ? stage.isDraftThere() : hasResult || input.value === "sketch";
    input.disabled = !isReady && !(isBusy && input.value === session.view);
  });
  const level = `${Math.round(stage.viewport.scale * 100)} %`;
  $("#zoom-level").textContent = level;
  $("#zoom-level").setAttribute("aria-label", `${level}, ${t("Actual size")}`);
  $$("#tools [data-tool]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.tool === session.tool)));
  $("#show-hints").setAttribute("aria-pressed", String(session.showHints));
  $("#undo").disabled = !store.undoable();
  $("#redo").disabled = !store.redoable();
  $("#drawing-name").textContent = session.room?.name || "";
  $("#studio-title").textContent = session.room?.name || "s2p";
}

function show(what) {
  showSplit();
  showHintTools();
  if (what === "preview") return;
  showViews();
}

export function startViewsPanel() {
  startViews();
  startTools();
  startSplit();
  store.onChange(show);
  stage.onViewport(() => show("viewport"));
  onLanguage(show);
}
