// Many pages at once: opened together, coloured alike, painted one after another, saved together.
//
// A page that has no colours of its own takes those of the nearest page before it that the artist coloured: that painting
// becomes its reference, so hair follows hair and clothes follow clothes. `from` of a reference says which painting it was.

import { api, fetched, refusal } from "./api.js";
import { MOST_PAGES, addPage, changeChapter, changePage, chapterOf, placeOf, removePage, startChapter } from "./chapters.js";
import { saveBlob } from "./dom.js";
import { pushHistory, startHistory } from "./history.js";
import { t } from "./i18n.js";
import { followJob } from "./jobs.js";
import { uses } from "./models.js";
import { announce, note, noteError, sentenceOf } from "./notices.js";
import { fileOf, thumbOf, unpacked } from "./page_files.js";
import { keepState, stateOf } from "./persist.js";
import * as store from "./store.js";
import { checkSize, jobOf, leave, openPicture, paint, refreshRoom, reopen, showLive, stem } from "./studio.js";

const { session } = store;
const brought = new Map(); // room -> the file that it was made from, while this page remembers it
const CARRIED = ["model", "method", "tags", "lines", "lineColor", "shading", "intake", "zoom", "superResolution", "outputSize"];

export const chapterNow = () => (session.room ? chapterOf(session.room.room) : null);

// One thing at a time: opening, painting or saving

function begin(kind, count) {
  const task = { kind, count, done: 0, fraction: 0, isCancelled: false, job: null, started: performance.now() };
  store.setSession({ pagesTask: task });
  return task;
}

const show = (task, changes) => {
  Object.assign(task, changes);
  if (session.pagesTask === task) store.notify("pages");
};

const finish = (task) => session.pagesTask === task && store.setSession({ pagesTask: null });

export function cancelPages() {
  const task = session.pagesTask;
  if (!task) return;
  show(task, { isCancelled: true });
  if (task.job) api.cancelJob(task.job).catch(noteError);
}

// Opening

/** Opens files as the pages of a chapter: of the one that is open, or of a new one. One picture alone is a drawing. */
export async function openPages(files, { chapter = null } = {}) {
  if (session.pagesTask) return note(t("Wait until the pages are done, or cancel."), { isError: true });
  const found = await unpacked(files);
  if (found.length === 0) throw refusal(t("There are no pictures among these files."));
  if (found.length === 1 && !chapter) return openPicture(await found[0].file());
  const room = MOST_PAGES - (chapter?.pages.length || 0);
  if (found.length > room) note(t("A chapter holds {n} pages at most; the rest was left out.", { n: MOST_PAGES }), { isError: true });
  const task = begin("open", Math.min(found.length, room));
  document.body.dataset.busy = "upload";
  const failed = [];
  let id = chapter?.id || null;
  for (const { name, file } of found.slice(0, room)) {
    if (task.isCancelled) break;
    try {
      const data = await file();
      checkSize(data);
      const made = await api.createRoom(data);
      brought.set(made.room, data);
      const { width, height, sketch } = made;
      const page = { room: made.room, name: stem(name), width, height, sketch, thumb: await thumbOf(sketch) };
      if (id) addPage(id, page);
      else {
        id = startChapter(page.name.replace(/[\s_-]*\d+$/, "") || t("Chapter"), page);
        await goTo(made.room);
      }
    } catch (error) {
      failed.push(`${name}: ${sentenceOf(error)}`);
      if (error.isOffline) break;
    }
    show(task, { done: task.done + 1 });
  }
  delete document.body.dataset.busy;
  finish(task);
  if (failed.length) note(t("Not opened: {files}", { files: failed.slice(0, 5).join(" ") }), { isError: true });
}

/** Opens all pages of a file as a chapter: how many there are is known when one is missing. */
export async function openPagesOf(file) {
  if (session.pagesTask) return note(t("Wait until the pages are done, or cancel."), { isError: true });
  const task = begin("openAll", MOST_PAGES);
  const title = stem(file.name) || t("Chapter");
  let id = null;
  try {
    for (let n = 1; n <= MOST_PAGES && !task.isCancelled; n++) {
      const made = await api.createRoom(file, { page: n });
      const { room, width, height, sketch } = made;
      brought.set(room, file);
      const page = { room, name: `${title} ${n}`, width, height, sketch, thumb: await thumbOf(sketch) };
      if (id) addPage(id, page);
      else {
        id = startChapter(title, page);
        await goTo(room);
      }
      show(task, { done: n });
    }
  } catch (error) {
    const isEnd = task.done > 0 && error.code === "no_page"; // that was the page after the last
    if (!isEnd) note(t("Not opened: {files}", { files: `${title} ${task.done + 1}: ${sentenceOf(error)}` }), { isError: true });
  }
  finish(task);
  return undefined;
}

