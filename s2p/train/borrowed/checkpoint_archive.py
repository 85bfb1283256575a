"""Checkpoints that travel: the newest state of several runs in a few files of bounded size.

A GPU that is lent for minutes gives back only small files. An archive is one ZIP stream cut into parts,
`carry-000003-1of5.bin` being part 1 of the third one; it is used only when all its parts are there. Where the exact
numbers would be too large, optimizers travel as scaled float16 (second moments as their roots, since they would vanish
otherwise), and if need be the weights too.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from s2p.errors import InputError
from s2p.files import write_whole
from s2p.train.runs import done_epochs, newest

EXACT, LIGHT, LIGHTEST = "exact", "light", "lightest"
LEVELS = (EXACT, LIGHT, LIGHTEST)
_PART = re.compile(r"carry-(\d{6})-(\d+)of(\d+)\.bin")
_PLAIN = (".json", ".jsonl", ".npy")  # what lies in a run's folder beside its states and is needed to go on


@dataclass(frozen=True)
class Archive:
    """What an archive holds.

    Attributes:
        parts: its files.
        level: one of `LEVELS`.
        runs: names of the runs in it.
        left_out: names of those for which there was no room.
    """

    parts: tuple[Path, ...]
    level: str
    runs: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def write(runs: Mapping[str, Path], folder: Path, *, files: int = 8, megabytes: float = 16.0) -> Archive | None:
    """Writes the newest checkpoints of runs as a new archive and removes the older ones.

    Args:
        runs: name to folder of a run, the most important first.
        folder: for the parts.
        files: int. At most so many parts.
        megabytes: float. Largest size of a part, in MiB.

    Returns: what was written; None where no run has a checkpoint yet.
    """
    if files < 1 or megabytes <= 0:
        raise InputError(f"An archive needs a file at least, and room. Received: {files} files of {megabytes} MiB.")
    size = int(megabytes * 2**20)
    there = [name for name, run in runs.items() if newest(run) is not None]
    for count in range(len(there), 0, -1):
        for level in LEVELS:
            data = _pack({name: runs[name] for name in there[:count]}, level)
            if len(data) <= files * size:
                parts = _write_parts(data, folder, size)
                return Archive(parts, level, tuple(there[:count]), tuple(there[count:]))
    if there:
        raise InputError(
            f"Not even the state of {there[0]!r} fits into {files} files of {megabytes:g} MiB. Allow more files, or "
            "larger ones."
        )
    return None


def unpack(folder: Path, out: Path) -> tuple[str, ...]:
    """Brings the newest whole archive of `folder` back as runs in `out`; runs that are further there stay as they are.

    Returns: names of the runs that were brought back.

    Raises:
        InputError: parts are there, but no archive is whole, or it is damaged.
    """
    parts = newest_parts(folder)
    if not parts:
        return ()
    try:
        archive = zipfile.ZipFile(io.BytesIO(b"".join(part.read_bytes() for part in parts)))
        if archive.testzip() is not None:
            raise zipfile.BadZipFile
    except zipfile.BadZipFile:
        raise InputError(f"The checkpoint archive in {folder} is damaged; bring its files back once more.") from None
    brought = []
    for name in sorted({entry.split("/")[0] for entry in archive.namelist()}):
        if not re.fullmatch(r"[a-z0-9_]+", name):
            raise InputError(f"The checkpoint archive in {folder} holds {name!r}, which is no run of ours.")
        state = archive.read(f"{name}/state.h5")
        epoch, run = _epoch(state), out / name
        if newest(run) is not None and done_epochs(run) >= epoch:
            continue
        run.mkdir(parents=True, exist_ok=True)
        for entry in archive.namelist():
            plain = re.fullmatch(rf"{name}/([a-z_]+(?:{'|'.join(_PLAIN)}))", entry)
            if plain:
                write_whole(run / plain[1], archive.read(entry))
        write_whole(run / f"state-{epoch:06d}.h5", _converted(state, EXACT))
        brought.append(name)
    return tuple(brought)


def newest_parts(folder: Path) -> list[Path]:
    """Parts of the newest whole archive in a folder, in order; empty where there is none.

    Raises:
        InputError: there are parts, but some are missing of every archive.
    """
    found: dict[tuple[str, str], dict[int, Path]] = {}
    for path in folder.glob("carry-*.bin") if folder.is_dir() else ():
        match = _PART.fullmatch(path.name)
        if match:
            found.setdefault((match[1], match[3]), {})[int(match[2])] = path
    for (_, total), parts in sorted(found.items(), reverse=True):
        if len(parts) == int(total):
            return [parts[number] for number in sorted(parts)]
    if found:
        (number, total), parts = max(found.items())
        raise InputError(
            f"Checkpoint archive {int(number)} in {folder} has {len(parts)} of its {total} files; bring the others."
        )
    return []


def _pack(runs: Mapping[str, Path], level: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, run in runs.items():
            state = newest(run)
            assert state is not None
            archive.writestr(f"{name}/state.h5", _converted(state.read_bytes(), level))
            for path in sorted(run.iterdir()):
                if path.suffix in _PLAIN:
                    archive.writestr(f"{name}/{path.name}", path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _write_parts(data: bytes, folder: Path, size: int) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    old = [path for path in folder.glob("carry-*.bin") if _PART.fullmatch(path.name)]
    number = max((int(path.name[6:12]) for path in old), default=0) + 1
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    paths = [folder / f"carry-{number:06d}-{i}of{len(pieces)}.bin" for i in range(1, len(pieces) + 1)]
    for path, piece in zip(paths, pieces, strict=True):
        write_whole(path, piece)
    for path in old:
        path.unlink(missing_ok=True)
    return tuple(paths)


def _converted(state: bytes, level: str) -> bytes:
    """A checkpoint (`s2p.train.checkpoints.save`) with other number formats; `EXACT` gives back what a run reads."""
    target = io.BytesIO()
    with h5py.File(io.BytesIO(state), "r") as source, h5py.File(target, "w") as file:
        for key, value in source.attrs.items():
            file.attrs[key] = value
        for group, members in source.items():
            is_light = level == LIGHTEST or (level == LIGHT and group != "model")
            for name, data in members.items():
                values = _restored(np.asarray(data), data.attrs)
                stored, notes = _lightened(values) if is_light else (values, {})
                options = {"compression": "gzip", "shuffle": True} if stored.ndim else {}
                dataset = file.create_dataset(f"{group}/{name}", data=stored, **options)
                for key, value in notes.items():
                    dataset.attrs[key] = value
    return target.getvalue()


def _lightened(values: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
    if values.dtype != np.float32 or values.ndim == 0:
        return values, {}
    is_square = bool((values >= 0).all()) and values.size > 1
    values = np.sqrt(values) if is_square else values
    scale = float(np.abs(values).max())
    if not np.isfinite(scale):
        raise InputError("A checkpoint holds numbers that are not finite; it cannot travel.")
    scale = scale or 1.0
    return (values / scale).astype(np.float16), {"scale": scale, "root": float(is_square)}


def _restored(values: np.ndarray, notes: Mapping[str, float]) -> np.ndarray:
    if "scale" not in notes:
        return values
    values = values.astype(np.float32) * np.float32(notes["scale"])
    return values**2 if notes["root"] else values


def _epoch(state: bytes) -> int:
    with h5py.File(io.BytesIO(state), "r") as file:
        return int(np.asarray(file.attrs["epoch"]))
