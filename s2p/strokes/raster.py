"""Draws strokes at any size, each only where it is.

A stroke becomes a `Stamp`: alpha, tone and gradient in its own box. Laying it is one rule:
`canvas = colour * tone * alpha + canvas * (1 - alpha)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import cv2
import numpy as np

from s2p.errors import InputError
from s2p.strokes import brushes
from s2p.strokes.curves import Frame, field_of
from s2p.strokes.layouts import OPEN, Layout, Strokes, middles

MAX_SIDE = 16_384
_BAND = 1536  # rows of a large canvas that are drawn at once, so that memory stays small and several cores help
_LARGE = 2048


class Stamp(NamedTuple):
    """One stroke in its box.

    Attributes:
        top, left: of the box, pixels.
        alpha: `float32[h, w]` in [0, 1].
        tone: `float32[h, w]` that the colour is multiplied with, or None for 1.
        along: `float32[h, w]`, 0 where the first colour is and 1 where the second, or None for one colour.
    """

    top: int
    left: int
    alpha: np.ndarray
    tone: np.ndarray | None
    along: np.ndarray | None

    @property
    def box(self) -> tuple[slice, slice]:
        height, width = self.alpha.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def stamp(row: np.ndarray, layout: Layout, frame: Frame) -> Stamp | None:
    """What one stroke, `float32[d]`, leaves on a canvas of this size; None where nothing of it is drawn."""
    return _STAMPS[layout.name](row, frame)


class Canvas:
    """A canvas on which strokes are laid one after another.

    Args:
        strokes: of what kind they are, on which colour and of which aspect.
        size: pixels of the longer side.
        walls: `int32[H, W]` or None. Numbers of regions; a stroke stays in the region of its middle, and in `OPEN`.
        rows: first and last row that are drawn, of all by default.
    """

    def __init__(
        self, strokes: Strokes, size: int, *, walls: np.ndarray | None = None, rows: tuple[int, int] | None = None
    ) -> None:
        if not 1 <= size <= MAX_SIDE:
            raise InputError(f"The longer side must have 1 to {MAX_SIDE} pixels. Received: {size}.")
        self.height, self.width = strokes.size_at(size)
        self.layout, self.walls = strokes.layout, walls
        if walls is not None and walls.shape != (self.height, self.width):
            raise InputError(f"Walls must be {self.height} x {self.width} as the canvas is. Received: {walls.shape}.")
        self.frame = Frame(self.height, self.width, *(rows or (0, self.height)))
        self.planes = np.empty((3, self.frame.bottom - self.frame.top, self.width), np.float32)
        self.planes[:] = strokes.canvas_rgb[:, None, None]

    @property
    def image(self) -> np.ndarray:
        """`uint8[H, W, 3]` RGB of the rows that are drawn."""
        return to_bytes(self.planes)

    def stamp(self, row: np.ndarray) -> Stamp | None:
        """`stamp` for this canvas; ends at its walls."""
        mark = stamp(row, self.layout, self.frame)
        if mark is None or self.walls is None:
            return mark
        x, y = np.clip(middles(row, self.layout), 0.0, 0.99999)
        here = self.walls[min(int(y * self.height), self.height - 1), min(int(x * self.width), self.width - 1)]
        walls = self.walls[mark.box]
        return mark._replace(alpha=mark.alpha * ((walls == here) | (walls == OPEN)))

    def lay(self, row: np.ndarray) -> tuple[slice, slice] | None:
        """Lays one stroke; returns the box that changed, or None."""
        mark = self.stamp(row)
        if mark is None:
            return None
        rows, columns = mark.box
        box = slice(rows.start - self.frame.top, rows.stop - self.frame.top), columns
        colors = row[self.layout.color].reshape(-1, 3)
        for channel in range(3):
            view = self.planes[channel][box]
            if mark.along is None:
                paint = np.full_like(view, colors[0, channel])
            else:
                paint = mark.along * (colors[-1, channel] - colors[0, channel])
                paint += colors[0, channel]
            if mark.tone is not None:
                paint *= mark.tone
            paint -= view
            paint *= mark.alpha
            view += paint
        return box

    def lay_all(self, strokes: Strokes) -> Canvas:
        """Lays strokes in their order; returns the canvas."""
        for row in strokes.values:
            self.lay(row)
        return self


def render(
    strokes: Strokes, size: int = 512, *, walls: np.ndarray | None = None, laid: Callable[[float], None] | None = None
) -> np.ndarray:
    """The finished painting.

    Args:
        strokes: in their order.
        size: pixels of the longer side.
        walls: as for `Canvas`.
        laid: told the share that is drawn, in [0, 1]; may raise to stop.

    Returns: `uint8[H, W, 3]` RGB.
    Raises:
        InputError: a size that cannot be drawn.

    Example:
        >>> render(Strokes("rectangle", np.full((1, 9), 0.5, np.float32)), 64).shape
        (64, 64, 3)
    """
    height, width = strokes.size_at(size)
    if size <= _LARGE:
        return Canvas(strokes, size, walls=walls).lay_all(strokes).image
    result = np.empty((height, width, 3), np.uint8)
    bands = [(top, min(top + _BAND, height)) for top in range(0, height, _BAND)]

    def draw(band: tuple[int, int]) -> None:
        canvas = Canvas(strokes, size, walls=walls, rows=band)
        for row in strokes.values:
            if _touches(row, strokes.layout, band, height, size):
                canvas.lay(row)
        result[band[0] : band[1]] = canvas.image

    with ThreadPoolExecutor(2) as pool:
        for number, _ in enumerate(pool.map(draw, bands), start=1):
            if laid is not None:
                laid(number / len(bands))
    return result


def frames(strokes: Strokes, size: int = 512, *, walls: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """The painting after no stroke, one stroke, and so on: `uint8[H, W, 3]` RGB, the same array again and again."""
    canvas = Canvas(strokes, size, walls=walls)
    image = canvas.image
    yield image
    for row in strokes.values:
        box = canvas.lay(row)
        if box is not None:
            image[box] = to_bytes(canvas.planes[(slice(None), *box)])
        yield image


def to_bytes(planes: np.ndarray) -> np.ndarray:
    """`uint8[H, W, 3]` of `float32[3, H, W]` in [0, 1]."""
    return np.ascontiguousarray((np.clip(planes, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8).transpose(1, 2, 0))


def _touches(row: np.ndarray, layout: Layout, band: tuple[int, int], height: int, longer: int) -> bool:
    """Whether a stroke may reach into rows of the canvas."""
    ys = [row[y] * height for _, y in layout.places]
    reach = float(row[list(layout.sizes)].sum()) * longer + 4
    return max(ys) + reach >= band[0] and min(ys) - reach <= band[1]


# One stroke of each kind ----------------------------------------------------------------------------------------------


def _box(row: np.ndarray, frame: Frame, half: tuple[float, float]) -> tuple[int, int, int, int] | None:
    """Top, left, bottom, right of a turned box with these half extents in pixels, as far as it is drawn."""
    angle = float(row[4]) * np.pi
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    reach_x, reach_y = half[0] * cos + half[1] * sin + 1.5, half[0] * sin + half[1] * cos + 1.5
    x, y = float(row[0]) * frame.width, float(row[1]) * frame.height
    left, top = max(int(np.floor(x - reach_x)), 0), max(int(np.floor(y - reach_y)), frame.top)
    right, bottom = min(int(np.ceil(x + reach_x)), frame.width), min(int(np.ceil(y + reach_y)), frame.bottom)
    return (top, left, bottom, right) if right > left and bottom > top else None


def _axes(row: np.ndarray, frame: Frame, box: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Pixels from the stroke's middle along its two axes, each `float32[h, w]`."""
    top, left, bottom, right = box
    angle = float(row[4]) * np.pi
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    x = np.arange(left, right, dtype=np.float32) + np.float32(0.5 - row[0] * frame.width)
    y = (np.arange(top, bottom, dtype=np.float32) + np.float32(0.5 - row[1] * frame.height))[:, None]
    return x * cos + y * sin, y * cos - x * sin


