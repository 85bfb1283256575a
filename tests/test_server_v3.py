"""The four routes of Style2Paints V3, as its client uses them."""

from __future__ import annotations

import base64
import io
import json
import re
import time

import numpy as np
import pytest
from PIL import Image
from server_cases import data_url, drawing, options_v3, paint_v3, pixels, post_v3, upload_v3
from server_fakes import REFUSE

from server import sample_rooms

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"


@pytest.fixture
def rooms(server):
    return server[0].store.rooms_folder


def test_upload_answers_room_and_step_in_the_shape_that_the_client_splits(app, rooms):
    fields = {"room": "new", "step": "new", "sketch": data_url(drawing()), "method": "colorization"}
    reply = post_v3(app, "/upload_sketch", fields)
    assert re.fullmatch(rf"(?:{MONTHS})\d\dH\d\dM\d\dS\d\dR\d{{18}}_H\d\dM\d\dS\d\d", reply.text)
    assert reply.content_type == "text/html"
    room, step = reply.text.split("_")
    names = {path.name for path in (rooms / room).iterdir() if not path.name.startswith(".")}
    assert names == {"sketch.original.jpg", "sketch.improved.jpg", "sketch.colorization.jpg", "sketch.rendering.jpg",
                     f"result.{step}.jpg"}
    assert Image.open(rooms / room / "sketch.colorization.jpg").mode == "RGB"
    assert app.get(f"/rooms/{room}/sketch.colorization.jpg").content_type == "image/jpeg"


def test_painting_leaves_the_files_of_v3_and_a_copy(server, app, rooms):
    room, step = upload_v3(app, drawing())
    options = options_v3([[0.25, 0.75, 255, 0, 0, 2], [0.5, 0.5, 1, 2, 200, 0], [0.1, 0.1, 9, 9, 9, 1]])
    answer_room, result = paint_v3(app, room, step, options).text.split("_")
    assert answer_room == room
    assert result != step
    assert (rooms / room / f"options.{result}.json").read_text() == options
    assert pixels(app.get(f"/rooms/{room}/result.{result}.jpg").body)[20, 20, 0] > 250
    assert app.get(f"/rooms/{room}/composition.{result}.jpg").content_type == "image/jpeg"
    copy = server[0].store.results_folder / f"{room}.{result}.jpg"
    assert copy.read_bytes() == (rooms / room / f"result.{result}.jpg").read_bytes()
    assert json.loads((rooms / room / "cache" / "last_hint_points.json").read_text()) == [[0.5, 0.5, 1, 2, 200, 0]]
    assert (rooms / room / "cache" / "composition_colorization.jpg").is_file()


def test_the_results_folder_and_internal_files_are_not_served(app):
    room, step = upload_v3(app, drawing())
    result = paint_v3(app, room, step, options_v3()).text
    app.get(f"/results/{result.replace('_', '.')}.jpg", status=404)
    app.get(f"/rooms/{room}/.s2p.json", status=404)
    app.get(f"/rooms/{room}", status=404)
    app.get("/rooms/", status=404)


def test_both_base64_alphabets_and_a_bare_picture_are_read(app):
    picture = drawing(3)
    url_safe = base64.urlsafe_b64encode(picture).decode()
    for text in (url_safe, "data:image/png;base64," + url_safe, base64.b64encode(picture).decode()):
        fields = {"room": "new", "step": "new", "sketch": text, "method": "colorization"}
        assert "_" in post_v3(app, "/upload_sketch", fields).text


@pytest.mark.parametrize("sketch", ["", "none", "data:image/png;base64,AAA", data_url(b"no picture"), "%%%%"])
def test_what_is_no_picture_is_refused_at_once_and_leaves_no_room(app, rooms, sketch):
    upload_v3(app, drawing())  # whoever reads pictures has started
    before = set(rooms.iterdir())
    started = time.monotonic()
    reply = post_v3(app, "/upload_sketch", {"room": "new", "step": "new", "sketch": sketch, "method": "rendering"},
                    status=400)
    assert time.monotonic() - started < 10
    assert reply.text.endswith(".")
    assert reply.content_type == "text/plain"
    assert set(rooms.iterdir()) == before


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P", "RGBA", "I;16"])
def test_pictures_that_stop_the_original_are_taken(app, mode):
    image = Image.new("L", (24, 20), 90)
    if mode == "I;16":
        image = Image.fromarray(np.full((20, 24), 90 * 257, np.uint16))
    buffer = io.BytesIO()
    (image if mode == "I;16" else image.convert(mode)).save(buffer, "PNG")
    room, _ = upload_v3(app, buffer.getvalue())
    mean = pixels(app.get(f"/rooms/{room}/sketch.original.jpg").body).mean()
    assert abs(mean - 90) <= (20 if mode == "1" else 2)  # one bit is dithered


