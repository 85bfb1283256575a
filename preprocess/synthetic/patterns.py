"""Patterns on cloth and other things: functions that draw on a copy of the paint before it is cut out."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from .paints import Color, mixed, pick

Pattern = Callable[..., None]


def random_pattern(random: np.random.Generator, *, color: Color | None = None) -> Pattern:
    """Stripes, checks, dots or speckles in a colour that goes with the paint below.

    Args:
        random: chooses kind, size and direction once; every use draws the same.
        color: of the figures; any by default.
    """
    kind = str(random.choice(["stripes", "bands", "checks", "dots", "speckles"]))
    step, angle = float(random.uniform(0.02, 0.06)), float(random.choice([0, np.pi / 2, np.pi / 4]))
    tone = pick("cloth", random).base if color is None else color
    strength = float(random.uniform(0.35, 1.0))
    seed = int(random.integers(2**31))

    def pattern(canvas: object, image: np.ndarray, box: tuple[slice, slice]) -> None:
        height, width = image.shape[:2]
        base: Color = tuple(int(v) for v in image[height // 2, width // 2])  # type: ignore[assignment]
        ink = mixed(base, tone, strength)
        pixels = max(6, round(step * min(canvas.ink.shape)))  # type: ignore[attr-defined]
        top, left = box[0].start, box[1].start
        if kind in ("stripes", "bands"):
            _stripes(image, ink, pixels, angle, top, left, thick=0.5 if kind == "stripes" else 0.25)
        elif kind == "checks":
            _stripes(image, mixed(base, ink, 0.6), pixels, 0, top, left, thick=0.5)
            _stripes(image, ink, pixels, np.pi / 2, top, left, thick=0.3)
        elif kind == "dots":
            for row, y in enumerate(range(-(top % pixels), height + pixels, pixels)):
                for x in range(-(left % pixels) + (row % 2) * pixels // 2, width + pixels, pixels):
                    cv2.circle(image, (x, y), max(1, pixels // 4), ink, -1)
        else:
            places = np.random.default_rng(seed).random((int(3 + height * width / pixels**2 / 2), 3))
            for x, y, size in places:
                cv2.circle(image, (int(x * width), int(y * height)), max(1, int(size * pixels / 4)), ink, -1)

    return pattern


def _stripes(image: np.ndarray, color: Color, step: int, angle: float, top: int, left: int, *, thick: float) -> None:
    height, width = image.shape[:2]
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    reach = float(height + width)
    corner = np.array([left, top])
    offset = float(corner @ across) % step
    for distance in np.arange(-reach - offset, reach, step):
        middle = distance * across
        cv2.line(
            image, _pixel(middle - reach * along), _pixel(middle + reach * along), color, max(1, round(thick * step))
        )


def _pixel(point: np.ndarray) -> tuple[int, int]:
    return int(point[0]), int(point[1])
