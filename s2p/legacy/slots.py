"""The contracts of the networks: what a file must take and give before it may sit in a slot.

Only shapes are checked; ranges and colour order cannot be seen from outside (they are in the model documentation).
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from s2p.errors import LegacyModelError, NotFoundError
from s2p.networks import Slot, addable, spec_of

PROBE = (64, 128)  # height and width; what V3 feeds is always a multiple of 64


def check_slot(model: keras.Model, name: str) -> None:
    """Checks that a model can do the work of a network.

    Args:
        model: any Keras model with declared inputs.
        name: of a network for which users have files (`s2p.networks.addable`).

    Raises:
        LegacyModelError: with what was expected and what the model has.
        NotFoundError: for an unknown name.
    """
    slot = None if name not in addable() else spec_of(name).slot
    if slot is None:
        raise NotFoundError(f"The network must be one of {', '.join(addable())}. Received: {name!r}.")
    inputs, outputs = [tuple(t.shape) for t in model.inputs], [tuple(t.shape) for t in model.outputs]
    _check_inputs(name, slot, inputs)
    if slot.outputs and len(outputs) != slot.outputs:
        raise LegacyModelError(f"'{name}' must have {slot.outputs} outputs. This model has {len(outputs)}.")
    if slot.decisive is None:
        for shape in outputs:
            if len(shape) != 4 or shape[-1] is None:
                raise LegacyModelError(f"every output of '{name}' must be a feature map. One has the shape {shape}.")
        height, width = _size(inputs[0])
        for shape in _probe(model, inputs):
            if shape[1] > height or shape[2] > width:
                raise LegacyModelError(f"no output of '{name}' may be larger than its input. One has {shape[1:]}.")
        return
    _check_size(name, slot, inputs, _probe(model, inputs)[slot.decisive])


def check_pair(reader: keras.Model, head: keras.Model, *, name: str = "head") -> None:
    """Checks that a head or neck takes the style vectors that a reader makes, in number and width.

    Raises:
        LegacyModelError: with both lists of widths.
    """
    given = [tensor.shape[-1] for tensor in reader.outputs]
    taken = [tensor.shape[-1] for tensor in head.inputs if len(tensor.shape) == 2]
    if given != taken:
        raise LegacyModelError(
            f"'reader' makes {len(given)} style vectors of widths {given}; "
            f"'{name}' takes {len(taken)} of widths {taken}. These files do not belong together."
        )


def _check_inputs(name: str, slot: Slot, inputs: list[tuple]) -> None:
    count = len(slot.pictures)
    pictures, vectors = inputs[:count], inputs[count:]
    wanted = ", ".join("1 channel" if channels == 1 else f"{channels} channels" for channels in slot.pictures)
    if len(pictures) < count or any(len(s) != 4 or s[-1] != c for s, c in zip(pictures, slot.pictures)):
        raise LegacyModelError(f"'{name}' must take pictures of {wanted}. This model takes {_shown(inputs)}.")
    if vectors and not slot.has_vectors:
        raise LegacyModelError(f"'{name}' must take {count} inputs. This model takes {len(inputs)}: {_shown(inputs)}.")
    if slot.has_vectors and (not vectors or any(len(s) != 2 or s[-1] is None for s in vectors)):
        raise LegacyModelError(
            f"'{name}' must take two pictures and then style vectors. This model takes {_shown(inputs)}."
        )


def _check_size(name: str, slot: Slot, inputs: list[tuple], output: tuple) -> None:
    height, width = _size(inputs[0])
    expected = (int(height * slot.scale), int(width * slot.scale), slot.channels)
    if len(output) != 4 or output[1:] != expected:
        words = {0.5: "half the size of", 1.0: "the size of", 2.0: "twice the size of"}[slot.scale]
        which = f"output {(slot.decisive or 0) + 1}" if slot.outputs > 1 else "the output"
        channels = "3 channels" if slot.channels == 3 else "1 channel"
        raise LegacyModelError(
            f"{which} of '{name}' must have {channels} and {words} its input: {expected} for {height} x {width}. "
            f"This model gives {output[1:]}."
        )


def _size(shape: tuple) -> tuple[int, int]:
    return shape[1] or PROBE[0], shape[2] or PROBE[1]


def _probe(model: keras.Model, inputs: list[tuple]) -> list[tuple]:
    """Output shapes for the probe size; the model is run once only if shapes alone do not tell."""
    shapes = [(1, *_size(shape), shape[-1]) if len(shape) == 4 else (1, shape[-1]) for shape in inputs]
    try:
        found = _listed(model.compute_output_shape(shapes if len(shapes) > 1 else shapes[0]))
        if all(None not in shape for shape in found):
            return found
        arrays = [np.zeros(shape, np.float32) for shape in shapes]
        results = model(arrays if len(arrays) > 1 else arrays[0], training=False)
    except Exception as error:  # a graph that cannot take a picture of this size at all
        reason = " ".join(str(error).split())[:200]
        raise LegacyModelError(f"the model cannot process a picture of {_size(inputs[0])} ({reason}).") from error
    return [tuple(result.shape) for result in (results if isinstance(results, (list, tuple)) else [results])]


def _listed(shapes: Any) -> list[tuple]:
    if shapes and isinstance(shapes[0], (list, tuple)):
        return [tuple(shape) for shape in shapes]
    return [tuple(shapes)]


def _shown(shapes: list[tuple]) -> str:
    texts = ["x".join("any" if size is None else str(size) for size in shape[1:]) for shape in shapes]
    return ", ".join(texts) or "nothing"
