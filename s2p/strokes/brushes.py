"""Brushes, made by procedure: what a loaded brush leaves on a canvas, as alpha and tone.

An oil brush is a comb of bristles. Each carries its own load of paint and leaves a ridge; where the load is used up,
the ridge breaks. Light from the upper left shows the ridges. Nothing here is drawn from a picture.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

VARIANTS = 5  # of each kind, so that neighbours are no copies of each other
LIGHTS = 8  # directions of the light, seen from the stroke
HALF_LENGTH, HALF_WIDTH = 0.46, 0.42  # of the box's full extents, what paint covers
_SIZE = {"large": (512, 1024), "small": (128, 256)}
_BRISTLES = {"large": 64, "small": 18}
_RELIEF = {"large": 0.15, "small": 0.19}  # how dark the far side of a ridge is


@lru_cache(maxsize=2 * VARIANTS * LIGHTS)
def oil(kind: str, variant: int, light: int) -> tuple[np.ndarray, ...]:
    """A stroke of oil paint from left to right, at full size and halved again and again.

    Args:
        kind: `large` or `small`, a broad brush or one with few bristles.
        variant: int in [0, VARIANTS).
        light: int in [0, LIGHTS). Where the light comes from, in eighths of a turn clockwise from the right.

    Returns: pyramid of `float32[h, w, 2]`: alpha in [0, 1], and tone in [0, 1] with which the colour is multiplied.
    """
    alpha, height = _oil_paint(kind, variant)
    angle = 2 * np.pi * light / LIGHTS
    rise_y, rise_x = np.gradient(height)
    lit = -(rise_x * np.cos(angle) + rise_y * np.sin(angle))
    lit = np.clip(lit / (2.5 * lit.std() + 1e-6), -1.0, 1.0)
    # White paint must stay white: what faces the light has the full colour, and shadows are few.
    tone = 1.0 - _RELIEF[kind] * np.clip(0.12 - lit, 0.0, 1.0) - 0.08 * np.clip(0.45 - height, 0.0, 1.0)
    levels: list[np.ndarray] = [np.dstack([alpha, tone]).astype(np.float32)]
    while min(levels[-1].shape[:2]) > 8:
        levels.append(np.ascontiguousarray(cv2.pyrDown(levels[-1])))
    return tuple(levels)


@lru_cache(maxsize=2 * VARIANTS)
def _oil_paint(kind: str, variant: int) -> tuple[np.ndarray, np.ndarray]:
    """Alpha and height of the paint, `float32[h, w]` in [0, 1]."""
    rows, columns = _SIZE[kind]
    rng = np.random.default_rng([7, variant, rows])
    x = (np.arange(columns, dtype=np.float32) + 0.5)[None] / columns * 2 - 1  # along the stroke
    y = (np.arange(rows, dtype=np.float32) + 0.5)[:, None] / rows * 2 - 1  # across
    bristles = _BRISTLES[kind]
    comb = _noise(rng, rows, bristles) * 0.6 + _noise(rng, rows, bristles * 3) * 0.4  # how high each one leaves paint
    drift = _field(rng, (rows, columns), (bristles, 5))  # and how that changes on the way
    ridge = np.clip(0.5 + 0.55 * comb[:, None] + 0.35 * drift, 0.0, 1.0)

    # The ends: bristles touch down and lift off one by one; the far end is the drier one.
    rag = _noise(rng, rows, bristles)
    bow = 0.10 * y[:, 0] ** 2
    start = -2 * HALF_LENGTH + bow + 0.05 * np.abs(rag) + 0.03 * _noise(rng, rows, 5)
    end = 2 * HALF_LENGTH - bow - 0.16 * np.abs(_noise(rng, rows, bristles)) - 0.06 * (1 + _noise(rng, rows, 4))
    side = 2 * HALF_WIDTH - 0.035 * (1 + _noise(rng, columns, 9)) - 0.012 * _noise(rng, columns, 60)
    edge = np.minimum(np.minimum(x - start[:, None], end[:, None] - x) * 1.4, side[None] - np.abs(y))
    soft = 0.010 if kind == "large" else 0.03
    body = _step(edge / soft + 0.5)

    # Dry paint: towards the far end and the sides the grooves between bristles stay bare.
    worn = np.clip((x - 0.35) / 0.55, 0.0, 1.0) ** 1.5 * 0.75
    worn = np.maximum(worn, np.clip(1.0 - (side[None] - np.abs(y)) / 0.14, 0.0, 1.0) * 0.6)
    grain = 0.6 * ridge + 0.4 * (0.5 + 0.5 * _field(rng, (rows, columns), (bristles * 2, 28)))
    held = _step((grain - worn * 0.62) / 0.12 + 0.5)
    alpha = body * np.maximum(held, 0.12 * (1 - worn))
    rim = np.exp(-np.clip(edge, 0.0, None) / 0.05) * 0.5  # paint is pushed aside and piles up at the border
    return alpha, np.clip(ridge * 0.8 + rim, 0.0, 1.0)


@lru_cache(maxsize=1)
def paper() -> np.ndarray:
    """Grain of watercolour paper, `float32[1024, 1024]`, about -1 to 1."""
    rng = np.random.default_rng(11)
    grain = np.zeros((1024, 1024), np.float32)
    for cells, weight in ((96, 0.5), (220, 0.8), (450, 0.5)):
        grain += weight * _field(rng, (1024, 1024), (cells, cells))
    return grain / (2.0 * grain.std())


@lru_cache(maxsize=1)
def drift() -> np.ndarray:
    """Slow noise, `float32[1024, 1024]`, about -1 to 1, by which water moves the border of a wash."""
    rng = np.random.default_rng(13)
    slow = 0.7 * _field(rng, (1024, 1024), (24, 24)) + 0.3 * _field(rng, (1024, 1024), (70, 70))
    return slow / (2.0 * slow.std())


@lru_cache(maxsize=1)
def felt() -> np.ndarray:
    """How evenly the felt of a marker gives ink across its tip: `float32[VARIANTS, 256]`, 0 to 1."""
    rng = np.random.default_rng(17)
    lanes = [0.6 * _noise(rng, 256, 22) + 0.4 * _noise(rng, 256, 60) for _ in range(VARIANTS)]
    return np.clip(np.stack(lanes), 0.0, 1.0)


def _noise(rng: np.random.Generator, length: int, cells: int) -> np.ndarray:
    """Smooth noise in one dimension, `float32[length]`, about -1 to 1."""
    return _field(rng, (1, length), (1, cells))[0]


def _field(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> np.ndarray:
    """Smooth noise, `float32[shape]`, about -1 to 1, with so many cells down and across."""
    coarse = rng.uniform(-1.0, 1.0, cells).astype(np.float32)
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def _step(value: np.ndarray) -> np.ndarray:
    value = np.clip(value, 0.0, 1.0)
    return value * value * (3.0 - 2.0 * value)
