"""The networks of Tag2Pix as published (Kim et al., ICCV 2019, arXiv:1908.05840), with all its variants.

A drawing, what it is about (`s2p.models.semantic`) and a vector of 115 colour tags go in; the painting comes out, and
beside it the guide, painted from the first quarter of the decoder alone. Everything is fixed to one size, as the place
of a tag is learned by a dense layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from s2p.models.semantic import CHANNELS, SCALE
from s2p.nn.blocks import Affine
from s2p.nn.resnext import (
    PixelShuffle,
    Spread,
    Step,
    adaptive_norm,
    as_it_is,
    batch_norm,
    bottleneck,
    padded_conv,
    spread,
    squeeze,
)

TAGS = 115
SIZES = (256, 512)
_SLOPE = 0.2
_STAGES = (256, 128, 64, 32)  # channels inside the bottlenecks of a stage, the deepest first
_SKIPS = (128, 64, 32, 16)
BLOCKS = (12, 8, 5, 5)


@dataclass(frozen=True)
class Kind:
    """How tags enter the decoder, besides the map of them at its bottom (`--model` of the paper's program).

    Attributes:
        gate: `secat`, `se`, or empty.
        told: to how many of a bottleneck's convolutions the vector of tags is added as channels.
        is_adaptive: whether it drives the normalisation.
        has_shortcut: whether bottlenecks are residual.
    """

    gate: str = "se"
    told: int = 0
    is_adaptive: bool = False
    has_shortcut: bool = True

    @property
    def is_told(self) -> bool:
        """Whether it has a vector of tags at all."""
        return self.gate == "secat" or bool(self.told) or self.is_adaptive


KINDS = {
    "tag2pix": Kind("secat"), "senet": Kind("se"), "resnext": Kind(""), "catconv": Kind("se", told=1),
    "catall": Kind("se", told=3), "adain": Kind("", is_adaptive=True, has_shortcut=False),
    "seadain": Kind("", is_adaptive=True),
}  # fmt: skip


def generator(
    *, image_size: int = 256, kind: str = "tag2pix", norm: bool = True, guide: bool = True, semantics: bool = True,
    rectified: bool = False, blocks: tuple[int, ...] = BLOCKS,
) -> keras.Model:
    """The paper's painter.

    Args:
        image_size: int. Height and width, 256 or 512 in the paper; a multiple of 16.
        kind: of `KINDS`.
        norm: False for `--no_bn`, with which the paper trained at 512.
        guide: False for `--no_guide`: the painting alone is answered.
        semantics: False for `--no_cit`: the features are left unread.
        rectified: `--use_relu`, rectifiers between the dense layers of the vector of tags.
        blocks: bottlenecks of each decoder stage (`--layers`).

    Inputs:  ink `float32[B, S, S, 1]` in [0, 1], 1 = line; features `float32[B, S/8, S/8, 512]` of the semantic
             network; tags `float32[B, 115]`, 1 where a tag is wanted.
    Returns: model whose outputs are painting and guide, `float32[B, S, S, 3]`, RGB in [-1, 1].

    Example:
        >>> generator(blocks=(1, 1, 1, 1)).output_shape[0]
        (None, 256, 256, 3)
    """
    wired, small, plain = KINDS[kind], image_size // 16, batch_norm if norm else as_it_is
    ink = keras.Input((image_size, image_size, 1), name="ink")
    seen = keras.Input((image_size // SCALE,) * 2 + (CHANNELS,), name="features")
    tags = keras.Input((TAGS,), name="tags")
    skips, x = _encoder(Affine(-1.0, 1.0, name="paper")(ink))
    parts = [x, _seen(seen, plain)] if semantics else [x]
    x = layers.Concatenate(name="bottom")([*parts, _tag_map(tags, small)])
    vector = _tag_vector(tags, rectified=rectified) if wired.is_told else None
    side = None
    for stage, (middle, count, skip) in enumerate(zip(_STAGES, blocks, skips, strict=True), start=1):
        x = _stage(x, middle, count, f"dec{stage}", kind=wired, plain=plain, vector=vector)
        x = PixelShuffle(name=f"dec{stage}_double")(x)
        side = x if stage == 1 else side
        x = layers.Concatenate(name=f"dec{stage}_skip")([x, skip])
    x = _leaky(padded_conv(x, 32, bias=True, name="head1"), "head1")
    painting = layers.Activation("tanh", name="painting")(padded_conv(x, 3, bias=True, name="head2"))
    outputs = [painting, _guide(side)] if guide else painting
    return keras.Model([ink, seen, tags], outputs, name="tag2pix")


def discriminator() -> keras.Model:
    """The paper's judge of pictures, which also names their tags; it sees neither drawing nor wish.

    Inputs:  picture `float32[B, H, W, 3]`, RGB in [-1, 1]; 256 or 512 px in the paper.
    Returns: model whose outputs are logits: true or painted `float32[B, 1]`, the 370 tags without colour
             `float32[B, 370]`, the 115 with one `float32[B, 115]`.
    """
    picture = keras.Input((None, None, 3), name="picture")
    x = _leaky(padded_conv(picture, 32, bias=True, name="judge1"), "judge1")
    x = layers.Conv2D(32, 3, strides=2, kernel_initializer=spread(), name="judge1_down")(x)  # without padding
    x = _leaky(x, "judge1_down")
    gate = squeeze()
    for number, width in enumerate((64, 128, 256, 512), start=2):
        for block in (1, 2):
            x = bottleneck(x, width // 4, name=f"judge{number}_{block}", gate=gate)
        x = _leaky(padded_conv(x, width, stride=2, bias=True, name=f"judge{number}_down"), f"judge{number}_down")
    for number in (6, 7, 8):
        x = bottleneck(x, 128, name=f"judge{number}", gate=gate)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    heads = (("true", 1), ("cit", 370), ("cvt", TAGS))
    return keras.Model(picture, [
        layers.Dense(width, kernel_initializer=spread(fan="fan_in"), name=name)(x) for name, width in heads
    ], name="tag2pix_discriminator")


def _encoder(paper: Any) -> tuple[list[Any], Any]:
    """Features to join on the way back, the deepest first, and those at the bottom."""
    skips, x = [], paper
    for level, width in enumerate((16, 32, 64, 128, 256), start=1):
        x = _leaky(padded_conv(x, width, stride=2 if level > 1 else 1, bias=True, name=f"enc{level}a"), f"enc{level}a")
        x = _leaky(padded_conv(x, width, bias=True, name=f"enc{level}b"), f"enc{level}b")
        skips.append(x)
    return skips[-2::-1], x


def _seen(features: Any, plain: Step) -> Any:
    x = features
    for number, stride in ((1, 2), (2, 1), (3, 1)):
        x = padded_conv(x, 256, stride=stride, name=f"seen{number}")
        x = layers.ReLU(name=f"seen{number}_relu")(plain(x, f"seen{number}") if number < 3 else x)
    return x


def _tag_map(tags: Any, small: int) -> Any:
    x = layers.Dense(32 * small * small, kernel_initializer=spread(fan="fan_in"), name="places")(tags)
    x = layers.Reshape((small, small, 32), name="places_map")(x)
    x = _leaky(padded_conv(x, 64, bias=True, name="places1"), "places1")
    x = _leaky(padded_conv(x, 64, bias=True, name="places2"), "places2")
    return layers.Activation("tanh", name="places3_tanh")(padded_conv(x, 64, bias=True, name="places3"))


def _tag_vector(tags: Any, *, rectified: bool) -> Any:
    x = tags
    for number in range(1, 5):
        x = layers.Dense(64, kernel_initializer=spread(fan="fan_in"), name=f"vector{number}")(x)
        x = layers.ReLU(name=f"vector{number}_relu")(x) if rectified and number < 4 else x
    return x


def _stage(x: Any, middle: int, count: int, name: str, *, kind: Kind, plain: Step, vector: Any) -> Any:
    gate = {"secat": squeeze(condition=vector), "se": squeeze(), "": as_it_is}[kind.gate]
    told: list[Step] = [_spread(vector) if number < kind.told else as_it_is for number in range(3)]
    for block in range(1, count + 1):
        x = bottleneck(
            x, middle, name=f"{name}_{block}", norm=adaptive_norm(vector) if kind.is_adaptive else plain,
            shortcut_norm=plain, gate=gate, told=(told[0], told[1], told[2]), has_shortcut=kind.has_shortcut,
        )
    return x


def _spread(vector: Any) -> Callable[[Any, str], Any]:
    return lambda x, name: Spread(name=name)([x, vector])


def _guide(x: Any) -> Any:
    for number, width in enumerate((128, 64, 32), start=1):
        x = layers.Conv2DTranspose(width, 3, strides=2, padding="same", name=f"guide{number}")(x)
        x = _leaky(x, f"guide{number}")
    x = layers.Conv2DTranspose(3, 3, padding="same", name="guide4")(x)
    return layers.Activation("tanh", name="guide")(x)


def _leaky(x: Any, name: str) -> Any:
    return layers.LeakyReLU(negative_slope=_SLOPE, name=f"{name}_relu")(x)
