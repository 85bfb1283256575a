"""A light frame around light lines on a dark ground: that of a blackboard, the margin of a scan or a print.

Turned round it is a sheet on a dark desk, and found as one.
"""

from __future__ import annotations

import cv2
import numpy as np

from s2p.image import as_picture
from s2p.intake import polarity, sheet
from s2p.intake.sight import grain, reach_of, square, strokes

_MIDDLE = 0.2  # of every edge: what may be frame
_GRAIN = 0.5  # levels: what has less is no photograph, and all that is in it was drawn
_INK, _DRAWN = 28, 0.002  # levels of darkness of strokes; of a frame, where a drawing goes on around black


def framed_in(image: np.ndarray, small: np.ndarray) -> sheet.Sheet | None:
    """The dark ground in a light frame, as the sheet that it is in `255 - image`; None without light lines on it.

    Args:
        image: `uint8[H, W(, 3)]`, RGB.
        small: `uint8[h, w, 3]`, the same at the size that is looked at.
    """
    rows, columns = (slice(round(_MIDDLE * edge), round((1 - _MIDDLE) * edge)) for edge in small.shape[:2])
    if not polarity.is_light_on_dark(small[rows, columns]):
        return None
    ground = sheet.sheet_in(255 - image, may_be_made=True)
    if ground is None or _is_drawn_around(small, ground.outside(small.shape)):
        return None
    inside = 255 - ground.cut(as_picture(255 - image))
    return ground if polarity.is_light_on_dark(inside) else None


def _is_drawn_around(small: np.ndarray, outside: np.ndarray) -> bool:
    """Whether lines lie around a dark ground, `bool[h, w]`, that was not photographed: a window, a night behind."""
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    if grain(gray) >= _GRAIN:
        return False
    away = cv2.erode(outside.astype(np.uint8), square(2 * reach_of(gray.shape))) > 0
    return bool(((strokes(gray)[0] > _INK) & away).sum() > _DRAWN * max(away.sum(), 1))
