"""Writes files whole: nobody ever sees half of one, whatever happens in between."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from s2p.errors import OutputError


def write_whole(path: str | Path, data: bytes | BinaryIO) -> None:
    """Writes a file under a temporary name next to it, then renames it; an existing file is replaced only then.

    Args:
        path: target.
        data: the file's bytes, or an open binary stream that is read from where it stands to its end.

    Raises:
        OutputError: the file cannot be written; the message names it and the reason. Nothing is left behind.

    Example:
        >>> write_whole("notes.txt", b"two oranges")
    """
    path = Path(path)
    temporary = path.with_name(f".s2p-{secrets.token_hex(8)}.part")
    try:
        try:
            if isinstance(data, bytes):
                temporary.write_bytes(data)
            else:
                with temporary.open("wb") as target:
                    shutil.copyfileobj(data, target, 1 << 20)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise not_written(path, error) from error


def not_written(path: Path, error: OSError) -> OutputError:
    """What is said of a file that cannot be written."""
    # Only names: where a server keeps its files is not for the eyes of its visitors.
    if not path.parent.is_dir():
        return OutputError(
            f"{printable(path.name)} cannot be written: the folder does not exist: {printable(path.parent.name)}. "
            "Make it first, or choose another."
        )
    reason = (error.strerror or str(error)).lower()
    return OutputError(
        f"{printable(path.name)} cannot be written: {reason}. Free some disk space, check the folder's rights, or "
        "choose another."
    )


@contextmanager
def written_whole(path: str | os.PathLike[str], *, is_large: bool = False) -> Iterator[Path]:
    """A temporary path beside `path`, of the same ending, that takes its place when the block ends without an error.

    For folders, files that a library writes by their name, and those that are written bit by bit; what can be held in
    memory is for `write_whole`. A folder that was there is replaced by one.

    Args:
        path: target.
        is_large: what a process that was killed has left is removed by the next one, and not kept for ever. For what
            nobody else may be writing meanwhile.

    Example:
        >>> with written_whole("notes.txt") as temporary:
        ...     _ = temporary.write_text("two oranges")
    """
    path = Path(path)
    temporary = path.with_name(f".s2p-{'partial' if is_large else secrets.token_hex(8)}-{path.name}")
    _remove(temporary)
    try:
        yield temporary
        if temporary.is_dir() and path.is_dir():
            _remove(path)
        os.replace(temporary, path)
    finally:
        _remove(temporary)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def printable(text: str) -> str:
    """`text` on one line and without control characters, for messages about names that come from outside."""
    return "".join(c if c.isprintable() else "?" for c in text)


def read_json(path: Path) -> Any:
    """The JSON in a file, or None if there is none that can be read."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file, or an empty one if there is none that can be read."""
    data = read_json(path)
    return data if isinstance(data, dict) else {}
