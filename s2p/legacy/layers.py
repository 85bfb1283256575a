"""The table of Keras 2 layer classes: how each is rebuilt, and which weights it must find in the file.

A class that is not in the table is refused by name. Weight shapes are computed before a layer is built, so that a
description that does not fit its weights never allocates anything.
"""

from __future__ import annotations

from typing import Any

import keras

from s2p.legacy import formulas
from s2p.legacy.convolutions import (
    convolution,
    depthwise_build,
    depthwise_weights,
    local,
    separable,
    transposed,
)
from s2p.legacy.kind import Kind, Shapes, bias
from s2p.legacy.options import Options
from s2p.legacy.recurrent import RECURRENT, conv_lstm_build, conv_lstm_weights, recurrent

__all__ = ["KINDS", "RECURRENT", "WHY_REFUSED", "Kind", "Shapes"]


# --- dense, normalization, activations with weights --------------------------------------------------------------


def _dense_build(options: Options, **common: Any) -> Any:
    return keras.layers.Dense(
        options.whole("units"),
        activation=options.activation(),
        use_bias=options.flag("use_bias", True),
        kernel_initializer="zeros",
        **common,
    )


def _dense_weights(options: Options, shape: tuple) -> Shapes:
    units = options.whole("units")
    return {"kernel": (shape[-1], units), **bias(options, units)}


def _embedding_build(options: Options, **common: Any) -> Any:
    return keras.layers.Embedding(
        options.whole("input_dim"),
        options.whole("output_dim"),
        mask_zero=options.flag("mask_zero", False),
        embeddings_initializer="zeros",
        **common,
    )


def _embedding_weights(options: Options, shape: tuple) -> Shapes:
    return {"embeddings": (options.whole("input_dim"), options.whole("output_dim"))}


def _normalization_build(options: Options, **common: Any) -> Any:
    options.absent("renorm", "virtual_batch_size", "adjustment")
    return keras.layers.BatchNormalization(
        axis=options.axis(),
        momentum=options.number("momentum", 0.99),
        epsilon=options.number("epsilon", 1e-3),
        center=options.flag("center", True),
        scale=options.flag("scale", True),
        **common,
    )


def _normalization_weights(options: Options, shape: tuple) -> Shapes:
    names = [("gamma", options.flag("scale", True)), ("beta", options.flag("center", True))]
    used = [name for name, is_used in names if is_used]
    return {name: (shape[options.axis()],) for name in (*used, "moving_mean", "moving_variance")}


def _shared_axes(options: Options) -> list[int]:
    axes = options.values.get("shared_axes") or []
    if not isinstance(axes, list) or not all(isinstance(axis, int) and 1 <= axis <= 8 for axis in axes):
        raise options.fail("'shared_axes' must be a list of axes.")
    return axes


def _prelu_weights(options: Options, shape: tuple) -> Shapes:
    shared = _shared_axes(options)
    return {"alpha": tuple(1 if axis in shared else size for axis, size in enumerate(shape) if axis > 0)}


# --- layers without weights --------------------------------------------------------------------------------------


def _merge(layer: Any) -> Kind:
    return Kind(lambda options, **common: layer(**common), many=True)


def _dot_build(options: Options, **common: Any) -> Any:
    axes = options.values.get("axes")
    pair = [axes, axes] if isinstance(axes, int) else axes
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
        raise options.fail("'axes' must be one or two axes.")
    return keras.layers.Dot(axes=tuple(pair), normalize=options.flag("normalize", False), **common)


def _pooling(layer: Any, rank: int) -> Kind:
    def build(options: Options, **common: Any) -> Any:
        options.channels_last()
        sizes = options.wholes("pool_size", rank, 2)
        strides = sizes if options.values.get("strides") is None else options.wholes("strides", rank)
        padding = options.word("padding", "valid", ("valid", "same"))
        return layer(pool_size=sizes, strides=strides, padding=padding, **common)

    return Kind(build)


