// Strokes of a brush over the region of a hint, as s2p/brush.py and s2p/pipelines/brushing.py have them. Pure.
//
// A stroke is {adds, width, path}: width is the brush's diameter in short edges of the picture, path are [x, y] in shares of
// it. It widens the hint's region, or narrows it. Strokes count hint by hint, in the order of both: the last one wins.

export const MAX_STROKES = 256; // of a hint
const MAX_PATH = 512; // places of a stroke
export const MAX_PLACES = 8192; // of all hints
export const MAX_ALL = 512; // strokes of all hints
const MAX_WIDTH = 0.5;

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const isShare = (value) => isNumber(value) && value >= -1e-6 && value <= 1 + 1e-6;
const round = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e5) / 1e5;

/** The strokes of a hint in a file, in shares; null for what is none. Pixels need the size of the picture. */
export function readBrush(data, size = null) {
  if (!Array.isArray(data) || data.length > MAX_STROKES) return null;
  const strokes = data.map((entry) => readStroke(entry, size));
  return strokes.includes(null) ? null : strokes;
}

function readStroke(entry, size) {
  const { adds = true, width, path } = entry ?? {};
  if (typeof adds !== "boolean" || !isNumber(width) || width <= 0 || !Array.isArray(path)) return null;
  if (path.length === 0 || path.length > MAX_PATH || !path.every((place) => Array.isArray(place) && place.length === 2)) return null;
  if (size && path.some(([x, y]) => x >= size.width || y >= size.height)) return null;
  const places = size ? path.map(([x, y]) => [Math.min((x + 0.5) / size.width, 1), Math.min((y + 0.5) / size.height, 1)]) : path;
  const share = size ? Math.min(width / Math.min(size.width, size.height), MAX_WIDTH) : width;
  if (share > MAX_WIDTH || !places.flat().every(isShare)) return null;
  return { adds, width: share, path: places };
}

export const countStrokes = (hints) => hints.reduce((sum, { brush = [] }) => sum + brush.length, 0);
export const countPlaces = (hints) => hints.reduce((sum, { brush = [] }) => brush.reduce((all, { path }) => all + path.length, sum), 0);

/** A stroke through places, {x, y} in shares; long ones are thinned out. */
export function makeStroke(places, width, adds) {
  let path = places.map(({ x, y }) => [round(x), round(y)]);
  while (path.length > MAX_PATH) path = path.filter((_, i) => i % 2 === 0 || i === path.length - 1);
  return { adds, width: Math.max(1e-5, Math.min(MAX_WIDTH, Math.round(width * 1e5) / 1e5)), path };
}

/** Hints after one got another stroke, {hints, index}; null where that would be more than a drawing can hold. What is added
 *  goes over what other hints added before: then the hint goes to the end. */
export function withStroke(hints, index, stroke) {
  const { brush = [], ...rest } = hints[index];
  if (brush.length >= MAX_STROKES || countStrokes(hints) >= MAX_ALL) return null;
  if (countPlaces(hints) + stroke.path.length > MAX_PLACES) return null;
  const next = Object.freeze({ ...rest, brush: [...brush, stroke] });
  const isOver = stroke.adds && hints.slice(index + 1).some((hint) => hint.brush?.some(({ adds }) => adds));
  if (!isOver) return { hints: hints.map((hint, i) => (i === index ? next : hint)), index };
  return { hints: [...hints.filter((_, i) => i !== index), next], index: hints.length - 1 };
}

/** The square of the distance from a point to a piece of a line. */
function distance(x, y, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = dx || dy ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))) : 0;
  return (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2;
}

const pieces = (path) => path.map((place, i) => [path[Math.max(0, i - 1)], place]);
const scaled = ({ path, width }, size) => ({
  path: path.map(([x, y]) => [x * size.width, y * size.height]), radius: Math.max(0.5, (width * Math.min(size.width, size.height)) / 2),
});

/** Calls visit(x, y) for every pixel of a picture, {width, height}, under a stroke; for some more than once. */
export function eachUnder(stroke, size, visit) {
  const { path, radius } = scaled(stroke, size);
  for (const [from, to] of pieces(path)) {
    const [left, right] = [Math.min(from[0], to[0]) - radius, Math.max(from[0], to[0]) + radius];
    const [top, bottom] = [Math.min(from[1], to[1]) - radius, Math.max(from[1], to[1]) + radius];
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(size.height, bottom); y++) {
      for (let x = Math.max(0, Math.floor(left)); x < Math.min(size.width, right); x++) {
        if (distance(x + 0.5, y + 0.5, from, to) <= radius * radius) visit(x, y);
      }
    }
  }
}

/** Index of the hint to which a brush gave a point, -1 for none; size is of the picture. */
export function ownerAt(hints, { x, y }, size) {
  let owner = -1;
  hints.forEach(({ brush = [] }, index) => brush.forEach((stroke) => {
    const { path, radius } = scaled(stroke, size);
    if (!pieces(path).some(([from, to]) => distance(x * size.width, y * size.height, from, to) <= radius * radius)) return;
    if (stroke.adds) owner = index;
    else if (owner === index) owner = -1;
  }));
  return owner;
}
