"""A real Dask scheduler with two workers on loopback, one of which is killed: the same bytes come out."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from dask_cases import killing, two_workers
from preprocess_art import fill_folder

from preprocess.plan import Plan
from preprocess.run import prepare
from s2p.errors import ConfigError

if os.environ.get("CI") == "true":
    import distributed  # noqa: F401  must be there in CI
else:
    pytest.importorskip("distributed")

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
    with two_workers(tmp_path, ROLES, MARK=str(tmp_path / MARK)) as pair:
        yield pair


def hashes(out: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.iterdir()) if p.is_file()}


def test_a_killed_worker_changes_nothing_in_the_bytes(cluster, tmp_path):
    address, workers = cluster
    fill_folder(tmp_path / "art", 30)
    settings = {"short_edge": 96, "min_edge": 64, "per_shard": 1, "eval_share": 0.2}
    plan = Plan((tmp_path / "art").as_uri(), (tmp_path / "dask").as_uri(), **settings)
    with killing(address, workers[0], tmp_path / MARK):
        summary = prepare(plan, executor=address)
    assert summary.statuses == {"kept": 30}
    prepare(Plan(str(tmp_path / "art"), str(tmp_path / "here"), **settings))
    assert hashes(tmp_path / "dask") == hashes(tmp_path / "here")


def test_a_cluster_without_workers_is_said(monkeypatch, caplog):
    import distributed

    from s2p.executors import open_executor

    class Scheduler:
        def __init__(self, *address, **more) -> None: ...
        def __enter__(self): ...
        def __exit__(self, *error): ...
        def scheduler_info(self):
            return {"workers": {}}

        def get_executor(self, pure):
            return self

    monkeypatch.setattr(distributed, "Client", Scheduler)
    with open_executor("dask://nowhere:1"):
        assert "has no workers yet; waiting for one" in caplog.text


def test_no_scheduler_is_a_sentence(tmp_path, monkeypatch):
    import s2p.executors

    monkeypatch.setattr(s2p.executors, "CONNECT_SECONDS", 1)
    fill_folder(tmp_path / "art", 1)
    with pytest.raises(ConfigError, match="No Dask scheduler answers"):
        prepare(Plan(str(tmp_path / "art"), str(tmp_path / "out")), executor="dask://127.0.0.1:9")
