"""Writes ONNX files: the few messages of the format that a feed-forward network needs, encoded by hand.

The format is protocol buffers (onnx.proto of the ONNX project, IR version 8, operator set 17). The library `onnx` would
do the same at the price of a dependency of 40 MB that no installation needs for anything else.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

IR_VERSION, OPERATOR_SET = 8, 17
_FLOAT, _INT64 = 1, 7
_VARINT, _BYTES, _FIXED32 = 0, 2, 5  # wire types
# Numbers of AttributeProto's types, and of the fields that hold their values.
_KINDS = {"float": (1, 2), "int": (2, 3), "string": (3, 4), "floats": (6, 7), "ints": (7, 8)}

Chunks = list[bytes]


@dataclass
class Graph:
    """A network in ONNX's terms, filled in the order in which it computes.

    Attributes:
        inputs, outputs: `(name, shape)`; None in a shape is any size.
        nodes: encoded, in order.
        constants: arrays by name, `float32` or `int64`.
        about: what the tensors mean, for people; written into the file.
    """

    name: str
    inputs: list[tuple[str, Sequence[Any]]] = field(default_factory=list)
    outputs: list[tuple[str, Sequence[Any]]] = field(default_factory=list)
    nodes: list[Chunks] = field(default_factory=list)
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    about: str = ""
    _count: int = 0

    def add(self, operator: str, *inputs: str | np.ndarray, **attributes: Any) -> str:
        """Adds a node with one output; arrays become constants.

        Args:
            operator: ONNX's name of it.
            inputs: names of tensors ('' for an optional one that is left out), or arrays.
            attributes: int, float, str, or lists of ints or floats.

        Returns: the name of the output.
        """
        return self.add_as(self._new_name(operator.lower()), operator, *inputs, **attributes)

    def add_as(self, output: str, operator: str, *inputs: str | np.ndarray, **attributes: Any) -> str:
        """Like `add`, with a name for the output."""
        names = [one if isinstance(one, str) else self.constant(one) for one in inputs]
        node: Chunks = []
        for name in names:
            node += _message(1, [name.encode()])
        node += _message(2, [output.encode()]) + _message(3, [output.encode()]) + _message(4, [operator.encode()])
        for key, value in attributes.items():
            node += _message(5, _attribute(key, value))
        self.nodes.append(node)
        return output

    def constant(self, value: np.ndarray) -> str:
        """Keeps an array in the file and returns its name."""
        name = self._new_name("constant")
        self.constants[name] = value
        return name

    def _new_name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"

    def write(self, path: Path) -> None:
        """Writes the whole model."""
        with open(path, "wb") as file:
            file.writelines(self._encoded())

    def encoded(self) -> bytes:
        """The whole model as a file holds it."""
        return b"".join(self._encoded())

    def _encoded(self) -> Chunks:
        body: Chunks = []
        for node in self.nodes:
            body += _message(1, node)
        body += _message(2, [self.name.encode()])
        for name, value in self.constants.items():
            body += _message(5, _tensor(name, value))
        for number, tensors in ((11, self.inputs), (12, self.outputs)):
            for name, shape in tensors:
                body += _message(number, _value(name, shape))
        version = [_tag(2, _VARINT), _varint(OPERATOR_SET)]
        about = _message(6, [self.about.encode()]) if self.about else []
        return [_tag(1, _VARINT), _varint(IR_VERSION), *about, *_message(8, version), *_message(7, body)]


def _varint(number: int) -> bytes:
    number &= 2**64 - 1  # negative numbers are written as 64 bits
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _tag(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _message(number: int, chunks: Chunks) -> Chunks:
    return [_tag(number, _BYTES), _varint(sum(map(len, chunks))), *chunks]


def _attribute(name: str, value: Any) -> Chunks:
    is_list = isinstance(value, (list, tuple))
    kind = {float: "float", int: "int", str: "string"}[type(value[0] if is_list else value)] + "s" * is_list
    type_number, field_number = _KINDS[kind]
    chunks = _message(1, [name.encode()])
    for one in value if is_list else [value]:
        if isinstance(one, float):
            chunks += [_tag(field_number, _FIXED32), struct.pack("<f", one)]
        elif isinstance(one, int):
            chunks += [_tag(field_number, _VARINT), _varint(one)]
        else:
            chunks += _message(field_number, [one.encode()])
    return [*chunks, _tag(20, _VARINT), _varint(type_number)]


def _tensor(name: str, value: np.ndarray) -> Chunks:
    chunks: Chunks = []
    for size in value.shape:
        chunks += [_tag(1, _VARINT), _varint(size)]
    number = _INT64 if value.dtype == np.int64 else _FLOAT
    data = np.ascontiguousarray(value, "<i8" if number == _INT64 else "<f4").tobytes()
    return [*chunks, _tag(2, _VARINT), _varint(number), *_message(8, [name.encode()]), *_message(9, [data])]


def _value(name: str, shape: Sequence[Any]) -> Chunks:
    dimensions: Chunks = []
    for axis, size in enumerate(shape):
        about = _message(2, [f"{name}_{axis}".encode()]) if size is None else [_tag(1, _VARINT), _varint(size)]
        dimensions += _message(1, about)
    tensor = [_tag(1, _VARINT), _varint(_FLOAT), *_message(2, dimensions)]
    return _message(1, [name.encode()]) + _message(2, _message(1, tensor))
