"""The other commands, and what the command line promises: quick help, the library's words, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

from s2p import cli
from s2p.cli import judging, networks, painting
from s2p.networks import addable
from s2p.pipelines import style2paints


def test_weights_are_listed_with_their_origin(capsys, tmp_path, monkeypatch):
    (tmp_path / "tail.net").write_bytes(b"anything")
    monkeypatch.setenv("S2P_WEIGHTS", str(tmp_path))
    assert cli.main(["weights", "list", "--json"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert list(listed)[:6] == ["baby", "girder", "reader", "head", "neck", "tail"]
    assert {"auto_painter", "line_extractor"} <= set(listed)
    assert (listed["tail"]["origin"], listed["tail"]["path"]) == ("user", str(tmp_path / "tail.net"))
    assert cli.main(["weights", "list"]) == 0
    told = capsys.readouterr()
    assert str(tmp_path / "tail.net") in told.out and f"Looked for in: {tmp_path}" in told.err


def test_weights_that_are_not_whole_give_exit_code_3(monkeypatch, capsys):
    from s2p import weights

    monkeypatch.setattr(weights, "verify", list)
    assert cli.main(["weights", "verify"]) == 0
    monkeypatch.setattr(weights, "verify", lambda: ["tail-turbo.weights.h5 is missing."])
    assert cli.main(["weights", "verify"]) == 3
    assert "is missing" in capsys.readouterr().out
    assert cli.main(["weights", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(weights.folder())


def test_a_file_that_is_no_network_is_not_added(tmp_path, capsys):
    (tmp_path / "tail.net").write_bytes(b"anything")
    assert cli.main(["weights", "add", str(tmp_path / "tail.net"), "--network", "tail"]) == 3
    assert "tail.net" in capsys.readouterr().err
    assert cli.main(["weights", "add", str(tmp_path / "tail.net"), "--network", "foot"]) == 2


def test_a_run_is_released_with_words_about_its_data_and_only_when_told_to(monkeypatch, capsys, tmp_path):
    from s2p.train import release

    seen, published = {}, []

    def fake(run, network, *, about, temperature):
        seen.update(run=run, network=network, about=about, temperature=temperature)
        return SimpleNamespace(place=tmp_path / "release")

    def fake_publish(made, *, figures):
        published.append((made.place, figures))
        return Path("head-turbo.weights.h5")

    monkeypatch.setattr(release, "candidate", fake)
    monkeypatch.setattr(release, "judged", lambda made, *, report: ("two tables", "PSNR 20."))
    monkeypatch.setattr(release, "publish", fake_publish)
    words = ["weights", "release", str(tmp_path), "head", "--about", str(tmp_path / "data.md")]
    assert cli.main(words) == 2 and "data.md" in capsys.readouterr().err
    (tmp_path / "data.md").write_text("Drawings of mine.", encoding="utf-8")
    assert cli.main([*words, "--temperature", "0.6"]) == 2 and not published
    told = capsys.readouterr()
    assert "two tables" in told.out and "--yes" in told.err
    assert cli.main([*words, "--temperature", "0.6", "--yes"]) == 0
    assert seen == {"run": tmp_path, "network": "head", "about": "Drawings of mine.", "temperature": 0.6}
    assert published == [(tmp_path / "release", "PSNR 20.")]
    assert "head-turbo.weights.h5" in capsys.readouterr().out


def test_train_reads_fields_and_refuses_unknown_ones(monkeypatch, capsys, tmp_path):
    from s2p.train import loop

    seen = {}

    def train(recipe, out, *, stop_after):
        seen.update(recipe=recipe, out=out, stop_after=stop_after)
        return Path(out) / "baby.weights.h5"

    monkeypatch.setattr(loop, "train", train)
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", os.environ.get("TF_ENABLE_ONEDNN_OPTS", "0"))
    words = ["train", "baby", "--data", str(tmp_path), "--out", str(tmp_path / "run")]
    assert cli.main([*words, "--set", "rate=3e-4", "--set", "epochs=7", "--minutes", "2"]) == 0
    recipe = seen["recipe"]
    assert (recipe.rate, recipe.epochs, recipe.data, seen["stop_after"]) == (3e-4, 7, str(tmp_path), 2.0)
    for change, sentence in (
        ("speed=3", "speed=3"), ("epochs=many", "whole number"), ("epochs", "NAME=VALUE"), ("epochs=0", "at least 1"),
        ("rate=nan", "finite"), ("ema=2", "from 0 to 1"), ("epoch=3", "mean epochs?"),
    ):
        assert cli.main([*words, "--set", change]) == 2
        assert sentence in capsys.readouterr().err
    assert cli.main(["train", "nobody", "--data", "x", "--out", "y"]) == 2
    assert cli.main(["train", "baby"]) == 2
    capsys.readouterr()
    assert cli.main(["train", "list"]) == 0
    assert "baby" in capsys.readouterr().out.split()


def test_evaluate_prints_a_table_and_writes_its_figures(capsys, tmp_path):
    words = ["evaluate", "--model", "none", "--limit", "1", "--hints", "0,4", "--json", str(tmp_path / "e.json")]
    assert cli.main(words) == 0
    assert "geodesic" in capsys.readouterr().out
    assert json.loads((tmp_path / "e.json").read_text())["format"] == "s2p-evaluation"
    assert cli.main(["evaluate", "--hints", "some"]) == 2
    capsys.readouterr()
    assert cli.main([*words[:3], "--limit", "1", "--hints", "0,4", "--artist", "both"]) == 0
    shown = capsys.readouterr().out
    assert "where a fill is most wrong" in shown and "as a person places them" in shown


def test_prepare_and_serve_pass_their_words_on(monkeypatch, root):
    import preprocess.__main__ as program

    seen = []
    monkeypatch.setattr(program, "main", lambda words, *, program: seen.append([program, *words]) or 0)
    for words in (["art", "out", "--size", "256"], ["--help"]):
        assert cli.main(["prepare", *words]) == 0
    assert seen == [["s2p prepare", "art", "out", "--size", "256"], ["s2p prepare", "--help"]]
    monkeypatch.setattr(os, "name", "posix")
    monkeypatch.setattr(os, "execv", lambda program, words: seen.append(words) or sys.exit(0))
    with pytest.raises(SystemExit):
        cli.main(["serve", "--port", "0"])
    assert seen[-1] == [sys.executable, str(root / "server" / "server.py"), "--port", "0"]


# Promises -------------------------------------------------------------------------------------------------------------


def test_help_loads_nothing_heavy():
    """What makes `s2p --help` answer within half a second."""
    program = (
        "import sys; from s2p.cli import main\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'cv2', 'PIL', 'h5py', 'scipy', 'rich', 'tqdm', 'gevent'}\n"
        "assert main(['--help']) == 0\n"
        "assert not {*heavy, 'pydantic'} & set(sys.modules), {*heavy, 'pydantic'} & set(sys.modules)\n"
        "for words in (['colorize'], ['lines'], ['weights', 'add'], ['doctor'], ['evaluate'], ['train']):\n"
        "    assert main([*words, '--help']) == 0, words\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for word in ("colorize", "--hints", "--style", "--network", "--flops", "--minutes"):
        assert word in done.stdout


def test_words_of_the_command_line_are_those_of_the_library():
    from s2p import config, schema
    from s2p.evaluation import artists, pairs

    assert get_args(painting.Method) == schema.METHODS
    assert get_args(painting.OutputSize) == style2paints.OUTPUT_SIZES
    assert get_args(painting.Intake) == config.INTAKE and get_args(painting.Invert) == config.INVERT
    assert get_args(networks.Variant) == config.VARIANTS
    assert get_args(judging.Flavour) == pairs.FLAVOURS
    assert get_args(judging.Artist) == (*artists.ARTISTS, "both")


@pytest.mark.parametrize("name", addable())
def test_every_network_that_takes_a_users_file_can_be_named(name, tmp_path, capsys):
    """The sentence about the missing line extractor names a command that must exist."""
    assert cli.main(["weights", "add", str(tmp_path / "missing.net"), "--network", name]) == 3
    assert "missing.net" in capsys.readouterr().err


def test_version_and_wrong_words(capsys):
    import s2p

    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"s2p {s2p.__version__}\n"
    assert cli.main(["colourise"]) == 2
    assert cli.main(["colorize", "--nonsense"]) == 2
    assert "--nonsense" in capsys.readouterr().err


def test_no_sentence_names_a_command_that_does_not_exist():
    """`s2p weights fetch` stood in a message for months."""
    import ast
    import re

    import typer

    def commands(app: typer.Typer) -> set[str]:
        return {str(command.name) for command in app.registered_commands} | {
            str(group.name) for group in app.registered_groups
        }

    root, wrong = Path(cli.__file__).resolve().parents[2], []
    known = {"": commands(cli.app), "weights": commands(networks.weights_app)}
    for path in [path for package in ("s2p", "server", "preprocess") for path in (root / package).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                continue
            for first, second in re.findall(r"(?:`|: |    )s2p ([a-z]+)(?: ([a-z]+))?", node.value):
                if first not in known[""] or (first == "weights" and second and second not in known["weights"]):
                    wrong.append(f"{path.name}:{node.lineno}: s2p {first} {second}")
    assert not wrong, wrong
