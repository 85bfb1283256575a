// Mouse, pen and fingers on the canvas. One finger or button works with the tool, two fingers pan and zoom.
//
// A touch only shows what it would do; it becomes a step when the finger leaves. So a second finger, which means
// pinch, takes back what the first one seemed to begin.

import { brushGesture, isBrushing } from "./brushing.js";
import { $ } from "./dom.js";
import { addHint, changeHint, makeHint } from "./hints.js";
import { isPalm, isPenSeen, penDown, penUp } from "./palm.js";
import { isLocked, isPartLocked, paintSoon, recolored, sayLocked, toggleLock } from "./parts.js";
import { pointAt, regionOf, snapped } from "./pointing.js";
import * as stage from "./stage.js";
import * as store from "./store.js";
import { isInside, pinchViewport } from "./viewport.js";

const ERASER_RADIUS = 14;
const PLACING = ["exact", "draft", "part", "lock"]; // tools that mean a region
const DRAG_SLOP = { mouse: 3, pen: 5, touch: 9 };
const HOLD_MS = 480;
const PAD_STEP = 50; // px; a wheel of a mouse makes larger steps, and only up and down
const PAD_MS = 200; // what follows so soon belongs to the same stroke on a trackpad
const PEN_ERASER = 32; // bit of event.buttons
const canvas = $("#canvas");
const pointers = new Map();
let gesture = null;
let isSpaceDown = false;
let padUntil = 0;
let onPicked = () => {};

const place = (event) => {
  const box = canvas.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
};

function toolFor(event) {
  if (event.button === 1 || isSpaceDown || (event.pointerType === "touch" && isPenSeen())) return "pan";
  if (event.buttons & PEN_ERASER) return "erase";
  if (event.altKey || event.button === 2) return "pick";
  return store.session.tool;
}

/** Lights up the region under the hand, in the colour that it would get. */
function light(point, color) {
  if (pointAt(point, color)) stage.requestDraw();
}

/** What lights up while nothing is pressed: the region of the hint under the hand, else the one a new hint would fill. */
function hover(at) {
  stage.setBrushAt(at);
  if (isBrushing()) return light(null);
  const index = stage.hintAt(at);
  stage.setHover(index);
  const { tool, view, color } = store.session;
  const isPlacing = view !== "compare" && PLACING.includes(tool);
  const hint = store.doc().hints[index];
  if (!isPlacing) light(null);
  else if (hint) light(hint, hint.color);
  else light(stage.pictureOf(at), color);
}

// Gestures: begin(event) returns {move(at), end(at), cancel()}

function panGesture(at) {
  let last = at;
  return {
    move(next) {
      stage.panBy(next.x - last.x, next.y - last.y);
      last = next;
    },
    end() {}, cancel() {},
  };
}

/** While comparing, the whole canvas is the handle of the slider, and hints are out of the way. */
function splitGesture(at) {
  const before = store.session.split;
  const move = (next) => store.setSession({ split: Math.min(1, Math.max(0, stage.pictureOf(next).x)) });
  move(at);
  return { move, end() {}, cancel: () => store.setSession({ split: before }) };
}

/** Takes the colour of the hint under the hand, else of what is shown there. */
function pickGesture(at) {
  const pick = (next, final) => {
    const color = store.doc().hints[stage.hintAt(next, 0)]?.color || stage.colorAt(stage.pictureOf(next));
    if (color) store.setColor(color, { final });
  };
  pick(at, false);
  return { move: (next) => pick(next, false), end: (next) => { pick(next, true); onPicked(); }, cancel() {} };
}

function eraseGesture(at) {
  const sweep = (next) => {
    const hit = new Set(stage.hintsNear(next, ERASER_RADIUS).filter((index) => !isLocked(index)));
    if (hit.size === 0) return;
    store.session.selected = -1;
    store.showPreview({ hints: store.doc().hints.filter((_, index) => !hit.has(index)) });
  };
  sweep(at);
  return { move: sweep, end: store.commitPreview, cancel: store.dropPreview };
}

