"""The sheet that a drawing is made on: flat paint, shaded paint, ink and region numbers, in painter's order.

A later shape covers paint and ink of an earlier one, so only visible lines are left. Everything is drawn at twice the
size and averaged down, which gives soft edges and line widths in steps of half a pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from .curves import wobbled
from .paints import Color, Paint, paint
from .parts import NUMBERS, Labels
from .pen import Pen
from .raster import BITS, fixed, paint_where, ramp, renumbered, sheet
from .shading import shade_hard, shade_softly, without
from .style import Style

_SCALE = 2
_WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Shape:
    """A painted shape: its region number, outline in canvas pixels and paint."""

    number: int
    pixels: np.ndarray
    paint: Paint


class Canvas:
    """A sheet to draw on; see the module.

    Args:
        height, width: int, of the finished picture.
        style: how lines and shades look.
        generator: of all chance.
        paper: background colour.

    Coordinates of all methods are those of the current frame; the outermost one has its origin in the upper left and
    the short edge as its unit.
    """

    def __init__(
        self, height: int, width: int, *, style: Style, generator: np.random.Generator, paper: Color = (255, 255, 255)
    ) -> None:
        self.height, self.width, self.style, self.random, self.paper = height, width, style, generator, paper
        shape = (height * _SCALE, width * _SCALE)
        self.color, self.flat = sheet(*shape, paper), sheet(*shape, paper)
        self.ink = np.zeros(shape, np.uint8)
        self.ink_color = sheet(*shape, (22, 18, 24) if isinstance(style.line_color, str) else style.line_color)
        self.regions = np.zeros(shape, np.int32)
        self.parts = np.zeros(shape, np.uint8)
        self.labels = Labels()
        self.tags: set[str] = set()
        self.garments: dict[str, int] = {}
        self.pen = Pen(self.ink, self.ink_color, style, generator)
        self._part = "thing"
        self._count = 0
        self._unit = float(min(height, width) * _SCALE)
        self._frame = np.array([[self._unit, 0, 0], [0, self._unit, 0]], np.float64)

    @contextmanager
    def frame(
        self, x: float, y: float, scale: float = 1.0, *, angle: float = 0.0, flip: bool = False
    ) -> Iterator[Canvas]:
        """Moves the origin to `(x, y)`, makes `scale` the unit, and turns by `angle` radians."""
        before = self._frame
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        mirror = -1 if flip else 1
        inner = np.array([[cos * mirror, -sin, x], [sin * mirror, cos, y], [0, 0, 1]])
        self._frame = before @ inner
        try:
            yield self
        finally:
            self._frame = before

    @contextmanager
    def part(self, name: str) -> Iterator[Canvas]:
        """Says what is painted: a name of `parts.NUMBERS`, or `cloth` with the name of a garment."""
        before, self._part = self._part, name
        try:
            yield self
        finally:
            self._part = before

    def visible(self, *, least: float = 0.0008) -> frozenset[str]:
        """Names of the parts, and garments of the present wearer, that take at least that share of the sheet."""
        counts = np.bincount(self.parts[::_SCALE, ::_SCALE].ravel(), minlength=256)
        enough = least * float(counts.sum())
        return frozenset(
            name for name, number in {**NUMBERS, **self.labels.garments}.items() if counts[number] >= enough
        )

    @property
    def is_mirrored(self) -> bool:
        """True where right is left in the current frame."""
        return bool(np.linalg.det(self._frame[:, :2]) < 0)

    @property
    def pixels(self) -> float:
        """Canvas pixels of a unit of the current frame; the finished picture has half as many."""
        return self._step()

    @property
    def _pen(self) -> float:
        """Width of a usual line in canvas pixels; small things are drawn with a finer pen."""
        share = float(np.clip((self._step() / (0.2 * self._unit)) ** 0.5, 0.35, 1.15))
        return max(self.style.width * share * self._unit / 512, 1.0)  # finer than that fades away in small pictures

    def fill(
        self, outline: np.ndarray, color: Paint | Color | str, *, line: float = 1.0, pattern: Any = None,
        is_shaded: bool = True, fade: Color | None = None, wobble: bool = True, part: str | None = None,
        depth: float = 1.0,
    ) -> Shape:  # fmt: skip
        """Paints a closed shape over everything below it.

        Args:
            outline: `float64[N, 2]`.
            color: paint, RGB or `#rrggbb`.
            line: float. Width of its line in units of the style's; 0 for none.
            pattern: function `(canvas, image, box) -> None` that draws on a copy of the paint before it is cut out.
            is_shaded: False for things that give light or are far away.
            fade: colour at its lower end, for hair, dresses and skies.
            wobble: False for what was drawn with a ruler.
            part: what it shows, see `part()`, which says it for many shapes at once.
            depth: float. How deep its shade is, in units of the style's.
        """
        brush = color if isinstance(color, Paint) else paint(color)
        if wobble:
            outline = wobbled(
                np.asarray(outline, float), self.style.wobble / 512 * self._unit / self._step(), self.random
            )
        pixels = self._to_pixels(outline)
        self._count += 1
        shape = Shape(self._count, pixels, brush)
        box = self._box(pixels)
        if box is None:
            return shape
        points = [fixed(pixels)]
        for plane, value in ((self.color, brush.base), (self.flat, brush.base), (self.ink, 0)):
            cv2.fillPoly(plane, points, value, cv2.LINE_8, BITS)
        cv2.fillPoly(self.regions, points, shape.number, cv2.LINE_8, BITS)
        cv2.fillPoly(self.parts, points, self.labels.number(part or self._part), cv2.LINE_8, BITS)
        if pattern is not None or fade is not None:
            self._decorate(shape, box, pattern, fade)
        if is_shaded:
            self._shade(shape, box, depth=depth, is_plain=pattern is None and fade is None)
        if line > 0:
            self.pen.outline(pixels, line * self._pen, brush)
        return shape

    def stroke(
        self, path: np.ndarray, *, line: float = 1.0, color: Color | None = None, inside: Shape | str | None = None,
        taper: float | None = None,
    ) -> None:  # fmt: skip
        """Draws an open line, thinner at both ends.

        Args:
            path: `float64[N, 2]`.
            line: float. Width in units of the style's.
            color: of the ink; the style's by default.
            inside: the line is cut at the border of this shape, or of all that has this part's name.
            taper: 0 for an even line; the style's by default.
        """
        pixels = self._to_pixels(wobbled(np.asarray(path, float), self._shake(), self.random))
        box = self._box(pixels)
        if box is None:
            return
        brush = inside.paint if isinstance(inside, Shape) else None
        if color is not None:
            brush = paint(color)
        strength = self.style.taper if taper is None else taper
        width = line * self._pen
        if inside is None:
            self.pen.line(pixels, width, brush, taper=strength, is_own=color is not None)
            return
        rows, columns = box
        before = self.ink[rows, columns].copy()
        self.pen.line(pixels, width, brush, taper=strength, is_own=color is not None)
        cv2.copyTo(before, 1 - self._where(inside, box), self.ink[rows, columns])

    def dab(
        self, outline: np.ndarray, color: Color, *, inside: Shape | str | None = None, strength: float = 1.0,
        is_flat: bool = False, ink: int | None = None,
    ) -> None:  # fmt: skip
        """Paints a spot without ink and without a region of its own: shadows, blush, shine, stars.

        Args:
            outline: `float64[N, 2]`, closed.
            color: RGB.
            inside: only on this shape, or on all that has this part's name.
            strength: float in (0, 1]. Opacity.
            is_flat: True to leave it in the flat colours, too (spots that belong to a thing, not to the light).
            ink: 255 to ink the whole spot as well, 0 to wipe its ink away.
        """
        pixels = self._to_pixels(outline)
        box = self._box(pixels)
        if box is None:
            return
        rows, columns = box
        mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        cv2.fillPoly(mask, [fixed(pixels - (columns.start, rows.start))], 1, cv2.LINE_8, BITS)
        if inside is not None:
            mask &= self._where(inside, box)
        for plane in (self.color, self.flat) if is_flat else (self.color,):
            paint_where(plane[rows, columns], mask, color, strength)
        if ink is not None:
            cv2.copyTo(np.full_like(mask, ink), mask, self.ink[rows, columns])

    def blacken(self, part: str, since: int) -> None:
        """Fills a part with ink, as comics do with black hair and cloth; lines inside it become white gaps.

        Args:
            part: its name.
            since: number of a region; what was painted earlier stays.
        """
        mask = ((self.parts == self.labels.number(part)) & (self.regions >= since)).view(np.uint8)
        box = cv2.boundingRect(mask)
        if not box[2]:
            return
        rows, columns = slice(box[1], box[1] + box[3]), slice(box[0], box[0] + box[2])
        mask, ink = mask[rows, columns], self.ink[rows, columns]
        inner = cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=max(1, round(self._pen)))
        cv2.copyTo(np.full_like(ink, 255), mask - inner, ink)
        cv2.copyTo(255 - ink, inner, ink)

    @property
    def next_region(self) -> int:
        """The number that the next shape gets."""
        return self._count + 1

    def shadow(self, outline: np.ndarray, on: Shape, *, by: tuple[float, float]) -> None:
        """Lets a thing throw its shadow on a shape that lies under it."""
        if self.style.shading != "flat":
            self.dab(np.asarray(outline) + by, on.paint.shade, inside=on, strength=0.9)

    def finish(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """`(color, painted, lines, flat, regions, parts)` at the size of the picture."""
        size = (self.width, self.height)
        color, flat, ink = (cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
                            for plane in (self.color, self.flat, self.ink))  # fmt: skip
        ink_color = self.ink_color[::_SCALE, ::_SCALE]
        regions = np.ascontiguousarray(self.regions[::_SCALE, ::_SCALE])
        if self.style.texture:
            color = self._grained(color)
        if self.paper == _WHITE:  # neither grain nor the soft edges of shapes: white paper is white
            for plane in (color, flat):
                cv2.copyTo(np.full_like(plane, 255), (regions == 0).view(np.uint8), plane)
        if self.style.tone < 1 or self.style.tooth:
            ink = self._penciled(ink)
        alpha = cv2.merge([ink, ink, ink])
        under = cv2.multiply(color, 255 - alpha, scale=1 / 255)
        painted = cv2.add(under, cv2.multiply(np.ascontiguousarray(ink_color), alpha, scale=1 / 255))
        parts = np.ascontiguousarray(self.parts[::_SCALE, ::_SCALE])
        return color, painted, 255 - ink, flat, renumbered(regions, self._count), parts

    # Parts ------------------------------------------------------------------------------------------------------------

    def _step(self) -> float:
        return max(float(np.hypot(*self._frame[:, 0])), 1e-6)

    def _shake(self) -> float:
        return 0.6 * self.style.wobble / 512 * self._unit / self._step()

    def _to_pixels(self, points: np.ndarray) -> np.ndarray:
        return np.asarray(points, float) @ self._frame[:, :2].T + self._frame[:, 2]

    def _box(self, pixels: np.ndarray) -> tuple[slice, slice] | None:
        """Rows and columns that are touched, with room for the line; None where all of it lies outside."""
        margin = 3 * self._pen + 4
        low = np.maximum(np.floor(pixels.min(axis=0) - margin), 0).astype(int)
        high = np.minimum(np.ceil(pixels.max(axis=0) + margin) + 1, self.ink.shape[::-1]).astype(int)
        if (high <= low).any():
            return None
        return slice(low[1], high[1]), slice(low[0], high[0])

    def _mask(self, pixels: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
        rows, columns = box
        mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
        cv2.fillPoly(mask, [fixed(pixels - (columns.start, rows.start))], 255, cv2.LINE_8, BITS)
        return mask

    def _decorate(self, shape: Shape, box: tuple[slice, slice], pattern: Any, fade: Color | None) -> None:
        rows, columns = box
        mask = self._mask(shape.pixels, box)
        size = mask.shape[::-1]
        image = sheet(mask.shape[0], mask.shape[1], shape.paint.base)
        if fade is not None:
            image = cv2.resize(ramp(shape.paint.base, fade), size, interpolation=cv2.INTER_LINEAR)
        if pattern is not None:
            pattern(self, image, box)
        cv2.copyTo(image, mask, self.color[rows, columns])
        cv2.copyTo(image, mask, self.flat[rows, columns])

    def _shade(self, shape: Shape, box: tuple[slice, slice], *, depth: float, is_plain: bool) -> None:
        smallest = float(min(np.ptp(shape.pixels, axis=0)))
        reach = depth * self.style.depth * smallest
        is_hatched = self.style.hatch > 0 and smallest > 24 and self.random.random() < self.style.hatch
        if (self.style.shading == "flat" and not is_hatched) or smallest < 5:
            return
        toward = np.array(self.style.light)
        rows, columns = box
        corner = (columns.start, rows.start)
        part, mask = self.color[rows, columns], self._mask(shape.pixels, box)
        dark = without(mask, shape.pixels + reach * toward - corner)
        if is_hatched:
            self.pen.hatch(dark, corner, self._pen)
        if self.style.shading == "flat":
            return
        if self.style.shading in ("soft", "gradient") and is_plain:
            shade_softly(part, mask, shape.paint, self.style, reach)
        else:
            shade_hard(part, dark, shape.paint, is_plain=is_plain)
        if self.random.random() < self.style.shine:
            paint_where(part, without(mask, shape.pixels - 0.35 * reach * toward - corner), shape.paint.light, 0.8)

    def _where(self, inside: Shape | str, box: tuple[slice, slice]) -> np.ndarray:
        """`uint8[H, W]`, 1 where a shape or a part can be seen."""
        rows, columns = box
        if isinstance(inside, Shape):
            return (self.regions[rows, columns] == inside.number).view(np.uint8)
        return (self.parts[rows, columns] == self.labels.number(inside)).view(np.uint8)

    def _penciled(self, ink: np.ndarray) -> np.ndarray:
        """Ink as a pencil leaves it: paler, and with the grain of the paper."""
        strength = np.full(ink.shape, 256 * self.style.tone, np.float32)
        if self.style.tooth:
            strength *= 1 - self.style.tooth * self.random.random(ink.shape, np.float32)
        return cv2.multiply(ink, strength, scale=1 / 256, dtype=cv2.CV_8U)

    def _grained(self, color: np.ndarray) -> np.ndarray:
        """Paint with the unevenness of washes and paper."""
        random = self.random
        coarse = cv2.resize(random.standard_normal((9, 9), np.float32), (self.width, self.height),
                            interpolation=cv2.INTER_CUBIC)  # fmt: skip
        fine = random.standard_normal((self.height // 2 + 1, self.width // 2 + 1), np.float32)
        fine = cv2.resize(fine, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        grain = (self.style.texture * (5 * coarse + 3 * fine)).astype(np.int16)
        return np.clip(color + grain[..., None], 0, 255).astype(np.uint8)
