"""Recipe of the colour painter (and, with it, of the style reader)."""

from __future__ import annotations

from dataclasses import dataclass, field

import keras
import numpy as np

from s2p.train.recipes.painter import Painter


@dataclass
class Head(Painter):
    """Colour into line drawings: `s2p train head --data ART --out OUT`."""

    name: str = field(default="head", init=False)

    def network(self) -> keras.Model:
        from s2p.models.style2paints import head

        return head()

    def sketch(self, lines: np.ndarray, color: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return lines
