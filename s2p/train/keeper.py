"""What watches a run: metrics, checkpoints, its time, and the person who stops it."""

from __future__ import annotations

import json
import math
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from s2p.errors import S2PError
from s2p.nn.gradients import without_gradients
from s2p.train.checkpoints import Place, averaged, save
from s2p.train.recipe import Recipe

_A_MINUTE = 60.0
_FEW = 4  # steps, of which the first takes longest, tell no rate
_COLUMNS = 118
FIRST_SECONDS = 45.0  # until the first checkpoint of a run; with the batch that is on its way, within a minute


class Keeper(keras.callbacks.Callback):
    """Writes a line of metrics for every epoch, checkpoints when they are due, and ends a run after a batch.

    Args:
        recipe: what is trained.
        out: folder of the run.
        place: where it begins.
        stop_after: minutes.
        save_every: minutes after which a checkpoint is written too.
        saved: called after every checkpoint.

    Attributes:
        place: how far the run has come.
        is_stopped: whether its time is over, or somebody has stopped it.
        is_asked: whether somebody has stopped it.
    """

    def __init__(
        self, recipe: Recipe, out: Path, place: Place, *, stop_after: float | None, save_every: float | None,
        saved: Callable[[], None] | None,
    ) -> None:
        super().__init__()
        self.place, self.is_stopped, self.is_asked = place, False, False
        self._recipe, self._out, self._stop_after = recipe, out, stop_after
        self._save_every, self._on_saved = save_every, saved
        self._started = self._last = self._saved = time.monotonic()
        self._has_saved = place != Place()
        self._told, self._run = -math.inf, 0  # when the last batch was shown; batches of this run
        self._tell_place(place)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._before, self._done = self.place, 0  # of this epoch: what a run before has done, and what this one has
        self._recipe.begin(self.model, epoch)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._done, self._run = self._done + 1, self._run + 1
        now = time.monotonic()
        batches = self._before.batches + self._done
        if batches >= self._recipe.epoch_steps:
            return  # the end of the epoch follows
        self.place = Place(self._before.epoch, batches, self._means(logs))
        self._show(now, batches)
        is_late = self._stop_after is not None and (now - self._started) / 60 >= self._stop_after
        is_first = not self._has_saved and now - self._started >= FIRST_SECONDS
        if is_late or is_first or self.is_asked:
            self._save(now, is_whole=False)
        if is_late or self.is_asked:
            self._stop()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self._before.batches + self._done < self._recipe.epoch_steps:
            return  # stopped within it
        now = time.monotonic()
        rate = self._done * self._recipe.batch_size / max(now - self._last, 1e-6)
        self._last = now
        line = {"epoch": epoch + 1, "samples_per_second": round(rate, 2)} | self._means(logs)
        if not all(np.isfinite(v) for v in line.values()):
            self._stop()
            raise S2PError(
                f"The loss of {self._recipe.name} is no longer a number (epoch {epoch + 1}). The checkpoints before it "
                "are whole; start again from them with a lower rate, --set rate=VALUE."
            )
        self.place = Place(epoch + 1)
        left = self._minutes_left(now, epoch + 1, 0, rate)
        with open(self._out / "metrics.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        numbers = "  ".join(f"{k} {v:.4g}" for k, v in line.items() if k != "epoch")
        self._clear()
        print(f"{self._recipe.name} {epoch + 1}/{self._recipe.epochs}  {numbers}  {left}", flush=True)
        late = self.is_asked or (self._stop_after is not None and (now - self._started) / 60 >= self._stop_after)
        last = epoch + 1 == self._recipe.epochs
        due = self._save_every is not None and (now - self._saved) / 60 >= self._save_every
        if (epoch + 1) % self._recipe.keep_every == 0 or late or last or due:
            self._save(now, is_whole=True)
        if late:
            self._stop()

    def _save(self, now: float, *, is_whole: bool) -> None:
        """A checkpoint and the averaged weights; of whole epochs also a sheet of samples."""
        save(self.model, self._out, self.place)
        self._saved, self._has_saved = now, True
        with averaged(self.model), without_gradients():
            self._recipe.publish(self.model, self._out)
            if is_whole:
                self._recipe.sheet(self.model, self._out / "samples" / f"{self.place.epoch:05d}.png")
        if self._on_saved is not None:
            self._on_saved()

    def _stop(self) -> None:
        self.is_stopped = self.model.stop_training = True

    def _means(self, logs: dict[str, float] | None) -> dict[str, float]:
        """Means over the whole epoch, what a run before has done of it included."""
        own, before = {name: float(value) for name, value in (logs or {}).items()}, self._before
        share = self._done / max(before.batches + self._done, 1)
        return {name: value * share + before.logs.get(name, value) * (1.0 - share) for name, value in own.items()}

    def _tell_place(self, place: Place) -> None:
        """Where the run begins, or goes on."""
        steps, all_steps = self._step(place.epoch, place.batches), self._recipe.epochs * self._recipe.epoch_steps
        name, epochs = self._recipe.name, f"{self._recipe.epochs} epochs of {self._recipe.epoch_steps} steps"
        if place == Place():
            text = f"{name} begins: {epochs}. The first step takes longest; metrics.jsonl has a line for every epoch."
        elif steps >= all_steps:
            text = f"{name} is done: {epochs}. More: --set epochs=NUMBER."
        else:
            epoch = f"epoch {place.epoch + 1} of {self._recipe.epochs}"
            text = f"{name} goes on from step {steps} of {all_steps} ({epoch})."
        print(text, file=sys.stderr, flush=True)

    def _step(self, epoch: int, batches: int) -> int:
        return epoch * self._recipe.epoch_steps + batches

    def _minutes_left(self, now: float, epoch: int, batches: int, rate: float) -> str:
        """`12 min left` of its steps or, where that is sooner, of its time, at `rate` samples a second."""
        steps = self._recipe.epochs * self._recipe.epoch_steps - self._step(epoch, batches)
        left = steps * self._recipe.batch_size / rate / 60
        if self._stop_after is None or left <= (rest := max(self._stop_after - (now - self._started) / 60, 0.0)):
            return f"{_spoken(left)} left"
        return f"{_spoken(rest)} left of its time, {_spoken(left)} of its steps"

    def _show(self, now: float, batches: int) -> None:
        """The batch, for whoever looks: on a terminal once a second, elsewhere the first one and one a minute."""
        is_terminal = sys.stderr.isatty()
        if now - self._told < (1.0 if is_terminal else _A_MINUTE):
            return
        self._told = now
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in list(self.place.logs.items())[:3])
        rate = self._run * self._recipe.batch_size / max(now - self._started, 1e-6)
        left = f"  {self._minutes_left(now, self.place.epoch, batches, rate)}" if self._run > _FEW else ""
        text = f"{self._recipe.name} {self.place.epoch + 1}: step {batches}/{self._recipe.epoch_steps}  {numbers}{left}"
        if is_terminal:
            print(f"\r{text[:_COLUMNS]:{_COLUMNS}}", end="", file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if sys.stderr.isatty():
            print(f"\r{'':{_COLUMNS}}\r", end="", file=sys.stderr, flush=True)


def _spoken(minutes: float) -> str:
    return f"{minutes:.0f} min" if minutes >= 2 else f"{60 * minutes:.0f} s"


@contextmanager
def stopped_by_signals(keeper: Keeper) -> Iterator[None]:
    """Within the block Ctrl+C and SIGTERM end the run after the batch that is on its way, with a checkpoint.

    A second one ends it at once. Only the main thread can hear them; in others nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, frame: Any) -> None:
        if keeper.is_asked:
            raise KeyboardInterrupt
        keeper.is_asked = True
        print("Stopping after this batch; once more stops at once.", file=sys.stderr, flush=True)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
