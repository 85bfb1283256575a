"""TensorFlow without its greeting, which tells a person who paints of floating-point round-off errors."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from types import ModuleType

_GREETINGS = (b"All log messages before absl::InitializeLog() is called", b"oneDNN custom operations are on.")


def import_quietly(name: str) -> ModuleType:
    """Imports `tensorflow`, or `keras`, which may import it; whatever else is said meanwhile comes on stderr as always.

    TensorFlow greets before any setting is read and past Python's streams: so the descriptor itself leads into a file
    until it is loaded.
    """
    if "tensorflow" in sys.modules:
        return import_module(name)
    try:
        stderr = os.dup(2)
    except OSError:  # there is none to keep clean
        return import_module(name)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            return import_module(name)
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            said.seek(0)
            _write(b"".join(line for line in said if not any(greeting in line for greeting in _GREETINGS)))


def _write(text: bytes) -> None:
    while text:
        text = text[os.write(2, text):]
