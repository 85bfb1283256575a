"""Runs networks: one call, whatever computes behind it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

HINT_ENCODINGS = ("points", "propagated")


@runtime_checkable
class Network(Protocol):
    """A network as a pipeline sees it.

    Attributes:
        name: one of the six historic names.
        encoding: `points` or `propagated`. What the network expects in its hint channels.
        trained: False where the weights are random.
    """

    name: str
    encoding: str
    trained: bool

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        """Takes `float32[1, H, W, C]` (or `[1, C]` vectors) in the contract's order, returns a list of `float32` outputs."""
        ...
