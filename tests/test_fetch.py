"""Pictures from the web: what may be opened, what is refused, and that nothing lasts for ever.

A server on this computer stands for the web; the tests say so in every call (`is_allowed`, `ports`).
"""

from __future__ import annotations

import io
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from PIL import Image

from s2p import fetch
from s2p.cli.files import Task, plan
from s2p.errors import TooLargeError
from s2p.fetch import FetchError, fetch_picture, is_public


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (12, 8), "#3050c0").save(buffer, "PNG")
    return buffer.getvalue()


PNG = _png()


class Web(BaseHTTPRequestHandler):
    """Answers by the path."""

    seen: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        Web.seen.append((self.path, self.headers.get("Host")))
        name, _, rest = self.path.strip("/").partition("/")
        getattr(self, f"_{name}", self._missing)(rest)

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for key, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _missing(self, rest: str) -> None:
        self._say(404)

    def _picture(self, rest: str) -> None:
        self._say(200, PNG, Content_Type="image/png")

    def _page(self, rest: str) -> None:
        self._say(200, b"<html>", Content_Type="text/html; charset=utf-8")

    def _hop(self, rest: str) -> None:
        left = int(rest)
        self._say(302, Location=f"/hop/{left - 1}" if left else "/picture")

    def _away(self, rest: str) -> None:
        self._say(301, Location="http://inner.example/secret")

    def _file(self, rest: str) -> None:
        self._say(302, Location="file:///etc/passwd")

    def _nowhere(self, rest: str) -> None:
        self._say(302)

    def _squeezed(self, rest: str) -> None:
        self._say(200, PNG, Content_Type="image/png", Content_Encoding="gzip")

    def _large(self, rest: str) -> None:
        self._say(200, PNG, Content_Length="999999999")

    def _endless(self, rest: str) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(1 << 16))
        except OSError:
            pass

    def _drip(self, rest: str) -> None:
        """Never pauses for long, and never comes to an end."""
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(200):
                self.wfile.write(b".")
                time.sleep(0.05)
        except OSError:
            pass

    def _cut(self, rest: str) -> None:
        self._say(200, PNG, Content_Length=str(len(PNG) + 10))
        self.close_connection = True

    def _empty(self, rest: str) -> None:
        self._say(200)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def here(web: int, path: str, **options: Any) -> bytes:
    """Fetches from the test's own server, under a name that resolves to it."""
    Web.seen.clear()
    given = {
        "resolver": lambda host, port: ["10.0.0.7" if host == "inner.example" else "127.0.0.1"],
        "is_allowed": lambda address: address.is_loopback, "ports": (web, 80), "seconds": 20.0, **options,
    }
    return fetch_picture(f"http://pictures.example:{web}/{path}", **given)


def test_a_picture_is_fetched_and_the_name_is_kept_for_the_server(web):
    assert here(web, "picture/a%20b ü.png?x=1".replace(" ", "%20")) == PNG
    assert Web.seen == [("/picture/a%20b%20%C3%BC.png?x=1", f"pictures.example:{web}")]


@pytest.mark.parametrize(("path", "said"), [
    ("missing", "error 404"), ("page", "a page at this address"), ("nowhere", "leads on to nowhere"),
    ("squeezed", "was not asked for"), ("cut", "did not arrive whole"), ("empty", "nothing at this address"),
    ("away", "'inner.example' is not a public address"), ("file", "begin with http"),
])
def test_whatever_is_no_picture_is_refused_in_a_sentence(web, path, said):
    with pytest.raises(FetchError, match=said):
        here(web, path)
    assert len(Web.seen) == 1, "nothing else was opened"


def test_five_redirects_are_followed_and_a_sixth_is_not(web):
    assert here(web, "hop/4") == PNG
    assert len(Web.seen) == 6
    with pytest.raises(FetchError, match="more than 5 times"):
        here(web, "hop/5")


@pytest.mark.parametrize("path", ["large", "endless"])
def test_large_files_are_not_read_to_their_end(web, path):
    started = time.monotonic()
    with pytest.raises(TooLargeError, match=r"at most 0\.2 MB"):
        here(web, path, max_bytes=200_000)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("path", ["drip", "hop/3"])
