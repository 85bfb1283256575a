"""How one layer class of Keras 2 is read: what its table entry says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from s2p.legacy.options import Options

Shape = tuple[int, ...]
Shapes = dict[str, Shape]


@dataclass(frozen=True)
class Kind:
    """How one layer class is read.

    Attributes:
        build: makes the Keras 3 layer from its settings; the keyword argument is its name.
        weights: shapes of the weights by their Keras 2 names, in Keras 2's order, for one input shape.
        frozen: names among them that are never trained (stored after the others).
        renamed: Keras 2 weight name -> Keras 3 variable name, where they differ.
        many: takes a list of tensors.
        flipped: weights that the Theano backend stores mirrored in space.
    """

    build: Callable[..., Any]
    weights: Callable[[Options, tuple], Shapes] = lambda options, shape: {}
    frozen: tuple[str, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    many: bool = False
    flipped: tuple[str, ...] = ()


def bias(options: Options, width: int) -> Shapes:
    """The shape of a layer's bias, if it has one."""
    return {"bias": (width,)} if options.flag("use_bias", True) else {}
