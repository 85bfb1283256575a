"""Reading Keras 2 files: every fixture was written by the real old Keras (see tests/legacy/write_fixtures.py)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import ops

from s2p import legacy
from s2p.errors import LegacyModelError, NotFoundError
from s2p.legacy import container, replacements
from s2p.legacy.layers import KINDS, WHY_REFUSED

FOLDER = Path(__file__).parent / "legacy"
FILES = (
    "pictures", "sequences", "volumes", "nested", "renamed", "sequential", "compiled", "theano", "keras231",
    "tfkeras115",
)  # fmt: skip
TOLERANCE = 2e-5


def recorded(name: str) -> tuple[list[np.ndarray], list[np.ndarray], list[str]]:
    data = np.load(FOLDER / f"{name}.npz")
    xs = [data[f"x{i}"] for i in range(len(data.files)) if f"x{i}" in data]
    ys = [data[f"y{i}"] for i in range(len(data.files)) if f"y{i}" in data]
    return xs, ys, [str(label) for label in data["names"]]


def run(model: keras.Model, xs: list[np.ndarray]) -> list[np.ndarray]:
    results = model(xs if len(xs) > 1 else xs[0], training=False)
    return [ops.convert_to_numpy(r) for r in (results if isinstance(results, (list, tuple)) else [results])]


def differences(model: keras.Model, name: str) -> dict[str, float]:
    xs, ys, names = recorded(name)
    results = run(model, xs)
    assert len(results) == len(ys)
    found = {}
    for index, (result, wanted) in enumerate(zip(results, ys)):
        assert result.shape == wanted.shape, names[index % len(names)]
        found[f"{index} {names[index % len(names)]}"] = float(np.abs(result - wanted).max())
    return found


def changed(tmp_path: Path, name: str, change) -> Path:
    """A copy of a fixture with `change(open_file)` applied."""
    path = tmp_path / "changed.net"
    shutil.copy(FOLDER / f"{name}.net", path)
    path.chmod(0o644)
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def edit_config(edit):
    def change(file: h5py.File) -> None:
        config = json.loads(file.attrs["model_config"])
        edit(config)
        file.attrs["model_config"] = json.dumps(config)

    return change


def refusal(path: Path) -> str:
    with pytest.raises(LegacyModelError) as caught:
        legacy.load(path)
    text = str(caught.value)
    assert text.startswith(path.name) and "\n" not in text
    return text


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


# --- slots -------------------------------------------------------------------------------------------------------


def _net(name: str, *, factor: int = 2, outputs: int = 3, vectors: tuple[int, ...] = (5, 7)) -> keras.Model:
    layers = keras.layers
    channels = {"baby": (4,), "girder": (1, 4, 3), "reader": (3,), "head": (1, 3), "neck": (1, 3), "tail": (3,)}[name]
    pictures = [keras.Input((None, None, c)) for c in channels]
    x = layers.Concatenate()(pictures) if len(pictures) > 1 else pictures[0]
    if name == "reader":
        return keras.Model(pictures, [layers.Conv2D(c, 3, strides=2, padding="same")(x) for c in vectors])
    if name == "tail":
        return keras.Model(pictures, layers.Conv2DTranspose(3, 4, strides=factor, padding="same")(x))
    if name in ("head", "neck"):
        styles = [keras.Input((c,)) for c in vectors]
        for style in styles:
            x = layers.Add()([x, layers.Reshape((1, 1, x.shape[-1]))(layers.Dense(x.shape[-1])(style))])
        half = layers.Conv2D(3, 3, strides=factor, padding="same")
        return keras.Model(pictures + styles, [half(x) for _ in range(outputs)])
    return keras.Model(pictures, layers.Conv2D(3, 3, padding="same")(x))


@pytest.mark.parametrize("name", ["baby", "girder", "reader", "head", "neck", "tail"])
def test_right_networks_fit_their_slot(name: str) -> None:
    legacy.check_slot(_net(name), name)


@pytest.mark.parametrize(
    ("model", "slot", "words"),
    [
        (lambda: _net("tail", factor=3), "tail", "twice the size"),
        (lambda: _net("tail", factor=1), "tail", "twice the size"),
        (lambda: _net("baby"), "tail", "3 channels"),
        (lambda: _net("head", outputs=1), "head", "3 outputs"),
        (lambda: _net("head", factor=4), "neck", "half the size"),
        (lambda: _net("head", vectors=()), "head", "style vectors"),
        (lambda: _net("girder"), "head", "1 channel"),
        (lambda: _net("girder"), "baby", "4 channels"),
        (lambda: _net("tail"), "reader", "larger"),
    ],
)
def test_wrong_networks_are_refused_with_what_was_expected(model, slot: str, words: str) -> None:
    with pytest.raises(LegacyModelError, match=words):
        legacy.check_slot(model(), slot)


def test_unknown_slot_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="baby"):
        legacy.check_slot(_net("tail"), "nose")


def test_reader_and_head_must_agree_on_the_style_vectors() -> None:
    legacy.check_pair(_net("reader"), _net("head"))
    with pytest.raises(LegacyModelError, match=r"\[5, 8\].*\[5, 7\]"):
        legacy.check_pair(_net("reader", vectors=(5, 8)), _net("head"))


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
