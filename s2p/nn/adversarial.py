"""Adversarial losses on the logits of a discriminator; every function returns one number per sample.

| kind | discriminator | generator | source |
|---|---|---|---|
| `vanilla` | cross entropy | `-log D`, non-saturating | Goodfellow et al. 2014, arXiv:1406.2661 |
| `lsgan` | squares to 1 and 0 | squares to 1 | Mao et al. 2017, arXiv:1611.04076 |
| `hinge` | margins at 1 and -1 | `-D` | Lim & Ye 2017, arXiv:1705.02894 |
| `wgan-gp` | `D(fake) - D(real)` + gradient penalty | `-D` | Gulrajani et al. 2017, arXiv:1704.00028 |
"""

from __future__ import annotations

from typing import Any

from keras import ops

KINDS = ("vanilla", "lsgan", "hinge", "wgan-gp")


def discriminator_loss(kind: str, real: Any, fake: Any, *, smooth: float = 0.0) -> Any:
    """What the discriminator minimises.

    Args:
        kind: one of `KINDS`; the penalty of `wgan-gp` is `gradient_penalty`, added by the trainer.
        real, fake: `float32[B, ...]`, logits of true and of painted pictures.
        smooth: float in [0, 0.5). How much less than 1 a true picture should count for (one-sided label smoothing,
            Salimans et al. 2016, arXiv:1606.03498); not for `hinge` and `wgan-gp`.

    Returns: `float32[B]`.
    """
    if kind == "vanilla":
        return _mean((1.0 - smooth) * ops.softplus(-real) + smooth * ops.softplus(real)) + _mean(ops.softplus(fake))
    if kind == "lsgan":
        return 0.5 * (_mean((real - (1.0 - smooth)) ** 2) + _mean(fake**2))
    if kind == "hinge":
        return _mean(ops.relu(1.0 - real)) + _mean(ops.relu(1.0 + fake))
    return _mean(fake) - _mean(real)


def generator_loss(kind: str, fake: Any) -> Any:
    """What the painter minimises, given the logits of its pictures `float32[B, ...]`; `float32[B]`."""
    if kind == "vanilla":
        return _mean(ops.softplus(-fake))
    if kind == "lsgan":
        return 0.5 * _mean((fake - 1.0) ** 2)
    return -_mean(fake)


def classification_loss(true: Any, named: Any) -> Any:
    """Cross-entropy of everything that may be in a picture, each by itself; the mean over pictures and names.

    Args:
        true: `float32[B, C]`, 0 or 1.
        named: `float32[B, C]`, logits.

    Returns: a scalar.
    """
    return ops.mean(ops.softplus(named) - true * named)


def gradient_penalty(gradients: Any) -> Any:
    """`(|gradient| - 1)^2` per sample, over all other axes.

    Args:
        gradients: `float32[B, H, W, C]`, of the discriminator's answers by its picture.

    Returns: `float32[B]`.
    """
    axes = tuple(range(1, len(gradients.shape)))
    # The root has no slope at zero, where a discriminator that says nothing yet stands.
    return (ops.sqrt(ops.sum(gradients**2, axis=axes) + 1e-12) - 1.0) ** 2


def _mean(values: Any) -> Any:
    return ops.mean(values, axis=tuple(range(1, len(values.shape))))
