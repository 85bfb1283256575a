"""No address of another computer may fill the disk for all."""

from __future__ import annotations

import pytest
from server_cases import drawing, finished, new_room, running, start_job
from webtest import TestApp

from s2p.errors import OutputError
from server import shares
from server.holdings import Holder
from server.shares import Shares
from server.store import Store

FLOOD, GUEST = Holder("flood", "10.0.0.1", is_guest=True), Holder("guest", "10.0.0.2", is_guest=True)
OWNER = Holder("owner", "127.0.0.1")


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A disk of ten thousand bytes, nothing of which anybody has for sure, looked at each time."""
    made = Store(tmp_path)
    made.create_folders()
    monkeypatch.setattr(shares, "LEAST_BYTES", 0)
    monkeypatch.setattr(shares, "LOOKED_SECONDS", 0.0)
    monkeypatch.setattr(made, "free_bytes", lambda: 10_000 - sum(
        path.stat().st_size for path in tmp_path.rglob("*") if path.is_file() and path.suffix == ".jpg"))
    return made


def rooms_of(store: Store, holder: Holder, count: int, *, size: int = 1000) -> list:
    rooms = [store.new_room(holder=holder)[0] for _ in range(count)]
    for room in rooms:
        room.file("sketch.original.jpg").write_bytes(bytes(size // 2))
        (store.results_folder / f"{room.id}.H1.jpg").write_bytes(bytes(size // 2))
    return rooms


def there(store: Store, rooms: list) -> list[bool]:
    copies = [(store.results_folder / f"{room.id}.H1.jpg").exists() for room in rooms]
    assert copies == [room.folder.is_dir() for room in rooms]
    return copies


def test_a_guest_who_takes_too_much_loses_his_own_longest_unused_rooms(store):
    owner, guest, flood = rooms_of(store, OWNER, 3), rooms_of(store, GUEST, 1), rooms_of(store, FLOOD, 4)
    store.use(flood[0])
    Shares(store).keep(FLOOD.household, kept_free=0)  # of the six thousand that are left, a quarter, without marks
    assert there(store, flood) == [True, False, False, False]
    assert there(store, owner) == [True] * 3 and there(store, guest) == [True]


def test_who_owns_the_computer_may_fill_it(store):
    rooms = rooms_of(store, OWNER, 9)
    Shares(store).keep(OWNER.household, kept_free=0)
    assert there(store, rooms) == [True] * 9


def test_a_restart_forgets_no_guest(store):
    rooms = rooms_of(store, FLOOD, 4)
    again = Store(store.base)
    assert sorted(again.guest_rooms(FLOOD.household)) == sorted(room.id for room in rooms)
    assert again.guest_rooms(GUEST.household) == []


def test_rooms_in_use_stay_and_then_more_is_refused(store):
    rooms = rooms_of(store, FLOOD, 4)
    with pytest.raises(OutputError, match="your address"):
        Shares(store).keep(FLOOD.household, kept_free=0, busy={room.id for room in rooms})
    assert there(store, rooms) == [True] * 4


def test_uploads_and_paintings_of_guests_keep_within_their_share(tmp_path, monkeypatch):
    monkeypatch.setattr(shares, "LOOKED_SECONDS", 0.0)
    with running(tmp_path) as (service, app):
        guest = TestApp(app.app, lint=False, extra_environ={"REMOTE_ADDR": "10.0.0.9"})
        owner = TestApp(app.app, lint=False, extra_environ={"REMOTE_ADDR": "127.0.0.1"})
        own, first = new_room(owner, drawing()), new_room(guest, drawing())
        assert finished(guest, start_job(guest, first)["job"])["state"] == "done"
        monkeypatch.setattr(shares, "LEAST_BYTES", 0)
        monkeypatch.setattr(shares, "SHARE", 0.0)
        refused = guest.post_json(f"/api/v1/rooms/{first}/jobs", {}, status=507).json["error"]["message"]
        assert "your address" in refused
        second = new_room(guest, drawing())  # at the cost of the first
        guest.get(f"/api/v1/rooms/{first}", status=404)
        assert not list(service.store.results_folder.glob(f"{first}.*"))
        assert guest.get(f"/api/v1/rooms/{second}").json["room"] == second
        assert finished(owner, start_job(owner, own)["job"])["state"] == "done"


def test_a_painting_that_waited_is_refused_when_its_turn_comes(tmp_path, monkeypatch):
    with running(tmp_path) as (service, app):
        guest = TestApp(app.app, lint=False, extra_environ={"REMOTE_ADDR": "10.0.0.9"})
        room = new_room(guest, drawing())
        finished(guest, start_job(guest, room, kind="prepare")["job"])
        monkeypatch.setattr(shares, "LOOKED_SECONDS", 0.0)
        check = service.check_space

        def later(found=None):
            monkeypatch.setattr(shares, "LEAST_BYTES", 0)
            monkeypatch.setattr(shares, "SHARE", 0.0)
            monkeypatch.setattr(service, "check_space", check)

        monkeypatch.setattr(service, "check_space", later)
        job = finished(guest, start_job(guest, room)["job"])
        assert job["state"] == "failed" and "your address" in job["error"]["message"]
