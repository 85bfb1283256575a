"""Painting and judging in other processes: local ones, and a cluster whose worker dies."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from dask_cases import killing, two_workers

from s2p import cli
from s2p.cli.files import Task
from s2p.cli.spread import Spread, reachable
from s2p.errors import CancelledError, InputError
from s2p.evaluation import evaluate
from s2p.executors import WorkerLostError, answer_of
from s2p.image import load_image, save_image
from s2p.progress import NullReporter

# Loaded by both workers of a cluster: painting takes no networks, and the first worker never ends its second picture.
ROLES = """
import os, time
from pathlib import Path
from s2p.cli import wish
from s2p.pipelines.base import Result

begun = []

def run(model, request, report=None):
    begun.append(1)
    if os.environ["ROLE"] == "1" and len(begun) == 2:
        Path(os.environ["MARK"]).touch()
        time.sleep(600)
    while os.environ["ROLE"] == "2" and not Path(os.environ["MARK"]).exists():
        time.sleep(0.02)
    return Result(image=255 - request.image, lines=request.image[..., 0])

wish.run, wish.kept = run, lambda model, settings: None
"""


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    folder = tmp_path / "drawings"
    folder.mkdir()
    for number in range(8):
        save_image(np.full((20, 30, 3), 20 * number, np.uint8), folder / f"{number}.png")
    return folder


def test_a_folder_is_painted_although_a_worker_dies(drawings: Path, tmp_path: Path, capsys):
    pytest.importorskip("distributed", reason="pip install -e .[cluster] brings it")
    mark, out = tmp_path / "mark", tmp_path / "painted"
    with two_workers(tmp_path, ROLES, MARK=str(mark)) as (address, workers), killing(address, workers[0], mark):
        words = ["colorize", str(drawings), "-o", str(out), "--json", "--executor", address]
        assert cli.main(words) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(one["output"]).name for one in told] == [f"{number}.png" for number in range(8)]
    for number in range(8):
        assert load_image(out / f"{number}.png")[0, 0, 0] == 255 - 20 * number


def _die_once(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return "done"


def _die() -> None:
    os._exit(1)


def _nap() -> str:
    time.sleep(0.5)
    return "rested"


def test_a_local_process_that_dies_is_followed_by_another_and_only_the_guilty_picture_is_given_up(tmp_path: Path):
    with Spread("local:2") as spread, ThreadPoolExecutor(2) as threads:
        assert spread.jobs == 2 and spread(_die_once, tmp_path / "mark", report=NullReporter()) == "done"
        innocent, guilty = (threads.submit(spread, one, report=NullReporter()) for one in (_nap, _die))
        with pytest.raises(WorkerLostError):
            guilty.result()
        assert innocent.result() == "rested"
        with pytest.raises(CancelledError):
            spread(_nap, report=_Stopped())


def test_what_a_cluster_gives_up_is_a_lost_worker():
    scheduler = pytest.importorskip("distributed.scheduler", reason="pip install -e .[cluster] brings it")
    future: Future = Future()
    future.set_exception(scheduler.KilledWorker("a task", None, 3))
    assert isinstance(answer_of(future), WorkerLostError)
    gone: Future = Future()
    gone.cancel()
    assert isinstance(answer_of(gone), WorkerLostError), "so it ends where the scheduler itself goes away"


class _Stopped(NullReporter):
    def check(self) -> None:
        raise CancelledError("Stopped.")


def test_only_files_are_worked_on_elsewhere(tmp_path: Path):
    with pytest.raises(InputError, match="works on files"):
        reachable(Task(None, tmp_path / "a.png"))
    assert reachable(Task(Path("a.png"), Path("b.png"))).source.is_absolute()
    assert cli.main(["colorize", str(tmp_path), "-o", "out", "--executor", "elsewhere"]) == 2


def test_pictures_judged_elsewhere_have_the_same_figures():
    usual = evaluate(limit=2, hints=(0,), model="none")
    spread = evaluate(limit=2, hints=(0,), model="none", executor="local")
    assert usual == spread
    with pytest.raises(InputError, match="Leave executor out"):
        evaluate(limit=1, model="none", executor="local", extractor=lambda image: image[..., 0])
