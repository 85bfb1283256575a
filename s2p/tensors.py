"""What is done with pictures on their way into a network, the same for `s2p train` and for `preprocess`.

Each takes NumPy's arrays and TensorFlow's tensors, and gives the same to the last bit. `preprocess.ops` calls them in
the graph of a `tf.data.Dataset`; so does training with TensorFlow for what makes tensors of whole numbers. What comes
before hints are simulated (sizes, mixed lines) it calls on arrays, as training with PyTorch does with all. Pictures are
`uint8[..., H, W, C]`, drawings `uint8[..., H, W]`, 255 = paper.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
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


def resized(picture: Values, size: tuple[int, int], *, is_averaged: bool = True) -> Values:
    """A picture at another size.

    Args:
        picture: `uint8[H, W]` or `[H, W, C]`, C from 1 to 4.
        size: height and width, px.
        is_averaged: whether a smaller picture shows means of areas, so that no thin line breaks up.

    Returns: `uint8[*size]` or `[*size, C]`; the picture itself where it has that size.
    """
    if not isinstance(picture, np.ndarray):
        shape = [*size, *picture.shape[2:]]
        return _by_opencv(shape, lambda one: resized(one, size, is_averaged=is_averaged), picture)
    if picture.shape[:2] == tuple(size):
        return picture
    is_smaller = picture.shape[0] > size[0] or picture.shape[1] > size[1]
    how = cv2.INTER_AREA if is_averaged and is_smaller else cv2.INTER_LINEAR
    made = cv2.resize(picture, (size[1], size[0]), interpolation=how)
    return made.reshape(*size, *picture.shape[2:])  # OpenCV drops a single channel


def mixed(flavours: Values, first: Values, second: Values, share: Values) -> Values:
    """One drawing `uint8[H, W, 1]` of two among `uint8[H, W, L]`: a `share` of the first, the rest of the second."""
    if not isinstance(flavours, np.ndarray):
        return _by_opencv([*flavours.shape[:2], 1], mixed, flavours, first, second, share)
    one, other = (np.ascontiguousarray(flavours[..., int(number)]) for number in (first, second))
    return cv2.addWeighted(one, float(share), other, 1.0 - float(share), 0)[..., None]


def _by_opencv(shape: list[int | None], function: Callable[..., np.ndarray], *values: Any) -> Any:
    """What a function of arrays makes of tensors, `uint8[*shape]`, in TensorFlow's graph."""
    import tensorflow as tf

    return tf.ensure_shape(tf.numpy_function(function, values, tf.uint8, stateful=False), shape)


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
