"""Everything that a borrowed GPU needs, in one small folder or archive: code, wheels, pictures, states.

A pack holds `start.py` (the command to run there), the library, its weights, wheels (a folder of yours, optional), the
training pictures as WebP at training size in shards, with their compositions (`s2p.train.compositions`) where they have
been painted already, and the carry of an earlier occasion. Lines are not packed: they are drawn again there. The
pictures get what the other parts leave of the size limit.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
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
from s2p.train import carry
from s2p.train.art import Art, Writer
from s2p.train.compositions import Compositions
from s2p.xdog import XdogStyle, random_style

FORMAT = "s2p-packed-pictures"
# At the same number of bytes a low quality is nearer to the picture than a smaller picture is.
COMPOSITION_QUALITY = 20
QUALITIES = (92, 86, 80, 72, 64, 56, 48, 40, 32, 26, 20, 14, 8)
SHARD = 256  # pictures
FLAVOURS = 4
_PROBES = 48
_COMPOSED = "composed-"
_SUFFIXES = (".py", ".json", ".h5", ".md")
_LIBRARY = Path(__file__).resolve().parents[1]


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
    data: Path, out: Path, *, max_megabytes: float = 60.0, wheels: Path | None = None, carried: Path | None = None
) -> Packed:
    """Writes a pack.

    Args:
        data: folder of training pictures.
        out: a folder, or an archive if it ends in `.zip`; must not exist.
        max_megabytes: float. MiB that the whole must not exceed.
        wheels: folder of `.whl` files that the other computer lacks.
        carried: folder of a carry (`s2p.train.carry`) to go on from.

    Raises:
        InputError: no pictures, or no room for any beside code and wheels.
        OutputError: `out` exists.
    """
    if out.exists():
        raise OutputError(f"{out} exists. Choose another name, or remove it.")
    folder = out.with_suffix("") if out.suffix == ".zip" else out
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        _copy_code(partial)
        if wheels is not None:
            _copy(sorted(wheels.glob("*.whl")), partial / "wheels", what=f"{wheels} holds no wheels (*.whl).")
        if carried is not None:
            _copy(carry.newest_parts(carried), partial / "carry", what=f"{carried} holds no carry.")
        room = max_megabytes * 2**20 - _size(partial) - 65536
        pictures, quality, left_out = _write_pictures(Art(data), partial / "pictures", int(room))
        if out.suffix == ".zip":
            _zip(partial, out)
        else:
            os.replace(partial, out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Packed(out, round(_size(out) / 2**20, 2), pictures, quality, left_out)


def unpack_pictures(folder: Path) -> Path:
    """Decodes the pictures of a pack and draws their lines, once; returns a folder for `Art`.

    Raises:
        InputError: a shard is damaged.
    """
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    target = folder / "decoded"
    if (target / "index.json").is_file():
        return target
    composed = folder / "compositions.partial"
    with Writer(target) as writer, ThreadPoolExecutor(os.cpu_count() or 1) as pool, open(composed, "wb") as small:
        for shard in index["shards"]:
            path = folder / shard["file"]
            if hashlib.sha256(path.read_bytes()).hexdigest() != shard["sha256"]:
                raise InputError(f"{path.name} is damaged; bring the pack once more.")
            with h5py.File(path, "r") as file:
                items = [(str(key), np.asarray(data)) for key, data in file.items() if not key.startswith(_COMPOSED)]
                smalls = [np.asarray(file[_COMPOSED + key]) for key, _ in items if _COMPOSED + key in file]
            for name, color, lines in pool.map(_unpacked, items):
                writer.add(name, color, lines)
            for picture in pool.map(_decoded, smalls):
                small.write(picture.tobytes())
    name = index.get("compositions") or ""
    if re.fullmatch(r"compositions-[a-z0-9-]+\.raw", name):
        os.replace(composed, target / name)
    composed.unlink(missing_ok=True)
    return target


def draw_styles(color: np.ndarray, number: int) -> np.ndarray:
    """Line art of picture `number` in four styles, the same every time: `uint8[H, W, 4]`, 255 = paper."""
    generator = np.random.default_rng([41, number])
    soft = random_style(generator)
    styles = (
        XdogStyle(soft.sigma, soft.k, soft.gamma, soft.epsilon, soft.phi),
        XdogStyle(sigma=0.7, k=1.6, gamma=0.98, epsilon=-0.002, phi=120.0),
        XdogStyle(sigma=1.0, k=1.6, gamma=0.98, phi=60.0),
        XdogStyle(sigma=float(generator.uniform(0.6, 1.0)), k=1.6, gamma=0.97, epsilon=-0.01, hard=True),
    )
    return np.stack([style(color) for style in styles], -1)


def _unpacked(item: tuple[str, np.ndarray]) -> tuple[str, np.ndarray, np.ndarray]:
    name, data = item
    color = _decoded(data)
    return name, color, draw_styles(color, int(name))


def _decoded(data: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def _write_pictures(art: Art, folder: Path, room: int) -> tuple[int, int, int]:
    """Returns number of pictures, quality, and number of those left out."""
    if room < 4096:
        raise InputError("Code, wheels and carry leave no room for pictures. Allow more megabytes, or fewer wheels.")
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
                    file.create_dataset(f"{i:06d}", data=large)
                    if small is not None:
                        file.create_dataset(f"{_COMPOSED}{i:06d}", data=small)
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
            if path.suffix in _SUFFIXES and path.is_file() and "__pycache__" not in path.parts:
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
