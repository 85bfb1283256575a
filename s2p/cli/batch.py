"""Works through many pictures: one bar, broken ones are named and left out, a summary at the end.

Several pictures are under way at once. Networks leave cores idle between their layers, and reading, denoising and
writing pictures use one core each; two pictures fill the gaps of each other.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from s2p.cli.files import LeftOut, Task
from s2p.cli.words import going_on, in_options
from s2p.errors import InputError, OutputError, one_line
from s2p.executors import WorkerLostError, workers_of
from s2p.files import printable
from s2p.progress import FractionReporter, Reporter, TqdmReporter, on_stderr

_LOADING = "loading"
_LOADING_WEIGHT = 0.5  # of one picture

# More would fill more gaps, but every picture under way takes some hundred megabytes.
MAX_JOBS = 4

Work = Callable[[Task, Reporter], dict[str, Any]]


def jobs_for(count: int) -> int:
    """How many of `count` pictures are best worked on at once on this computer."""
    return max(1, min(count, os.cpu_count() or 1, MAX_JOBS))


def threads_for(count: int) -> int:
    """CPU threads for each of `count` pictures: one picture has all cores, many share them without crossing."""
    return max(1, (os.cpu_count() or 1) // jobs_for(count)) if count > 1 else 0


def away_threads(executor: str) -> int:
    """CPU threads for each process of an executor: its share of this computer's; of others nobody knows, so 0, all."""
    workers = workers_of(executor)
    return max(1, (os.cpu_count() or 1) // workers) if workers else 0


class BatchBar:
    """One bar for all pictures; its label is the newest stage of any of them, such as `3/20 paint`.

    Args:
        weights: stages of one picture and their share of its time.
        count: number of pictures.
        is_quiet: whether nothing is said where there is no terminal for a bar.
    """

    def __init__(self, weights: Mapping[str, float], count: int, *, is_quiet: bool = False) -> None:
        self.weights, self.count, self.cancelled = weights, count, False
        self._lock = threading.Lock()
        self._sum = 0.0
        self._bar = TqdmReporter({}) if is_quiet else on_stderr({})
        self._show(_LOADING)

    def moved(self, label: str, by: float) -> None:
        """A picture has got `by` further, 1 being a whole picture."""
        with self._lock:
            self._sum += by
            self._show(label)

    @property
    def fraction(self) -> float:
        """How much of the whole is done, in [0, 1]."""
        return self._bar.fraction

    def close(self) -> None:
        self._bar.close()

    def _show(self, label: str) -> None:
        loaded = 0.0 if label == _LOADING else _LOADING_WEIGHT
        self._bar.current = label
        self._bar.fraction = min((loaded + self._sum) / (self.count + _LOADING_WEIGHT), 1.0)
        self._bar.changed()


class OnePicture(FractionReporter):
    """A picture's share of the bar."""

    def __init__(self, bar: BatchBar, number: int) -> None:
        super().__init__(bar.weights)
        self._bar, self._shown = bar, 0.0
        self._label = "" if bar.count == 1 else f"{number}/{bar.count} "

    def changed(self) -> None:
        if self.current:
            by, self._shown = self.fraction - self._shown, self.fraction
            self._bar.moved(self._label + self.current, by)

    def check(self) -> None:
        self.cancelled = self._bar.cancelled
        super().check()

    def end(self) -> None:
        """The picture is done, or has failed."""
        self.fraction = 1.0
        self.changed()


def run_all(
    tasks: Sequence[Task],
    work: Work,
    *,
    weights: Mapping[str, float],
    done: str,
    as_json: bool = False,
    skip_existing: bool = False,
    left_out: Sequence[LeftOut] = (),
    quiet: bool | None = None,
    jobs: int | None = None,
) -> int:
    """Works on every picture, on several at once; what is said and printed keeps the order of `tasks`.

    Args:
        tasks: the pictures.
        work: does one, possibly in several threads; what it returns is shown with `--json`.
        weights: stages of one picture and their share of its time.
        done: participle for the summary, such as `painted`.
        as_json: print one JSON object per picture on stdout.
        skip_existing: leave pictures out whose target exists.
        left_out: what else lies in the folders; it is named, with the reason.
        quiet: say only what is wrong; None where `work` itself says what it has done.
        jobs: how many are under way at once; as many as suit this computer by default.

    Returns: 0, or the exit code of the first failure.
    """
    waiting = [
        task for task in tasks if not (skip_existing and task.target is not None and os.path.exists(task.target))
    ]
    _tell_left_out(left_out, as_json=as_json)
    finished, failures = 0, []
    bar = BatchBar(weights, len(waiting), is_quiet=bool(quiet))
    made: list[Path] = []
    started = time.monotonic()
    answers = _answers(waiting, work, bar, made, jobs or jobs_for(len(waiting)))
    try:
        for task, answered in zip(waiting, answers):
            try:
                answer = answered()
            except (InputError, OutputError, WorkerLostError) as error:
                failures.append(error)
                name, text = printable(task.name), in_options(str(error))
                say(one_line(text if text.startswith(f"{name} ") else f"{name}: {going_on(text)}"))
                answer = {"error": {"code": type(error).__name__, "message": str(error)}}
            else:
                finished += 1
                if len(tasks) == 1 and task.target is not None and quiet is False and not as_json:
                    written = [str(task.target), *(answer.get("layers") or ())]
                    say(f"wrote {printable(' and '.join(written))}, {done} in {time.monotonic() - started:.1f} s.")
            if as_json:
                places = {"input": _place(task.source), "output": _place(task.target)}
                _print_json({**places, **answer})
    finally:
        answers.close()  # what is still under way stops at its next step
        for folder in sorted(made, key=lambda one: len(one.parts), reverse=True):
            with suppress(OSError):  # pictures that did not come leave no empty folders
                folder.rmdir()
        bar.close()
        if len(tasks) > 1 and (failures or not quiet):
            skipped = len(tasks) - len(waiting)
            parts = [f"{finished} {done}", f"{len(failures)} failed"] + ([f"{skipped} skipped"] if skipped else [])
            say(", ".join(parts) + f", of {len(tasks)}.")
    return failures[0].exit_code if failures else 0


def _answers(
    tasks: Sequence[Task], work: Work, bar: BatchBar, made: list[Path], jobs: int
) -> Generator[Callable[[], dict[str, Any]], None, None]:
    """For every task in order a function that waits for its answer or raises its error.

    Only a few pictures are ahead of the one that is waited for, so memory does not grow with their number. Folders that
    were not there are added to `made`.
    """

    def one(number: int, task: Task) -> dict[str, Any]:
        report = OnePicture(bar, number)
        try:
            report.check()
            if task.target is not None:
                made.extend(_made(task.target.parent))
            return work(task, report)
        finally:
            report.end()

    pool = ThreadPoolExecutor(jobs, thread_name_prefix="picture")
    ahead: deque[Future[dict[str, Any]]] = deque()
    try:
        for number, task in enumerate(tasks, start=1):
            ahead.append(pool.submit(one, number, task))
            if len(ahead) > jobs:
                yield ahead.popleft().result
        while ahead:
            yield ahead.popleft().result
    finally:
        bar.cancelled = True
        pool.shutdown(wait=True, cancel_futures=True)


def say(sentence: str) -> None:
    """Writes to stderr above the bar; what the terminal has no letters for (names in no encoding) is escaped."""
    from tqdm import tqdm

    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    tqdm.write(sentence.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)


def _print_json(answer: dict[str, Any]) -> None:
    text = json.dumps(answer, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeError:  # of a name that is no UTF-8 every reader of JSON gets the bytes back as Python writes them
        text = json.dumps(answer)
    print(text, flush=True)


def _tell_left_out(left_out: Sequence[LeftOut], *, as_json: bool) -> None:
    if as_json:
        for one in left_out:
            _print_json({"input": _place(one.path), "output": None, "left_out": one.reason})
        return
    for reason in dict.fromkeys(one.reason for one in left_out):
        names = ", ".join(printable(str(one.path)) for one in left_out if one.reason == reason)
        say(f"Left out, {reason}: {names}")


def _made(folder: Path) -> list[Path]:
    """Makes a folder; returns those that were not there before."""
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError(f"{folder} is a file, and would have to be a folder.") from None
    except OSError as error:
        raise OutputError(f"The folder {folder} cannot be made ({error.strerror}).") from error
    return made


def _place(path: Any) -> str:
    return "-" if path is None else str(path)
