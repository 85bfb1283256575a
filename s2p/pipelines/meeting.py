"""Colours that meet where nothing is drawn: sky and meadow without a horizon, two tones of one ground.

Where ground is parted is where it is narrow, or just half way between two hints: seen as an edge, that is a coast that
nobody drew. Colours flow into each other there, as wet paint does, and lines, hints and narrow gaps hold them.
"""

from __future__ import annotations

import cv2
import numpy as np

from s2p.pipelines.looking import Page
from s2p.pipelines.parting import open_borders
from s2p.reach import CELL
from s2p.regions import hanging_together

_WIDE = 0.1  # short edges: open borders from here on; what is narrower is a gap, and colour ends there
_STEPS, _PACE = 100, 0.24  # of the flow: a spread of about 7 cells, 5 % of the short edge
_FAR = 22  # cells from a border, beyond which nothing flows
_KNOWN = 0.1  # share of cells without lines from which on they say what a pixel has


def flowed(page: Page, flat: np.ndarray, colors: np.ndarray, fixed: np.ndarray, may: np.ndarray) -> np.ndarray:
    """Lets colours of regions flow into each other where they are wide open to each other.

    Args:
        page: with its regions.
        flat: `uint8[h, w, 3]`, RGB, of the page's inner size: every region in its colour.
        colors: `uint8[R, 3]`, RGB, of the regions.
        fixed: `int[N]`, cells of the grid (flat numbers) that keep theirs: of the hints.
        may: `bool[R]`, whose colours take part.

    Returns: as `flat`; the same array where nothing meets.
    """
    one, other, length = open_borders(page, may)
    kind = np.unique(colors, axis=0, return_inverse=True)[1].ravel()
    # Pieces of one colour that are open to each other have one coast: rays of a sun leave many small gaps in it.
    alike = kind[one] == kind[other]
    whole = hanging_together(page.regions.count, one[alike], other[alike])
    coast = np.unique(whole[one] * page.regions.count + whole[other], return_inverse=True)[1]
    meets = (np.bincount(coast, length)[coast] >= _WIDE * min(page.inner)) & ~alike
    if not meets.any():
        return flat
    count = page.regions.count
    pairs = np.unique(one[meets].astype(np.int64) * count + other[meets])
    wet = np.zeros(count, bool)
    wet[one[meets]] = True
    is_free = wet[page.grid] & _is_paper(page)
    links, coasts = _links(page.grid, is_free, pairs, count)
    if not coasts.any():
        return flat
    window = tuple(
        slice(max(where.min() - _FAR, 0), where.max() + _FAR + 1) for where in np.nonzero(coasts)
    )
    held = np.zeros(page.grid.size, bool)
    held[fixed] = True
    cells = _spread(
        colors[page.grid[window]].astype(np.float32), [link[window] for link in links],
        held.reshape(page.grid.shape)[window],
    )
    is_wet = wet[page.regions.labels[: page.inner[0], : page.inner[1]]]
    return _laid(flat, cells, is_free[window], (window[0].start * CELL, window[1].start * CELL), is_wet)


def _is_paper(page: Page) -> np.ndarray:
    """Cells of the grid through which no line goes, `bool`."""
    height, width = page.grid.shape
    return page.regions.room.reshape(height, CELL, width, CELL).min((1, 3)) > 0


def _links(
    grid: np.ndarray, is_free: np.ndarray, pairs: np.ndarray, count: int
) -> tuple[list[np.ndarray], np.ndarray]:
    """Whether colour flows from every cell down, and to the right, `float32` of the grid's shape; cells at a border."""
    found, coasts = [], np.zeros(grid.shape, bool)
    for near, far in (((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
                      ((slice(None), slice(None, -1)), (slice(None), slice(1, None)))):  # fmt: skip
        one, other = grid[near].astype(np.int64), grid[far]
        meets = (one != other) & np.isin(one * count + other, pairs) & is_free[near] & is_free[far]
        coasts[near] |= meets
        link = np.zeros(grid.shape, np.float32)
        link[near] = meets | ((one == other) & is_free[near] & is_free[far])
        found.append(link)
    return found, coasts


def _spread(cells: np.ndarray, links: list[np.ndarray], held: np.ndarray) -> np.ndarray:
    """Explicit steps of diffusion (Perona and Malik 1990, with walls for edges); `float32[h, w, 3]`."""
    planes = np.ascontiguousarray(cells.transpose(2, 0, 1))
    at_hints = planes[:, held]
    down, right = links[0][:-1] * np.float32(_PACE), links[1][:, :-1] * np.float32(_PACE)
    fall, drift = np.empty_like(planes[:, 1:]), np.empty_like(planes[..., 1:])
    for _ in range(_STEPS):
        np.subtract(planes[:, 1:], planes[:, :-1], out=fall)
        np.subtract(planes[..., 1:], planes[..., :-1], out=drift)
        fall *= down
        drift *= right
        planes[:, :-1] += fall
        planes[:, 1:] -= fall
        planes[..., :-1] += drift
        planes[..., 1:] -= drift
        planes[:, held] = at_hints
    return planes.transpose(1, 2, 0)


def _laid(
    flat: np.ndarray, cells: np.ndarray, is_free: np.ndarray, place: tuple[int, int], is_wet: np.ndarray
) -> np.ndarray:
    """The flat picture, `uint8[h, w, 3]`, with the colours of cells on the pixels that are wet, `bool[h, w]`."""
    weight = is_free.astype(np.float32)
    sums = cv2.blur(np.dstack([cells * weight[..., None], weight]), (3, 3), borderType=cv2.BORDER_CONSTANT)
    beside = np.where(is_free[..., None], cells, sums[..., :3] / np.maximum(sums[..., 3:], 1e-6))
    is_known = cv2.dilate(weight, np.ones((3, 3), np.float32))
    size = (cells.shape[1] * CELL, cells.shape[0] * CELL)
    large = cv2.resize(np.dstack([beside * is_known[..., None], is_known]), size, interpolation=cv2.INTER_LINEAR)
    height, width = (min(full - start, own) for full, start, own in zip(flat.shape, place, large.shape))
    part = (slice(place[0], place[0] + height), slice(place[1], place[1] + width))
    large = large[:height, :width]
    is_laid = is_wet[part] & (large[..., 3] > _KNOWN)
    result = flat.copy()
    result[part][is_laid] = np.rint(large[is_laid][:, :3] / large[is_laid][:, 3:])
    return result
