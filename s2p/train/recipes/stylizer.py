"""Recipe of the network of many painting styles."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from s2p import tensors
from s2p.errors import ConfigError, InputError
from s2p.models import build, stylizer
from s2p.nn.gradients import to_numpy
from s2p.progress import Reporter
from s2p.style_rows import load_rows, names_in, style_name
from s2p.style_shelf import draw_strip
from s2p.train.as_picture import begin_as_picture
from s2p.train.photos import centres, cut, pictures_in, read_sized
from s2p.train.recipe import Recipe, learned
from s2p.train.style_features import open_features
from s2p.train.style_loss import StyleLoss, variation
from s2p.weights import read_weights

_ORDINARY = 32  # pictures of which the scale of the losses is taken
_JUDGED, _JUDGED_EDGE = 12, 128  # pieces on which a network is judged
_AT_ONCE = 8  # paintings of a sheet that are made side by side
_LIVELY, _TRIALS = 12.0, 20  # least deviation of a piece, 0..255, and how often another is cut


@dataclass
class Stylizer(Recipe):
    """Many styles in one network: `s2p train stylizer --data PHOTOS --styles PAINTINGS --out OUT`.

    Every picture of a batch gets a style by chance (Dumoulin et al. 2017, arXiv:1610.07629). Style and content are
    measured by a network of features that is no part of what is written (`s2p.train.style_loss`).

    Attributes:
        styles: folder of paintings, each of which becomes a style, called as its file; or files, between them `:`
            (`;` on Windows), in that order.
        variant: `turbo`, `light` or `official`, see `s2p.models.stylizer`.
        features: `efficientnet`, `reader`, `filters`, `random`, or a Keras file of VGG-16 (`s2p.train.style_features`).
        edge: px, height and width of the pieces of pictures.
        style_edge: px, shorter side of a painting when it is measured; the larger, the finer the strokes.
        content, variation: weights of content and of smoothness beside that of style, which is 1.
        weights: weights of single styles, such as `great-wave=2,udnie=0.5`.
        as_picture: begin with a network that paints the picture itself (`s2p.train.as_picture`), not at random.
        only_rows: learn scales and offsets alone, so that styles are added to the network of `start`.
    """

    batch_size: int = 4
    epoch_steps: int = 100
    epochs: int = 50
    rate: float = 5e-3
    warmup: int = 100
    ema: float = 0.995
    clip: float = 10.0
    styles: str = ""
    variant: str = "turbo"
    features: str = "efficientnet"
    edge: int = 96
    style_edge: int = 256
    content: float = 0.06
    variation: float = 0.05
    weights: str = ""
    as_picture: bool = True
    only_rows: bool = False
    name: str = field(default=stylizer.NAME, init=False)

    lines: ClassVar[str] = "No line art: pieces of the pictures as they are."
    read_by: ClassVar[str] = "s2p/pipelines/stylizer.py"
    limits: ClassVar[str] = (
        "Strokes have the size that they had in training, whatever the picture's; large even areas get a pattern."
    )
    part: ClassVar[float] = 0.0  # learns of paintings: only where it is asked for

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.variant not in stylizer.WIDTHS or self.edge < 32 or self.edge % stylizer.MULTIPLE:
            raise ConfigError(
                f"variant is one of {', '.join(stylizer.WIDTHS)}, edge a multiple of {stylizer.MULTIPLE} from 32 on. "
                f"Received: {self.variant!r}, {self.edge}."
            )

    @cached_property
    def paintings(self) -> list[Path]:
        """Files of the styles, in their order; raises `InputError` where there is none."""
        places = [Path(place) for place in self.styles.split(os.pathsep) if place]
        files = [path for place in places for path in ([place] if place.is_file() else pictures_in(place))]
        if not files:
            raise InputError("A style is a painting. Say where they are: --styles FOLDER.")
        return files

    @cached_property
    def names(self) -> list[str]:
        """Names of the styles; raises `InputError` for two of one name."""
        names = [style_name(path) for path in self.paintings]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise InputError(f"Two styles cannot have one name. Received twice: {', '.join(twice)}.")
        return names

    @cached_property
    def photos(self) -> list[Path]:
        """Files of the pictures."""
        return pictures_in(self.data)

    @cached_property
    def more_photos(self) -> list[Path]:
        """Files of those of `more`."""
        return pictures_in(*(folder for folder in self.more.split(os.pathsep) if folder)) if self.more else []

    @cached_property
    def loss(self) -> StyleLoss:
        """The losses, with all paintings measured."""
        mixed = [*self.photos, *self.more_photos]
        ordinary = [mixed[i] for i in np.linspace(0, len(mixed) - 1, min(_ORDINARY, len(mixed))).astype(int)]
        paintings = [read_sized(path, short=self.style_edge)[None] / np.float32(255.0) for path in self.paintings]
        return StyleLoss(open_features(self.features, seed=self.seed), centres(ordinary, self.edge), paintings)

    def model(self) -> keras.Model:
        self._network = network = build(self.name, variant=self.variant, styles=self.names)
        if self.as_picture:
            begin_as_picture(network)
        if self.only_rows:
            if not self.start:
                raise ConfigError("only_rows adds styles to a network. Say which: --set start=FILE.")
            for layer in network.layers:
                layer.trainable = isinstance(layer, keras.layers.Dense)
        return Styling(network, self.loss, content=self.content, smoothness=self.variation, weights=self._weights())

    def trainable(self, optimizer: keras.optimizers.Optimizer) -> keras.Model:
        model = self.model()
        model.compile(optimizer=optimizer, jit_compile=False)
        optimizer.build(model.trainable_variables)
        return model

    def load_start(self, model: keras.Model) -> None:
        """Convolutions of a published file, whatever its styles; and their rows where they are the same styles."""
        load_rows(self.network_of(model), Path(self.start), self.names)

    def gather(self, step: int, random: np.random.Generator) -> Any:
        pieces = [self._piece(random) for _ in range(self.batch_size)]
        # Every style as often as the others, whatever the batch: turns of them all, each shuffled by its own seed.
        first = step * self.batch_size
        chosen = [self._turn((first + i) // len(self.names))[(first + i) % len(self.names)]
                  for i in range(self.batch_size)]
        shares = np.eye(len(self.names), dtype=np.float32)[chosen]
        return (np.stack(pieces), shares), np.zeros(self.batch_size, np.uint8)  # there is no painting to be met

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        (pieces, styles), nothing = gathered
        return (tensors.light(pieces), styles), nothing

    def publish(self, model: keras.Model, out: Path) -> None:
        from s2p.weight_files import write_weights

        path = out / f"{self.name}.weights.h5"
        write_weights(self.network_of(model), path, dtype="float32", build={"styles": self.names})

    @classmethod
    def released(
        cls, run: Path, network: str, settings: Mapping[str, Any], *, temperature: float = 1.0
    ) -> tuple[keras.Model, dict[str, Any]]:
        path = learned(run, network)
        names = names_in(path)
        model = build(network, variant=settings["variant"], styles=names)
        read_weights(model, path)
        return model, {"styles": names}

    @classmethod
    def judged(
        cls, run: Path, model: keras.Model, settings: Mapping[str, Any], *, report: Reporter | None = None
    ) -> tuple[str, str]:
        known = {field.name for field in fields(cls) if field.init}
        recipe = cls(**{name: value for name, value in settings.items() if name in known})
        rows = recipe.measured(model, report=report)
        table = "\n".join(
            f"{name:24} style {before:.2f} to {after:.2f} ({1 - after / before:4.0%})  content {content:.2f}"
            for name, before, after, content in rows
        )
        told = ", ".join(f"{name} {1 - after / before:.0%}" for name, before, after, _ in rows)
        content = np.mean([row[3] for row in rows])
        return table, (
            f"From the picture to its painting the style loss of the recipe falls by: {told}. Content loss on average "
            f"{content:.2f} (pictures of different things: about 2). Measured on {_JUDGED} pieces of {_JUDGED_EDGE} px."
        )

    @classmethod
    def beside(cls, model: keras.Model, path: Path) -> None:
        draw_strip(model, path)

    def measured(
        self, model: keras.Model, *, report: Reporter | None = None
    ) -> list[tuple[str, float, float, float]]:
        """Of every style: its name, style loss of pictures and of their paintings, and content loss of these."""
        all_of = [*self.photos, *self.more_photos]
        photos = centres([all_of[i] for i in np.linspace(0, len(all_of) - 1, _JUDGED).astype(int)], _JUDGED_EDGE)
        kept, rows = self.loss.look(photos), []
        for i, name in enumerate(self.names):
            if report is not None:
                report.update(i / len(self.names))
            shares = np.eye(len(self.names), dtype=np.float32)[[i] * len(photos)]
            seen = self.loss.look(model([photos, shares], training=False))
            values = (self.loss.style(kept, shares), self.loss.style(seen, shares), self.loss.content(seen, kept))
            rows.append((name, *(float(np.mean(to_numpy(value))) for value in values)))
        return rows

    @classmethod
    def published_as(cls, settings: Mapping[str, Any]) -> str:
        return settings["variant"]

    def sheet(self, model: keras.Model, path: Path) -> None:
        """Paintings, and some pictures in all of their styles."""
        from s2p.train.sheets import write_sheet

        network, edge = self.network_of(model), self.edge * 3 // 2 // 4 * 4
        rows = [[(one * 255).astype(np.uint8) for one in [np.ones((edge, edge, 3)), *centres(self.paintings, edge)]]]
        styles = np.eye(len(self.names), dtype=np.float32)
        for photo in centres(self.photos[:: max(len(self.photos) // 5, 1)][:5], edge):
            painted = [one for shares in np.array_split(styles, -(-len(styles) // _AT_ONCE))
                       for one in to_numpy(network([photo[None].repeat(len(shares), 0), shares], training=False))]
            rows.append([(one * 255).astype(np.uint8) for one in [photo, *painted]])
        write_sheet(rows, path)

    def _piece(self, random: np.random.Generator) -> np.ndarray:
        """A square of a picture at any scale, so that things are large and small."""
        piece = np.zeros((self.edge, self.edge, 3), np.uint8)
        for _ in range(_TRIALS):
            photos = self.more_photos if self.more_photos and random.random() < self.more_share else self.photos
            path = photos[int(random.integers(len(photos)))]
            piece = cut(read_sized(path, short=int(self.edge * 2 ** random.uniform(0.0, 1.5))), self.edge, random)
            if piece.std() >= _LIVELY:
                return piece
        # Of an even piece every norm would divide by next to nothing, and gradients would have no end.
        return random.integers(0, 256, piece.shape, dtype=np.uint8)

    def _turn(self, number: int) -> np.ndarray:
        return np.random.default_rng([self.seed, 7, number]).permutation(len(self.names))

    def _weights(self) -> np.ndarray:
        weights = np.ones(len(self.names), np.float32)
        for given in filter(None, self.weights.split(",")):
            name, _, value = given.partition("=")
            try:
                weights[self.names.index(name.strip())] = float(value)
            except ValueError:
                raise ConfigError(
                    f"weights are NAME=NUMBER of the styles {', '.join(self.names)}. Received: {given!r}."
                ) from None
        return weights


class Styling(keras.Model):
    """The network while it learns; the losses hold a network of their own, which is no part of it.

    Args:
        network: takes pictures and shares of styles.
        losses: how its paintings are judged.
        content, smoothness: weights beside that of style.
        weights: `float32[styles]`.
    """

    def __init__(
        self, network: keras.Model, losses: StyleLoss, *, content: float, smoothness: float, weights: np.ndarray
    ) -> None:
        super().__init__(name="styling")
        self.network = network
        # Behind a function: what a Keras model holds as an attribute becomes a part of it and of its checkpoints.
        self._judge = lambda: losses
        self._content, self._smoothness, self._weights = content, smoothness, lambda: weights
        self._noted = [keras.metrics.Mean(name=name) for name in ("style", "content")]
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.network(list(inputs), training=training)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        losses, (pictures, shares) = self._judge(), x
        seen, kept = losses.look(y_pred), losses.look(pictures)
        style, content = losses.style(seen, shares), losses.content(seen, [ops.stop_gradient(one) for one in kept])
        for metric, value in zip(self._noted, (style, content)):
            metric.update_state(value)
        share = ops.matmul(shares, self._weights()[:, None])[:, 0]
        return ops.mean(share * style + self._content * content + self._smoothness * variation(y_pred))
