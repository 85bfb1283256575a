"""The command line around fake networks: files in, files out, sentences and exit codes."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest
from fake_networks import FakeNetwork, fake_networks

from s2p import cli
from s2p.cli import painting
from s2p.errors import InputError, OutputError
from s2p.image import encode_image, load_image, save_image
from s2p.pipelines import style2paints
from s2p.pipelines.request import forget
from s2p.schema import Hint, Hints
from s2p.systems import system_of


def drawing(height: int = 60, width: int = 50) -> np.ndarray:
    page = np.full((height, width, 3), 255, np.uint8)
    page[height // 3, :] = page[:, width // 2] = 20
    return page


@pytest.fixture
def art(tmp_path: Path) -> Path:
    """A folder with two drawings, one of them below, and a broken file."""
    (tmp_path / "art" / "deep").mkdir(parents=True)
    save_image(drawing(), tmp_path / "art" / "a.png")
    save_image(drawing(70, 90), tmp_path / "art" / "deep" / "b.png")
    (tmp_path / "art" / "broken.png").write_text("not a picture")
    return tmp_path / "art"


@pytest.fixture
def paint(monkeypatch: pytest.MonkeyPatch):
    """Runs command lines with fake networks; `paint.calls` are the networks that ran."""
    calls: list[str] = []
    networks_ = {"trained": True}

    def load(settings=None):
        return style2paints.Painter(fake_networks(calls, trained=networks_["trained"]), settings=settings)

    monkeypatch.setattr(style2paints, "load", load)
    monkeypatch.setenv("S2P_ZOOM", "0.25")
    monkeypatch.setenv("S2P_DENOISE", "off")
    forget()
    yield SimpleNamespace(run=lambda *words: cli.main([str(word) for word in words]), calls=calls, networks=networks_)
    forget()


@pytest.mark.parametrize("word", ["painted", "network"])
def test_the_painted_size_has_the_drawings_proportions(paint, art, word):
    assert paint.run("colorize", art / "a.png", "-o", art / "out" / "a.webp", "--output-size", word) == 0
    assert load_image(art / "out" / "a.webp").shape[:2] == (230, 192)


def test_original_size_and_layers_are_written(paint, art, capsys):
    from psd_tools import PSDImage

    words = ["--layers", "psd", "--json"]
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png", *words) == 0
    assert load_image(art / "x.png").shape[:2] == (60, 50)
    assert [layer.name for layer in PSDImage.open(art / "x.psd")][-1] == "lines"
    answer = json.loads(capsys.readouterr().out)
    assert (answer["width"], answer["height"], answer["output"]) == (50, 60, str(art / "x.png"))
    assert set(answer["seconds"]) == set(system_of("style2paints").stages)


def test_another_model_paints_when_it_is_named(paint, art, monkeypatch, capsys):
    from s2p.pipelines import auto_painter

    class Network(FakeNetwork):
        encoding = "propagated"

        def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
            return [np.where(inputs[1][..., 6:] > 0, inputs[1][..., :3] * 2 - 1, 1).astype("float32")]

    painter = auto_painter.AutoPainter({"auto_painter": Network("auto_painter", [])})
    monkeypatch.setattr(auto_painter, "load", lambda settings: painter)
    words = ["--model", "auto-painter", "--hint", "0.1,0.1,#ff0000", "--output-size", "original", "--json"]
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png", *words) == 0
    assert load_image(art / "x.png")[5, 5].tolist() == [255, 0, 0]
    assert set(json.loads(capsys.readouterr().out)["seconds"]) == set(system_of("auto-painter").stages)
    assert not paint.calls


def test_hints_of_files_and_options_reach_the_painting(paint, art):
    (art / "own.json").write_text(json.dumps({"hints": [{"x": 0.25, "y": 0.75, "color": "#ff0000"}]}))
    (art / "v3.json").write_text(json.dumps([[0.25, 0.25, 255, 0, 0, 2]]))  # V3 counts y from the bottom
    same = ["own.json", "v3.json"]
    pictures, size = [], ["--output-size", "painted"]
    for name in same:
        assert paint.run("colorize", art / "a.png", "-o", art / "x.png", "--hints", art / name, *size) == 0
        pictures.append(load_image(art / "x.png"))
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png", "--hint", "0.25,0.75,#ff0000", *size) == 0
    pictures.append(load_image(art / "x.png"))
    assert all((picture == pictures[0]).all() for picture in pictures)
    red = pictures[0][172, 48].astype(int)
    assert red[0] > 200 and red[1:].max() < 60
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png", *size) == 0
    assert (load_image(art / "x.png") != pictures[0]).any()


def test_a_folder_of_hints_belongs_to_the_pictures_by_name(paint, art, tmp_path):
    hints = tmp_path / "hints"
    hints.mkdir()
    (hints / "b.json").write_text(json.dumps({"hints": [{"x": 0.25, "y": 0.75, "color": "#ff0000"}]}))
    (art / "broken.png").unlink()
    assert paint.run("colorize", art, "-o", tmp_path / "plain") == 0
    assert paint.run("colorize", art, "-o", tmp_path / "hinted", "--hints", hints) == 0
    names = ("a.png", "deep/b.png")
    plain, hinted = ({name: load_image(tmp_path / place / name) for name in names} for place in ("plain", "hinted"))
    assert (plain["a.png"] == hinted["a.png"]).all()
    assert (plain["deep/b.png"] != hinted["deep/b.png"]).any()


def test_a_broken_picture_does_not_stop_a_folder(paint, art, capsys):
    assert paint.run("colorize", art, "-o", art / "out", "--json") == 2
    captured = capsys.readouterr()
    answers = [json.loads(line) for line in captured.out.splitlines()]
    assert [Path(answer["input"]).name for answer in answers] == ["a.png", "broken.png", "b.png"]
    assert [answer.get("error", {}).get("code") for answer in answers] == [None, "InputError", None]
    assert "2 painted, 1 failed, of 3." in captured.err and "broken.png" in captured.err
    assert sorted(path.name for path in (art / "out").rglob("*.png")) == ["a.png", "b.png"]


def test_existing_results_are_skipped_on_request_and_not_taken_for_drawings(paint, art, capsys):
    (art / "broken.png").unlink()
    assert paint.run("colorize", art, "-o", art / "out") == 0
    before = (art / "out" / "a.png").stat().st_mtime_ns
    paint.calls.clear()
    assert paint.run("colorize", art, "-o", art / "out", "--skip-existing") == 0
    assert not paint.calls and (art / "out" / "a.png").stat().st_mtime_ns == before
    assert "0 painted, 0 failed, 2 skipped, of 2." in capsys.readouterr().err


def test_pipes_carry_pictures(paint, monkeypatch, capsysbinary):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(encode_image(drawing(), "png"))))
    assert paint.run("colorize", "-") == 0
    assert load_image(capsysbinary.readouterr().out).shape[:2] == (60, 50)


def test_a_sample_is_painted_with_its_hints(paint, tmp_path, monkeypatch):
    from s2p import samples

    monkeypatch.chdir(tmp_path)
    name = samples.names()[0]
    assert paint.run("colorize", "--sample", name) == 0
    sampled = load_image(tmp_path / f"{name}.png")
    words = [samples.sketch_path(name), "-o", "again.png", "--hints", samples.hints_path(name)]
    assert paint.run("colorize", *words) == 0
    assert (load_image(tmp_path / "again.png") == sampled).all()
    assert paint.run("colorize", "--sample", "nobody") == 2


def test_untrained_networks_are_said_loudly_and_once(paint, art, capsys):
    (art / "broken.png").unlink()
    assert paint.run("colorize", art, "-o", art / "out") == 0
    assert "UNTRAINED" not in capsys.readouterr().err
    paint.networks["trained"] = False
    forget()
    assert paint.run("colorize", art, "-o", art / "out") == 0
    assert capsys.readouterr().err.count("UNTRAINED: baby, girder, reader, head, neck") == 1


def test_who_has_no_weights_is_told_a_way_that_exists():
    from s2p.cli.results import untrained_sentence
    from s2p.networks import NETWORKS, addable
    from s2p.train import recipes

    told = untrained_sentence(tuple(spec.name for spec in NETWORKS))
    for spec in NETWORKS:
        assert (f"s2p weights add FILE --network {spec.name}" in told) == (spec.name in addable())
        assert (f"s2p train {spec.recipe or spec.name}" in told) == (spec.name not in addable())
        assert spec.name in addable() or (spec.recipe or spec.name) in recipes.names()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a.png"], "-o FILE"),
        (["a.png", "-o", "x.png", "--hint", "0.5,0.5"], "x,y,#rrggbb"),
        (["a.png", "-o", "x.png", "--hint", "0.5,0.5,#12345"], "#77ee00"),
        (["a.png", "-o", "x.png", "--hints", "missing.json"], "missing.json"),
        (["a.png", "-o", "x.png", "--hints", "broken.png"], "not valid JSON"),
        (["a.png", "-o", "x.png", "--zoom", "9"], "--zoom must be between 0.25 and 2"),
        (["a.png", "-o", "x.png", "--shading", "3"], "--shading must be between 0 and 1"),
        (["a.png", "-o", "x.png", "--mix", "0.5"], "--reference"),
        (["a.png", "-o", "x.png", "--mix", "5", "--reference", "a.png"], "--mix"),
        (["a.png", "-o", "x.png", "--method", "magic"], "magic"),
        (["a.png", "-o", "x.png", "--line-color", "blackish"], "blackish"),
        (["a.png", "-o", "x.png", "--layers", "x.txt"], "psd"),
        (["a.png", "-o", "x.png", "--model", "auto-painter", "--reference", "a.png"], "--reference. They belong to"),
        (["a.png", "-o", "x.png", "--model", "manual-painter"], "Did you mean auto-painter?"),
        (["a.png", "-o", "-", "--json"], "standard output"),
        (["a.png", "-o", "a.png"], "overwritten"),
        (["none*.png", "-o", "out"], "none*.png"),
        (["a.png", "-o", "x.png", "--reference", "broken.png"], "broken.png"),
    ],
)
def test_a_mistake_costs_a_sentence_and_not_the_loading_of_networks(paint, art, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(art)
    monkeypatch.setattr(style2paints, "load", lambda settings: pytest.fail("networks were loaded"))
    before = sorted(art.rglob("*"))
    assert paint.run("colorize", *words) in (InputError.exit_code, OutputError.exit_code)
    said = capsys.readouterr().err
    assert sentence in said
    assert not re.search(r"\b[A-Z]\w+Error\b", said), "sentences begin with no name of a class"
    assert sorted(art.rglob("*")) == before


def test_a_setting_is_called_as_its_source_calls_it(paint, art, monkeypatch, capsys):
    monkeypatch.setenv("S2P_ZOOM", "9")
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png") == 2
    assert capsys.readouterr().err == "S2P_ZOOM must be between 0.25 and 2. Received: 9.0 (the environment).\n"


def test_an_output_that_cannot_be_written_has_its_own_exit_code(paint, art, capsys):
    (art / "file").write_text("x")
    assert paint.run("colorize", art / "a.png", "-o", art / "file" / "a.png") == OutputError.exit_code == 5
    assert paint.run("colorize", art / "a.png", "-o", art / "x.xcf") == 5
    assert ".webp" in capsys.readouterr().err


def test_ctrl_c_stops_with_130_and_leaves_no_half_files(paint, art, monkeypatch, capsys):
    def interrupted(self, *inputs):
        raise KeyboardInterrupt

    monkeypatch.setattr("fake_networks.FakeNetwork.__call__", interrupted)
    assert paint.run("colorize", art, "-o", art / "out") == 130
    assert "Stopped." in capsys.readouterr().err
    assert not [path for path in (art / "out").rglob("*") if path.is_file()]


def test_an_unexpected_failure_is_a_sentence(paint, art, monkeypatch, capsys):
    monkeypatch.setattr("fake_networks.FakeNetwork.__call__", lambda self, *inputs: 1 / 0)
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png") == 1
    error = capsys.readouterr().err
    assert "ZeroDivisionError" in error and "Traceback" not in error


@pytest.mark.parametrize("style", get_args(painting.LineStyle))
def test_lines_are_drawn_from_a_picture(style, art, capsys):
    picture = np.full((40, 40, 3), (250, 220, 40), np.uint8)
    picture[10:30, 10:30] = (20, 40, 200)
    save_image(picture, art / "colour.png")
    assert cli.main(["lines", str(art / "colour.png"), "-o", str(art / "l.png"), "--style", style]) == 0
    lines = load_image(art / "l.png")[..., 0]
    assert lines[:5].min() > 200 and lines[8:12].min() < 150
    assert cli.main(["lines", str(art), "-o", str(art / "out"), "--style", style]) == 2
    assert "1 failed" in capsys.readouterr().err


def test_shading_and_the_look_reach_the_painter_and_what_was_corrected_is_said(paint, art, monkeypatch, capsys):
    asked = []
    original = style2paints.Painter.run

    def run(self, request, report=None):
        asked.append(request.settings)
        return original(self, request, report)

    monkeypatch.setattr(style2paints.Painter, "run", run)
    save_image(255 - drawing(), art / "dark.png")
    assert paint.run("colorize", art / "dark.png", "-o", art / "x.png", "--shading", "0.25", "--invert", "yes") == 0
    told = capsys.readouterr().err
    assert "dark.png: " in told and "--invert no" in told
    assert "--intake off" not in told, "it does not take back a wish"
    assert load_image(art / "x.png").shape == drawing().shape
    assert paint.run("colorize", art / "dark.png", "-o", art / "x.png", "--intake", "off") == 0
    assert "dark.png: " not in capsys.readouterr().err
    assert [(one.shading, one.intake, one.invert) for one in asked] == [(0.25, "auto", "yes"), (0.8, "off", "auto")]
    page = np.zeros((200, 200), np.uint8)
    page[100:102, 20:180] = 255  # large enough to be looked at
    save_image(page, art / "dark.png")
    assert paint.run("colorize", art / "dark.png", "-o", art / "x.png") == 0
    assert "--intake off takes it as it is." in capsys.readouterr().err


def test_choices_lie_beside_the_result_the_likeliest_first(paint, art, monkeypatch, capsys):
    asked = []

    def choices(self, sketch, *, hints, seeds, taken=None, words=(), report=None):
        asked.append((seeds, len(hints)))
        return [Hints([Hint(x=0.75, y=0.75, color=color)]) for color in ("#ff0000", "#0000ff")]

    monkeypatch.setattr(style2paints.Painter, "choices", choices)
    monkeypatch.setattr(style2paints.Painter, "suggest", lambda self, sketch, **more: Hints())
    words = ["--hint", "0.25,0.75,#00ff00", "--choices", "2", "--output-size", "painted"]
    out = art.parent / "out"
    assert paint.run("colorize", art / "a.png", "-o", out / "x.png", *words, "--suggest", "7", "--json") == 0
    told = json.loads(capsys.readouterr().out)["choices"]
    assert told == [str(out / "x.1.png"), str(out / "x.2.png")] and asked[-1] == (range(7, 9), 1)
    first, second = (load_image(path)[172, [48, 144]].astype(int) for path in told)
    assert (first[0] == second[0]).all() and first[0, 1] > 200, "the artist's hint is in all of them"
    assert first[1, 0] > 200 > first[1, 2] and second[1, 2] > 200 > second[1, 0]
    (art / "broken.png").unlink()
    assert paint.run("colorize", art, "-o", out / "all", "--choices", "2") == 0
    assert len(list((out / "all").rglob("*.png"))) == 6


def test_one_choice_where_all_would_be_alike_is_said(paint, art, monkeypatch, capsys):
    monkeypatch.setattr(style2paints.Painter, "choices", lambda self, sketch, **more: [Hints()])
    monkeypatch.setattr(style2paints.Painter, "suggest", lambda self, sketch, **more: Hints())
    words = ["colorize", art / "a.png", "-o", art / "x.png", "--hint", "0.25,0.75,#00ff00"]
    assert paint.run(*words, "--choices", "3") == 0
    told = capsys.readouterr().err
    assert "a.png: everything has its colour already, so all choices are alike, and one was written." in told
    assert (art / "x.1.png").exists() and not (art / "x.2.png").exists()
    assert paint.run(*words, "--choices", "3", "--json") == 0
    out, said = capsys.readouterr()
    assert json.loads(out)["choices"] == [str(art / "x.1.png")] and "alike" not in said
    assert paint.run(*words, "--choices", "1") == 0
    assert "alike" not in capsys.readouterr().err, "one was wanted"


def test_where_lines_alone_are_better_the_command_for_them_is_named(paint, art, capsys):
    page = np.full((200, 200), 255, np.uint8)
    page[20:120, 20:120], page[130:180, 20:180] = 120, 90
    save_image(page, art / "gray.png")
    assert paint.run("colorize", art / "gray.png", "-o", art / "x.png") == 0
    told = capsys.readouterr().err
    assert "large gray areas darken" in told and "s2p lines --method learned" in told and "--intake off" in told
    page[20:180, 20:180] = 255
    page[40:60, 40:60] = 120
    save_image(page, art / "gray.png")
    assert paint.run("colorize", art / "gray.png", "-o", art / "x.png") == 0
    told = capsys.readouterr().err
    assert "tones stay" in told.lower() and "s2p lines" not in told


@pytest.mark.parametrize(("words", "sentence"), [
    (["-o", "-"], "Give -o FILE"), (["-o", "x.png", "--choices", "99"], "--choices"),
    (["a.1.png", "-o", "out"], "would overwrite"), (["-o", "x.png", "--model", "auto-painter"], "no use of --choices"),
])  # fmt: skip
def test_choices_that_cannot_be_written_are_refused_before_anything_is_painted(paint, art, monkeypatch, capsys, words,
                                                                               sentence):
    monkeypatch.chdir(art)
    monkeypatch.setattr(style2paints, "load", lambda settings: pytest.fail("networks were loaded"))
    save_image(drawing(), art / "a.1.png")
    assert paint.run("colorize", "a.png", "--choices", "2", *words) in (InputError.exit_code, OutputError.exit_code)
    assert sentence in capsys.readouterr().err


def test_a_painter_without_choices_says_so(paint, art, capsys):
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png", "--choices", "2") == 3
    assert "need s2p's own network" in capsys.readouterr().err


def test_one_painting_is_told_in_one_line_unless_nobody_wants_it(paint, art, capsysbinary):
    def said(*words) -> str:
        assert paint.run("colorize", art / "a.png", "-o", *words) == 0
        return capsysbinary.readouterr().err.decode()

    target = art.parent / "x.png"
    assert re.fullmatch(rf"wrote {re.escape(str(target))}, painted in \d+\.\d s\.\n", said(target))
    assert not said(target, "--quiet") and not said(target, "--json") and not said("-")
    assert paint.run("colorize", art, "-o", art / "out", "-q") == 2
    told = capsysbinary.readouterr().err.decode()
    assert "broken.png" in told and "2 painted, 1 failed" in told
    (art / "broken.png").unlink()
    assert paint.run("colorize", art, "-o", art / "other", "-q") == 0
    assert not capsysbinary.readouterr().err


def test_a_hint_in_pixels_beside_the_picture_is_noticed_before_networks_are_loaded(paint, art, monkeypatch, capsys):
    monkeypatch.setattr(style2paints, "load", lambda settings: pytest.fail("networks were loaded"))
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png", "--hint", "350px,5px,#ff0000") == 2
    assert "350, 5 px, beside the picture of 50 x 60 px" in capsys.readouterr().err
