"""Strokes as smooth functions of their shape, with gradients made by hand: what a search climbs on.

A stroke of the vector engine has hard borders, along which nothing can be differentiated. Here its border is a sigmoid
about one pixel wide. No network, no framework: sums of NumPy arrays, many strokes at once, each in a window of its own.

Shapes are those of `layouts`, in shares of a block: a place or size of 1 is `side` pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from s2p.strokes import brushes
from s2p.strokes.layouts import Layout

SOFTNESS = 0.67  # pixels
_SEGMENTS = 5
# What an oil stroke covers on average, a little less than to the tips of its bristles.
_OIL = (brushes.HALF_LENGTH * 0.93, brushes.HALF_WIDTH * 0.97)


class Soft(NamedTuple):
    """Strokes in their windows.

    Attributes:
        cover: `float32[N, h, w]` in (0, 1), without alpha.
        along: `float32[N, h, w]`, 0 where the first colour is, 1 where the second.
        pull: takes the gradients of a loss by `cover` and by `along` (or None), each `float32[N, h, w]`; returns that
            by the shape, `float32[N, s]`.
    """

    cover: np.ndarray
    along: np.ndarray
    pull: Callable[[np.ndarray, np.ndarray | None], np.ndarray]


def draw(
    shape: np.ndarray, layout: Layout, *, side: float, window: tuple[int, int],
    origin: tuple[float, float] = (0.0, 0.0), softness: float = SOFTNESS,
) -> Soft:
    """Draws every stroke in its window.

    Args:
        shape: `float32[N, s]`, the shape's columns of a row; shares of the block.
        layout: kind of stroke.
        side: of the block, pixels.
        window: height and width, pixels.
        origin: x and y of the window's upper left corner in the block, pixels.
        softness: of the border, pixels.
    """
    x = np.arange(window[1], dtype=np.float32) + np.float32(0.5 + origin[0])
    y = np.arange(window[0], dtype=np.float32) + np.float32(0.5 + origin[1])
    shape = np.asarray(shape, np.float32)
    if layout.is_curve:
        return _curves(shape, layout, np.float32(side), x, y, np.float32(softness))
    return _boxes(shape, layout, np.float32(side), x, y, np.float32(softness))


def cover_quickly(
    shape: np.ndarray, layout: Layout, *, side: float, window: tuple[int, int], origin: tuple[float, float]
) -> np.ndarray:
    """`float32[N, h, w]`: `draw(...).cover` for those who want no gradient; the border is a ramp."""
    x = np.arange(window[1], dtype=np.float32) + np.float32(0.5 + origin[0])
    y = np.arange(window[0], dtype=np.float32) + np.float32(0.5 + origin[1])
    if layout.is_curve:
        *_, inside = _nearest(shape, layout, np.float32(side), x, y, segments=3)
        return np.clip(inside + np.float32(0.5), 0.0, 1.0, out=inside)
    half, _ = _half_extents(shape, layout, np.float32(side))
    u, v = _turned(shape, np.float32(side), x, y)
    for axis, extent in ((u, half[:, 0]), (v, half[:, 1])):
        np.abs(axis, out=axis)
        np.subtract(extent[:, None, None] + np.float32(0.5), axis, out=axis)
        np.clip(axis, 0.0, 1.0, out=axis)
    u *= v
    return u


# Boxes ----------------------------------------------------------------------------------------------------------------


def _half_extents(shape: np.ndarray, layout: Layout, side: np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Half extents in pixels, `float32[N, 2]`, and what they are by size, `float32[N, 2]`."""
    if layout.name == "oilpaintbrush":
        is_upright = (shape[:, 3] > shape[:, 2])[:, None]
        factors = np.where(is_upright, _OIL[::-1], _OIL).astype(np.float32) * side
    else:
        factors = np.full((len(shape), 2), 0.25, np.float32) * side
    return shape[:, 2:4] * factors, factors


