"""Where a next stroke might go: many guesses for a block at once, and the best of them.

Guesses fall where the canvas is most wrong and mostly follow the picture's edges. For each, the colour that is best for
it is a division, so a guess costs one mask and nine sums, which are matrix products.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from s2p.strokes.layouts import OPEN, Layout, middles
from s2p.strokes.soft import cover_quickly


@dataclass(frozen=True)
class Limits:
    """What a stroke may be, in shares of a block.

    Attributes:
        thinnest, longest: bounds of breadth and length.
        alpha: bounds of alpha.
        is_upright: no turned strokes.
    """

    thinnest: float
    longest: float
    alpha: tuple[float, float]
    is_upright: bool = False

    def scaled(self, layout: Layout) -> tuple[float, float]:
        """The same for the columns of sizes, of which most renderers take a quarter for half a stroke."""
        factor = 1.0 if layout.name == "oilpaintbrush" else 2.0
        return self.thinnest * factor, self.longest * factor

    def keep(self, shape: np.ndarray, layout: Layout, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Shapes within the limits and within the canvas, in place.

        Args:
            shape: `float32[N, s]`.
            low, high: `float32[N, 2]`, the canvas's corners in shares of the block.
        """
        least, most = self.scaled(layout)
        for x, y in layout.places:
            np.clip(shape[:, x], low[:, 0], high[:, 0], out=shape[:, x])
            np.clip(shape[:, y], low[:, 1], high[:, 1], out=shape[:, y])
        if layout.is_curve:
            np.clip(shape[:, 2:4], 0.0, 1.0, out=shape[:, 2:4])
            np.clip(shape[:, 6:8], least, max(most / 3.0, least), out=shape[:, 6:8])
            np.maximum(shape[:, 7], shape[:, 6] * 0.3, out=shape[:, 7])
            self._shorten(shape)
        else:
            np.clip(shape[:, 2:4], least, most, out=shape[:, 2:4])
            shape[:, 4] = 0.0 if self.is_upright else shape[:, 4] % 1.0
        return shape

    def _shorten(self, shape: np.ndarray) -> None:
        """Draws the ends of curves together that are too long, caps included."""
        reach = np.hypot(shape[:, 4] - shape[:, 0], shape[:, 5] - shape[:, 1])
        room = np.maximum(self.longest - (shape[:, 6] + shape[:, 7]) / 4.0, 0.02)
        surplus = 0.5 * (1.0 - np.minimum(room / np.maximum(reach, 1e-6), 1.0))
        for axis in (0, 1):
            step = (shape[:, 4 + axis] - shape[:, axis]) * surplus
            shape[:, axis] += step
            shape[:, 4 + axis] -= step


def flow_of(picture: np.ndarray) -> np.ndarray:
    """Direction of the edges at every pixel, `float32[H, W]` in radians, from a structure tensor.

    Args:
        picture: `float32[3, H, W]` in [0, 1].
    """
    gray = picture.mean(0)
    dx, dy = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(m, (0, 0), 2.5) for m in (dx * dx, dy * dy, dx * dy))
    return 0.5 * np.arctan2(2 * xy, xx - yy) + np.float32(np.pi / 2)


