"""Rooms have a limit, and whoever goes over it loses rooms of their own."""

from __future__ import annotations

import json
import os
import time

import pytest
from server_cases import drawing, finished, new_room, options_v3, paint_v3, post_v3, running, start_job, upload_v3
from webtest import TestApp

from server import records, sample_rooms
from server.holdings import Holder, Holdings
from server.rooms import MARK
from server.store import Store

FLOOD, GUEST = Holder("flood", "10.0.0.1"), Holder("guest", "10.0.0.2")


def test_who_makes_a_room_loses_his_own():
    rooms = Holdings()
    for number in range(3):
        rooms.add(f"guest{number}", GUEST)
    for number in range(3):
        rooms.add(f"flood{number}", FLOOD)
    rooms.use("flood0")
    assert rooms.next_to_go(FLOOD) == "flood1"
    assert rooms.next_to_go(Holder("another cookie", FLOOD.household)) == "flood1"
    assert rooms.next_to_go(FLOOD, busy=("flood1", "flood2")) == "flood0"
    assert rooms.next_to_go(GUEST) == "guest0"


def test_a_newcomer_takes_the_place_of_who_holds_most():
    rooms = Holdings()
    rooms.add("guest", GUEST)
    for number in range(2):
        rooms.add(f"flood{number}", Holder(f"cookie{number}", FLOOD.household))
    assert rooms.next_to_go(Holder("new", "10.0.0.3")) == "flood0"
    assert rooms.next_to_go() == "flood0"
    assert rooms.next_to_go(busy=("guest", "flood0", "flood1")) is None


def test_a_flood_of_rooms_pushes_out_nobody_elses(tmp_path):
    """The limit holds at every upload, through both protocols, and with a new cookie each time."""
    with running(tmp_path, ini="[storage]\nmax_rooms = 5\n") as (service, app):
        guest = TestApp(app.app, lint=False, extra_environ={"REMOTE_ADDR": "10.0.0.9"})
        kept = {new_room(guest, drawing()) for _ in range(2)}
        for number in range(6):
            flood = TestApp(app.app, lint=False, extra_environ={"REMOTE_ADDR": "2001:db8::" + str(number + 1)})
            made = new_room(flood, drawing()) if number % 2 else upload_v3(flood, drawing())[0]
            assert flood.get(f"/api/v1/rooms/{made}").json["room"] == made
        rooms = {path.name for path in service.store.rooms_folder.iterdir()}
        assert kept < rooms and len(rooms) == 5
        late = new_room(TestApp(app.app, lint=False, extra_environ={"REMOTE_ADDR": "10.0.0.7"}), drawing())
        rooms = {path.name for path in service.store.rooms_folder.iterdir()}
        assert kept < rooms and late in rooms and len(rooms) == 5


def test_whose_rooms_there_are_is_known_after_a_restart(tmp_path):
    store = Store(tmp_path)
    store.create_folders()
    guest = store.new_room(holder=GUEST)[0]
    flood = [store.new_room(holder=FLOOD)[0] for _ in range(2)]
    os.utime(guest.file(MARK), (0, 0))
    again = Store(tmp_path)
    again.make_place(3, FLOOD)
    assert guest.folder.is_dir() and sum(room.folder.is_dir() for room in flood) == 1
    assert set(again.clean(max_rooms=1, max_days=0)) < {guest.id, *(room.id for room in flood)}


def test_a_use_long_ago_keeps_no_room_for_ever(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.create_folders()
    room = store.new_room()[0]
    store.use(room)
    os.utime(room.file(MARK), (0, 0))
    now = time.monotonic()
    monkeypatch.setattr("server.store.time.monotonic", lambda: now + 9 * 86_400)
    assert store.clean(max_rooms=0, max_days=10) == []
    assert store.clean(max_rooms=0, max_days=8) == [room.id]


def test_a_room_is_described_without_reading_all_its_hints_again(app, monkeypatch):
    """Sixty paintings of four thousand hints took three seconds of the one thread at every look."""
    room = new_room(app, drawing())
    hints = [{"x": 0.5, "y": 0.5, "color": "#ff0000"}] * 3
    painted = finished(app, start_job(app, room, hints=hints)["job"])["result"]
    said = app.get(f"/api/v1/rooms/{room}").json["results"]
    assert [one["hints_count"] for one in said] == [3] == [painted["hints_count"]]
    assert app.get(painted["hints"]).json["hints"][0]["color"] == "#ff0000"
    monkeypatch.setattr(records, "read_record", lambda *_, **__: pytest.fail("it was read again"))
    assert app.get(f"/api/v1/rooms/{room}").json["results"] == said


def test_a_room_and_the_samples_have_an_end(server, app, monkeypatch):
    room, step = upload_v3(app, drawing())
    monkeypatch.setattr("server.sample_rooms._MOST_SAMPLES", 1)
    post_v3(app, "/save_as_sample", {"room": room, "step": step})
    post_v3(app, "/save_as_sample", {"room": room, "step": step})
    other, step = upload_v3(app, drawing())
    assert "samples already" in post_v3(app, "/save_as_sample", {"room": other, "step": step}, status=507).text
    monkeypatch.setattr("server.store._MOST_STEPS", 2)
    assert "full" in paint_v3(app, room, "x", options_v3(), status=507).text
    assert "full" in app.post_json(f"/api/v1/rooms/{room}/jobs", {}, status=507).json["error"]["message"]


def test_what_is_slow_on_a_slow_disk_is_done_aside(tmp_path):
    """Copies of samples took seconds of the one thread, and the deletion of a room of thousands of files minutes."""
    calls = []

    def aside(function, *arguments):
        calls.append(function.__name__)
        return function(*arguments)

    store = Store(tmp_path, aside=aside)
    store.create_folders()
    room, step = store.new_room()
    room.file("sketch.original.jpg").write_bytes(b"x")
    sample = sample_rooms.save(store, room, step)
    copy, _ = sample_rooms.clone(store, sample.name)
    assert copy.file("sketch.original.jpg").read_bytes() == b"x"
    store.delete(copy)
    store.clean(max_rooms=1, max_days=1)
    assert calls.count("_copy") == 2 and {"listdir", "rmtree", "_marked_rooms"} <= set(calls)


def test_the_mark_of_a_room_tells_no_address(server, app):
    room = server[0].store.room(new_room(app, drawing()))
    mark = json.loads(room.file(MARK).read_text())
    assert len(mark["household"]) == 64 and "127.0.0.1" not in room.file(MARK).read_text()
