"""What draws strokes with gradients while they are searched: formulas (`soft`), or a network (`neural`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from s2p.errors import InputError
from s2p.strokes.climb import Climbed, climb
from s2p.strokes.soft import cover_quickly

BACKENDS = ("analytic", "neural")


@dataclass(frozen=True)
class Backend:
    """The two things that a search asks for.

    Attributes:
        cover: as `soft.cover_quickly`.
        climb: as `climb.climb`.
        thinnest: breadth below which it does not see a stroke, in shares of a block.
    """

    cover: Callable[..., np.ndarray] = cover_quickly
    climb: Callable[..., Climbed] = climb
    thinnest: float = 0.1


def backend_of(name: str, renderer: str, network: str) -> Backend:
    """A backend of `BACKENDS` for a kind of stroke.

    Args:
        network: which one, for `neural`.

    Raises:
        InputError: there is no such backend or network.
        WeightsMissingError: it has no weights for these strokes.
    """
    if name not in BACKENDS:
        raise InputError(f"backend must be {' or '.join(BACKENDS)}. Received: {name!r}.")
    if name == "analytic":
        return Backend()
    from s2p.strokes.neural import load

    drawing = load(renderer, network)
    return Backend(drawing.cover, drawing.climb, thinnest=0.2)
