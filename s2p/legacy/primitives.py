"""Arithmetic that Keras 2.1.6 has no layer for, said in layers that it has.

All functions append to a `LegacyGraph` and return the `Ref` of their result. Values are exact unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from s2p.legacy.exported import LegacyGraph, Ref

LAST = "channels_last"
ZEROS = {"class_name": "Zeros", "config": {}}  # spares the old Keras the drawing of random values it then overwrites


def affine(graph: LegacyGraph, x: Ref, scale: Any, offset: Any, name: str) -> Ref:
    """`x * scale + offset` per channel, as a batch normalization with mean 0 and variance 1."""
    gamma = np.broadcast_to(np.asarray(scale, np.float32), (x.channels,))
    beta = np.broadcast_to(np.asarray(offset, np.float32), (x.channels,))
    weights = [
        ("gamma", gamma), ("beta", beta), ("moving_mean", np.zeros_like(beta)), ("moving_variance", np.ones_like(beta)),
    ]  # fmt: skip
    return normalization(graph, x, weights, name=name, epsilon=1e-12, trainable=False)


def normalization(
    graph: LegacyGraph,
    x: Ref,
    weights: Sequence[tuple[str, Any]],
    *,
    name: str,
    epsilon: float,
    axis: int = -1,
    trainable: bool = True,
) -> Ref:
    given = {label for label, _ in weights}
    config = {
        "axis": axis, "momentum": 0.99, "epsilon": epsilon, "trainable": trainable,
        "center": "beta" in given, "scale": "gamma" in given,
    }  # fmt: skip
    return graph.add(name, "BatchNormalization", config, x, x.shape, weights)


def convolution(
    graph: LegacyGraph,
    x: Ref,
    kernel: Any,
    bias: Any = None,
    *,
    name: str,
    strides: Sequence[int] = (1, 1),
    padding: str = "same",
    dilation: Sequence[int] = (1, 1),
    activation: str = "linear",
) -> Ref:
    """A 2D convolution; `kernel` is `[h, w, in, out]`."""
    kernel = np.asarray(kernel, np.float32)
    size = kernel.shape[:2]
    config = {
        "filters": kernel.shape[3], "kernel_size": list(size), "strides": list(strides), "padding": padding,
        "data_format": LAST, "dilation_rate": list(dilation), "activation": activation,
        "use_bias": bias is not None, "kernel_initializer": ZEROS,
    }  # fmt: skip
    weights = [("kernel", kernel)] if bias is None else [("kernel", kernel), ("bias", bias)]
    reach = [(k - 1) * d + 1 for k, d in zip(size, dilation)]
    space = [window(n, r, s, padding) for n, r, s in zip(x.shape[:2], reach, strides)]
    return graph.add(name, "Conv2D", config, x, (*space, kernel.shape[3]), weights)


def depthwise(
    graph: LegacyGraph,
    x: Ref,
    kernel: Any,
    bias: Any = None,
    *,
    name: str,
    strides: Sequence[int] = (1, 1),
    padding: str = "same",
    activation: str = "linear",
) -> Ref:
    """One filter (or more) per channel; `kernel` is `[h, w, in, multiplier]`."""
    kernel = np.asarray(kernel, np.float32)
    config = {
        "kernel_size": list(kernel.shape[:2]), "strides": list(strides), "padding": padding, "data_format": LAST,
        "depth_multiplier": kernel.shape[3], "activation": activation, "use_bias": bias is not None,
        "depthwise_initializer": ZEROS,
    }  # fmt: skip
    weights = [("depthwise_kernel", kernel)] + ([] if bias is None else [("bias", bias)])
    space = [window(n, k, s, padding) for n, k, s in zip(x.shape[:2], kernel.shape[:2], strides)]
    return graph.add(name, "DepthwiseConv2D", config, x, (*space, kernel.shape[2] * kernel.shape[3]), weights)


def window(size: int | None, reach: int, step: int, padding: str) -> int | None:
    """Positions of a window along one axis."""
    if size is None:
        return None
    return -(-size // step) if padding == "same" else (size - reach) // step + 1


def activation(graph: LegacyGraph, x: Ref, function: str, name: str) -> Ref:
    """One of Keras 2.1.6's own activations."""
    return graph.add(name, "Activation", {"activation": function}, x, x.shape)


def merge(graph: LegacyGraph, kind: str, inputs: Sequence[Ref], name: str) -> Ref:
    """`Add`, `Subtract`, `Multiply`, `Average`, `Maximum` or `Minimum`, with broadcasting over sizes of 1."""
    longest = max(inputs, key=lambda ref: len(ref.shape)).shape
    shape: list[int | None] = list(longest)
    for ref in inputs:
        for place, size in enumerate(ref.shape, start=len(shape) - len(ref.shape)):
            shape[place] = size if shape[place] == 1 else shape[place]
    return graph.add(name, kind, {}, inputs, shape)


def concatenate(graph: LegacyGraph, inputs: Sequence[Ref], name: str) -> Ref:
    """Along channels."""
    channels = sum(ref.channels for ref in inputs)
    return graph.add(name, "Concatenate", {"axis": -1}, inputs, (*inputs[0].shape[:-1], channels))


