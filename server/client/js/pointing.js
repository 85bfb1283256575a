// What the hand points at: the map of the open drawing's regions, the one that lights up, and what each hint fills.

import { api } from "./api.js";
import { loadImage } from "./dom.js";
import { isFilled } from "./models.js";
import { readRegions, regionAt, showFills, showRegion, snapPoint } from "./regions.js";
import * as store from "./store.js";

const { session } = store;
let key = ""; // of the drawing whose map is here, or on its way
let map = null;
let lit = { region: -1, color: "", image: null };
let fills = { hints: null, image: null };

export const isFilledNow = () => isFilled(store.doc(), session.status);
export const hasRegions = () => map !== null && isFilledNow();

/** The map belongs to a drawing and to the lines that the method works on. */
function wantedKey() {
  const { room } = session;
  if (!room || !isFilledNow()) return "";
  const { method, intake } = store.doc();
  if (method !== "recolorization") return `${room.room} ${method} ${intake}`;
  return room.prepared?.recolorization ? `${room.room} ${room.prepared.recolorization}` : "";
}

async function consider(what) {
  const wanted = wantedKey();
  if (what === "preview" || wanted === key) return;
  key = wanted;
  map = null;
  lit = { region: -1, color: "", image: null };
  fills = { hints: null, image: null };
  if (!wanted) return;
  try {
    const told = await api.regions(session.room.room, store.doc());
    const image = await loadImage(told.image);
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const read = readRegions(context.getImageData(0, 0, canvas.width, canvas.height), told);
    if (key !== wanted) return;
    map = read;
    store.notify("regions");
  } catch (error) {
    console.info("no map of the regions: %s", error.message); // hints work without; the next drawing asks again
  }
}

function pictureOf({ data, width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
  return canvas;
}

/** Lights up the region that a point means, in the colour it would get; null for none. True if something changed. */
export function pointAt(point, color = session.color) {
  const region = point && hasRegions() ? regionAt(map, point) : -1;
  if (region === lit.region && (region < 0 || color === lit.color)) return false;
  lit = { region, color, image: region < 0 ? null : pictureOf(showRegion(map, region, color)) };
  return true;
}

/** The region that is lit, as a picture that covers the drawing, or null. */
export const litRegion = () => (hasRegions() ? lit.image : null);
export const litNumber = () => (hasRegions() ? lit.region : -1);

/** The region that a point means, or -1 where nobody knows. */
export const regionOf = (point) => (hasRegions() ? regionAt(map, point) : -1);

/** Tells of points whether they lie in a region itself, and not beside it. */
export function isIn(region) {
  const { labels, width, height, inner } = map;
  return ({ x, y }) => labels[Math.min(height - 1, Math.trunc(y * inner.height)) * width + Math.min(width - 1, Math.trunc(x * inner.width))] === region;
}

/** A hint's place, moved off a line into the region that it means. */
export const snapped = (point) => (hasRegions() ? snapPoint(map, point) : point);

/** What each hint fills, as a picture that covers the drawing, or null. */
export function fillsOf(hints) {
  if (!hasRegions()) return null;
  if (fills.hints !== hints) fills = { hints, image: pictureOf(showFills(map, hints)) };
  return fills.image;
}

export function startPointing() {
  store.onChange(consider);
}
