// Coloured points and the three files they are kept in. Pure: no DOM, nothing is changed in place.
//
// A hint is {x, y, color, kind}: x and y are fractions of the picture from the top-left corner, color is '#rrggbb',
// kind is 'draft' (an anchor that colours a neighbourhood) or 'exact' (obeyed at this very spot). One whose region was
// widened or narrowed has brush: [stroke], see brush.js.
// Style2Paints V3 wrote [x, y, r, g, b, type] with y from the bottom; that flip happens in this file and nowhere else.

import { MAX_ALL, MAX_PLACES, countPlaces, countStrokes, readBrush } from "./brush.js";

export const MAX_HINTS = 4096;
const MAX_TAGS = 40;
export const KINDS = ["draft", "exact"];
const METHODS = ["colorization", "rendering", "recolorization"];
const V3_TYPES = { 0: "draft", 2: "exact" };

/** A sentence for people with the values it mentions; the sentence is also the key in the locale files. */
export class HintFileError extends Error {
  constructor(sentence, values = {}) {
    super(sentence);
    this.name = "HintFileError";
    this.values = values;
  }
}

const ROUNDING = 1e-6;
const clamp = (value) => Math.min(1, Math.max(0, value));
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

export function makeHint(x, y, color, kind = "exact", brush = []) {
  if (!isNumber(x) || !isNumber(y)) throw new HintFileError("Hint {n}: x and y must be numbers.", { n: "?" });
  return Object.freeze({ x: clamp(x), y: clamp(y), color, kind, ...(brush.length ? { brush } : {}) });
}

export function addHint(hints, hint) {
  if (hints.length >= MAX_HINTS) throw new HintFileError("A drawing can hold {n} hints at most.", { n: MAX_HINTS });
  return [...hints, hint];
}

export function changeHint(hints, index, changes) {
  return hints.map((hint, i) => {
    if (i !== index) return hint;
    const next = { ...hint, ...changes };
    return makeHint(next.x, next.y, next.color, next.kind, next.brush);
  });
}

export function removeHint(hints, index) {
  return hints.filter((_, i) => i !== index);
}

const isAlike = (a, b) => a.x === b.x && a.y === b.y && a.color === b.color && a.kind === b.kind;
const isSame = (a, b) => isAlike(a, b) && (a.brush === b.brush || JSON.stringify(a.brush ?? []) === JSON.stringify(b.brush ?? []));

/** Whether a hint is one of some that are to stay as they are. */
export const isHeld = (hint, held = []) => held.some((other) => isSame(hint, other));

/** The hints of two tabs as one list; a hint that is in both has the strokes of both. */
export function mergeHints(mine, theirs) {
  const both = mine.map((hint) => {
    const known = new Set((hint.brush ?? []).map((stroke) => JSON.stringify(stroke)));
    const more = theirs.filter((other) => isAlike(hint, other)).flatMap(({ brush = [] }) => brush).filter((stroke) => !known.has(JSON.stringify(stroke)));
    return more.length ? makeHint(hint.x, hint.y, hint.color, hint.kind, [...(hint.brush ?? []), ...more]) : hint;
  });
  return [...both, ...theirs.filter((other) => !mine.some((hint) => isAlike(hint, other)))];
}

/** The artist's own hints: all but suggestions that are as they came, unless they are locked. */
export function ownHints({ hints, suggested = [], locked = [] }) {
  return hints.filter((hint) => !isHeld(hint, suggested) || isHeld(hint, locked));
}

/** What choices are thought of for: the artist's own hints without those of a choice, as they came. */
export function baseHints(doc) {
  return ownHints({ hints: ownHints(doc), suggested: doc.chosen, locked: doc.locked });
}

export const holdsAll = (hints, wanted) => wanted.every((one) => hints.some((hint) => isSame(hint, one)));

/** Index of the hint nearest to (x, y) within radius, or -1; project(hint) gives its place in the same unit. */
export function hitHint(hints, x, y, radius, project) {
  let best = -1;
  let bestDistance = radius * radius;
  hints.forEach((hint, index) => {
    const at = project(hint);
    const distance = (at.x - x) ** 2 + (at.y - y) ** 2;
    if (distance <= bestDistance) {
      best = index;
      bestDistance = distance;
    }
  });
  return best;
}

/** Indices of all hints within radius: what an eraser touches. */
export function hitAll(hints, x, y, radius, project) {
  return hints.flatMap((hint, index) => {
    const at = project(hint);
    return (at.x - x) ** 2 + (at.y - y) ** 2 <= radius * radius ? [index] : [];
  });
}

export function countKinds(hints) {
  const draft = hints.filter((hint) => hint.kind === "draft").length;
  return { draft, exact: hints.length - draft, all: hints.length };
}

export function toV3Point(hint) {
  const number = parseInt(hint.color.slice(1), 16);
  return [hint.x, 1 - hint.y, number >> 16, (number >> 8) & 255, number & 255, hint.kind === "draft" ? 0 : 2];
}

