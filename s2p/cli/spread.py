"""Pictures on other processes and computers: `--executor local:4` or `dask://host:8786`, as of `s2p prepare`.

What is read and written lies in folders that all of them reach under the same path. Each has weights of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from s2p.cli.files import Task
from s2p.errors import InputError
from s2p.executors import ATTEMPTS, WorkerLostError, answer_of, open_alone, open_executor, workers_of
from s2p.progress import Reporter

Answer = TypeVar("Answer")
_AHEAD = 64  # pictures that a scheduler is given at once
_PATIENCE = 0.2  # seconds between two looks at whether somebody has stopped it


class Spread:
    """An executor that outlives processes which die: what they worked on is begun again, one after the other and each
    in a process of its own, so that only the guilty one is given up.

    Args:
        address: of `s2p.executors.open_executor`.

    Raises:
        ConfigError: a malformed address, when it is made; or no scheduler there, when it is entered.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.jobs = workers_of(address) or _AHEAD
        self._lock, self._turn = threading.Lock(), threading.Lock()

    def __enter__(self) -> Spread:
        self._open()
        return self

    def __exit__(self, *error: Any) -> None:
        self._held.__exit__(*error)

    def __call__(self, function: Callable[..., Answer], *words: Any, report: Reporter) -> Answer:
        """The answer of a function that is importable by name; raises what it raises.

        Raises:
            WorkerLostError: it took its process down three times.
        """
        executor = self._executor
        try:
            return _awaited(executor, function, words, report)
        except BrokenProcessPool:
            self._renew(executor)
        while not self._turn.acquire(timeout=_PATIENCE):
            report.check()
        try:
            for _ in range(ATTEMPTS - 1):
                with suppress(BrokenProcessPool), open_alone() as executor:
                    return _awaited(executor, function, words, report)
        finally:
            self._turn.release()
        raise WorkerLostError("it takes the process down that works on it, most likely for lack of memory")

    def _open(self) -> None:
        self._held: AbstractContextManager[Executor] = open_executor(self.address)
        self._executor = self._held.__enter__()

    def _renew(self, broken: Executor) -> None:
        with self._lock:
            if self._executor is broken:  # another thread may have been quicker
                self._held.__exit__(None, None, None)
                self._open()


def _awaited(executor: Executor, function: Callable[..., Answer], words: tuple, report: Reporter) -> Answer:
    future = executor.submit(function, *words)
    try:
        while not wait([future], timeout=_PATIENCE).done:
            report.check()
    except BaseException:
        future.cancel()
        raise
    answer = answer_of(future)
    if isinstance(answer, Exception):
        raise answer
    return answer


def reachable(task: Task) -> Task:
    """A task with paths that hold wherever its process runs; raises `InputError` for standard input and output."""
    if task.source is None or task.target is None:
        raise InputError("--executor works on files. Give a path and -o FILE or -o FOLDER in place of -.")
    source = task.source.absolute() if isinstance(task.source, Path) else task.source
    return replace(task, source=source, target=task.target.absolute())
