"""Checkpoints of a run: everything that learns in a model, and how far it has come."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from s2p.errors import InputError
from s2p.files import written_whole
from s2p.nn.gradients import to_numpy

KEPT = 3


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


@dataclass(frozen=True)
class Place:
    """How far a run has come.

    Attributes:
        epoch: epochs that are done.
        batches: of the next one that are done, too.
        logs: means of the metrics over those.
    """

    epoch: int = 0
    batches: int = 0
    logs: dict[str, float] = field(default_factory=dict)


def save(model: keras.Model, out: Path, place: Place) -> None:
    """Writes one checkpoint whole and removes all but the last three; within an epoch the newest takes its place."""
    with written_whole(out / f"state-{place.epoch:06d}.h5") as temporary, h5py.File(temporary, "w") as file:
        file.attrs["epoch"] = place.epoch
        file.attrs["batches"], file.attrs["logs"] = place.batches, json.dumps(place.logs)
        for group, variables in _state(model).items():
            for i, variable in enumerate(variables):
                file.create_dataset(f"{group}/{i:04d}", data=to_numpy(variable))
    for old in sorted(out.glob("state-*.h5"))[:-KEPT]:
        old.unlink()


def restore(model: keras.Model, out: Path) -> Place:
    """Loads the newest readable checkpoint; returns how far it has come."""
    for path in sorted(out.glob("state-*.h5"), reverse=True):
        try:
            with h5py.File(path, "r") as file:
                values = {
                    group: [np.asarray(members[f"{i:04d}"]) for i in range(len(members))]
                    for group, members in file.items()
                }
                about = file.attrs
                logs = json.loads(str(about.get("logs", "{}")))
                place = Place(int(np.asarray(about["epoch"])), int(np.asarray(about.get("batches", 0))), logs)
        except OSError:
            continue
        state = _state(model)
        for group, variables in state.items():
            if set(state) != set(values) or len(variables) != len(values[group]):
                raise InputError(f"{path.name} was written by another graph. Choose a new output folder.")
            for variable, value in zip(variables, values[group]):
                variable.assign(value)
        return place
    return Place()
