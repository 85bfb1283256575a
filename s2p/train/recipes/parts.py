"""Recipe of the network that names the parts of a drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
from keras import layers

from s2p import tensors
from s2p.parts import CELL
from s2p.reach import paper_cells
from s2p.train import simulate
from s2p.train.art import Art, Mixture
from s2p.train.pages import cell_colors, cell_parts, page, with_colors
from s2p.train.palettes import keep_palette, kept_palette, lab_palette, nearest, palette_of
from s2p.train.recipe import Recipe
from s2p.train.teacher import name_all

# Cells of a page, taken in turn; any two in a row differ in height and in width.
SHAPES = ((64, 80), (80, 64), (96, 48), (48, 96), (80, 96))
_FULL = 64 * 80
_COLORS = 48  # of the palette that pictures are told in
# How much a cell of each part counts: small parts would drown in paper and cloth.
WEIGHTS = (0.5, 1.2, 1.2, 2.0, 2.5, 2.5, 2.5, 1.0, 1.0, 1.0, 1.0, 1.0)
# Colours of the parts on sheets, RGB.
_SHOWN = np.array([
    (255, 255, 255), (244, 190, 160), (120, 70, 40), (60, 30, 20), (225, 225, 235), (40, 90, 200), (220, 60, 80),
    (230, 200, 60), (150, 110, 190), (150, 200, 110), (150, 210, 240), (90, 140, 130),
], np.uint8)  # fmt: skip


@dataclass
class Parts(Recipe):
    """The parts of drawings: `s2p train parts --data DRAWINGS --out OUT`, of folders that know them.

    Those are what `python -m preprocess synthetic` and `python -m preprocess vectors` make. The loss is the
    cross-entropy of every cell's part, small parts weighing more.

    Attributes:
        batch_size: pages of the smallest shape; of larger ones as many as have the same area.
        sees_color: learn to name pictures instead, with their colours in sight. Such a network is a teacher, never
            published.
        teacher: weight file of such a network, which names what is in folders that do not know it.
        colors: how much telling every cell's colour counts, which any picture teaches: that a bare arm has the face's
            colour is learned from pictures whose parts nobody knows. What tells it is not published.
    """

    batch_size: int = 16
    rate: float = 2e-3
    warmup: int = 100
    ema: float = 0.99
    sees_color: bool = False
    teacher: str = ""
    colors: float = 0.0
    name: str = field(default="parts", init=False)

    lines: ClassVar[str] = (
        "Lines are those that the drawings were made with, or drawn from their pictures by program, mixed, broken, "
        "toned and made pale."
    )
    read_by: ClassVar[str] = "s2p/parts.py"
    limits: ClassVar[str] = (
        "Of other people's drawings it names heads well, of bare arms and legs it finds four of five in line art and "
        "fewer in crowded pages; scenes drawn with few lines are taken for paper, and sky for ground; portraits of "
        "monsters and masked people for creatures. Plain backdrops are paper."
    )
    part: ClassVar[float] = 3.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._palette: np.ndarray | None = None
        self._rarity = np.ones(_COLORS, np.float32)

    @property
    def palette(self) -> np.ndarray:
        """`float32[_COLORS, 3]`, Lab / 100: colours that occur in the training pictures."""
        if self._palette is None:
            found, self._rarity = palette_of(self.art, _COLORS, seed=self.seed, own=kept_palette(self.run, ""))
            keep_palette(self.run, found)
            self._palette = lab_palette(found)
        return self._palette

    def model(self) -> keras.Model:
        from s2p.models.parts import parts_network

        self._network = network = parts_network(sees_color=self.sees_color)
        if not self.colors:
            return network
        colors = layers.Conv2D(_COLORS, 1, name="colors")(network.get_layer("logits").input)
        return keras.Model(network.input, [network.output, colors], name="parts_training")

    @property
    def art(self) -> Art | Mixture:
        if self._art is None and self.teacher:
            name_all(super().art, Path(self.teacher))
        return super().art

    def load_start(self, model: keras.Model) -> None:
        """Begins from a published file; a teacher from one without colours, whose answer it starts with."""
        from s2p.models.parts import parts_network
        from s2p.weights import read_weights

        start = parts_network()
        read_weights(start, Path(self.start))
        for variable, value in zip(self.network_of(model).variables, start.variables, strict=True):
            known = keras.ops.convert_to_numpy(value)
            if known.shape != variable.shape:  # the first kernel, of four channels: ink, red, green, blue
                known = np.concatenate([known, np.zeros((*known.shape[:2], 3, known.shape[3]), np.float32)], 2)
            variable.assign(known)

    def losses(self) -> Any:
        return [naming_loss, telling_loss] if self.colors else naming_loss

    def loss_weights(self) -> Any:
        return [1.0, self.colors] if self.colors else None

    def gather(self, step: int, random: np.random.Generator) -> Any:
        shape = SHAPES[step % len(SHAPES)]
        count = max(1, round(self.batch_size * _FULL / (shape[0] * shape[1])))
        samples = [self.sample(self.art.pick(random), shape, random) for _ in range(count)]
        return tuple(np.stack(values) for values in zip(*samples))

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        seen, parts, colors = gathered
        inputs = with_colors(seen) if self.sees_color else tensors.ink(seen[..., 0])
        return inputs, (parts, colors) if self.colors else parts

    def sample(
        self, i: int, shape: tuple[int, int], random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lines `uint8[4h, 4w, 1]`, the parts of the cells, `int32[h, w, 1]` of `s2p.train.pages.cell_parts`, and
        their colours, `float32[h, w, 2]`: numbers of the palette, and what they weigh.

        Behind the lines stand red, green and blue where colours are seen.
        """
        size = (shape[0] * CELL, shape[1] * CELL)
        color, lines, parts = page(self.art, i, size, random)
        seen = lines[..., None]
        if self.sees_color:
            seen = np.concatenate([seen, simulate.as_painted(color, random)], -1)
        named = cell_parts(parts, shape, CELL)[..., None]
        return seen, named, self._told(color, lines) if self.colors else np.zeros((*shape, 2), np.float32)

    def _told(self, color: np.ndarray, lines: np.ndarray) -> np.ndarray:
        number = nearest(self.palette, cell_colors(color, lines))
        return np.stack([number.astype(np.float32), self._rarity[number] * paper_cells(lines) ** 2], -1)

    def sheet(self, model: keras.Model, path: Path) -> None:
        from s2p.nn.gradients import to_numpy
        from s2p.train.sheets import write_sheet

        random, tiles = np.random.default_rng(7), []
        for _ in range(24):
            seen, parts, colors = self.sample(self.art.pick(random), (64, 64), random)
            inputs, _ = self.tensors((seen[None], parts[None], colors[None]))
            found = to_numpy(self.network_of(model)(inputs))[0].argmax(-1)
            drawing = np.repeat(seen[..., :1], 3, -1)
            tiles.append([drawing, *(_drawn(named, drawing) for named in (found, parts[..., 0] - 1))])
        write_sheet([[*tiles[k], *tiles[k + 1], *tiles[k + 2]] for k in range(0, len(tiles), 3)], path)


