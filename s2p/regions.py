"""Divides a drawing into regions of paper and says what it costs to get from one to another.

A region is what an artist would fill at once: open paper between lines, parted also where a line has a gap (trapped
ball, Zhang et al. 2009). No boundary is taken for certain: between two neighbours stands a cost, small for a wide
passage, larger for a narrow gap, largest for a dark line without any. What that is worth a network learns.

All lengths are parts of the short edge of the drawing, so the same drawing has the same regions at every size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

GAP = 0.009  # short edges: half the widest passage that counts as a gap
_FINE = 0.36  # of the gap: the ball for places that the large one does not reach
_OPEN = 0.2  # ink strength below which a pixel is paper
_CROSSING, LINE, _DARK = 0.05, 1.0, 1.5  # cost of any border, of the faintest line, and what black adds
_NOISE, _FAINTEST = 0.06, 0.25  # ink that is none; the darkest ink around counts as at least this share of all
CELL = 4  # px of the drawing in a cell of the grid, both ways
_BROAD = 0.6  # share of ink around a point from which on a line is broad
_GROUND_SHARE = 0.1  # of the page's border from which on a region is ground
FAR = 12.0  # costs are cut off here
MOST = 4096  # regions; noise and dense hatching would give tens of thousands of specks


@dataclass(frozen=True)
class Regions:
    """The regions of one drawing.

    Attributes:
        labels: `int32[H, W]`, 0 to `count - 1`; ink belongs to the nearest paper.
        room: `float32[H, W]`, px to the nearest ink; 0 on ink.
        pairs: `int32[E, 2]`, neighbours, each pair once.
        costs: `float32[E]`, of crossing from one to the other where that is cheapest.
        count: int, at least 1.
        inner: `(height, width)` of the drawing in the upper left corner, beyond which its last pixels are repeated
            (`s2p.lineart.framed`); None where all is drawing.
    """

    labels: np.ndarray
    room: np.ndarray
    pairs: np.ndarray
    costs: np.ndarray
    count: int
    inner: tuple[int, int] | None = None

    @cached_property
    def grounds(self) -> np.ndarray:
        """Which regions a figure stands before, as `ground` says of the drawing alone; `bool[count]`."""
        return self.at_border(_GROUND_SHARE)

    def at_border(self, least: float) -> np.ndarray:
        """Which regions take at least that share of the drawing's border, `bool[count]`."""
        height, width = self.inner or self.labels.shape
        return ground(coarse(self, CELL)[: -(-height // CELL), : -(-width // CELL)], self.count, least=least)

    @cached_property
    def areas(self) -> np.ndarray:
        """`float32[count]`, shares of the page."""
        return (np.bincount(self.labels.ravel(), minlength=self.count) / self.labels.size).astype(np.float32)

    @cached_property
    def widest(self) -> np.ndarray:
        """Room at the widest place of every region, px; `float32[count]`."""
        found = np.zeros(self.count, np.float32)
        np.maximum.at(found, self.labels.ravel(), self.room.ravel())
        return found

    def costs_from(self, starts: np.ndarray) -> np.ndarray:
        """What it costs to get from some regions to all: `float32[len(starts), count]`, at most `FAR`.

        Args:
            starts: `int[N]`, regions; may repeat.
        """
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import dijkstra

        if not len(starts):
            return np.zeros((0, self.count), np.float32)
        unique, inverse = np.unique(starts, return_inverse=True)
        graph = coo_matrix((self.costs, (self.pairs[:, 0], self.pairs[:, 1])), shape=(self.count, self.count))
        found = dijkstra(graph.tocsr(), directed=False, indices=unique, limit=FAR)
        return np.minimum(found, FAR).astype(np.float32)[inverse.ravel()]


def ink_strength(lines: np.ndarray) -> np.ndarray:
    """How much of a line every pixel is, `float32[H, W]` in [0, 1], whatever pen and paper.

    Pale lines count as black ones do where there are no black ones near.

    Args:
        lines: `uint8[H, W]`, brighter = paper.

    Example:
        >>> page = np.full((8, 8), 240, np.uint8); page[:, 4] = 180
        >>> ink_strength(page)[0, [0, 4]].round(1).tolist()
        [0.0, 1.0]
    """
    values = lines.astype(np.float32) / 255.0
    paper = float(np.percentile(values[::2, ::2], 80))
    ink = np.clip((paper - values) / max(paper, 0.05) - _NOISE, 0.0, 1.0) / (1.0 - _NOISE)
    darkest = float(np.percentile(ink, 99.8)) if ink.size > 4096 else float(ink.max())
    if darkest <= 0.0:
        return ink
    cell = max(min(lines.shape) // 24, 1)
    small = cv2.resize(
        cv2.dilate(ink, np.ones((cell, cell), np.uint8)), None, fx=1 / cell, fy=1 / cell, interpolation=cv2.INTER_AREA
    )
    around = cv2.blur(cv2.dilate(small, np.ones((3, 3), np.uint8)), (3, 3))
    around = cv2.resize(around, lines.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(ink / np.maximum(around, _FAINTEST * darkest), 0.0, 1.0)


def divide(lines: np.ndarray, *, gap: float = GAP, inner: tuple[int, int] | None = None) -> Regions:
    """Finds the regions of a drawing.

    Args:
        lines: `uint8[H, W]`, 255 = paper. A short edge of 256 to 1024 px is right; more only costs time.
        gap: float in short edges. Passages up to twice this wide part two regions, at a cost.
        inner: of `Regions`.

    Example:
        >>> page = np.full((40, 41), 255, np.uint8); page[:, 20] = 0
        >>> found = divide(page)
        >>> found.count, found.labels[0, 0] == found.labels[39, 19], found.labels[0, 0] == found.labels[0, 40]
        (2, np.True_, np.False_)
    """
    from skimage.segmentation import watershed

    ink = ink_strength(lines)
    is_open = ink < _OPEN
    if not is_open.any():
        flat = np.zeros(lines.shape, np.int32)
        nothing = np.zeros((0, 2), np.int32)
        return Regions(flat, np.zeros(lines.shape, np.float32), nothing, np.zeros(0, np.float32), 1, inner)
    room = cv2.distanceTransform(is_open.astype(np.uint8), cv2.DIST_L2, 5)  # the page's edge is no wall
    radius = gap * min(lines.shape)
    markers = _markers(is_open, room, (radius, _FINE * radius, 0.0))
    labels = watershed(65535 - room_steps(room), markers, mask=is_open)
    labels = onto_ink(labels, is_open) - 1
    while True:
        count = int(labels.max()) + 1
        pairs, costs = borders(labels, ink, room, is_open, radius, count)
        if count <= MOST:
            return Regions(labels, room, pairs, costs, count, inner)
        labels = _merged(labels, pairs, costs, count)


def region_at(regions: Regions, x: float, y: float, *, reach: float = 0.008) -> int:
    """The region that a point in [0, 1] means.

    In the open that is its own. On or beside a line it is the widest within `reach` short edges, and rather a figure
    than what it stands before, even twice as far on a broad line: nobody points at the ground along an outline.
    """
    return regions_at(regions, x, y, reach=reach)[0]


def regions_at(regions: Regions, x: float, y: float, *, reach: float = 0.008) -> list[int]:
    """The region that a point means, as for `region_at`; on a line, after it, all others that lie beside it."""
    height, width = regions.labels.shape
    row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
    near = max(round(reach * min(height, width)), 1)
    own = int(regions.labels[row, column])
    if regions.room[row, column] > near:
        return [own]
    for wide in (near, 2 * near):  # a broad line leaves nothing of the figure near
        window = slice(max(row - wide, 0), row + wide + 1), slice(max(column - wide, 0), column + wide + 1)
        labels, room = regions.labels[window], regions.room[window]
        of_figures = np.where(regions.grounds[labels], 0.0, room)
        is_broad = regions.room[row, column] == 0 and (room == 0).mean() >= _BROAD
        if of_figures.any() or not is_broad:
            break
    rather = of_figures if of_figures.max() >= near / 2 else room  # less is a sliver
    # On paper, however little of it: that region, unless it is a sliver.
    if regions.room[row, column] > 0 and rather[labels == own].max() >= near / 2:
        return [own]
    widest = int(labels.ravel()[int(rather.argmax())])
    return [widest, *(int(label) for label in np.unique(labels[room > 0]) if label != widest)]


def coarse(regions: Regions, cell: int) -> np.ndarray:
    """The region of every cell of `cell` x `cell` px, `int32[H / cell, W / cell]`: that of its most open pixel."""
    height, width = (edge // cell for edge in regions.labels.shape)

    def blocks(values: np.ndarray) -> np.ndarray:
        cut = values[: height * cell, : width * cell].reshape(height, cell, width, cell)
        return cut.transpose(0, 2, 1, 3).reshape(height, width, cell * cell)

    best = blocks(regions.room).argmax(-1)
    return np.take_along_axis(blocks(regions.labels), best[..., None], -1)[..., 0]


def ground(grid: np.ndarray, count: int, *, least: float = _GROUND_SHARE) -> np.ndarray:
    """Which regions take so much of the page's border that they are what a figure stands before, `bool[count]`.

    Args:
        grid: `int32[h, w]`, of `coarse`.
        count: int, of the regions.
        least: float in [0, 1]. Share of the border.
    """
    border = np.concatenate([grid[0], grid[-1], grid[1:-1, 0], grid[1:-1, -1]])
    return np.bincount(border, minlength=count) / len(border) >= least


def hanging_together(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Numbers `count` things so that those that pairs lead to from each other have the same: `int[count]`.

    Args:
        count: int.
        one, other: `int[E]`, the two of every pair.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    return connected_components(coo_matrix((np.ones(len(one)), (one, other)), (count, count)), directed=False)[1]


def _merged(labels: np.ndarray, pairs: np.ndarray, costs: np.ndarray, count: int) -> np.ndarray:
    """Labels without the smaller half of the regions: each joins the neighbour that it is most open to."""
    areas = np.bincount(labels.ravel(), minlength=count)
    is_small = areas <= np.partition(areas, count // 2)[count // 2]
    one, other = (np.concatenate([pairs[:, side], pairs[:, 1 - side]]) for side in (0, 1))
    order = np.argsort(-np.concatenate([costs, costs]), kind="stable")
    nearest = np.arange(count)
    nearest[one[order]] = other[order]  # the cheapest is written last
    small = np.flatnonzero(is_small)
    return hanging_together(count, small, nearest[small])[labels].astype(np.int32)


def _markers(is_open: np.ndarray, room: np.ndarray, radii: tuple[float, ...]) -> np.ndarray:
    """`int32[H, W]`: a number for the core of every region, balls of falling size in what the larger ones left out."""
    markers = np.zeros(is_open.shape, np.int32)
    count = 0
    for radius in radii:
        found, parts = cv2.connectedComponents((room > radius).astype(np.uint8), connectivity=4)
        parts = np.asarray(parts, np.int32)
        taken = np.zeros(found, bool)
        taken[parts[markers > 0]] = True
        taken[0] = True
        numbers = np.where(taken, 0, np.cumsum(~taken) + count).astype(np.int32)
        markers = np.where(markers > 0, markers, numbers[parts])
        count += int((~taken).sum())
    return markers


def room_steps(room: np.ndarray) -> np.ndarray:
    """Room in sixteenths of a px, `uint16`: whole numbers flood faster."""
    return (np.minimum(room, 4000.0) * 16).astype(np.uint16)


def onto_ink(labels: np.ndarray, is_open: np.ndarray) -> np.ndarray:
    """Gives every pixel of ink the label of the nearest paper."""
    if is_open.all():
        return labels.astype(np.int32)
    _, nearest = cv2.distanceTransformWithLabels(
        (~is_open).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.asarray(nearest, np.int32)
    table = np.zeros(int(nearest.max()) + 1, np.int32)
    table[nearest[is_open]] = labels[is_open]
    return np.where(is_open, labels, table[nearest]).astype(np.int32)


def borders(
    labels: np.ndarray, ink: np.ndarray, room: np.ndarray, is_open: np.ndarray, radius: float, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of neighbours and what crossing costs where it is cheapest."""
    keys, prices = [], []
    for one, other in (
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ):
        unlike = labels[one] != labels[other]
        first, second = labels[one][unlike], labels[other][unlike]
        passage = np.clip(1.0 - np.minimum(room[one][unlike], room[other][unlike]) / radius, 0.0, 1.0)
        darkness = np.maximum(ink[one][unlike], ink[other][unlike])
        price = np.where(is_open[one][unlike] & is_open[other][unlike], passage, LINE + _DARK * darkness)
        keys.append(np.minimum(first, second).astype(np.int64) * count + np.maximum(first, second))
        prices.append(price)
    key, price = np.concatenate(keys), np.concatenate(prices)
    if not len(key):
        return np.zeros((0, 2), np.int32), np.zeros(0, np.float32)
    order = np.argsort(key, kind="stable")
    key, price = key[order], price[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    cheapest = np.minimum.reduceat(price, starts) + _CROSSING
    key = key[starts]
    return np.stack([key // count, key % count], -1).astype(np.int32), cheapest.astype(np.float32)
