"""Choices of colours and the map of regions: what the server offers where drawings are filled."""

from __future__ import annotations

import io
import json
import os

import numpy as np
import pytest
from PIL import Image
from server_cases import described_job, drawing, finished, new_room, pixels, running, start_job, wait_for
from server_fakes import ENDLESS, SUGGESTED, choice_color

from s2p.lineart import channel_minimum
from s2p.pipelines.looking import page_of
from s2p.systems import MAX_CHOICES
from server.filling_tasks import KEPT_CHOICES, keep_newest

SERVER = {"painter": "tests.server_fakes:filling"}
EXACT = {"x": SUGGESTED[0][0], "y": SUGGESTED[0][1], "color": "#20a040", "kind": "exact"}


def endless() -> list[dict]:
    return [{"x": 0.9, "y": 0.9, "color": ENDLESS, "kind": "draft"}]


def choose(app, room: str, **asked) -> dict:
    return finished(app, start_job(app, room, kind="choices", **asked)["job"])


def colors(job: dict) -> list[str]:
    return [choice["hints"][0]["color"] for choice in job["choices"]]


def numbers(data: bytes) -> np.ndarray:
    """The numbers in a map's pixels."""
    rgb = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int32)
    return rgb[..., 0] * 65536 + rgb[..., 1] * 256 + rgb[..., 2]


# Choices --------------------------------------------------------------------------------------------------------------


