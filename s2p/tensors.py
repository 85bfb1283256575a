"""What networks are given, made of whole numbers: the last operations of every batch, and some before.

Each takes NumPy's arrays and TensorFlow's tensors, and gives the same to the last bit. `preprocess.ops` and training
with TensorFlow call them in the graph of a `tf.data.Dataset`, beside Python; training with PyTorch calls them
on arrays. Pictures are `uint8[..., H, W, C]`, drawings `uint8[..., H, W]`, 255 = paper.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2p.colors import VGG_MEANS

Values = Any  # an array, or a tensor of TensorFlow


def cast(values: Values, kind: str = "float32") -> Values:
    """The same numbers as another type; towards 0 where that is whole."""
    if isinstance(values, np.ndarray):
        return values.astype(kind)
    import tensorflow as tf

    return tf.cast(values, kind)


def ink(drawings: Values) -> Values:
    """`float32[..., H, W, 1]`, 1 = ink, of drawings."""
    return (1.0 - cast(drawings) / 255.0)[..., None]


def light(pictures: Values) -> Values:
    """`float32` in [0, 1]."""
    return cast(pictures) / 255.0


def signed(pictures: Values) -> Values:
    """`float32` in [-1, 1]."""
    return cast(pictures) / 127.5 - 1.0


def centred(pictures: Values) -> Values:
    """`float32`, RGB 0..255 without VGG's means."""
    return cast(pictures) - np.array(VGG_MEANS, np.float32)


def quartered(pictures: Values) -> Values:
    """Means over 4 x 4 blocks of `[B, H, W, C]`, `float32`; exact for whole numbers up to 255, twice in a row, too."""
    if isinstance(pictures, np.ndarray):
        batch, height, width, channels = pictures.shape
        return cast(pictures).reshape(batch, height // 4, 4, width // 4, 4, channels).mean((2, 4))
    import tensorflow as tf

    return tf.nn.avg_pool2d(cast(pictures), 4, 4, "VALID")


def faded(drawings: Values, factor: Values) -> Values:
    """Drawings whose lines have lost `1 - 1 / factor` of their strength at most; paper stays white.

    Args:
        drawings: `uint8[...]`, 255 = paper.
        factor: float from 1 up, or `float32` of a shape that goes with theirs.
    """
    brighter = cast(drawings) * factor
    if isinstance(brighter, np.ndarray):
        return cast(np.minimum(brighter, 255.0), "uint8")
    import tensorflow as tf

    return cast(tf.minimum(brighter, 255.0), "uint8")


def mirrored(pictures: Values) -> Values:
    """Left and right of `[..., H, W, C]` exchanged."""
    return pictures[..., ::-1, :]


def joined(*values: Values) -> Values:
    """Channels behind one another."""
    if isinstance(values[0], np.ndarray):
        return np.concatenate(values, -1)
    import tensorflow as tf

    return tf.concat(values, -1)
