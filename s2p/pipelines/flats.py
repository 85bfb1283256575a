"""Flat colours of a drawing from its hints: the network says what belongs together, regions say where it ends.

    drawing ─divide─▶ regions ─network─▶ chances of every cell ─decide─▶ a colour, or paper, for every region

A region in which a hint lies is filled with it, all of it, unless the network doubts that or hints of several colours
share it: then it is parted by width (`s2p.pipelines.parting`), and pieces without a hint inherit. A region without one
takes the colour of hints elsewhere where the network is sure that it belongs to them (the other sleeve, the hair on the
other side of a strand); where it is not, `s2p.pipelines.leftover` weighs those colours against paper, and what would
stay bare is like its twin. Small pieces then go with what they are open to. Only what several hints share even then, or
what is still doubted, is coloured cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from s2p import reach
from s2p.enlarge import enlarge
from s2p.parts import NAMES
from s2p.pipelines.leftover import is_spot, nearest_expected, usual_colors
from s2p.pipelines.looking import Page, Seen, View, by_region, chances_of, palette_shares
from s2p.pipelines.parting import OWN, inherited, parted, settled
from s2p.pipelines.scene import Scene

_POCKET, _OWN_POCKET = 0.12, 0.12  # share of the page up to which less of it is enough, and how much
_SURE, _GROUND_SURE = 0.35, 0.6  # share of one colour from which on a region without any hint is painted with it
_ALIKE = 0.15  # Lab / 100: hints whose colours are so close speak for each other
# A nook (a share of the page) belongs to the neighbour that it is open to, and so does what is larger where the network
# holds that likely at least; open is a border that costs less than a line.
_NOOK, _ALCOVE, _LIKELY, _OPEN = 0.004, 0.04, 0.12, 0.95
# Parts: share that counts between regions that show different things, agreement from which on all of it does; agreement
# on skin or hair from which on a share that is heard at all is raised by so much.
_UNLIKE, _AGREED, _CLEARLY, _HEARD, _ADDED = 0.3, 0.4, 0.62, 0.1, 0.25
_SKIN, _WHATEVER = 0.5, 0.6  # agreement on skin from which on both have the colour of one hint; what that is worth
_SHADES = 0.35  # Lab / 100, within which colours are shades of one
_ONE_COLORED = [NAMES.index(name) for name in ("skin", "hair")]  # of a figure
_CLOSE = 0.006  # short edges: from here on a hint is obeyed whatever else lies in its region


def flats(
    page: Page, seen: Seen, colors: np.ndarray, palette: np.ndarray, scene: Scene
) -> np.ndarray:
    """Colours a drawing.

    Args:
        page, seen: of `page_of` and `look` of `s2p.pipelines.looking`.
        colors: `uint8[N, 3]`, RGB, of the hints that were looked at.
        palette: `float32[PALETTE, 3]`, Lab / 100, that the network was trained for.
        scene: of the page.

    Returns: `uint8[h, w, 3]`, RGB, of the page's inner size, without lines; white where the paper is left.
    """
    height, width = page.inner
    if not len(colors):
        return np.full((height, width, 3), 255, np.uint8)
    different, kind = np.unique(np.asarray(colors, np.uint8).reshape(-1, 3), axis=0, return_inverse=True)
    kind, alike = kind.ravel(), _likeness(different)
    before, held = page.regions.grounds, _Held.of(page, seen, kind, palette)
    usual = usual_colors(scene, page.regions.areas, held.palette, palette, seen.places.homes, colors)
    pieces, seen, parents, heirs = parted(page, seen, kind, held.mean, held.blank * before)
    if pieces is not page:
        page, held = pieces, _Held.of(pieces, seen, kind, palette)
    is_piece = np.bincount(parents)[parents] > 1
    parts, before, lab = scene.chances[parents], before[parents], reach.lab_of(different)
    on_spot = is_spot(page.regions.areas, seen.places.homes, colors, parts, scene.figures[parents])
    fitting, likelier, certain = _fitting(seen.places, kind, lab, parts, scene.figures[parents], on_spot)
    # What has a usual colour takes that of a hint in its like alone: a face is no part of the wall behind it.
    alien = usual[1][parents][:, None] & ~_of_their_like(scene.shown[parents], seen.places.homes, kind)
    known = _Known(
        heirs, before, before & is_piece, np.where(alien, np.float32(0.0), fitting), likelier, certain,
        *nearest_expected(held.mean, held.palette, lab, palette, parts, seen.places.homes, kind),
        usual[0][parents], usual[1][parents], usual[2][parents], _of_pieces(scene.twins, parents),
    )
    wanted, cover, is_solid = _decided(page, held, seen.places, kind, alike, known)
    painted = cover[:, None] * (wanted @ different.astype(np.float32)) + 255.0 * (1.0 - cover[:, None])
    painted = np.rint(painted).astype(np.uint8)
    labels = page.regions.labels[:height, :width]
    first = held.view.first_entry(page.regions.count)
    has_usual = (known.has_usual | known.if_bare) & is_solid & (cover[first] == 0)
    solid = np.where(has_usual[:, None], known.usual, painted[first])[labels]
    if is_solid.all():
        return solid
    cells = painted[: page.grid.size].reshape(*page.grid.shape, 3)
    by_cell = enlarge(cells, page.lines, ink=False)[:height, :width]
    return np.where(is_solid[labels][..., None], solid, by_cell)


@dataclass(frozen=True)
class _Held:
    """What the network holds likely, of the S entries of a view and of its R regions; K colours of hints.

    Attributes:
        view: of the page.
        chances, paper: `float32[S, K]` and `float32[S]`, of `chances_of`.
        mean, blank: `float32[R, K]` and `float32[R]`, the same of regions.
        palette: `float32[R, PALETTE]`, of `palette_shares`.
    """

    view: View
    chances: np.ndarray
    paper: np.ndarray
    mean: np.ndarray
    blank: np.ndarray
    palette: np.ndarray

    @staticmethod
    def of(page: Page, seen: Seen, kind: np.ndarray, palette: np.ndarray) -> _Held:
        view, count = View.of(page), page.regions.count
        chances, paper = chances_of(seen, view, kind, int(kind.max()) + 1, reach.is_paper(palette))
        mean, blank = by_region(chances, view, count), by_region(paper[:, None], view, count)[:, 0]
        return _Held(view, chances, paper, mean, blank, palette_shares(seen, view, count))


@dataclass(frozen=True)
class _Known:
    """What is known of regions before anything is decided; R of them, K colours.

    Attributes:
        heirs: `bool[R, K]`, colours that share the region of which one is a piece.
        before: `bool[R]`, ground.
        closed: `bool[R]`, pieces of ground, which take no colour from elsewhere without a hint.
        fitting, likelier, certain: `float32[R, K]`, of `_fitting`.
        nearest, is_nearer: `int[R]` and `bool[R]`, of `nearest_expected`.
        usual, has_usual, if_bare: `uint8[R, 3]`, `bool[R]` and `bool[R]`, of `usual_colors`.
        twins: `int[N, 2]`, of `s2p.pipelines.scene.Scene`, those of them that are whole.
    """

    heirs: np.ndarray
    before: np.ndarray
    closed: np.ndarray
    fitting: np.ndarray
    likelier: np.ndarray
    certain: np.ndarray
    nearest: np.ndarray
    is_nearer: np.ndarray
    usual: np.ndarray
    has_usual: np.ndarray
    if_bare: np.ndarray
    twins: np.ndarray


def _of_their_like(shown: np.ndarray, homes: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Whether a hint of a colour lies in what shows the same as a region, `bool[R, K]`."""
    found = np.zeros((len(NAMES), int(kind.max()) + 1), bool)
    found[shown[homes], kind] = True
    return found[shown]


