"""What this computer can do for a painter: versions, cores, memory, weights, one timed run, and the arithmetic."""

from __future__ import annotations

import os
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from s2p.config import Settings

LIBRARIES = (
    "keras", "tensorflow-cpu", "tensorflow", "numpy", "h5py", "opencv-python-headless", "pillow", "scikit-image",
    "openvino", "onnxruntime",
)
# The sketch whose painting is timed and counted: height and width of an ordinary portrait page.
SKETCH = (1000, 708)
ZOOMS = (0.5, 1.0)


def examine(settings: Settings, *, timed: bool = True, variants: Sequence[str] = ()) -> dict[str, Any]:
    """Collects everything.

    Args:
        settings: of the timed run.
        timed: paint a drawing, twice (the second time with one more exact hint).
        variants: count the arithmetic of these networks, `turbo` and `official`.

    Returns: a dict that JSON can hold; `describe` makes sentences of it.
    """
    from s2p import weights

    report: dict[str, Any] = {
        "versions": versions(),
        "cores": cores(),
        "memory": memory(),
        "weights": [
            {"name": one.name, "origin": one.origin, "variant": one.variant, "size": one.variant,  # its name of before
             "trained": one.trained, "path": None if one.path is None else str(one.path)}
            for one in weights.find_all(settings)
        ],
        "problems": weights.verify(),
        "runtimes": runtimes(settings),
    }
    if timed:
        report["run"] = time_run(settings)
    if variants:
        report["flops"] = [row for variant in variants for zoom in ZOOMS for row in count_painting(variant, zoom)]
    return report


def versions() -> dict[str, str]:
    """Versions of Python, this package and the libraries that are installed."""
    import s2p

    found = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}",
             "s2p": s2p.__version__}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def runtimes(settings: Settings) -> dict[str, Any]:
    """Which runtimes are installed, the devices that each sees, and what the settings choose, with the reasons."""
    from s2p import runtime

    chosen = runtime.choose(settings)
    return {
        "chosen": chosen.backend, "device": chosen.device, "notes": list(chosen.notes),
        "installed": [
            {"name": backend, "version": runtime.version(backend), "devices": runtime.devices(backend)}
            for backend in runtime.TITLES
        ],
    }


