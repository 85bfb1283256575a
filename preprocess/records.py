"""Shards: pictures with their lines and facts, in two file formats with the same content.

`*.tfrecord` is read by tf.data, `*.h5` by plain NumPy where TensorFlow is not installed. In HDF5 the encoded pictures
lie end to end in one byte array per field with an offset table, which is quick to read and the same for the same
content, byte for byte.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from s2p.errors import InputError

from . import storage
from .plan import SCHEMA
from .tfrecord import encode_file

INDEX = "index.json"
NO_FACE = (-1.0, -1.0, -1.0, -1.0)
UNKNOWN_PART = 255  # in `parts` of a picture of which nothing is known
SUFFIXES = {"tfrecord": ".tfrecord", "hdf5": ".h5"}
_BYTE_FIELDS = ("color", "lines", "regions", "parts", "garments")
_LATER_FIELDS = ("regions", "parts", "garments")  # missing in shards of earlier days
_TEXT_FIELDS = ("key", "sha256")


@dataclass(frozen=True)
class Record:
    """One picture in a shard.

    Attributes:
        key: name below the source folder; face crops end in `#face`.
        sha256: of the source file.
        color: the picture as an encoded file (JPEG, PNG or WebP), RGB.
        lines: PNG with one channel per flavour, `uint8[H, W, L]`, 255 = paper.
        height, width: int, of both.
        tags: Danbooru ids, sorted; empty where nothing is known.
        face: `(x, y, width, height)` as fractions from the top-left corner, or `NO_FACE`.
        regions: PNG `uint16[H, W]` with a number for each painted shape, 0 for bare paper; empty where that is not
            known, which it is of drawings of our own only.
        parts: PNG `uint8[H, W]` with what each pixel shows, numbered as in `preprocess.synthetic.parts`; empty where
            that is not known.
        garments: JSON object of tags of garments and the numbers of their parts, such as `{"red_dress": 16}`; empty
            where that is not known.
    """

    key: str
    sha256: str
    color: bytes
    lines: bytes
    height: int
    width: int
    tags: tuple[int, ...] = ()
    face: tuple[float, float, float, float] = NO_FACE
    regions: bytes = b""
    parts: bytes = b""
    garments: bytes = b""


@dataclass(frozen=True)
class Shard:
    """A finished shard, as the index lists it.

    Attributes:
        name: file name without extension.
        split: `train` or `eval`.
        count: int. Records in it.
        fingerprint: of the task that made it.
        files: by format: `{"name", "bytes", "sha256"}`.
        report: one dict per source picture: `{"key", "status", "reason"}`.
    """

    name: str
    split: str
    count: int
    fingerprint: str
    files: dict[str, dict[str, Any]]
    report: list[dict[str, Any]] = field(default_factory=list)


def encode_tfrecord(records: Sequence[Record]) -> bytes:
    """All records as a TFRecord file; features are named like the fields of `Record`."""
    return encode_file(
        {
            "key": record.key, "sha256": record.sha256, "color": record.color, "lines": record.lines,
            "height": record.height, "width": record.width, "tags": np.array(record.tags, np.int64),
            "face": [float(v) for v in record.face], "regions": record.regions,
            "parts": record.parts, "garments": record.garments,
        }
        for record in records
    )  # fmt: skip


def encode_hdf5(records: Sequence[Record], flavours: Sequence[str]) -> bytes:
    """All records as an HDF5 file."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["format"] = "s2p-shard"
        file.attrs["schema"] = SCHEMA
        file.attrs["flavours"] = json.dumps(list(flavours))
        for name in (*_BYTE_FIELDS, *_TEXT_FIELDS):
            values = [getattr(record, name) for record in records]
            _write_bytes(file, name, [_as_bytes(value) for value in values])
        file["size"] = np.array([(record.height, record.width) for record in records], np.int32).reshape(-1, 2)
        file["face"] = np.array([record.face for record in records], np.float32).reshape(-1, 4)
        lengths = [0, *np.cumsum([len(record.tags) for record in records])]
        file["tags/data"] = np.array([tag for record in records for tag in record.tags], np.int64)
        file["tags/offsets"] = np.array(lengths, np.int64)
    return buffer.getvalue()


