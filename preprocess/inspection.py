"""Looks into prepared shards: what they hold, whether they are whole, how fast they read, and what a network sees."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from s2p.errors import InputError
from s2p.image import encode_image
from s2p.runtimes.quiet import import_quietly, quietly

from . import storage
from .picture import fit_tile
from .records import decode_hdf5, read_index

_ROWS = 8


def inspect(
    folder: str, *, split: str = "train", size: int = 256, seconds: float = 10.0, sheet: Path | None = None,
    verify: bool = False,
) -> Iterator[str]:  # fmt: skip
    """Yields lines for people; writes a sheet of crops, lines and hints to `sheet` or `OUT/inspect.png`.

    Raises:
        InputError: no shards, or with `verify` a shard that is not what the index says.
    """
    index = read_index(folder)
    for side, entries in index["shards"].items():
        megabytes = sum(file["bytes"] for entry in entries for file in entry["files"].values()) / 2**20
        yield f"{side}: {index['counts'][side]} pictures in {len(entries)} shards, {megabytes:.1f} MiB"
    yield f"line flavours: {', '.join(index['flavours'])}; schema {index['schema']}"
    planes = known_planes(folder, index, split)
    if planes:
        yield f"known of every pixel: {', '.join(planes)}"
    if verify:
        yield f"{verify_shards(folder, index)} files have the SHA-256 of the index"

    import_quietly("tensorflow")
    from .dataset import load

    with quietly():
        dataset = load(folder, split, size=size, batch=_ROWS, repeat=True)
    specs: Any = dataset.element_spec
    for name, spec in sorted(specs.items()):
        yield f"  {name}: {spec.dtype.name}{list(spec.shape)}"
    target = str(sheet) if sheet is not None else storage.join(folder, "inspect.png")
    with quietly():
        stream = iter(dataset)
        first = next(stream)
    storage.write_bytes(target, encode_image(example_sheet(first), "png"))
    yield f"sheet: {target}"
    rate, cost = throughput(stream, seconds)
    yield f"{rate:.0f} crops of {size} px per second, {cost * 1000:.1f} ms of CPU time each"


def known_planes(folder: str, index: dict[str, Any], split: str) -> list[str]:
    """Which of `regions` and `parts` the first record has; told by HDF5 shards only."""
    files = [entry["files"]["hdf5"]["name"] for entry in index["shards"][split] if "hdf5" in entry["files"]]
    if not files:
        return []
    record = next(decode_hdf5(storage.read_bytes(storage.join(folder, files[0])), name=files[0]), None)
    return [name for name in ("regions", "parts") if getattr(record, name, b"")]


def verify_shards(folder: str, index: dict[str, Any]) -> int:
    """Compares every shard with its SHA-256; returns the number of files, raises `InputError` at the first bad one."""
    count = 0
    for entries in index["shards"].values():
        for file in (file for entry in entries for file in entry["files"].values()):
            data = storage.read_bytes(storage.join(folder, file["name"]))
            if hashlib.sha256(data).hexdigest() != file["sha256"]:
                raise InputError(f"{file['name']} is damaged: its SHA-256 is not that of the index. Delete it and "
                                 "run prepare again.")  # fmt: skip
            count += 1
    return count


def throughput(stream: Iterator[dict[str, Any]], seconds: float) -> tuple[float, float]:
    """Crops per second and seconds of CPU time per crop of a running stream of batches."""
    count = 0
    for _ in range(3):
        next(stream)  # tracing and filling buffers is not what trainings wait for
    started, used = time.monotonic(), time.process_time()
    while time.monotonic() - started < seconds or not count:
        count += int(next(stream)["color"].shape[0])
    return count / (time.monotonic() - started), (time.process_time() - used) / count


def example_sheet(batch: dict[str, Any], *, edge: int = 192) -> np.ndarray:
    """A row per example: colours, line mix, exact hints and draft hints over the faded drawing; `uint8[H, W, 3]`."""
    rows = []
    for number in range(len(batch["color"])):
        color, line = np.asarray(batch["color"][number]), np.asarray(batch["line"][number])
        page = np.repeat(line, 3, axis=2)
        tiles = [color, page]
        for name in ("hint", "draft_hint"):
            hint = np.asarray(batch[name][number])
            faded = (192 + page.astype(np.uint16) // 4).astype(np.uint8)
            tiles.append(np.where(hint[..., 3:] > 0, hint[..., :3], faded))
        rows.append(np.hstack([fit_tile(tile, edge) for tile in tiles]))
    half = -(-len(rows) // 2)
    columns = [np.vstack(part) for part in (rows[:half], rows[half:]) if part]
    height = max(len(column) for column in columns)
    return np.hstack([np.pad(c, ((0, height - len(c)), (0, 0), (0, 0)), constant_values=160) for c in columns])
