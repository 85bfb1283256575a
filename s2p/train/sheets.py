"""Contact sheets of training samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from s2p.image import save_image


def write_sheet(rows: Sequence[Sequence[np.ndarray]], path: Path) -> None:
    """Writes `uint8[H, W, 3]` tiles as one PNG; tiles of a row share their height."""
    strips = [np.concatenate(list(row), axis=1) for row in rows]
    width = max(strip.shape[1] for strip in strips)
    padded = [np.pad(s, ((0, 2), (0, width - s.shape[1]), (0, 0)), constant_values=255) for s in strips]
    save_image(np.concatenate(padded), path)
