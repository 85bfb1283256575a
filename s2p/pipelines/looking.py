"""What is looked at: a drawing as a page of regions, and what the network `reach` says of its cells and regions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from s2p import reach
from s2p.lineart import framed
from s2p.regions import Regions, coarse, divide
from s2p.runtime import Network

SHORT_EDGE = 512  # px of the drawing that is looked at, whatever the zoom
_ALIKE = 0.15  # Lab / 100; how close to a colour of the palette another one shares its likelihood
_CHUNK = 1 << 17  # cells times hints that are worked on at once: what fits into a processor's cache


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
        return [self.lines, found.labels, found.room, found.pairs, found.costs, self.grid]


def sized(drawing: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """A drawing, `uint8[H, W]`, as `Page.lines`, and `Page.inner`."""
    return framed(drawing, SHORT_EDGE, reach.CELL * reach.MULTIPLE)


def page_of(drawing: np.ndarray) -> Page:
    """Brings a drawing, `uint8[H, W]`, 255 = paper, to the size that is looked at, and divides it."""
    lines, inner = sized(drawing)
    regions = divide(lines, inner=inner)
    return Page(lines, inner, regions, coarse(regions, reach.CELL))


@dataclass(frozen=True)
class Seen:
    """What the network says of a page with hints.

    Attributes:
        maps: `float32[cells, CHANNELS]`, for `s2p.reach`.
        places: of the hints.
        own: `float32[cells, PALETTE]`, how likely every cell has each colour of the palette, if it has one of them.
        speaks: `float32[cells, 1]`, the logarithm of what speaks for all of them together.
    """

    maps: np.ndarray
    places: reach.Places
    own: np.ndarray
    speaks: np.ndarray

    @staticmethod
    def of(maps: np.ndarray, found: reach.Places) -> Seen:
        """What follows from an answer of the network, `float32[cells, CHANNELS]`."""
        logits = maps[:, 2 * reach.KEYS : 2 * reach.KEYS + reach.PALETTE]
        peak = logits.max(-1, keepdims=True)
        shares = np.exp(logits - peak)
        total = shares.sum(-1, keepdims=True)
        return Seen(maps, found, shares / total, peak + np.log(total))


def kinds_of(colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ones of colours, `uint8[K, 3]` RGB, and which of them each of `uint8[N, 3]` is, `int[N]`."""
    different, kind = np.unique(np.asarray(colors, np.uint8).reshape(-1, 3), axis=0, return_inverse=True)
    return different, kind.ravel()


def look(
    network: Network, page: Page, points: np.ndarray, parts: np.ndarray, kinds: np.ndarray | None = None
) -> Seen:
    """Runs the network `reach` on a page with hints.

    Args:
        points: `float[N, 2]`, x and y in [0, 1] of the drawing.
        parts: `float32[*page.grid.shape, P]`, what the cells show, of `s2p.parts.name_parts`.
        kinds: of `s2p.reach.places`.
    """
    share = np.array(page.inner[::-1], np.float32) / np.array(page.lines.shape[::-1], np.float32)
    found = reach.places(page.regions, np.asarray(points, np.float32).reshape(-1, 2) * share, kinds)
    ink = 1.0 - page.lines[None, ..., None].astype(np.float32) / np.float32(255.0)
    maps = network(ink, reach.planes(page.regions, page.grid, found)[None], parts[None])[0]
    return Seen.of(maps.reshape(-1, reach.CHANNELS), found)


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


def chances_of(
    seen: Seen, view: View, kind: np.ndarray, kinds: int, is_paper: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How likely every entry of the view follows each colour, `float32[S, kinds]`, or is paper, `float32[S]`."""
    found, flat = seen.places, seen.maps
    total, count = len(view.cells), len(found.cells)
    chances = np.zeros((total, kinds), np.float32)
    spots, keys = reach.coordinates(view.shape), flat[found.cells][None]
    none_missing, sorting = np.zeros((1, count), np.float32), np.zeros((count, kinds), np.float32)
    sorting[np.arange(count), kind] = 1.0
    costs = np.ascontiguousarray(found.costs.T)
    paper = seen.own[:, is_paper].sum(-1)[view.cells]
    step = max(_CHUNK // max(count, 1), 1)
    for start in range(0, total, step):
        some = slice(start, start + step)
        cells = view.cells[some]
        hints, _ = reach.logits(
            np, flat[cells][None], keys, spots[cells][None], found.points[None],
            costs[view.regions[some]][None], none_missing,
        )
        speaks = seen.speaks[cells]
        peak = np.maximum(hints[0].max(-1, keepdims=True), speaks)
        follow, stay = np.exp(hints[0] - peak), np.exp(speaks - peak)
        whole = follow.sum(-1, keepdims=True) + stay
        chances[some] = follow @ sorting / whole
        paper[some] *= (stay / whole)[:, 0]
    return chances, paper


def by_region(values: np.ndarray, view: View, count: int) -> np.ndarray:
    """Means over the entries of every region, weighted by their paper; `float32[count, ...]`."""
    from scipy.sparse import csr_matrix

    entries = np.arange(len(view.regions))
    sums = csr_matrix((view.weights, (view.regions, entries)), shape=(count, len(view.regions)))
    weight = np.bincount(view.regions, view.weights, minlength=count)
    return (sums @ values / np.maximum(weight, 1e-9)[:, None]).astype(np.float32)


def palette_shares(seen: Seen, view: View, count: int) -> np.ndarray:
    """How likely every region has each colour of the palette, if it has one of them; `float32[count, PALETTE]`."""
    return by_region(seen.own[view.cells], view, count)


def likeness(colors: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """How far colours share what is held of those of a palette, 1 for the same; `float32[M, PALETTE]`.

    Args:
        colors: `uint8[M, 3]`, RGB.
        palette: `float32[PALETTE, 3]`, Lab / 100.
    """
    apart = np.abs(reach.lab_of(colors)[:, None] - palette[None]).sum(-1)
    return np.exp(-apart / _ALIKE)
