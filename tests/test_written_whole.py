"""What is written appears whole, and what a killed process has left is cleared away."""

from __future__ import annotations

import numpy as np
import pytest

from s2p.files import written_whole
from s2p.train.decoded import Writer


def test_a_folder_takes_the_place_of_the_one_before_only_when_it_is_whole(tmp_path):
    target = tmp_path / "art"
    for text in ("first", "second"):
        with written_whole(target) as folder:
            folder.mkdir()
            (folder / f"{text}.txt").write_text(text)
        assert [path.name for path in target.iterdir()] == [f"{text}.txt"]
    with pytest.raises(KeyError), written_whole(target) as folder:
        folder.mkdir()
        raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == ["art"] and (target / "second.txt").is_file()


def test_what_is_large_and_was_left_by_a_killed_process_is_removed_by_the_next(tmp_path):
    started = written_whole(tmp_path / "art", is_large=True)
    left = started.__enter__()  # and never ended
    left.mkdir()
    (left / "old.raw").write_bytes(b"half")
    with written_whole(tmp_path / "art", is_large=True) as folder:
        assert not folder.exists()
        folder.mkdir()
    assert [path.name for path in tmp_path.iterdir()] == ["art"] and not list((tmp_path / "art").iterdir())


def test_decoded_pictures_are_there_whole_or_as_they_were(tmp_path):
    color, lines = np.full((512, 512, 3), 9, np.uint8), np.full((512, 512), 255, np.uint8)
    target = tmp_path / "decoded"
    with Writer(target) as writer:
        writer.add("a", color, lines)
        (writer.folder / "beside.txt").write_text("with it")
        assert not target.exists()
    names = ["beside.txt", "color.raw", "index.json", "lines.raw"]  # of parts nothing is known
    assert sorted(path.name for path in target.iterdir()) == names
    with pytest.raises(KeyError), Writer(target) as writer:
        writer.add("b", color[:, ::-1], lines)
        raise KeyError
    assert sorted(path.name for path in target.iterdir()) == names
    assert [path.name for path in tmp_path.iterdir()] == ["decoded"]
