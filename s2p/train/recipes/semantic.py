"""Recipe of the semantic network of Tag2Pix."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
from keras import layers, ops

from s2p import tensors
from s2p.errors import ConfigError
from s2p.models.semantic import NAME, SCALE, classifier
from s2p.nn.adversarial import classification_loss
from s2p.parts import NAMES
from s2p.train import simulate
from s2p.train.pages import cell_parts
from s2p.train.recipe import Recipe
from s2p.train.recipes.parts import naming_loss
from s2p.train.tagged import Tagged, cut, is_fit


@dataclass
class Semantic(Recipe):
    """What a drawing is about: `s2p train semantic --data DRAWINGS --out OUT`, of pictures with tags.

    The paper's authors never published how theirs was trained, so this is ours: drawings in all styles of lines to the
    370 tags without colour, by the cross-entropy of each; and, where the parts of a picture are known (our own
    drawings), what every place shows, which makes the features point at hair and cloth much sooner.

    Attributes:
        edge: px, short edge of the drawings; a multiple of 128.
        tags, parts: weights of the two losses.
    """

    batch_size: int = 16
    rate: float = 2e-3
    warmup: int = 200
    ema: float = 0.99
    edge: int = 256
    tags: float = 10.0
    parts: float = 1.0
    name: str = field(default=NAME, init=False)

    read_by: ClassVar[str] = "s2p/pipelines/tag2pix.py"
    limits: ClassVar[str] = "Its features are for the painter by words alone; of themselves they say nothing."
    part: ClassVar[float] = 0.0  # learns of tagged pictures alone: only where it is asked for

    def __post_init__(self) -> None:
        super().__post_init__()
        self._tagged: Tagged | None = None
        check_edge(self.edge)

    @property
    def tagged(self) -> Tagged:
        """The pictures with tags that are not about colour."""
        if self._tagged is None:
            self._tagged = Tagged(self.art, with_color=False)
        return self._tagged

    def model(self) -> keras.Model:
        whole = classifier()
        features, tags = whole.outputs
        self._network = keras.Model(whole.input, features, name=NAME)
        parts = layers.Conv2D(len(NAMES), 1, name="parts")(features)
        return keras.Model(whole.input, [tags, parts], name="semantic_training")

    def losses(self) -> Any:
        return [tag_loss, naming_loss]

    def loss_weights(self) -> Any:
        return [self.tags, self.parts]

    def gather(self, step: int, random: np.random.Generator) -> Any:
        shape = shape_of(self.edge, step)
        samples = [self.sample(self.tagged.pick(shape, random), shape, random) for _ in range(self.batch_size)]
        return tuple(np.stack(one) for one in zip(*samples))

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        sketch, *named = gathered
        return tensors.ink(sketch), tuple(named)

    def sample(
        self, i: int, shape: tuple[int, int], random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Drawing `uint8[H, W]`, tags `float32[370]`, and parts `int32[h, w, 1]` as `cell_parts` numbers them."""
        color, lines, parts = self.art.color(i), self.art.lines(i), self.art.parts(i)
        sketch = simulate.draw_lines(lines, color, random)
        cell = SCALE
        if parts is None or not is_fit(self.art.tags(i), with_color=False):
            (sketch,) = cut((sketch,), shape, random)
            found = cell_parts(None, (shape[0] // cell, shape[1] // cell), cell)
        else:
            # Numbers cannot be mixed: they are turned as pictures whose neighbours are the nearest.
            sketch, named = cut((sketch, parts), shape, random, numbers=1)
            found = cell_parts(named, (shape[0] // cell, shape[1] // cell), cell)
        return sketch, self.tagged.vectors(i)[0], found[..., None]

    def sheet(self, model: keras.Model, path: Path) -> None:
        """Drawings, what the network takes their places for, and what they are."""
        from s2p.nn.gradients import to_numpy
        from s2p.train.recipes.parts import _SHOWN
        from s2p.train.sheets import write_sheet

        random, rows, shape = np.random.default_rng(7), [], shape_of(self.edge, 0)
        for _ in range(6):
            sketch, _, parts = self.sample(self.tagged.pick(shape, random), shape, random)
            named = to_numpy(model(tensors.ink(sketch[None]), training=False)[1])[0].argmax(-1)
            drawing = np.repeat(sketch[..., None], 3, -1)
            cell = SCALE
            tiles = [_SHOWN[np.maximum(one, 0)].repeat(cell, 0).repeat(cell, 1) for one in (named, parts[..., 0] - 1)]
            rows.append([drawing, *tiles])
        write_sheet(rows, path)


def tag_loss(tags: Any, named: Any) -> Any:
    """Cross-entropy of every tag by itself; see `s2p.nn.adversarial.classification_loss`."""
    return classification_loss(ops.cast(tags, "float32"), ops.cast(named, "float32"))


def shape_of(edge: int, step: int) -> tuple[int, int]:
    """Height and width of the pictures of a batch, multiples of 64, upright and lying in turns."""
    long = -(-(edge + edge // 4) // 64) * 64
    return (long, edge) if step % 2 else (edge, long)


def check_edge(edge: int) -> None:
    """Raises `ConfigError` for an edge, px, that is no multiple of 128."""
    if edge < 128 or edge % 128:
        raise ConfigError(f"edge must be a multiple of 128. Received: {edge}.")
