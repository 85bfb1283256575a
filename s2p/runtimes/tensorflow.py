"""Networks computed by TensorFlow: always there, understands every graph, and the measure of the others."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from s2p.config import Settings
from s2p.runtimes.keras_network import KerasNetwork
from s2p.runtimes.quiet import import_quietly

if TYPE_CHECKING:
    import keras


class TensorFlowNetwork(KerasNetwork):
    """A Keras model behind one `tf.function` that serves every size without tracing again.

    Args:
        model: Keras model with free spatial sizes.
        device: TensorFlow's name, such as `/cpu:0`.
        about: name, encoding, trained and identity, see `KerasNetwork`.
    """

    backend = "tensorflow"

    def __init__(self, model: keras.Model, *, device: str = "/cpu:0", **about: Any) -> None:
        super().__init__(model, **about)
        self._run = as_function(model, device=device)

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        return [output.numpy() for output in self._run(*inputs)]


def as_function(model: keras.Model, *, device: str | None = None) -> Any:
    """A `tf.function` of the model's inputs in their order that returns the list of its outputs."""
    import tensorflow as tf

    _keep_slopes()
    signature = [
        tf.TensorSpec([None, *tensor.shape[1:]], tf.float32, name=f"input{i:02}")
        for i, tensor in enumerate(model.inputs)
    ]
    single = len(signature) == 1

    @tf.function(input_signature=signature)
    def run(*inputs: Any) -> list[Any]:
        with tf.device(device):
            outputs = model(inputs[0] if single else list(inputs), training=False)
            return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]

    return run


def _keep_slopes() -> None:
    """Keeps TensorFlow from fusing a convolution with the sum and the activation that follow it.

    With oneDNN (the default on processors with AVX-512 or AMX) a fused convolution, bias, sum and leaky ReLU has the
    slope 0.2 whatever slope was asked for (TensorFlow 2.21), so our networks of slope 0.1 answered something else
    there. Doing without that fusion costs about 5 % of the time.
    """
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"remapping": False})


def prepare(settings: Settings) -> None:
    """Sets threads and silence before TensorFlow computes for the first time; later calls change nothing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    tf = import_quietly("tensorflow")
    tf.get_logger().setLevel("ERROR")  # six functions traced once each look to it like one traced six times
    if settings.threads:
        with suppress(RuntimeError):  # already running: the first painter of a process decides
            tf.config.threading.set_intra_op_parallelism_threads(settings.threads)


def may_see_gpu() -> bool:
    """False where only TensorFlow's CPU wheel is installed: then there is no need to import it and ask."""
    with suppress(metadata.PackageNotFoundError):
        return bool(metadata.version("tensorflow"))
    return False


def gpus() -> list[str]:
    """TensorFlow's names of the GPUs that it can use, such as `/gpu:0`."""
    if not may_see_gpu():
        return []
    import tensorflow as tf

    return [f"/gpu:{number}" for number, _ in enumerate(tf.config.list_physical_devices("GPU"))]
