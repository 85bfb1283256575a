"""Runs networks: one call, whatever computes behind it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from s2p.config import Settings

if TYPE_CHECKING:
    import keras

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
        """Takes `float32[1, H, W, C]` (or `[1, C]` vectors) in the contract's order, returns a list of `float32`."""
        ...


class TensorFlowNetwork:
    """A Keras model behind one `tf.function` that serves every size without tracing again.

    Args:
        model: Keras model with free spatial sizes.
        name, encoding, trained: see `Network`.
        identity: text that is equal for equal weights (a file's hash), or None.
        device: TensorFlow's name, such as `/cpu:0`.
    """

    def __init__(
        self, model: keras.Model, *, name: str, encoding: str, trained: bool, identity: str | None, device: str
    ) -> None:
        import tensorflow as tf

        self.name, self.encoding, self.trained, self.identity = name, encoding, trained, identity
        self.model = model
        signature = [tf.TensorSpec([None, *tensor.shape[1:]], tf.float32) for tensor in model.inputs]
        single = len(signature) == 1

        @tf.function(input_signature=signature)
        def run(*inputs: Any) -> list[Any]:
            with tf.device(device):
                outputs = model(inputs[0] if single else list(inputs), training=False)
                return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]

        self._run = run

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        return [output.numpy() for output in self._run(*inputs)]


def make_network(
    model: keras.Model, *, name: str, encoding: str, trained: bool, identity: str | None, settings: Settings
) -> Network:
    """Puts a Keras model behind the runtime that the settings ask for."""
    prepare_tensorflow(settings)
    device = settings.device if ":" in settings.device else f"{settings.device}:0"
    return TensorFlowNetwork(
        model, name=name, encoding=encoding, trained=trained, identity=identity, device=f"/{device}"
    )


def prepare_tensorflow(settings: Settings) -> None:
    """Sets threads and silence before TensorFlow computes for the first time; later calls change nothing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")  # six functions traced once each look to it like one traced six times
    if settings.threads:
        with suppress(RuntimeError):  # already running: the first painter of a process decides
            tf.config.threading.set_intra_op_parallelism_threads(settings.threads)
