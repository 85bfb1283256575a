"""Parts that a person names: numbered regions, the text that names them, and labels in the shards."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from preprocess import naming
from preprocess.commands import run_commands
from preprocess.records import UNKNOWN_PART
from preprocess.synthetic.parts import FIRST_CLOTH, NUMBERS
from s2p.errors import InputError
from s2p.image import load_image, save_image
from s2p.train.art import Art

SKIN, PAPER = NUMBERS["skin"], NUMBERS["paper"]
HEAD, SHIRT, GROUND = (100, 150), (300, 150), (20, 20)  # rows and columns in `figure`


def figure() -> np.ndarray:
    """A head over a shirt on white, `uint8[400, 300, 3]`."""
    color = np.full((400, 300, 3), 255, np.uint8)
    color[60:160, 100:200] = (236, 190, 160)
    color[164:380, 60:240] = (60, 90, 200)
    color[160:164, 60:240] = 0
    return color


def number_at(numbers: np.ndarray, place: tuple[int, int]) -> int:
    scale = numbers.shape[0] / 400
    return int(numbers[round(place[0] * scale), round(place[1] * scale)])


def names(folder: object, text: str) -> None:
    (folder / "names.txt").write_text(text, encoding="utf-8")  # type: ignore[operator]


def test_every_even_area_gets_a_number_of_its_own_and_lines_get_none() -> None:
    numbers = naming.regions_of(figure())
    found = [number_at(numbers, place) for place in (GROUND, SHIRT, HEAD)]
    assert found == [1, 2, 3]  # the largest first
    assert numbers.max() == 3
    assert number_at(numbers, (162, 150)) in (0, 2)  # a line of three pixels


def test_a_gentle_gradient_is_one_region() -> None:
    color = figure()
    color[164:380, 60:240, 2] = np.linspace(180, 210, 216)[:, None]
    numbers = naming.regions_of(color)
    assert number_at(numbers, (180, 150)) == number_at(numbers, (370, 150)) == 2


def test_the_view_shows_numbers_borders_and_the_picture_as_it_is() -> None:
    color = figure()
    view = naming.view_of(color, naming.regions_of(color))
    assert (view == (255, 0, 160)).all(-1).any()
    assert view.shape[1] > view.shape[0] * 300 / 400 * 1.3  # the picture stands beside
    assert (view[:, -100:] == (60, 90, 200)).all(-1).any()  # in its own colours


def test_what_is_written_becomes_labels(tmp_path) -> None:
    naming.write_view(figure(), tmp_path / "girl.png")
    names(tmp_path, "# who is who\n\ngirl | skin 3 | cloth 2 | rest paper\nother | skip\n")
    found = naming.read_names(str(tmp_path))
    assert found["other"] == ()
    parts = naming.named_parts(str(tmp_path), "girl", found["girl"], (400, 300))
    assert parts.shape == (400, 300)
    assert [parts[place] for place in (HEAD, SHIRT, GROUND)] == [SKIN, FIRST_CLOTH, PAPER]


def test_what_is_left_out_or_not_named_stays_unknown(tmp_path) -> None:
    naming.write_view(figure(), tmp_path / "girl.png")
    names(tmp_path, "girl | skin 3 | rest cloth | out 1\nboy | skin 3")
    found = naming.read_names(str(tmp_path))
    parts = naming.named_parts(str(tmp_path), "girl", found["girl"], (400, 300))
    assert [parts[place] for place in (HEAD, SHIRT, GROUND)] == [SKIN, FIRST_CLOTH, UNKNOWN_PART]
    parts = naming.named_parts(str(tmp_path), "girl", found["boy"], (400, 300))
    assert [parts[place] for place in (HEAD, SHIRT, GROUND)] == [SKIN, UNKNOWN_PART, UNKNOWN_PART]


@pytest.mark.parametrize(("line", "said"), [
    ("girl | skn 3", "'skn 3' names none of paper, skin"), ("girl | skin x", "'x' is no number of a region"),
    ("girl | skin 3 | hair 3", "region 3 is named twice"), ("girl | skin 300", "'300' is no number"),
    ("girl | rest", "'rest' names none"), ("girl | skin ²", "'²' is no number"),
])  # fmt: skip
def test_a_line_that_cannot_be_read_is_shown(tmp_path, line: str, said: str) -> None:
    names(tmp_path, "first | skin 1\n" + line)
    with pytest.raises(InputError, match="line 2: ") as refused:
        naming.read_names(str(tmp_path))
    assert said in str(refused.value)


def test_a_region_that_is_not_there_is_refused(tmp_path) -> None:
    naming.write_view(figure(), tmp_path / "girl.png")
    with pytest.raises(InputError, match=r"regions 1 to 3. Received in names.txt: 9"):
        naming.named_parts(str(tmp_path), "girl", ((9, SKIN),), (400, 300))


def test_commands_number_pictures_and_take_the_names(tmp_path, capsys) -> None:
    art, views, out = tmp_path / "art", tmp_path / "views", tmp_path / "out"
    art.mkdir()
    for name, color in (("girl", figure()), ("boy", np.ascontiguousarray(np.roll(figure(), 40, 1)))):
        save_image(color, art / f"{name}.png")
    assert run_commands(["regions", str(art), str(views)]) == 0
    assert "names.txt" in capsys.readouterr().out
    before = (views / "girl.png").stat().st_mtime_ns
    assert run_commands(["regions", str(art), str(views)]) == 0  # again: numbers never change under their names
    assert (views / "girl.png").stat().st_mtime_ns == before
    assert load_image(views / "girl.view.png").ndim == 3
    names(views, "girl | skin 3 | cloth 2 | paper 1\n")
    options = ["--named", str(views), "--eval-share", "0", "--format", "hdf5", "--lines", "xdog", "--executor", "local"]
    code = run_commands([str(art), str(out), "--steps", "lines,records", "--duplicate-bits", "0", *options])
    assert code == 0
    with h5py.File(next(out.glob("train-*.h5")), "r") as file:
        assert len(file["parts"]) == 2  # type: ignore[arg-type]
    folder = Art(out)
    labels = {}
    for i, row in enumerate(folder.index):
        parts = folder.parts(i)
        assert parts is not None
        labels[str(row[0])] = {int(part) for part in np.unique(parts)}
    assert labels["girl.png"] >= {SKIN, FIRST_CLOTH, PAPER}
    assert labels["boy.png"] == {UNKNOWN_PART}


def test_named_regions_and_letterboxes_exclude_each_other(tmp_path, capsys) -> None:
    (tmp_path / "art").mkdir()
    code = run_commands([str(tmp_path / "art"), str(tmp_path / "out"), "--named", str(tmp_path)])
    assert code != 0
    assert "leave the step letterbox out" in capsys.readouterr().err
