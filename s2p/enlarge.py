"""Brings a small painting to the size of the drawing it was made for, with its colours ending at the drawn lines.

A painting of 512 px has a colour edge somewhere within a pixel of every line. On a page of 4096 px that pixel is eight
wide: colours would bleed past the lines, and the painted lines would lie under the drawn ones as a soft shadow. So what
lies near a line is not believed. It is filled again from the open paper on its own side, at every doubling of the size,
and ink lets nothing through.

The idea is that of normalised convolution (Knutsson and Westin, 1993) with the ink as a wall, on a pyramid in which a
line never gets thinner than a pixel (blocks keep their darkest value). A guided filter (`enlarge_tonal`) compares
values of the guide instead, and paper is as white on one side of a line as on the other; it is right for tones.

Every step looks a few pixels far, so the work is done in tiles that give the same picture as one piece.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from s2p.lineart import keep_ink, min_pool
from s2p.progress import NullReporter, Reporter
from s2p.sizes import resize_to

# What `enlarge` needs besides its input and its output, for a page of 4096 x 4096 on any number of cores.
WORK_BYTES = 160 * 1024 * 1024

TILE = 512
_THREADS = 4

# Drawing values: ink up to the first, open paper from the second.
_INK, _PAPER = 150.0, 235.0
_ROUNDS = 4  # at a doubling: what was hidden below the ink of the smaller page is at most 2 px wide
_FIRST_ROUNDS = 8  # on the small painting, whose own blur has to be got rid of
_REACH = 8  # px beyond a tile that it is computed from: more than the rounds and interpolation look, and even
_FAINT = 0.05  # weight of what is not believed, for places that nothing better reaches

# The guided filter's window in pixels of the painting, and the variance below which a guide's tones say nothing.
_WINDOW, _SILENT = 5, 8.0**2

_BLOCK = np.ones((3, 3), np.uint8)

Tile = tuple[slice, slice]


def enlarge(
    painting: np.ndarray, drawing: np.ndarray, *, ink: bool = True, tile: int = TILE, report: Reporter | None = None
) -> np.ndarray:
    """Enlarges a painting along the lines of a drawing.

    Args:
        painting: `uint8[h, w, 3]`, RGB, of any smaller size; a larger one is only resized.
        drawing: `uint8[H, W]`, 255 = paper. The artist's lines at the wanted size.
        ink: whether the lines are laid over the colours (`s2p.lineart.keep_ink`).
        tile: int, even. Edge of the pieces in which a page is worked on.
        report: told the fraction done, and asked before every tile whether the job was cancelled.

    Returns: `uint8[H, W, 3]`, RGB. Besides it and the input, at most `WORK_BYTES` are needed for 4096 x 4096 px.

    Example:
        >>> page = np.full((64, 64), 255, np.uint8); page[:, 31:33] = 0
        >>> halves = np.zeros((8, 8, 3), np.uint8); halves[:, :4] = (255, 0, 0); halves[:, 4:] = (0, 0, 255)
        >>> enlarge(halves, page)[5, [20, 44]].tolist()
        [[255, 0, 0], [0, 0, 255]]
    """
    pages = _pyramid(drawing, painting.shape)
    tiles = _Tiles(tile, report, pixels=sum(page.size for page in pages[:-1]))
    colors, coarse = _nearly(painting, pages, tiles, ink=ink)
    if not pages:
        return keep_ink(colors, drawing) if ink else colors
    return _doubled(colors, coarse, pages.pop(), tiles, ink=ink)


class Enlarged:
    """What `enlarge` makes, without ink, row by row: for pages that are too large to be held whole.

    Args:
        painting, drawing, report: as for `enlarge`. What is half as large as the page is made, and held, at once.

    Example:
        >>> page = np.full((64, 64), 255, np.uint8); page[:, 31:33] = 0
        >>> small = np.full((8, 8, 3), 200, np.uint8)
        >>> bool((Enlarged(small, page).rows(16, 32) == enlarge(small, page, ink=False)[16:32]).all())
        True
    """

    def __init__(self, painting: np.ndarray, drawing: np.ndarray, *, report: Reporter | None = None) -> None:
        pages = _pyramid(drawing, painting.shape)
        tiles = _Tiles(TILE, report, pixels=sum(page.size for page in pages[1:-1]))
        self._colors, self._coarse = _nearly(painting, pages, tiles, ink=False)
        self._drawing, self._is_whole = drawing, not pages

    def rows(self, top: int, bottom: int) -> np.ndarray:
        """Its rows from `top`, which is even, up to `bottom`: `uint8[bottom - top, W, 3]`, RGB."""
        if self._is_whole:
            return self._colors[top:bottom].copy()
        page = self._drawing
        found = np.empty((bottom - top, page.shape[1], 3), np.uint8)

        def work(place: Tile) -> None:
            found[:, place[1]] = _doubled_tile(self._colors, self._coarse, page, place)

        spans = (slice(left, min(left + TILE, page.shape[1])) for left in range(0, page.shape[1], TILE))
        with ThreadPoolExecutor(min(os.cpu_count() or 1, _THREADS)) as pool:
            list(pool.map(work, ((slice(top, bottom), span) for span in spans)))
        return found


def enlarge_tonal(
    painting: np.ndarray, guide: np.ndarray, *, tile: int = TILE, report: Reporter | None = None
) -> np.ndarray:
    """Enlarges a painting along the tones of a gray picture (fast guided filter; He and Sun, 2015, arXiv:1505.00996).

    Args:
        painting: `uint8[h, w, 3]`, RGB, of a smaller size.
        guide: `uint8[H, W]`. The tonal sketch, or the gray of the picture that was painted over.
        tile, report: as in `enlarge`.

    Returns: `uint8[H, W, 3]`, RGB.
    """
    small = resize_to(guide, painting.shape).astype(np.float32)
    window = (_WINDOW, _WINDOW)
    mean = cv2.blur(small, window)
    variance = cv2.blur(small * small, window) - mean * mean
    slopes, bases = [], []
    for plane in cv2.split(painting):
        plane = plane.astype(np.float32)
        level = cv2.blur(plane, window)
        slope = (cv2.blur(small * plane, window) - mean * level) / (variance + _SILENT)
        slopes.append(cv2.blur(slope, window))
        bases.append(cv2.blur(level - slope * mean, window))
    slope, base = cv2.merge(slopes), cv2.merge(bases)
    result = np.empty((*guide.shape, 3), np.uint8)

    def write(place: Tile) -> None:
        rows, columns = (
            (np.arange(span.start, span.stop, dtype=np.float32) + 0.5) * (small.shape[axis] / guide.shape[axis]) - 0.5
            for axis, span in enumerate(place)
        )
        across, down = np.meshgrid(columns, rows)
        parts = [
            cv2.remap(field, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for field in (slope, base)
        ]
        values = parts[0].reshape(*across.shape, 3) * guide[place][..., None] + parts[1].reshape(*across.shape, 3)
        result[place] = np.clip(values + 0.5, 0, 255)

    _Tiles(tile, report, pixels=guide.size).run(write, guide.shape)
    return result


class _Tiles:
    """Works through pages tile by tile in a few threads (OpenCV and NumPy let go of Python's lock), and reports."""

    def __init__(self, tile: int, report: Reporter | None, *, pixels: int) -> None:
        self._tile, self._report = tile, report or NullReporter()
        self._pixels, self._done = pixels, 0

    def run(self, work: Callable[[Tile], None], shape: tuple[int, ...]) -> None:
        places = list(self._places(shape))
        threads = min(os.cpu_count() or 1, _THREADS, len(places))
        with ThreadPoolExecutor(threads) as pool:
            for first in range(0, len(places), threads):
                self._report.check()
                batch = places[first : first + threads]
                for place, _ in zip(batch, pool.map(work, batch)):
                    self._done += (place[0].stop - place[0].start) * (place[1].stop - place[1].start)
                self._report.update(self._done / self._pixels)

    def _places(self, shape: tuple[int, ...]) -> Iterator[Tile]:
        for top in range(0, shape[0], self._tile):
            for left in range(0, shape[1], self._tile):
                yield slice(top, min(top + self._tile, shape[0])), slice(left, min(left + self._tile, shape[1]))


def _pyramid(drawing: np.ndarray, shape: tuple[int, ...]) -> list[np.ndarray]:
    """The drawing, then its halves (darkest of 2 x 2), down to about the size of the painting."""
    pages = [drawing]
    while max(pages[-1].shape) > 1 and pages[-1].size >= 2 * shape[0] * shape[1]:
        pages.append(min_pool(pages[-1], 2))
    return pages


def _nearly(
    painting: np.ndarray, pages: list[np.ndarray], tiles: _Tiles, *, ink: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The picture before its last doubling, and its drawing; of the pages of a pyramid only the full one is left.

    Where the painting is not doubled at all, none is.
    """
    coarse = pages.pop()
    colors = _first(resize_to(painting, coarse.shape) if ink else _without_rims(painting, coarse.shape), coarse)
    while len(pages) > 1:
        page = pages.pop()
        colors, coarse = _doubled(colors, coarse, page, tiles, ink=False), page
    return colors, coarse


def _open(drawing: np.ndarray) -> np.ndarray:
    """`float32[H, W]` in [0, 1]: how much a place is open paper."""
    return np.clip((drawing.astype(np.float32) - np.float32(_INK)) / np.float32(_PAPER - _INK), 0.0, 1.0)


def _without_rims(painting: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Resized, without the light rims that Lanczos leaves beside dark painted lines; those outlive the lines."""
    if painting.shape[0] >= shape[0]:
        return resize_to(painting, shape)
    return cv2.resize(painting, shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _first(painting: np.ndarray, drawing: np.ndarray) -> np.ndarray:
    """The painting with its own soft lines taken out: they reach a pixel further than the drawn ones."""
    planes = [plane.astype(np.float32) for plane in cv2.split(painting)]
    return cv2.merge(_filled(planes, _open(cv2.erode(drawing, _BLOCK)), _open(drawing), rounds=_FIRST_ROUNDS))


def _doubled(small: np.ndarray, coarse: np.ndarray, page: np.ndarray, tiles: _Tiles, *, ink: bool) -> np.ndarray:
    """The picture at twice the size, `uint8[H, W, 3]`, RGB.

    Args:
        small: `uint8[H / 2, W / 2, 3]`, RGB; halves are rounded up. The picture so far.
        coarse: `uint8[H / 2, W / 2]`. Its drawing.
        page: `uint8[H, W]`. The drawing of twice the size.
        tiles: does the work.
        ink: whether `page` is laid over the colours.
    """
    larger = np.empty((*page.shape, 3), np.uint8)

    def work(place: Tile) -> None:
        pixels = _doubled_tile(small, coarse, page, place)
        larger[place] = keep_ink(pixels, page[place]) if ink else pixels

    tiles.run(work, page.shape)
    return larger


def _doubled_tile(small: np.ndarray, coarse: np.ndarray, page: np.ndarray, place: Tile) -> np.ndarray:
    """One tile of `_doubled`; its rows and columns start even."""
    (top, bottom), (left, right) = (
        (max(span.start - _REACH, 0), min(span.stop + _REACH, length)) for span, length in zip(place, page.shape)
    )
    half = slice(top // 2, (bottom + 1) // 2), slice(left // 2, (right + 1) // 2)
    # Colours below the ink of the smaller picture belong to both sides; they stay out of the interpolation.
    belief = _open(coarse[half])
    weight = belief + np.float32(_FAINT)
    total = _twice(weight)
    planes = [_twice(plane * weight) / total for plane in cv2.split(small[half])]
    fine = (slice(0, bottom - top), slice(0, right - left))
    planes = [plane[fine] for plane in planes]
    filled = _filled(planes, _twice(belief)[fine], _open(page[top:bottom, left:right]), rounds=_ROUNDS)
    inner = tuple(slice(span.start - start, span.stop - start) for span, start in zip(place, (top, left)))
    return cv2.merge([plane[inner] for plane in filled])


def _twice(plane: np.ndarray) -> np.ndarray:
    return cv2.resize(plane, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)


def _filled(
    planes: Sequence[np.ndarray], belief: np.ndarray, paper: np.ndarray, *, rounds: int
) -> Sequence[np.ndarray]:
    """Gives places that are not believed the colours of believed ones that are reached over open paper.

    Args:
        planes: three of `float32[H, W]`, 0..255.
        belief: `float32[H, W]` in [0, 1].
        paper: `float32[H, W]` in [0, 1]; 0 lets nothing through.
        rounds: how far colours flow, in pixels.

    Returns: three of `uint8[H, W]`.
    """
    if belief.min() == 1.0:
        return [cv2.convertScaleAbs(plane) for plane in planes]
    weight = belief + np.float32(_FAINT)
    doubt = 1.0 - belief
    passing = doubt * paper
    sources = [plane * weight for plane in planes] + [weight]
    flows = []
    for source in sources:
        flow = source
        for _ in range(rounds):
            flow = source + passing * cv2.blur(flow, (3, 3))
        # The last step also colours the ink, so that a line's soft edge lies on the colour beside it.
        flows.append(source + doubt * cv2.blur(flow, (3, 3)))
    return [cv2.convertScaleAbs(flow / flows[3]) for flow in flows[:3]]
