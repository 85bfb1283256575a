"""The process that computes. It reads tasks as JSON lines and answers with JSON lines; pictures travel as files.

    python -m server.worker --role paint        paints; loads the networks of its lane's default system first
    python -m server.worker --role pictures     decodes uploads and writes exports; knows no networks

In:   {"do": "paint", "job": "...", "folder": "...", ...}   {"do": "cancel", "job": "..."}
      {"do": "enough", "job": "..."}     {"do": "pause", "job": "..."}     {"do": "resume", "job": "..."}
Out:  {"event": "ready", "networks": [...]}   {"event": "broken", "message": "..."}
      {"event": "begun", "job"}   {"event": "progress", "job", "stage", "fraction", "seconds_left"}
      {"event": "picture", "job", "stage", "file"}   {"event": "measured", "preview": true, "preview_seconds": 0.1}
      {"event": "spent", "job"}, its CPU time is, and this process ends
      {"event": "done", "job", ...}   {"event": "cancelled", "job"}
      {"event": "error", "job", "code", "status", "message"}

One task at a time. The end of the input means that the server is gone, and ends this process at once.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

if not __package__:  # started by its path; see server.py
    _HERE = Path(__file__).resolve().parent
    _IS_INSTALLED = (_HERE.parent / "__init__.py").is_file()
    sys.path[:] = [str(_HERE.parents[_IS_INSTALLED]), *(one for one in sys.path if Path(one or ".").resolve() != _HERE)]
    __package__ = "s2p.server" if _IS_INSTALLED else _HERE.name

from s2p import systems
from s2p.config import Settings
from s2p.errors import CancelledError, InputError, NotFoundError, OutputError, S2PError, disk_sentence
from s2p.progress import FractionReporter

from .painters import Painters
from .preview_timing import PreviewTiming

log = logging.getLogger("server.worker")

STEERS = ("cancel", "enough", "pause", "resume")  # what is said of a task that came before
_WATCH_SECONDS = 0.2
_PICTURE_NAMES = {"draft": "draft", "compose": "composition", "search": "laid"}


class Pipe:
    """The line to the server; writing is locked because two threads speak."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, event: str, **fields: Any) -> None:
        line = json.dumps({"event": event, **fields})
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()


class PipeReporter(FractionReporter):
    """Tells the server about progress, at most ten times a second, and hands over pictures as they appear."""

    def __init__(self, pipe: Pipe, task: dict[str, Any], weights: dict[str, float]) -> None:
        self._pipe, self._task = pipe, task
        self._last, self._last_stage = 0.0, ""
        super().__init__(weights)

    def changed(self) -> None:
        now = time.monotonic()
        if self.current == self._last_stage and now - self._last < 0.1:
            return
        self._last, self._last_stage = now, self.current
        left = self.seconds_left
        self._pipe.send(
            "progress", job=self._task["job"], stage=self.current, fraction=round(self.fraction, 4),
            seconds_left=None if left is None else round(left, 1),
        )

    def picture(self, stage: str, image: Any) -> None:
        """Shows an intermediate picture, `uint8[H, W, 3]` RGB, of a painting."""
        kind = _PICTURE_NAMES.get(stage)
        if kind is None or "step" not in self._task or self._task.get("v3"):
            return
        from .picture_tasks import write_jpeg

        name = f"{kind}.{self._task['step']}.jpg"
        write_jpeg(image, Path(self._task["folder"]) / name)
        self._pipe.send("picture", job=self._task["job"], stage=stage, file=name)


