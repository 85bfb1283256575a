"""Lifts the black ink off a finished picture, where a picture has black outlines over clearly lighter colours.

Cartoons, comics and symbols are often drawn so. Their ink is then known exactly, which gives true pairs of colours and
lines without asking the artist for layers; what is painted without outlines is refused, not guessed.
"""

from __future__ import annotations

import cv2
import numpy as np

INK, PAINT = 90, 150  # brightest channel: below the first there is ink, above the second there is none
SOLID = 15  # px; ink that is wider is a filled shape, of which only the outline is line art
_RIM = 2


def separate_ink(image: np.ndarray, *, hollowed: bool = True) -> np.ndarray | None:
    """The lines of an outlined picture, or None where its ink cannot be told from its paint.

    A picture qualifies where dark pixels are dark indeed and mostly strokes, hardly anything lies between ink and
    paint, and most of the edges between colours run along ink.

    Args:
        image: `uint8[H, W, 3]` RGB, short edge about 512.
        hollowed: whether filled shapes become outlines (`hollow`).

    Returns:
        `uint8[H, W]`, 255 = paper.
    """
    brightest = _largest(image)
    core = (brightest < INK).astype(np.uint8)
    share = float(core.mean())
    if not 0.008 < share < 0.3:
        return None
    if np.median(brightest[core > 0]) > 60:
        return None
    if cv2.morphologyEx(core, cv2.MORPH_OPEN, _disk(SOLID)).sum() > 0.5 * core.sum():
        return None
    near = cv2.dilate(core, _disk(9))
    between = (brightest < PAINT) & (near == 0)
    if between.mean() > 0.01:
        return None
    if _outlined(image, core) < 0.75:
        return None
    alpha = np.clip((PAINT - brightest.astype(np.float32)) / (PAINT - 40.0), 0, 1)
    ink = 255 - np.rint(alpha * (cv2.dilate(core, _disk(5)) > 0) * 255).astype(np.uint8)
    outlines = hollow(ink)
    if (outlines < 128).mean() < 0.006:
        return None
    return outlines if hollowed else ink


def hollow(lines: np.ndarray, *, widest: int = SOLID) -> np.ndarray:
    """Opens filled shapes: of ink wider than `widest` px only a rim of two pixels stays.

    Args:
        lines: `uint8[H, W]`, 255 = paper.
    """
    dark = (lines < 128).astype(np.uint8)
    solid = np.asarray(cv2.dilate(cv2.morphologyEx(dark, cv2.MORPH_OPEN, _disk(widest)), _disk(3)), np.uint8) & dark
    inside = cv2.erode(solid, _disk(2 * _RIM + 1), borderValue=1)
    if not inside.any():
        return lines
    soft = cv2.GaussianBlur(inside.astype(np.float32), (3, 3), 0)
    return np.rint(lines + (255.0 - lines) * soft).astype(np.uint8)


def _outlined(image: np.ndarray, core: np.ndarray) -> float:
    """Share of the colour edges that run along ink."""
    smooth = cv2.GaussianBlur(image, (0, 0), 1.0)
    step = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    step = _largest(step) > 30
    count = int(step.sum())
    return float((step & (cv2.dilate(core, _disk(9)) > 0)).sum()) / count if count else 0.0


def _largest(image: np.ndarray) -> np.ndarray:
    # A reduction over an axis of three takes ten times as long.
    return np.maximum(np.maximum(image[..., 0], image[..., 1]), image[..., 2])


def _disk(size: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
