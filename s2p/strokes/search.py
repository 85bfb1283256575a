"""Finds the strokes of a picture: coarse to fine, each where the canvas is most wrong.

A level divides the picture into near-square blocks. Of every second block in both directions one gets a stroke, all of
these at once, in windows twice as wide as a block: so no stroke ends at a block's border, and no grid is seen. Blocks
that are nearly right wait, and the strokes go where they are needed. After a level the strokes are drawn for real,
which is what the next one starts from; at the end all colours are solved together (`recolor`).

Levels and places by the error come from "Stylized Neural Painting", overlapping blocks from Paint Transformer (Liu and
others, ICCV 2021); candidates with closed-form colours in place of most of the descent are our own.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np

from s2p.progress import NullReporter, Reporter
from s2p.strokes.backends import Backend, backend_of
from s2p.strokes.candidates import Limits, best_of, flow_of, guess, room_of
from s2p.strokes.climb import Climbed
from s2p.strokes.layouts import OPEN, Strokes, layout_of, middles
from s2p.strokes.plan import Plan
from s2p.strokes.raster import Canvas
from s2p.strokes.recolor import recolored

BLOCK = 32  # pixels of a block's side while searching
_DRAWN = 512  # of the longer side, where strokes are drawn between levels
_MOST = 1.1  # length of a stroke in shares of a block
_MOST_ROUNDS = 6  # for one stroke per block
_PATIENT = 0.35  # a block with less than this share of the mean error waits


def search(
    picture: np.ndarray, plan: Plan, *, report: Reporter | None = None, stop: Callable[[], bool] | None = None,
    laid: Callable[[np.ndarray], None] | None = None, walls: np.ndarray | None = None,
    pause: Callable[[], bool] | None = None, out_of_time: Callable[[int], None] | None = None,
) -> Strokes:
    """The strokes of a picture.

    Args:
        picture: `uint8[H, W, 3]` RGB.
        plan: how it is painted.
        report: stages `search` and `colours`, `paused` between; a cancelled report raises and leaves nothing.
        stop: asked between strokes; once it says yes, what is laid is the painting.
        laid: told of new strokes as they are found, `float32[n, d]`; their colours may still change at the end.
        walls: `int32[h, w]` or None, numbers of regions, of any size; strokes end at their borders.
        pause: as `stop`; while it says yes, no stroke is laid. A time budget runs on.
        out_of_time: told how many strokes were planned, where the time budget ends the search before all are laid.

    Raises:
        InputError: the plan does not fit the picture.
        CancelledError: `report` was cancelled.
    """
    report = NullReporter() if report is None else report
    height, width = picture.shape[:2]
    none = np.zeros((0, layout_of(plan.renderer).size), np.float32)
    empty = Strokes(plan.renderer, none, height / width, plan.canvas)
    levels = plan.levels(height / width)  # a plan that does not fit is refused before a network is loaded
    backend = backend_of(plan.backend, plan.renderer, plan.network)
    until = time.monotonic() + (np.inf if plan.time_budget is None else plan.time_budget * 0.9)
    target = _planes(picture, empty.size_at(_DRAWN))
    if walls is not None:
        walls = cv2.resize(walls, empty.size_at(_DRAWN)[::-1], interpolation=cv2.INTER_NEAREST)
    canvas = Canvas(empty, _DRAWN, walls=walls)
    rng = np.random.default_rng(plan.seed)
    rows_of: list[np.ndarray] = []
    total = sum(count for *_, count in levels)
    report.stage("search")

    def is_over() -> bool:
        report.check()
        if pause is not None and pause() and not is_enough():
            report.stage("paused")  # said only now: whoever reads it knows that nothing is under way
            while pause() and not is_enough():
                time.sleep(0.05)
                report.check()
            report.stage("search")
        return is_enough()

    def is_enough() -> bool:
        if stop is not None and stop():
            return True
        is_late = time.monotonic() > until
        if is_late and out_of_time is not None:
            out_of_time(total)
        return is_late

    def found(rows: np.ndarray) -> None:
        rows_of.extend(rows)
        for row in rows:
            canvas.lay(row)
        report.update(len(rows_of) / total)
        if laid is not None:
            laid(rows)

    for rows, columns, count in levels:
        if is_over():
            break
        level = _Level(target, canvas.planes, empty, plan, backend, (rows, columns), rng, walls)
        level.paint(count, found, is_over)
    report.stage("colours")
    strokes = empty.with_values(np.array(rows_of, np.float32).reshape(-1, empty.layout.size))
    return recolored(strokes, target, single=plan.single_color, walls=walls)


class _Level:
    """One level: the picture and the canvas at its size, and the blocks in both."""

    def __init__(
        self, target: np.ndarray, canvas: np.ndarray, empty: Strokes, plan: Plan, backend: Backend,
        grid: tuple[int, int], rng: np.random.Generator, walls: np.ndarray | None,
    ) -> None:
        self.layout, self.plan, self.rng, self.grid = empty.layout, plan, rng, grid
        self.backend = backend
        self.margin = BLOCK
        self.height, self.width = empty.size_at(max(grid) * BLOCK)
        self.longer = max(self.height, self.width)
        small = (self._sized(target), self._sized(canvas))
        pad = ((0, 0), (self.margin,) * 2, (self.margin,) * 2)
        self.target, self.canvas = (np.pad(m, pad) for m in small)
        self.weight = np.pad(np.ones((self.height, self.width), np.float32), pad[1:])
        self.flow = np.pad(flow_of(small[0]), pad[1:])
        self.walls, self.rooms = walls, None
        if walls is not None:
            rooms = cv2.resize(walls, (self.width, self.height), interpolation=cv2.INTER_NEAREST)
            self.rooms = np.pad(rooms, pad[1:], constant_values=OPEN)
        self.limits = self._limits(max(grid))

    def _sized(self, planes: np.ndarray) -> np.ndarray:
        image = cv2.resize(planes.transpose(1, 2, 0), (self.width, self.height), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(image.transpose(2, 0, 1))

    def _limits(self, across: int) -> Limits:
        least, most = max(self.backend.thinnest, self.plan.min_size * across), min(_MOST, self.plan.max_size * across)
        alpha = (1.0, 1.0) if self.plan.opaque or self.plan.eight_bit else self.layout.alpha
        return Limits(min(least, most), max(least, most), alpha, self.plan.eight_bit)

    def paint(self, count: int, found: Callable[[np.ndarray], None], is_over: Callable[[], bool]) -> None:
        """Lays up to `count` strokes."""
        rows, columns = self.grid
        left = count
        for _ in range(_MOST_ROUNDS * max(1, count // (rows * columns))):
            wrong = self._errors()
            needy = wrong >= _PATIENT * wrong.mean()
            before = left
            for phase in self.rng.permutation(4):
                blocks = np.argwhere(needy)
                blocks = blocks[(blocks[:, 0] % 2 == phase // 2) & (blocks[:, 1] % 2 == phase % 2)]
                blocks = self.rng.permutation(blocks)[:left]
                if not len(blocks):
                    continue
                if is_over():
                    return
                strokes = self._strokes_in(blocks)
                if len(strokes):
                    found(strokes)
                left -= len(strokes)
            if left == before or left <= 0:  # nothing helps any more
                return

    def _errors(self) -> np.ndarray:
        """Mean squared error of every block, `float32[rows, columns]`."""
        inner = (slice(None), slice(self.margin, -self.margin), slice(self.margin, -self.margin))
        error = ((self.target[inner] - self.canvas[inner]) ** 2).sum(0)
        return cv2.resize(error, self.grid[::-1], interpolation=cv2.INTER_AREA).reshape(self.grid)

    def _strokes_in(self, blocks: np.ndarray) -> np.ndarray:
        """One stroke for each block, those that help, `float32[n, d]`; they are on the level's canvas afterwards."""
        side = 2 * BLOCK
        middles = (blocks + 0.5) / self.grid * (self.height, self.width) + self.margin
        tops = np.round(middles - BLOCK).astype(int)
        windows = [(slice(y, y + side), slice(x, x + side)) for y, x in tops]
        target, canvas = (np.stack([m[(slice(None), *w)] for w in windows]) for m in (self.target, self.canvas))
        weight, flow = (np.stack([m[w] for w in windows]) for m in (self.weight, self.flow))
        corners = self._corners(tops)
        rooms = None if self.rooms is None else np.stack([self.rooms[w] for w in windows])
        shape, alpha = self._guessed(target, canvas, weight, flow, corners, rooms)
        strength = alpha[:, None, None]
        if rooms is not None:
            strength = strength * room_of(shape[:, None], self.layout, rooms, side=BLOCK)[:, 0]
        climbed = self.backend.climb(
            shape, strength, self.layout, self.limits, target, canvas, weight, side=BLOCK, corners=corners,
            steps=self.plan.iters, is_plain=self.plan.single_color, transport=self.plan.transport,
        )
        rows = self._rows(climbed, alpha, tops)
        helps = climbed.fall > 1e-3
        if self.walls is not None and rooms is not None:
            helps &= self._stays(rows, shape, rooms)
        for window, image, is_helping in zip(windows, climbed.canvas, helps):
            if is_helping:
                self.canvas[(slice(None), *window)] = image
        return rows[helps]

    def _stays(self, rows: np.ndarray, shape: np.ndarray, rooms: np.ndarray) -> np.ndarray:
        """Whether the canvas finds a stroke in the region for which it was meant, `bool[N]`."""
        assert self.walls is not None
        column, row = np.clip(middles(shape, self.layout) * BLOCK, 0, 2 * BLOCK - 1).astype(int).T
        size = self.walls.shape[::-1]
        x, y = np.clip(middles(rows, self.layout) * size, 0, (size[0] - 1, size[1] - 1)).astype(int).T
        return rooms[np.arange(len(rooms)), row, column] == self.walls[y, x]

    def _corners(self, tops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        low = (self.margin - tops[:, ::-1]).astype(np.float32) / BLOCK
        return low, low + np.array([self.width, self.height], np.float32) / BLOCK

    def _guessed(
        self, target: np.ndarray, canvas: np.ndarray, weight: np.ndarray, flow: np.ndarray,
        corners: tuple[np.ndarray, np.ndarray], rooms: np.ndarray | None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The best guesses, looked for at half the size."""
        halved = [_halved(m) for m in (target, canvas, weight)]
        wrong = ((halved[0] - halved[1]) ** 2).sum(1) * halved[2]
        wrong = np.stack([cv2.blur(m, (3, 3)) for m in wrong]).clip(0.0) ** 1.5
        edge = BLOCK // 4 - 2  # strokes start in the block, or a little beside
        start = np.zeros_like(wrong)
        start[:, edge:-edge, edge:-edge] = (wrong + 1e-9 * halved[2])[:, edge:-edge, edge:-edge]
        shape, alpha = guess(
            self.rng, self.layout, self.limits, start, flow[:, ::2, ::2], side=BLOCK / 2, count=self.plan.candidates
        )
        flat = shape.reshape(-1, shape.shape[-1])
        low, high = (np.repeat(m, self.plan.candidates, 0) for m in corners)
        self.limits.keep(flat, self.layout, low, high)
        halved_rooms = None if rooms is None else rooms[:, ::2, ::2]
        return best_of(
            shape, alpha, self.layout, *halved, side=BLOCK / 2, rooms=halved_rooms, cover_of=self.backend.cover
        )

    def _rows(self, climbed: Climbed, alpha: np.ndarray, tops: np.ndarray) -> np.ndarray:
        """Strokes of windows as rows of the canvas."""
        layout = self.layout
        rows = np.empty((len(alpha), layout.size), np.float32)
        shape = climbed.shape.copy()
        for x, y in layout.places:
            shape[:, x] = (shape[:, x] * BLOCK + tops[:, 1] - self.margin) / self.width
            shape[:, y] = (shape[:, y] * BLOCK + tops[:, 0] - self.margin) / self.height
        shape[:, list(layout.sizes)] *= BLOCK / self.longer
        rows[:, : shape.shape[1]] = shape
        rows[:, layout.color] = climbed.color[:, : layout.colors].reshape(len(rows), -1)
        rows[:, -1] = alpha
        return np.clip(rows, 0.0, 1.0)


def _planes(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`float32[3, h, w]` in [0, 1] of a picture at another size."""
    is_smaller = size[0] <= picture.shape[0]
    image = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR)
    return np.ascontiguousarray(image.transpose(2, 0, 1).astype(np.float32) / 255.0)


def _halved(maps: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels of the last two axes."""
    rows = maps[..., ::2, :] + maps[..., 1::2, :]
    return (rows[..., ::2] + rows[..., 1::2]) * np.float32(0.25)
