// The picture or the painting in the style of paintings, or of a mixture of up to four of them.

import { api, unnamed } from "../api.js";
import { $, $$, element, loadImage } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { followJob } from "../jobs.js";
import { places, shares, titled, toggled } from "../mixing.js";
import { stylePainter } from "../models.js";
import { note, noteError, sentenceOf } from "../notices.js";
import * as store from "../store.js";
import { refreshRoom, showPainting } from "../studio.js";

const STEP = 0.05;
const { session } = store;
let room = null; // the drawing that the rest belongs to
let known = null; // {styles, tile, thumbnails}
let chosen = []; // names of up to four styles
let place = { x: 0.5, y: 0.5 }; // on the pad between them
let running = null; // {id, state, fraction, position, stop()}
let result = null;
let problem = "";

const isOffered = () => Boolean(session.room && stylePainter(session.status)?.trained);
const wantsResult = () => $("#styles-source input:checked").value === "result" && store.currentResult();

export async function openStyles() {
  const dialog = $("#styles");
  if (!isOffered() || dialog.open) return;
  known = await api.styles().catch((error) => noteError(error));
  if (!known?.styles.length) return;
  chosen = chosen.filter((name) => known.styles.includes(name));
  if (chosen.length === 0) chosen = [known.styles[0]];
  if (!running && !result) {
    const wanted = store.currentResult() && session.view !== "sketch" ? "result" : "upload";
    $$("#styles-source input").forEach((input) => { input.checked = input.value === wanted; });
    showSource();
  }
  dialog.showModal();
  showStyles();
  show();
}

function showSource() {
  result = null;
  problem = "";
  const source = wantsResult();
  $("#styles-image").src = source ? source.image : session.room.sketch;
  show();
}

function showStyles() {
  $("#styles-list").replaceChildren(...known.styles.map(tileOf));
  showPad();
}

function tileOf(name, i) {
  const choose = () => {
    chosen = toggled(chosen, name);
    place = { x: 0.5, y: 0.5 };
    $$("#styles-list button").forEach((tile, at) => tile.setAttribute("aria-pressed", String(chosen.includes(known.styles[at]))));
    showPad();
  };
  const tile = element("button", {
    type: "button", class: "style-tile", "aria-pressed": String(chosen.includes(name)), title: titled(name), onclick: choose,
  }, element("span", {}, titled(name)));
  const count = known.styles.length;
  if (known.thumbnails) {
    tile.style.setProperty("background-image", `url("${known.thumbnails}")`);
    tile.style.setProperty("background-position", `${count > 1 ? (100 * i) / (count - 1) : 0}% 0`);
    tile.style.setProperty("background-size", `${100 * count}% 100%`);
  }
  return tile;
}

function showPad() {
  const pad = $("#styles-pad");
  pad.hidden = chosen.length < 2;
  pad.classList.toggle("line", chosen.length === 2);
  const found = shares(chosen, place);
  const told = chosen.map((name) => `${titled(name)} ${Math.round(100 * found[name])} %`).join(", ");
  pad.setAttribute("aria-label", t("Mixture: {shares}", { shares: told }));
  $("#styles-mixture").textContent = chosen.length < 2 ? t("Choose up to four to mix them.") : told;
  const knob = element("i");
  knob.style.setProperty("left", `${100 * place.x}%`);
  knob.style.setProperty("top", `${chosen.length === 2 ? 50 : 100 * place.y}%`);
  pad.replaceChildren(
    ...places(chosen.length).map(([x, y], i) => element("span", { class: "corner", "data-x": x, "data-y": y }, titled(chosen[i]))),
    knob,
  );
}

const kept = (value) => Math.min(1, Math.max(0, value));

function movePad(event) {
  if (event.type === "pointermove" && !event.buttons) return;
  const box = $("#styles-pad").getBoundingClientRect();
  place = { x: kept((event.clientX - box.left) / box.width), y: kept((event.clientY - box.top) / box.height) };
  if (event.type === "pointerdown") $("#styles-pad").setPointerCapture(event.pointerId);
  showPad();
}

function stepPad(event) {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [];
  if (dx === undefined) return;
  event.preventDefault();
  place = { x: kept(place.x + dx * STEP), y: kept(place.y + dy * STEP) };
  showPad();
}

