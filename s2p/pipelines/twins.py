"""Pairs of regions that look like a left and a right: arms, legs, sleeves, shoes.

Nothing is known of bodies here. Two pieces of one figure of about the same size and shape are taken for such a pair
that stand on either side of something larger that both touch, or, if they are long, beside each other; and exact mirror
images at one height are wherever they stand. Of 300 pictures by others 57 of 100 pairs of the first kind have one
colour and 58 of the second; of any two neighbours 30 have it.
"""

from __future__ import annotations

import numpy as np

from s2p.pipelines.looking import Page
from s2p.reach import CELL

_SMALLEST, _LARGEST = 0.0015, 0.12  # shares of the page
_AREAS, _LENGTHS, _WIDTHS = 0.55, 0.7, 0.65  # of the smaller, as a share of the larger
_LEVEL, _APART = 1.2, 1.2  # lengths between their heights at most, widths between their sides at least
_LONG, _STEP, _ABREAST = 1.7, 0.6, 1.0  # lengths by widths of legs; how level, in lengths; how far apart, in widths
_EXACTLY, _SAME_HEIGHT, _SAME_SLANT = 0.9, 0.2, 0.15  # shares, lengths and correlations of mirror images
_SLANTED = 0.1  # correlation from which on something is not its own mirror image: windows of a wall are
_BODY = 0.8  # of the larger one's area, from which on what lies between them may be what they belong to


def twins(page: Page, figures: np.ndarray, is_scenery: np.ndarray) -> np.ndarray:
    """The pairs of a page, `int[N, 2]`, each once.

    Args:
        page: a drawing.
        figures: `int[R]`, numbers of the figures that its regions belong to.
        is_scenery: `bool[R]`, regions that belong to none.
    """
    areas, rows, columns, lengths, widths, slants = shapes(page)
    asked = np.flatnonzero((areas > _SMALLEST) & (areas < _LARGEST) & ~is_scenery)
    one, other = (asked[side] for side in np.triu_indices(len(asked), 1))

    def alike(values: np.ndarray, least: float) -> np.ndarray:
        return np.minimum(values[one], values[other]) > least * np.maximum(values[one], values[other])

    fit = (figures[one] == figures[other]) & alike(areas, _AREAS) & alike(lengths, _LENGTHS) & alike(widths, _WIDTHS)
    lower = np.abs(rows[one] - rows[other]) / np.maximum(lengths[one], lengths[other])
    apart = np.abs(columns[one] - columns[other]) / np.maximum(widths[one], widths[other])
    is_long = lengths > _LONG * widths
    may_be_legs = fit & is_long[one] & is_long[other] & (lower < _STEP) & (apart > _ABREAST)
    fit &= (lower < _LEVEL) & (apart > _APART)
    is_mirrored = fit & alike(areas, _EXACTLY) & alike(lengths, _EXACTLY) & alike(widths, _EXACTLY)
    is_mirrored &= (lower < _SAME_HEIGHT) & (np.abs(slants[one] + slants[other]) < _SAME_SLANT)
    is_mirrored &= np.abs(slants[one]) > _SLANTED
    legs, mirrored = (
        set(zip(one[which].tolist(), other[which].tolist())) for which in (may_be_legs, is_mirrored)
    )
    one, other = one[fit | may_be_legs], other[fit | may_be_legs]
    around: dict[int, set[int]] = {}
    for first, second in page.regions.pairs.tolist():
        around.setdefault(first, set()).add(second)
        around.setdefault(second, set()).add(first)

    def is_pair(first: int, second: int) -> bool:
        if (first, second) in mirrored:
            return True
        if (first, second) in legs and second in around.get(first, set()):
            return True
        left, right = sorted((columns[first], columns[second]))
        return any(
            areas[body] > _BODY * max(areas[first], areas[second]) and left < columns[body] < right
            and not is_scenery[body]
            for body in around.get(first, set()) & around.get(second, set())
        )

    found = [pair for pair in zip(one.tolist(), other.tolist()) if is_pair(*pair)]
    return np.array(found, np.int64).reshape(-1, 2)


def of_pieces(pairs: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Pairs of old regions, `int[N, 2]`, as pairs of the new ones with those parents; none of what was parted."""
    pieces = np.bincount(parents)
    number = np.zeros(len(pieces), np.int64)
    number[parents] = np.arange(len(parents))
    return number[pairs[(pieces[pairs] == 1).all(-1)]]


def like_their_twins(
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


def shapes(page: Page) -> tuple[np.ndarray, ...]:
    """Area, row and column of the middle, length, width and slant of every region, `float[R]` each.

    Areas are shares of the drawing, all else is in cells of its grid; length and width are deviations along the
    principal axes. The slant is the correlation of rows and columns, in [-1, 1]; a mirror image has its negative.
    """
    rows, columns = (-(-edge // CELL) for edge in page.inner)
    grid, count = page.grid[:rows, :columns], page.regions.count
    labels, (row, column) = grid.ravel(), (place.ravel().astype(np.float64) for place in np.indices(grid.shape))
    size = np.bincount(labels, minlength=count)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(labels, values, count) / np.maximum(size, 1)

    y, x = mean(row), mean(column)
    down, along, both = mean(row * row) - y * y, mean(column * column) - x * x, mean(row * column) - x * y
    half, spread = (down + along) / 2, np.sqrt(((along - down) / 2) ** 2 + both * both)
    length, width = (np.sqrt(np.maximum(half + sign * spread, 0.25)) for sign in (1, -1))
    slant = both / np.sqrt(np.maximum(down, 0.25) * np.maximum(along, 0.25))
    return size / grid.size, y, x, length, width, slant
