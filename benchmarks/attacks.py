"""How long others wait while somebody sends a server what nobody should send.

    python benchmarks/attacks.py [NAME ...]

Starts a server with a painter that paints nothing, in a folder of its own. An attacker in another process does the same
thing again and again for some seconds, and all the while the page is asked for. Prints, for every attack, the CPU
seconds of the HTTP process that one round took (without those of the page), how long a round took, what the attacker
was answered last, and the 50th and 95th percentile and the longest time of `GET /` in milliseconds. Beside them stands
the 95th percentile of the same server left alone for the seconds just before (`alone`), which is what a machine with
other work must be judged by: the attacker, too, takes a core of it.
"""

from __future__ import annotations

import base64
import http.client
import json
import multiprocessing
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import malformed  # noqa: E402
import server_cases  # noqa: E402
from server_fakes import ENDLESS  # noqa: E402

FORM = "application/x-www-form-urlencoded;"
MULTIPART = "multipart/form-data; boundary=x"
ROOMS = "/api/v1/rooms"
SECONDS = 4.0  # an attack is repeated for so long
Attack = Callable[["Server"], Any]  # does it once, and says what the answer was


class Server:
    """A started server, and how to speak to it.

    Args:
        base: its folder.
    """

    def __init__(self, base: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "server" / "server.py"), "--data", str(base), "--port", "0",
             "--painter", server_cases.FAKE],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        self.room, self.base = "", base
        assert self.process.stdout is not None
        found = re.search(r":(\d+)/", self.process.stdout.readline())
        assert found is not None
        self.port = int(found[1])
        while not json.loads(self.ask("GET", "/api/v1/status")[1])["ready"]:
            time.sleep(0.2)
        picture = part(server_cases.drawing())
        self.room = json.loads(self.ask("POST", ROOMS, picture, MULTIPART)[1])["room"]

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=400)
        try:
            connection.request(method, path.replace("ROOM", self.room), body or None,
                               {"Content-Type": kind} if kind else {})
            reply = connection.getresponse()
            return reply.status, reply.read()
        except OSError as error:
            return 0, str(error).encode()
        finally:
            connection.close()

    def job(self, color: str) -> str:
        """A painting with a draft hint of this colour."""
        hint = {"x": 0.5, "y": 0.5, "color": color, "kind": "draft"}
        body = json.dumps({"hints": [hint]}).encode()
        return json.loads(self.ask("POST", f"{ROOMS}/ROOM/jobs", body, "application/json")[1])["job"]


# Bodies ---------------------------------------------------------------------------------------------------------------


def form(options: str) -> bytes:
    return f"room=ROOM&step=x&reference=none&options={options}".encode()


def part(data: bytes, name: str = "file", file: str = '; filename="a.png"') -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
    return head + data + b"\r\n--x--\r\n"


def bitmap(pixel: bytes, width: int = 3000, height: int = 3500) -> bytes:
    """An honest BMP, every pixel the same."""
    size = width * height * 3
    header = b"BM" + (54 + size).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    numbers = (40, width, height, 1 | 24 << 16, 0, size, 2835, 2835, 0, 0)
    return header + b"".join(number.to_bytes(4, "little") for number in numbers) + pixel * (width * height)


