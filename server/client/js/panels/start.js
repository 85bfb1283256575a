// The first screen: a place to drop a sketch, samples that paint themselves, and the drawings of this browser.

import { api } from "../api.js";
import { chapters, forgetChapter, onChapters } from "../chapters.js";
import { $, element, icon } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { noteError } from "../notices.js";
import { drawings, forgetDrawing } from "../persist.js";
import { onChange, session } from "../store.js";
import { goTo } from "../pages.js";
import { openSample, reopen } from "../studio.js";

let samples = [];

function picture(sketch, result, width, height) {
  const frame = element("span", { class: result ? "frame two" : "frame" });
  const size = { width, height, alt: "", loading: "lazy", draggable: "false" };
  frame.append(element("img", { src: sketch, ...size }));
  if (result) frame.append(element("img", { src: result, class: "after", ...size }));
  return frame;
}

function sampleCard(sample) {
  const title = t(sample.title || sample.name);
  const button = element("button", { class: "card", type: "button", "aria-label": t("Paint the sample {name}", { name: title }) });
  button.append(picture(sample.sketch, sample.result, sample.width, sample.height), element("span", { class: "card-name" }, title));
  button.addEventListener("click", async () => {
    button.disabled = true;
    await openSample(sample).catch(noteError);
    button.disabled = false;
  });
  return element("li", {}, button);
}

function recentCard(drawing) {
  const name = drawing.name || t("Sketch");
  const button = element("button", { class: "card", type: "button", "aria-label": t("Continue {name}", { name }) });
  button.append(picture(drawing.sketch, null, drawing.width, drawing.height), element("span", { class: "card-name" }, name));
  button.addEventListener("click", () => reopen(drawing.room).catch(noteError));
  const remove = element("button", { class: "quiet card-remove", type: "button", "aria-label": t("Delete {name}", { name }), title: t("Delete {name}", { name }) }, icon("trash"));
  remove.addEventListener("click", () => deleteDrawing(drawing, name));
  const item = element("li", {}, button, remove);
  $("img", button).addEventListener("error", () => item.remove());
  return item;
}

/** A chapter of several pages, which opens where it was left. */
function chapterCard({ id, name, pages, last }) {
  const page = pages.find(({ room }) => room === last) || pages[0];
  const title = t("{name}, {n} pages", { name, n: pages.length });
  const button = element("button", { class: "card", type: "button", "aria-label": t("Continue {name}", { name: title }) });
  const before = pages.find(({ icon: painted }) => painted)?.icon || page.thumb;
  button.append(picture(before, null, page.width, page.height), element("span", { class: "card-name" }, title));
  $(".frame", button).classList.add("many");
  button.addEventListener("click", () => goTo(page.room));
  const remove = element("button", { class: "quiet card-remove", type: "button", "aria-label": t("Delete {name}", { name: title }), title: t("Delete {name}", { name: title }) }, icon("trash"));
  remove.addEventListener("click", async () => {
    if (!confirm(t("Delete {name} and its results from the server? This cannot be undone.", { name: title }))) return;
    forgetChapter(id);
    for (const { room } of pages) await api.deleteRoom(room).catch((error) => error.status !== 404 && noteError(error));
  });
  return element("li", {}, button, remove);
}

async function deleteDrawing(drawing, name) {
  if (!confirm(t("Delete {name} and its results from the server? This cannot be undone.", { name }))) return;
  try {
    await api.deleteRoom(drawing.room);
  } catch (error) {
    if (error.status !== 404) return noteError(error);
  }
  forgetDrawing(drawing.room);
  show();
}

function showStatus() {
  $("#link").hidden = session.status?.allow_url !== true;
  const n = session.status?.painted || 0;
  $("#painted").hidden = n === 0;
  $("#painted").textContent = n === 1 ? t("One picture has been painted here.") : t("{n} pictures have been painted here.", { n });
}

function show() {
  const known = drawings();
  $("#samples").hidden = samples.length === 0;
  $("#sample-list").replaceChildren(...samples.map(sampleCard));
  $("#recent").hidden = known.length + chapters().length === 0;
  $("#recent-list").replaceChildren(...chapters().map(chapterCard), ...known.map(recentCard));
}

/** Asks for the samples; asked again after the server was away. */
export async function loadSamples() {
  try {
    samples = await api.samples();
    if (!Array.isArray(samples)) samples = samples.samples || [];
  } catch (error) {
    if (!error.isOffline) noteError(error);
  }
  if (session.screen === "start") show();
}

export function startStart() {
  onChange((what) => what === "screen" && session.screen === "start" && show());
  onChange(showStatus);
  onChapters(() => session.screen === "start" && show());
  onLanguage(showStatus);
  onLanguage(show);
}
