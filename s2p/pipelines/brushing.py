"""Lays what a brush adds to the regions of hints, or takes from them, over a filled drawing.

What is added has the hint's colour, whatever lay there. What is taken, where the colour of the hint lies, is as it
would be if there were no hint of that colour: another hint of the region goes on there, else often the bare paper.
Strokes are laid hint by hint, in the order of both, so the last one wins.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from s2p.brush import BrushStroke
from s2p.hints import Hints

_BITS = 4  # of a px that places are drawn by


def is_brushed(hints: Hints) -> bool:
    """Whether there is anything to lay."""
    return any(hint.brush for hint in hints)


def brushed(
    colors: np.ndarray, hints: Hints, without: Callable[[str], np.ndarray], check: Callable[[], None] = lambda: None
) -> np.ndarray:
    """A filled drawing with what brushes added and took.

    Args:
        colors: `uint8[H, W, 3]`, RGB, what the hints fill, without lines.
        hints: in shares of the drawing.
        without: what is filled, `uint8[H, W, 3]`, by the hints that have another colour than `#rrggbb`.
        check: called before every stroke; what it raises ends the work.
    """
    found = colors.copy()
    palette = np.unique(np.array([[255, 255, 255], *(hint.rgb for hint in hints)], np.int32), axis=0)
    for hint in hints:
        for stroke in hint.brush:
            check()
            cover, place = covered(stroke, colors.shape)
            here, under = found[place], cover > 0
            share = cover[under][:, None]
            if stroke.adds:
                laid: np.ndarray = np.array(hint.rgb, np.float32)
            else:
                share = share * _is_nearest(here[under], palette, hint.rgb)[:, None]
                laid = without(hint.color)[place][under]
            here[under] = np.rint(share * laid + (1.0 - share) * here[under]).astype(np.uint8)
    return found


def covered(stroke: BrushStroke, shape: tuple[int, ...]) -> tuple[np.ndarray, tuple[slice, slice]]:
    """How much of the pixels of a picture of `shape` a stroke covers; it is at least one wide.

    Returns: `float32[h, w]` in [0, 1], and the rows and columns of the picture that this is of.
    """
    height, width = shape[:2]
    thickness = max(round(stroke.width * min(height, width)), 1)
    places = np.array(stroke.path, np.float64) * (width, height) - 0.5
    reach = thickness / 2 + 2
    left, top = np.clip(np.floor(places.min(0) - reach), 0, (width - 1, height - 1)).astype(int).tolist()
    far = np.ceil(places.max(0) + reach) + 1
    right, bottom = np.clip(far, (left + 1, top + 1), (width, height)).astype(int).tolist()
    mask = np.zeros((bottom - top, right - left), np.uint8)
    points = np.rint((places - (left, top)) * (1 << _BITS)).astype(np.int32)
    if len(points) > 1:
        cv2.polylines(mask, [points[:, None]], False, 255, thickness, cv2.LINE_AA, _BITS)
    radius = round(thickness / 2 * (1 << _BITS))
    for x, y in points[[0, -1]].tolist():
        cv2.circle(mask, (x, y), radius, 255, cv2.FILLED, cv2.LINE_AA, _BITS)
    return mask.astype(np.float32) / np.float32(255.0), (slice(top, bottom), slice(left, right))


def _is_nearest(pixels: np.ndarray, palette: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    """Whether no colour of a palette is nearer to pixels, `uint8[N, 3]`, than one of it; `bool[N]`."""
    from scipy.spatial import KDTree

    values = pixels.astype(np.int32)
    found, which = np.unique(values @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True)
    colors = np.stack([found >> 16, found >> 8 & 255, found & 255], -1)
    nearest = palette[KDTree(palette).query(colors)[1]]
    is_own = ((colors - rgb) ** 2).sum(-1) <= ((colors - nearest) ** 2).sum(-1)
    return is_own[which.reshape(-1)]
