"""Shadow on flat colours, as a layer to be multiplied: what turns away from the light is darker, and hair shades faces.

Painters shade in two steps that need no more than shapes: a soft dark side along the border that is turned away from
the light, and a cast shadow where something lies in front. A shape is what has one colour and hangs together; each of
its regions (a strand, a fold) has a small dark side of its own; eyes and buttons are no borders of what they lie in.
Scenery, bare paper and places where several colours run into each other are left alone.
"""

from __future__ import annotations

import cv2
import numpy as np

from s2p.pipelines.looking import Page
from s2p.pipelines.scene import Scene

LIGHT = (-0.83, -0.55)  # where it comes from: down and right, in rows and columns, of length 1
_SCALE = 2  # px of the page in a pixel of the shadow, which is soft
_STEPS = 12  # of the way on which a border is looked for
# How far the dark side reaches: in the largest distance of a shape or a region to its border; at most, in short edges.
_SHAPE, _SHAPE_MOST = 1.3, 0.09
_REGION, _REGION_MOST, _REGION_SHARE = 1.0, 0.04, 0.7
_THIN, _WIDE = 1.5, 5.0  # px of the shadow: shapes up to that far across have none, from the second on all of it
_CEL, _EDGE, _SHARP = 0.45, 0.42, 14.0  # share of the shadow with an edge, where that lies, and how hard it is
_CAST, _CAST_SHARE = 0.028, 0.85  # short edges that hair throws its shadow on skin
_GROUNDS, _INSIDE = 40, 0.6  # the largest shapes may have others on them, which lie inside their hull to that share
_WHITE = 248  # the least channel of what counts as bare
# Full shadow: the colour itself, as pure as it can be to that power, times so much red, green and blue.
_PURE, _DARK = 1.3, (0.66, 0.62, 0.70)


def shadow(page: Page, flat: np.ndarray, scene: Scene) -> np.ndarray:
    """The shadow on a filled page.

    Args:
        page: the drawing.
        flat: `uint8[h, w, 3]`, RGB, of `s2p.pipelines.flats.flats`.
        scene: of the page.

    Returns: `uint8[ceil(h / 2), ceil(w / 2), 3]`, RGB, 255 = no shadow; the deepest that there is, of which a picture
        shows a part (`weakened`).
    """
    height, width = page.inner
    labels = page.regions.labels[:height:_SCALE, :width:_SCALE]
    flat = flat[::_SCALE, ::_SCALE]
    colors, is_even = _colors(labels, flat, page.regions.count)
    has_shade = is_even & ~page.regions.grounds & ~scene.is_scenery & (colors.min(-1) < _WHITE)
    short = min(labels.shape)
    shapes, pairs = _shapes(page, colors, is_even), page.regions.pairs
    by_shape = _dark_side(shapes[labels], _lies_on(shapes[pairs], shapes[labels]), _SHAPE, _SHAPE_MOST * short)
    by_region = _dark_side(labels, _lies_on(pairs, labels), _REGION, _REGION_MOST * short)
    dark = cv2.GaussianBlur(np.maximum(by_shape, _REGION_SHARE * by_region), (0, 0), 1.0)
    dark = (1.0 - _CEL) * dark + _CEL / (1.0 + np.exp(-_SHARP * (dark - _EDGE)))
    cast = _cast(scene.is_shown("hair")[labels], _CAST * short) * scene.is_shown("skin")[labels]
    dark = np.maximum(dark, _CAST_SHARE * cast) * has_shade[labels]
    tones = (colors / np.maximum(colors.max(-1, keepdims=True), 1.0)) ** _PURE * _DARK
    return np.rint(255.0 * (1.0 - dark[..., None] * (1.0 - tones[labels]))).astype(np.uint8)


def weakened(layer: np.ndarray, strength: float) -> np.ndarray:
    """A part of a shadow.

    Args:
        layer: `uint8[h, w, 3]`, of `shadow`.
        strength: float in [0, 1].

    Returns: `uint8[h, w, 3]`, 255 everywhere at 0.
    """
    levels = 255.0 - strength * (255.0 - np.arange(256, dtype=np.float32))
    return cv2.LUT(layer, np.rint(levels).astype(np.uint8))


