"""Whether a painting has the colours that words asked for: the one place that says when a colour is what a word means.

A word is as near to a colour as the nearest of the colours that it stands for: those that have its name
(`s2p.color_words`, by which drawings of our own get their words), the same in shadow, and what looks like its chip
(`s2p.tags`). A colour agrees with a word if no other word of its group is clearly nearer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import cv2
import numpy as np

from s2p.color_words import Color, color_name
from s2p.evaluation.difference import delta_e, lab
from s2p.evaluation.target import INK, OFF
from s2p.tags import GARMENTS, choices, vocabulary

GROUPS = ("hair", "eyes", "garments", "background")  # as agreement is told
_KINDS = {"hair": "hair", "background": "ground"}  # of `color_name`; cloth for all others
_STEP = 8  # levels between the colours that are looked at
_CHIP = 10.0  # CIEDE2000 up to which a colour looks like a word's chip
_CLEARLY = 2.0  # CIEDE2000 by which another word must be nearer
_SHADOW, _RICHER = 0.76, (1.15, 0.06)  # of value and saturation: the usual shadow of drawings of our own
_LEAST = 16  # pixels that tell a part's colour


def group_of(tag: str) -> str:
    """Of `GROUPS`, that of a tag by its name; empty where its colour is not judged."""
    known = choices().get(tag)
    if known is None or not known.color:
        return ""
    return "garments" if known.group in GARMENTS else known.group if known.group in GROUPS else ""


def color_of(part: np.ndarray, painting: np.ndarray, lines: np.ndarray) -> Color | None:
    """The colour of a part: the median of `pixels_of`, RGB; None where too few pixels show it."""
    pixels = pixels_of(part, painting, lines)
    if not len(pixels):
        return None
    red, green, blue = (int(value) for value in np.median(pixels, axis=0))
    return red, green, blue


def pixels_of(part: np.ndarray, painting: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """The pixels of a part off the lines, of narrow parts those off the ink.

    Args:
        part: `bool[H, W]`.
        painting: `uint8[H, W, 3]`, RGB.
        lines: `uint8[H, W]`, 255 = paper.

    Returns: `uint8[N, 3]`; none where too few would tell a colour.
    """
    clearance = cv2.distanceTransform((lines >= INK).astype(np.uint8), cv2.DIST_L2, 5)
    for least in (OFF, 1.0):
        pixels = painting[part & (clearance >= least)]
        if len(pixels) >= _LEAST:
            return pixels
    return np.zeros((0, 3), np.uint8)


def middle_of(part: np.ndarray, lines: np.ndarray) -> tuple[float, float]:
    """The place in a part that is farthest from its border and from ink, as x and y in [0, 1] from the upper left."""
    room = (part & (lines >= INK)).astype(np.uint8)
    room = room if room.any() else part.astype(np.uint8)
    inside = cv2.distanceTransform(np.pad(room, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(inside.argmax()), inside.shape)
    return (float(column) + 0.5) / part.shape[1], (float(row) + 0.5) / part.shape[0]


def exchanges(tag: str) -> tuple[str, ...]:
    """The words of the vocabulary that a tag can be exchanged for: the same thing in another colour.

    Example:
        >>> "blue_dress" in exchanges("red_dress"), "red_shirt" in exchanges("red_dress")
        (True, False)
    """
    known = choices()
    same = (other for other in vocabulary().names if other in known and known[other].group == known[tag].group)
    return tuple(other for other in same if known[other].color and not agrees(chip(other), tag))


def chip(tag: str) -> Color:
    """The colour of a tag's chip."""
    return choices()[tag].rgb


def agrees(color: Color, tag: str) -> bool:
    """Whether a colour is what a tag of a judged group asks for.

    Example:
        >>> agrees((60, 90, 200), "blue_dress"), agrees((60, 90, 200), "red_dress")
        (True, False)
    """
    group = choices()[tag].group
    far = _distances(color, group)
    return far[tag] <= min(far.values()) + _CLEARLY


def word_of(color: Color, group: str) -> str:
    """The word of the vocabulary, of a group of `GROUPS` but garments, that is nearest to a colour.

    Example:
        >>> word_of((60, 90, 200), "hair")
        'blue_hair'
    """
    far = _distances(color, group)
    return min((tag for tag in far if tag in vocabulary().names), key=far.__getitem__)


@lru_cache(maxsize=4096)
def _distances(color: Color, group: str) -> Mapping[str, float]:
    """CIEDE2000 from a colour to each word of a group."""
    value = lab(np.array(color, np.uint8))
    return {tag: float(delta_e(near, value).min()) for tag, near in _meant(group).items()}


@lru_cache(maxsize=32)
def _meant(group: str) -> Mapping[str, np.ndarray]:
    """The colours that each word of a group stands for, `float32[N, 3]` Lab."""
    kind = _KINDS.get(group, "cloth")
    names, colors, shadows = _named(kind)
    found = {}
    for tag in choices().values():
        if tag.group == group and tag.color:
            own_chip = lab(np.array(chip(tag.name), np.uint8))
            own = names == tag.name.rpartition("_")[0]
            alike = delta_e(colors, own_chip) <= _CHIP
            found[tag.name] = np.concatenate([own_chip[None], colors[own], shadows[own], colors[alike]])
    return found


@lru_cache(maxsize=4)
def _named(kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Colours all over RGB: their names `str[N]`, themselves and in shadow `float32[N, 3]` Lab."""
    levels = np.append(np.arange(0, 255, _STEP), 255)
    colors = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(-1, 3).astype(np.uint8)
    names = np.array([color_name((int(r), int(g), int(b)), kind=kind) for r, g, b in colors])
    tones = cv2.cvtColor(colors[None].astype(np.float32) / 255.0, cv2.COLOR_RGB2HSV)[0]
    tones[:, 1] = np.minimum(tones[:, 1] * _RICHER[0] + _RICHER[1] * (tones[:, 1] > 0.04), 1.0)
    tones[:, 2] *= _SHADOW
    shadows = (cv2.cvtColor(tones[None], cv2.COLOR_HSV2RGB)[0] * 255.0 + 0.5).astype(np.uint8)
    return names, lab(colors), lab(shadows)
