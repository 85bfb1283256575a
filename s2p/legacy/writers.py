"""The table of Keras 3 layers that can be exported, each said in layers of Keras 2.1.6.

A layer of our own may instead have a method `legacy_form()` that returns a small functional `keras.Model` of layers in
this table, with the same inputs, outputs and values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from s2p.errors import LegacyModelError
from s2p.legacy import formulas
from s2p.legacy import primitives as say
from s2p.legacy.exported import LegacyGraph, Ref
from s2p.nn.blocks import Affine

layers = keras.layers


@dataclass(frozen=True)
class Call:
    """One call of a layer or operation.

    Attributes:
        graph: what is being written.
        layer: the Keras 3 layer or operation.
        name: wished for in the file.
        inputs: its tensors, in order.
        arguments: positional arguments with a `Ref` for every tensor.
        keywords: keyword arguments likewise.
    """

    graph: LegacyGraph
    layer: Any
    name: str
    inputs: list[Ref]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    @property
    def x(self) -> Ref:
        return self.inputs[0]

    def refuse(self, reason: str) -> LegacyModelError:
        kind = type(self.layer).__name__
        return LegacyModelError(f"layer '{self.name}' ({kind}) cannot be written for Keras 2.1.6: {reason}.")

    def weights(self, *names: str, **renamed: str) -> list[tuple[str, np.ndarray]]:
        """The layer's values under their Keras 2 names, in the given order; those it does not have are left out."""
        values = {variable.name: np.asarray(variable, np.float32) for variable in self.layer.weights}
        pairs = [(name, renamed.get(name, name)) for name in names]
        return [(name, values[own]) for name, own in pairs if own in values]

    def channels_last(self) -> None:
        if getattr(self.layer, "data_format", "channels_last") != "channels_last":
            raise self.refuse("channels_first is not supported")


Writer = Callable[[Call], Ref]
LAYERS: dict[type, Writer] = {}


def _writes(*kinds: type) -> Callable[[Writer], Writer]:
    def register(writer: Writer) -> Writer:
        LAYERS.update(dict.fromkeys(kinds, writer))
        return writer

    return register


# --- activations -------------------------------------------------------------------------------------------------

OWN_ACTIVATIONS = ("linear", "relu", "elu", "selu", "softmax", "softplus", "softsign", "tanh", "sigmoid")


def _name_of(function: Any) -> str:
    if function is None:
        return "linear"
    if function is formulas.hard_sigmoid:
        return "legacy_hard_sigmoid"
    return getattr(function, "__name__", type(function).__name__)


def apply_activation(call: Call, x: Ref, function: Any, name: str) -> Ref:
    """Any known activation behind `x`."""
    graph, kind = call.graph, _name_of(function)
    if kind == "linear":
        return x
    if kind in OWN_ACTIVATIONS:
        return say.activation(graph, x, kind, name)
    if kind == "legacy_hard_sigmoid":
        return say.activation(graph, x, "hard_sigmoid", name)
    if kind == "hard_sigmoid":
        return _new_hard_sigmoid(graph, x, name)
    if kind == "silu":
        gate = say.activation(graph, x, "sigmoid", f"{name}_gate")
        return say.merge(graph, "Multiply", [x, gate], name)
    if kind == "hard_silu":
        return say.merge(graph, "Multiply", [x, _new_hard_sigmoid(graph, x, f"{name}_gate")], name)
    if kind == "leaky_relu":
        return graph.add(name, "LeakyReLU", {"alpha": 0.2}, x, x.shape)
    if kind == "relu6":
        return say.clip(graph, x, 0, 6, name)
    raise call.refuse(f"the activation {kind!r} is not one of {', '.join(OWN_ACTIVATIONS)}, hard_sigmoid, silu, relu6")


def _new_hard_sigmoid(graph: LegacyGraph, x: Ref, name: str) -> Ref:
    """Keras 3's `clip(x / 6 + 0.5)` from Keras 2's `clip(0.2 x + 0.5)`."""
    return say.activation(graph, say.affine(graph, x, 5 / 6, 0, f"{name}_scale"), "hard_sigmoid", name)


def _split_activation(call: Call) -> tuple[str, str, Any]:
    """Name of the weighted layer, the activation it can hold itself, and what must follow it."""
    function = getattr(call.layer, "activation", None)
    kind = _name_of(function)
    return (call.name, kind, None) if kind in OWN_ACTIVATIONS else (f"{call.name}_linear", "linear", function)


def _finish(call: Call, x: Ref, rest: Any) -> Ref:
    return x if rest is None else apply_activation(call, x, rest, call.name)