def test_the_time_limit_is_for_the_whole(web, path):
    started = time.monotonic()
    slow = {"resolver": lambda host, port: time.sleep(0.2) or ["127.0.0.1"]} if path != "drip" else {}
    with pytest.raises(FetchError, match="in time"):
        here(web, path, seconds=0.5, **slow)
    assert time.monotonic() - started < 5, "a server that drips must not hold us"


def test_a_name_that_is_never_found_out_does_not_hold_us():
    with pytest.raises(FetchError, match="in time"):
        fetch_picture("http://a.example/", resolver=lambda host, port: time.sleep(30) or [], seconds=0.2)


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1",
    "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2001:0:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public_are_refused(address):
    assert not is_public(ipaddress.ip_address(address))
    for found in ([address], ["93.184.216.34", address], [f"{address}%eth0"] if ":" in address else [address]):
        with pytest.raises(FetchError, match="not a public address"):
            fetch_picture("https://a.example/x.png", resolver=lambda host, port, found=found: found)


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", [
    "localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f000001", "127.1", "[::ffff:7f00:1]",
])
def test_this_computer_is_refused_however_it_is_written(host):
    with pytest.raises(FetchError):
        fetch_picture(f"http://{host}/", seconds=5)


def test_the_connection_goes_to_the_address_that_was_checked(web, monkeypatch):
    """A name that changes its mind (DNS rebinding) is asked once for every address that is opened."""
    asked, opened = [], []
    connect = socket.create_connection

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    def create_connection(address: Any, **options: Any) -> Any:
        opened.append(address)
        return connect(("127.0.0.1", web), **options)

    monkeypatch.setattr(fetch.socket, "create_connection", create_connection)
    assert fetch_picture("http://a.example/picture", resolver=resolver) == PNG
    assert asked == ["a.example"]
    assert opened == [("93.184.216.34", 80)]


def test_https_asks_for_the_name_and_refuses_a_stranger(web, monkeypatch):
    names = []
    monkeypatch.setattr(fetch.socket, "create_connection", lambda *_, **__: socket.create_server(("127.0.0.1", 0)))

    class Context:
        def wrap_socket(self, plain: socket.socket, *, server_hostname: str, do_handshake_on_connect: bool) -> Any:
            names.append(server_hostname)
            plain.close()
            raise fetch.ssl.SSLCertVerificationError("stranger")

    monkeypatch.setattr(fetch.ssl, "create_default_context", Context)
    with pytest.raises(FetchError, match="certificate is not valid"):
        fetch_picture("https://a.example/", resolver=lambda host, port: ["93.184.216.34"])
    assert names == ["a.example"]


@pytest.mark.parametrize("url", [
    "", "cat.png", "ftp://a.example/", "file:///etc/passwd", "http://", "http:///x", "http://a.example:22/",
    "http://a.example:8080/", "http://a.example:0/", "http://user:word@a.example/", "http://a.example/\r\nX: 1",
    "http://a.example/a b", "http://a.example\\@b.example/", "http://[::1/", "http://a.example:x/",
    "http://" + "a" * 5000, "gopher://a.example/", "http://" + "a" * 70 + ".example/",
])
def test_addresses_that_are_none_are_refused_before_anything_is_asked(url):
    def never(host: str, port: int) -> list[str]:
        raise AssertionError("a name was looked up")

    with pytest.raises(FetchError) as told:
        fetch_picture(url, resolver=never)
    assert str(told.value).endswith(".")


# The command line -----------------------------------------------------------------------------------------------------


def test_web_addresses_are_pictures_of_the_command_line():
    words = ["https://a.example/art/cat.jpeg?size=2", "https://b.example/", "HTTP://a.example/%2e%2e%2fx%20y.png"]
    tasks = plan(words, "out/", writable=[".png"])
    assert [task.source for task in tasks] == words
    assert [task.target.name for task in tasks] == ["cat.png", "picture.png", "x-y.png"]
    assert all(task.target.parent.name == "out" for task in tasks)
    assert tasks[0].name == words[0]
    assert plan(words[:1], "one.png", writable=[".png"])[0].target.name == "one.png"


def test_a_task_fetches_its_picture_when_it_is_its_turn(monkeypatch):
    monkeypatch.setattr(fetch, "fetch_picture", lambda url: PNG if url == "https://a.example/cat.png" else b"")
    assert Task("https://a.example/cat.png", None).open() == PNG
