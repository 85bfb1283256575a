"""The network of many styles on pages that are too large for it, in strips, and to the same numbers.

Every map is normalised by mean and deviation of the whole picture, so tiles that were painted by themselves would not
fit together. Here a layer is computed strip by strip over the whole page before the next one begins: the moments are
exact and there are no seams. Maps as large as the page are never kept but computed twice, once for their moments and
once for the layer behind them. NumPy alone does it; the weights are read from the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

from s2p.progress import NullReporter, Reporter
from s2p.style_rows import BLOCKS, CONTRACT, EXPAND, NAMES

Rows = Callable[[int, int], np.ndarray]  # float32[b - a, W, C]: rows a to b of a map
_EPSILON = 1e-5
_STRIP_BYTES = 24 << 20  # of the matrix that a convolution multiplies


class StylePages:
    """A network of many styles, from a file.

    Args:
        path: of a published file of `stylizer`.
    """

    def __init__(self, path: Path) -> None:
        with h5py.File(path, "r") as file:
            def read(name: str) -> np.ndarray:
                return np.asarray(file[f"{name}/kernel"], np.float32)

            self._kernels = {name: read(name) for name in NAMES}
            self._rows = {name: (read(f"{name}_scale"), read(f"{name}_offset")) for name in NAMES}

    def paint(self, picture: np.ndarray, shares: Sequence[float], report: Reporter | None = None) -> np.ndarray:
        """Paints a picture of any size.

        Args:
            picture: `float32[H, W, 3]`, RGB in [0, 1]; H and W multiples of 4 and at least 8.
            shares: of every style of the file.
            report: told the fraction done, and asked between strips whether the job was cancelled.

        Returns: `float32[H, W, 3]`, RGB in [0, 1].
        """
        row = np.asarray(shares, np.float32)
        return _Painting(self._kernels, self._rows, row, report or NullReporter()).run(picture)


class _Painting:
    def __init__(
        self, kernels: Mapping[str, np.ndarray], rows: Mapping[str, tuple[np.ndarray, np.ndarray]], shares: np.ndarray,
        report: Reporter,
    ) -> None:
        self._kernels, self._report = kernels, report
        # Of the style until a layer's moments are known, from then on of its maps.
        self._styles = {name: (shares @ scale, shares @ offset) for name, (scale, offset) in rows.items()}
        self._passes = 0

    def run(self, picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        first, second, third = CONTRACT
        at_full = self._streamed(first, _rows_of(picture), (height, width))
        half = self._stored(second, at_full, (height, width), stride=2)
        x = self._stored(third, self._activated(second, half), half.shape, stride=2)
        self._norm(third, x)
        del half
        for number in range(1, BLOCKS + 1):
            y = self._stored(f"residual{number}_a", _rows_of(x), x.shape)
            self._norm(f"residual{number}_a", y)
            y = self._stored(f"residual{number}_b", _rows_of(y), x.shape)
            x += self._norm(f"residual{number}_b", y, rectify=False)
        first, second, third = EXPAND
        half = self._stored(first, _doubled(_rows_of(x)), (2 * x.shape[0], 2 * x.shape[1]))
        del x
        at_full = self._streamed(second, _doubled(self._activated(first, half)), (height, width))
        painted = self._stored(third, at_full, (height, width))
        self._norm(third, painted, rectify=False)
        return 1.0 / (1.0 + np.exp(-painted))

    def _streamed(self, name: str, source: Rows, shape: tuple[int, ...]) -> Rows:
        """A layer whose maps are not kept: their moments now, their rows whenever they are asked for."""
        for _ in self._strips(name, source, shape, stride=1):
            pass
        scale, offset = self._styles[name]

        def rows(first: int, last: int) -> np.ndarray:
            maps = _convolved(source, self._kernels[name], first, last, shape=shape, stride=1)
            return np.maximum(maps * scale + offset, 0.0, out=maps)

        return rows

    def _stored(self, name: str, source: Rows, shape: tuple[int, ...], *, stride: int = 1) -> np.ndarray:
        """A layer's maps before their norm, whose moments are kept."""
        out = np.empty((shape[0] // stride, shape[1] // stride, self._kernels[name].shape[-1]), np.float32)
        for first, maps in self._strips(name, source, shape, stride=stride):
            out[first : first + len(maps)] = maps
        return out

    def _strips(
        self, name: str, source: Rows, shape: tuple[int, ...], *, stride: int
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Convolved rows, strip by strip, with the place of the first; at the end what their norm is, is known."""
        kernel = self._kernels[name]
        height, width = shape[0] // stride, shape[1] // stride
        per_row = 4 * width * kernel.shape[0] ** 2 * min(kernel.shape[2:])
        step = max(_STRIP_BYTES // per_row, 4)
        total = np.zeros((2, kernel.shape[-1]))
        for first in range(0, height, step):
            self._report.check()
            maps = _convolved(source, kernel, first, min(first + step, height), shape=shape, stride=stride)
            total += maps.sum((0, 1), dtype=np.float64), np.square(maps).sum((0, 1), dtype=np.float64)
            yield first, maps
        mean, square = total / (height * width)
        scale, offset = self._styles[name]
        scale = scale / np.sqrt(np.maximum(square - mean**2, 0.0) + _EPSILON)
        self._styles[name] = (scale.astype(np.float32), (offset - mean * scale).astype(np.float32))
        self._passes += 1
        self._report.update(self._passes / len(NAMES))

    def _norm(self, name: str, maps: np.ndarray, *, rectify: bool = True) -> np.ndarray:
        scale, offset = self._styles[name]
        maps *= scale
        maps += offset
        return np.maximum(maps, 0.0, out=maps) if rectify else maps

    def _activated(self, name: str, maps: np.ndarray) -> Rows:
        return lambda first, last: self._norm(name, maps[first:last].copy())


def _rows_of(maps: np.ndarray) -> Rows:
    return lambda first, last: maps[first:last]


def _doubled(source: Rows) -> Rows:
    """Every pixel four times."""

    def rows(first: int, last: int) -> np.ndarray:
        maps = source(first // 2, (last + 1) // 2).repeat(2, 0).repeat(2, 1)
        return maps[first % 2 : first % 2 + last - first]

    return rows


def _convolved(
    source: Rows, kernel: np.ndarray, first: int, last: int, *, shape: tuple[int, ...], stride: int
) -> np.ndarray:
    """Rows `first` to `last` of a convolution with mirrored borders, `float32[last - first, W, C]`."""
    size, _, width_in, width_out = kernel.shape
    pad = size // 2
    top, bottom = stride * first - pad, stride * (last - 1) + 1 + pad
    inside = source(max(top, 0), min(bottom, shape[0]))
    beyond = (max(-top, 0), max(bottom - shape[0], 0))
    padded = np.pad(inside, (beyond, (pad, pad), (0, 0)), mode="reflect")
    height, width = last - first, shape[1] // stride
    if width_out < width_in:  # multiply first, then add up what was shifted
        products = padded @ kernel.transpose(2, 0, 1, 3).reshape(width_in, -1)
        products = products.reshape(*padded.shape[:2], size, size, width_out)
        out = np.zeros((height, width, width_out), np.float32)
        for i in range(size):
            for j in range(size):
                out += products[i : i + height, j : j + width, i, j]
        return out
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(0, 1))[::stride, ::stride]
    matrix = windows[:height, :width].transpose(0, 1, 3, 4, 2).reshape(height * width, -1)
    return (matrix @ kernel.reshape(-1, width_out)).reshape(height, width, width_out)
