"""Many clients, many jobs, and processes that are killed at every stage: minutes, so `pytest -m slow`."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import gevent
import pytest
from server_cases import (
    drawing,
    finished,
    mean_of_a_painting,
    new_room,
    options_v3,
    paint_v3,
    start_job,
    wait_for,
    wait_for_status,
)
from webtest import TestApp

pytestmark = [
    pytest.mark.slow, pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc"),
]


def resident_megabytes(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def client(app: TestApp, number: int) -> TestApp:
    return TestApp(app.app, lint=False, extra_environ={"REMOTE_ADDR": f"10.0.0.{number}"})


def test_twenty_clients_with_ten_jobs_each_get_their_own_pictures(server, app):
    def paint(number: int) -> None:
        one = client(app, number)
        for job in range(10):
            gray = 10 * number + job
            found, expected = mean_of_a_painting(one, gray, v3=bool(number % 2))
            assert abs(found - expected) <= 1, (number, job)

    gevent.joinall([gevent.spawn(paint, number) for number in range(20)], timeout=900, raise_error=True)
    assert not len(server[0].painting.queue) and not len(server[0].pictures.queue)


def test_a_thousand_jobs_in_a_row_leave_memory_at_a_plateau(server, app):
    service = server[0]
    wait_for_status(app, worker="ready")
    before = set(service.store.rooms_folder.iterdir())
    first = new_room(app, drawing())  # whoever reads pictures has started
    pids = (os.getpid(), service.painting.pid, service.pictures.pid)
    sizes = []
    for number in range(1000):
        room = new_room(app, drawing(number % 250))
        if number % 2:
            assert paint_v3(app, room, "x", options_v3()).text.startswith(room)
        else:
            assert finished(app, start_job(app, room)["job"])["state"] == "done"
        app.delete(f"/api/v1/rooms/{room}")
        if number % 100 == 99:
            sizes.append([resident_megabytes(pid) for pid in pids])
    print("MB of the server, the painter and the reader after every hundred jobs:", sizes)
    grown = [end - middle for middle, end in zip(sizes[4], sizes[-1])]
    assert max(grown) < 12, sizes
    app.delete(f"/api/v1/rooms/{first}")
    assert set(service.store.rooms_folder.iterdir()) <= before, "deleted rooms leave nothing"


@pytest.mark.parametrize("lane", ["painting", "pictures"])
def test_workers_that_are_killed_again_and_again_lose_one_job_each_at_most(server, app, lane):
    service = server[0]
    ended = []

    def work() -> None:
        for _ in range(12):
            reply = app.post("/api/v1/rooms", upload_files=[("file", "a.png", drawing())], expect_errors=True)
            if reply.status_int != 201:
                ended.append(reply.json["error"]["message"])
                continue
            room = reply.json["room"]
            job = finished(app, start_job(app, room)["job"])
            ended.append(job["state"] if job["state"] == "done" else job["error"]["message"])
            app.get(f"/api/v1/rooms/{room}/results/x.psd", expect_errors=True)

    def kill() -> None:
        for _ in range(6):
            gevent.sleep(0.7)
            pid = getattr(service, lane).pid
            if pid is not None:
                os.kill(pid, signal.SIGKILL)

    gevent.joinall([gevent.spawn(work), gevent.spawn(kill)], timeout=300, raise_error=True)
    assert len(ended) == 12
    assert ended.count("done") >= 6, ended
    assert all(text == "done" or text.endswith(".") for text in ended)
    wait_for_status(app, worker="ready")
    wait_for(lambda: service.pictures.state == "ready")
    assert finished(app, start_job(app, new_room(app, drawing()))["job"])["state"] == "done"
