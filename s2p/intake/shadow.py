"""Shadows that a hand, a head or a telephone casts on paper: dark, with an edge that may be sharp, and no tone of ink.

A tone ends at lines; a shadow runs across whatever is drawn, and most of them come in over the edge of the page.
"""

from __future__ import annotations

import cv2
import numpy as np

from s2p.intake import pencil
from s2p.intake.sight import disc, nearest, opened, reach_of, square, strokes

_DARKER, _DARKEST = 0.9, 0.3  # of the light around: what may be a shadow
_PART = 0.01  # of the page: the smallest one
_TINTED = 0.14  # by how much its channels may differ, as shares of the light around
_INK = 28  # levels by which ink is darker than what lies around it
_LINE, _INKS = 0.15, 98  # of the light on the darker of its sides, that a line takes; percentile of what ink takes
_DRAWN = 0.35  # share of an edge along ink from which on it was drawn
_ISLAND, _CROSSINGS = 0.04, 3  # of the page, and strokes that cross its edge: a shadow that reaches no edge of the page
_BLOCKS = 40  # along the short edge, between which light is compared
_FALL = 0.02  # logarithms of light between two blocks: more of it is the less the fall of a lamp's light
_LIT, _ALIKE = 95, 0.1  # percentile of light, and logarithms below it: what no shadow lies on
_SOLID = 0.75  # of the light that is left in a shadow: darker places are ink
_STROKES = 0.0001  # of the page: strokes of a page on which nothing is drawn, where the edges of shadows turn
_BRIGHT = 95  # percentile of light that is the paper's


def shadow_in(image: np.ndarray) -> np.ndarray | None:
    """How much light is left at every place, `float32[H, W]` in (0, 1]; None where nothing casts a shadow.

    Args:
        image: `uint8[H, W, 3]`, RGB, a photographed drawing.
    """
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    radius = reach_of(gray.shape)
    bare = cv2.medianBlur(cv2.morphologyEx(gray, cv2.MORPH_CLOSE, disc(radius)), 2 * radius + 1)
    left = bare.astype(np.float32) / _lit(bare)
    dark = opened((left < _DARKER).astype(np.uint8), 2 * radius)
    count, parts, about, _ = cv2.connectedComponentsWithStats(dark, connectivity=4)
    ink = _ink(gray, bare, radius)
    found = np.zeros(gray.shape, np.uint8)
    for part in range(1, count):
        own = parts == part
        if about[part, cv2.CC_STAT_AREA] >= _PART * own.size and _is_cast(own, left, image, dark, ink):
            found[own] = 1
    if not found.any():
        return None
    around = cv2.GaussianBlur(cv2.dilate(found, square(3 * radius)).astype(np.float32), (0, 0), radius)
    return np.maximum(1.0 - around * (1.0 - np.minimum(_over_ink(left, found > 0, radius), 1.0)), 0.1)


def is_all(image: np.ndarray) -> bool:
    """Whether shadows are all that is on a photographed page, `uint8[H, W, 3]`: no line, no stroke and no paint."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    soft = cv2.GaussianBlur(gray, (0, 0), 1.0)
    if (strokes(soft)[0] > _INK).mean() > _STROKES:
        return False
    radius = reach_of(gray.shape)
    bare = np.stack([cv2.medianBlur(one, 2 * radius + 1) for one in cv2.split(image)], -1).astype(np.float32)
    left = bare / np.maximum(np.percentile(bare[::radius, ::radius], _BRIGHT, axis=(0, 1)).astype(np.float32), 1.0)
    if left.min() < _DARKEST or np.ptp(left, axis=-1).max() > _TINTED:
        return False
    paper = cv2.medianBlur(cv2.morphologyEx(soft, cv2.MORPH_CLOSE, disc(radius)), 2 * radius + 1)
    dark = 1.0 - gray / np.maximum(paper, 1).astype(np.float32)
    lines = pencil.lines_in(dark - np.median(dark))  # a spot of ink has a sharp edge, which looks like one
    return bool((lines > 0.5).mean() <= 2 * _STROKES)


def without_shadow(image: np.ndarray, left: np.ndarray) -> np.ndarray:
    """A picture, `uint8[H, W(, 3)]`, as if the light were the same everywhere; `left` is `shadow_in`'s, of any size."""
    full = left if left.shape == image.shape[:2] else cv2.resize(left, image.shape[1::-1])
    result = np.empty_like(image)
    for top in range(0, len(image), 64):
        strip = slice(top, top + 64)
        light = full[strip] if image.ndim == 2 else full[strip, :, None]
        result[strip] = np.clip(image[strip] / light + np.float32(0.5), 0, 255)
    return result


