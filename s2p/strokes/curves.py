"""Curved strokes as distances: how far inside a stroke a pixel lies, how far along it and how far across.

Distances are smooth, so they are computed on a coarse grid and enlarged; a stroke costs the same at any resolution.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

_SEGMENTS = 12
_GRID = 72  # points of the coarse grid along the longer side of a stroke


class Frame(NamedTuple):
    """The size of a canvas in pixels, and which of its rows are drawn."""

    height: int
    width: int
    top: int
    bottom: int


class Field(NamedTuple):
    """What a curve is at every pixel of its box, each `float32[h, w]`.

    Attributes:
        top, left: of the box in the canvas, pixels.
        inside: pixels to the border, positive inside.
        along: 0 at the first end, 1 at the last, by the straight line between them.
        across: -1 to 1 from one border to the other.
        radius: half the width in pixels, in the middle.
    """

    top: int
    left: int
    inside: np.ndarray
    along: np.ndarray
    across: np.ndarray
    radius: float


def centre_line(shape: np.ndarray, height: int, width: int, segments: int = _SEGMENTS) -> np.ndarray:
    """Points of a quadratic Bézier, `float32[segments + 1, 2]` (x, y) in pixels.

    Args:
        shape: `float32[8]`, x0 y0 x1 y1 x2 y2 radius0 radius2.
    """
    scale = np.array([width, height], np.float32)
    first, last = shape[0:2] * scale, shape[4:6] * scale
    middle = first + (last - first) * shape[2:4]
    t = np.linspace(0.0, 1.0, segments + 1, dtype=np.float32)[:, None]
    return (1 - t) ** 2 * first + 2 * t * (1 - t) * middle + t**2 * last


def field_of(
    shape: np.ndarray, frame: Frame, *, is_flat: bool, wobble: np.ndarray | None = None
) -> Field | None:
    """The curve at every pixel of its box; None where nothing of it is drawn.

    Args:
        shape: `float32[8]`.
        is_flat: cut straight at the ends and of one width (`radius0`), as a marker's; else round and tapered.
        wobble: `float32[k, k]`, about -1 to 1, over the square of the longer side: moves the border by up to a fifth of
            the radius.
    """
    longer = max(frame[:2])
    points = centre_line(shape, *frame[:2])
    ends = shape[6:8] * longer / 4.0
    if is_flat:
        ends = ends[[0, 0]]
        points = _extended(points, float(ends[0]))
    reach = float(ends.max()) * 1.2 + 2.0
    low, high = points.min(0) - reach, points.max(0) + reach
    left, top = np.maximum(np.floor(low), (0, frame.top)).astype(int)
    right, bottom = np.minimum(np.ceil(high), (frame.width, frame.bottom)).astype(int)
    if right <= left or bottom <= top:
        return None
    box = (bottom - top, right - left)
    shrink = max(1.0, max(box) / _GRID)
    grid = (max(1, round(box[0] / shrink)), max(1, round(box[1] / shrink)))
    x = left + (np.arange(grid[1], dtype=np.float32) + 0.5) * np.float32(box[1] / grid[1])
    y = top + (np.arange(grid[0], dtype=np.float32) + 0.5) * np.float32(box[0] / grid[0])
    inside, across = _distances(x, y, points, ends)
    if is_flat:
        inside = np.minimum(inside, _cut(x, y, points[0], points[1]))
        inside = np.minimum(inside, _cut(x, y, points[-1], points[-2]))
    radius = float(ends.mean())
    if wobble is not None:
        size = len(wobble)
        rows, columns = (y * (size / longer)).astype(int) % size, (x * (size / longer)).astype(int) % size
        inside = inside + wobble[rows[:, None], columns] * np.float32(radius / 5.0)
    chord = points[-1] - points[0]
    chord = chord / max(float(chord @ chord), 1e-6)
    along = np.clip((x - points[0, 0]) * chord[0] + ((y - points[0, 1]) * chord[1])[:, None], 0.0, 1.0)
    inside, along, across = (cv2.resize(m, box[::-1], interpolation=cv2.INTER_LINEAR) for m in (inside, along, across))
    return Field(int(top), int(left), inside, along, across, radius)


def _extended(points: np.ndarray, by: float) -> np.ndarray:
    """The ends moved outwards, as a square tip reaches beyond the last place where its middle was."""
    first, last = points[0] - points[1], points[-1] - points[-2]
    if max(np.abs(first).max(), np.abs(last).max()) < 1e-4:  # a dot
        first, last = np.array([-1.0, 0.0], np.float32), np.array([1.0, 0.0], np.float32)
    result = points.copy()
    result[0] += first / max(float(np.hypot(*first)), 1e-6) * by
    result[-1] += last / max(float(np.hypot(*last)), 1e-6) * by
    return result


def _cut(x: np.ndarray, y: np.ndarray, end: np.ndarray, before: np.ndarray) -> np.ndarray:
    inwards = before - end
    inwards = inwards / max(float(np.hypot(*inwards)), 1e-6)
    return (x - end[0]) * inwards[0] + ((y - end[1]) * inwards[1])[:, None]


def _distances(x: np.ndarray, y: np.ndarray, points: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixels inside of the thick line through `points`, and the place across it."""
    first, step = points[:-1], np.diff(points, axis=0)
    length = np.maximum((step**2).sum(1), 1e-6)[:, None, None]
    dx = x[None, None] - first[:, 0, None, None]
    dy = y[None, :, None] - first[:, 1, None, None]
    sx, sy = step[:, 0, None, None], step[:, 1, None, None]
    share = np.clip((dx * sx + dy * sy) / length, 0.0, 1.0)
    count = len(first)
    radius = ends[0] + (ends[1] - ends[0]) * (np.arange(count, dtype=np.float32)[:, None, None] + share) / count
    distance = radius - np.hypot(dx - share * sx, dy - share * sy)
    nearest = distance.argmax(0)[None]
    side = np.take_along_axis((dy * sx - dx * sy) / np.sqrt(length) / np.maximum(radius, 1e-3), nearest, 0)[0]
    return np.take_along_axis(distance, nearest, 0)[0], np.clip(side, -1.0, 1.0).astype(np.float32)
