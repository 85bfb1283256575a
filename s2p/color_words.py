"""The everyday name of a colour: how drawings of our own get their words, and how paintings are judged by them."""

from __future__ import annotations

import colorsys

Color = tuple[int, int, int]

# What people have of which no word names a colour, by group of `s2p.tags`, RGB.
USUAL: dict[str, Color] = {
    "hair": (107, 70, 48), "eyes": (74, 114, 168), "skin": (247, 215, 191), "background": (255, 255, 255),
    "dress": (200, 86, 107), "shirt": (127, 167, 214), "jacket": (75, 93, 138), "skirt": (63, 79, 134),
    "trousers": (90, 100, 120), "legwear": (60, 58, 70), "footwear": (110, 74, 54), "gloves": (233, 228, 218),
    "neckwear": (201, 75, 75), "ribbon": (217, 83, 79),
}  # fmt: skip
_HUES = ((0.035, "red"), (0.105, "orange"), (0.19, "yellow"), (0.45, "green"), (0.54, "aqua"), (0.7, "blue"),
         (0.83, "purple"), (0.95, "pink"), (1.01, "red"))  # fmt: skip


def color_name(color: Color, *, kind: str = "cloth") -> str:
    """The everyday name of a colour.

    Args:
        color: RGB.
        kind: `hair` has blonde and silver, `ground` has beige, `cloth` has none of them.

    Example:
        >>> color_name((240, 220, 120), kind="hair"), color_name((240, 220, 120))
        ('blonde', 'yellow')
    """
    hue, saturation, value = colorsys.rgb_to_hsv(*(v / 255 for v in color))
    if value < 0.26:
        return "black"
    if saturation < 0.12:
        return "white" if value > 0.9 else "silver" if kind == "hair" and value > 0.75 else "grey"
    name = next(name for limit, name in _HUES if hue < limit)
    if kind == "ground" and name in ("orange", "yellow") and saturation < 0.35 and value > 0.7:
        return "beige"
    if name in ("red", "orange", "yellow") and value < 0.7 and hue < 0.2:
        return "brown"
    if kind == "hair" and name in ("orange", "yellow") and saturation < 0.7 and value > 0.7:
        return "blonde"
    return "pink" if name == "red" and saturation < 0.5 and value > 0.75 else name