def clip(graph: LegacyGraph, x: Ref, low: float, high: float, name: str) -> Ref:
    """`clip(x, low, high)` through hard sigmoid, which is `clip(0.2 x + 0.5, 0, 1)`; error 2e-7 of the range."""
    width = high - low
    inside = affine(graph, x, 5 / width, -5 * low / width - 2.5, f"{name}_scale")
    clipped = activation(graph, inside, "hard_sigmoid", f"{name}_clip" if (low, high) != (0, 1) else name)
    return clipped if (low, high) == (0, 1) else affine(graph, clipped, width, low, name)


def at_most(graph: LegacyGraph, x: Ref, high: float, name: str) -> Ref:
    """`min(x, high)` as `high - relu(high - x)`."""
    rest = activation(graph, affine(graph, x, -1, high, f"{name}_rest"), "relu", f"{name}_relu")
    return affine(graph, rest, -1, high, name)


def pick_channels(graph: LegacyGraph, x: Ref, wanted: Sequence[int], name: str) -> Ref:
    """Some channels of a feature map, as a 1x1 convolution."""
    kernel = np.zeros((1, 1, x.channels, len(wanted)), np.float32)
    kernel[0, 0, list(wanted), range(len(wanted))] = 1
    return convolution(graph, x, kernel, name=name)


def transposed(
    graph: LegacyGraph,
    x: Ref,
    kernel: Any,
    bias: Any = None,
    *,
    name: str,
    strides: Sequence[int],
    padding: str,
    activation: str = "linear",
) -> Ref:
    """A transposed 2D convolution; `kernel` is `[h, w, out, in]`."""
    kernel = np.asarray(kernel, np.float32)
    config = {
        "filters": kernel.shape[2], "kernel_size": list(kernel.shape[:2]), "strides": list(strides),
        "padding": padding, "data_format": LAST, "activation": activation, "use_bias": bias is not None,
        "kernel_initializer": ZEROS,
    }  # fmt: skip
    weights = [("kernel", kernel)] + ([] if bias is None else [("bias", bias)])
    extra = [0 if padding == "same" else max(k - s, 0) for k, s in zip(kernel.shape[:2], strides)]
    space = [None if n is None else n * s + e for n, s, e in zip(x.shape[:2], strides, extra)]
    return graph.add(name, "Conv2DTranspose", config, x, (*space, kernel.shape[2]), weights)


def depth_to_space(graph: LegacyGraph, x: Ref, block: int, name: str) -> Ref:
    """Pixel shuffle: channel `(row * block + column) * C + c` goes to that pixel of the block, by a fixed kernel."""
    channels = x.channels // (block * block)
    kernel = np.zeros((block, block, channels, x.channels), np.float32)
    for row in range(block):
        for column in range(block):
            first = (row * block + column) * channels
            kernel[row, column, range(channels), range(first, first + channels)] = 1
    return transposed(graph, x, kernel, name=name, strides=(block, block), padding="valid")


def enlarge(graph: LegacyGraph, x: Ref, size: Sequence[int], name: str) -> Ref:
    """Nearest neighbours."""
    space = [None if n is None else n * s for n, s in zip(x.shape[:2], size)]
    return graph.add(name, "UpSampling2D", {"size": list(size), "data_format": LAST}, x, (*space, x.channels))


def enlarge_smoothly(graph: LegacyGraph, x: Ref, size: Sequence[int], name: str) -> Ref:
    """Bilinear at pixel centres, borders repeated, as Keras 3's `UpSampling2D`.

    Nearest neighbours blurred by a short filter is the same thing inside; at the border the filter misses what lies
    outside. There the outermost pixel should stand in, which is the pixel itself after the nearest-neighbour step:
    so the missing share of the filter, found by filtering a picture of ones, is added back from it.
    """
    big = enlarge(graph, x, size, f"{name}_nearest")
    flat = convolution(
        graph, big, np.zeros((1, 1, x.channels, 1)), np.ones(1), name=f"{name}_ones"
    )  # no layer makes a constant; nothing times the picture plus 1 is one
    for axis, factor in enumerate(size):
        if factor == 1:
            continue
        taps = _blur(factor)
        shape = (len(taps), 1) if axis == 0 else (1, len(taps))
        line = taps.reshape(*shape, 1, 1)
        label = f"{name}_{'rows' if axis == 0 else 'columns'}"
        blurred = depthwise(graph, big, np.repeat(line, x.channels, axis=2), name=f"{label}_blur")
        missing = convolution(graph, flat, -line, np.ones(1), name=f"{label}_missing")
        border = merge(graph, "Multiply", [big, missing], f"{label}_border")
        big = merge(graph, "Add", [blurred, border], label)
    return big


def _blur(factor: int) -> np.ndarray:
    """Turns repeated values into linear interpolation: a box as long as the factor, centred."""
    if factor % 2:
        return np.full(factor, 1 / factor, np.float32)
    taps = np.full(factor + 1, 1 / factor, np.float32)
    taps[[0, -1]] /= 2
    return taps