def as_json(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def sketch(data: bytes) -> bytes:
    """V3's upload."""
    url = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    return urlencode({"room": "new", "step": "new", "sketch": url, "method": "colorization"}).encode()


def reference(data: bytes, room: str) -> bytes:
    """V3's painting after a reference."""
    url = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    options = server_cases.options_v3(hasReference=True)
    return urlencode({"room": room, "step": "x", "reference": url, "options": options}).encode()


def post(path: str, kind: str, body: bytes) -> Attack:
    return lambda server: server.ask("POST", path, body, kind)[0]


# Connections ----------------------------------------------------------------------------------------------------------

_HEAD = "POST /upload_sketch HTTP/1.1\r\nHost: localhost\r\n"
DRIPS = {
    "headers": ("GET / HTTP/1.1\r\nHost: loc", "a"),
    "bodies": (f"{_HEAD}Content-Type: {FORM}\r\nContent-Length: 5000\r\n\r\nroom=n", "a"),
    "parts": (f"{_HEAD}Content-Type: {MULTIPART}\r\nContent-Length: 5000\r\n\r\n--x\r\n", "a"),
}


def slow(number: int, start: str, more: str = "", seconds: float = 32.0) -> Attack:
    """So many connections that send a beginning and then a letter every 15 seconds; says how many were hung up on."""

    def attack(server: Server) -> str:
        job = server.job(ENDLESS) if "JOB" in start else ""
        text, held = start.replace("ROOM", server.room).replace("JOB", job), []
        for _ in range(number):
            held.append(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            held[-1].sendall(text.encode())
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(min(15.0, seconds / 2))
            for one in held:
                try:
                    one.sendall(more.encode())
                except OSError:
                    continue
        if job:
            server.ask("DELETE", f"/api/v1/jobs/{job}")
        return f"{sum(map(is_closed, held))} shut"

    return attack


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side has hung up."""
    connection.setblocking(False)
    try:
        while connection.recv(1 << 16):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        connection.close()


def corpus(server: Server) -> str:
    """All of `tests/malformed.py` over the wire, one request after the other."""
    job = server.job("#ff0000")
    while (said := json.loads(server.ask("GET", f"/api/v1/jobs/{job}")[1]))["state"] in ("queued", "running"):
        time.sleep(0.1)
    step, longest, broken, requests = said["result"]["id"], ("", 0.0), [], malformed.requests()
    for request in requests:
        began = time.monotonic()
        status = over_the_wire(server.port, request, {"ROOM": server.room, "STEP": step})
        seconds = time.monotonic() - began
        longest = max(longest, (request.name, seconds), key=lambda pair: pair[1])
        if status >= 500:
            broken.append((request.name, status))
    print(f"  {len(requests)} requests, the longest {longest[1]:.2f} s ({longest[0]}), faults of the server: {broken}")
    return f"{len(broken)} of 5xx"


def over_the_wire(port: int, request: malformed.Request, words: dict[str, str]) -> int:
    """Sends one request byte for byte; returns the status, 0 where the connection was only closed."""
    head = {"Host": "localhost", "Connection": "close", "Content-Length": str(len(request.body)), **request.headers}
    path = "".join(c if " " < c < "\x7f" else "?" for c in request.path)
    text = f"{request.method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in head.items())
    data = text.encode("utf-8", "replace") + b"\r\n" + request.body
    for word, meant in words.items():
        data = data.replace(word.encode(), meant.encode())
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        answer = b""
        try:
            connection.sendall(data)
            while b"\r\n" not in answer and (more := connection.recv(1 << 16)):
                answer += more
        except ConnectionError:
            pass
    found = re.match(rb"HTTP/1\.[01] (\d+)", answer)
    return int(found[1]) if found else 0


def at_once(count: int) -> Attack:
    """So many requests in one piece, on one connection."""

    def attack(server: Server) -> str:
        ask, end = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n", b"Connection: close\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=120) as one:
            threading.Thread(target=one.sendall, args=((ask + b"\r\n") * count + ask + end + b"\r\n",)).start()
            answers = 0
            while more := one.recv(1 << 16):
                answers += more.count(b"HTTP/1.1 404")
        return f"{answers} x 404"

    return attack


def full_room(server: Server) -> Attack:
    """A room with sixty paintings of as many hints as there may be, looked at again and again."""
    folder = server.base / "game" / "rooms" / server.room
    hints = [{"x": 0.5, "y": 0.5, "color": "#ff0000", "kind": "exact"}] * 4096
    for number in range(60):
        step = f"F{number}"
        (folder / f"result.{step}.jpg").write_bytes(b"x")
        (folder / f"options.{step}.json").write_bytes(b"{}")
        record = {"id": step, "created": 1.0, "method": "colorization", "hints": hints}
        (folder / f"result.{step}.json").write_bytes(as_json(record))
    return lambda server: server.ask("GET", f"{ROOMS}/ROOM")[0]


def samples(server: Server) -> Attack:
    """A room of large sketches, published again and again."""
    folder = server.base / "game" / "rooms" / server.room
    for kind in ("improved", "rendering", "recolorization", "de_painting"):
        (folder / f"sketch.{kind}.jpg").write_bytes(bytes(20_000_000))
    body = f"room={server.room}&step=F0".encode()
    return lambda server: server.ask("POST", "/save_as_sample", body, FORM)[0]


# The table ------------------------------------------------------------------------------------------------------------

EMPTY_PART = b"--x\r\nContent-Disposition:form-data;name=a\r\n\r\n\r\n"
JOBS, OWN = f"{ROOMS}/ROOM/jobs", "application/json"
ATTACKS: dict[str, Callable[[Server], Attack]] = {
    "600,001 v3 points": lambda _: post("/request_result", FORM, form(
        '{"points":[' + ",".join(["[0,0,0,0,0,0]"] * 600_001) + "]}")),
    "v3 escapes, 9 MB": lambda _: post("/request_result", FORM, form("%5B" * 3_000_000)),
    "v3 nested, 9 MB": lambda _: post("/request_result", FORM, form("[" * 9_000_000)),
    "600,000 empty parts": lambda _: post(ROOMS, MULTIPART, EMPTY_PART * 600_000 + b"--x--\r\n"),
    "32 MB of line ends": lambda _: post(ROOMS, MULTIPART, part(b"\r\n" * 15_990_000)),
    "line ends in a field": lambda _: post("/upload_sketch", MULTIPART, part(b"\r\n" * 4_900_000, "sketch", "")),
    "almost boundaries": lambda _: post(ROOMS, MULTIPART, part(b"\r\n--" * 7_900_000)),
    "bmp of 0d 0a 0d": lambda _: post(ROOMS, MULTIPART, part(bitmap(b"\r\n\r"))),
    "66,000 hints": lambda _: post(JOBS, OWN, as_json({"hints": [{"x": 0.5, "y": 0.5, "color": "#fff"}] * 66_000})),
    "hints in 1 MB": lambda _: post(JOBS, OWN, as_json({"hints": [{}] * 330_000})),
    "140,000 keys": lambda _: post(JOBS, OWN, as_json({f"k{i}": 1 for i in range(140_000)})),
    "keys in 1 MB": lambda _: post(JOBS, OWN, as_json({f"k{i}": 1 for i in range(70_000)})),
    "keys in a hint": lambda _: post(JOBS, OWN, as_json({"hints": [{f"k{i}": 1 for i in range(70_000)}]})),
    "a phrase of 1 MB": lambda _: post(JOBS, OWN, as_json(
        {"model": "tag2pix", "tag2pix": {"tags": ["red " * 240_000]}})),
    "100,000 scans": lambda _: post(ROOMS, MULTIPART, part(malformed.scans(100_000, (1000, 1000)))),
    "100,000 scans, v3": lambda _: post("/upload_sketch", FORM, sketch(malformed.scans(100_000))),
    "scans as reference": lambda server: post(
        "/request_result", FORM, reference(malformed.scans(100_000), server.room)),
    "as many as allowed": lambda _: post(ROOMS, MULTIPART, part(malformed.scans(12, (8000, 8000)))),
    "256 slow headers": lambda _: slow(256, *DRIPS["headers"]),
    "300 slow bodies": lambda _: slow(300, *DRIPS["bodies"]),
    "300 slow parts": lambda _: slow(300, *DRIPS["parts"]),
    "256 event streams": lambda _: slow(256, "GET /api/v1/jobs/JOB/events HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "6,000 requests at once": lambda _: at_once(6000),
    "4,096 hints": lambda _: post(JOBS, OWN, as_json({"hints": [{"x": 0.5, "y": 0.5, "color": "#fff"}] * 4096})),
    "a full room": full_room,
    "large samples": samples,
    "the description": lambda _: lambda server: server.ask("GET", "/api/v1/openapi.json")[0],
    "the corpus": lambda _: corpus,
}  # fmt: skip


@dataclass
class Row:
    """What one attack cost the HTTP process, and whoever asked for the page meanwhile."""

    cpu: float
    wall: float
    answer: str
    times: list[float]

    def percentile(self, twentieths: int) -> float:
        return statistics.quantiles(self.times, n=20)[twentieths - 1]

    def against(self, alone: Row) -> str:
        """The row as it is printed, beside a server that was left alone."""
        figures = (self.percentile(10), self.percentile(19), alone.percentile(19), max(self.times))
        return f"{self.cpu:8.2f}{self.wall:8.2f} {self.answer:>10}" + "".join(f"{figure:9.1f}" for figure in figures)


def attacker(attack: Attack, server: Server, told: Any) -> None:
    """Tells in the end how often it did it, the last answer, and how long all took; a pipe would not hold them all."""
    began, rounds, answer = time.perf_counter(), 0, ""
    while (wall := time.perf_counter() - began) < SECONDS:
        answer, rounds = str(attack(server)), rounds + 1
    told.send((rounds, answer, wall))
    told.close()


def page_times(server: Server, goes_on: Callable[[], bool]) -> Iterator[float]:
    while goes_on():
        began = time.perf_counter()
        server.ask("GET", "/")
        yield 1000 * (time.perf_counter() - began)
        time.sleep(0.005)


def run(server: Server, attack: Attack, page_cpu: float) -> Row:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=attacker, args=(attack, server, theirs))
    cpu = server.cpu_seconds()
    process.start()
    theirs.close()
    times = list(page_times(server, process.is_alive))
    process.join()
    try:
        rounds, answer, wall = ours.recv()
    except EOFError:
        rounds, answer, wall = 1, "died", 0.0
    spent = server.cpu_seconds() - cpu - page_cpu * len(times)
    return Row(max(0.0, spent) / rounds, wall / rounds, answer, times)


def idle(_: Server) -> str:
    time.sleep(SECONDS)
    return "-"


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            columns = "".join(f"{name:>9}" for name in ("p50 ms", "p95 ms", "alone", "max ms"))
            print(f"{'attack':24}{'CPU s':>8}{'wall s':>8} {'answer':>10}{columns}")
            for name in names or ATTACKS:
                attack = ATTACKS[name](server)
                alone = run(server, idle, 0.0)
                row = run(server, attack, alone.cpu / len(alone.times))
                print(f"{name:24}{row.against(alone)}", flush=True)
        finally:
            server.process.terminate()
            server.process.wait(30)


if __name__ == "__main__":
    main(sys.argv[1:])
