"""`export`: a Keras 3 model as a whole-model file that Keras 2.1.6 opens with plain `load_model`."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np

from s2p.errors import LegacyModelError
from s2p.legacy.exported import LegacyGraph, Ref
from s2p.legacy.operations import OPERATIONS
from s2p.legacy.reader import load
from s2p.legacy.writers import LAYERS, Call

TOLERANCE = 1e-4  # of the largest value of an output, or absolute below 1


def export(model: keras.Model, path: str | os.PathLike[str], *, verify: bool = True) -> None:
    """Writes a model for an old installation (Keras 2.1.6 on TensorFlow 1.10), without custom objects.

        s2p.legacy.export(tail, "tail.net")        # then, there: keras.models.load_model("tail.net")

    What Keras 2.1.6 lacks is said in layers it has (see `primitives.py`): a bilinear enlargement becomes a
    nearest-neighbour one and a blur, scaling becomes a batch normalization, clipping a hard sigmoid. Heights and widths
    stay free.

    Args:
        model: a functional or Sequential model of the layers in `writers.LAYERS`, nested as you like.
        path: file to write; it appears whole or not at all.
        verify: read the file back and compare it with the model on a small random input.

    Raises:
        LegacyModelError: naming the first layer that has no counterpart, with those that have; or if the file read back
            gives other numbers.
    """
    graph = LegacyGraph(model.name)
    inputs = []
    for index, tensor in enumerate(model.inputs):
        name = getattr(tensor, "name", None) or f"input_{index + 1}"
        inputs.append(graph.add_input(str(name), tuple(tensor.shape)[1:]))
    outputs = _walk(graph, model, inputs, prefix="")
    outputs = [_own_layer(graph, ref, outputs[:index]) for index, ref in enumerate(outputs)]
    missing = set(graph.inputs) - set(graph.order(outputs))
    if missing:
        raise LegacyModelError(f"the input '{min(missing)}' reaches no output; Keras 2.1.6 refuses such a model.")
    graph.write(path, outputs)
    if verify:
        try:
            _compare(model, path)
        except LegacyModelError:
            os.unlink(path)
            raise


def _own_layer(graph: LegacyGraph, ref: Ref, earlier: list[Ref]) -> Ref:
    """Keras 2.1.6 wants an output to be made by a layer of its own, not to be an input or another output."""
    is_taken = ref.layer in graph.inputs or ref.layer in {other.layer for other in earlier}
    if not is_taken:
        return ref
    return graph.add(f"{ref.layer}_copy", "Activation", {"activation": "linear"}, ref, ref.shape)


def _walk(graph: LegacyGraph, model: keras.Model, inputs: list[Ref], *, prefix: str) -> list[Ref]:
    """Appends all calls of a model, nested models in place; returns the refs of its outputs."""
    if isinstance(model, keras.Sequential):
        model = model._functional
    nodes = getattr(model, "_nodes_by_depth", None)
    if nodes is None:
        raise LegacyModelError(
            f"only functional and Sequential models can be exported. '{model.name}' is a {type(model).__name__}."
        )
    known: dict[int, Ref] = {id(tensor): ref for tensor, ref in zip(model.inputs, inputs)}
    for depth in sorted(nodes, reverse=True):
        for node in nodes[depth]:
            if node.is_input:
                continue
            results = _write(graph, node, known, prefix)
            known.update((id(tensor), ref) for tensor, ref in zip(node.outputs, results))
    return [known[id(tensor)] for tensor in model.outputs]


def _write(graph: LegacyGraph, node: Any, known: dict[int, Ref], prefix: str) -> list[Ref]:
    layer = node.operation
    name = f"{prefix}{layer.name}"
    refs = [known[id(tensor)] for tensor in node.input_tensors]
    if isinstance(layer, keras.Model):
        return _walk(graph, layer, refs, prefix=f"{name}_")
    if hasattr(layer, "legacy_form"):
        return _walk(graph, layer.legacy_form(), refs, prefix=f"{name}_")
    writer = LAYERS.get(type(layer))
    if writer is None and not isinstance(layer, keras.layers.Layer):
        writer = OPERATIONS.get(type(layer).__name__)
    if writer is None:
        able = sorted({kind.__name__ for kind in LAYERS})
        raise LegacyModelError(
            f"layer '{name}' ({type(layer).__name__}) has no counterpart in Keras 2.1.6. "
            f"These have: {', '.join(able)}; operations: {', '.join(sorted(OPERATIONS))}; "
            "and layers with a method legacy_form()."
        )
    arguments, keywords = _with_refs(node, known)
    result = writer(Call(graph, layer, name, refs, arguments, keywords))
    if len(node.outputs) != 1:
        raise LegacyModelError(f"layer '{name}' has {len(node.outputs)} outputs, which cannot be exported.")
    return [result]


def _with_refs(node: Any, known: dict[int, Ref]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    def swap(value: Any) -> Any:
        return known[id(value)] if isinstance(value, keras.KerasTensor) else value

    return keras.tree.map_structure(swap, (node.arguments.args, node.arguments.kwargs))


def _compare(model: keras.Model, path: str | os.PathLike[str]) -> None:
    random = np.random.default_rng(0)
    shapes = [tuple(64 if size is None else size for size in tuple(tensor.shape)[1:]) for tensor in model.inputs]
    values = [random.random((1, *shape), np.float32) for shape in shapes]
    argument = values if len(values) > 1 else values[0]
    wanted = keras.tree.flatten(model(argument, training=False))
    found = keras.tree.flatten(load(path)(argument, training=False))
    for index, (a, b) in enumerate(zip(wanted, found, strict=True)):
        a, b = np.asarray(keras.ops.convert_to_numpy(a)), np.asarray(keras.ops.convert_to_numpy(b))
        error = float(np.abs(a - b).max()) if a.shape == b.shape else float("inf")
        if not error <= TOLERANCE * max(1.0, float(np.abs(a).max())):
            raise LegacyModelError(f"output {index + 1} of the exported file differs from the model by {error:.2g}.")
