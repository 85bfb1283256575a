"""The table of `keras.ops` operations in a functional graph that can be exported, as `writers.py` for layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from s2p.legacy import primitives as say
from s2p.legacy.exported import Ref
from s2p.legacy.writers import Call, Writer, apply_activation, concatenate, leaky_relu, pool_all, softmax

OPERATIONS: dict[str, Writer] = {}


def _operation(*names: str) -> Callable[[Writer], Writer]:
    def register(writer: Writer) -> Writer:
        OPERATIONS.update(dict.fromkeys(names, writer))
        return writer

    return register


def _operands(call: Call) -> tuple[Any, Any]:
    values = [*call.arguments, *call.keywords.values()]
    if len(values) != 2:
        raise call.refuse("it does not have two operands")
    return values[0], values[1]


def _arithmetic(kind: str, with_number: Callable[[Call, Ref, Any, bool], Ref]) -> Writer:
    def write(call: Call) -> Ref:
        first, second = _operands(call)
        if isinstance(first, Ref) and isinstance(second, Ref):
            return say.merge(call.graph, kind, [first, second], call.name)
        if isinstance(first, Ref):
            return with_number(call, first, _number(call, second, first), False)
        return with_number(call, second, _number(call, first, second), True)

    return write


def _number(call: Call, value: Any, x: Ref) -> np.ndarray:
    array = np.asarray(value, np.float32)
    if array.size not in (1, x.channels) or (array.size > 1 and array.shape[-1] != array.size):
        raise call.refuse(f"a constant of shape {array.shape} is neither one number nor one per channel")
    return array.reshape(-1)


def _divide(call: Call) -> Ref:
    first, second = _operands(call)
    if not isinstance(first, Ref) or isinstance(second, Ref):
        raise call.refuse("only division by a constant")
    return say.affine(call.graph, first, 1 / _number(call, second, first), 0, call.name)


OPERATIONS["Add"] = _arithmetic("Add", lambda call, x, n, flip: say.affine(call.graph, x, 1, n, call.name))
OPERATIONS["Multiply"] = _arithmetic("Multiply", lambda call, x, n, flip: say.affine(call.graph, x, n, 0, call.name))
OPERATIONS["Subtract"] = _arithmetic(
    "Subtract",
    lambda call, x, n, flip: say.affine(call.graph, x, -1 if flip else 1, n if flip else -n, call.name),
)
OPERATIONS.update(Softmax=softmax, LeakyRelu=leaky_relu, Concatenate=concatenate)
OPERATIONS["TrueDivide"] = OPERATIONS["Divide"] = _divide


@_operation("Maximum", "Minimum")
def _extreme(call: Call) -> Ref:
    first, second = _operands(call)
    kind = type(call.layer).__name__
    if isinstance(first, Ref) and isinstance(second, Ref):
        return say.merge(call.graph, kind, [first, second], call.name)
    x, bound = (first, second) if isinstance(first, Ref) else (second, first)
    limit = float(_number(call, bound, x)[0])
    if kind == "Minimum":
        return say.at_most(call.graph, x, limit, call.name)
    above = say.affine(call.graph, x, 1, -limit, f"{call.name}_above")
    return say.affine(call.graph, say.activation(call.graph, above, "relu", f"{call.name}_relu"), 1, limit, call.name)


@_operation("Negative")
def _negative(call: Call) -> Ref:
    return say.affine(call.graph, call.x, -1, 0, call.name)


@_operation("Square")
def _square(call: Call) -> Ref:
    return say.merge(call.graph, "Multiply", [call.x, call.x], call.name)


@_operation("Absolute", "Abs")
def _absolute(call: Call) -> Ref:
    up = say.activation(call.graph, call.x, "relu", f"{call.name}_up")
    mirrored = say.affine(call.graph, call.x, -1, 0, f"{call.name}_mirror")
    down = say.activation(call.graph, mirrored, "relu", f"{call.name}_down")
    return say.merge(call.graph, "Add", [up, down], call.name)


@_operation("Clip")
def _clip(call: Call) -> Ref:
    low, high = float(call.layer.x_min), float(call.layer.x_max)
    return say.clip(call.graph, call.x, low, high, call.name)


@_operation("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Silu", "Relu6", "HardSigmoid", "HardSilu")
def _function(call: Call) -> Ref:
    words = {"HardSigmoid": "hard_sigmoid", "HardSilu": "hard_silu"}
    kind = type(call.layer).__name__
    return apply_activation(call, call.x, getattr(keras.activations, words.get(kind, kind.lower())), call.name)


@_operation("DepthToSpace")
def _depth_to_space(call: Call) -> Ref:
    call.channels_last()
    return say.depth_to_space(call.graph, call.x, call.layer.block_size, call.name)


@_operation("Mean")
def _mean(call: Call) -> Ref:
    axes = call.layer.axis
    if len(call.x.shape) != 3 or axes is None or sorted(a % 4 for a in axes) != [1, 2]:
        raise call.refuse("only the mean over height and width")
    return pool_all(call, "GlobalAveragePooling2D", keepdims=call.layer.keepdims)


@_operation("GetItem")
def _slice(call: Call) -> Ref:
    """`x[..., a:b]` of a feature map."""
    key = call.arguments[1] if len(call.arguments) > 1 else call.keywords.get("key")
    parts: list[Any] = list(key) if isinstance(key, tuple) and key else [None]
    is_whole = all(part is Ellipsis or part == slice(None) for part in parts[:-1])
    reaches_channels = Ellipsis in parts[:-1] or len(parts) == 4
    if len(call.x.shape) != 3 or not reaches_channels or not is_whole or not isinstance(parts[-1], slice):
        raise call.refuse("only a slice of the channels of a feature map")
    wanted = range(call.x.channels)[parts[-1]]
    return say.pick_channels(call.graph, call.x, wanted, call.name)
