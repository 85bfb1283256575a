"""What killed processes have not finished: parts of files, paintings without a picture, rooms with nothing."""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from pathlib import Path

from .rooms import MARK, V3_PAINTING, Room
from .store import Store

log = logging.getLogger(__name__)

_PART = re.compile(r"\.s2p-[0-9a-f]{16}(?:\.part|-.+)")  # as `s2p.files` names what it has not put into place yet
_OPTIONS = re.compile(r"options\.([A-Za-z0-9]{1,32})\.json")
_PART_SECONDS = 3600.0  # no file takes as long to be written


def clear_rests(store: Store) -> None:
    """Clears away all of it, before anybody works in the store."""
    clear_parts(store, seconds=0.0)
    for folder in _folders(store.rooms_folder):
        try:
            folder.rmdir()  # a room that has not even its mark
        except OSError:
            if (folder / MARK).is_file():
                _forget_unfinished(store, Room(folder.name, folder))


def clear_parts(store: Store, *, seconds: float = _PART_SECONDS) -> None:
    """Deletes parts of files that are at least so old; what cannot be deleted stays."""
    newest = time.time() - seconds
    samples = _folders(store.samples_folder) if store.samples_folder.is_dir() else []
    for folder in (store.base, store.results_folder, store.samples_folder, *samples, *_folders(store.rooms_folder)):
        try:
            for entry in os.scandir(folder):
                if not _PART.fullmatch(entry.name) or entry.stat(follow_symlinks=False).st_mtime > newest:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)
        except OSError as error:
            log.debug("parts of files stay in %s: %s", folder.name, error)


def _folders(parent: Path) -> list[Path]:
    return [Path(entry.path) for entry in os.scandir(parent) if entry.is_dir(follow_symlinks=False)]


def _forget_unfinished(store: Store, room: Room) -> None:
    """A painting that was asked for and has no picture; in the rooms of V3, which have no mark, everything stays."""
    names = set(os.listdir(room.folder))
    for name in names:
        match = _OPTIONS.fullmatch(name)
        if match and f"result.{match[1]}.jpg" not in names:
            store.forget(room, match[1], kinds=V3_PAINTING)