def guess(
    rng: np.random.Generator, layout: Layout, limits: Limits, wrong: np.ndarray, flow: np.ndarray, *, side: float,
    count: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Random strokes for every block.

    Args:
        wrong: `float32[N, h, w]`, how wrong each pixel of a window is, 0 where no stroke may start.
        flow: `float32[N, h, w]`, direction of edges.
        side: of the block in these pixels.
        count: of strokes for a block.

    Returns: shapes `float32[N, count, s]`, shares of the block from the window's corner; alphas `float32[N, count]`.
    """
    blocks, height, width = wrong.shape
    sums = np.cumsum(wrong.reshape(blocks, -1).astype(np.float64), 1)
    sums /= np.maximum(sums[:, -1:], 1e-12)
    drawn = rng.random((blocks, count))
    pixel = np.stack([np.searchsorted(row, d) for row, d in zip(sums, drawn)]).clip(0, height * width - 1)
    place = np.stack([pixel % width, pixel // width], -1) + rng.random((blocks, count, 2))
    place = (place / side).astype(np.float32)
    angle = np.take_along_axis(flow.reshape(blocks, -1), pixel, 1)
    angle = angle + rng.normal(0.0, 0.18, angle.shape)
    angle = np.where(rng.random(angle.shape) < 0.3, rng.uniform(0, np.pi, angle.shape), angle)
    most = max(min(limits.longest, 1.3), limits.thinnest)
    length = np.exp(rng.uniform(np.log(max(0.28 * most, 1e-3)), np.log(most), angle.shape))
    breadth = np.maximum(length * rng.uniform(0.24, 0.62, angle.shape), limits.thinnest)
    alpha = rng.uniform(*limits.alpha, angle.shape).astype(np.float32)
    shape = np.empty((blocks, count, len(layout.shape)), np.float32)
    if layout.is_curve:
        reach = np.stack([np.cos(angle), np.sin(angle)], -1) * np.maximum(length - breadth, 0.02)[..., None] / 2
        shape[..., 0:2], shape[..., 4:6] = place - reach, place + reach
        shape[..., 2:4] = rng.uniform(0.2, 0.8, place.shape)
        shape[..., 6] = 2 * breadth
        shape[..., 7] = 2 * breadth * rng.uniform(0.4, 1.0, angle.shape)
        return shape, alpha
    turn = rng.random(angle.shape) < 0.5  # the gradient lies across the bristles, or along them
    if limits.is_upright:
        angle, turn = np.zeros_like(angle), np.abs(np.sin(angle)) > 0.7
    scale = limits.scaled(layout)[1] / limits.longest
    shape[..., 0:2] = place
    shape[..., 2] = np.where(turn, breadth, length) * scale
    shape[..., 3] = np.where(turn, length, breadth) * scale
    shape[..., 4] = 0.0 if limits.is_upright else (angle / np.pi + 0.5 * turn) % 1.0
    return shape, alpha


def best_of(
    shape: np.ndarray, alpha: np.ndarray, layout: Layout, target: np.ndarray, canvas: np.ndarray, weight: np.ndarray,
    *, side: float, rooms: np.ndarray | None = None, cover_of: Callable[..., np.ndarray] = cover_quickly,
) -> tuple[np.ndarray, np.ndarray]:
    """The stroke of each block that lowers the squared error most, each with its own best single colour.

    Args:
        shape, alpha: as `guess` returns them.
        target, canvas: `float32[N, 3, h, w]`, what the window should show and shows.
        weight: `float32[N, h, w]`, 0 outside the picture.
        side: of the block, pixels.
        rooms: `int32[N, h, w]` or None, numbers of regions; a stroke stays in that of its middle.
        cover_of: draws them, as `soft.cover_quickly` does.

    Returns: the shape `float32[N, s]` and the alpha `float32[N]`.
    """
    blocks, count = alpha.shape
    height, width = weight.shape[1:]
    cover = cover_of(
        shape.reshape(blocks * count, -1), layout, side=side, window=(height, width), origin=(0.0, 0.0)
    ).reshape(blocks, count, -1)
    if rooms is not None:
        cover *= room_of(shape, layout, rooms, side=side).reshape(cover.shape)
    weight = weight.reshape(blocks, 1, -1)
    ground, rest = canvas.reshape(blocks, 3, -1), (target - canvas).reshape(blocks, 3, -1)
    plain = np.concatenate([rest, (rest * ground).sum(1, keepdims=True)], 1) * weight
    square = np.concatenate([np.ones_like(weight), ground, (ground * ground).sum(1, keepdims=True)], 1) * weight
    a = alpha[..., None]
    first = np.matmul(cover, plain.transpose(0, 2, 1)) * a  # of m (T - B) and m (T - B) B
    np.square(cover, out=cover)
    second = np.matmul(cover, square.transpose(0, 2, 1)) * (a * a)  # of m², m² B, m² B²
    color = (first[..., :3] + second[..., 1:4]) / np.maximum(second[..., :1], 1e-6)
    np.clip(color, 0.0, 1.0, out=color)
    fall = 2 * ((color * first[..., :3]).sum(-1) - first[..., 3])
    fall -= (color**2).sum(-1) * second[..., 0] - 2 * (color * second[..., 1:4]).sum(-1) + second[..., 4]
    chosen = fall.argmax(1)
    pick = np.arange(blocks)
    return shape[pick, chosen], alpha[pick, chosen]


def room_of(shape: np.ndarray, layout: Layout, rooms: np.ndarray, *, side: float) -> np.ndarray:
    """Where strokes may leave paint, because their middle lies in the same region.

    Args:
        shape: `float32[N, K, s]` in shares of the block from the window's corner.
        rooms: `int32[N, h, w]`, numbers of regions.
        side: of the block, pixels.

    Returns: `bool[N, K, h, w]`.
    """
    height, width = rooms.shape[1:]
    column, row = (np.clip(middles(shape, layout) * side, 0, (width - 1, height - 1)).astype(int)).transpose(2, 0, 1)
    here = rooms[np.arange(len(rooms))[:, None], row, column]
    return (rooms[:, None] == here[..., None, None]) | (rooms == OPEN)[:, None]
