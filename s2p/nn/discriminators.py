"""Judges of pictures, patch by patch (PatchGAN: Isola et al. 2017, arXiv:1611.07004).

Every answer is a logit for one patch of the picture; no sigmoid, so that any adversarial loss can stand behind it.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

RECEPTIVE_FIELDS = (70, 142)


def patch_discriminator(*, widths: tuple[int, ...] = (24, 48, 96, 128), condition_channels: int = 1) -> keras.Model:
    """A small discriminator with patches of 70 px, without normalisation, which a gradient penalty would not bear.

    Args:
        widths: channels of the three halving convolutions and of the last one before the answer.
        condition_channels: of the drawing that the picture belongs to.

    Inputs:  condition `float32[B, H, W, C]`; picture `float32[B, H, W, 3]`, both in about [-1, 1]. H, W >= 32.
    Returns: model whose output is `float32[B, H/8 - 2, W/8 - 2, 1]`, logits.
    """
    condition, picture = _inputs(condition_channels)
    x = layers.Concatenate(name="pair")([condition, picture])
    for i, width in enumerate(widths):
        last = i == len(widths) - 1
        x = layers.ZeroPadding2D(1, name=f"pad{i}")(x) if last else x
        x = layers.Conv2D(
            width, 4, strides=1 if last else 2, padding="valid" if last else "same", kernel_initializer="he_normal",
            name=f"patch{i}",
        )(x)
        x = layers.LeakyReLU(negative_slope=0.2, name=f"patch{i}_relu")(x)
    x = layers.ZeroPadding2D(1, name="pad_answer")(x)
    return keras.Model([condition, picture], layers.Conv2D(1, 4, name="answer")(x), name="patch_discriminator")


def official_discriminator(*, receptive_field: int = 142, answer_norm: bool = True) -> keras.Model:
    """The discriminator of Liu et al. (2017, arXiv:1705.01908), 6,966,789 parameters as re-implemented in Keras.

    Args:
        receptive_field: 142 px, the layers of the paper's figure (30 x 30 answers at 512 px); or 70, the patch that
            its text names, with one halving less.
        answer_norm: the re-implementation normalises the one-channel answer, too. That limits how sure it can be,
            so training should leave it out; it is kept for the number of parameters (5 of them: 4 and a bias).

    Inputs:  drawing and picture, each `float32[B, H, W, 3]` in [-1, 1].
    Returns: model whose output is `float32[B, h, w, 1]`, logits.
    """
    if receptive_field not in RECEPTIVE_FIELDS:
        raise ValueError(f"receptive_field must be 70 or 142. Received: {receptive_field!r}.")
    condition, picture = _inputs(3)
    x = layers.Concatenate(name="pair")([condition, picture])
    for i, width in enumerate((64, 128, 256, 512) if receptive_field == 142 else (64, 128, 256)):
        x = _official_conv(x, width, f"down{i + 1}", stride=2, norm=i > 0)
    x = _official_conv(layers.ZeroPadding2D(1, name="pad_flat")(x), 512, "flat", stride=1, norm=True)
    x = layers.ZeroPadding2D(1, name="pad_answer")(x)
    x = layers.Conv2D(1, 4, kernel_initializer=_normal(), name="answer")(x)
    if answer_norm:
        x = layers.BatchNormalization(name="answer_norm")(x)
    return keras.Model([condition, picture], x, name="official_discriminator")


def _official_conv(x: Any, width: int, name: str, *, stride: int, norm: bool) -> Any:
    x = layers.Conv2D(
        width, 4, strides=stride, padding="same" if stride == 2 else "valid", use_bias=False,
        kernel_initializer=_normal(), name=name,
    )(x)
    x = layers.BatchNormalization(name=f"{name}_norm")(x) if norm else x
    return layers.LeakyReLU(negative_slope=0.2, name=f"{name}_relu")(x)


def _inputs(channels: int) -> tuple[Any, Any]:
    return keras.Input((None, None, channels), name="condition"), keras.Input((None, None, 3), name="picture")


def _normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.02)
