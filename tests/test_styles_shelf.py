"""Styles of one's own: learned, taken out, renamed and put in order, while the others stay to the bit."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from s2p import shelf, style_shelf, weights
from s2p.cli import main
from s2p.cli.styles import Width
from s2p.errors import InputError, NotFoundError, WeightsMissingError
from s2p.models import build
from s2p.style_options import StyleOptions
from s2p.style_rows import is_row, names_in
from s2p.train.add_style import add_style

NAMES = ["great-wave", "starry-night", "udnie"]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A network of three styles that came with the program, and an empty folder of the user's."""
    ours, users = tmp_path / "ours", tmp_path / "users"
    monkeypatch.setattr(weights, "folder", lambda: ours)
    monkeypatch.setattr(weights, "user_folder", lambda: users)
    monkeypatch.setenv("S2P_BACKEND", "tensorflow")
    random, model = np.random.default_rng(1), build("stylizer", variant="light", styles=NAMES)
    for variable in model.variables:
        if is_row(variable):
            variable.assign(variable + random.normal(scale=0.3, size=variable.shape))
    weights.publish(model, network="stylizer", encoding="points", card="", build={"styles": NAMES}, place=ours,
                    variant="light")
    return tmp_path


def painted(name: str) -> np.ndarray:
    found = style_shelf.installed("light")
    share = np.eye(len(style_shelf.names_of(found)), dtype=np.float32)[[style_shelf.names_of(found).index(name)]]
    picture = np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    return np.asarray(weights.load_model(found)([picture, share]))


def test_rows_come_go_and_move_and_the_others_paint_the_same_to_the_bit(installed):
    before = {name: painted(name) for name in NAMES}
    learned = build("stylizer", variant="light", styles=1)
    found = style_shelf.installed("light")
    path = style_shelf.append(found, "mine", learned)
    assert path.parent == installed / "users" and names_in(path) == [*NAMES, "mine"]
    assert all(np.array_equal(painted(name), before[name]) for name in NAMES)
    mine = painted("mine")
    style_shelf.order(style_shelf.installed("light"), ["mine", "udnie"])
    style_shelf.rename(style_shelf.installed("light"), "udnie", "picabia")
    style_shelf.remove(style_shelf.installed("light"), "great-wave")
    assert style_shelf.names_of(style_shelf.installed("light")) == ("mine", "picabia", "starry-night")
    assert np.array_equal(painted("picabia"), before["udnie"]) and np.array_equal(painted("mine"), mine)
    with Image.open(style_shelf.strip_of(style_shelf.installed("light"))) as strip:  # pyright: ignore[reportArgumentType]
        assert strip.size == (3 * style_shelf.TILE, style_shelf.TILE)
    assert weights.find("stylizer", variant="light").path == path
    assert len(shelf.kept(installed / "users", "stylizer")) == 3 and shelf.verify(installed / "users") == []
    assert names_in(installed / "ours" / "stylizer-light.weights.h5") == NAMES, "ours is not touched"


def test_what_cannot_be_is_refused(installed):
    found = style_shelf.installed("light")
    for call, error in (
        (lambda: style_shelf.remove(found, "nobody"), NotFoundError),
        (lambda: style_shelf.rename(found, "udnie", "great-wave"), InputError),
        (lambda: style_shelf.rename(found, "udnie", "Ud nie"), InputError),
        (lambda: style_shelf.order(found, ["udnie", "udnie"]), InputError),
        (lambda: style_shelf.append(found, "udnie", build("stylizer", variant="light")), InputError),
        (lambda: style_shelf.installed("turbo"), WeightsMissingError),
        (lambda: add_style(installed / "none.png", variant="light"), InputError),
    ):
        with pytest.raises(error):
            call()
    style_shelf.remove(style_shelf.installed("light"), "udnie")
    style_shelf.remove(style_shelf.installed("light"), "starry-night")
    with pytest.raises(InputError, match="only style"):
        style_shelf.remove(style_shelf.installed("light"), "great-wave")
    assert not list(installed.glob("users/*none*"))


