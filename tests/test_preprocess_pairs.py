"""Auto-painter's side-by-side folders, both ways and from both sides."""

from __future__ import annotations

import numpy as np
import pytest
from preprocess_art import drawing

from preprocess.__main__ import main
from preprocess.pairs import import_pairs, join_pair, split_pair, write_pairs
from preprocess.records import read_hdf5
from s2p.errors import InputError
from s2p.image import load_image, save_image
from s2p.xdog import HARD


@pytest.mark.parametrize("side", ["left", "right"])
def test_both_positions_give_the_same_sketch_and_color(side):
    color = drawing(3)
    pair = join_pair(HARD(color), color, sketch_on=side)
    for position in ("auto", side):
        sketch, picture = split_pair(pair, position=position)
        assert np.array_equal(sketch, HARD(color)) and np.array_equal(picture, color)


def test_ambiguous_and_malformed_pairs_are_refused():
    color = drawing(4)
    for pair in (np.hstack([color, drawing(5)]), np.full((80, 160, 3), 200, np.uint8)):
        with pytest.raises(InputError, match="not clear"):
            split_pair(pair)
    split_pair(np.full((80, 160, 3), 200, np.uint8), position="left")
    for shape in ((80, 81, 3), (80, 40, 3), (10, 400, 3)):
        with pytest.raises(InputError, match="side by side"):
            split_pair(np.zeros(shape, np.uint8))
    with pytest.raises(InputError, match="position"):
        split_pair(join_pair(HARD(color), color), position="top")


def test_a_folder_of_pairs_becomes_shards_and_back(tmp_path, capsys):
    source, out, back = tmp_path / "pairs", tmp_path / "out", tmp_path / "back"
    source.mkdir()
    for number in range(5):
        color = drawing(number, height=96, width=96)
        save_image(join_pair(HARD(color), color, sketch_on="left" if number % 2 else "right"), source / f"{number}.png")
    (source / "broken.jpg").write_bytes(b"no")
    count, failures = import_pairs(str(source), str(out), eval_share=0.0)
    assert count == 5 and [name for name, _ in failures] == ["broken.jpg"]
    for example in read_hdf5(str(out)):
        color = drawing(int(example["key"][0]), height=96, width=96)
        assert np.array_equal(example["lines"][..., 0], HARD(color))
        assert np.abs(example["color"].astype(int) - color).mean() < 3
    assert write_pairs(str(out), back, sketch_on="left") == 5
    for path in back.iterdir():
        sketch, _ = split_pair(load_image(path))
        assert np.array_equal(sketch, HARD(drawing(int(path.name[0]), height=96, width=96)))
    with pytest.raises(InputError, match="drawn"):
        write_pairs(str(out), back, flavour="xdog")
    assert main(["pairs", str(source), str(tmp_path / "again")]) == 0
    assert "1 refused" in capsys.readouterr().out


def test_two_folders_with_the_same_names_are_pairs_too(tmp_path):
    colors, lines = tmp_path / "colors", tmp_path / "lines"
    for number in range(3):
        color = drawing(number, height=80, width=64)
        save_image(color, _made(colors / "sub") / f"{number}.jpg")
        save_image(HARD(color), _made(lines / "sub") / f"{number}.png")
    save_image(drawing(7), colors / "alone.png")
    save_image(drawing(8), colors / "odd.png")
    save_image(HARD(drawing(8, height=70, width=50)), lines / "odd.png")
    count, failures = import_pairs(str(colors), str(tmp_path / "out"), lines=str(lines), eval_share=0.0)
    assert count == 3 and [name for name, _ in failures] == ["alone.png", "odd.png"]
    assert "no line art" in failures[0][1] and "50 x 70" in failures[1][1]
    for example in read_hdf5(str(tmp_path / "out")):
        number = int(example["key"].rpartition("/")[2][0])
        assert np.array_equal(example["lines"][..., 0], HARD(drawing(number, height=80, width=64)))


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder
