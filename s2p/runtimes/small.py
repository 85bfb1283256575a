"""Small graphs, made on the way and never kept, behind one call: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from s2p.runtimes import onnx, openvino

if TYPE_CHECKING:
    from s2p.runtime import Runtime
    from s2p.runtimes.onnx_file import Graph

BACKENDS = ("openvino", "onnxruntime")
Call = Callable[..., list[np.ndarray]]


class SmallGraph:
    """A graph that is ready to compute.

    Args:
        graph: whose inputs are `input00`, … and whose outputs are `output00`, …, all `float32`.
        runtime: of `s2p.runtime.choose`, one of `BACKENDS`.
        threads: int. CPU threads, 0 for all cores.
    """

    def __init__(self, graph: Graph, runtime: Runtime, *, threads: int = 0) -> None:
        self._session: Any = None
        if runtime.backend == "openvino":
            read = openvino.core().read_model(graph.encoded())
            self._compiled = openvino.compile_graph(read, graph.name, runtime.device, threads)
            self._request = self._compiled.create_infer_request()
            self._outputs = [self._compiled.output(name) for name, _ in graph.outputs]
        else:
            self._session = onnx.open_session(graph.encoded(), graph.name, runtime.device, threads)
            self._names = [name for name, _ in graph.outputs]

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        """Computes; the arrays that are returned hold until the next call."""
        given = {f"input{i:02}": np.ascontiguousarray(array) for i, array in enumerate(inputs)}
        if self._session is not None:
            return list(self._session.run(self._names, given))
        answer = self._request.infer(given, share_inputs=True, share_outputs=True)
        return [answer[output] for output in self._outputs]

    def rest(self) -> None:
        """Gives back the memory of what was computed last, where the runtime keeps it."""
        if self._session is None:
            self._compiled.release_memory()
