"""The same drawing and hints give the same pixels on the page, on the command line and from Python."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from server_cases import finished, new_room, running, start_job
from test_filling import hints, painter

import s2p
from s2p.cli import main
from s2p.config import Settings
from s2p.image import encode_image, load_image
from s2p.pipelines import request, style2paints
from s2p.progress import NullReporter
from server import picture_tasks, tasks
from tests import brought
from tests.flat_cases import BLUE, RED
from tests.flat_cases import drawing as framed

SETTINGS = Settings(zoom=0.25)


def pages() -> dict[str, np.ndarray]:
    blue = np.repeat(framed(420)[..., None], 3, axis=2)
    blue[..., 2] = np.maximum(blue[..., 2], 150)  # JPEG halves the colour of such lines
    return {
        "ink": framed(420), "blue lines": blue, "paper": brought.on_paper(framed(420), (225, 215, 190)),
        "transparent": np.dstack([np.zeros((420, 420, 3), np.uint8), 255 - framed(420)]),
    }


def task(folder, **more) -> dict:
    return {
        "folder": str(folder), "room": "R", "step": "S", "settings": asdict(SETTINGS), "v3": False, "max_pixels": 10**7,
        "options": {"method": "colorization"}, "reference": None, "output_size": "original", "results": None, **more,
    }


@pytest.mark.parametrize("name", pages())
def test_page_and_program_agree_to_the_level(tmp_path, name, monkeypatch):
    page, paint = pages()[name], painter(shading=SETTINGS.shading)
    some = hints((0.3, 0.5, RED), (0.7, 0.5, BLUE))
    (tmp_path / ".upload").write_bytes(encode_image(page, "png"))
    picture_tasks.intake({"folder": str(tmp_path), "upload": ".upload", "target": "sketch.original.jpg",
                          "max_pixels": 10**7, "look": True})
    tasks.paint(paint, task(tmp_path, hints=some.packed().to_text()), NullReporter())
    on_page = load_image(tmp_path / "result.S.png")[..., :3]

    from_python = painter(shading=SETTINGS.shading).colorize(page, hints=some).image
    assert (on_page == from_python).all()
    monkeypatch.setattr(request, "kept", lambda name, settings: painter(shading=SETTINGS.shading))
    called = style2paints.colorize(encode_image(page, "png"), hints=some, settings=SETTINGS).image
    assert (called == from_python).all(), "what the command line calls"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    ini = "[general]\nsketch_zoom_factor = 0.25\n"
    with running(tmp_path_factory.mktemp("server"), painter="tests.server_fakes:flats", ini=ini) as (_, app):
        yield app


@pytest.fixture
def program(monkeypatch):
    """What the command line and Python load, on the networks of the server."""
    monkeypatch.setattr(style2paints, "load", lambda settings=None: painter(shading=(settings or SETTINGS).shading))
    monkeypatch.setenv("S2P_ZOOM", "0.25")
    request.forget()
    yield
    request.forget()


@pytest.mark.parametrize("name", pages())
def test_all_doors_give_the_same_file(tmp_path, app, program, name):
    """Through HTTP and a worker, through the command line, and as a call: one drawing, one file of hints."""
    data, some = encode_image(pages()[name], "png"), hints((0.3, 0.5, RED), (0.7, 0.5, BLUE))
    (tmp_path / "in.png").write_bytes(data)
    (tmp_path / "hints.json").write_text(some.dumps(), encoding="utf-8")

    job = finished(app, start_job(app, new_room(app, data), hints=json.loads(some.dumps())["hints"])["job"])
    assert job["state"] == "done", job["error"]
    from_page = load_image(app.get(job["result"]["exports"]["png"]).body)

    words = ["colorize", tmp_path / "in.png", "-o", tmp_path / "out.png", "--hints", tmp_path / "hints.json"]
    assert main([str(word) for word in words]) == 0
    from_program = load_image(tmp_path / "out.png")

    from_python = s2p.colorize(tmp_path / "in.png", hints=some).image
    assert from_page.shape[:2] == from_program.shape[:2] == from_python.shape[:2] == (420, 420)
    assert (from_page[..., :3] == from_python).all() and (from_program[..., :3] == from_python).all()
    assert np.ptp(from_python.reshape(-1, 3), axis=0).min() > 100, "it is painted"
