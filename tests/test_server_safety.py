"""Who may speak to the server, and what it does with what nobody should send."""

from __future__ import annotations

import io
import json
import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from malformed import bomb
from server_cases import drawing, finished, new_room, options_v3, paint_v3, running, start_job, upload_v3

from s2p.errors import InputError, S2PError
from server import sample_rooms
from server.rooms import LOOK, MARK
from server.security import CLIENT_POLICY, host_name, is_own_host, is_same_origin
from server.store import Store

SERVER = {"ini": "[server]\nallowed_hosts = studio.example\nupload_megabytes = 1\nmillion_pixels = 1\n"}


@pytest.mark.parametrize("host", ["localhost", "localhost:8232", "127.0.0.1:80", "[::1]:8232", "192.168.1.7:8232",
                                  "paint.localhost", "studio.example:443", "LOCALHOST"])
def test_own_names_are_answered(app, host):
    assert app.get("/api/v1/status", headers={"Host": host}).status_int == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil@localhost",
                                  "localhost:x", "127.0.0.1/x", "studio.example.evil"])
def test_other_names_are_refused_so_that_no_name_can_be_rebound(app, host):
    assert not is_own_host(host, ("studio.example",))
    assert "name" in app.get("/api/v1/status", headers={"Host": host}, status=403).json["error"]["message"]
    app.get("/", headers={"Host": host}, status=403)


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:9999"}, {"Origin": ""},
    {"Origin": "file://"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
])
def test_posts_of_other_pages_are_refused(app, headers):
    headers = {"Host": "localhost:8232", **headers}
    app.post("/get_sample_list", {}, headers=headers, status=403)
    app.post("/api/v1/rooms", upload_files=[("file", "a.png", drawing())], headers=headers, status=403)
    app.delete("/api/v1/rooms/Nov21", headers=headers, status=403)


@pytest.mark.parametrize("method", ["post", "pOST"])
def test_what_is_posted_in_small_letters_is_posted(app, method):
    path, too_much = "/api/v1/rooms", {"Content-Type": "multipart/form-data; boundary=x"}
    app.request("/get_sample_list", method=method, headers={"Origin": "http://evil.example"}, status=403)
    app.request(path, method=method, body=b"x" * 1_100_000, headers=too_much, status=413)


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost:8232"}, {"Origin": "https://localhost:8232"},
                                     {"Sec-Fetch-Site": "same-origin"}])
def test_posts_of_our_pages_and_of_programs_pass(app, headers):
    assert app.post("/get_sample_list", {}, headers={"Host": "localhost:8232", **headers}).text == "[]"


def test_safe_headers_are_on_every_answer_and_the_client_may_load_nothing_foreign(app):
    for path, status in (("/", 200), ("/api/v1/status", 200), ("/nothing", 404)):
        assert app.get(path, status=status).headers["X-Content-Type-Options"] == "nosniff"
    assert app.get("/s2p/").headers["Content-Security-Policy"] == CLIENT_POLICY
    assert "http" not in CLIENT_POLICY
    assert app.get("/s2p/js/api.js").headers["Content-Security-Policy"] == CLIENT_POLICY


def test_oversized_uploads_are_413(app):
    reply = app.post("/api/v1/rooms", upload_files=[("file", "a.png", b"x" * 1_100_000)], status=413)
    assert reply.json["error"]["code"] == "too_large"
    app.post("/api/v1/rooms/Nov21/jobs", b"x" * 2_000_001, content_type="application/json", status=413)


@pytest.mark.parametrize("length", ["-1", "abc", "1e3"])
def test_lengths_that_are_no_numbers_are_400(app, length):
    app.post("/get_sample_list", b"", headers={"Content-Length": length}, status=400)


def test_bodies_without_a_length_are_411(app):
    app.post("/get_sample_list", b"x=1", headers={"Transfer-Encoding": "chunked"}, status=411)


@pytest.mark.parametrize("size", [(30_000, 30_000), (1001, 1000), (100_000, 1)])
def test_the_declared_size_is_checked_before_decoding(server, app, size):
    before = set(server[0].store.rooms_folder.iterdir())
    reply = app.post("/api/v1/rooms", upload_files=[("file", "a.png", bomb(*size))], status=413)
    assert "pixels" in reply.json["error"]["message"]
    assert set(server[0].store.rooms_folder.iterdir()) == before


@pytest.mark.parametrize("data", [b"<svg/>", b"GIF89a", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n", bomb(10, 10), b"\0" * 4096,
                                  drawing()[:60]])
def test_wrong_and_damaged_files_are_400(app, data):
    error = app.post("/api/v1/rooms", upload_files=[("file", "../../etc/x.png", data)], status=400).json["error"]
    assert error["message"].endswith(".")


