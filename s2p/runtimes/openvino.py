"""Networks computed by OpenVINO: the fastest on a CPU, and the one for Intel's integrated graphics."""

from __future__ import annotations

import logging
import math
import re
import sys
import threading
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from s2p.errors import WeightsError
from s2p.runtimes.converted import Converted

if TYPE_CHECKING:
    import keras

_LOG = logging.getLogger(__name__)
_MODEL = "network.xml"
# A network keeps the memory of its layers for its next call: about 170 bytes a pixel of the largest picture that it has
# seen, and up to 5 MB for every further shape, of which sizes in steps of 64 px allow few. From this size on, above
# zoom 0.5, it gives it back, which costs a twentieth of the time and halves the memory of a painter.
_LARGE = 600_000


def load_library() -> Any:
    """The module `openvino`, imported without its reports to its maker; raises `ImportError` where it is missing."""
    if "openvino" not in sys.modules:
        # Importing OpenVINO sends an event over the network unless this module is missing. An artist's computer talks
        # to nobody about what it does.
        sys.modules.setdefault("openvino_telemetry", None)  # pyright: ignore[reportArgumentType]
    import openvino

    return openvino


@lru_cache(maxsize=1)
def core() -> Any:
    """OpenVINO's entry point; one per process, since each would load the plugins again."""
    return load_library().Core()


def devices() -> list[str]:
    """OpenVINO's names of the devices that it can use, such as `CPU` and `GPU.0`."""
    return list(core().available_devices)


def gpus() -> list[str]:
    """Those of them that are GPUs, in their order."""
    return [name for name in devices() if name.split(".")[0] == "GPU"]


def convert(model: keras.Model, folder: Path) -> None:
    """Writes a Keras model in OpenVINO's own format, with free sizes and float32 weights.

    Raises:
        Exception: of whatever kind, where neither way knows a part of the graph.
    """
    from s2p.runtimes import onnx_graph

    try:
        path = folder / "network.onnx"
        onnx_graph.translate(model).write(path)  # seconds faster than by way of TensorFlow's graph
        graph = core().read_model(str(path))
        load_library().save_model(graph, str(folder / _MODEL), compress_to_fp16=False)
        del graph  # it may still look into the file
        path.unlink()
    except WeightsError:  # a layer without a translation, in somebody's own file
        load_library().save_model(_by_tensorflow(model), str(folder / _MODEL), compress_to_fp16=False)


def _by_tensorflow(model: keras.Model) -> Any:
    from s2p.runtimes.tensorflow import as_function

    graph = load_library().convert_model(as_function(model).get_concrete_function())
    for kind, ports in (("input", graph.inputs), ("output", graph.outputs)):
        # The last number of TensorFlow's names is the place: input00, Identity, Identity_1, ...
        for port in ports:
            port.set_names({f"{kind}{_place(port.any_name):02}"})
    return graph


def _place(name: str) -> int:
    digits = re.findall(r"\d+", name.split(":")[0])
    return int(digits[-1]) if digits else 0


class OpenVINONetwork:
    """A converted network, see `s2p.runtime.Network`. Calls from several threads wait for each other.

    It is made ready for its device by the first call: of eight networks line art needs two, and each of the others
    would take a tenth of a second and some megabytes.

    Args:
        converted: files of `convert`.
        name, encoding, trained, identity: see `s2p.runtimes.keras_network.KerasNetwork`.
        device: OpenVINO's name, such as `CPU` or `GPU.0`.
        threads: int. CPU threads, 0 for OpenVINO's own choice (all cores).
    """

    backend = "openvino"

    def __init__(
        self, converted: Converted, *, name: str, encoding: str, trained: bool, identity: str | None,
        device: str = "CPU", threads: int = 0,
    ) -> None:
        self.name, self.encoding, self.trained, self.identity = name, encoding, trained, identity
        self.inputs, self.outputs = converted.inputs, converted.outputs
        self._lock = threading.Lock()
        self._graph = core().read_model(str(converted.folder / _MODEL))  # a broken file is found now
        self._wanted, self._threads = device, threads

    @cached_property
    def _compiled(self) -> Any:
        compiled = compile_graph(self._graph, self.name, self._wanted, self._threads)
        self._graph = None
        return compiled

    @cached_property
    def _ports(self) -> tuple[Any, list[Any], list[Any]]:
        """What is asked, where inputs go (None for one that the graph does not use), and where answers come from."""
        compiled = self._compiled
        # Tensors that the graph does not use are gone from it, and the order is not promised: names decide.
        places = {port_name: port for port in compiled.inputs for port_name in port.names}
        given = [places.get(f"input{i:02}") for i in range(len(self.inputs))]
        return compiled.create_infer_request(), given, [
            compiled.output(f"output{i:02}") for i in range(len(self.outputs))
        ]

    @property
    def device(self) -> str:
        """OpenVINO's name of what computes."""
        with self._lock:
            return str(self._compiled.get_property("EXECUTION_DEVICES")[0])

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        with self._lock:  # one request cannot serve two callers at once
            request, places, results = self._ports
            given = {place: np.ascontiguousarray(array) for place, array in zip(places, inputs) if place is not None}
            answer = request.infer(given, share_inputs=True)
            found = [answer[result] for result in results]
            if math.prod(inputs[0].shape[:-1]) >= _LARGE:
                self._compiled.release_memory()
            return found


def compile_graph(graph: Any, name: str, device: str, threads: int) -> Any:
    """A graph that `core` has read, ready on a device, or on the CPU where that cannot run it."""
    # Left alone, newer processors and all GPUs would compute in 16 bits, whose colours differ visibly.
    wanted: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if device != "CPU":
        try:
            return core().compile_model(graph, device, wanted)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            _LOG.warning("%s cannot run the network %r (%s); the CPU computes it.", device, name, reason)
    if threads:
        wanted["INFERENCE_NUM_THREADS"] = threads
    return core().compile_model(graph, "CPU", wanted)
