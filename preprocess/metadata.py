"""Streams lines out of metadata files, compressed ones and archives included, without unpacking them to disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from s2p.errors import InputError

from . import storage

MAX_LINE = 4 * 1024 * 1024

_OPENERS = {".xz": lzma.open, ".gz": gzip.open, ".bz2": bz2.open}
_ARCHIVES = (".tar", ".tar.xz", ".txz", ".tar.gz", ".tgz", ".tar.bz2")
_DAMAGE = (OSError, EOFError, lzma.LZMAError, zlib.error, tarfile.TarError)


@dataclass(frozen=True)
class Line:
    """One line of metadata, or what kept a file from being read.

    Attributes:
        place: `file:number` for messages.
        text: the line.
        error: sentence where the file is damaged from here on; the next file follows.
    """

    place: str
    text: bytes
    error: str = ""


def read_lines(sources: Iterable[str]) -> Iterator[Line]:
    """Yields the non-empty lines of files, archives (`.tar`, `.tar.xz`, `.tar.gz`) and folders of them, in order.

    Raises:
        InputError: a source does not exist. Damage inside a file is a `Line` with an error instead.
    """
    for source in sources:
        if not storage.is_url(source) and Path(source).is_dir():
            yield from read_lines(storage.join(source, key) for key in storage.list_files(source))
            continue
        name = source.rsplit("/", 1)[-1]
        with _open(source) as stream:
            yield from _stream(stream, name)


def _stream(stream: IO[bytes], name: str) -> Iterator[Line]:
    lower = name.lower()
    try:
        if lower.endswith(_ARCHIVES):
            yield from _archive(stream, name)
            return
        opener = next((opener for suffix, opener in _OPENERS.items() if lower.endswith(suffix)), None)
        yield from _lines(opener(stream) if opener else stream, name)
    except _DAMAGE as error:
        yield Line(name, b"", error=f"damaged file {name}: {' '.join(str(error).split()) or type(error).__name__}")


def _archive(stream: IO[bytes], name: str) -> Iterator[Line]:
    # "r|*": strictly forward, so an archive of any size needs no room on disk.
    with tarfile.open(fileobj=stream, mode="r|*") as archive:
        for member in archive:
            inside = archive.extractfile(member) if member.isfile() else None
            if inside is not None:
                yield from _lines(inside, f"{name}/{member.name.rsplit('/', 1)[-1]}")


def _lines(stream: IO[bytes], name: str) -> Iterator[Line]:
    number = 0
    while True:
        text = stream.readline(MAX_LINE)
        if not text:
            return
        number += 1
        if len(text) == MAX_LINE and not text.endswith(b"\n"):
            yield Line(f"{name}:{number}", b"", error="malformed line: longer than 4 MiB")
            while text and not text.endswith(b"\n"):
                text = stream.readline(MAX_LINE)
            continue
        if text.strip():
            yield Line(f"{name}:{number}", text)


def _open(source: str) -> IO[bytes]:
    if storage.is_url(source):
        import fsspec

        system, path = fsspec.core.url_to_fs(source)
        return system.open(path, "rb")
    path = Path(source)
    if not path.is_file():
        raise InputError(f"{source} is not a metadata file; JSON lines or an archive of them are needed.")
    return io.BufferedReader(path.open("rb", buffering=0), 1 << 20)
