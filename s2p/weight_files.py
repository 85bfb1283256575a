"""Our weight files: HDF5 that opens in two ways.

Every variable is one dataset named by its path in the network, float16 or float32, which is how `read_weights` reads it
without knowing Keras's own order. The same datasets stand a second time under the names that Keras gives them, as links
that take no room, so that `model.load_weights(FILE)` opens what is called `.weights.h5`. What the network's builder is
told is an attribute, `build`, as JSON, where there is anything.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from s2p.errors import WeightsError
from s2p.files import written_whole

if TYPE_CHECKING:
    import keras

_PACKED = 2048  # numbers from which on packing them takes less room than it needs for itself
_BUILD = "build"
# Groups of Keras's layout; no layer of ours is called so.
_KERAS = ("layers", "_layer_checkpoint_dependencies", "vars")


def read_weights(model: keras.Model, path: Path) -> None:
    """Fills a model from one of our files, or from one that Keras's `save_weights` wrote.

    Nothing is assigned unless everything fits.

    Raises:
        WeightsError: unreadable file, missing, extra or misshapen variables, numbers that are not finite.
    """
    try:
        with h5py.File(path, "r") as file:
            values = {name: np.asarray(data) for name, data in _datasets(file)}
            is_keras = any(name in file for name in _KERAS) and not {v.path for v in model.variables} & set(values)
    except OSError:
        raise WeightsError(
            f"{path.name} is not a readable weight file. If it came with s2p, install that again; if it is yours, add "
            "it again."
        ) from None
    if is_keras:
        return _read_as_keras(model, path)
    variables = {variable.path: variable for variable in model.variables}
    if set(values) != set(variables):
        odd = sorted(set(values) ^ set(variables))[:3]
        raise WeightsError(f"{path.name} does not fit the network {model.name!r}; unmatched: {', '.join(odd)}.")
    for name, value in values.items():
        if tuple(variables[name].shape) != value.shape:
            raise WeightsError(f"{path.name}: {name} must be {tuple(variables[name].shape)}. Received: {value.shape}.")
        if not np.isfinite(value).all():
            raise WeightsError(f"{path.name}: {name} holds numbers that are not finite.")
    for name, value in values.items():
        variables[name].assign(value.astype("float32"))


def write_weights(
    model: keras.Model, path: Path, *, dtype: str = "float16", build: Mapping[str, Any] | None = None,
    bits: int | None = None,
) -> str:
    """Writes a model's variables whole (temporary name, then rename), and what its builder was told; returns the sha256
    of the file.

    Args:
        model: whose variables.
        path: of the file.
        dtype: `float16` or `float32`.
        build: what its builder was told.
        bits: of the ten that float16 has behind the point, those that large arrays keep; the rest becomes 0, which
            packs into less room. All of them by default.
    """
    from keras import ops

    # The newer layout of HDF5 keeps what stands around the numbers small: 8 % less in all files together.
    with written_whole(path) as temporary, h5py.File(temporary, "w", libver="latest") as file:
        for variable in model.variables:
            value = np.asarray(ops.convert_to_numpy(variable))
            packing = {"compression": "gzip", "compression_opts": 9, "shuffle": True} if value.size >= _PACKED else {}
            value = value.astype(dtype if value.dtype == np.float32 else value.dtype)
            if packing and bits is not None and value.dtype == np.float16:
                value = rounded(value, bits)
            file.create_dataset(variable.path, data=value, **packing)
        link_for_keras(model, file)
        if build:
            file.attrs[_BUILD] = json.dumps(dict(build))
    return sha256_of(path)


def rounded(values: np.ndarray, bits: int) -> np.ndarray:
    """Numbers, any float, of the same type, rounded to so many bits behind the point; to even where two are as near."""
    mantissa, exponent = np.frexp(values.astype(np.float32))
    scale, largest = np.float32(2 ** (bits + 1)), np.finfo(values.dtype).max
    return np.clip(np.ldexp(np.rint(mantissa * scale) / scale, exponent), -largest, largest).astype(values.dtype)


def link_for_keras(model: keras.Model, file: h5py.File) -> None:
    """Links the datasets of an open file under Keras's names, so that `model.load_weights` finds them.

    Keras's order is nobody's business but its own; so it is asked to write the model once with every variable holding
    its number, and what it wrote where says which is which. The model keeps its values.
    """
    from keras import ops

    values = [np.array(ops.convert_to_numpy(variable)) for variable in model.variables]
    try:
        for number, variable in enumerate(model.variables):
            variable.assign(np.full(variable.shape, number, variable.dtype))
        with tempfile.TemporaryDirectory(prefix="s2p-", ignore_cleanup_errors=True) as folder:
            numbered = Path(folder) / "numbered.weights.h5"
            model.save_weights(numbered)
            with h5py.File(numbered, "r") as layout:
                _link(layout, file, [variable.path for variable in model.variables])
    finally:
        for variable, value in zip(model.variables, values):
            variable.assign(value)


def build_in(path: str | Path) -> dict[str, Any]:
    """What the builder of a file's network must be told; raises `WeightsError` where it cannot be read."""
    try:
        with h5py.File(path, "r") as file:
            found = json.loads(str(file.attrs.get(_BUILD, "{}")))
            if not isinstance(found, dict):
                raise ValueError(found)
            return found
    except (OSError, ValueError):
        raise WeightsError(f"{Path(path).name} is not a readable weight file.") from None


def palette_in(path: str | Path) -> np.ndarray:
    """The palette in a published file, `float32[K, 3]`: YUV / 255, but Lab / 100 in that of `reach`."""
    with h5py.File(path, "r") as file:
        kernel = np.asarray(file["palette/kernel"])[0, 0].astype(np.float32)
        return kernel if "pointers" in file else kernel[:-1]  # the other two have a row for the hint


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content as hexadecimal text; computed again only when the file has changed."""
    stat = path.stat()
    return _hashed(path, stat.st_mtime_ns, stat.st_size)


def _link(layout: h5py.Group, file: h5py.File, paths: list[str]) -> None:
    def link(name: str, item: h5py.Group | h5py.Dataset) -> None:
        # Not the state of an optimizer, of a model that is being trained.
        if isinstance(item, h5py.Dataset) and name.partition("/")[0] in _KERAS and name not in file:
            file[name] = file[paths[int(np.asarray(item).ravel()[0]) if item.size else 0]]

    def describe(name: str, item: h5py.Group | h5py.Dataset) -> None:
        # Layers without variables are not missed, and each would take 300 bytes.
        if isinstance(item, h5py.Group) and item.attrs and name in file:
            file[name].attrs.update(item.attrs)

    file.attrs.update(layout.attrs)
    layout.visititems(link)
    layout.visititems(describe)


def _read_as_keras(model: keras.Model, path: Path) -> None:
    before = model.get_weights()
    try:
        model.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        model.set_weights(before)
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(f"{path.name} does not fit the network {model.name!r} ({reason}).") from None


def _datasets(group: h5py.Group, prefix: str = "") -> Iterator[tuple[str, h5py.Dataset]]:
    for name, item in group.items():
        if not prefix and name in _KERAS:
            continue
        if isinstance(item, h5py.Group):
            yield from _datasets(item, f"{prefix}{name}/")
        elif isinstance(item, h5py.Dataset):
            yield f"{prefix}{name}", item


@lru_cache(maxsize=64)
def _hashed(path: Path, _modified: int, _size: int) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
