"""The queue before a worker, fair between addresses and between the sessions of one."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator

from .jobs import CHOICES, PREVIEW, BusyError, Job, TooManyError

MAX_QUEUED = 400
MAX_QUEUED_PER_SESSION = 40
MAX_QUEUED_PER_ADDRESS = 160  # a class behind one address; cookies anybody can make up


class FairQueue:
    """Addresses take turns, and within one its sessions; within a session the oldest job goes first; previews go when
    nothing else waits.

    A preview is short and soon out of date, so a painting never waits for more than the one that runs already. Choices
    nobody waits for: they go last.
    """

    def __init__(self) -> None:
        self._work, self._previews, self._choices = _Turns(), _Turns(), _Turns()

    @property
    def _in_order(self) -> tuple[_Turns, ...]:
        return self._work, self._previews, self._choices

    def __len__(self) -> int:
        return sum(map(len, self._in_order))

    def _turns(self, job: Job) -> _Turns:
        return {PREVIEW: self._previews, CHOICES: self._choices}.get(job.kind, self._work)

    def put(self, job: Job) -> None:
        if job.address and sum(other.address == job.address for other in self) >= MAX_QUEUED_PER_ADDRESS:
            raise TooManyError(f"{MAX_QUEUED_PER_ADDRESS} jobs from your address are waiting. Try again in a minute.")
        if sum(other.session == job.session for other in self) >= MAX_QUEUED_PER_SESSION:
            raise TooManyError(f"You have {MAX_QUEUED_PER_SESSION} jobs waiting. Wait for one to end, or cancel some.")
        if len(self) >= MAX_QUEUED:
            raise BusyError("Too many jobs are waiting. Try again in a minute.")
        self._turns(job).put(job)

    def pop(self, is_wanted: Callable[[Job], bool] = lambda job: True) -> Job | None:
        """The next job, of those that are wanted."""
        return next(filter(None, (turns.pop(is_wanted) for turns in self._in_order)), None)

    def put_back(self, job: Job) -> None:
        """Puts a job before all others of its kind."""
        self._turns(job).put_back(job)

    def remove(self, job: Job) -> bool:
        return self._turns(job).remove(job)

    def __iter__(self) -> Iterator[Job]:
        """All jobs in the order in which they would run."""
        yield from [*self._work, *self._previews, *self._choices]


class _Line:
    """Jobs one after the other."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs)

    def put(self, job: Job) -> None:
        self._jobs.append(job)

    def put_back(self, job: Job) -> None:
        self._jobs.appendleft(job)

    def pop(self, is_wanted: Callable[[Job], bool]) -> Job | None:
        found = next(filter(is_wanted, self._jobs), None)
        if found is not None:
            self._jobs.remove(found)
        return found

    def remove(self, job: Job) -> bool:
        if job not in self._jobs:
            return False
        self._jobs.remove(job)
        return True


class _Turns:
    """Lines of jobs: each has its turn, then goes to the end.

    Args:
        by: attributes of a job; those with the same first one have one turn, which they share by the next one.
    """

    def __init__(self, by: tuple[str, ...] = ("address", "session")) -> None:
        self._by = by
        self._lines: OrderedDict[str, _Turns | _Line] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def _line(self, job: Job) -> _Turns | _Line:
        made = _Turns(self._by[1:]) if self._by[1:] else _Line()
        return self._lines.setdefault(getattr(job, self._by[0]), made)

    def put(self, job: Job) -> None:
        self._line(job).put(job)

    def put_back(self, job: Job) -> None:
        self._line(job).put_back(job)
        self._lines.move_to_end(getattr(job, self._by[0]), last=False)

    def pop(self, is_wanted: Callable[[Job], bool]) -> Job | None:
        for name, line in list(self._lines.items()):
            job = line.pop(is_wanted)
            if job is None:
                continue
            self._lines.move_to_end(name)
            if not len(line):
                del self._lines[name]
            return job
        return None

    def remove(self, job: Job) -> bool:
        name = getattr(job, self._by[0])
        line = self._lines.get(name)
        if line is None or not line.remove(job):
            return False
        if not len(line):
            del self._lines[name]
        return True

    def __iter__(self) -> Iterator[Job]:
        turns = [list(line) for line in self._lines.values()]
        for turn in range(max(map(len, turns), default=0)):
            yield from (jobs[turn] for jobs in turns if turn < len(jobs))
