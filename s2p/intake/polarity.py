"""Which way round a drawing is: dark strokes on light paper, light ones on dark, or ink that is in its alpha alone."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.intake.sight import reach_of, square, strokes

_LIGHT = 144  # the least mean of the channels of ink that white paper would swallow
_MOST_INK = 0.45  # of the page: a figure that covers more is no line art but a cut-out
_FAINT = 24  # alpha of what counts as ink at all
_BROAD_INK = 0.4  # of it that may be wider than strokes
_MIDDLE, _CLEAR = 176, 24  # the lightest dark ground; how far light strokes stand out from it
_MORE, _LEAST = 4.0, 0.002  # times as many light strokes as dark ones, and at least so much of the page
_AROUND = 8  # px in one when surroundings are looked at
_BROADLY = 0.12  # of the page that may be light without being a stroke


def is_ink_of_alpha(image: np.ndarray) -> bool:
    """Whether `uint8[H, W, 4]` is light ink on nothing, which white paper would swallow."""
    alpha = image[..., 3]
    half = _strength(alpha) / 2  # ink may be half transparent all over
    seen = alpha > half
    if not 0.0 < seen.mean() <= _MOST_INK or (alpha < 16).mean() < 0.5:
        return False
    broad = cv2.morphologyEx(alpha, cv2.MORPH_OPEN, square(reach_of(alpha.shape))) > half
    if broad.mean() > _BROAD_INK * seen.mean():
        return False
    shades = image[..., :3][seen].mean(-1)
    return bool(np.percentile(shades, 10) >= _LIGHT)


def _strength(alpha: np.ndarray) -> float:
    """What most ink has where it is strongest, of `uint8[H, W]`; 255 where there is hardly any."""
    some = alpha[alpha >= _FAINT]
    return max(float(np.percentile(some, 95)), 2.0 * _FAINT) if some.size else 255.0


def is_light_on_dark(image: np.ndarray) -> bool:
    """Whether `uint8[H, W, 3]` is drawn with light strokes on a ground darker than they are."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    ground = float(np.median(gray))
    if ground >= _MIDDLE:
        return False
    dark, light = strokes(gray)
    # By the ground around: grain is as dark as it is light, in the lit half of a page and in the other.
    apart = gray.astype(np.int16) - _around(gray)
    dark, light = (float(((one > _CLEAR) & (side > _CLEAR)).mean()) for one, side in ((dark, -apart), (light, apart)))
    broad = cv2.morphologyEx(gray, cv2.MORPH_OPEN, square(reach_of(gray.shape)))
    is_broad = float((broad > ground + (255 - ground) / 2).mean())
    return light >= _LEAST and light >= _MORE * dark and is_broad <= _BROADLY


def _around(gray: np.ndarray) -> np.ndarray:
    """The usual value of the surroundings, `int16[H, W]`, of `uint8[H, W]`."""
    height, width = gray.shape
    small = cv2.resize(gray, (max(width // _AROUND, 1), max(height // _AROUND, 1)), interpolation=cv2.INTER_AREA)
    usual = cv2.medianBlur(small, 2 * (min(small.shape) // 8) + 1)
    return cv2.resize(usual, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.int16)
