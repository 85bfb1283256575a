"""Runs a benchmark: rounds over all configurations, each in a fresh process."""

from __future__ import annotations

import logging
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from s2p.benchmark import machine
from s2p.benchmark.plan import TASKS, Configuration, Plan
from s2p.benchmark.process import TimedProcess
from s2p.errors import CancelledError, S2PError
from s2p.progress import NullReporter, Reporter

VERSION = 1
_LOG = logging.getLogger(__name__)


def stages(plan: Plan) -> dict[str, float]:
    """The stages that `run` reports, with their rough cost, for a progress bar."""
    lines = plan.configurations()
    rounds = {
        f"round {number} of {plan.repeat}: {line.title}": _cost(line)
        for number in range(1, plan.repeat + 1) for line in lines
    }
    return {**{f"convert: {line.title}": 0.5 * _cost(line) for line in _converting(lines)}, **rounds, "count": 1.0}


def run(plan: Plan, *, report: Reporter | None = None) -> dict[str, Any]:
    """Times everything that a plan names.

    Args:
        plan: what.
        report: progress (stages of `stages`) and cancelling; a cancelled run ends its process at once and returns what
            it has, with `complete` False.

    Returns: what JSON can hold: `machine`, `plan`, `rows` (one per configuration, see `_row`), `complete`.
    """
    from s2p import samples

    report = report or NullReporter()
    lines = plan.configurations()
    about = {
        "threads": plan.threads, "denoise": plan.denoise, "sketch": str(plan.sketch or samples.sketch_path("girl")),
        "width": plan.width, "height": plan.height,
    }
    result: dict[str, Any] = {
        "version": VERSION, "machine": machine.describe(), "tasks": TASKS, "complete": False,
        "plan": {"repeat": plan.repeat, **about, "sketch": Path(about["sketch"]).name},
    }
    notes: dict[Configuration, list[dict[str, Any]]] = {line: [] for line in lines}
    failures: dict[Configuration, str] = {}
    peaks: list[float] = []
    first_starts: dict[tuple[str, str], float | None] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="s2p-bench-", ignore_cleanup_errors=True) as cache:
            for line in _converting(lines):
                report.stage(f"convert: {line.title}")
                first_starts[line.variant, line.backend] = _start_once(line, about, Path(cache), report, failures)
            for number in range(1, plan.repeat + 1):
                peaks.append(machine.matrix_product())
                for line in lines:
                    report.stage(f"round {number} of {plan.repeat}: {line.title}")
                    if line not in failures:
                        _round(line, about, Path(cache), number, report, notes[line], failures)
        result["complete"] = True
    except (CancelledError, KeyboardInterrupt):
        _LOG.warning("stopped; the figures are those of the rounds that were finished")
    result["machine"]["matrix_product_gflops"] = max(peaks, default=None)
    report.stage("count")
    count = _Counter()
    result["rows"] = [
        _row(line, notes[line], failures.get(line), first_starts.get((line.variant, line.backend)), count)
        for line in lines
    ]
    _compare(result, plan)
    return result


def _start_once(
    line: Configuration, about: dict[str, Any], cache: Path, report: Reporter, failures: dict[Configuration, str]
) -> float | None:
    """Seconds of a first start ever, which converts the networks; later starts find them in the cache."""
    try:
        with TimedProcess(_request(line, about), cache=cache, check=report.check) as process:
            process.end()
            return process.ready
    except CancelledError:
        raise
    except S2PError as error:
        failures[line] = str(error)
        return None


def _round(
    line: Configuration, about: dict[str, Any], cache: Path, number: int, report: Reporter,
    notes: list[dict[str, Any]], failures: dict[Configuration, str],
) -> None:
    try:
        with TimedProcess(_request(line, about), cache=cache, check=report.check) as process:
            note: dict[str, Any] = {"ready": process.ready, "networks": process.networks, "tasks": {}}
            for place, task in enumerate(TASKS, start=1):
                note["tasks"][task] = process.do(task, number * len(TASKS) + place)
                report.update(place / len(TASKS))
            note["peak_mb"] = process.end()["peak_mb"]
            notes.append(note)
    except CancelledError:
        raise
    except S2PError as error:
        failures[line] = str(error)


