"""Writing files for Keras 2.1.6.

`tests/legacy/exported` holds an exported file that the real Keras 2.1.6 opened (its findings are in `proof.json`, made
by `prove_export.py`). These tests check that the exporter still writes that very graph, and that what it writes for
other models obeys the rules which Keras 2.1.6 applies when it opens one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from functools import cache
from pathlib import Path
from types import ModuleType

import h5py
import keras
import numpy as np
import pytest
from legacy_files import FOLDER, run

from s2p import legacy
from s2p.errors import LegacyModelError
from s2p.models import build
from s2p.networks import SIX

PROVEN = FOLDER / "exported" / "zoo.net"


@cache
def zoo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("export_zoo", FOLDER / "export_zoo.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def description(path: Path) -> dict:
    with h5py.File(path) as file:
        return json.loads(file.attrs["model_config"])


def keras_216_would_open(path: Path) -> None:
    """The rules of `load_model` in Keras 2.1.6 on h5py 2, one by one."""
    signatures = json.loads((FOLDER / "keras216_layers.json").read_text())
    everywhere = {"name", "trainable", "batch_input_shape", "dtype"}
    with h5py.File(path) as file:
        assert set(file.attrs) == {"keras_version", "backend", "model_config"}
        for name in file.attrs:  # h5py 2 gives bytes only for ASCII text
            kind = h5py.h5a.open(file.id, name.encode()).get_type()
            assert isinstance(kind, h5py.h5t.TypeStringID) and kind.get_cset() == h5py.h5t.CSET_ASCII
        model = json.loads(file.attrs["model_config"])
        root = file["model_weights"]
        layers = model["config"]["layers"]
        names = [layer["name"] for layer in layers]
        assert model["class_name"] == "Model" and len(set(names)) == len(names)
        assert [n.decode() for n in root.attrs["layer_names"]] == names
        seen: set[str] = set()
        for layer in layers:
            allowed = everywhere | set(signatures[layer["class_name"]])
            assert set(layer["config"]) <= allowed, layer["name"]
            assert layer["config"]["name"] == layer["name"]
            assert "." in layer["name"] or layer["name"].replace("_", "a").isalnum()
            assert len(layer["inbound_nodes"]) == (layer["class_name"] != "InputLayer")
            for node in layer["inbound_nodes"]:
                assert all(source in seen and rest == [0, 0, {}] for source, *rest in node)
            seen.add(layer["name"])
            listed = [n.decode() for n in root[layer["name"]].attrs["weight_names"] if isinstance(n, bytes)]
            assert all(n in root[layer["name"]] for n in listed)
        for pin in model["config"]["input_layers"] + model["config"]["output_layers"]:
            assert pin[0] in seen and pin[1:] == [0, 0]


def test_committed_file_is_the_one_that_keras_216_opened() -> None:
    proof = json.loads((FOLDER / "exported" / "proof.json").read_text())
    seen = proof["files"]["zoo.net"]
    assert proof["keras"] == "2.1.6" and proof["tensorflow"] == "1.10.0"
    assert seen["sha256"] == hashlib.sha256(PROVEN.read_bytes()).hexdigest()
    assert seen["absolute"] <= 1e-4
    # weights are filled in by place, so the order must be the one that Keras 2.1.6 derives for itself
    assert seen["layers"] == [layer["name"] for layer in description(PROVEN)["config"]["layers"]]


def test_proven_file_gives_the_recorded_numbers_here_too() -> None:
    data = np.load(PROVEN.with_suffix(".npz"))
    results = run(legacy.load(PROVEN), [data[f"x{i}"] for i in range(4)])
    for index, result in enumerate(results):
        np.testing.assert_allclose(result, data[f"y{index}"], atol=2e-5, err_msg=str(index))


def test_exporter_still_writes_the_proven_graph(tmp_path: Path) -> None:
    legacy.export(zoo().zoo(), tmp_path / "zoo.net", verify=False)
    assert description(tmp_path / "zoo.net") == description(PROVEN)
    keras_216_would_open(tmp_path / "zoo.net")


@pytest.mark.parametrize("name", SIX)
def test_our_networks_survive_the_journey(tmp_path: Path, name: str) -> None:
    model = build(name)
    random = np.random.default_rng(3)
    for weight in model.trainable_weights:
        size = np.sqrt(np.prod(weight.shape[:-1]) or 1)
        weight.assign(random.normal(size=weight.shape) / size)
    path = tmp_path / f"{name}.net"
    legacy.export(model, path)
    keras_216_would_open(path)
    back = legacy.load(path)
    legacy.check_slot(back, name)
    sizes = [tuple(size or 64 for size in tensor.shape[1:]) for tensor in model.inputs]
    xs = [random.uniform(-1, 1, (1, *size)).astype("float32") for size in sizes]
    for wanted, found in zip(run(model, xs), run(back, xs), strict=True):
        assert float(np.abs(wanted - found).max()) <= 1e-5 * max(1.0, float(np.abs(wanted).max()))


def test_layer_without_counterpart_is_refused_by_name_with_those_that_have(tmp_path: Path) -> None:
    x = keras.Input((None, None, 3))
    model = keras.Model(x, keras.layers.LayerNormalization(name="level")(x))
    with pytest.raises(LegacyModelError, match=r"'level' \(LayerNormalization\).*Conv2D.*legacy_form"):
        legacy.export(model, tmp_path / "x.net")
    assert not list(tmp_path.iterdir())


def test_shared_layers_are_written_once_per_call(tmp_path: Path) -> None:
    x = keras.Input((None, None, 3))
    shared = keras.layers.Conv2D(3, 3, padding="same", name="shared")
    model = keras.Model(x, shared(shared(x)))
    legacy.export(model, tmp_path / "x.net")
    keras_216_would_open(tmp_path / "x.net")
    layers = description(tmp_path / "x.net")["config"]["layers"]
    assert [layer["name"] for layer in layers][1:] == ["shared", "shared_2"]


def test_wrong_counterpart_is_noticed_before_the_file_stays(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable(package="s2p.tests")
    class Wrong(keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2.0

        def legacy_form(self) -> keras.Model:
            x = keras.Input((None, None, 3))
            return keras.Model(x, keras.layers.Rescaling(3.0)(x))

    x = keras.Input((None, None, 3))
    with pytest.raises(LegacyModelError, match="differs"):
        legacy.export(keras.Model(x, Wrong()(x)), tmp_path / "x.net")
    assert not list(tmp_path.iterdir())


def test_input_may_be_an_output(tmp_path: Path) -> None:
    x = keras.Input((None, None, 3), name="picture")
    y = keras.layers.ReLU(name="positive")(x)
    legacy.export(keras.Model(x, [y, keras.layers.Identity()(x), y]), tmp_path / "x.net")
    keras_216_would_open(tmp_path / "x.net")


@pytest.mark.parametrize("size", [(2, 2), (3, 2), (4, 5)])
def test_bilinear_enlargement_is_right_up_to_the_border(tmp_path: Path, size: tuple[int, int]) -> None:
    x = keras.Input((None, None, 2))
    model = keras.Model(x, keras.layers.UpSampling2D(size, interpolation="bilinear")(x))
    legacy.export(model, tmp_path / "x.net", verify=False)
    picture = np.random.default_rng(0).random((1, 5, 4, 2), np.float32)
    np.testing.assert_allclose(run(legacy.load(tmp_path / "x.net"), [picture])[0], run(model, [picture])[0], atol=1e-6)
