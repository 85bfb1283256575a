"""Our own interface: rooms, references, jobs, results, samples, and its description."""

from __future__ import annotations

import io
import json
import os
import zipfile

import pytest
from PIL import Image
from server_cases import (
    drawing,
    events_of,
    finished,
    new_room,
    options_v3,
    paint_v3,
    pixels,
    post_v3,
    start_job,
    upload_v3,
)
from server_fakes import BUG, ENDLESS, MEMORY, REFUSE

from s2p import samples
from server import sample_rooms
from server.app import ROUTES

RED = {"x": 0.25, "y": 0.5, "color": "#f00"}


def test_status_says_what_is_loaded_and_what_is_untrained(app):
    finished(app, start_job(app, new_room(app, drawing()))["job"])
    status = app.get("/api/v1/status").json
    assert status["ready"]
    assert status["worker"] == "ready"
    assert status["networks"][0] == {"name": "head", "origin": "fake", "trained": True}
    assert status["untrained"]
    assert status["settings"] == {
        "zoom": 0.5, "super_resolution": False, "lines": "tinted", "line_color": "#4a3028", "shading": 0.8,
        "weights_set": "",
    }
    assert status["limits"] == {"upload_bytes": 32_000_000, "max_pixels": 64_000_000}
    assert status["painted"] >= 1


def test_a_painting_from_upload_to_every_export(server, app):
    picture = ("file", "cat.png", drawing(size=(60, 40)))
    reply = app.post("/api/v1/rooms", {"name": "My cat!.png"}, upload_files=[picture])
    assert reply.status_int == 201
    room = reply.json
    assert (room["width"], room["height"], room["name"]) == (60, 40, "My cat!.png")
    assert pixels(app.get(room["sketch"]).body).shape == (40, 60, 3)
    job = start_job(app, room["room"], hints=[RED], method="colorization", line_color="#000", super_resolution=True)
    assert job["state"] == "queued"
    assert job["position"] >= 1
    result = finished(app, job["job"])["result"]
    assert result["hints_count"] == 1
    assert result["line_color"] == "#000000"
    assert result["untrained"] == ["tail"]
    assert result["created"].endswith("Z")
    for key in ("image", "composition", "draft"):
        assert app.get(result[key]).content_type == "image/jpeg"
    kinds = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
    for extension, url in result["exports"].items():
        download = app.get(url)
        assert f'filename="My-cat-{result["id"]}.{extension}"' in download.headers["Content-Disposition"]
        if extension in kinds:
            picture = Image.open(io.BytesIO(download.body))
            assert (picture.format, picture.size) == (kinds[extension], (60, 40))
    assert app.get(result["exports"]["psd"]).body[:4] == b"8BPS"
    layers = zipfile.ZipFile(io.BytesIO(app.get(result["exports"]["ora"]).body)).namelist()
    assert sum(name.startswith("data/") for name in layers) == 4
    assert app.get(f"/api/v1/rooms/{room['room']}").json["results"] == [result]
    assert (server[0].store.results_folder / f"{room['room']}.{result['id']}.jpg").is_file()


def test_hints_come_back_in_both_formats(app):
    room = new_room(app, drawing())
    result = finished(app, start_job(app, room, hints=[RED, {**RED, "kind": "draft"}])["job"])["result"]
    own = app.get(result["hints"]).json
    assert own["format"] == "s2p-hints"
    assert own["hints"][0] == {"x": 0.25, "y": 0.5, "color": "#ff0000", "kind": "exact"}
    v3 = app.get(result["hints"] + "?format=v3&download")
    assert v3.json == [[0.25, 0.5, 255, 0, 0, 2], [0.25, 0.5, 255, 0, 0, 0]]
    assert "attachment" in v3.headers["Content-Disposition"]
    app.get(result["hints"] + "?format=x", status=400)


def test_events_go_from_progress_over_pictures_to_the_end(app):
    room = new_room(app, drawing())
    blocker = start_job(app, room, hints=[{**RED, "color": ENDLESS, "kind": "draft"}])
    job = start_job(app, room)
    app.delete(f"/api/v1/jobs/{blocker['job']}")
    events = events_of(app, job["job"])
    names = [name for name, _ in events]
    assert names[0] == "progress"
    assert names[-1] == "end"
    assert names.count("end") == 1
    stages = [data for name, data in events if name == "stage"]
    assert [data["stage"] for data in stages] == ["draft", "compose"]
    assert all(app.get(data["image"]).content_type == "image/jpeg" for data in stages)
    assert events[-1][1]["state"] == "done"
    assert events[-1][1]["fraction"] == 1.0
    assert events_of(app, job["job"])[-1][0] == "end"  # also for those who come late


