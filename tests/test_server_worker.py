"""A worker's ear and hand: what the server says of a task while it begins is never lost."""

from __future__ import annotations

import io
import json
import threading

import pytest

from server.worker import Pipe, Worker


class Name(str):
    """The name of a task that is spoken of the moment somebody compares it, by another thread."""

    say = staticmethod(lambda: None)
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        say, Name.say = Name.say, staticmethod(lambda: None)
        say()
        return str.__eq__(self, other)


@pytest.mark.parametrize(("what", "heard"), [("cancel", "cancelled"), ("enough", "enough"), ("pause", "paused")])
def test_what_is_said_while_a_task_begins_is_heard(monkeypatch, what, heard):
    worker, seen = Worker(Pipe(io.StringIO())), []
    speakers = []

    def speak() -> None:
        lines = io.StringIO(json.dumps({"do": what, "job": "a"}) + "\n")
        speaker = threading.Thread(target=worker.listen, args=(lines,))
        speaker.start()
        speakers.append(speaker)
        speaker.join(0.3)  # it may have to wait until the task has begun

    def work(task, reporter):
        speakers[0].join(5)
        seen.append(getattr(reporter, heard))
        return {}

    monkeypatch.setattr("server.worker.os._exit", lambda code: None)  # what follows the end of its input
    monkeypatch.setattr(worker, "_call", work)
    Name.say = staticmethod(speak)
    worker._perform({"do": "paint", "job": Name("a")})
    assert seen == [True]


def test_what_is_said_of_a_task_that_waits_is_heard_and_of_another_is_not(monkeypatch):
    worker, seen = Worker(Pipe(io.StringIO())), []
    monkeypatch.setattr("server.worker.os._exit", lambda code: None)
    monkeypatch.setattr(worker, "_call", lambda task, reporter: seen.append(reporter.cancelled) or {})
    worker.listen(io.StringIO('{"do": "cancel", "job": "a"}\n'))
    for name in ("b", "a", "a"):
        worker._perform({"do": "paint", "job": name})
    assert seen == [False, True, False]
