// Own palettes in the colour panel: chosen, named, filled, brought in and taken out as files.

import { $, element, icon, loadImage, saveBlob } from "../dom.js";
import { onLanguage, t, translate } from "../i18n.js";
import { note, noteError } from "../notices.js";
import { ENDINGS, colorsOf, readPalette, writePalette } from "../palette_files.js";
import { addPalette, changePalette, choosePalette, deletePalette, paletteNow, palettes } from "../palettes.js";
import * as store from "../store.js";
import { chips } from "./color.js";
import { anchor } from "./menus.js";

const LOOKED = 160; // px, the longest side of a picture whose colours are looked for
const MOST_BYTES = 1_000_000;
const MENU_WORDS = {
  "palette-new": "New palette of the colours in use", "palette-picture": "Palette of a picture…", "palette-painting": "Palette of this painting",
  "palette-open": "Open a palette…", "palette-name": "Rename", "palette-drop": "Take the chosen colour out", "palette-delete": "Delete this palette",
};
const { session } = store;
let key = "";

/** The colours of the drawing's hints, then those used before. */
const inUse = () => [...new Set([...store.doc().hints.map(({ color }) => color), ...session.recent])];

function named(name) {
  return prompt(t("Name of the palette"), name)?.trim().slice(0, 60) || null;
}

function make(colors, title) {
  if (colors.length === 0) return note(t("There are no colours yet."), { isError: true });
  const name = named(title);
  if (name) addPalette({ name, colors });
}

async function openFile(file) {
  try {
    if (file.size > MOST_BYTES) return note(t("This is too large for a palette."), { isError: true });
    addPalette(readPalette(new Uint8Array(await file.arrayBuffer()), file.name));
    note(t("The palette {name} has {n} colours.", { name: paletteNow().name, n: paletteNow().colors.length }));
  } catch (error) {
    noteError(error);
  }
}

/** The colours of a picture that the browser can show. */
function colorsOfImage(image) {
  const scale = Math.min(1, LOOKED / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, width, height);
  return colorsOf(context.getImageData(0, 0, width, height).data);
}

async function ofPicture(file) {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) return note(t("{name} is not a picture. PNG, JPEG and WebP are fine.", { name: file.name }), { isError: true });
  make(colorsOfImage(image), file.name.replace(/\.\w+$/, ""));
}

const ofPainting = () => loadImage(store.currentResult().image).then((image) => make(colorsOfImage(image), session.room.name)).catch(noteError);

const ACTIONS = {
  "palette-new": () => make(inUse(), session.room?.name || ""),
  "palette-picture": () => $("#palette-picture-file").click(),
  "palette-painting": ofPainting,
  "palette-open": () => $("#palette-file").click(),
  "palette-name": () => {
    const { id, name } = paletteNow();
    const next = named(name);
    if (next) changePalette(id, { name: next });
  },
  "palette-drop": () => {
    const { id, colors } = paletteNow();
    changePalette(id, { colors: colors.filter((color) => color !== session.color) });
  },
  "palette-delete": () => {
    const { id, ...palette } = paletteNow();
    deletePalette(id);
    note(t("The palette {name} was deleted.", palette), { action: { name: t("Undo"), run: () => addPalette(palette) } });
  },
};

function save(ending) {
  const palette = paletteNow();
  const name = palette.name.replace(/[/\\:*?"<>|\x00-\x1f]+/g, "_");
  saveBlob(`${name}.${ending}`, new Blob([writePalette(ending, palette)], { type: "application/octet-stream" }));
}

function button(id, attributes = {}) {
  const made = element("button", { id, type: "button", "data-i18n": true, ...attributes }, MENU_WORDS[id]);
  made.addEventListener("click", ACTIONS[id]);
  return made;
}

function chooser(id, accept, handle) {
  const input = element("input", { id, class: "unseen", type: "file", accept, tabindex: -1, "aria-hidden": "true" });
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = "";
    if (file) handle(file);
  });
  return input;
}

function build() {
  const select = element("select", { id: "palette-select", "data-label": "Palette" });
  select.addEventListener("change", () => choosePalette(select.value || null));
  const add = element("button", { id: "palette-add", class: "quiet", type: "button", "data-label": "Put the colour into the palette" }, icon("plus"));
  add.addEventListener("click", () => {
    const { id, colors } = paletteNow();
    if (!colors.includes(session.color)) changePalette(id, { colors: [...colors, session.color] });
  });
  const open = element("button", { id: "palette-more", class: "quiet", type: "button", popovertarget: "palette-menu", "data-label": "Own palettes" }, icon("more"));
  const exports = ENDINGS.map((ending) => {
    const made = element("button", { type: "button", "data-save-palette": ending }, "");
    made.addEventListener("click", () => save(ending));
    return made;
  });
  const menu = element("div", { id: "palette-menu", class: "menu", popover: true }, button("palette-new"), button("palette-painting"), button("palette-picture"),
    button("palette-open"), element("hr"), ...exports, element("hr"), button("palette-name"), button("palette-drop"), button("palette-delete"),
    chooser("palette-file", ".gpl,.ase,.aco,.hex,.txt", openFile), chooser("palette-picture-file", "image/*", ofPicture));
  $("#palette").append(element("div", { class: "palette-row" }, select, add, open), element("div", { id: "palette-colors", class: "tones palette-colors" }));
  $("#studio").append(menu);
  anchor(menu, open);
  translate($("#studio"));
}

function show(what) {
  if (what === "preview") return;
  const now = paletteNow();
  $("#palette-painting").disabled = !store.currentResult();
  $("#palette-drop").disabled = !now?.colors.includes(session.color) || now.colors.length < 2;
  const next = JSON.stringify([palettes(), now?.id, document.documentElement.lang]);
  if (next === key) return;
  key = next;
  const options = palettes().map(({ id, name }) => element("option", { value: id }, name));
  $("#palette-select").replaceChildren(element("option", { value: "" }, t("Suggested tones")), ...options);
  $("#palette-select").value = now?.id || "";
  $("#tones").hidden = Boolean(now);
  $("#palette-colors").hidden = !now;
  $("#palette-add").hidden = !now;
  $("#palette-colors").replaceChildren(...(now ? [chips(now.name, now.colors)] : []));
  for (const one of document.querySelectorAll("[data-save-palette]")) {
    one.disabled = !now;
    one.textContent = t("Save as .{ending}", { ending: one.dataset.savePalette });
  }
  for (const id of ["palette-name", "palette-delete"]) $(`#${id}`).disabled = !now;
  store.notify("chips"); // the chosen colour is marked anew
}

export function startPalettes() {
  build();
  store.onChange((what) => what !== "chips" && show(what));
  onLanguage(() => show("language"));
}
