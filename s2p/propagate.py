"""Carries hints through a drawing: which colour reaches which pixel, and how surely.

Geometry spreads the colour, a network repairs and shades. A hint floods the paper around it; ink stops it, and a
narrow gap in a line slows it down (watershed over the ink and the narrowness of the passage, after the trapped-ball
idea of Zhang et al. 2009 and LazyBrush, Sykora et al. 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from s2p.colors import NO_HINT, WEAK_SHIFT, yuv

NONE, WEAK, STRONG = 0, 1, 2
# Within this share of the short edge a hint is certain in a region with other hints. Drafts and paintings differ, since
# their networks were trained so, by the same functions that paint (`s2p.hintmap`): change one only with its weights.
DRAFT_SURE, PAINTER_SURE = 0.12, 0.06
_WALL = 40  # elevation above which two places belong to different regions


@dataclass(frozen=True)
class Fill:
    """Colours that reached the pixels of one drawing.

    Attributes:
        colors: `uint8[H, W, 3]` RGB; meaningless where `reach` is `NONE`.
        reach: `uint8[H, W]`: `NONE` (no hint at all), `WEAK` (through a gap or from far away), `STRONG`.
        home: `bool[H, W]`: the pixel lies in the same region as the hint that reached it.
        distance: `float32[H, W]`, px to the nearest hint, as the crow flies; meaningless without hints.
    """

    colors: np.ndarray
    reach: np.ndarray
    home: np.ndarray
    distance: np.ndarray


def propagate(
    lines: np.ndarray, points: Sequence[tuple[float, float, tuple[int, int, int]]], *,
    gap: float = 5.0, sure: float = DRAFT_SURE,
) -> Fill:
    """Floods a drawing with its hints.

    Args:
        lines: `uint8[H, W]`, 255 = paper. 128 to 512 px on the short edge is right; more only costs time.
        points: `(x, y, (r, g, b))` with x and y in [0, 1] from the top-left corner; the later one wins a pixel.
        gap: float in px. Passages narrower than twice this count as gaps in a line.
        sure: float in short edges. Within this distance a hint is certain even in a region with other hints.

    Example:
        >>> page = np.full((8, 9), 255, np.uint8); page[:, 4] = 0
        >>> fill = propagate(page, [(0.1, 0.5, (255, 0, 0)), (0.9, 0.5, (0, 0, 255))])
        >>> fill.colors[0, 0].tolist(), fill.colors[0, 8].tolist()
        ([255, 0, 0], [0, 0, 255])
    """
    from scipy.ndimage import distance_transform_edt
    from skimage.segmentation import watershed

    height, width = lines.shape
    if not points:
        nothing = np.zeros((height, width), np.uint8)
        far = np.full((height, width), np.float32(height + width))
        return Fill(np.zeros((height, width, 3), np.uint8), nothing, nothing.astype(bool), far)
    markers = np.zeros((height, width), np.int32)
    palette = np.zeros((len(points) + 1, 3), np.uint8)
    for label, (x, y, color) in enumerate(points, start=1):
        markers[min(int(y * height), height - 1), min(int(x * width), width - 1)] = label
        palette[label] = color
    elevation = _elevation(lines, gap)
    labels = watershed(elevation, markers)
    _, regions = cv2.connectedComponents((elevation < _WALL).astype(np.uint8), connectivity=4)
    distance = cv2.distanceTransform((markers == 0).astype(np.uint8), cv2.DIST_L2, 5)
    strong, home = _certainty(regions, markers, labels, palette, distance / min(lines.shape), sure=sure)
    if (regions > 0).any():
        # Pixels of a line go with the open paper beside them, whatever flooded along the line.
        beside = distance_transform_edt(regions == 0, return_distances=False, return_indices=True)
        rows, columns = np.asarray(beside)
        on_line = (markers > 0) & (regions == 0)
        labels, strong, home = labels[rows, columns], strong[rows, columns], home[rows, columns]
        if on_line.any():  # a hint on ink, or in a nook too small to be a region, still colours its spot
            spot = cv2.dilate((markers * on_line).astype(np.float32), np.ones((5, 5), np.uint8)).astype(np.int32)
            labels = np.where(spot > 0, spot, labels)
            strong, home = strong | (spot > 0), home | (spot > 0)
    return Fill(palette[labels], np.where(strong, STRONG, WEAK).astype(np.uint8), home, distance)


def _elevation(lines: np.ndarray, gap: float) -> np.ndarray:
    """`uint8[H, W]`: 0 in the open, rising in narrow passages, highest on ink."""
    ink = 255 - lines
    open_paper = (ink < 64).astype(np.uint8)
    room = cv2.distanceTransform(open_paper, cv2.DIST_L2, 3)
    narrow = np.clip(1.0 - room / gap, 0.0, 1.0) * (_WALL + 8)
    border = max(int(gap), 1)
    for edge in (narrow[:border], narrow[-border:], narrow[:, :border], narrow[:, -border:]):
        np.minimum(edge, _WALL - 4, out=edge)  # the page's edge is no wall
    return np.maximum(narrow, ink * (ink >= 64)).astype(np.uint8)


def _certainty(
    regions: np.ndarray, markers: np.ndarray, labels: np.ndarray, palette: np.ndarray, distance: np.ndarray,
    *, sure: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Where a label is certain, and where it lies in the region of its own hint; both `bool[H, W]`."""
    rows, columns = np.nonzero(markers)
    at = markers[rows, columns]
    owner = np.zeros(int(regions.max()) + 1, np.int32)  # 0 nobody, -1 several colours, else a label
    for region, label in zip(regions[rows, columns], at):
        if region == 0:
            continue
        same = owner[region] > 0 and (palette[owner[region]] == palette[label]).all()
        owner[region] = label if owner[region] == 0 or same else -1
    own_region = np.zeros(len(palette), np.int32)
    own_region[at] = regions[rows, columns]
    home = (own_region[labels] == regions) & (regions > 0)
    return (owner[regions] > 0) | (home & (distance < sure)), home


