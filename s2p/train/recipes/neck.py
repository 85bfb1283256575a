"""Recipe of the tonal painter."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import cv2
import keras
import numpy as np

from s2p.train import simulate
from s2p.train.recipes.painter import Painter
from s2p.train.runs import configuration, done_epochs


@dataclass
class Neck(Painter):
    """Colour into tonal pictures: `s2p train neck --data ART --out OUT --set reader=weights/reader-turbo.weights.h5`.

    Its first input is a gray picture: either the blurred gray of a first painting (as after `head`), or a drawing with
    tones (`rendering`).
    """

    name: str = field(default="neck", init=False)

    limits: ClassVar[str] = "Textures are smooth; heavy grey tones darken the colours."
    needs: ClassVar[tuple[str, ...]] = ("head",)
    part: ClassVar[float] = 4.0

    def take_from(self, runs: Path) -> str:
        """The reader that `head` has learned, when it is done."""
        if self.reader:
            return ""
        head = runs / "head"
        learned = head / "reader.weights.h5"
        if not learned.is_file() or done_epochs(head) < configuration(head)["epochs"]:
            return "waits until head, which teaches the reader, is done"
        self.reader = str(learned)
        return ""

    def network(self) -> keras.Model:
        from s2p.models.style2paints import neck

        return neck()

    def sketch(self, lines: np.ndarray, color: np.ndarray, random: np.random.Generator) -> np.ndarray:
        gray = cv2.cvtColor(color, cv2.COLOR_RGB2GRAY)
        chance = random.random()
        if chance < 0.6:  # the gray of a first painting: half size, tones a little off
            size = gray.shape[1] // 2
            small = cv2.resize(gray, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)
            error = random.standard_normal((6, 6), np.float32)
            error = cv2.resize(error, (size, size), interpolation=cv2.INTER_CUBIC)
            small = np.clip(small + error * random.uniform(0, 18), 0, 255).astype(np.uint8)
            return cv2.resize(small, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
        if chance < 0.85:  # tones over the lines
            tone = cv2.GaussianBlur(gray, (0, 0), random.uniform(0.5, 4)).astype(np.float32)
            tone = 255.0 - (255.0 - tone) * random.uniform(0.2, 1.0)
            return (tone * (lines / 255.0)).astype(np.uint8)
        return lines

    def composition(self, color: np.ndarray, random: np.random.Generator) -> np.ndarray:
        if random.random() < 0.6:  # the colours of a first painting
            soft = cv2.GaussianBlur(color, (0, 0), random.uniform(0.4, 1.5))
            return simulate.jitter(soft, random, hue=4.0)
        return super().composition(color, random)
