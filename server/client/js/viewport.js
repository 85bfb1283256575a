// Where the picture lies on the screen. Pure: a viewport is {scale, x, y} with screen = picture * scale + (x, y).
// Picture and screen are both in CSS pixels; a picture is {width, height}, and so is the view.

export const MAX_SCALE = 32;

export function fitViewport(picture, view, margin = { top: 24, right: 24, bottom: 24, left: 24 }) {
  const width = Math.max(40, view.width - margin.left - margin.right);
  const height = Math.max(40, view.height - margin.top - margin.bottom);
  const scale = Math.min(width / picture.width, height / picture.height, MAX_SCALE);
  return {
    scale,
    x: margin.left + (width - picture.width * scale) / 2,
    y: margin.top + (height - picture.height * scale) / 2,
  };
}

/** Smallest allowed scale: the picture never becomes smaller than a quarter of what fits. */
export function minScale(picture, view) {
  return Math.min(1, fitViewport(picture, view).scale) / 4;
}

export function zoomViewport(viewport, factor, at, limits) {
  const scale = Math.min(limits.max ?? MAX_SCALE, Math.max(limits.min, viewport.scale * factor));
  const ratio = scale / viewport.scale;
  return { scale, x: at.x - (at.x - viewport.x) * ratio, y: at.y - (at.y - viewport.y) * ratio };
}

export function panViewport(viewport, dx, dy) {
  return { ...viewport, x: viewport.x + dx, y: viewport.y + dy };
}

/** Two fingers moved from [a, b] to [c, d]: the picture points under them follow. */
export function pinchViewport(viewport, [a, b], [c, d], limits) {
  const before = Math.hypot(a.x - b.x, a.y - b.y) || 1;
  const after = Math.hypot(c.x - d.x, c.y - d.y) || 1;
  const from = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const to = { x: (c.x + d.x) / 2, y: (c.y + d.y) / 2 };
  return panViewport(zoomViewport(viewport, after / before, from, limits), to.x - from.x, to.y - from.y);
}

/** Keeps a strip of the picture inside the view, so that it cannot be lost. */
export function clampViewport(viewport, picture, view, keep = 80) {
  const width = picture.width * viewport.scale;
  const height = picture.height * viewport.scale;
  const clampAxis = (start, size, length) =>
    Math.min(length - Math.min(keep, size), Math.max(Math.min(keep, size) - size, start));
  return { ...viewport, x: clampAxis(viewport.x, width, view.width), y: clampAxis(viewport.y, height, view.height) };
}

/** Fraction of the picture (0..1 from the top-left) to the screen. */
export function toScreen(viewport, picture, point) {
  return {
    x: point.x * picture.width * viewport.scale + viewport.x,
    y: point.y * picture.height * viewport.scale + viewport.y,
  };
}

export function toPicture(viewport, picture, at) {
  return {
    x: (at.x - viewport.x) / (picture.width * viewport.scale),
    y: (at.y - viewport.y) / (picture.height * viewport.scale),
  };
}

export const isInside = (point) => point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1;
