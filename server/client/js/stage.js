// The canvas on the page: keeps its size, the viewport and the loaded pictures, and draws a frame when something changed.

import { HINT_RADIUS, drawScene } from "./canvas.js";
import { $, loadImage } from "./dom.js";
import { hitAll, hitHint, isHeld } from "./hints.js";
import { hasAnchors, uses } from "./models.js";
import { fromRgb } from "./palette.js";
import { fillsOf, isFilledNow, litNumber, litRegion } from "./pointing.js";
import { currentResult, doc, onChange, session, shownDoc } from "./store.js";
import { clampViewport, fitViewport, isInside, minScale, panViewport, toPicture, toScreen, zoomViewport } from "./viewport.js";

const canvas = $("#canvas");
const MAX_PICTURES = 24;
const MAX_PIXELS = 120_000_000; // decoded, four bytes each; pictures of large pages leave earlier
const RETRY_MS = 4000;
const pictures = new Map(); // url -> image, or a promise of one; the oldest leave first
const viewListeners = new Set();
let colors = null;
let frame = 0;
let isFitted = true;
export let hover = -1;
export const BRUSH_RADIUS = 13; // px on the screen
let brushAt = null; // where the brush is on the screen
export let viewport = { scale: 1, x: 0, y: 0 };

export const onViewport = (listener) => viewListeners.add(listener);
const size = () => ({ width: canvas.clientWidth, height: canvas.clientHeight });
export const picture = () => session.room;
export const screenOf = (point) => toScreen(viewport, picture(), point);
export const pictureOf = (at) => toPicture(viewport, picture(), at);

export function requestDraw() {
  if (!frame) frame = requestAnimationFrame(draw);
}

/** Puts a picture into the cache and draws again when it has come; returns it when it is there already. */
export function imageOf(url) {
  if (!url) return null;
  const known = pictures.get(url);
  if (known) return known instanceof Promise ? null : known;
  const promise = loadImage(url).then((image) => {
    pictures.set(url, image);
    makeRoom();
    requestDraw();
    return image;
  }).catch((error) => {
    console.warn("could not load %s", url, error);
    setTimeout(() => pictures.delete(url), RETRY_MS);
  });
  pictures.set(url, promise);
  makeRoom();
  return null;
}

/** Lets go of the pictures that came first; the newest three are what is being looked at. */
function makeRoom() {
  const pixels = (image) => (image.naturalWidth || 0) * (image.naturalHeight || 0);
  let total = [...pictures.values()].reduce((sum, image) => sum + pixels(image), 0);
  for (const [url, image] of [...pictures].slice(0, -3)) {
    if (pictures.size <= MAX_PICTURES && total <= MAX_PIXELS) return;
    total -= pixels(image);
    pictures.delete(url);
  }
}

/** Resolves when a picture can be drawn, or is known not to come. */
export function whenLoaded(url) {
  const image = imageOf(url);
  return image ? Promise.resolve(image) : Promise.resolve(pictures.get(url));
}

/** The lines that the chosen method works on, once the server has prepared them. */
export function sketchUrl() {
  const { room } = session;
  const { method, intake } = doc();
  if (room && method === "colorization" && room.corrected_sketch) return intake === "off" ? room.sketch : room.corrected_sketch;
  return room && (room.prepared?.[doc().method] || room.sketch);
}

export const isPreviewShown = () => Boolean(session.preview) && (session.view === "result" || (session.view === "draft" && !isFilledNow()));

/** Whether there is a draft to be shown: of a painting that had one, or the regions where drawings are filled. */
export const isDraftThere = () => isFilledNow() || Boolean(currentResult()?.composition);

function layers() {
  const sketch = imageOf(sketchUrl()) || imageOf(session.room.sketch);
  const result = currentResult();
  if (session.view === "draft" && isFilledNow()) return [{ image: fillsOf(doc().hints) }, { image: sketch, multiply: true }];
  if (session.stage && session.view !== "sketch") {
    const early = imageOf(session.stage.image);
    const before = result && imageOf(result.image);
    const lines = early && session.stage.stage === "draft" ? [{ image: sketch, multiply: true }] : [];
    return [{ image: early || session.preview || before || sketch }, ...lines];
  }
  if (isPreviewShown()) return [{ image: session.preview }];
  if (session.view === "draft" && result) return [{ image: imageOf(result.composition) || sketch }];
  if (session.view === "result" && result) return [{ image: imageOf(result.image) || sketch }];
  if (session.view === "compare" && result) {
    return [{ image: imageOf(result.image) }, { image: imageOf(session.room.sketch), to: session.split }];
  }
  return [{ image: sketch }];
}