def _rectangle(row: np.ndarray, frame: Frame) -> Stamp | None:
    quarter = max(frame[:2]) / 4.0
    half = max(float(row[2]) * quarter, 0.5), max(float(row[3]) * quarter, 0.5)
    box = _box(row, frame, half)
    if box is None:
        return None
    along, across = _axes(row, frame, box)
    covered = np.clip(half[0] + 0.5 - np.abs(along), 0, 1) * np.clip(half[1] + 0.5 - np.abs(across), 0, 1)
    return Stamp(box[0], box[1], covered * np.float32(row[-1]), None, None)


def oil_brush(row: np.ndarray) -> tuple[str, int, int, bool]:
    """Which texture an oil stroke takes: kind, variant, light, and whether its bristles run along the second axis."""
    is_upright = bool(row[3] > row[2])
    angle = float(row[4]) * np.pi + (np.pi / 2 if is_upright else 0.0)
    light = round((np.pi * 1.25 - angle) / (2 * np.pi) * brushes.LIGHTS) % brushes.LIGHTS
    variant = int(float(row[0]) * 7919 + float(row[1]) * 104729 + float(row[4]) * 1299709) % brushes.VARIANTS
    return ("large" if min(row[2], row[3]) > 0.09 else "small"), variant, light, is_upright


