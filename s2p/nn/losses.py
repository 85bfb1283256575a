"""Losses that the recipes share; tensors are NHWC, and every loss returns one number per sample."""

from __future__ import annotations

from typing import Any

from keras import ops


def weighted_l1(scale: float = 1.0) -> Any:
    """Mean absolute error times `scale`; a fourth channel of the target, if there is one, weighs the pixels."""

    def loss(y_true: Any, y_pred: Any) -> Any:
        error = ops.abs(y_true[..., :3] - y_pred) * scale
        if y_true.shape[-1] == 4:
            error = error * y_true[..., 3:]
        return ops.mean(error, axis=(1, 2, 3))

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