def decode_hdf5(data: bytes, *, name: str = "shard") -> Iterator[Record]:
    """The records of an HDF5 shard, in order.

    Raises:
        InputError: it is not one of ours, or of a newer schema.
    """
    import h5py

    try:
        file = h5py.File(io.BytesIO(data), "r")
    except OSError:
        raise InputError(f"{name} is not an HDF5 file. Prepare the folder again.") from None
    with file:
        if file.attrs.get("format") != "s2p-shard":
            raise InputError(f"{name} is an HDF5 file, but not a shard of s2p.")
        check_schema(int(np.asarray(file.attrs["schema"])), name)
        size, face = _column(file, "size"), _column(file, "face")
        tags, tag_offsets = _column(file, "tags/data"), _column(file, "tags/offsets")
        fields = {field: _read_bytes(file, field) for field in ("color", "lines", *_TEXT_FIELDS)}
        for later in _LATER_FIELDS:
            fields[later] = _read_bytes(file, later) if later in file else [b""] * len(size)
    for row in range(len(size)):
        yield Record(
            key=fields["key"][row].decode("utf-8", "surrogateescape"), sha256=fields["sha256"][row].decode(),
            color=fields["color"][row], lines=fields["lines"][row], regions=fields["regions"][row],
            parts=fields["parts"][row], garments=fields["garments"][row],
            height=int(size[row, 0]), width=int(size[row, 1]),
            tags=tuple(int(tag) for tag in tags[tag_offsets[row] : tag_offsets[row + 1]]),
            face=(float(face[row, 0]), float(face[row, 1]), float(face[row, 2]), float(face[row, 3])),
        )  # fmt: skip


def read_hdf5(folder: str, split: str = "train") -> Iterator[dict[str, Any]]:
    """Reads decoded pictures with NumPy alone.

    Args:
        folder: where `prepare` wrote, path or URL, with HDF5 shards.
        split: `train` or `eval`.

    Yields:
        dicts with `key`, `sha256`, `color uint8[H, W, 3]` RGB, `lines uint8[H, W, L]` (255 = paper), `tags int64[N]`,
        `face float32[4]` (-1 where there is none), `regions int32[H, W]` (0 everywhere where nothing is known),
        `parts uint8[H, W]` (255 everywhere where nothing is known).

    Example:
        for example in read_hdf5("OUT"):
            train(example["lines"], example["color"])
    """
    index = read_index(folder)
    for shard in shards_of(index, split, "hdf5"):
        place = storage.join(folder, shard["name"])
        for record in decode_hdf5(storage.read_bytes(place), name=shard["name"]):
            yield decode(record)


def decode(record: Record) -> dict[str, Any]:
    """Decodes one record; see `read_hdf5`."""
    from PIL import Image

    lines = np.asarray(Image.open(io.BytesIO(record.lines)))
    regions = np.zeros((record.height, record.width), np.int32)
    if record.regions:
        regions = np.array(Image.open(io.BytesIO(record.regions))).astype(np.int32)
    parts = np.full((record.height, record.width), UNKNOWN_PART, np.uint8)
    if record.parts:
        parts = np.array(Image.open(io.BytesIO(record.parts)))
    return {
        "key": record.key,
        "sha256": record.sha256,
        "color": np.array(Image.open(io.BytesIO(record.color)).convert("RGB")),
        "lines": lines.reshape(record.height, record.width, -1).copy(),
        "tags": np.array(record.tags, np.int64),
        "face": np.array(record.face, np.float32),
        "regions": regions,
        "parts": parts,
    }


def encode_lines(lines: np.ndarray) -> bytes:
    """Encodes `uint8[H, W, L]` with 1 to 4 channels as a PNG of gray, gray + alpha, RGB or RGBA."""
    from PIL import Image

    if lines.ndim != 3 or not 1 <= lines.shape[2] <= 4 or lines.dtype != np.uint8:
        raise InputError(f"Lines must be uint8[H, W, 1 to 4]. Received: {lines.dtype}{list(lines.shape)}.")
    buffer = io.BytesIO()
    plane = lines[..., 0] if lines.shape[2] == 1 else lines
    # level 6 takes twice as long for 15 % fewer bytes
    Image.fromarray(np.ascontiguousarray(plane)).save(buffer, "png", compress_level=3)
    return buffer.getvalue()


def encode_regions(regions: np.ndarray) -> bytes:
    """Encodes region numbers `int32[H, W]` below 65536 as a 16-bit PNG."""
    from PIL import Image

    if regions.ndim != 2 or regions.min() < 0 or regions.max() > 65_535:
        raise InputError(f"Regions must be [H, W] with numbers below 65536. Received: {list(regions.shape)}.")
    buffer = io.BytesIO()
    Image.fromarray(regions.astype(np.uint16)).save(buffer, "png", compress_level=3)
    return buffer.getvalue()


def encode_parts(parts: np.ndarray) -> bytes:
    """Encodes part numbers `uint8[H, W]` as a gray PNG."""
    from PIL import Image

    if parts.ndim != 2 or parts.dtype != np.uint8:
        raise InputError(f"Parts must be uint8[H, W]. Received: {parts.dtype}{list(parts.shape)}.")
    buffer = io.BytesIO()
    Image.fromarray(parts).save(buffer, "png", compress_level=3)
    return buffer.getvalue()


