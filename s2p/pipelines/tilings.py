"""Regions that repeat: the bricks of a wall, tiles of a floor, plates of a shell, panes of a window.

Who gives one brick a colour means the wall, and nobody gives one to each. Six or more regions without dents that hang
together by neighbours of about the same area and shape make such a tiling; the pieces of bricks that look out from
behind a figure belong to it where they touch two of them.

An outline that was drawn as two lines is such a repetition, too: the pieces of a narrow band that are open to each
other, since pinches divide it.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from s2p.parts import NAMES
from s2p.pipelines.looking import Page
from s2p.pipelines.twins import shapes
from s2p.regions import hanging_together

LEAST = 6  # regions of a tiling
_SMALLEST, _LARGEST = 0.0015, 0.04  # shares of the page
_AREAS, _LENGTHS, _WIDTHS = 0.5, 0.6, 0.6  # of the smaller of two neighbours, as a share of the larger
_FULL = 0.9  # share of its convex hull that a region without dents fills
_REST, _DOUBLE = 1.3, 2.6  # typical areas that a piece has at most, and a region without dents
# Half the width of a band, in short edges, at most, and how many of those it is long at least; what passing from one
# piece to the next costs at most.
_NARROW, _LONG, _OPEN = 0.02, 12.0, 0.6
_NEVER = [NAMES.index(name) for name in ("skin", "hair", "brow", "eye white", "iris", "mouth", "creature")]


def tilings(page: Page, chances: np.ndarray) -> np.ndarray:
    """Which tiling every region belongs to: `int[R]`, a number each; -1 for none.

    Args:
        page: a drawing.
        chances: `float32[R, P]`, how likely its regions show each part of `s2p.parts.NAMES`.
    """
    areas, _, _, lengths, widths, _ = shapes(page)
    may = ~np.isin(chances.argmax(-1), _NEVER) & (areas > _SMALLEST / 4) & (areas < _LARGEST)
    one, other = page.regions.pairs[may[page.regions.pairs].all(-1)].T

    def alike(values: np.ndarray, least: float) -> np.ndarray:
        return np.minimum(values[one], values[other]) > least * np.maximum(values[one], values[other])

    fit = alike(areas, _AREAS) & alike(lengths, _LENGTHS) & alike(widths, _WIDTHS)
    fit &= (areas[one] > _SMALLEST) & (areas[other] > _SMALLEST)
    whole = np.zeros(len(areas), bool)
    asked = np.unique(np.concatenate([one[fit], other[fit]]))
    whole[asked] = [_is_full(page, int(region)) for region in asked]
    fit &= whole[one] & whole[other]
    found = _joined(_numbered(len(areas), one[fit], other[fit]), areas, lengths, widths)
    for within in each_of(found):
        touched = np.bincount(np.concatenate([one[within[other]], other[within[one]]]), minlength=len(areas))
        beside, typical = np.flatnonzero((touched > 1) & may & (found < 0)), float(np.median(areas[within]))
        for region in beside[areas[beside] < _DOUBLE * typical]:
            if areas[region] < _REST * typical or _is_full(page, int(region)):
                found[region] = found[within][0]
    bands = _bands(page, ~np.isin(chances.argmax(-1), _NEVER) & (found < 0))
    return np.where(bands >= 0, found.max() + 1 + bands, found)


def each_of(tilings: np.ndarray) -> Iterator[np.ndarray]:
    """Which regions every tiling has, `bool[R]` one after another, of `int[R]` as `tilings` returns it."""
    for number in np.unique(tilings[tilings >= 0]):
        yield tilings == number


def of_hinted_tilings(tilings: np.ndarray, homes: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Which regions lie in a tiling in which hints of each colour lie, `float32[R, K]`, 0 or 1.

    Args:
        tilings: `int[R]`, of `tilings`.
        homes, kind: `int[N]`, region and colour of every hint.
    """
    found = np.zeros((len(tilings), int(kind.max()) + 1), np.float32)
    for home, which in zip(homes, kind):
        if tilings[home] >= 0:
            found[tilings == tilings[home], which] = 1.0
    return found


def _bands(page: Page, may: np.ndarray) -> np.ndarray:
    """Numbers, from 0, of narrow bands in two pieces or more, -1 for all else: `int[R]`; `may` is `bool[R]`."""
    regions = page.regions
    half = np.zeros(regions.count, np.float32)
    room = np.minimum(regions.room, max(regions.room.shape))  # on a page without ink it is without end
    np.maximum.at(half, regions.labels.ravel(), room.ravel())
    length = regions.areas * regions.labels.size / np.maximum(2.0 * half, 1.0)
    is_band = may & ~regions.grounds & (half < _NARROW * min(page.inner)) & (length > _LONG * half)
    is_open = is_band[regions.pairs].all(-1) & (regions.costs < _OPEN)
    return _numbered(regions.count, *regions.pairs[is_open].T, least=2)


def _numbered(count: int, one: np.ndarray, other: np.ndarray, *, least: int = LEAST) -> np.ndarray:
    """Numbers, from 0, of what hangs together by pairs and is numerous enough; -1 for the rest; `int[count]`."""
    groups = hanging_together(count, one, other)
    size = np.bincount(groups)
    kept = np.flatnonzero(size >= least)
    numbers = np.full(len(size), -1)
    numbers[kept] = np.arange(len(kept))
    return numbers[groups]


def _joined(found: np.ndarray, *measures: np.ndarray) -> np.ndarray:
    """The same numbers, where tilings whose regions are typically alike have one: a wall goes on behind a figure."""
    count = found.max() + 1
    typical = [[float(np.median(values[found == number])) for values in measures] for number in range(count)]
    numbers = np.append(np.arange(count), -1)  # the last is that of -1
    for number, own in enumerate(typical):
        for before, other in enumerate(typical[:number]):
            if all(min(pair) > least * max(pair) for *pair, least in zip(own, other, (_AREAS, _LENGTHS, _WIDTHS))):
                numbers[number] = numbers[before]
                break
    return numbers[found]


def _is_full(page: Page, region: int) -> bool:
    """Whether a region has no dents."""
    height, width = page.inner
    mask = (page.regions.labels[:height, :width] == region).astype(np.uint8)
    outlines = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    if not outlines:
        return False
    hull = cv2.contourArea(cv2.convexHull(np.concatenate(outlines)))
    return float(mask.sum()) >= _FULL * hull
