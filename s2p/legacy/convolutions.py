"""Convolutions of Keras 2: plain, transposed, separable, depthwise, and with weights of their own at every place."""

from __future__ import annotations

from typing import Any

import keras

from s2p.legacy import formulas
from s2p.legacy.kind import Kind, Shapes, bias
from s2p.legacy.options import Options


def windows(options: Options, rank: int, *, paddings: tuple[str, ...] = ("valid", "same")) -> dict[str, Any]:
    options.channels_last()
    return {
        "kernel_size": options.wholes("kernel_size", rank),
        "strides": options.wholes("strides", rank, 1),
        "padding": options.word("padding", "valid", paddings),
        "activation": options.activation(),
        "use_bias": options.flag("use_bias", True),
    }


def convolution(rank: int) -> Kind:
    layer = {1: keras.layers.Conv1D, 2: keras.layers.Conv2D, 3: keras.layers.Conv3D}[rank]

    def build(options: Options, **common: Any) -> Any:
        settings = windows(options, rank, paddings=("valid", "same", "causal") if rank == 1 else ("valid", "same"))
        settings["dilation_rate"] = options.wholes("dilation_rate", rank, 1)
        groups = options.whole("groups", 1)
        return layer(options.whole("filters"), groups=groups, kernel_initializer="zeros", **settings, **common)

    def weights(options: Options, shape: tuple) -> Shapes:
        filters = options.whole("filters")
        inside = shape[-1] // options.whole("groups", 1)
        return {"kernel": (*options.wholes("kernel_size", rank), inside, filters), **bias(options, filters)}

    return Kind(build, weights, flipped=("kernel",))


def transposed(rank: int) -> Kind:
    layer = {2: keras.layers.Conv2DTranspose, 3: keras.layers.Conv3DTranspose}[rank]

    def build(options: Options, **common: Any) -> Any:
        options.absent("output_padding")
        if any(step != 1 for step in options.wholes("dilation_rate", rank, 1)):
            raise options.fail("a dilated transposed convolution is not supported.")
        return layer(options.whole("filters"), kernel_initializer="zeros", **windows(options, rank), **common)

    def weights(options: Options, shape: tuple) -> Shapes:
        filters = options.whole("filters")
        return {"kernel": (*options.wholes("kernel_size", rank), filters, shape[-1]), **bias(options, filters)}

    return Kind(build, weights, flipped=("kernel",) if rank == 2 else ())


def separable(rank: int) -> Kind:
    layer = {1: keras.layers.SeparableConv1D, 2: keras.layers.SeparableConv2D}[rank]

    def build(options: Options, **common: Any) -> Any:
        return layer(
            options.whole("filters"),
            depth_multiplier=options.whole("depth_multiplier", 1),
            dilation_rate=options.wholes("dilation_rate", rank, 1),
            depthwise_initializer="zeros",
            pointwise_initializer="zeros",
            **windows(options, rank),
            **common,
        )

    def weights(options: Options, shape: tuple) -> Shapes:
        filters, multiplier = options.whole("filters"), options.whole("depth_multiplier", 1)
        return {
            "depthwise_kernel": (*options.wholes("kernel_size", rank), shape[-1], multiplier),
            "pointwise_kernel": (*(1,) * rank, shape[-1] * multiplier, filters),
            **bias(options, filters),
        }

    return Kind(build, weights)


def depthwise_build(options: Options, **common: Any) -> Any:
    return keras.layers.DepthwiseConv2D(
        depth_multiplier=options.whole("depth_multiplier", 1),
        dilation_rate=options.wholes("dilation_rate", 2, 1),
        depthwise_initializer="zeros",
        **windows(options, 2),
        **common,
    )


def depthwise_weights(options: Options, shape: tuple) -> Shapes:
    multiplier = options.whole("depth_multiplier", 1)
    kernel = (*options.wholes("kernel_size", 2), shape[-1], multiplier)
    return {"depthwise_kernel": kernel, **bias(options, shape[-1] * multiplier)}


def local(rank: int) -> Kind:
    def sizes_and_steps(options: Options) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return options.wholes("kernel_size", rank), options.wholes("strides", rank, 1)

    def build(options: Options, **common: Any) -> Any:
        options.channels_last()
        options.word("padding", "valid", ("valid",))
        options.absent("implementation")
        return formulas.LocallyConnected(
            options.whole("filters"),
            *sizes_and_steps(options),
            use_bias=options.flag("use_bias", True),
            activation=options.activation(),
            **common,
        )

    def weights(options: Options, shape: tuple) -> Shapes:
        kernel, strides = sizes_and_steps(options)
        positions, filters = formulas.places(shape, kernel, strides), options.whole("filters")
        count, width = 1, shape[-1]
        for size, length in zip(positions, kernel):
            count, width = count * size, width * length
        bias = {"bias": (*positions, filters)} if options.flag("use_bias", True) else {}
        return {"kernel": (count, width, filters), **bias}

    return Kind(build, weights)
