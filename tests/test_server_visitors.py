"""Whose room it is, whose turn it is, and how old a room is."""

from __future__ import annotations

import gc
import json
import os
import tracemalloc

import pytest
from server_cases import drawing, new_room, options_v3, paint_v3, post_v3, start_job, upload_v3
from server_fakes import ENDLESS
from webtest import TestApp

from server.clock import SteadyClock
from server.jobs import BusyError, Job
from server.place import household
from server.queues import MAX_QUEUED_PER_ADDRESS, FairQueue
from server.rooms import MARK
from server.store import Store

DAY = 86_400.0


def visitor(app: TestApp, address: str = "10.0.0.1", cookie: str | None = None) -> TestApp:
    extra = {"REMOTE_ADDR": address, **({"HTTP_COOKIE": f"s2p_session={cookie}"} if cookie else {})}
    return TestApp(app.app, extra_environ=extra, lint=False)


def test_a_session_deletes_only_its_own_rooms(server, app):
    mine, yours = visitor(app, cookie="a" * 32), visitor(app, cookie="b" * 32)
    room = new_room(mine, drawing())
    assert "another browser" in yours.delete(f"/api/v1/rooms/{room}", status=403).json["error"]["message"]
    visitor(app).delete(f"/api/v1/rooms/{room}", status=403)
    assert yours.get(f"/api/v1/rooms/{room}").json["sketch"]  # whoever was given the address may look and paint
    assert "a" * 32 not in server[0].store.room(room).file(MARK).read_text()
    mine.delete(f"/api/v1/rooms/{room}")


def test_a_program_without_cookies_deletes_its_own_rooms_and_a_cookie_later_changes_nothing(app):
    program = visitor(app)
    room = new_room(program, drawing())
    visitor(app, "10.0.0.2").delete(f"/api/v1/rooms/{room}", status=403)
    program.get("/api/v1/status")
    program.delete(f"/api/v1/rooms/{room}")
    old, _ = upload_v3(program, drawing())
    visitor(app, "10.0.0.2").delete(f"/api/v1/rooms/{old}", status=403)


def test_rooms_that_remember_nobody_belong_to_this_computer(server, app):
    room, _ = server[0].store.new_room()
    visitor(app).delete(f"/api/v1/rooms/{room.id}", status=403)
    app.delete(f"/api/v1/rooms/{room.id}", headers={"X-Forwarded-For": "10.0.0.1"}, status=403)
    app.delete(f"/api/v1/rooms/{room.id}")


def test_a_published_sample_does_not_tell_its_room(server, app):
    room, step = upload_v3(app, drawing())
    post_v3(app, "/save_as_sample", {"room": room, "step": step})
    assert room not in post_v3(app, "/get_sample_list", {}).text
    folder = server[0].store.samples_folder
    assert not any(room in path.read_text("latin-1") for path in folder.rglob("*") if path.is_file())


def test_made_up_cookies_do_not_fill_the_queue():
    queue = FairQueue()

    def job(number: int, address: str) -> Job:
        made = Job("r", "paint", f"{number:032x}", lambda: {})
        made.address = address
        return made

    for number in range(MAX_QUEUED_PER_ADDRESS):
        queue.put(job(number, "10.0.0.1"))
    with pytest.raises(BusyError, match="your address"):
        queue.put(job(999, "10.0.0.1"))
    queue.put(one := job(1, "10.0.0.2"))
    assert one in [queue.pop() for _ in range(2)], "all of them together have one turn"


def test_who_has_too_many_jobs_waiting_is_told_when_to_come_back(app, monkeypatch):
    room, step = upload_v3(app, drawing())
    monkeypatch.setattr("server.queues.MAX_QUEUED_PER_ADDRESS", 0)
    for reply in (
        app.post_json(f"/api/v1/rooms/{room}/jobs", {}, status=429),
        paint_v3(app, room, step, options_v3(), status=429),
        app.post("/api/v1/rooms", upload_files=[("file", "a.png", drawing())], status=429),
    ):
        assert int(reply.headers["Retry-After"]) > 0
        assert "from your address are waiting" in reply.text
    monkeypatch.undo()
    app.post_json(f"/api/v1/rooms/{room}/jobs", {}, status=202)


def test_hints_of_waiting_jobs_take_little_memory(app):
    """They took 3.4 MB a job, as objects and once more as what was sent."""
    room = new_room(app, drawing())
    app.get("/api/docs")
    first = start_job(app, room, hints=[{"x": 0.5, "y": 0.5, "color": ENDLESS, "kind": "draft"}])["job"]
    hints = [{"x": number / 4096, "y": 0.123456789, "color": "#123456"} for number in range(4096)]
    jobs = [start_job(app, room, hints=hints)["job"]]
    gc.collect()
    tracemalloc.start()
    try:
        jobs += [start_job(app, room, hints=hints)["job"] for _ in range(4)]
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    for job in (*jobs, first):
        app.delete(f"/api/v1/jobs/{job}")
    assert held < 4 * 300_000


@pytest.mark.parametrize("one, other, are_one", [
    ("::ffff:10.0.0.1", "10.0.0.1", True), ("10.0.0.1", "10.0.0.2", False), ("2001:db8::1", "2001:db8::2:3:4:5", True),
    ("2001:db8:0:1::1", "2001:db8:0:2::1", False), ("fe80::1%eth0", "fe80::2%eth0", True), ("::1", "::2", False),
])
def test_addresses_that_anybody_takes_at_will_count_as_one(one, other, are_one):
    assert (household(one) == household(other)) is are_one
    assert household("nonsense") == "nonsense"


def test_the_clock_goes_as_time_passes_and_believes_no_jump(tmp_path):
    wall, ticks = [1_000_000_000.0], [0.0]

    def clock() -> SteadyClock:
        return SteadyClock(tmp_path / "clock.json", wall=lambda: wall[0], ticks=lambda: ticks[0])

    steady = clock()
    assert steady.now(leap=90 * DAY) == 1_000_000_000
    wall[0], ticks[0] = wall[0] + DAY, DAY
    assert steady.now(leap=90 * DAY) == 1_000_000_000 + DAY
    wall[0] += 1000 * DAY
    assert steady.now(leap=90 * DAY) < 1_000_000_000 + 1.1 * DAY
    assert clock().now(leap=90 * DAY) < 1_000_000_000 + 92 * DAY
    wall[0] = 5.0
    assert clock().now(leap=90 * DAY) >= 1_000_000_000
    (tmp_path / "clock.json").write_text(json.dumps({"seen": "x"}))
    assert clock().now(leap=90 * DAY) == 5.0


def test_a_clock_that_jumps_deletes_no_room(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.create_folders()
    rooms = [store.new_room()[0] for _ in range(3)]
    assert store.clean(max_rooms=0, max_days=365) == []
    future = os.stat(rooms[0].file(MARK)).st_mtime + 4000 * DAY
    clocks = {"wall": lambda: future, "ticks": lambda: 0.0}
    monkeypatch.setattr("server.store.SteadyClock.__init__.__kwdefaults__", clocks)
    assert Store(tmp_path).clean(max_rooms=0, max_days=365) == []
    assert all(room.folder.is_dir() for room in rooms)


def test_a_room_in_use_is_not_one_too_many(tmp_path):
    store = Store(tmp_path)
    store.create_folders()
    rooms = [store.new_room()[0] for _ in range(3)]
    store.use(rooms[0])
    os.utime(rooms[0].file(MARK), (0, 0))  # the clock was set back meanwhile
    assert rooms[0].id not in store.clean(max_rooms=1, max_days=0)
