"""A pen for drawings in code: smooth curves, strokes that swell and taper, shapes that cover what lies below.

Coordinates are pixels of the finished drawing, `(x, y)` from the upper left; everything is drawn larger and reduced.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

Point = tuple[float, float]
Points = Sequence[Point]

INK, PAPER = 24, 255
_LARGER = 4
_FRACTION_BITS = 4  # OpenCV takes fractions of pixels as integers shifted by this


class Sheet:
    """White paper and a pen with a slightly unsteady hand; the same seed gives the same drawing.

    Args:
        width, height: int. Size of the finished drawing in pixels.
        seed: int. Decides the unsteadiness of the hand.
    """

    def __init__(self, width: int, height: int, *, seed: int = 0) -> None:
        self.width, self.height = width, height
        self._canvas = np.full((height * _LARGER, width * _LARGER), PAPER, np.uint8)
        self._random = np.random.default_rng(seed)
        self._matrix = np.eye(3)

    def finished(self) -> np.ndarray:
        """The drawing, `uint8[H, W]`, 255 = paper."""
        import cv2

        return cv2.resize(self._canvas, (self.width, self.height), interpolation=cv2.INTER_AREA)

    @contextmanager
    def turned(self, degrees: float, center: Point) -> Iterator[None]:
        """Within the block everything is turned clockwise around `center`."""
        angle = math.radians(degrees)
        cosine, sine = math.cos(angle), math.sin(angle)
        x, y = center
        turn = np.array([
            [cosine, -sine, x - cosine * x + sine * y], [sine, cosine, y - sine * x - cosine * y], [0.0, 0.0, 1.0]
        ])
        before = self._matrix
        self._matrix = before @ turn
        try:
            yield
        finally:
            self._matrix = before

    @contextmanager
    def inside(self, points: Points) -> Iterator[None]:
        """Within the block only the inside of the closed curve takes ink."""
        import cv2

        before = self._canvas.copy()
        yield
        mask = np.zeros_like(self._canvas)
        cv2.fillPoly(mask, [self._integer(self._placed(curve(points, closed=True)))], 255, shift=_FRACTION_BITS)
        self._canvas = np.where(mask > 0, self._canvas, before)

    def fill(self, points: Points, *, value: int = PAPER) -> None:
        """Covers the inside of a closed curve with paper, or with ink where `value` is `INK`."""
        import cv2

        outline = self._integer(self._placed(curve(points, closed=True)))
        cv2.fillPoly(self._canvas, [outline], value, lineType=cv2.LINE_8, shift=_FRACTION_BITS)

    def shape(self, points: Points, width: float = 2.6) -> None:
        """A closed form that covers what is below it, with an outline heavier on its shadow side (lower right)."""
        self.fill(points)
        self.stroke([*points, points[0]] if points[0] != points[-1] else points, width, taper=0.0, closed=True)

    def stroke(self, points: Points, width: float = 2.4, *, taper: float = 0.3, closed: bool = False) -> None:
        """One line of the pen.

        Args:
            points: a smooth curve runs through them; a point given twice in a row is a corner.
            width: float. Pixels at full pressure.
            taper: share of the length over which the line thins towards each end; 0 for none.
            closed: the line returns to its start, and its weight follows the light.
        """
        import cv2

        line = self._placed(curve(points, closed=closed))
        lengths = np.hypot(*np.diff(line, axis=0).T)
        total = float(lengths.sum())
        if total == 0.0:
            return
        steps = max(2, int(total * 2.5))
        at = np.concatenate([[0.0], np.cumsum(lengths)])
        even = np.linspace(0.0, total, steps)
        x, y = np.interp(even, at, line[:, 0]), np.interp(even, at, line[:, 1])
        pressure = self._pressure(even, total, taper)
        if closed:
            # The direction in which the outline runs tells which side of the form faces the light.
            turn = np.sign(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) or 1.0
            dx, dy = np.gradient(x), np.gradient(y)
            norm = np.hypot(dx, dy) + 1e-9
            shadow = turn * (dy - dx) / (norm * math.sqrt(2.0))
            shadow = np.convolve(np.pad(shadow, 12, mode="edge"), np.full(25, 1 / 25), mode="valid")
            pressure = pressure * (1.0 + 0.32 * shadow)
        radius = np.maximum(width * pressure / 2.0, 0.28) * _LARGER
        unit = 1 << _FRACTION_BITS
        for px, py, r in zip(x * _LARGER, y * _LARGER, radius):
            center = (round(px * unit), round(py * unit))
            cv2.circle(self._canvas, center, round(r * unit), INK, -1, shift=_FRACTION_BITS)

    def strokes(self, lines: Sequence[Points], width: float = 1.8, *, taper: float = 0.4) -> None:
        for points in lines:
            self.stroke(points, width, taper=taper)

    def dot(self, x: float, y: float, radius: float, *, value: int = INK) -> None:
        self.fill(oval(x, y, radius, radius), value=value)

    def _pressure(self, at: np.ndarray, total: float, taper: float) -> np.ndarray:
        waves = sum(
            np.sin(at / length + self._random.uniform(0, 2 * math.pi)) for length in (17.0, 41.0, 97.0)
        )
        pressure = 1.0 + 0.045 * np.asarray(waves)
        if taper > 0.0:
            end = np.minimum(at, total - at) / (taper * total + 1e-9)
            pressure = pressure * (0.22 + 0.78 * np.sin(np.clip(end, 0.0, 1.0) * math.pi / 2))
        return pressure

    def _placed(self, line: np.ndarray) -> np.ndarray:
        return line @ self._matrix[:2, :2].T + self._matrix[:2, 2]

    @staticmethod
    def _integer(line: np.ndarray) -> np.ndarray:
        return np.rint(line * (_LARGER << _FRACTION_BITS)).astype(np.int32)


def curve(points: Points, *, closed: bool = False) -> np.ndarray:
    """A smooth line through points (centripetal Catmull-Rom), `float64[N, 2]`; a point given twice is a corner."""
    given = [(float(x), float(y)) for x, y in points]
    if closed and given[0] != given[-1]:
        given.append(given[0])
    pieces: list[list[Point]] = [[given[0]]]
    for before, point in itertools.pairwise(given):
        if point == before:
            pieces.append([point])
        else:
            pieces[-1].append(point)
    pieces = [piece for piece in pieces if len(piece) > 1]
    round_trip = closed and len(pieces) == 1
    if closed and not round_trip and given[0] != given[1] and given[-1] != given[-2]:
        pieces = [[*pieces[-1][:-1], *pieces[0]], *pieces[1:-1]]  # the start is not a corner unless it says so
    return np.concatenate([_smooth(np.array(piece), round_trip) for piece in pieces])


def _smooth(points: np.ndarray, round_trip: bool) -> np.ndarray:
    if len(points) == 2:
        return np.linspace(points[0], points[1], 8)
    first, last = (points[-2], points[1]) if round_trip else (2 * points[0] - points[1], 2 * points[-1] - points[-2])
    ring = np.vstack([first, points, last])
    parts = []
    for p0, p1, p2, p3 in zip(ring, ring[1:], ring[2:], ring[3:]):
        t1 = max(float(np.hypot(*(p1 - p0))), 1e-6) ** 0.5
        t2 = t1 + max(float(np.hypot(*(p2 - p1))), 1e-6) ** 0.5
        t3 = t2 + max(float(np.hypot(*(p3 - p2))), 1e-6) ** 0.5
        t = np.linspace(t1, t2, max(6, int(np.hypot(*(p2 - p1)) / 2)))[:, None]
        a1, a2, a3 = _between(p0, p1, 0.0, t1, t), _between(p1, p2, t1, t2, t), _between(p2, p3, t2, t3, t)
        b1, b2 = _between(a1, a2, 0.0, t2, t), _between(a2, a3, t1, t3, t)
        parts.append(_between(b1, b2, t1, t2, t))
    return np.concatenate(parts)


def _between(start: np.ndarray, end: np.ndarray, t0: float, t1: float, t: np.ndarray) -> np.ndarray:
    return start + (end - start) * (t - t0) / (t1 - t0)


def oval(x: float, y: float, rx: float, ry: float, *, turn: float = 0.0, count: int = 16) -> list[Point]:
    """Points of an ellipse turned by `turn` degrees."""
    angle = math.radians(turn)
    points = []
    for step in range(count):
        a = 2 * math.pi * step / count
        u, v = rx * math.cos(a), ry * math.sin(a)
        points.append((x + u * math.cos(angle) - v * math.sin(angle), y + u * math.sin(angle) + v * math.cos(angle)))
    return points


def mirrored(points: Points, axis: float) -> list[Point]:
    """The points on the other side of the vertical line x = `axis`."""
    return [(2 * axis - x, y) for x, y in points]


def moved(points: Points, dx: float, dy: float, *, scale: float = 1.0) -> list[Point]:
    """The points scaled around the origin, then moved."""
    return [(x * scale + dx, y * scale + dy) for x, y in points]


def polygon(*points: Point) -> list[Point]:
    """A closed outline whose every point is a corner."""
    corners = [point for point in points for _ in range(2)]
    return [*corners[1:], points[0], points[0]]
