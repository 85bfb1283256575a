"""Folds of a sheet: a soft dark crease from one edge of a photographed page to the other, paler than its ink."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from s2p.intake.sight import reach_of, strokes

_BLOCKS = 24  # along a crease, in each of which it is looked for
_SLOPES = np.linspace(-0.03, 0.03, 25)  # how far it may be turned
_SEEN, _SHARE = 6.0, 0.85  # levels by which it is darker than paper; the share of blocks in which half of that is
_INK, _PALER = 28, 0.6  # levels of darkness of ink; the share of its darkness that a crease stays below
_UNEVEN = 0.1  # of its depth, by which it differs along its way; pencil does by 0.15 and more
_SIDES = 4.0  # times the reach of a stroke: how far paper is looked for
_FAINT = 0.01  # of the light: less of a crease is not seen
_MOST = 2  # creases in one direction; more of them are the ruling of paper


def fold_in(image: np.ndarray) -> np.ndarray | None:
    """How much light creases leave at every place, `float32[H, W]` in (0, 1]; None where nothing is folded.

    Args:
        image: `uint8[H, W, 3]`, RGB, a photographed drawing.
    """
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    dark = strokes(gray)[0]
    if not (dark > _INK).any():
        return None
    ink = float(np.percentile(dark[dark > _INK], 90))
    level = _creases(gray, _PALER * ink)
    upright = _creases(np.ascontiguousarray(gray.T), _PALER * ink)
    left = np.minimum(level, upright.T)  # where they cross it is not darker by both
    return left if (left < 1).any() else None


def _creases(gray: np.ndarray, darkest: float) -> np.ndarray:
    """The light that level creases of a page leave, `float32[H, W]`."""
    height, width = gray.shape
    none = np.ones(gray.shape, np.float32)
    radius = round(_SIDES * reach_of(gray.shape))
    edges = np.linspace(0, width, _BLOCKS + 1).astype(int)
    if height <= 4 * radius or edges[1] < 4:
        return none
    blocks = np.stack([np.median(gray[:, start:end], axis=1) for start, end in pairwise(edges)], 1)
    paper = np.maximum(_around(blocks, radius), 1.0)
    dips = np.maximum(paper - blocks, 0.0)
    middles = (edges[:-1] + edges[1:]) / 2 - width / 2
    moved = [np.clip(np.arange(height)[:, None] + np.rint(slope * middles).astype(int), 0, height - 1)
             for slope in _SLOPES]
    depths = np.stack([np.median(dips[rows, np.arange(_BLOCKS)], axis=1) for rows in moved])
    depths[:, :radius] = depths[:, -radius:] = 0.0  # the edge of the sheet is none
    found: list[tuple[int, int]] = []
    while (deepest := float(depths.max())) >= _SEEN:
        slope, place = np.unravel_index(int(depths.argmax()), depths.shape)
        own = dips[moved[slope], np.arange(_BLOCKS)][place]
        depths[:, max(place - 2 * radius, 0) : place + 2 * radius] = 0.0
        if deepest <= darkest and (own >= deepest / 2).mean() >= _SHARE:
            along = np.rint(place + _SLOPES[slope] * (np.arange(width) - width / 2)).astype(int).clip(0, height - 1)
            usual = np.repeat(blocks[along[(edges[:-1] + edges[1:]) // 2], np.arange(_BLOCKS)], np.diff(edges))
            if np.median(np.abs(gray[along, np.arange(width)] - usual)) > _UNEVEN * deepest:
                continue
            found.append((int(slope), int(place)))
    if not found or len(found) > _MOST:
        return none
    around = cv2.resize(paper.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    seen = np.minimum(gray / around, 1.0).astype(np.float32)
    left = none
    for slope, place in found:
        share = np.median((dips / paper)[moved[slope], np.arange(_BLOCKS)], axis=1)
        share[: max(place - radius, 0)] = share[place + radius :] = 0.0
        wide = cv2.dilate(share.astype(np.float32)[:, None], np.ones((5, 1), np.uint8))[:, 0]
        along = np.arange(height)[:, None] - _SLOPES[slope] * (np.arange(width) - width / 2)[None]
        most, usual = (np.interp(along, np.arange(height), one).astype(np.float32) for one in (wide, share))
        # Paper in the crease is as light as beside it, to the pixel, and ink that crosses it as much lighter.
        left = np.minimum(left, np.where(most < _FAINT, 1.0, np.where(seen >= 1 - 1.5 * most - 0.05, seen, 1 - usual)))
    return left.astype(np.float32)


def _around(level: np.ndarray, radius: int) -> np.ndarray:
    """The darker of the papers above and below every place, `float64[H, blocks]`."""
    high = np.pad(level, ((radius, radius), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(high, radius - radius // 3, axis=0)
    middle = np.median(windows, axis=-1)
    return np.minimum(middle[: len(level)], middle[-len(level) :])
