"""A real Dask scheduler with two workers on loopback, one of which is killed: the same bytes come out."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from preprocess_art import fill_folder

from preprocess.plan import Plan
from preprocess.run import prepare
from s2p.errors import ConfigError

if os.environ.get("CI") == "true":
    import distributed  # noqa: F401  must be there in CI
else:
    pytest.importorskip("distributed")

ROOT = Path(__file__).parents[1]
PATIENCE = 120  # seconds
MARK = "the first worker is in the middle of its fourth shard"

# Loaded by both workers. The first one never finishes its fourth shard, the second one begins after that.
ROLES = """
import os, time
from pathlib import Path
from preprocess import run

mark, begun = Path(os.environ["MARK"]), []

def write_or_wait(task):
    begun.append(task.name)
    if os.environ["ROLE"] == "1" and len(begun) == 4:
        mark.touch()
        time.sleep(600)
    while os.environ["ROLE"] == "2" and not mark.exists():
        time.sleep(0.02)
    return write_one(task)

if run.write_one.__name__ == "write_one":  # Dask runs this file twice
    write_one, run.write_one = run.write_one, write_or_wait
"""


@pytest.fixture
def cluster(tmp_path):
    """Address of a scheduler, and its worker processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started: list[subprocess.Popen] = []

    def start(*arguments: str, **more: str) -> subprocess.Popen:
        environment = {
            **os.environ, **more, "MARK": str(tmp_path / MARK), "PYTHONPATH": str(ROOT),
            "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "20s",
        }  # fmt: skip
        log = (tmp_path / f"{len(started)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
        started.append(process)
        return process

    (tmp_path / "roles.py").write_text(ROLES)
    start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show")
    workers = [
        start("distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}", "--nthreads", "1", "--no-dashboard",
              "--no-nanny", "--host", "127.0.0.1", "--name", f"w{number}", "--preload", str(tmp_path / "roles.py"),
              ROLE=str(number))
        for number in (1, 2)
    ]  # fmt: skip
    yield f"dask://127.0.0.1:{port}", workers
    for process in reversed(started):
        process.kill()
        process.wait()


def hashes(out: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.iterdir()) if p.is_file()}


def test_a_killed_worker_changes_nothing_in_the_bytes(cluster, tmp_path):
    from distributed import Client

    address, workers = cluster
    fill_folder(tmp_path / "art", 30)
    settings = {"short_edge": 96, "min_edge": 64, "per_shard": 1, "eval_share": 0.2}
    killed = threading.Event()

    def kill_one() -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not killed.is_set():
            if (tmp_path / MARK).exists():
                workers[0].send_signal(signal.SIGKILL)
                killed.set()
            time.sleep(0.005)

    with Client(address.replace("dask", "tcp"), timeout=PATIENCE, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=PATIENCE)
    assassin = threading.Thread(target=kill_one)
    assassin.start()
    plan = Plan((tmp_path / "art").as_uri(), (tmp_path / "dask").as_uri(), **settings)
    try:
        summary = prepare(plan, executor=address)
    finally:
        was_killed = killed.is_set()
        killed.set()
        assassin.join()
    assert was_killed and workers[0].wait(PATIENCE) != 0, "a worker died in the middle"
    assert summary.statuses == {"kept": 30}
    prepare(Plan(str(tmp_path / "art"), str(tmp_path / "here"), **settings))
    assert hashes(tmp_path / "dask") == hashes(tmp_path / "here")


def test_no_scheduler_is_a_sentence(tmp_path, monkeypatch):
    import preprocess.executors

    monkeypatch.setattr(preprocess.executors, "CONNECT_SECONDS", 1)
    fill_folder(tmp_path / "art", 1)
    with pytest.raises(ConfigError, match="No Dask scheduler answers"):
        prepare(Plan(str(tmp_path / "art"), str(tmp_path / "out")), executor="dask://127.0.0.1:9")
