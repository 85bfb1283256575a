"""Trainings that are stopped, that begin at once, and that go on with other settings."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from s2p.errors import CancelledError, NotFoundError, S2PError
from s2p.train.art import Art
from s2p.train.decoded import Writer, alone
from s2p.train.runs import newest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art") / "decoded"
    with Writer(folder) as writer:
        for i in range(2):
            color = np.full((512, 512, 3), 200 - 30 * i, np.uint8)
            cv2.circle(color, (256, 256), 90, (10, 10, 10), 4)
            writer.add(f"{i}.png", color, np.stack([color[..., 0]] * 4, -1))
    return folder


def _recipe(art: Path, **changes: object):
    from s2p.train.recipes import get

    return get("tail")(data=str(art), **{"epoch_steps": 40, "epochs": 4, "batch_size": 1, "keep_every": 9, **changes})


def _batches(out: Path) -> int:
    import h5py

    with h5py.File(newest(out)) as file:
        return int(file.attrs["epoch"]) * 40 + int(file.attrs["batches"])


def test_minutes_are_looked_at_after_every_batch_and_each_run_says_where_it_stands(art, tmp_path, capsys):
    from s2p.train.loop import train

    published = train(_recipe(art), tmp_path, stop_after=0.0)
    assert _batches(tmp_path) == 1 and published.is_file()
    said = capsys.readouterr().err
    assert "tail begins: 4 epochs of 40 steps." in said and "tail 1: step 1/40  loss" in said
    assert "Its time is over, at step 1 of 160." in said
    train(_recipe(art), tmp_path, stop_after=0.0)
    assert _batches(tmp_path) == 2
    assert "tail goes on from step 1 of 160 (epoch 1 of 4)." in capsys.readouterr().err


def test_the_time_that_is_left_is_that_of_the_minutes_where_they_end_sooner(art, tmp_path):
    from s2p.train.checkpoints import Place
    from s2p.train.keeper import Keeper

    def left(stop_after: float | None) -> str:
        keeper = Keeper(_recipe(art), tmp_path, Place(1, 20), stop_after=stop_after, save_every=None, saved=None)
        return keeper._minutes_left(keeper._started + 120, 1, 20, rate=0.1)  # 100 samples are left

    assert left(None) == left(60.0) == "17 min left"
    assert left(5.0) == "3 min left of its time, 17 min of its steps" and left(1.0).startswith("0 s left of its time")


def test_the_first_checkpoint_does_not_wait_for_the_first_epoch(art, tmp_path, monkeypatch):
    from s2p.train import keeper, loop

    monkeypatch.setattr(keeper, "FIRST_SECONDS", 0.0)
    saved = []
    monkeypatch.setattr(keeper, "save", lambda model, out, place: saved.append((place.epoch, place.batches)))
    loop.train(_recipe(art, epochs=1), tmp_path)
    assert saved == [(0, 1), (1, 0)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_stops_a_run_gets_its_checkpoint(art, tmp_path, number):
    from s2p.train.loop import train

    recipe = _recipe(art)
    gather, before = recipe.gather, signal.getsignal(number)

    def gather_and_stop(step: int, random: np.random.Generator):
        if step == 5:
            os.kill(os.getpid(), number)
        return gather(step, random)

    recipe.gather = gather_and_stop
    with pytest.raises(CancelledError, match="The same command continues"):
        train(recipe, tmp_path)
    assert 1 <= _batches(tmp_path) < 40
    assert signal.getsignal(number) is before


def test_a_program_whose_run_was_stopped_ends(art, tmp_path):
    """TensorFlow, which was making batches ahead, waited for ever or aborted when the interpreter was gone."""
    program = f"""
import os, signal, sys
from s2p.cli import main
from s2p.train.recipes import get
kind = get("reach")
gather = kind.gather
def gather_and_stop(self, step, random):
    if step == 5:
        os.kill(os.getpid(), signal.SIGTERM)
    return gather(self, step, random)
