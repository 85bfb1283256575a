// Which region of the drawing a point means, and what hints fill. Pure: the rule is `region_at` of s2p/regions.py, once
// more, for a hand that moves. A map is {labels, room, width, height, inner, count, grounds}: the page that the painter looks
// at, with the drawing ({width, height} of inner) in its upper left corner; room is px to the nearest ink, 0 on ink;
// grounds are the regions that figures stand before, as the server tells them.

import { eachUnder } from "./brush.js";

// Short edges within which a point beside a line means the widest region, rather a figure than what it stands before.
const REACH = 0.008;
const ROOM_STEPS = 256; // of a px, as the server tells them
const FILL_ALPHA = 92;
const EDGE = [20, 18, 16, 150];

/** Reads the server's picture ({data, width, height}, RGBA); null if its numbers cannot be right. */
export function readRegions({ data, width, height }, { width: innerWidth, height: innerHeight, count, grounds }) {
  const size = (width * height) / 2;
  const labels = new Int32Array(size);
  const room = new Float32Array(size);
  const number = (i) => data[4 * i] * 65536 + data[4 * i + 1] * 256 + data[4 * i + 2];
  for (let i = 0; i < size; i++) {
    labels[i] = number(i);
    room[i] = number(size + i) / ROOM_STEPS;
    if (labels[i] >= count) return null; // some browsers falsify what they let a page read
  }
  const inner = { width: innerWidth, height: innerHeight };
  return { labels, room, width, height: height / 2, inner, count, grounds: new Set(grounds) };
}

const BROAD = 0.6; // share of ink around a point from which on a line is broad

const isOutside = ({ x, y }) => !(x >= 0 && x <= 1 && y >= 0 && y <= 1);

/** The place that a point means: its own, or beside a line the widest one near, of a figure if it can be; {index, isOwn},
 *  or null outside. */
function meant({ labels, room, width, height, inner, grounds }, point) {
  if (isOutside(point)) return null;
  const row = Math.min(Math.trunc(point.y * inner.height), height - 1);
  const column = Math.min(Math.trunc(point.x * inner.width), width - 1);
  const near = Math.max(Math.round(REACH * Math.min(height, width)), 1);
  const here = row * width + column;
  if (room[here] > near) return { index: here, isOwn: true };
  let all, ofFigures;
  for (const wide of [near, 2 * near]) { // a broad line leaves nothing of the figure near
    all = { widest: -1, ownRoom: 0 };
    ofFigures = { widest: -1, ownRoom: 0 };
    let ink = 0, seen = 0;
    for (let y = Math.max(row - wide, 0); y < Math.min(row + wide + 1, height); y++) {
      for (let x = Math.max(column - wide, 0); x < Math.min(column + wide + 1, width); x++) {
        const i = y * width + x;
        seen++;
        if (!room[i]) ink++;
        for (const found of grounds.has(labels[i]) ? [all] : [all, ofFigures]) {
          if (found.widest < 0 || room[i] > room[found.widest]) found.widest = i;
          if (labels[i] === labels[here] && room[i] > found.ownRoom) found.ownRoom = room[i];
        }
      }
    }
    const isBroad = !room[here] && ink >= BROAD * seen;
    if ((ofFigures.widest >= 0 && room[ofFigures.widest] > 0) || !isBroad) break;
  }
  const isSliver = ofFigures.widest < 0 || room[ofFigures.widest] < near / 2;
  const { widest, ownRoom } = isSliver ? all : ofFigures;
  const isOwn = room[here] > 0 && ownRoom >= near / 2; // on paper, unless it is a sliver
  return { index: isOwn ? here : widest, isOwn };
}

/** The region that a point of the drawing means, or -1 outside. */
export function regionAt(map, point) {
  const found = meant(map, point);
  return found ? map.labels[found.index] : -1;
}

/** A point on a line, moved into the region that it means; any other point as it is. */
export function snapPoint(map, point) {
  const found = meant(map, point);
  if (!found || found.isOwn) return point;
  const { width, inner, labels } = map;
  const moved = {
    x: Math.min(1, ((found.index % width) + 0.5) / inner.width),
    y: Math.min(1, (Math.floor(found.index / width) + 0.5) / inner.height),
  };
  return regionAt(map, moved) === labels[found.index] ? moved : point;
}

/** A colour as one number, as it lies in the memory of a picture: a whole page is drawn at every move of the hand. */
const packed = (rgba) => new Uint32Array(Uint8Array.from(rgba).buffer)[0];
const rgbOf = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));

/** RGBA of the drawing's size: one region in a transparent colour, with an edge. */
export function showRegion({ labels, width, inner }, region, color) {
  const pixels = new Uint32Array(inner.width * inner.height);
  const [fill, edge] = [packed([...rgbOf(color), FILL_ALPHA]), packed(EDGE)];
  const isIn = (x, y) => x >= 0 && y >= 0 && x < inner.width && y < inner.height && labels[y * width + x] === region;
  for (let y = 0; y < inner.height; y++) {
    for (let x = 0; x < inner.width; x++) {
      if (labels[y * width + x] !== region) continue;
      const isEdge = !(isIn(x - 1, y) && isIn(x + 1, y) && isIn(x, y - 1) && isIn(x, y + 1));
      pixels[y * inner.width + x] = isEdge ? edge : fill;
    }
  }
  return { data: new Uint8ClampedArray(pixels.buffer), ...inner };
}

/** RGBA of the drawing's size: every region with a hint in its colour; between several hints the nearest decides. Then what
 *  brushes added, and without what they took: there other hints of the region go on. */
export function showFills(map, hints) {
  const { labels, width, inner } = map;
  const pixels = new Uint32Array(inner.width * inner.height);
  const byRegion = new Map();
  for (const hint of hints) {
    const region = regionAt(map, hint);
    const here = { x: hint.x * inner.width, y: hint.y * inner.height, paint: packed([...rgbOf(hint.color), 255]) };
    byRegion.set(region, [...(byRegion.get(region) || []), here]);
  }
  for (let y = 0; y < inner.height; y++) {
    for (let x = 0; x < inner.width; x++) {
      const here = byRegion.get(labels[y * width + x]);
      if (here) pixels[y * inner.width + x] = nearest(here, x, y).paint;
    }
  }
  for (const hint of hints) {
    const paint = packed([...rgbOf(hint.color), 255]);
    for (const stroke of hint.brush ?? []) {
      eachUnder(stroke, inner, (x, y) => {
        const i = y * inner.width + x;
        const others = stroke.adds || pixels[i] !== paint ? [] : (byRegion.get(labels[y * width + x]) ?? []).filter((one) => one.paint !== paint);
        if (stroke.adds) pixels[i] = paint;
        else if (pixels[i] === paint) pixels[i] = others.length ? nearest(others, x, y).paint : 0;
      });
    }
  }
  return { data: new Uint8ClampedArray(pixels.buffer), ...inner };
}

function nearest(places, x, y) {
  const distance = (place) => (place.x - x) ** 2 + (place.y - y) ** 2;
  return places.length === 1 ? places[0] : places.reduce((best, place) => (distance(place) < distance(best) ? place : best));
}
