"""Painting by strokes through our own interface: a job, its pictures on the way, its files, its end."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import gevent
import numpy as np
import pytest
from PIL import Image
from server_cases import described_job, events_of, finished, new_room, pixels, running, start_job, wait_for
from server_fakes import ENDLESS
from webtest import TestApp

from s2p.config import Settings
from s2p.schema import Hints, Options
from s2p.strokes.options import StrokeOptions
from server.rooms import FILE_NAME
from server.service import Service

QUICK = {"max_strokes": 30, "film": False}
LONG = {"max_strokes": 5000, "film": False}


def photograph(size: tuple[int, int] = (90, 60)) -> bytes:
    """A PNG: sky above, earth below, and a sun, with some noise, so that strokes have something to do."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    image = np.where((y < height // 2)[..., None], (90, 150, 220), (110, 80, 40)).astype(np.float64)
    image[(x - width * 0.7) ** 2 + (y - height * 0.25) ** 2 < (height * 0.15) ** 2] = (250, 220, 80)
    image += np.random.default_rng(0).normal(0, 12, image.shape)
    buffer = io.BytesIO()
    Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, TestApp]]:
    with running(tmp_path_factory.mktemp("server"), painter="tests.server_fakes:stroking") as (service, app):
        yield service, app


@pytest.fixture
def app(server: tuple[Service, TestApp]) -> TestApp:
    return server[1]


