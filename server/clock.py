"""The time by which rooms grow old, which believes no clock that jumps."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

from s2p.errors import OutputError
from s2p.files import write_whole

log = logging.getLogger(__name__)

_SLACK_SECONDS = 60.0


class SteadyClock:
    """Goes on as fast as time passes, and only at its first look by a leap, for when the server was not running.

    A clock that is set wrong for a while then makes no room old. It may lag behind; that keeps rooms for longer.

    Args:
        path: file that remembers the time between two starts.
        wall, ticks: the clocks it looks at, in seconds.
    """

    def __init__(
        self, path: Path, *, wall: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._path, self._wall, self._ticks = path, wall, ticks
        self._last: tuple[float, float] | None = None  # what it said, and the ticks then

    def now(self, *, leap: float) -> float:
        """Seconds since 1970.

        Args:
            leap: most seconds that are believed to have passed between two runs of the server.
        """
        wall, ticks = self._wall(), self._ticks()
        if self._last is None:
            said, allowed = self._remembered(), leap
            said = wall if said is None else said
        else:
            said, allowed = self._last[0], ticks - self._last[1] + _SLACK_SECONDS
        now = min(max(wall, said), said + allowed)
        if abs(wall - now) > 86_400:
            log.warning("the clock has jumped by %.0f days; no room is older by that", (wall - now) / 86_400)
        self._last = now, ticks
        try:
            write_whole(self._path, json.dumps({"seen": now}).encode())
        except OutputError as error:
            log.debug("the time is not remembered: %s", error)
        return now

    def _remembered(self) -> float | None:
        try:
            seen = json.loads(self._path.read_bytes())["seen"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return float(seen) if isinstance(seen, (int, float)) and 0 < seen < 1e11 else None
