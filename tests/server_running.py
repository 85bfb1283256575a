"""What the tests of the real server process share: a started server, and how to speak to it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from server_cases import FAKE, PATIENCE, data_url, drawing, options_v3

ROOT = Path(__file__).resolve().parent.parent


class Running:
    """A started server and its address, as it prints it."""

    def __init__(
        self, base: Path, *arguments: str, script: Path = ROOT / "server" / "server.py", cwd: Path = ROOT,
        prefix: tuple[str, ...] = (), painter: str = FAKE, environment: dict[str, str] | None = None,
    ) -> None:
        self.base = base
        base.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self.process = subprocess.Popen(
            [sys.executable, *prefix, str(script), "--base", str(base), "--painter", painter, *arguments],
            cwd=cwd, env={**kept, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.errors: list[str] = []
        threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True).start()
        line = self.process.stdout.readline()
        match = re.search(r"http://[^ ]+:(\d+)/", line)
        if match is None:
            self.stop()
            raise AssertionError(f"no address in {line!r}: {''.join(self.errors)}")
        self.port = int(match[1])

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url(path), timeout=30) as reply:
            return reply.read()

    def post(self, path: str, fields: dict[str, str]) -> str:
        body = urllib.parse.urlencode(fields).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded;"}
        with urllib.request.urlopen(urllib.request.Request(self.url(path), body, headers), timeout=60) as reply:
            return reply.read().decode()

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, bytes]:
        """Status and body of the answer; 0 where the connection ends without one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body or None, {"Content-Type": kind})
            reply = connection.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.process.stdout.close()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def status(server: Running) -> dict:
    return json.loads(server.get("/api/v1/status"))


def wait_ready(server: Running) -> None:
    wait_for(lambda: status(server)["ready"], "the painter is not ready")


def upload(server: Running) -> tuple[str, str]:
    fields = {"room": "new", "step": "new", "sketch": data_url(drawing()), "method": "colorization"}
    room, step = server.post("/upload_sketch", fields).split("_")
    return room, step


def paint(server: Running, room: str, step: str, points: list | None = None) -> str:
    fields = {"room": room, "step": step, "reference": "none", "options": options_v3(points)}
    return server.post("/request_result", fields).split("_")[1]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
