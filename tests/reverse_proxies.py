"""Reverse proxies that show a server in the folder `/paint/` of a site, and nothing of it anywhere else."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

FOLDER = "/paint/"
EXAMPLE = Path(__file__).resolve().parent.parent / "server" / "nginx.conf"
_NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/example.conf;
}}
"""


def _example(port: int, behind: int, *, strips: bool) -> str:
    """Our example with other ports and the name that this computer calls itself."""
    text = EXAMPLE.read_text()
    inner = f"127.0.0.1:{behind}{'/' if strips else ''};"
    for said, meant in (("listen 80;", f"listen 127.0.0.1:{port};"), ("127.0.0.1:8232;", inner),
                        ("server_name art.example;", "server_name localhost;")):
        assert said in text, said
        text = text.replace(said, meant)
    return text


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def nginx(base: Path, port: int, behind: int, *, strips: bool) -> Iterator[None]:
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.skip("there is no nginx on this machine")
    settings = base / "nginx.conf"
    settings.write_text(_NGINX.format(folder=base))
    (base / "example.conf").write_text(_example(port, behind, strips=strips))
    with (base / "nginx.txt").open("w") as log:
        process = subprocess.Popen([program, "-p", str(base), "-c", str(settings)], stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def small(base: Path, port: int, behind: int, *, strips: bool) -> Iterator[None]:
    """A proxy of forty lines; passes on the name of the site, and what comes as it comes."""

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # an answer ends with its connection

        def do_GET(self) -> None:
            if not self.path.startswith(FOLDER):
                self.send_error(404, "another page of this site")
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            told |= {"Host": f"127.0.0.1:{behind}", "X-Forwarded-Host": self.headers["Host"],
                     "X-Forwarded-For": self.client_address[0], "X-Forwarded-Proto": "http", "Connection": "close"}
            connection = http.client.HTTPConnection("127.0.0.1", behind, timeout=120)
            connection.request(self.command, self.path[len(FOLDER) - 1:] if strips else self.path, body or None, told)
            reply = connection.getresponse()
            self.send_response(reply.status)
            for name, value in reply.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            self.end_headers()
            while piece := reply.read1(1 << 16):
                self.wfile.write(piece)
                self.wfile.flush()
            connection.close()

        do_POST = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Passing)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            threading.Event().wait(0.05)
    raise AssertionError("the proxy does not answer")