@pytest.mark.parametrize(("color", "word"), [(REFUSE, "refuses"), (BUG, "RuntimeError"), (MEMORY, "memory")])
def test_a_job_that_fails_says_why_in_a_sentence(app, color, word):
    room = new_room(app, drawing())
    job = finished(app, start_job(app, room, hints=[{**RED, "color": color, "kind": "draft"}])["job"])
    assert job["state"] == "failed"
    assert word in job["error"]["message"]
    assert job["result"] is None
    assert finished(app, start_job(app, room)["job"])["state"] == "done"


def test_waiting_and_running_jobs_can_be_cancelled(app):
    room = new_room(app, drawing())
    running_job = start_job(app, room, hints=[{**RED, "color": ENDLESS, "kind": "draft"}])["job"]
    waiting_job = start_job(app, room)["job"]
    assert app.get(f"/api/v1/jobs/{waiting_job}").json["position"] >= 1
    assert app.delete(f"/api/v1/jobs/{waiting_job}").json["state"] == "cancelled"
    app.delete(f"/api/v1/jobs/{running_job}")
    assert finished(app, running_job)["state"] == "cancelled"
    assert app.delete(f"/api/v1/jobs/{running_job}").json["state"] == "cancelled"
    assert app.get("/api/v1/rooms/" + room).json["results"] == []


def test_references_are_listed_and_used(app):
    room = new_room(app, drawing())
    green = io.BytesIO()
    Image.new("RGB", (9, 7), (10, 200, 30)).save(green, "PNG")
    reply = app.post(f"/api/v1/rooms/{room}/references", upload_files=[("file", "r.png", green.getvalue())])
    assert reply.status_int == 201
    reference = reply.json
    assert (reference["width"], reference["height"]) == (9, 7)
    listed = app.get(f"/api/v1/rooms/{room}").json["references"]
    assert listed == [{"id": reference["id"], "url": reference["url"]}]
    result = finished(app, start_job(app, room, reference=reference["id"], mix=0.5)["job"])["result"]
    assert pixels(app.get(result["image"]).body)[1, 1, 1] > 190
    assert result["mix"] == 0.5
    app.post_json(f"/api/v1/rooms/{room}/jobs", {"reference": "x1"}, status=404)
    app.post_json(f"/api/v1/rooms/{room}/jobs", {"reference": "../x"}, status=404)


def test_preparing_gives_the_sketch_of_the_method(app):
    room = new_room(app, drawing())
    assert finished(app, start_job(app, room, kind="prepare", method="recolorization")["job"])["state"] == "done"
    prepared = app.get(f"/api/v1/rooms/{room}").json["prepared"]
    assert set(prepared) == {"colorization", "rendering", "recolorization"}
    assert app.get(prepared["recolorization"]).content_type == "image/jpeg"


def test_only_the_newest_waiting_preview_of_a_room_is_computed(app):
    room = new_room(app, drawing())
    finished(app, start_job(app, room, kind="prepare")["job"])
    blocker = start_job(app, room, hints=[{**RED, "color": ENDLESS, "kind": "draft"}])["job"]
    older, newer = (start_job(app, room, kind="preview")["job"] for _ in range(2))
    app.delete(f"/api/v1/jobs/{blocker}")
    assert app.get(f"/api/v1/jobs/{older}").json["state"] == "cancelled"
    assert finished(app, newer)["state"] == "done"


def test_a_new_zoom_prepares_the_sketch_again(server, app):
    room = new_room(app, drawing())
    folder = server[0].store.room(room).folder
    assert finished(app, start_job(app, room, zoom=0.5)["job"])["state"] == "done"
    os.utime(folder / "sketch.improved.jpg", (0, 0))  # whoever writes it again, writes it later
    assert finished(app, start_job(app, room, zoom=0.5)["job"])["state"] == "done"
    assert (folder / "sketch.improved.jpg").stat().st_mtime_ns == 0
    assert finished(app, start_job(app, room, zoom=0.75)["job"])["result"]["zoom"] == 0.75
    assert (folder / "sketch.improved.jpg").stat().st_mtime_ns != 0