def cores() -> int:
    """CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory() -> dict[str, float]:
    """Bytes: `total` and `free` of the computer where the system tells, `peak` of this process."""
    found: dict[str, float] = {}
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        found["total"] = float(page * os.sysconf("SC_PHYS_PAGES"))
        found["free"] = float(page * os.sysconf("SC_AVPHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        pass  # Windows has no sysconf
    with suppress(OSError):  # Linux; getrusage below would count what the parent of this process once needed
        peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        if peak is not None:
            return found | {"peak": float(int(peak[1]) * 1024)}
    try:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found["peak"] = float(peak if sys.platform == "darwin" else peak * 1024)
    except ImportError:
        pass
    return found


def drawing() -> np.ndarray:
    """The timed sketch, `uint8[H, W, 3]`: circles and strokes on paper."""
    import cv2

    page = np.full((*SKETCH, 3), 255, np.uint8)
    for row in range(100, SKETCH[0], 200):
        for column in range(118, SKETCH[1], 236):
            cv2.circle(page, (column, row), 80, (30, 30, 30), 3, cv2.LINE_AA)
            cv2.line(page, (column - 60, row + 60), (column + 60, row - 20), (30, 30, 30), 2, cv2.LINE_AA)
    return page


def time_run(settings: Settings) -> dict[str, Any]:
    """Seconds for loading the networks, the stages of a first painting, and those of a repaint with an exact hint."""
    from s2p.pipelines.style2paints import load
    from s2p.schema import Hint, Hints

    started = time.perf_counter()
    painter = load(settings)
    loading = time.perf_counter() - started
    hints = [Hint(x=0.5, y=0.3, color="#e08040")]
    page = drawing()
    first = painter.colorize(page, hints=Hints(hints))
    again = painter.colorize(page, hints=Hints([*hints, Hint(x=0.2, y=0.6, color="#4080e0")]))
    return {
        "zoom": settings.zoom, "sketch": [SKETCH[1], SKETCH[0]],
        "result": [first.image.shape[1], first.image.shape[0]], "loading": loading,
        "first": first.timings, "repaint": again.timings, "peak_memory": memory().get("peak"),
    }


def count_painting(variant: str, zoom: float) -> Iterator[dict[str, Any]]:
    """What one colorization of `SKETCH` costs: a row per network and input size, then totals.

    Counted are the calls that the pipeline really makes: first for a new sketch, then for one more exact hint.
    """
    from s2p.flops import flops
    from s2p.models import build, style2paints

    models: dict[str, Any] = {}
    for when, calls in zip(("first", "repaint"), record_calls(style2paints, variant, zoom)):
        about = {"variant": variant, "size": variant, "zoom": zoom, "when": when}  # size: its name of before
        total = 0
        for (name, shapes), times in calls.items():
            if name not in models:
                models[name] = build(name, variant=variant)
            cost = flops(models[name], shapes)
            total += cost * times
            yield {**about, "network": name, "height": shapes[0][1],
                   "width": shapes[0][2], "calls": times, "gflop": cost / 1e9}
        yield {**about, "network": "total", "gflop": total / 1e9}


class Recorder:
    """A network that notes what it is asked and answers with zeros."""

    encoding, trained = "points", True
    identity: str | None = None
    inputs: tuple[tuple[Any, ...], ...] = ()
    outputs: tuple[tuple[Any, ...], ...] = ()

    def __init__(self, name: str, taps: Sequence[int], calls: Counter[tuple[str, tuple]]) -> None:
        self.name, self._taps, self._calls = name, taps, calls

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        self._calls[self.name, tuple(one.shape for one in inputs)] += 1
        _, height, width, _ = inputs[0].shape
        if self.name == "reader":
            return [np.zeros((1, 1, 1, channels), np.float32) for channels in self._taps]
        if self.name in ("head", "neck"):
            half = np.zeros((1, height // 2, width // 2, 3), np.float32)
            return [half, half, half]
        factor = 2 if self.name == "tail" else 1
        return [np.zeros((1, height * factor, width * factor, 3), np.float32)]


def record_calls(models: Any, variant: str, zoom: float) -> list[Counter[tuple[str, tuple]]]:
    """Network calls, by name and input shapes, of a first painting and of a repaint with one more exact hint."""
    from s2p.networks import SIX
    from s2p.pipelines.style2paints import Painter
    from s2p.schema import Hint, Hints

    calls: Counter[tuple[str, tuple]] = Counter()
    painter = Painter({name: Recorder(name, models.READER_TAPS[variant], calls) for name in SIX})
    found = []
    for hints in ((), (Hint(x=0.5, y=0.5, color="#e08040"),)):
        calls.clear()
        painter.colorize(drawing(), hints=Hints(hints), settings=Settings(zoom=zoom, denoise="off"))
        found.append(calls.copy())
    return found


def describe(report: dict[str, Any]) -> Iterator[str]:
    """The lines of a report for people."""
    yield "Versions  " + ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    known = [(what, report["memory"][what]) for what in ("total", "free") if what in report["memory"]]
    yield f"Computer  {report['cores']} cores" + "".join(f", {amount / 2**30:.1f} GiB {what}" for what, amount in known)
    yield from _describe_runtimes(report["runtimes"])
    for one in report["weights"]:
        place = one["path"] or "none found: random numbers, UNTRAINED"
        yield f"Weights   {one['name']:15} {one['origin']:9} {place}"
    for problem in report["problems"]:
        yield f"PROBLEM   {problem}"
    if "run" in report:
        yield from _describe_run(report["run"])
    if "flops" in report:
        yield from _describe_flops(report["flops"])


def _describe_runtimes(about: dict[str, Any]) -> Iterator[str]:
    from s2p.runtime import INSTALL, TITLES

    for one in about["installed"]:
        mark = f", chosen: {about['device']}" if one["name"] == about["chosen"] else ""
        if one["version"] is None and not one["devices"]:
            yield f"Runtime   {TITLES[one['name']]}: not installed ({INSTALL[one['name']]})"
        else:
            seen = ", ".join(one["devices"]) or "no device"
            yield f"Runtime   {TITLES[one['name']]} {one['version'] or ''}: {seen}{mark}"
    for note in about["notes"]:
        yield f"          {note}"


def _describe_run(run: dict[str, Any]) -> Iterator[str]:
    (width, height), (wide, high) = run["sketch"], run["result"]
    yield f"Painting  {width} x {height} to {wide} x {high}, zoom {run['zoom']:g}; loading took {run['loading']:.1f} s"
    for what, label in (("first", "first"), ("repaint", "one more exact hint")):
        stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in run[what].items())
        yield f"          {label}: {sum(run[what].values()):.2f} s ({stages})"
    if run["peak_memory"]:
        yield f"          peak memory {run['peak_memory'] / 2**30:.2f} GiB"


def _describe_flops(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f"Arithmetic of painting {SKETCH[1]} x {SKETCH[0]} (GFLOP; a multiplication with its addition is 2 FLOP)"
    for row in rows:
        about = f"{row['variant']:9} zoom {row['zoom']:<4g} {row['when']:8}{row['network']:7}"
        if row["network"] == "total":
            yield f"  {about} {'':19}{row['gflop']:9.2f}"
        else:
            size = f"{row['width']} x {row['height']}"
            yield f"  {about} {row['calls']} x {size:12}   {row['gflop']:9.2f}"
