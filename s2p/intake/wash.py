"""Ink apart from paint that lies unevenly: strokes of markers and coloured pencils with gaps between them, and washes.

Paint that is mixed with the white of paper gets paler and loses its colour in one proportion, which every paint has its
own of; ink darkens without a colour. So the colour of a pixel tells how much of its darkness is paint.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from s2p.intake.sight import channel_maximum, closed, opened, reach_of, square, strokes
from s2p.lineart import channel_minimum

_COLOR = 24  # levels between channels of what is paint
_TINTED = 0.2  # of its darkness: less colour is that of ink
_COVERED = 0.45  # of an area of strokes: paint
_INKED, _INK = 0.004, 48  # of the page, and levels: lines without a colour, else coloured strokes are the lines
_BUSY = 0.2  # of the surroundings: lines do not lie closer
_AROUND, _NEAR = 6, 2  # times the reach: how far is looked for what is busy, and for paint
_PURE, _STEEPEST = 0.75, 4.0  # share of light that ink leaves of paint; the darkest paint


@dataclass(frozen=True)
class Wash:
    """Paint that lies unevenly.

    Attributes:
        where: `bool[h, w]`.
        slope: `float32[h, w]`, levels of darkness of its lightest channel for each level between its channels.
        color: `uint8[h, w, 3]`, RGB, the paint of every place.
    """

    where: np.ndarray
    slope: np.ndarray
    color: np.ndarray

    def at(self, shape: tuple[int, ...]) -> np.ndarray:
        """Where it lies on a page of another size, `bool[H, W]`."""
        return cv2.resize(self.where.astype(np.uint8), shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0

    def ink(self, image: np.ndarray) -> np.ndarray:
        """A picture, `uint8[H, W, 3]`, without its paint, `uint8[H, W]`, 255 = no ink."""
        high, low = channel_maximum(image), channel_minimum(image)
        slope = self.slope if self.slope.shape == high.shape else cv2.resize(self.slope, high.shape[::-1])
        result = np.empty_like(high)
        for top in range(0, len(high), 64):
            strip = slice(top, top + 64)
            result[strip] = np.minimum(high[strip] + slope[strip] * (high[strip] - low[strip]), 255.0)
        return result


def strokes_of_paint(image: np.ndarray) -> np.ndarray:
    """Areas of coloured strokes side by side, `uint8[H, W]` of 0 and 1, on a page with lines of ink without colour."""
    high, low = channel_maximum(image), channel_minimum(image)
    chroma = high - low
    paint = ((chroma >= _COLOR) & (chroma >= _TINTED * (255.0 - low))).astype(np.uint8)
    if not paint.any():
        return paint
    ink = (strokes(high)[0] > _INK) & (paint == 0)
    if ink.mean() < _INKED:
        return np.zeros_like(paint)
    radius = reach_of(paint.shape)
    whole = closed(paint, radius)
    area = opened(whole, 2 * radius)
    count, parts = cv2.connectedComponents(area, connectivity=4)
    parts = np.asarray(parts, np.int32)
    sizes, painted = (np.bincount(parts.ravel(), one, count) for one in (None, paint.ravel()))
    is_paint = painted >= _COVERED * sizes
    is_paint[0] = False
    sure = is_paint[parts].astype(np.uint8)
    return np.asarray(cv2.dilate(sure, square(2 * radius)), np.uint8) & whole  # with the ends of its strokes


def wash_of(image: np.ndarray, colored: np.ndarray, lines: np.ndarray) -> Wash | None:
    """The paint in areas that are full of what looks like lines; None without such.

    Args:
        image: `uint8[H, W, 3]`.
        colored: `bool[H, W]`.
        lines: `uint8[H, W]`, 255 = none.
    """
    radius = reach_of(colored.shape)
    where = colored & (_mean(((lines < 200) & colored).astype(np.float32), _AROUND * radius)
                       >= _BUSY * _mean(colored.astype(np.float32), _AROUND * radius))
    if not where.any():
        return None
    high, low = (one.astype(np.float32) for one in (channel_maximum(image), channel_minimum(image)))
    chroma, dark = high - low, 255.0 - high
    weight = (chroma >= _COLOR / 2).astype(np.float32)
    slope = np.zeros_like(high)
    for _ in range(3):
        above, below = (_mean(weight * chroma * one, _NEAR * radius) for one in (dark, chroma))
        slope = np.clip(above / np.maximum(below, 1e-3), 0.0, _STEEPEST)
        weight = ((chroma >= _COLOR / 2) & (high + slope * chroma >= _PURE * 255.0)).astype(np.float32)
    strong = weight * chroma**2
    total = np.maximum(_mean(strong, _NEAR * radius), 1e-3)
    color = cv2.merge([_mean(strong * one, _NEAR * radius) / total for one in cv2.split(image.astype(np.float32))])
    return Wash(where, slope.astype(np.float32), np.clip(color, 0, 255).astype(np.uint8))


def _mean(values: np.ndarray, radius: int) -> np.ndarray:
    return cv2.blur(values, (2 * radius + 1, 2 * radius + 1))