def strokes(app: TestApp, room: str, asked: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return start_job(app, room, model="strokes", strokes=asked or QUICK, **more)


def begun(service: Service, job: str) -> None:
    wait_for(lambda: service.jobs.get(job).stage == "search" and service.jobs.get(job).fraction > 0)


def test_a_picture_becomes_strokes_with_files_of_every_kind(app):
    room = new_room(app, photograph())
    asked = {"renderer": "markerpen", "max_strokes": 40, "canvas_color": "#123456", "seed": 3, "time_budget": 60}
    job = finished(app, strokes(app, room, asked)["job"])
    assert job["state"] == "done", job["error"]
    result = job["result"]
    assert (result["model"], result["composition"], result["draft"]) == ("strokes", None, None)
    assert result["strokes"] == {**asked, "film": True, "min_size": 0.0, "max_size": 1.0}
    assert (result["width"], result["height"], result["untrained"]) == (90, 60, [])
    picture = pixels(app.get(result["exports"]["png"]).body)
    assert picture.shape == (60, 90, 3)
    assert picture[:20, :20, 2].mean() > picture[-20:, :20, 2].mean() + 60, "the sky is above"
    data = json.loads(app.get(result["files"]["json"]).body)
    assert (data["renderer"], data["canvas"]) == ("markerpen", "#123456") and 10 <= len(data["strokes"]) <= 40
    assert app.get(result["files"]["svg"]).body.startswith(b"<svg")
    assert app.get(result["files"]["mp4"]).body[4:8] == b"ftyp"
    assert app.get(result["exports"]["psd"]).body[:4] == b"8BPS"
    assert app.get(f"/api/v1/rooms/{room}").json["results"] == [result]


def test_the_canvas_is_shown_while_strokes_are_laid(app):
    room = new_room(app, photograph())
    events = events_of(app, strokes(app, room, {**QUICK, "max_strokes": 300})["job"])
    shown = [data for name, data in events if name == "stage"]
    assert shown and {data["stage"] for data in shown} == {"search"}
    reply = app.get(shown[0]["image"])
    assert pixels(reply.body).shape == (341, 512, 3) and reply.headers["Cache-Control"] == "no-cache"
    assert {data["stage"] for name, data in events if name == "progress"} >= {"search"}


def test_the_same_seed_gives_the_same_strokes(app):
    room = new_room(app, photograph())
    first, again, other = (
        app.get(finished(app, strokes(app, room, {**QUICK, "seed": seed})["job"])["result"]["files"]["json"]).body
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_a_painting_of_the_smaller_size_is_only_enlarged_for_the_upload(app):
    """The dark places of a photograph are no lines that would have to be laid over it."""
    room = new_room(app, photograph((600, 400)))
    result = finished(app, strokes(app, room, output_size="painted")["job"])["result"]
    assert (result["width"], result["height"]) == (512, 341)
    small, large = (Image.open(io.BytesIO(app.get(result[key]["png"]).body)) for key in ("exports", "originals"))
    assert large.size == (600, 400)
    back = np.asarray(large.convert("RGB").resize(small.size, Image.Resampling.BOX), float)
    assert np.abs(back - np.asarray(small.convert("RGB"), float)).mean() < 6


def test_a_painting_becomes_strokes_in_place_of_the_upload(app):
    room = new_room(app, photograph())
    green = [{"x": 0.5, "y": 0.5, "color": "#10c020", "kind": "exact"}]
    painted = finished(app, start_job(app, room, hints=green)["job"])["result"]
    result = finished(app, strokes(app, room, source=painted["id"])["job"])["result"]
    assert np.abs(pixels(app.get(result["image"]).body).mean((0, 1)) - (16, 192, 32)).max() < 25
    asked = {"model": "strokes", "source": "H01M02S03"}
    missing = app.post_json(f"/api/v1/rooms/{room}/jobs", asked, status=404).json["error"]
    assert missing["message"] == "There is no such result in this room."


@pytest.mark.parametrize(("asked", "sentence"), [
    ({"strokes": {"max_strokes": 9}}, "strokes.max_strokes must be a whole number from 10 to 5000. Received: 9."),
    ({"strokes": {"max_strokes": 5001}}, "strokes.max_strokes must be a whole number from 10 to 5000. Received: 5001."),
    ({"strokes": {"max_strokes": True}}, "strokes.max_strokes must be a whole number from 10 to 5000. Received: True."),
    ({"strokes": {"seed": -1}}, "strokes.seed must be a whole number from 0 to 2147483647. Received: -1."),
    ({"strokes": {"time_budget": 1e3}}, "strokes.time_budget must be a number from 0.5 to 600. Received: 1000.0."),
    ({"strokes": {"canvas_color": "red"}}, "strokes.canvas_color: A colour must look like #77ee00. Received: 'red'."),
    ({"strokes": {"brush": 1}}, "There is no brush in strokes; there are renderer, max_strokes, min_size, max_size, "
     "canvas_color, seed, time_budget, film."),
    ({"hints": [{"x": 0.5, "y": 0.5, "color": "#f00"}]},
     "Strokes makes no use of hints. They belong to style2paints, auto-painter, tag2pix."),
    ({"seed": 4}, "Strokes makes no use of seed. They belong to style2paints, auto-painter."),
    ({"mix": 0.5}, "Strokes makes no use of mix. They belong to style2paints."),
    ({"kind": "preview"}, "Strokes makes no use of preview. They belong to style2paints."),
    ({"model": "style2paints", "strokes": {}}, "Style2Paints makes no use of strokes. They belong to strokes."),
    ({"model": "auto-painter", "strokes": QUICK}, "Auto-painter makes no use of strokes. They belong to strokes."),
    ({"model": "auto-painter", "count": 3}, "Auto-painter makes no use of count. They belong to style2paints."),
])
def test_what_cannot_be_is_refused_in_a_sentence(app, asked, sentence):
    room = new_room(app, photograph())
    refused = app.post_json(f"/api/v1/rooms/{room}/jobs", {"model": "strokes", **asked}, status=400).json["error"]
    assert refused["message"].removesuffix(".") == sentence.removesuffix(".")
    refused = app.post_json(f"/api/v1/rooms/{room}/jobs", {"model": "strokes", "strokes": {"renderer": "chalk"}},
                            status=400).json["error"]
    assert "oilpaintbrush" in refused["message"] and "\n" not in refused["message"]


def test_a_painting_with_hints_is_answered_while_strokes_are_laid(server):
    service, app = server
    slow = strokes(app, new_room(app, photograph()), LONG)["job"]
    begun(service, slow)
    room = new_room(app, photograph())
    red = {"x": 0.5, "y": 0.5, "color": "#ff0000", "kind": "exact"}
    painted = finished(app, start_job(app, room, hints=[red])["job"])
    assert painted["state"] == "done"
    assert service.jobs.get(slow).state == "running"
    app.delete(f"/api/v1/jobs/{slow}")
    assert finished(app, slow)["state"] == "cancelled"


def test_a_cancelled_painting_leaves_nothing(server):
    service, app = server
    room = new_room(app, photograph())
    job = strokes(app, room, LONG)["job"]
    begun(service, job)
    app.delete(f"/api/v1/jobs/{job}")
    events = events_of(app, job)
    assert events[-1][1]["state"] == "cancelled"
    assert app.get(f"/api/v1/rooms/{room}").json["results"] == []
    left = [path.name for path in service.store.room(room).folder.iterdir() if FILE_NAME.fullmatch(path.name)]
    assert left == ["sketch.original.jpg"]
    assert finished(app, strokes(app, room)["job"])["state"] == "done"


def test_enough_keeps_what_is_laid(server):
    service, app = server
    room = new_room(app, photograph())
    job = strokes(app, room, LONG)["job"]
    begun(service, job)
    assert app.post(f"/api/v1/jobs/{job}/enough").json["state"] == "running"
    end = finished(app, job)
    assert end["state"] == "done"
    assert 0 < len(json.loads(app.get(end["result"]["files"]["json"]).body)["strokes"]) < 5000
    next_one = finished(app, strokes(app, room, {**QUICK, "seed": 4})["job"])
    assert len(json.loads(app.get(next_one["result"]["files"]["json"]).body)["strokes"]) > 15, "it is for one job alone"


def test_a_pause_holds_the_strokes_until_they_may_go_on(server):
    service, app = server
    room = new_room(app, photograph())
    job = strokes(app, room, {"max_strokes": 1500, "film": False, "max_size": 0.3})["job"]
    begun(service, job)
    assert app.post(f"/api/v1/jobs/{job}/pause").json["state"] == "running"
    wait_for(lambda: service.jobs.get(job).stage == "paused")
    held = service.jobs.get(job).fraction
    gevent.sleep(0.7)
    assert service.jobs.get(job).fraction == held and service.jobs.get(job).stage == "paused"
    app.post(f"/api/v1/jobs/{job}/resume")
    wait_for(lambda: service.jobs.get(job).fraction > held)
    app.post(f"/api/v1/jobs/{job}/pause")
    app.post(f"/api/v1/jobs/{job}/enough")
    end = finished(app, job)
    laid = np.array(json.loads(app.get(end["result"]["files"]["json"]).body)["strokes"])
    assert end["state"] == "done" and len(laid) > 0, "what is held can end"
    assert laid[:, 2:4].max() <= 0.3 + 1e-4
    again = finished(app, strokes(app, room, {**QUICK, "seed": 4})["job"])
    assert again["state"] == "done", "it is for one job alone"


def test_sizes_that_cannot_be_are_refused(app):
    room = new_room(app, photograph())
    for wrong in ({"min_size": 0.5, "max_size": 0.2}, {"min_size": -1}, {"max_size": 2.0}):
        app.post_json(f"/api/v1/rooms/{room}/jobs", {"model": "strokes", "strokes": wrong}, status=400)


def test_only_strokes_can_end_early(app):
    room = new_room(app, photograph())
    job = start_job(app, room, hints=[{"x": 0.5, "y": 0.5, "color": ENDLESS, "kind": "draft"}])["job"]
    refused = app.post(f"/api/v1/jobs/{job}/enough", status=400).json["error"]
    assert refused["message"] == "Only a painting by strokes can end early or pause. Cancel this job, or wait for it."
    refused = app.post(f"/api/v1/jobs/{job}/pause", status=400).json["error"]
    assert refused["message"] == "Only a painting by strokes can end early or pause. Cancel this job, or wait for it."
    app.delete(f"/api/v1/jobs/{job}")
    assert finished(app, job)["state"] == "cancelled"


def test_strokes_end_before_the_server_would_end_the_job(tmp_path):
    with running(tmp_path, ini="[server]\njob_seconds = 8\n") as (service, app):
        room = service.store.room(new_room(app, photograph()))
        for wanted, given in ((None, 4.0), (100.0, 4.0), (2.0, 2.0)):
            task = service.paint_task(
                room, "H01M01S01", options=Options(), hints=Hints().packed(), settings=Settings(), model="strokes",
                own=StrokeOptions(time_budget=wanted),
            )
            assert task["own"]["time_budget"] == given
            assert task["record"]["strokes"]["time_budget"] == wanted, "it remembers what was asked for"


def test_the_description_of_the_interface_names_the_options(app):
    document = app.get("/api/v1/openapi.json").json
    properties = document["components"]["schemas"]["StrokeOptions"]["properties"]
    assert properties["renderer"]["enum"] == ["oilpaintbrush", "watercolor", "markerpen", "rectangle"]
    assert "$defs" not in json.dumps(document)
    assert "#/components/schemas/StrokeOptions" in json.dumps(described_job(app, "strokes")["strokes"])
    assert "strokes" not in described_job(app) and "hints" not in described_job(app, "strokes")
