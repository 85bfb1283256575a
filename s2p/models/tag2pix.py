"""Tag2Pix: a drawing and words for its colours go in, a coloured picture comes out (Kim et al. 2019, arXiv:1908.05840).

`official` is the paper's painter (`s2p.models.tag2pix_official`); `turbo` is ours, small enough for two CPU cores. Both
read the ink of the drawing, the features of the semantic network (`s2p.models.semantic`) and a vector of tags.

The turbo painter keeps the paper's idea, a gate in every block that reads the tags beside what it sees (SECat), and
leaves out what ties the paper's to one size: its tags reach every place alike, and places differ by what is drawn.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from s2p.models import tag2pix_official
from s2p.models.semantic import CHANNELS
from s2p.models.tag2pix_official import TAGS
from s2p.nn.blocks import Double, conv, residual
from s2p.nn.resnext import squeeze

NAME = "tag2pix"
MULTIPLE = 32
_WIDTHS = (20, 40, 72, 128, 160)  # channels at a half, a quarter, ... of the drawing
_BLOCKS = (0, 1, 2, 2, 2)  # with tags, on the way back
_VECTOR = 96


def build(*, variant: str = "turbo", guide: bool = False, **details: Any) -> keras.Model:
    """The painter with random weights; `details` are further keywords of `turbo` or of the paper's `generator`.

    Args:
        guide: whether a second, coarser painting is answered beside it, as training wants it.

    Example:
        >>> build().output_shape
        (None, None, None, 3)
    """
    if variant == "official":
        return tag2pix_official.generator(guide=guide, **details)
    return turbo(guide=guide, **details)


def turbo(*, guide: bool = False) -> keras.Model:
    """The small painter; with the semantic network less than 15 GFLOP for a drawing of 512 x 512.

    Inputs:  ink `float32[B, H, W, 1]` in [0, 1], 1 = line; features `float32[B, H/16, W/16, 128]` of the semantic
             network; tags `float32[B, 115]`, 1 where a tag is wanted. H and W are multiples of 32.
    Returns: model whose output is the painting at half size, `float32[B, H/2, W/2, 3]`, RGB in [-1, 1]; with `guide`
             also a coarser one of the same size.
    """
    ink = keras.Input((None, None, 1), name="ink")
    seen = keras.Input((None, None, CHANNELS["turbo"]), name="features")
    tags = keras.Input((TAGS,), name="tags")
    vector = layers.Dense(_VECTOR, activation="relu", name="vector1")(tags)
    vector = layers.Dense(_VECTOR, activation="relu", name="vector2")(vector)

    x, skips = ink, []
    for level, width in enumerate(_WIDTHS):
        x = conv(x, width, kernel=4, stride=2, name=f"down{level}")
        if level == 3:
            x = layers.Concatenate(name="seen")([x, seen])
            x = conv(x, width, kernel=1, name="seen_mix")
        x = residual(x, name=f"enc{level}", convolutions=2 if level else 1)
        skips.append(x)
    side = None
    for level in reversed(range(len(_WIDTHS))):
        if level < len(_WIDTHS) - 1:
            x = conv(x, _WIDTHS[level], name=f"up{level}")
            x = layers.UpSampling2D(2, interpolation="nearest", name=f"up{level}_double")(x)
            x = layers.Add(name=f"skip{level}")([x, skips[level]])
        for block in range(_BLOCKS[level]):
            x = _told(x, vector, name=f"dec{level}_{block}")
        side = x if level == 2 else side
    x = residual(conv(x, 16, name="head1"), name="head2", convolutions=1)
    painting = layers.Activation("tanh", name="painting")(conv(x, 3, name="head3", active=False))
    outputs = [painting, _guide(side)] if guide else painting
    return keras.Model([ink, seen, tags], outputs, name=NAME)


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


def _told(x: Any, vector: Any, *, name: str) -> Any:
    """A residual block whose gate reads the tags (SECat), and which also adds to all places what they say."""
    width = x.shape[-1]
    y = conv(x, width, name=f"{name}_conv1")
    shift = layers.Dense(width, name=f"{name}_shift")(vector)
    y = layers.Add(name=f"{name}_shifted")([y, layers.Reshape((1, 1, width), name=f"{name}_shift_map")(shift)])
    y = conv(y, width, name=f"{name}_conv2", active=False)
    y = squeeze(reduction=4, bias=True, condition=vector)(y, name)
    y = layers.Add(name=f"{name}_add")([x, y])
    return layers.LeakyReLU(negative_slope=0.1, name=f"{name}_relu")(y)


def _guide(x: Any) -> Any:
    """A painting from the features at an eighth, so that these must know colours already."""
    x = layers.Activation("tanh", name="guide_small")(conv(conv(x, 32, name="guide1"), 3, name="guide2", active=False))
    return Double(name="guide")(Double(name="guide_double")(x))
