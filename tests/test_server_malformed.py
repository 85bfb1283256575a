"""The corpus: whatever is sent is answered with a sentence, and never as a fault of the server."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import malformed
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server_cases import drawing, finished, new_room, options_v3, paint_v3, start_job

from server.app import ROUTES


@pytest.fixture(scope="module")
def painted(server):
    """A room with a painting: `(room, step)`."""
    app = server[1]
    room = new_room(app, drawing())
    return room, finished(app, start_job(app, room)["job"])["result"]["id"]


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def send(app, request: malformed.Request, painted: tuple[str, str], number: int = 0) -> Reply:
    """Straight to the application: no library repairs what is wrong with the request."""
    room, step = painted
    path, _, query = request.path.replace("ROOM", room).replace("STEP", step).partition("?")
    body = request.body.replace(b"ROOM", room.encode()).replace(b"STEP", step.encode())
    environ = {
        "REQUEST_METHOD": request.method, "PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query,
        "SCRIPT_NAME": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": f"10.1.{number // 250}.{number % 250}", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(), "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value.encode("utf-8").decode("latin-1")
    started = []
    parts = app.app(environ, lambda status, headers, exc_info=None: started.append((status, headers)))
    body = b"".join(parts)
    status, headers = started[-1]
    assert all(text.isprintable() for pair in headers for text in pair), headers
    return Reply(int(status[:3]), dict(headers), body)


def complaint(reply) -> str | None:
    """What is wrong with an answer, or None."""
    if reply.status >= 500:
        return f"{reply.status}: {reply.text[:200]}"
    if reply.status < 400 or not reply.body:
        return None
    text = reply.text
    if reply.headers.get("Content-Type") == "application/json":
        text = json.loads(text)["error"]["message"]
    if not text.endswith(".") or "\n" in text or len(text) > 1600:
        return f"{reply.status} without a sentence: {text[:200]!r}"
    return None


def test_the_corpus_is_large_and_every_request_gets_an_answer(app, painted):
    corpus = malformed.requests()
    assert len(corpus) >= 1200
    wrong = {request.name: said for number, request in enumerate(corpus)
             if (said := complaint(send(app, request, painted, number)))}
    assert not wrong, json.dumps(wrong, indent=1)[:5000]


def test_every_damaged_file_is_a_picture_or_a_sentence(server, app, painted):
    corpus = list(malformed.uploads())
    assert len(corpus) >= 110
    wrong = {request.name: said for request in corpus if (said := complaint(send(app, request, painted)))}
    assert not wrong, json.dumps(wrong, indent=1)[:5000]
    assert server[0].pictures.state == server[0].painting.state == "ready"


@pytest.mark.parametrize("name", malformed.ROOM_FILES)
def test_a_bad_record_hides_itself_only(server, app, name):
    room = new_room(app, drawing())
    first = paint_v3(app, room, "x", options_v3()).text.split("_")[1]
    kept = finished(app, start_job(app, room)["job"])["result"]["id"]
    good = finished(app, start_job(app, room)["job"])["result"]["id"]
    folder = server[0].store.room(room).folder
    path = folder / name.replace("STEP", first if name.startswith("options") else kept)
    for data in malformed.ROOM_JSON:
        path.write_bytes(data)
        described = app.get(f"/api/v1/rooms/{room}")
        assert "NaN" not in described.text
        results = [result["id"] for result in described.json["results"]]
        assert good in results and len(results) >= 2
        for step in (first, kept, good):
            for end in (".png", ".psd", "/hints"):
                reply = app.get(f"/api/v1/rooms/{room}/results/{step}{end}", expect_errors=True)
                assert reply.status_int < 500, (data, step, end, reply.text)
            (folder / f".export.{step}.psd").unlink(missing_ok=True)
    assert finished(app, start_job(app, room)["job"])["state"] == "done"
    assert paint_v3(app, room, "x", options_v3()).text.startswith(room)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.text(max_size=3))
VALUES |= st.sampled_from([10**400, -1, 0, [[]], {"a": None}, ["inverted"], "auto", "colorization", "H1", [300, 300]])


@pytest.fixture(scope="module")
def lived_in(server):
    """A room with paintings of V3's client and of ours, its files of JSON as they were, and a good painting."""
    app = server[1]
    room = new_room(app, drawing())
    first = paint_v3(app, room, "x", options_v3()).text.split("_")[1]
    kept, good = (finished(app, start_job(app, room)["job"])["result"]["id"] for _ in range(2))
    folder = server[0].store.room(room).folder
    app.get(f"/api/v1/rooms/{room}/regions")
    names = [name.replace("STEP", first if name.startswith("options") else kept) for name in malformed.ROOM_FILES]
    paths = [path for name in (*names, ".regions.*.json") for path in folder.glob(name)]
    assert len(paths) >= 7, paths
    return room, kept, good, {path: path.read_bytes() for path in paths}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_json_in_a_room_leaves_the_rest_of_it_open(app, lived_in, data):
    room, kept, good, files = lived_in
    path = data.draw(st.sampled_from(sorted(files)))
    was = json.loads(files[path])
    keys = st.sampled_from(sorted(was)) if isinstance(was, dict) and was else st.just("id")
    wrong = data.draw(st.dictionaries(keys, VALUES, min_size=1, max_size=3))
    changed = {**was, **wrong} if isinstance(was, dict) else wrong
    path.write_text(json.dumps(changed))
    try:
        described = app.get(f"/api/v1/rooms/{room}").json
        assert good in [result["id"] for result in described["results"]]
        for end in (f"{kept}.png", f"{kept}.psd", f"{kept}/hints", f"{good}.jpg"):
            reply = app.get(f"/api/v1/rooms/{room}/results/{end}", expect_errors=True)
            assert reply.status_int < 500, (path.name, changed, end, reply.text)
        (path.parent / f".export.{kept}.psd").unlink(missing_ok=True)
        reply = app.get(f"/api/v1/rooms/{room}/regions", expect_errors=True)
        assert reply.status_int < 500, (path.name, changed, reply.text)
        job = start_job(app, room, hints=[{"x": 0.5, "y": 0.5, "color": "#f00"}])["job"]
        assert finished(app, job)["state"] == "done", (path.name, changed)
    finally:
        path.write_bytes(files[path])


