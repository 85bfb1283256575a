"""What every network, every painter and every operation of the preprocessor must do, whatever else it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2p.errors import CancelledError
from s2p.networks import NetworkSpec
from s2p.pipelines.base import Result
from s2p.pipelines.request import Request
from s2p.progress import FractionReporter
from s2p.systems import system_of


def check_network(spec: NetworkSpec, folder: Path) -> None:
    """It takes the smallest input that its row allows, and one twice as wide, answers numbers of the shapes that it
    promises, and gives the same after its weights were written and read."""
    from s2p.models import build
    from s2p.weights import read_weights, write_weights

    model, other = build(spec.name), build(spec.name)
    edges = spec.edges("turbo") or [max(spec.variants[spec.variant_for("turbo")].multiple, 16)] * len(model.inputs)
    write_weights(model, folder / "one.weights.h5", dtype="float32")
    read_weights(other, folder / "one.weights.h5")
    for wider in (1, 2):
        shapes = [
            (1, edge, wider * edge, tensor.shape[-1]) if len(tensor.shape) == 4 else (1, tensor.shape[-1])
            for tensor, edge in zip(model.inputs, edges, strict=True)
        ]
        inputs = [np.random.default_rng(0).random(shape, np.float32) for shape in shapes]
        promised = model.compute_output_shape(shapes if len(shapes) > 1 else shapes[0])
        promised = [promised] if isinstance(promised[0], int) else promised
        answers, again = (_answers(one, inputs) for one in (model, other))
        assert [one.shape for one in answers] == [tuple(shape) for shape in promised] and answers
        assert all(0 not in one.shape and np.isfinite(one).all() for one in answers)
        assert all(np.array_equal(one, two) for one, two in zip(answers, again, strict=True))


def _answers(model: Any, inputs: list[np.ndarray]) -> list[np.ndarray]:
    found = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return [np.asarray(one) for one in (found if isinstance(found, (list, tuple)) else [found])]


def check_pipeline(system: str, make: Callable[[], Any], one: Request, other: Request) -> None:
    """Its stages are those of its row, its progress never falls, it stops when it is told to and can be used after;
    what it remembers is what it would compute.

    Args:
        system: its name.
        make: gives a fresh painter.
        one, other: two requests whose paintings differ.
    """
    painter, watched = make(), _Watched(system)
    first = painter.run(one, watched)
    assert watched.stages and set(watched.stages) <= set(system_of(system).stages), watched.stages
    assert watched.seen == sorted(watched.seen) and watched.seen[-1] <= 1.0
    assert isinstance(first, Result) and set(first.layers) <= set(system_of(system).outputs)
    for name in dict.fromkeys(watched.stages):
        stopped = _Watched(system, until=name)
        with pytest.raises(CancelledError):
            make().run(one, stopped)
        assert stopped.stages[-1] == name, "it went on after it was told to stop"
    cancelled = _Watched(system)
    cancelled.cancelled = True
    with pytest.raises(CancelledError):
        painter.run(other, cancelled)
    second, again = painter.run(other), painter.run(one)
    assert not np.array_equal(first.image, second.image), "two requests that paint the same prove nothing"
    for remembered, request in ((again, one), (second, other)):
        fresh = make().run(request)
        assert np.array_equal(remembered.image, fresh.image) and np.array_equal(remembered.lines, fresh.lines)
        assert all(np.array_equal(remembered.layers[name].image, fresh.layers[name].image) for name in fresh.layers)


class _Watched(FractionReporter):
    def __init__(self, system: str, *, until: str = "") -> None:
        super().__init__(system_of(system).stages)
        self.stages: list[str] = []
        self.seen: list[float] = []
        self._until = until

    def stage(self, name: str) -> None:
        self.stages.append(name)
        super().stage(name)
        self.cancelled = self.cancelled or name == self._until

    def changed(self) -> None:
        self.seen.append(self.fraction)


def check_op(op: Any, example: dict[str, Any], *, changes: set[str]) -> dict[str, Any]:
    """It gives in a graph, with heights and widths unknown, what it gives at once, twice the same, and leaves alone
    whatever else is in the example. Returns what it gave.

    Args:
        op: from dict to dict.
        example: arrays by name.
        changes: names that it may change, add or take away.
    """
    import tensorflow as tf

    spec = {
        name: tf.TensorSpec([None, None, value.shape[2]] if value.ndim == 3 else value.shape, value.dtype)
        for name, value in ((name, np.asarray(value)) for name, value in example.items())
    }
    graph, given = tf.function(op, input_signature=[spec]), {name: tf.constant(example[name]) for name in example}
    found, again, at_once = (
        {name: np.asarray(value) for name, value in way(given).items()} for way in (graph, graph, op)
    )
    assert found.keys() == at_once.keys() and set(example) ^ set(found) <= changes
    for name, value in found.items():
        assert np.array_equal(value, again[name])
        assert value.dtype == at_once[name].dtype and value.shape == at_once[name].shape
        off = np.abs(value.astype(np.float64) - at_once[name].astype(np.float64)).max(initial=0.0)
        assert off <= (1 if value.dtype == np.uint8 else 1e-4), f"{name} differs by {off}"  # graphs fuse
        assert name in changes or np.array_equal(value, example[name]), f"{name} changed"
    return found
