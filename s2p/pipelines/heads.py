"""Heads in a drawing, and whose everything else is: what people wear who stand together, and what stands behind them.

Regions that hang together are one figure (`s2p.pipelines.scene`), and so is a family before its house. Whose a region
is follows from the heads: it lies below the nearest one, not too far beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from s2p.parts import NAMES
from s2p.pipelines.looking import Page
from s2p.pipelines.scene import FACES, Scene, connected
from s2p.regions import hanging_together

_WIDEST, _FURTHEST, _ABOVE = 2.4, 2.6, 1.6  # heads: deviation of what is worn, and its middle beside or above the face
# Two lie side by side where they share so much of the taller one's rows, and no more of the narrower one's columns. In
# training pictures half of such clothes of somebody have one colour, and a quarter of any.
_SIDE_BY_SIDE = 0.5, 0.3
# Share of the page that a face without features has at least; heads from its middle, from where on skin is no neck.
_FACE, _NECK = 0.001, 2.0


@dataclass(frozen=True)
class Head:
    """A face: its middle, its lower end and its height, px of the page; which figure it belongs to."""

    x: float
    y: float
    chin: float
    height: float
    figure: int

    def far(self, x: float, y: float) -> float:
        """How little a place is below this head, px."""
        return abs(self.x - x) + max(self.y - y, 0.0)


@dataclass(frozen=True)
class Places:
    """Where the regions of a page lie, px, `float[R]` each.

    Attributes:
        columns, rows: means.
        wide: how far the columns deviate.
        first, last: `float[R, 2]`, the highest row and the leftmost column, and the lowest and the rightmost.
    """

    columns: np.ndarray
    rows: np.ndarray
    wide: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @staticmethod
    def of(page: Page) -> Places:
        """Those of a page."""
        height, width = page.inner
        labels, count = page.regions.labels[:height, :width].ravel(), page.regions.count
        size = np.maximum(np.bincount(labels, minlength=count), 1)
        row, column = (place.ravel().astype(np.float64) for place in np.indices((height, width)))
        columns, rows, squares = (np.bincount(labels, of, count) / size for of in (column, row, column * column))
        first, last = np.full((2, count), np.inf), np.zeros((2, count))
        for axis, along in enumerate((row, column)):
            np.minimum.at(first[axis], labels, along)
            np.maximum.at(last[axis], labels, along)
        return Places(columns, rows, np.sqrt(np.maximum(squares - columns * columns, 0.0)), first.T, last.T)

    def beside(self, regions: np.ndarray) -> np.ndarray:
        """Which of some regions lie side by side, rows shared and columns not, as legs and sleeves do; `bool[N, N]`."""
        first, last = self.first[regions], self.last[regions]
        long = last - first + 1.0
        both = np.minimum(last[:, None], last[None]) - np.maximum(first[:, None], first[None]) + 1.0
        rows = both[..., 0] / np.maximum(long[:, None, 0], long[None, :, 0])
        columns = both[..., 1] / np.minimum(long[:, None, 1], long[None, :, 1])
        return (rows > _SIDE_BY_SIDE[0]) & (columns < _SIDE_BY_SIDE[1])


def heads(page: Page, scene: Scene) -> list[Head]:
    """Faces: where features of one lie close together, or on the same piece of skin; else what skin has hair on it."""
    found = _by_features(page, scene)
    return found + _below_hair(page, scene, {head.figure for head in found})


def _by_features(page: Page, scene: Scene) -> list[Head]:
    height, width = page.inner
    labels = page.regions.labels[:height, :width]
    is_feature = np.isin(scene.shown, [NAMES.index(name) for name in FACES])
    features = is_feature[labels].astype(np.uint8)
    if not features.any():
        return []
    reach = max(min(height, width) // 24, 3)
    joined = cv2.dilate(features, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    _, parts = cv2.connectedComponents(joined)
    near = np.where(features > 0, parts, 0)
    faces = _on_one_skin(page, scene, is_feature, labels, near)[near]
    found = []
    for number in np.unique(faces[near > 0]):
        rows, columns = np.nonzero((faces == number) & (near > 0))
        tall = max(float(np.ptp(rows)), float(np.ptp(columns)) * 0.8, reach)
        face = int(np.bincount(scene.figures[labels[rows, columns]]).argmax())
        found.append(Head(
            float(columns.mean()), float(rows.mean()), float(rows.mean()) + 0.8 * tall, 2.2 * tall, face,
        ))  # fmt: skip
    return found


def _below_hair(page: Page, scene: Scene, others: set[int]) -> list[Head]:
    """Heads whose eyes and mouth are too small to be told, in figures that have no other: skin that touches hair.

    Where several pieces of skin touch the same hair it is the largest, if its middle is not above that of the hair.

    Args:
        others: figures whose faces show features.
    """
    skin, hair = scene.is_shown("skin"), scene.is_shown("hair")
    pairs = np.concatenate([page.regions.pairs, page.regions.pairs[:, ::-1]])
    touch = pairs[skin[pairs[:, 0]] & hair[pairs[:, 1]] & ~np.isin(scene.figures[pairs[:, 0]], list(others))]
    if not len(touch):
        return []
    places, areas = Places.of(page), page.regions.areas
    touch = touch[(places.rows[touch[:, 0]] >= places.rows[touch[:, 1]]) & (areas[touch[:, 0]] > _FACE)]
    groups, found = hanging_together(page.regions.count, *touch.T), []
    for group in np.unique(groups[touch[:, 0]]):
        faces = touch[groups[touch[:, 0]] == group, 0]
        face = int(faces[areas[faces].argmax()])
        (top, _), (chin, _) = places.first[face], places.last[face]
        found.append(Head(
            float(places.columns[face]), float(places.rows[face]), float(chin), 1.4 * float(chin - top + 1.0),
            int(scene.figures[face]),
        ))  # fmt: skip
    found.sort(key=lambda head: head.y)
    return [head for k, head in enumerate(found) if not any(_is_neck(head, of) for of in found[:k])]


def _is_neck(one: Head, of: Head) -> bool:
    """Whether what was taken for a head, lower than another one, is rather the neck or the chest below that."""
    return abs(of.x - one.x) < of.height and one.y - of.y < _NECK * of.height


def _on_one_skin(
    page: Page, scene: Scene, is_feature: np.ndarray, labels: np.ndarray, near: np.ndarray
) -> np.ndarray:
    """Which face every group of features belongs to, `int[groups]`: in a large face the eyes are far from each other.

    Args:
        is_feature: `bool[R]`.
        labels, near: `int[h, w]`, regions, and numbers of groups from 1 on, 0 where no feature is.
    """
    group = np.zeros(page.regions.count, np.int64)
    group[labels[near > 0]] = near[near > 0]
    pairs = np.concatenate([page.regions.pairs, page.regions.pairs[:, ::-1]])
    touch = pairs[is_feature[pairs[:, 0]] & scene.is_shown("skin")[pairs[:, 1]] & (group[pairs[:, 0]] > 0)]
    count, of = int(near.max()) + 1, group[touch[:, 0]]
    return hanging_together(count + page.regions.count, of, count + touch[:, 1])[:count]


def owners(scene: Scene, places: Places, found: Sequence[Head]) -> np.ndarray:
    """Below which head of its figure every region lies: its number, -1 where the figure shows none; `int[R]`."""
    owner = np.full(len(scene.figures), -1)
    for region, figure in enumerate(scene.figures.tolist()):
        near = [k for k, head in enumerate(found) if head.figure == figure]
        if near:
            owner[region] = min(near, key=lambda k: found[k].far(places.columns[region], places.rows[region]))
    return owner


def is_worn(head: Head, places: Places, regions: np.ndarray) -> np.ndarray:
    """Which of some regions somebody may wear: backdrops and puddles touch a figure, too; `bool[len(regions)]`."""
    across = abs(places.columns[regions] - head.x) / head.height
    above = (head.y - places.rows[regions]) / head.height
    return (places.wide[regions] < _WIDEST * head.height) & (across < _FURTHEST) & (above < _ABOVE)


def people(page: Page, scene: Scene, places: Places) -> np.ndarray:
    """Whom every region belongs to, `int[R]`: the number of a head, or below 0 one for whatever else hangs together."""
    found = heads(page, scene)
    owner = owners(scene, places, found)
    for number, head in enumerate(found):
        mine = np.flatnonzero(owner == number)
        owner[mine[~is_worn(head, places, mine)]] = -1
    return np.where(owner >= 0, owner, -1 - connected(page, (owner < 0) & ~scene.is_scenery))
