// The one place where the state of the page lives.
//
// The document (hints, method, reference, ...) is what undo and redo act on. Everything else, the session, is where the
// artist happens to look or what is running. Panels read both and are told when either changes.

import { addHint, changeHint, isHeld, removeHint } from "./hints.js";
import { canRedo, canUndo, pushHistory, redoHistory, sealHistory, startHistory, undoHistory } from "./history.js";
import { keepState, read, write } from "./persist.js";
import { addRecent } from "./palette.js";

export const EMPTY_DOC = Object.freeze({
  hints: [],
  suggested: [], // those of the last suggestion, as they came; some may have been touched or erased since
  chosen: [], // those of the choice that was taken last, likewise
  locked: [], // hints of parts that are locked
  model: "style2paints",
  tags: [], // names of words for colours, for painters that read them
  method: "colorization",
  reference: null, // {id, url}
  mix: 0.5,
  lines: null, // "tinted" | "as-drawn" | "coloured" | "none"; null: as the server's config.ini says
  lineColor: "#4a3028",
  shading: null, // 0 to 1; null: as the server's config.ini says
  weightsSet: null, // name of a set of one's own, "" for none; null: as the server's config.ini says
  intake: null, // "off": the drawing is taken as it is; null: as the server's config.ini says
  zoom: null, // null: as the server's config.ini says
  superResolution: null,
  outputSize: "original", // or "painted"
});

let history = startHistory(EMPTY_DOC);
let preview = null; // a document that is shown while a finger is down, and is not yet a step
let saveTimer = 0;
const listeners = new Set();

export const session = {
  screen: "start", // or "studio"
  room: null, // {room, name, sketch, width, height, prepared}
  brought: null, // {room, file}: the file that a room was made from, while this page remembers it
  view: "sketch", // "sketch" | "draft" | "result" | "compare"
  tool: "exact", // "exact" | "draft" | "erase" | "pick" | "pan"
  color: read("color", "#f1bb98"),
  recent: read("recent", []),
  palette: read("palette", null), // id of an own palette; null: the suggested tones
  showHints: true,
  selected: -1,
  brush: null, // "widen" | "narrow": the hand changes the region of the selected hint
  cursor: null, // {x, y} of the keyboard's cross, when it is in use
  split: 0.5,
  results: [],
  resultId: null,
  job: null, // the running job as the server reports it
  stage: null, // {stage, image} that arrived last
  preview: null, // a small painting of what the hints would do, as an image that has been loaded
  live: read("live", true), // paint along with the hand, where the server is quick enough
  isPaintingLive: false,
  choices: null, // {key, seed, items: [{hints, image}]}: choices of colours for what has none
  isChoosing: false,
  pagesTask: null, // {kind, count, done, fraction, isCancelled}: what is done with all pages of a chapter
  expert: read("expert", false), // shows tools that only experts need
  status: null,
  isOnline: true,
};

export const doc = () => preview || history.present;
/** True while a finger is down and what it does is not yet a step. */
export const isMoving = () => preview !== null;
export const undoable = () => canUndo(history);
export const redoable = () => canRedo(history);
export const onChange = (listener) => listeners.add(listener);
export const currentResult = () => session.results.find((result) => result.id === session.resultId) || null;

export function notify(what = "session") {
  listeners.forEach((listener) => listener(what));
}

export function setSession(changes, what = "session") {
  Object.assign(session, changes);
  notify(what);
  saveSoon();
}

/** Makes a step that can be undone; steps with the same merge key follow each other as one. */
export function commit(changes, merge = null) {
  preview = null;
  history = pushHistory(history, { ...history.present, ...changes }, merge);
  notify("doc");
  saveSoon();
}

/** Shows a change while it is being made; commit() or dropPreview() ends it. */
export function showPreview(changes) {
  preview = { ...history.present, ...changes };
  notify("preview");
}

export function dropPreview() {
  if (!preview) return;
  preview = null;
  notify("doc");
}