function dragGesture(index, at, event) {
  const slop = DRAG_SLOP[event.pointerType] || DRAG_SLOP.mouse;
  const start = stage.screenOf(store.doc().hints[index]);
  const wasSelected = store.session.selected === index;
  const { color } = store.doc().hints[index];
  const show = (point) => store.showPreview({ hints: changeHint(store.doc().hints, index, point) });
  let isMoved = false;
  let place = null;
  return {
    move(next) {
      isMoved ||= !isLocked(index) && Math.hypot(next.x - at.x, next.y - at.y) > slop;
      if (!isMoved) return;
      place = stage.pictureOf({ x: start.x + next.x - at.x, y: start.y + next.y - at.y });
      light(place, color);
      show(place);
    },
    end() {
      light(null);
      if (isMoved) {
        show(snapped(place));
        store.commitPreview();
      } else store.setSession({ selected: wasSelected ? -1 : index });
    },
    cancel: drop,
  };
}

function drop() {
  light(null);
  store.dropPreview();
}

function placeGesture(kind, at) {
  const point = stage.pictureOf(at);
  if (!isInside(point)) return panGesture(at);
  const before = store.doc().hints;
  const { color } = store.session;
  let place = point;
  const add = ({ x, y }) => store.showPreview({ hints: addHint(before, makeHint(x, y, color, kind)) });
  const show = (next) => {
    place = stage.pictureOf(next);
    light(place, color);
    add(place);
  };
  store.session.selected = -1;
  store.session.showHints = true;
  show(at);
  return {
    move: show,
    end() {
      light(null);
      if (isPartLocked(place)) {
        store.dropPreview();
        return sayLocked();
      }
      add(snapped(place));
      store.commitPreview();
      store.useColor(color);
    },
    cancel: drop,
  };
}

/** Every part that the hand goes over gets the colour; together they are one step. */
function partGesture(at) {
  const { color } = store.session;
  const seen = new Set();
  let isSaid = false;
  const sweep = (next) => {
    const point = stage.pictureOf(next);
    const region = regionOf(point);
    light(point, color);
    if (region < 0 || seen.has(region)) return;
    seen.add(region);
    const hints = recolored(point, color);
    if (hints) store.showPreview({ hints });
    else if (!isSaid) sayLocked();
    isSaid ||= !hints;
  };
  store.session.selected = -1;
  sweep(at);
  return {
    move: sweep,
    end() {
      light(null);
      if (!store.isMoving()) return;
      store.commitPreview();
      store.useColor(color);
      paintSoon();
    },
    cancel: drop,
  };
}

function lockGesture(at) {
  return { move() {}, end: () => toggleLock(stage.pictureOf(at)), cancel() {} };
}

/** A finger that stays where it is picks the colour under it, in place of what it seemed to begin. */
function unlessHeld(usual, at) {
  let current = usual;
  const timer = setTimeout(() => {
    usual.cancel();
    current = pickGesture(at);
    navigator.vibrate?.(12);
  }, HOLD_MS);
  const stop = () => clearTimeout(timer);
  return {
    move(next) {
      if (Math.hypot(next.x - at.x, next.y - at.y) > DRAG_SLOP.touch) stop();
      current.move(next);
    },
    end(next) {
      stop();
      current.end(next);
    },
    cancel() {
      stop();
      current.cancel();
    },
  };
}

function begin(event, at) {
  const tool = toolFor(event);
  if (tool === "pan") return panGesture(at);
  if (tool === "pick") return pickGesture(at);
  if (store.session.view === "compare") return splitGesture(at);
  if (isBrushing()) return brushGesture(at, { isTurned: Boolean(event.buttons & PEN_ERASER) });
  if (tool === "erase") return eraseGesture(at);
  if (tool === "part" || tool === "lock") return !isInside(stage.pictureOf(at)) ? panGesture(at) : tool === "part" ? partGesture(at) : lockGesture(at);
  const index = stage.hintAt(at, event.pointerType === "touch" ? 12 : 4);
  const usual = index >= 0 ? dragGesture(index, at, event) : placeGesture(tool, at);
  return event.pointerType === "touch" ? unlessHeld(usual, at) : usual;
}

