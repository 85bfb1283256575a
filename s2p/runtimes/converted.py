"""Keeps converted networks in the user's cache folder, so that the next start needs neither Keras nor TensorFlow.

A network lies in a folder named by the hash of everything that it was made from. The folder appears whole, by one
rename; two processes that convert the same network at the same time both work, and one of the equal results stays. Its
note holds the hash of every file: what was damaged since is noticed, thrown away and made again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSION = 1  # raised when the same network would be converted differently
MAX_BYTES = 2 * 2**30  # V3's official networks are about 800 MB a set
_ABANDONED = 24 * 3600.0  # seconds after which an unfinished folder belongs to nobody
_NOTE = "note.json"
_LOG = logging.getLogger(__name__)

Shape = tuple[Any, ...]


@dataclass(frozen=True)
class Converted:
    """A converted network on disk.

    Attributes:
        folder: with the runtime's files.
        inputs, outputs: shapes of the Keras model, None where any size will do.
    """

    folder: Path
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]


def store() -> Path:
    """The folder of converted networks, in `$S2P_CACHE` or the user's cache folder; not created here."""
    named = os.environ.get("S2P_CACHE")
    if named:
        return Path(named) / "converted"
    import platformdirs

    return Path(platformdirs.user_cache_dir("s2p", appauthor=False)) / "converted"


def key_of(runtime: str, *ingredients: Any) -> str:
    """Name of a network's folder: a hash of the runtime with its version, and of what the network is made from."""
    text = json.dumps([VERSION, runtime, *ingredients], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def find(key: str) -> Converted | None:
    """The network kept under `key`, or None; a damaged one is thrown away."""
    folder = store() / key
    try:
        note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
        for name, digest in note["files"].items():
            if _hash(folder / name) != digest:
                raise ValueError(f"{name} has changed")
        found = Converted(folder, _shapes(note["inputs"]), _shapes(note["outputs"]))
    except FileNotFoundError:
        if folder.is_dir():
            discard(key, "a file is missing")
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        discard(key, str(error))
        return None
    with suppress(OSError):  # a read-only cache is still a cache
        os.utime(folder / _NOTE)  # the least recently used go first
    return found


def keep(
    key: str, write: Callable[[Path], None], *, name: str, inputs: Sequence[Shape], outputs: Sequence[Shape]
) -> Converted:
    """Converts a network and keeps it.

    Args:
        key: of `key_of`.
        write: makes the runtime's files in the folder that it is given.
        name: of the network, for people who look into the folder.
        inputs, outputs: shapes of the model.

    Raises:
        OSError: the cache folder cannot be written. Whatever `write` raises; nothing is left behind then.
    """
    place = store()
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix=".making-", ignore_cleanup_errors=True) as temporary:
        making = Path(temporary) / "network"
        making.mkdir()
        write(making)
        files = {path.name: _hash(path) for path in sorted(making.iterdir())}
        note = {"network": name, "inputs": list(inputs), "outputs": list(outputs), "files": files}
        (making / _NOTE).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
        try:
            os.rename(making, place / key)
        except OSError:  # another process was faster: the same content, unless it is damaged
            if find(key) is None:
                os.rename(making, place / key)
    tidy(keep_key=key)
    return Converted(place / key, tuple(map(tuple, inputs)), tuple(map(tuple, outputs)))


def discard(key: str, reason: str) -> None:
    """Throws a kept network away."""
    if (store() / key).is_dir():
        _LOG.warning("the converted network %s is unusable (%s) and is not kept", key[:8], reason)
        _remove(store() / key)


def tidy(*, keep_key: str = "", max_bytes: int | None = None) -> None:
    """Removes the least recently used networks until the rest fits, and what a broken-off conversion left behind.

    Args:
        keep_key: this one stays.
        max_bytes: int, `MAX_BYTES` by default.
    """
    limit = MAX_BYTES if max_bytes is None else max_bytes
    entries, total = [], 0
    for folder in store().iterdir():
        try:
            used = (folder / _NOTE if (folder / _NOTE).is_file() else folder).stat().st_mtime
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        except OSError:
            continue  # somebody else is removing it
        if folder.name.startswith("."):
            if time.time() - used > _ABANDONED:
                _remove(folder)
            continue
        entries.append((used, size, folder))
        total += size
    for _, size, folder in sorted(entries, key=lambda entry: entry[0]):
        if total <= limit:
            return
        if folder.name != keep_key:
            _remove(folder)
            total -= size


def _remove(folder: Path) -> None:
    """Takes a folder away under another name first, so that nobody finds half of it."""
    doomed = folder.with_name(f".gone-{folder.name.lstrip('.')}-{os.getpid()}-{time.monotonic_ns()}")
    try:
        os.rename(folder, doomed)
    except OSError:
        return  # gone already, or in use (Windows): the next tidying finds it
    shutil.rmtree(doomed, ignore_errors=True)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _shapes(shapes: Any) -> tuple[Shape, ...]:
    return tuple(tuple(shape) for shape in shapes)
