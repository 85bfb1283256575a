"""Networks as files for other programs, and what their cards say of tensors."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from s2p import carry_out, networks, shelf
from s2p.errors import OutputError

EDGE = 256  # a multiple of whatever networks divide by


def inputs_of(model) -> list[np.ndarray]:
    """Random inputs of sizes that belong together: those of the network's row, or one for all."""
    edges = networks.spec_of(model.name if model.name in networks.names() else "tail").edges("turbo")
    dice = np.random.default_rng(3)
    found = []
    for number, tensor in enumerate(model.inputs):
        edge = edges[number] if edges else EDGE
        shape = [1 if place == 0 else size or edge for place, size in enumerate(tensor.shape)]
        found.append(dice.random(shape, np.float32))
    return found


def built(network: str):
    from s2p import weights
    from s2p.config import Settings

    return weights.load_model(weights.find(network, Settings()))


@pytest.mark.parametrize("network", networks.names())
def test_every_network_says_what_it_takes_and_gives(network):
    inputs, returns, named = carry_out.contract(network).split("\n")
    assert named == f"Names in ONNX files: {networks.spec_of(network).tensors}."
    assert inputs.startswith("Inputs: ") and "float32[B" in inputs
    assert returns.startswith("Returns: ") and "float32[B" in returns


@pytest.mark.parametrize("network", networks.names())
def test_every_network_becomes_an_onnx_file_that_gives_the_same_numbers(network, tmp_path: Path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="pip install -e .[onnx] brings it")
    model, path = built(network), tmp_path / "network.onnx"
    carry_out.carry_out(model, network, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given, (takes, gives) = inputs_of(model), networks.spec_of(network).tensor_names
    assert [one.name for one in session.get_inputs()] == takes
    assert [one.name for one in session.get_outputs()] == gives[: len(model.outputs)]
    answers = session.run(None, dict(zip([one.name for one in session.get_inputs()], given, strict=True)))
    wanted = model(given if len(given) > 1 else given[0], training=False)
    wanted = wanted if isinstance(wanted, (list, tuple)) else [wanted]
    for answer, value in zip(answers, wanted, strict=True):
        value = np.asarray(value)
        assert np.abs(answer - value).max() <= 2e-3 * max(1.0, np.abs(value).max())
    if onnx := _onnx():
        held = onnx.load(str(path))
        onnx.checker.check_model(held, full_check=True)
        assert held.doc_string == carry_out.contract(network)


def _onnx():
    try:
        import onnx
        import onnx.checker
    except ImportError:
        return None
    return onnx


@pytest.mark.parametrize("network", ["tail", "parts"])
def test_keras_and_tflite_files_give_the_same_numbers(network, tmp_path: Path):
    keras, tf = pytest.importorskip("keras"), pytest.importorskip("tensorflow")
    model = built(network)
    given = inputs_of(model)[0]
    wanted = np.asarray(model(given, training=False))
    carry_out.carry_out(model, network, tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    assert np.allclose(np.asarray(again(given, training=False)), wanted, atol=1e-5 * max(1.0, np.abs(wanted).max()))
    carry_out.carry_out(model, network, tmp_path / "network.tflite")
    interpreter = tf.lite.Interpreter(str(tmp_path / "network.tflite"))
    interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], given.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], given)
    interpreter.invoke()
    answer = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    assert np.abs(answer - wanted).max() <= 2e-3 * max(1.0, np.abs(wanted).max())


@pytest.mark.parametrize(("network", "name"), [
    ("tail", "a.pb"), ("reach", "a.net"), ("tail", "a"), ("tail", "no/a.onnx"),
])
def test_other_files_are_refused_before_anything_is_loaded(network, name, tmp_path):
    with pytest.raises(OutputError, match=r"can be written as|the folder does not exist"):
        carry_out.ending_of(network, tmp_path / name)


def test_cards_say_what_the_builders_say_and_are_refreshed_without_touching_the_rest(root: Path, tmp_path: Path):
    from s2p.train import release

    for name in ("registry.json", *(entry["card"] for entry in shelf.entries(root / "weights"))):
        shutil.copyfile(root / "weights" / name, tmp_path / name)
    assert release.refresh_cards(tmp_path) == [], "run s2p.train.release.refresh_cards on the folder weights"
    card = tmp_path / "tail-turbo.md"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace("**Tensors.**", "**Tensors.** Something old."), encoding="utf-8")
    assert release.refresh_cards(tmp_path) == [card]
    assert card.read_text(encoding="utf-8") == text
