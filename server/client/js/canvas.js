// Draws the picture, the hints and the keyboard's cross. It only draws: what to draw comes in as one scene.

import { inkOn } from "./palette.js";
import { toScreen } from "./viewport.js";

export const HINT_RADIUS = { exact: 7, draft: 10 };
const TAU = Math.PI * 2;

/**
 * scene: {viewport, picture {width, height}, layers [{image, multiply, from, to, opacity}], hints, selected, hover,
 * areBlocks, showHints, cursor, color, colors {stage, paper, line, accent}}. A layer covers the whole picture, or only the part
 * between the fractions from and to of its width. brush {at, radius, isAdding, strokes, color}, while there is one.
 */
export function drawScene(canvas, scene) {
  const ratio = devicePixelRatio || 1;
  const context = canvas.getContext("2d", { alpha: false });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = scene.colors.stage;
  context.fillRect(0, 0, canvas.width / ratio, canvas.height / ratio);
  if (!scene.picture) return;
  drawSheet(context, scene);
  scene.layers.forEach((layer) => drawLayer(context, scene, layer));
  if (scene.brush) drawStrokes(context, scene);
  if (scene.showHints) drawHints(context, scene);
  if (scene.brush?.at) drawBrush(context, scene.brush);
  if (scene.cursor) drawCross(context, toScreen(scene.viewport, scene.picture, scene.cursor), scene.color);
}

function drawSheet(context, { viewport, picture, colors }) {
  const { x, y, scale } = viewport;
  context.save();
  context.shadowColor = colors.shadow;
  context.shadowBlur = 28;
  context.shadowOffsetY = 8;
  context.fillStyle = "#ffffff";
  context.fillRect(x, y, picture.width * scale, picture.height * scale);
  context.restore();
}

function drawLayer(context, { viewport, picture }, { image, multiply = false, from = 0, to = 1, opacity = 1 }) {
  if (!image || to <= from) return;
  const { x, y, scale } = viewport;
  const width = picture.width * scale;
  const height = picture.height * scale;
  context.save();
  context.globalCompositeOperation = multiply ? "multiply" : "source-over";
  context.globalAlpha = opacity;
  context.imageSmoothingEnabled = scale < 6;
  context.imageSmoothingQuality = "high";
  if (from > 0 || to < 1) {
    context.beginPath();
    context.rect(x + width * from, y, width * (to - from), height);
    context.clip();
  }
  context.drawImage(image, x, y, width, height);
  context.restore();
}

/** What a brush did that no painting shows yet: added in the colour of the hint, taken in white between dark edges. */
function drawStrokes(context, { viewport, picture, brush }) {
  context.save();
  context.beginPath();
  context.rect(viewport.x, viewport.y, picture.width * viewport.scale, picture.height * viewport.scale);
  context.clip();
  context.lineCap = context.lineJoin = "round";
  for (const { adds, width, path } of brush.strokes) {
    const wide = width * Math.min(picture.width, picture.height) * viewport.scale;
    context.beginPath();
    path.forEach(([x, y], i) => {
      const at = toScreen(viewport, picture, { x, y });
      if (i === 0) context.moveTo(at.x, at.y);
      context.lineTo(at.x, at.y);
    });
    for (const [more, stroke] of adds ? [[0, `${brush.color}a0`]] : [[2, "rgb(20 18 16 / 40%)"], [0, "rgb(255 255 255 / 85%)"]]) {
      context.lineWidth = wide + more;
      context.strokeStyle = stroke;
      context.stroke();
    }
  }
  context.restore();
}

/** The ring of the brush, and in it what it does. */
function drawBrush(context, { at, radius, isAdding }) {
  for (const [width, stroke] of [[3.5, "#ffffff"], [1.5, "#14120f"]]) {
    context.lineWidth = width;
    context.strokeStyle = stroke;
    context.beginPath();
    context.arc(at.x, at.y, radius, 0, TAU);
    context.moveTo(at.x - 4, at.y);
    context.lineTo(at.x + 4, at.y);
    if (isAdding) {
      context.moveTo(at.x, at.y - 4);
      context.lineTo(at.x, at.y + 4);
    }
    context.stroke();
  }
}

