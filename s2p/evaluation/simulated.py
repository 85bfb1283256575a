"""Plays the artist: places hints where the picture is still most wrong."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.evaluation.fills import Point, darkest, walls
from s2p.schema import Hint, Hints

GRID = 160  # longer side on which the next point is looked for
CLEARANCES = (6.0, 3.0)  # px to the nearest line, as there is room; below 3 the 5 x 5 median would be ink
DRAFTS = 8
_INK = 128
_SPREADS = ((1.5, 1.0), (8.0, 1.0))  # cells and weight: an artist corrects areas, not pixels, and large ones first
_VISIBLE = 6.0**2  # mean squared error, in levels, below which nothing is worth a hint


def choose_points(image: np.ndarray, lines: np.ndarray, count: int) -> list[Point]:
    """Chooses hints greedily; the first n of them are the choice for n.

    The next point is where a geodesic fill of the points so far is most wrong, judged on the paper between the lines
    and over a neighbourhood. The fill is kept up incrementally: a new point only changes what it reaches more cheaply
    than all before it.

    Args:
        image: `uint8[H, W, 3]`, RGB. The picture whose colours are wanted.
        lines: `uint8[H, W]`, 255 = paper.
        count: int. Number of points.

    Returns: `(x, y, (r, g, b))`, x and y in [0, 1] from the top-left; the colour is the median of the 5 x 5 pixels.
    """
    from skimage.graph import MCP_Geometric

    coarse, clearance = darkest(lines, GRID), _clearance(lines)
    room, rows, columns = _clearest(clearance, coarse.shape)
    wanted = cv2.medianBlur(image, 5)[rows, columns].astype(np.float32)
    paths = MCP_Geometric(walls(coarse))
    reached = np.full(coarse.shape, np.inf)
    colors = np.full(wanted.shape, 255.0, np.float32)
    is_free = np.ones(coarse.shape, bool)
    points: list[Point] = []
    for _ in range(count):
        error = ((colors - wanted) ** 2).mean(axis=2) * (room >= CLEARANCES[-1])
        cell = _worst(error, room, is_free)
        color = wanted[cell]
        x, y = (columns[cell] + 0.5) / lines.shape[1], (rows[cell] + 0.5) / lines.shape[0]
        points.append((float(x), float(y), (int(color[0]), int(color[1]), int(color[2]))))
        cost, _ = paths.find_costs([cell])
        is_nearer = cost < reached
        reached[is_nearer] = cost[is_nearer]
        colors[is_nearer] = color
        is_free[max(cell[0] - 1, 0) : cell[0] + 2, max(cell[1] - 1, 0) : cell[1] + 2] = False
    return points


def to_hints(points: list[Point]) -> Hints:
    """All points as exact hints, the first eight as draft anchors too."""
    named = [(x, y, "#{:02x}{:02x}{:02x}".format(*color)) for x, y, color in points]
    anchors = [Hint(x=x, y=y, color=color, kind="draft") for x, y, color in named[:DRAFTS]]
    return Hints([*anchors, *(Hint(x=x, y=y, color=color, kind="exact") for x, y, color in named)])


def _worst(error: np.ndarray, room: np.ndarray, is_free: np.ndarray) -> tuple[int, int]:
    """The free cell in the worst neighbourhood that is visibly wrong itself, as clear of lines as that allows."""
    score = np.zeros_like(error)
    for spread, weight in _SPREADS:  # zeros beyond the page draw the point to the middle of an area
        score += weight * cv2.GaussianBlur(error, (0, 0), spread, borderType=cv2.BORDER_CONSTANT)
    candidates = [is_free & (room >= clearance) & (error > _VISIBLE) for clearance in CLEARANCES]
    candidates += [is_free & (room >= CLEARANCES[-1]), is_free]
    allowed = next((candidate for candidate in candidates if candidate.any()), np.ones_like(is_free))
    row, column = np.unravel_index(int(np.where(allowed, score, -1.0).argmax()), score.shape)
    return int(row), int(column)


def _clearance(lines: np.ndarray) -> np.ndarray:
    """Pixels to the nearest ink, `float32[H, W]`."""
    paper = (lines >= _INK).astype(np.uint8)
    if paper.all():
        return np.full(lines.shape, np.float32(max(lines.shape)))
    return cv2.distanceTransform(paper, cv2.DIST_L2, 5)


def _clearest(clearance: np.ndarray, grid: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For every cell of a coarser grid, the clearance, row and column of its clearest pixel, each `[grid]`."""
    height, width = clearance.shape
    tops, lefts = np.arange(grid[0]) * height // grid[0], np.arange(grid[1]) * width // grid[1]
    rows, columns = np.broadcast_arrays(tops[:, None], lefts)
    best, rows, columns = clearance[rows, columns], rows.copy(), columns.copy()
    for down in range(-(-height // grid[0])):
        for along in range(-(-width // grid[1])):
            row, column = np.broadcast_arrays(
                np.minimum(tops + down, height - 1)[:, None], np.minimum(lefts + along, width - 1)
            )
            is_better = clearance[row, column] > best
            best[is_better] = clearance[row, column][is_better]
            rows[is_better], columns[is_better] = row[is_better], column[is_better]
    return best, rows, columns
