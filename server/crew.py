"""Several workers for one lane: as many processes that paint, one queue before them.

A room's jobs run one after another, since they write the same files, and in the process that ran the last of them,
which remembers its stages, unless that one is busy with another room's.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import Any

from .jobs import CHOICES, Job
from .lane import Lane
from .queues import FairQueue

MOST = 8
_CORES_EACH, _BYTES_EACH = 4, 1.5e9  # of a painter that has its networks loaded and some stages remembered
_HOMES = 1000  # rooms of which it is known who painted them last


def fitting(cores: int | None = None, memory: int | None = None) -> int:
    """How many workers suit a computer: one for four cores and 1.5 GB of free memory, at least one.

    Args:
        cores, memory: of the computer, memory in bytes; found out by default.

    Example:
        >>> fitting(16, 64 * 10**9), fitting(16, 4 * 10**9), fitting(2, 64 * 10**9)
        (4, 2, 1)
    """
    cores = cores or os.cpu_count() or 1
    memory = _free_memory() if memory is None else memory
    return max(1, min(cores // _CORES_EACH, int(memory // _BYTES_EACH), MOST))


def _free_memory() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # a system that does not say it
        return int(4 * _BYTES_EACH)


class Crew:
    """Has the face of one `Lane`.

    Args:
        count: of workers.
        options: what a `Lane` is given.
    """

    def __init__(self, count: int, *options: Any, **more: Any) -> None:
        self.queue = FairQueue()
        self._homes: OrderedDict[str, Member] = OrderedDict()
        self.members = [Member(self, *options, **more) for _ in range(count)]
        for number, member in enumerate(self.members, start=1):
            member.name = f"{member.name} {number}"

    # For everybody

    def start(self) -> None:
        for member in self.members:
            member.start()

    def stop(self) -> None:
        for member in self.members:
            member.stop()

    def submit(self, job: Job) -> None:
        """Puts a job into the queue; raises `BusyError`. Choices that are thought of make room where it would wait."""
        self.queue.put(job)
        self.members[0].place()
        if job.kind != CHOICES:
            any(member.make_way() for member in self._in_the_way_of(job))
        self.wake()

    def cancel(self, job: Job) -> None:
        self._of(job).cancel(job)

    def steer(self, job: Job, what: str) -> None:
        self._of(job).steer(job, what)

    @property
    def working(self) -> Member:
        """One that can work, where there is one."""
        states = ("ready", "busy")
        return next((member for member in self.members if member.state in states), self.members[0])

    @property
    def state(self) -> str:
        return "ready" if any(member.state == "ready" for member in self.members) else self.working.state

    @property
    def problem(self) -> str | None:
        return self.working.problem

    @property
    def about(self) -> dict[str, Any]:
        return self.working.about

    @property
    def pid(self) -> int | None:
        return self.working.pid

    # For its members

    def take(self, member: Member) -> Job | None:
        """The next job for a worker that is ready."""
        busy = {other.current.room for other in self.members if other.current is not None}
        ready = {other.name for other in self.members if other.state == "ready"}

        def is_for_it(job: Job) -> bool:
            home = self._homes.get(job.room)
            return job.room not in busy and (home is None or home is member or home.name not in ready)

        job = self.queue.pop(is_for_it)
        if job is not None:
            self._homes[job.room] = member
            self._homes.move_to_end(job.room)
            while len(self._homes) > _HOMES:
                self._homes.popitem(last=False)
        return job

    def wake(self) -> None:
        """Lets everybody look at the queue again."""
        for member in self.members:
            if member.state != "busy":
                member.wake()

    def _in_the_way_of(self, job: Job) -> list[Member]:
        """Whose work a new job would wait for: that for its own room, or that of all where nobody is free."""
        own = [member for member in self.members if member.current is not None and member.current.room == job.room]
        is_free = any(member.state == "ready" for member in self.members)
        return own or ([] if is_free else self.members)

    def _of(self, job: Job) -> Member:
        return next((member for member in self.members if member.current is job), self.members[0])


class Member(Lane):
    """One of a crew's workers.

    Args:
        crew: whose queue it works on.
        options: of a `Lane`.
    """

    def __init__(self, crew: Crew, *options: Any, **more: Any) -> None:
        super().__init__(*options, queue=crew.queue, **more)
        self._crew = crew

    def place(self) -> None:
        super().place()
        self._crew.wake()

    def _take(self) -> Job | None:
        return self._crew.take(self)

    def _busy(self) -> tuple[int, int]:
        members = self._crew.members
        return sum(member.current is not None for member in members), len(members)

    def _refuse_all(self) -> None:
        """Jobs wait as long as any other worker may come to work."""
        if all(member.is_hopeless for member in self._crew.members):
            super()._refuse_all()


def lane_of(count: int, *options: Any, **more: Any) -> Lane | Crew:
    """A lane of one worker, or a crew of several."""
    return Lane(*options, **more) if count == 1 else Crew(count, *options, **more)
