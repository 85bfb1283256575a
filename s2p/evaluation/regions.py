"""Flat regions of a coloured picture: what a person fills with one colour.

Made from the finished picture alone and apart from `s2p.propagate`, which feeds the networks, so that a mistake there
cannot flatter them here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from s2p.evaluation.difference import delta_e

FLAT = 5.0  # CIEDE2000 to the region's colour; so no two of its pixels are much more than 10 apart
SMALLEST = 0.0005  # of the picture
_STEP = 3.0  # Lab units of a cell of the histogram in which colours are counted
_COLORS = 96
_NEAR = 4  # cells of the grid around a hint in which its region may lie


@dataclass(frozen=True)
class Regions:
    """Connected areas of one colour, the largest first.

    Attributes:
        labels: `int32[h, w]`; 0 where the picture is not flat, else the number of the region from 1.
        colors: `float32[n + 1, 3]`, Lab of each region; row 0 is unused.
        areas: `int64[n + 1]`, pixels of each region; entry 0 is 0.
    """

    labels: np.ndarray
    colors: np.ndarray
    areas: np.ndarray

    def owner(self, row: int, column: int, color: np.ndarray) -> int:
        """Which region a hint is meant for: the one of its colour under it, or the nearest within 4 cells.

        Somebody who aims at a dress and hits its outline means the dress.

        Args:
            row, column: cell of the grid of `labels`.
            color: `float32[3]`, Lab of the hint.

        Returns: number of the region; 0 if none fits.
        """
        top, left = max(row - _NEAR, 0), max(column - _NEAR, 0)
        around = self.labels[top : row + _NEAR + 1, left : column + _NEAR + 1]
        numbers = np.unique(around[around > 0])
        fitting = numbers[delta_e(self.colors[numbers], color) <= FLAT + 1.0]
        if not fitting.size:
            return 0
        rows, columns = np.nonzero(np.isin(around, fitting))
        nearest = np.argmin((rows + top - row) ** 2 + (columns + left - column) ** 2)
        return int(around[rows[nearest], columns[nearest]])


def flat_regions(values: np.ndarray) -> Regions:
    """Divides a picture into flat regions.

    Colours are taken by how often they occur, each with all that looks the same (CIEDE2000 up to `FLAT`); connected
    pixels of one of these colours are a region. Soft shading falls into bands, and specks belong to nothing.

    Args:
        values: `float32[h, w, 3]`, Lab.

    Example:
        >>> page = np.zeros((20, 20, 3), np.float32); page[:, 8:] = (60, 40, 0)
        >>> flat_regions(page).areas.tolist()
        [0, 240, 160]
    """
    from skimage.measure import label

    shades, colors = _palette(values)
    shades[delta_e(values, colors[shades]) > FLAT] = 0
    connected = np.asarray(label(shades, background=0, connectivity=1))
    areas = np.bincount(connected.ravel())
    areas[0] = 0
    order = np.argsort(-areas, kind="stable")
    order = order[areas[order] >= max(SMALLEST * connected.size, 4)]
    number = np.zeros(len(areas), np.int32)
    number[order] = np.arange(1, len(order) + 1)
    labels = number[connected]
    shade_of = np.zeros(len(areas), np.int64)
    shade_of[connected.ravel()] = shades.ravel()
    return Regions(labels, np.concatenate([colors[:1], colors[shade_of[order]]]), np.r_[0, areas[order]])


def _palette(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of each pixel's colour, `int32[h, w]` (0 = rare), and the colours in Lab; row 0 is unused."""
    cells = np.floor(values.reshape(-1, 3) / _STEP).astype(np.int64) + 64
    _, cell_of, counts = np.unique(cells @ (1 << 20, 1 << 10, 1), return_inverse=True, return_counts=True)
    cell_of = cell_of.ravel()
    means = np.stack([np.bincount(cell_of, values[..., i].ravel()) for i in range(3)], -1) / counts[:, None]
    means = means.astype(np.float32)
    shade = np.zeros(len(counts), np.int32)
    left = counts.copy()
    colors = [np.zeros(3, np.float32)]
    while len(colors) <= _COLORS and left.max() > 0:
        color = means[int(left.argmax())]
        is_alike = (left > 0) & (delta_e(means, color) <= FLAT)
        shade[is_alike] = len(colors)
        left[is_alike] = 0
        colors.append(color)
    return shade[cell_of].reshape(values.shape[:2]), np.stack(colors)
