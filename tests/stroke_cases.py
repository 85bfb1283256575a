"""What tests of `s2p.strokes` share: the kinds of stroke, some strokes of one kind, and a picture to paint."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.strokes.layouts import LAYOUTS, Strokes, layout_of

ALL = tuple(LAYOUTS)


def strokes_of(name: str, count: int = 12, *, seed: int = 0, aspect: float = 1.0, canvas: str = "#ffffff") -> Strokes:
    """Random strokes of reasonable sizes in the middle of a canvas."""
    layout, rng = layout_of(name), np.random.default_rng(seed)
    values = rng.uniform(0.0, 1.0, (count, layout.size)).astype(np.float32)
    for axis in layout.places:
        values[:, list(axis)] = rng.uniform(0.25, 0.75, (count, 2))
    values[:, list(layout.sizes)] = rng.uniform(0.12, 0.4, (count, len(layout.sizes)))
    return Strokes(name, values, aspect, canvas)


def picture(height: int = 96, width: int = 128) -> np.ndarray:
    """A round thing on a ground of two tones."""
    image = np.full((height, width, 3), (60, 90, 150), np.uint8)
    image[height // 2 :] = (150, 110, 70)
    cv2.circle(image, (width // 2, height // 2), height // 4, (230, 60, 40), -1, cv2.LINE_AA)
    return image
