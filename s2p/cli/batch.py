"""Works through many pictures: one bar, broken ones are named and left out, a summary at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from s2p.cli.files import Task
from s2p.errors import InputError, OutputError
from s2p.progress import Reporter, TqdmReporter

_LOADING = "loading"
_LOADING_WEIGHT = 0.5  # of one picture


class OnePicture:
    """A picture's share of the bar; stages are shown as `3/20 paint`."""

    def __init__(self, bar: TqdmReporter, number: int, count: int) -> None:
        self._bar, self._label = bar, "" if count == 1 else f"{number}/{count} "

    def stage(self, name: str) -> None:
        self._bar.stage(self._label + name)

    def update(self, fraction: float) -> None:
        self._bar.update(fraction)

    def check(self) -> None:
        self._bar.check()


def run_all(
    tasks: Sequence[Task],
    work: Callable[[Task, Reporter], dict[str, Any]],
    *,
    weights: Mapping[str, float],
    done: str,
    as_json: bool = False,
    skip_existing: bool = False,
) -> int:
    """Works on every picture.

    Args:
        tasks: the pictures.
        work: does one; what it returns is shown with `--json`.
        weights: stages of one picture and their share of its time.
        done: participle for the summary, such as `painted`.
        as_json: print one JSON object per picture on stdout.
        skip_existing: leave pictures out whose target exists.

    Returns: 0, or the exit code of the first failure.
    """
    waiting = [task for task in tasks if not (skip_existing and task.target is not None and task.target.exists())]
    count, finished, failures = len(waiting), 0, []
    shares = {_LOADING: _LOADING_WEIGHT * sum(weights.values())}
    for number in range(1, count + 1):
        shares |= {("" if count == 1 else f"{number}/{count} ") + name: weight for name, weight in weights.items()}
    bar = TqdmReporter(shares)
    bar.stage(_LOADING)
    try:
        for number, task in enumerate(waiting, start=1):
            try:
                answer = _one(task, work, OnePicture(bar, number, count))
            except (InputError, OutputError) as error:
                failures.append(error)
                say(f"{task.name}: {error}")
                answer = {"error": {"code": type(error).__name__, "message": str(error)}}
            else:
                finished += 1
            if as_json:
                places = {"input": _place(task.source), "output": _place(task.target)}
                print(json.dumps({**places, **answer}, ensure_ascii=False), flush=True)
    finally:
        bar.close()
        if len(tasks) > 1:
            skipped = len(tasks) - len(waiting)
            parts = [f"{finished} {done}", f"{len(failures)} failed"] + ([f"{skipped} skipped"] if skipped else [])
            say(", ".join(parts) + f", of {len(tasks)}.")
    return failures[0].exit_code if failures else 0


def say(sentence: str) -> None:
    """Writes to stderr above the bar."""
    from tqdm import tqdm

    tqdm.write(sentence, file=sys.stderr)


def _one(task: Task, work: Callable[[Task, Reporter], dict[str, Any]], report: Reporter) -> dict[str, Any]:
    if task.target is not None:
        try:
            task.target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"The folder {task.target.parent} cannot be made ({error.strerror}).") from error
    return work(task, report)


def _place(path: Any) -> str:
    return "-" if path is None else str(path)
