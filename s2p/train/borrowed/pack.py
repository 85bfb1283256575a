"""Everything that a borrowed GPU needs, in one small folder or archive: code, wheels, pictures, states.

A pack holds `start.py` (the command to run there), the library, its weights, wheels (a folder of yours, optional), the
training pictures as WebP at training size in shards, with their compositions (`s2p.train.compositions`) where they have
been painted already, and the checkpoints of an earlier occasion. Lines are not packed: they are drawn again there. The
pictures get what the other parts leave of the size limit.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import h5py
import numpy as np
from tqdm import tqdm

from s2p import weights
from s2p.errors import InputError, OutputError
from s2p.files import written_whole
from s2p.train.art import Art
from s2p.train.borrowed import checkpoint_archive
from s2p.train.borrowed.unpack import COMPOSED, FORMAT
from s2p.train.compositions import Compositions

# At the same number of bytes a low quality is nearer to the picture than a smaller picture is.
COMPOSITION_QUALITY = 20
QUALITIES = (92, 86, 80, 72, 64, 56, 48, 40, 32, 26, 20, 14, 8)
SHARD = 256  # pictures
FLAVOURS = 4
_PROBES = 48
_SUFFIXES = (".py", ".json", ".h5", ".md")
_LEFT_OUT = {"__pycache__", "server", "preprocess", "shipped_weights"}  # the last three where pip has put them into s2p
_LIBRARY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Packed:
    """What was packed.

    Attributes:
        path: folder or archive.
        megabytes: its size in MiB.
        pictures, quality: how many, and their WebP quality.
        left_out: pictures for which there was no room at the lowest quality.
    """

    path: Path
    megabytes: float
    pictures: int
    quality: int
    left_out: int


def pack(
    data: Path, out: Path, *, max_megabytes: float = 60.0, wheels: Path | None = None, archive: Path | None = None
) -> Packed:
    """Writes a pack.

    Args:
        data: folder of training pictures.
        out: a folder, or an archive if it ends in `.zip`; must not exist.
        max_megabytes: float. MiB that the whole must not exceed.
        wheels: folder of `.whl` files that the other computer lacks.
        archive: folder of a checkpoint archive (`checkpoint_archive`) to go on from.

    Raises:
        InputError: no pictures, or no room for any beside code and wheels.
        OutputError: `out` exists.
    """
    if out.exists():
        raise OutputError(f"{out} exists. Choose another name, or remove it.")
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".zip":
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".s2p-pack-") as folder:
            told = _fill(Path(folder), data, megabytes=max_megabytes, wheels=wheels, archive=archive)
            _zip(Path(folder), out)
    else:
        with written_whole(out, is_large=True) as folder:
            folder.mkdir()
            told = _fill(folder, data, megabytes=max_megabytes, wheels=wheels, archive=archive)
    return Packed(out, round(_size(out) / 2**20, 2), *told)


def _fill(
    folder: Path, data: Path, *, megabytes: float, wheels: Path | None, archive: Path | None
) -> tuple[int, int, int]:
    """Writes a pack's files; returns number of pictures, quality, and number of those left out."""
    _copy_code(folder)
    if wheels is not None:
        _copy(sorted(wheels.glob("*.whl")), folder / "wheels", what=f"{wheels} holds no wheels (*.whl).")
    if archive is not None:
        parts = checkpoint_archive.newest_parts(archive)
        _copy(parts, folder / "checkpoints", what=f"{archive} holds no checkpoint archive.")
    room = megabytes * 2**20 - _size(folder) - 65536
    return _write_pictures(Art(data), folder / "pictures", int(room))