function draw() {
  frame = 0;
  const ratio = devicePixelRatio || 1;
  const { width, height } = size();
  if (width === 0 || height === 0) return;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  colors ||= readColors();
  const { hints, locked } = doc();
  const hasKinds = uses(doc().model, "anchors", session.status);
  const areAlike = hasKinds && !hasAnchors(doc(), session.status, session.expert);
  const lit = session.view === "compare" ? null : litRegion();
  drawScene(canvas, {
    viewport, picture: picture(), layers: picture() ? [...layers(), { image: lit }] : [],
    hints: hints.map((hint) => ({ ...hint, kind: areAlike ? "exact" : hint.kind, isLocked: isHeld(hint, locked) })), selected: session.selected, hover,
    areBlocks: !hasKinds, showHints: session.showHints && session.view !== "compare", cursor: session.cursor, color: session.color, colors,
    brush: brushOf(hints[session.selected]),
  });
  canvas.dataset.hints = hints.length;
  canvas.dataset.region = lit ? litNumber() : "";
}

/** The brush and its strokes, as long as the painting that is shown does not show them. */
function brushOf(hint) {
  if (!session.brush || !hint || session.view === "compare") return null;
  const isShown = session.view === "draft" || (session.view === "result" && !isPreviewShown() && doc() === shownDoc());
  const at = brushAt ?? (session.cursor && screenOf(session.cursor));
  return { at, radius: BRUSH_RADIUS, isAdding: session.brush === "widen", strokes: isShown ? [] : hint.brush ?? [], color: hint.color };
}

export function setBrushAt(at) {
  if (at === brushAt) return;
  brushAt = at;
  if (session.brush) requestDraw();
}

function readColors() {
  const style = getComputedStyle($("#probe"));
  return { stage: style.backgroundColor, accent: style.color, shadow: style.borderTopColor };
}

// Viewport

function setViewport(next, { fitted = false } = {}) {
  isFitted = fitted;
  viewport = picture() ? clampViewport(next, picture(), size()) : next;
  viewListeners.forEach((listener) => listener());
  requestDraw();
}

/** Room that the floating controls take from the canvas, so that a fitted picture hides behind none of them. */
function margin() {
  const isNarrow = size().width < 640;
  const strip = session.status?.fills; // of choices; its place is kept free before it comes: the picture must not jump
  if (isNarrow) return { top: 60, right: 12, bottom: strip ? 148 : 60, left: 12 };
  return { top: 76, right: strip ? 112 : 40, bottom: 84, left: 40 };
}

export function fit() {
  if (picture()) setViewport(fitViewport(picture(), size(), margin()), { fitted: true });
}

export function zoomBy(factor, at = { x: size().width / 2, y: size().height / 2 }) {
  if (!picture()) return;
  setViewport(zoomViewport(viewport, factor, at, { min: minScale(picture(), size()) }));
}

export const zoomTo = (scale) => zoomBy(scale / viewport.scale);
export const panBy = (dx, dy) => setViewport(panViewport(viewport, dx, dy));
export const setView = (next) => setViewport(next);
export const limits = () => ({ min: minScale(picture(), size()) });

/** Scrolls just enough that a point of the picture is visible. */
export function reveal(point) {
  const at = screenOf(point);
  const { width, height } = size();
  const dx = at.x < 30 ? 30 - at.x : Math.min(0, width - 30 - at.x);
  const dy = at.y < 30 ? 30 - at.y : Math.min(0, height - 30 - at.y);
  if (dx || dy) panBy(dx, dy);
}

// Questions that the pointer and the keyboard ask

export function hintAt(at, extra = 5) {
  if (!session.showHints || session.view === "compare") return -1;
  return hitHint(doc().hints, at.x, at.y, HINT_RADIUS.draft + extra, screenOf);
}

export const hintsNear = (at, radius, hints = doc().hints) => hitAll(hints, at.x, at.y, radius, screenOf);

export function setHover(index) {
  if (hover === index) return;
  hover = index;
  requestDraw();
}

/** The colour of what is shown at a place of the picture, without hints; null outside. */
export function colorAt(point) {
  if (!isInside(point)) return null;
  const probe = new OffscreenCanvas(1, 1);
  const context = probe.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, 1, 1);
  for (const { image, multiply, from = 0, to = 1 } of layers()) {
    if (!image || point.x < from || point.x > to) continue;
    context.globalCompositeOperation = multiply ? "multiply" : "source-over";
    const x = Math.min(image.width - 1, Math.floor(point.x * image.width));
    const y = Math.min(image.height - 1, Math.floor(point.y * image.height));
    context.drawImage(image, x, y, 1, 1, 0, 0, 1, 1);
  }
  return fromRgb([...context.getImageData(0, 0, 1, 1).data].slice(0, 3));
}

new ResizeObserver(() => {
  if (isFitted) fit();
  requestDraw();
}).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refreshColors);
onChange(requestDraw);
let hadStrip = false;
onChange(() => {
  const hasStrip = Boolean(session.status?.fills);
  if (hasStrip === hadStrip) return;
  hadStrip = hasStrip;
  if (isFitted) fit();
});

export function refreshColors() {
  colors = null;
  requestDraw();
}