def _global_pooling(layer: Any) -> Kind:
    def build(options: Options, **common: Any) -> Any:
        options.channels_last()
        return layer(keepdims=options.flag("keepdims", False), **common)

    return Kind(build)


def _per_side(layer: Any, key: str, rank: int) -> Kind:
    def build(options: Options, **common: Any) -> Any:
        options.channels_last()
        return layer(options.pairs(key, rank), **common)

    return Kind(build)


def _enlarge_2d(options: Options, **common: Any) -> Any:
    options.channels_last()
    rows, columns = options.wholes("size", 2, 2)
    size = (rows, columns)
    how = options.word("interpolation", "nearest", ("nearest", "bilinear"))
    # Standalone Keras called TensorFlow 1's corner-anchored bilinear; tf.keras 1.14 and later samples at pixel centres.
    if how == "bilinear" and (not options.version.endswith("-tf") or options.version < "2.2"):
        return formulas.LegacyBilinear(size, **common)
    return keras.layers.UpSampling2D(size, interpolation=how, **common)


def _enlarge_3d(options: Options, **common: Any) -> Any:
    options.channels_last()
    return keras.layers.UpSampling3D(options.wholes("size", 3, 2), **common)


def _leaky_relu(options: Options, **common: Any) -> Any:
    key = "negative_slope" if "negative_slope" in options.values else "alpha"
    return keras.layers.LeakyReLU(negative_slope=options.number(key, 0.3), **common)


def _relu(options: Options, **common: Any) -> Any:
    top = None if options.values.get("max_value") is None else options.number("max_value")
    slope, threshold = options.number("negative_slope", 0.0), options.number("threshold", 0.0)
    return keras.layers.ReLU(max_value=top, negative_slope=slope, threshold=threshold, **common)


def _flatten(options: Options, **common: Any) -> Any:
    options.channels_last()
    return keras.layers.Flatten(**common)


def _numbers(options: Options, key: str, low: int) -> tuple[int, ...]:
    values = options.values.get(key)
    if not isinstance(values, list) or not values:
        raise options.fail(f"'{key}' must be a list of whole numbers.")
    return options.wholes(key, len(values), low=low)


def _noise(layer: Any, key: str) -> Kind:
    return Kind(lambda options, **common: layer(options.number(key, 0.0), **common))


def _same(options: Options, **common: Any) -> Any:
    return keras.layers.Identity(**common)


