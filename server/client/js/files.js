// Pictures and hint files that come in: dropped, pasted or chosen.

import { api, refusal } from "./api.js";
import { $ } from "./dom.js";
import { readHintFile } from "./hints.js";
import { t } from "./i18n.js";
import { note, noteError } from "./notices.js";
import { isArchiveName, isPictureName } from "./page_files.js";
import { chapterNow, openPages } from "./pages.js";
import { openSketchDialog } from "./panels/sketch.js";
import { openAddress, openPicture } from "./studio.js";
import * as store from "./store.js";

const isPicture = (file) => file.type.startsWith("image/") || isPictureName(file.name);
const isHintFile = (file) => file.type === "application/json" || /\.json$/i.test(file.name);

export async function takeSketch(file) {
  try {
    if (!isPicture(file)) throw refusal(t("{name} is not a picture. PNG, JPEG and WebP are fine.", { name: file.name }));
    await openPicture(file);
  } catch (error) {
    noteError(error);
  }
}

/** A coloured picture: it is opened, and its lines are drawn. */
export async function takeColored(file) {
  const before = store.session.room;
  await takeSketch(file);
  if (store.session.room && store.session.room !== before) openSketchDialog();
}

export async function takeReference(file) {
  try {
    const reference = await api.addReference(store.session.room.room, file);
    store.commit({ reference: { id: reference.id, url: reference.url } });
  } catch (error) {
    noteError(error);
  }
}

export async function takeHints(file) {
  try {
    const { hints, options } = readHintFile(await file.text(), store.session.room);
    store.session.selected = -1;
    store.session.showHints = true;
    store.commit({ ...options, hints });
    note(t("{n} hints loaded.", { n: hints.length }), { action: { name: t("Undo"), run: store.undo } });
  } catch (error) {
    noteError(error);
  }
}

/** Several pictures, or those in a ZIP, are the pages of a chapter. */
async function takeSketches(files) {
  const many = files.filter((file) => isPicture(file) || isArchiveName(file.name));
  if (many.length < 2 && !many.some(({ name }) => isArchiveName(name))) return takeSketch(files[0]);
  try {
    await openPages(many, { chapter: chapterNow() });
  } catch (error) {
    noteError(error);
  }
}

function take(files, target) {
  const hintFile = files.find(isHintFile);
  const pictures = files.filter((file) => file !== hintFile);
  const [picture] = pictures;
  const inStudio = store.session.screen === "studio";
  if (hintFile && !inStudio && !picture) return note(t("Open a drawing first; then its hints can be loaded."), { isError: true });
  if (picture && inStudio && $("#panel").contains(target)) return takeReference(picture);
  if (picture) return takeSketches(pictures).then(() => hintFile && takeHints(hintFile));
  if (hintFile) takeHints(hintFile);
}

// Dropping

let depth = 0;
const carriesFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");

function showVeil(event) {
  const inStudio = store.session.screen === "studio";
  const overPanel = inStudio && $("#panel").contains(event.target);
  $("#drop-veil").hidden = false;
  $("#drop-veil").dataset.over = overPanel ? "panel" : "page";
  $("#drop-veil-words").textContent = overPanel
    ? t("Drop a reference picture here")
    : inStudio ? t("Drop hints, or a new sketch") : t("Drop your sketch here");
}

function hideVeil() {
  depth = 0;
  $("#drop-veil").hidden = true;
}

export function startFiles() {
  addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) depth += 1;
  });
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    showVeil(event);
  });
  addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) hideVeil();
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hideVeil();
    take([...event.dataTransfer.files], event.target);
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files || [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(files, document.body);
  });
  const chooser = (button, input, handle) => {
    $(button).addEventListener("click", () => $(input).click());
    $(input).addEventListener("change", () => {
      const files = [...$(input).files];
      $(input).value = ""; // so that the same file can be chosen again
      if (files.length > 0) handle($(input).multiple ? files : files[0]);
    });
  };
  chooser("#choose", "#file", takeSketches);
  $("#drop").addEventListener("click", (event) => !event.target.closest("button, input, form") && $("#file").click());
  $("#link").addEventListener("submit", (event) => {
    event.preventDefault();
    openAddress($("#url").value.trim()).then(() => { $("#url").value = ""; }).catch(noteError);
  });
  chooser("#choose-colored", "#colored-file", takeColored);
  chooser("#add-reference", "#reference-file", takeReference);
  chooser("#load-hints", "#hints-file", takeHints);
}
