"""A borrowed GPU: packs within their size, states in small files, training in turn, killed and taken up again."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from s2p import cli
from s2p.errors import ConfigError, InputError, OutputError
from s2p.train.art import Art
from s2p.train.borrowed import checkpoint_archive, train_all
from s2p.train.borrowed.pack import pack
from s2p.train.decoded import Writer
from s2p.train.recipes.tail import Tail
from s2p.train.runs import done_epochs

TINY = ["batch_size=1", "warmup=1", "ema=0.5", "loaders=0"]


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve drawings of 512 px in the training format."""
    folder = tmp_path_factory.mktemp("art") / "decoded"
    with Writer(folder) as writer:
        for i in range(12):
            random = np.random.default_rng(i)
            color = np.full((512, 512 + 32 * (i % 3), 3), random.integers(120, 256, 3), np.uint8)
            for _ in range(6):
                centre, radius = random.integers(60, 452, 2).tolist(), int(random.integers(40, 130))
                cv2.circle(color, centre, radius, random.integers(0, 256, 3).tolist(), -1)
                cv2.circle(color, centre, radius, (10, 10, 10), 4)
            writer.add(f"{i}.png", color, np.full((*color.shape[:2], 4), 255, np.uint8), tags=range(i % 4))
    return folder


def checkpoint(run: Path, *, epoch: int = 3, seed: int = 0) -> None:
    """A run's folder with a checkpoint as `s2p.train.checkpoints.save` writes it."""
    random = np.random.default_rng(seed)
    run.mkdir(parents=True)
    with h5py.File(run / f"state-{epoch:06d}.h5", "w") as file:
        file.attrs["epoch"] = epoch
        file["model/0000"] = random.standard_normal((64, 50), np.float32)
        file["optimizer/0000"] = np.int64(epoch * 100)
        file["optimizer/0001"] = random.standard_normal((64, 50), np.float32) * 1e-4
        file["optimizer/0002"] = random.random((64, 50), np.float32) * 1e-9
    (run / "recipe.json").write_text(json.dumps({"recipe": run.name, "epochs": 9}))
    (run / "metrics.jsonl").write_text('{"epoch": 3}\n')


def values(run: Path) -> dict[str, np.ndarray]:
    (path,) = run.glob("state-*.h5")
    with h5py.File(path) as file:
        return {f"{group}/{name}": data[()] for group in file for name, data in file[group].items()}


def batches(run: Path) -> int:
    """Of the epoch after those that are done, how many batches a run's newest checkpoint has seen."""
    with h5py.File(sorted(run.glob("state-*.h5"))[-1]) as file:
        return int(file.attrs["batches"])


def exact_megabytes(runs: dict[str, Path], folder: Path) -> float:
    """MiB that the exact states of runs take."""
    done = checkpoint_archive.write(runs, folder, files=1, megabytes=100)
    assert done is not None and done.level == checkpoint_archive.EXACT
    return done.parts[0].stat().st_size / 2**20


# Archive --------------------------------------------------------------------------------------------------------------


def test_states_come_back_exactly_where_there_is_room(tmp_path):
    runs = {name: tmp_path / "there" / name for name in ("baby", "tail")}
    for seed, run in enumerate(runs.values()):
        checkpoint(run, seed=seed)
    size = exact_megabytes(runs, tmp_path / "whole") / 7
    done = checkpoint_archive.write(runs, tmp_path / "archive", files=8, megabytes=size)
    assert done is not None and done.level == checkpoint_archive.EXACT and len(done.parts) in (7, 8)
    assert max(part.stat().st_size for part in done.parts) <= size * 2**20
    assert checkpoint_archive.unpack(tmp_path / "archive", tmp_path / "here") == ("baby", "tail")
    for name, run in runs.items():
        for key, value in values(run).items():
            back = values(tmp_path / "here" / name)[key]
            assert back.dtype == value.dtype and np.array_equal(back, value)
        assert (tmp_path / "here" / name / "metrics.jsonl").read_text() == '{"epoch": 3}\n'
    assert done_epochs(tmp_path / "here" / "tail") == 3


