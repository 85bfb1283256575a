"""The six networks of Style2Paints V3, each as one function in two sizes.

`official` repeats the published or measured graph (spec of V3, section 10) so that users' own files find the shapes
they know; `turbo` keeps the same tensor contract (section 9) at a fraction of the arithmetic and is what we train and
ship. Spatial sizes are free everywhere. Colours inside the contracts are in BGR order.

    baby    draft at 128 px          girder  composition at 256 px      reader  style vectors
    head    colour painter           neck    tonal painter              tail    2x refiner
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from s2p.colors import VGG_MEANS, WEAK_SHIFT, yuv
from s2p.errors import WeightsError
from s2p.models.style2paints_official import official_baby, official_reader, official_tail
from s2p.nn.blocks import Affine, clip01, conv, residual, upsample
from s2p.nn.unet import UNetPlan, unet

PAINTER_ENCODINGS = ("layered", "points")

_BABY = UNetPlan(widths=(32, 64, 128, 192), encoder=(1, 2, 2), decoder=(1, 1, 2), bottom=3)
_GIRDER = {
    "turbo": UNetPlan(widths=(16, 32, 64, 112, 160), encoder=(0, 2, 2, 2), decoder=(1, 1, 1, 2)),
    "official": UNetPlan(widths=(64, 128, 256, 512, 512), encoder=(2, 2, 2, 2), decoder=(2, 2, 2, 2), bottom=4),
}
_HEAD = {
    "turbo": UNetPlan(widths=(16, 32, 64, 112, 160), encoder=(0, 2, 2, 2), decoder=(1, 1, 1, 2)),
    "official": UNetPlan(widths=(64, 128, 256, 512, 1024), encoder=(2, 2, 2, 2), decoder=(2, 2, 2, 2), bottom=2),
}
_NECK = {
    "turbo": UNetPlan(widths=(16, 32, 64, 96, 128), encoder=(0, 1, 2, 2), decoder=(1, 1, 1, 2)),
    "official": _HEAD["official"],
}
READER_TAPS = {"turbo": (24, 48, 96, 128), "official": (64, 192, 256, 320, 576, 576, 576, 576, 576, 1024, 1024, 1024)}


def baby(
    *, variant: str = "turbo", palette: np.ndarray | None = None, temperature: float = 1.0, choice: bool = False
) -> keras.Model:
    """Guesses the colours of a whole picture at 128 px.

    Input:   `float32[B, H, W, 4]`: sketch 0..255 (255 = paper), then the hints as YUV (`(-512, 128, 128)` = no hint);
             H and W multiples of 16.
    Returns: model whose output is `float32[B, H, W, 3]`, YUV, about 0..255.

    The turbo size does not regress a colour, which would give the grey mean of all possible ones: every pixel chooses
    among the colours of a palette and "the hint that reached me" (mixture with fixed centres; after Zhang et al. 2016,
    arXiv:1603.08511, annealed mean). `temperature` < 1 sharpens the choice. With `choice`, the model is the whole
    `baby_mixture`, which also answers how likely every colour is; its variables are the same.
    """
    if variant == "official":
        return official_baby()
    model = baby_mixture(palette=palette, temperature=temperature)
    if choice:
        return model
    return keras.Model(model.input, model.output[1], name="baby")


def baby_mixture(*, palette: np.ndarray | None = None, temperature: float = 1.0) -> keras.Model:
    """The turbo `baby` with both of its outputs: mixture logits (palette, then the hint) and the expected colour."""
    palette = default_palette() if palette is None else np.asarray(palette, "float32")
    inputs = keras.Input((None, None, 4), name="sketch_and_hint")
    ink = Affine(-1 / 255.0, 1.0, name="ink")(_channels(inputs, [0], 4, name="sketch"))
    luma = _channels(inputs, [1], 4, name="hint_luma")
    # 0..255 certain, -256..-1 a guess, -512 nothing
    strong = clip01(Affine(1.0, 1.0, name="strong_edge")(luma), name="strong")
    some = clip01(Affine(1.0, 257.0, name="some_edge")(luma), name="some")
    weak = layers.Subtract(name="weak")([some, strong])
    luma = layers.Add(name="luma")([luma, Affine(-WEAK_SHIFT, name="weak_lift")(weak)])
    chroma = _channels(inputs, [2, 3], 4, name="hint_chroma")
    hint = Affine(1 / 255.0, name="hint")(layers.Concatenate(name="hint_yuv")([luma, chroma]))
    some3 = layers.Concatenate(name="some3")([some] * 3)
    hint = layers.Multiply(name="hint_where_some")([hint, some3])

    fine = layers.Concatenate(name="fine_inputs")([ink, hint, strong, weak])
    edge = conv(fine, 16, name="edge")
    x = conv(layers.Concatenate(name="stem_inputs")([edge, fine]), _BABY.widths[0], kernel=4, stride=2, name="stem")
    x = unet(x, _BABY, condition=_global_context(level=len(_BABY.widths) - 1))[0]
    x = upsample(x, 24, name="to_fine")
    x = conv(layers.Concatenate(name="fine_features")([x, edge, hint, strong, weak]), 24, name="fine")
    logits = layers.Conv2D(len(palette) + 1, 1, name="logits")(x)
    choice = layers.Softmax(name="choice")(Affine(1.0 / temperature, name="temperature")(logits))
    from_palette = layers.Conv2D(3, 1, use_bias=False, trainable=False, name="palette")
    color = from_palette(choice)
    kernel = np.zeros((1, 1, len(palette) + 1, 3), "float32")
    kernel[0, 0, :-1] = palette
    from_palette.set_weights([kernel])
    copied = _channels(choice, [len(palette)], len(palette) + 1, name="copy_share")
    copied = layers.Multiply(name="copied")([layers.Concatenate(name="copy_share3")([copied] * 3), hint])
    color = layers.Add(name="color")([color, copied])
    color = Affine(255.0, name="yuv")(color)
    outputs = [layers.Concatenate(name="mixture")([logits, hint]), color]
    return keras.Model(inputs, outputs, name="baby_mixture")


def default_palette(levels: Sequence[float] = (0.1, 0.4, 0.7, 0.95)) -> np.ndarray:
    """A regular palette, `float32[K, 3]` of YUV / 255, for a network that has not seen data yet."""
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(-1, 3).astype("float32")
    return yuv(grid * np.float32(255.0)) / np.float32(255.0)


def girder(*, variant: str = "turbo") -> keras.Model:
    """Turns a coarse draft into an even composition that follows the lines.

    Inputs:  ink `float32[B, H, W, 1]` in [0, 1], 1 = line; hint `float32[B, H, W, 4]`, inverted colour and alpha
             (always zero in the pipeline); draft `float32[B, H, W, 3]`, inverted, [0, 1]. H, W multiples of 64.
    Returns: model whose output is `float32[B, H, W, 3]`, inverted colour, about [0, 1].
    """
    plan = _GIRDER[variant]
    ink, hint, latent = (
        keras.Input((None, None, c), name=n) for n, c in (("ink", 1), ("hint", 4), ("latent", 3))
    )
    x = layers.Concatenate(name="inputs")([ink, hint, latent])
    x = conv(x, plan.widths[0], kernel=4, stride=2, name="stem")
    x = unet(x, plan, condition=_global_context(level=len(plan.widths) - 1))[0]
    fine = conv(layers.Concatenate(name="fine_inputs")([ink, latent]), 8, name="fine")
    x = upsample(x, 8, name="to_fine")
    x = conv(layers.Concatenate(name="fine_features")([x, fine]), 12, name="blend")
    change = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros", name="change")(x)
    return keras.Model([ink, hint, latent], layers.Add(name="composition")([latent, change]), name="girder")


def reader(*, variant: str = "turbo") -> keras.Model:
    """Reads the style of a picture: feature maps whose means are the style vectors.

    Input:   `float32[B, H, W, 3]`, BGR, [0, 1]; short edge 224, other edge a multiple of 64.
    Returns: model with one output per tap, `float32[B, h_i, w_i, C_i]`, C_i as in `READER_TAPS`.
    """
    if variant == "official":
        return official_reader()
    inputs = keras.Input((None, None, 3), name="picture")
    x, taps = layers.AveragePooling2D(2, name="half")(inputs), []
    for i, width in enumerate(READER_TAPS["turbo"], start=1):
        x = conv(x, width, stride=2, name=f"down{i}")
        if i > 1:
            x = residual(x, name=f"block{i}", convolutions=1)
        taps.append(x)
    return keras.Model(inputs, taps, name="reader")


def head(*, variant: str = "turbo", taps: Sequence[int] | None = None, encoding: str = "layered") -> keras.Model:
    """Paints colour into a line drawing.

    Inputs:  sketch `float32[B, H, W, 1]`, 1 = ink; hint `float32[B, H, W, 3]`, BGR in [-1, 1], 0 = none; then one
             `float32[B, C_i]` per style vector. H and W are multiples of 32.
    Returns: model with three outputs. The third is the painting at **half** size, `float32[B, H/2, W/2, 3]` in
             VGG-mean space (channels R, G, B minus 103.939, 116.779, 123.68); the first two are guides from the
             bottleneck and a middle level, the same space at their own sizes.

    Args:
        variant: `turbo` or `official`, which reads `points` alone, whatever `encoding` says.
        taps: widths of the style vectors; those of our `reader` by default.
        encoding: how the turbo size reads its hints. `layered` (`s2p.propagate.encode_layered_hint`) brings the colours
            that the hints spread to, the composition and how sure each is; the network mixes the two and adds its own
            change. `points` are V3's (`s2p.hintmap.points_hint`); the network adds its change to them.

    Raises:
        WeightsError: another encoding.
    """
    return _painter("head", variant, _HEAD[variant], taps or READER_TAPS[variant], encoding=encoding)


def neck(*, variant: str = "turbo", taps: Sequence[int] | None = None, encoding: str = "layered") -> keras.Model:
    """Paints colour into a tonal picture (inverted gray); contract as `head`."""
    return _painter("neck", variant, _NECK[variant], taps or READER_TAPS[variant], encoding=encoding)


def tail(*, variant: str = "turbo") -> keras.Model:
    """Doubles a picture and cleans it.

    Input:   `float32[B, H, W, 3]` in [0, 1].
    Returns: model whose output is `float32[B, 2H, 2W, 3]`.
    """
    if variant == "official":
        return official_tail()
    inputs = keras.Input((None, None, 3), name="picture")
    x = first = conv(inputs, 16, kernel=5, name="first")
    for i in range(1, 4):
        x = conv(x, 16, name=f"middle{i}")
    x = layers.Add(name="features")([x, first])
    detail = layers.Conv2DTranspose(3, 4, strides=2, padding="same", kernel_initializer="zeros", name="detail")(x)
    return keras.Model(inputs, layers.Add(name="doubled")([_smooth_double(inputs, name="smooth"), detail]), name="tail")


def _painter(name: str, variant: str, plan: UNetPlan, taps: Sequence[int], *, encoding: str) -> keras.Model:
    sketch = keras.Input((None, None, 1), name="sketch")
    hint = keras.Input((None, None, 3), name="hint")
    vectors = [keras.Input((width,), name=f"style{i}") for i, width in enumerate(taps)]
    if encoding not in PAINTER_ENCODINGS:
        raise WeightsError(
            f"The hint encoding of {name} must be {' or '.join(PAINTER_ENCODINGS)}. Received: {encoding!r}. "
            "Its weights are of another version of s2p; choose others."
        )
    color, features, mix = (_layered if (variant, encoding) == ("turbo", "layered") else _points)(hint)
    lines = conv(sketch, 12, kernel=4, stride=2, name="lines")
    x = conv(layers.Concatenate(name="inputs")([lines, *features]), plan.widths[0], name="stem")

    style = layers.Concatenate(name="style")(vectors) if len(vectors) > 1 else vectors[0]
    style = layers.LeakyReLU(negative_slope=0.1, name="style_relu")(layers.Dense(128, name="style_code")(style))

    def condition(features: Any, level: int) -> Any:
        if level < len(plan.widths) - 2:
            return features
        shift = layers.Dense(plan.widths[level], kernel_initializer="zeros", name=f"style_shift{level}")(style)
        shift = layers.Reshape((1, 1, plan.widths[level]), name=f"style_map{level}")(shift)
        return layers.Add(name=f"style_add{level}")([features, shift])

    levels = unet(x, plan, condition=condition)
    change = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros", name="change")(levels[0])
    color = mix(levels[0]) if mix is not None else color
    painting = _to_vgg(layers.Add(name="painted")([color, change]), name="painting")
    guides = [
        _to_vgg(layers.Conv2D(3, 1, name=f"guide{i}")(levels[level]), name=f"guide{i}_vgg")
        for i, level in ((1, -1), (2, 2))
    ]
    return keras.Model([sketch, hint, *vectors], [*guides, painting], name=name)


def _points(hint: Any) -> tuple[Any, list[Any], None]:
    """Reads the encoding `points`: base colour at half size, which is also the only feature, no mixing."""
    color = layers.AveragePooling2D(2, name="color")(hint)
    return color, [color], None


def _layered(hint: Any) -> tuple[None, list[Any], Callable[[Any], Any]]:
    """Reads the encoding `layered`: no base colour yet, features, and the function that mixes one from the trunk."""
    filled, composed, certainty, any_hint = (
        _place(hint, row, column, channels, name=name)
        for name, row, column, channels in (
            ("filled", 0, 0, 3), ("composed", 0, 1, 3), ("certainty", 1, 0, 3), ("any_hint", 1, 1, 1),
        )
    )

    def mix(features: Any) -> Any:
        share = layers.Conv2D(1, 3, padding="same", kernel_initializer="zeros", name="share")(
            layers.Concatenate(name="share_inputs")([features, certainty, any_hint])
        )
        share = layers.Activation("sigmoid", name="share_of_fill")(share)
        step = layers.Multiply(name="towards_fill")([
            layers.Concatenate(name="share3")([share] * 3), layers.Subtract(name="disagreement")([filled, composed]),
        ])
        return layers.Add(name="color")([composed, step])

    return None, [filled, composed, certainty, any_hint], mix


def _place(x: Any, row: int, column: int, channels: int, *, name: str) -> Any:
    """One place of every 2 x 2 block, its first channels, at half size: a fixed convolution."""
    kernel = np.zeros((2, 2, 3, channels), "float32")
    kernel[row, column, :channels] = np.eye(channels)
    layer = layers.Conv2D(channels, 2, strides=2, use_bias=False, trainable=False, name=name)
    y = layer(x)
    layer.set_weights([kernel])
    return y


def _smooth_double(x: Any, *, name: str) -> Any:
    """Bilinear doubling as a fixed transposed convolution; fades at the border, which the tail's padding hides."""
    layer = layers.Conv2DTranspose(3, 4, strides=2, padding="same", use_bias=False, trainable=False, name=name)
    y = layer(x)
    ramp = np.array([0.25, 0.75, 0.75, 0.25], "float32")
    layer.set_weights([np.outer(ramp, ramp)[:, :, None, None] * np.eye(3, dtype="float32")])
    return y


