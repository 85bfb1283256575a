// Which painter paints, what of the settings it uses, and whether it paints along with the hand.

import { $, $$, element } from "../dom.js";
import { onLanguage, t, translate } from "../i18n.js";
import { isLiveOffered } from "../live.js";
import { hasAnchors, isFilled, painters, systemOf, uses } from "../models.js";
import { write } from "../persist.js";
import { isPreviewShown } from "../stage.js";
import * as store from "../store.js";

const { session } = store;

function choose(model) {
  if (!uses(model, "anchors", session.status) && session.tool === "draft") session.tool = "exact";
  store.commit({ model });
}

function showModels() {
  const { model } = store.doc();
  const models = painters(session.status);
  $("#model-group").hidden = models.length < 2;
  const key = models.map(({ name }) => name).join();
  if ($("#model").dataset.key !== key) {
    $("#model").dataset.key = key;
    $("#model").replaceChildren(...models.map(({ name, title }) => element("option", { value: name }, title)));
  }
  $("#model").value = model;
  const isFilling = isFilled(store.doc(), session.status);
  $("#model-words").textContent = isFilling
    ? t("Fills every region with the hint that it belongs to.")
    : t(systemOf(model, session.status)?.about || "");
  const isDefault = models[0]?.name === model; // what is untrained of that one is said above the page
  $("#model-untrained").hidden = isDefault || systemOf(model, session.status)?.trained !== false;
  showUse(model, systemOf(model, session.status)?.title || model);
}

/** What the painter makes no use of cannot be touched, and says why. */
function showUse(model, title) {
  for (const set of $$("[data-uses]")) {
    const isUsed = uses(model, set.dataset.uses, session.status);
    set.disabled = !isUsed;
    set.title = isUsed ? "" : t("{painter} does not use this.", { painter: title });
    let words = $(".not-used", set);
    if (!words) set.append(words = element("p", { class: "note not-used" }));
    words.hidden = isUsed;
    words.textContent = set.title;
  }
}

/** One kind of hint is enough where both mean the same; experts see the other, too. */
function showKinds() {
  const doc = store.doc();
  const areShown = hasAnchors(doc, session.status, session.expert);
  const isFilling = isFilled(doc, session.status);
  for (const control of [$("[data-tool=draft]"), $("#hint-kind")]) {
    control.disabled = !areShown;
    control.hidden = !areShown && isFilling;
  }
  for (const tool of ["part", "lock"]) $(`[data-tool=${tool}]`).hidden = !isFilling;
  if (!areShown && session.tool === "draft") store.setSession({ tool: "exact" });
  const tool = $("[data-tool=exact]");
  const name = areShown || !isFilling ? "Exact hint" : "Hint";
  if (tool.dataset.label !== name) {
    tool.dataset.label = name;
    translate(tool.parentElement);
  }
  $("#expert-setting").hidden = $("#expert-help").hidden = !isFilling;
  $("#expert-switch").checked = session.expert;
}

function showLive() {
  const isOffered = isLiveOffered();
  const { preview_seconds: seconds = null, preview } = session.status || {};
  const isSlow = preview === false && seconds !== null && uses(store.doc().model, "preview", session.status);
  $("#live-setting").hidden = $("#live-help").hidden = !isOffered && !isSlow;
  $("#live-switch").checked = session.live && !isSlow;
  $("#live-switch").disabled = isSlow;
  $("#live-help").textContent = isSlow
    ? t("Off: a preview takes {n} s here, and half a second is needed. The last one stays.", { n: seconds.toFixed(1) })
    : t("Shows at once what a hint does, and paints when your hand rests.");
  const words = $("#live-words");
  words.hidden = !isPreviewShown() || Boolean(session.job);
  words.textContent = session.isPaintingLive ? t("Painting the full picture…") : t("Quick preview");
}

function show(what) {
  showLive();
  if (what === "preview") return;
  showModels();
  showKinds();
}

export function startPainter() {
  $("#model").addEventListener("change", () => choose($("#model").value));
  $("#live-switch").addEventListener("change", () => {
    write("live", $("#live-switch").checked);
    store.setSession({ live: $("#live-switch").checked, ...($("#live-switch").checked ? {} : { preview: null }) });
  });
  $("#expert-switch").addEventListener("change", () => {
    write("expert", $("#expert-switch").checked);
    store.setSession({ expert: $("#expert-switch").checked });
  });
  store.onChange(show);
  onLanguage(show);
}
