"""Squeeze-and-excitation and ResNeXt bottlenecks, as Tag2Pix and its semantic network are made of them.

Squeeze-and-excitation is Hu et al. 2018 (arXiv:1709.01507), ResNeXt Xie et al. 2017 (arXiv:1611.05431), a gate that
also reads a condition (SECat) Kim et al. 2019 (arXiv:1908.05840). Normalisation, gate and what joins a convolution's
input are functions that a caller gives, so that one bottleneck serves all variants.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

Step = Callable[[Any, str], Any]  # features and a name prefix in, features out


def spread(*, fan: str = "fan_out") -> keras.initializers.Initializer:
    """He's normal initialisation, not cut off, which the networks of these papers begin with."""
    return keras.initializers.VarianceScaling(2.0, mode=fan, distribution="untruncated_normal")


def padded_conv(
    x: Any, filters: int, *, name: str, kernel: int = 3, stride: int = 1, groups: int = 1, bias: bool = False
) -> Any:
    """A convolution with the same padding on all sides, also where it halves, as PyTorch has it."""
    if stride > 1 and kernel > 1:
        x = layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)
    return layers.Conv2D(
        filters, kernel, strides=stride, groups=groups, use_bias=bias, kernel_initializer=spread(),
        padding="valid" if stride > 1 else "same", name=name,
    )(x)


def as_it_is(x: Any, name: str) -> Any:
    """The step that does nothing: no normalisation, no gate."""
    return x


def batch_norm(x: Any, name: str) -> Any:
    """Batch normalisation with PyTorch's numbers; it is always asked in inference mode but by the trainer."""
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)


def squeeze(*, reduction: int = 16, bias: bool = False, condition: Any = None) -> Step:
    """A gate: every channel is weighed by what the whole map is like and, for SECat, by a condition `float32[B, C]`."""

    def gate(x: Any, name: str) -> Any:
        width = x.shape[-1]
        seen = layers.GlobalAveragePooling2D(name=f"{name}_mean")(x)
        if condition is not None:
            seen = layers.Concatenate(name=f"{name}_told")([seen, condition])
        seen = layers.Dense(
            width // reduction, activation="relu", use_bias=bias, kernel_initializer=spread(fan="fan_in"),
            name=f"{name}_squeeze",
        )(seen)
        seen = layers.Dense(
            width, activation="sigmoid", use_bias=bias, kernel_initializer=spread(fan="fan_in"), name=f"{name}_excite"
        )(seen)
        weights = layers.Reshape((1, 1, width), name=f"{name}_weights")(seen)
        return layers.Multiply(name=f"{name}_gate")([x, weights])

    return gate


def bottleneck(
    x: Any, middle: int, *, name: str, groups: int = 16, expansion: int = 4, stride: int = 1, norm: Step = batch_norm,
    shortcut_norm: Step | None = None, gate: Step = as_it_is,
    told: tuple[Step, Step, Step] = (as_it_is, as_it_is, as_it_is),
    has_shortcut: bool = True,
) -> Any:
    """1x1, grouped 3x3 and widening 1x1 convolution, a gate, the shortcut, a rectifier.

    Args:
        x: `float32[B, H, W, C]`.
        middle: channels inside; `expansion` times as many come out.
        groups: of the 3x3 convolution.
        stride: of the 3x3 convolution and of the shortcut.
        norm, shortcut_norm: after every convolution and on the shortcut; the same for None.
        gate: on the last features.
        told: what joins the input of each of the three convolutions.
        has_shortcut: whether it is residual at all.
    """
    width = middle * expansion
    y = padded_conv(told[0](x, f"{name}_told1"), middle, kernel=1, name=f"{name}_conv1")
    y = layers.ReLU(name=f"{name}_relu1")(norm(y, f"{name}_conv1"))
    y = padded_conv(told[1](y, f"{name}_told2"), middle, stride=stride, groups=groups, name=f"{name}_conv2")
    y = layers.ReLU(name=f"{name}_relu2")(norm(y, f"{name}_conv2"))
    y = padded_conv(told[2](y, f"{name}_told3"), width, kernel=1, name=f"{name}_conv3")
    y = gate(norm(y, f"{name}_conv3"), name)
    if has_shortcut:
        if x.shape[-1] != width or stride > 1:
            x = padded_conv(x, width, kernel=1, stride=stride, name=f"{name}_short")
            x = (shortcut_norm or norm)(x, f"{name}_short")
        y = layers.Add(name=f"{name}_add")([y, x])
    return layers.ReLU(name=f"{name}_relu")(y)


@keras.saving.register_keras_serializable(package="s2p")
class Spread(layers.Layer):
    """A vector beside the features of every place: `[float32[B, H, W, C], float32[B, V]]` to `[B, H, W, C + V]`."""

    def call(self, inputs: Any) -> Any:
        from keras import ops

        maps, vector = inputs
        return ops.concatenate([maps, ops.zeros_like(maps[..., :1]) + vector[:, None, None, :]], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        maps, vector = input_shape
        return (*maps[:-1], maps[-1] + vector[-1])


@keras.saving.register_keras_serializable(package="s2p")
class PixelShuffle(layers.Layer):
    """Doubles height and width, with a quarter of the channels (Shi et al. 2016, arXiv:1609.05158).

    Channel `(row * 2 + column) * C + c` becomes channel `c` of the pixel at `row`, `column` (TensorFlow's order).
    """

    def call(self, inputs: Any) -> Any:
        from keras import ops

        batch, height, width = (ops.shape(inputs)[axis] for axis in range(3))
        channels = inputs.shape[-1] // 4
        x = ops.reshape(inputs, (batch, height, width, 2, 2, channels))
        return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (batch, 2 * height, 2 * width, channels))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        return (batch, None if height is None else 2 * height, None if width is None else 2 * width, channels // 4)


@keras.saving.register_keras_serializable(package="s2p")
class InstanceNorm(layers.Layer):
    """Every channel of every picture by itself to mean 0 and deviation 1 (Ulyanov et al. 2016, arXiv:1607.08022)."""

    epsilon = 1e-5

    def call(self, inputs: Any) -> Any:
        from keras import ops

        mean, variance = ops.moments(inputs, axes=[1, 2], keepdims=True)
        return (inputs - mean) * ops.rsqrt(variance + self.epsilon)


def adaptive_norm(condition: Any) -> Step:
    """AdaIN driven by a condition `float32[B, C]` (Karras et al. 2019, arXiv:1812.04948): scale and offset per channel.

    The dense layer of the paper learns at an equalised rate, its kernel multiplied by `sqrt(2 / C)`.
    """

    def norm(x: Any, name: str) -> Any:
        width = x.shape[-1]
        told = layers.Rescaling((2.0 / condition.shape[-1]) ** 0.5, name=f"{name}_rate")(condition)
        x = InstanceNorm(name=f"{name}_norm")(x)
        for what, start in (("scale", "ones"), ("offset", "zeros")):
            value = layers.Dense(
                width, kernel_initializer=keras.initializers.RandomNormal(stddev=1.0), bias_initializer=start,
                name=f"{name}_{what}",
            )(told)
            value = layers.Reshape((1, 1, width), name=f"{name}_{what}_map")(value)
            kind = layers.Multiply if what == "scale" else layers.Add
            x = kind(name=f"{name}_{what}d")([x, value])
        return x

    return norm
