"""Networks computed by Keras on PyTorch: for training on a computer that has no TensorFlow."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras


class TorchNetwork:
    """A Keras model of the torch backend, on the device that Keras chose (a GPU where there is one).

    Args:
        model: Keras model with free spatial sizes.
        name, encoding, trained: see `s2p.runtime.Network`.
        identity: text that is equal for equal weights (a file's hash), or None.
    """

    backend = "torch"

    def __init__(
        self, model: keras.Model, *, name: str, encoding: str, trained: bool, identity: str | None
    ) -> None:
        self.name, self.encoding, self.trained, self.identity = name, encoding, trained, identity
        self.model = model
        self.inputs = tuple(tuple(tensor.shape) for tensor in model.inputs)
        self.outputs = tuple(tuple(tensor.shape) for tensor in model.outputs)

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        import torch
        from keras import ops

        with torch.no_grad():
            outputs = self.model(inputs[0] if len(inputs) == 1 else list(inputs), training=False)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        return [np.asarray(ops.convert_to_numpy(output), np.float32) for output in outputs]


def is_chosen() -> bool:
    """Whether Keras runs, or will run when it is imported, on PyTorch in this process."""
    keras = sys.modules.get("keras")
    if keras is not None:
        return keras.backend.backend() == "torch"
    return os.environ.get("KERAS_BACKEND") == "torch"