def test_own_room_ids_cannot_be_guessed(app):
    numbers = {new_room(app, drawing()).split("R")[1] for _ in range(5)}
    assert len(numbers) == 5
    assert all(len(number) >= 14 for number in numbers)
    assert len(start_job(app, new_room(app, drawing()))["job"]) == 32


def test_the_name_of_a_file_never_becomes_a_path(server, app):
    room = new_room(app, drawing(), name="../../../../tmp/evil.png")
    folder = server[0].store.room(room).folder
    assert {path.name for path in folder.iterdir()} == {MARK, LOOK, ".upload", "sketch.original.jpg"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(room=st.one_of(st.text(max_size=80), st.from_regex(r"(\.\.[/\\]?){1,4}[a-z]*", fullmatch=True)),
       step=st.text(max_size=40))
def test_no_text_from_outside_leaves_the_rooms_folder(server, room, step):
    store = server[0].store
    try:
        found = store.room(room)
    except InputError:
        return
    assert found.folder.parent == store.rooms_folder
    assert room.isalnum()
    try:
        sample_rooms.save(store, found, step)
    except S2PError:
        assert not step.isalnum()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.one_of(st.text(alphabet="./\\cdfgion ~\0:\xa0", max_size=40), st.text(max_size=20)),
       root=st.sampled_from(["/", "/s2p/", "/rooms/", "/api/v1/rooms/x/files/"]))
def test_no_path_serves_a_file_from_outside(app, root, path):
    environ = {"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "SERVER_NAME": "x",
               "SERVER_PORT": "80", "wsgi.url_scheme": "http",
               "PATH_INFO": (root + path).encode("utf-8", "surrogatepass").decode("latin-1")}
    statuses = []
    body = b"".join(app.app(environ, lambda status, headers, exc_info=None: statuses.append(int(status[:3]))))
    assert statuses[0] in (200, 302, 303, 400, 403, 404)
    assert b"allowed_hosts" not in body


@settings(max_examples=100, deadline=None)
@given(host=st.text(max_size=40))
def test_any_host_header_is_answered_without_an_accident(host):
    assert is_own_host(host, ()) in (True, False)
    assert host_name(host) is None or "@" not in host
    assert not is_own_host("", ()) and not is_own_host("[::1", ())


def test_an_origin_equals_the_host_with_or_without_the_usual_port():
    environ = {"HTTP_ORIGIN": "http://localhost", "HTTP_HOST": "localhost:80"}
    assert is_same_origin(environ)
    assert is_same_origin({"HTTP_ORIGIN": "https://paint.example", "HTTP_HOST": "paint.example:443"})
    assert not is_same_origin({"HTTP_ORIGIN": "http://localhost:81", "HTTP_HOST": "localhost"})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), kind=st.sampled_from([
    "application/x-www-form-urlencoded;", "multipart/form-data; boundary=x", "multipart/form-data;;;", ";", "x/y",
]))
def test_any_form_is_answered_with_a_sentence(app, body, kind):
    for route in ("/upload_sketch", "/request_result", "/save_as_sample"):
        reply = app.request(route, method="POST", body=body, content_type=kind, expect_errors=True)
        assert 400 <= reply.status_int < 500
        assert reply.text


def test_too_many_fields_are_refused(app):
    body = "&".join(f"a{i}=1" for i in range(100))
    app.post("/upload_sketch", body, content_type="application/x-www-form-urlencoded", status=400)


# Storage --------------------------------------------------------------------------------------------------------------


def test_a_full_disk_fails_the_request_with_a_sentence_and_later_ones_pass(app, monkeypatch):
    room, step = upload_v3(app, drawing())

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("server.store.os.replace", full)
        reply = app.post("/api/v1/rooms", upload_files=[("file", "a.png", drawing())], status=507)
        assert "no space left" in reply.json["error"]["message"]
        assert "no space left" in paint_v3(app, room, step, options_v3(), status=507).text
    assert paint_v3(app, room, step, options_v3()).text.startswith(room)


