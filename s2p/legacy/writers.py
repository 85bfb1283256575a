"""The table of Keras 3 layers that can be exported, each said in layers of Keras 2.1.6.

A layer of our own may instead have a method `legacy_form()` that returns a small functional `keras.Model` of layers in
this table, with the same inputs, outputs and values.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from s2p.legacy import primitives as say
from s2p.legacy.activations import apply_activation, finish, leaky_relu, softmax, split_activation
from s2p.legacy.call import LAYERS, Call, Writer, writes
from s2p.legacy.exported import Ref
from s2p.nn.blocks import Affine

__all__ = [
    "LAYERS", "Call", "Writer", "apply_activation", "concatenate", "leaky_relu", "pool_all", "softmax",
]  # fmt: skip

layers = keras.layers


# --- layers with weights -----------------------------------------------------------------------------------------


@writes(layers.Conv2D)
def _conv(call: Call) -> Ref:
    call.channels_last()
    layer = call.layer
    values = dict(call.weights("kernel", "bias"))
    name, own, rest = split_activation(call)
    result = say.convolution(
        call.graph, call.x, _ungrouped(values["kernel"], layer.groups), values.get("bias"), name=name,
        strides=layer.strides, padding=layer.padding, dilation=layer.dilation_rate, activation=own,
    )  # fmt: skip
    return finish(call, result, rest)


def _ungrouped(kernel: np.ndarray, groups: int) -> np.ndarray:
    """Keras 2.1.6 has no groups; the same as one kernel with zeros between the groups."""
    if groups == 1:
        return kernel
    height, width, inside, filters = kernel.shape
    whole = np.zeros((height, width, inside * groups, filters), np.float32)
    each = filters // groups
    for group in range(groups):
        rows, columns = slice(group * inside, (group + 1) * inside), slice(group * each, (group + 1) * each)
        whole[:, :, rows, columns] = kernel[..., columns]
    return whole


@writes(layers.DepthwiseConv2D)
def _depthwise(call: Call) -> Ref:
    call.channels_last()
    layer = call.layer
    values = dict(call.weights("depthwise_kernel", "bias", depthwise_kernel="kernel"))
    name, own, rest = split_activation(call)
    result = say.depthwise(
        call.graph, call.x, _spread(values["depthwise_kernel"], layer.dilation_rate), values.get("bias"), name=name,
        strides=layer.strides, padding=layer.padding, activation=own,
    )  # fmt: skip
    return finish(call, result, rest)


def _spread(kernel: np.ndarray, dilation: Any) -> np.ndarray:
    """Keras 2.1.6 does not store the dilation of depthwise convolutions; the same as zeros between the taps."""
    height, width = ((size - 1) * step + 1 for size, step in zip(kernel.shape[:2], dilation))
    whole = np.zeros((height, width, *kernel.shape[2:]), np.float32)
    whole[:: dilation[0], :: dilation[1]] = kernel
    return whole


@writes(layers.SeparableConv2D)
def _separable(call: Call) -> Ref:
    """As its two halves: this way dilation and bias mean the same in every version."""
    call.channels_last()
    layer = call.layer
    values = dict(call.weights("depthwise_kernel", "pointwise_kernel", "bias"))
    name, own, rest = split_activation(call)
    filtered = say.depthwise(
        call.graph, call.x, _spread(values["depthwise_kernel"], layer.dilation_rate), name=f"{call.name}_depthwise",
        strides=layer.strides, padding=layer.padding,
    )  # fmt: skip
    mixed = say.convolution(
        call.graph, filtered, values["pointwise_kernel"], values.get("bias"), name=name, activation=own
    )
    return finish(call, mixed, rest)


@writes(layers.Conv2DTranspose)
def _transposed(call: Call) -> Ref:
    call.channels_last()
    layer = call.layer
    if layer.output_padding is not None or any(step != 1 for step in layer.dilation_rate):
        raise call.refuse("output padding and dilation of transposed convolutions")
    values = dict(call.weights("kernel", "bias"))
    name, own, rest = split_activation(call)
    result = say.transposed(
        call.graph, call.x, values["kernel"], values.get("bias"), name=name,
        strides=layer.strides, padding=layer.padding, activation=own,
    )  # fmt: skip
    return finish(call, result, rest)


@writes(layers.Dense)
def _dense(call: Call) -> Ref:
    weights = call.weights("kernel", "bias")
    name, own, rest = split_activation(call)
    units = weights[0][1].shape[1]
    config = {"units": units, "activation": own, "use_bias": len(weights) == 2, "kernel_initializer": say.ZEROS}
    return finish(call, call.graph.add(name, "Dense", config, call.x, (*call.x.shape[:-1], units), weights), rest)


@writes(layers.BatchNormalization)
def _normalization(call: Call) -> Ref:
    axis = call.layer.axis if isinstance(call.layer.axis, int) else call.layer.axis[0]
    weights = call.weights("gamma", "beta", "moving_mean", "moving_variance")
    return say.normalization(call.graph, call.x, weights, name=call.name, epsilon=call.layer.epsilon, axis=axis)


@writes(layers.Rescaling, Affine)
def _rescaling(call: Call) -> Ref:
    return say.affine(call.graph, call.x, call.layer.scale, call.layer.offset, call.name)


# --- layers without weights --------------------------------------------------------------------------------------


@writes(layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
def _merge(call: Call) -> Ref:
    return say.merge(call.graph, type(call.layer).__name__, call.inputs, call.name)


@writes(layers.Concatenate)
def concatenate(call: Call) -> Ref:
    if call.layer.axis not in (-1, len(call.x.shape)):
        raise call.refuse("only channels can be joined")
    return say.concatenate(call.graph, call.inputs, call.name)


@writes(layers.UpSampling2D)
def _enlarge(call: Call) -> Ref:
    call.channels_last()
    how = call.layer.interpolation
    if how not in ("nearest", "bilinear"):
        raise call.refuse(f"interpolation {how!r}")
    write = say.enlarge if how == "nearest" else say.enlarge_smoothly
    return write(call.graph, call.x, call.layer.size, call.name)


@writes(layers.AveragePooling2D, layers.MaxPooling2D)
def _pooling(call: Call) -> Ref:
    call.channels_last()
    layer, x = call.layer, call.x
    sizes, steps = _pair(layer.pool_size), _pair(layer.strides)
    config = {"pool_size": sizes, "strides": steps, "padding": layer.padding, "data_format": say.LAST}
    space = [say.window(n, k, s, layer.padding) for n, k, s in zip(x.shape[:2], sizes, steps)]
    return call.graph.add(call.name, type(layer).__name__, config, x, (*space, x.channels))


@writes(layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)
def _global_pooling(call: Call) -> Ref:
    call.channels_last()
    return pool_all(call, type(call.layer).__name__, keepdims=call.layer.keepdims)


def pool_all(call: Call, kind: str, *, keepdims: bool) -> Ref:
    width = call.x.channels
    name = f"{call.name}_flat" if keepdims else call.name
    flat = call.graph.add(name, kind, {"data_format": say.LAST}, call.x, (width,))
    if not keepdims:
        return flat
    return call.graph.add(call.name, "Reshape", {"target_shape": [1, 1, width]}, flat, (1, 1, width))


@writes(layers.ZeroPadding2D)
def _padding(call: Call) -> Ref:
    return _sides(call, "ZeroPadding2D", "padding", call.layer.padding, 1)


@writes(layers.Cropping2D)
def _cropping(call: Call) -> Ref:
    return _sides(call, "Cropping2D", "cropping", call.layer.cropping, -1)


def _sides(call: Call, kind: str, key: str, amounts: Any, sign: int) -> Ref:
    call.channels_last()
    space = [None if n is None else n + sign * sum(pair) for n, pair in zip(call.x.shape[:2], amounts)]
    config = {key: [list(pair) for pair in amounts], "data_format": say.LAST}
    return call.graph.add(call.name, kind, config, call.x, (*space, call.x.channels))


@writes(layers.Reshape)
def _reshape(call: Call) -> Ref:
    target = [int(size) for size in call.layer.target_shape]
    shape = tuple(call.layer.compute_output_shape((None, *call.x.shape)))[1:]
    return call.graph.add(call.name, "Reshape", {"target_shape": target}, call.x, shape)


@writes(layers.Flatten)
def _flatten(call: Call) -> Ref:
    """As a Reshape, because the Flatten of Keras 2.1.6 insists on known sizes."""
    shape = tuple(call.layer.compute_output_shape((None, *call.x.shape)))[1:]
    return call.graph.add(call.name, "Reshape", {"target_shape": [-1]}, call.x, shape)


@writes(
    layers.Dropout, layers.SpatialDropout2D, layers.GaussianNoise, layers.GaussianDropout, layers.AlphaDropout,
    layers.ActivityRegularization, layers.Identity,
)  # fmt: skip
def _nothing(call: Call) -> Ref:
    """These do nothing outside of training."""
    return call.x


def _pair(value: Any) -> list[int]:
    return list(value) if isinstance(value, (list, tuple)) else [int(value)] * 2
