"""Numbers of colour that networks were trained behind: V3's YUV, VGG's means, and what stands for "no hint".

All of it is V3's way, quirks included; the only place that writes these numbers down.
"""

from __future__ import annotations

import numpy as np

# Shares of R, G, B in brightness (Rec. 601). V3 applies them to B, G, R, so in its YUV blue weighs most.
LUMA = (0.299, 0.587, 0.114)
_U, _V = 0.492, 0.877
_HALF = 128.0

# Y, U, V (the last two counted from 128) to R, G, B, for graphs; the same numbers as in `rgb_of_yuv`.
YUV_TO_RGB = ((1.0, 1.0, 1.0), (2.032, -0.394, 0.0), (0.0, -0.581, 1.140))

# Means of the pictures that VGG was trained on, 0..255, in the order B, G, R; V3's painters take them off R, G, B.
VGG_MEANS = (103.939, 116.779, 123.68)

# What the draft network sees where there is no hint (Y, U, V), and by how much the luma of a mere guess is moved out of
# the range of certain hints, 0..255.
NO_HINT = (-512.0, 128.0, 128.0)
WEAK_SHIFT = -256.0


def yuv(bgr: np.ndarray) -> np.ndarray:
    """V3's YUV of BGR 0..255, same shape, `float32` (spec of V3, 9.1; textbook RGB formulas fed with BGR)."""
    first, second, third = (bgr[..., i].astype(np.float32) for i in range(3))
    luma = LUMA[0] * first + LUMA[1] * second + LUMA[2] * third
    return np.stack([luma, _U * (third - luma) + _HALF, _V * (first - luma) + _HALF], -1)


def rgb_of_yuv(values: np.ndarray) -> np.ndarray:
    """V3's YUV, `float32[..., 3]`, about 0..255, as `uint8[..., 3]` RGB, cut off, not rounded."""
    luma, u, v = values[..., 0], values[..., 1] - _HALF, values[..., 2] - _HALF
    # Blue is named as the original's first channel, which holds blue; its weights are those of red.
    red, green, blue = luma + 2.032 * u, luma - 0.394 * u - 0.581 * v, luma + 1.140 * v
    return np.clip(np.stack([red, green, blue], axis=-1), 0, 255).astype(np.uint8)
