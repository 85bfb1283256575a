"""Colours that go together: skin, hair, cloth, sky, leaves and so on, each with its shade, light and line colour."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

Color = tuple[int, int, int]

# Base colours by what they are the colour of; a generator varies them a little every time.
TONES: dict[str, tuple[str, ...]] = {
    kind: tuple(tones.split())
    for kind, tones in {
        "skin": "#ffe9dc #fff0e6 #fce3d3 #f6d5bd #efc9a8 #ffe9dc #ffe6d6 #fde0cb #fddcc8 #fbd7bd #f9d3b4 "
        "#fbd9c4 #f3c3a0 #e8b088 #d99a6c "
        "#b97a50 #7f5238 #c98d63 #a56b43 #8d5a3a #67412b #4d3022 #f7dcc8 #ffefe6",
        "hair": "#2b2430 #3a2a26 #553628 #7a4a2b #a06a3a #c8924e #e9c46a #f6e0a0 #d8d8e0 #b9402f "
        "#1f1c22 #2a2220 #4a3222 #5d3b24 #8a5a36 #dbb066 #e07a5f #f2a7c0 #e56b9a #8e6bbf #5a6fd0 #3f8fc9 "
        "#6cc3d5 #4fae8b #7fbf5a #f4f4f6",
        "eyes": "#6b3f22 #8a5a2e #2e6fb7 #3fa7d6 #3d9a5f #7ab648 #8b4fb3 #c23b4e #d98a1f #5b6572",
        "cloth": "#ffffff #fbfbfb #ffffff #1e1e24 #26262c #4a4b52 #6f7078 #b4b6bc #f5f3ee #2e2f3e #3d4a6b "
        "#5476b3 #89b4e0 #c63d46 #e46f61 #f0a6a0 #f3c24b #f6e3a1 "
        "#4b8f65 #8fc07f #1f6f78 #72519e #b08fd0 #8a5a3b #c49a6c #dcdde2 #8b8f9a #e88fb4",
        "sky": "#bfe3f7 #8fc9f0 #5fa8e6 #a7d8f0 #f7c9a8 #f6a57e #e9a0b5 #2b3a67 #1c2347 #d5dde6",
        "leaf": "#6fae4e #4f9447 #8cc152 #3f7f4a #a5c95a #2f6b4f #c9b445 #d98545 #f2b8c9 #7fb59a",
        "ground": "#8fbf6a #a8c97a #c9b98a #b59a6a #d9c79a #9a8f86 #e8edf2 #7f9f6f #c98f5f #6f7f5f",
        "stone": "#9aa0a8 #7f858f #b5b0a8 #6b6f7a #c7c9cf #8f8478",
        "wood": "#8a5a34 #a8743f #6e4527 #c0935a #7a5a45",
        "metal": "#c9d0d8 #9aa6b2 #e3b94f #b87f45 #6f7a88 #dfe5ea",
        "toy": "#e94f4f #f28c38 #f6cf3e #6cc04a #3ea8d8 #6a5fcf #c65fc0 #f28fb0 #ffffff #3a3a46",
        "fur": "#f4efe6 #d9b48a #b9804f #7a5238 #4a4148 #a8a4a8 #f2c98f #e08a4a",
        "monster": "#7fbf6a #4f9fa8 #8f6fc0 #c05f6f #d99a4a #5f7fc9 #b5c94f #6f6a7a #e08fb5 #3f8f6f",
        "wall": "#f3e7d3 #e3d5e8 #d3e3ee #f6dcdc #dfe8d3 #c9b9a8 #a8b5c9 #eee3c0",
        "plain": "#ffffff #fbf6ee #f0f4f8 #e8eef5 #f8e8ec #e6f2ea #f6efcf #d8dce4 #b9c9dc #4a4f63",
    }.items()
}


@dataclass(frozen=True)
class Paint:
    """A colour and its company, RGB 0 to 255.

    Attributes:
        base: the flat colour.
        shade: in the shadow: darker, cooler, a little more saturated.
        light: in the light.
        line: of a line that takes its colour from the paint.
    """

    base: Color
    shade: Color
    light: Color
    line: Color


def paint(color: Color | str, *, contrast: float = 1.0) -> Paint:
    """A paint of a base colour, given as RGB or `#rrggbb`.

    Example:
        >>> paint("#ffffff").base
        (255, 255, 255)
    """
    return _paint(rgb(color), round(contrast, 2))


def pick(kind: str, generator: np.random.Generator, *, variety: float = 1.0) -> Paint:
    """A random paint of one of the `TONES`, varied in hue, saturation and value."""
    tones = TONES[kind]
    base = rgb(tones[int(generator.integers(len(tones)))])
    return paint(varied(base, generator, amount=variety), contrast=float(generator.uniform(0.7, 1.3)))


def varied(color: Color, generator: np.random.Generator, *, amount: float = 1.0) -> Color:
    """A colour near another one."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(v / 255 for v in color))
    moves = generator.uniform(-1, 1, 3) * amount
    hue = (hue + 0.025 * moves[0]) % 1
    saturation = min(max(saturation * (1 + 0.2 * moves[1]), 0), 1)
    value = min(max(value * (1 + 0.07 * moves[2]), 0), 1)
    return _levels(colorsys.hsv_to_rgb(hue, saturation, value))


def related(color: Color, generator: np.random.Generator) -> Paint:
    """A paint that goes with a colour: lighter, darker, a neighbour or the opposite on the wheel."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(v / 255 for v in color))
    turn = float(generator.choice([0.0, 0.0, 0.08, -0.08, 0.33, 0.5]))
    value = min(max(value * float(generator.choice([0.6, 0.8, 1.25, 1.5])), 0.15), 1)
    saturation = min(saturation * float(generator.uniform(0.4, 1.1)), 1)
    return paint(_levels(colorsys.hsv_to_rgb((hue + turn) % 1, saturation, value)))


def mixed(one: Color, other: Color, share: float) -> Color:
    """`share` of `other` in `one`."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other))  # type: ignore[return-value]


def rgb(color: Color | str) -> Color:
    """RGB of `#rrggbb`, or the colour itself."""
    if isinstance(color, str):
        return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
    return color


@lru_cache(maxsize=4096)
def _paint(base: Color, contrast: float) -> Paint:
    hue, saturation, value = colorsys.rgb_to_hsv(*(v / 255 for v in base))
    cool = 0.72  # shadows go toward blue-violet along the shorter way, but warm colours stay warm
    gap = (cool - hue + 0.5) % 1 - 0.5
    is_warm = hue < 0.17 or hue > 0.92
    step = (-0.02 if 0 < hue < 0.17 else 0.0) if is_warm else 0.035 * np.sign(gap)
    dark = 1 - 0.24 * contrast
    shade = colorsys.hsv_to_rgb(
        (hue + step) % 1 if saturation > 0.04 else cool,
        min(saturation * 1.15 + 0.06, 1),
        value * dark,
    )
    light = colorsys.hsv_to_rgb(hue, saturation * 0.7, min(value * (1 + 0.14 * contrast) + 0.04, 1))
    line = colorsys.hsv_to_rgb((hue + 1.6 * step) % 1, min(saturation * 0.9 + 0.25, 0.9), value * 0.32)
    return Paint(base, _levels(shade), _levels(light), _levels(line))


def _levels(color: tuple[float, float, float]) -> Color:
    return tuple(min(max(round(v * 255), 0), 255) for v in color)  # type: ignore[return-value]
