"""What is said of words that cannot be understood, and the words that may be written in two ways."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import pytest
from fake_networks import fake_networks
from PIL import Image
from test_cli import drawing

from s2p import cli
from s2p.cli.words import going_on
from s2p.image import save_image
from s2p.pipelines import style2paints
from s2p.pipelines.request import forget


def said(capsys, *words: str) -> tuple[int, str]:
    code = cli.main([str(word) for word in words])
    return code, capsys.readouterr().err


@pytest.fixture
def painter(monkeypatch, tmp_path):
    """Paints with fake networks that lack `reach`."""
    made = style2paints.Painter(fake_networks(), settings=None, lacks=("reach",))
    monkeypatch.setattr(style2paints, "load", lambda settings=None: made)
    monkeypatch.setenv("S2P_ZOOM", "0.25")
    forget()
    save_image(drawing(), tmp_path / "a.png")
    yield tmp_path
    forget()


@pytest.mark.parametrize(("words", "sentence"), [
    (["strokes", "a.png", "--hint", "0.5,0.5,#fff"], "No such option: --hint. It belongs to s2p colorize."),
    (["colorize", "a.png", "--suggest", "x"], "Invalid value for '--suggest': it must be a whole number. Usage:"),
    (["colorize", "a.png", "--suggest", "-3"], "Invalid value for '--suggest': it must be at least 0. Usage:"),
    (["prepare", "synthetic", "many", "out"], "Invalid value for 'count': it must be a whole number. Usage:"),
    (["train", "bby"], "The recipe must be one of auto_painter, baby,"),
    (["colorze", "a.png"], "No such command: colorze. Did you mean colorize?"),
    (["colorize", "a.png", "--hnt", "x"], "No such option: --hnt. Did you mean --hint?"),
    (["weights", "lst"], "Did you mean list?"), (["evaluate", "--limits", "3"], "Did you mean --limit?"),
    (["colorize", "a.png", "-o", "b.png", "--only", "colour"], "Did you mean colours?"),
    (["prepare", "prepare", "art"], "Missing argument 'out'. Usage: s2p prepare [OPTIONS] {art} {out}"),
    (["hlp"], "No such command: hlp. Usage:"),
    (["train", "finetune", "--style", "nowhere"], "A set is made of a folder of coloured pictures. Received"),
])
def test_a_wrong_word_is_answered_in_one_line_with_the_right_one(capsys, words, sentence):
    code, text = said(capsys, *words)
    assert code == 2 and sentence in text and text.count("\n") == 1


def test_the_help_of_prepare_calls_it_as_it_was_called(capsys):
    for words in (["prepare", "--help"], ["prepare"]):
        cli.main(words)
        out = capsys.readouterr().out
        assert "Usage: s2p prepare [OPTIONS] COMMAND" in out and "python -m" not in out


def test_layers_may_be_both_and_what_is_written_is_said(capsys, painter):
    words = ["colorize", painter / "a.png", "-o", painter / "b.png", "--layers", "psd", "--layers", "ora"]
    code, text = said(capsys, *words)
    assert code == 0
    assert f"wrote {painter / 'b.png'} and {painter / 'b.psd'} and {painter / 'b.ora'}, painted in" in text
    assert (painter / "b.psd").read_bytes().startswith(b"8BPS")
    assert "stack.xml" in zipfile.ZipFile(painter / "b.ora").namelist()


def test_line_art_that_is_not_filled_for_want_of_weights_is_said_to_be(capsys, painter):
    _, text = said(capsys, "colorize", painter / "a.png", "-o", painter / "b.png")
    assert text.count("The weights of reach are missing, so line art is painted by the six networks") == 1
    _, text = said(capsys, "colorize", painter / "a.png", "-o", painter / "b.png", "--method", "rendering")
    assert "reach" not in text


def test_colors_are_colours(monkeypatch, capsys, painter):
    run = style2paints.Painter.run

    def filled(self, *asked):
        result = run(self, *asked)
        return replace(result, colors=result.image)

    monkeypatch.setattr(style2paints.Painter, "run", filled)
    code, text = said(capsys, "colorize", painter / "a.png", "-o", painter / "b.png", "--only", "colors")
    assert code == 0, text
    assert Image.open(painter / "b.png").size == (50, 60)


def test_no_capital_the_stands_within_a_sentence(capsys, painter):
    (painter / "bad.png").write_text("no picture")
    _, text = said(capsys, "colorize", painter / "bad.png", "-o", painter / "b.png")
    assert ": The " not in text
    assert going_on("The picture is empty.") == "the picture is empty." and going_on("PNG is.") == "PNG is."