def _likeness(colors: np.ndarray) -> np.ndarray:
    """How alike colours, `uint8[K, 3]` RGB, are: `float32[K, K]`, 1 for the same."""
    lab = reach.lab_of(colors)
    return np.exp(-((np.linalg.norm(lab[:, None] - lab[None], axis=-1) / _ALIKE) ** 2)).astype(np.float32)


def _nearness(view: View, found: reach.Places, kind: np.ndarray, kinds: int) -> np.ndarray:
    """How near the nearest hint of every colour is to every entry: `float32[S, kinds]`, falling with its square."""
    rows, columns = np.ascontiguousarray(reach.coordinates(view.shape)[view.cells].T)
    square = np.full((kinds, len(view.cells)), np.inf, np.float32)
    for (row, column), which in zip(found.points, kind):
        np.minimum(square[which], (rows - row) ** 2 + (columns - column) ** 2, out=square[which])
    return np.ascontiguousarray((1.0 / (square + np.float32(_CLOSE**2))).T)


def _decided(
    page: Page, held: _Held, found: reach.Places, kind: np.ndarray, alike: np.ndarray, known: _Known
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mixture of colours `float32[S, K]` and cover `float32[S]` of every entry; which regions are of one colour.

    The last is `bool[count]`.
    """
    count, kinds, view, mean = page.regions.count, len(alike), held.view, held.mean
    near = _nearness(view, found, kind, kinds)
    own = np.zeros((count, kinds), bool)
    own[found.homes, kind] = True
    is_hinted, heirs = own.any(-1), known.heirs
    inherits = np.asarray(heirs.any(-1) & ~is_hinted)
    shared_out = _shared_out(held.chances, near, heirs[view.regions])
    own |= inherited(page, by_region(shared_out, view, count), own, heirs, inherits)
    enough = np.where(page.regions.areas < _POCKET, _OWN_POCKET, OWN)
    trusted = is_hinted & (((mean * own).sum(-1) >= enough) | known.closed) | inherits
    is_hinted = is_hinted | inherits
    several = trusted & (own.sum(-1) > 1)
    together = (mean * known.fitting + np.where(mean > _HEARD, known.likelier, 0.0) + known.certain) @ alike
    first, likeliest = together.max(-1), np.eye(kinds, dtype=np.float32)[(mean * together).argmax(-1)]
    is_sure = (first >= np.where(known.before, _GROUND_SURE, _SURE)) & (first > held.blank) & ~known.closed
    is_solid = np.where(trusted, ~several, ~is_hinted)
    # What every region is if it is of one colour.
    wanted = np.where((trusted & ~several)[:, None], own.astype(np.float32), likeliest)
    cover = np.where(trusted, 1.0, is_sure).astype(np.float32)
    _fill_nooks(page, wanted, cover, together, ~is_hinted & ~is_sure & ~known.before, is_solid)
    is_left = ~is_hinted & (cover == 0) & ~known.closed & ~known.has_usual & known.is_nearer
    wanted, cover = np.where(is_left[:, None], np.eye(kinds)[known.nearest], wanted), np.where(is_left, 1.0, cover)
    _like_their_twins(
        known.twins, wanted, cover, page.regions.areas, is_hinted & is_solid, ~is_hinted & ~known.has_usual
    )
    wanted, cover = _among_neighbours(
        page, wanted, cover, np.concatenate([together, held.blank[:, None]], -1),
        is_solid & ~is_hinted & ~known.closed & ~known.has_usual, is_solid & ~(known.has_usual & (cover == 0)),
    )
    # Cell by cell: hints of one region meet softly, and where it leaks they fade with what the network thinks of it.
    among = _shared_out(held.chances, near, own[view.regions])
    here = np.where(own[view.regions], held.chances, 0.0).sum(-1)
    soft = np.clip((here - np.maximum(held.paper, _SURE)) * 5.0 + 0.5, 0.0, 1.0)
    solid, shared = is_solid[view.regions], several[view.regions]
    mixture = np.where(solid[:, None], wanted[view.regions], among)
    covered = np.where(solid | shared, cover[view.regions], soft)
    return mixture.astype(np.float32), covered.astype(np.float32), is_solid


def _of_pieces(pairs: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Pairs of old regions, `int[N, 2]`, as pairs of the new ones with those parents; none of what was parted."""
    pieces = np.bincount(parents)
    number = np.zeros(len(pieces), np.int64)
    number[parents] = np.arange(len(parents))
    return number[pairs[(pieces[pairs] == 1).all(-1)]]


def _like_their_twins(
    twins: np.ndarray, wanted: np.ndarray, cover: np.ndarray, areas: np.ndarray, gives: np.ndarray, takes: np.ndarray
) -> None:
    """Gives what would stay bare the colour of the left or right of it that has a hint; `wanted`, `cover` in place.

    Args:
        twins: `int[N, 2]`.
        areas: `float32[R]`; of several twins the one that is most alike counts.
        gives, takes: `bool[R]`, who may.
    """
    both = np.concatenate([twins, twins[:, ::-1]])
    both = both[gives[both[:, 0]] & (takes & (cover == 0))[both[:, 1]]]
    giver, taker = both[np.argsort(-np.abs(np.log(areas[both]) @ (1.0, -1.0)), kind="stable")].T
    wanted[taker], cover[taker] = wanted[giver], 1.0


def _among_neighbours(
    page: Page, wanted: np.ndarray, cover: np.ndarray, likely: np.ndarray, is_free: np.ndarray, is_heard: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Colour and cover once small regions have heard what they are open to (`s2p.pipelines.parting.settled`).

    Args:
        wanted, cover: of regions, as in `_decided`.
        likely: `float32[R, K + 1]`, how likely each of them has every colour, or is paper.
        is_free, is_heard: `bool[R]`, who may change, and who has a colour or paper for certain.
    """
    kinds = wanted.shape[1]
    state = np.where(is_heard, np.where(cover > 0, wanted.argmax(-1), kinds), -1)
    is_free = is_free & (page.regions.areas < _NOOK)
    after = settled(page, state, np.log(likely + 0.03), is_free)
    is_new = after != state
    found = np.where(is_new[:, None], np.eye(kinds + 1, dtype=np.float32)[after, :kinds], wanted)
    return found, np.where(is_new, (after < kinds).astype(np.float32), cover)


def _shared_out(chances: np.ndarray, near: np.ndarray, among: np.ndarray) -> np.ndarray:
    """How much of each colour hints of one region give every entry, `float32[S, kinds]`, by likelihood and nearness.

    Args:
        chances, near: of `chances_of` and `_nearness`.
        among: `bool[S, kinds]`, which colours take part.
    """
    found = np.where(among, (chances + 1e-4) ** 2 * near, 0.0)
    return (found / np.maximum(found.sum(-1, keepdims=True), 1e-9)).astype(np.float32)


def _fitting(
    found: reach.Places, kind: np.ndarray, colors: np.ndarray, parts: np.ndarray, figures: np.ndarray,
    on_spot: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What parts say of a colour that comes from another region.

    Args:
        found: of the hints.
        kind: `int[N]`, which of the colours each of them has.
        colors: `float32[kinds, 3]`, Lab / 100.
        parts, figures: of the regions, as `Scene.chances` and `Scene.figures`.
        on_spot: `bool[N]`, of `is_spot`.

    Returns: `float32[R, kinds]`, how much of its share counts, little where one region is clearly skin, or hair, and
        the other is not; and `float32[R, kinds]`, what is added where both are skin, or hair, of one figure, and most
        hints there have about that colour: a flower in the hair is taken for hair now and then. The third is added
        whatever the network thinks: who gives a face its colour means the hands as well.
    """
    kinds, apart = len(colors), np.linalg.norm(colors[kind][:, None] - colors[kind][None], axis=-1)
    told = parts[:, _ONE_COLORED]
    of_hints = np.where(on_spot[:, None] & (np.array(_ONE_COLORED) == NAMES.index("skin")), 0.0, told[found.homes])
    same, skin = told @ of_hints.T, np.outer(told[:, 0], of_hints[:, 0])
    alike = same + np.outer(1.0 - told.sum(-1), 1.0 - of_hints.sum(-1))
    beside = of_hints @ of_hints.T
    usual = (beside * (apart < _SHADES)).sum(-1) >= 0.5 * beside.sum(-1)
    is_theirs = (figures[:, None] == figures[found.homes][None]) & usual[None]

    def most(values: np.ndarray) -> np.ndarray:
        """The largest over all hints of a colour, `float32[R, kinds]`."""
        result = np.zeros((len(parts), kinds), np.float32)
        for hint, which in enumerate(kind):
            result[:, which] = np.maximum(result[:, which], values[:, hint])
        return result

    return (
        np.minimum(_UNLIKE + most(alike) / _AGREED, 1.0),
        np.where(most(same * is_theirs) > _CLEARLY, np.float32(_ADDED), np.float32(0.0)),
        np.where(most(skin * is_theirs) > _SKIN, np.float32(_WHATEVER), np.float32(0.0)),
    )


def _fill_nooks(
    page: Page, wanted: np.ndarray, cover: np.ndarray, likely: np.ndarray, is_left: np.ndarray, is_solid: np.ndarray
) -> None:
    """Gives what nothing is known of the colour of the region that it is open to; `wanted` and `cover` in place."""
    found = page.regions
    giver, taker = (np.concatenate([found.pairs[:, side], found.pairs[:, 1 - side]]) for side in (0, 1))
    price = np.concatenate([found.costs, found.costs])
    for _ in range(3):  # a nook behind a nook
        is_likely = (likely[taker] * wanted[giver]).sum(-1) >= _LIKELY
        fits = (found.areas[taker] < _NOOK) | ((found.areas[taker] < _ALCOVE) & is_likely)
        fits &= (is_left & (cover == 0))[taker] & ((cover == 1) & is_solid)[giver] & (price < _OPEN)
        if not fits.any():
            return
        order = np.argsort(-price[fits], kind="stable")  # the widest border comes last and stays
        wanted[taker[fits][order]], cover[taker[fits]] = wanted[giver[fits][order]], 1.0
