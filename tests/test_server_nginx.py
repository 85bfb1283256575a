"""`server/nginx.conf` before a real server: large uploads, streams that come at once, what it tells of visitors."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import contextmanager
from urllib.parse import urljoin

import pytest
import reverse_proxies
from server_cases import drawing
from server_fakes import ENDLESS
from server_running import Running, wait_ready

pytestmark = pytest.mark.slow

MULTIPART = "multipart/form-data; boundary=x"
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bmp"\r\n\r\n'
API = "/paint/api/v1"


class Site:
    """A site whose folder `/paint/` is a server."""

    def __init__(self, server: Running, port: int) -> None:
        self.server, self.port = server, port

    @contextmanager
    def asked(self, method: str, path: str, body: bytes = b"", kind: str = "application/json", **headers: str):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body or None, {"Content-Type": kind, "Host": "localhost", **headers})
            yield connection.getresponse()
        finally:
            connection.close()

    def ask(self, *words, **headers: str) -> tuple[int, bytes]:
        with self.asked(*words, **headers) as reply:
            return reply.status, reply.read()

    def room(self, data: bytes, **headers: str) -> str:
        status, answer = self.ask("POST", f"{API}/rooms", HEAD + data + b"\r\n--x--\r\n", MULTIPART, **headers)
        assert status == 201, answer
        return json.loads(answer)["room"]


@pytest.fixture(scope="module", params=[True, False], ids=["stripped", "whole"])
def site(request, tmp_path_factory):
    base, port = tmp_path_factory.mktemp("nginx"), reverse_proxies.free_port()
    (base / "config.ini").write_text(
        "[server]\npublic_url = http://localhost/paint/\ntrusted_proxies = 127.0.0.1\nupload_megabytes = 64\n"
    )
    with Running(base, "--port", "0") as server:
        wait_ready(server)
        with reverse_proxies.nginx(base, port, server.port, strips=request.param):
            yield Site(server, port)


def bitmap(width: int, height: int) -> bytes:
    """A BMP of white paper, three bytes to a pixel; the width is a multiple of four."""
    size = width * height * 3
    numbers = (40, width, height, 1 | 24 << 16, 0, size, 2835, 2835, 0, 0)
    header = b"BM" + (54 + size).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    return header + b"".join(number.to_bytes(4, "little") for number in numbers) + b"\xff" * size


def test_an_upload_of_sixty_four_megabytes_passes(site):
    data = bitmap(5000, 4266)
    assert 63.9e6 < len(data) <= 64e6
    room = site.room(data)
    status, answer = site.ask("GET", f"{API}/rooms/{room}")
    assert status == 200 and (json.loads(answer)["width"], json.loads(answer)["height"]) == (5000, 4266)


def test_a_larger_one_is_refused_by_the_server_in_its_own_words(site):
    status, answer = site.ask("POST", f"{API}/rooms", HEAD + bytes(66_000_000) + b"\r\n--x--\r\n", MULTIPART)
    assert status == 413 and "at most 64.1 MB" in json.loads(answer)["error"]["message"]


def test_progress_comes_while_the_job_runs(site):
    room = site.room(drawing())
    asked = {"hints": [{"x": 0.5, "y": 0.5, "color": ENDLESS, "kind": "draft"}]}
    with site.asked("POST", f"{API}/rooms/{room}/jobs", json.dumps(asked).encode()) as reply:
        job = urljoin(f"{API}/rooms/{room}/jobs", reply.headers["Location"])
    assert job.startswith(f"{API}/jobs/"), job
    with site.asked("GET", f"{job}/events") as stream:
        seen = b""
        while b'"stage": "draft"' not in seen:  # which it would never see, were it held back: the job has no end
            seen += stream.read1(1 << 16)
        assert json.loads(site.ask("DELETE", job)[1])["job"] in job
        while b"event: end" not in seen:
            seen += stream.read1(1 << 16)
    assert b"cancelled" in seen


def test_a_visitor_from_elsewhere_is_a_guest_although_the_proxy_is_at_home(site):
    room = site.room(drawing(), **{"X-Forwarded-For": "198.51.100.7"})
    mark = json.loads((site.server.base / "game" / "rooms" / room / ".s2p.json").read_text())
    assert mark["is_guest"] is True


def test_the_folder_without_its_slash_leads_to_the_page(site):
    with site.asked("GET", "/paint") as reply:
        assert reply.status in (301, 303) and reply.headers["Location"].endswith("/paint/")
    assert site.ask("GET", "/")[0] == 404, "nothing of it lies beside its folder"
    status, answer = site.ask("GET", "/paint/")
    assert status == 200 and b"<html" in answer


def test_three_hundred_streams_of_one_visitor_shut_out_nobody_else(site):
    room, streams = site.room(drawing()), []
    asked = {"hints": [{"x": 0.5, "y": 0.5, "color": ENDLESS, "kind": "draft"}]}
    job = json.loads(site.ask("POST", f"{API}/rooms/{room}/jobs", json.dumps(asked).encode())[1])["job"]
    try:
        for _ in range(300):
            one = socket.create_connection(("127.0.0.1", site.port), timeout=30, source_address=("127.0.0.2", 0))
            streams.append(one)
            one.sendall(f"GET {API}/jobs/{job}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        said = [one.recv(12) for one in streams]
        assert said.count(b"HTTP/1.1 200") == 64 and said.count(b"HTTP/1.1 503") == 236
        assert site.ask("GET", "/paint/")[0] == 200
    finally:
        site.ask("DELETE", f"{API}/jobs/{job}")
        for one in streams:
            one.close()
