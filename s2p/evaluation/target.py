"""The picture that a painting should have become, with everything about it that does not depend on the painting."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from s2p.evaluation.difference import delta_e, lab
from s2p.evaluation.fills import Point, seed_of
from s2p.evaluation.regions import Regions, flat_regions

STRIDE = 2  # Lab is taken on every second row and column: the grid
INK = 128  # a drawing is ink below this
OFF = 2.0  # px from ink; what is nearer is lines, or the soft rim of lines
WHITE_L, WHITE_CHROMA = 96.0, 4.0
_PAPER_BORDER = 1.0 / 3.0
_SPREAD = 12.0  # CIEDE2000 up to which the original goes on in a hint's colour, shades included


class Target:
    """The original at its own size, to which every painting is brought before it is measured.

    Args:
        image: `uint8[H, W, 3]`, RGB. The original.
        lines: `uint8[H, W]`, 255 = paper. The drawing that was painted.

    Attributes:
        lab: `float32[h, w, 3]` of the original on the grid, `h = ceil(H / 2)`; all masks below are `bool[h, w]`.
        is_off: at least 2 px from ink.
        is_white: paper-white in the original (L above 96, chroma below 4).
        is_ground: white and connected with the border of the picture.
        clearance: `float32[h, w]`, px to the nearest ink; 0 on ink.
        is_line: `bool[H, W]`, ink of the drawing at full size.
    """

    def __init__(self, image: np.ndarray, lines: np.ndarray) -> None:
        self.image, self.lines = image, lines
        self.is_line = lines < INK
        self._clearance = _clearance(self.is_line)
        self.clearance = self._clearance[::STRIDE, ::STRIDE]
        self.is_off = self.clearance >= OFF
        self.lab = lab(image[::STRIDE, ::STRIDE])
        self.is_white = is_white(self.lab)
        self.is_ground = _from_border(self.is_white)
        self.line_lightness = lab(np.repeat(lines[self.is_line][:, None], 3, axis=1))[:, 0]

    @property
    def on_paper(self) -> bool:
        """Whether this is a picture on white paper: a third or more of its border is white."""
        border = np.concatenate([
            self.is_white[0], self.is_white[-1], self.is_white[1:-1, 0], self.is_white[1:-1, -1],
        ])  # fmt: skip
        return bool(border.mean() >= _PAPER_BORDER)

    @cached_property
    def regions(self) -> Regions:
        """Flat regions of the original on the grid, smoothed against grain as far as lines of 2 px survive it."""
        return flat_regions(lab(cv2.medianBlur(np.ascontiguousarray(self.image), 3)[::STRIDE, ::STRIDE]))

    @cached_property
    def members(self) -> list[np.ndarray]:
        """For every region the flat indices of its cells off the lines."""
        labels = np.where(self.is_off, self.regions.labels, 0).ravel()
        order = np.argsort(labels, kind="stable")
        return np.split(order, np.searchsorted(labels[order], np.arange(1, len(self.regions.areas))))

    def cell(self, point: Point) -> tuple[int, int]:
        """`(row, column)` of a point on the grid."""
        row, column = seed_of(point, self.image.shape)
        return row // STRIDE, column // STRIDE

    def to_ink(self, point: Point) -> float:
        """Pixels from a point to the nearest ink; 0 on ink."""
        return float(self._clearance[seed_of(point, self.image.shape)])

    def owner(self, point: Point) -> int:
        """Number of the region that a point is meant for, or 0."""
        return self.regions.owner(*self.cell(point), lab(np.array(point[2], np.uint8)))

    def spread(self, point: Point) -> np.ndarray | None:
        """Where the original goes on in a hint's colour, shades included, `bool[h, w]`; None if it has no region."""
        number = self.owner(point)
        if not number:
            return None
        is_alike = delta_e(self.lab, self.regions.colors[number]) <= _SPREAD
        _, labels = cv2.connectedComponents(is_alike.astype(np.uint8), connectivity=4)
        own = labels[(self.regions.labels == number) & is_alike]
        return (labels == np.bincount(own).argmax()) if own.size else None


def is_white(values: np.ndarray) -> np.ndarray:
    """Which colours are paper, `bool[...]` of `float32[..., 3]` Lab."""
    return (values[..., 0] > WHITE_L) & (np.hypot(values[..., 1], values[..., 2]) < WHITE_CHROMA)


def _clearance(is_line: np.ndarray) -> np.ndarray:
    if not is_line.any():
        return np.full(is_line.shape, np.float32(max(is_line.shape)))
    return cv2.distanceTransform((~is_line).astype(np.uint8), cv2.DIST_L2, 5)


def _from_border(mask: np.ndarray) -> np.ndarray:
    """The part of a mask that is connected with the border."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    touching = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return np.isin(labels, touching[touching > 0])
