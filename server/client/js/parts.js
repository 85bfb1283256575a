// Parts of a filled drawing as things to touch: a click changes the colour of one, a lock keeps it.
//
// A part is a region of the drawing. It is coloured by the hints in it, and where it has none by one that is made. A locked
// part has a hint that nothing moves: the hint is in `locked` of the document, and whatever fills the rest goes around it.

import { ownerAt } from "./brush.js";
import { loadImage } from "./dom.js";
import { addHint, changeHint, isHeld, makeHint } from "./hints.js";
import { t } from "./i18n.js";
import { announce, note, noteError } from "./notices.js";
import { colorsOf } from "./palette_files.js";
import { isFilledNow, isIn, regionOf, snapped } from "./pointing.js";
import * as store from "./store.js";
import { paint } from "./studio.js";

const { session } = store;
let isWanted = null; // the room whose part has changed while it was being painted

export const isLocked = (index) => isHeld(store.doc().hints[index], store.doc().locked);

/** Indices of the hints in the part that a point means; where a brush was, of the one that it widened. */
function hintsIn(point) {
  const owner = session.room ? ownerAt(store.doc().hints, point, session.room) : -1;
  if (owner >= 0) return [owner];
  const region = regionOf(point);
  if (region < 0) return [];
  return store.doc().hints.flatMap((hint, index) => (regionOf(hint) === region ? [index] : []));
}

export const isPartLocked = (point) => hintsIn(point).some(isLocked);

export const sayLocked = () => note(t("This part is locked."));

/** The hints after the part at a point got a colour; null where it is locked. */
export function recolored(point, color) {
  const { hints } = store.doc();
  const inside = hintsIn(point);
  if (inside.some(isLocked)) return null;
  if (inside.length === 0) {
    const { x, y } = snapped(point);
    return addHint(hints, makeHint(x, y, color));
  }
  return inside.reduce((all, index) => changeHint(all, index, { color }), hints);
}

/** Gives the part at a point the chosen colour, as one step, and paints. */
export function recolorPart(point) {
  const hints = recolored(point, session.color);
  if (!hints) return sayLocked();
  store.commit({ hints });
  store.useColor(session.color);
  paintSoon();
}

/** Paints once nothing else is painted; where the painting follows the hand anyway, it does that, unless it was asked for. */
export function paintSoon({ isAsked = false } = {}) {
  if (session.results.length === 0 || !session.room) return;
  if (!isAsked && session.status?.preview && session.live) return;
  isWanted = session.room.room;
  paintWanted();
}

function paintWanted() {
  if (!isWanted || session.job || store.isMoving()) return;
  const isHere = session.room?.room === isWanted;
  isWanted = null;
  if (isHere) paint();
}

/** The most common colour of a part in a painting. */
async function colorOfPart(point, url) {
  const image = await loadImage(url);
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const isInside = isIn(regionOf(point));
  const step = Math.max(1, Math.floor(Math.min(width, height) / 400));
  const pixels = [];
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      if (!isInside({ x: (x + 0.5) / width, y: (y + 0.5) / height })) continue;
      const i = 4 * (y * width + x);
      pixels.push(...data.subarray(i, i + 4));
    }
  }
  return colorsOf(pixels, 1)[0] ?? null;
}

/** Locks the part at a point in the colour that it has, or unlocks it. */
export async function toggleLock(point) {
  const { hints, locked } = store.doc();
  const inside = hintsIn(point);
  if (inside.some(isLocked)) {
    const mine = inside.map((index) => hints[index]);
    store.commit({ locked: locked.filter((one) => !isHeld(one, mine)) });
    return announce(t("The part is unlocked."));
  }
  try {
    let held = inside.map((index) => hints[index]);
    if (held.length === 0) {
      const result = store.currentResult();
      const color = result ? await colorOfPart(point, result.image) : session.color;
      if (!color || store.doc().hints !== hints) return undefined;
      const { x, y } = snapped(point);
      held = [makeHint(x, y, color)];
    }
    const added = held.filter((hint) => !hints.includes(hint));
    store.commit({ hints: added.reduce(addHint, hints), locked: [...locked, ...held] });
    announce(t("The part is locked."));
  } catch (error) {
    noteError(error);
  }
  return undefined;
}

/** Where drawings are not filled there are no parts, so no tools for them. */
function consider(what) {
  if (what === "preview") return;
  paintWanted();
  if (["part", "lock"].includes(session.tool) && session.room && session.status && !isFilledNow()) store.setSession({ tool: "exact" });
}

export function startParts() {
  store.onChange(consider);
}
