"""The contact sheet: drawing with hints, simple fill, result, original. Figures do not see everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from s2p.evaluation.fills import Point, shrink

MAX_ROWS = 24
_HEIGHT, _WIDEST = 320, 400
_GAP = 8
_TITLE = 22


@dataclass(frozen=True)
class Row:
    """One row of the sheet; pictures are already small, see `row`."""

    title: str
    cells: tuple[np.ndarray, ...]


def row(
    title: str, *, lines: np.ndarray, points: Sequence[Point], pictures: Sequence[np.ndarray]
) -> Row:
    """Makes a row.

    Args:
        title: above the pictures, ASCII.
        lines: `uint8[H, W]`, 255 = paper.
        points: hints, drawn as dots on the drawing.
        pictures: `uint8[h, w, 3]`, RGB, any sizes, beside the drawing.
    """
    height, width = lines.shape
    factor = min(_HEIGHT / height, _WIDEST / width)
    size = (max(1, round(height * factor)), max(1, round(width * factor)))
    sketch = np.repeat(shrink(lines, size)[..., None], 3, axis=2)
    dotted = with_dots(255 - (255 - sketch) // 3, points)
    return Row(title, (dotted, *(shrink(picture, size) for picture in pictures)))


def with_dots(picture: np.ndarray, points: Sequence[Point], *, radius: int = 5) -> np.ndarray:
    """A picture, `uint8[H, W, 3]` RGB, with hints as dots in a dark rim; `radius` in px."""
    picture = picture.copy()
    for x, y, color in points:
        place = int(x * picture.shape[1]), int(y * picture.shape[0])
        cv2.circle(picture, place, radius + 1, (30, 30, 30), -1, cv2.LINE_AA)
        cv2.circle(picture, place, radius, color, -1, cv2.LINE_AA)
    return picture


def contact_sheet(rows: Sequence[Row]) -> np.ndarray:
    """`uint8[H, W, 3]` RGB of at most `MAX_ROWS` rows, in two columns when there are more than eight."""
    rows = rows[:MAX_ROWS]
    strips = [_strip(item) for item in rows]
    columns = 2 if len(strips) > 8 else 1
    each = -(-len(strips) // columns)
    width = max(strip.shape[1] for strip in strips)
    height = strips[0].shape[0]
    sheet = np.full((each * height + _GAP, columns * width + _GAP, 3), 236, np.uint8)
    for index, strip in enumerate(strips):
        top, left = index % each * height, index // each * width
        sheet[top : top + height, left : left + strip.shape[1]] = strip
    return sheet


def _strip(item: Row) -> np.ndarray:
    width = _GAP + sum(cell.shape[1] + _GAP for cell in item.cells)
    strip = np.full((_TITLE + _HEIGHT + _GAP, width, 3), 236, np.uint8)
    title = item.title.encode("ascii", "replace").decode()
    cv2.putText(strip, title, (_GAP, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA)
    left = _GAP
    for cell in item.cells:
        strip[_TITLE : _TITLE + cell.shape[0], left : left + cell.shape[1]] = cell
        left += cell.shape[1] + _GAP
    return strip
