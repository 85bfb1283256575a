"""Rooms on disk: names, files, limits and age. Knows no pictures and no networks.

The layout is that of Style2Paints V3 (`game/rooms/<room>/sketch.original.jpg`, `result.<id>.jpg`, ...), so rooms move
between the two. What is ours lies beside it: `result.<id>.json` describes a painting of the own interface, and names
that begin with a dot are internal and never served. Paths never come from a client: a room is an id of letters and
digits that exists, a file is a name that matches a pattern.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
import secrets
import shutil
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s2p.errors import InputError, NotFoundError, OutputError
from s2p.files import write_whole
from s2p.schema import METHODS

log = logging.getLogger(__name__)

ROOM_ID = re.compile(r"[A-Za-z0-9]{1,64}")
STEP_ID = re.compile(r"[A-Za-z0-9]{1,32}")
SKETCHES = ("original", "improved", *METHODS, "de_painting")
FILE_NAME = re.compile(
    rf"sketch\.(?:{'|'.join(SKETCHES)})\.jpg"
    r"|(?:result|composition|draft|reference|icon|drawn)\.[A-Za-z0-9]{1,32}\.(?:jpg|png)"
    r"|choice\.[A-Za-z0-9]{1,32}\.[1-6]\.jpg|regions\.[0-9a-f]{16}\.png"
)
# What a painting leaves in its room, with its step as the middle of the name; a leading dot is left out.
_PAINTING = ("result", "composition", "draft", "icon", "options", "lines", "colours", "pen", "export")
MARK = ".s2p.json"
UPLOAD = ".upload"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_REMEMBERED_ROOMS = 2000


def clock_id(moment: time.struct_time) -> str:
    """V3's id of a step, `H22M05S41`."""
    return f"H{moment.tm_hour:02d}M{moment.tm_min:02d}S{moment.tm_sec:02d}"


def room_time(room: str) -> str | None:
    """The `H..M..S..` part of a room id, or None where a room is named differently."""
    match = re.match(r"[A-Za-z]{3}\d{2}(H\d{2}M\d{2}S\d{2})R", room)
    return match[1] if match else None


@dataclass(frozen=True)
class Room:
    """A room that exists: its id and its folder."""

    id: str
    folder: Path

    def file(self, name: str) -> Path:
        return self.folder / name

    def has(self, name: str) -> bool:
        return (self.folder / name).is_file()


