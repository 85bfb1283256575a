// Which painter paints, what of the settings it uses, and whether it paints along with the hand.

import { $, $$, element } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { isLiveOffered } from "../live.js";
import { hasKinds } from "../models.js";
import { write } from "../persist.js";
import { isPreviewShown } from "../stage.js";
import * as store from "../store.js";

const MODEL_WORDS = {
  style2paints: "Six networks. Anchors, exact hints and references guide them.",
  "auto-painter": "One network. Every hint is a block of colour to it.",
};
const { session } = store;

function choose(model) {
  if (!hasKinds(model) && session.tool === "draft") session.tool = "exact";
  store.commit({ model });
}

function showModels() {
  const { model } = store.doc();
  const models = session.status?.models || [];
  $("#model-group").hidden = models.length < 2;
  const key = models.map(({ name }) => name).join();
  if ($("#model").dataset.key !== key) {
    $("#model").dataset.key = key;
    $("#model").replaceChildren(...models.map(({ name, title }) => element("option", { value: name }, title)));
  }
  $("#model").value = model;
  $("#model-words").textContent = t(MODEL_WORDS[model] || "");
  $("#model-untrained").hidden = hasKinds(model) || models.find(({ name }) => name === model)?.trained !== false;
  showUse(model, models.find(({ name }) => name === model)?.title || model);
}

/** What the painter makes no use of cannot be touched, and says why. */
function showUse(model, title) {
  const isUsed = hasKinds(model);
  for (const set of $$("[data-only]")) {
    set.disabled = !isUsed;
    set.title = isUsed ? "" : t("{painter} does not use this.", { painter: title });
    let words = $(".not-used", set);
    if (!words) set.append(words = element("p", { class: "note not-used" }));
    words.hidden = isUsed;
    words.textContent = set.title;
  }
  for (const control of [$("[data-tool=draft]"), $("#hint-kind")]) control.disabled = !isUsed;
}

function showLive() {
  const isOffered = isLiveOffered();
  $("#live-setting").hidden = $("#live-help").hidden = !isOffered;
  $("#live-switch").checked = session.live;
  const words = $("#live-words");
  words.hidden = !isPreviewShown() || Boolean(session.job);
  words.textContent = session.isPaintingLive ? t("Painting the full picture…") : t("Quick preview");
}

function show(what) {
  showLive();
  if (what !== "preview") showModels();
}

export function startPainter() {
  $("#model").addEventListener("change", () => choose($("#model").value));
  $("#live-switch").addEventListener("change", () => {
    write("live", $("#live-switch").checked);
    store.setSession({ live: $("#live-switch").checked, ...($("#live-switch").checked ? {} : { preview: null }) });
  });
  store.onChange(show);
  onLanguage(show);
}
