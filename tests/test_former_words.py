"""What names of before do: files and options go on working, and Python says what to write instead."""

from __future__ import annotations

import json

import numpy as np
import pytest

from s2p.config import Settings, load_settings
from s2p.errors import ConfigError
from s2p.pipelines.base import Result


def test_a_variant_may_still_be_called_size_in_files_and_options(tmp_path):
    ini = tmp_path / "config.ini"
    ini.write_text("[runtime]\nsize = official\n")
    assert load_settings(ini, environment={}).variant == "official"
    assert load_settings(environment={"S2P_SIZE": "official"}).variant == "official"
    assert load_settings(environment={"S2P_VARIANT": "official", "S2P_SIZE": ""}).variant == "official"
    ini.write_text("[runtime]\nsize = huge\n")
    with pytest.raises(ConfigError, match=r"^size must be one of turbo, official\. Received: 'huge' \(.*line 2\)"):
        load_settings(ini, environment={})


def test_python_says_what_a_variant_is_called():
    from s2p.models import build

    with pytest.raises(ConfigError, match=r"Settings\(variant="):
        Settings(size="official")  # pyright: ignore[reportCallIssue]
    with pytest.raises(ConfigError, match="variant="):
        build("tail", size="official")
    assert Settings().merged(variant="official").about_networks() == Settings(variant="official")


def test_a_painting_still_has_colours():
    picture = np.zeros((2, 2, 3), np.uint8)
    result = Result(image=picture, lines=picture[..., 0], colors=picture)
    assert result.colours is result.colors is picture


def test_runs_and_options_of_training_know_both_words(tmp_path):
    from s2p.train.recipes import configure
    from s2p.train.runs import configuration

    for word in ("size", "variant"):
        recipe = configure("auto_painter", data="art", changes=[f"{word}=official"])
        assert getattr(recipe, "variant") == "official"  # noqa: B009 - a field of some recipes
    assert getattr(configure("auto_painter", data="art", changes=["judged=0.5"]), "discriminator_share") == 0.5  # noqa: B009
    with pytest.raises(ConfigError, match="NAME=VALUE"):
        configure("tail", data="art", changes=["size=official"])
    with pytest.raises(ConfigError, match="kind"):  # what a kind of the paper's painter was called
        configure("tag2pix", data="art", changes=["variant=catall"])
    (tmp_path / "recipe.json").write_text(json.dumps({"recipe": "tag2pix", "size": "official", "variant": "catall"}))
    assert configuration(tmp_path) == {"recipe": "tag2pix", "variant": "official", "kind": "catall"}
    (tmp_path / "recipe.json").write_text(json.dumps({"recipe": "auto_painter", "size": "turbo"}))
    assert configuration(tmp_path)["variant"] == "turbo"


@pytest.mark.parametrize("word", ["--checkpoint-archive", "--carry"])
def test_checkpoints_that_travel_were_called_a_carry(word, tmp_path, monkeypatch, capsys):
    from s2p import cli
    from s2p.train.borrowed import pack, train_all

    asked = {}
    monkeypatch.setattr(train_all, "train_all", lambda data, out, **given: asked.update(given) or [])
    monkeypatch.setattr(pack, "pack", lambda *_, **given: asked.update(given) or pack.Packed(tmp_path, 1.0, 1, 90, 0))
    there, states = ["--data", "art", "--out", "runs"], str(tmp_path)
    assert cli.main(["train", "all", *there, "--minutes", "1", word, states, f"{word}-from", "then",
                     f"{word}-files", "3", f"{word}-mb", "2.5"]) == 0
    assert (str(asked["archive"]), str(asked["archive_from"])) == (states, "then")
    assert (asked["files"], asked["megabytes"]) == (3, 2.5)
    assert cli.main(["train", "pack", *there, f"{word}-from", "last"]) == 0
    assert str(asked["archive"]) == "last"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("word", ["--checkpoint-archive-from", "--carry-from"])
def test_a_pack_does_not_say_twice_where_its_checkpoints_lie(word, tmp_path, monkeypatch):
    from s2p.train.borrowed import start

    (tmp_path / "checkpoints").mkdir()
    monkeypatch.setattr(start, "HERE", tmp_path)
    assert start.words([])[-2:] == ["--checkpoint-archive-from", str(tmp_path / "checkpoints")]
    for given in ([word, "mine"], [f"{word}=mine"]):
        assert "--checkpoint-archive-from" not in start.words(given)[2 + len(given):]


def test_a_line_of_the_benchmark_says_variant_and_still_size():
    from s2p.benchmark.plan import Configuration
    from s2p.benchmark.rounds import _Counter, _row

    row = _row(Configuration("official", "tensorflow", 1.0), [], None, None, _Counter())
    assert row["variant"] == row["size"] == "official"
