"""What requests carry is counted before it is built, and nobody waits while it is read."""

from __future__ import annotations

import io
import json
import tracemalloc
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode

import gevent
import pytest
from bottle import request
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from server_cases import data_url, drawing, new_room, options_v3, paint_v3, post_v3

from s2p.errors import HintError, InputError, TooLargeError
from s2p.schema import MAX_HINTS, Hints
from server import bodies, compat

EMPTY_PART = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'


@pytest.fixture
def send():
    """Makes a body the one of the request that is read; gives its stream."""

    def bind(body: bytes, kind: str = "multipart/form-data; boundary=x", length: int | None = None) -> io.BytesIO:
        stream = io.BytesIO(body)
        request.bind({"wsgi.input": stream, "CONTENT_TYPE": kind, "REQUEST_METHOD": "POST",
                      "CONTENT_LENGTH": str(len(body) if length is None else length)})
        return stream

    return bind


def test_the_seventeenth_part_ends_the_reading(send):
    stream = send(EMPTY_PART * 600_000 + b"--x--\r\n")
    with pytest.raises(InputError, match="cannot be read"):
        bodies.read_form()
    assert stream.tell() <= 1 << 16


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded;", "multipart/form-data; boundary=x"])
def test_a_large_form_lies_on_disk_until_it_is_whole(send, kind):
    """Hundreds may come slowly at the same time, ten megabytes each."""
    head = b'--x\r\nContent-Disposition: form-data; name="sketch"\r\n\r\n' if "multi" in kind else b"sketch="
    send(b"", kind, length=9_000_000)
    held: list[int] = []

    class Slow:
        def read(self, length):
            held.append(tracemalloc.get_traced_memory()[0])
            return (head + bytes(length))[:length] if len(held) == 1 else bytes(length)

    request.environ["wsgi.input"] = Slow()
    tracemalloc.start()
    try:
        try:
            bodies.read_fields()
        except InputError:
            assert "multi" in kind  # it has no end
        assert max(held) < 3_000_000 and len(held) > 100
    finally:
        tracemalloc.stop()


def test_a_picture_is_not_held_while_its_job_waits(server, app, monkeypatch):
    given = []

    def run(kind, room, task, **_):
        given.append(picture.closed)
        raise InputError("It is refused.")

    picture = io.BytesIO(drawing())
    monkeypatch.setattr(server[0], "run_picture_task", run)
    monkeypatch.setattr("server.compat.io", SimpleNamespace(BytesIO=lambda data: picture))
    form = {"room": "new", "step": "new", "sketch": data_url(drawing()), "method": "colorization"}
    post_v3(app, "/upload_sketch", form, status=400)
    assert given == [True]


@pytest.mark.parametrize("unit", [b"\r\n", b"\r\n\r", b"\r\n--", b"\r\n--y", b"--x"])
def test_a_file_of_line_ends_comes_whole_and_others_have_their_turn_meanwhile(send, unit):
    data, turns = unit * (1_500_000 // len(unit)), []
    send(FILE + data + b"\r\n--x--\r\n")

    def count() -> None:
        while True:
            turns.append(1)
            gevent.sleep(0.0005)

    other = gevent.spawn(count)
    form = bodies.read_form()
    other.kill()
    assert form.file is not None
    with form.file:
        assert form.file.read() == data
    assert len(turns) >= len(data) >> 17


def test_texts_and_the_file_of_a_form(send):
    text = 'Content-Disposition: form-data; name="name"\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nネコ\r\n'
    other = FILE.replace(b'name="file"', b'name="other"') + b"nobody asked\r\n"
    send(b"--x\r\n" + text.encode() + other + FILE + b"picture\r\n--x--\r\nepilogue")
    form = bodies.read_form()
    assert form.fields == {"name": "ネコ"}
    assert form.file is not None
    assert (form.file.read(), form.file_name) == (b"picture", "a.png")
    form.file.close()


def test_a_form_that_ends_too_early_or_has_long_texts_is_refused(send):
    send(FILE + b"half of it")
    with pytest.raises(InputError):
        bodies.read_form()
    send(FILE, length=5000)
    with pytest.raises(InputError, match="too early"):
        bodies.read_form()
    send(EMPTY_PART[:-2] + b"x" * 5000 + b"\r\n--x--")
    with pytest.raises(TooLargeError):
        bodies.read_form()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.dictionaries(st.text(min_size=1, max_size=9), st.text(max_size=30), max_size=8))
