"""Networks that draw strokes: a row of numbers goes in, what the vector engine draws of it comes out, with gradients.

The five of "Stylized Neural Painting" (Zou and others, CVPR 2021, https://arxiv.org/abs/2011.08114). A shading net
makes colours, the generator of DCGAN; a rasterisation net makes shapes, the renderer of "Learning to Paint" (Huang and
others, ICCV 2019, https://arxiv.org/abs/1903.04411); the fusion nets are both. A variant is a kind of stroke
(`s2p.strokes.layouts`), on which only the number of inputs depends.

Transposed convolutions are written as ordinary ones at the small size, whose outputs are four pixels each (`enlarged`):
the same parameters and numbers. A stroke and its gradient take the light net 4.8 ms so on a CPU with oneDNN, 3.0 with
`Conv2DTranspose`, 4.3 with `Conv2D` in place of `PlainConv2D`; without oneDNN 5.2, 6.0 and 22.2 ms. So where oneDNN is
on it costs time, and where it is off it saves some.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from s2p.nn.plain_conv import PlainConv2D
from s2p.nn.resnext import PixelShuffle

# Numbers of a stroke's shape, and of all of it.
COLUMNS = {"oilpaintbrush": (5, 12), "watercolor": (8, 15), "markerpen": (8, 12), "rectangle": (5, 9)}
# Pixels of a side of what a network draws.
SIDES = {"zou-fusion-net": 128, "zou-fusion-net-light": 32, "plain-dcgan": 128, "huang-net": 128, "plain-unet": 128}
_DEVIATION = 0.02  # of fresh kernels
_UNET = (64, 128, 256, 512, 512, 512, 512)  # channels, from 64 px down to 1


def zou_fusion_net(*, variant: str) -> keras.Model:
    """Shape and colour by a network each, 128 px.

    Inputs:  strokes `float32[B, d]` in [0, 1], d numbers of a kind of stroke (`s2p.strokes.layouts`).
    Returns: model whose outputs are foreground `float32[B, S, S, 3]`, RGB times what a stroke covers, and alpha
             `float32[B, S, S, 3]`, three times the same; neither is clipped. S is 128, of the light net 32.
    """
    return _fused("zou-fusion-net", variant)


def zou_fusion_net_light(*, variant: str) -> keras.Model:
    """Shape and colour by a network each, 32 px; tensors as of `zou_fusion_net`.

    Example:
        >>> zou_fusion_net_light(variant="oilpaintbrush").output_shape
        [(None, 32, 32, 3), (None, 32, 32, 3)]
    """
    return _fused("zou-fusion-net-light", variant)


def plain_dcgan(*, variant: str) -> keras.Model:
    """The shading net alone; tensors as of `zou_fusion_net`."""
    strokes = _strokes(variant)
    return _split("plain-dcgan", strokes, shading(strokes, side=128))


def huang_net(*, variant: str) -> keras.Model:
    """The rasterisation net alone, told everything; tensors as of `zou_fusion_net`."""
    strokes = _strokes(variant)
    return _split("huang-net", strokes, rasterisation(strokes, side=128, channels=6))


def plain_unet(*, variant: str) -> keras.Model:
    """The U-Net of pix2pix (Isola and others, CVPR 2017) on maps of one number each; tensors as of `zou_fusion_net`."""
    strokes = _strokes(variant)
    x = layers.Reshape((1, 1, strokes.shape[-1]), name="place")(strokes)
    x = layers.UpSampling2D(128, interpolation="nearest", name="tile")(x)
    downs: list[Any] = []
    for level, filters in enumerate(_UNET):
        if level:
            x = layers.LeakyReLU(negative_slope=0.2, name=f"down{level}_relu")(x)
        x = layers.ZeroPadding2D(1, name=f"down{level}_pad")(x)
        x = layers.Conv2D(
            filters, 4, strides=2, use_bias=False, kernel_initializer=_normal(), name=f"down{level}"
        )(x)
        if 0 < level < len(_UNET) - 1:
            x = _norm(x, name=f"down{level}_norm")
        downs.append(x)
    for level in reversed(range(len(_UNET))):
        x = layers.ReLU(name=f"up{level}_relu")(x)
        x = enlarged(x, _UNET[level - 1] if level else 6, name=f"up{level}", use_bias=not level)
        if level:
            x = layers.Concatenate(name=f"up{level}_skip")([downs[level - 1], _norm(x, name=f"up{level}_norm")])
    return _split("plain-unet", strokes, x)


# The two nets ---------------------------------------------------------------------------------------------------------


def shading(strokes: Any, *, side: int) -> Any:
    """Six maps of whole strokes, `float32[B, side, side, 6]`; side is 32 or 128."""
    widths = (512, 256, 128) if side == 32 else (512, 512, 256, 128, 64)
    x = layers.Dense(4 * 4 * widths[0], use_bias=False, kernel_initializer=_normal(), name="shade0")(strokes)
    x = layers.Reshape((4, 4, widths[0]), name="shade0_map")(x)
    for number, filters in enumerate((*widths[1:], 6), start=1):
        x = layers.ReLU(name=f"shade{number}_relu")(_norm(x, name=f"shade{number}_norm"))
        x = enlarged(x, filters, name=f"shade{number}")
    return x


def rasterisation(shape: Any, *, side: int, channels: int = 3) -> Any:
    """What strokes cover, of their shapes: `float32[B, side, side, channels]`; side is 32 or 128."""
    widths = (512, 1024, 2048) if side == 32 else (512, 1024, 2048, 4096)
    filters = ((64,),) if side == 32 else ((32, 32), (16, 16), (8,))
    x = shape
    for number, width in enumerate(widths):
        x = layers.Dense(width, activation="relu", kernel_initializer=_normal(), name=f"raster_dense{number}")(x)
    x = layers.Reshape((16, 16, widths[-1] // 256), name="raster_map")(x)
    for step, (first, *last) in enumerate(filters):
        x = PlainConv2D(first, 3, padding="same", kernel_initializer=_normal(), name=f"raster_conv{step}")(x)
        x = layers.ReLU(name=f"raster_conv{step}_relu")(x)
        wide = last[0] if last else 4 * channels
        x = PlainConv2D(wide, 3, padding="same", kernel_initializer=_normal(), name=f"raster_wide{step}")(x)
        x = PixelShuffle(name=f"raster_shuffle{step}")(x)
    return x


def enlarged(x: Any, filters: int, *, name: str, use_bias: bool = False) -> Any:
    """A transposed convolution, 4x4, stride 2, "same": every output pixel sees 2x2 inputs, four of them the same ones.

    So it is a convolution of 2x2 on a border of zeros, whose channels are the pixels, and whose outermost row is cut.
    """
    x = layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
    x = PlainConv2D(4 * filters, 2, use_bias=False, kernel_initializer=_normal(), name=name)(x)
    x = layers.Cropping2D(1, name=f"{name}_crop")(PixelShuffle(name=f"{name}_shuffle")(x))
    return Shift(name=f"{name}_bias")(x) if use_bias else x


def enlarging_kernel(kernel: Any) -> Any:
    """The kernel `[2, 2, C, 4 F]` of `enlarged` that does what a transposed convolution does with `[4, 4, F, C]`."""
    import numpy as np

    kernel = np.asarray(kernel)
    made = np.empty((2, 2, kernel.shape[3], 2, 2, kernel.shape[2]), kernel.dtype)
    for row in range(2):
        for column in range(2):
            part = kernel[row::2, column::2][::-1, ::-1]
            made[:, :, :, row, column] = part.transpose(0, 1, 3, 2)
    return made.reshape(2, 2, kernel.shape[3], -1)


@keras.saving.register_keras_serializable(package="s2p")
class Shift(layers.Layer):
    """Adds one learned number to every channel."""

    def build(self, input_shape: Any) -> None:
        self.bias = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        return inputs + self.bias


@keras.saving.register_keras_serializable(package="s2p")
class Columns(layers.Layer):
    """Some neighbouring channels of pictures or vectors.

    Args:
        start, stop: int. The first, and the one after the last.
    """

    def __init__(self, start: int, stop: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start, self.stop = start, stop

    def call(self, inputs: Any) -> Any:
        return inputs[..., self.start : self.stop]

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (*input_shape[:-1], self.stop - self.start)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "start": self.start, "stop": self.stop}


def _fused(name: str, variant: str) -> keras.Model:
    strokes = _strokes(variant)
    side, (shape, size) = SIDES[name], COLUMNS[variant]
    mask = rasterisation(Columns(0, shape, name="shape")(strokes), side=side)
    color = Columns(0, 3, name="color")(shading(strokes, side=side))  # the other three are thrown away
    foreground = layers.Multiply(name="foreground")([color, mask])
    if variant == "oilpaintbrush":  # whose alpha is stored and not used
        return keras.Model(strokes, [foreground, mask], name=name)
    strength = layers.Reshape((1, 1, 1), name="strength")(Columns(size - 1, size, name="last")(strokes))
    return keras.Model(strokes, [foreground, layers.Multiply(name="alpha")([mask, strength])], name=name)


def _split(name: str, strokes: Any, maps: Any) -> keras.Model:
    outputs = [Columns(0, 3, name="foreground")(maps), Columns(3, 6, name="alpha")(maps)]
    return keras.Model(strokes, outputs, name=name)


def _strokes(variant: str) -> Any:
    return keras.Input((COLUMNS[variant][1],), name="strokes")


def _norm(x: Any, *, name: str) -> Any:
    return layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, name=name, gamma_initializer=keras.initializers.RandomNormal(1.0, _DEVIATION)
    )(x)


def _normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(0.0, _DEVIATION)
