"""What makes the page feel alive: previews, paintings that follow the hand, the choice of a model, the counter."""

from __future__ import annotations

import gevent
import pytest
from server_cases import (
    PATIENCE,
    drawing,
    events_of,
    finished,
    new_room,
    options_v3,
    paint_v3,
    pixels,
    start_job,
    upload_v3,
    wait_for,
    wait_for_status,
)
from server_fakes import ENDLESS, REFUSE, FakeAutoPainter, FakePainter

from s2p import systems
from server.counter import Counter
from server.jobs import Job
from server.preview_timing import QUICK_SECONDS, PreviewTiming
from server.queues import FairQueue

RED = {"x": 0.25, "y": 0.5, "color": "#ff0000"}
SERVER = {"painter": "tests.server_fakes:trained"}


def painted_room(app) -> str:
    room = new_room(app, drawing())
    finished(app, start_job(app, room)["job"])
    return room


# Previews -------------------------------------------------------------------------------------------------------------


def test_a_preview_is_shown_but_neither_kept_nor_counted(app):
    room = painted_room(app)
    before = app.get("/api/v1/status").json["painted"]
    shown = finished(app, start_job(app, room, kind="preview", hints=[RED])["job"])["result"]
    assert pixels(app.get(shown["image"]).body)[0, 0].tolist() == pytest.approx([127, 0, 0], abs=4)
    assert len(app.get(f"/api/v1/rooms/{room}").json["results"]) == 1
    assert app.get("/api/v1/status").json["painted"] == before


def test_two_previews_have_two_addresses(app):
    room = painted_room(app)
    one, two = (finished(app, start_job(app, room, kind="preview", hints=[RED])["job"])["result"] for _ in range(2))
    assert one["image"] != two["image"], "a browser would show the old picture"


def test_a_preview_never_prepares_a_sketch(app):
    room = new_room(app, drawing())
    refused = finished(app, start_job(app, room, kind="preview", hints=[RED])["job"])
    assert "after the first painting" in refused["error"]["message"]
    finished(app, start_job(app, room, zoom=0.5)["job"])
    assert finished(app, start_job(app, room, kind="preview", zoom=0.75)["job"])["state"] == "failed"
    assert finished(app, start_job(app, room, kind="preview", zoom=0.5)["job"])["state"] == "done"


def test_previews_are_offered_once_they_are_known_to_be_quick(app):
    status = wait_for_status(app, preview=True)
    assert status["preview_seconds"] <= QUICK_SECONDS


def test_previews_of_untrained_networks_are_not_offered():
    for painter in (FakePainter(trained=False), FakeAutoPainter()):
        preview_timing = PreviewTiming(painter)
        assert preview_timing.patience() is None
        assert not preview_timing.is_quick


def test_previews_are_timed_until_the_graphs_are_warm_and_stops_when_previews_are_quick():
    preview_timing = PreviewTiming(FakePainter(trained=True))
    runs = 0
    while preview_timing.patience() is not None:
        assert preview_timing.seconds is None, "the first runs say nothing"
        preview_timing.run()
        runs += 1
    assert runs == 3
    assert preview_timing.is_quick


def test_slow_previews_are_timed_again_later_and_broken_ones_never():
    painter = FakePainter(trained=True, preview_seconds=2.0)
    preview_timing = PreviewTiming(painter)
    for _ in range(3):
        preview_timing.run()
    assert not preview_timing.is_quick
    assert (preview_timing.patience() or 0) > 30
    painter.preview_seconds = 0.1
    assert preview_timing.is_quick

    class Broken(FakePainter):
        def preview(self, *_, **__):
            raise RuntimeError

    broken = PreviewTiming(Broken(trained=True))
    broken.run()
    assert broken.patience() is None
    assert broken.seconds is None


