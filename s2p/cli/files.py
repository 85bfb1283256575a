"""Which pictures the words of a command line mean, and where what is made of them goes."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from s2p.errors import InputError, OutputError

if TYPE_CHECKING:
    from s2p.reading import Brought

PIPE = "-"

# What is taken from a folder; a file that is named is always tried.
SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic", ".heif", ".jxl", ".psd",
    ".psb", ".ora", ".kra",
)  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One picture to work on.

    Attributes:
        source: the picture: a file, a web address, None for standard input.
        target: the file to write, None for standard output.
    """

    source: Path | str | None
    target: Path | None

    @property
    def name(self) -> str:
        """How messages call the picture."""
        return "standard input" if self.source is None else str(self.source)

    def read(
        self, *, page: int | None = None, layer: str | None = None, million_pixels: float | None = None
    ) -> Brought:
        """The picture, as `s2p.reading.read_picture` reads it; gray of pages that are read on wish alone stays gray."""
        from s2p.reading import MAX_PIXELS, read_picture

        limit = MAX_PIXELS if million_pixels is None else int(million_pixels * 1e6)
        return read_picture(
            self.open(), name=self.name, page=page, layer=layer, max_pixels=limit, gray_from=MAX_PIXELS + 1
        )

    def open(self) -> Path | bytes | BinaryIO:
        """The picture as `s2p.reading.read_picture` takes it; one from the web is fetched now."""
        if self.source is None:
            return sys.stdin.buffer
        if isinstance(self.source, Path):
            return self.source
        from s2p.fetch import fetch_picture

        return fetch_picture(self.source)


@dataclass(frozen=True)
class LeftOut:
    """A file or folder below a folder that is not worked on, and why."""

    path: Path
    reason: str


def plan(
    inputs: Sequence[str], output: str, *, writable: Sequence[str], suffix: str = ".png",
    left_out: list[LeftOut] | None = None,
) -> list[Task]:
    """Pairs pictures with targets.

    Args:
        inputs: files, folders (with everything below), glob patterns (for shells that leave them), web addresses,
            or `-`.
        output: a file for one picture, a folder for several, or `-`.
        writable: file name endings that can be written, such as `.png`.
        suffix: ending of the files in an output folder.
        left_out: gets what lies in the folders and is not worked on.

    Raises:
        InputError: nothing was found, or a picture would be overwritten by its own result.
        OutputError: a file where a folder is needed, or an ending that cannot be written.

    Example:
        >>> plan(["girl.png"], "painted.webp", writable=[".webp"])[0].target.name
        'painted.webp'
    """
    if PIPE in inputs and len(inputs) > 1:
        raise InputError("Standard input (-) is one picture; name no others beside it.")
    folder = None if output == PIPE else Path(output)
    left_out = [] if left_out is None else left_out
    found = [(None, Path("stdin"))] if list(inputs) == [PIPE] else _find(inputs, folder, left_out)
    is_one = len(found) == 1 and not any(os.path.isdir(word) for word in inputs)
    if folder is None:
        if not is_one:
            raise OutputError("Standard output (-) takes one picture. Give a folder: -o FOLDER.")
        return [Task(found[0][0], None)]
    is_folder = os.path.isdir(folder) or output.endswith(("/", os.sep)) or not folder.suffix
    if is_one and not is_folder:
        if folder.suffix.lower() not in writable:
            raise OutputError(f"The output must end in {', '.join(writable)}. Received: {output!r}.")
        return _checked([Task(found[0][0], folder)])
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise OutputError(f"Several pictures need a folder; {output!r} is a file.")
    if not is_folder and folder.suffix.lower() in writable:
        raise OutputError(f"Several pictures need a folder, not a file name such as {output!r}. Give -o FOLDER.")
    names = _named([relative for _, relative in found], suffix)
    return _checked([Task(source, folder / name) for (source, _), name in zip(found, names)])


def _find(
    inputs: Iterable[str], output: Path | None, left_out: list[LeftOut]
) -> list[tuple[Path | str | None, Path]]:
    """Pictures with their place below what was named."""
    from s2p.fetch import is_address

    found: dict[Path | str, Path] = {}
    for word in inputs:
        path = Path(word)
        if is_address(word):
            found[word] = Path(_name_in_address(word))
        elif os.path.isdir(path):
            below = _below(path, output, left_out)
            if not below:
                raise InputError(f"The folder {word!r} has no pictures ({', '.join(SUFFIXES)}).")
            found |= {source: source.relative_to(path) for source in below if source not in found}
        elif not os.path.exists(path) and glob.has_magic(word):
            matches = [Path(match) for match in sorted(glob.glob(word, recursive=True)) if not os.path.isdir(match)]
            if not matches:
                raise InputError(f"No file matches {word!r}.")
            found |= {match: Path(match.name) for match in matches if match not in found}
        elif path not in found:
            found[path] = Path(path.name)
    if not found:
        raise InputError("Name at least one picture, folder or pattern, or - for standard input.")
    return list(found.items())


def _name_in_address(address: str) -> str:
    """A file name for what lies at an address: the last part of its path, in letters that every disk takes."""
    last = unquote(urlsplit(address).path).rpartition("/")[2]
    return re.sub(r"[^\w.-]+", "-", last).strip("-.") or "picture"


def _below(folder: Path, output: Path | None, left_out: list[LeftOut]) -> list[Path]:
    """Pictures in a folder, sorted; what is no picture, hidden, a link or among the results is left out."""
    results = None if output is None or _same(output, folder) else _real(output)
    pictures: list[Path] = []

    def leave(path: Path, reason: str) -> None:
        left_out.append(LeftOut(path, reason))

    def unread(error: OSError) -> None:
        leave(Path(error.filename or folder), f"cannot be opened ({(error.strerror or 'no reason given').lower()})")

    for parent, folders, names in os.walk(folder, onerror=unread):
        kept = []
        for name in sorted(folders):
            path = Path(parent) / name
            if name.startswith("."):
                leave(path, "hidden")
            elif os.path.islink(path):
                leave(path, "a link to a folder")
            elif _real(path) != results:
                kept.append(name)
        folders[:] = kept
        for name in sorted(names):
            path = Path(parent) / name
            if name.startswith("."):
                leave(path, "hidden")
            elif path.suffix.lower() not in SUFFIXES:
                leave(path, "not named like a picture")
            else:
                pictures.append(path)
    return pictures


def _named(relatives: Sequence[Path], suffix: str) -> list[Path]:
    """Target names without two alike: `a.jpg` beside `a.png` keep their endings, further ones are numbered."""
    plain = [relative.with_suffix(suffix) for relative in relatives]
    alike = Counter(str(name).casefold() for name in plain)
    taken: set[str] = set()
    names = []
    for relative, name in zip(relatives, plain):
        wanted = name if alike[str(name).casefold()] == 1 else relative.with_name(relative.name + suffix)
        number, free = 2, wanted
        while str(free).casefold() in taken:
            free = wanted.with_name(f"{wanted.stem}-{number}{suffix}")
            number += 1
        taken.add(str(free).casefold())
        names.append(free)
    return names


def _checked(tasks: list[Task]) -> list[Task]:
    sources = {_real(task.source) for task in tasks if isinstance(task.source, Path)}
    for task in tasks:
        if task.target is not None and _real(task.target) in sources:
            raise InputError(f"{task.target} would be overwritten by a result. Choose another output.")
    return tasks


def _same(first: Path, second: Path) -> bool:
    return _real(first) == _real(second)


def _real(path: Path) -> str:
    """Where a path leads; unlike `Path.resolve` it stands links that lead in a circle and names that are too long."""
    return os.path.realpath(path)