def test_the_result_has_the_size_of_the_upload_unless_the_painted_one_is_asked_for(app):
    room = new_room(app, drawing(size=(50, 30)))
    for word, shape in ((None, (30, 50, 3)), ("painted", (15, 25, 3)), ("network", (15, 25, 3))):
        asked = {} if word is None else {"output_size": word}
        result = finished(app, start_job(app, room, **asked)["job"])["result"]
        assert (result["height"], result["width"], 3) == shape
        assert pixels(app.get(result["exports"]["png"]).body).shape == shape
        assert pixels(app.get(result["originals"]["png"]).body).shape == (30, 50, 3)


def test_paintings_of_v3s_client_appear_with_their_hints(app):
    room, step = upload_v3(app, drawing())
    paint_v3(app, room, step, options_v3([[0.5, 0.25, 1, 2, 3, 2]], line=True, lineColor=[9, 8, 7]))
    results = app.get(f"/api/v1/rooms/{room}").json["results"]
    assert len(results) == 1
    assert results[0]["line_color"] == "#090807"
    assert app.get(results[0]["hints"]).json["hints"][0]["y"] == 0.75
    assert app.get(results[0]["exports"]["psd"]).body[:4] == b"8BPS"


def test_a_room_of_ours_can_be_continued_by_v3s_client(app):
    room = new_room(app, drawing())
    assert paint_v3(app, room, "new", options_v3()).text.startswith(room)
    assert post_v3(app, "/upload_sketch", {"room": room, "step": "x", "sketch": "none", "method": "rendering"}).text


def test_deleting_a_room_ends_its_jobs_and_removes_its_files(server, app):
    room = new_room(app, drawing())
    job = start_job(app, room, hints=[{**RED, "color": ENDLESS, "kind": "draft"}])["job"]
    assert app.delete(f"/api/v1/rooms/{room}").json == {"deleted": room}
    assert app.get(f"/api/v1/jobs/{job}").json["state"] == "cancelled"
    app.get(f"/api/v1/rooms/{room}", status=404)
    assert not (server[0].store.rooms_folder / room).exists()


def test_samples_of_v3_start_rooms(server, app):
    room, step = upload_v3(app, drawing(50))
    _, result = paint_v3(app, room, step, options_v3([[0.5, 0.25, 1, 2, 3, 2]])).text.split("_")
    before = sample_rooms.names(server[0].store)
    post_v3(app, "/save_as_sample", {"room": room, "step": result})
    (name,) = set(sample_rooms.names(server[0].store)) - set(before)
    sample = next(s for s in app.get("/api/v1/samples").json if s["name"] == name)
    assert (sample["width"], sample["height"]) == (48, 40)
    assert app.get(sample["sketch"]).content_type == "image/jpeg"
    assert app.get(sample["result"]).content_type == "image/jpeg"
    hints = [{"x": 0.5, "y": 0.75, "color": "#010203", "kind": "exact"}]
    assert app.get(sample["hints"]).json["hints"] == hints
    opened = app.post(f"/api/v1/samples/{name}/rooms", status=201).json
    assert opened["hints"] == hints
    assert opened["room"] != room
    app.post("/api/v1/samples/nothing/rooms", status=404)
    app.get(f"/api/v1/samples/{name}/other", status=404)


def test_our_own_samples_start_rooms_with_their_hints(app):
    listed = app.get("/api/v1/samples").json
    assert [sample["name"] for sample in listed[: len(samples.names())]] == list(samples.names())
    first = listed[0]
    assert first["title"] == samples.title(first["name"])
    assert min(first["width"], first["height"]) > 100
    assert app.get(first["sketch"]).content_type == "image/png"
    opened = app.post(f"/api/v1/samples/{first['name']}/rooms", status=201).json
    assert len(opened["hints"]) > 3
    assert opened["hints"] == app.get(first["hints"]).json["hints"]
    assert (opened["width"], opened["height"]) == (first["width"], first["height"])


