"""The line extractor: from a picture to the lines that an artist would have drawn first.

`turbo` is ours: it takes the whole RGB picture and is small enough for one core. `official` repeats sketchKeras's
graph, which sees the high-pass of one colour channel at a time; users' own `.h5` files of it go through `s2p.legacy`
and come out with the same contract. `s2p.pipelines.lines` wraps both for pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from s2p.nn.blocks import conv
from s2p.nn.unet import UNetPlan, unet

NAME = "line_extractor"
MULTIPLE = 16  # of height and width, for both sizes
_PLAN = UNetPlan(widths=(16, 24, 40, 56), encoder=(1, 2, 2), decoder=(1, 1, 2), bottom=2)


def line_extractor(*, variant: str = "turbo") -> keras.Model:
    """Draws the lines of a picture.

    Args:
        variant: `turbo` or `official`.

    Input:   turbo: picture `float32[B, H, W, 3]`, RGB in [0, 1]. official: `float32[B, H, W, 1]`, one channel's
             high-pass over its largest value, at most 1. H and W are multiples of 16.
    Returns: model whose output is `float32[B, H, W, 1]`: ink, 1 = line; turbo in [0, 1], official about [0, 1].

    Example:
        >>> line_extractor().count_params() < 300_000
        True
    """
    return _official() if variant == "official" else _turbo()


build = line_extractor


def _turbo() -> keras.Model:
    picture = keras.Input((None, None, 3), name="picture")
    # All features live at half size: a row of full-size features would cost more than the whole trunk.
    x = conv(picture, _PLAN.widths[0], kernel=6, stride=2, name="stem")
    x = unet(x, _PLAN)[0]
    x = layers.Conv2DTranspose(1, 6, strides=2, padding="same", kernel_initializer="he_normal", name="ink")(x)
    return keras.Model(picture, layers.Activation("sigmoid", dtype="float32", name="lines")(x), name=NAME)


def _official() -> keras.Model:
    high_pass = keras.Input((None, None, 1), name="high_pass")
    down = [_block(high_pass, 32, name="d1")]
    for level, (filters, kernels) in enumerate([(64, 2), (128, 2), (256, 2), (512, 1)], start=2):
        x = _block(down[-1], filters, kernel=4, stride=2, name=f"d{level}a")
        down.append(_block(x, filters, name=f"d{level}b") if kernels == 2 else x)
    x = _block(down[-1], 512, name="d6")
    skips: Sequence[Any] = down[::-1]
    for level, (wide, narrow) in enumerate([(512, 256), (256, 128), (128, 64), (64, 32)], start=1):
        x = layers.Concatenate(name=f"u{level}_in")([skips[level - 1], x])
        x = layers.UpSampling2D(2, interpolation="nearest", name=f"u{level}_double")(x)
        x = _block(x, wide, kernel=4, pad=((1, 2), (1, 2)), name=f"u{level}a")
        x = _block(x, narrow, name=f"u{level}b")
    x = layers.Concatenate(name="out_in")([down[0], x])
    ink = layers.Conv2D(1, 3, name="out")(ReflectPadding2D(name="out_pad")(x))
    return keras.Model(high_pass, ink, name=NAME)


def _block(
    x: Any, filters: int, *, name: str, kernel: int = 3, stride: int = 1,
    pad: tuple[tuple[int, int], tuple[int, int]] = ((1, 1), (1, 1)),
) -> Any:
    x = ReflectPadding2D(pad, name=f"{name}_pad")(x)
    x = layers.Conv2D(filters, kernel, strides=stride, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


@keras.saving.register_keras_serializable(package="s2p")
class ReflectPadding2D(layers.Layer):
    """Mirrors a picture at its border, the border row itself not repeated.

    Args:
        padding: `((top, bottom), (left, right))` in pixels.
    """

    def __init__(self, padding: Sequence[Sequence[int]] = ((1, 1), (1, 1)), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = tuple(tuple(pair) for pair in padding)

    def call(self, inputs: Any) -> Any:
        from keras import ops

        return ops.pad(inputs, ((0, 0), *self.padding, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        batch, height, width, channels = input_shape
        return (
            batch, None if height is None else height + sum(self.padding[0]),
            None if width is None else width + sum(self.padding[1]), channels,
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding}