def _oil(row: np.ndarray, frame: Frame) -> Stamp | None:
    longer = max(frame[:2])
    extents = max(float(row[2]) * longer, 1.0), max(float(row[3]) * longer, 1.0)
    box = _box(row, frame, (extents[0] / 2, extents[1] / 2))
    if box is None:
        return None
    kind, variant, light, is_upright = oil_brush(row)
    pyramid = brushes.oil(kind, variant, light)
    length, breadth = extents[::-1] if is_upright else extents
    rows, columns = pyramid[0].shape[:2]
    level = int(np.clip(np.log2(max(np.sqrt(rows * columns / (length * breadth)), 1.0)), 0, len(pyramid) - 1))
    texture = pyramid[level]
    angle = float(row[4]) * np.pi + (np.pi / 2 if is_upright else 0.0)
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = box[1] + 0.5 - float(row[0]) * frame.width, box[0] + 0.5 - float(row[1]) * frame.height
    across, down = texture.shape[1] / length, texture.shape[0] / breadth
    to_texture = np.array([
        [cos * across, sin * across, (x * cos + y * sin) * across + texture.shape[1] / 2 - 0.5],
        [-sin * down, cos * down, (y * cos - x * sin) * down + texture.shape[0] / 2 - 0.5],
    ])
    size = (box[3] - box[1], box[2] - box[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(texture, to_texture, size, flags=flags, borderMode=cv2.BORDER_CONSTANT)
    _, second = _axes(row, frame, box)
    second *= np.float32(1.0 / extents[1])
    second += np.float32(0.5)
    return Stamp(box[0], box[1], warped[..., 0], warped[..., 1], np.clip(second, 0.0, 1.0, out=second))


def _watercolor(row: np.ndarray, frame: Frame) -> Stamp | None:
    field = field_of(row[:8], frame, is_flat=False, wobble=brushes.drift())
    if field is None:
        return None
    rim = np.exp(np.clip(field.inside, 0.0, None) * np.float32(-1.0 / (0.09 * field.radius + 0.7)))
    alpha = np.clip(field.inside / np.float32(1.0 + 0.03 * field.radius) + 0.5, 0.0, 1.0)
    alpha *= np.float32(row[-1]) * (0.82 + 0.22 * rim)
    grain = _tile(brushes.paper(), field.top, field.left, alpha.shape, max(frame[:2]))
    alpha *= 1.0 + 0.09 * grain
    return Stamp(field.top, field.left, np.clip(alpha, 0.0, 1.0), 1.0 - 0.13 * rim, field.along)


def _markerpen(row: np.ndarray, frame: Frame) -> Stamp | None:
    field = field_of(row[:8], frame, is_flat=True)
    if field is None:
        return None
    lanes = brushes.felt()[int(float(row[0]) * 7919 + float(row[1]) * 104729) % brushes.VARIANTS]
    lane = lanes[np.clip(((field.across + 1.0) * 127.5).astype(np.int32), 0, 255)]
    alpha = np.clip(field.inside + 0.5, 0.0, 1.0) * (np.float32(row[-1]) * (1.0 - 0.10 * lane))
    rim = np.exp(np.clip(field.inside, 0.0, None) * np.float32(-1.0 / (0.06 * field.radius + 0.6)))
    return Stamp(field.top, field.left, alpha, 1.0 - 0.10 * rim - 0.05 * lane, None)


def _tile(tile: np.ndarray, top: int, left: int, shape: tuple[int, ...], longer: int) -> np.ndarray:
    """The part of a square texture that lies over a box, when the whole lies over the square of the longer side."""
    scale = len(tile) / longer
    matrix = np.array([[scale, 0.0, (left + 0.5) * scale - 0.5], [0.0, scale, (top + 0.5) * scale - 0.5]])
    return cv2.warpAffine(tile, matrix, shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                          borderMode=cv2.BORDER_REFLECT)


_STAMPS: dict[str, Callable[[np.ndarray, Frame], Stamp | None]] = {
    "oilpaintbrush": _oil, "rectangle": _rectangle, "watercolor": _watercolor, "markerpen": _markerpen,
}
