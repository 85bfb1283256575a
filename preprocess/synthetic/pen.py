"""The pen: outlines, open lines and hatching in the manner of a style. All places are canvas pixels."""

from __future__ import annotations

import cv2
import numpy as np

from .paints import Color, Paint
from .raster import draw_line
from .style import Style

_INK: Color = (22, 18, 24)


class Pen:
    """Draws on a plane of ink and on one of ink colours.

    Args:
        ink: `uint8[H, W]`, 255 = ink.
        colors: `uint8[H, W, 3]`, the colour of ink where there is some.
        style: the manner.
        generator: of all chance.
    """

    def __init__(self, ink: np.ndarray, colors: np.ndarray, style: Style, generator: np.random.Generator) -> None:
        self.ink, self.colors, self.style, self.random = ink, colors, style, generator

    def outline(self, pixels: np.ndarray, width: float, brush: Paint) -> None:
        """A closed line, heavier away from the light, as inkers do."""
        count = len(pixels)
        if count < 3:
            return
        closed = np.vstack([pixels, pixels[:1]])
        along = np.diff(closed, axis=0)
        outward = np.stack([along[:, 1], -along[:, 0]], axis=1)
        outward /= np.maximum(np.hypot(*outward.T), 1e-9)[:, None]
        x, y = pixels.T
        if float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) < 0:  # drawn the other way round
            outward = -outward
        away = -(outward @ np.array(self.style.light))
        widths = width * (1 + 0.35 * self.style.taper * away)
        widths = widths * (1 + 0.12 * self.style.taper * self._waves(count))
        if self.style.sketch and count > 11:
            self._sketched(pixels, widths, brush)
            return
        # the long way around a pen sets off: cut the loop at the lightest place
        start = int(np.argmin(away))
        order = np.r_[start:count, 0 : start + 1]
        self._draw(closed[order % count], widths[order % count], brush, is_own=False)

    def line(self, pixels: np.ndarray, width: float, brush: Paint | None, *, taper: float, is_own: bool) -> None:
        """An open line, thinner at both ends."""
        widths = width * self._pressure(len(pixels), taper)
        self._draw(pixels, widths, brush, is_own=is_own)
        for _ in range(self.style.sketch - 1):
            if self.random.random() < 0.6:
                self._draw(self._beside(pixels, width), 0.7 * widths, brush, is_own=is_own)

    def hatch(self, dark: np.ndarray, corner: tuple[int, int], width: float) -> None:
        """Parallel strokes where `dark uint8[H, W]` is set; `corner` is its place, x and y."""
        height, wide = dark.shape
        random = self.random
        angle = float(random.normal(-0.9, 0.25))
        step = max(3.2 * width, 5.0) * float(random.uniform(0.9, 1.6))
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        reach = 0.5 * float(np.hypot(height, wide))
        strokes = np.zeros_like(dark)
        middle = np.array([wide / 2, height / 2])
        for distance in np.arange(-reach, reach, step):
            start = middle + (distance + random.normal(0, 0.15 * step)) * across
            bow = start + random.normal(0, 0.5 * step) * across
            places = np.stack([start - reach * along, bow, start + reach * along])
            draw_line(strokes, places, np.full(3, 0.7 * width), 255)
        gaps = cv2.resize(random.random((height // 24 + 2, wide // 24 + 2), np.float32), (wide, height))
        part = self.ink[corner[1] : corner[1] + height, corner[0] : corner[0] + wide]
        cv2.max(part, cv2.bitwise_and(strokes, strokes, mask=dark & (gaps > 0.25).view(np.uint8) * 255), dst=part)

    # Parts ------------------------------------------------------------------------------------------------------------

    def _draw(self, pixels: np.ndarray, widths: np.ndarray, brush: Paint | None, *, is_own: bool) -> None:
        if self.style.broken and self.random.random() < self.style.broken:
            widths = self._with_gaps(pixels, widths)
        draw_line(self.ink, pixels, widths, 255)
        if is_own and brush is not None:
            draw_line(self.colors, pixels, widths + 4, brush.base, is_soft=False)
        elif self.style.line_color == "own":
            draw_line(self.colors, pixels, widths + 4, _INK if brush is None else brush.line, is_soft=False)

    def _sketched(self, pixels: np.ndarray, widths: np.ndarray, brush: Paint) -> None:
        """The outline in several strokes that overlap and miss each other a little."""
        random, count = self.random, len(pixels)
        pieces = int(random.integers(2, 6))
        cuts = np.sort(random.integers(0, count, pieces))
        for number, start in enumerate(cuts):
            end = int(cuts[(number + 1) % pieces]) + (count if number == pieces - 1 else 0)
            for stroke in range(self.style.sketch):
                more = random.integers(0, 1 + count // 10, 2)
                order = np.arange(start - more[0], end + more[1] + 1) % count
                if len(order) < 3 or (stroke and random.random() < 0.3):
                    continue
                run, width = pixels[order], float(widths.mean())
                pressed = widths[order] * self._pressure(len(order), max(self.style.taper, 0.6))
                self._draw(self._beside(run, width) if stroke else run, pressed * (0.75 if stroke else 1), brush,
                           is_own=False)  # fmt: skip

    def _beside(self, pixels: np.ndarray, width: float) -> np.ndarray:
        """The same way once more, as by a hand that does not hit it exactly."""
        ends = self.random.normal(0, 0.9 * max(width, 1.6), (2, 2))
        share = np.linspace(0, 1, len(pixels))[:, None]
        return pixels + (1 - share) * ends[0] + share * ends[1]

    def _pressure(self, count: int, taper: float) -> np.ndarray:
        t = np.linspace(0, 1, count)
        ends = np.minimum(1, np.minimum(t / 0.35, (1 - t) / 0.45) + 0.08)
        return (1 - taper) + taper * ends**0.8

    def _waves(self, count: int) -> np.ndarray:
        t = np.linspace(0, 2 * np.pi, count)
        a, b, c = self.random.uniform(0, 2 * np.pi, 3)
        return (np.sin(2 * t + a) + np.sin(3 * t + b) + np.sin(7 * t + c)) / 2

    def _with_gaps(self, pixels: np.ndarray, widths: np.ndarray) -> np.ndarray:
        """Widths with gaps, most of them at bends: where a pen is lifted."""
        count = len(pixels)
        widths = widths.copy()
        along = np.diff(pixels, axis=0, prepend=pixels[-1:])
        heading = np.arctan2(along[:, 1], along[:, 0])
        bends = np.argsort(np.abs(np.angle(np.exp(1j * np.diff(heading, append=heading[:1])))))[-6:]
        for _ in range(int(self.random.integers(1, 3))):
            middle = int(self.random.choice(bends)) if self.random.random() < 0.6 else int(self.random.integers(count))
            half = count * self.random.uniform(0.01, 0.05) + 1
            distance = np.abs(np.arange(count) - middle)
            widths = widths * np.clip((distance - half) / max(half, 1.0), 0, 1)
        return widths
