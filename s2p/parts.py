"""The parts of a drawing that the network `parts` names: what it reads, and what its answer says of regions.

It sees the whole drawing at a short edge of about 256 px. What a cell shows does not depend on hints, so a drawing is
asked once, however often it is painted.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from s2p.lineart import framed
from s2p.runtime import Network

NAMES = (
    "paper", "skin", "hair", "brow", "eye white", "iris", "mouth", "thing", "creature", "ground", "sky", "cloth",
)  # fmt: skip
# What the things of words (groups of `s2p.tags`) are called here. Garments are cloth; of hats it does not tell.
OF_WORDS = {"hair": ("hair", "brow"), "eyes": ("iris",), "skin": ("skin",)}
SCENERY = ("paper", "ground", "sky")
OF_TAGS = {**OF_WORDS, "background": SCENERY}
CELL = 4  # px of the drawing in a cell of the answer, both ways
MULTIPLE = 64  # px, of height and width of what the network reads
SHORT_EDGES = (256, 384)  # px at which a drawing is looked at; the answers' mean counts
TOLD_CELL, TOLD_EDGES = 4, (256,)  # the same for the painter by words, `s2p.models.tag2pix`


def name_parts(
    network: Network, drawing: np.ndarray, shape: tuple[int, int], *, edges: Sequence[int] = SHORT_EDGES,
    mirrored: bool = True,
) -> np.ndarray:
    """How likely every cell of a grid shows each part.

    The drawing is looked at in some sizes, and in the mirror: the mean of all answers is right more often than any.

    Args:
        network: `parts`.
        drawing: `uint8[H, W]`, 255 = paper.
        shape: of the grid that lies over the drawing.
        edges: px, short edges at which the drawing is looked at.
        mirrored: whether it is looked at in the mirror, too.

    Returns: `float32[*shape, len(NAMES)]`, adding up to 1.
    """
    total, steps = np.zeros((*shape, len(NAMES)), np.float32), (1, -1) if mirrored else (1,)
    for edge in edges:
        lines, inner = framed(drawing, edge, MULTIPLE, thinned=0.5)
        ink = 1.0 - lines[None, ..., None].astype(np.float32) / np.float32(255.0)
        for step in steps:
            logits = np.asarray(network(np.ascontiguousarray(ink[:, :, ::step]))[0][0, :, ::step], np.float32)
            chances = np.exp(logits - logits.max(-1, keepdims=True))
            chances /= chances.sum(-1, keepdims=True)
            total += _over(np.ascontiguousarray(chances), inner, shape)
    return total / np.float32(len(steps) * len(edges))


def _over(chances: np.ndarray, inner: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """Cells of the framed drawing, brought to a grid over the drawing alone."""
    rows, columns = (np.arange(count, dtype=np.float32) + 0.5 for count in shape)
    rows = rows * np.float32(inner[0] / shape[0] / CELL) - 0.5
    columns = columns * np.float32(inner[1] / shape[1] / CELL) - 0.5
    where = np.meshgrid(columns, rows)
    planes = [
        cv2.remap(np.ascontiguousarray(chances[..., k]), *where, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for k in range(chances.shape[-1])
    ]
    return np.stack(planes, -1)
