"""The layers of the network of many styles one by one, on strips of rows, by whatever computes.

A layer is given rows of maps as the layer before left them, with what the norm and the style do to these, and answers
rows before its own norm, or their moments. Fast runtimes take every layer as a small graph; NumPy does it without any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from s2p.runtime import Runtime
from s2p.runtimes import onnx_rewritten as rewritten
from s2p.runtimes.onnx_file import Graph
from s2p.runtimes.small import BACKENDS, SmallGraph
from s2p.style_rows import CONTRACT, EXPAND

Norm = tuple[np.ndarray, np.ndarray]  # float32[C] each: scale and offset, with a rectifier behind them


@dataclass(frozen=True)
class Shape:
    """How a layer's rows come from those that it is given.

    Attributes:
        border: rows and columns that it sees beyond those that are asked for.
        stride: rows given for a row made.
        doubles: whether it enlarges first, so that a row given makes two, and the border is repeated, not mirrored.
    """

    border: int = 1
    stride: int = 1
    doubles: bool = False


def shape_of(name: str) -> Shape:
    """Of a layer of `s2p.style_rows.NAMES`."""
    if name in (CONTRACT[0], EXPAND[-1]):
        return Shape(border=4)
    return Shape(stride=2 if name in CONTRACT else 1, doubles=name in EXPAND)


class StyleLayers:
    """The convolutions of a network of many styles.

    Args:
        kernels: by name, `float32[h, w, in, out]`.
        runtime: of `s2p.runtime.choose`.
        threads: int. CPU threads, 0 for all cores.
    """

    def __init__(self, kernels: Mapping[str, np.ndarray], runtime: Runtime, *, threads: int = 0) -> None:
        self.kernels, self._runtime, self._threads = kernels, runtime, threads
        self._graphs: dict[tuple[str, str, bool], SmallGraph] = {}

    def maps(self, name: str, rows: np.ndarray, norm: Norm | None) -> np.ndarray:
        """A layer's rows before its norm, `float32[out, h, w]`; they hold until the next call.

        Args:
            name: of the layer.
            rows: `float32[in, h, w]`, with border rows above and below, and without border columns.
            norm: of what is given; None where it is to be taken as it is.
        """
        return self._computed(name, "maps", rows, norm)[0]

    def moments(self, name: str, rows: np.ndarray, norm: Norm | None) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of what `maps` would be, `float32[out]` each."""
        mean, variance = self._computed(name, "moments", rows, norm)
        return mean.ravel(), variance.ravel()

    def maps_and_moments(
        self, name: str, rows: np.ndarray, norm: Norm | None
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Both of them."""
        maps, mean, variance = self._computed(name, "both", rows, norm)
        return maps, (mean.ravel(), variance.ravel())

    def rest(self) -> None:
        """Gives back the memory of the layers that have been computed."""
        for graph in self._graphs.values():
            graph.rest()

    def _computed(self, name: str, wanted: str, rows: np.ndarray, norm: Norm | None) -> list[np.ndarray]:
        if self._runtime.backend not in BACKENDS:
            maps = _by_numpy(self.kernels[name], shape_of(name), rows, norm)
            moments = [one((1, 2), dtype=np.float64) for one in (maps.mean, maps.var)] if wanted != "maps" else []
            return [*([maps] if wanted != "moments" else []), *moments]
        key = (name, wanted, norm is not None)
        if key not in self._graphs:
            graph = _graph_of(name, self.kernels[name], wanted, is_normed=norm is not None)
            self._graphs[key] = SmallGraph(graph, self._runtime, threads=self._threads)
        more = [] if norm is None else [one.reshape(1, -1, 1, 1) for one in norm]
        made = self._graphs[key](rows[None], *more)
        return [one[0] for one in made]


def _graph_of(name: str, kernel: np.ndarray, wanted: str, *, is_normed: bool) -> Graph:
    """A layer with its moments, in ONNX's terms."""
    shape, (_, _, given, made) = shape_of(name), kernel.shape
    graph, x = Graph(name), "input00"
    graph.inputs = [("input00", [1, given, None, None])]
    if is_normed:
        graph.inputs += [(f"input{i:02}", [1, given, 1, 1]) for i in (1, 2)]
        x = graph.add("Relu", graph.add("Add", graph.add("Mul", x, "input01"), "input02"))
    columns = np.array([0, 0, 0, shape.border] * 2, np.int64)
    x = graph.add("Pad", x, columns, mode="edge" if shape.doubles else "reflect")
    if shape.doubles:
        x = rewritten.doubled(graph, x, kernel)
    elif made < given:
        x = rewritten.in_squares(graph, x, kernel)
    else:
        x = rewritten.convolved(graph, x, kernel, stride=shape.stride)
    outputs = [x] if wanted != "moments" else []
    if wanted != "maps":
        mean = graph.add("ReduceMean", x, axes=[2, 3], keepdims=1)
        apart = graph.add("Sub", x, mean)
        outputs += [mean, graph.add("ReduceMean", graph.add("Mul", apart, apart), axes=[2, 3], keepdims=1)]
    for i, output in enumerate(outputs):
        sides = [None, None] if i == 0 and wanted != "moments" else [1, 1]
        graph.outputs.append((f"output{i:02}", [1, made, *sides]))
        graph.add_as(f"output{i:02}", "Identity", output)
    return graph


def _by_numpy(kernel: np.ndarray, shape: Shape, rows: np.ndarray, norm: Norm | None) -> np.ndarray:
    rows = rows.transpose(1, 2, 0)
    if norm is not None:
        rows = np.maximum(rows * norm[0] + norm[1], 0.0)
    columns = ((0, 0), (shape.border, shape.border), (0, 0))
    rows = np.pad(rows, columns, mode="edge" if shape.doubles else "reflect")
    if shape.doubles:
        rows = rows.repeat(2, 0).repeat(2, 1)[1:-1, 1:-1]
    size, _, given, made = kernel.shape
    height, width = ((side - size) // shape.stride + 1 for side in rows.shape[:2])
    if made < given:  # multiply first, then add up what was shifted
        products = (rows @ kernel.transpose(2, 0, 1, 3).reshape(given, -1)).reshape(*rows.shape[:2], size, size, made)
        out = np.zeros((height, width, made), np.float32)
        for i in range(size):
            for j in range(size):
                out += products[i : i + height, j : j + width, i, j]
        return out.transpose(2, 0, 1)
    windows = np.lib.stride_tricks.sliding_window_view(rows, (size, size), axis=(0, 1))
    windows = windows[:: shape.stride, :: shape.stride][:height, :width]
    matrix = windows.transpose(0, 1, 3, 4, 2).reshape(height * width, -1)
    return (kernel.reshape(-1, made).T @ matrix.T).reshape(made, height, width)
