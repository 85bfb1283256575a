"""One layer of ours on its way into a Keras 2.1.6 file, and the table of those who write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2p.errors import LegacyModelError
from s2p.legacy.exported import LegacyGraph, Ref


@dataclass(frozen=True)
class Call:
    """One call of a layer or operation.

    Attributes:
        graph: what is being written.
        layer: the Keras 3 layer or operation.
        name: wished for in the file.
        inputs: its tensors, in order.
        arguments: positional arguments with a `Ref` for every tensor.
        keywords: keyword arguments likewise.
    """

    graph: LegacyGraph
    layer: Any
    name: str
    inputs: list[Ref]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    @property
    def x(self) -> Ref:
        return self.inputs[0]

    def refuse(self, reason: str) -> LegacyModelError:
        kind = type(self.layer).__name__
        return LegacyModelError(f"layer '{self.name}' ({kind}) cannot be written for Keras 2.1.6: {reason}.")

    def weights(self, *names: str, **renamed: str) -> list[tuple[str, np.ndarray]]:
        """The layer's values under their Keras 2 names, in the given order; those it does not have are left out."""
        values = {variable.name: np.asarray(variable, np.float32) for variable in self.layer.weights}
        pairs = [(name, renamed.get(name, name)) for name in names]
        return [(name, values[own]) for name, own in pairs if own in values]

    def channels_last(self) -> None:
        if getattr(self.layer, "data_format", "channels_last") != "channels_last":
            raise self.refuse("channels_first is not supported")


Writer = Callable[[Call], Ref]
LAYERS: dict[type, Writer] = {}


def writes(*kinds: type) -> Callable[[Writer], Writer]:
    """Enters a writer for these classes into `LAYERS`."""

    def register(writer: Writer) -> Writer:
        LAYERS.update(dict.fromkeys(kinds, writer))
        return writer

    return register
