"""Feature losses: two pictures are alike if a network sees the same in them (Johnson et al. 2016, arXiv:1603.08155).

The network is one that we trained (the style reader), or VGG16/VGG19 from a file that the user has: the arrays of a
Keras "notop" file are read, nothing in it is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from keras import layers, ops

from s2p.colors import VGG_MEANS
from s2p.errors import WeightsError
from s2p.nn.blocks import Affine

# Convolutions and channels of every block, by the number of convolutions of the whole network.
VGG_BLOCKS = {
    13: ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), 16: ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)),
}


def feature_loss(network: keras.Model) -> Any:
    """Mean absolute difference of features, averaged over the network's outputs; the network is not trained.

    Args:
        network: takes `float32[B, H, W, 3]`, RGB in [-1, 1]: `of_reader` or `vgg`.
    """
    network.trainable = False

    def loss(y_true: Any, y_pred: Any) -> Any:
        wanted, got = (_listed(network(picture, training=False)) for picture in (y_true, y_pred))
        errors = [ops.mean(ops.abs(ops.stop_gradient(a) - b), axis=(1, 2, 3)) for a, b in zip(wanted, got)]
        return sum(errors) / len(errors)

    return loss


def of_reader(reader: keras.Model, *, taps: Sequence[int] = (0, 1, 2)) -> keras.Model:
    """The style reader (B, G, R in [0, 1]) behind RGB in [-1, 1]; outputs are those of its `taps`."""
    picture = keras.Input((None, None, 3), name="picture")
    seen = reader(Affine(0.5, 0.5, name="to_unit")(reversed_colors(picture)))
    return keras.Model(picture, [seen[tap] for tap in taps], name="reader_features")


def vgg(path: str | Path, *, layer: str = "block3_conv3") -> keras.Model:
    """VGG16 or VGG19 up to one convolution, filled from a Keras weight file.

    Args:
        path: such as `vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5`.
        layer: name of the last convolution; its rectified answer is the output.

    Returns: model that takes `float32[B, H, W, 3]`, RGB in [-1, 1], and does itself what VGG expects: B, G, R,
        0..255, means taken off.

    Raises:
        WeightsError: not such a file, or without this layer.
    """
    arrays = read_convolutions(Path(path))
    blocks = VGG_BLOCKS.get(len(arrays))
    if blocks is None or layer not in arrays:
        raise WeightsError(
            f"{Path(path).name} must be a Keras weight file of VGG16 or VGG19 with a layer {layer!r}. Found: "
            f"{len(arrays)} convolutions."
        )
    picture = keras.Input((None, None, 3), name="picture")
    x = Affine(127.5, [127.5 - mean for mean in VGG_MEANS], name="to_vgg")(reversed_colors(picture))
    for block, (count, width) in enumerate(blocks, start=1):
        for i in range(1, count + 1):
            name = f"block{block}_conv{i}"
            x = filled_vgg(x, arrays, name, width, Path(path))
            if name == layer:
                return keras.Model(picture, x, name="vgg_features")
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    raise WeightsError(f"{Path(path).name} has no layer {layer!r} where VGG has one.")


def filled_vgg(x: Any, arrays: dict[str, list[np.ndarray]], name: str, width: int, path: Path) -> Any:
    """One convolution of a VGG with its rectifier, filled from a file's arrays; raises `WeightsError`."""
    convolution = layers.Conv2D(width, 3, padding="same", activation="relu", name=name)
    y = convolution(x)
    _fill(convolution, arrays.get(name, []), path)
    return y


def _fill(convolution: Any, arrays: list[np.ndarray], path: Path) -> None:
    wanted = [tuple(variable.shape) for variable in convolution.weights]
    found = [array.shape for array in arrays]
    if wanted != found or not all(np.isfinite(array).all() for array in arrays):
        raise WeightsError(f"{path.name}: {convolution.name} must hold arrays of {wanted}. Received: {found}.")
    convolution.set_weights(arrays)


def read_convolutions(path: Path) -> dict[str, list[np.ndarray]]:
    """Kernel and bias of every `blockN_convM` in a file, whatever its datasets are called."""
    found: dict[str, list[np.ndarray]] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "f" and item.ndim in (1, 4):
            parts = [part for part in name.split("/") if part.startswith("block") and "_conv" in part]
            if parts:
                found.setdefault("_".join(parts[0].split("_")[:2]), []).append(item[()].astype("float32"))

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
    except OSError:
        raise WeightsError(f"{path.name} cannot be read as an HDF5 weight file.") from None
    return {name: sorted(arrays, key=lambda array: -array.ndim) for name, arrays in found.items()}


def reversed_colors(picture: Any) -> Any:
    """R, G, B to B, G, R, as a fixed convolution (every backend has it)."""
    layer = layers.Conv2D(3, 1, use_bias=False, trainable=False, name="reverse")
    y = layer(picture)
    layer.set_weights([np.eye(3, dtype="float32")[None, None, :, ::-1]])
    return y


def _listed(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