// Going from page to page

/** The document of a page, open or not; one that was never open has the settings of the page before. */
function docOf(chapter, place) {
  const { room } = chapter.pages[place];
  if (room === session.room?.room) return store.doc();
  const kept = stateOf(room)?.history?.present;
  if (kept) return { ...store.EMPTY_DOC, ...kept };
  return place > 0 ? { ...store.EMPTY_DOC, ...settingsOf(docOf(chapter, place - 1)) } : store.EMPTY_DOC;
}

const settingsOf = (doc) => Object.fromEntries(CARRIED.map((name) => [name, doc[name]]));

export async function goTo(room) {
  const chapter = chapterOf(room);
  const place = placeOf(chapter, room);
  try {
    await reopen(room, { name: chapter.pages[place].name, doc: docOf(chapter, place) });
    const file = brought.get(room);
    if (file) store.setSession({ brought: { room, file } });
    changeChapter(chapter.id, { last: room });
    announce(t("Page {n} of {count}", { n: place + 1, count: chapter.pages.length }));
  } catch (error) {
    if (error.status === 404) removePage(room);
    noteError(error);
  }
}

export function stepPage(by) {
  const chapter = chapterNow();
  const next = chapter?.pages[placeOf(chapter, session.room.room) + by];
  if (next) return goTo(next.room);
}

// Like the page before

/** Puts a painting of another room into a room as its reference. */
async function carried(room, source) {
  const painting = await fetched(source.image).catch((error) => {
    throw error.status === 404 ? refusal(t("The painting of page {n} is no longer on the server.", { n: source.place + 1 })) : error;
  });
  const { id, url } = await api.addReference(room, new File([painting], "page.jpg"));
  return { id, url, from: source.result };
}

/** The newest painting of a page: {place, result, image}, or null. */
function paintingOf(chapter, place) {
  const { result, image } = chapter.pages[place] || {};
  return result ? { place, result, image } : null;
}

/** The open page takes the colours of the page before it, and is painted. */
export async function likeBefore() {
  const chapter = chapterNow();
  const place = chapter ? placeOf(chapter, session.room.room) : 0;
  if (place < 1 || session.job) return;
  const source = paintingOf(chapter, place - 1);
  if (!source) return note(t("Paint the page before first; then this one can take its colours."), { isError: true });
  const { room } = session.room;
  try {
    const reference = await carried(room, source);
    if (session.room?.room !== room) return;
    store.commit({ ...settingsOf(docOf(chapter, place - 1)), reference, mix: store.EMPTY_DOC.mix });
    await paint();
  } catch (error) {
    noteError(error);
  }
}

/** The open page takes the hints of the page before it, at the same places: for a pose that stays. */
export function hintsOfBefore() {
  const chapter = chapterNow();
  const place = chapter ? placeOf(chapter, session.room.room) : 0;
  if (place < 1) return;
  const { hints } = docOf(chapter, place - 1);
  if (hints.length === 0) return note(t("The page before has no hints."));
  session.selected = -1;
  store.commit({ hints });
  note(t("{n} hints loaded.", { n: hints.length }), { action: { name: t("Undo"), run: store.undo } });
}

// Painting all

const isOwn = ({ hints, tags, reference }) => hints.length > 0 || tags.length > 0 || (Boolean(reference) && !reference.from);
const canFollow = (doc) => uses(doc.model, "reference", session.status) && doc.method !== "rendering";

/** What a painting was made from; equal for a page that need not be painted again. */
const madeFrom = (doc) => {
  const { reference, ...rest } = jobOf("paint", doc);
  return JSON.stringify({ ...rest, reference: doc.reference && rest.mix > 0 ? doc.reference.from || doc.reference.id : null });
};

/** Of a page before, what a page without colours follows: the nearest that has its own, else the first. */
function sourceOf(chapter, place) {
  const before = chapter.pages.slice(0, place).map((_, i) => i).reverse();
  const own = before.find((i) => paintingOf(chapter, i) && isOwn(docOf(chapter, i)));
  return paintingOf(chapter, own ?? 0);
}

/** Paints every page that is not painted yet as it stands; pages without colours follow those before them. */
export async function paintAll() {
  if (!chapterNow() || session.pagesTask || session.job) return;
  store.save(); // the other pages are read from what is kept
  const task = begin("paint", chapterNow().pages.length);
  const failed = [];
  let painted = 0;
  for (const { room } of chapterNow().pages) {
    if (task.isCancelled) break;
    try {
      if (await paintPage(room, task)) painted += 1;
    } catch (error) {
      if (!chapterOf(room)) continue; // it was taken out meanwhile
      failed.push(`${placeOf(chapterOf(room), room) + 1}: ${sentenceOf(error)}`);
      if (error.isOffline) break;
    }
    show(task, { done: task.done + 1, fraction: 0, job: null });
  }
  finish(task);
  if (task.isCancelled) note(t("Cancelled. What is painted stays."));
  else if (failed.length) note(t("Not painted: {pages}", { pages: failed.slice(0, 5).join(" ") }), { isError: true });
  else note(painted ? t("All pages are painted.") : t("Every page is painted as it stands."));
}

