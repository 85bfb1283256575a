"""Outlines of drawn things: smooth curves with corners, ellipses, limbs, locks of hair. Points are `float64[N, 2]`, x
to the right and y down."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

_WAVES = np.arange(1, 9)

Points = Sequence[Sequence[float] | np.ndarray] | np.ndarray


def smooth(points: Points, *, closed: bool = True, corners: Sequence[int] = (), detail: int = 8) -> np.ndarray:
    """A curve through points, as a cubic with tangents along the neighbours.

    Args:
        points: at least two; the curve passes through all of them.
        closed: True for an outline whose last point joins the first.
        corners: numbers of points where the curve has a corner; -1 is the last one.
        detail: int. Pieces of a segment.

    Returns:
        `float64[M, 2]`; the first point is not repeated at the end of an outline.

    Example:
        >>> smooth([(0, 0), (1, 0), (1, 1)], closed=False).shape
        (17, 2)
    """
    knots = np.asarray(points, np.float64)
    earlier, later = _neighbours(len(knots))
    before, after = knots[earlier], knots[later]
    if not closed:
        before[0], after[-1] = knots[0], knots[-1]
    leaving = arriving = 0.5 * (after - before)
    if len(corners):
        leaving, arriving = leaving.copy(), arriving.copy()
        sharp = np.asarray(corners) % len(knots)
        leaving[sharp] = 0.6 * (after - knots)[sharp]
        arriving[sharp] = 0.6 * (knots - before)[sharp]
    starts = slice(None) if closed else slice(None, -1)
    ends = later[starts]
    stack = np.stack([knots[starts], leaving[starts], knots[ends], arriving[ends]])
    curve = np.einsum("dk,knc->ndc", _basis(detail), stack).reshape(-1, 2)
    return curve if closed else np.vstack([curve, knots[-1:]])


def ellipse(
    x: float, y: float, rx: float, ry: float | None = None, *, angle: float = 0.0, detail: int = 48
) -> np.ndarray:
    """The outline of an ellipse, turned by `angle` radians."""
    ry = rx if ry is None else ry
    turns = np.linspace(0, 2 * np.pi, detail, endpoint=False)
    return turned(np.stack([rx * np.cos(turns), ry * np.sin(turns)], axis=1), angle) + np.array([x, y])


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, *, detail: int = 24) -> np.ndarray:
    """An open piece of an ellipse from `start` to `end` (radians; 0 = right, a quarter turn = down)."""
    turns = np.linspace(start, end, detail)
    return np.stack([x + rx * np.cos(turns), y + ry * np.sin(turns)], axis=1)


def turned(points: np.ndarray, angle: float) -> np.ndarray:
    """Points turned around the origin by `angle` radians."""
    if angle == 0.0:
        return points
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[cos, sin], [-sin, cos]])


def moved(point: np.ndarray, x: float, y: float) -> np.ndarray:
    """A point a little farther."""
    return point + np.array([x, y])


def limb(bone: Points, widths: Sequence[float], *, detail: int = 8) -> np.ndarray:
    """The outline of an arm, a leg, a trunk or a tail.

    Args:
        bone: points from the root to the end; the limb bends smoothly.
        widths: at each of them; 0 at the end gives a point.
    """
    line = smooth(bone, closed=False, detail=detail)
    places = np.linspace(0, len(widths) - 1, len(line))
    half = 0.5 * np.interp(places, np.arange(len(widths)), widths)[:, None]
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    turns = np.linspace(-np.pi / 2, np.pi / 2, 9)[1:-1, None]
    end = line[-1] + half[-1] * (np.cos(turns) * along[-1] - np.sin(turns) * across[-1])
    start = line[0] - 0.7 * half[0] * (np.cos(turns) * along[0] - np.sin(turns) * across[0])
    return np.vstack([line + half * across, end, (line - half * across)[::-1], start])


def blade(bone: Points, widths: Sequence[float], *, detail: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A strand of hair: its middle and its two edges, from root to tip.

    Args:
        bone: points from the root to the tip.
        widths: any number, spread evenly along the bone; 0 at the end gives a point.

    Example:
        >>> [len(line) for line in blade([(0, 0), (0, 1)], [1, 0])]
        [7, 7, 7]
    """
    line = smooth(bone, closed=False, detail=detail)
    places = np.linspace(0, len(widths) - 1, len(line))
    half = 0.5 * np.interp(places, np.arange(len(widths)), widths)[:, None]
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    across = half * np.stack([-along[:, 1], along[:, 0]], axis=1)
    return line, line + across, line - across


def locks(
    start: Sequence[float], end: Sequence[float], count: int, length: float, generator: np.random.Generator,
    *, lean: float = 0.0, spread: float = 0.35,
) -> tuple[np.ndarray, list[int]]:  # fmt: skip
    """The zigzag of hair tips between two points.

    Args:
        start, end: where the row begins and ends; tips hang to the right of the way from start to end, which is
            downward when the way leads from right to left.
        count: int. Tips.
        length: float. How far they hang.
        generator: varies widths and lengths.
        lean: float. How far tips lean along the way, in widths.
        spread: float in [0, 1). How uneven they are.

    Returns:
        The points between start and end (both left out), tips and clefts in turn, and the numbers of the corners.
    """
    first, last = np.asarray(start, float), np.asarray(end, float)
    shares = 1 + spread * generator.uniform(-1, 1, count)
    edges = np.concatenate([[0], np.cumsum(shares) / shares.sum()])
    way = last - first
    hang = np.array([-way[1], way[0]]) / max(np.hypot(*way), 1e-9)
    if hang[1] < 0:
        hang = -hang
    points: list[np.ndarray] = []
    for number in range(count):
        middle = (edges[number] + edges[number + 1]) / 2 + lean * (edges[number + 1] - edges[number])
        depth = length * (1 + spread * generator.uniform(-1, 1))
        points.append(first + middle * way + depth * hang)
        if number < count - 1:
            points.append(first + edges[number + 1] * way + 0.25 * length * generator.uniform(0, 1) * hang)
    return np.array(points), list(range(len(points)))


def wobbled(points: np.ndarray, amount: float, generator: np.random.Generator) -> np.ndarray:
    """Points moved by slow random waves of about `amount`, as by a hand that is not quite steady."""
    if amount <= 0 or len(points) < 4:
        return points
    phases = np.linspace(0, 2 * np.pi, len(points), endpoint=False)[:, None] * _WAVES
    moves = np.sin(phases + generator.uniform(0, 2 * np.pi, len(_WAVES))) @ (
        generator.normal(0, amount, (len(_WAVES), 2)) / _WAVES[:, None] ** 0.5
    )
    return points + 0.8 * moves


@lru_cache(maxsize=64)
def _neighbours(count: int) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.arange(count)
    return (numbers - 1) % count, (numbers + 1) % count


@lru_cache(maxsize=16)
def _basis(detail: int) -> np.ndarray:
    t = np.arange(detail) / detail
    return np.stack([2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, -2 * t**3 + 3 * t**2, t**3 - t**2], axis=1)