function fromV3Point(point, n) {
  if (!Array.isArray(point) || point.length !== 6 || !point.every(isNumber)) {
    throw new HintFileError("Hint {n}: a V3 point must be six numbers [x, y, r, g, b, type].", { n });
  }
  const [x, y, red, green, blue, type] = point;
  if (type === 1) return null; // V3 itself ignored these
  if (!(type in V3_TYPES)) throw new HintFileError("Hint {n}: the type must be 0 (draft) or 2 (exact).", { n });
  const byte = (value) => Math.trunc(Math.min(255, Math.max(0, value))).toString(16).padStart(2, "0");
  return makeHint(...placeOf({ x, y: 1 - y }, n), `#${byte(red)}${byte(green)}${byte(blue)}`, V3_TYPES[type]);
}

/** A place in shares of the picture; pixels need its size, {width, height}. */
function placeOf({ x, y, unit }, n, size = null) {
  if (unit === "px" && size) [x, y] = [Math.min((x + 0.5) / size.width, x <= size.width ? 1 : Infinity), Math.min((y + 0.5) / size.height, y <= size.height ? 1 : Infinity)];
  if (x < -ROUNDING || y < -ROUNDING || x > 1 + ROUNDING || y > 1 + ROUNDING) {
    throw new HintFileError('Hint {n}: x and y are shares of the picture, from 0 to 1; for pixels the file says "unit": "px".', { n });
  }
  return [x, y];
}

function fromEntry(entry, n, size) {
  if (entry === null || typeof entry !== "object" || !isNumber(entry.x) || !isNumber(entry.y)) {
    throw new HintFileError("Hint {n}: x and y must be numbers.", { n });
  }
  const color = /^#?([0-9a-f]{6})$/i.exec(String(entry.color));
  if (!color) throw new HintFileError("Hint {n}: a colour must look like #77ee00.", { n });
  const kind = entry.kind ?? "exact";
  if (!KINDS.includes(kind)) throw new HintFileError("Hint {n}: the kind must be draft or exact.", { n });
  const brush = readBrush(entry.brush ?? [], entry.unit === "px" ? size : null);
  if (!brush) throw new HintFileError("Hint {n}: its brush must be a list of strokes with a width and a path of places.", { n });
  return makeHint(...placeOf(entry, n, size), `#${color[1].toLowerCase()}`, kind, brush);
}

function readList(list, { size = null, unit = "share" } = {}) {
  if (list.length > MAX_HINTS) throw new HintFileError("A drawing can hold {n} hints at most.", { n: MAX_HINTS });
  const hints = list.map((entry, i) => (Array.isArray(entry) ? fromV3Point(entry, i + 1) : fromEntry(entry && typeof entry === "object" ? { unit, ...entry } : entry, i + 1, size)))
    .filter(Boolean);
  if (countStrokes(hints) > MAX_ALL) throw new HintFileError("The hints of a drawing have {n} brush strokes at most.", { n: MAX_ALL });
  if (countPlaces(hints) > MAX_PLACES) throw new HintFileError("The brush strokes of a drawing have {n} places at most.", { n: MAX_PLACES });
  return hints;
}

function readV3Options(data) {
  const options = {};
  if (METHODS.includes(data.method)) options.method = data.method;
  if (data.hasReference && isNumber(data.alpha)) options.mix = clamp(data.alpha);
  const color = data.lineColor;
  if (Array.isArray(color) && color.length === 3 && color.every(isNumber)) {
    options.lineColor = fromV3Point([0, 0, ...color, 2], 1).color;
  }
  if (typeof data.line === "boolean") options.lines = data.line ? "coloured" : null;
  return options;
}

/**
 * Reads the text of a hint file in any format: our own, a V3 options object, or the bare V3 list of the Turbo client.
 * Places in pixels ("unit": "px") are read with the size of the picture.
 * Returns {hints, options}; options holds only what the file says about method, mix, lines, lineColor and tags.
 */
export function readHintFile(text, size = null) {
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    throw new HintFileError("This file is not a hint file: it is not JSON.");
  }
  if (Array.isArray(data)) return { hints: readList(data, { size }), options: {} };
  if (data && Array.isArray(data.hints)) {
    const tags = Array.isArray(data.tags) ? data.tags.filter((tag) => typeof tag === "string").slice(0, MAX_TAGS) : null;
    return { hints: readList(data.hints, { size, unit: data.unit }), options: tags ? { tags } : {} };
  }
  if (data && Array.isArray(data.points)) return { hints: readList(data.points), options: readV3Options(data) };
  throw new HintFileError("This file is not a hint file: it holds no list of hints.");
}

/** Text of a hint file; format is 's2p', 'v3' (bare list) or 'v3-options' (all six keys of V3, in V3's order). */
export function writeHintFile(format, doc) {
  if (format === "v3") return JSON.stringify(doc.hints.map(toV3Point));
  if (format === "v3-options") {
    const [, , red, green, blue] = toV3Point(makeHint(0, 0, doc.lineColor, "exact"));
    return JSON.stringify({
      alpha: doc.reference ? doc.mix : 0,
      points: doc.hints.map(toV3Point),
      method: doc.method,
      lineColor: [red, green, blue],
      line: doc.lines === "coloured",
      hasReference: Boolean(doc.reference),
    });
  }
  const words = doc.tags?.length ? { tags: doc.tags } : {};
  return `${JSON.stringify({ format: "s2p-hints", version: 1, hints: doc.hints, ...words }, null, 1)}\n`;
}