def _write_pictures(art: Art, folder: Path, room: int) -> tuple[int, int, int]:
    """Returns number of pictures, quality, and number of those left out."""
    if room < 4096:
        raise InputError("Code, wheels and checkpoints leave no room for pictures. Allow more megabytes, fewer wheels.")
    folder.mkdir()
    is_composed = Compositions.available() and Compositions.file(art).is_file()
    compositions = Compositions(art) if is_composed else None
    quality, each = _fitting(art, compositions, room)
    count = min(len(art), int(room / each))
    while True:
        chosen = [i * len(art) // count for i in range(count)]
        shards = list(_shards(art, compositions, folder, chosen, quality))
        used = sum(size for _, size in shards)
        if used <= room:
            break
        for file, _ in shards:
            (folder / file).unlink()
        if quality != QUALITIES[-1]:
            quality = QUALITIES[QUALITIES.index(quality) + 1]
            continue
        count = int(count * room / used * 0.99)
        if count < 1:
            raise InputError("Not even one picture fits. Allow more megabytes.")
    index = {
        "format": FORMAT, "quality": quality, "compositions": Compositions.file(art).name if is_composed else "",
        "shards": [{"file": f, "sha256": hashlib.sha256((folder / f).read_bytes()).hexdigest()} for f, _ in shards],
    }
    (folder / "index.json").write_text(json.dumps(index, indent=1), encoding="utf-8")
    return count, quality, len(art) - count


def _shards(
    art: Art, compositions: Compositions | None, folder: Path, chosen: Sequence[int], quality: int
) -> Iterator[tuple[str, int]]:
    def encoded(i: int) -> tuple[int, np.ndarray, np.ndarray | None]:
        small = None if compositions is None else _encoded(compositions[i], COMPOSITION_QUALITY)
        return i, _encoded(art.color(i), quality), small

    with (
        ThreadPoolExecutor(os.cpu_count() or 1) as pool,
        tqdm(total=len(chosen), desc=f"packing at quality {quality}", unit="picture", disable=None) as bar,
    ):
        for start in range(0, len(chosen), SHARD):
            name = f"pictures-{start // SHARD:03d}.h5"
            with h5py.File(folder / name, "w", libver="latest") as file:
                for i, large, small in pool.map(encoded, chosen[start : start + SHARD]):
                    file.create_dataset(f"{i:06d}", data=large).attrs["tags"] = np.array(art.tags(i), np.int64)
                    if small is not None:
                        file.create_dataset(f"{COMPOSED}{i:06d}", data=small)
                    bar.update()
            yield name, (folder / name).stat().st_size


def _fitting(art: Art, compositions: Compositions | None, room: int) -> tuple[int, float]:
    """The best quality at which all pictures fit, judged by some of them, and the mean size of one."""
    probes = np.random.default_rng(3).permutation(len(art))[:_PROBES]
    each, overhead = 0.0, 400.0
    if compositions is not None:
        overhead += 400.0 + np.mean([len(_encoded(compositions[int(i)], COMPOSITION_QUALITY)) for i in probes])
    for quality in QUALITIES:
        each = float(np.mean([len(_encoded(art.color(int(i)), quality)) for i in probes]) + overhead)
        if each * len(art) * 1.04 <= room:
            return quality, each
    return QUALITIES[-1], each


def _encoded(color: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imencode(".webp", color[..., ::-1], (cv2.IMWRITE_WEBP_QUALITY, quality))[1].ravel()


def _copy_code(target: Path) -> None:
    for source, name in ((_LIBRARY, "s2p"), (weights.folder(), "weights")):
        for path in sorted(source.rglob("*")):
            parts = path.relative_to(source).parts
            if path.suffix in _SUFFIXES and path.is_file() and not _LEFT_OUT.intersection(parts):
                copy = target / name / path.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
    shutil.copyfile(Path(__file__).with_name("start.py"), target / "start.py")


def _copy(files: Sequence[Path], target: Path, *, what: str) -> None:
    if not files:
        raise InputError(what)
    target.mkdir()
    for path in files:
        shutil.copyfile(path, target / path.name)


def _zip(folder: Path, target: Path) -> None:
    with written_whole(target) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{target.stem}/{path.relative_to(folder).as_posix()}")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
