"""The table of systems: one row is all that a new one needs to be found everywhere."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from s2p import networks, systems
from s2p.errors import InputError, NotFoundError
from s2p.systems import SYSTEMS, checked, system_of
from tests.client_browser import chromium

__all__ = ["chromium"]  # a fixture

ROOT = Path(__file__).resolve().parent.parent


def test_two_systems_of_one_name_and_unknown_uses_are_refused():
    with pytest.raises(InputError, match="twice: style2paints"):
        checked([*SYSTEMS, replace(SYSTEMS[1], name="style2paints")])
    with pytest.raises(InputError, match="telepathy"):
        checked([replace(SYSTEMS[0], uses=frozenset({"telepathy"}))])
    with pytest.raises(NotFoundError, match="style2paints, auto-painter"):
        system_of("gpt")


def test_every_row_names_what_exists():
    for system in SYSTEMS:
        assert set(system.networks) <= set(networks.names())
        place = ROOT / system.pipeline.replace(".", "/")
        assert place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()
        assert system.suggests_with in ("", *systems.names())
        for path in (ROOT / "server" / "client" / "locales").glob("*.json"):
            assert system.about in json.loads(path.read_text(encoding="utf-8")), path.name


def test_what_a_system_makes_no_use_of_is_refused_with_the_words_of_the_door():
    six, one, *_ = SYSTEMS
    six.refuse_unused(reference="a.png", zoom=1.0, suggest=True)
    one.refuse_unused(reference=None, method="colorization", super_resolution=False, suggest=True)
    with pytest.raises(InputError, match=r"no use of --zoom, --method\. They belong to style2paints"):
        one.refuse_unused(words=lambda use: f"--{use}", zoom=0.5, method="rendering")


def test_nothing_that_a_door_takes_is_left_out_silently():
    """A field or option whose name is in `USES` is refused by a system that does not use it."""
    import inspect

    from s2p.cli import painting
    from server.requests import JobRequest, model_of

    deaf = replace(SYSTEMS[0], uses=frozenset(), options="")
    some = {"hints": [1], "method": "rendering", "mix": 0.5, "seed": 1, "count": 2}
    for door in (JobRequest.model_fields, inspect.signature(painting.colorize_command).parameters):
        for name in filter(systems.is_of_some, door):
            with pytest.raises(InputError, match=f"no use of {name}"):
                deaf.refuse_unused(**{name: some.get(name, 0.0)})
    assert not set(filter(systems.is_of_some, model_of(deaf).model_fields)), "nor does its model take any of them"
    source = inspect.getsource(painting.colorize_command)
    asked = set(ast.unparse(ast.parse(source)).split("refuse_unused(")[1].split(")")[0].replace("=", " ").split())
    assert set(filter(systems.is_of_some, inspect.signature(painting.colorize_command).parameters)) <= asked


def test_python_refuses_what_a_system_would_leave_out():
    from s2p.pipelines.request import Request, run
    from s2p.schema import Options
    from s2p.strokes.options import StrokeOptions

    picture = np.full((32, 32, 3), 255, np.uint8)
    for asked in ({"reference": picture}, {"options": Options(method="rendering")}, {"own": StrokeOptions()},
                  {"options": Options(mix=0.5)}):
        with pytest.raises(InputError, match="Auto-painter makes no use of"):
            run(SYSTEMS[1].name, Request(picture, **asked))


def test_strokes_refuse_what_belongs_to_drawings_at_every_door(tmp_path, capsys):
    from s2p.cli import main
    from s2p.pipelines.request import Request, run
    from server import requests

    for option, value in (("--intake", "off"), ("--invert", "yes"), ("--background", "none"), ("--lines", "none"),
                          ("--line-color", "#ff0000"), ("--only", "lines")):
        words = ["colorize", "a.png", "-o", str(tmp_path / "b.png"), "--model", "strokes", option, value]
        assert main(words) == InputError.exit_code
        assert f"Strokes makes no use of {option}." in " ".join(capsys.readouterr().err.split())
    with pytest.raises(InputError, match="no use of background"):
        run("strokes", Request(np.zeros((32, 32, 3), np.uint8), background="none"))
    for asked in ({"lines": "none"}, {"intake": "off"}, {"invert": "yes"}, {"line_color": "#ff0000"}):
        with pytest.raises(InputError, match=f"no use of {next(iter(asked))}"):
            requests.read({"model": "strokes", **asked})
    assert requests.read({"model": "strokes", "lines": None, "intake": None}).lines is None


def test_the_auto_painter_is_named_only_in_files_of_its_own_and_in_the_tables():
    """Another system must not need a branch anywhere else; nor a word, so that what it needs is found in two places."""
    own = {"s2p/systems.py", "s2p/networks.py", "s2p/models/auto_painter.py", "s2p/pipelines/auto_painter.py",
           "s2p/train/recipes/auto_painter.py", "s2p/auto_painter_hints.py"}
    texts = {".py", ".js", ".html", ".css", ".json", ".ini", ".svg", ".md"}
    paths = [path for package in ("s2p", "server", "preprocess") for path in (ROOT / package).rglob("*")]
    named = {path.relative_to(ROOT).as_posix() for path in paths if path.suffix in texts
             and re.search("auto[-_ ]?painter", path.read_text(encoding="utf-8"), re.IGNORECASE)}
    assert named == own


# A toy ----------------------------------------------------------------------------------------------------------------


def test_one_row_adds_a_system_to_the_command_line(tmp_path):
    """A process of its own, because the words of a command line are read from the table when it is loaded."""
    program = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests import toy_system
toy_system.add()
from s2p import samples
from s2p.cli import main
assert main(["--help"]) == 0
assert main(["colorize", "--help"]) == 0 and main(["evaluate", "--help"]) == 0
picture = str(samples.sketch_path("cat"))
words = ["colorize", picture, "-o", "a.png", "--model", "toy"]
assert main([*words, "--hint", "0.5,0.5,#ff0000", "--json"]) == 0
assert main([*words, "--zoom", "1"]) == 2 and main([*words, "--mix", "0.5"]) == 2
assert main([*words, "--shading", "0"]) == 2 and main([*words, "--suggest", "0"]) == 2
assert main(["evaluate", "--model", "toy", "--zooms"]) == 2
assert main(["evaluate", "--model", "toy", "--limit", "1", "--hints", "0"]) == 0
assert main(["weights", "list"]) == 0
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=600, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    said = " ".join(done.stdout.split())  # help is broken into lines where the terminal ends
    every = "style2paints, auto-painter, tag2pix, strokes, stylizer, toy"
    for words in (f"Systems (--model of colorize and evaluate): {every}",
                  "[style2paints|auto-painter|tag2pix|strokes|stylizer|toy]",
                  "[style2paints|auto-painter|tag2pix|strokes|stylizer|toy|none]",
                  "toy_brush"):
        assert words in said, words
    judged = [line.split()[:2] for line in done.stdout.splitlines()]
    assert ["toy", "0"] in judged and ["original", "any"] in judged, "evaluate has a row of figures for it"
    for word in ("--zoom", "--mix", "--shading", "--suggest", "--zooms"):
        assert f"Toy makes no use of {word}." in done.stderr
    from s2p.image import load_image

    assert load_image(tmp_path / "a.png")[5, 5].tolist() == [255, 0, 0]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tests import toy_system

    monkeypatch.setattr(systems, "SYSTEMS", systems.SYSTEMS)
    monkeypatch.setattr(networks, "NETWORKS", networks.NETWORKS)
    toy_system.add()
    yield


def test_one_row_adds_a_system_to_the_server(tmp_path, toy):
    from server_cases import described_job, drawing, finished, new_room, pixels, running, start_job, wait_for_status
    from server_fakes import ENDLESS

    with running(tmp_path, painter="tests.toy_worker:painter") as (service, app):
        assert described_job(app, "toy")["model"]["const"] == "toy" and "zoom" not in described_job(app, "toy")
        rows = [row.partition("<")[0] for row in app.get("/api/docs").text.split("JSON, model ")[1:]]
        assert tuple(row.partition(":")[0] for row in rows) == systems.names() and systems.names()[-1] == "toy"
        assert rows[-1].endswith(", toy (gray)") and "zoom" not in rows[-1] and "zoom" in rows[0]
        models = wait_for_status(app, ready=True)["models"]
        assert models[-1] == {"name": "toy", "title": "Toy", "about": "Paints everything in one colour.",
                              "uses": ["hints", "tags"], "by_words": False, "trained": False,
                              "untrained": ["toy_brush"]}
        room = new_room(app, drawing(size=(60, 40)))
        red = {"x": 0.5, "y": 0.5, "color": "#ff0000", "kind": "exact"}
        result = finished(app, start_job(app, room, model="toy", hints=[red])["job"])["result"]
        assert result["model"] == "toy" and pixels(app.get(result["exports"]["png"]).body)[5, 5].tolist() == [255, 0, 0]
        asked = {"model": "toy", "toy": {"gray": 7}, "zoom": None, "mix": 0, "reference": None}
        gray = finished(app, start_job(app, room, **asked)["job"])["result"]
        assert gray["toy"] == {"gray": 7} and pixels(app.get(gray["exports"]["png"]).body)[5, 5].tolist() == [7, 7, 7]
        assert set(result["files"]) == {"svg", "mp4"} and result["composition"] is None
        drawn = app.get(result["files"]["svg"])
        assert drawn.content_type == "image/svg+xml" and "sandbox" in drawn.headers["Content-Security-Policy"]
        part = app.get(result["files"]["mp4"], headers={"Range": "bytes=10-19"}, status=206)
        assert part.content_type == "video/mp4" and part.body == bytes(range(10, 20)), "players ask for parts of a film"
        assert app.get(result["exports"]["psd"]).body[:4] == b"8BPS"
        service.store.forget(service.store.room(room), result["id"])
        app.get(result["files"]["svg"], status=404)
        endless = [{**red, "color": ENDLESS, "kind": "draft"}]
        slow = start_job(app, room, hints=endless)["job"]
        beside = finished(app, start_job(app, room, model="toy", hints=[red])["job"])
        assert beside["state"] == "done" and service.jobs.get(slow).state == "running", "nobody waits for another lane"
        app.delete(f"/api/v1/jobs/{slow}")
        assert finished(app, slow)["state"] == "cancelled"
        for wrong, sentence in (
            ({"zoom": 1.0}, "Toy makes no use of zoom. They belong to style2paints."),
            ({"shading": 0}, "Toy makes no use of shading. They belong to style2paints, tag2pix."),
            ({"model": "strokes", "toy": {}}, "Strokes makes no use of toy. They belong to toy."),
            ({"toy": {"gray": 256}}, "toy.gray must be a whole number from 0 to 255. Received: 256."),
        ):
            told = app.post_json(f"/api/v1/rooms/{room}/jobs", {"model": "toy", **wrong}, status=400).json["error"]
            assert told["message"] == sentence


@pytest.mark.browser
def test_one_row_adds_a_system_to_the_page(tmp_path, chromium):
    from tests import client_hands as hand
    from tests.client_browser import server_of, watched_page

    (tmp_path / "base").mkdir()
    toys = server_of(tmp_path / "base", "tests.toy_worker:painter", program=("-m", "tests.toy_server"))
    with toys as server, watched_page(chromium, server.url) as page:
        hand.open_drawing(page)
        page.wait_for_function("() => document.querySelectorAll('#model option').length === 4")
        page.locator("#model").select_option("toy")
        assert page.locator("#model-words").inner_text() == "Paints everything in one colour."
        assert page.locator("#add-reference").is_disabled() and page.locator("#super").is_disabled()
        assert page.locator("[data-uses=method]").get_attribute("title") == "Toy does not use this."
        hand.choose_color(page, "#20a040")
        hand.click(page, 0.5, 0.5)
        hand.paint(page)
        assert hand.shows(page, 0.2, 0.2, (0x20, 0xA0, 0x40)), "and it paints"