SHARES = st.floats() | st.integers() | st.sampled_from([0, 0.5, 1, 10**400, "0.5", None, -0.0])
HINTS = st.fixed_dictionaries({}, optional={
    "x": SHARES, "y": SHARES, "color": st.sampled_from(["#fff", "f00", "#00000g", "rgb(1,2,3)"]) | VALUES,
    "kind": st.sampled_from(["exact", "draft"]) | VALUES, "unit": st.sampled_from(["share", "px"]) | VALUES,
})
ASKED = st.fixed_dictionaries({}, optional={
    "kind": st.sampled_from(["paint", "prepare", "preview", "lines", "suggest", "choices"]) | VALUES,
    "model": st.sampled_from(["style2paints", "auto-painter", "strokes"]) | VALUES,
    "method": st.sampled_from(["colorization", "rendering", "recolorization"]) | VALUES,
    "hints": st.lists(HINTS, max_size=3) | VALUES, "mix": SHARES, "zoom": SHARES, "shading": SHARES, "seed": VALUES,
    "count": VALUES, "reference": VALUES, "source": VALUES, "line_color": VALUES, "strokes": VALUES, "live": VALUES,
})


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=ASKED)
def test_any_job_is_taken_or_refused_with_a_sentence(app, painted, asked):
    kind, body = {"Content-Type": malformed.JSON}, json.dumps(asked).encode()
    reply = send(app, malformed.Request("job", "POST", "/api/v1/rooms/ROOM/jobs", body, kind), painted)
    assert complaint(reply) is None
    if reply.status == 202:
        job = json.loads(reply.body)["job"]
        app.delete(f"/api/v1/jobs/{job}")
        assert finished(app, job)["state"] in ("done", "failed", "cancelled")


def test_cookies_of_other_programs_are_not_ours_to_read(app):
    ours = "s2p_session=" + "a1" * 16
    for cookie in ("a/b=1; " + ours, ours + "; user@app=1", "a,b=1;" + ours):
        reply = app.get("/api/v1/status", headers={"Cookie": cookie})
        assert "Set-Cookie" not in reply.headers, cookie


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
KEYS = st.sampled_from(["kind", "hints", "x", "y", "color", "zoom", "url"])
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=9
)
BODIES = st.binary(max_size=200) | DATA.map(lambda data: json.dumps(data).encode())
WORDS = st.lists(st.text(alphabet="aR0.-_%é", min_size=1, max_size=12), min_size=3, max_size=3)
KINDS = st.sampled_from([malformed.JSON, malformed.FORM, malformed.MULTIPART, "x/y"])
STARTS = st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"II*\0"])
TABLE = st.sampled_from([route for route in ROUTES if not route.path.endswith("/events")])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=TABLE, body=BODIES, words=WORDS, kind=KINDS, query=st.text(max_size=12))
def test_every_route_answers_anything(app, painted, route, body, words, kind, query):
    path = route.open_path
    for name, word in zip(route.parameters, words):
        path = path.replace(f"{{{name}}}", malformed.quote(word, safe=""))
    path = f"{path}?size={malformed.quote(query)}"
    request = malformed.Request(path, route.method, path, body, {"Content-Type": kind})
    assert complaint(send(app, request, painted)) is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), start=STARTS)
def test_any_bytes_are_a_picture_or_a_sentence(app, painted, data, start):
    sketch = base64.b64encode(start + data).decode()
    body = malformed.urlencode({"room": "new", "step": "new", "sketch": sketch, "method": "rendering"}).encode()
    request = malformed.Request("sketch", "POST", "/upload_sketch", body, {"Content-Type": malformed.FORM})
    assert complaint(send(app, request, painted)) is None
