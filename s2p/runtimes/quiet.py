"""TensorFlow without its greeting, which tells a person who paints of floating-point round-off errors."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from threading import Lock
from types import ModuleType

_ONE_AT_A_TIME = Lock()
_GREETINGS = (b"All log messages before absl::InitializeLog() is called", b"oneDNN custom operations are on.",
              b"oneDNN supports DT_")  # the last one where bytes are resized on older processors, to the same numbers


def import_quietly(name: str) -> ModuleType:
    """Imports `tensorflow`, or `keras`, which may import it, `quietly`."""
    if "tensorflow" in sys.modules:
        return import_module(name)
    with quietly():
        return import_module(name)


@contextmanager
def quietly() -> Iterator[None]:
    """Leaves out what TensorFlow says to nobody's use; whatever else is said meanwhile comes on stderr as always.

    It speaks before any setting is read and past Python's streams: so the descriptor itself leads into a file.
    """
    with _ONE_AT_A_TIME, ExitStack() as held:  # two that lead the descriptor away would not find it again
        try:
            said = held.enter_context(tempfile.TemporaryFile())
            stderr = os.dup(2)
        except OSError:  # no room to write, or no stderr to keep clean
            yield
            return
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            said.seek(0)
            _write(b"".join(line for line in said if not any(greeting in line for greeting in _GREETINGS)))


def _write(text: bytes) -> None:
    while text:
        text = text[os.write(2, text):]
