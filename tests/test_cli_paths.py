"""Paths that lead nowhere, in a circle, or are too long: one sentence each."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from preprocess_art import fill_folder

from preprocess.commands import run_commands as prepare
from s2p.cli import main
from s2p.cli.files import plan
from s2p.errors import InputError, OutputError
from s2p.image import load_image, save_image
from server.folders import make_data_folder

LONG = "x" * 300 + ".png"

pytestmark = pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need rights on Windows")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Art, a link that leads to itself, and one in the art that leads back to it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "art").mkdir()
    Image.new("RGB", (40, 40), "white").save(tmp_path / "art" / "a.png")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "art" / "back").symlink_to("../art")
    (tmp_path / "art" / "lost.png").symlink_to("lost.png")
    return tmp_path


def said(capsys) -> str:
    text = capsys.readouterr().err.strip()
    assert "unexpectedly" not in text and "Traceback" not in text, text
    return text.splitlines()[-1]


def test_a_link_that_leads_in_a_circle_is_a_picture_that_cannot_be_read(folder):
    for word in ("loop", "loop/a.png", LONG):
        (task,) = plan([word], "out.png", writable=[".png"])
        with pytest.raises(InputError):
            load_image(task.source)
    assert len(plan(["art"], "out", writable=[".png"])) == 2
    for target in ("loop", "loop/out.png", LONG):
        (task,) = plan(["art/a.png"], target, writable=[".png", ""])
        with pytest.raises(OutputError):
            save_image(load_image("art/a.png"), str(task.target) if "." in str(task.target) else "loop/x.png")


@pytest.mark.parametrize("words", [
    ["colorize", "art/a.png", "-o", "out.png", "--hints", "loop"],
    ["colorize", "art/a.png", "-o", "out.png", "--hints", LONG],
    ["colorize", "art/a.png", "-o", "out.png", "--hint", LONG * 90],
    ["weights", "add", ".", "--network", "head"], ["weights", "add", "loop", "--network", "head"],
    ["weights", "add", LONG, "--network", "head"], ["weights", "add", "/", "--network", "head"],
])
def test_the_command_line_says_one_sentence(folder, capsys, words):
    assert main(words) in (2, 3)
    sentence = said(capsys)
    assert len(sentence) < 600
    assert "Error: : " not in sentence


def test_a_file_that_cannot_be_used_is_named(folder, capsys, monkeypatch):
    def broken(*_, **__):
        Path("loop/x").mkdir()

    monkeypatch.setattr("s2p.weights.verify", broken)
    assert main(["weights", "verify"]) == 5
    assert said(capsys).startswith("'loop/x' cannot be used: ")


def test_a_newline_in_a_name_stays_on_its_line(tmp_path, monkeypatch, capsys):
    from s2p.cli.batch import run_all
    from s2p.cli.files import Task

    name = tmp_path / "a\nb.png"
    name.write_bytes(b"")
    task = Task(name, tmp_path / "out.png")
    work = lambda task, report: {"size": load_image(task.source).shape}  # noqa: E731
    run_all([task], work, weights={"paint": 1.0}, done="painted")
    assert any("a?b.png is empty" in line for line in capsys.readouterr().err.splitlines())


def test_preparing_nothing_but_broken_pictures_is_a_failure(tmp_path):
    art = tmp_path / "art"
    art.mkdir()
    (art / "a.png").write_text("no")
    assert prepare([str(art), str(tmp_path / "out")]) == 2
    assert prepare([str(art), str(tmp_path / "out"), "--json"]) == 2
    fill_folder(art, 2)
    assert prepare([str(art), str(tmp_path / "out2"), "--size", "128", "--min-edge", "64"]) == 0


@pytest.mark.parametrize("name", [LONG, "loop", "loop/server", "art/a.png"])
def test_a_server_says_that_it_cannot_use_its_folder(folder, name):
    with pytest.raises(OutputError, match=r"cannot be used: .*--data"):
        make_data_folder(Path(name).absolute())
