"""Activations, alone or inside another layer, said in layers of Keras 2.1.6."""

from __future__ import annotations

from typing import Any

import keras

from s2p.legacy import formulas
from s2p.legacy import primitives as say
from s2p.legacy.call import Call, writes
from s2p.legacy.exported import LegacyGraph, Ref

layers = keras.layers

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


def split_activation(call: Call) -> tuple[str, str, Any]:
    """Name of the weighted layer, the activation it can hold itself, and what must follow it."""
    function = getattr(call.layer, "activation", None)
    kind = _name_of(function)
    return (call.name, kind, None) if kind in OWN_ACTIVATIONS else (f"{call.name}_linear", "linear", function)


def finish(call: Call, x: Ref, rest: Any) -> Ref:
    """The weighted layer's answer `x`, with the activation behind it that it could not hold itself."""
    return x if rest is None else apply_activation(call, x, rest, call.name)


@writes(layers.Activation)
def _activation(call: Call) -> Ref:
    return apply_activation(call, call.x, call.layer.activation, call.name)


@writes(layers.Softmax)
def softmax(call: Call) -> Ref:
    axis = call.layer.axis
    if not isinstance(axis, int):
        raise call.refuse("softmax over several axes")
    return call.graph.add(call.name, "Softmax", {"axis": axis}, call.x, call.x.shape)


@writes(layers.ReLU)
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


@writes(layers.LeakyReLU)
def leaky_relu(call: Call) -> Ref:
    return call.graph.add(call.name, "LeakyReLU", {"alpha": float(call.layer.negative_slope)}, call.x, call.x.shape)


@writes(layers.ELU)
def _elu(call: Call) -> Ref:
    return call.graph.add(call.name, "ELU", {"alpha": float(call.layer.alpha)}, call.x, call.x.shape)


@writes(formulas.ThresholdedReLU)
def _thresholded(call: Call) -> Ref:
    return call.graph.add(call.name, "ThresholdedReLU", {"theta": call.layer.theta}, call.x, call.x.shape)


@writes(layers.PReLU)
def _prelu(call: Call) -> Ref:
    shared = list(call.layer.shared_axes or [])
    return call.graph.add(
        call.name, "PReLU", {"shared_axes": shared or None}, call.x, call.x.shape, call.weights("alpha")
    )
