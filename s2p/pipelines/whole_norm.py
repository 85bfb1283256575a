"""The network of many styles on pages that are too large for it, in strips, and to the same numbers.

Every map is normalised by mean and deviation of the whole picture, so tiles that were painted by themselves would not
fit together. Here a layer is computed strip by strip over the whole page before the next one begins: the moments are
those of the page and there are no seams. Maps as large as the page are never kept but computed twice, once for their
moments and once for the layer behind them. The weights are read from the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from s2p.config import Settings
from s2p.progress import NullReporter, Reporter
from s2p.runtime import choose
from s2p.runtimes.style_layers import Norm, StyleLayers, shape_of
from s2p.style_rows import BLOCKS, CONTRACT, EXPAND, NAMES

_EPSILON = 1e-5
# Of the larger one of the maps that a layer takes and makes. A runtime holds some ten times as much, and larger strips
# are no faster: they leave the processor's cache.
_STRIP_BYTES = 4 << 20


class StylePages:
    """A network of many styles, from a file.

    Args:
        path: of a published file of `stylizer`.
        settings: backend, device and threads are used; without a fast runtime NumPy computes, many times slower.
    """

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        with h5py.File(path, "r") as file:
            def read(name: str) -> np.ndarray:
                return np.asarray(file[f"{name}/kernel"], np.float32)

            kernels = {name: read(name) for name in NAMES}
            self._rows = {name: (read(f"{name}_scale"), read(f"{name}_offset")) for name in NAMES}
        settings = settings or Settings()
        self._layers = StyleLayers(kernels, choose(settings), threads=settings.threads)

    def paint(self, picture: np.ndarray, shares: Sequence[float], report: Reporter | None = None) -> np.ndarray:
        """Paints a picture of any size.

        Args:
            picture: `float32[H, W, 3]`, RGB in [0, 1]; H and W multiples of 4 and at least 8.
            shares: of every style of the file.
            report: told the fraction done, and asked between strips whether the job was cancelled.

        Returns: `float32[H, W, 3]`, RGB in [0, 1].
        """
        row = np.asarray(shares, np.float32)
        styles = {name: (row @ scale, row @ offset) for name, (scale, offset) in self._rows.items()}
        planes = np.ascontiguousarray(picture.transpose(2, 0, 1))
        return _Painting(self._layers, styles, report or NullReporter()).run(planes).transpose(1, 2, 0)


@dataclass(frozen=True)
class _Maps:
    """Maps of the page before their norm, as a layer takes them.

    Attributes:
        rows: `float32[C, last - first, width]` from `first` and `last`.
        norm: what is to be done to them; None where they are to be taken as they are.
    """

    rows: Callable[[int, int], np.ndarray]
    height: int
    width: int
    norm: Norm | None = None

    def bordered(self, first: int, last: int, mode: str) -> np.ndarray:
        """Rows, also above and below the page."""
        beyond = (max(-first, 0), max(last - self.height, 0))
        inside = self.rows(max(first, 0), min(last, self.height))
        return np.pad(inside, ((0, 0), beyond, (0, 0)), mode=mode) if any(beyond) else inside  # pyright: ignore


class _Painting:
    def __init__(self, layers: StyleLayers, styles: Mapping[str, Norm], report: Reporter) -> None:
        self._layers, self._styles, self._report = layers, styles, report
        self._passes = 0

    def run(self, picture: np.ndarray) -> np.ndarray:
        first, second, third = CONTRACT
        maps = self._streamed(first, _kept(picture))
        maps = self._stored(second, maps)
        maps = self._stored(third, maps)
        x = _normed(maps)
        for number in range(1, BLOCKS + 1):
            y = self._stored(f"residual{number}_a", _kept(x))
            y = self._stored(f"residual{number}_b", y)
            _normed(y, onto=x)
        del maps, y
        first, second, third = EXPAND
        maps = self._stored(first, _kept(x))
        del x
        maps = self._stored(third, self._streamed(second, maps))
        painted = _normed(maps, is_rectified=False)
        np.exp(np.negative(painted, out=painted), out=painted)
        painted += 1.0
        return np.reciprocal(painted, out=painted)

    def _streamed(self, name: str, given: _Maps) -> _Maps:
        """A layer whose maps are not kept: their moments now, their rows whenever they are asked for."""
        height, width, strips = self._strips(name, given)
        moments = _Moments()
        for first, last in strips:
            moments.add(self._layers.moments(name, self._seen(name, given, first, last), given.norm), last - first)
        step = 2 if shape_of(name).doubles else 1

        def rows(first: int, last: int) -> np.ndarray:
            start, end = first // step * step, -(-last // step) * step
            maps = self._layers.maps(name, self._seen(name, given, start, end), given.norm)
            return maps[:, first - start : last - start]

        return _Maps(rows, height, width, self._norm(name, moments))

    def _stored(self, name: str, given: _Maps) -> _Maps:
        """A layer whose maps are kept."""
        height, width, strips = self._strips(name, given)
        out, moments = np.empty((self._layers.kernels[name].shape[-1], height, width), np.float32), _Moments()
        for first, last in strips:
            seen = self._seen(name, given, first, last)
            out[:, first:last], found = self._layers.maps_and_moments(name, seen, given.norm)
            moments.add(found, last - first)
        return _kept(out, self._norm(name, moments))

    def _strips(self, name: str, given: _Maps) -> tuple[int, int, Iterator[tuple[int, int]]]:
        """Height and width of a layer's maps, and first and last row of every strip."""
        shape, (_, _, channels_in, channels) = shape_of(name), self._layers.kernels[name].shape
        times = 2 if shape.doubles else 1
        height, width = (side * times // shape.stride for side in (given.height, given.width))
        row = 4 * max(width * channels, given.width * channels_in * shape.stride // times)
        step = max(_STRIP_BYTES // row // 4 * 4, 4)

        def strips() -> Iterator[tuple[int, int]]:
            for first in range(0, height, step):
                self._report.check()
                yield first, min(first + step, height)

        return height, width, strips()

    def _seen(self, name: str, given: _Maps, first: int, last: int) -> np.ndarray:
        """What a layer has to be given for its rows `first` to `last`."""
        shape = shape_of(name)
        if shape.doubles:
            return given.bordered(first // 2 - shape.border, last // 2 + shape.border, "edge")
        top, bottom = shape.stride * first - shape.border, shape.stride * (last - 1) + 1 + shape.border
        return given.bordered(top, bottom, "reflect")

    def _norm(self, name: str, moments: _Moments) -> Norm:
        """What norm and style do to a layer's maps."""
        self._layers.rest()
        self._passes += 1
        self._report.update(self._passes / len(NAMES))
        scale, offset = self._styles[name]
        scale = scale / np.sqrt(moments.variance + _EPSILON)
        return scale.astype(np.float32), (offset - moments.mean * scale).astype(np.float32)


class _Moments:
    """Mean and variance of strips, put together (Chan, Golub and LeVeque 1983); `float64[C]`."""

    def __init__(self) -> None:
        self._count, self.mean, self.variance = 0, np.zeros(1), np.zeros(1)

    def add(self, moments: tuple[np.ndarray, np.ndarray], rows: int) -> None:
        mean, variance = (one.astype(np.float64) for one in moments)
        share = rows / (self._count + rows)
        apart = mean - self.mean
        self.variance = (1 - share) * self.variance + share * variance + share * (1 - share) * apart**2
        self.mean = self.mean + share * apart
        self._count += rows


def _kept(maps: np.ndarray, norm: Norm | None = None) -> _Maps:
    return _Maps(lambda first, last: maps[:, first:last], maps.shape[1], maps.shape[2], norm)


def _normed(maps: _Maps, *, is_rectified: bool = True, onto: np.ndarray | None = None) -> np.ndarray:
    """Maps behind their norm, in their own place; or, without a rectifier, added to others."""
    assert maps.norm is not None
    out = maps.rows(0, maps.height)
    step = max(2**18 // maps.width, 1)  # as much as stays near the processor
    for i, (scale, offset) in enumerate(zip(*maps.norm)):
        for first in range(0, maps.height, step):
            part = out[i, first : first + step]
            part *= scale
            part += offset
            if onto is not None:
                onto[i, first : first + step] += part
            elif is_rectified:
                np.maximum(part, 0.0, out=part)
    return out
