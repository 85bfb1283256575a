"""A vote in every region of a painting by words: what lies between lines is one thing and has one colour.

A network paints places, and where it is unsure it mixes: half a sleeve is skin, a skirt begins somewhere on a shirt. So
every region takes the colour of what it mostly shows. What lies open to the ground, since lines have gaps, and is
surely something else stays that, and so do irises.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from s2p.color_words import USUAL, Color
from s2p.parts import OF_TAGS, SCENERY
from s2p.tags import GARMENTS, THINGS

# Of the page, and of a region that is as large: what else is in it is no mistake; of the region, what is a piece of it.
_LARGE, _SECOND, _PIECE = 0.02, 0.35, 0.15
_BLUR = 1 / 12  # of the short edge: what lies in such a region hangs together
_SPOKEN_OF = 1.6  # times as likely is a garment that somebody speaks of as one of which nobody does
_SURELY, _ENOUGH = 0.85, 0.02  # how likely a place of the ground, and on which share of it, something else is that
_LIKELY = 0.5  # the same of an iris, around which lines are often open
_WHITE = (255, 255, 255)
_OTHERS = ("thing", "creature")
# What groups of tags, and things without any, are about; of mouths the painting decides.
OF_GROUPS = {
    **OF_TAGS, "thing": _OTHERS, "eye white": ("eye white",), **{name: (name,) for name in GARMENTS},
}  # fmt: skip
_LEAST, _LEAST_EYES = 0.002, 0.0001  # what is that likely, in shares of the page, is there


def voted(
    painting: np.ndarray, shares: np.ndarray, labels: np.ndarray, grounds: np.ndarray, walls: np.ndarray,
    *, asked: Mapping[str, Color | None],
) -> tuple[np.ndarray, np.ndarray]:
    """A painting with one colour for each thing in every region, white where nothing was named.

    What is asked for has exactly that colour, what people have besides its usual one; the painting says where they are,
    and which colours all else has.

    Args:
        painting: `uint8[h, w, 3]`, RGB, of any size.
        shares: `float32[., ., T]`, how likely every place shows each of `THINGS`, of any size.
        labels: `int[H, W]`, the region of every pixel.
        grounds: `bool[R]`, the regions that are open to the page's border.
        walls: `uint8[H, W]`, 255 = paper.
        asked: colours by groups of the tags that were asked for, None where the painting is to decide. Ground, and
            what is no part of a person (`thing`), stay paper where no tag is about them.

    Returns: `uint8[H, W, 3]`, RGB, and how likely `THINGS` are, the mean over the page, `float32[T]`: a dress that was
        taken for a shirt is there, too.
    """
    size, count = labels.shape[::-1], int(labels.max()) + 1
    colors = cv2.resize(painting, size, interpolation=cv2.INTER_LINEAR).reshape(-1, 3)
    regions = labels.ravel()
    shown = shares.reshape(-1, len(THINGS)).mean(0)
    spoken = [name for name in GARMENTS if name in asked]
    shares = shares * np.where(np.isin(THINGS, spoken), _SPOKEN_OF, 1.0).astype(np.float32)
    likely = cv2.resize(shares, size, interpolation=cv2.INTER_LINEAR).reshape(-1, len(THINGS))
    reach = 2 * int(min(shares.shape[:2]) * _BLUR / 2) + 1
    around = cv2.resize(cv2.blur(shares, (reach, reach)), size, interpolation=cv2.INTER_LINEAR)
    thing, sure = likely.argmax(-1), likely.max(-1)
    areas = np.maximum(np.bincount(regions, minlength=count), 1)
    soft = np.stack([np.bincount(regions, likely[:, k], minlength=count) for k in range(len(THINGS))], -1)
    main = soft.argmax(-1)
    is_split = (areas >= _LARGE * regions.size) & (np.sort(soft, axis=-1)[:, -2] >= _SECOND * areas)
    now = np.where(is_split[regions], around.reshape(-1, len(THINGS)).argmax(-1), thing)
    hard = np.bincount(regions * len(THINGS) + now, minlength=count * len(THINGS)).reshape(count, -1)
    share = hard[regions, now] / areas[regions]
    is_open = (grounds & (areas >= _LARGE * regions.size))[regions]
    stays = np.where(is_split[regions], share >= _PIECE, is_open & (sure >= _SURELY) & (share >= _ENOUGH))
    is_iris = (thing == THINGS.index("iris")) & (sure >= _LIKELY)
    now = np.where(is_iris, thing, np.where(stays, now, main[regions]))

    # Of a thing its colour is what surest places have; what is no part of a person may have several.
    weight = np.where(now == thing, (np.maximum(walls.ravel() / 255.0, 0.05) * sure**2) ** 2, 0.0)
    own = regions * len(THINGS) + now
    found = _mean(colors, own, weight, count * len(THINGS))
    anywhere = np.tile(_mean(colors, now, weight, len(THINGS)), (count, 1))
    is_one = np.tile([name not in (*SCENERY, *_OTHERS) for name in THINGS], count) | np.isnan(found).any(-1)
    found[is_one] = anywhere[is_one]
    for group, things in OF_GROUPS.items():
        # A dress is easily taken for a shirt: where one garment is named, the painting knows what others go with it.
        is_left = group in asked or (spoken and group in GARMENTS)
        color = asked.get(group) if is_left else USUAL.get(group, _WHITE)
        if color is not None:
            found.reshape(count, len(THINGS), 3)[:, [THINGS.index(one) for one in things]] = color
    result = found[own]
    result = np.where(np.isnan(result), colors, result)
    return (result + 0.5).clip(0, 255).astype(np.uint8).reshape(*labels.shape, 3), shown


def _mean(colors: np.ndarray, numbers: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """The mean colour of the pixels of every number, `float64[count, 3]`; NaN where there are none."""
    total = np.bincount(numbers, weight, minlength=count)
    sums = np.stack([np.bincount(numbers, weight * colors[:, k], minlength=count) for k in range(3)], -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total[:, None] > 0, sums / total[:, None], np.nan)


def is_there(group: str, shown: np.ndarray) -> bool:
    """Whether what a group of `OF_GROUPS` is about is in a drawing, by what `voted` says of it.

    Example:
        >>> is_there("gloves", np.zeros(len(THINGS)))
        False
    """
    share = float(sum(shown[THINGS.index(one)] for one in OF_GROUPS[group]))
    return group == "background" or share >= (_LEAST_EYES if group == "eyes" else _LEAST)
