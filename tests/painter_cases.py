"""A painter of fake networks, the drawings that it is shown, and the order in which it should call what."""

from __future__ import annotations

import numpy as np
from fake_networks import fake_networks

from s2p.config import Settings
from s2p.pipelines.style2paints import Painter

SMALL = Settings(zoom=0.25, denoise="off")
PAINT_ONLY, FROM_DRAFT = ["head", "neck"], ["baby", "tail", "girder", "tail", "reader", "head", "neck"]


def drawing(height: int = 60, width: int = 50, *, shade: int = 255) -> np.ndarray:
    page = np.full((height, width, 3), shade, np.uint8)
    page[height // 3, :] = page[:, width // 2] = 20
    return page


def painter(calls: list[str] | None = None, **changes) -> Painter:
    return Painter(fake_networks(calls, **changes), settings=SMALL)


def sketch() -> np.ndarray:
    return drawing(250, 260)[..., 0]


def colorful(height: int = 120, width: int = 100) -> np.ndarray:
    page = np.full((height, width, 3), (240, 60, 30), np.uint8)
    page[:, width // 2 :] = (20, 90, 240)
    page[height // 3 : height // 3 + 2] = 0
    return page
