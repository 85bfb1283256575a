"""What painters remember: results of stages, by a hash of everything that they were made from."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np

CACHE_BYTES = 256 * 1024 * 1024

Value = TypeVar("Value")


@runtime_checkable
class Arrays(Protocol):
    """Something made of arrays."""

    def arrays(self) -> list[np.ndarray]: ...


class StageCache:
    """Remembers results of stages by the content of everything they were made from; the least recently used go first.

    A key is a hash of the stage's inputs, so a hit is always right and nothing ever has to be invalidated. Safe to use
    from several threads; two threads may compute the same thing once each.

    Args:
        max_bytes: int. Arrays kept; 0 keeps nothing.
    """

    def __init__(self, max_bytes: int = CACHE_BYTES) -> None:
        self.max_bytes = max_bytes
        self.used_bytes = 0
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, tuple[Any, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: bytes) -> bool:
        return key in self._entries

    def get(self, key: bytes) -> Any | None:
        """The value of `key`, now the most recently used, or None."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def put(self, key: bytes, value: Any) -> None:
        """Keeps arrays, which become read-only, for they are shared from now on.

        Args:
            value: an array, several in a list, tuple or dict, or something whose `arrays()` are all that it holds.
        """
        size = sum(_freeze(value))
        with self._lock:
            self.used_bytes -= self._entries.pop(key, (None, 0))[1]
            if size > self.max_bytes:
                return
            self._entries[key] = (value, size)
            self.used_bytes += size
            while self.used_bytes > self.max_bytes:
                self.used_bytes -= self._entries.popitem(last=False)[1][1]

    def remember(self, key: bytes, compute: Callable[[], Value]) -> Value:
        """The value of `key`; computed and kept if it is not there."""
        value = self.get(key)
        if value is None:
            value = compute()
            self.put(key, value)
        return value

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self.used_bytes = 0


def content_key(stage: str, *inputs: Any) -> bytes:
    """Hashes a stage's name and inputs.

    Args:
        stage: name of the stage.
        inputs: arrays, texts, numbers, booleans, None, other keys (`bytes`), or lists and tuples of them.

    Returns: 20 bytes. Equal inputs give equal keys in every process.
    """
    digest = hashlib.blake2b(digest_size=20)
    _feed(digest, (stage, *inputs))
    return digest.digest()


def _feed(digest: Any, value: Any) -> None:
    # Every value goes in with its kind and length, so that no two lists of inputs read alike.
    if isinstance(value, np.ndarray):
        digest.update(f"array{value.dtype.str}{value.shape};".encode())
        digest.update(np.ascontiguousarray(value).data.cast("B") if value.size else b"")
    elif isinstance(value, (list, tuple)):
        digest.update(f"list{len(value)};".encode())
        for item in value:
            _feed(digest, item)
    elif isinstance(value, bytes):
        digest.update(f"bytes{len(value)};".encode() + value)
    elif value is None or isinstance(value, (str, int, float)):
        text = repr(value).encode()
        digest.update(f"{type(value).__name__}{len(text)};".encode() + text)
    else:
        raise TypeError(f"a {type(value).__name__} has no content to hash")


def _freeze(value: Any) -> Iterator[int]:
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
        yield value.nbytes
    elif isinstance(value, dict):
        yield from _freeze(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _freeze(item)
    elif isinstance(value, Arrays):
        yield from _freeze(value.arrays())
