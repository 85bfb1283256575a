"""What goes wrong around the server: pictures that take too long, workers that die, disks that cannot be written."""

from __future__ import annotations

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
from server_fakes import GATE

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
