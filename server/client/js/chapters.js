// Chapters: drawings that belong together, page after page, as this browser keeps them.
//
// A chapter is {id, name, pages, last, palette}: its pages in order, the room that was open last, the id of a palette. A
// page is {room, name, width, height, sketch, thumb, icon, result, made}: what the strip shows of it, the id of its newest
// painting, and what that was made from. Drawings and paintings lie in rooms of the server; what is open of a page is kept
// as of any drawing (persist.js).

import { read, remove, write } from "./persist.js";

export const MOST_PAGES = 100;
const MOST_CHAPTERS = 4;
const listeners = new Set();

let known = null; // what is kept, once it was read: with its small pictures that takes a moment
addEventListener("storage", ({ key }) => { // another tab may have changed it
  if (!key?.endsWith(".chapters")) return;
  known = null;
  listeners.forEach((listener) => listener());
});

export const chapters = () => (known ??= read("chapters", []));
export const onChapters = (listener) => listeners.add(listener);
export const chapterOf = (room) => chapters().find(({ pages }) => pages.some((page) => page.room === room)) || null;
export const placeOf = (chapter, room) => chapter.pages.findIndex((page) => page.room === room);

function keep(all) {
  known = all;
  write("chapters", all);
  listeners.forEach((listener) => listener());
}

/** Begins a chapter with its first page, as the latest one; the oldest is forgotten, its drawings stay on the server. */
export function startChapter(name, page) {
  const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const all = [{ id, name, pages: [page] }, ...chapters()];
  all.slice(MOST_CHAPTERS).forEach(({ pages }) => pages.forEach(({ room }) => remove(`drawing.${room}`)));
  keep(all.slice(0, MOST_CHAPTERS));
  return id;
}

const changed = (id, change) => keep(chapters().map((chapter) => (chapter.id === id ? { ...chapter, ...change(chapter) } : chapter)));

export const addPage = (id, page) => changed(id, ({ pages }) => ({ pages: [...pages, page].slice(0, MOST_PAGES) }));
export const changeChapter = (id, changes) => changed(id, () => changes);

/** Changes what is known of the page of a room; where the page is in no chapter, nothing. */
export function changePage(room, changes) {
  const chapter = chapterOf(room);
  if (!chapter) return;
  changed(chapter.id, ({ pages }) => ({ pages: pages.map((page) => (page.room === room ? { ...page, ...changes } : page)) }));
}

/** Takes a page out; a chapter without pages goes. */
export function removePage(room) {
  const chapter = chapterOf(room);
  if (!chapter) return;
  remove(`drawing.${room}`);
  const pages = chapter.pages.filter((page) => page.room !== room);
  if (pages.length > 0) changed(chapter.id, () => ({ pages }));
  else keep(chapters().filter(({ id }) => id !== chapter.id));
}

export function forgetChapter(id) {
  chapters().filter((chapter) => chapter.id === id).forEach(({ pages }) => pages.forEach(({ room }) => remove(`drawing.${room}`)));
  keep(chapters().filter((chapter) => chapter.id !== id));
}
