"""Recipe of the 2x refiner."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import cv2
import keras
import numpy as np

from s2p import tensors
from s2p.nn.gradients import to_numpy
from s2p.nn.losses import weighted_l1
from s2p.train import simulate
from s2p.train.encoded import as_jpeg
from s2p.train.recipe import Recipe

_BORDER = 14  # px of the doubled picture that the pipeline cuts off


@dataclass
class Tail(Recipe):
    """Doubling and cleaning: `s2p train tail --data ART --out OUT`.

    Paintings and line drawings, reduced by area, lightly noised and JPEG-compressed; L1 inside the border.
    """

    batch_size: int = 16
    epochs: int = 40
    rate: float = 2e-3
    crop: int = 128
    name: str = field(default="tail", init=False)

    limits: ClassVar[str] = "It sharpens lines and removes light noise and JPEG blocks, and invents no detail."
    needs: ClassVar[tuple[str, ...]] = ("girder",)
    part: ClassVar[float] = 1.0

    def model(self) -> keras.Model:
        from s2p.models.style2paints import tail

        network = tail()
        return keras.Model(network.input, keras.layers.Cropping2D(_BORDER, name="inside")(network.output))

    def losses(self) -> Any:
        return weighted_l1()

    def gather(self, step: int, random: np.random.Generator) -> Any:
        samples = [self.sample(self.art.pick(random), random) for _ in range(self.batch_size)]
        return tuple(np.stack(part) for part in zip(*samples))

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        small, large = gathered
        return tensors.light(small), tensors.light(large[:, _BORDER:-_BORDER, _BORDER:-_BORDER])

    def sample(self, i: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Small `float32[C/2, C/2, 3]`, 0..255, and large `uint8[C, C, 3]`; channel order does not matter."""
        picture = self.art.color(i)
        crop = self.crop + 4
        y, x = (int(random.integers(edge - crop + 1)) for edge in picture.shape[:2])
        large = np.ascontiguousarray(picture[y : y + crop, x : x + crop])
        if random.random() < 0.35:
            flavours = np.ascontiguousarray(self.art.lines(i)[y : y + crop, x : x + crop])
            large = simulate.draw_lines(flavours, large, random)[..., None].repeat(3, -1)
        large = large[2:-2, 2:-2]
        if random.random() < 0.5:
            large = large[:, ::-1]
        half = self.crop // 2
        small = cv2.resize(np.ascontiguousarray(large), (half, half), interpolation=cv2.INTER_AREA)
        if random.random() < 0.7:
            small = as_jpeg(small, int(random.integers(60, 98)))
        values = small.astype(np.float32)
        if random.random() < 0.5:
            values += random.standard_normal(values.shape, np.float32) * random.uniform(0, 5)
        return np.clip(values, 0, 255), np.ascontiguousarray(large)

    def sheet(self, model: keras.Model, path: Path) -> None:
        from s2p.train.sheets import write_sheet

        rows = []
        for i in np.random.default_rng(7).integers(len(self.art), size=8):
            small, large = self.sample(int(i), np.random.default_rng(int(i)))
            doubled = (to_numpy(model(tensors.light(small[None])))[0] * 255).clip(0, 255).astype(np.uint8)
            lanczos = cv2.resize(small.astype(np.uint8), large.shape[1::-1], interpolation=cv2.INTER_LANCZOS4)
            inside = slice(_BORDER, -_BORDER)
            rows.append([lanczos[inside, inside], doubled, large[inside, inside]])
        write_sheet(rows, path)
