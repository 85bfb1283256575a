"""Words for colours: which regions of a drawing they mean.

The network `parts` says where hair, skin, irises, cloth and ground are. Which garment a piece of cloth is follows from
where it sits between the chin and the feet of its figure. Words bind what `s2p.pipelines.choose` may choose from, and
an artist's own hints go before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from s2p.parts import NAMES, OF_WORDS
from s2p.pipelines.looking import Page
from s2p.pipelines.scene import FACES, Scene
from s2p.tags import choices

_SMALLEST, _SMALLEST_OF_FACES = 0.0008, 0.0002  # shares of the page: smaller regions follow their neighbours
_CLEARLY = 0.3  # chance of a part up to which a region is not believed to show it
# Garments: where their middle lies between chin (0) and feet (1), how far around, and how sure that has to be.
_GARMENTS = {
    "shirt": (0.18, 0.2), "jacket": (0.2, 0.22), "dress": (0.35, 0.32), "skirt": (0.5, 0.16),
    "trousers": (0.62, 0.22), "legwear": (0.76, 0.16), "footwear": (0.95, 0.12),
}  # fmt: skip
_FITS, _TOP = 0.3, 1.2  # what a word needs, and what the top of a head is worth to hats, more than hair to hair
_UPPER = ("shirt", "jacket", "dress")  # all that is seen of a figure which the page cuts below the chest
_LOWER, _BESIDE = ("skirt", "trousers"), 0.8  # what no arm wears that hangs so many heads beside the face
_BUST = 1.8  # heads below the chin up to which a figure is cut there
_WIDEST, _FURTHEST = 2.4, 2.6  # heads: deviation of what is worn, and its middle beside the face
_ARM = 0.06  # share of the page up to which it is one
_ON_HEAD, _NEAR_HEAD, _SMALL = ("hat",), ("bow", "ribbon", "neckwear"), 0.02


@dataclass(frozen=True)
class _Head:
    """A face: its middle, its lower end and its height, px of the page; which figure it belongs to."""

    x: float
    y: float
    chin: float
    height: float
    figure: int

    def far(self, x: float, y: float) -> float:
        """How little a place is below this head, px."""
        return abs(self.x - x) + max(self.y - y, 0.0)


def worded(page: Page, scene: Scene, tags: Sequence[str]) -> tuple[dict[int, np.ndarray], tuple[str, ...]]:
    """The colours that words ask for, by the regions that they mean.

    Args:
        page, scene: of the drawing.
        tags: names of `s2p.tags`.

    Returns: `uint8[3]`, RGB, by number of region; and the tags of which nothing is to be seen.
    """
    known = choices()
    wanted = [known[name] for name in tags if known[name].color]
    meant = _meant(page, scene, [tag.group for tag in wanted])
    colors = [np.array(list(bytes.fromhex(tag.color[1:])), np.uint8) for tag in wanted]
    found = {int(region): color for regions, color in zip(meant, colors) for region in regions}
    return found, tuple(tag.name for tag, regions in zip(wanted, meant) if not len(regions))


def _meant(page: Page, scene: Scene, groups: Sequence[str]) -> list[np.ndarray]:
    """The regions of each of some groups of tags, `int[...]` each; no region twice."""
    areas = page.regions.areas
    is_cloth = scene.is_shown("cloth") & (areas >= _SMALLEST)
    fits = np.zeros((len(groups), page.regions.count), np.float32)
    heads = _heads(page, scene)
    for row, group in zip(fits, groups):
        if group in OF_WORDS:
            numbers = [NAMES.index(name) for name in OF_WORDS[group]]
            large = areas >= (_SMALLEST_OF_FACES if group == "eyes" else _SMALLEST)
            row[:] = np.isin(scene.shown, numbers) & (scene.chances[:, numbers].max(-1) >= _CLEARLY) & large
        elif group == "background":
            row[:] = scene.is_scenery & (areas >= _SMALLEST) & (page.regions.grounds | ~scene.is_shown("paper"))
        else:
            worn = is_cloth | _hats(page, scene) if group in _ON_HEAD else is_cloth
            row[:] = np.where(worn, _garment(page, scene, heads, group), 0.0)
    if not len(groups):
        return []
    best = fits.argmax(0)
    return [np.flatnonzero((best == number) & (row > _FITS)) for number, row in enumerate(fits)]


def _hats(page: Page, scene: Scene) -> np.ndarray:
    """What may be a hat besides cloth, `bool[R]`: things, and hair of a figure that has more of it than that."""
    is_large = page.regions.areas >= _SMALLEST
    hair = np.flatnonzero(scene.is_shown("hair") & is_large)
    found = scene.is_shown("thing") & is_large
    found[hair] = np.bincount(scene.figures[hair], minlength=scene.figures.max() + 1)[scene.figures[hair]] > 1
    return found


def _garment(page: Page, scene: Scene, heads: Sequence[_Head], group: str) -> np.ndarray:
    """How well every region suits a garment by where it lies, `float32[R]`."""
    fits = np.zeros(page.regions.count, np.float32)
    columns, rows, wide, lowest = _places(page)
    wearers: list[list[int]] = [[] for _ in heads]
    for region in range(page.regions.count):
        near = [k for k, head in enumerate(heads) if head.figure == scene.figures[region]]
        if near:
            wearers[min(near, key=lambda k: heads[k].far(columns[region], rows[region]))].append(region)
        elif group in _UPPER:  # a figure whose face nobody found: nothing tells its garments apart
            fits[region] = 0.5
    for head, mine in zip(heads, wearers):
        regions = np.array(mine, np.int64)
        across, down = abs(columns[regions] - head.x) / head.height, (rows[regions] - head.chin) / head.height
        # Backdrops and puddles touch a figure, too; nobody wears them.
        is_worn = (wide[regions] < _WIDEST * head.height) & (across < _FURTHEST)
        regions, across, down = regions[is_worn], across[is_worn], down[is_worn]
        areas = page.regions.areas[regions]
        length = (lowest[regions].max(initial=head.chin) - head.chin) / head.height
        if group in _ON_HEAD:
            # Hats are taken for hair; who names one knows what lies on top of the head.
            fits[regions] = _TOP * ((rows[regions] < head.y - 0.45 * head.height) & (across < 1.2))
        elif group in _NEAR_HEAD:
            fits[regions] = (areas < _SMALL) & (across < 1.2) & (down < 0.9)
        elif group == "gloves":
            fits[regions] = 0.4 * ((areas < _SMALL) & (across > 1.0) & (down > 0.5))
        elif length < _BUST:
            fits[regions] = 0.8 * ((down > -0.4) & (group in _UPPER))
        elif group in _GARMENTS:
            middle, width = _GARMENTS[group]
            is_arm = (group in _LOWER) & (across > _BESIDE) & (areas < _ARM)
            fits[regions] = np.exp(-(((down / length) - middle) / width) ** 2) * (down > -0.6) * ~is_arm
    return fits


def _places(page: Page) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mean column and row of every region, how far its columns deviate, and its lowest row; px, `float[R]` each."""
    height, width = page.inner
    labels, count = page.regions.labels[:height, :width].ravel(), page.regions.count
    size = np.maximum(np.bincount(labels, minlength=count), 1)
    row, column = (place.ravel().astype(np.float64) for place in np.indices((height, width)))
    columns, rows, squares = (np.bincount(labels, of, count) / size for of in (column, row, column * column))
    lowest = np.zeros(count)
    np.maximum.at(lowest, labels, row)
    return columns, rows, np.sqrt(np.maximum(squares - columns * columns, 0.0)), lowest


def _heads(page: Page, scene: Scene) -> list[_Head]:
    """Faces: where features of one lie close together."""
    height, width = page.inner
    labels = page.regions.labels[:height, :width]
    numbers = [NAMES.index(name) for name in FACES]
    features = np.isin(scene.shown, numbers)[labels].astype(np.uint8)
    if not features.any():
        return []
    reach = max(min(height, width) // 24, 3)
    joined = cv2.dilate(features, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    found, parts = cv2.connectedComponents(joined)
    heads = []
    for number in range(1, found):
        rows, columns = np.nonzero((parts == number) & (features > 0))
        tall = max(float(np.ptp(rows)), float(np.ptp(columns)) * 0.8, reach)
        face = int(np.bincount(scene.figures[labels[rows, columns]]).argmax())
        heads.append(_Head(
            float(columns.mean()), float(rows.mean()), float(rows.mean()) + 0.8 * tall, 2.2 * tall, face,
        ))  # fmt: skip
    return heads
