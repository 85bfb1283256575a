"""`load`: from a file to a Keras model with its values, or one clear refusal."""

from __future__ import annotations

import os
import re
from typing import Any

import keras
import numpy as np

from s2p.errors import LegacyModelError
from s2p.legacy.container import LegacyFile, StoredWeight, open_legacy
from s2p.legacy.graph import rebuild
from s2p.legacy.units import Leaf


def load(path: str | os.PathLike[str]) -> keras.Model:
    """Reads a Keras 2 whole-model file (`.net`, `.h5`, any name) into a Keras 3 functional model.

        model = s2p.legacy.load("weights/tail.net")
        enlarged = model.predict(picture[None] / 255.0)      # float32[1, 2H, 2W, 3]

    Inputs and outputs have the file's order. Declared heights and widths are dropped where the graph allows it (a Dense
    layer after a Flatten does not). Training settings and optimizer state in the file are ignored. Nested models are
    unfolded: their layers are called `outer_inner`.

    Args:
        path: file written by Keras 2.0 to 2.3 or tf.keras 1.x/2.x with `model.save`.

    Raises:
        LegacyModelError: naming file, layer and reason. Nothing is returned half loaded.
    """
    model, _ = load_with_replacements(path)
    return model


def load_with_replacements(path: str | os.PathLike[str]) -> tuple[keras.Model, list[str]]:
    """Like `load`; also the names of the layers that run a registered function instead of the file's code."""
    with open_legacy(path) as file:
        try:
            return _load(file)
        except (LegacyModelError, RecursionError):
            raise
        except Exception as error:  # whatever Keras or TensorFlow says to a hostile description
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            raise LegacyModelError(f"the model cannot be rebuilt ({reason}).") from error


def _load(file: LegacyFile) -> tuple[keras.Model, list[str]]:
    try:
        model, block, context = rebuild(file, is_relaxed=True)
    except Exception:  # some graphs need their declared sizes; the second attempt tells the true reason
        model, block, context = rebuild(file, is_relaxed=False)
    leaves: dict[str, list[Leaf]] = {}
    for leaf in block.leaves():
        if leaf.expected:
            leaves.setdefault(leaf.group, []).append(leaf)
    for group, members in leaves.items():
        for leaf, name, stored in _match(group, members, file.groups[group]):
            _assign(leaf, name, stored, file.backend)
    return model, context.replaced


def _assign(leaf: Leaf, name: str, stored: StoredWeight, backend: str) -> None:
    wanted = leaf.kind.renamed.get(name, name)
    found = [variable for variable in leaf.layer.weights if variable.name == wanted]
    if len(found) != 1 or tuple(found[0].shape) != stored.shape:
        raise leaf.options.fail(f"the weight '{name}' of shape {stored.shape} has no place in the rebuilt layer.")
    values = stored.read()
    if backend == "theano" and name in leaf.kind.flipped:
        values = np.flip(values, axis=tuple(range(values.ndim - 2)))
    found[0].assign(values)


_Slot = tuple[Leaf, str]


def _match(group: str, leaves: list[Leaf], stored: list[StoredWeight]) -> list[tuple[Leaf, str, StoredWeight]]:
    """Pairs every stored weight with its layer and name; position alone never decides.

    The last two parts of a stored name are layer and weight (`conv2d_1/kernel:0`). TensorFlow appends `_1`, `_2` ...
    when a name was taken in the writer's session, so a name may only be *compatible*; then the writer's order must
    agree as well.
    """
    slots = [(leaf, name) for leaf in leaves for name in leaf.expected]
    if len(slots) != len(stored):
        raise LegacyModelError(f"layer '{group}' needs {len(slots)} weights; the file lists {len(stored)}.")
    exact = _by_exact_name(slots, stored)
    if exact is None:
        exact = _by_compatible_order(leaves, stored)
    if exact is None:
        names = ", ".join(weight.name for weight in stored[:4])
        raise LegacyModelError(f"the weights of layer '{group}' ({names} ...) cannot be told apart by their names.")
    for leaf, name, weight in exact:
        if weight.shape != leaf.expected[name]:
            raise leaf.options.fail(
                f"'{name}' must have the shape {leaf.expected[name]}. The file holds '{weight.name}' of {weight.shape}."
            )
    return exact


def _by_exact_name(slots: list[_Slot], stored: list[StoredWeight]) -> list[tuple[Leaf, str, StoredWeight]] | None:
    """For one layer the weight's name decides; for several, layer and weight name."""
    is_single = len({id(leaf) for leaf, _ in slots}) == 1
    by_name: dict[Any, StoredWeight] = {}
    for weight in stored:
        parts = _parts(weight.name)
        by_name[parts[-1] if is_single else parts[-2:]] = weight
    result = []
    for leaf, name in slots:
        weight = by_name.pop(name if is_single else (leaf.path[-1], name), None)
        if weight is None:
            return None
        result.append((leaf, name, weight))
    return result if not by_name else None


def _by_compatible_order(
    leaves: list[Leaf], stored: list[StoredWeight]
) -> list[tuple[Leaf, str, StoredWeight]] | None:
    for order in _orders(leaves):
        pairs = list(zip(order, stored))
        if all(_is_compatible(slot, weight, len(leaves) == 1) for slot, weight in pairs):
            return [(leaf, name, weight) for (leaf, name), weight in pairs]
    return None


def _orders(leaves: list[Leaf]) -> list[list[_Slot]]:
    """The orders in which writers list the weights of a nested model: trained ones first, or layer by layer."""
    trained = [(leaf, n) for leaf in leaves for n in leaf.expected if leaf.is_trainable and n not in leaf.kind.frozen]
    kept = [(leaf, n) for leaf in leaves for n in leaf.expected if n in leaf.kind.frozen or not leaf.is_trainable]
    plain = [(leaf, n) for leaf in leaves for n in leaf.expected if n not in leaf.kind.frozen]
    frozen = [(leaf, n) for leaf in leaves for n in leaf.expected if n in leaf.kind.frozen]
    return [trained + kept, plain + frozen, [(leaf, n) for leaf in leaves for n in leaf.expected]]


def _is_compatible(slot: _Slot, weight: StoredWeight, is_single: bool) -> bool:
    leaf, name = slot
    parts = _parts(weight.name)
    if weight.shape != leaf.expected[name] or not _is_variant(parts[-1], name):
        return False
    return is_single or any(_is_variant(part, leaf.path[-1]) for part in parts[:-1])


def _is_variant(found: str, name: str) -> bool:
    return found == name or re.fullmatch(re.escape(name) + r"_\d+", found) is not None


def _parts(name: str) -> tuple[str, ...]:
    return tuple(name.split(":")[0].split("/"))
