"""Opens Keras 2 whole-model files (HDF5) without trusting them.

Everything is measured before it is read: a file cannot make the reader follow a link out of itself, allocate memory out
of proportion to its size, or recurse without end. Nothing in here interprets the model; see `graph.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from s2p.errors import LegacyModelError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_METADATA = 64 * 2**20  # bytes of everything that is not a weight; the largest file known has 2 MiB
MAX_CONFIG = 16 * 2**20
MAX_STRINGS = 2**32  # bytes of all strings of one attribute, were each as long as all metadata
MAX_OBJECTS = 200_000
MAX_VERSION = 200  # bytes
MAX_EXPANSION = 20  # compressed weights may be this much larger than the file


@dataclass(frozen=True)
class StoredWeight:
    """One weight in an open file: its name there, shape, and data that are read on request."""

    name: str
    shape: tuple[int, ...]
    dataset: h5py.Dataset

    def read(self) -> np.ndarray:
        """Returns the finite `float32` values.

        Raises:
            LegacyModelError: for values that are not numbers, or that the file cannot deliver.
        """
        try:
            values = self.dataset[()]
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise LegacyModelError(f"the values of '{self.name}' cannot be read ({_brief(error)})") from None
        with np.errstate(over="ignore"):
            values = np.ascontiguousarray(values, dtype=np.float32)
        if not np.isfinite(values).all():
            raise LegacyModelError(f"the weight '{self.name}' holds values that are not finite numbers")
        return values


@dataclass(frozen=True)
class LegacyFile:
    """An open, measured file.

    Attributes:
        path: where it lies.
        version: the writer, such as `2.1.6` or `2.2.4-tf`.
        backend: `tensorflow`, `theano` or `cntk`; convolutions of Theano are stored flipped.
        config: the model description, `{"class_name": ..., "config": ...}`.
        groups: weights of every top-level layer, in the file's order.
    """

    path: Path
    version: str
    backend: str
    config: dict[str, Any]
    groups: dict[str, list[StoredWeight]]


def is_legacy(path: str | os.PathLike[str]) -> bool:
    """Tells by content, not by name, whether a file is a Keras whole-model HDF5 file that may be tried."""
    path = Path(path)
    try:
        if not h5py.is_hdf5(str(path)):
            return False
        with h5py.File(path, "r", locking=False) as file:
            return "model_config" in file.attrs and "model_weights" in file
    except (OSError, RuntimeError, ValueError, KeyError):
        return False


@contextmanager
def open_legacy(path: str | os.PathLike[str]) -> Iterator[LegacyFile]:
    """Opens and measures a file; weights can be read until the block ends.

    Raises:
        LegacyModelError: with the file's name, whatever is wrong with it or is found wrong inside the block.
    """
    path = Path(path)
    name = path.name or str(path)  # "." has none
    try:
        with _hdf5(path) as file:
            yield _measure(path, file)
    except LegacyModelError as error:
        text = str(error)
        raise LegacyModelError(text if text.startswith(f"{name}: ") else f"{name}: {text}") from error
    except RecursionError:
        raise LegacyModelError(f"{name}: the model description is nested too deeply.") from None
    except (OSError, RuntimeError, KeyError, UnicodeDecodeError) as error:
        raise LegacyModelError(f"{name}: the file is damaged ({_brief(error)}). Fetch it again.") from error


def _hdf5(path: Path) -> h5py.File:
    if not os.path.isfile(path):
        is_folder = os.path.isdir(path)
        raise LegacyModelError("this is a folder; a file is needed." if is_folder else "there is no such file.")
    with open(path, "rb") as stream:
        head = stream.read(len(SIGNATURE))
    if not head:
        raise LegacyModelError("the file is empty. Fetch it again.")
    if head != SIGNATURE:
        hint = "a web page, perhaps" if head.lstrip().startswith(b"<") else f"it begins with {head!r}"
        raise LegacyModelError(f"this is not a Keras model file: HDF5 is expected, {hint}.")
    try:
        return h5py.File(path, "r", locking=False)
    except (OSError, RuntimeError, ValueError) as error:
        raise LegacyModelError(f"the file is cut short or damaged ({_brief(error)}). Fetch it again.") from None


def _measure(path: Path, file: h5py.File) -> LegacyFile:
    _check_sizes(path, file)
    if "model_config" not in file.attrs:
        raise LegacyModelError(
            "the file has no model description (attribute 'model_config'). A whole-model file is expected, "
            "as written by `model.save`, not weights alone."
        )
    version = _text(file, "keras_version", MAX_VERSION, default="")
    if not version.startswith("2."):
        raise LegacyModelError(f"only files of Keras 2 are read. This one says version {version or 'nothing'!r}.")
    backend = _text(file, "backend", MAX_VERSION, default="tensorflow")
    if backend not in ("tensorflow", "theano", "cntk"):
        raise LegacyModelError(f"the backend must be tensorflow, theano or cntk. The file says {backend!r}.")
    config = _config(_text(file, "model_config", MAX_CONFIG))
    return LegacyFile(path, version, backend, config, _groups(file))


def _check_sizes(path: Path, file: h5py.File) -> None:
    """Refuses files whose parts other than weights, or whose unpacked weights, are out of proportion."""
    stored, unpacked, count = 0, 0, 0

    def visit(name: str, item: Any) -> bool | None:
        nonlocal stored, unpacked, count
        count += 1
        if isinstance(item, h5py.Dataset):
            stored += item.id.get_storage_size()
            unpacked += item.size * item.dtype.itemsize if item.size else 0
        return True if count > MAX_OBJECTS else None

    if file.visititems(visit):
        raise LegacyModelError(f"the file holds more than {MAX_OBJECTS} objects.")
    size = path.stat().st_size
    if size - stored > MAX_METADATA:
        raise LegacyModelError(
            f"the file holds {(size - stored) / 2**20:.0f} MiB besides weights; "
            f"at most {MAX_METADATA // 2**20} are read."
        )
    if unpacked > MAX_EXPANSION * size:
        raise LegacyModelError(f"the weights claim {unpacked / 2**20:.0f} MiB in a file of {size / 2**20:.1f} MiB.")


def _config(text: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise LegacyModelError(f"the model description holds the value {constant}.")

    try:
        config = json.loads(text, parse_constant=refuse)
    except ValueError as error:
        raise LegacyModelError(f"the model description is not valid JSON ({_brief(error)}).") from None
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str) or "config" not in config:
        raise LegacyModelError("the model description must be an object with 'class_name' and 'config'.")
    return config


def _groups(file: h5py.File) -> dict[str, list[StoredWeight]]:
    root = _child(file, "model_weights")
    if not isinstance(root, h5py.Group):
        raise LegacyModelError("the file has no group 'model_weights'; it is damaged or not a whole-model file.")
    groups: dict[str, list[StoredWeight]] = {}
    for name in _names(root, "layer_names"):
        group = _child(root, name)
        if not isinstance(group, h5py.Group):
            raise LegacyModelError(f"the weights of layer '{name}' are missing (no group 'model_weights/{name}').")
        if name in groups:
            raise LegacyModelError(f"the layer '{name}' is listed twice.")
        groups[name] = [_weight(group, weight) for weight in _names(group, "weight_names")]
        _check_extra(name, group, groups[name])
    return groups


def _weight(group: h5py.Group, name: str) -> StoredWeight:
    item: Any = group
    for part in name.split("/"):
        item = _child(item, part) if isinstance(item, h5py.Group) and part else None
    if not isinstance(item, h5py.Dataset):
        raise LegacyModelError(f"the weight '{name}' is listed but missing.")
    if item.dtype.kind != "f" or item.shape is None:
        raise LegacyModelError(f"the weight '{name}' must hold floating point numbers. Its type is {item.dtype}.")
    if item.external or item.is_virtual:
        raise LegacyModelError(f"the weight '{name}' lies in another file; such files are not read.")
    return StoredWeight(name, tuple(item.shape), item)


def _check_extra(layer: str, group: h5py.Group, listed: list[StoredWeight]) -> None:
    found: list[str] = []
    group.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    extra = set(found) - {weight.name for weight in listed}
    if extra:
        raise LegacyModelError(f"layer '{layer}' has a weight that is not listed: '{min(extra)}'.")


def _child(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset | None:
    """A direct member, or None. Soft and external links are refused: they can lead out of the file."""
    if name not in group:
        return None
    encoded = name.encode("utf-8")
    if group.id.links.get_info(encoded).type != h5py.h5l.TYPE_HARD:  # pyright: ignore[reportAttributeAccessIssue]
        raise LegacyModelError(f"'{name}' is a link to another place; files with links are not read.")
    item = group[name]
    return item if isinstance(item, (h5py.Group, h5py.Dataset)) else None


def _text(item: h5py.Group, name: str, limit: int, *, default: str | None = None) -> str:
    values = _strings(item, name, limit)
    if values is None and default is not None:
        return default
    if values is None or len(values) != 1:
        raise LegacyModelError(f"the attribute '{name}' must be one text.")
    if len(values[0]) > limit:
        raise LegacyModelError(f"the attribute '{name}' has {len(values[0])} characters; at most {limit} are read.")
    return values[0]


def _names(item: h5py.Group, name: str) -> list[str]:
    """A list of names; long lists are stored in numbered pieces (`layer_names0`, `layer_names1` ...)."""
    whole = _strings(item, name, MAX_METADATA)
    if whole is not None:
        return whole
    pieces: list[str] = []
    number = 0
    while (piece := _strings(item, f"{name}{number}", MAX_METADATA)) is not None:
        pieces += piece
        number += 1
    if number == 0:
        raise LegacyModelError(f"the list '{name}' is missing.")
    return pieces


def _strings(item: h5py.Group, name: str, limit: int) -> list[str] | None:
    """The texts of an attribute whose size and type are checked before it is read; None if there is none."""
    if not h5py.h5a.exists(item.id, name.encode("utf-8")):
        return None
    attribute = h5py.h5a.open(item.id, name.encode("utf-8"))
    count, kind = int(np.prod(attribute.shape, dtype=np.float64)), attribute.get_type()
    if count == 0:
        return []
    if count * kind.get_size() > limit:
        size = count * kind.get_size() / 2**20
        raise LegacyModelError(f"the attribute '{name}' has {size:.0f} MiB; at most {limit / 2**20:.3g} are read.")
    if not isinstance(kind, h5py.h5t.TypeStringID):
        raise LegacyModelError(f"the attribute '{name}' must hold text.")
    if kind.is_variable_str():
        size = Path(os.fsdecode(item.file.filename)).stat().st_size
        if count * min(size, MAX_METADATA) > MAX_STRINGS:
            raise LegacyModelError(f"the attribute '{name}' lists {count} texts, too many for this file.")
    values = np.ravel(np.asarray(item.attrs[name], dtype=object))
    return [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in values]


def _brief(error: BaseException) -> str:
    return " ".join(str(error).split())[:160]
