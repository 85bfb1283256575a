// The artist's own palettes, as this browser keeps them, and which of them the open drawing has.
//
// A palette is {id, name, colors}. A drawing remembers its palette; the pages of a chapter share one.

import { changeChapter, chapterOf } from "./chapters.js";
import { MOST_COLORS } from "./palette_files.js";
import { read, write } from "./persist.js";
import * as store from "./store.js";

export const MOST_PALETTES = 12;
const { session } = store;

let known = null;
addEventListener("storage", () => { known = null; }); // another tab may have changed them

export const palettes = () => (known ??= read("palettes", []));
export const paletteNow = () => palettes().find(({ id }) => id === session.palette) || null;

function keep(all) {
  known = all.slice(0, MOST_PALETTES);
  write("palettes", known);
}

/** Gives the open drawing, or its chapter, a palette; null: the suggested tones. */
export function choosePalette(id) {
  write("palette", id); // of the next drawing
  const chapter = session.room && chapterOf(session.room.room);
  if (chapter) changeChapter(chapter.id, { palette: id });
  const used = palettes().find((one) => one.id === id);
  if (used) keep([used, ...palettes().filter((one) => one !== used && one.id !== id)]); // the longest unused goes first
  store.setSession({ palette: id });
}

/** Keeps a new palette as the one of the open drawing. */
export function addPalette({ name, colors }) {
  const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
  keep([{ id, name, colors: [...new Set(colors)].slice(0, MOST_COLORS) }, ...palettes()]);
  choosePalette(id);
}

export function changePalette(id, changes) {
  keep(palettes().map((one) => (one.id === id ? { ...one, ...changes } : one)));
  store.notify("palettes");
}

export function deletePalette(id) {
  keep(palettes().filter((one) => one.id !== id));
  choosePalette(null);
}

/** What a drawing that is opened has: its chapter's, its own, else the one that was used last. */
export function paletteOf(room, kept) {
  const chapter = chapterOf(room);
  if (chapter && chapter.palette !== undefined) return chapter.palette;
  return kept?.palette !== undefined ? kept.palette : read("palette", null);
}
