"""What the recipes of the two painters share: crops at the working size, hints, style vectors, guide losses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import keras
import numpy as np

from s2p import tensors
from s2p.colors import VGG_MEANS
from s2p.hintmap import TRAINED_EDGE, layered_hint, points_hint
from s2p.lineart import min_pool
from s2p.nn.gradients import to_numpy
from s2p.nn.losses import weighted_l1
from s2p.train import simulate
from s2p.train.compositions import Compositions
from s2p.train.recipe import Recipe

_MEANS = np.array(VGG_MEANS, np.float32)
_STYLE = (224, 256)


@dataclass
class Painter(Recipe):
    """Crops of `crop` px at short edge 512; 0 to 32 hints in each.

    The composition is what the installed draft and composition networks made of the picture, or, for a share
    `degraded` of the samples (all of them where those networks are untrained), a degraded copy of it. The style is
    read from the composition, as in the pipeline, or, as with a reference, from the picture. The style reader is
    trained together with the first painter; a run that names `reader` takes that one and leaves it as it is.

    A share `bare` of the samples has its hints as V3 gives them, squares of colour on nothing, and no composition:
    exported networks get them so. With 0.15 of 18,000 samples they were hardly followed.
    """

    batch_size: int = 4
    epochs: int = 120
    crop: int = 256
    reader: str = ""
    degraded: float = 0.3
    bare: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._compositions: dict[Path, Compositions] = {}
        self._composing = Lock()  # several threads make batches, and one paints what they look up

    def composed(self, i: int) -> np.ndarray:
        """What the installed networks made of picture `i`, `uint8[H // 2, W // 2, 3]` RGB."""
        source, i = self.art.source(i)
        with self._composing:
            if source.folder not in self._compositions:
                self._compositions[source.folder] = Compositions(source)
        return self._compositions[source.folder][i]

    @property
    def _share_degraded(self) -> float:
        return self.degraded if Compositions.available() else 1.0

    def network(self) -> keras.Model:
        raise NotImplementedError

    def sketch(self, lines: np.ndarray, color: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The network's first input as a picture: `uint8[H, W]`, 255 = paper or white."""
        raise NotImplementedError

    def composition(self, color: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """A guess of the colours, `uint8[H, W, 3]`."""
        draft = simulate.degrade(color, random)
        chance = random.random()
        if chance < 0.15:
            draft = simulate.jitter(draft, random, hue=40.0)
        elif chance < 0.22:
            draft = np.repeat(draft.mean(-1, keepdims=True), 3, -1).astype(np.uint8)
        return draft

    def model(self) -> keras.Model:
        from s2p.models import style2paints
        from s2p.weights import read_weights

        painter = self.network()
        reader = style2paints.reader()
        if self.reader:
            read_weights(reader, Path(self.reader))
            reader.trainable = False
        style = keras.Input((*_STYLE, 3), name="style_picture")
        vectors = [keras.layers.GlobalAveragePooling2D(name=f"mean{i}")(tap) for i, tap in enumerate(reader(style))]
        sketch, hint = (keras.Input((None, None, c), name=n) for c, n in ((1, "sketch_in"), (3, "hint_in")))
        self._network, self._reader = painter, reader
        return keras.Model([sketch, hint, style], painter([sketch, hint, *vectors]))

    def losses(self) -> Any:
        return [weighted_l1(1 / 255.0)] * 3

    def loss_weights(self) -> Any:
        return [0.15, 0.3, 1.0]

    def gather(self, step: int, random: np.random.Generator) -> Any:
        samples = [self.sample(self.art.pick(random), random) for _ in range(self.batch_size)]
        return tuple(np.stack(part) for part in zip(*samples))

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        sketch, hint, style, target = gathered
        small = tensors.quartered(target)
        wanted = tuple(tensors.centred(one) for one in (tensors.quartered(small), small, target))
        return (tensors.ink(sketch), hint, tensors.light(style)), wanted

    def sample(
        self, i: int, random: np.random.Generator, *, hints: int | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Sketch `uint8[C, C]`, hint `float32[C, C, 3]`, style picture, BGR, and half-size target, `uint8[., ., 3]`."""
        picture, flavours = self.art.color(i), self.art.lines(i)
        height, width = picture.shape[:2]
        size = int(min(self.crop * random.uniform(0.85, 1.7), height, width))
        y, x = int(random.integers(height - size + 1)), int(random.integers(width - size + 1))
        is_mirrored = bool(random.random() < 0.5)
        color, lines = (_cut(a, y, x, size, self.crop, mirror=is_mirrored) for a in (picture, flavours))
        count = simulate.hint_count(random, none=0.2, most=32) if hints is None else hints
        needed = None
        if count and random.random() < 0.4:
            color, needed = simulate.recolor(color, random)
        half = self.crop // 2
        target = cv2.resize(color, (half, half), interpolation=cv2.INTER_AREA)
        drawing = simulate.draw_lines(lines, color, random)
        points = simulate.place_hints(
            color, drawing, count, random, needed=needed, attentive=bool(random.random() < 0.5)
        )
        style = cv2.resize(picture, _STYLE[::-1], interpolation=cv2.INTER_AREA)
        if random.random() < self._share_degraded:
            guess = self.composition(target, random)
            style = cv2.GaussianBlur(style, (0, 0), random.uniform(0.5, 3.0))
        else:
            composed = self.composed(i)
            guess = _cut(composed, y // 2, x // 2, max(size // 2, 1), half, mirror=is_mirrored)
            if random.random() < 0.75:
                style = cv2.resize(composed, _STYLE[::-1], interpolation=cv2.INTER_AREA)
        if random.random() < self.bare:
            hint = points_hint(drawing.shape, simulate.hints_at(points))
        else:
            hint = layered_hint(min_pool(drawing, 2), points, guess, edge=TRAINED_EDGE)
        return self.sketch(drawing, color, random), hint, style[..., ::-1], target

    def publish(self, model: keras.Model, out: Path) -> None:
        """Writes the style reader, too, where it learns beside the painter."""
        from s2p.weights import write_weights

        super().publish(model, out)
        if not self.reader:
            write_weights(self._reader, out / "reader.weights.h5", dtype="float32")

    def sheet(self, model: keras.Model, path: Path) -> None:
        from s2p.train.sheets import write_sheet

        random = np.random.default_rng(7)
        rows = []
        for i in random.integers(len(self.art), size=8):
            tiles: list[np.ndarray] = []
            for hints in (0, 4, 24):
                sample = self.sample(int(i), np.random.default_rng(int(i)), hints=hints)
                inputs, _ = self.tensors([one[None] for one in sample])
                painted = to_numpy(model(inputs)[2])[0] + _MEANS
                sketch, hint, _, target = sample
                guess = hint[::2, ::2, ::-1]  # where the hints spread to
                tiles += [((guess + 1) * 127.5).clip(0, 255).astype(np.uint8), painted.clip(0, 255).astype(np.uint8)]
            rows.append([np.repeat(sketch[::2, ::2, None], 3, -1), target, *tiles])
        write_sheet(rows, path)


def _cut(picture: np.ndarray, y: int, x: int, size: int, wanted: int, *, mirror: bool) -> np.ndarray:
    """A square of `size` px, resized to `wanted` px."""
    square = tensors.resized(picture[y : y + size, x : x + size], (wanted, wanted))
    return np.ascontiguousarray(tensors.mirrored(square) if mirror else square)
