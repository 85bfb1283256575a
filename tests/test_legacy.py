"""Reading Keras 2 files: the numbers are those of the old Keras, by whatever route they come."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from legacy_files import FOLDER, TOLERANCE, changed, differences, edit_config, refusal, run

from s2p import legacy
from s2p.legacy import replacements
from s2p.legacy.layers import KINDS, WHY_REFUSED

FILES = (
    "pictures", "sequences", "volumes", "nested", "renamed", "sequential", "compiled", "theano", "keras231",
    "tfkeras115",
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_numbers_are_those_of_the_old_keras(name: str) -> None:
    worst = differences(legacy.load(FOLDER / f"{name}.net"), name)
    assert {key: value for key, value in worst.items() if not value <= TOLERANCE} == {}


def test_every_layer_class_of_keras_216_is_read_or_refused_by_name() -> None:
    classes = set(json.loads((FOLDER / "keras216_layers.json").read_text()))
    beside = {"InputLayer", "TimeDistributed", "Bidirectional"}
    inside_others_only = {"SimpleRNNCell", "GRUCell", "LSTMCell", "ConvLSTM2DCell", "Layer", "Wrapper"}
    assert classes - set(KINDS) - set(WHY_REFUSED) - beside - inside_others_only == set()
    assert not set(KINDS) & set(WHY_REFUSED)


@pytest.mark.parametrize("kind", sorted(WHY_REFUSED))
def test_refused_classes_are_named_with_their_layer(tmp_path: Path, kind: str) -> None:
    def edit(config: dict) -> None:
        config["config"]["layers"][1]["class_name"] = kind

    text = refusal(changed(tmp_path, "compiled", edit_config(edit)))
    assert f"layer 'only' ({kind})" in text and WHY_REFUSED[kind] in text


def test_recorded_fixtures_use_every_class_that_is_read() -> None:
    used: set[str] = set()

    def collect(value: object) -> None:
        if isinstance(value, dict):
            used.add(str(value.get("class_name")))
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            collect(item)

    for name in FILES:
        with h5py.File(FOLDER / f"{name}.net") as file:
            collect(json.loads(file.attrs["model_config"]))
    assert set(KINDS) - used - {"BatchNormalizationV1", "BatchNormalizationV2"} == set()


def test_declared_picture_sizes_become_free() -> None:
    model = legacy.load(FOLDER / "renamed.net")
    assert model.input_shape == (None, None, None, 3)
    assert run(model, [np.zeros((1, 12, 20, 3), np.float32)])[0].shape == (1, 12, 20, 3)


def test_declared_size_stays_where_a_dense_layer_needs_it() -> None:
    assert legacy.load(FOLDER / "sequential.net").input_shape == (None, 6, 6, 2)


def test_equal_shapes_are_told_apart_by_name_not_by_place(tmp_path: Path) -> None:
    """The lists of layers and of nested weights are turned round; the numbers stay."""

    def turn(file: h5py.File) -> None:
        root = file["model_weights"]
        root.attrs["layer_names"] = root.attrs["layer_names"][::-1]
        root["body"].attrs["weight_names"] = root["body"].attrs["weight_names"][::-1]

    worst = differences(legacy.load(changed(tmp_path, "nested", turn)), "nested")
    assert max(worst.values()) <= TOLERANCE


def test_names_that_fit_no_layer_are_refused(tmp_path: Path) -> None:
    def rename(file: h5py.File) -> None:
        group = file["model_weights/body"]
        names = [name.decode() if isinstance(name, bytes) else name for name in group.attrs["weight_names"]]
        fresh = [f"weight_{i}/kernel:0" for i in range(len(names))]
        for old, new in zip(names, fresh):
            group.move(old, new)
        group.attrs["weight_names"] = np.array([name.encode() for name in fresh])

    assert "cannot be told apart" in refusal(changed(tmp_path, "nested", rename))


def test_program_code_is_refused_with_file_and_layer() -> None:
    text = refusal(FOLDER / "code.net")
    assert "'scale_shift' (Lambda)" in text and "register_lambda" in text


@pytest.mark.parametrize("which", ["scale_shift", lambda kind, name, _: (kind, name) == ("Lambda", "scale_shift")])
def test_registered_function_replaces_program_code(which) -> None:
    legacy.register_lambda(which, lambda x, factor: x * factor + 1)
    try:
        worst = differences(legacy.load(FOLDER / "code.net"), "code")
    finally:
        legacy.unregister_lambda(which)
    assert max(worst.values()) <= TOLERANCE
    assert not replacements._REGISTERED


def test_legacy_files_are_recognised_by_content(tmp_path: Path) -> None:
    copy = tmp_path / "picture.png"
    shutil.copy(FOLDER / "compiled.net", copy)
    assert legacy.is_legacy(copy)
    (tmp_path / "page.net").write_text("<html>")
    (tmp_path / "empty.net").write_bytes(b"")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = [1.0]
    assert not any(legacy.is_legacy(tmp_path / name) for name in ("page.net", "empty.net", "other.h5", "none.net"))


# --- cache -------------------------------------------------------------------------------------------------------


def test_converted_copy_gives_the_same_numbers_and_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    legacy.load_cached(FOLDER / "keras231.net", tmp_path)
    note = json.loads(next(tmp_path.glob("*.json")).read_text())
    assert note["source"] == "keras231.net"
    from s2p.legacy import cache

    monkeypatch.setattr(cache, "load_with_replacements", lambda path: pytest.fail("converted twice"))
    model = legacy.load_cached(FOLDER / "keras231.net", tmp_path)
    assert max(differences(model, "keras231").values()) <= TOLERANCE


def test_damaged_copy_is_made_again(tmp_path: Path) -> None:
    legacy.load_cached(FOLDER / "compiled.net", tmp_path)
    copy = next(tmp_path.glob("*.keras"))
    copy.write_bytes(b"broken")
    assert max(differences(legacy.load_cached(FOLDER / "compiled.net", tmp_path), "compiled").values()) <= TOLERANCE
    assert copy.stat().st_size > 1000 and not list(tmp_path.glob(".converting*"))


def test_replaced_code_is_not_kept(tmp_path: Path) -> None:
    legacy.register_lambda("scale_shift", lambda x, factor: x * factor + 1)
    try:
        legacy.load_cached(FOLDER / "code.net", tmp_path)
    finally:
        legacy.unregister_lambda("scale_shift")
    assert not list(tmp_path.iterdir())
