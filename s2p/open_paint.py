"""The paint beside every line: what tints the ink, and what takes the place of painted lines.

It comes from a pyramid filled from open paper only ("push-pull"; Gortler and others, The Lumigraph, 1996): a line takes
the paint that is nearest, and never the darkness of another line. It is smooth, so it is made on a small copy of the
page, and only where there is ink.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from s2p.tone import tones_of

THIN = 24  # alpha up to which paint under a line is believed
_PIXELS = 400_000  # of the copy of the page
_NEAR, _LEAST = 1 / 80, 8  # of the page's short edge, and px: paint further away tints no line
_FULL = 4.0  # a place with a quarter of open paper counts as well as one with nothing else
_BLOCK = np.ones((3, 3), np.uint8)


def open_paint(colors: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The open paint that is nearest, on a small copy of the page.

    Single pixels are taken from the page, not means, which would mix what lies under ink into it.

    Args:
        colors: `uint8[H, W, 3]`, RGB.
        alpha: `uint8[H, W]`, of `s2p.overlay.ink`.

    Returns: `float32[h, w, 4]`: RGB 0..255 times how sure it is, and how sure it is, in [0, 1].
    """
    size = small_size(alpha.shape)
    paint, hidden = (cv2.resize(one, size[::-1], interpolation=cv2.INTER_NEAREST) for one in (colors, alpha))
    return paint_between(paint, hidden)


def paint_between(colors: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """`open_paint` of the pixels that it takes from a page, `uint8[h, w, 3]` and `uint8[h, w]`."""
    weight = np.float32(1.0) - cv2.LUT(alpha, ramp_table(0, THIN)).astype(np.float32) / np.float32(255.0)
    return _filled(colors.astype(np.float32) * weight[..., None], weight, alpha.shape)


def line_tones(alpha: np.ndarray, near: np.ndarray) -> np.ndarray:
    """The tint of lines, `uint8[h, w, 3]`, RGB, of the size of `near`, which is of `open_paint`."""
    return tones_of_core(line_core(alpha, near.shape), near)


def line_core(alpha: np.ndarray, small: tuple[int, ...]) -> np.ndarray:
    """How much of a line lies about every place of a small copy of the page, `uint8[h, w]`, of `uint8[H, W]`."""
    return cv2.resize(cv2.dilate(alpha, _BLOCK), small[1::-1], interpolation=cv2.INTER_AREA)


def tones_of_core(core: np.ndarray, near: np.ndarray) -> np.ndarray:
    """`line_tones` of `line_core`."""
    small = near.shape[:2]
    is_ink = cv2.dilate(core, _BLOCK) > 0  # one more pixel, for enlarging mixes neighbours
    tones = np.zeros((*small, 3), np.uint8)
    if is_ink.any():
        tones[is_ink] = tones_of(near[is_ink], cv2.dilate(core, np.ones((5, 5), np.uint8))[is_ink])
    return tones


@lru_cache(maxsize=4)
def ramp_table(start: int, end: int) -> np.ndarray:
    """What rises from 0 at the level `start` to 255 at `end`, `uint8[256]`, for `cv2.LUT`."""
    return np.rint(255.0 * np.clip((np.arange(256) - start) / (end - start), 0.0, 1.0)).astype(np.uint8)


def small_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Height and width of the small copy of a page of `shape`."""
    factor = max(1.0, np.sqrt(shape[0] * shape[1] / _PIXELS))
    return max(1, round(shape[0] / factor)), max(1, round(shape[1] / factor))


def _filled(paint: np.ndarray, weight: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Every place with the paint that is nearest over any distance up to `_NEAR`.

    Args:
        paint: `float32[h, w, 3]`, RGB 0..255, times `weight`.
        weight: `float32[h, w]` in [0, 1].

    Returns: `float32[h, w, 4]`: RGB 0..255 times how sure it is, and how sure it is, in [0, 1].
    """
    levels = [np.dstack([paint, weight])]
    block = 1
    while block < max(_NEAR * min(size), _LEAST) and max(levels[-1].shape[:2]) > 1:
        rows, columns = levels[-1].shape[:2]
        half = (max(1, (columns + 1) // 2), max(1, (rows + 1) // 2))
        levels.append(cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA))
        block *= 2
    full: np.ndarray | None = None
    while levels:
        level = levels.pop()
        sure = np.minimum(level[..., 3] * np.float32(_FULL), 1.0)
        scaled = level * (sure / np.maximum(level[..., 3], 1e-6))[..., None]
        if full is not None:
            above = cv2.resize(full, level.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            scaled += above * (1.0 - sure)[..., None]
        full = scaled
    assert full is not None
    return full
