"""Suggested colours: a job whose answer is hints. It leaves nothing behind but the sketch that a painting needs too."""

from __future__ import annotations

import pytest
from server_cases import described_job, drawing, events_of, finished, new_room, start_job, wait_for
from server_fakes import ENDLESS, REFUSE, SUGGESTED

from s2p.files import read_json

EXACT = {"x": SUGGESTED[0][0], "y": SUGGESTED[0][1], "color": "#20a040", "kind": "exact"}


def suggest(app, room: str, **asked) -> dict:
    return finished(app, start_job(app, room, kind="suggest", **asked)["job"])


def draft(color: str) -> dict:
    return {"x": 0.9, "y": 0.9, "color": color, "kind": "draft"}


def stages(app, job: dict) -> set[str | None]:
    return {data["stage"] for _, data in events_of(app, job["job"])}


def test_seed_and_present_hints_reach_the_painter_and_new_hints_come_back(app):
    room = new_room(app, drawing())
    job = suggest(app, room, seed=0x102030)
    assert (job["state"], job["kind"], job["result"]) == ("done", "suggest", None)
    colors = ("#102030", "#102031", "#102032")
    assert job["hints"] == [
        {"x": x, "y": y, "color": color, "kind": "exact"} for (x, y), color in zip(SUGGESTED, colors, strict=True)
    ]
    assert [hint["color"] for hint in suggest(app, room)["hints"]] == ["#000000", "#000001", "#000002"]
    assert [(hint["x"], hint["y"]) for hint in suggest(app, room, hints=[EXACT])["hints"]] == list(SUGGESTED[1:])
    assert app.get(f"/api/v1/jobs/{job['job']}").json == job, "asked again, it says the same"


def test_what_is_suggested_can_be_painted_and_a_painting_has_no_hints_of_its_own(app):
    room = new_room(app, drawing())
    hints = suggest(app, room, seed=7, hints=[EXACT])["hints"]
    painted = finished(app, start_job(app, room, hints=[EXACT, *hints])["job"])
    assert painted["result"]["hints_count"] == 3
    assert painted["hints"] is None


def test_a_suggestion_is_neither_kept_nor_counted(server, app):
    service = server[0]
    twin, room = new_room(app, drawing()), new_room(app, drawing())
    finished(app, start_job(app, twin, kind="prepare")["job"])
    before = app.get("/api/v1/status").json["painted"]
    kept = sorted(service.store.results_folder.iterdir())
    assert suggest(app, room)["state"] == "done"
    assert sorted(service.store.results_folder.iterdir()) == kept
    assert app.get(f"/api/v1/rooms/{room}").json["results"] == []
    assert app.get("/api/v1/status").json["painted"] == before
    prepared, suggested = (
        {path.name for path in service.store.room(one).folder.iterdir()} for one in (twin, room)
    )
    assert suggested == prepared, "only what preparing writes"


@pytest.mark.parametrize("method", ["colorization", "rendering", "recolorization"])
def test_a_painting_finds_its_sketch_prepared_and_so_does_a_suggestion(app, method):
    room = new_room(app, drawing())
    suggest(app, room, method=method, zoom=0.75)
    address = app.get(f"/api/v1/rooms/{room}").json["prepared"][method]
    painting = start_job(app, room, method=method, zoom=0.75)
    assert "prepare" not in stages(app, painting)
    again = start_job(app, room, kind="suggest", method=method, zoom=0.75)
    assert "prepare" not in stages(app, again)
    assert app.get(f"/api/v1/rooms/{room}").json["prepared"][method] == address, "the same file"


def test_another_zoom_prepares_the_sketch_again(server, app):
    room = new_room(app, drawing())
    for zoom in (0.5, 0.25):
        suggest(app, room, zoom=zoom)
        assert read_json(server[0].store.room(room).folder / ".prepared.json") == {
            "zoom": zoom, "intake": "auto", "invert": "auto",
        }


@pytest.mark.parametrize("seed", [-1, 2**31, 1.5, "7", True, None, [], 10**400])
def test_a_bad_seed_is_400_with_one_sentence(app, seed):
    room = new_room(app, drawing())
    error = app.post_json(f"/api/v1/rooms/{room}/jobs", {"kind": "suggest", "seed": seed}, status=400).json["error"]
    assert error["message"].startswith("seed must be a whole number from 0 to 2147483647. Received: ")
    assert error["message"].endswith(".")
    assert len(error["message"]) < 120


def test_the_largest_seed_is_taken(app):
    assert suggest(app, new_room(app, drawing()), seed=2**31 - 1)["hints"][0]["color"] == "#ffffff"


def test_a_running_suggestion_is_cancelled(server, app):
    room = new_room(app, drawing())
    job = start_job(app, room, kind="suggest", hints=[draft(ENDLESS)])["job"]
    wait_for(lambda: app.get(f"/api/v1/jobs/{job}").json["fraction"] > 0)
    worker = server[0].painting.pid
    app.delete(f"/api/v1/jobs/{job}")
    ended = finished(app, job)
    assert (ended["state"], ended["hints"]) == ("cancelled", None)
    assert server[0].painting.pid == worker, "the worker has noticed it by itself"
    assert suggest(app, room)["state"] == "done"


def test_a_refusal_is_told_in_the_painters_sentence(app):
    job = suggest(app, new_room(app, drawing()), hints=[draft(REFUSE)])
    assert (job["state"], job["hints"]) == ("failed", None)
    assert job["error"]["message"] == "The fake painter refuses this colour."


def test_the_six_networks_suggest_for_the_auto_painter_too(app):
    room = new_room(app, drawing())
    hints = suggest(app, room, model="auto-painter", seed=5)["hints"]
    assert [hint["color"] for hint in hints] == ["#000005", "#000006", "#000007"]
    painted = finished(app, start_job(app, room, model="auto-painter", hints=hints)["job"])
    assert painted["result"]["hints_count"] == 3


def test_the_description_names_the_kind_the_seed_and_the_hints(app):
    document = app.get("/api/v1/openapi.json").json
    post = document["paths"]["/api/v1/rooms/{room}/jobs"]["post"]
    asked = described_job(app)
    answered = document["components"]["schemas"]["Job"]["properties"]
    assert asked["kind"]["enum"] == answered["kind"]["enum"]
    assert "suggest" in asked["kind"]["enum"]
    assert (asked["seed"]["minimum"], asked["seed"]["maximum"], asked["seed"]["default"]) == (0, 2**31 - 1, 0)
    assert {"hints", "result"} <= set(answered)
    assert "suggest colours" in post["summary"]


def test_words_reach_the_painter_whether_it_paints_or_suggests(app):
    room, words = new_room(app, drawing()), {"style2paints": {"tags": ["red dress", "golden hair"]}}
    result = finished(app, start_job(app, room, **words)["job"])["result"]
    assert result["unfound"] == ["red_dress", "blonde_hair"] and result["style2paints"] == {"tags": result["unfound"]}
    assert suggest(app, room, **words)["hints"][0]["color"] == "#000002", "the fake counts them"
    refused = app.post_json(
        f"/api/v1/rooms/{room}/jobs", {"style2paints": {"tags": ["bleu hair"]}}, status=400
    )
    tonal = {"method": "rendering", **words}
    assert "line art alone" in app.post_json(f"/api/v1/rooms/{room}/jobs", tonal, status=400).json["error"]["message"]
    assert "There is no tag for 'bleu hair'" in refused.json["error"]["message"]
