"""Words for colours: which regions of a drawing they mean.

The network `parts` says where hair, skin, irises, cloth and ground are. Which garment a piece of cloth is follows from
where it sits between the chin and the feet of its figure. Words bind what `s2p.pipelines.choose` may choose from, and
an artist's own hints go before them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2p.parts import NAMES, OF_WORDS
from s2p.pipelines.heads import Head, Places, heads, is_worn, owners
from s2p.pipelines.looking import Page
from s2p.pipelines.scene import Scene
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
_ARM = 0.06  # share of the page up to which it is one
_ON_HEAD, _NEAR_HEAD, _SMALL = ("hat",), ("bow", "ribbon", "neckwear"), 0.02


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
    found, places = heads(page, scene), Places.of(page)
    owner = owners(scene, places, found)
    for row, group in zip(fits, groups):
        if group in OF_WORDS:
            numbers = [NAMES.index(name) for name in OF_WORDS[group]]
            large = areas >= (_SMALLEST_OF_FACES if group == "eyes" else _SMALLEST)
            likely = scene.chances[:, numbers].max(-1) >= _CLEARLY
            # Irises are small and taken for what is around them; who names their colour sees them beside their whites.
            may_be = (group == "eyes") & ~scene.is_shown("eye white")
            row[:] = (np.isin(scene.shown, numbers) | may_be) & likely & large
        elif group == "background":
            row[:] = scene.is_scenery & (areas >= _SMALLEST) & (page.regions.grounds | ~scene.is_shown("paper"))
        else:
            worn = is_cloth | _hats(page, scene) if group in _ON_HEAD else is_cloth
            row[:] = np.where(worn, _garment(page, places, found, owner, group), 0.0)
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


def _garment(page: Page, places: Places, found: Sequence[Head], owner: np.ndarray, group: str) -> np.ndarray:
    """How well every region suits a garment by where it lies below its head (`owners`), `float32[R]`."""
    # A figure whose face nobody found: nothing tells its garments apart.
    fits = np.where((owner < 0) & (group in _UPPER), 0.5, 0.0).astype(np.float32)
    for number, head in enumerate(found):
        regions = np.flatnonzero(owner == number)
        regions = regions[is_worn(head, places, regions)]
        across = abs(places.columns[regions] - head.x) / head.height
        down = (places.rows[regions] - head.chin) / head.height
        areas = page.regions.areas[regions]
        length = (places.last[regions, 0].max(initial=head.chin) - head.chin) / head.height
        if group in _ON_HEAD:
            # Hats are taken for hair; who names one knows what lies on top of the head.
            fits[regions] = _TOP * ((places.rows[regions] < head.y - 0.45 * head.height) & (across < 1.2))
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
