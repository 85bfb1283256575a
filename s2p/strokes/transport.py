"""How far paint would have to be carried to make one picture of another: a loss that tells a stroke where to go.

Squared errors say nothing to a stroke that does not touch what it should cover; this does. Entropic optimal transport
by Sinkhorn's iterations (Cuturi, NIPS 2013, arXiv:1306.0895) between the brightness of two pictures, 24 x 24 pixels,
with the numbers of "Stylized Neural Painting". Squared distance is a sum over rows and columns, so each iteration is
two small matrix products for a picture rather than one of 576 x 576; gradients run back through all iterations.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

SIDE = 24  # pixels of what is compared
EPSILON = 0.01  # of the entropy, in squared widths of the picture
_STEPS = 5  # of Sinkhorn's iterations
_TINY = 1e-6  # added to what is divided by


def carried(made: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What it costs to carry one to the other.

    Args:
        made, wanted: `float32[N, h, w]`, at least 0; both at least 24 pixels high and wide.

    Returns: the costs `float32[N]`, in squared widths, and their gradients by `made`, `float32[N, h, w]`.

    Example:
        >>> left, right = np.zeros((2, 1, 24, 24), np.float32)
        >>> left[0, 12, 4], right[0, 12, 16] = 1, 1
        >>> carried(left, right)[0].round(2).tolist()
        [0.25]
    """
    rows, columns = _means(made.shape[1]), _means(made.shape[2])
    small = [rows @ np.maximum(one, 0.0) @ columns.T + 1e-9 for one in (made, wanted)]
    total = small[0].sum((1, 2), keepdims=True)
    first, second = small[0] / total, small[1] / small[1].sum((1, 2), keepdims=True)
    cost, slope = _sinkhorn(first, second)
    slope = (slope - (slope * first).sum((1, 2), keepdims=True)) / total
    return cost.astype(np.float32), ((rows.T @ slope @ columns) * (made >= 0)).astype(np.float32)


def _sinkhorn(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cost `float64[N]` of shares that sum to 1, `float64[N, 24, 24]`, and its gradient by the first."""
    near, far = _kernels()

    def spread(maps: np.ndarray) -> np.ndarray:
        return near @ maps @ near

    def cost_of(maps: np.ndarray) -> np.ndarray:
        return far @ maps @ near + near @ maps @ far

    u, v = np.ones_like(first), np.ones_like(second)
    trail = []
    for _ in range(_STEPS):
        to_u = spread(v)
        u_before, u = u, u * first / (u * to_u + _TINY)
        to_v = spread(u)
        trail.append((u_before, v, to_u, to_v, u))
        v = v * second / (v * to_v + _TINY)
    by_u, by_v = cost_of(v), cost_of(u)
    cost = (u * by_u).sum((1, 2))
    slope = np.zeros_like(first)
    for u, v, to_u, to_v, _u_after in reversed(trail):
        below = v * to_v + _TINY
        by_sum = -by_v * v * second / below**2
        by_v = by_v * second / below + by_sum * to_v
        by_u = by_u + spread(by_sum * v)
        below = u * to_u + _TINY
        slope += by_u * u / below
        by_sum = -by_u * u * first / below**2
        by_u = by_u * first / below + by_sum * to_u
        by_v = by_v + spread(by_sum * u)
    return cost, slope


@lru_cache(maxsize=1)
def _kernels() -> tuple[np.ndarray, np.ndarray]:
    """How near two rows are, and that times their squared distance, `float64[24, 24]`."""
    place = np.arange(SIDE) / SIDE
    distance = (place[:, None] - place[None]) ** 2
    near = np.exp(-distance / EPSILON)
    return near, near * distance


@lru_cache(maxsize=4)
def _means(length: int) -> np.ndarray:
    """Takes means of neighbouring pixels, `float64[24, length]`; neighbours may share one."""
    matrix = np.zeros((SIDE, length))
    for number in range(SIDE):
        start, stop = number * length // SIDE, -(-(number + 1) * length // SIDE)
        matrix[number, start:stop] = 1.0 / (stop - start)
    return matrix
