"""The graph of an exported file, in the terms of Keras 2.1.6, and its writing."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from s2p.files import written_whole

KERAS_VERSION = "2.1.6"
HEADER_LIMIT = 64_000  # bytes of one HDF5 attribute; longer lists go into numbered pieces, which 2.1.6 joins


@dataclass(frozen=True)
class Ref:
    """The output of an exported layer.

    Attributes:
        layer: its name in the file.
        shape: without batch; None where free.
    """

    layer: str
    shape: tuple[int | None, ...]

    @property
    def channels(self) -> int:
        size = self.shape[-1]
        assert size is not None
        return size


@dataclass
class _Entry:
    kind: str
    config: dict[str, Any]
    inputs: list[str]
    weights: list[tuple[str, np.ndarray]]


class LegacyGraph:
    """Collects layers; every layer is called once.

    A layer that Keras 3 shares between calls is written once per call: Keras 2.1.6 may renumber the calls of shared
    layers while it loads, and then connects the wrong ones.
    """

    def __init__(self, name: str) -> None:
        self.name = _clean(name)
        self.entries: dict[str, _Entry] = {}
        self.inputs: list[str] = []

    def add_input(self, name: str, shape: tuple[int | None, ...]) -> Ref:
        config = {"batch_input_shape": [None, *shape], "dtype": "float32", "sparse": False}
        ref = self._put(name, "InputLayer", config, [], shape, [])
        self.inputs.append(ref.layer)
        return ref

    def add(
        self,
        name: str,
        kind: str,
        config: dict[str, Any],
        inputs: Ref | Sequence[Ref],
        shape: Sequence[int | None],
        weights: Sequence[tuple[str, Any]] = (),
    ) -> Ref:
        """Appends one layer.

        Args:
            name: wished for; made unique and safe for a TensorFlow name scope.
            kind: a layer class of Keras 2.1.6.
            config: its settings, in its spelling.
            inputs: what it is called on.
            shape: of its output, without batch.
            weights: names and values, in the order in which Keras 2.1.6 lists them.
        """
        sources = [inputs] if isinstance(inputs, Ref) else list(inputs)
        arrays = [(label, np.asarray(value, np.float32)) for label, value in weights]
        return self._put(name, kind, config, [source.layer for source in sources], tuple(shape), arrays)

    def _put(
        self,
        name: str,
        kind: str,
        config: dict[str, Any],
        inputs: list[str],
        shape: tuple[int | None, ...],
        weights: list[tuple[str, np.ndarray]],
    ) -> Ref:
        unique, number = _clean(name), 1
        while unique in self.entries:
            number += 1
            unique = f"{_clean(name)}_{number}"
        common = {"name": unique} if kind == "InputLayer" else {"name": unique, "trainable": True}
        self.entries[unique] = _Entry(kind, {**common, **config}, inputs, weights)
        return Ref(unique, shape)

    def order(self, outputs: Sequence[Ref]) -> list[str]:
        """Layer names as `Model.layers` of Keras 2.1.6 will list them; layers that no output needs are left out.

        Keras 2.1.6 fills weights into layers by their place in this list, so it must be repeated exactly: by depth
        below the outputs, deepest first; layers of one depth by their place in a walk from the outputs upwards.
        """
        seen: dict[str, int] = {}
        finished: list[str] = []
        for output in outputs:
            stack = [(output.layer, False)]
            while stack:
                layer, is_done = stack.pop()
                if is_done:
                    finished.append(layer)
                elif layer not in seen:
                    seen[layer] = len(seen)
                    stack.append((layer, True))
                    stack.extend((source, False) for source in reversed(self.entries[layer].inputs))
        depth = dict.fromkeys(finished, 0)
        for layer in reversed(finished):
            for source in self.entries[layer].inputs:
                depth[source] = max(depth[source], depth[layer] + 1)
        return sorted(finished, key=lambda layer: (-depth[layer], seen[layer]))

    def description(self, outputs: Sequence[Ref]) -> dict[str, Any]:
        """The `model_config` of the file."""
        layers = []
        for name in self.order(outputs):
            entry = self.entries[name]
            calls = [[[source, 0, 0, {}] for source in entry.inputs]] if entry.inputs else []
            layers.append({"name": name, "class_name": entry.kind, "config": entry.config, "inbound_nodes": calls})
        config = {
            "name": self.name,
            "layers": layers,
            "input_layers": [[name, 0, 0] for name in self.inputs],
            "output_layers": [[ref.layer, 0, 0] for ref in outputs],
        }
        return {"class_name": "Model", "config": config}

    def write(self, path: str | os.PathLike[str], outputs: Sequence[Ref]) -> None:
        """Writes the file whole: under a temporary name first."""
        with written_whole(path) as temporary, h5py.File(temporary, "w") as file:
            self._fill(file, outputs)

    def _fill(self, file: h5py.File, outputs: Sequence[Ref]) -> None:
        _put_text(file, "keras_version", KERAS_VERSION)
        _put_text(file, "backend", "tensorflow")
        _put_text(file, "model_config", json.dumps(self.description(outputs)))
        root = file.create_group("model_weights")
        names = self.order(outputs)
        _put_names(root, "layer_names", names)
        _put_text(root, "backend", "tensorflow")
        _put_text(root, "keras_version", KERAS_VERSION)
        for name in names:
            group = root.create_group(name)
            weights = [(f"{name}/{label}:0", values) for label, values in self.entries[name].weights]
            _put_names(group, "weight_names", [label for label, _ in weights])
            for label, values in weights:
                group.create_dataset(label, data=values)


def _put_text(item: h5py.Group, name: str, text: str) -> None:
    # h5py 2 hands ASCII text of variable length to Python as bytes, and Keras 2.1.6 calls `.decode` on it
    item.attrs.create(name, text, dtype=h5py.string_dtype("ascii"))


def _put_names(item: h5py.Group, name: str, names: list[str]) -> None:
    values = np.asarray([label.encode("ascii") for label in names])
    if values.size == 0:
        item.attrs.create(name, np.zeros((0,), np.float64))
        return
    pieces = np.array_split(values, -(-values.nbytes // HEADER_LIMIT))
    for number, piece in enumerate(pieces):
        item.attrs.create(name if len(pieces) == 1 else f"{name}{number}", piece)


def _clean(name: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9_.]", "_", name)
    return safe if re.match(r"[A-Za-z0-9]", safe) else f"layer{safe}"
