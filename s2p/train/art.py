"""Pictures for training, decoded once and read from a memory map ever after.

A folder holds `color.raw` (`uint8[H, W, 3]` RGB pictures one after another), `lines.raw` (`uint8[H, W, L]`, L flavours
of line art, 255 = paper) and `index.json` with `[name, offset in pixels, height, width]` per picture. The short edge is
512, the working size at zoom 0.5.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from s2p.errors import InputError

FLAVOURS = 4


class Art:
    """Random access to the pictures of one folder."""

    def __init__(self, folder: str | Path) -> None:
        folder = Path(folder)
        if not (folder / "index.json").is_file():
            raise InputError(f"{folder} holds no training pictures (no index.json). Make them with `s2p prepare`.")
        self.index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self._color = np.memmap(folder / "color.raw", np.uint8, "r")
        self._lines = np.memmap(folder / "lines.raw", np.uint8, "r")

    def __len__(self) -> int:
        return len(self.index)

    def shape(self, i: int) -> tuple[int, int]:
        return self.index[i][2], self.index[i][3]

    def color(self, i: int) -> np.ndarray:
        """`uint8[H, W, 3]`, RGB; a view."""
        _, offset, height, width = self.index[i]
        return self._color[offset * 3 : (offset + height * width) * 3].reshape(height, width, 3)

    def lines(self, i: int) -> np.ndarray:
        """`uint8[H, W, FLAVOURS]`, 255 = paper; a view."""
        _, offset, height, width = self.index[i]
        return self._lines[offset * FLAVOURS : (offset + height * width) * FLAVOURS].reshape(height, width, FLAVOURS)
