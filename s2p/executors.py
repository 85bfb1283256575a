"""One machine or many behind `concurrent.futures`: whoever gives out work need not know which.

`local` runs in this process, `local:4` in four processes, `dask://host:8786` on the workers of a Dask scheduler.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from s2p.errors import ConfigError, DependencyMissingError, S2PError
from s2p.progress import NullReporter, Reporter

Task = TypeVar("Task")
Answer = TypeVar("Answer")

CONNECT_SECONDS = 20
ATTEMPTS = 3  # how often a task may take its process down before it is given up
_LOST = "the worker process died, most likely for lack of memory"

_log = logging.getLogger(__name__)


class WorkerLostError(S2PError):
    """A task took its worker process down again and again."""


class InProcess(Executor):
    """Runs a task when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        future: Future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            if not isinstance(error, Exception):
                raise
            future.set_exception(error)
        return future


def workers_of(address: str) -> int:
    """How many tasks an address runs at a time; 0 where a scheduler knows better.

    Raises:
        ConfigError: the address is malformed.
    """
    if address == "local":
        return 1
    match = re.fullmatch(r"local:(\d{1,3})", address)
    if match and 1 <= int(match[1]) <= 256:
        return int(match[1])
    if re.fullmatch(r"(dask|tcp|tls)://\S+", address):
        return 0
    raise ConfigError(f"The executor must be local, local:N (at most 256) or dask://host:port. Received: {address!r}.")


@contextmanager
def open_executor(address: str) -> Iterator[Executor]:
    """Opens the executor of an address and shuts it down, tasks that wait included.

    Raises:
        ConfigError: the address is malformed or no scheduler answers there.
        DependencyMissingError: Dask is not installed.
    """
    workers = workers_of(address)
    if workers == 1:
        yield InProcess()
    elif workers:
        yield from _processes(workers)
    else:
        yield from _dask(address)


def run_all(
    address: str, function: Callable[[Task], Answer], tasks: Sequence[Task], *, report: Reporter | None = None,
    done: Callable[[int, Answer], None] | None = None,
) -> list[Answer | Exception]:  # fmt: skip
    """Runs a function over tasks and returns the answers in the order of the tasks.

    Args:
        address: see `open_executor`.
        function: importable by name, so that other processes find it.
        tasks: picklable values.
        report: asked between answers whether to stop.
        done: called with the position and the answer as soon as a task is finished.

    Returns:
        Per task its answer, or the exception that it ended with. A task whose process dies is tried again; after
        three times it ends with `WorkerLostError`, and the others are not affected.
    """
    report = report or NullReporter()
    answers: dict[int, Answer | Exception] = {}
    attempts = dict.fromkeys(range(len(tasks)), 0)
    while len(answers) < len(tasks):
        # After a crash one task at a time, so that only the guilty one is blamed.
        suspects = [number for number in attempts if attempts[number] and number not in answers]
        waiting = suspects[:1] or [number for number in attempts if number not in answers]
        try:
            with open_executor(address) as executor:
                _run_some(executor, function, tasks, waiting, answers, report, done, workers_of(address))
        except BrokenProcessPool:
            for number in waiting:
                if number not in answers:
                    attempts[number] += 1
                    if attempts[number] >= ATTEMPTS and len(waiting) == 1:
                        answers[number] = WorkerLostError(_LOST)
            _log.warning("a worker process died; its tasks are tried again")
    return [answers[number] for number in range(len(tasks))]


def run_missing(
    address: str, function: Callable[[Task], Answer], tasks: Sequence[Task], found: dict[int, Answer], *,
    report: Reporter | None = None, filled: Callable[[int], Any] | None = None,
    isolated: Callable[[Task], Task] | None = None,
) -> None:  # fmt: skip
    """Runs the tasks that have no answer yet, and puts their answers into `found` under the tasks' numbers.

    Args:
        address, function, tasks, report: as of `run_all`.
        filled: called with the number of a task as soon as its answer is in `found`.
        isolated: another form of a task, in which those are tried once more that took their worker down; what does so
            again stays without an answer. Without it, a lost worker is raised.

    Raises:
        Exception: whatever a task ended with.
    """
    for form in (None,) if isolated is None else (None, isolated):
        missing = [number for number in range(len(tasks)) if number not in found]

        def done(position: int, answer: Any, missing: Sequence[int] = missing) -> None:
            if isinstance(answer, WorkerLostError) and isolated is not None:
                return
            if isinstance(answer, Exception):
                raise answer
            found[missing[position]] = answer
            if filled is not None:
                filled(missing[position])

        chosen = [tasks[number] if form is None else form(tasks[number]) for number in missing]
        run_all(address, function, chosen, report=report, done=done)


def _run_some(
    executor: Executor, function: Callable, tasks: Sequence, waiting: list[int], answers: dict, report: Reporter,
    done: Callable | None, workers: int,
) -> None:  # fmt: skip
    queue = list(reversed(waiting))
    running: dict[Future, int] = {}
    limit = 2 * workers if workers else 512  # a short queue keeps a stop quick and a crash's circle of suspects small
    try:
        while queue or running:
            while queue and len(running) < limit:
                report.check()
                number = queue.pop()
                running[executor.submit(function, tasks[number])] = number
            finished, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
            report.check()
            for future in finished:
                number = running.pop(future)
                answers[number] = answer_of(future)
                if done is not None:
                    done(number, answers[number])
    finally:
        for future in running:
            future.cancel()


def answer_of(future: Future) -> Any:
    """What a task has given, or the exception that it ended with, `WorkerLostError` from a cluster that gave it up.

    Raises:
        BrokenProcessPool: a local process died, this task's or that of one beside it.
    """
    if future.cancelled():  # by nobody here
        return WorkerLostError("the cluster has gone, or has given this up; once it is back, leave out what is done")
    error = future.exception()
    if isinstance(error, BrokenProcessPool):
        raise error
    if type(error).__name__ == "KilledWorker":  # Dask's own, after as many attempts
        return WorkerLostError(_LOST)
    if error is not None and not isinstance(error, Exception):
        raise error
    return error if error is not None else future.result()


@contextmanager
def open_alone() -> Iterator[Executor]:
    """An executor of one process, which may die without another task going down with it."""
    yield from _processes(1)


def _processes(workers: int) -> Iterator[Executor]:
    # "spawn": a forked child would inherit locks of OpenCV's threads, and behave differently on other systems.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start_worker)
    try:
        yield pool
    except BaseException:  # stopped by the person: do not wait for shards that are half done
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_isolated(function: Callable[[Task], Answer], tasks: Sequence[Task]) -> Iterator[Answer | Exception]:
    """Runs a function over tasks in a child process that may die: the task that killed it gives `WorkerLostError`."""
    pool = None
    try:
        for task in tasks:
            pool = pool or ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_start_worker)
            try:
                yield answer_of(pool.submit(function, task))
            except BrokenProcessPool:
                pool = None
                yield WorkerLostError("it takes the process down that reads it")
    finally:
        if pool is not None:
            pool.shutdown()


def _start_worker() -> None:
    import signal

    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    cv2.setNumThreads(1)


def _dask(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError:
        raise DependencyMissingError(
            f"The executor {address} needs Dask. Install it: pip install 's2p[cluster]'"
        ) from None
    try:
        client = Client(address.replace("dask://", "tcp://", 1), timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ConfigError(f"No Dask scheduler answers at {address}: {error}.") from error
    with client:
        if not client.scheduler_info()["workers"]:
            _log.warning("the cluster at %s has no workers yet; waiting for one (dask worker tcp://...)", address)
        yield client.get_executor(pure=False)
