"""Recipe of the networks that draw strokes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import h5py
import keras
import numpy as np

from s2p import tensors
from s2p.errors import ConfigError, InputError
from s2p.models import build, stroke_renderers
from s2p.nn.gradients import to_numpy
from s2p.progress import Reporter
from s2p.strokes.layouts import LAYOUTS, layout_of
from s2p.strokes.maps import drawn, random_rows
from s2p.train.recipe import Recipe, learned
from s2p.train.thinning import share_at, shorten, thin

COUNT = 512  # strokes on which a network is judged


@dataclass
class StrokeRenderer(Recipe):
    """A network that draws strokes: `s2p train stroke_renderer --out OUT --set renderer=watercolor`, without pictures.

    Strokes are random, every number even in [0, 1], and drawn by the vector engine on the fly, as in "Stylized Neural
    Painting". Of most only alpha is learned: the fusion nets' rasterisation, which is what takes long to learn, costs a
    tenth of their shading.

    Attributes:
        network: `zou-fusion-net`, `zou-fusion-net-light`, `plain-dcgan`, `huang-net` or `plain-unet`.
        renderer: kind of stroke.
        batch_size: strokes of a batch.
        colored: of them, how many are learned with their colours.
        start: weight file to begin from, also of another kind of stroke, which saves half of the time.
        sparsity: share of the large kernels' numbers that is zero in the end, so that the file is small; 0 for none.
    """

    batch_size: int = 256
    colored: int = 32
    epoch_steps: int = 50
    epochs: int = 16
    rate: float = 1e-3
    warmup: int = 100
    clip: float = 100.0  # the loss is a hundred times as large as other recipes'
    ema: float = 0.98
    keep_every: int = 2
    network: str = "zou-fusion-net-light"
    renderer: str = "oilpaintbrush"
    sparsity: float = 0.85
    name: str = field(default="stroke_renderer", init=False)

    lines: ClassVar[str] = ""
    read_by: ClassVar[str] = "s2p/strokes/neural.py"
    limits: ClassVar[str] = (
        "Small strokes are a few pixels at its size and are drawn faintly; after so few samples edges are soft and "
        "corners round. It draws the mean of what bristles and paper may look like, not their grain."
    )
    needs_pictures: ClassVar[bool] = False
    part: ClassVar[float] = 0.0  # needs no pictures, and one run for each kind of stroke: only where it is asked for

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.network not in stroke_renderers.SIDES or self.renderer not in LAYOUTS:
            raise ConfigError(
                f"network must be one of {', '.join(stroke_renderers.SIDES)}, and renderer one of "
                f"{', '.join(LAYOUTS)}. Received: {self.network!r} and {self.renderer!r}."
            )
        if not 1 <= self.colored < self.batch_size or not 0.0 <= self.sparsity < 1.0:
            raise ConfigError(
                "colored must be at least 1 and less than batch_size, sparsity from 0 to below 1. Received: "
                f"{self.colored}, {self.batch_size} and {self.sparsity}."
            )

    def model(self) -> keras.Model:
        """The network on whole strokes, and its alpha on more of them."""
        self._network = network = build(self.network, variant=self.renderer)
        for layer in network.layers:  # fresh ones of the paper are small, and take thousands of steps to wake up
            if isinstance(layer, keras.layers.Dense) and layer.use_bias:
                layer.kernel.assign(keras.initializers.HeNormal(seed=self.seed)(layer.kernel.shape))
        covers = keras.Model(network.input, network.outputs[1])
        whole, more = (keras.Input(network.input.shape[1:], name=name) for name in ("whole", "more"))
        return keras.Model([whole, more], [*network(whole), covers(more)], name="stroke_renderer_training")

    def losses(self) -> Any:
        return [_hundredfold] * 3

    def loss_weights(self) -> Any:
        """Foregrounds and alphas count the same, and all alphas the same."""
        return [0.5, 0.5 * self.colored / self.batch_size, 0.5 * (1 - self.colored / self.batch_size)]

    def begin(self, model: keras.Model, epoch: int) -> None:
        thin(self.network_of(model), share_at(epoch / self.epochs, self.sparsity))

    def load_start(self, model: keras.Model) -> None:
        """Begins from a file of any kind of stroke: all that has the same shape is taken from it."""
        try:
            with h5py.File(self.start, "r") as file:
                for variable in self.network_of(model).variables:
                    kept = file.get(variable.path)
                    if isinstance(kept, h5py.Dataset) and kept.shape == tuple(variable.shape):
                        variable.assign(np.asarray(kept, np.float32))
        except OSError:
            raise InputError(f"{Path(self.start).name} is not a weight file that can be read.") from None

    def gather(self, step: int, random: np.random.Generator) -> Any:
        layout, side = layout_of(self.renderer), stroke_renderers.SIDES[self.network]
        rows = random_rows(random, layout, self.batch_size)
        maps = [drawn(row, layout, side) for row in rows]
        foreground = np.stack([colors for colors, _ in maps[: self.colored]])
        alpha = np.stack([alpha for _, alpha in maps])[..., None].repeat(3, -1)
        foreground, alpha = ((255.0 * part.clip(0.0, 1.0) + 0.5).astype(np.uint8) for part in (foreground, alpha))
        head, rest = slice(None, self.colored), slice(self.colored, None)
        return (rows[head], rows[rest]), (foreground, alpha[head], alpha[rest])

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        rows, maps = gathered
        return rows, tuple(tensors.light(one) for one in maps)

    @classmethod
    def released(
        cls, run: Path, network: str, settings: Mapping[str, Any], *, temperature: float = 1.0
    ) -> tuple[keras.Model, dict[str, Any]]:
        from s2p.weights import read_weights

        model = build(network, variant=settings["renderer"])
        read_weights(model, learned(run, settings["recipe"]))
        if settings["sparsity"] > 0:
            thin(model, settings["sparsity"])
            shorten(model)
        return model, {}

    @classmethod
    def published_as(cls, settings: Mapping[str, Any]) -> str:
        return settings["renderer"]

    @classmethod
    def judged(
        cls, run: Path, model: keras.Model, settings: Mapping[str, Any], *, report: Reporter | None = None
    ) -> tuple[str, str]:
        foreground, alpha = likeness(model, settings["renderer"], count=COUNT)
        told = (
            f"{COUNT} random strokes that the training did not see, as published: PSNR {foreground:.2f} dB of "
            f"foregrounds and {alpha:.2f} dB of alphas, {(foreground + alpha) / 2:.2f} dB in the mean."
        )
        return told, told

    def sheet(self, model: keras.Model, path: Path) -> None:
        """Foregrounds as drawn and as learned, then alphas."""
        from s2p.train.sheets import write_sheet

        layout, side = layout_of(self.renderer), stroke_renderers.SIDES[self.network]
        rows = random_rows(np.random.default_rng(7), layout, 24)
        made = [to_numpy(part) for part in self.network_of(model)(rows)]
        maps = [drawn(row, layout, side) for row in rows]
        true = [np.stack([colors for colors, _ in maps]), np.stack([alpha for _, alpha in maps])[..., None]]
        shown = [(np.broadcast_to(part, made[0].shape).clip(0, 1) * 255).astype(np.uint8)
                 for part in (true[0], made[0], true[1], made[1])]
        write_sheet([list(part) for part in shown], path)


def likeness(network: keras.Model, renderer: str, *, count: int, seed: int = 99) -> tuple[float, float]:
    """PSNR in dB of foregrounds and alphas of random strokes, the mean over batches of 64, as in the paper."""
    layout, side = layout_of(renderer), network.output_shape[0][1]
    random, found = np.random.default_rng(seed), []
    for _ in range(max(1, count // 64)):
        rows = random_rows(random, layout, 64)
        maps = [drawn(row, layout, side) for row in rows]
        true = np.stack([colors for colors, _ in maps]), np.stack([alpha for _, alpha in maps])[..., None]
        made = [to_numpy(part) for part in network(rows)]
        found.append([10 * np.log10(1.0 / np.mean((a - b) ** 2)) for a, b in zip(made, true)])
    foreground, alpha = np.mean(found, 0)
    return float(foreground), float(alpha)


def _hundredfold(true: Any, made: Any) -> Any:
    from keras import ops

    return 100.0 * ops.mean((true - ops.cast(made, true.dtype)) ** 2)
