"""How long work tells what it is doing, and how it is told to stop.

A pipeline reports `stage(name)` when it enters a stage and `update(fraction)` while it works; between expensive calls
it asks `check()`, which raises `CancelledError` once somebody cancelled. Doors choose the reporter: `NullReporter`
for silence, `on_stderr` for people, the server's own for events.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from s2p.errors import CancelledError


@runtime_checkable
class Reporter(Protocol):
    """What a pipeline needs from whoever watches it."""

    def stage(self, name: str) -> None:
        """Enters the stage `name`."""

    def update(self, fraction: float) -> None:
        """Says that `fraction` in [0, 1] of the current stage is done."""

    def check(self) -> None:
        """Raises `CancelledError` if the job was cancelled."""


class NullReporter:
    """Says nothing; can be cancelled from another thread by setting `cancelled`.

    Setting `enough` ends early what can end early, and keeps what there is (strokes that are laid); `paused` holds it.
    """

    def __init__(self) -> None:
        self.cancelled = self.enough = self.paused = False

    def stage(self, name: str) -> None:
        pass

    def update(self, fraction: float) -> None:
        pass

    def check(self) -> None:
        if self.cancelled:
            raise CancelledError("The job was cancelled.")


class FractionReporter(NullReporter):
    """Turns stages of known weight into one fraction of the whole, which never falls, and an estimate of the time left.

    Args:
        weights: mapping of stage name to relative cost; a stage that is not named costs nothing.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__()
        total = sum(weights.values()) or 1.0
        self._spans: dict[str, tuple[float, float]] = {}
        position = 0.0
        for name, weight in weights.items():
            self._spans[name] = (position, weight / total)
            position += weight / total
        self._started = time.monotonic()
        self.current = ""
        self.fraction = 0.0

    def stage(self, name: str) -> None:
        self.current = name
        self._move(self._spans.get(name, (self.fraction, 0.0))[0])

    def update(self, fraction: float) -> None:
        start, span = self._spans.get(self.current, (self.fraction, 0.0))
        self._move(start + span * min(max(fraction, 0.0), 1.0))

    def _move(self, fraction: float) -> None:
        """A stage may come twice: before a painting, colours are suggested on a draft of their own."""
        self.fraction = max(self.fraction, fraction)
        self.changed()

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds until the end, or None while nothing is known yet."""
        if self.fraction <= 0.02:
            return None
        return (time.monotonic() - self._started) * (1.0 - self.fraction) / self.fraction

    def changed(self) -> None:
        """Called after every change; override to show it."""


class TqdmReporter(FractionReporter):
    """One bar on stderr with the stage's name; silent when stderr is not a terminal."""

    def __init__(self, weights: Mapping[str, float], *, title: str = "") -> None:
        super().__init__(weights)
        from tqdm import tqdm

        self._title = title
        self._bar = tqdm(
            total=100, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False,
            bar_format="{desc} {bar} {percentage:3.0f}% {remaining} left",
        )

    def changed(self) -> None:
        self._bar.set_description_str(f"{self._title} {self.current}".strip(), refresh=False)
        self._bar.n = round(self.fraction * 100)
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()


class LineReporter(FractionReporter):
    """A line on stderr now and then, where stderr is a file or a pipe and no bar would be seen.

    Args:
        every: float. Least seconds between two lines.
    """

    def __init__(self, weights: Mapping[str, float], *, title: str = "", every: float = 20.0) -> None:
        super().__init__(weights)
        self._title, self._every = title, every
        self._said = time.monotonic()

    def changed(self) -> None:
        now = time.monotonic()
        if now - self._said < self._every:
            return
        self._said = now
        left = self.seconds_left
        rest = "" if left is None else f", about {left / 60.0:.0f} min left" if left > 90 else f", {left:.0f} s left"
        sys.stderr.write(f"{self._title} {self.current} {self.fraction:.0%}{rest}\n".lstrip())
        sys.stderr.flush()

    def close(self) -> None:
        pass


def on_stderr(weights: Mapping[str, float]) -> TqdmReporter | LineReporter:
    """A bar at a terminal, elsewhere a line now and then; whoever asks for it closes it.

    Args:
        weights: stages and their relative cost.
    """
    return (TqdmReporter if sys.stderr.isatty() else LineReporter)(weights)
