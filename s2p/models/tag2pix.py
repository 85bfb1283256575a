"""Tag2Pix: a drawing and words for its colours go in, a coloured picture comes out (Kim et al. 2019, arXiv:1908.05840).

`official` is the paper's painter (`s2p.models.tag2pix_official`), which is told what a drawing is about by the
semantic network (`s2p.models.semantic`); `turbo` is ours, small enough for two CPU cores, which is told by `parts`.
Both read the ink of the drawing and a vector of tags.

The turbo painter keeps the paper's idea, a gate in every block that reads the tags beside what it sees (SECat), and
leaves out what ties the paper's to one size: its tags reach every place alike, and places differ by what is drawn. What
it paints is a mixture of one colour for each thing that tags speak of (`s2p.tags.THINGS`), mixed by what every place
shows, and of what it adds itself.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from s2p.models import tag2pix_official
from s2p.models.tag2pix_official import TAGS
from s2p.nn.blocks import Double, conv, normed_conv, residual
from s2p.nn.resnext import squeeze
from s2p.parts import NAMES, OF_TAGS
from s2p.tags import THINGS, choices, vocabulary

NAME = "tag2pix"
_WIDTHS, _BLOCKS = (16, 32, 64, 96, 112), (0, 1, 1, 2, 2)  # at a half, a quarter, ... of the drawing
_TOLD = (0, 1, 1, 2, 1)  # blocks with tags, on the way back
_VECTOR = 96
_SURELY, _FULLEST = 6.0, 0.96  # logit of what is certain; of a colour, which has no end before `tanh`


def build(*, variant: str = "turbo", guide: bool = False, **details: Any) -> keras.Model:
    """The painter with random weights; `details` are further keywords of `turbo` or of the paper's `generator`.

    Args:
        guide: whether a second, coarser painting is answered beside it, as training wants it.

    Example:
        >>> build().output_shape[0]
        (None, None, None, 3)
    """
    if variant == "official":
        return tag2pix_official.generator(guide=guide, **details)
    return turbo(guide=guide, **details)


def turbo(*, guide: bool = False) -> keras.Model:
    """The small painter; with what `parts` takes less than 15 GFLOP for a drawing of 512 x 512.

    Inputs:  ink `float32[B, H, W, 1]` in [0, 1], 1 = line; parts `float32[B, H/4, W/4, 12]`, how likely every place
             shows each of `s2p.parts.NAMES`; tags `float32[B, 115]`, 1 where a tag is wanted. H and W are multiples of
             64.
    Returns: model whose outputs are the painting at half size, `float32[B, H/2, W/2, 3]`, RGB in [-1, 1], and how
             likely every place shows each of `s2p.tags.THINGS`, `float32[B, H/4, W/4, 21]`; with `guide` the painting,
             a coarser one of the same size, and the same likelihoods as logits.
    """
    ink = keras.Input((None, None, 1), name="ink")
    parts = keras.Input((None, None, len(NAMES)), name="parts")
    tags = keras.Input((TAGS,), name="tags")
    vector = layers.Dense(_VECTOR, activation="relu", name="vector1")(tags)
    vector = layers.Dense(_VECTOR, activation="relu", name="vector2")(vector)

    x, skips = ink, []
    for level, width in enumerate(_WIDTHS):
        x = normed_conv(x, width, kernel=4, stride=2, name=f"down{level}")
        if level == 1:
            x = normed_conv(layers.Concatenate(name="seen")([x, parts]), width, kernel=1, name="seen_mix")
        for block in range(_BLOCKS[level]):
            x = _block(x, name=f"enc{level}_{block}")
        skips.append(x)
    scene = layers.GlobalAveragePooling2D(name="scene")(x)
    things: Any = None
    for level in reversed(range(len(_WIDTHS))):
        if level < len(_WIDTHS) - 1:
            x = normed_conv(x, _WIDTHS[level], name=f"up{level}")
            x = layers.UpSampling2D(2, interpolation="nearest", name=f"up{level}_double")(x)
            x = layers.Add(name=f"skip{level}")([x, skips[level]])
        for block in range(_TOLD[level]):
            x = _block(x, vector, name=f"dec{level}_{block}")
        if level == 1:
            things = layers.Add(name="things")([conv(x, len(THINGS), name="named", active=False), _likely(parts)])
    palette = layers.Dense(128, activation="relu", name="palette1")(
        layers.Concatenate(name="palette_seen")([vector, tags, scene])
    )
    palette = layers.Add(name="palette")([_asked(tags), layers.Dense(3 * len(THINGS), name="palette2")(palette)])
    x = _block(x, name="fine")
    finer = layers.Add(name="things_half")([
        Double(name="things_double")(things), conv(x, len(THINGS), name="finer", active=False),
    ])
    flat = Mixed(name="flat")([layers.Softmax(name="shares_half")(finer), palette])
    shade = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros", name="shade")(x)
    painting = layers.Activation("tanh", name="painting")(layers.Add(name="shaded")([flat, shade]))
    shares = layers.Softmax(name="shares")(things)
    if not guide:
        return keras.Model([ink, parts, tags], [painting, shares], name=NAME)
    coarse = Mixed(name="coarse")([shares, palette])
    coarse = Double(name="guide")(layers.Activation("tanh", name="guide_small")(coarse))
    return keras.Model([ink, parts, tags], [painting, coarse, things], name=NAME)


def turbo_discriminator(*, widths: tuple[int, ...] = (24, 48, 96, 144)) -> keras.Model:
    """Our judge of pictures, which also names their tags: patches for true or painted, the whole for tags.

    Inputs and outputs are those of `tag2pix_official.discriminator`, but that true or painted is answered for every
    patch, `float32[B, h, w, 1]`.
    """
    picture = x = keras.Input((None, None, 3), name="picture")
    for level, width in enumerate(widths, start=1):
        x = conv(x, width, kernel=4, stride=2, name=f"judge{level}")
        x = residual(x, name=f"judge{level}_block", convolutions=1)
    patches = layers.Conv2D(1, 3, padding="same", name="true")(x)
    pooled = layers.GlobalAveragePooling2D(name="pool")(conv(x, 256, name="judge_wide"))
    heads = [layers.Dense(width, name=name)(pooled) for name, width in (("cit", 370), ("cvt", TAGS))]
    return keras.Model(picture, [patches, *heads], name="tag2pix_discriminator")


def discriminator(*, variant: str = "turbo") -> keras.Model:
    """The judge that belongs to a painter."""
    return turbo_discriminator() if variant == "turbo" else tag2pix_official.discriminator()


@keras.saving.register_keras_serializable(package="s2p")
class Mixed(layers.Layer):
    """The colour of every place: shares `[B, h, w, K]` of K colours, which are a vector `[B, 3 * K]`."""

    def call(self, inputs: Any) -> Any:
        from keras import ops

        shares, palette = inputs
        return ops.matmul(shares, ops.reshape(palette, (-1, 1, shares.shape[-1], 3)))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (*input_shape[0][:-1], 3)


def _likely(parts: Any) -> Any:
    """What chances of `s2p.parts.NAMES` say of `THINGS` to begin with: of every garment what they say of cloth."""
    start = np.zeros((1, 1, len(NAMES), len(THINGS)), np.float32)
    for number, thing in enumerate(THINGS):
        start[0, 0, min(number, len(NAMES) - 1) if thing in NAMES else len(NAMES) - 1, number] = _SURELY
    begin = keras.initializers.Constant(start)
    return layers.Conv2D(len(THINGS), 1, use_bias=False, kernel_initializer=begin, name="likely")(parts)


def _asked(tags: Any) -> Any:
    """The colours of `THINGS` that tags ask for, before `tanh`, to begin with those of their chips."""
    start = np.zeros((TAGS, len(THINGS), 3), np.float32)
    for number, name in enumerate(vocabulary().names):
        tag = choices().get(name)
        if tag is not None and tag.color:
            color = np.clip(np.array(tag.rgb, np.float32) / 127.5 - 1.0, -_FULLEST, _FULLEST)
            asked = [thing for thing in OF_TAGS.get(tag.group, (tag.group,)) if thing in THINGS]
            start[number, [THINGS.index(thing) for thing in asked]] = color
    begin = keras.initializers.Constant(np.arctanh(start).reshape(TAGS, -1))
    return layers.Dense(3 * len(THINGS), use_bias=False, kernel_initializer=begin, name="asked")(tags)


def _block(x: Any, vector: Any = None, *, name: str) -> Any:
    """A residual block; with tags its gate reads them (SECat), and it also adds to all places what they say."""
    width = x.shape[-1]
    y = normed_conv(x, width, name=f"{name}_conv1")
    if vector is not None:
        shift = layers.Dense(width, name=f"{name}_shift")(vector)
        y = layers.Add(name=f"{name}_shifted")([y, layers.Reshape((1, 1, width), name=f"{name}_shift_map")(shift)])
    y = normed_conv(y, width, name=f"{name}_conv2", active=False, is_branch=True)
    if vector is not None:
        y = squeeze(reduction=4, bias=True, condition=vector)(y, name)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))
