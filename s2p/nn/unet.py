"""The U-Net trunk of baby, girder, head and neck (Ronneberger et al. 2015, arXiv:1505.04597; skips are added)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from keras import layers

from s2p.nn.blocks import conv, residual, upsample


@dataclass(frozen=True)
class UNetPlan:
    """Sizes of one U-Net.

    Attributes:
        widths: channels per level, finest first; every level halves height and width.
        encoder, decoder: convolutions in the residual block of each level (0 for none); `decoder` has no entry for
            the deepest level.
        bottom: residual blocks at the deepest level.
    """

    widths: Sequence[int]
    encoder: Sequence[int]
    decoder: Sequence[int]
    bottom: int = 2


def unet(
    x: Any, plan: UNetPlan, *, name: str = "", condition: Callable[[Any, int], Any] | None = None
) -> list[Any]:
    """Runs the trunk over features `x` of the finest level.

    Args:
        x: `float32[B, H, W, widths[0]]`; H and W are multiples of `2 ** (len(widths) - 1)`.
        condition: called with the features and the index of a level after each encoder step, returns new features;
            the way by which style vectors enter.

    Returns: features of every level after decoding, finest first; the last entry is the bottleneck.
    """
    skips = []
    depth = len(plan.widths)
    for level, width in enumerate(plan.widths):
        if level:
            x = conv(x, width, stride=2, name=f"{name}down{level}")
        if condition is not None:
            x = condition(x, level)
        if level < depth - 1:
            if plan.encoder[level]:
                x = residual(x, name=f"{name}enc{level}", convolutions=plan.encoder[level])
            skips.append(x)
    for block in range(plan.bottom):
        x = residual(x, name=f"{name}bottom{block}")
    levels = [x]
    for level in reversed(range(depth - 1)):
        x = upsample(x, plan.widths[level], name=f"{name}up{level}")
        x = layers.Add(name=f"{name}skip{level}")([x, skips[level]])
        if plan.decoder[level]:
            x = residual(x, name=f"{name}dec{level}", convolutions=plan.decoder[level])
        levels.append(x)
    return levels[::-1]
