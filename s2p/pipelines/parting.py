"""Parts a region by its width, where a hint means less than all of it, and says which colour each piece has.

A corridor ends at the hall, a window frame at the wall, hair whose outline does not meet at the page.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import coo_matrix

from s2p import reach
from s2p.parts import NAMES
from s2p.pipelines.leftover import is_usual
from s2p.pipelines.looking import Page, Seen, kinds_of
from s2p.pipelines.scene import Scene
from s2p.regions import Regions, coarse
from s2p.subdivision import divide_again, divide_by

OWN = 0.25  # share of a region's own hints from which on it is believed to be theirs
_HALL = 0.4  # share of a region from which on a piece of it stands for all
_WIDE = 0.7  # of the widest place of a region, from which on a piece is as good
BARE, _AGAINST = 0.12, 0.2  # chance of paper from which on it is; as a share of that of the region's own hints
_NO_PAPER = 0.05  # chance of paper up to which ground is none
_BETWEEN, _STEPS = 0.5, 60  # chance of coming to hints, from which on a piece lies between them; steps of the walk
_RATHER = 0.6  # chance of coming to hints of a colour, as a share of the best one's, from which on it may be that
_BESIDE = 1.5  # what a piece of a region is open to, against the logarithm of what the network thinks of it
_CLEARLY = 0.6  # chance of skin, hair or anything else, from which on a place is that
_ANOTHER = 0.3  # the same of a region, from which on some of it is
_SKIN, _REST = 0, 2  # of _kinds
_WHATEVER = [NAMES.index(name) for name in ("thing", "creature")]
_OPENING = 1.5  # the same, of a small piece that is as open as it is wide


def parted(
    page: Page, seen: Seen, kind: np.ndarray, mean: np.ndarray, paper: np.ndarray
) -> tuple[Page, Seen, np.ndarray, np.ndarray]:
    """Parts regions by width where hints of several colours lie, or the network doubts that one means all.

    Args:
        page, seen: as for `s2p.pipelines.flats.flats`.
        kind: `int[N]`, which of the colours each hint has.
        mean: `float32[count, kinds]`, how likely every region follows each colour.
        paper: `float32[count]`, how likely every region is bare; 0 for what is no ground. Ground that is likely bare
            although hints lie in it is open to the figure that they mean.

    Returns: the page with its new regions, itself where none is parted; what is seen of it; the old region of every new
        one, `int[count]`; and which colours share the old one, `bool[count, kinds]`, none where it is doubted that they
        have all of it, unless their hint lies in the largest piece.
    """
    own = np.zeros(mean.shape, bool)
    own[seen.places.homes, kind] = True
    share = (mean * own).sum(-1)
    bare = (paper >= BARE) & (paper >= _AGAINST * share)
    shared = own & ((share >= OWN) & (own.sum(-1) > 1) & ~bare)[:, None]
    is_parted = own.any(-1) & ((share < OWN) | shared.any(-1) | bare)
    if not is_parted.any():
        return page, seen, np.arange(page.regions.count), shared
    old, (regions, parents) = page.regions, divide_again(page.regions, page.lines, is_parted)
    page = Page(page.lines, page.inner, regions, coarse(regions, reach.CELL))
    seen = _placed(seen, page, kind)
    # Who lies in the hall, or in one of several, means its corners, too.
    olds, pieces = old.areas, np.unique(seen.places.homes)
    widths, rooms = regions.widest, old.widest
    is_hall = (regions.areas >= _HALL * olds[parents]) | (widths >= _WIDE * rooms[parents])
    of_halls = parents[pieces[is_hall[pieces]]]
    shared[of_halls] |= own[of_halls]
    return page, seen, parents, shared[parents]


def apart(page: Page, seen: Seen, scene: Scene, colors: np.ndarray) -> tuple[Page, Seen, Scene]:
    """Parts regions whose hints lie in something else than most of them is: a fringe that is open to the face.

    Args:
        page, seen, scene, colors: as for `s2p.pipelines.flats.flats`. Only skin is parted from what it is open to, and
            only if the colour says so, too: one of skin means skin, and another does not.

    Returns: the same, where no region is parted; else for the page with its new regions.
    """
    cells = scene.cells.reshape(-1, scene.cells.shape[-1])
    there, whole = _kinds(cells[seen.places.cells]), _kinds(scene.chances)[seen.places.homes]
    one = there.argmax(-1)
    others = np.where(np.arange(whole.shape[1]) == one[:, None], 0.0, whole)
    differs = (there.max(-1) >= _CLEARLY) & (others.max(-1) >= _ANOTHER)
    differs &= np.where(is_usual("skin", colors), one == _SKIN, others.argmax(-1) == _SKIN)
    is_parted = np.zeros(page.regions.count, bool)
    is_parted[seen.places.homes[differs]] = True
    is_parted &= ~page.regions.grounds
    if not is_parted.any():
        return page, seen, scene
    kinds = _kinds(cells)
    kinds[:, _REST] -= cells[:, _WHATEVER].sum(-1)  # fingers that are taken for things are parted from no hand
    shown = np.where(kinds.max(-1) >= _CLEARLY, kinds.argmax(-1) + 1, 0).reshape(page.grid.shape)
    shown = np.repeat(np.repeat(shown.astype(np.int32), reach.CELL, 0), reach.CELL, 1)
    regions, _ = divide_by(page.regions, page.lines, is_parted, shown)
    page = Page(page.lines, page.inner, regions, coarse(regions, reach.CELL))
    return page, _placed(seen, page, kinds_of(colors)[1]), Scene.of(page, scene.cells)


def _kinds(parts: np.ndarray) -> np.ndarray:
    """How likely something is skin, hair, or neither, of `float32[N, P]`: `float32[N, 3]`."""
    one = parts[:, [NAMES.index("skin"), NAMES.index("hair")]]
    return np.concatenate([one, 1.0 - one.sum(-1, keepdims=True)], -1)


def _placed(seen: Seen, page: Page, kind: np.ndarray) -> Seen:
    """What is seen of a page once it has other regions."""
    height, width = page.lines.shape
    points = seen.places.points[:, ::-1] * np.float32(min(height, width)) / np.array([width, height], np.float32)
    return replace(seen, places=reach.places(page.regions, points, kind))


def inherited(
    page: Page, mean: np.ndarray, own: np.ndarray, heirs: np.ndarray, inherits: np.ndarray
) -> np.ndarray:
    """What pieces of a region that hints share take of their colours, `bool[count, kinds]`: one each.

    That is what the network thinks of a piece, and what it is open to: a piece of the sky goes with the sky (a Potts
    model, solved by iterated conditional modes, Besag 1986).

    Args:
        mean: `float32[count, kinds]`, what each piece would get of them by itself.
        own: `bool[count, kinds]`, the colours of hints in every piece.
        heirs: `bool[count, kinds]`, the colours to choose from.
        inherits: `bool[count]`, the pieces that take one.
    """
    taken = np.zeros_like(own)
    if not inherits.any():
        return taken
    one, other, length = open_borders(page, np.asarray(heirs.any(-1)))
    belief = np.where(heirs, np.log(mean + 0.03), -np.inf)
    total = np.maximum(np.bincount(one, length, len(own)), 1.0)[:, None]
    has = own / np.maximum(own.sum(-1, keepdims=True), 1)
    for _ in range(6):
        around = np.zeros(own.shape, np.float32)
        np.add.at(around, one, has[other] * length[:, None])
        taken = np.eye(own.shape[1], dtype=bool)[(belief + _BESIDE * around / total).argmax(-1)] & inherits[:, None]
        has = np.where(inherits[:, None], taken, has)
    return taken


def between(page: Page, own: np.ndarray, may: np.ndarray) -> np.ndarray:
    """What pieces without a hint may take that lie between such with one: `bool[count, kinds]`.

    Whoever walks at random from such a piece over open borders comes to hints sooner than to anything else (random
    walks, Grady 2006): the sleeve between a hand and a shoulder that hints lie in is no part of the paper around it.

    Args:
        page: whose regions they are.
        own: `bool[count, kinds]`, the colours of hints in every piece.
        may: `bool[count]`, which of the others may go with them.
    """
    first = own / np.maximum(own.sum(-1, keepdims=True), 1)
    if not may.any():
        return np.zeros_like(own)
    one, other, length = open_borders(page, np.ones(page.regions.count, bool))
    leaves = may[one]
    one, other, length = one[leaves], other[leaves], length[leaves]
    step = coo_matrix((length / np.bincount(one, length, len(may))[one], (one, other)), (len(may), len(may))).tocsr()
    comes = first
    for _ in range(_STEPS):
        comes = first + step @ comes
    likely = comes >= _RATHER * comes.max(-1, keepdims=True)
    return likely & (may & (comes.sum(-1) > _BETWEEN))[:, None]


def instead_of_paper(
    regions: Regions, parents: np.ndarray, own: np.ndarray, blank: np.ndarray, ground: np.ndarray
) -> np.ndarray:
    """What pieces of ground take rather than stay bare: `bool[count, kinds]`, the colours of hints in the rest of it.

    Sky that is parted between specks is still sky. So is any ground of which it is sure that it is no paper.

    Args:
        regions: of the page, pieces among them.
        parents: `int[count]`, the region that each is a piece of.
        own: `bool[count, kinds]`, the colours of hints in every piece.
        blank: `float32[count]`, how likely each is paper.
        ground: `bool[count]`, which are pieces of ground.
    """
    areas = np.bincount(parents, regions.areas)
    is_none = np.bincount(parents, regions.areas * blank) < _NO_PAPER * areas
    of_parents = np.zeros((len(areas), own.shape[1]), bool)
    np.logical_or.at(of_parents, parents, own)
    return of_parents[parents] & (ground & is_none[parents] & ~own.any(-1))[:, None]


def settled(page: Page, state: np.ndarray, belief: np.ndarray, is_free: np.ndarray) -> np.ndarray:
    """What small pieces show once their open neighbours have a say: a corridor between two strands goes on as it began.

    Args:
        page: whose regions they are.
        state: `int[count]`, what every region shows, a column of `belief`; -1 for what has no say.
        belief: `float32[count, K]`, logarithms of what is thought of every region alone.
        is_free: `bool[count]`, those that may change.

    Returns: `int[count]`, the new state. A neighbour counts by how much of a piece's width the opening to it has.
    """
    one, other, length = open_borders(page, np.ones(page.regions.count, bool))
    heard = is_free[one] & (state[other] >= 0)
    one, other, length = one[heard], other[heard], length[heard]
    if not len(one):
        return state
    is_free = np.bincount(one, minlength=len(state)) > 0
    # What was found for it counts as its likeliest, whatever that was found by.
    belief = belief.copy()
    belief[is_free, state[is_free]] = belief[is_free].max(-1)
    weight = _OPENING * np.minimum(length / np.maximum(2.0 * page.regions.widest[one], 1.0), 1.0)
    state = state.copy()
    for _ in range(6):
        total = belief.copy()
        np.add.at(total, (one, state[other]), weight)
        before, state = state, np.where(is_free, total.argmax(-1), state)
        if (before == state).all():
            break
    return state


def open_borders(page: Page, which: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of neighbouring regions out of some, both ways, and how many pixels of paper they meet on."""
    labels, count = page.regions.labels, page.regions.count
    is_open = (page.regions.room > 0) & which[labels]
    keys = []
    for near, far in (((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
                      ((slice(None, -1), slice(None)), (slice(1, None), slice(None)))):  # fmt: skip
        meet = is_open[near] & is_open[far] & (labels[near] != labels[far])
        one, other = labels[near][meet].astype(np.int64), labels[far][meet].astype(np.int64)
        keys += [one * count + other, other * count + one]
    key, length = np.unique(np.concatenate(keys), return_counts=True)
    return key // count, key % count, length.astype(np.float32)
