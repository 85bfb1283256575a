"""Painting in styles through our own interface: which styles there are, a job, its lines, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from server_cases import described_job, finished, new_room, pixels, running, start_job
from server_fakes import STYLES
from webtest import TestApp

from s2p import style_shelf, weights
from s2p.models import build
from server.service import Service

NAMES = list(STYLES)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, TestApp]]:
    with running(tmp_path_factory.mktemp("server"), painter="tests.server_fakes:styling") as (service, app):
        yield service, app


@pytest.fixture
def app(server: tuple[Service, TestApp]) -> TestApp:
    return server[1]


def picture() -> bytes:
    y, x = np.mgrid[:60, :80]
    buffer = io.BytesIO()
    Image.fromarray(np.stack([3 * x, 4 * y, 255 - 3 * x], -1).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def seen(app: TestApp, job: dict) -> np.ndarray:
    return pixels(app.get(job["result"]["image"]).body).astype(int)


def test_the_styles_and_their_thumbnails_are_told(app, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "folder", lambda: tmp_path)
    monkeypatch.setattr(weights, "user_folder", lambda: tmp_path / "none")
    assert app.get("/api/v1/styles").json == {"styles": [], "tile": style_shelf.TILE, "thumbnails": None}
    app.get("/api/v1/styles/thumbnails.jpg", status=404)
    model = build("stylizer", styles=NAMES)
    path = weights.publish(model, network="stylizer", encoding="", card="", build={"styles": NAMES}, place=tmp_path)
    assert app.get("/api/v1/styles").json["styles"] == NAMES and app.get("/api/v1/styles").json["thumbnails"] is None
    style_shelf.draw_strip(model, path)
    told = app.get("/api/v1/styles").json
    with Image.open(io.BytesIO(app.get(told["thumbnails"]).body)) as strip:
        assert strip.size == (2 * told["tile"], told["tile"])


def test_a_picture_and_a_painting_are_painted_in_a_style(app):
    room = new_room(app, picture())
    asked = {"styles": {"great-wave": 0.25, "starry-night": 0.75}, "strength": 0.5, "keep_color": True}
    job = finished(app, start_job(app, room, model="stylizer", stylizer=asked)["job"])
    assert job["state"] == "done" and seen(app, job).shape == (60, 80, 3)
    assert job["result"]["stylizer"]["styles"] == asked["styles"] and "stylizer" in described_job(app, "stylizer")
    again = finished(app, start_job(app, room, model="stylizer", source=job["result"]["id"])["job"])
    assert again["state"] == "done"
    assert np.abs(seen(app, again) - seen(app, job)).max() < 8, "all of the first style leaves a picture as it is"
    other = finished(app, start_job(app, room, model="stylizer", stylizer={"styles": {"starry-night": 1}})["job"])
    assert np.abs(seen(app, other) - seen(app, job)).mean() > 30


@pytest.mark.parametrize(("asked", "said"), [
    ({"styles": {"great-wave": 0.5}}, "sum 1, unless normalise"), ({"styles": {"a": -1, "b": 2}}, "from 0 to 1"),
    ({"styles": {"a": 1.5, "b": 0.2}}, "from 0 to 1, unless extrapolate is set, and have the sum 1"),
    ({"strength": 2}, "strength is a number from 0 to 1. Received: 2"), ({"width": "huge"}, "stylizer.width"),
    ({"stroke_size": 9}, "stroke_size is a number from 0.5 to 4. Received: 9"),
])
def test_what_makes_no_sense_is_refused_with_a_sentence(app, asked, said):
    room = new_room(app, picture())
    answer = app.post_json(f"/api/v1/rooms/{room}/jobs", {"model": "stylizer", "stylizer": asked}, status=400)
    assert said in answer.json["error"]["message"]


def test_a_style_that_is_not_there_ends_the_job_with_a_sentence(app):
    room = new_room(app, picture())
    job = finished(app, start_job(app, room, model="stylizer", stylizer={"styles": {"nobody": 1}})["job"])
    assert job["state"] == "failed" and "The styles are great-wave, starry-night" in job["error"]["message"]


def test_lines_of_a_painting_stay_on_top(app):
    room = new_room(app, picture())
    painted = finished(app, start_job(app, room, hints=[{"x": 0.5, "y": 0.5, "color": "#20c040"}])["job"])
    for keep in (True, False):
        job = finished(app, start_job(app, room, model="stylizer", source=painted["result"]["id"],
                                      stylizer={"keep_lines": keep})["job"])
        assert job["state"] == "done", job
