"""Whose rooms there are, and which one has to go where there are too many."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Holder:
    """Whoever makes rooms; neither name tells anybody's address or cookie.

    Attributes:
        owner: who may delete them, a session.
        household: the address that they were made from; anybody has as many sessions as he likes, but one of these.
        is_guest: whether that is another computer's.
    """

    owner: str = ""
    household: str = ""
    is_guest: bool = False


class Holdings:
    """All rooms by their last use, the longest ago first, and who holds them."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, Holder] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rooms)

    def __iter__(self) -> Iterator[tuple[str, Holder]]:
        return iter(self._rooms.items())

    def fill(self, rooms: Iterable[tuple[str, Holder]]) -> None:
        """Takes other rooms for all there are, in their order."""
        self._rooms = OrderedDict(rooms)

    def add(self, room: str, holder: Holder) -> None:
        self._rooms[room] = holder

    def use(self, room: str) -> None:
        if room in self._rooms:
            self._rooms.move_to_end(room)

    def remove(self, room: str) -> None:
        self._rooms.pop(room, None)

    def next_to_go(self, maker: Holder | None = None, *, busy: Collection[str] = ()) -> str | None:
        """The room that makes place for another one: never somebody else's while the maker has one.

        It is the longest unused one of the maker's session, else of the maker's address, else of whoever holds most;
        of an address, of the session that holds most of it.

        Args:
            maker: who makes another room; None for nobody, where there are too many.
            busy: rooms that stay.
        """
        free = {room: holder for room, holder in self._rooms.items() if room not in busy}
        if maker is not None:
            own = [room for room, holder in free.items() if maker.owner and holder.owner == maker.owner]
            if own:
                return own[0]
            near = {room: holder for room, holder in free.items() if holder.household == maker.household}
            free = near if near and maker.household else free
        for name in ("household", "owner"):
            held = Counter(getattr(holder, name) for holder in free.values())
            most = max(held, key=held.__getitem__, default=None)
            free = {room: holder for room, holder in free.items() if getattr(holder, name) == most}
        return next(iter(free), None)