class Store:
    """The folders of one server.

    Args:
        base: the `server` folder; `game/rooms`, `game/samples` and `results` lie below it.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self.game = base / "game"
        self.rooms_folder = self.game / "rooms"
        self.samples_folder = self.game / "samples"
        self.results_folder = base / "results"
        self._issued: OrderedDict[str, set[str]] = OrderedDict()

    def create_folders(self) -> None:
        """Makes the folders that V3 makes at its start; raises `OutputError`."""
        try:
            for folder in (self.rooms_folder, self.results_folder):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"The folder {folder} cannot be made: {error.strerror}. Check its rights.") from error

    # Rooms

    def new_room(self, *, random_digits: int = 3, mark: dict[str, Any] | None = None) -> tuple[Room, str]:
        """Makes an empty room.

        Args:
            random_digits: int. 3 gives ids of exactly V3's shape; more make them impossible to guess.
            mark: what to remember about the room.

        Returns: `(room, id of its first step)`; both tell the same second.
        """
        moment = time.localtime()
        stamp = f"{_MONTHS[moment.tm_mon - 1]}{moment.tm_mday:02d}{clock_id(moment)}"
        try:
            for _ in range(5000):
                number = random.randint(100, 998) if random_digits == 3 else secrets.randbelow(9 * 10**random_digits)
                room = Room(f"{stamp}R{number}", self.rooms_folder / f"{stamp}R{number}")
                try:
                    room.folder.mkdir()
                except FileExistsError:
                    continue
                record = {"created": time.time(), **(mark or {})}
                write_whole(room.file(MARK), json.dumps(record).encode())
                return room, self.new_step(room, moment)
        except OSError as error:
            raise OutputError(f"A new room cannot be made: {(error.strerror or str(error)).lower()}.") from error
        raise OutputError("No room id is free in this second. Try again.")

    def room(self, room: str) -> Room:
        """The room with this id; raises `InputError` for a malformed id, `NotFoundError` for one that is not there."""
        if not isinstance(room, str) or not ROOM_ID.fullmatch(room):
            raise InputError("A room id consists of letters and digits only.")
        folder = self.rooms_folder / room
        if folder.is_symlink() or not folder.is_dir():
            raise NotFoundError(f"There is no room {room}. It may have expired; upload the sketch again.")
        return Room(room, folder)

    def delete(self, room: Room) -> None:
        shutil.rmtree(room.folder, ignore_errors=True)
        self._issued.pop(room.id, None)

    def use(self, room: Room) -> None:
        """Notes that somebody works in the room, which keeps it from expiring."""
        try:
            os.utime(room.file(MARK))
        except OSError:
            log.debug("room %s carries no mark", room.id)

    def new_step(self, room: Room, moment: time.struct_time | None = None) -> str:
        """A step id of V3's shape that is unique in this room: the clock's, or the next free second's."""
        issued = self._issued.setdefault(room.id, set())
        self._issued.move_to_end(room.id)
        while len(self._issued) > _REMEMBERED_ROOMS:
            self._issued.popitem(last=False)
        taken = issued | {part for name in os.listdir(room.folder) for part in name.split(".")[1:-1]}
        seconds = time.mktime(moment or time.localtime())
        for later in range(86_400):
            step = clock_id(time.localtime(seconds + later))
            if step not in taken:
                issued.add(step)
                return step
        raise OutputError(f"The room {room.id} is full. Start a new one.")

    # Samples (V3's)

    def sample_names(self) -> list[str]:
        """Names of V3's sample rooms, sorted; whatever lies in `game/samples` may be named by a client."""
        if not self.samples_folder.is_dir():
            return []
        return sorted(entry.name for entry in os.scandir(self.samples_folder)
                      if entry.is_dir() and not entry.name.startswith("."))

    def sample(self, name: str) -> Path:
        if name not in self.sample_names():
            raise NotFoundError("There is no sample of this name.")
        return self.samples_folder / name

    def clone_sample(self, name: str, *, random_digits: int = 3) -> tuple[Room, str]:
        """A new room with the files of a sample."""
        source = self.sample(name)
        room, step = self.new_room(random_digits=random_digits, mark={"sample": name})
        try:
            for entry in os.scandir(source):
                if entry.is_file() and not entry.name.startswith("."):
                    shutil.copyfile(entry.path, room.file(entry.name))
        except OSError as error:
            self.delete(room)
            raise OutputError(f"The sample cannot be copied: {(error.strerror or str(error)).lower()}.") from error
        return room, step

    def save_as_sample(self, room: Room, step: str) -> None:
        """Keeps a room's sketches and one painting as a sample, under the room's id, as V3 does."""
        if not STEP_ID.fullmatch(step):
            raise InputError("A step id consists of letters and digits only.")
        names = {f"sketch.{kind}.jpg": f"sketch.{kind}.jpg" for kind in SKETCHES}
        for kind in ("result", "reference", "icon", "composition"):
            names[f"{kind}.{step}.jpg"] = f"{kind}.sample.jpg"
        names[f"options.{step}.json"] = "options.sample.json"
        target = self.samples_folder / room.id
        try:
            target.mkdir(parents=True, exist_ok=True)
            for source, name in names.items():
                if room.has(source):
                    write_whole(target / name, room.file(source).read_bytes())
        except OSError as error:
            raise OutputError(f"The sample cannot be saved: {(error.strerror or str(error)).lower()}.") from error

    # What a room holds

    def file(self, room: Room, name: str) -> Path:
        """A picture of a room by its whitelisted name."""
        if not FILE_NAME.fullmatch(name) or not room.has(name):
            raise NotFoundError("There is no such picture in this room.")
        return room.file(name)

    def mark(self, room: Room) -> dict[str, Any]:
        return read_json(room.file(MARK)) or {}

    def results(self, room: Room) -> Iterator[dict[str, Any]]:
        """Descriptions of all paintings of a room, oldest first; those of V3's own client are read from its options."""
        found = []
        for path in room.folder.glob("options.*.json"):
            step = path.name.split(".")[1]
            picture = room.file(f"result.{step}.jpg")
            if STEP_ID.fullmatch(step) and picture.is_file():
                found.append((picture.stat().st_mtime, step))
        for _, step in sorted(found):
            try:
                yield self.result(room, step)
            except InputError:
                log.info("room %s: the description of %s cannot be read", room.id, step)

    def result(self, room: Room, step: str) -> dict[str, Any]:
        """The description of one painting, hints included."""
        if not STEP_ID.fullmatch(step) or not room.has(f"result.{step}.jpg"):
            raise NotFoundError("There is no such result in this room.")
        record = read_json(room.file(f"result.{step}.json"))
        if record is not None:
            return record
        options = read_json(room.file(f"options.{step}.json"))
        if options is None:
            raise NotFoundError("There is no such result in this room.")
        return _from_options(options, step, room.file(f"result.{step}.jpg").stat().st_mtime)

    def forget(self, room: Room, step: str) -> None:
        """Deletes one painting of a room with everything that belongs to it."""
        for entry in os.scandir(room.folder):
            parts = entry.name.lstrip(".").split(".")
            if len(parts) > 2 and parts[0] in _PAINTING and parts[1] == step and entry.is_file(follow_symlinks=False):
                Path(entry.path).unlink(missing_ok=True)

    # Age and number

    def check_space(self, min_free_megabytes: float) -> None:
        """Raises `OutputError` when the disk is nearly full."""
        free = shutil.disk_usage(self.base).free
        if free < min_free_megabytes * 1_000_000:
            raise OutputError(
                f"Only {free // 1_000_000} MB are free on the server's disk; {min_free_megabytes:g} MB are kept free. "
                "Delete old rooms or results."
            )

    def clean(self, *, max_rooms: int, max_days: float, busy: Collection[str] = ()) -> list[str]:
        """Deletes this server's rooms that are too old or too many, never a room that is in use. Returns their ids."""
        marked = []
        for entry in os.scandir(self.rooms_folder):
            mark = Path(entry.path) / MARK
            if entry.is_dir(follow_symlinks=False) and ROOM_ID.fullmatch(entry.name) and mark.is_file():
                marked.append((mark.stat().st_mtime, entry.name))
        marked.sort(reverse=True)
        oldest = time.time() - max_days * 86_400
        doomed = [
            name for position, (used, name) in enumerate(marked)
            if name not in busy and ((max_rooms and position >= max_rooms) or (max_days and used < oldest))
        ]
        for name in doomed:
            self.delete(Room(name, self.rooms_folder / name))
        if doomed:
            log.info("%d expired rooms deleted", len(doomed))
        return doomed


def read_json(path: Path) -> Any:
    """The JSON in a file, or None if there is none that can be read."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _from_options(options: Any, step: str, created: float) -> dict[str, Any]:
    from s2p.schema import options_from_v3

    parsed, hints, has_reference = options_from_v3(options)
    return {
        "id": step, "created": created, "method": parsed.method, "mix": parsed.mix, "line_color": parsed.line_color,
        "zoom": None, "super_resolution": None, "reference": step if has_reference else None,
        "hints": hints.to_data()["hints"], "seconds": None, "untrained": [],
    }