class Worker:
    """Runs tasks one after the other.

    Args:
        pipe: the line to the server.

    Attributes:
        painters: what paints, or None in the role `pictures`.
        preview_timing: measures previews while there is nothing else to do, or None.
    """

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self.painters: Painters | None = None
        self.preview_timing: PreviewTiming | None = None
        self._tasks: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reporter: PipeReporter | None = None
        self._current: str | None = None
        self._cancelled: str | None = None
        self._enough: str | None = None
        self._paused: str | None = None
        self._told = (False, False)
        self._steering = threading.Lock()  # else a cancel gets lost between a look at it and what follows
        self._budget: tuple[str, float] | None = None  # a job, and up to which CPU time it may compute

    def listen(self, stream: TextIO) -> None:
        """Reads the server's lines until the end of the input, then ends the process whatever it does."""
        for line in stream:
            try:
                task = json.loads(line)
                if task["do"] in STEERS:
                    self._steer(task["do"], task["job"])
                else:
                    self._tasks.put(task)
            except (ValueError, KeyError, TypeError):
                log.warning("a line from the server is not a task")
        os._exit(0)

    def _steer(self, what: str, job: str) -> None:
        with self._steering:
            if what == "cancel":
                self._cancelled = job
            elif what == "enough":
                self._enough = job
            else:
                self._paused = job if what == "pause" else None
            if self._reporter is not None and job == self._current:
                self._steer_current(self._reporter, job)

    def _steer_current(self, reporter: PipeReporter, job: str) -> None:
        reporter.cancelled = reporter.cancelled or self._cancelled == job  # perhaps while it was still waiting here
        reporter.enough = reporter.enough or self._enough == job
        reporter.paused = self._paused == job

    def watch(self) -> None:
        """Ends the process when a task has computed for its `cpu_seconds`: no decoder can be told to stop."""
        while True:
            time.sleep(_WATCH_SECONDS)
            budget = self._budget
            if budget is not None and time.process_time() > budget[1] and budget is self._budget:
                self._pipe.send("spent", job=budget[0])
                os._exit(0)

    def run(self) -> None:
        while True:
            preview_timing = self.preview_timing
            try:
                task = self._tasks.get(timeout=None if preview_timing is None else preview_timing.patience())
                self._perform(task)
            except queue.Empty:
                if preview_timing is not None:
                    preview_timing.run()
            if preview_timing is not None and preview_timing.state != self._told:
                self._told = preview_timing.state
                self._pipe.send("measured", preview=preview_timing.is_quick, preview_seconds=preview_timing.seconds)

    def _perform(self, task: dict[str, Any]) -> None:
        job = task["job"]
        self._pipe.send("begun", job=job)
        try:
            reporter = PipeReporter(self._pipe, task, self._weights(task))
            if "cpu_seconds" in task:
                self._budget = job, time.process_time() + task["cpu_seconds"]
            with self._steering:
                self._reporter, self._current = reporter, job
                self._steer_current(reporter, job)
            self._pipe.send("done", **{**self._call(task, reporter), "job": job})
        except CancelledError:
            self._pipe.send("cancelled", job=job)
        except Exception as error:
            self._pipe.send("error", job=job, **_told(error, task))
        finally:
            with self._steering:
                self._current = self._budget = None
                if self._cancelled == job:
                    self._cancelled = None  # a job that gave way comes again under the same name

    def _call(self, task: dict[str, Any], reporter: PipeReporter) -> dict[str, Any]:
        from .filling_tasks import CHOICE_TASKS, REGION_TASKS
        from .picture_tasks import PICTURE_TASKS
        from .tasks import PAINTER_TASKS

        kind, picture_tasks, painter_tasks = task["do"], PICTURE_TASKS | REGION_TASKS, PAINTER_TASKS | CHOICE_TASKS
        if self.painters is None and kind in picture_tasks:
            return picture_tasks[kind](task)
        if self.painters is not None and kind in painter_tasks:
            system = systems.system_of(task.get("model", systems.DEFAULT))
            painter = self.painters.get(system.name, reporter, weights_set=_set_of(task))
            is_whole = kind == "paint" and "sketches" not in system.uses
            return painter_tasks["run" if is_whole else kind](painter, task, reporter)
        raise InputError(f"This worker does not know the task {kind!r}.")

    def _weights(self, task: dict[str, Any]) -> dict[str, float]:
        """Relative cost of the stages that this task will go through."""
        if self.painters is None or task["do"] not in ("paint", "preview", "suggest", "choices"):
            return {task["do"]: 1.0}
        from .sketch_tasks import needs_preparing

        system = systems.system_of(task.get("model", systems.DEFAULT))
        weights = self.painters.stage_weights(system.name, weights_set=_set_of(task))
        if "sketches" in system.uses and not needs_preparing(task):
            weights.pop("prepare", None)
        if task["do"] == "suggest":
            return {stage: weight for stage, weight in weights.items() if stage in ("load", "prepare", "draft")}
        if task["do"] == "choices":
            return {stage: weight for stage, weight in weights.items() if stage not in ("draft", "finish")}
        return weights


