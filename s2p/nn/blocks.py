"""Convolution blocks that all image networks here are made of.

No normalisation layers: on small batches and free sizes they cost quality and time; residual branches that start at
zero keep the training stable instead (Fixup, Zhang et al. 2019, arXiv:1901.09321, without its scalars).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

SLOPE = 0.1


def conv(x: Any, filters: int, *, name: str, kernel: int = 3, stride: int = 1, active: bool = True) -> Any:
    """A "same" convolution, followed by a leaky rectifier unless `active` is False."""
    x = layers.Conv2D(
        filters, kernel, strides=stride, padding="same", kernel_initializer="he_normal", name=name
    )(x)
    return layers.LeakyReLU(negative_slope=SLOPE, name=f"{name}_relu")(x) if active else x


def normed_conv(
    x: Any, filters: int, *, name: str, kernel: int = 3, stride: int = 1, active: bool = True, is_branch: bool = False
) -> Any:
    """A "same" convolution with batch normalisation, followed by a rectifier unless `active` is False.

    Args:
        is_branch: the last one of a residual branch, which starts at zero.
    """
    x = layers.Conv2D(
        filters, kernel, strides=stride, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)
    gamma = "zeros" if is_branch else "ones"
    x = layers.BatchNormalization(momentum=0.98, gamma_initializer=gamma, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if active else x


def residual(x: Any, *, name: str, convolutions: int = 2) -> Any:
    """`x + f(x)` at constant width; the last convolution starts at zero. One convolution makes a light block."""
    filters = x.shape[-1]
    y = x
    for i in range(1, convolutions):
        y = conv(y, filters, name=f"{name}_conv{i}")
    y = layers.Conv2D(
        filters, 3, padding="same", kernel_initializer="zeros" if convolutions > 1 else "he_normal",
        name=f"{name}_conv{convolutions}",
    )(y)
    y = layers.Add(name=f"{name}_add")([x, y])
    return layers.LeakyReLU(negative_slope=SLOPE, name=f"{name}_relu")(y)


def upsample(x: Any, filters: int, *, name: str) -> Any:
    """Doubles height and width: a 3x3 convolution at the small size, then nearest neighbours."""
    return layers.UpSampling2D(2, interpolation="nearest", name=f"{name}_double")(conv(x, filters, name=name))


def clip01(x: Any, *, name: str) -> Any:
    """`clip(x, 0, 1)` as a layer, which an export for Keras 2.1 can express."""
    return layers.ReLU(max_value=1.0, name=name)(x)


@keras.saving.register_keras_serializable(package="s2p")
class Double(layers.Layer):
    """Doubles height and width, bilinear at pixel centres, borders repeated.

    `UpSampling2D(interpolation="bilinear")` gives the same numbers, but not in a graph whose sizes are free.
    """

    # What converters ask an `UpSampling2D` for.
    size, interpolation, data_format = (2, 2), "bilinear", "channels_last"

    def call(self, inputs: Any) -> Any:
        from keras import ops

        x = inputs
        for axis in (1, 2):
            x = ops.repeat(x, 2, axis=axis)
            before, after = (slice(None, 1), slice(-1, None))
            cut = [slice(None)] * axis
            near = [ops.concatenate([x[(*cut, before)], x[(*cut, slice(None, -1))]], axis=axis),
                    ops.concatenate([x[(*cut, slice(1, None))], x[(*cut, after)]], axis=axis)]
            x = 0.5 * x + 0.25 * (near[0] + near[1])
        return x

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        return (batch, None if height is None else 2 * height, None if width is None else 2 * width, channels)


@keras.saving.register_keras_serializable(package="s2p")
class ReflectPad(layers.Layer):
    """Mirrors pictures at their border without repeating the pixel at the edge; heights and widths must exceed `size`.

    Args:
        size: int. Pixels on every side.
    """

    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size

    def call(self, inputs: Any) -> Any:
        from keras import ops

        around = (self.size, self.size)
        return ops.pad(inputs, ((0, 0), around, around, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, *edges, channels = input_shape
        return (batch, *(None if edge is None else edge + 2 * self.size for edge in edges), channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable(package="s2p")
class Window(layers.Layer):
    """Cuts one square out of all maps of a batch, at a corner that is an input (`int32[B, 2]`: row, column).

    The first sample's corner serves all.

    Args:
        size: int. Edge of the square.
    """

    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size

    def call(self, inputs: Any) -> Any:
        from keras import ops

        maps, corner = inputs
        corner = ops.cast(corner, "int32")
        for axis in (1, 2):
            maps = ops.take(maps, corner[0, axis - 1] + ops.arange(self.size, dtype="int32"), axis=axis)
        return maps

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        maps, _ = input_shape
        return (maps[0], self.size, self.size, maps[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable(package="s2p")
class Affine(layers.Layer):
    """`x * scale + offset` with fixed numbers.

    Args:
        scale, offset: floats, or lists with one number per channel.
    """

    def __init__(self, scale: Any = 1.0, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def call(self, inputs: Any) -> Any:
        from keras import ops

        scale = ops.convert_to_tensor(self.scale, dtype=inputs.dtype)
        offset = ops.convert_to_tensor(self.offset, dtype=inputs.dtype)
        return inputs * scale + offset

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale, "offset": self.offset}
