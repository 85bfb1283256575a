"""Losses that the recipes share; tensors are NHWC, and every loss returns one number per sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import ops

from s2p.colors import LUMA


def weighted_l1(scale: float = 1.0) -> Any:
    """Mean absolute error times `scale`; a fourth channel of the target, if there is one, weighs the pixels."""

    def loss(y_true: Any, y_pred: Any) -> Any:
        error = ops.abs(y_true[..., :3] - y_pred) * scale
        if y_true.shape[-1] == 4:
            error = error * y_true[..., 3:]
        return ops.mean(error, axis=(1, 2, 3))

    return loss


def naming(weights: Sequence[float]) -> Any:
    """Mean cross-entropy of the places whose name is known.

    Args:
        weights: of places by their K names.

    Returns: a loss of `int32[B, h, w]`, number of the name + 1, 0 where it is not known, and `float32[B, h, w, K]`,
        logits.
    """
    table = (0.0, *weights)

    def loss(numbers: Any, logits: Any) -> Any:
        numbers = ops.cast(numbers, "int32")
        weight = ops.take(ops.convert_to_tensor(table, dtype="float32"), numbers)
        chances = ops.log_softmax(logits, axis=-1)
        named = ops.take_along_axis(chances, ops.maximum(numbers - 1, 0)[..., None], axis=-1)[..., 0]
        return -ops.sum(named * weight, axis=(1, 2)) / (ops.sum(weight, axis=(1, 2)) + 1.0)

    return loss


def multi_scale_l1(levels: int = 3) -> Any:
    """Mean absolute error of the pictures and of their halves, quarters, ...; large areas count as much as edges.

    Prediction and target: `float32[B, H, W, C]`, H and W at least `2 ** (levels - 1)`. After the multi-scale losses
    of Mathieu et al. 2016, arXiv:1511.05440.
    """

    def loss(y_true: Any, y_pred: Any) -> Any:
        difference = y_pred - y_true
        total = 0.0
        for level in range(levels):
            if level:
                difference = ops.average_pool(difference, 2, strides=2, padding="valid", data_format="channels_last")
            total = total + ops.mean(ops.abs(difference), axis=(1, 2, 3))
        return total / levels

    return loss


def color_aware(chroma: float = 2.0) -> Any:
    """Mean absolute error of brightness and, `chroma` times as much, of colour opponents (red-green, blue-yellow).

    Errors of hue are what people see in a painting, yet they are small beside those of brightness: without this a
    network learns gray first. Opponents are differences of channels, so no colour space is needed.

    Prediction and target: `float32[B, H, W, 3]`, RGB in any range.
    """

    def loss(y_true: Any, y_pred: Any) -> Any:
        error = y_pred - y_true
        red, green, blue = error[..., 0], error[..., 1], error[..., 2]
        brightness = ops.abs(LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue)
        opponents = ops.abs(red - green) + ops.abs(blue - 0.5 * (red + green))
        return ops.mean(brightness + 0.5 * chroma * opponents, axis=(1, 2))

    return loss


def total_variation(picture: Any) -> Any:
    """Mean squared difference of neighbours, down and along; `float32[B]` for `float32[B, H, W, C]`.

    It judges a painting alone (Rudin et al. 1992; squared as by Liu et al. 2017). A mean, not a sum: its strength must
    not depend on the size of the picture.
    """
    down, along = picture[:, 1:] - picture[:, :-1], picture[:, :, 1:] - picture[:, :, :-1]
    return ops.mean(down**2, axis=(1, 2, 3)) + ops.mean(along**2, axis=(1, 2, 3))


def ink_entropy(weight: float = 3.0) -> Any:
    """Binary cross-entropy of soft ink in which full ink weighs `weight` times as much as paper.

    Prediction and target: `float32[B, H, W, 1]` in [0, 1], 1 = ink. Lines cover a few percent of a page; unweighted, a
    network does best for long by drawing none of the doubtful ones.
    """

    def loss(y_true: Any, y_pred: Any) -> Any:
        sure = ops.clip(y_pred, 1e-5, 1 - 1e-5)
        entropy = -(y_true * ops.log(sure) + (1 - y_true) * ops.log(1 - sure))
        return ops.mean(entropy * (1 + (weight - 1) * y_true), axis=(1, 2, 3))

    return loss


def mixture_nll(palette: Any, *, sigma: float = 0.06, stride: int = 2) -> Any:
    """Negative log-likelihood of a colour under a mixture with fixed centres and one "copied hint" component.

    Args:
        palette: `float32[K, 3]`, centres.
        sigma: standard deviation of every component, in the units of the colours.
        stride: only every so many rows and columns are judged; at 2 the loss costs a quarter and learns the same.

    Prediction: `float32[B, H, W, K + 1 + 3]`: K + 1 logits, then the hint's colour. Target: colour and pixel weight,
    `float32[B, H, W, 4]`. Mixture density networks: Bishop 1994.
    """
    count = len(palette)
    centres = ops.reshape(ops.convert_to_tensor(palette, "float32"), (count, 3))
    squares = ops.sum(centres**2, axis=-1)

    def loss(y_true: Any, y_pred: Any) -> Any:
        y_true, y_pred = y_true[:, ::stride, ::stride], y_pred[:, ::stride, ::stride]
        logits, hint = y_pred[..., : count + 1], y_pred[..., count + 1 :]
        color = y_true[..., :3]
        distance = ops.sum(color**2, -1, keepdims=True) + squares - 2.0 * ops.matmul(color, ops.transpose(centres))
        copied = ops.sum((color - hint) ** 2, -1, keepdims=True)
        distance = ops.concatenate([ops.maximum(distance, 0.0), copied], -1)
        log_share = logits - ops.logsumexp(logits, axis=-1, keepdims=True)
        likelihood = ops.logsumexp(log_share - distance / (2 * sigma**2), axis=-1)
        return ops.mean(-likelihood * y_true[..., 3], axis=(1, 2))

    return loss