// Events

/** A pen takes over from whatever a resting hand seemed to begin. */
function takePen(event) {
  penDown(event);
  if (pointers.size === 0) return;
  if (gesture !== "pinch") gesture?.cancel();
  gesture = null;
  pointers.clear();
}

function down(event, onError) {
  if (!store.session.room || isPalm(event)) return;
  if (event.pointerType === "pen") takePen(event);
  canvas.setPointerCapture(event.pointerId);
  canvas.focus({ preventScroll: true, focusVisible: false });
  const at = place(event);
  pointers.set(event.pointerId, at);
  store.session.cursor = null;
  if (pointers.size === 2) {
    gesture?.cancel();
    gesture = "pinch";
    return;
  }
  if (pointers.size > 2 || gesture) return;
  try {
    gesture = begin(event, at);
  } catch (error) {
    onError(error);
  }
  setCursor();
}

function move(event) {
  const at = place(event);
  if (!pointers.has(event.pointerId)) {
    if (store.session.room && event.pointerType !== "touch") hover(at);
    return;
  }
  if (gesture === "pinch" && pointers.size === 2) {
    const before = [...pointers.values()];
    pointers.set(event.pointerId, at);
    stage.setView(pinchViewport(stage.viewport, before, [...pointers.values()], stage.limits()));
    return;
  }
  pointers.set(event.pointerId, at);
  if (gesture && gesture !== "pinch") gesture.move(at);
}

function up(event, isCancelled) {
  if (event.pointerType === "pen") penUp(event);
  if (!pointers.delete(event.pointerId)) return;
  if (gesture && gesture !== "pinch") {
    if (isCancelled) gesture.cancel();
    else gesture.end(place(event));
  }
  if (pointers.size === 0) gesture = null;
  else gesture = "pinch"; // a finger that stays after a pinch must not start to paint
  setCursor();
}

function wheel(event) {
  event.preventDefault();
  const isPad = event.deltaMode === 0 && !event.ctrlKey && (event.deltaX !== 0 || Math.abs(event.deltaY) < PAD_STEP);
  if (isPad) padUntil = event.timeStamp + PAD_MS;
  if (!event.ctrlKey && event.deltaMode === 0 && event.timeStamp < padUntil) return stage.panBy(-event.deltaX, -event.deltaY);
  if (event.shiftKey) return stage.panBy(-(event.deltaY || event.deltaX), 0);
  const step = event.deltaMode === 1 ? 24 : event.ctrlKey ? 4 : 1;
  stage.zoomBy(Math.exp(-event.deltaY * step * 0.002), place(event));
}

function setCursor() {
  const { tool, view } = store.session;
  const isHand = isSpaceDown || tool === "pan";
  if (isBrushing() && !isHand && view !== "compare") canvas.dataset.cursor = "brush";
  else canvas.dataset.cursor = isHand ? (gesture ? "grabbing" : "grab") : view === "compare" && tool !== "pick" ? "split" : tool;
}

export function cancelGesture() {
  if (!gesture || gesture === "pinch") return false;
  gesture.cancel();
  gesture = pointers.size > 0 ? "pinch" : null;
  return true;
}

/** True while Space is held: the tool becomes the hand. */
export function setSpace(isDown) {
  isSpaceDown = isDown;
  setCursor();
}

export function startPointer({ onError, picked }) {
  onPicked = picked;
  canvas.addEventListener("pointerdown", (event) => down(event, onError));
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", (event) => up(event, false));
  canvas.addEventListener("pointercancel", (event) => up(event, true));
  canvas.addEventListener("pointerleave", () => {
    stage.setHover(-1);
    stage.setBrushAt(null);
    if (!gesture) light(null);
  });
  canvas.addEventListener("wheel", wheel, { passive: false });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  store.onChange(setCursor);
}
