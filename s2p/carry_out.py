"""Networks as files for other programs: `.onnx`, `.tflite`, `.keras`, and `.net` for an old V3 installation.

What a network takes and gives is written into the ONNX file (`doc_string`), and beside the others it is what
`contract` says, from the docstring of its builder.
"""

from __future__ import annotations

import ast
import re
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from s2p.errors import DependencyMissingError, OutputError
from s2p.files import write_whole, written_whole
from s2p.networks import SIX, TURBO, spec_of

if TYPE_CHECKING:
    import keras

ENDINGS = (".onnx", ".tflite", ".keras", ".net")


def ending_of(network: str, path: Path) -> str:
    """The format of a file by its name; raises `OutputError` for one that this network is not written in."""
    ending = path.suffix.lower()
    known = ENDINGS if network in SIX else ENDINGS[:-1]
    if ending not in known:
        also = "; .net is for the six of V3" if ending == ".net" else ""
        raise OutputError(f"{network} can be written as {', '.join(known)}{also}. Received: {path.name!r}.")
    if not path.absolute().parent.is_dir():
        raise OutputError(f"{path.name} cannot be written: the folder does not exist.")
    return ending


def carry_out(model: keras.Model, network: str, path: str | Path) -> None:
    """Writes a network whole.

    Args:
        model: as `s2p.weights.load_model` gives it.
        network: its name.
        path: the ending decides: `.onnx` (operator set 17, sizes free, channels last, tensors in Keras's order and
            called as the network's row says), `.tflite` (float32; sizes are given by the program that runs it),
            `.keras` (Keras 3, with layers of `s2p.nn`), `.net` (Keras 2.1, of the six only).

    Raises:
        OutputError: an unknown ending, or the file cannot be written.
        WeightsError, LegacyModelError: a layer that has no counterpart in the format.
    """
    path = Path(path)
    ending = ending_of(network, path)
    if ending == ".net":
        from s2p import legacy

        legacy.export(model, path)
    elif ending == ".onnx":
        from s2p.runtimes.onnx_graph import translate

        graph = translate(model, spec_of(network).tensor_names)
        graph.about = contract(network)
        with written_whole(path) as temporary:
            graph.write(temporary)
    elif ending == ".keras":
        with written_whole(path) as temporary:
            model.save(temporary)
    else:
        write_whole(path, _tflite(model))


def _tflite(model: keras.Model) -> bytes:
    try:
        import tensorflow as tf
    except ImportError:
        raise DependencyMissingError("TFLite files are written by TensorFlow: pip install tensorflow-cpu") from None
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        return bytes(converter.convert())


def contract(network: str, variant: str = TURBO) -> str:
    """What a network takes and gives: shapes, ranges, colour order, in the words of its builder's docstring; and names.

    Example:
        >>> contract("parts").startswith("Inputs: ink `float32[B, H, W, 1]` in [0, 1], 1 = line;")
        True
    """
    module, _, function = spec_of(network).builder.partition(":")
    texts = _docstrings(module)
    named = re.findall(r"`(\w+)`", texts.get(function, ""))  # a docstring may say that it is as another's
    text = next((texts[name] for name in (function, variant, *named) if "Returns:" in texts.get(name, "")), "")
    parts = []
    for word, written in (("Inputs", "Inputs?"), ("Returns", "Returns")):
        match = re.search(rf"^{written}:(.*(?:\n[ \t]+\S.*)*)", text, re.MULTILINE)
        if match:
            parts.append(f"{word}: {' '.join(match[1].split())}")
    tensors = spec_of(network).tensors
    return "\n".join([*parts, *([f"Names in ONNX files: {tensors}."] if tensors else [])])


def _docstrings(module: str) -> dict[str, str]:
    """Docstrings of a module's functions by their names, read from its source: no network is built for them."""
    found = find_spec(module)
    assert found is not None and found.origin is not None
    texts: dict[str, str] = {}
    for node in ast.parse(Path(found.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            texts[node.name] = ast.get_docstring(node) or ""
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):  # another name for one of them
            texts[node.targets[0].id] = texts.get(ast.unparse(node.value), "")
    return texts