export function commitPreview() {
  if (!preview) return;
  const next = preview;
  preview = null;
  history = pushHistory(history, next);
  notify("doc");
  saveSoon();
}

export const seal = () => {
  history = sealHistory(history);
};

/** Whoever brushes goes on brushing for the same hint; else nothing stays selected. */
function reselect({ hints }) {
  const hint = session.brush && hints[session.selected];
  session.selected = hint ? history.present.hints.findIndex(({ x, y, color }) => x === hint.x && y === hint.y && color === hint.color) : -1;
}

export function undo() {
  preview = null;
  const before = history.present;
  history = undoHistory(history);
  reselect(before);
  notify("doc");
  saveSoon();
}

export function redo() {
  preview = null;
  const before = history.present;
  history = redoHistory(history);
  reselect(before);
  notify("doc");
  saveSoon();
}

/** Starts with a drawing, either fresh or as it was kept. */
export function openDoc(next, keptHistory = null) {
  preview = null;
  history = keptHistory ? { ...startHistory(EMPTY_DOC), ...keptHistory } : startHistory({ ...EMPTY_DOC, ...next });
  history = { ...history, past: history.past.map(renewed), present: renewed(history.present) };
  notify("doc");
}

/** A document with every setting of today, also when it was kept by an earlier version of this page. */
function renewed({ lineOn = false, ...kept }) {
  const document = { ...EMPTY_DOC, ...kept };
  if (lineOn) document.lines = "coloured";
  if (document.outputSize === "network") document.outputSize = "painted";
  return document;
}

// Hints

export const placeHint = (hint) => commit({ hints: addHint(doc().hints, hint) });
export const eraseHint = (index) => {
  if (isHeld(doc().hints[index], doc().locked)) return;
  session.selected = -1;
  commit({ hints: removeHint(doc().hints, index) });
};
/** Changes a hint; one that is locked stays. */
export function editHint(index, changes, merge = null) {
  if (isHeld(doc().hints[index], doc().locked)) return;
  commit({ hints: changeHint(doc().hints, index, changes) }, merge);
}

/** Chooses the colour to place next; a selected hint takes it at once. */
export function setColor(color, { final = true } = {}) {
  session.color = color;
  write("color", color);
  const hint = doc().hints[session.selected];
  if (hint && hint.color !== color && !isHeld(hint, doc().locked)) editHint(session.selected, { color }, `recolor ${session.selected}`);
  if (final) seal();
  notify("session");
}

/** A colour counts as used when a hint was made with it. */
export function useColor(color) {
  session.recent = addRecent(session.recent, color);
  write("recent", session.recent);
  notify("session");
}

// Keeping

/** Keeps the drawing at once; to be called before another one takes its place. */
export function save() {
  clearTimeout(saveTimer);
  saveTimer = 0;
  if (session.screen !== "studio" || !session.room) return;
  keepState(session.room.room, {
    history, view: session.view, tool: session.tool, resultId: session.resultId, job: session.job?.job || null,
    made: made(), palette: session.palette,
  });
}

function saveSoon() {
  if (!saveTimer) saveTimer = setTimeout(save, 150);
}

addEventListener("pagehide", save);
addEventListener("visibilitychange", save);

// Which document the picture on the canvas was made from; what follows the hand compares with it.

let shown = EMPTY_DOC;
export const shownDoc = () => shown;
export const setShown = (document) => {
  shown = document;
};

// Which document made which result, so that going back restores the reference too, which the server does not tell.

let documents = {};
export const setMade = (value) => {
  documents = value || {};
};
const made = () => documents;
export const docOf = (result) => documents[result.id] || null;
const madeListeners = new Set();
export const onMade = (listener) => madeListeners.add(listener);
export function rememberMade(result, document) {
  const { hints: _, ...rest } = document;
  documents = { ...documents, [result.id]: rest };
  madeListeners.forEach((listener) => listener(result, document));
}
