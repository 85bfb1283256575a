"""Flat colours of a drawing from its hints: the network says what belongs together, regions say where it ends.

    drawing ─divide─▶ regions ─network─▶ chances of every cell ─decide─▶ a colour, or paper, for every region

A region in which a hint lies is filled with it, all of it. A region without one takes the colour of hints elsewhere
where the network is sure that it belongs to them (the other sleeve, the hair on the other side of a strand), and stays
paper where it is not. A region is divided cell by cell only where hints of several colours share it, and where its
lines have so many gaps that the network does not believe that its hint means all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2p import reach
from s2p.enlarge import enlarge
from s2p.lineart import framed
from s2p.parts import NAMES
from s2p.regions import Regions, coarse, divide, divide_again, ground
from s2p.runtime import Network

SHORT_EDGE = 512  # px of the drawing that is looked at, whatever the zoom
_CHUNK = 1 << 22  # cells times hints that are worked on at once
_OWN = 0.25  # share of a region's own hints from which on it is believed to be theirs
_HALL = 0.4  # share of a region from which on a piece of it stands for all
_BESIDE = 1.5  # what a piece of a region is open to, against the logarithm of what the network thinks of it
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


@dataclass(frozen=True)
class Page:
    """A drawing in the size that is looked at, and its regions.

    Attributes:
        lines: `uint8[H, W]`, 255 = paper; both edges are multiples of 64, the drawing in the upper left corner.
        inner: `(height, width)` of the drawing in it.
        regions: of `lines`.
        grid: `int32[H / 4, W / 4]`, the region of every cell.
    """

    lines: np.ndarray
    inner: tuple[int, int]
    regions: Regions
    grid: np.ndarray

    def arrays(self) -> list[np.ndarray]:
        """Everything it holds, for a cache."""
        found = self.regions
        return [self.lines, np.array(self.inner), found.labels, found.room, found.pairs, found.costs, self.grid]

    @staticmethod
    def of_arrays(arrays: Sequence[np.ndarray]) -> Page:
        """The page whose `arrays` these are."""
        lines, inner, labels, room, pairs, costs, grid = arrays
        regions = Regions(labels, room, pairs, costs, int(labels.max()) + 1)
        return Page(lines, (int(inner[0]), int(inner[1])), regions, grid)


def page_of(drawing: np.ndarray) -> Page:
    """Brings a drawing, `uint8[H, W]`, 255 = paper, to the size that is looked at, and divides it."""
    lines, inner = framed(drawing, SHORT_EDGE, reach.CELL * reach.MULTIPLE)
    regions = divide(lines)
    return Page(lines, inner, regions, coarse(regions, reach.CELL))


@dataclass(frozen=True)
class Seen:
    """What the network says of a page with hints.

    Attributes:
        maps: `float32[cells, CHANNELS]`, for `s2p.reach`.
        places: of the hints.
    """

    maps: np.ndarray
    places: reach.Places


def look(network: Network, page: Page, points: np.ndarray) -> Seen:
    """Runs the network `reach` on a page with hints at `points` (`float[N, 2]`, x and y in [0, 1] of the drawing)."""
    share = np.array(page.inner[::-1], np.float32) / np.array(page.lines.shape[::-1], np.float32)
    found = reach.places(page.regions, np.asarray(points, np.float32).reshape(-1, 2) * share)
    ink = 1.0 - page.lines[None, ..., None].astype(np.float32) / np.float32(255.0)
    maps = network(ink, reach.planes(page.regions, page.grid, found)[None])[0]
    return Seen(maps.reshape(-1, reach.CHANNELS), found)


def flats(
    page: Page, seen: Seen, colors: np.ndarray, palette: np.ndarray, parts: np.ndarray, figures: np.ndarray
) -> np.ndarray:
    """Colours a drawing.

    Args:
        page: of `page_of`.
        seen: of `look`.
        colors: `uint8[N, 3]`, RGB, of the hints that were looked at.
        palette: `float32[PALETTE, 3]`, Lab / 100, that the network was trained for.
        parts, figures: `chances` and `figures` of `s2p.pipelines.scene.Scene`.

    Returns: `uint8[h, w, 3]`, RGB, of the page's inner size, without lines; white where the paper is left.
    """
    height, width = page.inner
    if not len(colors):
        return np.full((height, width, 3), 255, np.uint8)
    different, kind = np.unique(np.asarray(colors, np.uint8).reshape(-1, 3), axis=0, return_inverse=True)
    kind, alike = kind.ravel(), _likeness(different)
    before = is_ground(page)
    page, seen, parents, heirs = _parted(page, seen, kind, palette)
    # A piece of the ground without a hint takes no colour from elsewhere.
    is_piece = np.bincount(parents)[parents] > 1
    parts, figures, before = parts[parents], figures[parents], before[parents]
    closed = before & is_piece
    view = View.of(page)
    chances, paper = _chances(seen, view, kind, len(different), reach.is_paper(palette))
    near = _nearness(view, seen.places, kind, len(different))
    fitting = _fitting(seen.places, kind, reach.lab_of(different), parts, figures)
    wanted, cover, is_solid = _decided(
        page, view, chances, paper, near, seen.places, kind, alike, fitting, heirs, before, closed
    )
    painted = cover[:, None] * (wanted @ different.astype(np.float32)) + 255.0 * (1.0 - cover[:, None])
    painted = np.rint(painted).astype(np.uint8)
    labels = page.regions.labels[:height, :width]
    solid = painted[view.first_entry(page.regions.count)][labels]
    if is_solid.all():
        return solid
    cells = painted[: page.grid.size].reshape(*page.grid.shape, 3)
    by_cell = enlarge(cells, page.lines, ink=False)[:height, :width]
    return np.where(is_solid[labels][..., None], solid, by_cell)


@dataclass(frozen=True)
class View:
    """The cells of a page, and behind them one more for every region that is too small to own a cell.

    Attributes:
        cells: `int[S]`, which cell of the grid is looked at.
        regions: `int[S]`, whose region it stands for.
        weights: `float32[S]`, how much paper there is.
        shape: of the grid.
    """

    cells: np.ndarray
    regions: np.ndarray
    weights: np.ndarray
    shape: tuple[int, int]

    @staticmethod
    def of(page: Page) -> View:
        rows, columns = page.grid.shape
        owned = np.zeros(page.regions.count, bool)
        owned[page.grid] = True
        missing = np.flatnonzero(~owned)
        cells, regions = np.arange(rows * columns), page.grid.ravel()
        if len(missing):
            is_missing = ~owned[page.regions.labels]
            place = np.flatnonzero(is_missing)
            names = page.regions.labels.ravel()[place]
            order = np.lexsort((-page.regions.room.ravel()[place], names))
            firsts = order[np.searchsorted(names[order], missing)]
            row, column = np.divmod(place[firsts], page.lines.shape[1])
            more = np.minimum(row // reach.CELL, rows - 1) * columns + np.minimum(column // reach.CELL, columns - 1)
            cells, regions = np.concatenate([cells, more]), np.concatenate([regions, missing])
        weights = np.maximum(reach.paper_cells(page.lines).ravel()[cells], 0.02) ** 2
        return View(cells, regions, weights, (rows, columns))

    def thinned(self, most: int) -> View:
        """At most `most` entries of every region, those with the most paper."""
        order = np.lexsort((-self.weights, self.regions))
        starts = np.searchsorted(self.regions[order], self.regions[order])
        kept = order[np.arange(len(order)) - starts < most]
        return View(self.cells[kept], self.regions[kept], self.weights[kept], self.shape)

    def first_entry(self, count: int) -> np.ndarray:
        """Index of one entry of every region, `int[count]`."""
        first = np.zeros(count, np.int64)
        first[self.regions[::-1]] = np.arange(len(self.regions))[::-1]
        return first


def _parted(
    page: Page, seen: Seen, kind: np.ndarray, palette: np.ndarray
) -> tuple[Page, Seen, np.ndarray, np.ndarray]:
    """Parts regions by width where hints of several colours lie, or the network doubts that one means all.

    A window frame that is open to the wall, hair whose outline does not meet: the hint fills what is around it.

    Returns: the page with its new regions; what is seen of it; the old region of every new one, `int[count]`; and which
        colours share the old one, `bool[count, kinds]`, none where it is doubted that they have all of it.
    """
    own = np.zeros((page.regions.count, int(kind.max()) + 1), bool)
    own[seen.places.homes, kind] = True
    view = View.of(page)
    chances, _ = _chances(seen, view, kind, own.shape[1], reach.is_paper(palette))
    share = (by_region(chances, view, page.regions.count) * own).sum(-1)
    shared = own & ((share >= _OWN) & (own.sum(-1) > 1))[:, None]
    is_parted = own.any(-1) & ((share < _OWN) | shared.any(-1))
    if not is_parted.any():
        return page, seen, np.arange(page.regions.count), shared
    regions, parents = divide_again(page.regions, page.lines, is_parted)
    height, width = page.lines.shape
    points = seen.places.points[:, ::-1] * np.float32(min(height, width)) / np.array([width, height], np.float32)
    seen = Seen(seen.maps, reach.places(regions, points))
    # Who lies in the hall means its corners, too.
    olds, pieces = page.regions.areas, np.unique(seen.places.homes)
    of_halls = parents[pieces[regions.areas[pieces] >= _HALL * olds[parents[pieces]]]]
    shared[of_halls] |= own[of_halls]
    return Page(page.lines, page.inner, regions, coarse(regions, reach.CELL)), seen, parents, shared[parents]


def _chances(
    seen: Seen, view: View, kind: np.ndarray, kinds: int, is_paper: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How likely every entry of the view follows each colour, `float32[S, kinds]`, or is paper, `float32[S]`."""
    found, flat = seen.places, seen.maps
    total, count = len(view.cells), len(found.cells)
    chances, paper = np.zeros((total, kinds), np.float32), np.zeros(total, np.float32)
    spots, keys = reach.coordinates(view.shape), flat[found.cells][None]
    missing = np.zeros((1, count), np.float32)
    sorting = np.zeros((count, kinds), np.float32)
    sorting[np.arange(count), kind] = 1.0
    step = max(_CHUNK // (count + reach.PALETTE), 1)
    for start in range(0, total, step):
        some = slice(start, start + step)
        cells = view.cells[some]
        follow, choose = reach.log_shares(
            np, flat[cells][None], keys, spots[cells][None], found.points[None],
            found.costs[:, view.regions[some]].T[None], missing,
        )
        chances[some] = np.exp(follow[0]) @ sorting
        paper[some] = np.exp(choose[0][:, is_paper]).sum(-1)
    return chances, paper


def _likeness(colors: np.ndarray) -> np.ndarray:
    """How alike colours, `uint8[K, 3]` RGB, are: `float32[K, K]`, 1 for the same."""
    lab = reach.lab_of(colors)
    return np.exp(-((np.linalg.norm(lab[:, None] - lab[None], axis=-1) / _ALIKE) ** 2)).astype(np.float32)


def _nearness(view: View, found: reach.Places, kind: np.ndarray, kinds: int) -> np.ndarray:
    """How near the nearest hint of every colour is to every entry: `float32[S, kinds]`, falling with its square."""
    spots, result = reach.coordinates(view.shape)[view.cells], np.zeros((len(view.cells), kinds), np.float32)
    for point, which in zip(found.points, kind):
        square = ((spots - point) ** 2).sum(-1)
        result[:, which] = np.maximum(result[:, which], 1.0 / (square + np.float32(_CLOSE**2)))
    return result


def _decided(
    page: Page, view: View, chances: np.ndarray, paper: np.ndarray, near: np.ndarray, found: reach.Places,
    kind: np.ndarray, alike: np.ndarray, fitting: tuple[np.ndarray, np.ndarray, np.ndarray], heirs: np.ndarray,
    before: np.ndarray, closed: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mixture of colours `float32[S, K]` and cover `float32[S]` of every entry; which regions are of one colour.

    The last is `bool[count]`.
    """
    count, kinds = page.regions.count, len(alike)
    mean, blank = by_region(chances, view, count), by_region(paper[:, None], view, count)[:, 0]
    own = np.zeros((count, kinds), bool)
    own[found.homes, kind] = True
    is_hinted = own.any(-1)
    inherits = np.asarray(heirs.any(-1) & ~is_hinted)
    shared_out = _shared_out(chances, near, heirs[view.regions])
    own |= _inherited(page, by_region(shared_out, view, count), own, heirs, inherits)
    enough = np.where(page.regions.areas < _POCKET, _OWN_POCKET, _OWN)
    trusted = is_hinted & ((mean * own).sum(-1) >= enough) | inherits
    is_hinted = is_hinted | inherits
    several = trusted & (own.sum(-1) > 1)
    together = (mean * fitting[0] + np.where(mean > _HEARD, fitting[1], 0.0) + fitting[2]) @ alike
    first, likeliest = together.max(-1), np.eye(kinds, dtype=np.float32)[(mean * together).argmax(-1)]
    is_sure = (first >= np.where(before, _GROUND_SURE, _SURE)) & (first > blank) & ~closed
    is_solid = np.where(trusted, ~several, ~is_hinted)
    # What every region is if it is of one colour.
    wanted = np.where((trusted & ~several)[:, None], own.astype(np.float32), likeliest)
    cover = np.where(trusted, 1.0, is_sure).astype(np.float32)
    _fill_nooks(page, wanted, cover, together, ~is_hinted & ~is_sure & ~before, is_solid)
    # Cell by cell: hints of one region meet softly, and where it leaks they fade with what the network thinks of it.
    among = _shared_out(chances, near, own[view.regions])
    here = np.where(own[view.regions], chances, 0.0).sum(-1)
    soft = np.clip((here - np.maximum(paper, _SURE)) * 5.0 + 0.5, 0.0, 1.0)
    solid, shared = is_solid[view.regions], several[view.regions]
    mixture = np.where(solid[:, None], wanted[view.regions], among)
    covered = np.where(solid | shared, cover[view.regions], soft)
    return mixture.astype(np.float32), covered.astype(np.float32), is_solid


def _shared_out(chances: np.ndarray, near: np.ndarray, among: np.ndarray) -> np.ndarray:
    """How much of each colour hints of one region give every entry, `float32[S, kinds]`, by likelihood and nearness.

    Args:
        chances, near: of `_chances` and `_nearness`.
        among: `bool[S, kinds]`, which colours take part.
    """
    found = np.where(among, (chances + 1e-4) ** 2 * near, 0.0)
    return (found / np.maximum(found.sum(-1, keepdims=True), 1e-9)).astype(np.float32)


def _inherited(
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
    one, other, length = _open_borders(page, np.asarray(heirs.any(-1)))
    belief = np.where(heirs, np.log(mean + 0.03), -np.inf)
    total = np.maximum(np.bincount(one, length, len(own)), 1.0)[:, None]
    has = own / np.maximum(own.sum(-1, keepdims=True), 1)
    for _ in range(6):
        around = np.zeros(own.shape, np.float32)
        np.add.at(around, one, has[other] * length[:, None])
        taken = np.eye(own.shape[1], dtype=bool)[(belief + _BESIDE * around / total).argmax(-1)] & inherits[:, None]
        has = np.where(inherits[:, None], taken, has)
    return taken


def _open_borders(page: Page, which: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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


def _fitting(
    found: reach.Places, kind: np.ndarray, colors: np.ndarray, parts: np.ndarray, figures: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What parts say of a colour that comes from another region.

    Args:
        found: of the hints.
        kind: `int[N]`, which of the colours each of them has.
        colors: `float32[kinds, 3]`, Lab / 100.
        parts, figures: as for `flats`.

    Returns: `float32[R, kinds]`, how much of its share counts, little where one region is clearly skin, or hair, and
        the other is not; and `float32[R, kinds]`, what is added where both are skin, or hair, of one figure, and most
        hints there have about that colour: a flower in the hair is taken for hair now and then. The third is added
        whatever the network thinks: who gives a face its colour means the hands as well.
    """
    kinds, apart = len(colors), np.linalg.norm(colors[kind][:, None] - colors[kind][None], axis=-1)
    told = parts[:, _ONE_COLORED]
    of_hints = told[found.homes]
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


def is_ground(page: Page) -> np.ndarray:
    """Which regions are what a figure stands before (`s2p.regions.ground`), without the padding; `bool[count]`."""
    grid = page.grid[: -(-page.inner[0] // reach.CELL), : -(-page.inner[1] // reach.CELL)]
    return ground(grid, page.regions.count)


def by_region(values: np.ndarray, view: View, count: int) -> np.ndarray:
    """Means over the entries of every region, weighted by their paper; `float32[count, ...]`."""
    from scipy.sparse import csr_matrix

    entries = np.arange(len(view.regions))
    sums = csr_matrix((view.weights, (view.regions, entries)), shape=(count, len(view.regions)))
    weight = np.bincount(view.regions, view.weights, minlength=count)
    return (sums @ values / np.maximum(weight, 1e-9)[:, None]).astype(np.float32)
