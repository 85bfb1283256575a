"""What networks have in common that keep their Keras model, whichever library computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


class KerasNetwork:
    """Names and shapes of a Keras model; how it is computed, the runtimes say.

    Args:
        model: Keras model with free spatial sizes.
        name, encoding, trained: see `s2p.runtime.Network`.
        identity: text that is equal for equal weights (a file's hash), or None.
    """

    def __init__(
        self, model: keras.Model, *, name: str, encoding: str, trained: bool, identity: str | None
    ) -> None:
        self.name, self.encoding, self.trained, self.identity = name, encoding, trained, identity
        self.model = model
        self.inputs = tuple(tuple(tensor.shape) for tensor in model.inputs)
        self.outputs = tuple(tuple(tensor.shape) for tensor in model.outputs)