def _to_vgg(x: Any, *, name: str) -> Any:
    """BGR in [-1, 1] to the contract's VGG-mean space: channels reversed, 0..255, means taken off."""
    reverse = layers.Conv2D(3, 1, use_bias=False, trainable=False, name=f"{name}_reverse")
    x = reverse(x)
    reverse.set_weights([np.eye(3, dtype="float32")[None, None, :, ::-1] * 127.5])
    return Affine(1.0, [127.5 - mean for mean in VGG_MEANS], name=name)(x)


def _channels(x: Any, wanted: Sequence[int], total: int, *, name: str) -> Any:
    """Some channels of a map, as a fixed 1x1 convolution (slicing has no layer that every Keras knows)."""
    kernel = np.zeros((1, 1, total, len(wanted)), "float32")
    for column, channel in enumerate(wanted):
        kernel[0, 0, channel, column] = 1.0
    layer = layers.Conv2D(len(wanted), 1, use_bias=False, trainable=False, name=name)
    y = layer(x)
    layer.set_weights([kernel])
    return y


def _global_context(*, level: int) -> Callable[[Any, int], Any]:
    """At one level, lets every position know the mean of all (the scene decides what a region can be)."""

    def condition(features: Any, at: int) -> Any:
        if at != level:
            return features
        width = features.shape[-1]
        mean = layers.GlobalAveragePooling2D(name="scene")(features)
        shift = layers.Dense(width, kernel_initializer="zeros", name="scene_shift")(mean)
        return layers.Add(name="scene_add")([features, layers.Reshape((1, 1, width), name="scene_map")(shift)])

    return condition
