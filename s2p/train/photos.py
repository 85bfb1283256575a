"""A folder of any pictures, read as training needs them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from s2p.errors import InputError
from s2p.image import as_picture, load_image

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif")


def pictures_in(*folders: str | Path) -> list[Path]:
    """All pictures of some folders and those below, by name.

    Raises:
        InputError: there are none.
    """
    found = [path for folder in folders for path in sorted(Path(folder).rglob("*")) if path.suffix.lower() in ENDINGS]
    if not found:
        raise InputError(
            f"Training needs pictures ({', '.join(ENDINGS)}). Found none in: {', '.join(map(str, folders)) or 'none'}."
        )
    return found


def read_sized(path: Path, *, short: int) -> np.ndarray:
    """A picture whose shorter side has `short` pixels, `uint8[H, W, 3]`, RGB."""
    picture = as_picture(load_image(path))
    height, width = picture.shape[:2]
    scale = short / min(height, width)
    size = (max(round(width * scale), short), max(round(height * scale), short))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def cut(picture: np.ndarray, edge: int, random: np.random.Generator) -> np.ndarray:
    """A square of a picture at a random place, mirrored half of the time."""
    row, column = (int(random.integers(size - edge + 1)) for size in picture.shape[:2])
    square = picture[row : row + edge, column : column + edge]
    return square[:, ::-1] if random.random() < 0.5 else square


def centres(paths: Iterable[Path], edge: int) -> np.ndarray:
    """The middle squares of pictures, `float32[B, edge, edge, 3]` in [0, 1]."""
    squares = []
    for path in paths:
        picture = read_sized(path, short=edge)
        row, column = ((size - edge) // 2 for size in picture.shape[:2])
        squares.append(picture[row : row + edge, column : column + edge])
    return np.stack(squares).astype(np.float32) / 255.0