def naming_loss(parts: Any, logits: Any) -> Any:
    """Weighted cross-entropy over the cells whose part is known.

    Args:
        parts: `int32[B, h, w, 1]`, number of the part + 1, 0 where it is not known.
        logits: `float32[B, h, w, len(NAMES)]`.

    Returns: a scalar.
    """
    from keras import ops

    number = ops.cast(parts[..., 0], "int32")
    weight = ops.take(ops.convert_to_tensor(np.array((0.0, *WEIGHTS), np.float32)), number)
    chances = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    named = ops.take_along_axis(chances, ops.maximum(number - 1, 0)[..., None], axis=-1)
    return -ops.sum(named[..., 0] * weight) / (ops.sum(weight) + 1e-3)


def telling_loss(colors: Any, logits: Any) -> Any:
    """Weighted cross-entropy of the cells' colours.

    Args:
        colors: `float32[B, h, w, 2]`, number of the colour in the palette, and weight.
        logits: `float32[B, h, w, K]`.

    Returns: a scalar.
    """
    from keras import ops

    number, weight = ops.cast(colors[..., 0], "int32"), colors[..., 1]
    chances = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    told = ops.take_along_axis(chances, number[..., None], axis=-1)[..., 0]
    return -ops.sum(told * weight) / (ops.sum(weight) + 1e-3)


def _drawn(parts: np.ndarray, drawing: np.ndarray) -> np.ndarray:
    """Parts in colours under the drawing, `uint8[H, W, 3]`; black where nothing is known (-1)."""
    shown = np.where(parts[..., None] >= 0, _SHOWN[np.maximum(parts, 0)], np.uint8(0))
    shown = shown.repeat(CELL, 0).repeat(CELL, 1)
    return (shown * (0.35 + 0.65 * drawing / 255.0)).astype(np.uint8)
