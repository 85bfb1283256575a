"""Parts of a network in ONNX's terms that compute the same numbers in less time than their plain translation.

Tensors are `[B, C, H, W]`, kernels `[h, w, in, out]` as Keras has them.
"""

from __future__ import annotations

import numpy as np

from s2p.runtimes.onnx_file import Graph

_SIDES = ((0, 0), (0, 1), (1, 0), (1, 1))  # of a square of four pixels: down, right


def convolved(graph: Graph, x: str, kernel: np.ndarray, *, stride: int = 1) -> str:
    """A convolution without bias of what has its border already."""
    weights = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1), np.float32)
    sizes = list(weights.shape[2:])
    return graph.add("Conv", x, weights, strides=[stride, stride], kernel_shape=sizes, auto_pad="VALID")


def doubled(graph: Graph, x: str, kernel: np.ndarray) -> str:
    """Every pixel four times, then a 3x3 convolution with mirrored border: convolved small, and then put side by side.

    Args:
        graph: to which nodes are added.
        x: with one pixel more on every side, the edge repeated, which is what a mirrored border is before enlarging.
        kernel: `[3, 3, in, out]`, of the enlarged map.
    """
    height, width, given, made = kernel.shape
    small = np.zeros((3, 3, given, 4 * made), np.float32)
    for i, (down, right) in enumerate(_SIDES):
        for row in range(height):
            for column in range(width):
                # Where the kernel meets row `down + row - 1` of the enlarged map, it is row ... // 2 of the small one.
                small[(down + row - 1) // 2 + 1, (right + column - 1) // 2 + 1, :, i * made : (i + 1) * made] += \
                    kernel[row, column]  # fmt: skip
    return graph.add("DepthToSpace", convolved(graph, x, small), blocksize=2, mode="DCR")


def in_squares(graph: Graph, x: str, kernel: np.ndarray) -> str:
    """A convolution whose answer has an even height and width, four of its pixels as channels of one at first.

    A layer with three outputs leaves most of a processor's 8 or 16 lanes empty; with twelve it needs half of the time.
    """
    height, width, given, made = kernel.shape
    wide = np.zeros((height + 1, width + 1, given, 4 * made), np.float32)
    for i, (down, right) in enumerate(_SIDES):
        wide[down : down + height, right : right + width, :, i * made : (i + 1) * made] = kernel
    return graph.add("DepthToSpace", convolved(graph, x, wide, stride=2), blocksize=2, mode="DCR")


def row(graph: Graph, shares: str, table: np.ndarray) -> str:
    """Shares `[B, C]` times a table `[C, units]` as `[B, units, 1, 1]`.

    As a convolution, so that a runtime lays it out as the maps that it is multiplied with, which would else be turned.
    """
    return convolved(graph, graph.add("Reshape", shares, np.array([0, -1, 1, 1], np.int64)), table[None, None])
