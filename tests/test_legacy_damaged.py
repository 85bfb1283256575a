"""Keras 2 files that are damaged, hostile or merely odd: each is refused in one sentence, and nothing of it runs."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from legacy_files import FOLDER, TOLERANCE, changed, differences, edit_config, refusal

from s2p import legacy
from s2p.errors import LegacyModelError
from s2p.legacy import container


def test_damaged_files_are_each_one_clear_sentence(tmp_path: Path) -> None:
    page, empty, none = tmp_path / "page.net", tmp_path / "empty.net", tmp_path / "none.net"
    page.write_text("<html>not found</html>")
    empty.write_bytes(b"")
    whole = (FOLDER / "nested.net").read_bytes()
    short = tmp_path / "short.net"
    short.write_bytes(whole[: len(whole) // 2])
    assert "web page" in refusal(page)
    assert "empty" in refusal(empty)
    assert "no such file" in refusal(none)
    assert "cut short or damaged" in refusal(short)


def _drop_group(file: h5py.File) -> None:
    del file["model_weights/only"]


def _drop_weights(file: h5py.File) -> None:
    del file["model_weights"]


def _drop_weight(file: h5py.File) -> None:
    del file["model_weights/only/only/bias:0"]


def _replace_kernel(values: np.ndarray):
    def change(file: h5py.File) -> None:
        del file["model_weights/only/only/kernel:0"]
        file["model_weights/only/only/kernel:0"] = values

    return change


def _extra_weight(file: h5py.File) -> None:
    file["model_weights/only/only/more:0"] = np.zeros(3, np.float32)


def _listed_extra_weight(file: h5py.File) -> None:
    _extra_weight(file)
    group = file["model_weights/only"]
    group.attrs["weight_names"] = np.array([b"only/kernel:0", b"only/bias:0", b"only/more:0"])


def _extra_layer(file: h5py.File) -> None:
    group = file["model_weights"].create_group("ghost")
    group["w"] = np.zeros(3, np.float32)
    group.attrs["weight_names"] = np.array([b"w"])
    file["model_weights"].attrs["layer_names"] = np.array([b"input_1", b"only", b"ghost"])


def _soft_link(file: h5py.File) -> None:
    del file["model_weights/only/only/bias:0"]
    file["model_weights/only/only/bias:0"] = h5py.SoftLink("/model_weights/only/only/kernel:0")


def _external_link(file: h5py.File) -> None:
    del file["model_weights/only"]
    file["model_weights/only"] = h5py.ExternalLink("other.h5", "/only")


def _external_data(file: h5py.File) -> None:
    del file["model_weights/only/only/bias:0"]
    group = file["model_weights/only/only"]
    group.create_dataset("bias:0", (2,), "f4", external=[("/etc/hostname", 0, 8)])


def _huge_claim(file: h5py.File) -> None:
    del file["model_weights/only/only/kernel:0"]
    file["model_weights/only/only"].create_dataset(
        "kernel:0", (2**20, 2**20), "f4", chunks=(2**10, 2**10), compression="gzip"
    )


def _numbered_config(file: h5py.File) -> None:
    file.attrs["model_config"] = 7


def _no_config(file: h5py.File) -> None:
    del file.attrs["model_config"]


def _bad_json(file: h5py.File) -> None:
    file.attrs["model_config"] = '{"class_name": '


def _deep_json(file: h5py.File) -> None:
    file.attrs["model_config"] = "[" * 200_000


def _old_version(file: h5py.File) -> None:
    file.attrs["keras_version"] = "1.2.2"


NAN, WIDE = np.full((4, 2), np.nan, np.float32), np.zeros((4, 3), np.float32)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_drop_weights, "no group 'model_weights'"),
        (_drop_group, "weights of layer 'only' are missing"),
        (_drop_weight, "listed but missing"),
        (_replace_kernel(NAN), "not finite"),
        (_replace_kernel(WIDE), "layer 'only' (Dense): expected 'kernel' of shape (4, 2)"),
        (_replace_kernel(np.zeros((4, 2), np.int32)), "floating point"),
        (_extra_weight, "not listed"),
        (_listed_extra_weight, "does not use"),
        (_extra_layer, "'ghost'"),
        (_soft_link, "link"),
        (_external_link, "link"),
        (_external_data, "another file"),
        (_huge_claim, "claim"),
        (_numbered_config, "must hold text"),
        (_no_config, "whole-model file"),
        (_bad_json, "not valid JSON"),
        (_deep_json, "nested too deeply"),
        (_old_version, "only files of Keras 2"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value)[:20],
)
def test_wrong_contents_are_refused_with_their_reason(tmp_path: Path, change, words: str) -> None:
    assert words in refusal(changed(tmp_path, "compiled", change))


def test_attribute_of_two_gigabytes_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits are checked on sizes, so small limits stand for large attributes."""
    monkeypatch.setattr(container, "MAX_METADATA", 1000)
    assert "besides weights" in refusal(changed(tmp_path, "compiled", lambda file: None))
    monkeypatch.undo()
    monkeypatch.setattr(container, "MAX_CONFIG", 100)
    assert "at most 100 are read" in refusal(changed(tmp_path, "compiled", lambda file: None))
    monkeypatch.undo()

    monkeypatch.setattr(h5py.AttributeManager, "__getitem__", lambda *_: pytest.fail("was read"))
    with h5py.File(tmp_path / "large.h5", "w") as file:
        file.attrs.create("model_config", b"x" * 60_000, dtype="S60000")
        with pytest.raises(LegacyModelError, match="MiB"):
            container._strings(file, "model_config", 50_000)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("units", 10**9, "whole number"),
        ("units", 3, "expected"),
        ("units", None, "whole number"),
        ("activation", "eval", "activation"),
        ("activation", {"class_name": "Lambda", "config": {}}, "activation"),
        ("use_bias", "yes", "true or false"),
        ("name", None, None),
    ],
)
def test_wrong_settings_are_refused(tmp_path: Path, field: str, value: object, words: str | None) -> None:
    def edit(config: dict) -> None:
        config["config"]["layers"][1]["config"][field] = value

    path = changed(tmp_path, "compiled", edit_config(edit))
    if words is None:
        assert max(differences(legacy.load(path), "compiled").values()) <= TOLERANCE
    else:
        assert words in refusal(path)


