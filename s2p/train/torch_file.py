"""Reads the arrays of a PyTorch weight file without PyTorch, and without running anything that is in it.

Such a file is a row of pickles. A pickle is a program; this one is not run but looked at, operation by operation, and
only those few are known that a dictionary of tensors is written with. Whatever else a file names is a `Named`, which
does nothing.
"""

from __future__ import annotations

import io
import pickletools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from s2p.errors import WeightsError

_TYPES = {"FloatStorage": np.dtype("<f4"), "DoubleStorage": np.dtype("<f8"), "HalfStorage": np.dtype("<f2"),
          "LongStorage": np.dtype("<i8"), "IntStorage": np.dtype("<i4")}
_MAGIC, _VERSION = 0x1950A86A20F9469CFC6C, 1001
_LARGEST = 1 << 30  # bytes
_MARK = object()
_BEGIN = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
_VALUES = ("BINUNICODE", "SHORT_BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT")
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}


@dataclass(frozen=True)
class Named:
    """What a pickle names or would call, never imported."""

    name: str


@dataclass(frozen=True)
class _Storage:
    kind: str
    key: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_torch(path: str | Path) -> dict[str, np.ndarray]:
    """The tensors of a file of `torch.save(model.state_dict(), ...)`, in the format from before PyTorch 1.6.

    Args:
        path: file of at most 1 GB.

    Returns: arrays by their names.

    Raises:
        WeightsError: another kind of file, or one that holds anything but tensors.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is larger than 1 GB")
        stream = io.BytesIO(path.read_bytes())
        if _value(stream) != _MAGIC or _value(stream) != _VERSION:
            raise ValueError("it does not begin as such a file does")
        _value(stream)  # what machine wrote it
        found, keys = _value(stream), _value(stream)
        if not isinstance(found, dict) or not isinstance(keys, list):
            raise ValueError("it holds no dictionary of tensors")
        wanted = {one.storage.key: one.storage for one in found.values() if isinstance(one, _Tensor)}
        storages = {key: _stored(stream, wanted[key]) for key in keys}
        return {str(name): _strided(storages[one.storage.key], one) for name, one in found.items()
                if isinstance(one, _Tensor)}
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path.name} cannot be read as a PyTorch file of weights: {error}.") from None


def _stored(stream: io.BytesIO, storage: _Storage) -> np.ndarray:
    count = int.from_bytes(stream.read(8), "little")
    kind = _TYPES[storage.kind]
    data = stream.read(count * kind.itemsize) if count == storage.count else b""
    if len(data) != storage.count * kind.itemsize:
        raise ValueError("it ends too early")
    return np.frombuffer(data, kind)


def _strided(values: np.ndarray, tensor: _Tensor) -> np.ndarray:
    numbers = (*tensor.shape, *tensor.strides, tensor.offset)
    if len(tensor.shape) != len(tensor.strides) or any(not isinstance(n, int) or n < 0 for n in numbers):
        raise ValueError("a tensor has no proper shape")
    last = tensor.offset + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.strides))
    if 0 in tensor.shape or last >= len(values):
        raise ValueError("a tensor reaches beyond its numbers")
    strides = [step * values.itemsize for step in tensor.strides]
    return np.lib.stride_tricks.as_strided(values[tensor.offset:], tensor.shape, strides).copy()


def _value(stream: io.BytesIO) -> Any:
    """What the next pickle of a stream says, made of plain values, `Named` and tensors yet without numbers."""
    stack: list[Any] = []
    memo: dict[Any, Any] = {}
    for code, argument, _ in pickletools.genops(stream):
        name = code.name
        if name in _VALUES:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _BEGIN:
            stack.append(_BEGIN[name]())
        elif name == "MARK":
            stack.append(_MARK)
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name == "GLOBAL":
            stack.append(Named(str(argument)))
        elif name in ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"):
            items = _since_mark(stack) if name == "TUPLE" else [stack.pop() for _ in range(int(name[-1]))][::-1]
            stack.append(tuple(items))
        elif name in ("APPEND", "APPENDS"):
            items = _since_mark(stack) if name == "APPENDS" else [stack.pop()]
            stack[-1].extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = _since_mark(stack) if name == "SETITEMS" else [stack.pop(), stack.pop()][::-1]
            stack[-1].update(zip(items[::2], items[1::2]))
        elif name == "BINPERSID":
            stack.append(_storage_of(stack.pop()))
        elif name == "REDUCE":
            arguments = stack.pop()
            stack.append(_made(stack.pop(), arguments))
        elif name == "BUILD":  # attributes of a dictionary, such as PyTorch's notes about versions
            stack.pop()
        elif name == "STOP":
            return stack.pop()
        elif name != "PROTO":
            raise ValueError(f"it uses the operation {name}, which weights need not")
    raise ValueError("it ends too early")


def _since_mark(stack: list[Any]) -> list[Any]:
    items: list[Any] = []
    while (item := stack.pop()) is not _MARK:
        items.append(item)
    return items[::-1]


def _storage_of(described: Any) -> _Storage:
    what, kind, key, _, count, *_ = described
    if what != "storage" or not isinstance(kind, Named):
        raise ValueError("it names something that is no storage")
    return _Storage(kind.name.split()[-1], str(key), int(count))


def _made(what: Any, arguments: Any) -> Any:
    name = what.name if isinstance(what, Named) else ""
    if name == "collections OrderedDict" and not arguments:
        return {}
    if name == "torch._utils _rebuild_tensor_v2" and isinstance(arguments[0], _Storage):
        storage, offset, shape, strides, *_ = arguments
        return _Tensor(storage, offset, tuple(shape), tuple(strides))
    raise ValueError(f"it would call {name or 'something'}, which is no tensor")
