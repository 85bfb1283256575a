"""What colouring without a network reaches: the bare drawing and two fills of the hints, each under the ink.

And what no filling of closed regions surpasses, however well its colours are chosen (`closed_fill`).

Written apart from `s2p.propagate`, which feeds the networks, so that a mistake there cannot flatter them here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

BASELINES = ("sketch", "nearest", "geodesic")
GRID = 384  # longer side on which fills are computed
WALL = 400.0  # steps on paper that crossing one pixel of full ink costs
_LEVELS = 16  # of a channel, where colours are counted
_BESIDE = 1.5  # px from a line: nearer, its smoothed edge is in the original

Point = tuple[float, float, tuple[int, int, int]]


def baseline(kind: str, lines: np.ndarray, points: Sequence[Point], shape: tuple[int, ...]) -> np.ndarray:
    """Paints with one of the baselines.

    Args:
        kind: `sketch` (the drawing itself), `nearest` (every pixel gets the nearest hint's colour) or `geodesic`
            (the hint that is nearest when lines have to be walked around; the idea of LazyBrush, Sykora et al. 2009,
            with shortest paths in place of its cut).
        lines: `uint8[H, W]`, 255 = paper.
        points: `(x, y, (r, g, b))`, x and y in [0, 1] from the top-left. None at all leaves the paper white.
        shape: `(height, width)` of the result.

    Returns: `uint8[height, width, 3]`, RGB.
    """
    ink = shrink(lines, shape)
    if kind == "sketch" or not points:
        return np.repeat(ink[..., None], 3, axis=2)
    coarse = darkest(lines, GRID)
    seeds = [seed_of(point, coarse.shape) for point in points]
    labels = geodesic_labels(walls(coarse), seeds) if kind == "geodesic" else nearest_labels(coarse.shape, seeds)
    labels = cv2.resize(labels.astype(np.uint16), (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST)
    colors = np.array([point[2] for point in points], np.uint16)[np.asarray(labels, np.uint16)]
    return ((colors * ink[..., None].astype(np.uint16) + 127) // 255).astype(np.uint8)


def closed_fill(lines: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Fills every closed region of a drawing with the commonest colour that the original has there.

    Where the lines do not part two colours of the original, no painter that fills the region of a hint, all of it, can
    show both: what this misses of purity and white is missing in the drawing.

    Args:
        lines: `uint8[H, W]`, 255 = paper.
        image: `uint8[H, W, 3]`, RGB, the original.

    Returns: `uint8[H, W, 3]`, RGB, under the ink.
    """
    from s2p.regions import divide

    regions = divide(lines)
    is_clear = regions.room > _BESIDE
    heard = np.bincount(regions.labels[is_clear], minlength=regions.count) > 0
    is_heard = is_clear | ~heard[regions.labels]  # whatever is there, in what lies within lines
    labels, colors = regions.labels[is_heard], image[is_heard].astype(np.int64)
    codes = (colors * _LEVELS // 256) @ (_LEVELS**2, _LEVELS, 1)
    keys, which, counts = np.unique(labels * _LEVELS**3 + codes, return_inverse=True, return_counts=True)
    owners = keys // _LEVELS**3
    commonest = np.zeros(regions.count, np.int64)
    order = np.argsort(counts, kind="stable")
    commonest[owners[order]] = order  # the last one stays
    means = np.stack([np.bincount(which.ravel(), channel, len(keys)) for channel in colors.T], -1) / counts[:, None]
    flat = np.rint(means[commonest])[regions.labels]
    return (flat * lines[..., None] / 255.0 + 0.5).astype(np.uint8)


def geodesic_labels(cost: np.ndarray, seeds: Sequence[tuple[int, int]]) -> np.ndarray:
    """Index of the seed that is cheapest to reach.

    Args:
        cost: `float64[H, W]` of `walls`.
        seeds: at least one `(row, column)`; of two on one pixel the later counts.

    Returns: `int32[H, W]`.
    """
    from skimage.graph import MCP_Geometric

    paths = MCP_Geometric(cost)
    _, step = paths.find_costs(list(dict.fromkeys(seeds)))
    height, width = cost.shape
    offsets = np.array([*paths.offsets, (0, 0)])  # the start's own step is -1: itself
    parent = np.arange(height * width) - (offsets @ (width, 1))[step].ravel()
    while True:  # every round doubles how far back towards its seed a pixel points
        further = parent[parent]
        if np.array_equal(further, parent):
            break
        parent = further
    owner = np.zeros(height * width, np.int32)
    for label, (row, column) in enumerate(seeds):
        owner[row * width + column] = label
    return owner[parent].reshape(height, width)


def nearest_labels(shape: tuple[int, ...], seeds: Sequence[tuple[int, int]]) -> np.ndarray:
    """Index of the seed at the least straight distance, `int32[H, W]`; of two on one pixel the later counts."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    nearest = np.full(shape[:2], np.inf, np.float32)
    labels = np.zeros(shape[:2], np.int32)
    for label, (row, column) in enumerate(seeds):
        distance = ((rows - row) ** 2 + (columns - column) ** 2).astype(np.float32)
        is_nearer = distance <= nearest if (row, column) in seeds[:label] else distance < nearest
        nearest[is_nearer], labels[is_nearer] = distance[is_nearer], label
    return labels


def walls(lines: np.ndarray) -> np.ndarray:
    """Cost of a step over each pixel, `float64[H, W]`: 1 on paper, `1 + WALL` on full ink, in proportion between."""
    return 1.0 + WALL * (1.0 - lines / 255.0)


def darkest(lines: np.ndarray, longer: int) -> np.ndarray:
    """Shrinks a drawing to a longer side of at most `longer`; each cell keeps its darkest pixel, so no line breaks."""
    height, width = lines.shape
    factor = max(height, width) / longer
    if factor <= 1.0:
        return lines
    block = math.ceil(factor)
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    return cv2.resize(cv2.erode(lines, np.ones((block, block), np.uint8)), size, interpolation=cv2.INTER_NEAREST)


def shrink(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The house's resize to exactly `shape`."""
    from s2p.image import resize_to

    return image if image.shape[:2] == tuple(shape[:2]) else resize_to(image, shape)


def seed_of(point: Point, shape: tuple[int, ...]) -> tuple[int, int]:
    """`(row, column)` of a point on a grid."""
    return min(int(point[1] * shape[0]), shape[0] - 1), min(int(point[0] * shape[1]), shape[1] - 1)
