"""What happens between a finished run and the weights that are in use."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from s2p import cli, shelf, weight_files, weights
from s2p.errors import NotFoundError
from s2p.models import build
from s2p.networks import names
from s2p.train import release
from s2p.weight_files import read_weights, write_weights


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A weight folder with one network, `tail`, whose weights are all 0.25."""
    folder = tmp_path / "weights"
    monkeypatch.setattr(weights, "folder", lambda: folder)
    weights.publish(_tail(0.25), network="tail", encoding="points", card="# the first\n")
    return folder


def _tail(value: float):
    model = build("tail")
    model.set_weights([np.full_like(one, value) for one in model.get_weights()])
    return model


def _value(path: Path) -> float:
    model = build("tail")
    read_weights(model, path)
    return float(model.get_weights()[0].max())


def _run(tmp_path: Path, **settings: object) -> Path:
    """The folder of a finished run of `tail`, whose weights are all 0.5."""
    run = tmp_path / "run"
    run.mkdir()
    _tail(0.5).save_weights(run / "tail.weights.h5")
    about = {"recipe": "tail", "epoch_steps": 3, "batch_size": 4, "start": "", "more": "", **settings}
    (run / "recipe.json").write_text(json.dumps(about))
    (run / "metrics.jsonl").write_text('{"epoch": 2, "loss": 1.5, "samples_per_second": 9.0}\n')
    return run


def test_our_files_open_as_what_their_name_promises(tmp_path):
    """`.weights.h5` is Keras's own ending: `model.load_weights` must take it, and what it writes we must take."""
    model, path = build("tail"), tmp_path / "tail.weights.h5"
    before = [value.copy() for value in model.get_weights()]
    write_weights(model, path)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)), "it was only read"
    fresh = _tail(0.0)
    fresh.load_weights(path)
    assert all(np.allclose(a, b, atol=2e-3) for a, b in zip(before, fresh.get_weights(), strict=True))
    model.save_weights(tmp_path / "keras.weights.h5")
    fresh = _tail(0.0)
    read_weights(fresh, tmp_path / "keras.weights.h5")
    assert all(np.array_equal(a, b) for a, b in zip(before, fresh.get_weights(), strict=True))
    with h5py.File(path) as file:
        assert file["layers/conv2d/vars/0"] == file["first/kernel"], "the numbers are stored once"


def _addresses(group: h5py.Group) -> set[int]:
    """Where in the file the numbers of a group lie."""
    found: set[int] = set()
    for item in group.values():
        found |= _addresses(item) if isinstance(item, h5py.Group) else {h5py.h5o.get_info(item.id).addr}
    return found


@pytest.mark.parametrize("entry", weights.registry(), ids=lambda entry: entry["file"])
def test_shipped_files_name_every_number_for_keras_too(entry):
    with h5py.File(weights.folder() / entry["file"]) as file:
        linked = set().union(*(_addresses(file[name]) for name in ("layers", "vars") if name in file))
        assert linked and linked == {h5py.h5o.get_info(data.id).addr for _, data in weight_files._datasets(file)}


def test_a_release_shows_figures_first_and_replaces_nothing_without_a_yes(place, tmp_path, monkeypatch, capsys):
    run, order = _run(tmp_path), []
    monkeypatch.setattr(release, "judged", lambda made, report: order.append(_value(place / "tail-turbo.weights.h5"))
                        or ("the tables", "PSNR 20."))
    (tmp_path / "about.txt").write_text("Circles, CC0.")
    words = ["weights", "release", str(run), "tail", "--about", str(tmp_path / "about.txt")]
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert "the tables" in told.out and "--yes" in told.err
    assert _value(place / "tail-turbo.weights.h5") == 0.25 and not shelf.kept(place)
    assert cli.main([*words, "--yes"]) == 0
    assert order == [0.25, 0.25], "judged before anything was replaced"
    assert _value(place / "tail-turbo.weights.h5") == 0.5
    card = (place / "tail-turbo.md").read_text()
    assert "PSNR 20." in card and "Circles, CC0." in card and "Last training losses: loss 1.5." in card


