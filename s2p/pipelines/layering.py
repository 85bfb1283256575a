"""The pieces of a page, regions or what they make together, and which of them lie on which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

_GROUNDS, _INSIDE = 40, 0.6  # the largest shapes may have others on them, which lie inside their hull to that share


@dataclass(frozen=True)
class Pieces:
    """A page in pieces.

    Attributes:
        labels: `int[h, w]`, which piece.
        lies: `bool[S, S]`, of `_lies_on`.
        largest: `float32[S]`, the largest distance in each to its border, px.
    """

    labels: np.ndarray
    lies: np.ndarray
    largest: np.ndarray

    @staticmethod
    def of(labels: np.ndarray, pairs: np.ndarray) -> Pieces:
        """Pieces `int[h, w]`, of which `int[M, 2]` are neighbours."""
        is_border = np.zeros(labels.shape, bool)
        is_border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
        is_border[1:] |= labels[1:] != labels[:-1]
        depth = cv2.distanceTransform((~is_border).astype(np.uint8), cv2.DIST_L2, 3)
        depth = np.minimum(depth, np.float32(max(labels.shape)))  # where there is no border, it is without end
        largest = np.zeros(int(labels.max()) + 1, np.float32)
        np.maximum.at(largest, labels.ravel(), depth.ravel())
        return Pieces(labels, _lies_on(pairs, labels), largest)


def _lies_on(pairs: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Whether a shape, by column, lies on another one, by row; `bool[S, S]`.

    Each lies on itself, on its only larger neighbour and what that lies on, and on what has it mostly inside its convex
    hull: what cuts into a shape stands before it, as a figure does before a disc.

    Args:
        pairs: `int[M, 2]`, neighbours.
        shapes: `int[h, w]`.
    """
    count = max(int(shapes.max()), int(pairs.max(initial=0))) + 1
    areas = np.bincount(shapes.ravel(), minlength=count)
    both = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    both = both[areas[both[:, 1]] > areas[both[:, 0]]]
    one, times = np.unique(both[:, 0], return_counts=True)
    holders = np.arange(count)
    holders[both[:, 0]] = both[:, 1]
    several = one[times > 1]
    holders[several] = several
    lies = np.eye(count, dtype=bool)
    for below in (holders, holders[holders]):
        lies[below, np.arange(count)] = True
    for shape, ends in _ends(shapes, np.argsort(-areas, kind="stable")[: min(_GROUNDS, np.count_nonzero(areas))]):
        outline = cv2.convexHull(ends)
        left, top, width, height = cv2.boundingRect(outline)
        hull = np.zeros((height, width), np.uint8)
        cv2.fillConvexPoly(hull, outline - (left, top), 1)
        within = shapes[top : top + height, left : left + width]
        inside = np.bincount(within[hull > 0], minlength=count)
        lies[shape] |= (inside > _INSIDE * areas) & (areas < areas[shape])
    return lies


def _ends(shapes: np.ndarray, wanted: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Where rows of shapes begin and end, all that their hulls need: the shape, `int32[N, 1, 2]`, columns and rows.

    Args:
        shapes: `int[h, w]`.
        wanted: `int[S]`, the ones that are asked for.
    """
    differ = np.ones((shapes.shape[0], shapes.shape[1] + 1), bool)
    differ[:, 1:-1] = shapes[:, 1:] != shapes[:, :-1]
    rows, columns = np.nonzero(differ[:, :-1] | differ[:, 1:])
    owner = shapes[rows, columns]
    order = np.argsort(owner, kind="stable")
    starts, stops = (np.searchsorted(owner[order], wanted, side=side) for side in ("left", "right"))
    places = np.stack([columns[order], rows[order]], -1).astype(np.int32)[:, None]
    for shape, start, stop in zip(wanted.tolist(), starts.tolist(), stops.tolist()):
        yield shape, places[start:stop]
