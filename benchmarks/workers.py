"""What several painting processes of a server bring: requests per second and the wait of each, one beside several.

    python benchmarks/workers.py [--workers 1,2] [--burst 8] [--rounds 6] [--edge 700]

A server for every number, all ready before anything is timed. In every round each of them gets the same burst of
one-call paintings (`POST /api/v1/colorize`) of drawings that no process has seen, the servers in turn and the first of
them changing, so whatever else the computer does meets them alike. Printed are medians over the rounds, and ratios
within rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from memory import drawing, hints  # noqa: E402

from s2p.image import encode_image  # noqa: E402

BOUNDARY = "s2p-workers"


class Server:
    """A server of so many painting processes, with a folder of its own."""

    def __init__(self, workers: int, folder: Path) -> None:
        folder.mkdir()
        (folder / "config.ini").write_text(f"[server]\nworkers = {workers}\n", encoding="utf-8")
        words = [sys.executable, str(ROOT / "server" / "server.py"), "--port", "0", "--data", str(folder)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        found = re.search(r"http://\S+/", self.process.stdout.readline())
        assert found is not None, "the server did not start"
        self.url = found[0].replace("localhost", "127.0.0.1")

    def wait(self) -> None:
        while json.load(urllib.request.urlopen(f"{self.url}api/v1/status"))["worker"] == "starting":
            time.sleep(0.2)

    def paint(self, seed: int, edge: int) -> float:
        """Seconds until the painting of a drawing has come."""
        job = json.dumps({"hints": hints(seed).to_data()["hints"]})
        picture = encode_image(drawing(seed, edge), "png")
        parts = [("job", "", job.encode()), ("file", '; filename="a.png"', picture)]
        body = b"".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"
            for name, more, content in parts
        ) + f"--{BOUNDARY}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        started = time.perf_counter()
        request = urllib.request.Request(f"{self.url}api/v1/colorize", body, headers)
        with urllib.request.urlopen(request, timeout=600) as reply:
            assert reply.read()[1:4] == b"PNG"
        return time.perf_counter() - started

    def burst(self, seeds: range, edge: int) -> tuple[float, float]:
        """Requests per second of paintings that are asked for at once, and the median wait in seconds."""
        started = time.perf_counter()
        with ThreadPoolExecutor(len(seeds)) as pool:
            waits = list(pool.map(lambda seed: self.paint(seed, edge), seeds))
        return len(seeds) / (time.perf_counter() - started), statistics.median(waits)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--burst", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--edge", type=int, default=700)
    words = parser.parse_args()
    counts = [int(count) for count in words.workers.split(",")]
    seen: dict[int, list[tuple[float, float]]] = {count: [] for count in counts}
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        servers = {}
        for count in counts:
            servers[count] = Server(count, folder / str(count))
            held.callback(servers[count].close)
        for server in servers.values():
            server.wait()
            server.burst(range(10**6, 10**6 + words.burst), words.edge)  # what comes first converts and loads
        for number in range(words.rounds):
            seeds = range(number * words.burst, (number + 1) * words.burst)
            for count in counts if number % 2 == 0 else counts[::-1]:
                seen[count].append(servers[count].burst(seeds, words.edge))
                rate, wait = seen[count][-1]
                print(f"round {number + 1}, workers = {count}: {rate:.2f} requests/s, {wait:.2f} s", file=sys.stderr)
    print(f"{words.burst} paintings of about {words.edge} px at once, {words.rounds} rounds, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")
    first = seen[counts[0]]
    for count in counts:
        rates, waits = zip(*seen[count])
        gains = [rate / before for (rate, _), (before, _) in zip(seen[count], first)]
        shares = [wait / before for (_, wait), (_, before) in zip(seen[count], first)]
        print(f"workers = {count}: {statistics.median(rates):.2f} requests/s, a median wait of "
              f"{statistics.median(waits):.2f} s; beside {counts[0]}: {statistics.median(gains):.2f} times the requests"
              f" ({min(gains):.2f} to {max(gains):.2f}), {statistics.median(shares):.2f} of the wait")
    return 0


if __name__ == "__main__":
    sys.exit(main())