def _row(
    line: Configuration, notes: list[dict[str, Any]], failure: str | None, first_start: float | None, count: _Counter
) -> dict[str, Any]:
    """Medians of one configuration.

    `first_start` and `ready` in seconds; `peak_mb`; by task: `seconds`, `cpu`, `gflop`, `stages` and `networks`, which
    hold calls, seconds, CPU seconds and GFLOP by name.
    """
    row: dict[str, Any] = {
        "variant": line.variant, "size": line.variant,  # its name of before, for whoever reads that
        "backend": line.backend, "zoom": line.zoom, "rounds": len(notes),
    }
    if failure is not None:
        row["error"] = failure
    if not notes:
        return row
    row |= {
        "first_start": first_start, "ready": _median(note["ready"] for note in notes),
        "peak_mb": _median(note["peak_mb"] for note in notes), "networks": notes[-1]["networks"], "tasks": {},
    }
    for task in TASKS:
        runs = [note["tasks"][task] for note in notes]
        gflop, calls = count(line.variant, runs[-1]["calls"])
        row["tasks"][task] = {
            "seconds": _median(run["seconds"] for run in runs), "cpu": _median(run["cpu"] for run in runs),
            "each": [round(run["seconds"], 4) for run in runs],
            "gflop": sum(gflop.values()),
            "stages": {name: _median(run["stages"][name] for run in runs) for name in runs[-1]["stages"]},
            "networks": {
                name: {
                    "calls": calls[name], "gflop": gflop[name],
                    "seconds": _median(run["networks"][name][0] for run in runs),
                    "cpu": _median(run["networks"][name][1] for run in runs),
                }
                for name in runs[-1]["networks"]
            },
        }
    return row


class _Counter:
    """Counts arithmetic; builds the Keras models after all timing is over."""

    def __init__(self) -> None:
        self._models: dict[tuple[str, str], Any] = {}

    def __call__(self, variant: str, calls: Sequence[Any]) -> tuple[dict[str, float], dict[str, int]]:
        from s2p.flops import flops

        gflop: dict[str, float] = {}
        times: dict[str, int] = {}
        for name, shapes, number in calls:
            model = self._model(variant, name, taps=[shape[-1] for shape in shapes if len(shape) == 2])
            gflop[name] = gflop.get(name, 0.0) + number * flops(model, [tuple(shape) for shape in shapes]) / 1e9
            times[name] = times.get(name, 0) + number
        return gflop, times

    def _model(self, variant: str, name: str, *, taps: list[int]) -> Any:
        from s2p import weights
        from s2p.config import Settings

        if (variant, name) not in self._models:
            found = weights.find(name, Settings(variant=variant))
            self._models[variant, name] = weights.load_model(found, taps=tuple(taps) or None)
        return self._models[variant, name]


def _compare(result: dict[str, Any], plan: Plan) -> None:
    """Adds to every task how often it fits into the same task of the reference, by time and by CPU time."""
    wanted = plan.expected
    base = next(
        (row for row in result["rows"] if "tasks" in row
         and (row["variant"], row["backend"], row["zoom"]) == (wanted.variant, wanted.backend, wanted.zoom)), None,
    )
    result["reference"] = wanted.title if base is not None else None
    peak = result["machine"]["matrix_product_gflops"]
    for row in result["rows"]:
        for task, told in row.get("tasks", {}).items():
            told["share_of_peak"] = told["gflop"] / told["seconds"] / peak if peak else None
            for network in told["networks"].values():
                network["share_of_peak"] = network["gflop"] / network["seconds"] / peak if peak else None
            if base is not None:
                told["ratio"] = base["tasks"][task]["seconds"] / told["seconds"]
                told["cpu_ratio"] = base["tasks"][task]["cpu"] / max(told["cpu"], 1e-3)


def _request(line: Configuration, about: dict[str, Any]) -> dict[str, Any]:
    return {"variant": line.variant, "backend": line.backend, "zoom": line.zoom, **about}


def _converting(lines: Sequence[Configuration]) -> list[Configuration]:
    """One configuration for each set of networks that has to be converted for a runtime."""
    firsts = {(line.variant, line.backend): line for line in reversed(lines)}
    return [line for key, line in reversed(firsts.items()) if key[1] in ("openvino", "onnxruntime")]


def _cost(line: Configuration) -> float:
    return (4.0 if line.variant == "official" else 0.7) * max(line.zoom, 0.25) ** 2 + 0.5


def _median(values: Any) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
