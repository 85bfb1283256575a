"""How long others wait while somebody sends a server what nobody should send.

    python benchmarks/server_attacks.py [NAME ...]

Starts a server with a painter that paints nothing, sends one request of every kind, and asks for the page all the
while. Prints the CPU seconds of the HTTP process, how long the request took, its status, and the 95th percentile of
`GET /` in milliseconds, beside that of a server that is left alone.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORM = "application/x-www-form-urlencoded;"
MULTIPART = "multipart/form-data; boundary=x"


def form(options: str) -> bytes:
    return f"room=R1&step=x&reference=none&options={options}".encode()


def part(data: bytes, name: str = "file", file: str = '; filename="a.png"') -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
    return head + data + b"\r\n--x--\r\n"


def bitmap(pixel: bytes, width: int = 3000, height: int = 3500) -> bytes:
    """An honest BMP, every pixel the same."""
    size = width * height * 3
    header = b"BM" + (54 + size).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    numbers = (40, width, height, 1 | 24 << 16, 0, size, 2835, 2835, 0, 0)
    return header + b"".join(number.to_bytes(4, "little") for number in numbers) + pixel * (width * height)


def hints(count: int) -> bytes:
    return json.dumps({"hints": [{"x": 0.5, "y": 0.5, "color": "#fff"}] * count}, separators=(",", ":")).encode()


EMPTY_PART = b"--x\r\nContent-Disposition:form-data;name=a\r\n\r\n\r\n"
ROOMS, JOBS = "/api/v1/rooms", "/api/v1/rooms/ROOM/jobs"
ATTACKS: dict[str, Callable[[], tuple[str, str, bytes]]] = {
    "v3 points": lambda: ("/request_result", FORM, form('{"points":[' + ",".join(["[0,0,0,0,0,0]"] * 600_001) + "]}")),
    "v3 escapes": lambda: ("/request_result", FORM, form("%5B" * 3_000_000)),
    "v3 nested": lambda: ("/request_result", FORM, form("[" * 9_000_000)),
    "empty parts": lambda: (ROOMS, MULTIPART, EMPTY_PART * 600_000 + b"--x--\r\n"),
    "line ends": lambda: (ROOMS, MULTIPART, part(b"\r\n" * 15_900_000)),
    "line ends in a field": lambda: ("/upload_sketch", MULTIPART, part(b"\r\n" * 4_900_000, "sketch", "")),
    "honest bmp": lambda: (ROOMS, MULTIPART, part(bitmap(b"\r\n\r"))),
    "almost boundaries": lambda: (ROOMS, MULTIPART, part(b"\r\n--" * 7_900_000)),
    "66,000 hints": lambda: (JOBS, "application/json", hints(45_000)),
    "unknown keys": lambda: (JOBS, "application/json", json.dumps({f"k{i}": 1 for i in range(140_000)}).encode()),
    "keys in a hint": lambda: (
        JOBS, "application/json", json.dumps({"hints": [{f"k{i}": 1 for i in range(130_000)}]}).encode()
    ),
}


class Server:
    def __init__(self, base: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "server" / "server.py"), "--base", str(base), "--port", "0",
             "--painter", "tests.server_fakes:painter"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        assert self.process.stdout is not None
        found = re.search(r":(\d+)/", self.process.stdout.readline())
        assert found is not None
        self.port = int(found[1])

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body or None, {"Content-Type": kind} if kind else {})
            reply = connection.getresponse()
            return reply.status, reply.read()
        except OSError as error:
            return 0, str(error).encode()
        finally:
            connection.close()


def page_times(server: Server, until: threading.Event, at_least: int = 40) -> list[float]:
    times = []
    while not until.is_set() or len(times) < at_least:
        started = time.perf_counter()
        server.ask("GET", "/")
        times.append(1000 * (time.perf_counter() - started))
        time.sleep(0.005)
    return times


def run(server: Server, path: str, kind: str, body: bytes) -> tuple[float, float, int, list[float]]:
    finished, answer = threading.Event(), [0]
    cpu, started = server.cpu_seconds(), time.perf_counter()

    def attack() -> None:
        answer[0] = server.ask("POST", path, body, kind)[0] if body else 0
        finished.set()

    threading.Thread(target=attack).start()
    times = page_times(server, finished)
    return server.cpu_seconds() - cpu, time.perf_counter() - started, answer[0], times


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        time.sleep(5)
        picture = part(bitmap(b"\xff\xff\xff", 60, 60))
        room = json.loads(server.ask("POST", ROOMS, picture, MULTIPART)[1])["room"]
        print(f"{'attack':24}{'CPU s':>8}{'wall s':>8}{'status':>8}{'p95 ms':>9}{'max ms':>9}")
        for name in ["(nothing)", *ATTACKS]:
            if names and name not in names:
                continue
            path, kind, body = ATTACKS[name]() if name in ATTACKS else ("/", "", b"")
            cpu, wall, status, times = run(server, path.replace("ROOM", room), kind, body)
            p95 = statistics.quantiles(times, n=20)[-1]
            print(f"{name:24}{cpu:8.2f}{wall:8.2f}{status:8}{p95:9.1f}{max(times):9.1f}", flush=True)
        server.process.terminate()
        server.process.wait(20)


if __name__ == "__main__":
    main(sys.argv[1:])
