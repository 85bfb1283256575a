"""The rooms of one server: made, found, deleted, limited in number and age. Knows no pictures and no networks.

Paths never come from a client: a room is an id of letters and digits that exists, a file is a name that matches a
pattern (`server/rooms.py`).
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import filelock

from s2p.errors import InputError, NotFoundError, OutputError
from s2p.files import read_object, write_whole

from .clock import SteadyClock
from .holdings import Holder, Holdings
from .records import described, read_record
from .rooms import FILE_NAME, MARK, PAINTING, ROOM_ID, STEP_ID, Room, clock_id, room_id

log = logging.getLogger(__name__)

LOCK = ".s2p.lock"
CLOCK = ".s2p-clock.json"
_OF_MARK = {"name": str, "width": int, "height": int, "sample": str, "owner": str, "household": str, "published": str,
            "is_guest": bool}
_MOST_STEPS = 2000  # of a room; whoever opens it is told of all
_REMEMBERED_ROOMS = 2000


class BusyFolderError(OutputError):
    """Another server works in this folder."""

    exit_code = 1  # it could be written well
    http_status = 503


def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


class Store:
    """The folders of one server.

    Args:
        base: the `server` folder; `game/rooms`, `game/samples` and `results` lie below it.
        aside: calls what is slow on a slow disk, so that a server can answer others meanwhile.
    """

    def __init__(self, base: Path, *, aside: Callable[..., Any] = _at_once) -> None:
        self.base = base
        self.game = base / "game"
        self.rooms_folder = self.game / "rooms"
        self.samples_folder = self.game / "samples"
        self.results_folder = base / "results"
        self._issued: OrderedDict[str, set[str]] = OrderedDict()
        self._used: dict[str, float] = {}  # seconds of a clock that nobody sets
        self.aside = aside
        self._holdings = Holdings()
        self._is_counted = False
        self._clock = SteadyClock(base / CLOCK)
        self._lock = filelock.FileLock(base / LOCK, thread_local=False)

    def create_folders(self) -> None:
        """Makes the folders that V3 makes at its start; raises `OutputError`."""
        try:
            for folder in (self.rooms_folder, self.results_folder):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"The folder {folder} cannot be made: {error.strerror}. Check its rights.") from error

    def lock(self) -> None:
        """Keeps the folders for this process until it ends: two servers would give out the same numbers.

        Raises: `BusyFolderError` where another one works here.
        """
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise BusyFolderError(
                f"Another server works in {self.base} already. Use its page, stop it, or give this one a folder of its "
                "own with --data FOLDER."
            ) from None
        except (OSError, NotImplementedError) as error:  # a disk that is read-only, or knows no locks
            log.warning("%s cannot be locked (%s); start no second server on it", self.base, error)

    def unlock(self) -> None:
        self._lock.release()

    # Rooms

    def new_room(self, *, holder: Holder | None = None, sample: str | None = None) -> tuple[Room, str]:
        """Makes an empty room.

        Args:
            holder: who makes it, and may delete it.
            sample: name of the sample that it begins with.

        Returns: `(room, id of its first step)`; both tell the same second.
        """
        moment = time.localtime()
        room = Room(name := room_id(moment), self.rooms_folder / name)
        holder = holder or Holder()
        record = {"created": time.time(), **asdict(holder), "sample": sample}
        try:
            room.folder.mkdir()
            write_whole(room.file(MARK), json.dumps({key: value for key, value in record.items() if value}).encode())
            self._holdings.add(room.id, holder)
            return room, self.new_step(room, moment)
        except OSError as error:
            raise OutputError(f"A new room cannot be made: {(error.strerror or str(error)).lower()}.") from error

    def room(self, room: str) -> Room:
        """The room with this id; raises `InputError` for a malformed id, `NotFoundError` for one that is not there."""
        if not isinstance(room, str) or not ROOM_ID.fullmatch(room):
            raise InputError("A room id consists of letters and digits only.")
        folder = self.rooms_folder / room
        if folder.is_symlink() or not folder.is_dir():
            raise NotFoundError(f"There is no room {room}. It may have expired; upload the sketch again.")
        return Room(room, folder)

    def delete(self, room: Room) -> None:
        """Deletes a room; raises `OutputError` where that is not possible, and then all of it is still there.

        Of a guest's room the copies among the results go, too: by them he could fill the disk.
        """
        is_guests = self.mark(room).get("is_guest") is True
        doomed = room.folder.with_name(f".deleted-{secrets.token_hex(8)}")
        try:
            room.folder.rename(doomed)  # so that nobody meets half a room
        except FileNotFoundError:
            log.debug("room %s was gone already", room.id)
        except OSError as error:
            raise OutputError(f"The room cannot be deleted: {(error.strerror or str(error)).lower()}.") from error
        self._issued.pop(room.id, None)
        self._used.pop(room.id, None)
        self._holdings.remove(room.id)
        self.aside(shutil.rmtree, doomed, True)
        if is_guests:
            self.aside(_delete_copies, self.results_folder, room.id)

    def discard(self, room: Room) -> None:
        """Deletes a room that has come to nothing; what stopped it is to be told, not that it cannot be deleted."""
        try:
            self.delete(room)
        except OutputError as error:
            log.warning("the rest of a room stays: %s", error)

    def use(self, room: Room) -> None:
        """Notes that somebody works in the room, which keeps it from expiring."""
        self._used[room.id] = time.monotonic()
        self._holdings.use(room.id)
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
        there = {part for name in self.aside(os.listdir, room.folder) for part in name.split(".")[1:-1]}
        if len(there) > _MOST_STEPS:
            raise OutputError(f"The room {room.id} is full: it holds {_MOST_STEPS} pictures. Start a new one.")
        taken = issued | there
        seconds = time.mktime(moment or time.localtime())
        for later in range(86_400):
            step = clock_id(time.localtime(seconds + later))
            if step not in taken:
                issued.add(step)
                return step
        raise OutputError(f"The room {room.id} is full. Start a new one.")

    # What a room holds

    def file(self, room: Room, name: str) -> Path:
        """A picture of a room by its whitelisted name."""
        if not FILE_NAME.fullmatch(name) or not room.has(name):
            raise NotFoundError("There is no such picture in this room.")
        return room.file(name)

    def mark(self, room: Room) -> dict[str, Any]:
        """What was remembered about a room; an entry of the wrong type is left out."""
        data = read_object(room.file(MARK))
        return {key: value for key, value in data.items() if isinstance(value, _OF_MARK.get(key, object))}

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
                yield self.described(room, step)
            except InputError:  # it hides itself only
                log.info("room %s: the description of %s cannot be read", room.id, step)

    def described(self, room: Room, step: str) -> dict[str, Any]:
        """The description of one painting, with the number of its hints (`hints_count`) in place of them."""
        return described(*self._record_of(room, step))

    def result(self, room: Room, step: str) -> dict[str, Any]:
        """The description of one painting, hints included."""
        return read_record(*self._record_of(room, step))

    def _record_of(self, room: Room, step: str) -> tuple[Path, str, float | None]:
        """The file that describes a painting, its step, and of one by V3's client when it was made."""
        if not STEP_ID.fullmatch(step) or not room.has(f"result.{step}.jpg"):
            raise NotFoundError("There is no such result in this room.")
        if room.has(f"result.{step}.json"):
            return room.file(f"result.{step}.json"), step, None
        if not room.has(f"options.{step}.json"):
            raise NotFoundError("There is no such result in this room.")
        return room.file(f"options.{step}.json"), step, room.file(f"result.{step}.jpg").stat().st_mtime

    def forget(self, room: Room, step: str, *, kinds: Collection[str] = PAINTING) -> None:
        """Deletes one painting of a room, finished or not, with everything that belongs to it."""
        try:
            for entry in os.scandir(room.folder):
                parts = entry.name.lstrip(".").split(".")
                if parts[0] in kinds and parts[1:2] == [step] and entry.is_file(follow_symlinks=False):
                    Path(entry.path).unlink(missing_ok=True)
        except OSError as error:  # the room was deleted meanwhile, or cannot be written
            log.info("room %s: a painting is not cleared away (%s)", room.id, error.strerror)

    # Age and number

    def free_bytes(self) -> int:
        return min(shutil.disk_usage(folder).free for folder in (self.rooms_folder, self.results_folder))

    def guest_rooms(self, household: str) -> list[str]:
        """Rooms that were made from this address, if it is another computer's, the longest unused first."""
        if not self._is_counted:
            self._count()
        return [name for name, holder in self._holdings if holder.is_guest and holder.household == household]

    def check_space(self, min_free_megabytes: float) -> None:
        """Raises `OutputError` when the disk is nearly full."""
        free = self.free_bytes()
        if free < min_free_megabytes * 1_000_000:
            raise OutputError(
                f"Only {free // 1_000_000} MB are free on the server's disk; {min_free_megabytes:g} MB are kept free. "
                "Delete old rooms or results."
            )

    def make_place(self, max_rooms: int, holder: Holder, *, busy: Collection[str] = ()) -> None:
        """Makes place for one room more: where there may be no more, rooms of whoever makes it go, if there are any."""
        if max_rooms and not self._is_counted:
            self._count()
        self._delete_excess(max_rooms - 1 if max_rooms else 0, holder, busy)

    def clean(self, *, max_rooms: int, max_days: float, busy: Collection[str] = ()) -> list[str]:
        """Deletes this server's rooms that are too old or too many, none of those in `busy`.

        Of a room that was used since the start the age is that since its last use, whatever the clock says.

        Returns: their ids.
        """
        marked = self._count()
        oldest = self._clock.now(leap=max_days * 86_400 / 4) - max_days * 86_400
        oldest_use = time.monotonic() - max_days * 86_400
        doomed = [
            name for name, last in marked.items() if max_days and name not in busy
            and (self._used[name] < oldest_use if name in self._used else last < oldest)
        ]
        for name in doomed:
            self.delete(Room(name, self.rooms_folder / name))
        doomed += self._delete_excess(max_rooms, None, busy)
        for rest in self.rooms_folder.glob(".deleted-*"):
            self.aside(shutil.rmtree, rest, True)
        if doomed:
            log.info("%d expired rooms deleted", len(doomed))
        return doomed

    def _count(self) -> dict[str, float]:
        """Looks which rooms there are; returns when each was last used, by the clock of the computer."""
        found = self.aside(_marked_rooms, self.rooms_folder)
        seen = {name for name, _, _ in found}
        made_meanwhile = [(name, holder) for name, holder in self._holdings if name not in seen]
        found += [(name, time.time(), holder) for name, holder in made_meanwhile if self._is_marked(name)]
        self._used = {name: self._used[name] for name, _, _ in found if name in self._used}
        used = self._used
        found.sort(key=lambda one: (one[0] in used, used.get(one[0], one[1])))
        self._holdings.fill((name, holder) for name, _, holder in found)
        self._is_counted = True
        return {name: last for name, last, _ in found}

    def _is_marked(self, name: str) -> bool:
        return Room(name, self.rooms_folder / name).has(MARK)

    def _delete_excess(self, most: int, maker: Holder | None, busy: Collection[str]) -> list[str]:
        doomed: list[str] = []
        while most and len(self._holdings) > most:
            name = self._holdings.next_to_go(maker, busy=busy)
            if name is None:
                break
            self.delete(Room(name, self.rooms_folder / name))
            doomed.append(name)
        return doomed


def _delete_copies(results: Path, room: str) -> None:
    for path in results.glob(f"{room}.*"):
        path.unlink(missing_ok=True)


def _marked_rooms(folder: Path) -> list[tuple[str, float, Holder]]:
    """This server's rooms: name, time of the last use by the clock of the computer, and who made it."""
    found = []
    for entry in os.scandir(folder):
        mark = Path(entry.path) / MARK
        try:
            if entry.is_dir(follow_symlinks=False) and ROOM_ID.fullmatch(entry.name) and mark.is_file():
                data, last = read_object(mark), mark.stat().st_mtime
                names = (str(data.get(key) or "") for key in ("owner", "household"))
                holder = Holder(*names, is_guest=data.get("is_guest") is True)
                found.append((entry.name, last, holder))
        except OSError as error:  # it is being deleted
            log.debug("room %s is not counted: %s", entry.name, error)
    return found
