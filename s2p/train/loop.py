"""The training loop: `keras.Model.fit` with resumable, whole-written state.

A run's folder holds `recipe.json` (the resolved recipe), `metrics.jsonl` (one line per epoch), `state-*.h5` (the last
three checkpoints: weights, averaged weights and optimizers), `samples/` (a picture per epoch) and, at every checkpoint,
`NAME.weights.h5` with the averaged weights. An adversarial run keeps the discriminator and its optimizer in the same
checkpoint. Starting the same command again continues where it stopped: every batch is
a function of the seed and its number alone, so a resumed run sees what an uninterrupted one would have seen.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from s2p.errors import CancelledError, S2PError
from s2p.files import write_whole
from s2p.train.batches import Batches, Stream
from s2p.train.checkpoints import Place, restore
from s2p.train.devices import computing
from s2p.train.keeper import Keeper, stopped_by_signals
from s2p.train.recipe import Recipe
from s2p.train.runs import configuration
from s2p.train.tensorboard import TensorBoard


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up, then half a cosine down to 2 % of the peak."""

    def __init__(self, peak: float, steps: int, warmup: int) -> None:
        self.peak, self.steps, self.warmup = peak, steps, warmup

    def __call__(self, step: Any) -> Any:
        from keras import ops

        step = ops.cast(step, "float32")
        done = ops.clip((step - self.warmup) / max(self.steps - self.warmup, 1), 0.0, 1.0)
        falling = 0.02 + 0.98 * 0.5 * (1.0 + ops.cos(done * np.pi))
        return self.peak * ops.minimum(falling, step / max(self.warmup, 1))

    def get_config(self) -> dict[str, Any]:
        return {"peak": self.peak, "steps": self.steps, "warmup": self.warmup}


class _Adam(keras.optimizers.Adam):
    """Leaves the weights as they are when `fit` ends, where Keras puts their averages: another `fit` may follow."""

    def finalize_variable_values(self, var_list: Any) -> None:
        pass


def train(
    recipe: Recipe, out: str | Path, *, stop_after: float | None = None, save_every: float | None = None,
    saved: Callable[[], None] | None = None,
) -> Path:
    """Trains a recipe until its steps are done, or for `stop_after` minutes; call again to continue.

    Args:
        recipe: what is trained.
        out: folder of the run.
        stop_after: minutes; looked at after every batch.
        save_every: minutes after which a checkpoint is written too, besides those of `recipe.keep_every`.
        saved: called after every checkpoint.

    Returns: path of the averaged weights.

    Raises:
        CancelledError: Ctrl+C or SIGTERM; the checkpoint is written, and the same call continues.
    """
    out = Path(out)
    with computing(precision=recipe.precision, devices=recipe.devices):
        return _train(recipe, out, stop_after=stop_after, save_every=save_every, saved=saved)


def _train(recipe: Recipe, out: Path, **limits: Any) -> Path:
    (out / "samples").mkdir(parents=True, exist_ok=True)
    recipe.run = out
    origins = _origins(recipe, out)
    with _begun(out):
        return _fitted(recipe, out, origins, **limits)


@contextmanager
def _begun(out: Path) -> Iterator[None]:
    """A folder in which a run is refused before its first batch belongs to no run."""
    about = out / "recipe.json"
    is_new = not about.exists()
    try:
        yield
    except S2PError:
        if is_new and not any(out.glob("state-*")):
            about.unlink(missing_ok=True)
        raise


def _fitted(recipe: Recipe, out: Path, origins: dict[str, Any], **limits: Any) -> Path:
    _write_json(out / "recipe.json", {"recipe": recipe.name, **asdict(recipe), "started_from": origins})
    keras.utils.set_random_seed(recipe.seed)
    model = recipe.trainable(_Adam(
        Schedule(recipe.rate, recipe.epochs * recipe.epoch_steps, recipe.warmup),
        beta_2=0.99, global_clipnorm=recipe.clip, use_ema=True, ema_momentum=recipe.ema,
        ema_overwrite_frequency=None, name="adam",
    ))
    place = restore(model, out)
    if place == Place() and recipe.start:
        recipe.load_start(model)
    keeper = Keeper(recipe, out, place, **limits)
    callbacks = [*([TensorBoard(out)] if recipe.tensorboard else []), keeper]
    with stopped_by_signals(keeper):
        if 0 < place.batches < recipe.epoch_steps:  # the rest of an epoch in which a run was stopped
            _fit(model, recipe, place, epochs=place.epoch + 1, callbacks=callbacks)
        if not keeper.is_stopped:
            _fit(model, recipe, Place(keeper.place.epoch), epochs=recipe.epochs, callbacks=callbacks)
    if keeper.is_asked:
        raise CancelledError(
            f"Stopped in epoch {keeper.place.epoch + 1}; the checkpoint is written. The same command continues."
        )
    steps = keeper.place.epoch * recipe.epoch_steps + keeper.place.batches
    if steps < recipe.epochs * recipe.epoch_steps:
        all_steps = recipe.epochs * recipe.epoch_steps
        print(f"Its time is over, at step {steps} of {all_steps}.", file=sys.stderr, flush=True)
    return out / f"{recipe.name}.weights.h5"


def _fit(
    model: keras.Model, recipe: Recipe, place: Place, *, epochs: int, callbacks: list[keras.callbacks.Callback]
) -> None:
    """Trains from a place up to the end of epoch number `epochs`; of a place within an epoch the rest of that one."""
    steps = recipe.epoch_steps - place.batches
    batches = Batches(recipe, first=place.epoch * recipe.epoch_steps + place.batches, steps=steps)
    usual = {"initial_epoch": place.epoch, "epochs": epochs, "verbose": 0, "shuffle": False, "callbacks": callbacks}
    try:
        if place.epoch >= epochs:
            return
        if keras.backend.backend() != "tensorflow":
            model.fit(batches, **usual)
            return
        stream = Stream(batches)
        try:
            model.fit(stream.dataset, steps_per_epoch=steps, **usual)
        except Exception:
            if stream.error is not None:
                raise stream.error from None
            raise
        finally:
            stream.close()
    finally:
        batches.close()


def _origins(recipe: Recipe, out: Path) -> dict[str, dict[str, str]]:
    """Names and hashes of the files that a run begins from; of a run that goes on, as they were when it began."""
    from s2p.weight_files import sha256_of

    try:
        return configuration(out)["started_from"]
    except (OSError, ValueError, KeyError):
        files = {key: Path(value) for key in ("start", "reader") if (value := getattr(recipe, key, ""))}
        return {key: {"file": file.name, "sha256": sha256_of(file)} for key, file in files.items() if file.is_file()}


def _write_json(path: Path, data: Any) -> None:
    write_whole(path, json.dumps(data, indent=1, default=str).encode())