@_writes(layers.Activation)
def _activation(call: Call) -> Ref:
    return apply_activation(call, call.x, call.layer.activation, call.name)


@_writes(layers.Softmax)
def softmax(call: Call) -> Ref:
    axis = call.layer.axis
    if not isinstance(axis, int):
        raise call.refuse("softmax over several axes")
    return call.graph.add(call.name, "Softmax", {"axis": axis}, call.x, call.x.shape)


@_writes(layers.ReLU)
def _relu(call: Call) -> Ref:
    layer, graph, x = call.layer, call.graph, call.x
    if float(layer.threshold) != 0:
        raise call.refuse("a threshold other than 0")
    top, slope = layer.max_value, float(layer.negative_slope)
    if top is None and slope == 0:
        return say.activation(graph, x, "relu", call.name)
    if top is not None and slope == 0:
        return say.clip(graph, x, 0, float(top), call.name)
    if top is not None:
        x = say.at_most(graph, x, float(top), f"{call.name}_top")
    return graph.add(call.name, "LeakyReLU", {"alpha": slope}, x, x.shape)


@_writes(layers.LeakyReLU)
def leaky_relu(call: Call) -> Ref:
    return call.graph.add(call.name, "LeakyReLU", {"alpha": float(call.layer.negative_slope)}, call.x, call.x.shape)


@_writes(layers.ELU)
def _elu(call: Call) -> Ref:
    return call.graph.add(call.name, "ELU", {"alpha": float(call.layer.alpha)}, call.x, call.x.shape)


@_writes(formulas.ThresholdedReLU)
def _thresholded(call: Call) -> Ref:
    return call.graph.add(call.name, "ThresholdedReLU", {"theta": call.layer.theta}, call.x, call.x.shape)


@_writes(layers.PReLU)
def _prelu(call: Call) -> Ref:
    shared = list(call.layer.shared_axes or [])
    return call.graph.add(
        call.name, "PReLU", {"shared_axes": shared or None}, call.x, call.x.shape, call.weights("alpha")
    )


# --- layers with weights -----------------------------------------------------------------------------------------


@_writes(layers.Conv2D)
def _conv(call: Call) -> Ref:
    call.channels_last()
    layer = call.layer
    values = dict(call.weights("kernel", "bias"))
    name, own, rest = _split_activation(call)
    result = say.convolution(
        call.graph, call.x, _ungrouped(values["kernel"], layer.groups), values.get("bias"), name=name,
        strides=layer.strides, padding=layer.padding, dilation=layer.dilation_rate, activation=own,
    )  # fmt: skip
    return _finish(call, result, rest)


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


@_writes(layers.DepthwiseConv2D)
def _depthwise(call: Call) -> Ref:
    call.channels_last()
    layer = call.layer
    values = dict(call.weights("depthwise_kernel", "bias", depthwise_kernel="kernel"))
    name, own, rest = _split_activation(call)
    result = say.depthwise(
        call.graph, call.x, _spread(values["depthwise_kernel"], layer.dilation_rate), values.get("bias"), name=name,
        strides=layer.strides, padding=layer.padding, activation=own,
    )  # fmt: skip
    return _finish(call, result, rest)


def _spread(kernel: np.ndarray, dilation: Any) -> np.ndarray:
    """Keras 2.1.6 does not store the dilation of depthwise convolutions; the same as zeros between the taps."""
    height, width = ((size - 1) * step + 1 for size, step in zip(kernel.shape[:2], dilation))
    whole = np.zeros((height, width, *kernel.shape[2:]), np.float32)
    whole[:: dilation[0], :: dilation[1]] = kernel
    return whole


@_writes(layers.SeparableConv2D)
def _separable(call: Call) -> Ref:
    """As its two halves: this way dilation and bias mean the same in every version."""
    call.channels_last()
    layer = call.layer
    values = dict(call.weights("depthwise_kernel", "pointwise_kernel", "bias"))
    name, own, rest = _split_activation(call)
    filtered = say.depthwise(
        call.graph, call.x, _spread(values["depthwise_kernel"], layer.dilation_rate), name=f"{call.name}_depthwise",
        strides=layer.strides, padding=layer.padding,
    )  # fmt: skip
    mixed = say.convolution(
        call.graph, filtered, values["pointwise_kernel"], values.get("bias"), name=name, activation=own
    )
    return _finish(call, mixed, rest)


@_writes(layers.Conv2DTranspose)
def _transposed(call: Call) -> Ref:
    call.channels_last()
    layer = call.layer
    if layer.output_padding is not None or any(step != 1 for step in layer.dilation_rate):
        raise call.refuse("output padding and dilation of transposed convolutions")
    values = dict(call.weights("kernel", "bias"))
    name, own, rest = _split_activation(call)
    result = say.transposed(
        call.graph, call.x, values["kernel"], values.get("bias"), name=name,
        strides=layer.strides, padding=layer.padding, activation=own,
    )  # fmt: skip
    return _finish(call, result, rest)


