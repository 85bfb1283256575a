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

from s2p.parts import NAMES
from s2p.pipelines.looking import Page, is_ground
from s2p.pipelines.scene import FACES, Scene
from s2p.tags import choices

_SMALLEST, _SMALLEST_OF_FACES = 0.0008, 0.0002  # shares of the page: smaller regions follow their neighbours
_CLEARLY = 0.3  # chance of a part up to which a region is not believed to show it
# Garments: where their middle lies between chin (0) and feet (1), how far around, and how sure that has to be.
_GARMENTS = {
    "shirt": (0.18, 0.2), "jacket": (0.2, 0.22), "dress": (0.35, 0.32), "skirt": (0.5, 0.16),
    "legwear": (0.76, 0.16), "footwear": (0.97, 0.09),
}  # fmt: skip
_FITS = 0.3
_UPPER = ("shirt", "jacket", "dress")  # all that is seen of a figure which the page cuts below the chest
_BUST = 1.8  # heads below the chin up to which a figure is cut there
_ON_HEAD, _NEAR_HEAD, _SMALL = ("hat",), ("bow", "ribbon", "neckwear"), 0.02
_PARTS = {"hair": ("hair", "brow"), "eyes": ("iris",), "skin": ("skin",)}


@dataclass(frozen=True)
class _Head:
    """A face: its middle, its lower end and its height, px of the page; which figure it belongs to."""

    x: float
    y: float
    chin: float
    height: float
    figure: int


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
        if group in _PARTS:
            numbers = [NAMES.index(name) for name in _PARTS[group]]
            large = areas >= (_SMALLEST_OF_FACES if group == "eyes" else _SMALLEST)
            row[:] = np.isin(scene.shown, numbers) & (scene.chances[:, numbers].max(-1) >= _CLEARLY) & large
        elif group == "background":
            row[:] = scene.is_scenery & (areas >= _SMALLEST) & (is_ground(page) | ~scene.is_shown("paper"))
        else:
            row[:] = np.where(is_cloth, _garment(page, scene, heads, group), 0.0)
    if not len(groups):
        return []
    best = fits.argmax(0)
    return [np.flatnonzero((best == number) & (row > _FITS)) for number, row in enumerate(fits)]


def _garment(page: Page, scene: Scene, heads: Sequence[_Head], group: str) -> np.ndarray:
    """How well every region suits a garment by where it lies, `float32[R]`."""
    count = page.regions.count
    columns, rows = _middles(page)
    fits = np.zeros(count, np.float32)
    bottoms = _bottoms(page, scene)
    for region in range(count):
        near = [head for head in heads if head.figure == scene.figures[region]]
        if not near:
            # A figure whose face nobody found: nothing tells its garments apart.
            fits[region] = 0.5 if group in _UPPER else 0.0
            continue
        head = min(near, key=lambda one: abs(one.x - columns[region]) + max(one.y - rows[region], 0.0))
        across, down = abs(columns[region] - head.x) / head.height, (rows[region] - head.chin) / head.height
        is_small = page.regions.areas[region] < _SMALL
        if group in _ON_HEAD:
            fits[region] = float(rows[region] < head.y - 0.2 * head.height and across < 1.2)
        elif group in _NEAR_HEAD:
            fits[region] = float(is_small and across < 1.2 and down < 0.9)
        elif group in _GARMENTS:
            length = (bottoms[scene.figures[region]] - head.chin) / head.height
            if length < _BUST:
                fits[region] = 0.8 * float(group in _UPPER and down > -0.4)
            elif down > -0.6:
                middle, width = _GARMENTS[group]
                fits[region] = np.exp(-(((down / length) - middle) / width) ** 2)
        elif group == "gloves":
            fits[region] = 0.4 * float(is_small and across > 1.0 and down > 0.5)
    return fits


def _middles(page: Page) -> tuple[np.ndarray, np.ndarray]:
    """Mean column and row of every region, px; `float[R]` each."""
    labels, count = page.regions.labels, page.regions.count
    size = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    rows, columns = np.indices(labels.shape)
    return tuple(np.bincount(labels.ravel(), of.ravel(), count) / size for of in (columns, rows))  # type: ignore[return-value]


def _bottoms(page: Page, scene: Scene) -> np.ndarray:
    """The lowest row of every figure, px; `float[figures]`."""
    height, width = page.inner
    figures = scene.figures[page.regions.labels[:height, :width]]
    lowest = np.zeros(int(scene.figures.max()) + 1)
    np.maximum.at(lowest, figures.ravel(), np.repeat(np.arange(height), width))
    return lowest


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