def test_a_transparent_drawing_lies_on_white(app):
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(buffer, "PNG")
    room, _ = upload_v3(app, buffer.getvalue())
    assert pixels(app.get(f"/rooms/{room}/sketch.original.jpg").body).min() == 255


def test_a_body_over_ten_megabytes_is_413(app):
    reply = app.post("/upload_sketch", b"sketch=" + b"A" * 10_000_001, content_type="application/x-www-form-urlencoded",
                     status=413)
    assert "10.0 MB" in reply.text


def test_a_big_form_below_the_limit_passes(app):
    noise = np.random.default_rng(1).integers(0, 255, (900, 900, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    room, step = upload_v3(app, buffer.getvalue())
    assert room and step


def test_a_multipart_form_is_read_as_well(app):
    fields = {"room": "new", "step": "new", "sketch": data_url(drawing()), "method": "colorization"}
    reply = app.post("/upload_sketch", fields, upload_files=[("unused", "x.txt", b"x")])
    assert "_" in reply.text


def test_switching_the_method_prepares_it_and_its_download_exists(app, rooms):
    room, step = upload_v3(app, drawing())
    fields = {"room": room, "step": step, "sketch": "none", "method": "recolorization"}
    answer_room, switched = post_v3(app, "/upload_sketch", fields).text.split("_")
    assert answer_room == room
    assert switched != step
    folder = rooms / room
    assert (folder / f"result.{switched}.jpg").read_bytes() == (folder / "sketch.recolorization.jpg").read_bytes()
    assert (folder / f"result.{step}.jpg").is_file()


def test_painting_a_method_that_was_not_prepared_prepares_it(app, rooms):
    room, step = upload_v3(app, drawing())
    paint_v3(app, room, step, options_v3(method="recolorization"))
    assert (rooms / room / "sketch.recolorization.jpg").is_file()


def test_the_reference_is_stored_and_used(app):
    room, step = upload_v3(app, drawing())
    reference = io.BytesIO()
    Image.new("RGB", (8, 8), (10, 200, 30)).save(reference, "PNG")
    options = options_v3(hasReference=True, alpha=0.5)
    _, result = paint_v3(app, room, step, options, reference=data_url(reference.getvalue())).text.split("_")
    assert pixels(app.get(f"/rooms/{room}/reference.{result}.jpg").body)[0, 0, 1] > 190
    assert pixels(app.get(f"/rooms/{room}/result.{result}.jpg").body)[2, 2, 1] > 190
    assert "reference" in paint_v3(app, room, step, options, status=400).text


def test_key_order_of_the_options_does_not_matter(app):
    room, step = upload_v3(app, drawing())
    shuffled = json.dumps(dict(reversed(json.loads(options_v3([[0.1, 0.2, 3, 4, 5, 0]])).items())))
    assert paint_v3(app, room, step, shuffled).text.startswith(room)


@pytest.mark.parametrize("options", ["", "{", "[]", "null", '{"points": 3}', '{"points": [[1]]}', '{"method": "x"}',
                                     '{"alpha": "a"}', '{"lineColor": [1]}', "[" * 3000])
def test_options_that_cannot_be_used_are_400(app, options):
    room, step = upload_v3(app, drawing())
    assert paint_v3(app, room, step, options, status=400).text


def test_rooms_that_are_not_there_are_404_and_malformed_ones_400(app):
    assert "room" in paint_v3(app, "Apr19H22M03S00R696", "x", options_v3(), status=404).text
    for room in ("../rooms", "..", "a/b", "", "C:\\x", "new", "a_b", "\0"):
        assert paint_v3(app, room, "x", options_v3(), status=400).text
    fields = {"room": "../../x", "step": "sample", "sketch": "none", "method": "colorization"}
    post_v3(app, "/upload_sketch", fields, status=404)
    post_v3(app, "/upload_sketch", {**fields, "method": "x"}, status=400)
    post_v3(app, "/save_as_sample", {"room": "../x", "step": "y"}, status=400)


def test_a_job_that_fails_is_told_and_the_room_stays(app, rooms):
    room, step = upload_v3(app, drawing())
    red, green, blue = bytes.fromhex(REFUSE[1:])
    reply = paint_v3(app, room, step, options_v3([[0.5, 0.5, red, green, blue, 0]]), status=400)
    assert reply.text == "The fake painter refuses this colour."
    assert paint_v3(app, room, step, options_v3()).text.startswith(room)


def test_steps_of_one_second_do_not_collide(app):
    room, step = upload_v3(app, drawing())
    steps = [paint_v3(app, room, step, options_v3()).text.split("_")[1] for _ in range(6)]
    assert len({step, *steps}) == 7
    assert all(re.fullmatch(r"H\d\dM\d\dS\d\d", one) for one in steps)


def test_samples_are_saved_listed_and_cloned(server, app, rooms):
    before = json.loads(post_v3(app, "/get_sample_list", {}).text)
    assert before == sample_rooms.names(server[0].store)
    room, step = upload_v3(app, drawing(7))
    _, result = paint_v3(app, room, step, options_v3([[0.5, 0.5, 9, 9, 9, 2]])).text.split("_")
    for _ in range(2):  # again takes its own place
        assert post_v3(app, "/save_as_sample", {"room": room, "step": result}).text == "ok"
        (sample,) = set(json.loads(post_v3(app, "/get_sample_list", {}).text)) - set(before)
    assert sample != room, "its name would be the key to the room"
    for name in ("sketch.colorization.jpg", "composition.sample.jpg", "result.sample.jpg", "icon.sample.jpg"):
        assert app.get(f"/samples/{sample}/{name}").content_type == "image/jpeg"
    assert app.get(f"/samples/{sample}/options.sample.json").json["points"] == [[0.5, 0.5, 9, 9, 9, 2]]
    clone, _ = paint_v3(app, sample, "sample", options_v3()).text.split("_")
    assert clone != room
    original = (rooms / room / "sketch.colorization.jpg").read_bytes()
    assert (rooms / clone / "sketch.colorization.jpg").read_bytes() == original
    fields = {"room": sample, "step": "sample", "sketch": "none", "method": "rendering"}
    assert post_v3(app, "/upload_sketch", fields).text.split("_")[0] not in (room, sample, clone)


def test_rooms_with_the_short_ids_of_v3_are_still_theirs_to_use(server, app, rooms):
    room, _ = upload_v3(app, drawing(9))
    (rooms / room).rename(rooms / "Apr19H22M03S00R696")
    answer, result = paint_v3(app, "Apr19H22M03S00R696", "H22M03S00", options_v3()).text.split("_")
    assert answer == "Apr19H22M03S00R696"
    assert app.get(f"/rooms/{answer}/result.{result}.jpg").content_type == "image/jpeg"


def test_static_files_answer_conditions_and_ranges(app):
    room, _ = upload_v3(app, drawing())
    path = f"/rooms/{room}/sketch.original.jpg"
    whole = app.get(path)
    assert app.get(path, headers={"If-Modified-Since": whole.headers["Last-Modified"]}, status=304).body == b""
    part = app.get(path, headers={"Range": "bytes=2-5"}, status=206)
    assert part.body == whole.body[2:6]
    assert app.head(path).headers["Content-Length"] == str(len(whole.body))
    app.get(path, headers={"Range": "bytes=99999999-"}, status=416)


def test_paths_out_of_the_folder_are_refused(app):
    for way in ("/..", "/rooms/../..", "/..%2f..", "/rooms/%2e%2e/%2e%2e"):
        path = f"{way}/config.ini"
        assert app.get(path, status="4*").status_int in (403, 404)
    assert app.get("/a%00b", status=404)


def test_v3s_client_has_the_root_when_it_is_installed(server, app):
    game = server[0].store.game
    ours = app.get("/").text
    assert app.get("/s2p/").text == ours
    (game / "index.html").write_text("the V3 client")
    try:
        assert app.get("/").text == "the V3 client"
        assert "Content-Security-Policy" not in app.get("/").headers
        assert app.get("/s2p/").text == ours
    finally:
        (game / "index.html").unlink()


def test_month_names_are_english_whatever_the_locale(server, monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda *_: pytest.fail("strftime follows the locale"))
    room, _ = server[0].store.new_room()
    assert re.match(MONTHS, room.id)