def test_less_room_costs_precision_of_the_optimizer_first(tmp_path):
    checkpoint(tmp_path / "there" / "tail")
    runs = {"tail": tmp_path / "there" / "tail"}
    room = 0.8 * exact_megabytes(runs, tmp_path / "whole")
    done = checkpoint_archive.write(runs, tmp_path / "archive", files=1, megabytes=room)
    assert done is not None and done.level == checkpoint_archive.LIGHT
    checkpoint_archive.unpack(tmp_path / "archive", tmp_path / "here")
    before, after = values(tmp_path / "there" / "tail"), values(tmp_path / "here" / "tail")
    assert np.array_equal(before["model/0000"], after["model/0000"])
    assert after["optimizer/0000"] == 300 and after["optimizer/0000"].dtype == np.int64
    for key in ("optimizer/0001", "optimizer/0002"):
        assert after[key].dtype == np.float32
        large = np.abs(before[key]) > 0.01 * np.abs(before[key]).max()
        assert np.allclose(after[key][large], before[key][large], rtol=4e-3), "second moments of 1e-9 survive"


def test_without_room_the_least_important_runs_stay_behind_by_name(tmp_path):
    runs = {name: tmp_path / name for name in ("head", "tail")}
    for run in runs.values():
        checkpoint(run)
    room = 0.45 * exact_megabytes(runs, tmp_path / "whole")
    done = checkpoint_archive.write(runs, tmp_path / "archive", files=1, megabytes=room)
    assert done is not None and done.runs == ("head",) and done.left_out == ("tail",)
    with pytest.raises(InputError, match="Allow more files"):
        checkpoint_archive.write(runs, tmp_path / "archive", files=1, megabytes=0.001)


def test_an_archive_is_renewed_whole_and_a_torn_one_is_named(tmp_path):
    checkpoint(tmp_path / "tail")
    runs = {"tail": tmp_path / "tail"}
    checkpoint_archive.write(runs, tmp_path / "archive", megabytes=0.01)
    first = sorted(path.name for path in (tmp_path / "archive").iterdir())
    done = checkpoint_archive.write(runs, tmp_path / "archive", megabytes=0.01)
    assert done is not None and {path.name for path in (tmp_path / "archive").iterdir()} == {p.name for p in done.parts}
    assert not set(first) & {path.name for path in done.parts}
    done.parts[-1].unlink()
    with pytest.raises(InputError, match="bring the others"):
        checkpoint_archive.unpack(tmp_path / "archive", tmp_path / "here")
    assert checkpoint_archive.unpack(tmp_path / "nowhere", tmp_path / "here") == ()


def test_a_run_that_is_further_stays(tmp_path):
    checkpoint(tmp_path / "there" / "tail", epoch=3)
    checkpoint_archive.write({"tail": tmp_path / "there" / "tail"}, tmp_path / "archive")
    checkpoint(tmp_path / "here" / "tail", epoch=4)
    assert checkpoint_archive.unpack(tmp_path / "archive", tmp_path / "here") == ()
    assert done_epochs(tmp_path / "here" / "tail") == 4


def test_names_in_an_archive_cannot_leave_the_folder(tmp_path):
    import zipfile

    (tmp_path / "archive").mkdir()
    with zipfile.ZipFile(tmp_path / "archive" / "carry-000001-1of1.bin", "w") as archive:
        archive.writestr("../state.h5", b"")
    with pytest.raises(InputError, match="no run of ours"):
        checkpoint_archive.unpack(tmp_path / "archive", tmp_path / "here")
    assert not (tmp_path / "here").exists() and not (tmp_path / "state.h5").exists()


# Pack -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def light_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No published weights, so that a pack is small and runs begin from random numbers."""
    from s2p import weights

    place = tmp_path / "no_weights"
    place.mkdir()
    (place / "registry.json").write_text('{"version": 1, "weights": []}')
    monkeypatch.setattr(weights, "folder", lambda: place)
    return place


