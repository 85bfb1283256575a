"""What the regions of a drawing show, and which of them make one figure."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from s2p.parts import NAMES, SCENERY
from s2p.pipelines.bodies import with_their_heads
from s2p.pipelines.looking import Page, View, by_region
from s2p.pipelines.tilings import each_of, tilings
from s2p.pipelines.twins import twins
from s2p.regions import hanging_together

FACES = ("brow", "eye white", "iris", "mouth")
LIMBS = ("skin", "cloth", "thing")  # what a left and a right of which one is taken for the other may show
_CLOSED = 0.55  # likelihood from which on a region is part of a face
_ISLAND = 0.006  # share of the page
_ALONE = 0.015  # share of the page up to which what hangs together is a thing apart
_BEHIND = 0.2  # likelihood of scenery from which on what takes much of the page's border is that


@dataclass(frozen=True)
class Scene:
    """The regions of a drawing.

    Attributes:
        chances: `float32[R, P]`, how likely every region shows each part of `s2p.parts.NAMES`.
        shown: `int[R]`, the number of the likeliest.
        figures: `int[R]`, a number for all regions that hang together when scenery is taken away; bodies have those of
            their heads (`s2p.pipelines.bodies`).
        is_scenery: `bool[R]`.
        twins: `int[N, 2]`, of `s2p.pipelines.twins`; what may be bare or clothed shows the same in both.
        standing: `int[R]`, a number for all regions that hang together when ground is taken away, whatever they show;
            -1 for ground.
        is_alone: `bool[R]`, what stands alone and is small: clouds, birds, pebbles.
        tilings: `int[R]`, of `s2p.pipelines.tilings`; all of a tiling shows the same, a thing where it is no cloth.
        cells: `float32[*page.grid.shape, P]`, how likely every cell shows each part.
    """

    chances: np.ndarray
    shown: np.ndarray
    figures: np.ndarray
    is_scenery: np.ndarray
    twins: np.ndarray
    standing: np.ndarray
    is_alone: np.ndarray
    tilings: np.ndarray
    cells: np.ndarray

    @staticmethod
    def of(page: Page, parts: np.ndarray) -> Scene:
        """The scene of a page whose cells show `parts`, `float32[*page.grid.shape, P]` of `s2p.parts.name_parts`."""
        view = View.of(page)
        chances = by_region(parts.reshape(-1, parts.shape[-1])[view.cells], view, page.regions.count)
        scenery = np.array([NAMES.index(name) for name in SCENERY])
        behind = page.regions.grounds & (chances[:, scenery].sum(-1) > _BEHIND)
        # Eyes and mouths are drawn closed, or else what they are open to is meant.
        faces = np.isin(np.arange(len(NAMES)), [NAMES.index(name) for name in FACES])
        likeliest = np.where(faces & (chances < _CLOSED), 0.0, chances).argmax(-1)
        shown = np.where(behind, scenery[chances[:, scenery].argmax(-1)], likeliest)
        shown = _without_islands(page, shown)
        is_scenery, repeated = np.isin(shown, scenery), tilings(page, chances)
        for within in each_of(repeated):
            chances[within] = np.average(chances[within], axis=0, weights=page.regions.areas[within])
            likeliest = int(chances[within][0].argmax())
            shown[within] = NAMES.index("thing") if likeliest in scenery else likeliest
            is_scenery[within] = likeliest in scenery
        figures = connected(page, ~is_scenery)
        pairs = twins(page, figures, is_scenery)
        pairs = pairs[np.isin(shown[pairs], [NAMES.index(name) for name in LIMBS]).all(-1)]
        for pair in pairs:
            chances[pair] = chances[pair].mean(0)
            shown[pair] = chances[pair[0]].argmax()
        figures = with_their_heads(page, shown, figures, is_scenery)
        grounds = page.regions.grounds
        standing = np.where(grounds, -1, connected(page, ~grounds))
        size = np.bincount(standing + 1, page.regions.areas)[standing + 1]
        is_alone = (size < _ALONE) & ~grounds
        return Scene(chances, shown, figures, is_scenery, pairs, standing, is_alone, repeated, parts)

    def arrays(self) -> list[np.ndarray]:
        """Everything it holds, for a cache."""
        return [getattr(self, each.name) for each in fields(self)]

    def may_take(self, homes: np.ndarray, regions: np.ndarray) -> np.ndarray:
        """Which regions may take the colours of which hints on suspicion, `bool[R, N]`: no cloud that of a wall.

        Args:
            homes, regions: `int[N]` and `int[R]`, numbers of regions: of the hints, and which are asked for.
        """
        return ~self.is_alone[regions][:, None] | (self.standing[regions][:, None] == self.standing[homes])

    def is_shown(self, name: str) -> np.ndarray:
        """Which regions show a part, `bool[R]`."""
        return self.shown == NAMES.index(name)


def _without_islands(page: Page, shown: np.ndarray) -> np.ndarray:
    """Small pieces that lie in a face and are taken for hair or cloth show what lies around them: a chin, an iris."""
    number = {name: NAMES.index(name) for name in NAMES}
    face = [number["skin"], *(number[name] for name in FACES)]
    areas, pairs = page.regions.areas, page.regions.pairs
    odd = np.isin(shown, [number[name] for name in ("hair", "cloth", "thing")]) & (areas < _ISLAND)
    result = shown.copy()
    for region in np.flatnonzero(odd):
        around = np.concatenate([pairs[pairs[:, 0] == region, 1], pairs[pairs[:, 1] == region, 0]])
        if len(around) and np.isin(shown[around], face).all():
            result[region] = shown[around[areas[around].argmax()]]
    return result


def connected(page: Page, is_meant: np.ndarray) -> np.ndarray:
    """Numbers the regions so that those which are meant, `bool[R]`, and hang together have one; `int[R]`."""
    pairs = page.regions.pairs
    return hanging_together(page.regions.count, *pairs[is_meant[pairs].all(-1)].T)
