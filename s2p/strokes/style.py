"""Gives strokes the colours of another picture.

The mean and the spread of the strokes' colours in CIELAB are brought to those of the picture by the one linear map that
moves colours least (Monge and Kantorovich's; Pitié and Kokaram, "The linear Monge-Kantorovitch colour mapping for
example-based colour transfer", 2007). Shapes stay, so it works on any file of strokes, coarse to fine ones included.
"""

from __future__ import annotations

import cv2
import numpy as np

from s2p.errors import InputError
from s2p.image import as_picture
from s2p.strokes.layouts import Strokes

_PIXELS = 256  # of the longer side at which a style is looked at
_LEAST = 4.0  # variance that is added, so that gray pictures do not blow up what they do not know


def restyled(strokes: Strokes, style: np.ndarray, *, strength: float = 1.0) -> Strokes:
    """The same strokes in the colours of a picture.

    Args:
        strokes: of any renderer.
        style: `uint8[H, W]`, `[H, W, 3]` RGB or `[H, W, 4]`.
        strength: float in [0, 1]; 0 leaves the strokes as they are.

    Raises:
        InputError: a strength outside of that, or no picture.

    Example:
        >>> red = np.full((4, 4, 3), (200, 0, 0), np.uint8)
        >>> one = Strokes("rectangle", np.full((1, 9), 0.5, np.float32))
        >>> (restyled(one, red).values[0, 5:8] * 10).round().tolist()
        [8.0, 0.0, 0.0]
    """
    if not 0.0 <= strength <= 1.0:
        raise InputError(f"strength must be between 0 and 1. Received: {strength!r}.")
    picture = as_picture(style)
    if not len(strokes) or strength == 0.0:
        return strokes
    scale = _PIXELS / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    layout = strokes.layout
    colors = _lab(strokes.values[:, layout.color].reshape(-1, 3))
    area = strokes.values[:, list(layout.sizes)].prod(1) if not layout.is_curve else strokes.values[:, 6] + 0.01
    weights = np.repeat(area + 1e-4, layout.colors).astype(np.float64)
    wanted = _lab(picture.reshape(-1, 3).astype(np.float32) / 255.0)
    mean, spread = _moments(colors, weights)
    mean_wanted, spread_wanted = _moments(wanted, np.ones(len(wanted)))
    moved = (colors - mean) @ _least_map(spread, spread_wanted) + mean_wanted
    values = strokes.values.copy()
    values[:, layout.color] = _rgb(colors + strength * (moved - colors)).reshape(len(strokes), -1)
    return strokes.with_values(values)


def _moments(colors: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean `float64[3]` and covariance `float64[3, 3]`."""
    weights = weights / weights.sum()
    mean = weights @ colors
    away = colors - mean
    return mean, (away * weights[:, None]).T @ away


def _least_map(spread: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The symmetric map that takes one covariance to another."""
    root, inverse = _roots(spread + _LEAST * np.eye(3))
    middle, _ = _roots(root @ (wanted + 1e-6 * np.eye(3)) @ root)
    return inverse @ middle @ inverse


def _roots(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Square root of a symmetric positive matrix, and its inverse."""
    values, vectors = np.linalg.eigh(matrix)
    values = np.sqrt(np.maximum(values, 1e-12))
    return (vectors * values) @ vectors.T, (vectors / values) @ vectors.T


def _lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB `float64[N, 3]` of `float32[N, 3]` sRGB in [0, 1]."""
    return cv2.cvtColor(np.ascontiguousarray(rgb, np.float32)[None], cv2.COLOR_RGB2LAB)[0].astype(np.float64)


def _rgb(lab: np.ndarray) -> np.ndarray:
    return np.clip(cv2.cvtColor(lab.astype(np.float32)[None], cv2.COLOR_LAB2RGB)[0], 0.0, 1.0)
