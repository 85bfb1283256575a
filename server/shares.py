"""How much of the disk one address may take: a share of what is left, so that nobody fills it for all.

Only guests have one, who come from another computer: whoever owns this one may fill it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from pathlib import Path

from s2p.errors import OutputError

from .rooms import Room
from .store import Store

SHARE = 0.25  # of what is free and what the address has taken of it, together
LEAST_BYTES = 250_000_000  # a few dozen drawings, however full the disk is
LOOKED_SECONDS = 10.0  # so often a household is looked at; to add up its files takes a while
_REMEMBERED = 1000


class Shares:
    """Keeps the households of guests within their share.

    Args:
        store: the rooms.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked: dict[str, float] = {}  # seconds of a clock that nobody sets

    def keep(self, household: str, *, kept_free: float, busy: Collection[str] = ()) -> None:
        """Deletes the longest unused rooms of a household that has more than its share.

        Args:
            household: as rooms remember it (`Holder.household`).
            kept_free: bytes of the disk that are nobody's.
            busy: rooms that stay.

        Raises:
            OutputError: what has to stay is too much already.
        """
        now = time.monotonic()
        if now - self._looked.get(household, -LOOKED_SECONDS) < LOOKED_SECONDS:
            return
        names = self._store.guest_rooms(household)
        sizes = self._store.aside(_sizes, self._store.rooms_folder, self._store.results_folder, names)
        taken = sum(sizes.values())
        allowed = max(LEAST_BYTES, SHARE * (max(0.0, self._store.free_bytes() - kept_free) + taken))
        for name in names:
            if taken <= allowed:
                break
            if name not in busy:
                self._store.delete(Room(name, self._store.rooms_folder / name))
                taken -= sizes[name]
        if taken > allowed:
            raise OutputError(
                f"Drawings from your address take {taken / 1e6:.0f} MB of the server's disk, and may take "
                f"{allowed / 1e6:.0f} MB. Wait until your jobs have ended, and delete this drawing or begin a new one."
            )
        if len(self._looked) >= _REMEMBERED:
            self._looked.clear()
        self._looked[household] = now


def _sizes(rooms: Path, results: Path, names: Collection[str]) -> dict[str, int]:
    """Bytes of these rooms, copies of their paintings among the results included."""
    sizes = {name: _size(rooms / name) + _size(rooms / name / "cache") for name in names}
    for entry in os.scandir(results):
        name = entry.name.partition(".")[0]
        if name in sizes:
            sizes[name] += entry.stat(follow_symlinks=False).st_size
    return sizes


def _size(folder: Path) -> int:
    total = 0
    try:
        for entry in os.scandir(folder):
            total += entry.stat(follow_symlinks=False).st_size
    except OSError:  # it is being deleted, or a file of it was a moment ago
        return total
    return total