def _set_of(task: dict[str, Any]) -> str | None:
    return (task.get("settings") or {}).get("weights_set")


def _told(error: Exception, task: dict[str, Any]) -> dict[str, Any]:
    """Code, status and sentence of what ended a task; what nobody asked for wrongly is logged, too."""
    if isinstance(error, (OSError, OutputError)) and not os.path.isdir(task["folder"]):
        error = NotFoundError("The room was deleted meanwhile.")
    if isinstance(error, S2PError):
        return {"code": type(error).__name__, "status": error.http_status, "message": str(error)}
    log.error("task %s failed", task["do"], exc_info=error)
    if isinstance(error, OSError):
        return {"code": "OutputError", "status": OutputError.http_status, "message": disk_sentence(error)}
    return {"code": "PainterError", "status": 500, "message": _sentence(error, task["do"])}


def _sentence(error: BaseException, kind: str) -> str:
    if isinstance(error, MemoryError) or type(error).__name__ in ("ResourceExhaustedError", "MemoryError"):
        return "There was not enough memory. Choose a smaller zoom factor, or close other programs."
    what = "Painting" if kind in ("paint", "preview") else f"This ({kind})"
    return f"{what} failed unexpectedly ({type(error).__name__}). The server's log has the details."


def describe_networks(painter: Any, settings: Settings) -> list[dict[str, Any]]:
    """Name, origin and training of every network of the default model, for the status page."""
    from s2p.weights import find_all

    origins = {found.name: found.origin for found in find_all(settings)}
    return [
        {"name": name, "origin": getattr(network, "origin", None) or origins.get(name, ""),
         "trained": bool(network.trained)}
        for name, network in painter.networks.items()
    ]


def _look_for_weights_here() -> None:
    """Files copied over a V3 folder find its `.net` files even where the library is installed elsewhere."""
    if not os.environ.get("S2P_WEIGHTS") and any(Path.cwd().glob("*.net")):
        os.environ["S2P_WEIGHTS"] = str(Path.cwd())


def _own_output() -> TextIO:
    """Takes standard output for the pipe, and points everybody who prints to standard error."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return private


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="server.worker", description="The server's computing process.")
    parser.add_argument("--role", choices=("paint", "pictures"), default="paint")
    parser.add_argument("--lane", default=systems.system_of(systems.DEFAULT).lane)
    parser.add_argument("--settings", default="{}")
    parser.add_argument("--painter", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    pipe = Pipe(_own_output())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if hasattr(os, "nice"):
        # The page answers first, however busy the painter is, and what is painted with hints before anything else.
        os.nice(5 if options.role != "paint" or options.lane == systems.system_of(systems.DEFAULT).lane else 10)
    worker = Worker(pipe)
    stdin = os.fdopen(os.dup(0), "r", encoding="utf-8")
    threading.Thread(target=worker.listen, args=(stdin,), daemon=True).start()
    threading.Thread(target=worker.watch, daemon=True).start()
    about: dict[str, Any] = {"networks": []}
    try:
        from . import filling_tasks, picture_tasks, tasks  # noqa: F401  so that the first task need not wait for OpenCV

        if options.role == "paint":
            settings = Settings(**json.loads(options.settings))
            _look_for_weights_here()
            worker.painters = Painters(settings, options.painter)
            if options.lane == systems.system_of(systems.DEFAULT).lane:
                painter = worker.painters.get()
                about = {"networks": describe_networks(painter, settings), "models": worker.painters.describe(),
                         "fills": bool(getattr(painter, "fills", False)), "lacks": [*getattr(painter, "lacks", ())]}
                worker.preview_timing = PreviewTiming(painter)
    except Exception as error:
        log.exception("the painter cannot start")
        pipe.send("broken", message=str(error) if isinstance(error, S2PError) else _start_sentence(error, options.role))
        return 3
    pipe.send("ready", **about)
    worker.run()
    return 0


def _start_sentence(error: BaseException, role: str) -> str:
    who = "The painter" if role == "paint" else "The program that reads and writes pictures"
    if isinstance(error, ImportError):
        return f"{who} cannot start: {error}. Run `pip install -e .` in the project's folder."
    return f"{who} cannot start ({type(error).__name__}: {error}). The server's log has the details."


if __name__ == "__main__":
    sys.exit(main())
