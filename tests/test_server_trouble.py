"""What goes wrong around the server: pictures that take too long, workers that die, disks that cannot be written."""

from __future__ import annotations

import numpy as np
import pytest
from malformed import scans
from server_cases import (
    FORM,
    data_url,
    drawing,
    finished,
    new_room,
    options_v3,
    paint_v3,
    post_v3,
    running,
    start_job,
    upload_v3,
    wait_for,
    wait_for_status,
)
from server_fakes import CRASH, ENDLESS, GATE, REFUSE

from s2p.errors import S2PError
from s2p.image import encode_image
from server.service import Service
from server.store import Store

DYING = "tests.server_fakes:dying"


# Pictures that take long ----------------------------------------------------------------------------------------------


def test_a_jpeg_of_a_hundred_thousand_scans_is_refused_everywhere(app):
    bad = scans(100_000)
    assert "ordinary JPEG" in app.post("/api/v1/rooms", upload_files=[("file", "a.jpg", bad)], status=400).text
    room = new_room(app, drawing())
    assert app.post(f"/api/v1/rooms/{room}/references", upload_files=[("file", "a.jpg", bad)], status=400)
    form = {"room": "new", "step": "new", "sketch": data_url(bad), "method": "colorization"}
    assert "ordinary JPEG" in post_v3(app, "/upload_sketch", form, status=400).text
    options = options_v3(hasReference=True)
    assert "ordinary JPEG" in paint_v3(app, room, "x", options, reference=data_url(bad), status=400).text
    assert paint_v3(app, room, "x", options_v3()).text.startswith(room)


