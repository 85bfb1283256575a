"""The network that names the parts of a drawing (`s2p.parts` asks it and reads its answer)."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from s2p.nn.blocks import normed_conv
from s2p.parts import NAMES

NAME = "parts"
_WIDTHS, _BLOCKS, _BOTTOM = (24, 48, 80, 128, 160), (1, 2, 3, 4), 4


def parts_network(*, variant: str = "turbo", sees_color: bool = False) -> keras.Model:
    """Says what every cell of a drawing shows, or of a picture.

    A U-Net of residual blocks with batch normalisation, which on this task learned several times faster than the blocks
    without of the other networks. At its deepest level every place is told the mean of all: a lone curve may be hair
    or a hill.

    Args:
        variant: read by nobody: there is one.
        sees_color: the teacher's graph (`s2p.train.teacher`), which is told the colours beside the lines.

    Inputs:  ink `float32[B, H, W, 1]` in [0, 1], 1 = line; H and W are multiples of 64, the short edge about 256. With
             colour `float32[B, H, W, 4]`, ink and RGB in [0, 1].
    Returns: model whose output is `float32[B, H / 4, W / 4, len(NAMES)]`, logits.

    Example:
        >>> parts_network().count_params() < 4_800_000
        True
    """
    ink = keras.Input((None, None, 4 if sees_color else 1), name="ink")
    x = normed_conv(ink, 24, kernel=4, stride=2, name="stem1")
    x = normed_conv(x, _WIDTHS[0], kernel=4, stride=2, name="stem2")
    skips = []
    for level, width in enumerate(_WIDTHS):
        if level:
            x = normed_conv(x, width, stride=2, name=f"down{level}")
        if level < len(_BLOCKS):
            for block in range(_BLOCKS[level]):
                x = _residual(x, name=f"enc{level}_{block}")
            skips.append(x)
    for block in range(_BOTTOM):
        x = _residual(_scene(x, name=f"scene{block}"), name=f"bottom{block}")
    for level in reversed(range(len(_BLOCKS))):
        x = layers.UpSampling2D(2, interpolation="nearest", name=f"up{level}")(
            normed_conv(x, _WIDTHS[level], name=f"lift{level}")
        )
        x = _residual(layers.Add(name=f"skip{level}")([x, skips[level]]), name=f"dec{level}")
    return keras.Model(ink, layers.Conv2D(len(NAMES), 1, name="logits")(x), name=NAME)


def _residual(x: Any, *, name: str) -> Any:
    width = x.shape[-1]
    y = normed_conv(x, width, name=f"{name}_conv1")
    y = normed_conv(y, width, name=f"{name}_conv2", active=False, is_branch=True)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _scene(x: Any, *, name: str) -> Any:
    width = x.shape[-1]
    mean = layers.GlobalAveragePooling2D(name=name)(x)
    shift = layers.Dense(width, kernel_initializer="zeros", name=f"{name}_shift")(mean)
    return layers.Add(name=f"{name}_add")([x, layers.Reshape((1, 1, width), name=f"{name}_map")(shift)])


build = parts_network
