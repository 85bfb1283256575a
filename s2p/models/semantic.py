"""The semantic network of Tag2Pix: what a line drawing is about, as features for the painter (`s2p.models.tag2pix`).

It is learned as a classifier of the 370 tags that say nothing of colour; what is published and asked is the half of it
before the answer. `official` is SE-ResNeXt-50 (32 x 4d) cut after its second stage, as in the paper; `turbo` is ours.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from s2p.nn.blocks import normed_conv
from s2p.nn.resnext import batch_norm, bottleneck, padded_conv, squeeze

NAME = "semantic"
TAGS = 370
SCALE = {"turbo": 16, "official": 8}  # pixels of the drawing for one place of the features
CHANNELS = {"turbo": 128, "official": 512}
_OFFICIAL_STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))  # planes and blocks
_KEPT = 2  # of the stages
_TURBO = ((16, 0), (40, 1), (72, 1), (128, 2))  # width and blocks at a half, a quarter, ... of the drawing


def build(*, variant: str = "turbo") -> keras.Model:
    """The part that is asked for its features.

    Inputs:  ink `float32[B, H, W, 1]` in [0, 1], 1 = line; H and W are multiples of 16 (`turbo`) or 8.
    Returns: model whose output is `float32[B, H / SCALE, W / SCALE, CHANNELS]`, not negative.

    Example:
        >>> build().output_shape
        (None, None, None, 128)
    """
    ink = keras.Input((None, None, 1), name="ink")
    return keras.Model(ink, _turbo(ink) if variant == "turbo" else _official(ink, _OFFICIAL_STAGES[:_KEPT]), name=NAME)


def classifier(*, variant: str = "turbo") -> keras.Model:
    """The whole of it, as it is trained; its first layers are those of `build`, by their names.

    Returns: model whose outputs are the features and the tags, `float32[B, 370]`, logits.
    """
    ink = keras.Input((None, None, 1), name="ink")
    if variant == "turbo":
        features = _turbo(ink)
        x = bottleneck(features, 64, name="top1", stride=2, gate=squeeze())
        x = bottleneck(x, 64, name="top2", gate=squeeze())
    else:
        features = _official(ink, _OFFICIAL_STAGES[:_KEPT])
        x = _stages(features, _OFFICIAL_STAGES[_KEPT:], first=_KEPT)
    pooled = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(ink, [features, layers.Dense(TAGS, name="tags")(pooled)], name=f"{NAME}_classifier")


def _official(ink: Any, stages: tuple[tuple[int, int], ...]) -> Any:
    from s2p.nn.blocks import Affine

    paper = Affine(-1.0, 1.0, name="paper")(ink)  # the paper's network sees white paper as 1
    x = padded_conv(paper, 64, kernel=7, stride=2, name="stem")
    x = layers.ReLU(name="stem_relu")(batch_norm(x, "stem"))
    x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)  # of what is not negative: as good as minus infinity
    return _stages(layers.MaxPooling2D(3, strides=2, name="stem_pool")(x), stages, first=0)


def _stages(x: Any, stages: tuple[tuple[int, int], ...], *, first: int) -> Any:
    for stage, (planes, blocks) in enumerate(stages, start=first):
        for block in range(blocks):
            x = bottleneck(
                x, 2 * planes, name=f"stage{stage + 1}_{block + 1}", groups=32, expansion=2,
                stride=2 if stage and not block else 1, gate=squeeze(bias=True),
            )
    return x


def _turbo(ink: Any) -> Any:
    """Residual blocks with plain convolutions, which two cores compute faster than grouped ones."""
    x = ink
    for level, (width, blocks) in enumerate(_TURBO):
        x = normed_conv(x, width, kernel=4, name=f"down{level + 1}", stride=2)
        for block in range(blocks):
            name = f"level{level + 1}_{block + 1}"
            y = normed_conv(x, width, name=f"{name}_conv1")
            y = normed_conv(y, width, name=f"{name}_conv2", active=False)
            y = squeeze(reduction=8, bias=True)(y, name)
            x = layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))
    # Beyond the features every place is told the mean of all: a lone curve may be hair or a hill.
    mean = layers.GlobalAveragePooling2D(name="scene")(x)
    shift = layers.Dense(x.shape[-1], name="scene_shift")(mean)
    x = layers.Add(name="scene_add")([x, layers.Reshape((1, 1, x.shape[-1]), name="scene_map")(shift)])
    return layers.ReLU(name="scene_relu")(normed_conv(x, CHANNELS["turbo"], name="features", active=False))