def test_a_picture_that_takes_too_long_to_read_is_given_up_with_a_sentence_of_its_own(server, app, monkeypatch):
    upload_v3(app, drawing())
    before = set(server[0].store.rooms_folder.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr("server.service.INTAKE_SECONDS", 1e-6)
        for answer in (
            app.post("/api/v1/rooms", upload_files=[("file", "a.png", drawing())], status=400).json["error"]["message"],
            app.post("/upload_sketch", {"room": "new", "sketch": data_url(drawing()), "method": "colorization"},
                     content_type=FORM, status=400).text,
        ):
            assert "to read" in answer
            assert "zoom" not in answer
    assert set(server[0].store.rooms_folder.iterdir()) == before
    assert server[0].painting.state in ("ready", "busy")
    assert new_room(app, drawing())


def test_a_picture_that_computes_for_too_long_is_given_up_and_the_next_is_read(server, app, monkeypatch):
    """By the time that it computes: on a busy computer a scan may take as long as it needs."""
    noise = np.random.default_rng(0).integers(0, 256, (3000, 3000), np.uint8)
    large = encode_image(noise, "png")
    service = server[0]
    before, pid = set(service.store.rooms_folder.iterdir()), service.pictures.pid
    with monkeypatch.context() as patch:
        patch.setattr("server.service.INTAKE_CPU_SECONDS", 1e-6)
        said = app.post("/api/v1/rooms", upload_files=[("file", "a.png", large)], status=400).json["error"]
    assert said["message"] == "This picture takes too long to read. Save it as PNG, or make it smaller."
    assert set(service.store.rooms_folder.iterdir()) == before
    assert new_room(app, large) and service.pictures.pid != pid


# Workers that die -----------------------------------------------------------------------------------------------------


def test_jobs_wait_while_a_worker_dies_at_its_start_and_it_comes_back_unasked(tmp_path, monkeypatch):
    monkeypatch.setattr("server.lane._RETRY_SECONDS", 0.05)
    gate = tmp_path / "gate"
    gate.write_text("xxx")
    monkeypatch.setenv(GATE, str(gate))
    (tmp_path / "base").mkdir()
    with running(tmp_path / "base", painter=DYING) as (service, app):
        job = start_job(app, new_room(app, drawing()))["job"]
        assert finished(app, job)["state"] == "done"
        assert gate.read_text() == ""
        gate.write_text("xx")
        service.painting._process.kill()
        wait_for(lambda: gate.read_text() == "")
        wait_for_status(app, worker="ready", problem=None)


def test_nobody_waits_for_a_worker_that_dies_again_and_again(tmp_path, monkeypatch):
    monkeypatch.setattr("server.lane._RETRY_SECONDS", 0.01)
    gate = tmp_path / "gate"
    gate.write_text("x" * 50)
    monkeypatch.setenv(GATE, str(gate))
    (tmp_path / "base").mkdir()
    with running(tmp_path / "base", painter=DYING) as (_, app):
        ended = finished(app, start_job(app, new_room(app, drawing()))["job"])
        assert (ended["state"], ended["error"]["code"]) == ("failed", "PainterBroken")
        gate.write_text("")
        wait_for_status(app, worker="ready")


def test_the_reader_of_pictures_does_not_call_itself_the_painter(tmp_path, monkeypatch):
    monkeypatch.setattr("server.lane._RETRY_SECONDS", 0.01)
    with running(tmp_path) as (service, app):
        service.pictures._arguments = lambda: ["--role", "nonsense"]
        said = app.post("/api/v1/rooms", upload_files=[("file", "a.png", drawing())], status=503).text
        assert "reads and writes pictures cannot start" in said
        assert "ainter" not in said


# What is left behind --------------------------------------------------------------------------------------------------


def names(server, room: str) -> set[str]:
    return {path.name for path in server[0].store.room(room).folder.iterdir()}


def test_failed_and_cancelled_paintings_leave_nothing(server, app):
    room, step = upload_v3(app, drawing())
    paint_v3(app, room, step, options_v3())
    finished(app, start_job(app, room)["job"])
    before = names(server, room)
    for color in (REFUSE, CRASH):
        point = [0.5, 0.5, *bytes.fromhex(color[1:]), 0]
        options = options_v3([point], hasReference=True, alpha=1)
        assert paint_v3(app, room, step, options, reference=data_url(drawing()), status="*").status_int >= 400
        hint = {"x": 0.5, "y": 0.5, "color": color, "kind": "draft"}
        assert finished(app, start_job(app, room, hints=[hint])["job"])["state"] == "failed"
    hint = {"x": 0.5, "y": 0.5, "color": ENDLESS, "kind": "draft"}
    first, second = (start_job(app, room, hints=[hint])["job"] for _ in range(2))
    wait_for(lambda: server[0].jobs.get(first).state == "running")
    for job in (second, first):
        app.delete(f"/api/v1/jobs/{job}")
        assert finished(app, job)["state"] == "cancelled"
    assert names(server, room) == before


def test_a_room_that_is_deleted_before_its_turn_is_not_called_a_broken_disk(server, app, monkeypatch):
    room, lane = new_room(app, drawing()), server[0].pictures
    submit = lane.submit
    monkeypatch.setattr(lane, "submit", lambda job: (server[0].store.delete(server[0].store.room(room)), submit(job)))
    reply = app.get(f"/api/v1/rooms/{room}/regions", status=404)
    assert reply.json["error"]["message"] == "The room was deleted meanwhile."
    assert reply.json["error"]["code"] == "not_found"


def test_a_room_that_is_deleted_while_it_is_described_is_not_there(server, app, monkeypatch):
    room = new_room(app, drawing())

    def described(*_):
        server[0].store.delete(server[0].store.room(room))
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("server.api.describe_room", described)
    assert "There is no room" in app.get(f"/api/v1/rooms/{room}", status=404).json["error"]["message"]


def test_a_full_queue_leaves_nothing(server, app, monkeypatch):
    room, step = upload_v3(app, drawing())
    before = names(server, room)
    monkeypatch.setattr("server.queues.MAX_QUEUED", 0)
    paint_v3(app, room, step, options_v3(), status=503)
    app.post_json(f"/api/v1/rooms/{room}/jobs", {}, status=503)
    assert names(server, room) == before


# Disks and folders ----------------------------------------------------------------------------------------------------


def test_a_room_that_cannot_be_deleted_is_not_called_deleted(server, app, monkeypatch):
    room = new_room(app, drawing())

    def read_only(*_, **__):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr("server.store.Path.rename", read_only)
        reply = app.delete(f"/api/v1/rooms/{room}", status=507)
        assert "read-only file system" in reply.json["error"]["message"]
        assert app.get(f"/api/v1/rooms/{room}").json["sketch"]
    assert app.delete(f"/api/v1/rooms/{room}").json == {"deleted": room}
    app.get(f"/api/v1/rooms/{room}", status=404)
    assert not list(server[0].store.rooms_folder.glob(".deleted-*"))


def test_an_export_that_cannot_be_written_says_so(server, app):
    room = new_room(app, drawing())
    step = finished(app, start_job(app, room)["job"])["result"]["id"]
    (server[0].store.room(room).folder / f".export.{step}.psd").mkdir()  # works for root too
    reply = app.get(f"/api/v1/rooms/{room}/results/{step}.psd", status=507)
    assert "disk" in reply.json["error"]["message"]
    assert app.get(f"/api/v1/rooms/{room}/results/{step}.ora").status_int == 200


def test_free_space_is_looked_up_where_pictures_are_written(server, app, monkeypatch):
    small = server[0].store.rooms_folder
    monkeypatch.setattr(
        "server.store.shutil.disk_usage", lambda path: type("Usage", (), {"free": 1e6 if path == small else 1e15})
    )
    app.post("/api/v1/rooms", upload_files=[("file", "a.png", drawing())], status=507)


def test_two_servers_do_not_work_in_one_folder(server, tmp_path):
    service = server[0]
    other = Service(Store(service.store.base), service.configuration, client=service.client)
    with pytest.raises(S2PError, match="--data"):
        other.start()
    with running(tmp_path) as (first, _):
        pass
    first.store.lock()  # whoever has stopped gives the folder free
    first.store.unlock()
