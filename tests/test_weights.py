"""Where weights are found, and what happens to damaged ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from s2p import weights
from s2p.config import Settings
from s2p.errors import InputError, WeightsError
from s2p.models import style2paints
from s2p.models.parts import parts_network
from s2p.networks import SIX
from s2p.strokes.neural import NETWORKS
from s2p.weight_files import rounded

LEGACY = Path(__file__).parent / "legacy"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A weight folder of its own with one published network, `tail`."""
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setattr(weights, "folder", lambda: folder)
    weights.publish(style2paints.tail(), network="tail", encoding="points", card="# tail\n")
    return folder


def test_shipped_weights_are_whole_trained_and_small():
    assert weights.verify() == []
    assert all(found.origin == "own" and found.trained for found in map(weights.find, SIX))
    sizes = {path.name: path.stat().st_size for path in weights.folder().glob("*.weights.h5")}
    strokes = [size for name, size in sizes.items() if name.startswith(NETWORKS)]
    assert max(sizes.values()) < 12e6 and sum(sizes.values()) - sum(strokes) < 40e6
    assert max(strokes) <= 1.9e6 and sum(sizes.values()) < 48e6, "those that draw strokes are beside the painters"
    assert all((weights.folder() / entry["card"]).is_file() for entry in weights.registry())


def test_a_users_file_wins_over_our_own(own, tmp_path, monkeypatch):
    assert weights.find("tail").origin == "own"
    mine = tmp_path / "mine"
    mine.mkdir()
    shutil.copyfile(LEGACY / "nested.net", mine / "tail.net")
    monkeypatch.setenv("S2P_WEIGHTS", str(mine))
    found = weights.find("tail")
    assert (found.origin, found.path, found.encoding) == ("user", mine / "tail.net", "points")


def test_a_users_files_lie_in_the_project_or_where_pip_installed_it_in_his_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("S2P_WEIGHTS", raising=False)
    monkeypatch.setattr(weights, "_ROOT", tmp_path / "site-packages")
    assert weights.places()[0] == tmp_path / "site-packages" / "server", "a project"
    installed = tmp_path / "site-packages" / "s2p" / "shipped_weights"
    installed.mkdir(parents=True)
    (installed / "registry.json").write_text("[]")
    monkeypatch.setattr(weights, "_INSTALLED", installed)
    assert weights.places() == [weights.user_folder().with_name("server"), weights.user_folder()]
    monkeypatch.setenv("S2P_WEIGHTS", str(tmp_path))
    assert weights.places()[0] == tmp_path


def test_a_network_without_weights_is_random_the_same_every_time_and_says_so(own):
    found = weights.find("girder")
    assert found.origin == "none" and not found.trained
    one, other = (weights.load_model(found).get_weights() for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_official_size_never_gets_our_turbo_weights(own):
    assert weights.find("tail", Settings(variant="official")).origin == "none"


def test_a_changed_file_is_noticed(own):
    (own / "tail-turbo.weights.h5").write_bytes(b"torn")
    assert weights.verify() == ["tail-turbo.weights.h5 differs from the registry."]
    (own / "tail-turbo.weights.h5").unlink()
    assert weights.verify() == ["tail-turbo.weights.h5 is missing."]
    assert weights.find("tail").origin == "none"


@pytest.mark.parametrize("harm", ["torn", "missing", "extra", "shape", "nan"])
def test_damaged_weights_change_nothing_and_are_told_in_one_sentence(own, harm):
    path = own / "tail-turbo.weights.h5"
    if harm == "torn":
        path.write_bytes(path.read_bytes()[:500])
    else:
        with h5py.File(path, "r+") as file:
            if harm == "missing":
                del file["first/kernel"]
            elif harm == "extra":
                file["more/kernel"] = np.zeros(3)
            elif harm == "shape":
                del file["first/bias"]
                file["first/bias"] = np.zeros(3, "float16")
            else:
                file["first/bias"][0] = np.nan
    model = style2paints.tail()
    before = [value.copy() for value in model.get_weights()]
    with pytest.raises(WeightsError, match=r"tail-turbo\.weights\.h5"):
        weights.read_weights(model, path)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_only_files_that_fit_the_slot_are_added(tmp_path):
    with pytest.raises(InputError, match="one of baby"):
        weights.add(LEGACY / "nested.net", "torso")
    with pytest.raises(WeightsError):
        weights.add(LEGACY / "nested.net", "head")
    assert not (weights.user_folder() / "head.net").exists()


def test_a_model_in_the_midst_of_its_training_is_published_as_it_is(tmp_path):
    """Keras keeps the optimizer in the same file; its numbers are no numbers of variables."""
    model = parts_network()
    model.compile(optimizer="adam", loss="mse")
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(5000)
    file = tmp_path / "parts.weights.h5"
    weights.write_weights(model, file, dtype="float32")
    other = parts_network()
    other.load_weights(file)
    for one, same in zip(model.variables, other.variables, strict=True):
        np.testing.assert_array_equal(one, same)


def test_a_model_is_loaded_of_what_was_found_and_a_name_says_how():
    for wrong in ("reach", "missing.h5"):
        with pytest.raises(InputError, match=r"load_model\(find\(NETWORK\)\)"):
            weights.load_model(wrong)


def test_published_weights_keep_few_bits(own):
    values = [value for value in weights.load_model(weights.find("tail")).get_weights() if np.size(value) >= 2048]
    assert values and all(np.array_equal(rounded(value, 6), value) for value in values)
    assert any((rounded(value, 5) != value).any() for value in values)


def test_numbers_are_rounded_to_the_nearest_of_few_bits():
    values = np.array([0.0, 1.0, 1.24, 1.26, -3.1, 60000.0, 6e-8], np.float16)
    found = rounded(values, 2)
    assert found.dtype == np.float16 and found[:5].tolist() == [0.0, 1.0, 1.25, 1.25, -3.0]
    assert np.isfinite(found).all() and abs(float(found[5]) / 60000 - 1) < 0.126
    assert np.array_equal(rounded(values, 10), values)
