"""Counts the arithmetic of a network, layer by layer, for pictures of a given size.

One multiplication with its addition counts as 2 FLOP. Convolutions, dense layers and everything that touches every
value once are counted; moving data (concatenation, nearest-neighbour enlarging, reshaping) costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras

Shape = tuple[int, ...]

_FREE = ("InputLayer", "Concatenate", "Reshape", "Flatten", "Permute", "Dropout", "Cropping2D", "ZeroPadding2D",
         "SpatialDropout2D", "Identity", "RepeatVector", "GetItem", "PixelShuffle",
         "Spread")
# Operations per value of the output, of layers that look at every value on its own.
_PER_VALUE = {
    "BatchNormalization": 2, "Affine": 2, "LeakyReLU": 2, "PReLU": 2, "ReLU": 1, "Double": 6, "Softmax": 5,
    "Rescaling": 2, "InstanceNorm": 5,
}
# Layers of `s2p.nn.rewritten` count as those that they stand for, however they are computed.
_AS = {"DoubledConv2D": "Conv2D", "SquaresConv2D": "Conv2D", "Row": "Dense"}


def flops(model: keras.Model, input_shapes: Sequence[Shape]) -> int:
    """Floating-point operations of one call.

    Args:
        model: functional or sequential Keras model.
        input_shapes: one full shape per input, such as `(1, 512, 704, 1)`, in the order of the inputs.

    Returns: int, `2 * multiplications` and the small change of the other layers.
    """
    return sum(by_layer(model, input_shapes).values())


def by_layer(model: keras.Model, input_shapes: Sequence[Shape]) -> dict[str, int]:
    """Floating-point operations of every layer by its name; a layer that is called twice counts twice."""
    counts: dict[str, int] = {}

    def call(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        outputs = layer(*arguments, **keywords)
        given = [tuple(tensor.shape) for tensor in keras.tree.flatten(arguments) if hasattr(tensor, "shape")]
        made = [tuple(tensor.shape) for tensor in keras.tree.flatten(outputs)]
        counts[layer.name] = counts.get(layer.name, 0) + _count(layer, given, made)
        return outputs

    if isinstance(model, keras.Sequential):
        model = keras.Model(model.inputs, model.outputs)
    inputs = [
        keras.Input(batch_shape=shape, dtype=tensor.dtype) for shape, tensor in zip(input_shapes, model.inputs)
    ]
    # The clone shares the layers, so nothing is allocated; only the shapes that pass by are of interest.
    keras.models.clone_model(
        model, input_tensors=inputs if len(inputs) > 1 or isinstance(model.input, list) else inputs[0],
        clone_function=lambda layer: layer, call_function=call,
    )
    return counts


def _count(layer: Any, given: list[Shape], made: list[Shape]) -> int:
    kind = _AS.get(type(layer).__name__, type(layer).__name__)
    if isinstance(layer, keras.Model):
        return flops(layer, given)
    if kind in _FREE or (kind == "UpSampling2D" and layer.interpolation == "nearest"):
        return 0
    values = sum(math.prod(shape) for shape in made)
    if kind in ("Conv1D", "Conv2D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D", "Dense"):
        return _weighted(layer, kind, given[0], made[0]) + _activation(layer, values)
    if kind == "UpSampling2D":
        return 6 * values  # two interpolations along one axis, one along the other
    if kind == "Mixed":
        return 2 * math.prod(given[0]) * made[0][-1]
    if kind in ("MaxPooling2D", "AveragePooling2D"):
        return values * math.prod(layer.pool_size)
    if kind.startswith("Global"):
        return math.prod(given[0])
    if kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        return values * (len(given) - 1 + (kind == "Average"))
    return values * _PER_VALUE.get(kind, 1)


def _weighted(layer: Any, kind: str, given: Shape, made: Shape) -> int:
    bias = math.prod(made) if layer.use_bias else 0
    if kind == "Dense":
        return 2 * given[-1] * math.prod(made) + bias
    taps = math.prod(layer.kernel_size)
    if kind == "Conv2DTranspose":  # every input value is spread over the kernel
        return 2 * taps * math.prod(given) * made[-1] + bias
    if kind == "DepthwiseConv2D":
        return 2 * taps * math.prod(made) + bias
    if kind == "SeparableConv2D":
        between = given[-1] * layer.depth_multiplier
        return 2 * math.prod(made[:-1]) * between * (taps + made[-1]) + bias
    return 2 * taps * (given[-1] // layer.groups) * math.prod(made) + bias


def _activation(layer: Any, values: int) -> int:
    return 0 if layer.activation is keras.activations.linear else values
