"""Light and shadow on a painted shape: hard, soft, or a gradient. Works on a part of the paint and a mask of it."""

from __future__ import annotations

import cv2
import numpy as np

from .paints import Paint
from .raster import BITS, fixed, paint_where
from .style import Style

_SMALL = 48  # side at which soft shades are computed


def without(mask: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """A copy of `mask uint8[H, W]` without the inside of an outline."""
    rest = mask.copy()
    cv2.fillPoly(rest, [fixed(outline)], 0, cv2.LINE_8, BITS)
    return rest


def shade_hard(part: np.ndarray, dark: np.ndarray, paint: Paint, *, is_plain: bool) -> None:
    """The shade where `dark` is set; thinner on patterns, so that they stay visible."""
    paint_where(part, dark, paint.shade, 1.0 if is_plain else 0.6)


def shade_softly(part: np.ndarray, mask: np.ndarray, paint: Paint, style: Style, reach: float) -> None:
    """A soft shade, computed small and enlarged: nobody sees the difference."""
    height, width = mask.shape
    scale = min(1.0, _SMALL / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    if style.shading == "gradient":
        x, y = np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1])[:, None]
        dark = np.clip(0.5 - 0.5 * (x * style.light[0] + y * style.light[1]), 0, 1)
    else:
        small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        move = np.array([[1, 0, 2 * reach * scale * style.light[0]], [0, 1, 2 * reach * scale * style.light[1]]])
        lit = cv2.warpAffine(small, move, size, borderMode=cv2.BORDER_REPLICATE)
        dark = np.clip(1 - cv2.GaussianBlur(lit, (0, 0), max(0.8, 0.7 * reach * scale)), 0, 1)
    base, shade = np.array(paint.base, float), np.array(paint.shade, float)
    tones = (base + dark[..., None] * (shade - base)).astype(np.uint8)
    cv2.copyTo(cv2.resize(tones, (width, height), interpolation=cv2.INTER_LINEAR), mask, part)
