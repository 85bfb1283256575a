"""How far a hint reaches: the arithmetic between what the network `reach` says of a drawing and its colours.

The network never sees a colour. It gives every cell of a grid a query and a key, and the cell takes the colour of the
hints whose keys answer its query, or a colour of a palette where none does. Colours pass from hint to cell untouched,
so any colour is obeyed, white included (attention over hints; the idea of copying instead of regressing is that of
pointer networks, Vinyals et al. 2015, arXiv:1506.03134).

What geometry knows stands in the same sum: the distance to a hint and what it costs to get there through the lines
(`s2p.regions`). How much each is to be trusted the network says for every cell.

The functions take `ops`, NumPy or `keras.ops`: training and painting compute the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from s2p.regions import CELL, Regions, regions_at

MULTIPLE = 16  # of the grid's height and width
KEYS, PALETTE, GATES, SHADE, PARTS = 24, 64, 3, 1, 12
CHANNELS = 2 * KEYS + PALETTE + GATES + SHADE + PARTS
PLANES = 4
_NEVER = 1e4  # taken off the logit of a hint that is not there

# Spread of a colour around the hint or the palette colour that it follows, in Lab / 100: mostly close, sometimes far.
HINT_SPREAD, PALETTE_SPREAD = ((0.75, 0.03), (0.25, 0.10)), ((0.8, 0.06), (0.2, 0.15))


@dataclass(frozen=True)
class Places:
    """Where hints lie on a drawing, for one picture without its batch.

    Attributes:
        cells: `int32[N]`, row * width + column on the grid.
        points: `float32[N, 2]`, row and column in short edges of the drawing.
        costs: `float32[N, R]`, from a hint's region to every region, at most `s2p.regions.FAR`.
        homes: `int32[N]`, the region of each hint.
    """

    cells: np.ndarray
    points: np.ndarray
    costs: np.ndarray
    homes: np.ndarray


def places(regions: Regions, points: np.ndarray, kinds: np.ndarray | None = None) -> Places:
    """Finds the cells and regions that hints mean.

    Args:
        regions: of the drawing, whose size is a multiple of `CELL`.
        points: `float[N, 2]`, x and y in [0, 1] from the upper left.
        kinds: `int[N]`, the same for hints of one colour, or None. What lies on a line means the side that another hint
            gave the same colour.
    """
    height, width = regions.labels.shape
    rows, columns = height // CELL, width // CELL
    points = np.asarray(points, np.float32).reshape(-1, 2)
    row = np.minimum((points[:, 1] * rows).astype(np.int32), rows - 1)
    column = np.minimum((points[:, 0] * columns).astype(np.int32), columns - 1)
    could_be = [regions_at(regions, float(x), float(y)) for x, y in points]
    homes = _homes(could_be, np.arange(len(points)) if kinds is None else kinds)
    short = min(height, width)
    spots = np.stack([points[:, 1] * height / short, points[:, 0] * width / short], -1)
    return Places(row * columns + column, spots.astype(np.float32), regions.costs_from(homes), homes)


def _homes(could_be: list[list[int]], kinds: np.ndarray) -> np.ndarray:
    """Of the regions that hints could mean, which they do: `int32[N]`."""
    sure = {(int(kind), regions[0]) for kind, regions in zip(kinds, could_be) if len(regions) == 1}
    return np.array([
        next((one for one in regions if (int(kind), one) in sure), regions[0]) for kind, regions in zip(kinds, could_be)
    ], np.int32)  # fmt: skip


def planes(regions: Regions, grid: np.ndarray, found: Places) -> np.ndarray:
    """What the network sees beside the lines, `float32[h, w, PLANES]` in about [0, 1].

    The planes: a hint lies here; a hint lies in this region; how large the region is; how much room there is.

    Args:
        regions: of the drawing.
        grid: `int32[h, w]`, of `s2p.regions.coarse`.
        found: of `places`.
    """
    result = np.zeros((*grid.shape, PLANES), np.float32)
    result.reshape(-1, PLANES)[found.cells, 0] = 1.0
    hinted = np.zeros(regions.count, np.float32)
    hinted[found.homes] = 1.0
    result[..., 1] = hinted[grid]
    result[..., 2] = np.log10(regions.areas + 1e-5)[grid] / 5.0 + 1.0
    height, width = grid.shape
    room = cv2.resize(regions.room, (width, height), interpolation=cv2.INTER_AREA)
    result[..., 3] = np.minimum(room * (10.0 / min(regions.room.shape)), 1.0)
    return result


def coordinates(shape: tuple[int, ...]) -> np.ndarray:
    """Row and column of every cell of a grid in short edges, `float32[h * w, 2]`."""
    rows, columns = (np.arange(edge, dtype=np.float32) + 0.5 for edge in shape)
    grid = np.stack(np.meshgrid(rows, columns, indexing="ij"), -1)
    return grid.reshape(-1, 2) / np.float32(min(shape))


def logits(
    ops: Any, maps: Any, keys: Any, spots: Any, hint_spots: Any, costs: Any, missing: Any
) -> tuple[Any, Any]:
    """How much speaks for every cell following each hint, and for each colour of the palette.

    Args:
        ops: `numpy` or `keras.ops`.
        maps: `float32[B, S, CHANNELS]`, what the network says of the cells.
        keys: `float32[B, N, CHANNELS]`, what it says of the cells with hints.
        spots, hint_spots: `float32[B, S, 2]` and `float32[B, N, 2]`, rows and columns in short edges.
        costs: `float32[B, S, N]`, of getting from hint to cell.
        missing: `float32[B, N]`, 1 where there is no such hint.

    Returns: `float32[B, S, N]` and `float32[B, S, PALETTE]`.
    """
    query, key = maps[..., :KEYS], keys[..., KEYS : 2 * KEYS]
    start = 2 * KEYS + PALETTE
    near, wall, home = (_positive(ops, maps[..., start + i : start + i + 1]) for i in range(GATES))
    down, across = (spots[:, :, None, axis] - hint_spots[:, None, :, axis] for axis in (0, 1))
    distance = ops.sqrt(down * down + across * across + 1e-4)
    agreement = ops.matmul(query, ops.transpose(key, (0, 2, 1))) * (1.0 / KEYS**0.5)
    is_home = ops.exp(-40.0 * costs)  # 1 in the hint's own region; the cheapest border already costs 0.05
    hints = agreement - 8.0 * near * distance - wall * costs + 2.0 * home * is_home - _NEVER * missing[:, None, :]
    return hints, maps[..., 2 * KEYS : start]


def log_shares(ops: Any, *inputs: Any) -> tuple[Any, Any]:
    """The logarithms of how likely every cell follows each hint, and each colour of the palette.

    Args:
        ops, inputs: as for `logits`.

    Returns: `float32[B, S, N]` and `float32[B, S, PALETTE]`; all of a cell's exponentials add up to 1.
    """
    hints, palette = logits(ops, *inputs)
    most = ops.max(ops.concatenate([hints, palette], axis=-1), axis=-1, keepdims=True)
    total = ops.sum(ops.exp(hints - most), axis=-1, keepdims=True)
    total = ops.log(total + ops.sum(ops.exp(palette - most), axis=-1, keepdims=True)) + most
    return hints - total, palette - total


def shade_of(maps: Any) -> Any:
    """How much lighter or darker than its own colour a cell is, `[..., 1]`, L / 100."""
    start = 2 * KEYS + PALETTE + GATES
    return maps[..., start : start + SHADE]


def part_logits(maps: Any) -> Any:
    """`[..., PARTS]`."""
    return maps[..., -PARTS:]


def log_likelihood(ops: Any, difference: Any, spreads: tuple[tuple[float, float], ...]) -> Any:
    """Of colours that lie `difference` (`[..., 3]`, Lab / 100) off the one they follow: a mixture of Laplacians."""
    size = ops.sum(ops.abs(difference), axis=-1)
    return ops.log(sum(share / (2.0 * spread) ** 3 * ops.exp(-size / spread) for share, spread in spreads) + 1e-12)


def is_paper(colors: np.ndarray) -> np.ndarray:
    """Which of some colours, `float[..., 3]` in Lab / 100, are bare paper: `bool[...]`."""
    return (colors[..., 0] > 0.94) & (np.abs(colors[..., 1:]).sum(-1) < 0.06)


def lab_of(rgb: np.ndarray) -> np.ndarray:
    """`uint8[..., 3]` RGB as Lab / 100, `float32[..., 3]`."""
    if not rgb.size:
        return np.zeros(rgb.shape, np.float32)
    pixels = np.ascontiguousarray(rgb).reshape(1, -1, 3).astype(np.float32) / 255.0
    return (cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB) / 100.0).reshape(rgb.shape)


def rgb_of(lab: np.ndarray) -> np.ndarray:
    """Lab / 100 as `uint8[..., 3]` RGB, clipped to what a screen can show."""
    if not np.size(lab):
        return np.zeros(np.shape(lab), np.uint8)
    values = np.ascontiguousarray(lab, np.float32).reshape(1, -1, 3) * np.float32(100.0)
    pixels = np.clip(cv2.cvtColor(values, cv2.COLOR_LAB2RGB), 0.0, 1.0)
    return np.rint(pixels * 255.0).astype(np.uint8).reshape(np.shape(lab))


def _positive(ops: Any, x: Any) -> Any:
    """Softplus."""
    return ops.log(1.0 + ops.exp(-ops.abs(x))) + ops.maximum(x, 0.0)


def paper_cells(lines: np.ndarray) -> np.ndarray:
    """How much paper every cell holds, `float32[H / CELL, W / CELL]` in [0, 1]."""
    height, width = (edge // CELL for edge in lines.shape)
    cut = lines[: height * CELL, : width * CELL]
    return cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255.0)