def test_a_pack_holds_all_pictures_within_its_size(art, light_weights, tmp_path):
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "some-1-py3-none-any.whl").write_bytes(b"x" * 5000)
    packed = pack(art, tmp_path / "pack", max_megabytes=4, wheels=tmp_path / "wheels")
    size = sum(path.stat().st_size for path in packed.path.rglob("*") if path.is_file())
    assert size <= 4 * 2**20 and packed.pictures == 12 and packed.left_out == 0
    code = ("start.py", "s2p/train/borrowed/train_all.py", "s2p/train/borrowed/__init__.py")
    assert all((packed.path / name).is_file() for name in code)
    assert (packed.path / "weights" / "registry.json").is_file() and len(list((packed.path / "wheels").iterdir())) == 1
    there = Art(packed.path / "pictures")
    assert len(there) == 12 and there.flavours == 4
    original = Art(art)
    for i in range(12):
        assert there.color(i).shape == original.color(i).shape
        error = there.color(i).astype(np.float32) - original.color(i)
        assert 10 * np.log10(255**2 / (error**2).mean()) > 30, "the pictures are the same"
        assert there.lines(i).min() < 100 and np.median(there.lines(i)) == 255, "lines are drawn there"
        assert there.tags(i) == original.tags(i) == tuple(range(i % 4)), "their words travel with them"
    assert Art(packed.path / "pictures").folder == there.folder, "decoded once"


def test_a_small_pack_lowers_the_quality_then_the_number(art, light_weights, tmp_path):
    code = pack(art, tmp_path / "large", max_megabytes=4)
    pictures = sum(path.stat().st_size for path in (code.path / "pictures").iterdir())
    room = (sum(p.stat().st_size for p in code.path.rglob("*") if p.is_file()) - pictures) / 2**20 + 0.0625
    low = pack(art, tmp_path / "low.zip", max_megabytes=room + 0.7 * pictures / 2**20)
    assert low.quality < code.quality and low.left_out == 0 and low.path.stat().st_size < 4 * 2**20
    few = pack(art, tmp_path / "few", max_megabytes=room + 0.15 * pictures / 2**20)
    assert few.left_out > 0 and few.pictures + few.left_out == 12
    with pytest.raises(InputError, match="no room for pictures"):
        pack(art, tmp_path / "none", max_megabytes=0.1)
    with pytest.raises(OutputError, match="exists"):
        pack(art, tmp_path / "few")
    assert not list(tmp_path.glob(".*partial")) and not list(tmp_path.rglob(".s2p-*"))


def test_a_damaged_shard_is_named(art, light_weights, tmp_path):
    packed = pack(art, tmp_path / "pack", max_megabytes=4)
    (shard,) = (packed.path / "pictures").glob("*.h5")
    shard.write_bytes(shard.read_bytes()[:-3] + b"???")
    with pytest.raises(InputError, match=re.escape(shard.name)):
        Art(packed.path / "pictures")


# In turn --------------------------------------------------------------------------------------------------------------


def test_networks_take_turns_and_go_on_from_the_archive(art, light_weights, tmp_path, capsys, monkeypatch):
    changes = [*TINY, "epoch_steps=2", "epochs=4", "tail.epochs=3", "keep_every=4", "crop=64"]
    words = ["--networks", "tail,line_extractor", "--checkpoint-archive", str(tmp_path / "archive"), "--data", str(art)]
    words += [word for change in changes for word in ("--set", change)]
    with monkeypatch.context() as patch:  # the time is over after the first network, however fast this computer is
        ticks = itertools.count(step=6e-4)  # seconds
        patch.setattr(train_all, "time", types.SimpleNamespace(monotonic=lambda: next(ticks)))
        assert cli.main(["train", "all", "--out", str(tmp_path / "one"), "--minutes", "2.5e-5", *words]) == 0
    first = capsys.readouterr().out
    assert re.search(r"tail +epochs +0 to +0", first) and "no time was left" in first
    assert batches(tmp_path / "one" / "tail") == 1, "it was stopped in the middle of its first epoch"
    assert cli.main(["train", "all", "--out", str(tmp_path / "two"), "--minutes", "5", *words]) == 0
    second = capsys.readouterr().out
    assert "tail goes on at epoch 1." in second
    assert re.search(r"tail +epochs +0 to +3", second) and re.search(r"line_extractor +epochs +0 to +4", second)
    assert {path.parent.name for path in tmp_path.glob("two/*/*.weights.h5")} == {"tail", "line_extractor"}
    assert cli.main(["train", "all", "--out", str(tmp_path / "two"), "--minutes", "5", *words]) == 0
    assert capsys.readouterr().out.count("was done") == 2