@_writes(layers.Dense)
def _dense(call: Call) -> Ref:
    weights = call.weights("kernel", "bias")
    name, own, rest = _split_activation(call)
    units = weights[0][1].shape[1]
    config = {"units": units, "activation": own, "use_bias": len(weights) == 2, "kernel_initializer": say.ZEROS}
    return _finish(call, call.graph.add(name, "Dense", config, call.x, (*call.x.shape[:-1], units), weights), rest)


@_writes(layers.BatchNormalization)
def _normalization(call: Call) -> Ref:
    axis = call.layer.axis if isinstance(call.layer.axis, int) else call.layer.axis[0]
    weights = call.weights("gamma", "beta", "moving_mean", "moving_variance")
    return say.normalization(call.graph, call.x, weights, name=call.name, epsilon=call.layer.epsilon, axis=axis)


@_writes(layers.Rescaling, Affine)
def _rescaling(call: Call) -> Ref:
    return say.affine(call.graph, call.x, call.layer.scale, call.layer.offset, call.name)


# --- layers without weights --------------------------------------------------------------------------------------


@_writes(layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
def _merge(call: Call) -> Ref:
    return say.merge(call.graph, type(call.layer).__name__, call.inputs, call.name)


@_writes(layers.Concatenate)
def concatenate(call: Call) -> Ref:
    if call.layer.axis not in (-1, len(call.x.shape)):
        raise call.refuse("only channels can be joined")
    return say.concatenate(call.graph, call.inputs, call.name)


@_writes(layers.UpSampling2D)
def _enlarge(call: Call) -> Ref:
    call.channels_last()
    how = call.layer.interpolation
    if how not in ("nearest", "bilinear"):
        raise call.refuse(f"interpolation {how!r}")
    write = say.enlarge if how == "nearest" else say.enlarge_smoothly
    return write(call.graph, call.x, call.layer.size, call.name)


@_writes(layers.AveragePooling2D, layers.MaxPooling2D)
def _pooling(call: Call) -> Ref:
    call.channels_last()
    layer, x = call.layer, call.x
    sizes, steps = _pair(layer.pool_size), _pair(layer.strides)
    config = {"pool_size": sizes, "strides": steps, "padding": layer.padding, "data_format": say.LAST}
    space = [say.window(n, k, s, layer.padding) for n, k, s in zip(x.shape[:2], sizes, steps)]
    return call.graph.add(call.name, type(layer).__name__, config, x, (*space, x.channels))


@_writes(layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)
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


@_writes(layers.ZeroPadding2D)
def _padding(call: Call) -> Ref:
    return _sides(call, "ZeroPadding2D", "padding", call.layer.padding, 1)


@_writes(layers.Cropping2D)
def _cropping(call: Call) -> Ref:
    return _sides(call, "Cropping2D", "cropping", call.layer.cropping, -1)


def _sides(call: Call, kind: str, key: str, amounts: Any, sign: int) -> Ref:
    call.channels_last()
    space = [None if n is None else n + sign * sum(pair) for n, pair in zip(call.x.shape[:2], amounts)]
    config = {key: [list(pair) for pair in amounts], "data_format": say.LAST}
    return call.graph.add(call.name, kind, config, call.x, (*space, call.x.channels))


@_writes(layers.Reshape)
def _reshape(call: Call) -> Ref:
    target = [int(size) for size in call.layer.target_shape]
    shape = tuple(call.layer.compute_output_shape((None, *call.x.shape)))[1:]
    return call.graph.add(call.name, "Reshape", {"target_shape": target}, call.x, shape)


@_writes(layers.Flatten)
def _flatten(call: Call) -> Ref:
    """As a Reshape, because the Flatten of Keras 2.1.6 insists on known sizes."""
    shape = tuple(call.layer.compute_output_shape((None, *call.x.shape)))[1:]
    return call.graph.add(call.name, "Reshape", {"target_shape": [-1]}, call.x, shape)


@_writes(
    layers.Dropout, layers.SpatialDropout2D, layers.GaussianNoise, layers.GaussianDropout, layers.AlphaDropout,
    layers.ActivityRegularization, layers.Identity,
)  # fmt: skip
def _nothing(call: Call) -> Ref:
    """These do nothing outside of training."""
    return call.x


def _pair(value: Any) -> list[int]:
    return list(value) if isinstance(value, (list, tuple)) else [int(value)] * 2
