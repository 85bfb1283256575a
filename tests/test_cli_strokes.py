"""`s2p strokes` and `s2p strokes render`."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

import s2p
from s2p.cli import main, strokes
from s2p.export import Layer, encode_ora
from s2p.image import load_image, save_image
from s2p.strokes import painting
from s2p.strokes.backends import BACKENDS
from s2p.strokes.files import read_strokes
from s2p.strokes.layouts import LAYOUTS
from tests.stroke_cases import picture

QUICK = ["--max-strokes", "28", "--max-divide", "3", "--candidates", "6", "--iters", "1", "--canvas-size", "96"]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "photo.of.a.thing.jpeg"
    path.parent.mkdir()
    save_image(picture(60, 100), path)
    return path


def test_the_words_of_the_command_are_those_of_the_table():
    assert get_args(strokes.Renderer) == tuple(LAYOUTS)
    assert get_args(strokes.Backend) == BACKENDS


def test_a_photo_becomes_a_painting_and_files_beside_it(photo, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["strokes", str(photo), "-o", f"{out}/", *QUICK, "--svg", "--json", "--mp4", "--gif", "--frames"]) == 0
    stem = "photo.of.a.thing"
    names = {path.name for path in out.iterdir()}
    assert names == {f"{stem}{e}" for e in (".png", ".svg", ".mp4", ".gif", "_frames", "_strokes.npz", "_strokes.json")}
    image = load_image(out / f"{stem}.png")
    assert image.shape == (58, 96, 3)  # never stretched
    held = read_strokes(out / f"{stem}_strokes.npz")
    np.testing.assert_array_equal(held.values, read_strokes(out / f"{stem}_strokes.json").values)
    frames = sorted((out / f"{stem}_frames").iterdir())
    assert len(frames) == len(held) + 1
    np.testing.assert_array_equal(load_image(frames[-1]), image)
    assert f"{len(held)} strokes in" in capsys.readouterr().err


def test_a_file_of_strokes_is_drawn_at_any_size(photo, tmp_path):
    assert main(["strokes", str(photo), "-o", str(tmp_path / "a.png"), *QUICK]) == 0
    strokes_file = tmp_path / "a_strokes.npz"
    assert main(["strokes", "render", str(strokes_file), "--size", "300", "-o", str(tmp_path / "b.webp")]) == 0
    assert load_image(tmp_path / "b.webp").shape == (180, 300, 3)
    assert main(["strokes", "render", str(strokes_file), "--canvas-color", "black", "--svg", "--size", "64"]) == 0
    assert load_image(tmp_path / "a.png").shape == (38, 64, 3) and "#000000" in (tmp_path / "a.svg").read_text()


def test_square_squeezes_and_eight_bit_is_made_of_boxes(photo, tmp_path):
    assert main(["strokes", str(photo), "-o", str(tmp_path / "a.png"), *QUICK, "--square", "--8bit"]) == 0
    assert load_image(tmp_path / "a.png").shape == (96, 96, 3)
    assert read_strokes(tmp_path / "a_strokes.npz").renderer == "rectangle"


def test_lines_lie_on_top(photo, tmp_path):
    drawing = np.full((60, 100), 255, np.uint8)
    drawing[28:32] = 0
    save_image(drawing, tmp_path / "lines.png")
    files = ["--lines", str(tmp_path / "lines.png")]
    assert main(["strokes", str(photo), "-o", str(tmp_path / "a.png"), *QUICK, *files]) == 0
    assert load_image(tmp_path / "a.png")[29].mean() < 60
    strokes_file = tmp_path / "a_strokes.npz"
    assert main(["strokes", "render", str(strokes_file), "-o", str(tmp_path / "b.png"), "--size", "96", *files]) == 0
    np.testing.assert_array_equal(load_image(tmp_path / "b.png"), load_image(tmp_path / "a.png"))


def test_strokes_take_the_colours_of_a_picture(photo, tmp_path):
    assert main(["strokes", str(photo), "-o", str(tmp_path / "a.png"), *QUICK]) == 0
    save_image(np.full((20, 20, 3), (10, 160, 40), np.uint8), tmp_path / "leaf.png")
    assert main(["strokes", "style", str(tmp_path / "a_strokes.npz"), str(tmp_path / "leaf.png"), "--size", "96"]) == 0
    image = load_image(tmp_path / "a_leaf.png").astype(int)
    painted = image[(image < 245).any(-1)]
    assert image.shape == (58, 96, 3) and (painted[:, 1] > painted[:, 0] + 20).mean() > 0.9
    held, before = (read_strokes(tmp_path / f"{name}_strokes.npz") for name in ("a_leaf", "a"))
    np.testing.assert_array_equal(held.values[:, :5], before.values[:, :5])
    words = ["style", str(tmp_path / "a_strokes.npz"), str(tmp_path / "leaf.png"), "--size", "96"]
    assert main(["strokes", *words, "--texture", "--steps", "2", "-o", str(tmp_path / "moved.png")]) == 0
    moved = read_strokes(tmp_path / "moved_strokes.npz")
    assert len(moved) == len(before) and np.abs(moved.values[:, :5] - before.values[:, :5]).max() > 1e-4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_keeps_what_is_laid(number, photo, tmp_path, monkeypatch, capsys):
    paint = painting.paint

    def interrupted(source: Any, **options: Any) -> Any:
        return paint(source, **options, laid=lambda rows: os.kill(os.getpid(), number) if first(rows) else None)

    seen: list[int] = []

    def first(rows: np.ndarray) -> bool:
        seen.append(len(rows))
        return len(seen) == 3

    monkeypatch.setattr(painting, "paint", interrupted)
    before = signal.getsignal(number)
    many = ["--max-strokes", "4000", "--max-divide", "9", "--candidates", "64"]
    code = main(["strokes", str(photo), "-o", str(tmp_path / "a.png"), *many])
    assert code == 130 and "what was laid is kept" in capsys.readouterr().err
    assert sum(seen) == len(read_strokes(tmp_path / "a_strokes.npz")) < 2000
    assert load_image(tmp_path / "a.png").shape[1] == 512 and signal.getsignal(number) is before


def test_a_time_budget_says_that_it_ended_the_painting(photo, tmp_path, capsys):
    many = ["--max-strokes", "20000", "--max-divide", "6", "--time-budget"]
    assert main(["strokes", str(photo), "-o", str(tmp_path / "a.png"), *many, "0.3"]) == 0
    held, said = len(read_strokes(tmp_path / "a_strokes.npz")), capsys.readouterr().err
    planned = re.search(rf": {held} of (\d+) strokes in .* stopped by --time-budget\.", said)
    assert planned is not None and 0 < held < int(planned[1]) <= 20_000
    assert main(["strokes", str(photo), "-o", str(tmp_path / "a.png"), *QUICK, "--time-budget", "300"]) == 0
    assert "stopped" not in capsys.readouterr().err


@pytest.mark.parametrize(("words", "sentence"), [
    (["a.png"], "Say where the painting goes"), (["a.png", "-o", "-"], "Give -o FILE"),
    (["none.png", "-o", "out/"], "does not exist"), (["render", "none.npz"], "does not exist"),
    (["render", "a.png"], ".npz or .json"), (["a.png", "-o", "b.bmp"], "must end in"),
    (["a.png", "-o", "out/", "--max-strokes", "20", "--max-divide", "5"], "Give more strokes or fewer divisions"),
    (["a.png", "-o", "out/", "--canvas-color", "mauve"], "--canvas-color must be white or black, or must look"),
    (["a_strokes.npz", "-o", "out/"], "s2p strokes render"), (["a.JSON", "-o", "out/"], "s2p strokes render"),
    (["a.png", "-o", "out/", "--with-ot-loss", "--beta-ot", "-1"], "--beta-ot must be from 0"),
    (["a.png", "-o", "out/", "--renderer", "air"], "oilpaintbrush"),
    (["a.png", "-o", "out/", "--renderer", "oil"], "Did you mean oilpaintbrush?"),
    (["a.png", "-o", "out/", "--canvas-size", "5"], "--canvas-size must be from 16"),
    (["a.png", "-o", "out/", "--candidates", "9999"], "--candidates must be a whole number"),
    (["a.png", "--nothing"], "Usage: s2p strokes ["), (["paint", "a.png", "--nothing"], "Usage: s2p strokes paint ["),
    (["a.png", "a.png", "b.png", "-o", "out/", "--lines", "a.png"], "belongs to one picture"),
])  # fmt: skip
def test_what_is_wrong_is_one_sentence(words, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png"):
        Image.new("RGB", (8, 8)).save(name)
    assert main(["strokes", *words]) in (2, 5)
    said = capsys.readouterr().err
    assert sentence in said and "Traceback" not in said
    assert not Path("out").exists(), "what did not come leaves no empty folder"


def test_help_shows_how_to_paint(capsys):
    assert main(["strokes", "--help"]) == 0
    assert "s2p strokes photo.jpg -o out/" in capsys.readouterr().out
    assert main(["strokes", "paint", "--help"]) == 0
    assert "--max-divide" in capsys.readouterr().out


def test_the_package_is_called_as_a_function(tmp_path):
    done = s2p.strokes(picture(), max_strokes=14, max_divide=3, candidates=4, iters=0, canvas_size=64)  # pyright: ignore
    done.save(tmp_path / "a.json")
    assert len(json.loads((tmp_path / "a.json").read_text())["strokes"]) == len(done.strokes)


def test_of_several_pages_the_one_that_was_taken_is_said_and_another_can_be(tmp_path, capsys):
    source, target = tmp_path / "scans.tif", tmp_path / "a.png"
    shots = [Image.new("RGB", (60, 60), color) for color in ("#c02010", "#1020c0")]
    shots[0].save(source, save_all=True, append_images=shots[1:])
    assert main(["strokes", str(source), "-o", str(target), *QUICK]) == 0
    assert "page 1 was taken. --page N takes another." in capsys.readouterr().err
    assert load_image(target).mean((0, 1))[0] > 150
    assert main(["strokes", str(source), "-o", str(target), "--page", "2", *QUICK]) == 0
    assert load_image(target).mean((0, 1))[2] > 150
    assert main(["strokes", str(source), "-o", str(target), "--page", "9", *QUICK]) == 2


def test_of_several_layers_all_are_taken_and_one_can_be(tmp_path, capsys):
    source, target = tmp_path / "a.ora", tmp_path / "a.png"
    sheet = np.full((60, 60, 4), 255, np.uint8)
    red = sheet * np.array([1, 0, 0, 1], np.uint8)
    source.write_bytes(encode_ora([Layer("below", red), Layer("above", sheet)]))
    assert main(["strokes", str(source), "-o", str(target), *QUICK]) == 0
    assert "All of its 2 layers that are shown were taken" in capsys.readouterr().err
    assert load_image(target).mean() > 250
    assert main(["strokes", str(source), "-o", str(target), "--layer", "below", *QUICK]) == 0
    assert load_image(target).mean((0, 1))[1] < 60