def test_one_network_that_fails_does_not_cost_the_others_their_time(
    art, light_weights, tmp_path, capsys, monkeypatch
):
    begins = Tail.__post_init__

    def diverging(self: Tail) -> None:
        begins(self)
        self.rate = float("nan")

    monkeypatch.setattr(Tail, "__post_init__", diverging)
    turns = train_all.train_all(
        art, tmp_path, minutes=5, names=["tail", "line_extractor"],
        changes=[*TINY, "epoch_steps=2", "epochs=2", "crop=64"],
    )
    assert turns[0].note.startswith("FAILED (S2PError") and turns[1].after == 2 and not turns[1].note


def test_wrong_words_are_refused_before_the_minutes_begin(art, tmp_path, capsys):
    for arguments in ({"names": ["nose"]}, {"shares": {"tail": -1.0}}, {"changes": ["nose.rate=1"]},
                      {"changes": ["nose=1"]}, {"names": ["tail"], "shares": {"tail": 0.0}}):
        with pytest.raises(ConfigError):
            train_all.train_all(art, tmp_path, minutes=1, **arguments)
    with pytest.raises(ConfigError, match="head=3"):
        train_all.parse_shares("head:3")
    assert train_all.parse_shares("head=3, neck=1.5") == {"head": 3.0, "neck": 1.5} and train_all.parse_shares("") == {}
    assert cli.main(["train", "all", "--data", str(art), "--out", str(tmp_path)]) == 2
    assert "--minutes" in capsys.readouterr().err


@pytest.mark.slow
def test_a_pack_trains_is_killed_and_goes_on(art, light_weights, tmp_path):
    packed = pack(art, tmp_path / "pack", max_megabytes=8)
    words = [sys.executable, str(packed.path / "start.py"), "--networks", "tail,girder"]
    words += ["--checkpoint-archive", str(tmp_path / "c")]
    words += [word for change in ("epoch_steps=2", "batch_size=1", "keep_every=1") for word in ("--set", change)]
    environment = {**os.environ, "PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen([*words, "--minutes", "1"], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not list((tmp_path / "c").glob("*.bin")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list((tmp_path / "c").glob("*.bin")), "something was carried out before the end"
    words += ["--out", str(tmp_path / "fresh")]  # another computer: only the archive came along
    done = subprocess.run(
        [*words, "--minutes", "0.5"], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "tail goes on at epoch" in done.stdout or "girder goes on at epoch" in done.stdout
    assert all(path.stat().st_size <= 16 * 2**20 for path in (tmp_path / "c").iterdir())
    assert len(list((tmp_path / "c").iterdir())) <= 8


def test_batches_of_other_processes_are_the_same(art):
    from s2p.train.loaders import Loaders
    from s2p.train.recipes import get

    recipe = get("tail")(data=str(art), batch_size=2, crop=64)  # pyright: ignore[reportCallIssue]
    loaders = Loaders(recipe, count=1, first=3, last=7)
    try:
        for step in (3, 4, 3, 4, 5, 6):  # Keras looks at the first two and begins again
            expected = recipe.gather(step, np.random.default_rng([recipe.seed, step]))
            assert all(np.array_equal(a, b) for a, b in zip(loaders.gather(step), expected, strict=True))
    finally:
        loaders.close()