def _turned(shape: np.ndarray, side: np.float32, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixels from the middle along the two axes, each `float32[N, h, w]`."""
    angle = shape[:, 4] * np.float32(np.pi)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    dx, dy = x[None] - shape[:, :1] * side, y[None] - shape[:, 1:2] * side
    u = (dx * cos)[:, None, :] + (dy * sin)[:, :, None]
    v = (dx * -sin)[:, None, :] + (dy * cos)[:, :, None]
    return u, v


def _boxes(
    shape: np.ndarray, layout: Layout, side: np.float32, x: np.ndarray, y: np.ndarray, softness: np.float32
) -> Soft:
    half, factors = _half_extents(shape, layout, side)
    u, v = _turned(shape, side, x, y)
    inside_u = _sigmoid((half[:, :1, None] - np.abs(u)) / softness)
    inside_v = _sigmoid((half[:, 1:, None] - np.abs(v)) / softness)
    cover = inside_u * inside_v
    extent = np.maximum(shape[:, 3] * side, 1.0)[:, None, None]
    along = v / extent + np.float32(0.5)
    is_between = (along > 0) & (along < 1)
    np.clip(along, 0.0, 1.0, out=along)

    def pull(by_cover: np.ndarray, by_along: np.ndarray | None) -> np.ndarray:
        slope = by_cover * cover / softness
        by_u, by_v = slope * (1 - inside_u), slope * (1 - inside_v)
        result = np.zeros_like(shape)
        result[:, 2] = by_u.sum((1, 2)) * factors[:, 0]
        result[:, 3] = by_v.sum((1, 2)) * factors[:, 1]
        by_u, by_v = -np.sign(u) * by_u, -np.sign(v) * by_v
        if by_along is not None:
            by_along = by_along * is_between / extent
            result[:, 3] -= _dot(by_along, v) / extent[:, 0, 0] * side
            by_v += by_along
        total_u, total_v = by_u.sum((1, 2)), by_v.sum((1, 2))
        angle = shape[:, 4] * np.float32(np.pi)
        cos, sin = np.cos(angle), np.sin(angle)
        result[:, 0] = side * (sin * total_v - cos * total_u)
        result[:, 1] = side * (-sin * total_u - cos * total_v)
        result[:, 4] = np.float32(np.pi) * (_dot(by_u, v) - _dot(by_v, u))
        return result

    return Soft(cover, along, pull)


# Curves ---------------------------------------------------------------------------------------------------------------


def _nearest(
    shape: np.ndarray, layout: Layout, side: np.float32, x: np.ndarray, y: np.ndarray, *, segments: int
) -> tuple[np.ndarray, ...]:
    """For every pixel the nearest piece of the line: its number, the share along it, the way there, pixels inside."""
    t = np.linspace(0.0, 1.0, segments + 1, dtype=np.float32)[None, :]
    points = []
    for axis in (0, 1):
        first, last = shape[:, axis, None] * side, shape[:, 4 + axis, None] * side
        middle = first + (last - first) * shape[:, 2 + axis, None]
        points.append((1 - t) ** 2 * first + 2 * t * (1 - t) * middle + t**2 * last)
    radii = _radii(shape, layout, segments) * side / 4
    shape3 = (len(shape), len(y), len(x))
    best = np.full(shape3, -np.inf, np.float32)
    piece, share = np.zeros(shape3, np.int8), np.zeros(shape3, np.float32)
    way_x, way_y = np.zeros(shape3, np.float32), np.zeros(shape3, np.float32)
    for k in range(segments):
        ax, ay = points[0][:, k, None], points[1][:, k, None]
        bx, by = points[0][:, k + 1, None] - ax, points[1][:, k + 1, None] - ay
        length = np.maximum(bx * bx + by * by, 1e-6)
        dx, dy = x[None] - ax, y[None] - ay
        h = (dx * (bx / length))[:, None, :] + (dy * (by / length))[:, :, None]
        np.clip(h, 0.0, 1.0, out=h)
        to_x = dx[:, None, :] - h * bx[:, :, None]
        to_y = dy[:, :, None] - h * by[:, :, None]
        inside = radii[:, k, None, None] - np.sqrt(to_x * to_x + to_y * to_y)
        is_nearer = inside > best
        np.copyto(best, inside, where=is_nearer)
        np.copyto(piece, np.int8(k), where=is_nearer)
        np.copyto(share, h, where=is_nearer)
        np.copyto(way_x, to_x, where=is_nearer)
        np.copyto(way_y, to_y, where=is_nearer)
    return piece, share, way_x, way_y, best


def _radii(shape: np.ndarray, layout: Layout, segments: int) -> np.ndarray:
    """Of every piece, as a size: `float32[N, segments]`."""
    if layout.name == "markerpen":
        return np.repeat(shape[:, 6:7], segments, 1)
    at = ((np.arange(segments, dtype=np.float32) + 0.5) / segments)[None]
    return shape[:, 6:7] * (1 - at) + shape[:, 7:8] * at


def _curves(
    shape: np.ndarray, layout: Layout, side: np.float32, x: np.ndarray, y: np.ndarray, softness: np.float32
) -> Soft:
    piece, share, way_x, way_y, inside = _nearest(shape, layout, side, x, y, segments=_SEGMENTS)
    cover = _sigmoid(inside / softness)
    first, last = shape[:, 0:2] * side, shape[:, 4:6] * side
    chord = last - first
    length = np.maximum((chord**2).sum(1), 1e-3)
    unit = chord / length[:, None]
    from_x, from_y = x[None] - first[:, :1], y[None] - first[:, 1:]
    along = (from_x * unit[:, :1])[:, None, :] + (from_y * unit[:, 1:])[:, :, None]
    is_between = (along > 0) & (along < 1)
    np.clip(along, 0.0, 1.0, out=along)

    def pull(by_cover: np.ndarray, by_along: np.ndarray | None) -> np.ndarray:
        slope = by_cover * cover * (1 - cover) / softness
        result = np.zeros_like(shape)
        size = slope * side / 4
        at = (piece + np.float32(0.5)) / np.float32(_SEGMENTS)
        if layout.name == "markerpen":
            result[:, 6] = size.sum((1, 2))
        else:
            result[:, 6], result[:, 7] = _dot(size, 1 - at), _dot(size, at)
        slope = slope / np.maximum(np.hypot(way_x, way_y), 1e-6)
        pushes = (slope * way_x, slope * way_y)
        t = np.linspace(0.0, 1.0, _SEGMENTS + 1, dtype=np.float32)
        table = np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2])
        index = piece.astype(np.intp)
        weights = [row[index] + (row[index + 1] - row[index]) * share for row in table]
        for axis, push in enumerate(pushes):
            a, b, c = (_dot(push, weight) for weight in weights)
            bend = shape[:, 2 + axis]
            result[:, axis] = side * (a + b * (1 - bend))
            result[:, 4 + axis] = side * (c + b * bend)
            result[:, 2 + axis] = b * chord[:, axis]
        if by_along is not None:
            g = by_along * is_between
            total, of_t = g.sum((1, 2)), _dot(g, along)
            for axis, away in enumerate((from_x[:, None, :], from_y[:, :, None])):
                moved = _dot(g, np.broadcast_to(away, g.shape)) / length
                turn = 2 * of_t * unit[:, axis]
                result[:, axis] += side * (-total * unit[:, axis] - moved + turn)
                result[:, 4 + axis] += side * (moved - turn)
        return result

    return Soft(cover, along, pull)


def _sigmoid(value: np.ndarray) -> np.ndarray:
    np.clip(value, -30.0, 30.0, out=value)
    np.negative(value, out=value)
    np.exp(value, out=value)
    value += 1.0
    return np.reciprocal(value, out=value)


def _dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Sums of products over each window, `float32[N]`."""
    return np.einsum("nij,nij->n", first, second)
