// The brush that widens or narrows the region of the selected hint, by mouse, pen, finger and keys.

import { MAX_STROKES, makeStroke, withStroke } from "./brush.js";
import { t } from "./i18n.js";
import { announce, note } from "./notices.js";
import { isLocked, paintSoon, sayLocked } from "./parts.js";
import { hasRegions } from "./pointing.js";
import * as stage from "./stage.js";
import * as store from "./store.js";

const CLOSE = 2; // px on the screen between places of a stroke
const { session } = store;

/** Whether the hand brushes, rather than places hints. */
export const isBrushing = () => Boolean(session.brush) && Boolean(store.doc().hints[session.selected]) && hasRegions();

/** Takes up a brush, "widen" or "narrow", or lays it down. */
export function takeBrush(brush) {
  if (!hasRegions()) return;
  if (!store.doc().hints[session.selected]) return note(t("Select a hint first: click it, or press ] to step to one."));
  if (isLocked(session.selected)) return sayLocked();
  store.setSession({ brush: session.brush === brush ? null : brush, ...(session.view === "compare" ? { view: "result" } : {}) });
}

/** The brush is as wide on the screen at every zoom: for fine places one goes nearer. */
const width = () => (2 * stage.BRUSH_RADIUS) / (stage.viewport.scale * Math.min(session.room.width, session.room.height));

/** Lays a stroke through places on the screen, as one step. */
function lay(places, adds) {
  const stroke = makeStroke(places.map(stage.pictureOf), width(), adds);
  return withStroke(store.doc().hints, session.selected, stroke);
}

function finish(laid, adds) {
  if (!laid) {
    const isFull = store.doc().hints[session.selected]?.brush?.length >= MAX_STROKES;
    const sentence = isFull ? t("This hint has as many brush strokes as one can have.") : t("There are as many brush strokes as a drawing can hold.");
    return note(sentence, { isError: true });
  }
  session.selected = laid.index;
  store.commit({ hints: laid.hints });
  announce(adds ? t("The region was widened.") : t("The region was narrowed."));
  paintSoon();
}

/** A stroke by the hand; what it does is a step when the hand leaves. */
export function brushGesture(at, { isTurned = false } = {}) {
  const adds = (session.brush === "widen") !== isTurned;
  const places = [at];
  const { hints } = store.doc();
  const show = () => {
    stage.setBrushAt(places.at(-1));
    const laid = withStroke(hints, session.selected, makeStroke(places.map(stage.pictureOf), width(), adds));
    if (laid) store.showPreview({ hints: hints.map((hint, i) => (i === session.selected ? laid.hints[laid.index] : hint)) });
  };
  show();
  return {
    move(next) {
      const last = places.at(-1);
      if (Math.hypot(next.x - last.x, next.y - last.y) < CLOSE) return;
      places.push(next);
      show();
    },
    end() {
      store.dropPreview();
      finish(lay(places, adds), adds);
    },
    cancel: store.dropPreview,
  };
}

/** A dab under the keyboard's cross. */
export function dab(point) {
  const adds = session.brush === "widen";
  finish(lay([stage.screenOf(point)], adds), adds);
}

export function startBrushing() {
  store.onChange(() => {
    if (session.brush && !store.doc().hints[session.selected]) session.brush = null;
  });
}
