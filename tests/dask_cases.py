"""A real Dask scheduler with two workers on loopback, whose first one a test may kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 120  # seconds


@contextmanager
def two_workers(place: Path, roles: str, **shared: str) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """Address of the scheduler, and its workers.

    Args:
        place: folder for what they write.
        roles: program that both load first; the variable `ROLE` says which one they are, 1 or 2.
        shared: further variables.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started: list[subprocess.Popen] = []

    def start(*arguments: str, **more: str) -> subprocess.Popen:
        environment = {
            **os.environ, **shared, **more, "PYTHONPATH": str(ROOT),
            "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "20s",
        }  # fmt: skip
        log = (place / f"{len(started)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=place, env=environment, stdout=log, stderr=log
        )
        started.append(process)
        return process

    (place / "roles.py").write_text(roles)
    start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show")
    workers = [
        start("distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}", "--nthreads", "1", "--no-dashboard",
              "--no-nanny", "--host", "127.0.0.1", "--name", f"w{number}", "--preload", str(place / "roles.py"),
              ROLE=str(number))
        for number in (1, 2)
    ]  # fmt: skip
    try:
        yield f"dask://127.0.0.1:{port}", workers
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


@contextmanager
def killing(address: str, worker: subprocess.Popen, mark: Path) -> Iterator[None]:
    """Within the block a worker is killed as soon as `mark` is there; raises where it was not."""
    from distributed import Client

    over, was_killed = threading.Event(), threading.Event()

    def kill() -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not over.is_set():
            if mark.exists():
                worker.send_signal(signal.SIGKILL)
                was_killed.set()
                return
            time.sleep(0.005)

    with Client(address.replace("dask", "tcp"), timeout=PATIENCE, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=PATIENCE)
    assassin = threading.Thread(target=kill)
    assassin.start()
    try:
        yield
    finally:
        over.set()
        assassin.join()
    assert was_killed.is_set() and worker.wait(PATIENCE) != 0, "a worker died in the middle"
