"""Replays a stored model description as Keras 3 calls.

The description is interpreted by us, layer by layer, instead of being handed to Keras: nothing outside the table of
`layers.py` can be created, nested models are unfolded in place (so their declared sizes bind nobody), and node numbers
of nested models, which Keras 2 counts from 1, are read as the file's writer meant them.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

import keras

from s2p.errors import LegacyModelError
from s2p.legacy.container import LegacyFile
from s2p.legacy.layers import KINDS, RECURRENT, WHY_REFUSED
from s2p.legacy.options import Options
from s2p.legacy.replacements import replacement_for
from s2p.legacy.units import MAX_CALLS, Context, Distributed, Leaf, Replaced, TwoWay

MAX_DEPTH = 16
MAX_LAYERS = 20_000
MODELS = ("Model", "Functional", "Sequential")


@dataclass(frozen=True)
class _Reference:
    layer: str
    node: int
    tensor: int


class Block:
    """A functional model or a Sequential, unfolded wherever it is called.

    Args:
        context: shared state of the rebuild.
        entry: `{"class_name": ..., "config": ...}`.
        group: top-level layer whose weights this block uses; None for the whole model.
        path: names from the outside in; empty for the whole model.
    """

    def __init__(self, context: Context, entry: dict[str, Any], group: str | None, path: tuple[str, ...]) -> None:
        if len(path) > MAX_DEPTH:
            raise LegacyModelError(f"models are nested more than {MAX_DEPTH} deep.")
        self.context, self.path = context, path
        self.units: dict[str, Any] = {}
        self.inputs: dict[str, tuple[Any, str]] = {}
        self.nodes: list[tuple[str, int, list[_Reference]]] = []
        self.layer: Any = None
        config = entry["config"]
        if entry["class_name"] == "Sequential":
            self._read_chain(config, group)
        else:
            self._read_graph(_object(config, self.label), group)

    @property
    def label(self) -> str:
        return f"model '{'/'.join(self.path)}'" if self.path else "the model"

    def leaves(self) -> list[Leaf]:
        return [leaf for unit in self.units.values() for leaf in unit.leaves()]

    def as_layer(self, shapes: list[tuple]) -> Any:
        if self.layer is None:
            self.layer = self.as_model(shapes)
        return self.layer

    def as_model(self, shapes: list[tuple] | None = None) -> keras.Model:
        """The block as a model of its own, with its declared input shapes or, where it has none, the given ones."""
        tensors = []
        for index, name in enumerate(self.input_names):
            declared, dtype = self.inputs[name]
            given = list(shapes[index]) if shapes and index < len(shapes) else None
            shape = self._shape(given if declared is None else declared, f"input '{name}' of {self.label}")
            tensors.append(keras.Input(shape, dtype=dtype, name=self.context.unique((*self.path, name))))
        outputs = self(tensors)
        name = self.context.unique(self.path or ("model",))
        return keras.Model(_bare(tensors), _bare(outputs), name=name)

    def __call__(self, tensors: list[Any]) -> list[Any]:
        """Replays all calls, each as soon as what it takes exists."""
        if len(tensors) != len(self.input_names):
            raise LegacyModelError(f"{self.label} takes {len(self.input_names)} inputs. Received: {len(tensors)}.")
        results = {(name, 0): [tensor] for name, tensor in zip(self.input_names, tensors)}
        waiting: dict[tuple[str, int], list[int]] = {}
        missing = []
        ready: deque[int] = deque()
        for index, (_, _, references) in enumerate(self.nodes):
            wanted = {(r.layer, r.node) for r in references} - results.keys()
            missing.append(len(wanted))
            for key in wanted:
                waiting.setdefault(key, []).append(index)
            if not wanted:
                ready.append(index)
        while ready:
            name, number, references = self.nodes[ready.popleft()]
            self.context.count_call()
            results[name, number] = self.units[name]([self._pick(results, r) for r in references])
            for index in waiting.pop((name, number), ()):
                missing[index] -= 1
                if missing[index] == 0:
                    ready.append(index)
        if waiting:
            (name, number), _ = min(waiting.items())
            raise LegacyModelError(f"{self.label} refers to call {number} of layer '{name}', which never happens.")
        return [self._pick(results, reference) for reference in self.outputs]

    def _pick(self, results: dict[tuple[str, int], list[Any]], reference: _Reference) -> Any:
        tensors = results.get((reference.layer, reference.node))
        if tensors is None or not 0 <= reference.tensor < len(tensors):
            raise LegacyModelError(f"{self.label} refers to an output that layer '{reference.layer}' does not have.")
        return tensors[reference.tensor]

    # --- reading the description ---------------------------------------------------------------------------------

    def _read_chain(self, config: Any, group: str | None) -> None:
        entries = config if isinstance(config, list) else _object(config, self.label).get("layers")
        if not isinstance(entries, list) or not entries:
            raise LegacyModelError(f"{self.label} is an empty Sequential.")
        shape = _declared_shape(entries[0])
        if shape is None and isinstance(config, dict):
            shape = config.get("build_input_shape")
        first = "input"
        self.inputs[first] = (shape, _dtype(entries[0]))
        previous = _Reference(first, 0, 0)
        for entry in entries:
            entry = _layer_entry(entry, self.label)
            name = _name(entry)
            if entry["class_name"] == "InputLayer":
                continue
            self._add(name, entry, group)
            self.nodes.append((name, 0, [previous]))
            previous = _Reference(name, 0, 0)
        self.input_names, self.outputs = [first], [previous]

    def _read_graph(self, config: dict[str, Any], group: str | None) -> None:
        entries = config.get("layers")
        if not isinstance(entries, list) or not entries:
            raise LegacyModelError(f"{self.label} has no layers.")
        models: dict[str, list[list[_Reference]]] = {}
        for entry in entries:
            entry = _layer_entry(entry, self.label)
            name = _name(entry)
            if entry["class_name"] == "InputLayer":
                options = _object(entry["config"], f"input '{name}'")
                if options.get("sparse") or options.get("ragged"):
                    raise LegacyModelError(f"input '{name}' is sparse or ragged, which is not supported.")
                self.inputs[name] = (_declared_shape(entry), _dtype(entry))
                continue
            self._add(name, entry, group)
            calls = _calls(name, entry)
            for number, references in enumerate(calls):
                self.nodes.append((name, number, references))
            if isinstance(self.units[name], Block):
                models[name] = calls
        self.outputs = [_reference(item, self.label) for item in _pins(config, "output_layers", self.label)]
        pins = [_reference(item, self.label) for item in _pins(config, "input_layers", self.label)]
        self.input_names = [pin.layer for pin in pins]
        if sorted(self.input_names) != sorted(self.inputs):
            raise LegacyModelError(f"{self.label}: the list of inputs does not match the input layers.")
        self._renumber({name: len(calls) for name, calls in models.items()})

    def _renumber(self, models: dict[str, int]) -> None:
        """Keras 2 counts the calls of a nested model from 1 (call 0 is its own definition); newer writers from 0."""
        used: dict[str, set[int]] = {name: set() for name in models}
        for reference in [*self.outputs, *(r for _, _, references in self.nodes for r in references)]:
            if reference.layer in used:
                used[reference.layer].add(reference.node)
        shift = {}
        for name, count in models.items():
            first = min(used[name], default=0)
            if used[name] and (first > 1 or max(used[name]) - first >= count or len(used[name]) != count):
                raise LegacyModelError(f"the calls of the nested model '{name}' are numbered {sorted(used[name])}.")
            shift[name] = first

        def shifted(r: _Reference) -> _Reference:
            return _Reference(r.layer, r.node - shift.get(r.layer, 0), r.tensor)

        self.nodes = [(name, number, [shifted(r) for r in refs]) for name, number, refs in self.nodes]
        self.outputs = [shifted(r) for r in self.outputs]

    def _add(self, name: str, entry: dict[str, Any], group: str | None) -> None:
        if name in self.units or name in self.inputs:
            raise LegacyModelError(f"{self.label} has two layers named '{name}'.")
        self.units[name] = _unit(self.context, entry, group or name, (*self.path, name))

    def _shape(self, shape: Any, label: str) -> tuple:
        """The input shape without batch; heights and widths of images become free."""
        if not isinstance(shape, list) or not 1 <= len(shape) <= 6:
            raise LegacyModelError(f"{label} declares no usable input shape. Received: {str(shape)[:60]}.")
        sizes = shape[1:]
        if not all(size is None or (type(size) is int and 0 < size < 2**24) for size in sizes):
            raise LegacyModelError(f"{label} declares the input shape {str(shape)[:60]}.")
        is_picture = len(sizes) in (3, 4)
        return (*(None,) * (len(sizes) - 1), sizes[-1]) if is_picture and self.context.is_relaxed else tuple(sizes)


def _unit(context: Context, entry: dict[str, Any], group: str, path: tuple[str, ...]) -> Any:
    context.layers += 1
    if context.layers > MAX_LAYERS:
        raise LegacyModelError(f"the model has more than {MAX_LAYERS} layers.")
    kind, config = entry["class_name"], entry["config"]
    if kind in MODELS:
        return Block(context, entry, group, path)
    options = Options(kind, path[-1], _object(config, f"layer '{path[-1]}'"), context.version)
    if kind == "TimeDistributed":
        inner = _layer_entry(options.values.get("layer"), f"layer '{path[-1]}'")
        return Distributed(context, _unit(context, inner, group, (*path, _name(inner))), path)
    if kind == "Bidirectional":
        return _two_way(context, options, group, path)
    if kind in KINDS:
        return Leaf(context, options, KINDS[kind], group, path)
    function = replacement_for(kind, path[-1], options.values)
    if function is not None:
        return Replaced(context, function, options, path)
    reason = WHY_REFUSED.get(kind, "it is not a layer of Keras 2 that s2p knows")
    hint = ""
    if kind == "Lambda":
        hint = f" Register what it computes: s2p.legacy.register_lambda({path[-1]!r}, function)."
    raise options.fail(f"this layer is refused: {reason}.{hint}")


def _two_way(context: Context, options: Options, group: str, path: tuple[str, ...]) -> TwoWay:
    entry = _layer_entry(options.values.get("layer"), f"layer '{path[-1]}'")
    kind = entry["class_name"]
    if kind not in RECURRENT:
        raise options.fail(f"only {', '.join(RECURRENT)} can be read both ways. Received: {kind!r}.")
    if options.values.get("backward_layer") is not None:
        raise options.fail("a backward layer of its own is not supported.")

    def leaf(direction: str) -> Leaf:
        name = f"{direction}_{_name(entry)}"
        inner = Options(kind, name, _object(entry["config"], f"layer '{name}'"), context.version)
        return Leaf(context, inner, KINDS[kind], group, (*path, name))

    return TwoWay(context, leaf("forward"), leaf("backward"), options, path)


def _calls(name: str, entry: dict[str, Any]) -> list[list[_Reference]]:
    nodes = entry.get("inbound_nodes")
    if not isinstance(nodes, list) or not nodes:
        raise LegacyModelError(f"layer '{name}' is never called.")
    calls = []
    for node in nodes:
        if not isinstance(node, list) or not node:
            raise LegacyModelError(f"layer '{name}' has a call without inputs.")
        # a call with one input may be stored as the bare reference
        items = [node] if isinstance(node[0], str) else node
        for item in items:
            _check_arguments(name, item)
        calls.append([_reference(item, f"layer '{name}'") for item in items])
    return calls


def _check_arguments(name: str, item: Any) -> None:
    """Calls with extra arguments would be replayed without them; only empty ones are harmless."""
    arguments = item[3] if isinstance(item, list) and len(item) > 3 else {}
    if not isinstance(arguments, dict):
        raise LegacyModelError(f"layer '{name}' has a damaged call.")
    given = [key for key, value in arguments.items() if value not in (None, False)]
    if given:
        raise LegacyModelError(f"layer '{name}' is called with the argument '{given[0][:40]}', which is not supported.")


def _reference(item: Any, label: str) -> _Reference:
    if (
        not isinstance(item, list)
        or len(item) < 3
        or not isinstance(item[0], str)
        or not all(type(number) is int and 0 <= number < MAX_CALLS for number in item[1:3])
    ):
        raise LegacyModelError(f"{label} has a damaged reference to another layer: {str(item)[:60]}.")
    return _Reference(item[0], item[1], item[2])


def _pins(config: dict[str, Any], key: str, label: str) -> list[Any]:
    pins = config.get(key)
    if not isinstance(pins, list) or not pins:
        raise LegacyModelError(f"{label} lists no '{key}'.")
    return [pins] if isinstance(pins[0], str) else pins


def _layer_entry(entry: Any, label: str) -> dict[str, Any]:
    if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str) or "config" not in entry:
        raise LegacyModelError(f"{label} has a damaged layer entry.")
    return entry


def _name(entry: dict[str, Any]) -> str:
    config = entry["config"]
    name = entry.get("name") or (config.get("name") if isinstance(config, dict) else None)
    if name is None and entry["class_name"] == "Sequential":
        name = "sequential"
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        raise LegacyModelError(f"a layer of class {entry['class_name'][:60]!r} has no usable name.")
    return name


def _declared_shape(entry: Any) -> Any:
    """`batch_input_shape` of a layer entry; of the first layer inside, if it is a model."""
    for _ in range(MAX_DEPTH):
        config = entry.get("config") if isinstance(entry, dict) else None
        if isinstance(config, dict):
            found = config.get("batch_input_shape") or config.get("batch_shape")
            if found is not None:
                return found
        layers = config if isinstance(config, list) else config.get("layers") if isinstance(config, dict) else None
        if not isinstance(layers, list) or not layers:
            return None
        entry = layers[0]
    return None


def _dtype(entry: Any) -> str:
    config = entry.get("config") if isinstance(entry, dict) else None
    kind = config.get("dtype") if isinstance(config, dict) else None
    return kind if kind in ("int32", "int64", "uint8", "bool") else "float32"


def _object(value: Any, label: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LegacyModelError(f"{label} has no settings.")
    return value


def _bare(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def rebuild(file: LegacyFile, *, is_relaxed: bool) -> tuple[keras.Model, Block, Context]:
    """Builds the model of a file without its values.

    Raises:
        LegacyModelError: naming the layer and what is wrong with it.
    """
    stock = {name: Counter(weight.shape for weight in weights) for name, weights in file.groups.items()}
    context = Context(file.version, is_relaxed, stock)
    if file.config["class_name"] not in MODELS:
        raise LegacyModelError(f"the file holds a {file.config['class_name'][:60]!r}, not a model.")
    block = Block(context, file.config, None, ())
    model = block.as_model()
    for name, shapes in stock.items():
        if left := next(iter(shapes.elements()), None):
            raise LegacyModelError(f"layer '{name}' has a weight of shape {left} that the model does not use.")
        if +shapes:
            raise LegacyModelError(f"layer '{name}' has a weight that the model does not use.")
    return model, block, context
