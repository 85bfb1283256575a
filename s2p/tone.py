"""Which tone tinted ink has: the dark, saturated colour that a painter takes for a line beside given paint."""

from __future__ import annotations

import cv2
import numpy as np

# L* of the ink. Black in a drawing may become 5 lighter, which nobody sees but as its colour; a bit less over light
# paint, which shines through the soft edge of a line. Gray ink, which paint beneath would darken, becomes so light that
# the line ends 4 below its own L*, but stays well below the paint's.
_LIFT, _LIFT_LIGHT, _BELOW, _CONTRAST = 5.0, 1.3, 4.0, 0.7
_CHROMA, _STRONGER, _NEUTRAL = 26.0, 2.0, 2.0  # at most; how much more than the paint's; what counts as white
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


def tones_of(near: np.ndarray, darkness: np.ndarray) -> np.ndarray:
    """Tinted ink for all places of a page, of which many are alike: steps of 4 in paint are none in a dark tone.

    Args:
        near: `float32[N, 4]`, the paint beside each: RGB 0..255 times how sure it is, and how sure it is, in [0, 1].
        darkness: `uint8[N]`. The alpha in the middle of the line.

    Returns: `uint8[N, 3]`, RGB.

    Example:
        >>> beside = np.array([[60, 90, 220, 1], [255, 255, 255, 1]], np.float32)
        >>> blue, black = tones_of(beside, np.array([255, 255], np.uint8)).tolist()
        >>> blue[2] > blue[0] + 30, max(black) < 25
        (True, True)
    """
    paint = (near[:, :3] / np.maximum(near[:, 3:], 1e-3)).astype(np.uint32) >> 2
    sure = np.rint(np.clip(near[:, 3], 0.0, 1.0) * 15.0).astype(np.uint32)
    keys = ((paint[:, 0] << 6 | paint[:, 1]) << 6 | paint[:, 2]) << 9 | sure << 5 | darkness >> 3
    kinds, index = np.unique(keys, return_inverse=True)
    levels = np.stack([kinds >> 21, kinds >> 15, kinds >> 9], axis=1) & 63
    tones = _tones(
        (levels.astype(np.float32) * 4 + 2) / np.float32(255.0), (kinds >> 5 & 15).astype(np.float32) / np.float32(15),
        (kinds & 31).astype(np.float32) / np.float32(31),
    )
    return tones[index]


def _tones(paint: np.ndarray, sure: np.ndarray, darkness: np.ndarray) -> np.ndarray:
    """The ink beside given paint.

    Args:
        paint: `float32[N, 3]`, RGB in [0, 1].
        sure: `float32[N]` in [0, 1]. How near it is.
        darkness: `float32[N]` in [0, 1]. The alpha in the middle of the line.

    Returns: `uint8[N, 3]`, RGB.
    """
    light = _linear(paint)
    chroma = _chroma(light) - _NEUTRAL
    wanted = np.clip(_STRONGER * chroma, 0.0, _CHROMA) * sure
    fading = np.minimum(wanted / 10.0, 1.0)  # beside white paper the line stays as drawn
    luminance = _luminance_of(_lightness_of_ink(light @ _LUMINANCE, darkness) * fading)
    hue = light - light.min(axis=1, keepdims=True)  # the purest paint of that hue
    pure = hue * (luminance / np.maximum(hue @ _LUMINANCE, 1e-4))[:, None]
    share = np.minimum(wanted / np.maximum(_chroma(pure), 1e-3), 1.0)[:, None]
    mixed = pure * share + luminance[:, None] * (1.0 - share)
    return np.rint(255.0 * _gamma(np.clip(mixed, 0.0, 1.0))).astype(np.uint8)


def _lightness_of_ink(paint: np.ndarray, darkness: np.ndarray) -> np.ndarray:
    """L* of the ink, `float32[N]`, for lines of a darkness, `float32[N]` in [0, 1], over paint of Y in [0, 1]."""
    drawn = _lightness(_linear(1.0 - darkness))
    least = _LIFT - _LIFT_LIGHT * paint
    wanted = np.maximum(np.minimum(drawn - _BELOW, _CONTRAST * _lightness(paint)), least)
    gray = (_gamma(_luminance_of(wanted)) - _gamma(paint) * (1.0 - darkness)) / np.maximum(darkness, 0.05)
    return np.maximum(_lightness(_linear(np.clip(gray, 0.0, 1.0))), least)


def _linear(values: np.ndarray) -> np.ndarray:
    """sRGB in [0, 1] to linear light."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _gamma(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def _luminance_of(lightness: np.ndarray) -> np.ndarray:
    """Y in [0, 1] of L* (CIE 1976)."""
    return np.where(lightness > 8.0, ((lightness + 16.0) / 116.0) ** 3, lightness / 903.3).astype(np.float32)


def _lightness(luminance: np.ndarray) -> np.ndarray:
    """L* (CIE 1976) of Y in [0, 1]."""
    return np.where(luminance > 0.008856, 116.0 * np.cbrt(luminance) - 16.0, 903.3 * luminance).astype(np.float32)


def _chroma(light: np.ndarray) -> np.ndarray:
    """C*ab of linear light, `float32[N, 3]`."""
    lab = cv2.cvtColor(_gamma(light).astype(np.float32)[:, None], cv2.COLOR_RGB2Lab)[:, 0]
    return np.hypot(lab[:, 1], lab[:, 2])