def write_shard(
    folder: str, name: str, *, split: str, fingerprint: str, records: Sequence[Record], formats: Sequence[str],
    flavours: Sequence[str], report: list[dict[str, Any]],
) -> Shard:  # fmt: skip
    """Writes a shard in every format, then its description: whoever finds the description finds whole files."""
    files = {}
    for format in formats:
        data = encode_tfrecord(records) if format == "tfrecord" else encode_hdf5(records, flavours)
        file_name = name + SUFFIXES[format]
        storage.write_bytes(storage.join(folder, file_name), data)
        files[format] = {"name": file_name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    shard = Shard(name, split, len(records), fingerprint, files, report)
    storage.write_bytes(_state(folder, name), json.dumps(vars(shard), sort_keys=True).encode())
    return shard


def finished_shard(folder: str, name: str, fingerprint: str) -> Shard | None:
    """The shard if an earlier run finished it from the same pictures with the same settings."""
    try:
        shard = Shard(**json.loads(storage.read_bytes(_state(folder, name))))
    except (InputError, ValueError, TypeError):
        return None
    if shard.fingerprint != fingerprint:
        return None
    whole = all(storage.size_of(storage.join(folder, f["name"])) == f["bytes"] for f in shard.files.values())
    return shard if whole else None


def finished_shards(folder: str, tasks: Sequence[Any]) -> dict[int, Shard]:
    """Those of tasks (with name and fingerprint) that are finished, by the numbers of the tasks."""
    found = enumerate(finished_shard(folder, task.name, task.fingerprint) for task in tasks)
    return {number: shard for number, shard in found if shard is not None}


def write_index(folder: str, *, shards: Sequence[Shard], flavours: Sequence[str], settings: dict[str, Any]) -> None:
    """Writes `index.json`: schema, line flavours, settings, and every shard with its SHA-256."""
    listed = {
        split: [
            {"count": shard.count, "fingerprint": shard.fingerprint, "files": shard.files}
            for shard in shards
            if shard.split == split and shard.count
        ]
        for split in ("train", "eval")
    }
    index = {
        "format": "s2p-shards", "schema": SCHEMA, "flavours": list(flavours), "settings": settings,
        "counts": {split: sum(entry["count"] for entry in entries) for split, entries in listed.items()},
        "shards": listed,
    }  # fmt: skip
    text = json.dumps(index, indent=1, sort_keys=True) + "\n"
    storage.write_bytes(storage.join(folder, INDEX), text.encode())


def read_index(folder: str) -> dict[str, Any]:
    """Reads `index.json`.

    Raises:
        InputError: there is none, or it is of a newer schema.
    """
    try:
        index = json.loads(storage.read_bytes(storage.join(folder, INDEX)))
    except (InputError, ValueError):
        raise InputError(f"{folder} holds no finished shards. Make them: s2p prepare ART {folder}") from None
    if not isinstance(index, dict) or index.get("format") != "s2p-shards":
        raise InputError(f"{folder}: {INDEX} is not an index of s2p shards.")
    check_schema(index.get("schema"), INDEX)
    return index


def shards_of(index: dict[str, Any], split: str, format: str) -> list[dict[str, Any]]:
    """The files of one split in one format; raises `InputError` when the split or the format is not there."""
    entries = index["shards"].get(split)
    if entries is None:
        raise InputError(f"The split must be one of {', '.join(index['shards'])}. Received: {split!r}.")
    if any(format not in entry["files"] for entry in entries):
        raise InputError(f"These shards were not written as {format}. Prepare them again with --format {format}.")
    return [entry["files"][format] for entry in entries]


def check_schema(schema: Any, name: str) -> None:
    """Raises `InputError` for shards of another time; schema 1 had no regions and can be read."""
    if schema not in (1, SCHEMA):
        raise InputError(f"{name} has schema {schema}, this version reads 1 to {SCHEMA}. Prepare the folder again.")


def _state(folder: str, name: str) -> str:
    return storage.join(folder, "state", name + ".json")


def _write_bytes(file: Any, name: str, values: list[bytes]) -> None:
    file[f"{name}/data"] = np.frombuffer(b"".join(values), np.uint8)
    file[f"{name}/offsets"] = np.array([0, *np.cumsum([len(value) for value in values])], np.int64)


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value


def _column(file: Any, name: str) -> np.ndarray:
    if name not in file:
        raise InputError(f"A shard has no '{name}'; it is damaged. Prepare the folder again.")
    return np.asarray(file[name])


def _read_bytes(file: Any, name: str) -> list[bytes]:
    data, offsets = _column(file, f"{name}/data").tobytes(), _column(file, f"{name}/offsets")
    return [data[start:end] for start, end in pairwise(offsets)]
