"""Flat colours of a drawing from its hints: the network says what belongs together, regions say where it ends.

    drawing ─divide─▶ regions ─network─▶ chances of every cell ─decide─▶ a colour, or paper, for every region

A region in which a hint lies is filled with it, all of it, unless the network doubts that or hints of several colours
share it: then it is parted by width (`s2p.pipelines.parting`), and pieces without a hint inherit. Before that, hair is
parted from the face that it is open to. A region without one takes the colour of hints elsewhere where the network is
sure that it belongs to them (the other sleeve, the hair on the other side of a strand); where it is not,
`s2p.pipelines.leftover` weighs those colours against paper, which has less to say on a page whose ground has a colour,
and what would stay bare is like the rest of its animal, or its twin; the bricks of a wall are held for the same. Small
pieces then go with what they are open to. Only what several hints share even then, or what is still doubted, is
coloured cell by cell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from s2p import reach
from s2p.enlarge import enlarge
from s2p.parts import NAMES
from s2p.pipelines.doubt import lifted, quietened
from s2p.pipelines.fitting import WHATEVER, aliens, fitting_of, meant_as_ground, paper_like, weighed
from s2p.pipelines.leftover import (
    BETTER,
    PAPER,
    as_hinted,
    coats,
    has_colors,
    hints_fill_ground,
    is_spot,
    is_tinted,
    is_usual,
    nearest_expected,
    rather_skin,
    share_their_coat,
    usual_colors,
)
from s2p.pipelines.looking import Page, Seen, View, by_region, chances_of, kinds_of, palette_shares
from s2p.pipelines.meeting import flowed
from s2p.pipelines.parting import BARE, OWN, apart, between, inherited, instead_of_paper, parted, settled
from s2p.pipelines.scene import Scene
from s2p.pipelines.tilings import each_of, of_hinted_tilings
from s2p.pipelines.twins import like_their_twins, of_pieces

_POCKET, _OWN_POCKET = 0.12, 0.12  # share of the page up to which less of it is enough, and how much
_SURE, _GROUND_SURE = 0.35, 0.6  # share of one colour from which on a region without any hint is painted with it
_ALIKE = 0.15  # Lab / 100: hints whose colours are so close speak for each other
# A nook (a share of the page) belongs to the neighbour that it is open to, and so does what is larger where the network
# holds that likely at least; open is a border that costs less than a line.
_NOOK, _ALCOVE, _LIKELY, _OPEN = 0.004, 0.04, 0.12, 0.95
_HEARD = 0.1  # share that is heard at all
_CLEARLY = 0.6  # chance of a part from which on a region shows it clearly
_SURELY_NOT = 0.1  # chance of paper up to which a region is none
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
    different, kind = kinds_of(colors)
    alike = _likeness(different)
    page, seen, scene = apart(page, seen, scene, colors)
    scene = as_hinted(scene, seen.places.homes, colors)
    before, held = page.regions.grounds, _Held.of(page, seen, kind, palette)
    usual = usual_colors(
        scene, page.regions, held.palette, palette, seen.places.homes, colors,
        of_all=hints_fill_ground(page.regions, seen.places.homes, colors),
    )
    pieces, seen, parents, heirs = parted(page, seen, kind, held.mean, held.blank * before * paper_like(scene.chances))
    if pieces is not page:
        page, held = pieces, _Held.of(pieces, seen, kind, palette)
    is_piece = np.bincount(parents)[parents] > 1
    parts, before, lab = scene.chances[parents], before[parents], reach.lab_of(different)
    own = _own(page, seen.places, kind, len(different))
    heirs |= between(page, own, before & is_piece & ~own.any(-1) & (held.blank < BARE))
    heirs |= instead_of_paper(page.regions, parents, own, held.blank, before & is_piece & ~heirs.any(-1))
    repeated, figures = scene.tilings[parents], scene.figures[parents]
    held = held.alike_in(repeated, page.regions.areas)
    on_spot = is_spot(page.regions.areas, seen.places.homes, colors, parts, figures)
    coat = coats(parts, figures, seen.places.homes)
    fitting, likelier, certain = fitting_of(seen.places, kind, lab, parts, figures, on_spot)
    alien = aliens(scene, parents, before, seen.places, kind, lab, usual[1], held.mean @ alike)
    known = _Known(
        heirs, before, before & is_piece, alien, np.where(alien, np.float32(0.0), fitting), likelier,
        certain + WHATEVER * of_hinted_tilings(repeated, seen.places.homes, kind),
        *nearest_expected(
            weighed(held.mean, fitting), held.palette, lab, palette, parts, coat,
            scene.may_take(parents[seen.places.homes], parents) & ~alien[:, kind], seen.places.homes, kind,
        ),
        usual[0][parents], usual[1][parents], usual[2][parents], of_pieces(scene.twins, parents),
        np.asarray(coat.any(-1)), parts, figures, scene.is_alone[parents], meant_as_ground(scene, seen.places, before),
        is_tinted(lab).astype(np.float32), reach.is_paper(lab), is_tinted(lab) & ~is_usual("skin", different),
    )
    wanted, cover, is_solid, is_guess = _decided(page, held, seen.places, kind, alike, known)
    painted = cover[:, None] * (wanted @ different.astype(np.float32)) + 255.0 * (1.0 - cover[:, None])
    painted = np.rint(painted).astype(np.uint8)
    labels = page.regions.labels[:height, :width]
    first = held.view.first_entry(page.regions.count)
    has_usual, following = (known.has_usual | known.if_bare) & is_solid & (cover[first] == 0), wanted[first]
    follows, share = following.argmax(-1), (held.mean @ alike * following).sum(-1)
    of_regions = quietened(painted[first], follows, share, is_guess, page.regions)
    is_far = is_solid & ~own.any(-1) & (cover[first] > 0)
    of_regions = lifted(of_regions, follows, is_far, parts, seen.places, kind, page.regions)
    of_regions = np.where(has_usual[:, None], known.usual, of_regions)
    solid = flowed(page, of_regions[labels], of_regions, seen.places.cells, is_solid & before & (cover[first] > 0))
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

    def alike_in(self, tilings: np.ndarray, areas: np.ndarray) -> _Held:
        """The same, where every region of a tiling (`int[R]`, of `Scene`) is held for what all are on average."""
        mean, blank, palette = self.mean.copy(), self.blank.copy(), self.palette.copy()
        for within in each_of(tilings):
            for values in (mean, blank, palette):
                values[within] = np.average(values[within], axis=0, weights=areas[within])
        return replace(self, mean=mean, blank=blank, palette=palette)


@dataclass(frozen=True)
class _Known:
    """What is known of regions before anything is decided; R of them, K colours.

    Attributes:
        heirs: `bool[R, K]`, colours that share the region of which one is a piece.
        before: `bool[R]`, ground.
        closed: `bool[R]`, pieces of ground, which take no colour from elsewhere without a hint.
        alien: `bool[R, K]`, of `s2p.pipelines.fitting.aliens`.
        fitting, likelier, certain: `float32[R, K]`, of `s2p.pipelines.fitting`.
        nearest, nearer: `int[R]` and `float32[R]`, of `nearest_expected`.
        usual, has_usual, if_bare: `uint8[R, 3]`, `bool[R]` and `bool[R]`, of `usual_colors`.
        twins: `int[N, 2]`, of `s2p.pipelines.scene.Scene`, those of them that are whole.
        has_coat: `bool[R]`, animals that a hint gave a coat.
        parts: `float32[R, P]`, how likely they show each part.
        figures, is_alone: `int[R]` and `bool[R]`, of `Scene`.
        is_meant: `bool[R]`, of `s2p.pipelines.fitting.meant_as_ground`.
        tinted, white: `float32[K]`, 1 for colours of `is_tinted`, and `bool[K]`, those of `reach.is_paper`.
        odd: `bool[K]`, colours of `is_tinted` that no skin has.
    """

    heirs: np.ndarray
    before: np.ndarray
    closed: np.ndarray
    alien: np.ndarray
    fitting: np.ndarray
    likelier: np.ndarray
    certain: np.ndarray
    nearest: np.ndarray
    nearer: np.ndarray
    usual: np.ndarray
    has_usual: np.ndarray
    if_bare: np.ndarray
    twins: np.ndarray
    has_coat: np.ndarray
    parts: np.ndarray
    figures: np.ndarray
    is_alone: np.ndarray
    is_meant: np.ndarray
    tinted: np.ndarray
    white: np.ndarray
    odd: np.ndarray


def _own(page: Page, found: reach.Places, kind: np.ndarray, kinds: int) -> np.ndarray:
    """The colours of the hints in every region, `bool[R, kinds]`."""
    own = np.zeros((page.regions.count, kinds), bool)
    own[found.homes, kind] = True
    return own


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
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mixture of colours `float32[S, K]` and cover `float32[S]` of every entry; which regions are of one colour.

    The latter is `bool[count]`, and so is the last, which of them have a colour because no other is nearer.
    """
    count, kinds, view, mean = page.regions.count, len(alike), held.view, held.mean
    near = _nearness(view, found, kind, kinds)
    own = _own(page, found, kind, kinds)
    is_hinted, heirs = own.any(-1), known.heirs
    inherits = np.asarray(heirs.any(-1) & ~is_hinted)
    shared_out = _shared_out(held.chances, near, heirs[view.regions])
    own |= inherited(page, by_region(shared_out, view, count), own, heirs, inherits)
    enough = np.where(page.regions.areas < _POCKET, _OWN_POCKET, OWN)
    trusted = is_hinted & (((mean * own).sum(-1) >= enough) | known.closed | known.is_meant) | inherits
    is_hinted = is_hinted | inherits
    several = trusted & (own.sum(-1) > 1)
    together = (mean * known.fitting + np.where(mean > _HEARD, known.likelier, 0.0) + known.certain) @ alike
    first, likeliest = together.max(-1), np.eye(kinds, dtype=np.float32)[(mean * together).argmax(-1)]
    is_sure = (first >= np.where(known.before, _GROUND_SURE, _SURE)) & (first > held.blank) & ~known.closed
    is_solid = np.where(trusted, ~several, ~is_hinted)
    # What every region is if it is of one colour.
    wanted = np.where((trusted & ~several)[:, None], own.astype(np.float32), likeliest)
    cover = np.where(trusted, 1.0, is_sure).astype(np.float32)
    is_unknown = ~is_hinted & ~is_sure & ~known.before
    _fill_nooks(page, wanted, cover, together, is_unknown, is_solid, known)
    is_bare = ~is_hinted & (cover == 0) & ~known.closed & ~known.has_usual
    is_bare &= ~(known.if_bare & rather_skin(page.regions, known.parts, own & known.odd, known.nearest, mean @ alike))
    is_tint, is_white = (wanted * cover[:, None] @ which > 0.5 for which in (known.tinted, known.white))
    is_coloured = has_colors(page.regions.areas, is_tint, held.blank, known.before, is_white)
    margin = np.where(is_coloured & ~(known.before & (held.blank >= PAPER)), -BETTER, BETTER)
    is_left = is_bare & (known.nearer > margin)
    wanted, cover = np.where(is_left[:, None], np.eye(kinds)[known.nearest], wanted), np.where(is_left, 1.0, cover)
    is_guess, guess = is_left, known.nearest
    if is_coloured:  # what is no paper for certain has something, if only a little speaks for it
        likely = np.where(known.alien, 0.0, mean)
        is_left = is_bare & (cover == 0) & ~known.before & ~known.is_alone & (held.blank < _SURELY_NOT)
        is_left &= likely.max(-1) > 0
        wanted = np.where(is_left[:, None], np.eye(kinds)[likely.argmax(-1)], wanted)
        cover = np.where(is_left, 1.0, cover)
        is_guess, guess = is_guess | is_left, np.where(is_left, likely.argmax(-1), guess)
    share_their_coat(known.parts, known.figures, page.regions.areas, wanted, cover, ~is_hinted & ~known.closed)
    like_their_twins(
        known.twins, wanted, cover, page.regions.areas, is_hinted & is_solid, ~is_hinted & ~known.has_usual
    )
    wanted, cover = _among_neighbours(
        page, wanted, cover, np.concatenate([together, held.blank[:, None]], -1),
        is_solid & ~is_hinted & ~known.closed & ~known.has_usual, is_solid & ~(known.has_usual & (cover == 0)),
    )
    is_guess = is_guess & (wanted.argmax(-1) == guess)
    # Cell by cell: hints of one region meet softly, and where it leaks they fade with what the network thinks of it.
    among = _shared_out(held.chances, near, own[view.regions])
    here = np.where(own[view.regions], held.chances, 0.0).sum(-1)
    soft = np.clip((here - np.maximum(held.paper, _SURE)) * 5.0 + 0.5, 0.0, 1.0)
    solid, shared = is_solid[view.regions], several[view.regions]
    mixture = np.where(solid[:, None], wanted[view.regions], among)
    covered = np.where(solid | shared, cover[view.regions], soft)
    return mixture.astype(np.float32), covered.astype(np.float32), is_solid, is_guess


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