def test_a_style_is_learned_on_the_command_line_and_used(installed, capsys):
    before, painting = painted("udnie"), installed / "My Painting.png"
    y, x = np.mgrid[:60, :80]
    picture = np.stack([x * 3 % 256, y * 4 % 256, (x + y) % 256], -1).astype(np.uint8)
    Image.fromarray(picture).save(painting)
    words = ["styles", "add", str(painting), "--width", "light", "--features", "random", "--set", "epochs=1", "--set",
             "epoch_steps=2", "--set", "edge=32", "--set", "batch_size=1"]
    assert main(words) == 0
    assert main([*words, "--name", "great-wave"]) == InputError.exit_code
    capsys.readouterr()
    assert main(["styles", "list", "--width", "light", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["styles"] == [*NAMES, "my-painting"] and told["width"] == "light"
    assert np.array_equal(painted("udnie"), before)
    assert main(["stylize", str(painting), "-o", f"{installed}/out/", "--style", "all", "--width", "light"]) == 0
    assert sorted(path.name for path in (installed / "out").iterdir()) == sorted(
        f"My Painting_{name}.png" for name in told["styles"])
    capsys.readouterr()
    assert main(["stylize", str(painting), "-o", str(installed / "a.png"), "--mix", "great=.5,udnie=.5", "--json",
                 "--width", "light", "--strength", "0.5", "--keep-colour", "--stroke-size", "2"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["styles"] == {"great": 0.5, "udnie": 0.5} and (answer["width"], answer["height"]) == (80, 60)


def test_a_sheet_and_a_strip_are_drawn(installed):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)).save(installed / "a.png")
    words = ["styles", "sheet", str(installed / "a.png"), "--width", "light", "--tile", "32"]
    assert main([*words, "-o", str(installed / "sheet.png")]) == 0
    with Image.open(installed / "sheet.png") as sheet:
        assert sheet.width == 5 * 32 + 4 * 4
    assert main([*words, "-o", str(installed / "strip.png"), "--only", "udnie,great-wave"]) == 0
    with Image.open(installed / "strip.png") as strip:
        assert strip.size == (3 * 32 + 2 * 4, 32)


def test_mistakes_on_the_command_line_are_said_before_anything_is_read(installed, capsys):
    Image.new("RGB", (20, 20)).save(installed / "a.png")
    to = ["-o", str(installed / "b.png"), "--width", "light"]
    for words, said in (
        (["--mix", "udnie=.5"], "sum 1, unless normalise"), (["--style", "nobody"], "The styles are great-wave"),
        (["--style", "udnie", "--mix", "udnie=1"], "one of them"), (["--mix", "udnie=x"], "NAME=SHARE"),
        (["--style", "udnie", "--strength", "nan"], "--strength is a number from 0 to 1. Received: nan"),
        (["--mix", "udnie=nan"], "finite"),
        (["--mix", "udnie=1.5,great=.2"], "from 0 to 1, unless extrapolate is set, and"),
    ):
        assert main(["stylize", str(installed / "a.png"), *to, *words]) == InputError.exit_code
        assert said in capsys.readouterr().err
    assert main(["stylize", str(installed / "a.png"), "-o", "-", "--style", "all", "--width", "light"]) == 5
    assert not (installed / "b.png").exists()


def test_what_was_done_is_said(installed, capsys):
    for words, said in (
        (["rename", "udnie", "picabia"], "udnie is called picabia now. light has 3 styles, kept in "),
        (["order", "picabia"], "picabia comes first now."),
        (["remove", "great-wave"], "great-wave has been taken out. light has 2 styles"),
    ):
        assert main(["styles", *words, "--width", "light"]) == 0
        assert capsys.readouterr().out.startswith(said)
    Image.new("RGB", (20, 20)).save(installed / "a.png")
    assert main(["stylize", str(installed / "a.png"), "-o", str(installed / "b.png"), "--width", "light"]) == 0
    assert "No style was named; picabia is taken. s2p styles list shows all." in capsys.readouterr().err
    for option in ("--style", "--mix"):
        assert main(["stylize", str(installed / "a.png"), "-o", str(installed / "c.png"), option, " "]) == 2
        assert f"{option} is empty." in capsys.readouterr().err


def test_the_words_of_the_command_line_are_those_of_the_options():
    assert Width == StyleOptions.model_fields["width"].annotation