def test_previews_go_when_nothing_else_waits():
    queue = FairQueue()
    for session, kind, name in (("a", "preview", "1"), ("a", "paint", "2"), ("b", "preview", "3"), ("c", "paint", "4")):
        queue.put(Job(name, kind, session, dict))
    assert len(queue) == 4
    expected = ["2", "4", "1", "3"]
    assert [job.room for job in queue] == expected
    assert [queue.pop().room for _ in range(4)] == expected


def test_a_painting_does_not_wait_for_previews_that_came_before_it(server, app):
    mine, other = painted_room(app), painted_room(app)
    blocker = start_job(app, mine, hints=[{**RED, "color": ENDLESS, "kind": "draft"}])["job"]
    preview = start_job(app, mine, kind="preview", hints=[RED])["job"]
    painting = start_job(app, other)["job"]
    order, watchers = [], []
    for name, job in (("preview", preview), ("painting", painting)):
        found = server[0].jobs.get(job)
        watchers.append(gevent.spawn(lambda name=name, found=found: (found.ended.wait(), order.append(name))))
    app.delete(f"/api/v1/jobs/{blocker}")
    assert finished(app, preview)["state"] == "done"
    gevent.joinall(watchers, timeout=PATIENCE)
    assert order == ["painting", "preview"]


# Paintings that follow the hand ---------------------------------------------------------------------------------------


def test_a_live_painting_takes_the_place_of_the_one_before_and_of_no_other(server, app):
    service, room = server[0], painted_room(app)
    before = app.get("/api/v1/status").json["painted"]
    first = finished(app, start_job(app, room, live=True, hints=[RED])["job"])["result"]
    app.get(first["exports"]["psd"])
    second = finished(app, start_job(app, room, live=True, hints=[RED, RED])["job"])["result"]
    kept = app.get(f"/api/v1/rooms/{room}").json["results"]
    assert [result["live"] for result in kept] == [False, True]
    assert kept[1]["id"] == second["id"]
    app.get(first["image"], status=404)
    rest = [path.name for path in service.store.room(room).folder.iterdir() if f".{first['id']}." in path.name]
    assert rest == []
    assert not list(service.store.results_folder.glob(f"{room}.{second['id']}*"))
    assert app.get("/api/v1/status").json["painted"] == before
    third = finished(app, start_job(app, room, hints=[RED])["job"])["result"]
    assert [r["id"] for r in app.get(f"/api/v1/rooms/{room}").json["results"]][-1] == third["id"]
    assert len(app.get(f"/api/v1/rooms/{room}").json["results"]) == 3


def test_cancelling_a_live_painting_does_not_end_the_worker(server, app):
    room, lane = painted_room(app), server[0].painting
    slow = start_job(app, room, live=True, hints=[{**RED, "color": ENDLESS, "kind": "draft"}])["job"]
    wait_for(lambda: server[0].jobs.get(slow).state == "running")
    before = lane.pid
    app.delete(f"/api/v1/jobs/{slow}")
    assert lane._cancel_deadline is None
    assert finished(app, slow)["state"] == "cancelled"
    assert lane.pid == before


# Models ---------------------------------------------------------------------------------------------------------------


def test_status_lists_the_models(app):
    from s2p.weights import find

    wait_for_status(app, ready=True)
    # Of the first, which is loaded, the fakes are told; of others what is installed.
    networks = {"style2paints": [], "auto-painter": ["auto_painter"], "strokes": [], "stylizer": ["stylizer"],
                "tag2pix": systems.system_of("tag2pix").networks}
    lacking = {model: [name for name in names if not find(name).trained] for model, names in networks.items()}
    assert app.get("/api/v1/status").json["models"] == [
        {**system.describe(), "trained": not lacking[system.name], "untrained": lacking[system.name]}
        for system in systems.SYSTEMS
    ]


