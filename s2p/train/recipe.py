"""What a recipe is: how one network is trained."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np

from s2p.errors import InputError
from s2p.networks import TURBO
from s2p.progress import Reporter
from s2p.train.art import Art, Mixture


@dataclass
class Recipe:
    """Base of all recipes; every field can be set from the command line with `--set name=value`.

    Attributes:
        data: folder of training pictures.
        more, more_share: other such folders, between them `:` (`;` on Windows), empty for none, and how many of the
            samples come from them, from each as many.
        batch_size, epoch_steps, epochs: an "epoch" is a stretch between two lines of metrics.
        rate, warmup, clip, ema: Adam's peak rate, warm-up steps, global clip norm and averaging momentum.
        keep_every: epochs between checkpoints.
        start: published weight file (`weights/NAME-turbo.weights.h5`) to begin from.
        seed: int; same seed, same run.
        precision: `float32`, or `mixed_bfloat16` for GPUs.
        devices: empty for one; a number, `all` or names for several (`s2p.train.devices`).
        loaders: processes that make batches, 0 for none but this one.
        tensorboard: whether metrics are written for TensorBoard too.

    What is true of a recipe whoever runs it, for cards (`s2p.train.release`) and for training all in turn:

    Attributes:
        lines: how the line art of its samples is made.
        read_by: file that asks the network and reads its answers, empty where that takes none.
        limits: what it cannot teach.
        needs: networks that it looks through or goes on from, which are trained before it.
        part: of the time when all are trained in turn.
        needs_pictures: whether it learns from a folder of them.
    """

    lines: ClassVar[str] = "Lines were drawn by program (XDoG in four styles, mixed, broken, toned)."
    read_by: ClassVar[str] = ""
    limits: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ()
    part: ClassVar[float] = 2.0
    needs_pictures: ClassVar[bool] = True

    data: str = ""
    more: str = ""
    more_share: float = 0.25
    batch_size: int = 8
    epoch_steps: int = 100
    epochs: int = 100
    rate: float = 1e-3
    warmup: int = 200
    clip: float = 1.0
    ema: float = 0.995
    keep_every: int = 5
    start: str = ""
    seed: int = 1
    precision: str = "float32"
    devices: str = ""
    loaders: int = 0
    tensorboard: bool = False
    name: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self._art: Art | Mixture | None = None
        self._network: keras.Model | None = None
        self.run: Path | None = None  # folder of the run, once it has one

    @property
    def art(self) -> Art | Mixture:
        if self._art is None:
            main, more = Art(self.data), [Art(folder) for folder in self.more.split(os.pathsep) if folder]
            self._art = Mixture(main, *more, share=self.more_share) if more else main
        return self._art

    def model(self) -> keras.Model:
        """The graph that is trained.

        Where the network that is published is only a part of it, `_network` is set to that.
        """
        raise NotImplementedError

    def losses(self) -> Any:
        raise NotImplementedError

    def loss_weights(self) -> Any:
        return None

    def trainable(self, optimizer: keras.optimizers.Optimizer) -> keras.Model:
        """What `fit` is called on, compiled and with its optimizer built (a checkpoint is restored into it)."""
        model = self.model()
        model.compile(optimizer=optimizer, loss=self.losses(), loss_weights=self.loss_weights(), jit_compile=False)
        optimizer.build(model.trainable_variables)
        return model

    def take_from(self, runs: Path) -> str:
        """Takes what it needs of other recipes' runs, each a folder in `runs`, where all are trained in turn.

        Returns: why it must wait for another; empty where it need not.
        """
        return ""

    def begin(self, model: keras.Model, epoch: int) -> None:
        """Called before every epoch, numbered from 0, of a new run and of a continued one alike."""

    def gather(self, step: int, random: np.random.Generator) -> Any:
        """What batch number `step` is made of: NumPy's arrays, one or nested in tuples, pictures as whole numbers.

        Everything random comes from `random`. Several threads may call it at once, and other processes.

        Keras infers from the first two batches which dimensions are free, and a run may be continued at any step:
        recipes with several shapes take them in turn by `step`, any two in a row of unlike height and width.
        """
        raise NotImplementedError

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        """Inputs and targets of what was gathered, by `s2p.tensors`; also for tensors of TensorFlow in its place."""
        return gathered

    def batch(self, step: int, random: np.random.Generator) -> tuple[Any, Any]:
        """Inputs and targets of batch number `step`, arrays."""
        return self.tensors(self.gather(step, random))

    def network_of(self, model: keras.Model) -> keras.Model:
        """The network inside the trained graph whose variables the published file holds."""
        return model if self._network is None else self._network

    def load_start(self, model: keras.Model) -> None:
        """Begins from a published weight file, ours or a user's copy of it."""
        from s2p.weights import read_weights

        read_weights(self.network_of(model), Path(self.start))

    def publish(self, model: keras.Model, out: Path) -> None:
        """Writes the weights of the network (float32); called while the model holds its averaged weights."""
        from s2p.weights import write_weights

        write_weights(self.network_of(model), out / f"{self.name}.weights.h5", dtype="float32")

    @classmethod
    def released(
        cls, run: Path, network: str, settings: Mapping[str, Any], *, temperature: float = 1.0
    ) -> tuple[keras.Model, dict[str, Any]]:
        """The network that a run has learned, as it is published, and what its builder must be told.

        Args:
            run: the run's folder, which holds the file `NETWORK.weights.h5`.
            network: its name; a recipe may teach several.
            settings: content of `recipe.json`.
            temperature: float above 0, of networks that choose among colours.

        Raises:
            InputError: the folder holds no such weights.
        """
        from s2p.models import build
        from s2p.weights import read_weights

        model = build(network)
        read_weights(model, learned(run, network))
        return model, {}

    @classmethod
    def judged(
        cls, run: Path, model: keras.Model, settings: Mapping[str, Any], *, report: Reporter | None = None
    ) -> tuple[str, str] | None:
        """A table for people and a sentence for the card, of networks that `s2p evaluate` cannot judge; else None."""
        return None

    @classmethod
    def beside(cls, model: keras.Model, path: Path) -> None:
        """Writes what lies beside a published file."""

    @classmethod
    def published_as(cls, settings: Mapping[str, Any]) -> str:
        """Name of the variant under which the network of a run is published."""
        return TURBO

    def sheet(self, model: keras.Model, path: Path) -> None:
        """Draws a picture of what the model can do now."""


def learned(run: Path, network: str) -> Path:
    """The file of a run's averaged weights; raises `InputError` where there is none."""
    path = run / f"{network}.weights.h5"
    if not path.is_file():
        raise InputError(f"{run} holds no weights of {network!r}; train first.")
    return path