def open_regions(lines: np.ndarray, *, gap: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Divides a drawing into regions of paper, also where a line has a gap (trapped ball, Zhang et al. 2009).

    Args:
        lines: `uint8[H, W]`, 255 = paper.
        gap: float in px. Passages narrower than twice this part two regions.

    Returns: `int32[H, W]`, 0 = ink and nooks, regions from 1; `float32[H, W]`, px to the nearest ink or page
        edge.
    """
    from skimage.segmentation import watershed

    is_open = (255 - lines < 64).astype(np.uint8)
    room = cv2.distanceTransform(is_open, cv2.DIST_L2, 5)  # the page's edge is no wall
    _, cores = cv2.connectedComponents((room >= gap).astype(np.uint8), connectivity=4)
    framed = cv2.copyMakeBorder(is_open, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    return watershed(-room, cores, mask=is_open > 0), depth


def encode_draft_hint(fill: Fill) -> np.ndarray:
    """`float32[H, W, 3]` for baby's hint channels: YUV, a guess's luma lowered by 256, none = (-512, 128, 128)."""
    encoded = yuv(fill.colors[..., ::-1])
    encoded[..., 0] += WEAK_SHIFT * (fill.reach == WEAK)
    encoded[fill.reach == NONE] = NO_HINT
    return encoded


def nearness(fill: Fill, *, reach: float) -> np.ndarray:
    """`float32[H, W]`: 1 at a hint, falling by e every `reach` px, 0 where there is no hint at all."""
    return np.exp(-fill.distance / np.float32(reach)) * (fill.reach != NONE)


def encode_layered_hint(fill: Fill, composition: np.ndarray, *, reach: float = 20.0) -> np.ndarray:
    """`float32[2H, 2W, 3]` for painters that are shown both guesses and choose for themselves.

    A painter works at half the size of its hint, so each of its pixels has room for twelve numbers. The four places of
    a 2 x 2 block hold: the colour that the hints spread to here (BGR in [-1, 1]; the composition's where there is no
    hint at all), the composition's colour (BGR), `(strong, home, exp(-distance / reach))`, and `(any, 0, 0)`.

    Args:
        fill: of `propagate`.
        composition: `uint8[H, W, 3]`, RGB.
        reach: float in px; how far the nearness of a hint is felt.
    """
    height, width = fill.reach.shape
    has_hints = fill.reach != NONE
    colors = np.where(has_hints[..., None], fill.colors, composition)
    layered = np.zeros((2 * height, 2 * width, 3), np.float32)
    layered[::2, ::2] = colors[..., ::-1].astype(np.float32) / 127.5 - 1.0
    layered[::2, 1::2] = composition[..., ::-1].astype(np.float32) / 127.5 - 1.0
    near = nearness(fill, reach=reach)
    layered[1::2, ::2] = np.stack([fill.reach == STRONG, fill.home & has_hints, near], -1)
    layered[1::2, 1::2, 0] = has_hints
    return layered