@pytest.mark.skipif(not hasattr(os, "chattr") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_room_fails_its_job(server, app):
    room = new_room(app, drawing())
    folder = server[0].store.room(room).folder
    folder.chmod(0o555)
    try:
        assert finished(app, start_job(app, room)["job"])["state"] == "failed"
    finally:
        folder.chmod(0o755)


def test_a_room_that_cannot_be_written_fails_its_job_only(server, app):
    """Works for root too: a folder lies where the worker has to write a file."""
    room = new_room(app, drawing())
    (server[0].store.room(room).folder / "sketch.improved.jpg").mkdir()
    job = finished(app, start_job(app, room)["job"])
    assert job["state"] == "failed"
    assert "cannot be written" in job["error"]["message"]
    assert finished(app, start_job(app, new_room(app, drawing()))["job"])["state"] == "done"


def test_little_free_space_refuses_uploads(server, app, monkeypatch):
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr("server.store.shutil.disk_usage", lambda _: usage)
    assert "1 MB" in app.post("/api/v1/rooms", upload_files=[("file", "a.png", drawing())], status=507).text


def test_old_and_excess_rooms_of_ours_go_but_no_others(tmp_path):
    store = Store(tmp_path)
    store.create_folders()
    mine = [store.new_room()[0] for _ in range(5)]
    theirs = store.rooms_folder / "Apr19H22M03S00R696"
    theirs.mkdir()
    os.utime(theirs, (0, 0))
    for age, room in enumerate(mine):
        os.utime(room.file(MARK), (time.time() - age * 86_400,) * 2)
    assert store.clean(max_rooms=0, max_days=0) == []
    assert store.clean(max_rooms=0, max_days=3.5, busy={mine[4].id}) == []
    assert store.clean(max_rooms=0, max_days=3.5) == [mine[4].id]
    assert set(store.clean(max_rooms=2, max_days=0)) == {mine[2].id, mine[3].id}
    assert theirs.is_dir()
    store.use(mine[1])
    assert store.clean(max_rooms=1, max_days=0) == [mine[0].id]


def test_files_appear_whole_and_leave_no_rest(tmp_path, monkeypatch):
    from s2p.files import write_whole

    target = tmp_path / "a.json"
    write_whole(target, b"old")

    def broken(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("server.store.os.replace", broken)
    with pytest.raises(S2PError, match="cannot be written"):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_damaged_description_does_not_hide_the_other_results(server, app):
    room = new_room(app, drawing())
    good = finished(app, start_job(app, room)["job"])["result"]
    folder = server[0].store.room(room).folder
    (folder / "options.X1.json").write_text("{")
    (folder / "result.X1.jpg").write_bytes(b"")
    assert app.get(f"/api/v1/rooms/{room}").json["results"] == [good]


def test_uploads_keep_no_metadata_in_answers(app):
    from PIL import Image

    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a secret note"
    Image.new("RGB", (20, 20), "white").save(buffer, "JPEG", exif=exif)
    room = new_room(app, buffer.getvalue())
    assert b"secret" not in app.get(f"/rooms/{room}/sketch.original.jpg").body
    assert json.loads(app.get(f"/api/v1/rooms/{room}").text)["width"] == 20


# Pictures from the web ------------------------------------------------------------------------------------------------


def test_web_addresses_are_opened_only_when_switched_on(tmp_path):
    fetched = []

    def fetch(url, *, max_bytes):
        fetched.append((url, max_bytes))
        return drawing(size=(30, 20)) if url.endswith(".png") else b"<html>secret of another server</html>"

    with running(tmp_path, fetch=fetch) as (service, app):
        link = {"url": "https://a.example/art/my%20cat.png"}
        assert app.get("/api/v1/status").json["allow_url"] is False
        assert "opens no web addresses" in app.post_json("/api/v1/rooms", link, status=403).json["error"]["message"]
        assert fetched == []

        service.configuration.ini.write_text("[server]\nallow_url = True\nupload_megabytes = 2\n")
        assert app.get("/api/v1/status").json["allow_url"] is True
        room = app.post_json("/api/v1/rooms", link, status=201).json
        assert (room["name"], room["width"], room["height"]) == ("my cat.png", 30, 20)
        assert fetched == [(link["url"], 2_000_000)]
        before = len(list(service.store.rooms_folder.iterdir()))
        refused = app.post_json("/api/v1/rooms", {"url": "https://a.example/page"}, status=400).json["error"]["message"]
        assert "secret" not in refused
        for body in ({}, {"url": ""}, {"url": 7}, {**link, "headers": {}}, [link]):
            app.post_json("/api/v1/rooms", body, status=400)
        app.post_json("/api/v1/rooms", link, headers={"Origin": "http://evil.example"}, status=403)
        assert len(list(service.store.rooms_folder.iterdir())) == before
        assert len(fetched) == 2


def test_the_real_fetcher_refuses_this_computer(tmp_path):
    with running(tmp_path, ini="[server]\nallow_url = yes\n") as (_, app):
        for address in ("http://127.0.0.1/", "http://localhost/api/v1/status", "http://[::1]/", "http://169.254.169.254/"):
            said = app.post_json("/api/v1/rooms", {"url": address}, status=400).json["error"]["message"]
            assert "not a public address" in said
