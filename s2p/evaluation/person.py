"""Plays an artist as people are: a few dabs in the larger areas, some of them on lines, and much left without."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.evaluation.fills import Point
from s2p.evaluation.target import STRIDE, Target, is_white
from s2p.schema import Hint, Hints

FORGOTTEN = (0.2, 0.4)  # share of the regions that get no hint: drawn for each picture from between these
MOST = 3  # points in one region
NEAR_LINE = 0.25  # share of the points that lie within 4 px of a line
_SMALLEST = 0.0015  # of the picture; nobody clicks into less
_DARK, _STROKE = 30.0, 24.0  # L, and area by squared half width, of what is ink of the original rather than a thing
_CAREFUL = 6.0  # px from lines that the other points keep, where there is room


def like_a_person(target: Target, count: int, generator: np.random.Generator) -> list[Point]:
    """Places hints region after region in the order of area; the first n of them are the choice for n.

    Each of the larger flat regions of the original gets one to three points in its colour, a fifth to two fifths of
    the regions none. A quarter of the points lie within 4 px of a line, a quarter of those on it. White regions inside
    the figure get white points; the white ground gets none.

    Args:
        count: int. Number of points at most; a picture with few regions gets fewer.

    Returns: `(x, y, (r, g, b))`, x and y in [0, 1] from the top-left.
    """
    regions = target.regions
    forgotten = generator.uniform(*FORGOTTEN)
    points: list[Point] = []
    for number in range(1, len(regions.areas)):
        if len(points) >= count or regions.areas[number] < _SMALLEST * regions.labels.size:
            break
        is_here = regions.labels == number
        is_skipped = generator.random() < forgotten
        if is_skipped or not (is_here & target.is_off).any():
            continue
        if _is_ground(target, number, is_here) or _is_ink(target, number, is_here):
            continue
        pixels = target.image[::STRIDE, ::STRIDE][is_here]
        red, green, blue = (int(value) for value in np.median(pixels, axis=0))
        for _ in range(int(generator.integers(1, MOST + 1))):
            row, column = _place(target, is_here, generator)
            x = min((column * STRIDE + 0.5) / target.image.shape[1], 1.0)
            y = min((row * STRIDE + 0.5) / target.image.shape[0], 1.0)
            points.append((x, y, (red, green, blue)))
    return points[:count]


def exact_hints(points: list[Point]) -> Hints:
    """All points as exact hints, the page's usual tool."""
    return Hints(Hint(x=x, y=y, color="#{:02x}{:02x}{:02x}".format(*color)) for x, y, color in points)


def _is_ground(target: Target, number: int, is_here: np.ndarray) -> bool:
    return bool(is_white(target.regions.colors[number])) and bool(target.is_ground[is_here].mean() > 0.5)


def _is_ink(target: Target, number: int, is_here: np.ndarray) -> bool:
    """Whether a region is dark and long for its width: an outline, however broad."""
    if target.regions.colors[number][0] > _DARK:
        return False
    half_width = float(cv2.distanceTransform(np.pad(is_here, 1).astype(np.uint8), cv2.DIST_L2, 5).max())
    return bool(target.regions.areas[number] > _STROKE * half_width**2)


def _place(target: Target, is_here: np.ndarray, generator: np.random.Generator) -> tuple[int, int]:
    """A cell of a region, or of the line beside it."""
    clearance = target.clearance
    if generator.random() < NEAR_LINE:
        # Each pixel of distance is as likely as any other: most hands are a little off, not always equally far.
        for distance in generator.permutation(4):
            if distance == 0:
                beside = cv2.dilate(is_here.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
                near = beside & (clearance < 1.0)
            else:
                near = is_here & (clearance >= distance) & (clearance < distance + 1.0)
            if near.any():
                return _any_of(near, generator)
    room = np.where(is_here, clearance, 0.0)
    return _any_of(is_here & (room >= min(_CAREFUL, 0.5 * float(room.max()))), generator)


def _any_of(mask: np.ndarray, generator: np.random.Generator) -> tuple[int, int]:
    cells = np.flatnonzero(mask)
    row, column = divmod(int(cells[generator.integers(len(cells))]), mask.shape[1])
    return row, column
