"""A network of styles that begins by painting the picture itself, so that nothing has to be learned but style.

From random numbers thousands of steps go by before anything can be made out. Here the first channels of every layer
hand the picture through: strided convolutions put the pixels of a square side by side, those behind an enlargement put
them back, and the residual layers whisper. This is where training begins; nothing in the graph differs.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from s2p.style_rows import BLOCKS

_LIFTED = 2.0  # deviations above 0, so that a rectifier leaves what is handed through as it is
_WHISPER = 0.1  # scale of a residual layer
_NOISE = 0.003  # of weights beside those that hand through
_OFFSETS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def begin_as_picture(model: keras.Model) -> None:
    """Sets a model of `s2p.models.stylizer` so that all of its styles paint the picture itself, a little softened."""
    random = np.random.default_rng(0)
    room = model.get_layer("contract3").kernel.shape[-1]
    kept = 12 if room >= 48 else 3  # channels at half the size: every pixel, or the mean of four

    passed = np.zeros((9, 9, 3, 3))
    passed[4, 4] = np.eye(3)
    _hand_through(model, "contract1", passed, random)
    _hand_through(model, "contract2", _packed(3), random)
    if kept == 12:
        _hand_through(model, "contract3", _packed(12), random)
    else:  # the mean colour of every square, then side by side
        mean = np.tile(np.eye(3) / 4, (4, 1))
        _hand_through(model, "contract3", np.einsum("hwio,ci->hwco", _packed(3), mean), random)
    for number in range(1, BLOCKS + 1):
        model.get_layer(f"residual{number}_b_scale").kernel.assign(_full(model, f"residual{number}_b", _WHISPER))
    _hand_through(model, "expand1", _unpacked(kept), random)
    soft = np.einsum("h,w,io->hwio", *[np.array([0.25, 0.5, 0.25])] * 2, np.eye(3))
    _hand_through(model, "expand2", _unpacked(3) if kept == 12 else soft, random)
    _hand_through(model, "expand3", passed, random, is_last=True)


def _packed(channels: int) -> np.ndarray:
    """A kernel of stride 2 whose outputs are the four pixels of a square: `[3, 3, C, 4 C]`."""
    kernel = np.zeros((3, 3, channels, 4 * channels))
    for place, (row, column) in enumerate(_OFFSETS):
        kernel[1 + row, 1 + column, :, place * channels : (place + 1) * channels] = np.eye(channels)
    return kernel


def _unpacked(channels: int) -> np.ndarray:
    """A kernel behind an enlargement that puts four channels back into a square: `[3, 3, 4 C, C]`.

    It meets pixels `(before, own, own)` in even places and `(own, own, after)` in odd ones. Of weights a, b, c then
    b + c makes the even one and a + b the odd one; half of the neighbours' difference is what it costs.
    """
    taps = np.array([[-0.5, 0.5], [0.5, 0.5], [0.5, -0.5]])  # by place in the kernel, of the even and the odd pixel
    kernel = np.zeros((3, 3, 4 * channels, channels))
    for place, (row, column) in enumerate(_OFFSETS):
        weights = np.outer(taps[:, row], taps[:, column])
        part = kernel[:, :, place * channels : (place + 1) * channels]
        part += weights[..., None, None] * np.eye(channels)
    return kernel


def _hand_through(
    model: keras.Model, name: str, passed: np.ndarray, random: np.random.Generator, *, is_last: bool = False
) -> None:
    layer = model.get_layer(name)
    kernel = np.array(layer.kernel)
    channels_in, channels = passed.shape[2:]
    kernel[..., :channels] = random.normal(scale=_NOISE, size=kernel[..., :channels].shape)
    kernel[:, :, :channels_in, :channels] += passed
    layer.kernel.assign(kernel.astype(np.float32))
    if not is_last:
        offset = _full(model, name, 0.0)
        offset[:, :channels] = _LIFTED
        model.get_layer(f"{name}_offset").kernel.assign(offset)


def _full(model: keras.Model, name: str, value: float) -> Any:
    return np.full(model.get_layer(f"{name}_scale").kernel.shape, value, np.float32)
