"""Moves strokes downhill: gradient steps on their shapes, their colours solved exactly at every step.

Because the colours are always the best for the shape, the gradient with the colours held still is the whole gradient.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from s2p.strokes.candidates import Limits
from s2p.strokes.layouts import Layout
from s2p.strokes.soft import Soft, draw
from s2p.strokes.transport import carried

_FIRST_STEP, _LAST_STEP = 0.06, 0.015  # in the units of a shape
_ALIKE = 0.04  # how strongly the two colours of a stroke hold together


class Climbed(NamedTuple):
    """The strokes as they are now.

    Attributes:
        shape: `float32[N, s]`.
        color: `float32[N, 2, 3]`, both the same for one colour.
        fall: `float32[N]`, by how much each lowers the sum of squared errors in its window.
        canvas: `float32[N, 3, h, w]`, the window with the stroke on it.
    """

    shape: np.ndarray
    color: np.ndarray
    fall: np.ndarray
    canvas: np.ndarray


def climb(
    shape: np.ndarray, alpha: np.ndarray, layout: Layout, limits: Limits, target: np.ndarray, canvas: np.ndarray,
    weight: np.ndarray, *, side: float, corners: tuple[np.ndarray, np.ndarray], steps: int, is_plain: bool,
    transport: float = 0.0,
) -> Climbed:
    """Improves one stroke in each window.

    Args:
        shape: `float32[N, s]` in shares of the block from the window's corner.
        alpha: `float32[N, 1 or h, 1 or w]`; 0 where a stroke may leave nothing.
        target, canvas: `float32[N, 3, h, w]` in [0, 1].
        weight: `float32[N, h, w]`.
        side: of the block, pixels.
        corners: of the canvas in shares of the block, two of `float32[N, 2]`.
        steps: of the gradient; 0 only solves the colours.
        is_plain: one colour for a stroke that could have two.
        transport: weight of `s2p.strokes.transport` beside the mean squared error, on the way only.
    """
    shape = limits.keep(shape.copy(), layout, *corners)
    two = layout.colors == 2 and not is_plain
    before = _error(target - canvas, weight)
    best: Climbed | None = None
    descent = Descent(steps)
    for step in range(steps + 1):
        soft = draw(shape, layout, side=side, window=(weight.shape[1], weight.shape[2]))
        paint = soft.cover * alpha
        color = best_colors(paint, soft.along, target, canvas, weight, two=two)
        over = _between(color, soft.along, two=two) - canvas
        rest = target - canvas - paint[:, None] * over
        fall = before - _error(rest, weight)
        best = better(best, Climbed(shape, color, fall, target - rest))
        if step == steps:
            break
        slope = _slope(soft, _upstream(rest, target, weight, transport), over, paint, alpha, color, two=two)
        shape = limits.keep(shape - descent(slope), layout, *corners)
    assert best is not None
    return best


class Descent:
    """Steps against a gradient: each column by how large its slopes have been of late, ever smaller ones.

    Args:
        steps: how many there will be.
    """

    def __init__(self, steps: int) -> None:
        self._steps, self._done = steps, 0
        self._mean: np.ndarray | None = None

    def __call__(self, slope: np.ndarray) -> np.ndarray:
        """What to take off for a slope, both `float32[N, columns]`."""
        self._mean = 0.8 * (0.0 if self._mean is None else self._mean) + 0.2 * slope**2
        size = _FIRST_STEP * (_LAST_STEP / _FIRST_STEP) ** (self._done / max(self._steps - 1, 1))
        self._done += 1
        return size * slope / (np.sqrt(self._mean / (1 - 0.8**self._done)) + 1e-8)


def best_colors(
    paint: np.ndarray, along: np.ndarray, target: np.ndarray, canvas: np.ndarray, weight: np.ndarray, *, two: bool
) -> np.ndarray:
    """The colours, `float32[N, 2, 3]`, that are best for these masks."""
    wanted = target - canvas * (1.0 - paint)[:, None]
    heavy = paint * weight
    flat = np.einsum("nij,ncij->nc", heavy, wanted) / np.maximum(_dot(heavy, paint), 1e-6)[:, None]
    if not two:
        return np.clip(np.repeat(flat[:, None], 2, 1), 0.0, 1.0)
    late = along * paint
    early = paint - late
    aa, bb, ab = (_dot(m * weight, n) for m, n in ((early, early), (late, late), (early, late)))
    hold = _ALIKE * (aa + bb) + 1e-4
    aa, bb, ab = aa + hold, bb + hold, ab - hold
    ya = np.einsum("nij,ncij->nc", early * weight, wanted)
    yb = np.einsum("nij,ncij->nc", late * weight, wanted)
    determinant = np.maximum(aa * bb - ab * ab, 1e-8)[:, None]
    first = (bb[:, None] * ya - ab[:, None] * yb) / determinant
    second = (aa[:, None] * yb - ab[:, None] * ya) / determinant
    return np.clip(np.stack([first, second], 1), 0.0, 1.0)


def _between(color: np.ndarray, along: np.ndarray, *, two: bool) -> np.ndarray:
    first = color[:, 0, :, None, None]
    return first + along[:, None] * (color[:, 1, :, None, None] - first) if two else first


def _upstream(rest: np.ndarray, target: np.ndarray, weight: np.ndarray, transport: float) -> np.ndarray:
    """How the loss changes with every pixel of the windows, `float32[N, 3, h, w]`."""
    by_pixel = rest * (weight * np.float32(-2.0))[:, None]
    if transport > 0:
        _, slope = carried((target - rest).mean(1) * weight, target.mean(1) * weight)
        by_pixel += (slope * (weight * np.float32(transport * weight[0].size)))[:, None]  # three channels, a third each
    return by_pixel


def _slope(
    soft: Soft, upstream: np.ndarray, over: np.ndarray, paint: np.ndarray, alpha: np.ndarray, color: np.ndarray,
    *, two: bool,
) -> np.ndarray:
    by_cover = np.einsum("ncij,ncij->nij", upstream, over) * alpha
    by_along = None
    if two:
        step = color[:, 1] - color[:, 0]
        by_along = np.einsum("ncij,nc->nij", upstream, step) * paint
    return soft.pull(by_cover, by_along)


def better(best: Climbed | None, now: Climbed) -> Climbed:
    """Of each stroke the better one."""
    if best is None:
        return now
    is_better = now.fall > best.fall
    return Climbed(*(
        np.where(is_better.reshape(-1, *[1] * (new.ndim - 1)), new, old) for new, old in zip(now, best)
    ))


def _error(rest: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.einsum("ncij,ncij,nij->n", rest, rest, weight)


def _dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.einsum("nij,nij->n", first, second)
