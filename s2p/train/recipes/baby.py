"""Recipe of the draft network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import cv2
import keras
import numpy as np

from s2p import tensors
from s2p.colors import rgb_of_yuv, yuv
from s2p.hintmap import draft_tensor
from s2p.lineart import hard_norm, min_pool
from s2p.nn.gradients import to_numpy
from s2p.nn.losses import mixture_nll, weighted_l1
from s2p.train import simulate
from s2p.train.palettes import keep_palette, kept_palette, nearest, palette_of
from s2p.train.recipe import Recipe, learned

# Taken in turn. Wherever a run is continued, two in a row must differ in height and in width, for Keras takes what is
# alike in its first two batches for fixed.
SHAPES = ((128, 160), (160, 128), (144, 144), (128, 176), (176, 128))


@dataclass
class Baby(Recipe):
    """Draft at 128 px: `s2p train baby --data ART --out OUT`.

    Whole pictures, 0 to 12 hints carried through the lines; mixture likelihood, its pixels
    weighted by the root of how rare their palette colour is (Zhang et al. 2016, arXiv:1603.08511, weigh by rarity
    itself, which drowned white paper), plus L1 of the expected colour.

    Attributes:
        bare: share of the samples whose hints are V3's squares of colour on nothing: exported networks get them so.
            With 0.15 of 10,800 samples (of a painter that began from it) a square was obeyed where it lies, and
            hardly spread.
    """

    batch_size: int = 4
    epochs: int = 40
    palette_size: int = 64
    bare: float = 0.0
    name: str = field(default="baby", init=False)

    limits: ClassVar[str] = "It guesses: without hints a large area gets one plausible colour, which may be wrong."
    part: ClassVar[float] = 4.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._palette: np.ndarray | None = None
        self._rarity: np.ndarray | None = None

    @property
    def palette(self) -> np.ndarray:
        """`float32[K, 3]`, YUV / 255: k-means of the colours of the training pictures, common ones thinned out."""
        if self._palette is None:
            own = kept_palette(self.run, self.start)
            self._palette, self._rarity = palette_of(self.art, self.palette_size, seed=self.seed, own=own)
            keep_palette(self.run, self._palette)
        return self._palette

    def model(self) -> keras.Model:
        from s2p.models.style2paints import baby_mixture

        return baby_mixture(palette=self.palette)

    def losses(self) -> Any:
        return [mixture_nll(self.palette), weighted_l1(1 / 255.0)]

    def loss_weights(self) -> Any:
        return [0.25, 2.0]

    def gather(self, step: int, random: np.random.Generator) -> Any:
        shape = SHAPES[step % len(SHAPES)]
        samples = [self.sample(self.art.pick(random), shape, random) for _ in range(self.batch_size)]
        return tuple(np.stack(part) for part in zip(*samples))

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        inputs, colors, weights = gathered
        return inputs, (tensors.joined(tensors.light(colors), weights), colors)

    def sample(
        self, i: int, shape: tuple[int, int], random: np.random.Generator, *, hints: int | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Input `float32[H, W, 4]`, target YUV `float32[H, W, 3]`, pixel weight `float32[H, W, 1]`."""
        color, lines = crop_whole(self.art.color(i), self.art.lines(i), shape, random)
        sketch = simulate.draw_lines(lines, color, random)
        # The pipeline whitens a draft's lines and blurs colour in, so thin lines are no part of the target.
        double = cv2.resize(color, (2 * shape[1], 2 * shape[0]), interpolation=cv2.INTER_AREA)
        small = cv2.resize(cv2.medianBlur(double, 5), shape[::-1], interpolation=cv2.INTER_AREA)
        small = simulate.jitter(small, random, hue=4.0)
        count = simulate.hint_count(random) if hints is None else hints
        needed = None
        if count and random.random() < 0.4:
            small, needed = simulate.recolor(small, random)
        binary = hard_norm(min_pool(sketch, 4))
        barrier = cv2.resize(min_pool(sketch, 2), shape[::-1], interpolation=cv2.INTER_AREA)
        points = simulate.place_hints(small, barrier, count, random, needed=needed)
        encoding = "points" if random.random() < self.bare else "propagated"
        (inputs,) = draft_tensor(encoding, binary, simulate.hints_at(points, kind="draft"), walls=barrier)
        target = yuv(small[..., ::-1])
        return inputs, target, self.weight(target)

    def weight(self, target: np.ndarray) -> np.ndarray:
        palette = self.palette
        assert self._rarity is not None
        coarse = target[::2, ::2]
        flat = coarse.reshape(-1, 3) / 255.0
        weight = self._rarity[nearest(palette, flat)].reshape(*coarse.shape[:2], 1).astype(np.float32)
        return weight.repeat(2, 0).repeat(2, 1)

    @classmethod
    def released(
        cls, run: Path, network: str, settings: Mapping[str, Any], *, temperature: float = 1.0
    ) -> tuple[keras.Model, dict[str, Any]]:
        """Below a temperature of 1 a colour is rather chosen than averaged."""
        from s2p.models.style2paints import baby, baby_mixture
        from s2p.weights import read_weights

        source = learned(run, network)
        mixture = baby_mixture(palette=kept_palette(run, ""))
        read_weights(mixture, source)
        model = baby()
        model.set_weights(mixture.get_weights())
        return model, {"temperature": temperature}

    def sheet(self, model: keras.Model, path: Path) -> None:
        from s2p.train.sheets import write_sheet

        random = np.random.default_rng(7)
        rows = []
        for i in random.integers(len(self.art), size=10):
            row = []
            for hints in (0, 4, 12):
                inputs, target, _ = self.sample(int(i), (128, 128), np.random.default_rng(int(i)), hints=hints)
                drafts = model(inputs[None])[1]
                row += [rgb_of_yuv(to_numpy(drafts)[0])]
            rows.append([np.repeat(inputs[..., :1], 3, -1).astype(np.uint8), rgb_of_yuv(target), *row])
        write_sheet(rows, path)


def crop_whole(
    color: np.ndarray, lines: np.ndarray, shape: tuple[int, int], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Nearly the whole picture at four times `shape`, often mirrored: colour and line flavours."""
    height, width = color.shape[:2]
    scale = min(height / shape[0], width / shape[1]) * random.uniform(0.75, 1.0)
    h, w = int(shape[0] * scale), int(shape[1] * scale)
    y, x = int(random.integers(height - h + 1)), int(random.integers(width - w + 1))
    size = (shape[0] * 4, shape[1] * 4)
    color, lines = (tensors.resized(a[y : y + h, x : x + w], size, is_averaged=False) for a in (color, lines))
    if random.random() < 0.5:
        color, lines = tensors.mirrored(color), tensors.mirrored(lines)
    return np.ascontiguousarray(color), np.ascontiguousarray(lines)
