"""Translates a Keras model into an ONNX graph, layer by layer.

Known are the ordinary layers of image networks, those of our six and of V3's; anything else is refused with the layer's
name, never guessed. ONNX keeps channels before rows, so pictures are turned once on their way in and once on their way
out, and everything between is in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from s2p.runtimes import onnx_rewritten as rewritten
from s2p.runtimes.onnx_asked import array_of, by_channel, check_order, numbers_of, padding_of, refusal
from s2p.runtimes.onnx_file import Graph

_IDENTITY = ("Dropout", "SpatialDropout2D", "Identity", "ActivityRegularization", "GaussianNoise", "GaussianDropout")
_MERGES = {"Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Maximum": "Max", "Minimum": "Min"}
_REWRITTEN = {"DoubledConv2D": rewritten.doubled, "SquaresConv2D": rewritten.in_squares, "Row": rewritten.row}
_POOLS = {"MaxPooling2D": "MaxPool", "AveragePooling2D": "AveragePool"}


def translate(model: keras.Model, names: tuple[Sequence[str], Sequence[str]] = ((), ())) -> Graph:
    """The ONNX graph of a functional or sequential Keras model.

    Args:
        model: whose graph it is.
        names: of its inputs and of its outputs; those without one are `input00`, … and `output00`, ….

    Raises:
        WeightsError: for a layer, or a setting of one, that has no translation.
    """
    graph = Graph(model.name)
    turned = []
    for called, tensor in zip(_called("input", names[0], model.inputs), model.inputs):
        shape = [None, *tensor.shape[1:]]
        graph.inputs.append((called, shape))
        turned.append(_turned_in(graph, called, len(shape)))
    called = _called("output", names[1], model.outputs)
    for name, output, tensor in zip(_walk(graph, model, turned), called, model.outputs):
        shape = [None, *tensor.shape[1:]]
        _write_output(graph, name, output, len(shape))
        graph.outputs.append((output, shape))
    return graph


def _called(kind: str, names: Sequence[str], tensors: Sequence[Any]) -> list[str]:
    return [names[i] if i < len(names) else f"{kind}{i:02}" for i in range(len(tensors))]


def _walk(graph: Graph, model: keras.Model, inputs: list[str]) -> list[str]:
    """Adds the nodes of a model whose input tensors are called `inputs`; returns the names of its outputs."""
    if isinstance(model, keras.Sequential):
        model = keras.Model(model.inputs, model.outputs)
    symbols = [keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype) for tensor in model.inputs]
    # By identity: the symbols are kept alive in `seen`, so that no number is used twice.
    names = {id(symbol): name for symbol, name in zip(symbols, inputs)}
    seen: list[Any] = list(symbols)

    def call(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        outputs = layer(*arguments, **keywords)
        given = [tensor for tensor in keras.tree.flatten(arguments) if id(tensor) in names]
        made = keras.tree.flatten(outputs)
        if len(given) != len(keras.tree.flatten(arguments)):
            raise refusal(layer, "an argument is not a tensor of the graph")
        for tensor, name in zip(made, _translated(graph, layer, [names[id(one)] for one in given], given, made)):
            names[id(tensor)] = name
            seen.append(tensor)
        return outputs

    clone = keras.models.clone_model(
        model, input_tensors=symbols if len(symbols) > 1 or isinstance(model.input, list) else symbols[0],
        clone_function=lambda layer: layer, call_function=call,
    )
    return [names[id(tensor)] for tensor in clone.outputs]


def _translated(graph: Graph, layer: Any, names: list[str], given: list[Any], made: list[Any]) -> list[str]:
    if isinstance(layer, keras.Model):
        return _walk(graph, layer, names)
    kind = type(layer).__name__
    if any(len(tensor.shape) not in (2, 4) for tensor in [*given, *made]):
        raise refusal(layer, "only pictures and vectors are known")
    if kind in _IDENTITY:
        return names
    if kind in _MERGES or kind in ("Average", "Concatenate"):
        return [_merge(graph, layer, kind, names, given)]
    if kind == "Spread":
        return [_spread(graph, names)]
    if kind == "Mixed":
        return [_mixed(graph, names, given)]
    if kind not in _LAYERS:
        raise refusal(layer, "this kind of layer has no translation")
    return [_LAYERS[kind](graph, layer, names[0], given[0])]


def _merge(graph: Graph, layer: Any, kind: str, names: list[str], given: list[Any]) -> str:
    ranks = {len(tensor.shape) for tensor in given}
    if len(ranks) > 1:
        raise refusal(layer, "it joins pictures with vectors")
    if kind == "Concatenate":
        rank = ranks.pop()
        if layer.axis % rank == 0:
            raise refusal(layer, "it joins along the batch")
        axis = layer.axis % rank if rank == 2 else {1: 2, 2: 3, 3: 1}[layer.axis % rank]
        return graph.add("Concat", *names, axis=axis)
    result = names[0]
    for name in names[1:]:
        result = graph.add(_MERGES.get(kind, "Add"), result, name)
    return graph.add("Mul", result, np.array([1.0 / len(names)], np.float32)) if kind == "Average" else result


def _spread(graph: Graph, names: list[str]) -> str:
    """A vector beside the features of every place: added to one channel of them times nothing."""
    maps, vector = names
    one = graph.add("Slice", maps, *(np.array([n], np.int64) for n in (0, 1, 1)))
    nothing = graph.add("Mul", one, np.array(0.0, np.float32))
    places = graph.add("Add", nothing, graph.add("Reshape", vector, np.array([0, -1, 1, 1], np.int64)))
    return graph.add("Concat", maps, places, axis=1)


def _mixed(graph: Graph, names: list[str], given: list[Any]) -> str:
    """Shares of colours at every place, times the colours."""
    shares = graph.add("Transpose", names[0], perm=[0, 2, 3, 1])
    palette = graph.add("Reshape", names[1], np.array([-1, 1, given[0].shape[-1], 3], np.int64))
    return graph.add("Transpose", graph.add("MatMul", shares, palette), perm=[0, 3, 1, 2])


# Layers with one input ------------------------------------------------------------------------------------------------


def _convolution(graph: Graph, layer: Any, x: str, _: Any) -> str:
    check_order(layer)
    if type(layer).__name__ == "DepthwiseConv2D":
        kernel = array_of(layer.kernel).transpose(2, 3, 0, 1)
        groups = kernel.shape[0]
        kernel = kernel.reshape(-1, 1, *kernel.shape[2:])
    else:
        kernel, groups = array_of(layer.kernel).transpose(3, 2, 0, 1), layer.groups
    more = [array_of(layer.bias)] if layer.use_bias else []
    dilations = numbers_of(layer.dilation_rate)
    padding: dict[str, Any] = {"auto_pad": padding_of(layer)}
    if max(dilations) > 1 and padding["auto_pad"] != "VALID":  # ONNX Runtime wants numbers; Keras has no stride then
        spare = [rate * (size - 1) for rate, size in zip(dilations, numbers_of(layer.kernel_size))]
        padding = {"pads": [total // 2 for total in spare] + [total - total // 2 for total in spare]}
    x = graph.add(
        "Conv", x, kernel, *more, strides=numbers_of(layer.strides), dilations=dilations,
        kernel_shape=numbers_of(layer.kernel_size), group=int(groups), **padding,
    )
    return _activated(graph, layer, x)


def _rewritten(graph: Graph, layer: Any, x: str, _: Any) -> str:
    """Layers of `s2p.nn.rewritten`."""
    if layer.use_bias:
        raise refusal(layer, "its bias has no translation")
    kind = type(layer).__name__
    if kind == "DoubledConv2D":
        x = graph.add("Pad", x, np.array([0, 0, 1, 1] * 2, np.int64), mode="edge")
    return _activated(graph, layer, _REWRITTEN[kind](graph, x, array_of(layer.kernel)))


def _transposed(graph: Graph, layer: Any, x: str, _: Any) -> str:
    check_order(layer)
    if layer.output_padding is not None or set(numbers_of(layer.dilation_rate)) != {1}:
        raise refusal(layer, "its output padding or dilation has no translation")
    begin, end, more = [], [], []
    for size, stride in zip(numbers_of(layer.kernel_size), numbers_of(layer.strides)):
        spare = max(size - stride, 0) if padding_of(layer) == "SAME_UPPER" else 0
        begin.append(spare // 2)
        end.append(spare - spare // 2)
        more.append(max(stride - size, 0))
    bias = [array_of(layer.bias)] if layer.use_bias else []
    x = graph.add(
        "ConvTranspose", x, array_of(layer.kernel).transpose(3, 2, 0, 1), *bias, strides=numbers_of(layer.strides),
        kernel_shape=numbers_of(layer.kernel_size), pads=begin + end, output_padding=more,
    )
    return _activated(graph, layer, x)


def _dense(graph: Graph, layer: Any, x: str, given: Any) -> str:
    if len(given.shape) != 2:
        raise refusal(layer, "it works on pictures")
    x = graph.add("MatMul", x, array_of(layer.kernel))
    if layer.use_bias:
        x = graph.add("Add", x, array_of(layer.bias))
    return _activated(graph, layer, x)


def _normalisation(graph: Graph, layer: Any, x: str, given: Any) -> str:
    axis = layer.axis[0] if isinstance(layer.axis, (list, tuple)) else layer.axis
    if axis % len(given.shape) != len(given.shape) - 1:
        raise refusal(layer, "it does not normalise channels")
    mean, variance = array_of(layer.moving_mean), array_of(layer.moving_variance)
    scale = 1.0 / np.sqrt(variance.astype("float64") + layer.epsilon)
    if layer.scale:
        scale = scale * array_of(layer.gamma)
    offset = -mean * scale + (array_of(layer.beta) if layer.center else 0.0)
    return _scaled(graph, x, scale, offset, given)


def _affine(graph: Graph, layer: Any, x: str, given: Any) -> str:
    return _scaled(graph, x, np.asarray(layer.scale), np.asarray(layer.offset), given)


def _scaled(graph: Graph, x: str, scale: np.ndarray, offset: np.ndarray, given: Any) -> str:
    if np.any(scale != 1.0):
        x = graph.add("Mul", x, by_channel(scale, given))
    return graph.add("Add", x, by_channel(offset, given)) if np.any(offset != 0.0) else x


def _pool(graph: Graph, layer: Any, x: str, _: Any) -> str:
    check_order(layer)
    return graph.add(
        _POOLS[type(layer).__name__], x, kernel_shape=numbers_of(layer.pool_size), strides=numbers_of(layer.strides),
        auto_pad=padding_of(layer),
    )


def _global_pool(graph: Graph, layer: Any, x: str, _: Any) -> str:
    check_order(layer)
    pooled = graph.add("GlobalAveragePool" if "Average" in type(layer).__name__ else "GlobalMaxPool", x)
    return pooled if layer.keepdims else graph.add("Flatten", pooled, axis=1)


def _reshape(graph: Graph, layer: Any, x: str, given: Any) -> str:
    target = tuple(layer.target_shape)
    if len(given.shape) != 2 or len(target) != 3:
        raise refusal(layer, "only a vector can be made a picture")
    if target[:2] == (1, 1):
        return graph.add("Reshape", x, np.array([0, -1, 1, 1], np.int64))
    return graph.add("Transpose", graph.add("Reshape", x, np.array([0, *target], np.int64)), perm=[0, 3, 1, 2])


def _shuffle(graph: Graph, layer: Any, x: str, _: Any) -> str:
    return graph.add("DepthToSpace", x, blocksize=2, mode="DCR")


def _columns(graph: Graph, layer: Any, x: str, _: Any) -> str:
    return graph.add("Slice", x, *(np.array([n], np.int64) for n in (layer.start, layer.stop, 1)))


def _shift(graph: Graph, layer: Any, x: str, given: Any) -> str:
    return graph.add("Add", x, by_channel(array_of(layer.bias), given))


def _instance_norm(graph: Graph, layer: Any, x: str, given: Any) -> str:
    width = given.shape[-1]
    ones, zeros = np.ones(width, np.float32), np.zeros(width, np.float32)
    return graph.add("InstanceNormalization", x, ones, zeros, epsilon=float(layer.epsilon))


def _enlarge(graph: Graph, layer: Any, x: str, _: Any) -> str:
    check_order(layer)
    scales = np.array([1, 1, *numbers_of(layer.size)], np.float32)
    if layer.interpolation == "nearest":
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    elif layer.interpolation == "bilinear":
        how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    else:
        raise refusal(layer, f"the interpolation {layer.interpolation!r} has no translation")
    return graph.add("Resize", x, "", scales, **how)


def _pad(graph: Graph, layer: Any, x: str, _: Any) -> str:
    check_order(layer)
    (top, bottom), (left, right) = layer.padding
    return graph.add("Pad", x, np.array([0, 0, top, left, 0, 0, bottom, right], np.int64))


def _mirror(graph: Graph, layer: Any, x: str, _: Any) -> str:
    size = layer.size
    return graph.add("Pad", x, np.array([0, 0, size, size] * 2, np.int64), mode="reflect")


def _crop(graph: Graph, layer: Any, x: str, _: Any) -> str:
    check_order(layer)
    (top, bottom), (left, right) = layer.cropping
    ends = [-bottom if bottom else 2**62, -right if right else 2**62]
    return graph.add("Slice", x, np.array([top, left], np.int64), np.array(ends, np.int64), np.array([2, 3], np.int64))


def _relu(graph: Graph, layer: Any, x: str, _: Any) -> str:
    if layer.threshold:
        raise refusal(layer, "its threshold has no translation")
    slope = float(layer.negative_slope)
    x = graph.add("LeakyRelu", x, alpha=slope) if slope else graph.add("Relu", x)
    return x if layer.max_value is None else graph.add("Min", x, np.array(layer.max_value, np.float32))


def _leaky(graph: Graph, layer: Any, x: str, _: Any) -> str:
    return graph.add("LeakyRelu", x, alpha=float(layer.negative_slope))


def _elu(graph: Graph, layer: Any, x: str, _: Any) -> str:
    return graph.add("Elu", x, alpha=float(layer.alpha))


def _prelu(graph: Graph, layer: Any, x: str, given: Any) -> str:
    slopes = array_of(layer.alpha)
    if slopes.size not in (1, slopes.shape[-1]):
        raise refusal(layer, "it has a slope for every place")
    return graph.add("PRelu", x, by_channel(slopes.reshape(-1), given))


def _softmax(graph: Graph, layer: Any, x: str, given: Any) -> str:
    if layer.axis not in (-1, len(given.shape) - 1):
        raise refusal(layer, "it does not choose among channels")
    return graph.add("Softmax", x, axis=1)


def _activated(graph: Graph, layer: Any, x: str, _: Any = None) -> str:
    name = getattr(layer.activation, "__name__", str(layer.activation))
    if name == "linear":
        return x
    if name == "softmax":
        return graph.add("Softmax", x, axis=1)
    if name == "leaky_relu":
        return graph.add("LeakyRelu", x, alpha=0.2)
    if name == "elu":
        return graph.add("Elu", x, alpha=1.0)
    operators = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softplus": "Softplus", "softsign": "Softsign"}
    if name not in operators:
        raise refusal(layer, f"the activation {name!r} has no translation")
    return graph.add(operators[name], x)


_LAYERS: dict[str, Callable[[Graph, Any, str, Any], str]] = {
    "Conv2D": _convolution, "DepthwiseConv2D": _convolution, "Conv2DTranspose": _transposed, "Dense": _dense,
    "BatchNormalization": _normalisation, "Affine": _affine, "MaxPooling2D": _pool, "AveragePooling2D": _pool,
    "GlobalAveragePooling2D": _global_pool, "GlobalMaxPooling2D": _global_pool, "Reshape": _reshape,
    "UpSampling2D": _enlarge, "Double": _enlarge, "ZeroPadding2D": _pad, "ReflectPad": _mirror,
    "Cropping2D": _crop, "ReLU": _relu, "LeakyReLU": _leaky, "ELU": _elu, "PReLU": _prelu, "Softmax": _softmax,
    "Activation": _activated,
    "Rescaling": _affine, "PixelShuffle": _shuffle, "InstanceNorm": _instance_norm,
    "PlainConv2D": _convolution, "Columns": _columns, "Shift": _shift,
    **dict.fromkeys(_REWRITTEN, _rewritten),
}  # fmt: skip


def _turned_in(graph: Graph, name: str, rank: int) -> str:
    return graph.add("Transpose", name, perm=[0, 3, 1, 2]) if rank == 4 else name


def _write_output(graph: Graph, name: str, output: str, rank: int) -> None:
    made = graph.add("Transpose", name, perm=[0, 2, 3, 1]) if rank == 4 else name
    graph.add_as(output, "Identity", made)
