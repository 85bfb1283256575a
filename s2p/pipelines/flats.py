"""Flat colours of a drawing from its hints: the network says what belongs together, regions say where it ends.

    drawing ─divide─▶ regions ─network─▶ chances of every cell ─decide─▶ a colour, or paper, for every region

A region in which a hint lies is filled with it, all of it. A region without one takes the colour of hints elsewhere
where the network is sure that it belongs to them (the other sleeve, the hair on the other side of a strand), and stays
paper where it is not. Only where a line has so many gaps that the network does not believe in the region, and where
hints of several colours share one, is it divided cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from s2p import reach
from s2p.enlarge import enlarge
from s2p.lineart import min_pool
from s2p.regions import Regions, coarse, divide
from s2p.runtime import Network

SHORT_EDGE = 512  # px of the drawing that is looked at, whatever the zoom
_CHUNK = 1 << 22  # cells times hints that are worked on at once
_OWN = 0.25  # share of a region's own hints from which on it is believed to be theirs
_SURE = 0.5  # share of all hints from which on a region without any is painted
_CLEAR = 0.6  # share of the first colour among all hints' from which on it alone is taken


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


@dataclass(frozen=True)
class Flats:
    """Flat colours.

    Attributes:
        colors: `uint8[h, w, 3]` RGB, without lines; white where nothing is painted.
        cover: `uint8[h, w]`, 255 where something is painted, 0 where the paper is left.
        shade: `float32[h, w]`, L / 100 to be added for light and shadow.
    """

    colors: np.ndarray
    cover: np.ndarray
    shade: np.ndarray


def page_of(drawing: np.ndarray) -> Page:
    """Brings a drawing, `uint8[H, W]`, 255 = paper, to the size that is looked at, and divides it."""
    height, width = drawing.shape
    factor = SHORT_EDGE / min(height, width)
    pooled = min_pool(drawing, max(int(1.0 / factor), 1))
    inner = (max(round(height * factor), 1), max(round(width * factor), 1))
    method = cv2.INTER_AREA if pooled.shape[0] > inner[0] else cv2.INTER_CUBIC
    small = cv2.resize(pooled, inner[::-1], interpolation=method)
    multiple = reach.CELL * reach.MULTIPLE
    down, along = (-edge % multiple for edge in inner)
    lines = cv2.copyMakeBorder(small, 0, down, 0, along, cv2.BORDER_REPLICATE)
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


def flats(page: Page, seen: Seen, colors: np.ndarray) -> Flats:
    """Colours a drawing.

    Args:
        page: of `page_of`.
        seen: of `look`.
        colors: `uint8[N, 3]`, RGB, of the hints that were looked at.
    """
    height, width = page.inner
    shade = reach.shade_of(seen.maps).reshape(page.grid.shape)
    shade = cv2.resize(shade, page.lines.shape[::-1], interpolation=cv2.INTER_CUBIC)[:height, :width]
    if not len(colors):
        return Flats(np.full((height, width, 3), 255, np.uint8), np.zeros((height, width), np.uint8), shade)
    different, kind = np.unique(np.asarray(colors, np.uint8).reshape(-1, 3), axis=0, return_inverse=True)
    view = View.of(page)
    chances = _chances(seen, view, kind.ravel(), len(different))
    wanted, cover, is_solid = _decided(page, view, chances, seen.places, kind.ravel(), len(different))
    painted = cover[:, None] * (wanted @ different.astype(np.float32)) + 255.0 * (1.0 - cover[:, None])
    cells, first = page.grid.size, view.first_entry(page.regions.count)
    where = is_solid[page.regions.labels][:height, :width]

    def drawn(values: np.ndarray) -> np.ndarray:
        """`float[S, 3]` at the page's size: by cell along the lines, or by region where that is of one colour."""
        values = np.rint(values).astype(np.uint8)
        free = enlarge(values[:cells].reshape(*page.grid.shape, 3), page.lines, ink=False)[:height, :width]
        return np.where(where[..., None], values[first][page.regions.labels[:height, :width]], free)

    covered = drawn(np.repeat(255.0 * cover[:, None], 3, -1))[..., 0]
    return Flats(drawn(painted), covered, shade)


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


def _chances(seen: Seen, view: View, kind: np.ndarray, kinds: int) -> np.ndarray:
    """How likely every entry of the view follows each colour, `float32[S, kinds]`."""
    found, flat = seen.places, seen.maps
    total, count = len(view.cells), len(found.cells)
    result = np.zeros((total, kinds), np.float32)
    spots, keys = reach.coordinates(view.shape), flat[found.cells][None]
    missing = np.zeros((1, count), np.float32)
    sorting = np.zeros((count, kinds), np.float32)
    sorting[np.arange(count), kind] = 1.0
    step = max(_CHUNK // (count + reach.PALETTE), 1)
    for start in range(0, total, step):
        some = slice(start, start + step)
        cells = view.cells[some]
        follow, _ = reach.log_shares(
            np, flat[cells][None], keys, spots[cells][None], found.points[None],
            found.costs[:, view.regions[some]].T[None], missing,
        )
        result[some] = np.exp(follow[0]) @ sorting
    return result


def _decided(
    page: Page, view: View, chances: np.ndarray, found: reach.Places, kind: np.ndarray, kinds: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mixture of colours `float32[S, kinds]` and cover `float32[S]` of every entry; which regions are of one colour.

    The last is `bool[count]`.
    """
    count = page.regions.count
    mean = by_region(chances, view, count)
    own = np.zeros((count, kinds), bool)
    own[found.homes, kind] = True
    trusted = (mean * own).sum(-1) >= _OWN
    several = trusted & (own.sum(-1) > 1)
    total = mean.sum(-1)
    first = np.eye(kinds, dtype=np.float32)[mean.argmax(-1)]
    clear = mean.max(-1) >= _CLEAR * np.maximum(total, 1e-6)
    leaky = own.any(-1) & ~trusted
    is_solid = np.where(trusted, ~several, ~leaky & (clear | (total < _SURE)))
    # What every region would be if it were of one colour.
    wanted = np.where((trusted & ~several)[:, None], own.astype(np.float32), first)
    cover = np.where(trusted, 1.0, (total >= _SURE).astype(np.float32))
    # Cell by cell: among its own hints where the region is theirs, else among all.
    allowed = np.where(several[:, None], own, True)[view.regions]
    sharp = np.where(allowed, chances, 0.0) ** 2 + 1e-9 * allowed
    mixed = sharp / np.maximum(sharp.sum(-1, keepdims=True), 1e-12)
    soft = np.clip((chances.sum(-1) - _SURE) * 4.0 + 0.5, 0.0, 1.0)
    here = is_solid[view.regions]
    mixture = np.where(here[:, None], wanted[view.regions], mixed).astype(np.float32)
    covered = np.where(here | trusted[view.regions], cover[view.regions], soft).astype(np.float32)
    return mixture, covered, is_solid


def by_region(values: np.ndarray, view: View, count: int) -> np.ndarray:
    """Means over the entries of every region, weighted by their paper; `float32[count, ...]`."""
    from scipy.sparse import csr_matrix

    entries = np.arange(len(view.regions))
    sums = csr_matrix((view.weights, (view.regions, entries)), shape=(count, len(view.regions)))
    weight = np.bincount(view.regions, view.weights, minlength=count)
    return (sums @ values / np.maximum(weight, 1e-9)[:, None]).astype(np.float32)