function drawHints(context, { viewport, picture, hints, selected, hover, areBlocks, colors }) {
  const places = hints.map((hint) => toScreen(viewport, picture, hint));
  if (areBlocks) {
    hints.forEach((hint, i) => drawBlock(context, places[i], hint.color, i === hover));
    if (hints[selected]) drawSelection(context, places[selected], HINT_RADIUS.draft + 6, colors.accent);
    return;
  }
  context.save();
  context.beginPath();
  context.rect(viewport.x, viewport.y, picture.width * viewport.scale, picture.height * viewport.scale);
  context.clip(); // nothing glows outside the picture
  hints.forEach((hint, i) => hint.kind === "draft" && drawHalo(context, places[i], hint.color));
  context.restore();
  hints.forEach((hint, i) => drawHint(context, places[i], hint, i === hover));
  if (hints[selected]) drawSelection(context, places[selected], HINT_RADIUS[hints[selected].kind] + 6, colors.accent);
}

/** An anchor colours its neighbourhood; the halo says so. */
function drawHalo(context, { x, y }, color) {
  const gradient = context.createRadialGradient(x, y, 4, x, y, 34);
  gradient.addColorStop(0, `${color}8c`);
  gradient.addColorStop(1, `${color}00`);
  context.fillStyle = gradient;
  context.beginPath();
  context.arc(x, y, 34, 0, TAU);
  context.fill();
}

/** Exact hints are solid dots, anchors are rings: told apart by shape, not by colour alone. */
function drawHint(context, { x, y }, { color, kind, isLocked }, isHovered) {
  if (isLocked) return drawLocked(context, { x, y }, color, isHovered);
  const radius = HINT_RADIUS[kind] + (isHovered ? 1.5 : 0);
  context.beginPath();
  context.arc(x, y, radius + 2.5, 0, TAU);
  context.fillStyle = "rgb(20 18 16 / 68%)";
  context.fill();
  context.beginPath();
  context.arc(x, y, radius + 1.5, 0, TAU);
  context.fillStyle = "#ffffff";
  context.fill();
  context.beginPath();
  context.arc(x, y, radius - 0.5, 0, TAU);
  context.fillStyle = color;
  context.fill();
  if (kind !== "draft") return;
  context.beginPath();
  context.arc(x, y, 3.5, 0, TAU);
  context.fillStyle = inkOn(color);
  context.fill();
}

/** A locked hint is a padlock: a block with a shackle. */
function drawLocked(context, { x, y }, color, isHovered) {
  for (const [width, stroke] of [[6.5, "rgb(20 18 16 / 68%)"], [4, "#ffffff"], [1.8, "#14120f"]]) {
    context.lineWidth = width;
    context.strokeStyle = stroke;
    context.beginPath();
    context.arc(x, y - 7, 4.5, Math.PI, 0);
    context.stroke();
  }
  drawBlock(context, { x, y }, color, isHovered);
}

/** For painters that see every hint as a block of colour. */
function drawBlock(context, { x, y }, color, isHovered) {
  const half = HINT_RADIUS.exact + (isHovered ? 1.5 : 0);
  for (const [reach, fill] of [[half + 2.5, "rgb(20 18 16 / 68%)"], [half + 1.5, "#ffffff"], [half - 0.5, color]]) {
    context.fillStyle = fill;
    context.fillRect(x - reach, y - reach, 2 * reach, 2 * reach);
  }
}

function drawSelection(context, { x, y }, radius, color) {
  context.beginPath();
  context.arc(x, y, radius, 0, TAU);
  context.lineWidth = 4;
  context.strokeStyle = "#ffffff";
  context.stroke();
  context.lineWidth = 2;
  context.strokeStyle = color;
  context.stroke();
}

function drawCross(context, { x, y }, color) {
  const arms = [[-16, 0, -6, 0], [6, 0, 16, 0], [0, -16, 0, -6], [0, 6, 0, 16]];
  for (const [width, stroke] of [[5, "#ffffff"], [2, "#14120f"]]) {
    context.lineWidth = width;
    context.strokeStyle = stroke;
    context.beginPath();
    arms.forEach(([a, b, c, d]) => {
      context.moveTo(x + a, y + b);
      context.lineTo(x + c, y + d);
    });
    context.stroke();
  }
  context.beginPath();
  context.arc(x, y, 3, 0, TAU);
  context.fillStyle = color;
  context.fill();
}