def _ink(gray: np.ndarray, bare: np.ndarray, radius: int) -> np.ndarray:
    """Lines that are drawn and what lies beside them, `bool[H, W]`, without what is paler by far: a page's ruling.

    A line along an edge is darker than both of its sides; the ragged edge of a shadow is not.
    """
    share = 1.0 - gray / np.maximum(cv2.erode(bare, square(radius)), 1).astype(np.float32)
    least = max(_LINE, float(np.percentile(share[::2, ::2], _INKS)) / 2)
    line = (strokes(gray)[0] > _INK) & (share > least)
    return cv2.dilate(line.astype(np.uint8), square(radius // 2 + 1)) > 0


def _lit(bare: np.ndarray) -> np.ndarray:
    """The light of paper on which no shadow lies, `float32[H, W]`: smooth, of third order in its logarithms.

    From how light changes and not from how much of it there is: the edge of a shadow is but a few places in which it
    changes much, however large the shadow. As in Retinex (Land and McCann 1971), which takes edges for the drawing's.

    Args:
        bare: `uint8[H, W]`, without strokes.
    """
    height, width = bare.shape
    share = min(_BLOCKS / min(height, width), 1.0)
    blocks = cv2.resize(bare, None, fx=share, fy=share, interpolation=cv2.INTER_AREA).astype(np.float64)
    light = np.log(blocks + 1.0)
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, edge) for edge in light.shape), indexing="ij")
    terms = np.stack([rows**i * columns**j for i in range(4) for j in range(4 - i) if i + j], -1)
    changes, of_terms = (
        np.concatenate([np.diff(one, axis=axis).reshape(-1, *one.shape[2:]) for axis in (0, 1)])
        for one in (light, terms)
    )
    weights = np.ones(len(changes))
    factors = np.zeros(terms.shape[-1])
    for _ in range(12):
        root = np.sqrt(weights)
        factors = np.linalg.lstsq(of_terms * root[:, None], changes * root, rcond=None)[0]
        weights = 1.0 / (1.0 + ((changes - of_terms @ factors) / _FALL) ** 2) ** 2
    shape = terms @ factors
    over = light - shape
    usual = float(np.median(over[over >= np.percentile(over, _LIT) - _ALIKE]))
    fit = np.exp(shape + usual).astype(np.float32)
    return cv2.resize(fit, (width, height), interpolation=cv2.INTER_CUBIC)


def _over_ink(left: np.ndarray, found: np.ndarray, radius: int) -> np.ndarray:
    """The light on solid ink as it is beside it, `float32[H, W]`, of `left`; ink in a shadow is darker than this is."""
    usual = float(np.median(left[found]))
    known = (found & (left >= _SOLID * usual)).astype(np.float32)
    size = (20 * radius + 1,) * 2
    own = cv2.blur(left * known, size) + usual * 1e-3
    own /= cv2.blur(known, size) + 1e-3
    ink = cv2.dilate((left < _SOLID * np.minimum(own, usual)).astype(np.uint8), square(radius // 2 + 1)) > 0
    return left[nearest(~ink)] if ink.any() and not ink.all() else left


def _is_cast(own: np.ndarray, left: np.ndarray, image: np.ndarray, dark: np.ndarray, ink: np.ndarray) -> bool:
    """Whether a dark part of the page, `bool[H, W]`, is a shadow."""
    if np.median(left[own]) < _DARKEST:
        return False
    light = np.median(image[own], axis=0) / np.maximum(np.median(image[dark == 0], axis=0), 1.0)
    if np.ptp(light) > _TINTED:
        return False
    edge = own & (cv2.erode(own.astype(np.uint8), square(1)) == 0)
    by_chance = float(ink.mean())  # on ruled paper any edge crosses ink
    if not edge.any() or ink[edge].mean() >= _DRAWN + (1.0 - _DRAWN) * by_chance:
        return False
    is_at_rim = bool(own[[0, -1]].any() or own[:, [0, -1]].any())
    return is_at_rim or (float(own.mean()) >= _ISLAND and _crossings(own, ink) >= _CROSSINGS)


def _crossings(own: np.ndarray, ink: np.ndarray) -> int:
    """How many strokes run across the edge of a part of the page, `bool[H, W]`: from well inside to well outside."""
    part, reach = own.astype(np.uint8), reach_of(own.shape)
    within, outside = cv2.erode(part, square(reach)), 1 - cv2.dilate(part, square(reach))
    _, names = cv2.connectedComponents((1 - within - outside) * ink.astype(np.uint8), connectivity=8)
    inner, outer = (set(np.unique(names[cv2.dilate(side, square(1)) > 0]).tolist()) for side in (within, outside))
    return len((inner & outer) - {0})
