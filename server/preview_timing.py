"""Whether previews are quick enough on this computer: tried out while the painter has nothing else to do."""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np

from s2p.schema import Hint, Hints, Options

log = logging.getLogger(__name__)

QUICK_SECONDS = 0.5  # slower than this, a preview follows the hand too late to be of use
_WARMING = 2  # the first previews build the graphs
_IDLE_SECONDS = 0.3
_AGAIN_SECONDS = 60.0
_SKETCH_SHAPE = (724, 512)


class PreviewTiming:
    """Paints previews of an empty page, one at a time, until it is known how long one takes.

    Where they are too slow it tries again once a minute: the computer may only have been busy.

    Args:
        painter: the painter; previews are not offered without its method `preview`, nor with untrained networks.

    Attributes:
        seconds: float. How long a preview takes at best, or None while nobody knows.
    """

    def __init__(self, painter: Any) -> None:
        self._painter = painter
        self._is_possible = hasattr(painter, "preview") and all(n.trained for n in painter.networks.values())
        self._runs = 0
        self._last = 0.0

    @property
    def seconds(self) -> float | None:
        """Seconds of a preview, once the graphs are warm; None where previews are impossible."""
        return self._painter.preview_seconds if self._is_possible and self._runs > _WARMING else None

    @property
    def is_quick(self) -> bool:
        seconds = self.seconds
        return seconds is not None and seconds <= QUICK_SECONDS

    @property
    def state(self) -> tuple[bool, bool]:
        """What the server must be told of when it changes: whether it is known, and whether it is quick."""
        return self.seconds is not None, self.is_quick

    def patience(self) -> float | None:
        """Seconds to wait for a task before the next run; None for as long as it takes."""
        if not self._is_possible:
            return None
        if self._runs <= _WARMING:
            return _IDLE_SECONDS
        if self.is_quick:
            return None
        return max(_IDLE_SECONDS, self._last + _AGAIN_SECONDS - time.monotonic())

    def run(self) -> None:
        """Paints one preview."""
        self._runs += 1
        page = np.full(_SKETCH_SHAPE, 255, np.uint8)
        page[200:500, 100] = page[200:500, 400] = 0
        place = 0.2 + 0.6 * (self._runs % 7) / 7  # another one every time, or the painter's cache would answer
        kinds = ("draft", "exact")  # an anchor asks for more than an exact hint: all stages
        hints = Hints([Hint(x=place, y=0.5, color="#c04020", kind=kind) for kind in kinds])
        try:
            self._painter.preview(page, hints=hints, options=Options())
        except Exception:  # whatever a painter cannot do here, it goes on painting
            log.exception("previews are not offered")
            self._is_possible = False
        self._last = time.monotonic()
