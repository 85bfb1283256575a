"""Pages for the networks that see a drawing whole: a picture, one drawing of it and its parts, cut and turned alike."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from s2p import reach, tensors
from s2p.train import simulate
from s2p.train.decoded import UNKNOWN_PART

FIRST_CLOTH = 16  # among the numbers of parts (`preprocess/synthetic/parts.py`)
_CLOTH = 12  # all garments as one, and last
# Share of pages that are bent; radians by which they are tilted, and how far they are stretched and waved.
_BENT, _TILT, _STRETCH, _WAVE = 0.6, 0.12, 0.18, 0.012


def page(
    art: Any, i: int, size: tuple[int, int], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """A part of a picture, most often nearly all of it, one drawing of it and its parts.

    Args:
        art: `s2p.train.art.Art` or `Mixture`.
        i: number of the picture.
        size: px, `(H, W)`, of what is returned.

    Returns: `uint8[H, W, 3]` RGB, `uint8[H, W]`, and `uint8[H, W]` or None.
    """
    color, flavours, parts = art.color(i), art.lines(i), art.parts(i)
    high, wide = size
    height, width = color.shape[:2]
    share = 1.0 if random.random() < 0.6 else float(random.uniform(0.45, 1.0))
    scale = min(height / high, width / wide) * share
    h, w = min(round(high * scale), height), min(round(wide * scale), width)
    top, left = int(random.integers(height - h + 1)), int(random.integers(width - w + 1))
    cut = (slice(top, top + h), slice(left, left + w))
    is_mirrored = random.random() < 0.5
    drawn = simulate.draw_lines(np.ascontiguousarray(flavours[cut]), np.ascontiguousarray(color[cut]), random)
    bend = bent(size, random) if random.random() < _BENT else None

    def turned(piece: np.ndarray, *, is_mixed: bool = True) -> np.ndarray:
        if bend is not None:
            way = cv2.INTER_LINEAR if is_mixed else cv2.INTER_NEAREST
            piece = cv2.remap(np.ascontiguousarray(piece), *bend, way, borderMode=cv2.BORDER_REFLECT_101)
        return np.ascontiguousarray(piece[:, ::-1] if is_mirrored else piece)

    named = None
    if parts is not None:  # numbers, which cannot be mixed
        small = cv2.resize(np.ascontiguousarray(parts[cut]), (wide, high), interpolation=cv2.INTER_NEAREST)
        named = turned(small, is_mixed=False)
    return turned(tensors.resized(color[cut], size)), turned(tensors.resized(drawn, size)), named


def bent(size: tuple[int, int], random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Where every pixel of a page comes from when the page is tilted, stretched and gently waved.

    What artists draw a second time never has the proportions of the first; a few thousand pictures that only come
    mirrored are learned by heart.

    Args:
        size: px, `(H, W)`.

    Returns: columns and rows, `float32[H, W]` each, for `cv2.remap`.
    """
    high, wide = size
    angle = float(np.clip(random.normal(0.0, _TILT), -3 * _TILT, 3 * _TILT))
    stretch, zoom = np.exp(random.uniform(-_STRETCH, _STRETCH)), np.exp(random.uniform(-0.1, 0.2))
    across, down = zoom * stretch, zoom / stretch
    rows, columns = np.indices(size, np.float32)
    y, x = (rows - np.float32(high / 2)) * np.float32(down), (columns - np.float32(wide / 2)) * np.float32(across)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    source = [cos * x - sin * y + np.float32(wide / 2), sin * x + cos * y + np.float32(high / 2)]
    depth = random.uniform(0.0, _WAVE) * min(size)
    for axis in (0, 1):
        wave = random.normal(0.0, depth, (5, 5)).astype(np.float32)
        source[axis] += cv2.resize(wave, (wide, high), interpolation=cv2.INTER_CUBIC)
    return source[0], source[1]


def cell_parts(parts: np.ndarray | None, shape: tuple[int, int], cell: int) -> np.ndarray:
    """What every cell shows, `int32[h, w]`: the number of the part + 1, cloth as one, 0 where that is not known.

    Args:
        parts: `uint8[H, W]`, or None where nothing is known.
        shape: `(h, w)`.
        cell: px, edge of a cell.
    """
    if parts is None:
        return np.zeros(shape, np.int32)
    middle = parts[cell // 2 :: cell, cell // 2 :: cell].astype(np.int32)
    known = np.where(middle >= FIRST_CLOTH, _CLOTH, middle + 1)
    return np.where(middle == UNKNOWN_PART, 0, known).astype(np.int32)


def cell_colors(color: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Colour of the paper in every cell, `float32[h, w, 3]`, Lab / 100; ink hardly counts."""
    height, width = (edge // reach.CELL for edge in lines.shape)
    weight = np.clip(lines.astype(np.float32) / 255.0, 0.02, 1.0)[..., None] ** 3
    small = cv2.resize(reach.lab_of(color) * weight, (width, height), interpolation=cv2.INTER_AREA)
    return small / cv2.resize(weight, (width, height), interpolation=cv2.INTER_AREA)[..., None]


def with_colors(seen: Any) -> Any:
    """What a teacher sees, `float32[..., 4]`: ink, red, green, blue; of a drawing and its picture, `uint8[..., 4]`."""
    return tensors.joined(tensors.ink(seen[..., 0]), tensors.light(seen[..., 1:]))
