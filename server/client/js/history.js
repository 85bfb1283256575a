// Undo and redo as values. Pure: every function returns a new history.
//
// What is remembered are whole documents (they are small and never changed in place), so everything an artist does to a
// drawing, hints, colours, switches or sliders, is undone by the same key.

const LIMIT = 300;

export function startHistory(present) {
  return { past: [], present, future: [], merge: null };
}

/**
 * Puts a new document on top. Successive documents with the same merge key (one drag of a slider) are one step.
 * A document identical to the present one is no step at all.
 */
export function pushHistory(history, next, merge = null) {
  if (next === history.present) return history;
  if (merge !== null && merge === history.merge) return { ...history, present: next, future: [] };
  return { past: [...history.past, history.present].slice(-LIMIT), present: next, future: [], merge };
}

/** Ends a run of merged steps: the next change is a step of its own. */
export function sealHistory(history) {
  return history.merge === null ? history : { ...history, merge: null };
}

export const canUndo = (history) => history.past.length > 0;
export const canRedo = (history) => history.future.length > 0;

export function undoHistory(history) {
  if (!canUndo(history)) return history;
  const past = history.past.slice(0, -1);
  return { past, present: history.past.at(-1), future: [history.present, ...history.future], merge: null };
}

export function redoHistory(history) {
  if (!canRedo(history)) return history;
  const [present, ...future] = history.future;
  return { past: [...history.past, history.present], present, future, merge: null };
}
