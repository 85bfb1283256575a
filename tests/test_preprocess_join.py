"""Shards of several folders as one, so that a training sees art and drawings of our own together."""

from __future__ import annotations

import pytest
from preprocess_art import fill_folder

from preprocess.__main__ import main
from preprocess.inspection import verify_shards
from preprocess.join import join_folders
from preprocess.plan import Plan
from preprocess.records import read_hdf5, read_index
from preprocess.run import prepare
from s2p.errors import InputError
from s2p.train.art import Art


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[str, str]:
    root = tmp_path_factory.mktemp("join")
    fill_folder(root / "art", 4)
    prepare(Plan(str(root / "art"), str(root / "one"), short_edge=64, min_edge=64, eval_share=0.0, per_shard=2))
    assert main(["synthetic", "3", str(root / "two"), "--size", "64", "--eval-share", "0", "--executor", "local"]) == 0
    return str(root / "one"), str(root / "two")


def test_joined_shards_hold_the_pictures_of_all(folders, tmp_path, capsys):
    out = str(tmp_path / "out")
    assert main(["join", out, *folders]) == 0
    assert "7 train" in capsys.readouterr().out
    keys = {example["key"] for folder in folders for example in read_hdf5(folder)}
    assert {example["key"] for example in read_hdf5(out)} == keys and len(keys) == 7
    index = read_index(out)
    assert index["flavours"] == ["xdog|drawn", "hard|xdog", "gradient|hard"] and index["counts"]["train"] == 7
    assert verify_shards(out, index) == sum(len(e["files"]) for entries in index["shards"].values() for e in entries)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*-of-*")}
    join_folders(folders, out)
    assert {path: path.stat().st_mtime_ns for path in before} == before, "what is there and whole is kept"
    assert len(Art(out)) == 7


def test_folders_that_do_not_fit_are_refused(folders, tmp_path):
    other = str(tmp_path / "other")
    arguments = ["synthetic", "1", other, "--size", "64", "--lines", "drawn", "--eval-share", "0"]
    assert main([*arguments, "--executor", "local"]) == 0
    with pytest.raises(InputError, match="number of line flavours"):
        join_folders([folders[0], other], str(tmp_path / "out"))
    with pytest.raises(InputError, match="folder of its own"):
        join_folders(folders, folders[0] + "/")
    with pytest.raises(InputError, match="no finished shards"):
        join_folders([folders[0], str(tmp_path)], str(tmp_path / "out"))


def test_a_damaged_shard_is_not_passed_on(folders, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folders[0], copy)
    shard = next(iter(copy.glob("*.h5")))
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(bytes(data))
    with pytest.raises(InputError, match="is damaged"):
        join_folders([str(copy)], str(tmp_path / "out"))
