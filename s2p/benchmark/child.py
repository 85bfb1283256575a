"""The process of one configuration: loads the networks, says that it is ready, and does tasks for its parent.

    python -m s2p.benchmark.child '{"variant": "turbo", "backend": "openvino", ...}'

Out:  {"event": "ready", "networks": [...]}     In:   {"task": "first", "number": 3}
Out:  {"event": "done", "seconds", "cpu", "stages", "networks": {name: [seconds, cpu]}, "calls": [[name, shapes, n]]}
In:   the end of the input. Out:  {"event": "end", "peak_mb"}
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from typing import Any

import numpy as np

from s2p.config import Settings

_PALETTE = ("#e08040", "#4080e0", "#60a050", "#c050a0", "#d0b060", "#8060c0")


class TimedNetwork:
    """A network that notes how long its calls take and what they are given."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self.name, self.encoding, self.trained = network.name, network.encoding, network.trained
        self.identity = network.identity
        self.inputs, self.outputs = network.inputs, network.outputs
        self.forget()

    def forget(self) -> None:
        self.seconds = self.cpu = 0.0
        self.calls: Counter[tuple] = Counter()

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        self.calls[tuple(one.shape for one in inputs)] += 1
        started, cpu = time.perf_counter(), time.process_time()
        try:
            return self._network(*inputs)
        finally:
            self.seconds += time.perf_counter() - started
            self.cpu += time.process_time() - cpu


class PredictNetwork:
    """A network run as the original runs it: Keras `predict`, one picture at a time."""

    backend = "predict"

    def __init__(self, network: Any) -> None:
        self._model = network.model
        self.name, self.encoding, self.trained, self.identity = network.name, network.encoding, network.trained, None
        self.inputs, self.outputs = network.inputs, network.outputs

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        answer = self._model.predict(inputs[0] if len(inputs) == 1 else list(inputs), batch_size=1, verbose=0)
        return list(answer) if isinstance(answer, (list, tuple)) else [answer]


class Child:
    """Does the tasks of `s2p.benchmark.plan.TASKS`.

    Args:
        about: the configuration: variant, backend, zoom, threads, denoise, sketch, width, height.
    """

    def __init__(self, about: dict[str, Any]) -> None:
        from s2p.pipelines.style2paints import load

        is_predict = about["backend"] == "predict"
        self._settings = Settings(
            variant=about["variant"], backend="tensorflow" if is_predict else about["backend"], zoom=about["zoom"],
            threads=about["threads"], denoise=about["denoise"],
        )
        self._painter: Any = load(self._settings)
        painter = self._painter
        self.networks = [
            {"name": name, "backend": "predict" if is_predict else getattr(one, "backend", "?"), "trained": one.trained}
            for name, one in painter.networks.items()
        ]
        if is_predict:
            painter.networks = {name: PredictNetwork(one) for name, one in painter.networks.items()}
        self._timed = {name: TimedNetwork(one) for name, one in painter.networks.items()}
        painter.networks = dict(self._timed)
        self._about = about
        self._page: np.ndarray | None = None
        self._sketch: np.ndarray | None = None

    def do(self, task: str, number: int) -> dict[str, Any]:
        """One task; `number` makes its hint a new one."""
        page = self._picture()
        if task in ("cold", "prepare", "first"):
            self._painter.cache.clear()
        for network in self._timed.values():
            network.forget()
        started, cpu = time.perf_counter(), time.process_time()
        stages = self._work(task, page, number)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        used = {name: one for name, one in self._timed.items() if one.calls}
        return {
            "seconds": seconds, "cpu": cpu, "stages": stages,
            "networks": {name: [one.seconds, one.cpu] for name, one in used.items()},
            "calls": [[name, shapes, times] for name, one in used.items() for shapes, times in one.calls.items()],
        }

    def _work(self, task: str, page: np.ndarray, number: int) -> dict[str, float]:
        from s2p.schema import Hint, Hints

        started = time.perf_counter()
        if task in ("cold", "prepare", "first") or self._sketch is None:
            self._sketch = self._painter.prepare(page, settings=self._settings).sketches["colorization"]
        stages = {"prepare": time.perf_counter() - started}
        if task == "prepare":
            return stages
        hints = [Hint(x=0.5, y=0.3, color="#e08040"), Hint(x=0.3, y=0.6, color="#4080e0", kind="draft")]
        if task in ("exact", "draft"):
            spot = number * 0.618034 % 1.0  # never the same place twice
            hints.append(Hint(
                x=0.1 + 0.8 * spot, y=0.1 + 0.8 * (spot * 7 % 1.0), color=_PALETTE[number % len(_PALETTE)], kind=task,
            ))
        result = self._painter.paint(self._sketch, hints=Hints(hints), settings=self._settings)
        return stages | result.timings if task in ("cold", "first") else dict(result.timings)

    def _picture(self) -> np.ndarray:
        if self._page is None:
            import cv2

            from s2p.image import flatten_alpha, load_image

            page = flatten_alpha(load_image(self._about["sketch"]))
            if self._about["width"]:
                size = (self._about["width"], self._about["height"])
                page = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
            self._page = page
        return self._page


def main(arguments: list[str]) -> int:
    """Serves the parent until the input ends; returns the exit code."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)  # whatever prints must not disturb the line to the parent
    sys.stdout = sys.stderr

    def send(event: str, **fields: Any) -> None:
        stream.write(json.dumps({"event": event, **fields}) + "\n")
        stream.flush()

    child = Child(json.loads(arguments[0]))
    send("ready", networks=child.networks)
    from s2p.doctor import memory

    for line in sys.stdin:
        request = json.loads(line)
        send("done", **child.do(request["task"], request["number"]))
    send("end", peak_mb=memory().get("peak", 0.0) / 1e6 or None)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
