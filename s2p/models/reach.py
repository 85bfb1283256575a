"""The network that says how far a hint reaches (`s2p.reach` holds the arithmetic that makes colours of its answer).

It reads the lines at a short edge of about 512 px and works on a grid of a quarter of that. It sees where hints lie,
not their colours, and what the network `parts` says that the drawing shows.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from s2p import reach
from s2p.nn.blocks import conv, residual
from s2p.nn.unet import UNetPlan, unet
from s2p.parts import NAMES

NAME = "reach"
_PLAN = UNetPlan(widths=(40, 72, 112, 160, 192), encoder=(2, 2, 2, 2), decoder=(2, 1, 1, 1), bottom=3)


def reach_network(*, variant: str = "turbo", palette: np.ndarray | None = None) -> keras.Model:
    """Says of every cell of a drawing which hints it follows and what else it could be.

    Args:
        variant: read by nobody: there is one.
        palette: `float32[PALETTE, 3]`, Lab / 100, the colours that a cell can have without any hint.

    Inputs:  ink `float32[B, 4h, 4w, 1]` in [0, 1], 1 = line; planes `float32[B, h, w, 4]` of `s2p.reach.planes`;
             parts `float32[B, h, w, 12]`, how likely every cell shows each of `s2p.parts.NAMES`, all 0 where nobody
             knows; h and w are multiples of 16.
    Returns: model with two outputs: `float32[B, h, w, CHANNELS]` for the functions of `s2p.reach`; and the mean
             colour of the palette as likely as it is, `float32[B, h, w, 3]`, Lab / 100.

    Example:
        >>> reach_network().count_params() < 4_000_000
        True
    """
    palette = np.zeros((reach.PALETTE, 3), "float32") if palette is None else np.asarray(palette, "float32")
    ink = keras.Input((None, None, 1), name="ink")
    planes = keras.Input((None, None, reach.PLANES), name="planes")
    parts = keras.Input((None, None, len(NAMES)), name="parts")
    x = conv(ink, 20, kernel=4, stride=2, name="stem1")
    x = conv(x, _PLAN.widths[0] - reach.PLANES, kernel=4, stride=2, name="stem2")
    x = layers.Concatenate(name="inputs")([x, planes])
    # Starts as nothing, so that weights from before it begin as what they were.
    told = layers.Conv2D(_PLAN.widths[0], 1, use_bias=False, kernel_initializer="zeros", name="told")(parts)
    x = layers.Add(name="with_parts")([x, told])
    x = residual(unet(x, _PLAN, condition=_scene)[0], name="last")
    pointers = layers.Conv2D(2 * reach.KEYS, 1, name="pointers")(x)
    choice = layers.Conv2D(reach.PALETTE, 1, name="choice")(x)
    rest = layers.Conv2D(reach.GATES + reach.SHADE + reach.PARTS, 1, name="rest")(x)
    maps = layers.Concatenate(name="maps")([pointers, choice, rest])
    mean = layers.Conv2D(3, 1, use_bias=False, trainable=False, name="palette")
    own = mean(layers.Softmax(name="chances")(choice))
    mean.set_weights([palette.reshape(1, 1, reach.PALETTE, 3)])
    return keras.Model([ink, planes, parts], [maps, own], name=NAME)


def _scene(features: Any, level: int) -> Any:
    """At the deepest level every place is told the mean of all: what the picture is about."""
    if level < len(_PLAN.widths) - 1:
        return features
    width = features.shape[-1]
    mean = layers.GlobalAveragePooling2D(name="scene")(features)
    shift = layers.Dense(width, kernel_initializer="zeros", name="scene_shift")(mean)
    return layers.Add(name="scene_add")([features, layers.Reshape((1, 1, width), name="scene_map")(shift)])


build = reach_network
