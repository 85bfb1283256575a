// What survives a refresh: settings, recent colours, the drawings of this browser and the state of each.
// Storage may be full or forbidden; the page works without it, so failures are logged and go no further.

export const PREFIX = "s2p.";
const MAX_DRAWINGS = 8;
const MAX_UNDO_CHARACTERS = 400_000;

export function read(name, fallback = null) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : JSON.parse(text);
  } catch (error) {
    console.warn("could not read %s from storage", name, error);
    return fallback;
  }
}

export function write(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch (error) {
    console.warn("could not store %s", name, error);
    return false;
  }
}

export function remove(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch (error) {
    console.warn("could not remove %s from storage", name, error);
  }
}

/** A plain word (theme, language) that boot.js reads without JSON. */
export function readWord(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function writeWord(name, word) {
  try {
    if (word === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, word);
  } catch (error) {
    console.warn("could not store %s", name, error);
  }
}

export const drawings = () => read("drawings", []);

/** Remembers a drawing ({room, name, sketch, width, height}) as the latest one and forgets the oldest. */
export function rememberDrawing(drawing) {
  const all = [drawing, ...drawings().filter((other) => other.room !== drawing.room)];
  all.slice(MAX_DRAWINGS).forEach((old) => remove(`drawing.${old.room}`));
  write("drawings", all.slice(0, MAX_DRAWINGS));
}

export function forgetDrawing(room) {
  write("drawings", drawings().filter((other) => other.room !== room));
  remove(`drawing.${room}`);
}

/** Keeps the document and as many undo steps as fit into a modest space. */
export function keepState(room, state) {
  let past = state.history.past.slice(-40);
  while (past.length > 0 && JSON.stringify(past).length > MAX_UNDO_CHARACTERS) past = past.slice(Math.ceil(past.length / 2));
  const keep = (steps) => write(`drawing.${room}`, { ...state, history: { ...state.history, past: steps, future: [] } });
  if (!keep(past) && past.length > 0) keep([]); // the hints matter more than the way to them
}

/** Remembers what is being made of a drawing that is not open. */
export function keepJob(room, job) {
  const kept = stateOf(room);
  if (kept) write(`drawing.${room}`, { ...kept, job });
}

export const stateOf = (room) => read(`drawing.${room}`);
