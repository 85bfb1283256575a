"""V3's samples: rooms that a server shows to everybody, copied into a room of one's own or saved from one."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from s2p.errors import InputError, NotFoundError, OutputError
from s2p.files import write_whole, written_whole

from .holdings import Holder
from .rooms import MARK, ROOM_ID, SKETCHES, STEP_ID, Room, room_id
from .store import Store

_MOST_SAMPLES = 1000


def names(store: Store) -> list[str]:
    """Names of V3's sample rooms, sorted; whatever lies in `game/samples` may be named by a client."""
    if not store.samples_folder.is_dir():
        return []
    return sorted(entry.name for entry in os.scandir(store.samples_folder)
                  if entry.is_dir() and not entry.name.startswith("."))


def folder_of(store: Store, name: str) -> Path:
    """The folder of a sample; raises `NotFoundError`."""
    if name not in names(store):
        raise NotFoundError("There is no sample of this name.")
    return store.samples_folder / name


def clone(store: Store, name: str, *, holder: Holder | None = None) -> tuple[Room, str]:
    """A new room with the files of a sample."""
    source = folder_of(store, name)
    room, step = store.new_room(holder=holder, sample=name)
    try:
        found = [entry.name for entry in os.scandir(source) if entry.is_file() and not entry.name.startswith(".")]
        store.aside(_copy, source, {name: name for name in found}, room.folder)
    except OSError as error:
        store.discard(room)
        raise OutputError(f"The sample cannot be copied: {(error.strerror or str(error)).lower()}.") from error
    return room, step


def save(store: Store, room: Room, step: str) -> Path:
    """Keeps a room's sketches and one painting as a sample; returns its folder.

    Its name has the form of a room's id but is another one: V3 takes the room's own, which hands out the key to it.
    """
    if not STEP_ID.fullmatch(step):
        raise InputError("A step id consists of letters and digits only.")
    copied = {f"sketch.{kind}.jpg": f"sketch.{kind}.jpg" for kind in SKETCHES}
    for kind in ("result", "reference", "icon", "composition"):
        copied[f"{kind}.sample.jpg"] = f"{kind}.{step}.jpg"
    if not room.has(copied["composition.sample.jpg"]):  # V3's client waits for one
        copied["composition.sample.jpg"] = f"result.{step}.jpg"
    copied["options.sample.json"] = f"options.{step}.json"
    mark = store.mark(room)
    name = mark.get("published", "")
    name = name if ROOM_ID.fullmatch(name) else room_id(time.localtime())
    target = store.samples_folder / name
    try:
        write_whole(room.file(MARK), json.dumps({**mark, "published": name}).encode())
        store.samples_folder.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            store.aside(_copy, room.folder, copied, target)
        elif len(names(store)) >= _MOST_SAMPLES:
            raise OutputError(f"This server keeps {_MOST_SAMPLES} samples already. Delete some in game/samples.")
        else:
            with written_whole(target) as folder:  # nobody is shown half a sample
                folder.mkdir()
                store.aside(_copy, room.folder, copied, folder)
    except OSError as error:
        raise OutputError(f"The sample cannot be saved: {(error.strerror or str(error)).lower()}.") from error
    return target


def _copy(source: Path, names: dict[str, str], target: Path) -> None:
    """Copies what is there of these files, each named by its new name."""
    for name, former in names.items():
        if (source / former).is_file():
            with (source / former).open("rb") as file:
                write_whole(target / name, file)