def test_endless_nesting_and_circles_are_refused(tmp_path: Path) -> None:
    def nest(config: dict) -> None:
        layer = config["config"]["layers"][1]
        for depth in range(40):
            inner = {"class_name": "Sequential", "config": [dict(layer)], "name": f"n{depth}"}
            layer.update(inner, config={"name": f"n{depth}", "layers": inner["config"]})

    assert "nested" in refusal(changed(tmp_path, "compiled", edit_config(nest)))

    def circle(config: dict) -> None:
        config["config"]["layers"][1]["inbound_nodes"] = [[["only", 0, 0, {}]]]

    assert "never happens" in refusal(changed(tmp_path, "compiled", edit_config(circle)))


def test_calls_with_extra_arguments_are_refused(tmp_path: Path) -> None:
    def train(config: dict) -> None:
        config["config"]["layers"][1]["inbound_nodes"][0][0][3] = {"training": True}

    assert "argument 'training'" in refusal(changed(tmp_path, "compiled", edit_config(train)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_or_missing_bytes_end_in_a_model_or_one_sentence(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray((FOLDER / "compiled.net").read_bytes())
    if data.draw(st.booleans(), label="cut"):
        content = content[: data.draw(st.integers(0, len(content) - 1), label="length")]
    else:
        places = st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)
        for place in data.draw(places, label="places"):
            content[place] ^= data.draw(st.integers(1, 255), label="flip")
    path = tmp_path / "fuzzed.net"
    path.write_bytes(content)
    try:
        model = legacy.load(path)
    except LegacyModelError as error:
        assert str(error).startswith("fuzzed.net")
    else:
        assert all(np.isfinite(weight).all() for weight in model.get_weights())
