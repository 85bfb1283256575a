"""Files by path or by URL, so that the workers of a cluster need no common disk layout.

A place without `://` is a local path. Anything else goes through fsspec (`s3://bucket/art`, `file:///art`,
`memory://test`), which is imported only then. Keys below a place always use `/`.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from s2p.errors import DependencyMissingError, InputError, OutputError
from s2p.image import MAX_FILE_BYTES, write_whole


def is_url(place: str | Path) -> bool:
    return "://" in str(place)


def absolute(place: str | Path) -> str:
    """The same place for a worker that runs in another folder; URLs stay as they are."""
    return str(place) if is_url(place) else os.path.abspath(place)


def join(place: str | Path, *parts: str) -> str:
    """Appends `/`-separated parts to a path or URL.

    Example:
        >>> join("s3://art/", "a", "b.png"), join("art", "b.png").replace("\\\\", "/")
        ('s3://art/a/b.png', 'art/b.png')
    """
    if is_url(place):
        return "/".join([str(place).rstrip("/"), *parts])
    return str(Path(place, *parts))


def list_files(place: str | Path) -> dict[str, str]:
    """Everything below a folder that is not a folder.

    Hidden names (`.x`) are left out, links to folders are not followed.

    Returns:
        dict of key to a stamp that changes when the file does (size with time or entity tag), sorted by key.

    Raises:
        InputError: the folder does not exist.
    """
    if is_url(place):
        system, root = _system(place)
        if not system.exists(root):
            raise InputError(f"{place} does not exist; a folder of pictures is needed.")
        root = root.rstrip("/")
        found = {
            name[len(root) + 1 :]: str([info.get(field) for field in ("size", "ETag", "LastModified", "mtime")])
            for name, info in system.find(root, detail=True).items()
        }
    else:
        root = Path(place)
        if not root.is_dir():
            raise InputError(f"{place} is not a folder; a folder of pictures is needed.")
        found = {
            Path(folder, name).relative_to(root).as_posix(): _stamp(Path(folder, name))
            for folder, _, names in os.walk(root, followlinks=False)
            for name in names
        }
    return {key: found[key] for key in sorted(found) if not any(part.startswith(".") for part in key.split("/"))}


def read_bytes(place: str | Path) -> bytes:
    """Reads a whole file of at most 256 MiB; never waits for a pipe.

    Raises:
        InputError: missing, not a plain file, unreadable or too large.
    """
    name = str(place).rsplit("/", 1)[-1]
    try:
        if is_url(place):
            system, path = _system(place)
            return system.cat_file(path, start=0, end=MAX_FILE_BYTES)
        path = Path(place)
        if not path.is_file():
            reason = "is not a plain file" if path.exists() else "does not exist"
            raise InputError(f"{name} {reason}.")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MiB, the limit for one file.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def write_bytes(place: str | Path, data: bytes) -> None:
    """Writes a whole file: under a temporary name, then renamed; folders are made as needed.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        if not is_url(place):
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, data)
            return
        system, path = _system(place)
        folder = path.rpartition("/")[0]
        temporary = f"{folder}/.s2p-{secrets.token_hex(8)}.part"
        system.makedirs(folder, exist_ok=True)
        system.pipe_file(temporary, data)
        system.mv(temporary, path)
    except OSError as error:
        raise OutputError(f"{place} cannot be written: {error.strerror or error}.") from error


def size_of(place: str | Path) -> int | None:
    """Bytes of a file, or None where there is none."""
    if is_url(place):
        system, path = _system(place)
        return system.size(path) if system.isfile(path) else None
    path = Path(place)
    return path.stat().st_size if path.is_file() else None


def remove(place: str | Path) -> None:
    """Removes a file if it exists."""
    if is_url(place):
        system, path = _system(place)
        if system.isfile(path):
            system.rm_file(path)
        return
    Path(place).unlink(missing_ok=True)


def remove_leftovers(place: str | Path) -> int:
    """Removes the temporary files that a killed run left below a local folder; returns how many."""
    if is_url(place) or not Path(place).is_dir():
        return 0
    leftovers = list(Path(place).rglob(".s2p-*.part"))
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def _stamp(path: Path) -> str:
    try:
        state = path.stat()
    except OSError:  # a link that leads nowhere is reported when it is read
        return "unreadable"
    return f"{state.st_size} {state.st_mtime_ns}"


def _system(place: str | Path) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise DependencyMissingError(
            f"Files by URL ({place}) need fsspec. Install it: pip install 's2p[cluster]'"
        ) from None
    try:
        return fsspec.core.url_to_fs(str(place))
    except (ImportError, ValueError) as error:
        raise DependencyMissingError(f"{place} cannot be opened: {error}.") from error
