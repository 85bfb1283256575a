"""Jobs and their worker: fairness, loss, cancelling, time limits, memory, and many clients at once."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from pathlib import Path

import gevent
import pytest
from server_cases import (
    PATIENCE,
    drawing,
    finished,
    mean_of_a_painting,
    new_room,
    options_v3,
    paint_v3,
    running,
    start_job,
    upload_v3,
    wait_for,
)
from server_fakes import CRASH, ENDLESS, HANG

from server.jobs import BusyError, Job, Register
from server.lane import CANCEL_SECONDS
from server.queues import MAX_QUEUED_PER_SESSION, FairQueue


def bad(color: str) -> list[dict]:
    return [{"x": 0.5, "y": 0.5, "color": color, "kind": "draft"}]


def job(session: str, name: str = "") -> Job:
    return Job(name, "paint", session, dict)


# The queue ------------------------------------------------------------------------------------------------------------


def test_sessions_take_turns():
    queue = FairQueue()
    for session, names in (("a", "123"), ("b", "4"), ("c", "56")):
        for name in names:
            queue.put(job(session, name))
    expected = ["1", "4", "5", "2", "6", "3"]
    assert [one.room for one in queue] == expected
    assert [queue.pop().room for _ in range(6)] == expected
    assert queue.pop() is None


def test_a_session_with_a_long_queue_cannot_starve_a_late_comer():
    queue = FairQueue()
    for number in range(10):
        queue.put(job("a", str(number)))
    assert queue.pop().room == "0"
    queue.put(job("b", "late"))
    assert "late" in [queue.pop().room for _ in range(2)]


def test_a_full_queue_says_so():
    queue = FairQueue()
    for _ in range(MAX_QUEUED_PER_SESSION):
        queue.put(job("a"))
    with pytest.raises(BusyError):
        queue.put(job("a"))
    queue.put(job("b"))


def test_a_job_that_is_put_back_is_the_next_one():
    queue = FairQueue()
    first, second, third = job("a"), job("b"), job("a")
    for one in (first, second, third):
        queue.put(one)
    assert queue.pop() is first
    queue.put_back(first)
    assert [queue.pop() for _ in range(3)] == [first, second, third]


def test_a_removed_job_does_not_run():
    queue = FairQueue()
    first, second = job("a"), job("a")
    queue.put(first)
    queue.put(second)
    assert queue.remove(first)
    assert not queue.remove(first)
    assert queue.pop() is second


def test_a_job_ends_once_and_forgets_its_inputs():
    one = job("a")
    one.end("done")
    one.end("failed")
    assert one.state == "done"
    assert one.build() == {}
    assert [event for event, _ in one.events()] == ["progress", "end"]


def test_a_listener_hears_a_heartbeat_while_nothing_happens():
    one = job("a")
    events = one.events(heartbeat=0.01)
    assert [next(events)[0], next(events)[0]] == ["progress", "heartbeat"]


def test_a_crowd_of_listeners_hears_the_end_and_not_every_step():
    """256 of them took a sixth of the one thread with ten steps a second."""
    one = job("a")
    crowd = [one.events() for _ in range(100)]
    for events in crowd:
        next(events)
    for _ in range(30):
        one.notify("progress")
    one.end("done")
    heard = [[event for event, _ in events] for events in crowd]
    assert all(len(events) <= 3 and events[-1] == "end" for events in heard)


def test_the_register_forgets_finished_jobs_only(monkeypatch):
    monkeypatch.setattr("server.jobs.KEPT_JOBS", 5)
    register, alive = Register(), job("a")
    register.add(alive)
    for _ in range(20):
        one = job("a")
        one.end("done")
        register.add(one)
    assert len(register) <= 6
    assert register.get(alive.id) is alive


def test_a_clock_that_jumps_makes_the_register_forget_nothing(monkeypatch):
    register, painting = Register(), job("a")
    register.add(painting)
    painting.end("done")
    later = time.time() + 1e9
    monkeypatch.setattr("time.time", lambda: later)
    register.add(job("b"))
    assert register.get(painting.id) is painting


def test_previews_do_not_push_paintings_out_of_the_register(monkeypatch):
    monkeypatch.setattr("server.jobs.KEPT_JOBS", 30)
    register, painting = Register(), job("a")
    painting.end("done")
    register.add(painting)
    for _ in range(100):
        one = Job("", "preview", "b", dict)
        one.end("done")
        register.add(one)
    assert register.get(painting.id) is painting
    assert register.get(one.id) is one
    assert len(register) <= 22


# The worker -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("jobs")) as pair:
        finished(pair[1], start_job(pair[1], new_room(pair[1], drawing()))["job"])
        yield pair


def resident_megabytes(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_worker_fails_its_job_only_and_comes_back(server, app):
    service = server[0]
    room = new_room(app, drawing())
    lost, waiting = start_job(app, room, hints=bad(HANG))["job"], start_job(app, room)["job"]
    wait_for(lambda: service.jobs.get(lost).is_begun)
    killed = service.painting.pid
    os.kill(killed, signal.SIGKILL)
    failed = finished(app, lost)
    assert failed["state"] == "failed"
    assert failed["error"]["message"].startswith("The painter stopped")
    assert finished(app, waiting)["state"] == "done"
    assert service.painting.pid != killed


def test_a_worker_that_dies_while_idle_comes_back(server, app):
    service = server[0]
    room = new_room(app, drawing())
    for lane in (service.painting, service.pictures):
        wait_for(lambda lane=lane: lane.state == "ready")
        killed = lane.pid
        lane._process.kill()
        wait_for(lambda lane=lane, killed=killed: lane.pid not in (None, killed))
    assert finished(app, start_job(app, room)["job"])["state"] == "done"
    assert new_room(app, drawing())


def test_a_job_given_to_a_worker_that_is_already_gone_is_given_to_the_next_one(server, app):
    service, room = server[0], new_room(app, drawing())
    wait_for(lambda: service.painting.state == "ready")
    output = service.painting._process.stdout
    os.kill(service.painting.pid, signal.SIGKILL)
    assert select.select([output], [], [], PATIENCE)[0]  # the process is gone, but nobody has had a chance to notice
    assert service.painting.state == "ready"
    assert finished(app, start_job(app, room)["job"])["state"] == "done"


def test_a_job_that_takes_the_worker_down_fails_through_v3s_route_too(app):
    room, step = upload_v3(app, drawing())
    red, green, blue = bytes.fromhex(CRASH[1:])
    reply = paint_v3(app, room, step, options_v3([[0.5, 0.5, red, green, blue, 0]]), status=500)
    assert "started again" in reply.text
    assert paint_v3(app, room, step, options_v3()).text.startswith(room)


def test_a_worker_that_ignores_a_cancel_is_ended_within_seconds(server, app):
    room, lane = new_room(app, drawing()), server[0].painting
    hanging = start_job(app, room, hints=bad(HANG))["job"]
    wait_for(lambda: server[0].jobs.get(hanging).stage == "draft")
    ended = lane.pid
    app.delete(f"/api/v1/jobs/{hanging}")
    with gevent.Timeout(PATIENCE):  # the job would take ten minutes
        assert finished(app, hanging)["state"] == "cancelled"
    assert lane.pid != ended
    assert CANCEL_SECONDS < 6, "what the lane's own clock gives a worker"
    assert finished(app, start_job(app, room)["job"])["state"] == "done"


def test_a_job_that_takes_too_long_is_ended_with_a_sentence(tmp_path):
    with running(tmp_path, ini="[server]\njob_seconds = 5\n") as (_, app):
        room = new_room(app, drawing())
        ended = finished(app, start_job(app, room, hints=bad(HANG))["job"])
        assert ended["state"] == "failed"
        assert "longer than 5 seconds" in ended["error"]["message"]


def test_a_painter_that_cannot_start_fails_jobs_with_its_sentence_but_the_page_works(tmp_path):
    with running(tmp_path, painter="tests.server_fakes:broken") as (service, app):
        room = new_room(app, drawing())
        ended = finished(app, start_job(app, room)["job"])
        assert ended["error"]["message"] == "The fake painter cannot start."
        status = app.get("/api/v1/status").json
        assert (status["worker"], status["ready"]) == ("failed", False)
        assert status["problem"] == "The fake painter cannot start."
        assert "cannot start" in paint_v3(app, room, "x", options_v3(), status=503).text
        assert app.get("/s2p/").status_int == 200
        assert service.painting.state == "failed"


def test_settings_are_read_at_every_job_and_a_bad_value_keeps_the_last_good_one(server, app):
    ini = server[0].configuration.ini
    good, room = ini.read_text(), new_room(app, drawing())
    try:
        ini.write_text("[general]\nsketch_zoom_factor = 0.75\n")
        assert finished(app, start_job(app, room)["job"])["result"]["zoom"] == 0.75
        ini.write_text("[general]\n\nsketch_zoom_factor = 5x\n")
        assert finished(app, start_job(app, room)["job"])["result"]["zoom"] == 0.75
        problem = app.get("/api/v1/status").json["problem"]
        assert "config.ini, line 3" in problem
        assert "'5x'" in problem
    finally:
        ini.write_text(good)
    assert app.get("/api/v1/status").json["problem"] is None


def test_a_changed_runtime_restarts_the_painter_before_the_next_job(server, app):
    ini, lane = server[0].configuration.ini, server[0].painting
    good, before = ini.read_text(), lane.pid
    try:
        ini.write_text("[runtime]\nthreads = 1\n")
        assert finished(app, start_job(app, new_room(app, drawing()))["job"])["state"] == "done"
        assert lane.pid != before
    finally:
        ini.write_text(good)


def test_twenty_clients_at_once_each_get_their_own_picture(server, app):
    service = server[0]

    def client(number: int) -> tuple[int, int, int]:
        one = type(app)(app.app, lint=False, extra_environ={"REMOTE_ADDR": f"10.0.0.{number}"})
        gray = 10 * number
        return number, *mean_of_a_painting(one, gray, v3=bool(number % 2))

    greenlets = [gevent.spawn(client, number) for number in range(20)]
    gevent.joinall(greenlets, timeout=PATIENCE, raise_error=True)
    for number, mean, expected in (greenlet.value for greenlet in greenlets):
        assert abs(mean - expected) <= 1, f"client {number} got another picture"
    assert service.painting.queue.pop() is None


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc")
def test_two_hundred_jobs_leave_no_memory_behind(server, app):
    service, room = server[0], new_room(app, drawing())
    assert finished(app, start_job(app, room)["job"])["state"] == "done"
    workers = (os.getpid(), service.painting.pid)

    def paint(count: int) -> None:
        for _ in range(count):
            ended = finished(app, start_job(app, room, kind="preview")["job"])
            assert ended["state"] == "done"

    paint(40)
    before = [resident_megabytes(pid) for pid in workers]
    open_before = open_files()
    paint(200)
    grown = [resident_megabytes(pid) - start for pid, start in zip(workers, before)]
    assert max(grown) < 12, f"grown by {grown} MB"
    assert open_files() <= open_before + 3


def test_a_listener_that_leaves_is_forgotten(server, app):
    room = new_room(app, drawing())
    slow = start_job(app, room, hints=bad(ENDLESS))["job"]
    running_job = server[0].jobs.get(slow)
    events = running_job.events()
    next(events)
    events.close()
    assert running_job._listeners == []
    app.delete(f"/api/v1/jobs/{slow}")
    assert finished(app, slow)["state"] == "cancelled"


def test_what_the_worker_prints_does_not_disturb_the_pipe(server):
    """Libraries print; the pipe is a private copy of standard output."""
    from gevent import subprocess

    from server.worker_process import WORKER

    code = (
        "import sys, runpy; sys.argv = ['worker.py', '--role', 'pictures'];"
        "import os; os.write(1, b'');"
        f"runpy.run_path({str(WORKER)!r}, run_name='__main__')"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        with gevent.Timeout(PATIENCE):
            assert json.loads(process.stdout.readline())["event"] == "ready"
            process.stdin.write(b'not json\n{"do": "unknown", "job": "1"}\n')
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"event": "begun", "job": "1"}
            answer = json.loads(process.stdout.readline())
            assert (answer["event"], answer["job"]) == ("error", "1")
            process.stdin.close()
            assert process.wait() == 0, "the end of the input ends the worker"
    finally:
        if process.poll() is None:
            process.kill()
