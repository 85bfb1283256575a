"""One folder of shards out of several, for trainings on art and on drawings of our own together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from s2p.errors import InputError

from . import storage
from .records import Shard, read_index, shards_of, write_index


def join_folders(folders: Sequence[str], output: str) -> dict[str, int]:
    """Copies the shards of folders into one and lists them together.

    Args:
        folders: with the same number of line flavours and the same way to store colours. The names of the flavours may
            differ: a channel of lines then is called by all of its names, such as `xdog|drawn`.
        output: folder or URL; it must not be one of them.

    Returns:
        Number of pictures by split.

    Raises:
        InputError: the folders do not fit together, or a shard is damaged.
    """
    indexes = [read_index(folder) for folder in folders]
    _check(folders, indexes, output)
    formats = [name for name in ("tfrecord", "hdf5") if all(_has(index, name) for index in indexes)]
    if not formats:
        raise InputError("The folders have no format in common. Prepare them again with --format tfrecord,hdf5.")
    shards: list[Shard] = []
    for number, (folder, index) in enumerate(zip(folders, indexes)):
        for split, entries in index["shards"].items():
            for entry in entries:
                files = {name: _copy(folder, output, entry["files"][name], prefix=f"part{number}-") for name in formats}
                stem = next(iter(files.values()))["name"].rpartition(".")[0]
                shards.append(Shard(stem, split, entry["count"], entry["fingerprint"], files))
    flavours = ["|".join(dict.fromkeys(names)) for names in zip(*(index["flavours"] for index in indexes))]
    settings = {"joined": [index["settings"] for index in indexes], "color_format": _color_format(indexes[0])}
    write_index(output, shards=shards, flavours=flavours, settings=settings)
    return {split: sum(shard.count for shard in shards if shard.split == split) for split in ("train", "eval")}


def _check(folders: Sequence[str], indexes: Sequence[dict[str, Any]], output: str) -> None:
    if output.rstrip("/") in {folder.rstrip("/") for folder in folders}:
        raise InputError(f"The target must be a folder of its own. Received: {output}, which is one of the sources.")
    counts = {len(index["flavours"]) for index in indexes}
    if len(counts) > 1:
        described = "; ".join(f"{folder}: {', '.join(index['flavours'])}" for folder, index in zip(folders, indexes))
        raise InputError(f"All folders must have the same number of line flavours. Received: {described}.")
    if len({_color_format(index) for index in indexes}) > 1:
        raise InputError("All folders must store their colours in one format; prepare them with the same --color.")


def _color_format(index: dict[str, Any]) -> str:
    return index["settings"].get("color_format", "jpeg")


def _has(index: dict[str, Any], name: str) -> bool:
    try:
        return all(shards_of(index, split, name) is not None for split in index["shards"])
    except InputError:
        return False


def _copy(folder: str, output: str, file: dict[str, Any], *, prefix: str) -> dict[str, Any]:
    name = prefix + file["name"]
    target = storage.join(output, name)
    if storage.size_of(target) == file["bytes"] and _hash(target) == file["sha256"]:
        return {**file, "name": name}
    data = storage.read_bytes(storage.join(folder, file["name"]))
    if hashlib.sha256(data).hexdigest() != file["sha256"]:
        raise InputError(f"{folder}: {file['name']} is damaged. Delete it and prepare the folder again.")
    storage.write_bytes(target, data)
    return {**file, "name": name}


def _hash(place: str) -> str:
    return hashlib.sha256(storage.read_bytes(place)).hexdigest()