def test_each_choice_comes_with_its_hints_and_a_small_painting_of_them(app):
    room = new_room(app, drawing(size=(400, 800)))
    job = choose(app, room)
    assert (job["state"], job["result"], job["hints"]) == ("done", None, None)
    assert colors(job) == [choice_color(seed) for seed in range(6)]
    for choice in job["choices"]:
        painted = pixels(app.get(choice["image"]).body)
        assert painted.shape == (384, 192, 3)
        red, _, blue = (int(choice["hints"][0]["color"][i : i + 2], 16) // 2 for i in (1, 3, 5))
        assert np.abs(painted.reshape(-1, 3).mean(0) - (red, 0, blue)).max() < 3
    assert app.get(f"/api/v1/jobs/{job['job']}").json == job, "asked again, it says the same"


def test_another_seed_gives_others_and_the_count_is_obeyed(app):
    room = new_room(app, drawing())
    assert colors(choose(app, room, seed=6, count=2)) == [choice_color(6), choice_color(7)]


def test_present_hints_are_kept_to_and_are_not_told_again(app):
    job = choose(app, new_room(app, drawing()), hints=[EXACT], count=1)
    assert [(hint["x"], hint["y"]) for hint in job["choices"][0]["hints"]] == list(SUGGESTED[1:])


@pytest.mark.parametrize("count", [0, MAX_CHOICES + 1, -1, 1.5, "6", True, None])
def test_a_bad_count_is_400_with_one_sentence(app, count):
    room = new_room(app, drawing())
    error = app.post_json(f"/api/v1/rooms/{room}/jobs", {"kind": "choices", "count": count}, status=400).json["error"]
    assert error["message"].startswith("count must be a whole number from 1 to 12. Received: ")


def test_the_room_keeps_the_newest_pictures_only_and_no_result(server, app):
    room = new_room(app, drawing())
    jobs = [choose(app, room, seed=6 * turn) for turn in range(KEPT_CHOICES // 6 + 2)]
    folder = server[0].store.room(room).folder
    assert len(list(folder.glob("choice.*"))) == KEPT_CHOICES
    for job in jobs[-2:]:
        for choice in job["choices"]:
            app.get(choice["image"], status=200)
    app.get(jobs[0]["choices"][0]["image"], status=404)
    assert app.get(f"/api/v1/rooms/{room}").json["results"] == []


def test_a_clock_that_was_set_back_makes_nothing_new_the_oldest(tmp_path):
    for number in range(5):
        (tmp_path / f"regions.{number}.png").write_bytes(b"x")
        os.utime(tmp_path / f"regions.{number}.png", (number and 1e9 + number,) * 2)
    keep_newest(tmp_path, "regions.*.png", 3, made=["regions.0.png"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["regions.0.png", "regions.3.png", "regions.4.png"]


@pytest.mark.parametrize(
    "name", ["choice.1.13.jpg", "choice.1.jpg", "choice.../.1.jpg", "regions.zz.png", ".regions.json"]
)
def test_no_other_name_of_a_room_is_served(server, app, name):
    room = new_room(app, drawing())
    if "/" not in name:
        server[0].store.room(room).file(name).write_bytes(b"secret")
    app.get(f"/api/v1/rooms/{room}/files/{name}", status=404)


def test_choices_give_way_to_a_painting_and_are_thought_of_after_it(server, app):
    room = new_room(app, drawing())
    thinking = start_job(app, room, kind="choices", hints=endless())["job"]
    wait_for(lambda: app.get(f"/api/v1/jobs/{thinking}").json["state"] == "running")
    worker = server[0].painting.pid
    assert finished(app, start_job(app, room)["job"])["state"] == "done"
    assert server[0].painting.pid == worker, "the worker was not ended for it"
    wait_for(lambda: app.get(f"/api/v1/jobs/{thinking}").json["state"] == "running")
    app.delete(f"/api/v1/jobs/{thinking}")
    assert finished(app, thinking)["state"] == "cancelled"
    assert server[0].painting.pid == worker


def test_newer_choices_of_a_room_take_the_place_of_older_ones(app):
    room = new_room(app, drawing())
    older = start_job(app, room, kind="choices", hints=endless())["job"]
    assert choose(app, room)["state"] == "done"
    assert finished(app, older)["state"] == "cancelled"


def test_previews_and_paintings_go_before_waiting_choices(server, app):
    room, other = new_room(app, drawing()), new_room(app, drawing())
    slow = start_job(app, room, hints=endless())["job"]
    wait_for(lambda: app.get(f"/api/v1/jobs/{slow}").json["state"] == "running")
    waiting = [start_job(app, other, kind=kind)["job"] for kind in ("choices", "preview", "paint")]
    assert [job.kind for job in server[0].painting.queue] == ["paint", "preview", "choices"]
    app.delete(f"/api/v1/jobs/{slow}")
    assert [finished(app, job)["state"] for job in waiting].count("failed") <= 1, "a preview needs a sketch"


def test_status_says_that_choices_are_offered(app):
    wait_for(lambda: app.get("/api/v1/status").json["ready"])
    assert app.get("/api/v1/status").json["fills"] is True


def test_where_nothing_is_filled_the_status_says_so_and_the_job_fails_with_one_sentence(tmp_path):
    with running(tmp_path) as (_, app):
        job = choose(app, new_room(app, drawing()))
        assert (job["state"], job["choices"]) == ("failed", None)
        assert job["error"]["message"].startswith("This painter thinks of no choices.")
        assert app.get("/api/v1/status").json["fills"] is False


# Regions --------------------------------------------------------------------------------------------------------------


def test_the_map_holds_the_regions_that_a_painting_fills(server, app):
    picture = drawing(0, (300, 420))
    room = new_room(app, picture)
    told = app.get(f"/api/v1/rooms/{room}/regions").json
    page = page_of(channel_minimum(pixels(picture)))
    assert (told["height"], told["width"], told["count"]) == (*page.inner, page.regions.count)
    assert told["grounds"] == np.flatnonzero(page.regions.grounds).tolist()
    above, below = np.split(numbers(app.get(told["image"]).body), 2)
    assert np.array_equal(above, page.regions.labels)
    assert np.abs(below / 256.0 - np.minimum(page.regions.room, 4095 / 256)).max() <= 1 / 512 + 1e-6


def test_the_map_is_made_once_and_remembered_in_the_room(server, app):
    room = new_room(app, drawing())
    told = app.get(f"/api/v1/rooms/{room}/regions").json
    path = server[0].store.room(room).file(told["image"].rsplit("/", 1)[1])
    made = path.stat().st_mtime_ns
    assert app.get(f"/api/v1/rooms/{room}/regions?method=rendering").json == told
    assert path.stat().st_mtime_ns == made
    about = path.with_name("." + path.name.replace(".png", ".json"))
    assert json.loads(about.read_text())["count"] == told["count"]
    known = {key: told[key] for key in ("width", "height", "count")}
    for older in (known, {**known, "grounds": ["0"]}):
        about.write_text(json.dumps(older))
        assert app.get(f"/api/v1/rooms/{room}/regions").json == told, "what an older server wrote is made again"


def test_a_painting_has_regions_once_its_lines_were_taken_out(app):
    room = new_room(app, drawing())
    address = f"/api/v1/rooms/{room}/regions?method=recolorization"
    assert "Prepare or paint it once" in app.get(address, status=404).json["error"]["message"]
    finished(app, start_job(app, room, kind="prepare", method="recolorization")["job"])
    assert app.get(address).json["count"] >= 1


@pytest.mark.parametrize(("size", "status"), [((1, 1), 200), ((40, 41), 200), ((1, 3000), 413)])
def test_odd_drawings_have_a_map_or_are_refused_in_words(app, size, status):
    room = new_room(app, drawing(0, size))
    told = app.get(f"/api/v1/rooms/{room}/regions", status=status).json
    assert "image" in told if status == 200 else told["error"]["message"]


def test_an_unknown_method_is_400(app):
    room = new_room(app, drawing())
    app.get(f"/api/v1/rooms/{room}/regions?method=magic", status=400)


def test_the_description_names_choices_and_regions(app):
    document = app.get("/api/v1/openapi.json").json
    asked = described_job(app)
    schemas = document["components"]["schemas"]
    assert asked["kind"]["enum"] == schemas["Job"]["properties"]["kind"]["enum"]
    assert asked["count"]["maximum"] == MAX_CHOICES == 12
    assert {"Choice", "Regions"} <= set(schemas)
    assert "choices" in schemas["Job"]["properties"] and "fills" in schemas["Status"]["properties"]
    assert "get" in document["paths"]["/api/v1/rooms/{room}/regions"]
