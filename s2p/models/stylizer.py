"""One network, many painting styles (Dumoulin, Shlens and Kudlur 2017, arXiv:1610.07629; there network T).

All convolutions are shared; a style is one scale and one offset for every feature map behind them. Those of all styles
are the rows of two tables in every layer, so that a row can be added, taken out or moved without anything else
(`s2p.style_rows`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from s2p.nn.blocks import ReflectPad
from s2p.nn.resnext import InstanceNorm
from s2p.nn.rewritten import DoubledConv2D, Row, SquaresConv2D
from s2p.style_rows import BLOCKS, CONTRACT, EXPAND

NAME = "stylizer"
MULTIPLE = 4
WIDTHS = {"turbo": 0.5, "light": 0.25, "official": 1.0}
_CONTRACT = ((32, 9, 1), (64, 3, 2), (128, 3, 2))  # channels at width 1, kernel, stride
_EXPAND = (64, 32)  # channels at width 1
# Deviation of convolutions before training. The norm behind each takes its scale away, so it only says how fast they
# turn beside the rows of the styles, which with the paper's 0.01 hardly move in as many steps as a CPU has time for.
_START = 0.2


def stylizer(*, variant: str = "turbo", styles: int | Sequence[str] = 1) -> keras.Model:
    """Turns a picture into a painting in one of its styles, or in a mixture of them.

    Padding mirrors, enlarging repeats: the paper's two remedies for borders and checkerboards.

    Args:
        variant: `turbo` with half of the paper's channels, `light` with a quarter, `official` with all of them.
        styles: number of styles, at least 1, or their names.

    Inputs:  picture `float32[B, H, W, 3]`, RGB in [0, 1], H and W multiples of 4 and at least 8; share of every style
             `float32[B, styles]`, which sum to 1.
    Returns: model whose output is `float32[B, H, W, 3]`, RGB in [0, 1].

    Example:
        >>> stylizer(variant="light", styles=2).count_params() == 107_568 + 2 * 806
        True
    """
    width, styles = WIDTHS[variant], styles if isinstance(styles, int) else len(styles)
    picture, style = keras.Input((None, None, 3), name="picture"), keras.Input((styles,), name="style")
    x = picture
    for name, (channels, kernel, stride) in zip(CONTRACT, _CONTRACT):
        x = _layer(x, style, int(width * channels), kernel=kernel, stride=stride, name=name)
    for i in range(1, BLOCKS + 1):
        channels = x.shape[-1]
        y = _layer(x, style, channels, name=f"residual{i}_a")
        y = _layer(y, style, channels, name=f"residual{i}_b", activation="linear")
        x = layers.Add(name=f"residual{i}")([x, y])
    for name, channels in zip(EXPAND, _EXPAND):
        convolution = DoubledConv2D(int(width * channels), use_bias=False, name=name, kernel_initializer=_normal())
        x = _normed(convolution(x), style, name=name)
    x = ReflectPad(4, name=f"{EXPAND[-1]}_pad")(x)
    x = SquaresConv2D(3, 9, use_bias=False, name=EXPAND[-1], kernel_initializer=_normal())(x)
    return keras.Model([picture, style], _normed(x, style, name=EXPAND[-1], activation="sigmoid"), name=NAME)


def _layer(
    x: Any, style: Any, channels: int, *, name: str, kernel: int = 3, stride: int = 1, activation: str = "relu"
) -> Any:
    """Mirrored border, convolution without bias, and what follows it."""
    x = ReflectPad(kernel // 2, name=f"{name}_pad")(x)
    x = layers.Conv2D(channels, kernel, strides=stride, use_bias=False, name=name, kernel_initializer=_normal())(x)
    return _normed(x, style, name=name, activation=activation)


def _normed(x: Any, style: Any, *, name: str, activation: str = "relu") -> Any:
    """Every map normalised, then scale and offset of the style."""
    channels, x = x.shape[-1], InstanceNorm(name=f"{name}_norm")(x)
    for what, start, merge in (("scale", "ones", layers.Multiply), ("offset", "zeros", layers.Add)):
        row = Row(channels, use_bias=False, kernel_initializer=start, name=f"{name}_{what}")(style)
        x = merge(name=f"{name}_{what}d" if what == "scale" else f"{name}_moved")([x, row])
    return layers.Activation(activation, name=f"{name}_{activation}")(x)


def _normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=_START)


build = stylizer
