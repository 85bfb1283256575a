"""Jobs: one run of work each, watched by any number of listeners.

A job ends in exactly one of `done`, `failed` (with a sentence) and `cancelled`. Everything here runs in greenlets of
the one HTTP process, so no locks are needed.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import gevent.queue
from gevent.event import Event

from s2p.errors import NotFoundError, S2PError, one_line

ENDED = ("done", "failed", "cancelled")
PREVIEW = "preview"
CHOICES = "choices"
KEPT_JOBS = 500
KEPT_PREVIEWS = 20
KEPT_SECONDS = 3600.0
_MAX_EVENTS = 64
_CROWD, _CROWD_SECONDS = 16, 1.0  # so many listeners of one job hear of its progress only so often
HEARTBEAT_SECONDS = 10.0


class BusyError(S2PError):
    """The queue is full.

    Attributes:
        retry_after: seconds after which it may be tried again.
    """

    http_status = 503
    retry_after = 30


class TooManyError(BusyError):
    """Whoever asks has too many jobs waiting already."""

    http_status = 429


@dataclass
class JobError:
    """Why a job failed: a stable code, a sentence, and the HTTP status that fits."""

    code: str
    message: str
    status: int = 500

    def __post_init__(self) -> None:
        self.message = one_line(self.message)


@dataclass(frozen=True)
class Sentences:
    """What is said of a worker and of its jobs.

    Attributes:
        name: of the worker, in the codes of errors.
        who: the same at the beginning of a sentence.
        lost: of a job whose worker died.
        slow: what to do about a job that took too long.
        late: why a start may take too long, and what to do then.
    """

    name: str
    who: str
    lost: str
    slow: str
    late: str

    def not_ready(self, seconds: float) -> str:
        """Of a worker that has not started in time."""
        return f"{self.who} was not ready after {seconds:g} seconds. {self.late}"


@dataclass(eq=False)
class Job:
    """One run of work.

    Attributes:
        room: id of the room it works in.
        kind: the worker's task.
        session: whose turn it takes.
        address: where it was asked for, as places are given out (`server.place.household`).
        build: makes the worker's task when the job's turn comes; may raise `S2PError`.
        finish: turns the worker's answer into `result`; in the answer it may put addresses in place of files.
        undo: clears away what it has left in the room, where it ends in any other way than done.
        answer: the worker's own; clients see its `hints` (of a suggestion) and `choices`.
        seconds: its longest time; None for that of its lane.
        too_slow: what is said where it takes longer.
        is_open: True if it may end early, with what it has made so far as its result.
        cancels_softly: True if a cancel waits until the worker notices it, instead of ending a worker that does not.
        lane: name of the lane that it waits in (`server.service.Service.lanes`).
        gives_way: True once it was asked to let another job go first: it is stopped and waits again.
        attempts: how often it was given to a worker.
        is_begun: True once a worker has said so; only a job that no worker has begun may be given out again.
    """

    room: str
    kind: str
    session: str
    build: Callable[[], dict[str, Any]]
    finish: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda answer: None
    undo: Callable[[], None] = lambda: None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    state: str = "queued"
    position: int = 0
    address: str = ""
    stage: str | None = None
    fraction: float = 0.0
    seconds_left: float | None = None
    error: JobError | None = None
    result: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    cancel_requested: bool = False
    seconds: float | None = None
    too_slow: JobError | None = None
    is_open: bool = False
    cancels_softly: bool = False
    lane: str = "painting"
    gives_way: bool = False
    attempts: int = 0
    is_begun: bool = False
    created: float = field(default_factory=time.monotonic)  # seconds of a clock that nobody sets
    ended: Event = field(default_factory=Event)
    _told_crowd: float = 0.0
    _listeners: list[gevent.queue.Queue] = field(default_factory=list)

    def to_data(self) -> dict[str, Any]:
        """The job as clients see it."""
        error = None if self.error is None else {"code": self.error.code, "message": self.error.message}
        return {
            "job": self.id, "room": self.room, "kind": self.kind, "state": self.state, "position": self.position,
            "stage": self.stage, "fraction": self.fraction, "seconds_left": self.seconds_left, "error": error,
            "result": self.result, "hints": (self.answer or {}).get("hints"),
            "choices": (self.answer or {}).get("choices"),
        }

    def notify(self, event: str, data: dict[str, Any] | None = None) -> None:
        """Tells all listeners; one that does not keep up, and a crowd of them, miss progress, never the end."""
        if event == "progress" and len(self._listeners) > _CROWD:
            if time.monotonic() - self._told_crowd < _CROWD_SECONDS:
                return
            self._told_crowd = time.monotonic()
        told = (event, self.to_data() if data is None else data)
        for listener in self._listeners:
            if event != "progress" or listener.qsize() < _MAX_EVENTS:
                listener.put(told)

    def end(self, state: str, *, error: JobError | None = None) -> None:
        if self.state in ENDED:
            return
        self.state, self.error = state, error
        self.position, self.seconds_left = 0, None
        if state == "done":
            self.fraction = 1.0
        else:
            self.undo()
        self.build, self.finish, self.undo = dict, dict, lambda: None  # nothing of its inputs stays in memory
        self.notify("end")
        self.ended.set()

    def events(self, *, heartbeat: float = HEARTBEAT_SECONDS) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Yields `(event, data)` until the end; `("heartbeat", None)` while nothing happens."""
        listener: gevent.queue.Queue = gevent.queue.Queue()
        self._listeners.append(listener)
        try:
            yield ("progress", self.to_data())
            if self.state in ENDED:
                yield ("end", self.to_data())
                return
            while True:
                try:
                    event, data = listener.get(timeout=heartbeat)
                except gevent.queue.Empty:
                    yield ("heartbeat", None)
                    continue
                yield (event, data)
                if event == "end":
                    return
        finally:
            self._listeners.remove(listener)


class Register:
    """Finds jobs by id; forgets finished ones after an hour, or when there are many, and previews before all others."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def add(self, job: Job) -> None:
        self._jobs[job.id] = job
        if job.kind == PREVIEW:  # ten of them a second would push out paintings that somebody still asks for
            ended = [other.id for other in self._jobs.values() if other.kind == PREVIEW and other.state in ENDED]
            for job_id in ended[:-KEPT_PREVIEWS]:
                del self._jobs[job_id]
        self._forget()

    def get(self, job_id: str) -> Job:
        job = self._jobs.get(job_id)
        if job is None:
            raise NotFoundError("There is no such job; jobs are forgotten an hour after they end, and by a restart.")
        return job

    def active(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.state not in ENDED]

    def __len__(self) -> int:
        return len(self._jobs)

    def _forget(self) -> None:
        oldest = time.monotonic() - KEPT_SECONDS
        excess = len(self._jobs) - KEPT_JOBS
        for job_id, job in list(self._jobs.items()):
            if excess <= 0 and job.created > oldest:
                return
            if job.state in ENDED:
                del self._jobs[job_id]
                excess -= 1
