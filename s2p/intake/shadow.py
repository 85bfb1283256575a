"""Shadows that a hand, a head or a telephone casts on paper: dark, with an edge that may be sharp, and no tone of ink.

A tone ends at lines; a shadow comes in over the edge of the page and runs across whatever is drawn.
"""

from __future__ import annotations

import cv2
import numpy as np

from s2p.intake.paper import surface_of
from s2p.intake.sight import disc, opened, reach_of, square, strokes

_DARKER, _DARKEST = 0.9, 0.3  # of the light around: what may be a shadow
_PART = 0.01  # of the page: the smallest one
_TINTED = 0.14  # by how much its channels may differ, as shares of the light around
_INK = 28  # levels by which ink is darker than what lies around it
_DRAWN = 0.35  # share of an edge along ink from which on it was drawn


def shadow_in(image: np.ndarray) -> np.ndarray | None:
    """How much light is left at every place, `float32[H, W]` in (0, 1]; None where nothing casts a shadow.

    Args:
        image: `uint8[H, W, 3]`, RGB, a photographed drawing.
    """
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    radius = reach_of(gray.shape)
    bare = cv2.medianBlur(cv2.morphologyEx(gray, cv2.MORPH_CLOSE, disc(radius)), 2 * radius + 1)
    left = bare.astype(np.float32) / surface_of(cv2.merge([bare] * 3), bare.shape)
    dark = opened((left < _DARKER).astype(np.uint8), 2 * radius)
    count, parts, about, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
    ink = cv2.dilate((strokes(gray)[0] > _INK).astype(np.uint8), square(radius // 2 + 1))
    found = np.zeros(gray.shape, np.uint8)
    for part in range(1, count):
        own = parts == part
        if about[part, cv2.CC_STAT_AREA] >= _PART * own.size and _is_cast(own, left, image, dark, ink):
            found[own] = 1
    if not found.any():
        return None
    around = cv2.GaussianBlur(cv2.dilate(found, square(3 * radius)).astype(np.float32), (0, 0), radius)
    return np.maximum(1.0 - around * (1.0 - np.minimum(left, 1.0)), 0.1)


def without_shadow(image: np.ndarray, left: np.ndarray) -> np.ndarray:
    """A picture, `uint8[H, W(, 3)]`, as if the light were the same everywhere; `left` is `shadow_in`'s, of any size."""
    full = left if left.shape == image.shape[:2] else cv2.resize(left, image.shape[1::-1])
    result = np.empty_like(image)
    for top in range(0, len(image), 64):
        strip = slice(top, top + 64)
        light = full[strip] if image.ndim == 2 else full[strip, :, None]
        result[strip] = np.clip(image[strip] / light + np.float32(0.5), 0, 255)
    return result


def _is_cast(own: np.ndarray, left: np.ndarray, image: np.ndarray, dark: np.ndarray, ink: np.ndarray) -> bool:
    """Whether a dark part of the page, `bool[H, W]`, is a shadow."""
    if not (own[[0, -1]].any() or own[:, [0, -1]].any()) or np.median(left[own]) < _DARKEST:
        return False
    light = np.median(image[own], axis=0) / np.maximum(np.median(image[dark == 0], axis=0), 1.0)
    if np.ptp(light) > _TINTED:
        return False
    edge = own & (cv2.erode(own.astype(np.uint8), square(1)) == 0)
    return bool(edge.any() and ink[edge].mean() < _DRAWN)