@pytest.mark.parametrize("asked", [
    {"kind": "x"}, {"method": "x"}, {"mix": 2}, {"zoom": 9}, {"zoom": "nan"}, {"line_color": "red"}, {"other": 1},
    {"hints": [{"x": 0.5}]}, {"hints": {"a": 1}}, {"hints": [RED] * 5000}, {"hints": [{**RED, "x": "left"}]},
    {"output_size": "huge"}, [], "text", None,
])
def test_a_job_that_makes_no_sense_is_400_with_a_sentence(app, asked):
    room = new_room(app, drawing())
    error = app.post_json(f"/api/v1/rooms/{room}/jobs", asked, status=400).json["error"]
    assert error["code"]
    assert error["message"].endswith(".")


def test_bodies_that_are_no_json_or_no_form_are_400(app):
    room = new_room(app, drawing())
    app.post(f"/api/v1/rooms/{room}/jobs", b"{", content_type="application/json", status=400)
    app.post(f"/api/v1/rooms/{room}/jobs", b"[" * 100_000, content_type="application/json", status=400)
    app.post(f"/api/v1/rooms/{room}/jobs", b"\xff\xfe", content_type="application/json", status=400)
    app.post("/api/v1/rooms", b"x", content_type="application/octet-stream", status=400)
    app.post("/api/v1/rooms", b"x", content_type="multipart/form-data", status=400)
    app.post("/api/v1/rooms", b"x", content_type="multipart/form-data; boundary=abc", status=400)
    app.post("/api/v1/rooms", upload_files=[("other", "a.png", drawing())], status=400)
    app.post("/api/v1/rooms", upload_files=[("file", "a.png", b"")], status=400)


def test_what_does_not_exist_is_404_with_the_stable_error(app):
    room = new_room(app, drawing())
    inside = ("files/x.jpg", "files/.upload", "results/H1.png", "results/x.exe", "results/H1/hints")
    for path in ("rooms/Nov21", "jobs/abc", "jobs/abc/events", "nothing", *(f"rooms/{room}/{name}" for name in inside)):
        assert set(app.get(f"/api/v1/{path}", status=404).json["error"]) == {"code", "message"}
    assert app.put("/api/v1/status", status=405).json["error"]["code"] == "method_not_allowed"


def test_a_wrong_method_is_405_with_those_that_are_taken(app):
    for ask, path, allowed in (
        (app.get, "/api/v1/colorize", "POST"), (app.put, "/api/v1/status", "GET"), (app.post, "/api/docs", "GET"),
        (app.delete, "/api/v1/jobs/abc/pause", "POST"), (app.get, "/api/v1/jobs/abc/pause", "POST"),
        (app.post, "/api/v1/rooms/abc", "GET, DELETE"), (app.patch, "/api/v1/rooms", "POST"),
        (app.options, "/api/v1/colorize", "POST"),
    ):
        refused = ask(path, status=405)
        assert refused.headers["Allow"] == allowed and refused.json["error"]["code"] == "method_not_allowed"
    for ask in (app.get, app.post, app.delete):
        assert ask("/api/v1/nothing", status=404).json["error"]["code"] == "not_found"


def test_the_examples_of_the_page_have_the_address_of_the_server(app):
    assert "http://localhost:8235/api/v1/colorize" in app.get("/api/docs", headers={"Host": "localhost:8235"}).text
    page = app.get("/api/docs", headers={"Host": "127.0.0.1:9000"}).text
    assert "http://127.0.0.1:9000/api/v1/colorize" in page and "8235" not in page and "8232" not in page


def test_the_description_names_every_route_and_the_page_shows_it(app):
    document = app.get("/api/v1/openapi.json").json
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(route.method, route.open_path) for route in ROUTES}
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))
    references = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert references <= set(document["components"]["schemas"])
    page = app.get("/api/docs").text
    assert all(route.open_path in page for route in ROUTES)


def test_a_painting_says_whether_its_colours_can_be_had_alone(server, app):
    room = new_room(app, drawing())
    result = finished(app, start_job(app, room)["job"])["result"]
    assert result["apart"] is False
    folder = server[0].store.room(room).folder
    (folder / f".colours.{result['id']}.png").write_bytes(b"as our own painters leave it")
    assert app.get(f"/api/v1/rooms/{room}").json["results"][0]["apart"] is True
