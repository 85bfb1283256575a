"""What lies behind figures that are coloured without hints: where it is bare paper, and which pieces of it are one."""

from __future__ import annotations

import numpy as np

from s2p import reach
from s2p.parts import NAMES, SCENERY
from s2p.pipelines.heads import Places
from s2p.pipelines.looking import Page
from s2p.pipelines.scene import Scene
from s2p.regions import hanging_together

_BARE = 0.95  # share of the ground that figures stand before from which on it is paper
_GAPS = 0.15  # share of the page up to which scenery inside figures is what is seen between them, not a framed scene
# What reaches the page's edge between legs that it cuts off: its share of the border, and chance of being scenery.
_AT_EDGE, _SEEN = 0.02, 0.25
_SAME_ROWS = 0.6  # of the taller one: two pieces of ground that share so many rows are one


def on_paper(page: Page, scene: Scene, shown: np.ndarray, homes: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """What regions show, where figures on bare paper have paper between their legs and under their arms, too.

    Whoever colours the ground wants no paper.

    Args:
        page, scene: the drawing.
        shown: `int[R]`, numbers of parts.
        homes, colors: `int[N]` and `uint8[N, 3]` RGB, regions of the hints, and theirs.

    Returns: `int[R]`.
    """
    paper, areas, grounds = NAMES.index("paper"), page.regions.areas, page.regions.grounds
    if areas[grounds & (shown == paper)].sum() < _BARE * max(areas[grounds].sum(), 1e-6):
        return shown
    if (grounds[homes] & ~reach.is_paper(reach.lab_of(colors))).any():
        return shown
    scenery = np.array([NAMES.index(name) for name in SCENERY])
    is_gap = page.regions.at_border(_AT_EDGE) & (scene.chances[:, scenery].sum(-1) >= _SEEN)
    is_gap = (is_gap | np.isin(shown, scenery)) & (shown != paper)
    return np.where(is_gap & (areas[is_gap].sum() <= _GAPS), paper, shown)


def with_backdrops(page: Page, scene: Scene, places: Places, figures: np.ndarray) -> np.ndarray:
    """The numbers of figures, `int[R]`, where all sky is one, and so is ground in the same rows, which a figure parts.

    Args:
        page, scene, places: the drawing.
        figures: `int[R]`, as `Scene.figures`.
    """
    ground, sky = np.flatnonzero(scene.is_shown("ground")), np.flatnonzero(scene.is_shown("sky"))
    first, last = places.first[ground, 0], places.last[ground, 0]
    shared = np.minimum(last[:, None], last) - np.maximum(first[:, None], first) + 1.0
    one, other = np.nonzero(shared > _SAME_ROWS * np.maximum(last - first, (last - first)[:, None]) + 1.0)
    joined = hanging_together(page.regions.count, ground[one], ground[other])
    joined[sky] = page.regions.count
    return np.where(scene.is_shown("ground") | scene.is_shown("sky"), 2 * page.regions.count + joined, figures)
