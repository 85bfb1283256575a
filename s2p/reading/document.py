"""A layered file, whatever program it is from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_LAYERS = 4000


@dataclass(frozen=True)
class Layer:
    """One layer: `read` gives its pixels on the whole page, `uint8[H, W, 4]`."""

    name: str
    path: str
    is_shown: bool
    read: Callable[[], np.ndarray]


@dataclass(frozen=True)
class Document:
    """Layers, topmost first; `whole` gives all that are shown, `uint8[H, W, 3 or 4]`, None where it is not stored.

    `inks` is a sentence on what becomes of its inks, empty for a file in RGB or gray.
    """

    layers: list[Layer]
    whole: Callable[[], np.ndarray | None]
    shape: tuple[int, int]
    dpi: tuple[Any, Any] = (None, None)
    inks: str = ""


def placed(image: np.ndarray, left: int, top: int, shape: tuple[int, int]) -> np.ndarray:
    """A layer, `uint8[h, w, 3 or 4]`, at its place on an empty page, `uint8[H, W, 4]`; what is beside it is cut off."""
    if image.shape[2] == 3:
        image = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    if (left, top) == (0, 0) and image.shape[:2] == shape:
        return image
    page = np.zeros((*shape, 4), np.uint8)
    rows = slice(max(top, 0), min(top + image.shape[0], shape[0]))
    columns = slice(max(left, 0), min(left + image.shape[1], shape[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        page[rows, columns] = image[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    return page
