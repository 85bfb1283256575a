"""The colours of a picture by the parts that it shows, for a drawing that is to be coloured like it.

Hair takes the colours of its hair, ground those of its ground. The network `parts` names a picture by its lines, as it
names a drawing; what the picture does not show keeps the colours that it usually has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from s2p import reach
from s2p.parts import NAMES, name_parts
from s2p.pipelines.wardrobe import Wardrobe
from s2p.runtime import Network
from s2p.sizes import min_resize
from s2p.xdog import xdog

_EDGE = 384  # px, the short edge at which a picture is looked at
_SURE = 0.45  # chance of a part from which on a place shows it
# Share of paper from which on a place has a colour of its own, if that is so all around it, or at all; and how many
# such places of a part have to be there. Of thin strands of hair no place is clear all around.
_CLEAR, _PLACES = (0.9, 0.5), (60, 25)
# How many colours of a part count. Clothes and things may have any that stand beside skin, hair and scenery.
_COUNTS = {"skin": 1, "hair": 1, "iris": 1, "mouth": 1, "cloth": 6, "creature": 3, "ground": 3, "sky": 2}
_LEAST = 0.12  # of what the first colour of a part counts, from which on another one is offered
_ALIKE = 0.12  # Lab / 100
_BLACK = 0.15  # lightness below which nobody's skin is
_GRAY = 0.2  # what a gray counts beside a colour of full strength


@dataclass(frozen=True)
class Borrowed:
    """Colours of a picture.

    Attributes:
        colors: `uint8[N, 3]` RGB by part, the commonest first.
    """

    colors: dict[str, np.ndarray]

    def arrays(self) -> list[np.ndarray]:
        """Everything it holds, for a cache: colours, and the number of each one's part."""
        numbers = [np.full(len(some), NAMES.index(name)) for name, some in self.colors.items()]
        colors = [np.zeros((0, 3), np.uint8), *self.colors.values()]
        return [np.concatenate(colors), np.concatenate([np.zeros(0, np.int64), *numbers])]

    @staticmethod
    def of_arrays(arrays: Sequence[np.ndarray]) -> Borrowed:
        """What `arrays` are of."""
        colors, numbers = arrays
        return Borrowed({NAMES[number]: colors[numbers == number] for number in np.unique(numbers).tolist()})

    def into(self, own: Wardrobe, share: float) -> Wardrobe:
        """A wardrobe with these colours where there are some, `share` (0 to 1) of the way to them."""
        return Wardrobe({name: self._mixed(name, colors, share) for name, colors in own.colors.items()})

    def _mixed(self, name: str, own: np.ndarray, share: float) -> np.ndarray:
        theirs = self.colors.get(name)
        if theirs is None or not share:
            return own
        if share >= 1.0:
            return theirs
        paired = own[np.arange(len(theirs)) % len(own)]
        return reach.rgb_of((1.0 - share) * reach.lab_of(paired) + share * reach.lab_of(theirs))


def borrowed(network: Network, picture: np.ndarray) -> Borrowed:
    """Looks at a picture.

    Args:
        network: `parts`.
        picture: `uint8[H, W, 3]`, RGB.
    """
    small = min_resize(picture, _EDGE)
    lines = xdog(small)
    grid = (small.shape[0] // 4, small.shape[1] // 4)
    chances = name_parts(network, lines, grid).reshape(-1, len(NAMES))
    colors = cv2.resize(small, grid[::-1], interpolation=cv2.INTER_AREA).reshape(-1, 3)
    paper = cv2.resize(lines, grid[::-1], interpolation=cv2.INTER_AREA)
    around = cv2.erode(paper, np.ones((3, 3), np.uint8))
    shown, is_sure = chances.argmax(-1), chances.max(-1) > _SURE
    told = [NAMES.index(name) for name in ("skin", "hair", "iris", "mouth", "paper")]
    found: dict[str, np.ndarray] = {}

    def look_for(name: str, where: np.ndarray) -> None:
        for values, share, least in zip((around, paper), _CLEAR, _PLACES):
            here = where & (values.ravel() > 255.0 * share)
            if name not in found and here.sum() >= least:
                found[name] = _commonest(colors[here], _COUNTS[name])

    for name in _COUNTS:
        look_for(name, is_sure & (shown == NAMES.index(name)))
    look_for("cloth", ~(is_sure & np.isin(shown, told)))
    if "skin" in found and "hair" in found and _apart(found["skin"][0], found["hair"][0]) < _ALIKE:
        del found["skin"]  # hair in a face; the usual colours are better than that
    if "skin" in found and reach.lab_of(found["skin"])[0, 0] < _BLACK:
        del found["skin"]  # ink of a coat around it
    if "cloth" in found:
        found["thing"] = found["cloth"]
    if "hair" in found:
        found["brow"] = (found["hair"] * 0.6).astype(np.uint8)
    return Borrowed(found)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(reach.lab_of(one[None]) - reach.lab_of(other[None])))


def _commonest(colors: np.ndarray, count: int) -> np.ndarray:
    """The colours that stand for some, `uint8[at most count, 3]` RGB, the commonest first; strong ones count for more.

    k-means finds the groups; each is told by the median of its members, which no shadow and no light moves.
    """
    lab = np.ascontiguousarray(reach.lab_of(colors).reshape(-1, 3))
    if count == 1:
        return reach.rgb_of(np.median(lab, 0))[None]
    cv2.setRNGSeed(1)
    rule = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 1e-3)
    _, groups, _ = cv2.kmeans(lab, min(count, len(lab)), np.zeros(0), rule, 2, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    sizes = np.bincount(groups.ravel())
    found = np.array([np.median(lab[groups.ravel() == group], 0) for group in np.flatnonzero(sizes)], np.float32)
    sizes = sizes[sizes > 0]
    weights = sizes * (_GRAY + np.minimum(np.hypot(found[:, 1], found[:, 2]), 0.6))
    order = np.argsort(-weights)
    return reach.rgb_of(found[order][(weights >= _LEAST * weights.max())[order]])
