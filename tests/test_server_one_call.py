"""`POST /api/v1/colorize`: a picture in, its painting out; by the limits of rooms and jobs, and without a trace."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest
from PIL import Image
from server_cases import drawing, pixels
from server_fakes import BUG, REFUSE

RED = {"x": 0.25, "y": 0.5, "color": "#f00"}


def ask(app, picture: bytes, query: str = "", *, status: int = 200, **fields):
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    files = [("file", "cat.png", picture)]
    return app.post(f"/api/v1/colorize{query}", texts, upload_files=files, status=status)


def rooms(server) -> set[str]:
    return {path.name for path in server[0].store.rooms_folder.iterdir()}


def test_a_picture_in_and_its_painting_out(server, app):
    before = rooms(server)
    reply = ask(app, drawing(100), job={"hints": [RED]})
    assert reply.content_type == "image/png"
    assert reply.headers["Content-Disposition"].startswith('attachment; filename="cat-')
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    assert pixels(reply.body).shape == (40, 48, 3)
    assert reply.headers["S2P-Untrained"] == "tail"
    assert rooms(server) == before, "the room was to be gone"


@pytest.mark.parametrize(("format", "media"), [
    ("png", "image/png"), ("jpg", "image/jpeg"), ("webp", "image/webp"), ("tif", "image/tiff"),
    ("psd", "image/vnd.adobe.photoshop"), ("ora", "image/openraster"),
])
def test_it_comes_in_every_format(app, format, media):
    reply = ask(app, drawing(), f"?format={format}")
    assert reply.content_type == media
    if format == "ora":
        assert "stack.xml" in zipfile.ZipFile(io.BytesIO(reply.body)).namelist()
    elif format == "psd":
        assert reply.body.startswith(b"8BPS")
    else:
        assert Image.open(io.BytesIO(reply.body)).size == (48, 40)


@pytest.mark.parametrize(("picture", "query", "fields", "status", "sentence"), [
    (b"text", "", {}, 400, "cat.png|picture"), (drawing(), "?format=gif", {}, 400, "format must be one of png"),
    (drawing(), "?only=lines&format=jpg", {}, 400, "JPEG knows no transparency"),
    (drawing(), "?only=lines&format=psd", {}, 400, "PSD and ORA hold all"),
    (drawing(), "", {"job": "{"}, 400, "not valid JSON"), (drawing(), "", {"job": [1]}, 400, "must be a JSON object"),
    (drawing(), "", {"job": {"kind": "preview"}}, 400, "One request paints"),
    (drawing(), "", {"job": {"source": "x"}}, 400, "are of a room"),
    (drawing(), "", {"job": {"model": "nobody"}}, 400, "There is no model"),
    (drawing(), "", {"job": {"hints": [{"x": 2, "y": 0, "color": "#fff"}]}}, 400, r"hints\[0\]"),
    (drawing(), "", {"hints": [RED]}, 400, "There is no field 'hints' here; there are file, job, page, layer"),
    (drawing(), "?fromat=psd", {}, 400, "There is no parameter 'fromat' here; there are format"),
    (drawing(), "", {"job": {"zoom": True}}, 400, "zoom"), (drawing(), "", {"page": "x"}, 400, "page must be"),
    (drawing(), "", {"job": {"hints": [{**RED, "color": REFUSE, "kind": "draft"}]}}, 400, "refuses"),
    (drawing(), "", {"job": {"hints": [{**RED, "color": BUG, "kind": "draft"}]}}, 500, "Runtime"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(server, app, picture, query, fields, status, sentence):
    before = rooms(server)
    reply = ask(app, picture, query, status="*", **fields)
    error = reply.json["error"]
    assert reply.status_int == status and error["message"].endswith(".")
    assert re.search(sentence, error["message"]), error
    assert rooms(server) == before


def test_a_request_without_a_picture_says_how_to_send_one(app):
    assert "field named file" in app.post_json("/api/v1/colorize", {}, status=400).json["error"]["message"]
    reply = app.post("/api/v1/colorize", [("job", "{}")], upload_files=[("other", "a.png", b"x")], status=400)
    assert "The picture is missing" in reply.json["error"]["message"]


def test_a_job_may_hold_more_hints_than_fit_into_other_forms(app):
    hints = [{"x": i / 600, "y": 0.5, "color": "#ff0000"} for i in range(500)]
    assert ask(app, drawing(), job={"hints": hints}).status_int == 200


def test_whoever_goes_away_leaves_no_room(server, app):
    """The painting is not read to its end; what is sent is closed by whoever serves."""
    before = rooms(server)
    request = app.RequestClass.blank("/api/v1/colorize", POST={"file": ("cat.png", drawing())})
    request.environ["REMOTE_ADDR"] = "127.0.0.1"
    parts = app.app(request.environ, lambda status, headers, exc_info=None: None)
    next(iter(parts))
    assert len(rooms(server)) == len(before) + 1
    parts.close()
    assert rooms(server) == before


def test_the_page_of_the_interface_shows_how_and_tries_it(app):
    page = app.get("/api/docs").text
    assert "curl -F file=@girl.png" in page and "requests.post" in page
    assert '<form method="post" action="v1/colorize"' in page and "<script" not in page