def test_what_a_release_replaced_can_be_brought_back(place, tmp_path, capsys):
    assert cli.main(["weights", "use", "tail"]) == 0
    assert "No weights of tail are kept" in capsys.readouterr().err
    release.publish(release.candidate(_run(tmp_path), "tail", about="Circles."))
    (old,) = shelf.kept(place, "tail")
    assert weights.verify() == [] and _value(place / old["file"]) == 0.25
    assert (place / old["card"]).read_text() == "# the first\n"
    assert cli.main(["weights", "use", "tail"]) == 0
    assert old["version"] in capsys.readouterr().out
    assert cli.main(["weights", "use", "tail", old["version"]]) == 0
    assert _value(place / "tail-turbo.weights.h5") == 0.25 and (place / "tail-turbo.md").read_text() == "# the first\n"
    (other,) = shelf.kept(place, "tail")
    assert _value(place / other["file"]) == 0.5 and weights.verify() == []
    with pytest.raises(NotFoundError, match=other["version"]):
        weights.use("tail", "00000000")


def test_a_candidate_is_found_only_where_it_is_tried(place, tmp_path):
    made = release.candidate(_run(tmp_path), "tail", about="Circles.")
    with weights.preferring(made.place):
        assert weights.find("tail").path == made.place / "tail-turbo.weights.h5"
    assert weights.find("tail").path == place / "tail-turbo.weights.h5"


def test_a_users_registry_comes_before_ours_and_each_variant_has_its_entry(place):
    mine = weights.user_folder()
    weights.publish(_tail(0.75), network="tail", encoding="points", card="# mine\n", place=mine)
    try:
        assert weights.find("tail").path == mine / "tail-turbo.weights.h5"
        assert shelf.entries(place)[0]["size"] == "turbo"
        shelf.publish(place, _tail(0.1), network="tail", variant="official", encoding="points", card="# o\n", build={})
        assert [entry["size"] for entry in shelf.entries(place)] == ["official", "turbo"] and not shelf.kept(place)
    finally:
        for path in mine.glob("*"):
            path.unlink()


@pytest.mark.parametrize("settings", [{}, {"start": "mine/first.weights.h5"}, {
    "start": "mine/first.weights.h5", "started_from": {"start": {"file": "first.weights.h5", "sha256": "ab12"}}}])
def test_a_card_says_where_a_run_began_and_nothing_that_was_not_so(place, tmp_path, settings):
    card = release.candidate(_run(tmp_path, **settings), "tail", about="Somebody's pictures.").card()
    began = "It began from `first.weights.h5`" if settings else "It began from random numbers."
    assert began in card and ("random numbers" in card) == (not settings)
    assert ("`ab12`" in card) == ("started_from" in settings)
    assert "mine/" not in card and "Marleen" not in card and "CPU cores" not in card


def test_a_run_of_the_parts_is_released_with_words_of_its_own(place, tmp_path):
    from s2p.models.parts import parts_network
    from s2p.train.borrowed import train_all
    from s2p.train.recipes.parts import Parts

    run = _run(tmp_path, recipe="parts")
    trained = parts_network()
    trained.set_weights([np.full_like(one, 0.5) for one in trained.get_weights()])
    Parts().publish(trained, run)
    made = release.candidate(run, "parts", about="Figures of our generator.")
    assert all((value == 0.5).all() for value in made.model.get_weights())
    card = made.card()
    for words in ("What every place of a line drawing shows: skin",
                  "`s2p/models/parts.py`, asked and read by `s2p/parts.py`.", "mixed, broken, toned and made pale",
                  "bare arms and legs"):
        assert words in card, words
    assert train_all._shares(("parts", "reach"), {}) == {"reach": 8.0, "parts": 3.0}


@pytest.mark.parametrize("path", sorted(weights.folder().glob("*-turbo.md")), ids=lambda path: path.stem)
def test_no_shipped_card_says_that_its_run_began_twice(path):
    text = path.read_text(encoding="utf-8")
    assert not ("random numbers" in text and ("earlier weights" in text or "It began from `" in text))


def test_who_names_no_network_reads_what_is_missing_and_the_help_lists_them(capsys):
    assert cli.main(["weights", "use"]) != 0
    assert capsys.readouterr().err.startswith("Missing argument 'NETWORK'. Usage: ")
    assert cli.main(["weights", "use", "--help"]) == 0
    said = capsys.readouterr().out
    usage = said.splitlines()[0]
    assert usage.endswith("use [OPTIONS] {NETWORK} [VERSION]") and all(name in said for name in names())
