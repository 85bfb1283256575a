"""The training loop: `keras.Model.fit` with resumable, whole-written state.

A run's folder holds `recipe.json` (the resolved recipe), `metrics.jsonl` (one line per epoch), `state-*.h5` (the last
three checkpoints: weights, averaged weights and optimizer), `samples/` (a picture per epoch) and, at every checkpoint,
`NAME.weights.h5` with the averaged weights. Starting the same command again continues where it stopped: every batch is
a function of the seed and its number alone, so a resumed run sees what an uninterrupted one would have seen.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from s2p.errors import InputError, S2PError
from s2p.train.recipe import Recipe

KEPT = 3


class Batches(keras.utils.PyDataset):
    """Batches of a recipe by number: number `step` is made from the seed and `step`, whatever came before."""

    def __init__(self, recipe: Recipe, *, first: int) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        self._recipe, self._first = recipe, first

    def __len__(self) -> int:
        return self._recipe.epoch_steps

    def __getitem__(self, index: int) -> Any:
        step = self._first + index
        return self._recipe.batch(step, np.random.default_rng([self._recipe.seed, step]))

    def on_epoch_end(self) -> None:
        self._first += self._recipe.epoch_steps


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


def train(recipe: Recipe, out: str | Path, *, stop_after: float | None = None) -> Path:
    """Trains a recipe until its steps are done, or for `stop_after` minutes; call again to continue.

    Returns: path of the averaged weights.
    """
    out = Path(out)
    (out / "samples").mkdir(parents=True, exist_ok=True)
    _write_json(out / "recipe.json", {"recipe": recipe.name, **asdict(recipe)})
    keras.utils.set_random_seed(recipe.seed)
    model = recipe.model()
    optimizer = keras.optimizers.Adam(
        Schedule(recipe.rate, recipe.epochs * recipe.epoch_steps, recipe.warmup),
        beta_2=0.99, global_clipnorm=recipe.clip, use_ema=True, ema_momentum=recipe.ema,
        ema_overwrite_frequency=None,
    )
    model.compile(optimizer=optimizer, loss=recipe.losses(), loss_weights=recipe.loss_weights(), jit_compile=False)
    optimizer.build(model.trainable_variables)
    epoch = restore(model, out)
    if epoch == 0 and recipe.start:
        recipe.load_start(model)
    model.fit(
        Batches(recipe, first=epoch * recipe.epoch_steps), initial_epoch=epoch, epochs=recipe.epochs, verbose=0,
        shuffle=False, callbacks=[_Keeper(recipe, out, stop_after)],
    )
    return out / f"{recipe.name}.weights.h5"


class _Keeper(keras.callbacks.Callback):
    def __init__(self, recipe: Recipe, out: Path, stop_after: float | None) -> None:
        super().__init__()
        self._recipe, self._out, self._stop_after = recipe, out, stop_after
        self._started = self._last = time.monotonic()

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
        if (epoch + 1) % self._recipe.keep_every == 0 or late or last:
            save(self.model, self._out, epoch + 1)
            with averaged(self.model):
                self._recipe.publish(self.model, self._out)
                self._recipe.sheet(self.model, self._out / "samples" / f"{epoch + 1:05d}.png")
        if late:
            self.model.stop_training = True


class averaged:
    """Within the block the model holds the exponential average of its weights."""

    def __init__(self, model: keras.Model) -> None:
        self._model = model

    def __enter__(self) -> keras.Model:
        variables = self._model.trainable_variables
        self._own = [np.array(v) for v in variables]
        for variable, mean in zip(variables, self._model.optimizer._model_variables_moving_average):
            variable.assign(mean)
        return self._model

    def __exit__(self, *_: object) -> None:
        for variable, own in zip(self._model.trainable_variables, self._own):
            variable.assign(own)


def save(model: keras.Model, out: Path, epoch: int) -> None:
    """Writes one checkpoint whole and removes all but the last three."""
    temporary = out / "state.partial"
    with h5py.File(temporary, "w") as file:
        file.attrs["epoch"] = epoch
        for group, variables in (("model", model.variables), ("optimizer", model.optimizer.variables)):
            for i, variable in enumerate(variables):
                file.create_dataset(f"{group}/{i:04d}", data=np.array(variable))
    os.replace(temporary, out / f"state-{epoch:06d}.h5")
    for old in sorted(out.glob("state-*.h5"))[:-KEPT]:
        old.unlink()


def restore(model: keras.Model, out: Path) -> int:
    """Loads the newest readable checkpoint; returns its epoch, 0 without one."""
    for path in sorted(out.glob("state-*.h5"), reverse=True):
        try:
            with h5py.File(path, "r") as file:
                values = {
                    group: [file[f"{group}/{i:04d}"][()] for i in range(len(file[group]))]
                    for group in ("model", "optimizer")
                }
                epoch = int(file.attrs["epoch"])
        except OSError:
            continue
        for group, variables in (("model", model.variables), ("optimizer", model.optimizer.variables)):
            if len(variables) != len(values[group]):
                raise InputError(f"{path.name} was written by another graph. Choose a new output folder.")
            for variable, value in zip(variables, values[group]):
                variable.assign(value)
        return epoch
    return 0


def _write_json(path: Path, data: Any) -> None:
    temporary = path.with_suffix(".partial")
    temporary.write_text(json.dumps(data, indent=1, default=str), encoding="utf-8")
    os.replace(temporary, path)