def _colors(labels: np.ndarray, flat: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The mean colour of every region, `float[R, 3]`, and whether it has no other, `bool[R]`."""
    where = labels.ravel()
    weight = np.maximum(np.bincount(where, minlength=count), 1)
    pixels = flat.reshape(-1, 3).astype(np.float64)
    mean = np.stack([np.bincount(where, pixels[:, k], count) / weight for k in range(3)], -1)
    off = np.bincount(where, np.abs(pixels - mean[where]).max(-1), count) / weight
    return mean, off < 2.0


def _shapes(page: Page, colors: np.ndarray, is_even: np.ndarray) -> np.ndarray:
    """Numbers of the shapes that the regions make, `int[R]`: neighbours of one colour."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    found = page.regions
    one, other = found.pairs[:, 0], found.pairs[:, 1]
    same = is_even[one] & is_even[other] & (np.abs(colors[one] - colors[other]).max(-1) < 2.0)
    graph = coo_matrix((np.ones(same.sum()), (one[same], other[same])), shape=(found.count, found.count))
    return connected_components(graph, directed=False)[1]


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
    hull = np.empty(shapes.shape, np.uint8)
    for shape in np.argsort(-areas, kind="stable")[: min(_GROUNDS, np.count_nonzero(areas))]:
        is_shape = (shapes == shape).astype(np.uint8)
        hull[:] = 0
        cv2.fillConvexPoly(hull, cv2.convexHull(cv2.findNonZero(is_shape)), 1)
        inside = np.bincount(shapes[hull > 0], minlength=count)
        lies[shape] |= (inside > _INSIDE * areas) & (areas < areas[shape])
    return lies


def _dark_side(shapes: np.ndarray, lies: np.ndarray, reach: float, most: float) -> np.ndarray:
    """How near every pixel is to the border of its shape on the way from the light, `float32[h, w]` in [0, 1].

    Args:
        shapes: `int[h, w]`.
        lies: `bool[S, S]`, of `_lies_on`.
        reach: how far it looks, in the largest distance of the shape to its border.
        most: px, at most.
    """
    height, width = shapes.shape
    is_border = np.zeros(shapes.shape, bool)
    is_border[:, 1:] |= shapes[:, 1:] != shapes[:, :-1]
    is_border[1:] |= shapes[1:] != shapes[:-1]
    depth = cv2.distanceTransform((~is_border).astype(np.uint8), cv2.DIST_L2, 3)
    depth = np.minimum(depth, np.float32(max(shapes.shape)))  # where there is no border, it is without end
    largest = np.zeros(int(shapes.max()) + 1, np.float32)
    np.maximum.at(largest, shapes.ravel(), depth.ravel())
    way = np.minimum(reach * largest, most)[shapes]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    dark = np.zeros(shapes.shape, np.float32)
    for step in range(_STEPS, 0, -1):  # what is nearest comes last and stays
        share = step / _STEPS
        row = np.clip(rows - way * (LIGHT[0] * share) + 0.5, 0, height - 1).astype(np.int32)
        column = np.clip(columns - way * (LIGHT[1] * share) + 0.5, 0, width - 1).astype(np.int32)
        there = shapes[row, column]
        dark[~lies[shapes, there]] = 1.0 - (step - 1) / _STEPS
    return dark * np.clip((largest - _THIN) / (_WIDE - _THIN), 0.0, 1.0)[shapes]


def _cast(caster: np.ndarray, length: float) -> np.ndarray:
    """Where the shadow of something falls, `float32[h, w]` in [0, 1], that lies a little in front.

    Args:
        caster: `bool[h, w]`.
        length: px.
    """
    height, width = caster.shape
    solid, result = caster.astype(np.float32), np.zeros(caster.shape, np.float32)
    for step in range(1, 7):
        way = length * step / 6
        move = np.array([[1, 0, -LIGHT[1] * way], [0, 1, -LIGHT[0] * way]], np.float32)
        result = np.maximum(result, cv2.warpAffine(solid, move, (width, height)))
    return cv2.GaussianBlur(result, (0, 0), 0.7)
