"""The parts of a rebuilt model: one layer, a layer on every slice, a layer read both ways, a registered function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras

from s2p.errors import LegacyModelError
from s2p.legacy.formulas import TimeDistributed
from s2p.legacy.kind import Kind, Shapes
from s2p.legacy.options import Options
from s2p.legacy.recurrent import RECURRENT
from s2p.legacy.replacements import Replacement

MAX_CALLS = 50_000


@dataclass
class Context:
    """What one rebuild shares.

    Attributes:
        version: Keras version of the file.
        is_relaxed: whether declared heights and widths are dropped.
        unclaimed: shapes of the stored weights that no layer has asked for, by top-level layer.
    """

    version: str
    is_relaxed: bool
    unclaimed: dict[str, Counter[tuple[int, ...]]]
    names: Counter[str] = field(default_factory=Counter)
    layers: int = 0
    calls: int = 0
    replaced: list[str] = field(default_factory=list)

    def unique(self, path: tuple[str, ...]) -> str:
        """A layer name that Keras accepts, once: `outer_inner` for nested layers."""
        name = "_".join(path).replace("/", "_") or "layer"
        self.names[name] += 1
        return name if self.names[name] == 1 else self.unique((f"{name}_{self.names[name]}",))

    def count_call(self) -> None:
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise LegacyModelError(f"the model calls its layers more than {MAX_CALLS} times.")


@dataclass
class Leaf:
    """One layer of the table; built when its input shape is known."""

    context: Context
    options: Options
    kind: Kind
    group: str
    path: tuple[str, ...]
    layer: Any = None
    expected: Shapes = field(default_factory=dict)

    def claim(self, shape: tuple) -> None:
        """Takes the shapes this layer needs out of the file's stock before anything is allocated."""
        try:
            expected = self.kind.weights(self.options, shape)
            is_known = all(isinstance(size, int) for sizes in expected.values() for size in sizes)
        except (TypeError, IndexError):
            is_known, expected = False, {}
        if not is_known:
            raise self.options.fail(f"its weights depend on a size that is not known (input {shape}).")
        stock = self.context.unclaimed.get(self.group, Counter())
        for name, sizes in expected.items():
            if stock[sizes] <= 0:
                left = ", ".join(map(str, stock.elements())) or "nothing"
                raise self.options.fail(f"expected '{name}' of shape {sizes}; the file holds {left} for it.")
            stock[sizes] -= 1
        self.expected = expected

    def as_layer(self, shapes: list[tuple]) -> Any:
        if self.layer is None:
            self.claim(shapes[0])
            self.layer = self.make()
        return self.layer

    def make(self) -> Any:
        layer = self.kind.build(self.options, name=self.context.unique(self.path))
        layer.trainable = self.is_trainable
        return layer

    @property
    def is_trainable(self) -> bool:
        return self.options.flag("trainable", True)

    def __call__(self, tensors: list[Any]) -> list[Any]:
        layer = self.as_layer([tensor.shape for tensor in tensors])
        if self.kind.many:
            return listed(layer(tensors))
        if self.options.kind in RECURRENT and len(tensors) > 1:
            return listed(layer(tensors[0], initial_state=tensors[1:]))
        if len(tensors) != 1:
            raise self.options.fail(f"expected one input. Received: {len(tensors)}.")
        return listed(layer(tensors[0]))

    def leaves(self) -> list[Leaf]:
        return [self]


class Distributed:
    """TimeDistributed: one layer or model on every slice along axis 1."""

    def __init__(self, context: Context, inner: Any, path: tuple[str, ...]) -> None:
        self.context, self.inner, self.path = context, inner, path
        self.layer: Any = None

    def as_layer(self, shapes: list[tuple]) -> Any:
        if self.layer is None:
            shape = shapes[0]
            if len(shape) < 3:
                reason = f"the input {shape} has no time axis"
                raise LegacyModelError(f"layer '{self.path[-1]}' (TimeDistributed): {reason}.")
            inner = self.inner.as_layer([(shape[0], *shape[2:])])
            self.layer = TimeDistributed(inner, name=self.context.unique(self.path))
        return self.layer

    def __call__(self, tensors: list[Any]) -> list[Any]:
        return listed(self.as_layer([tensor.shape for tensor in tensors])(tensors[0]))

    def leaves(self) -> list[Leaf]:
        return self.inner.leaves()


class TwoWay:
    """Bidirectional: a recurrent layer read forwards and backwards."""

    def __init__(
        self, context: Context, forward: Leaf, backward: Leaf, options: Options, path: tuple[str, ...]
    ) -> None:
        self.context, self.forward, self.backward, self.path = context, forward, backward, path
        merge = options.values.get("merge_mode", "concat")
        if merge not in ("sum", "mul", "concat", "ave", None):
            raise options.fail(f"'merge_mode' must be sum, mul, concat, ave or none. Received: {merge!r}.")
        self.merge = merge
        self.layer: Any = None

    def as_layer(self, shapes: list[tuple]) -> Any:
        if self.layer is None:
            self.forward.claim(shapes[0])
            self.backward.claim(shapes[0])
            name = self.context.unique(self.path)
            self.layer = keras.layers.Bidirectional(self.forward.make(), merge_mode=self.merge, name=name)
            self.forward.layer, self.backward.layer = self.layer.forward_layer, self.layer.backward_layer
        return self.layer

    def __call__(self, tensors: list[Any]) -> list[Any]:
        if len(tensors) != 1:
            raise LegacyModelError(f"layer '{self.path[-1]}' (Bidirectional): initial states are not supported.")
        return listed(self.as_layer([tensors[0].shape])(tensors[0]))

    def leaves(self) -> list[Leaf]:
        return [self.forward, self.backward]


class Replaced:
    """A layer of program code whose work is done by a function registered by the user."""

    def __init__(self, context: Context, function: Callable[..., Any], options: Options, path: tuple[str, ...]) -> None:
        arguments = options.values.get("arguments")
        context.replaced.append(path[-1])
        kept = arguments if isinstance(arguments, dict) else {}
        self.layer = Replacement(function, kept, name=context.unique(path))

    def as_layer(self, shapes: list[tuple]) -> Any:
        return self.layer

    def __call__(self, tensors: list[Any]) -> list[Any]:
        return listed(self.layer(tensors[0] if len(tensors) == 1 else tensors))

    def leaves(self) -> list[Leaf]:
        return []


def listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (list, tuple)) else [result]
