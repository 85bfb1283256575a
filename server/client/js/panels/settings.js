// Method, reference and finish: everything about a painting that is not a hint.

import { $, $$, element, loadImage } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { uses } from "../models.js";
import { fromRgb } from "../palette.js";
import * as store from "../store.js";
import { extractLines } from "../studio.js";

const METHOD_WORDS = {
  colorization: "Clean ink or digital lines on paper.",
  rendering: "Pencil and grey tones; they are kept.",
  recolorization: "Its lines are extracted and painted anew.",
};
const ZOOMS = [0.25, 0.5, 0.75, 1, 1.5, 2];
const { session } = store;

function startMethod() {
  $$("#methods input").forEach((input) => input.addEventListener("change", () => store.commit({ method: input.value })));
  $("#extract").addEventListener("click", () => extractLines());
}

function showMethod({ method }) {
  $(`#methods input[value=${method}]`).checked = true;
  $("#method-words").textContent = t(METHOD_WORDS[method]);
  $("#extract").hidden = method !== "recolorization";
  $("#extract").disabled = Boolean(session.job);
}

function startReference() {
  const mix = $("#mix");
  mix.addEventListener("input", () => store.commit({ mix: mix.value / 100 }, "mix"));
  mix.addEventListener("change", store.seal);
  $("#remove-reference").addEventListener("click", () => {
    store.commit({ reference: null });
    $("#add-reference").focus();
  });
  $("#reference-pick").addEventListener("click", pickFromReference);
}

/** Takes the colour under the pointer, or of the middle when the button was pressed by a key. */
async function pickFromReference(event) {
  const shown = $("#reference-image");
  const image = await loadImage(shown.src);
  const box = shown.getBoundingClientRect();
  const scale = Math.max(box.width / image.width, box.height / image.height); // object-fit: cover
  const isKey = event.detail === 0;
  const dx = isKey ? 0 : event.clientX - (box.left + box.width / 2);
  const dy = isKey ? 0 : event.clientY - (box.top + box.height / 2);
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.drawImage(image, Math.floor(image.width / 2 + dx / scale), Math.floor(image.height / 2 + dy / scale), 1, 1, 0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  if (alpha > 0) store.setColor(fromRgb([red, green, blue]));
}

function showReference({ reference, mix }) {
  $("#reference").hidden = !reference;
  $("#add-reference").hidden = Boolean(reference);
  if (reference && $("#reference-image").getAttribute("src") !== reference.url) $("#reference-image").src = reference.url;
  $("#mix").value = Math.round(mix * 100);
  $("#mix-value").textContent = `${Math.round(mix * 100)} %`;
}

function startFinish() {
  const lineColor = $("#line-color");
  $("#lines").addEventListener("change", () => store.commit({ lines: $("#lines").value }));
  lineColor.addEventListener("input", () => store.commit({ lineColor: lineColor.value, lines: "coloured" }, "line color"));
  lineColor.addEventListener("change", store.seal);
  const shading = $("#shading");
  shading.addEventListener("input", () => store.commit({ shading: Number(shading.value) / 100 }, "shading"));
  shading.addEventListener("change", store.seal);
  $("#super").addEventListener("change", () => store.commit({ superResolution: $("#super").checked }));
  $("#zoom-factor").addEventListener("change", () => {
    const { value } = $("#zoom-factor");
    store.commit({ zoom: value === "" ? null : Number(value) });
  });
  $("#output-size").addEventListener("change", () => store.commit({ outputSize: $("#output-size").value }));
  $("#weights-set").addEventListener("change", () => store.commit({ weightsSet: $("#weights-set").value }));
}

/** Sets of one's own weights, where there are some. */
function showSets({ model, weightsSet }) {
  const sets = session.status?.weights_sets || [];
  const chosen = weightsSet ?? session.status?.settings.weights_set ?? "";
  const values = [...new Set(["", ...sets, chosen])];
  const select = $("#weights-set");
  $("#weights-set-setting").hidden = values.length < 2 || !uses(model, "weights_set", session.status);
  const key = `${values}|${t("Standard")}`;
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    select.replaceChildren(...values.map((value) => element("option", { value }, value || t("Standard"))));
  }
  select.value = chosen;
}

function showFinish({ lines, lineColor, shading, superResolution, zoom, outputSize }) {
  const given = session.status?.settings || {};
  const isColored = lines === "coloured" || (lines === null && given.lines === "coloured");
  $("#lines").value = lines ?? given.lines ?? "tinted";
  $("#line-color").value = (lines === null && given.line_color) || lineColor;
  $("#line-color-setting").hidden = !isColored;
  $("#shading-setting").hidden = !session.status?.fills;
  const percent = Math.round(100 * (shading ?? given.shading ?? 0));
  $("#shading").value = percent;
  $("#shading-value").textContent = `${percent} %`;
  $("#super").checked = superResolution ?? Boolean(given.super_resolution);
  $("#output-size").value = outputSize;
  const values = zoom === null || ZOOMS.includes(zoom) ? ZOOMS : [...ZOOMS, zoom].sort((a, b) => a - b);
  const key = `${values}|${given.zoom}|${t("Standard")}`;
  const select = $("#zoom-factor");
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    const standard = given.zoom === undefined ? t("Standard") : `${t("Standard")} (${given.zoom} ×)`;
    select.replaceChildren(element("option", { value: "" }, standard), ...values.map((value) => element("option", { value }, `${value} ×`)));
  }
  select.value = zoom ?? "";
}

export function startSettings() {
  startMethod();
  startReference();
  startFinish();
  const show = (what) => {
    if (what === "preview") return;
    const doc = store.doc();
    showMethod(doc);
    showReference(doc);
    showSets(doc);
    showFinish(doc);
  };
  store.onChange(show);
  onLanguage(show);
}
