"""The blush of cheeks: a soft red below the eyes of a face that is seen from the front."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.pipelines.heads import heads
from s2p.pipelines.looking import Page
from s2p.pipelines.scene import Scene

_RED = (1.0, 0.72, 0.74)  # what the skin is multiplied with in the middle of it
_NEAR = 1.1  # heights of a head within which its eyes are looked for
_ALIKE, _LEVEL = 4.0, 0.4  # areas of two eyes, at most; how far from level they are, in the distance between them
_LEAST = 0.025  # short edges between two eyes, at least: in small faces it would be a spot
_BELOW, _APART = 0.42, 0.1  # of that distance: how far below an eye a cheek is, and how much further from the middle
_WIDE, _TALL = 0.24, 0.15  # the same: how far it reaches


def blush(page: Page, scene: Scene, skin: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """What the colours of a page are multiplied with, `float32[h, w, 3]` in [0, 1].

    Args:
        page, scene: the drawing.
        skin: `bool[h, w]`, where a blush may lie; of any size.
        known: its `cheeks`, which are looked for otherwise.
    """
    layer = np.ones((*skin.shape, 3), np.float32)
    if not skin.any():
        return layer
    scale = skin.shape[0] / page.inner[0]
    rows, columns = np.mgrid[: skin.shape[0], : skin.shape[1]].astype(np.float32)
    red = np.zeros(skin.shape, np.float32)
    for row, column, between in (cheeks(page, scene) if known is None else known).tolist():
        across = (columns - column * scale) / (_WIDE * between * scale)
        down = (rows - row * scale) / (_TALL * between * scale)
        np.maximum(red, np.exp(-(across**2) - down**2), out=red)
    return layer - (red * skin)[..., None] * (1.0 - np.array(_RED, np.float32))


def cheeks(page: Page, scene: Scene) -> np.ndarray:
    """Where cheeks are, `float64[N, 3]`: row, column, and the distance between the eyes, in px of the page."""
    labels = page.regions.labels[: page.inner[0], : page.inner[1]]
    features = (scene.is_shown("iris") | scene.is_shown("eye white"))[labels].astype(np.uint8)
    if not features.any():
        return np.zeros((0, 3))
    # The parts of an eye touch each other but for the lines between them.
    joined = cv2.dilate(features, np.ones((5, 5), np.uint8))
    _, _, about, middles = cv2.connectedComponentsWithStats(joined)
    areas = about[:, cv2.CC_STAT_AREA]
    found = []
    for head in heads(page, scene):
        far = np.hypot(middles[:, 0] - head.x, middles[:, 1] - head.y)
        near = [k for k in range(1, len(areas)) if far[k] < _NEAR * head.height]
        if len(near) < 2:
            continue
        (x0, y0), (x1, y1) = middles[sorted(near, key=lambda k: -areas[k])[:2]]
        first, second = sorted((float(areas[k]) for k in near), reverse=True)[:2]
        between = float(np.hypot(x1 - x0, y1 - y0))
        is_pair = first <= _ALIKE * second and abs(y1 - y0) <= _LEVEL * between
        if not is_pair or between < _LEAST * min(page.inner):
            continue
        # Down is across the line between the eyes.
        right = np.array([x1 - x0, y1 - y0]) / between * (1.0 if x1 > x0 else -1.0)
        down, centre = np.array([-right[1], right[0]]), np.array([x0 + x1, y0 + y1]) / 2
        for side in (-1.0, 1.0):
            x, y = centre + right * side * (0.5 + _APART) * between + down * _BELOW * between
            found.append((float(y), float(x), between))
    return np.array(found, np.float64).reshape(-1, 3)
