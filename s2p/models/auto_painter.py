"""Auto-painter: a drawing goes in, a coloured picture comes out (Liu et al. 2017, arXiv:1705.01908).

`official` is the paper's U-Net with the channels of its figure; `turbo` is ours, small enough for two CPU cores. Both
speak RGB in [-1, 1]. Spatial sizes are free but for their multiple, `MULTIPLE`.

The turbo painter is two networks in one: the draft network of Style2Paints (`baby`) looks at the whole picture at a
quarter of its size and chooses colours from a palette, a refiner carries them and the hints to the lines at half size.
So it can begin from the published draft network, which is what an hour on a CPU is enough for.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from s2p.colors import YUV_TO_RGB
from s2p.models.style2paints import baby_mixture
from s2p.nn.blocks import Affine, Double, conv, residual, upsample

MULTIPLE = {"turbo": 64, "official": 256}
HINT_CHANNELS = 7
_FEATURES = 24  # channels of baby's last features
_WIDTH, _FINE = 32, 16  # channels of the refiner at a quarter and at half of the drawing's size


def build(*, variant: str = "turbo", **details: Any) -> keras.Model:
    """The painter with random weights; `details` are further keywords of `turbo` or `official`."""
    return {"turbo": turbo, "official": official}[variant](**details)


def turbo(*, palette: np.ndarray | None = None) -> keras.Model:
    """The small painter, about 4 GFLOP for a drawing of 512 x 512.

    Inputs:  `sketch` `float32[B, H, W, 1]` in [0, 1], 1 = ink;
             `hint` `float32[B, H/2, W/2, 7]` in [0, 1]: R, G, B of the hint that reached a pixel, then whether it is
             sure, whether it lies in its own region, how near it is, and whether there is one at all (else all zero);
             `draft` `float32[B, H/4, W/4, 4]`, the input of `baby`: hard drawing 0..255 and hints in YUV.
             H and W are multiples of 64.
    Returns: model whose output is the painting at half size, `float32[B, H/2, W/2, 3]`, RGB in about [-1, 1].
    """
    return joined(context(palette=palette), refiner())


def joined(guesser: keras.Model, refine: keras.Model) -> keras.Model:
    """The painter made of a `context` and a `refiner`, which it shares."""
    sketch, hint, draft = _inputs()
    _, color, features = guesser(draft)
    return keras.Model([sketch, hint, draft], refine([sketch, hint, color, features]), name="auto_painter")


def context(*, palette: np.ndarray | None = None) -> keras.Model:
    """`baby_mixture` with a third output, its last features `float32[B, H, W, 24]`; weights fit those of `baby`."""
    mixture = baby_mixture(palette=palette)
    return keras.Model(mixture.input, [*mixture.outputs, mixture.get_layer("fine_relu").output], name="context")


def refiner() -> keras.Model:
    """Carries draft colours and hints to the lines, at half the drawing's size.

    Inputs:  sketch and hint as in `turbo`; draft colours `float32[B, H/4, W/4, 3]` as `baby` answers them (YUV of
             B, G, R, 0..255); features of `context`.
    Returns: model whose output is `float32[B, H/2, W/2, 3]`, RGB in about [-1, 1].
    """
    sketch, hint, _ = _inputs()
    color = keras.Input((None, None, 3), name="draft_colour")
    features = keras.Input((None, None, _FEATURES), name="draft_features")
    guess = _yuv_to_rgb(color, name="guess_small")

    lines = conv(sketch, 12, kernel=4, stride=2, name="refine_lines")
    hinted = conv(layers.Concatenate(name="refine_fine_inputs")([lines, hint]), _FINE, name="refine_fine")
    coarse = conv(hinted, _FINE, kernel=4, stride=2, name="refine_down")
    x = layers.Concatenate(name="refine_coarse_inputs")([coarse, features, guess])
    x = conv(x, _WIDTH, name="refine_mix")
    x = residual(x, name="refine_block")
    x = upsample(x, _FINE, name="refine_up")

    guess = Double(name="guess")(guess)
    x = layers.Concatenate(name="refine_blend_inputs")([x, hinted, hint, guess])
    x = conv(x, _FINE, name="refine_blend")
    x = residual(x, name="refine_edges", convolutions=1)
    base = _blend(x, hint, guess)
    change = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros", name="refine_change")(x)
    return keras.Model([sketch, hint, color, features], layers.Add(name="painting")([base, change]), name="refiner")


def official(*, channels: int = 3) -> keras.Model:
    """The paper's generator, 61,246,467 parameters with three channels.

    Eight halving convolutions, eight doubling ones, skips between them, batch normalisation, dropout in the four
    narrowest decoder layers.

    Args:
        channels: 3, the drawing with its colour blocks painted on; 4 adds a plane that is 1 where a block lies, so
            that white and black blocks can be told from paper and ink.

    Input:   `float32[B, H, W, channels]` in [-1, 1] (the plane in [0, 1]); H and W multiples of 256.
    Returns: model whose output is `float32[B, H, W, 3]`, RGB in [-1, 1].
    """
    inputs = x = keras.Input((None, None, channels), name="sketch_and_blocks")
    skips = []
    for i, width in enumerate((64, 128, 256, 512, 512, 512, 512, 512), start=1):
        x = _official_layer(layers.Conv2D, x, width, f"e{i}", norm=i > 1)
        x = layers.LeakyReLU(negative_slope=0.2, name=f"e{i}_relu")(x)
        skips.append(x)
    for i, width in enumerate((512, 512, 512, 512, 512, 256, 128), start=1):
        x = _official_layer(layers.Conv2DTranspose, x, width, f"d{i}", norm=True)
        x = layers.Dropout(0.5, seed=i, name=f"d{i}_dropout")(x) if i <= 4 else x
        x = layers.ReLU(name=f"d{i}_relu")(x)
        x = layers.Concatenate(name=f"d{i}_skip")([x, skips[7 - i]])
    x = layers.Conv2DTranspose(
        3, 4, strides=2, padding="same", activation="tanh", kernel_initializer=_normal(), name="out"
    )(x)
    return keras.Model(inputs, x, name="auto_painter")


def _inputs() -> tuple[Any, Any, Any]:
    return (
        keras.Input((None, None, 1), name="sketch"), keras.Input((None, None, HINT_CHANNELS), name="hint"),
        keras.Input((None, None, 4), name="draft"),
    )


def _blend(x: Any, hint: Any, guess: Any) -> Any:
    """Hint colours where a gate opens (at first: where they are sure or near), else the guess; RGB in [-1, 1]."""
    color = _fixed(hint, np.eye(HINT_CHANNELS, 3) * 2.0, [-1, -1, -1], name="hint_colour")
    certainty = _fixed(hint, [[0], [0], [0], [3], [2], [3], [4]], [-8], name="certainty")
    learned = layers.Conv2D(1, 3, padding="same", kernel_initializer="zeros", name="refine_gate")(x)
    gate = layers.Activation("sigmoid", name="gate")(layers.Add(name="gate_logit")([certainty, learned]))
    difference = layers.Subtract(name="hint_minus_guess")([color, guess])
    return layers.Add(name="base")([guess, layers.Multiply(name="gated")([difference, gate])])


def _yuv_to_rgb(color: Any, *, name: str) -> Any:
    """Baby's YUV (0..255) to RGB in [-1, 1]; the formulas of `s2p.colors.rgb_of_yuv`, not clipped."""
    scale, kernel = 1 / 127.5, np.array(YUV_TO_RGB)
    offset = -128.0 * (kernel[1] + kernel[2])
    return _fixed(color, kernel * scale, offset * scale - 1.0, name=name)


def _fixed(x: Any, kernel: Any, offset: Any, *, name: str) -> Any:
    """A linear map of channels that is not trained: `kernel` `[in][out]`, then `offset` per output channel."""
    values = np.asarray(kernel, "float32")
    layer = layers.Conv2D(values.shape[1], 1, use_bias=False, trainable=False, name=name)
    y = layer(x)
    layer.set_weights([values[None, None]])
    return Affine(1.0, [float(v) for v in offset], name=f"{name}_offset")(y)


def _official_layer(kind: Any, x: Any, width: int, name: str, *, norm: bool) -> Any:
    x = kind(width, 4, strides=2, padding="same", use_bias=False, kernel_initializer=_normal(), name=name)(x)
    return layers.BatchNormalization(name=f"{name}_norm")(x) if norm else x


def _normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.02)
