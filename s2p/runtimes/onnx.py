"""Networks computed by ONNX Runtime: on any GPU that speaks DirectX 12 (DirectML), on NVIDIA's, or on the CPU."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from s2p.runtimes.converted import Converted

if TYPE_CHECKING:
    import keras

_LOG = logging.getLogger(__name__)
_MODEL = "network.onnx"
# Providers that are GPUs, the better one first.
GPU_PROVIDERS = ("CUDAExecutionProvider", "DmlExecutionProvider", "ROCMExecutionProvider")
_CPU = "CPUExecutionProvider"


def load_library() -> Any:
    """The module `onnxruntime`; raises `ImportError` where it is missing."""
    import onnxruntime

    return onnxruntime


def devices() -> list[str]:
    """The providers that this installation of ONNX Runtime brings, by its own names."""
    available = load_library().get_available_providers()
    return [name for name in available if name != "AzureExecutionProvider"]  # which is a web service


def gpus() -> list[str]:
    """Those of them that compute on a GPU."""
    available = devices()
    return [name for name in GPU_PROVIDERS if name in available]


def convert(model: keras.Model, folder: Path) -> None:
    """Writes a Keras model as an ONNX file; raises `WeightsError` for a graph that has no translation."""
    from s2p.runtimes.onnx_graph import translate

    translate(model).write(folder / _MODEL)


class OnnxNetwork:
    """A converted network, see `s2p.runtime.Network`.

    Args:
        converted: files of `convert`.
        name, encoding, trained, identity: see `s2p.runtimes.keras_network.KerasNetwork`.
        device: `cpu`, or a provider and its number such as `DmlExecutionProvider:0`.
        threads: int. CPU threads, 0 for all cores.
    """

    backend = "onnxruntime"

    def __init__(
        self, converted: Converted, *, name: str, encoding: str, trained: bool, identity: str | None,
        device: str = "cpu", threads: int = 0,
    ) -> None:
        self.name, self.encoding, self.trained, self.identity = name, encoding, trained, identity
        self.inputs, self.outputs = converted.inputs, converted.outputs
        self._lock = threading.Lock()
        self._session = open_session(str(converted.folder / _MODEL), name, device, threads)
        self.device = str(self._session.get_providers()[0])
        self._outputs = [f"output{i:02}" for i in range(len(self.outputs))]

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        given = {f"input{i:02}": np.ascontiguousarray(array) for i, array in enumerate(inputs)}
        with self._lock:  # DirectML takes one call at a time
            return list(self._session.run(self._outputs, given))


def open_session(model: str | bytes, name: str, device: str, threads: int) -> Any:
    """A session of a model file, or of its bytes, on a device, or on the CPU where that cannot run it."""
    runtime = load_library()
    provider, _, number = device.partition(":")
    if provider != "cpu":
        options = runtime.SessionOptions()
        # What DirectML asks for; with free sizes there is no pattern to remember anyway.
        options.enable_mem_pattern = False
        options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        try:
            if provider in devices():
                chosen = (provider, {"device_id": number or "0"})
                session = runtime.InferenceSession(model, options, providers=[chosen, _CPU])
                if session.get_providers()[0] == provider:
                    return session
            reason = "it finds no device"
        except Exception as error:  # its errors have no common base but this
            reason = " ".join(str(error).split())[:200]
        _LOG.warning("%s cannot run the network %r (%s); the CPU computes it.", provider, name, reason)
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.enable_mem_pattern = False
    options.intra_op_num_threads = threads
    return runtime.InferenceSession(model, options, providers=[_CPU])
