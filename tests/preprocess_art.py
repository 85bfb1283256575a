"""Small drawings made in code for the tests of the preprocessing suite."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from s2p.image import save_image


def drawing(seed: int = 0, *, height: int = 160, width: int = 192) -> np.ndarray:
    """A flat-coloured cartoon with dark outlines, `uint8[H, W, 3]` RGB; different for every seed."""
    generator = np.random.default_rng(seed)
    page = np.full((height, width, 3), generator.integers(190, 255, 3), np.uint8)
    for _ in range(7):
        center = (int(generator.integers(10, width - 10)), int(generator.integers(10, height - 10)))
        radius = int(generator.integers(8, min(height, width) // 3))
        color = [int(v) for v in generator.integers(40, 250, 3)]
        cv2.circle(page, center, radius, color, -1, cv2.LINE_AA)
        cv2.circle(page, center, radius, (20, 16, 24), 2, cv2.LINE_AA)
    return page


def fill_folder(folder: Path, count: int, *, start: int = 0) -> None:
    """Writes `count` drawings as PNG and JPEG, in two subfolders."""
    for number in range(start, start + count):
        target = folder / ("a" if number % 3 else "b") / f"{number}.{'png' if number % 2 else 'jpg'}"
        target.parent.mkdir(parents=True, exist_ok=True)
        save_image(drawing(number), target)
