"""Colour difference as people see it: sRGB to CIE Lab and CIEDE2000, in float32 and without loops."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    np.float32,
)
_WHITE = np.array([0.95047, 1.0, 1.08883], np.float32)  # D65, 2 degrees
_25_TO_7 = np.float32(25.0**7)


def lab(image: np.ndarray) -> np.ndarray:
    """`float32[..., 3]` CIE L*a*b* (L in [0, 100]) of `uint8[..., 3]` sRGB."""
    xyz = _linear()[image] @ (_TO_XYZ / _WHITE[:, None]).T
    bent = np.where(xyz > 216.0 / 24389.0, np.cbrt(xyz), xyz * np.float32(841.0 / 108.0) + np.float32(4.0 / 29.0))
    x, y, z = bent[..., 0], bent[..., 1], bent[..., 2]
    return np.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], axis=-1).astype(np.float32)


def delta_e(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """CIEDE2000 difference, `float32[...]`, of two `float32[..., 3]` Lab arrays that broadcast.

    After Sharma, Wu, Dalal, "The CIEDE2000 color-difference formula", Color Research and Application 30(1), 2005.
    1 is just visible.
    """
    lightness_1, a_1, b_1 = (first[..., i] for i in range(3))
    lightness_2, a_2, b_2 = (second[..., i] for i in range(3))
    mean_7 = ((np.hypot(a_1, b_1) + np.hypot(a_2, b_2)) / 2.0) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(mean_7 / (mean_7 + _25_TO_7))
    a_1, a_2 = a_1 * stretch, a_2 * stretch
    chroma_1, chroma_2 = np.hypot(a_1, b_1), np.hypot(a_2, b_2)
    hue_1, hue_2 = np.arctan2(b_1, a_1), np.arctan2(b_2, a_2)
    is_gray = chroma_1 * chroma_2 == 0.0
    turn = hue_2 - hue_1
    turn = np.where(is_gray, 0.0, (turn + np.pi) % (2.0 * np.pi) - np.pi)
    # The mean hue lies on the shorter arc; where one colour is gray, the sum of both, as the formula has it.
    hue = np.where(is_gray, hue_1 + hue_2, hue_1 + turn / 2.0)
    lightness = (lightness_1 + lightness_2) / 2.0
    chroma = (chroma_1 + chroma_2) / 2.0
    weight = (
        1.0 - 0.17 * np.cos(hue - np.pi / 6.0) + 0.24 * np.cos(2.0 * hue)
        + 0.32 * np.cos(3.0 * hue + np.pi / 30.0) - 0.20 * np.cos(4.0 * hue - np.radians(63.0))
    )
    offset = (lightness - 50.0) ** 2
    part_l = (lightness_2 - lightness_1) / (1.0 + 0.015 * offset / np.sqrt(20.0 + offset))
    part_c = (chroma_2 - chroma_1) / (1.0 + 0.045 * chroma)
    part_h = 2.0 * np.sqrt(chroma_1 * chroma_2) * np.sin(turn / 2.0) / (1.0 + 0.015 * chroma * weight)
    degrees = np.degrees(hue) % 360.0
    bow = np.radians(60.0 * np.exp(-(((degrees - 275.0) / 25.0) ** 2)))
    rotation = -2.0 * np.sqrt(chroma**7 / (chroma**7 + _25_TO_7)) * np.sin(bow)
    squared = part_l**2 + part_c**2 + part_h**2 + rotation * part_c * part_h
    return np.sqrt(np.maximum(squared, 0.0)).astype(np.float32)


def colorfulness(image: np.ndarray) -> float:
    """Hasler and Süsstrunk's M3 (SPIE 5007, 2003) of `uint8[H, W, 3]` RGB: 0 gray, 15 slightly, 80 highly colourful."""
    red, green, blue = (image[..., i].astype(np.float32) for i in range(3))
    red_green, yellow_blue = red - green, (red + green) / 2.0 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


@lru_cache(maxsize=1)
def _linear() -> np.ndarray:
    value = np.arange(256, dtype=np.float64) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)
