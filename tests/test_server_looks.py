"""A drawing that was corrected, through the server: what the room says, what is painted, and how it is taken back."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image
from server_cases import finished, new_room, options_v3, paint_v3, pixels, start_job, upload_v3
from server_fakes import SUGGESTED

from s2p.image import encode_image, load_image
from s2p.intake import take_in
from s2p.pipelines.looking import page_of
from tests import brought

SERVER = {"painter": "tests.server_fakes:filling"}
EXACT = {"x": SUGGESTED[0][0], "y": SUGGESTED[0][1], "color": "#20a040", "kind": "exact"}


def chalk() -> np.ndarray:
    return brought.negative(brought.figure(scale=0.5), (0, 0, 0))


def numbers(data: bytes) -> np.ndarray:
    rgb = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int32)
    return rgb[..., 0] * 65536 + rgb[..., 1] * 256 + rgb[..., 2]


def test_the_room_says_what_was_corrected_and_shows_it(app):
    room = app.get(f"/api/v1/rooms/{new_room(app, encode_image(chalk(), 'png'))}").json
    assert room["corrected"] == ["inverted"]
    assert pixels(app.get(room["sketch"]).body).mean() < 40, "the upload itself is kept"
    assert pixels(app.get(room["corrected_sketch"]).body).mean() > 200
    clean = app.get(f"/api/v1/rooms/{new_room(app, encode_image(brought.figure(scale=0.5), 'png'))}").json
    assert clean["corrected"] == [] and clean["corrected_sketch"] is None


def test_a_painting_has_the_corrected_lines_and_can_have_those_of_the_upload(server, app):
    room = new_room(app, encode_image(chalk(), "png"))
    for intake, found, expected in ((None, ["inverted"], 255 - chalk()[..., 0]), ("off", [], chalk()[..., 0])):
        job = finished(app, start_job(app, room, hints=[EXACT], intake=intake)["job"])
        assert job["result"]["corrected"] == found and job["result"]["intake"] == (intake or "auto")
        stored = server[0].store.room(room).file(f".lines.{job['result']['id']}.png")
        assert (load_image(stored)[..., 0] == expected).all()
    turned = finished(app, start_job(app, room, hints=[EXACT], intake="off", invert="yes")["job"])
    assert turned["result"]["corrected"] == ["inverted"]


def test_the_map_of_regions_is_that_of_what_bounds_colour(app):
    page = brought.toned(brought.figure(), "dots")
    room = new_room(app, encode_image(page, "png"))
    for query, walls in (("", take_in(page).walls), ("?intake=off", page)):
        told = app.get(f"/api/v1/rooms/{room}/regions{query}").json
        expected = page_of(walls).regions.labels
        found = numbers(app.get(told["image"]).body)[: expected.shape[0]]
        assert (found == expected).all(), query
    assert "auto, off" in app.get(f"/api/v1/rooms/{room}/regions?intake=perhaps", status=400).text


def test_previews_suggestions_and_choices_of_a_corrected_drawing(app):
    room = new_room(app, encode_image(chalk(), "png"))
    finished(app, start_job(app, room, hints=[EXACT])["job"])
    for kind in ("preview", "suggest", "choices"):
        assert finished(app, start_job(app, room, kind=kind, hints=[EXACT])["job"])["state"] == "done", kind


def test_a_wrong_word_is_refused(app):
    room = new_room(app, encode_image(chalk(), "png"))
    assert "intake" in app.post_json(f"/api/v1/rooms/{room}/jobs", {"intake": "maybe"}, status=400).text


def test_light_ink_on_nothing_is_seen_in_the_room_and_by_v3s_client(app):
    page = brought.in_alpha(brought.figure(scale=0.5), (255, 255, 255))
    told = app.get(f"/api/v1/rooms/{new_room(app, encode_image(page, 'png'))}").json
    assert told["corrected"] == ["alpha"] and pixels(app.get(told["sketch"]).body).min() < 30
    room, step = upload_v3(app, encode_image(page, "png"))
    assert pixels(app.get(f"/rooms/{room}/sketch.original.jpg").body).min() < 30
    paint_v3(app, room, step, options_v3([]))


def test_v3s_client_has_a_dark_drawing_turned_round(app):
    room, _ = upload_v3(app, encode_image(chalk(), "png"))
    sketch = pixels(app.get(f"/rooms/{room}/sketch.colorization.jpg").body)
    assert sketch.mean() > 200
    small = cv2.resize(sketch, (350, 500), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small[..., 0].ravel(), 255.0 - chalk()[..., 0].ravel())[0, 1] > 0.9
