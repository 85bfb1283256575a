"""The training loop: `keras.Model.fit` with resumable, whole-written state.

A run's folder holds `recipe.json` (the resolved recipe), `metrics.jsonl` (one line per epoch), `state-*.h5` (the last
three checkpoints: weights, averaged weights and optimizers), `samples/` (a picture per epoch) and, at every checkpoint,
`NAME.weights.h5` with the averaged weights. An adversarial run keeps the discriminator and its optimizer in the same
checkpoint. Starting the same command again continues where it stopped: every batch is
a function of the seed and its number alone, so a resumed run sees what an uninterrupted one would have seen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from s2p.errors import InputError, S2PError
from s2p.files import write_whole, written_whole
from s2p.nn.gradients import to_numpy, without_gradients
from s2p.train.batches import Batches, Stream
from s2p.train.devices import computing
from s2p.train.recipe import Recipe
from s2p.train.runs import configuration
from s2p.train.tensorboard import TensorBoard

KEPT = 3


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


def train(
    recipe: Recipe, out: str | Path, *, stop_after: float | None = None, save_every: float | None = None,
    saved: Callable[[], None] | None = None,
) -> Path:
    """Trains a recipe until its steps are done, or for `stop_after` minutes; call again to continue.

    Args:
        recipe: what is trained.
        out: folder of the run.
        stop_after: minutes.
        save_every: minutes after which a checkpoint is written too, besides those of `recipe.keep_every`.
        saved: called after every checkpoint.

    Returns: path of the averaged weights.
    """
    out = Path(out)
    with computing(precision=recipe.precision, devices=recipe.devices):
        return _train(recipe, out, stop_after=stop_after, save_every=save_every, saved=saved)


def _train(recipe: Recipe, out: Path, **limits: Any) -> Path:
    (out / "samples").mkdir(parents=True, exist_ok=True)
    recipe.run = out
    origins = _origins(recipe, out)
    _write_json(out / "recipe.json", {"recipe": recipe.name, **asdict(recipe), "started_from": origins})
    keras.utils.set_random_seed(recipe.seed)
    model = recipe.trainable(keras.optimizers.Adam(
        Schedule(recipe.rate, recipe.epochs * recipe.epoch_steps, recipe.warmup),
        beta_2=0.99, global_clipnorm=recipe.clip, use_ema=True, ema_momentum=recipe.ema,
        ema_overwrite_frequency=None,
    ))
    epoch = restore(model, out)
    if epoch == 0 and recipe.start:
        recipe.load_start(model)
    batches = Batches(recipe, first=epoch * recipe.epoch_steps)
    boards = [TensorBoard(out)] if recipe.tensorboard else []
    try:
        _fit(model, batches, epoch, callbacks=[*boards, _Keeper(recipe, out, **limits)])
    finally:
        batches.close()
    return out / f"{recipe.name}.weights.h5"


def _fit(model: keras.Model, batches: Batches, epoch: int, *, callbacks: list[keras.callbacks.Callback]) -> None:
    usual = {"initial_epoch": epoch, "epochs": batches.recipe.epochs, "verbose": 0, "shuffle": False}
    if keras.backend.backend() != "tensorflow":
        model.fit(batches, callbacks=callbacks, **usual)
        return
    if batches.first >= batches.last:
        return
    stream = Stream(batches)
    try:
        model.fit(stream.dataset, steps_per_epoch=batches.recipe.epoch_steps, callbacks=callbacks, **usual)
    except Exception:
        if stream.error is not None:
            raise stream.error from None
        raise


class _Keeper(keras.callbacks.Callback):
    def __init__(
        self, recipe: Recipe, out: Path, stop_after: float | None, save_every: float | None,
        saved: Callable[[], None] | None,
    ) -> None:
        super().__init__()
        self._recipe, self._out, self._stop_after = recipe, out, stop_after
        self._save_every, self._on_saved = save_every, saved
        self._started = self._last = self._saved = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._recipe.begin(self.model, epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        now = time.monotonic()
        rate = self._recipe.epoch_steps * self._recipe.batch_size / max(now - self._last, 1e-6)
        self._last = now
        line = {"epoch": epoch + 1, "samples_per_second": round(rate, 2)}
        line |= {name: float(value) for name, value in (logs or {}).items()}
        if not all(np.isfinite(v) for v in line.values()):
            self.model.stop_training = True
            raise S2PError(
                f"The loss of {self._recipe.name} is no longer a number (epoch {epoch + 1}). The checkpoints before it "
                "are whole; start again from them with a lower rate, --set rate=VALUE."
            )
        left = (self._recipe.epochs - epoch - 1) * self._recipe.epoch_steps * self._recipe.batch_size / rate / 60
        with open(self._out / "metrics.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        numbers = "  ".join(f"{k} {v:.4g}" for k, v in line.items() if k != "epoch")
        print(f"{self._recipe.name} {epoch + 1}/{self._recipe.epochs}  {numbers}  {left:.0f} min left", flush=True)
        late = self._stop_after is not None and (now - self._started) / 60 >= self._stop_after
        last = epoch + 1 == self._recipe.epochs
        due = self._save_every is not None and (now - self._saved) / 60 >= self._save_every
        if (epoch + 1) % self._recipe.keep_every == 0 or late or last or due:
            save(self.model, self._out, epoch + 1)
            self._saved = now
            with averaged(self.model), without_gradients():
                self._recipe.publish(self.model, self._out)
                self._recipe.sheet(self.model, self._out / "samples" / f"{epoch + 1:05d}.png")
            if self._on_saved is not None:
                self._on_saved()
        if late:
            self.model.stop_training = True


class averaged:
    """Within the block the model holds the exponential average of its weights."""

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        _, self._optimizer, self._variables = trained(model)[0]

    def __enter__(self) -> keras.Model:
        self._own = [to_numpy(v) for v in self._variables]
        for variable, mean in zip(self._variables, self._optimizer._model_variables_moving_average):
            variable.assign(to_numpy(mean))
        return self._model

    def __exit__(self, *_: object) -> None:
        for variable, own in zip(self._variables, self._own):
            variable.assign(own)


def trained(model: keras.Model) -> list[tuple[str, Any, list[Any]]]:
    """Name, optimizer and variables of everything that learns in a model; the network that is published first."""
    several = getattr(model, "trained", None)
    return [("optimizer", model.optimizer, model.trainable_variables)] if several is None else several


def _state(model: keras.Model) -> dict[str, list[Any]]:
    """All variables that a checkpoint holds, by group."""
    return {"model": model.variables} | {name: optimizer.variables for name, optimizer, _ in trained(model)}


def save(model: keras.Model, out: Path, epoch: int) -> None:
    """Writes one checkpoint whole and removes all but the last three."""
    with written_whole(out / f"state-{epoch:06d}.h5") as temporary, h5py.File(temporary, "w") as file:
        file.attrs["epoch"] = epoch
        for group, variables in _state(model).items():
            for i, variable in enumerate(variables):
                file.create_dataset(f"{group}/{i:04d}", data=to_numpy(variable))
    for old in sorted(out.glob("state-*.h5"))[:-KEPT]:
        old.unlink()


def restore(model: keras.Model, out: Path) -> int:
    """Loads the newest readable checkpoint; returns its epoch, 0 without one."""
    for path in sorted(out.glob("state-*.h5"), reverse=True):
        try:
            with h5py.File(path, "r") as file:
                values = {
                    group: [np.asarray(members[f"{i:04d}"]) for i in range(len(members))]
                    for group, members in file.items()
                }
                epoch = int(np.asarray(file.attrs["epoch"]))
        except OSError:
            continue
        state = _state(model)
        for group, variables in state.items():
            if set(state) != set(values) or len(variables) != len(values[group]):
                raise InputError(f"{path.name} was written by another graph. Choose a new output folder.")
            for variable, value in zip(variables, values[group]):
                variable.assign(value)
        return epoch
    return 0


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
