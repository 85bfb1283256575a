"""Recipe of the composition network."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import cv2
import keras
import numpy as np

from s2p import lineart, tensors
from s2p.nn.gradients import to_numpy
from s2p.nn.losses import weighted_l1
from s2p.train import simulate
from s2p.train.recipe import Recipe
from s2p.train.recipes.baby import crop_whole

_SHAPES = ((192, 256), (256, 192))  # two in a row must differ in height and in width, see `s2p.train.recipes.baby`


@dataclass
class Girder(Recipe):
    """Coarse draft to even composition: `s2p train girder --data ART --out OUT`.

    The draft is a degraded copy of the picture at half the composition's size, its lines whitened and blurred in as
    the pipeline does; the target is the picture with thin lines and texture taken out by a median.
    """

    batch_size: int = 4
    epochs: int = 30
    name: str = field(default="girder", init=False)

    limits: ClassVar[str] = "A wrong colour of the draft stays where it fills a whole region."
    needs: ClassVar[tuple[str, ...]] = ("baby",)
    part: ClassVar[float] = 3.0

    def model(self) -> keras.Model:
        from s2p.models.style2paints import girder

        return girder()

    def losses(self) -> Any:
        return weighted_l1()

    def gather(self, step: int, random: np.random.Generator) -> Any:
        shape = _SHAPES[step % len(_SHAPES)]
        samples = [self.sample(self.art.pick(random), shape, random) for _ in range(self.batch_size)]
        lines, draft, target = (np.stack(part) for part in zip(*samples))
        return lines, np.zeros((*lines.shape, 4), np.float32), draft, target

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        lines, no_hint, draft, target = gathered
        return (tensors.ink(lines), no_hint, _inverted(draft)), _inverted(target)

    def sample(
        self, i: int, shape: tuple[int, int], random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lines `uint8[H, W]`, draft `float32[H, W, 3]`, BGR 0..255, and target `uint8[H, W, 3]`, BGR."""
        height, width = shape
        quarter = (height // 2, width // 2)
        color, flavours = crop_whole(self.art.color(i), self.art.lines(i), quarter, random)
        sketch = simulate.draw_lines(flavours, color, random)
        picture = cv2.resize(color, (width, height), interpolation=cv2.INTER_AREA)
        if random.random() < 0.3:
            picture, _ = simulate.recolor(picture, random)
        lines = lineart.mini_norm(lineart.min_pool(sketch, 2))
        small = cv2.resize(picture, quarter[::-1], interpolation=cv2.INTER_AREA)
        hard = lineart.hard_norm(lineart.min_pool(sketch, 4))
        rough = lineart.whiten_lines(simulate.degrade(small, random), hard)
        rough = lineart.blur_into_lines(rough, hard, times=16)
        draft = lineart.clip_15(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC))
        return lines, draft[..., ::-1].astype(np.float32), cv2.medianBlur(picture, 5)[..., ::-1]

    def sheet(self, model: keras.Model, path: Path) -> None:
        from s2p.train.sheets import write_sheet

        rows = []
        for i in np.random.default_rng(7).integers(len(self.art), size=8):
            lines, *pictures = self.sample(int(i), (192, 192), np.random.default_rng(int(i)))
            no_hint = np.zeros((1, 192, 192, 4), np.float32)
            inputs, target = self.tensors((lines[None], no_hint, *(one[None] for one in pictures)))
            tiles = [inputs[0][0].repeat(3, -1) * 3, inputs[2][0], to_numpy(model(inputs))[0], target[0]]
            rows.append([((1 - tile[..., ::-1]) * 255).clip(0, 255).astype(np.uint8) for tile in tiles])
        write_sheet(rows, path)


def _inverted(pictures: Any) -> Any:
    """In [0, 1], 1 = black, of 0..255."""
    return 1.0 - tensors.light(pictures)