@example(pairs={"a": "%" * 30_000 + "ネ" * 9_000})
def test_escapes_are_read_as_python_reads_them(send, pairs):
    body = urlencode(pairs).encode()
    send(body, "application/x-www-form-urlencoded;")
    assert bodies.read_fields() == dict(parse_qsl(body.decode(), keep_blank_values=True))


@pytest.mark.parametrize("text", [
    '{"points":[' + ",".join(["[0,0,0,0,0,0]"] * (MAX_HINTS + 65)) + "]}", "[" * 200_000,
    '{"a":"' + "x" * 1_000_000 + '"}',
])
def test_options_that_are_too_much_are_refused_unread(monkeypatch, text):
    monkeypatch.setattr(compat.json, "loads", lambda _: pytest.fail("they are read"))
    with pytest.raises(TooLargeError):
        compat.read_options(text)


def test_the_most_hints_there_may_be_pass_both_protocols(app):
    room = new_room(app, drawing())
    points = [[0.1234567890123456, 0.9876543210987654, 255, 255, 255, 2]] * MAX_HINTS
    assert paint_v3(app, room, "x", options_v3(points)).text.startswith(room)
    assert "4096" in paint_v3(app, room, "x", options_v3([*points, points[0]]), status=400).text
    hints = [{"x": 0.1234567890123456, "y": 0.9876543210987654, "color": "#ffffff", "kind": "exact"}] * MAX_HINTS
    app.post_json(f"/api/v1/rooms/{room}/jobs", {"hints": hints}, status=202)
    app.post_json(f"/api/v1/rooms/{room}/jobs", {"hints": [*hints, hints[0]]}, status=400)


def test_hints_are_counted_before_any_is_built(monkeypatch):
    monkeypatch.setattr("s2p.hints.read_hint", lambda *_: pytest.fail("one is built"))
    for data in ({"hints": [{}] * 4097}, [{}] * 4097, {"points": [[0] * 6] * 4097}):
        with pytest.raises(HintError, match="4096"):
            Hints.from_data(data)


@pytest.mark.parametrize("body", [
    b'{"hints":[' + b"{}," * 330_000 + b"{}]}", b'{"hints":[' + b"1," * 400_000 + b"1]}", b"[" * 900_000,
    json.dumps({f"k{number}": 1 for number in range(70_000)}).encode(),
])
def test_what_holds_too_many_values_is_refused_unread(app, monkeypatch, body):
    room = new_room(app, drawing())
    monkeypatch.setattr(bodies, "from_json", lambda _: pytest.fail("it is read"))
    reply = app.post(f"/api/v1/rooms/{room}/jobs", body, content_type="application/json", status=400)
    assert "too many values" in reply.json["error"]["message"]


def test_unknown_keys_are_not_told_one_by_one(app):
    jobs = f"/api/v1/rooms/{new_room(app, drawing())}/jobs"
    keys = {f"k{number}": number for number in range(50_000)}
    for asked in (keys, {"hints": [keys]}, {"hints": [{"x" * 100_000: 1}]}, {"y" * 100_000: 1}):
        message = app.post_json(jobs, asked, status=400).json["error"]["message"]
        assert len(message) < 300


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=20,
))
def test_any_json_is_options_or_a_sentence(data):
    try:
        compat.options_from_v3(compat.read_options(json.dumps(data)))
    except InputError as error:
        assert len(str(error)) < 300