async function start() {
  const mine = { id: null, state: "queued", fraction: 0, position: 0, stop: () => {} };
  running = mine;
  result = null;
  problem = "";
  show();
  try {
    const source = wantsResult();
    const job = await api.startJob(session.room.room, {
      model: stylePainter(session.status).name, source: source?.id || null,
      stylizer: {
        styles: shares(chosen, place), normalise: true, strength: Number($("#styles-strength").value) / 100,
        keep_color: $("#styles-color").checked, keep_lines: $("#styles-lines").checked,
        stroke_size: Number($("#styles-size").value),
      },
    });
    if (running !== mine) return;
    mine.id = job.job;
    mine.stop = followJob(job.job, {
      onProgress: ({ state, fraction, position }) => {
        Object.assign(mine, { state, fraction, position });
        show();
      },
      onStage: () => {},
      onEnd: (end) => finish(end, mine),
    });
  } catch (error) {
    if (running !== mine) return;
    running = null;
    problem = sentenceOf(error);
    show();
  }
}

async function finish(end, mine) {
  if (running !== mine) return;
  if (end.state === "done") {
    await Promise.all([loadImage(end.result.image).catch(() => {}), refreshRoom().catch(noteError)]);
    if (running !== mine) return;
    $("#styles-image").src = end.result.image;
    result = end.result;
  } else if (end.state === "failed") problem = end.error?.message || t("It could not be painted.");
  const hadFocus = document.activeElement === $("#styles-stop");
  running = null;
  show();
  if (hadFocus) $(result ? "#styles-show" : "#styles-start").focus({ focusVisible: false });
  if ($("#styles").open) return;
  if (result) note(t("It is painted."), { action: { name: t("Show"), run: openStyles } });
  else if (problem) note(problem, { isError: true });
}

function words() {
  if (problem) return problem;
  if (result) return t("It is painted.");
  if (!running) return "";
  if (running.state === "queued" && running.position > 0) return t("Number {n} in the queue", { n: running.position });
  return t("Painting in this style");
}

function show() {
  $("#styles-group").hidden = !isOffered();
  const isBusy = Boolean(running);
  $("#styles-words").textContent = words();
  const bar = $("#styles-bar");
  bar.hidden = !isBusy;
  if (running?.fraction > 0) bar.value = running.fraction;
  else bar.removeAttribute("value");
  $("#styles-image").alt = result ? t("Your picture, painted in this style") : t("The picture that is painted");
  $("#styles-settings").disabled = isBusy;
  $("#styles-source").hidden = !store.currentResult();
  $("#styles-strength-value").textContent = `${$("#styles-strength").value} %`;
  $("#styles-start").hidden = isBusy;
  $("#styles-start").textContent = result ? t("Paint it again") : t("Paint it");
  $("#styles-start").disabled = !session.isOnline;
  $("#styles-stop").hidden = !isBusy;
  $("#styles-result").hidden = !result;
  if (result) Object.assign($("#styles-png"), { href: unnamed(result.exports.png), download: `${session.room?.name || "s2p"}-${chosen.join("-")}.png` });
}

function follow(what) {
  if (what === "preview") return;
  if (session.room?.room !== room) {
    room = session.room?.room;
    running?.stop();
    running = result = null;
    problem = "";
    $("#styles").close();
  }
  show();
}

export function startStyles() {
  const dialog = $("#styles");
  $("#open-styles").addEventListener("click", openStyles);
  $("#styles-start").addEventListener("click", start);
  $("#styles-stop").addEventListener("click", () => running?.id && api.cancelJob(running.id).catch(noteError));
  $("#styles-show").addEventListener("click", () => {
    const painting = result;
    dialog.close();
    showPainting(painting).catch(noteError);
  });
  $("#styles-strength").addEventListener("input", show);
  for (const kind of ["pointerdown", "pointermove"]) $("#styles-pad").addEventListener(kind, movePad);
  $("#styles-pad").addEventListener("keydown", stepPad);
  $$("#styles-source input").forEach((input) => input.addEventListener("change", showSource));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  store.onChange(follow);
  onLanguage(() => {
    if (known && dialog.open) showPad();
    show();
  });
}