def _fill_nooks(
    page: Page, wanted: np.ndarray, cover: np.ndarray, likely: np.ndarray, is_left: np.ndarray, is_solid: np.ndarray,
    known: _Known,
) -> None:
    """Gives what nothing is known of the colour of the region that it is open to; `wanted` and `cover` in place.

    So does a shirt that a fold parts from its hem, however large, if both are clearly cloth; pieces of a thing differ.
    The head of an animal that has a coat is no part of the ground behind it, though its outline has a gap; nor is a
    cheek of the collar, or of a speck on it that is dark.
    """
    found = page.regions
    giver, taker = (np.concatenate([found.pairs[:, side], found.pairs[:, 1 - side]]) for side in (0, 1))
    price = np.concatenate([found.costs, found.costs])
    shown, is_clear = known.parts.argmax(-1), known.parts.max(-1) >= _CLEARLY
    is_alien = known.has_usual[taker] & (shown[taker] != shown[giver])
    is_hair = shown[taker] == NAMES.index("hair")  # locks go with what they hang on
    is_clear &= shown != NAMES.index("thing")
    is_one = (shown[taker] == shown[giver]) & is_clear[taker] & is_clear[giver]
    for _ in range(3):  # a nook behind a nook
        is_likely = (likely[taker] * wanted[giver]).sum(-1) >= _LIKELY
        fits = (found.areas[taker] < _NOOK) | (is_likely & ((found.areas[taker] < _ALCOVE) | is_one))
        fits &= (is_left & (cover == 0))[taker] & ((cover == 1) & is_solid)[giver] & (price < _OPEN)
        fits &= ~(known.has_coat[taker] & known.before[giver]) & ~is_alien
        fits &= ~known.alien[taker, wanted[giver].argmax(-1)] | is_hair
        if not fits.any():
            return
        order = np.argsort(-price[fits], kind="stable")  # the widest border comes last and stays
        wanted[taker[fits][order]], cover[taker[fits]] = wanted[giver[fits][order]], 1.0