async function paintPage(room, task) {
  const chapter = chapterOf(room);
  const place = placeOf(chapter, room);
  let doc = docOf(chapter, place);
  const source = place > 0 ? sourceOf(chapter, place) : null;
  const isFollowing = source && canFollow(doc) && (doc.reference ? doc.reference.from && doc.reference.from !== source.result : !isOwn(doc));
  if (isFollowing) {
    keepDoc(room, { ...doc, reference: await carried(room, source), mix: doc.reference ? doc.mix : store.EMPTY_DOC.mix });
    doc = docOf(chapter, place);
  }
  const made = madeFrom(doc);
  if (chapter.pages[place].result && chapter.pages[place].made === made) return false;
  const job = await api.startJob(room, jobOf("paint", doc));
  show(task, { job: job.job });
  if (task.isCancelled) api.cancelJob(job.job).catch(noteError);
  const end = await new Promise((onEnd) => followJob(job.job, { onProgress: ({ fraction }) => show(task, { fraction: fraction || 0 }), onStage: () => {}, onEnd }));
  if (end.state === "failed") throw refusal(end.error?.message || t("The painting failed."));
  if (end.state !== "done") return false;
  notePainted(room, end.result, doc);
  if (session.room?.room === room) {
    await refreshRoom();
    await showLive(end.result, doc);
    if (session.resultId === end.result.id) store.setSession({ view: session.view === "compare" ? "compare" : "result" });
  }
  return true;
}

/** Keeps a changed document of a page, as a step that can be undone. */
function keepDoc(room, doc) {
  if (session.room?.room === room) return store.commit({ reference: doc.reference, mix: doc.mix });
  const kept = stateOf(room) || { view: "result", tool: "exact", resultId: null, job: null, made: {}, history: startHistory(store.EMPTY_DOC) };
  keepState(room, { ...kept, history: pushHistory({ ...startHistory(store.EMPTY_DOC), ...kept.history }, doc) });
}

/** Remembers the newest painting of a page, which pages after it may follow. */
function notePainted(room, { id, image, icon }, doc) {
  if (!chapterOf(room)) return;
  changePage(room, { result: id, image, icon, made: madeFrom(doc) });
  const kept = stateOf(room);
  if (session.room?.room === room) return;
  const { hints: _, ...rest } = doc;
  const state = kept || { tool: "exact", job: null, history: startHistory(doc) };
  keepState(room, { ...state, resultId: id, view: "result", made: { ...state.made, [id]: rest } });
}

// Saving all

/** Saves the paintings of all pages: as one PDF, or as a ZIP of files in a format of the server's. */
export async function saveAll(format) {
  const chapter = chapterNow();
  if (!chapter || session.pagesTask) return;
  const painted = chapter.pages.filter(({ result }) => result);
  if (painted.length === 0) return note(t("No page is painted yet."), { isError: true });
  const task = begin("save", painted.length);
  try {
    const file = await fileOf(painted, format, { onPage: () => show(task, { done: task.done + 1 }), isCancelled: () => task.isCancelled });
    if (!file) return;
    saveBlob(`${chapter.name || "s2p"}.${format === "pdf" ? "pdf" : "zip"}`, file);
    const missing = chapter.pages.length - painted.length;
    if (missing) note(t("{n} pages are not painted yet and were left out.", { n: missing }));
  } catch (error) {
    noteError(error);
  } finally {
    finish(task);
  }
}

/** Takes the open page out of its chapter and deletes it from the server. */
export async function dropPage() {
  const chapter = chapterNow();
  if (!chapter || session.pagesTask) return;
  const { room, name } = session.room;
  if (!confirm(t("Delete {name} and its results from the server? This cannot be undone.", { name }))) return;
  const place = placeOf(chapter, room);
  const next = chapter.pages[place + 1] || chapter.pages[place - 1];
  if (next) await goTo(next.room);
  else leave();
  if (session.room?.room === room) return; // the server has not given the other one, and goTo has said why
  removePage(room);
  await api.deleteRoom(room).catch((error) => error.status !== 404 && noteError(error));
}

export function startPagesWork() {
  store.onMade((result, doc) => session.room && notePainted(session.room.room, result, doc));
}