def test_a_result_remembers_the_model_that_painted_it(server):
    _, app = server
    room = new_room(app, drawing(size=(60, 40)))
    own = finished(app, start_job(app, room)["job"])["result"]
    job = finished(app, start_job(app, room, model="auto-painter", hints=[RED], mix=0.0)["job"])
    other = job["result"]
    assert (own["model"], other["model"]) == ("style2paints", "auto-painter")
    assert other["untrained"] == ["auto_painter"]
    assert pixels(app.get(other["exports"]["png"]).body)[5, 5].tolist() == [255, 0, 0]
    assert app.get(other["exports"]["psd"]).body[:4] == b"8BPS"
    assert [r["model"] for r in app.get(f"/api/v1/rooms/{room}").json["results"]] == ["style2paints", "auto-painter"]


def test_a_model_is_loaded_when_it_is_first_asked_for(server):
    service, app = server
    wait_for(lambda: service.painting.state == "ready")
    service.painting._process.kill()
    room = new_room(app, drawing())
    stages = []
    for _ in range(2):
        job = start_job(app, room, model="auto-painter")["job"]
        stages.append({data["stage"] for name, data in events_of(app, job) if name == "progress"})
    assert "load" in stages[0]
    assert "load" not in stages[1]


def test_an_unknown_model_is_refused_in_a_sentence(app):
    room = new_room(app, drawing())
    error = app.post_json(f"/api/v1/rooms/{room}/jobs", {"model": "gpt"}, status=400).json["error"]
    assert error["message"] == f"There is no model 'gpt'. The models are {', '.join(systems.names())}."
    app.post_json(f"/api/v1/rooms/{room}/jobs", {"model": "auto-painter", "kind": "preview"}, status=400)


def test_v3s_client_still_paints_with_style2paints(app):
    room, step = upload_v3(app, drawing())
    room, step = paint_v3(app, room, step, options_v3([[0.5, 0.5, 9, 200, 9, 2]])).text.split("_")
    assert pixels(app.get(f"/rooms/{room}/result.{step}.jpg").body)[3, 3, 1] > 190
    assert app.get(f"/api/v1/rooms/{room}").json["results"][0]["model"] == "style2paints"


# The counter ----------------------------------------------------------------------------------------------------------


def test_the_counter_survives_a_restart_and_counts_paintings_alone(server, app):
    before = app.get("/api/v1/status").json["painted"]
    room = new_room(app, drawing())
    finished(app, start_job(app, room, kind="prepare")["job"])
    finished(app, start_job(app, room, hints=[{**RED, "color": REFUSE, "kind": "draft"}])["job"])
    assert app.get("/api/v1/status").json["painted"] == before
    finished(app, start_job(app, room)["job"])
    room, step = upload_v3(app, drawing())
    paint_v3(app, room, step, options_v3())
    assert app.get("/api/v1/status").json["painted"] == before + 2
    assert Counter(server[0].store.results_folder / "painted.json").value == before + 2


# Lines ----------------------------------------------------------------------------------------------------------------


def test_the_lines_of_an_upload_and_of_a_painting_are_drawn(app):
    room = new_room(app, drawing(size=(60, 40)))
    painting = finished(app, start_job(app, room, hints=[RED])["job"])["result"]
    for source in (None, painting["id"]):
        drawn = finished(app, start_job(app, room, kind="lines", source=source, drawn_by="hard")["job"])["result"]
        lines = app.get(drawn["image"])
        assert lines.content_type == "image/png"
        shown = pixels(lines.body)
        assert shown.shape == (40, 60, 3)
        assert (shown.min() < 100) == (source is None), "the square has lines, the painting is one flat colour"
    assert len(app.get(f"/api/v1/rooms/{room}").json["results"]) == 1


def test_lines_of_a_painting_that_is_not_there_are_refused(app):
    room = new_room(app, drawing())
    app.post_json(f"/api/v1/rooms/{room}/jobs", {"kind": "lines", "source": "H1"}, status=404)
    app.post_json(f"/api/v1/rooms/{room}/jobs", {"kind": "lines", "source": "../x"}, status=404)
    app.post_json(f"/api/v1/rooms/{room}/jobs", {"kind": "lines", "drawn_by": "hand"}, status=400)
