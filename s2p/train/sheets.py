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


def yuv_to_rgb(yuv: np.ndarray) -> np.ndarray:
    """V3's YUV (0..255) to `uint8[..., 3]` RGB."""
    luma, u, v = yuv[..., 0], yuv[..., 1] - 128.0, yuv[..., 2] - 128.0
    bgr = np.stack([luma + 1.140 * v, luma - 0.394 * u - 0.581 * v, luma + 2.032 * u], -1)
    return np.clip(bgr[..., ::-1], 0, 255).astype(np.uint8)
