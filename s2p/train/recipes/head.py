"""Recipe of the colour painter (and, with it, of the style reader)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import keras
import numpy as np

from s2p.train.recipes.painter import Painter


@dataclass
class Head(Painter):
    """Colour into line drawings: `s2p train head --data ART --out OUT`."""

    name: str = field(default="head", init=False)

    limits: ClassVar[str] = "Textures are smooth. Its style reader knows palettes better than brushwork."
    needs: ClassVar[tuple[str, ...]] = ("baby", "girder", "tail")
    part: ClassVar[float] = 6.0

    def network(self) -> keras.Model:
        from s2p.models.style2paints import head

        return head()

    def sketch(self, lines: np.ndarray, color: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return lines
