"""Networks computed by Keras on PyTorch: for training on a computer that has no TensorFlow."""

from __future__ import annotations

import os
import sys

import numpy as np

from s2p.runtimes.keras_network import KerasNetwork


class TorchNetwork(KerasNetwork):
    """A Keras model of the torch backend, on the device that Keras chose (a GPU where there is one)."""

    backend = "torch"

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        import torch
        from keras import ops

        # Where PyTorch is missing, pyright takes this very file for it.
        with torch.no_grad():  # pyright: ignore[reportAttributeAccessIssue]
            outputs = self.model(inputs[0] if len(inputs) == 1 else list(inputs), training=False)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        return [np.asarray(ops.convert_to_numpy(output), np.float32) for output in outputs]


def is_chosen() -> bool:
    """Whether Keras runs, or will run when it is imported, on PyTorch in this process."""
    keras = sys.modules.get("keras")
    if keras is not None:
        return keras.backend.backend() == "torch"
    return os.environ.get("KERAS_BACKEND") == "torch"
