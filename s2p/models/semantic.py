"""The semantic network of Tag2Pix: what a line drawing is about, as features for the paper's painter.

It is SE-ResNeXt-50 (32 x 4d), learned as a classifier of the 370 tags that say nothing of colour and cut after its
second stage; what is published and asked is the half of it before the answer. Our own painter (`s2p.models.tag2pix`)
asks the network `parts` instead, which is a fraction of the work and says what every place shows.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from s2p.nn.resnext import batch_norm, bottleneck, padded_conv, squeeze

NAME = "semantic"
TAGS = 370
SCALE = 8  # pixels of the drawing for one place of the features
CHANNELS = 512
_STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))  # planes and blocks
_KEPT = 2  # of the stages


def build(*, variant: str = "official") -> keras.Model:
    """The part that is asked for its features.

    Args:
        variant: read by nobody: there is one.

    Inputs:  ink `float32[B, H, W, 1]` in [0, 1], 1 = line; H and W are multiples of 8.
    Returns: model whose output is `float32[B, H / SCALE, W / SCALE, CHANNELS]`, not negative.

    Example:
        >>> build().output_shape
        (None, None, None, 512)
    """
    ink = keras.Input((None, None, 1), name="ink")
    return keras.Model(ink, _seeing(ink, _STAGES[:_KEPT]), name=NAME)


def classifier() -> keras.Model:
    """The whole of it, as it is trained; its first layers are those of `build`, by their names.

    Returns: model whose outputs are the features and the tags, `float32[B, 370]`, logits.
    """
    ink = keras.Input((None, None, 1), name="ink")
    features = _seeing(ink, _STAGES[:_KEPT])
    pooled = layers.GlobalAveragePooling2D(name="pool")(_stages(features, _STAGES[_KEPT:], first=_KEPT))
    return keras.Model(ink, [features, layers.Dense(TAGS, name="tags")(pooled)], name=f"{NAME}_classifier")


def _seeing(ink: Any, stages: tuple[tuple[int, int], ...]) -> Any:
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