kind.gather = gather_and_stop
sys.exit(main(["train", "reach", "--data", {str(art)!r}, "--out", {str(tmp_path)!r}, "--set", "batch_size=2"]))
"""
    ended = subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=300,
                           capture_output=True, text=True, check=False)
    assert ended.returncode == 130, ended.stderr


def _hold(target: str) -> None:
    """Writes a folder until somebody says that it is enough."""
    with alone(Path(target)):
        Path(target + ".held").touch()
        while not Path(target + ".enough").exists():
            time.sleep(0.01)


def test_one_waits_while_another_writes_the_same_folder(tmp_path, capsys):
    target, order = tmp_path / "decoded", []

    def write() -> None:
        with alone(target):
            order.append("mine")

    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(str(target),))
    process.start()
    while not Path(f"{target}.held").exists():
        time.sleep(0.01)
    thread = threading.Thread(target=write)
    thread.start()
    thread.join(0.3)
    order.append("theirs")
    Path(f"{target}.enough").touch()
    process.join()
    thread.join()
    assert order == ["theirs", "mine"]
    assert "this one waits for it" in capsys.readouterr().err


def test_two_trainings_that_begin_at_once_read_the_same_pictures(tmp_path):
    """Of a prepared folder that nobody has decoded yet."""
    shards = tmp_path / "shards"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = subprocess.run([sys.executable, "-m", "preprocess", "synthetic", "6", str(shards), "--executor", "local"],
                          env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    program = f"from s2p.train.art import Art; a = Art({str(shards)!r}); print(len(a), int(a.color(0).sum()))"
    both = [subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert said[0][0] == said[1][0] and len(Art(shards)) == int(said[0][0].split()[0])


# Settings -------------------------------------------------------------------------------------------------------------


def test_a_run_keeps_its_settings_and_says_what_is_changed(tmp_path):
    from s2p.errors import ConfigError, InputError
    from s2p.train import recipes

    recipe, told = recipes.continued("tail", tmp_path, data="art", changes=["rate=0.01", "epochs=7"])
    assert told == [] and (recipe.rate, recipe.epochs) == (0.01, 7)
    kept = {"recipe": "tail", **dataclasses.asdict(recipe)}
    (tmp_path / "recipe.json").write_text(json.dumps(kept))
    again, told = recipes.continued("tail", tmp_path)
    assert told == [] and dataclasses.asdict(again) == dataclasses.asdict(recipe)
    again, told = recipes.continued("tail", tmp_path, data="other", changes=["rate=0.02"])
    assert (again.rate, again.epochs, again.data) == (0.02, 7, "other")
    assert told == ["rate was 0.01 in this run, and is 0.02 from now on.",
                    "data was art in this run, and is other from now on."]
    with pytest.raises(ConfigError, match="holds a run of 'tail'"):
        recipes.continued("baby", tmp_path, data="art")
    with pytest.raises(InputError, match="Training needs --data"):
        recipes.continued("tail", tmp_path / "new")
    with pytest.raises(NotFoundError):
        recipes.continued("nobody", tmp_path, data="art")


def test_a_run_that_is_refused_before_it_begins_does_not_bind_its_folder(tmp_path):
    from s2p.train import recipes
    from s2p.train.loop import train

    (tmp_path / "empty").mkdir()
    recipe = recipes.configure("tail", data=tmp_path / "empty")
    with pytest.raises(S2PError):
        train(recipe, tmp_path / "run")
    _, told = recipes.continued("baby", tmp_path / "run", data="art")
    assert told == []


def test_a_folder_of_pictures_is_told_from_what_is_prepared(tmp_path):
    from s2p.errors import InputError

    with pytest.raises(InputError, match="Make them: s2p prepare PICTURES"):
        Art(tmp_path)
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(InputError, match="holds pictures as they are"):
        Art(tmp_path)


def test_the_help_of_a_recipe_tells_every_field_with_meaning_and_default(capsys):
    from s2p import cli
    from s2p.train import recipes

    for name in recipes.names():
        found = {field: about for field, _, about in recipes.described(name)}
        shared = ("rate", "epochs", "batch_size", "keep_every", "start", "seed", "precision", "more_share")
        assert all(found[field] for field in shared), name
    assert cli.main(["train", "baby", "--help"]) == 0
    out = capsys.readouterr().out
    assert "bare=0.0\n" in out and "share of the samples whose hints are V3's squares of colour" in out
    assert "rate=0.001\n" in out and "--minutes" in out


def test_what_is_no_run_cannot_be_judged(tmp_path, capsys):
    from s2p import cli

    assert cli.main(["evaluate", "--run", str(tmp_path)]) == 2
    assert "holds no weights of a network. Train first" in capsys.readouterr().err
    assert cli.main(["evaluate", "--run", str(tmp_path), "--weights", "a.weights.h5"]) == 2