def _table() -> dict[str, Kind]:
    layers = keras.layers
    normalization = Kind(_normalization_build, _normalization_weights, frozen=("moving_mean", "moving_variance"))
    table = {
        "Dense": Kind(_dense_build, _dense_weights),
        "Conv1D": convolution(1),
        "Conv2D": convolution(2),
        "Conv3D": convolution(3),
        "Conv2DTranspose": transposed(2),
        "Conv3DTranspose": transposed(3),
        "SeparableConv1D": separable(1),
        "SeparableConv2D": separable(2),
        "DepthwiseConv2D": Kind(depthwise_build, depthwise_weights, renamed={"depthwise_kernel": "kernel"}),
        "LocallyConnected1D": local(1),
        "LocallyConnected2D": local(2),
        "Embedding": Kind(_embedding_build, _embedding_weights),
        "BatchNormalization": normalization,
        "BatchNormalizationV1": normalization,
        "BatchNormalizationV2": normalization,
        "PReLU": Kind(lambda o, **common: layers.PReLU(shared_axes=_shared_axes(o), **common), _prelu_weights),
        "LeakyReLU": Kind(_leaky_relu),
        "ReLU": Kind(_relu),
        "ELU": Kind(lambda o, **common: layers.ELU(o.number("alpha", 1.0), **common)),
        "ThresholdedReLU": Kind(lambda o, **common: formulas.ThresholdedReLU(o.number("theta", 1.0), **common)),
        "Softmax": Kind(lambda o, **common: layers.Softmax(o.axis(), **common)),
        "Activation": Kind(lambda o, **common: layers.Activation(o.activation(), **common)),
        "Add": _merge(layers.Add),
        "Subtract": _merge(layers.Subtract),
        "Multiply": _merge(layers.Multiply),
        "Average": _merge(layers.Average),
        "Maximum": _merge(layers.Maximum),
        "Minimum": _merge(layers.Minimum),
        "Concatenate": Kind(lambda o, **common: layers.Concatenate(axis=o.axis(), **common), many=True),
        "Dot": Kind(_dot_build, many=True),
        "UpSampling1D": Kind(lambda o, **common: layers.UpSampling1D(o.whole("size", 2), **common)),
        "UpSampling2D": Kind(_enlarge_2d),
        "UpSampling3D": Kind(_enlarge_3d),
        "Flatten": Kind(_flatten),
        "Reshape": Kind(lambda o, **common: layers.Reshape(_numbers(o, "target_shape", -1), **common)),
        "Permute": Kind(lambda o, **common: layers.Permute(_numbers(o, "dims", 1), **common)),
        "RepeatVector": Kind(lambda o, **common: layers.RepeatVector(o.whole("n"), **common)),
        "Masking": Kind(lambda o, **common: layers.Masking(o.number("mask_value", 0.0), **common)),
        "ActivityRegularization": Kind(_same),
        "Dropout": _noise(layers.Dropout, "rate"),
        "SpatialDropout1D": _noise(layers.SpatialDropout1D, "rate"),
        "SpatialDropout2D": _noise(layers.SpatialDropout2D, "rate"),
        "SpatialDropout3D": _noise(layers.SpatialDropout3D, "rate"),
        "AlphaDropout": _noise(layers.AlphaDropout, "rate"),
        "GaussianDropout": _noise(layers.GaussianDropout, "rate"),
        "GaussianNoise": _noise(layers.GaussianNoise, "stddev"),
        "SimpleRNN": recurrent(layers.SimpleRNN, 1),
        "GRU": recurrent(layers.GRU, 3),
        "LSTM": recurrent(layers.LSTM, 4),
        "ConvLSTM2D": Kind(conv_lstm_build, conv_lstm_weights, flipped=("kernel", "recurrent_kernel")),
    }
    for rank in (1, 2, 3):
        for word in ("Average", "Max"):
            table[f"{word}Pooling{rank}D"] = _pooling(getattr(layers, f"{word}Pooling{rank}D"), rank)
            name = f"Global{word}Pooling{rank}D"
            table[name] = _global_pooling(getattr(layers, name))
        table[f"ZeroPadding{rank}D"] = _per_side(getattr(layers, f"ZeroPadding{rank}D"), "padding", rank)
        table[f"Cropping{rank}D"] = _per_side(getattr(layers, f"Cropping{rank}D"), "cropping", rank)
    return table


KINDS: dict[str, Kind] = _table()

WHY_REFUSED = {
    "Lambda": "it holds program code, which is never run",
    "CuDNNGRU": "it exists only on NVIDIA cards",
    "CuDNNLSTM": "it exists only on NVIDIA cards",
    "RNN": "it is built around a cell of its own; the ready-made SimpleRNN, GRU, LSTM and ConvLSTM2D are read",
    "ConvRNN2D": "it is built around a cell of its own; ConvLSTM2D is read",
    "StackedRNNCells": "it is built around cells of its own",
    "TFOpLambda": "it stands for an arbitrary TensorFlow call",
    "SlicingOpLambda": "it stands for an arbitrary TensorFlow call",
    "TensorFlowOpLayer": "it stands for an arbitrary TensorFlow call",
    "Merge": "it is of Keras 1",
    "Highway": "it is of Keras 1",
    "MaxoutDense": "it is of Keras 1",
    "Recurrent": "it is of Keras 1",
    "ConvRecurrent2D": "it is of Keras 1",
}
