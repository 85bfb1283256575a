"""A lane: one worker process, the queue before it, and everything that can go wrong with a process.

One greenlet owns the process and decides alone; all others put messages into its inbox. So there is one place where a
job is given out, ended, timed out, or lost with its process, and no state in which something waits for ever.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import gevent.queue

from s2p.errors import S2PError

from .jobs import CHOICES, PREVIEW, Job, JobError, Sentences
from .queues import FairQueue
from .worker_process import WorkerProcess

log = logging.getLogger(__name__)

CANCEL_SECONDS = 2.0
_RETRY_SECONDS = 3.0  # after the first failure to start; twice as long after each one more
_LONGEST_RETRY_SECONDS = 60.0
_PATIENT_STARTS = 4  # as often a worker may die while it starts before the jobs that wait for it fail
_ATTEMPTS = 2


class Lane:
    """Runs jobs one after the other in a worker process, which it starts again whenever it is gone.

    Args:
        name: for the log.
        arguments: gives the worker's command line; a change of it restarts the worker before the next job.
        job_seconds: gives the longest time of a job.
        start_seconds: gives the longest time of the worker's start.
        folder: working directory of the worker.
        sentences: what is said of the worker and of its jobs.
        on_done: is told of every job that was done, with its result.
        queue: of the jobs; its own by default, where it is not one worker of several (`server.crew`).

    Attributes:
        state: `starting`, `ready`, `busy`, `restarting`, `failed` or `stopped`.
        problem: why the worker cannot start, or None.
        about: what the worker has said of itself: when it was ready, and what it has measured since.
    """

    def __init__(
        self, name: str, arguments: Callable[[], list[str]], *, job_seconds: Callable[[], float],
        start_seconds: Callable[[], float], folder: Path, sentences: Sentences,
        on_done: Callable[[Job], None] = lambda job: None, queue: FairQueue | None = None,
    ) -> None:
        self.name, self.state = name, "stopped"
        self.problem: str | None = None
        self.about: dict[str, Any] = {}
        self.queue = FairQueue() if queue is None else queue
        self.current: Job | None = None
        self._arguments, self._folder, self._sentences, self._on_done = arguments, folder, sentences, on_done
        self._job_seconds, self._start_seconds = job_seconds, start_seconds
        self._inbox: gevent.queue.Queue = gevent.queue.Queue()
        self._process: WorkerProcess | None = None
        self._started_with: list[str] = []
        self._deadline: float | None = None
        self._cancel_deadline: float | None = None
        self._failures, self._failed_at, self._is_told = 0, 0.0, False
        self._usual_seconds: float | None = None
        self._job_started = 0.0
        self._greenlet: gevent.Greenlet | None = None

    # For everybody

    def start(self) -> None:
        """Starts the worker in the background."""
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._run)

    def stop(self) -> None:
        """Ends the worker; jobs that have not ended fail."""
        if self._greenlet is not None:
            self._greenlet.kill()
            self._greenlet = None
        self.state = "stopped"
        self._end_process()
        for job in [*iter(self.queue.pop, None), *([self.current] if self.current else [])]:
            job.end("failed", error=JobError("ServerStopped", "The server was stopped.", 503))
        self.current = None

    def submit(self, job: Job) -> None:
        """Puts a job into the queue; raises `BusyError`. Choices that are being thought of make room for it."""
        self.queue.put(job)
        self.place()
        if job.kind != CHOICES:
            self.make_way()
        self.wake()

    def make_way(self) -> bool:
        """Lets choices that are being thought of wait again; whether there were some."""
        if self.current is None or self.current.kind != CHOICES or self.current.gives_way:
            return False
        self.current.gives_way = True
        self._inbox.put(("cancel", self.current))
        return True

    def wake(self) -> None:
        self._inbox.put(("wake",))

    def cancel(self, job: Job) -> None:
        """Ends a waiting job at once and a running one within about two seconds."""
        if self.queue.remove(job):
            job.end("cancelled")
            self.place()
        elif job is self.current and not job.cancel_requested:
            job.cancel_requested = True
            self._inbox.put(("cancel", job))

    def steer(self, job: Job, what: str) -> None:
        """Tells the worker that what there is of a running job is `enough`, or to `pause` it, or to `resume`."""
        if job is self.current:
            self._inbox.put((what, job))

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    # The one greenlet that owns the process

    def _run(self) -> None:
        self._start()
        while True:
            try:
                message = self._inbox.get(timeout=self._patience())
            except gevent.queue.Empty:
                message = ("wake",)
            try:
                self._handle(message)
                self._check_time()
                self._next()
            except Exception:  # the lane must survive whatever a single message does
                log.exception("%s: a message could not be handled", self.name)

    def _patience(self) -> float | None:
        moments = [moment for moment in (self._deadline, self._cancel_deadline, self._retry_at) if moment is not None]
        return max(0.01, min(moments) - time.monotonic()) if moments else None

    @property
    def _retry_at(self) -> float | None:
        """When a worker that could not start is tried again, whether or not anybody asks for it."""
        if self.state != "failed":
            return None
        return self._failed_at + min(_RETRY_SECONDS * 2 ** min(self._failures - 1, 9), _LONGEST_RETRY_SECONDS)

    @property
    def is_hopeless(self) -> bool:
        """True where a worker has said why it cannot start, or has died often: nobody is left waiting for that."""
        return self._is_told or self._failures >= _PATIENT_STARTS

    def _handle(self, message: tuple) -> None:
        if message[0] == "cancel" and message[1] is self.current:
            if not message[1].cancels_softly and not message[1].gives_way:
                self._cancel_deadline = time.monotonic() + CANCEL_SECONDS
            self._send({"do": "cancel", "job": message[1].id})
        elif message[0] in ("enough", "pause", "resume") and message[1] is self.current:
            self._send({"do": message[0], "job": message[1].id})
        elif message[0] == "heard" and message[1] is self._process:
            if message[2] is None:
                self._lost()
            else:
                self._hear(message[2])

    def _check_time(self) -> None:
        now = time.monotonic()
        if self._cancel_deadline is not None and now >= self._cancel_deadline:
            log.info("%s: the worker did not answer a cancel and is ended", self.name)
            self._lost()
        elif self._deadline is not None and now >= self._deadline:
            if self.current is None:
                self.problem = self._sentences.not_ready(self._start_seconds())
                self._lost()
            else:
                seconds = self.current.seconds or self._job_seconds()
                log.warning("%s: a job took longer than %g seconds; the worker is ended", self.name, seconds)
                text = f"This took longer than {seconds:g} seconds and was ended. {self._sentences.slow}"
                self._lost(self.current.too_slow or JobError("TimeoutError", text, 504))

    def _next(self) -> None:
        if self._retry_at is not None:
            seconds = time.monotonic() - self._failed_at
            if time.monotonic() >= self._retry_at or (len(self.queue) and seconds > _RETRY_SECONDS):
                self._start()
            elif self.is_hopeless:
                self._refuse_all()
        while self.state == "ready":
            if len(self.queue) and self._arguments() != self._started_with:
                log.info("%s: settings of the worker have changed; it is started again", self.name)
                self._end_process()
                self._start("restarting")
                return
            job = self._take()
            if job is None:
                return
            self._give(job)

    def _take(self) -> Job | None:
        return self.queue.pop()

    def _busy(self) -> tuple[int, int]:
        """How many jobs are being done, and by how many."""
        return int(self.current is not None), 1

    def _give(self, job: Job) -> None:
        try:
            task = job.build()
        except S2PError as error:
            job.end("failed", error=JobError(type(error).__name__, str(error), error.http_status))
            return
        except Exception:
            log.exception("a job cannot be begun")
            job.end("failed", error=JobError("InternalError", "The job could not be begun; see the server's log."))
            return
        self.current, self.state, job.state, job.position = job, "busy", "running", 0
        job.attempts += 1
        self._job_started = time.monotonic()
        self._deadline = self._job_started + (job.seconds or self._job_seconds())
        self.place()
        job.notify("progress")
        self._send({**task, "do": job.kind, "job": job.id})

    def _hear(self, message: dict[str, Any]) -> None:
        event, job = message.get("event"), self.current
        if event == "ready":
            self.about, self.problem, self._failures, self._deadline = message, None, 0, None
            self.state = "ready"
            log.info("%s: ready", self.name)
        elif event == "measured":
            self.about = {**self.about, **{key: value for key, value in message.items() if key != "event"}}
        elif event == "broken":
            self.problem, self._is_told = str(message.get("message")), True
        elif job is not None and message.get("job") == job.id:
            self._hear_of_job(job, event, message)

    def _hear_of_job(self, job: Job, event: Any, message: dict[str, Any]) -> None:
        job.is_begun = True
        if event == "begun":
            return
        if event == "spent":
            log.warning("%s: a job computed for too long; the worker has ended", self.name)
            return self._lost(job.too_slow)
        if event == "progress":
            job.stage, job.fraction = message["stage"] or None, message["fraction"]
            job.seconds_left = message["seconds_left"]
            job.notify("progress")
            return
        if event == "picture":
            return job.notify("stage", {"stage": message["stage"], "file": message["file"]})
        self.current, self._deadline, self._cancel_deadline, self.state = None, None, None, "ready"
        if event == "done":
            self._done(job, message)
        elif event == "cancelled" and job.gives_way and not job.cancel_requested:
            job.state, job.gives_way, job.is_begun, job.attempts = "queued", False, False, 0
            self.queue.put_back(job)
        elif event == "cancelled" or job.cancel_requested:
            job.end("cancelled")
        else:
            job.end("failed", error=JobError(message["code"], message["message"], message["status"]))
        self.place()

    def _done(self, job: Job, message: dict[str, Any]) -> None:
        seconds = time.monotonic() - self._job_started
        if job.kind not in (PREVIEW, CHOICES):
            usual = self._usual_seconds
            self._usual_seconds = seconds if usual is None else 0.7 * usual + 0.3 * seconds
        try:
            job.answer = {key: value for key, value in message.items() if key not in ("event", "job")}
            job.result = job.finish(job.answer)
        except Exception as error:
            log.exception("the result of a job cannot be described")
            known = isinstance(error, S2PError)
            text = str(error) if known else "The result cannot be described; see the server's log."
            job.end("failed", error=JobError(type(error).__name__, text, error.http_status if known else 500))
            return
        self._on_done(job)
        job.end("done")

    def place(self) -> None:
        """Tells waiting jobs how many are before them."""
        ahead, hands = self._busy()
        for position, job in enumerate(self.queue, start=1):
            left = self._usual_seconds and round(self._usual_seconds * max((position + ahead) / hands, 1.0), 1)
            if (job.position, job.seconds_left) != (position, left):
                job.position, job.seconds_left = position, left
                job.notify("progress")

    # The process

    def _start(self, state: str | None = None) -> None:
        self._started_with, self._is_told = self._arguments(), False
        self.state = state or ("restarting" if self.about else "starting")
        self._deadline = time.monotonic() + self._start_seconds()
        try:
            self._process = WorkerProcess(
                self.name, self._started_with, folder=self._folder,
                hear=lambda process, said: self._inbox.put(("heard", process, said)),
            )
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self.problem, self._is_told = f"{self._sentences.who}'s process cannot be started: {reason}.", True
            self._lost()

    def _send(self, task: dict[str, Any]) -> None:
        if self._process is None or not self._process.send(task):
            self._lost()

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _lost(self, error: JobError | None = None) -> None:
        """The process is gone, or has to go: ends its job and starts another one."""
        was_ready = self.state in ("ready", "busy")
        job, self.current = self.current, None
        self._end_process()
        self._deadline = self._cancel_deadline = None
        if job is not None and job.cancel_requested:
            job.end("cancelled")
        elif job is not None and error is None and not job.is_begun and job.attempts < _ATTEMPTS:
            job.state = "queued"  # the worker was gone before it was given this job
            self.queue.put_back(job)
        elif job is not None:
            log.warning("%s: the worker was lost during a job", self.name)
            job.end("failed", error=error or JobError(f"{self._sentences.name}Lost", self._sentences.lost))
        if was_ready:
            self._start("restarting")
        else:
            self._failures += 1
            self.state, self._failed_at = "failed", time.monotonic()
            self.problem = self.problem or f"{self._sentences.who} cannot start. The server's log has the details."
            log.error("%s: %s", self.name, self.problem)
            if self.is_hopeless:
                self._refuse_all()
        self.place()

    def _refuse_all(self) -> None:
        error = JobError(f"{self._sentences.name}Broken", self.problem or f"{self._sentences.who} cannot start.", 503)
        while (job := self.queue.pop()) is not None:
            job.end("failed", error=error)
