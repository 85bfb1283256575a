"""Colours that are doubted are painted quietly: paler and grayer, so that a wrong guess spoils nothing.

So are dark ones, lighter, where lines part them from their hints and something else is shown: what is as dark as ink is
rarely large, hides the lines that are drawn on it, and most of what would take it from afar is a mid-tone.

What no hint reaches on a page full of colour takes the colour that is expected to be nearest
(`s2p.pipelines.leftover`), though the network may hold it for hardly likelier than others. A green dress that should be
brown is worse than a gray one, and a gray one is no promise: whoever sees it knows where a hint is missing.
"""

from __future__ import annotations

import numpy as np

from s2p.parts import NAMES
from s2p.reach import Places, lab_of, rgb_of
from s2p.regions import Regions, hanging_together

_DOUBTED, _TRUSTED = 0.15, 0.32  # shares up to which a colour is as quiet as can be, and from which on it is itself
_QUIET, _LIFTED = 0.25, 0.4  # what is left of its strength then, and how far it goes to white per strength lost
_STRONG = 0.3  # Lab / 100: colourfulness from which on they go all the way; a brown is quiet as it is
_PATCH = 0.015  # share of the page up to which doubt is not shown: a gray cuff looks like a fault

_DARK, _DARKER = 0.32, 0.22  # lightness from which on nothing is lifted, and up to which it goes all the way
_MIDDLE = 0.75  # lightness that it goes towards
_APART = 0.5  # how far, where something else than the hint's region is shown, or ground
_CLEAR = 0.4  # chance of its likeliest part from which on a region shows that
_PARTED = 1.5  # what the way from a hint costs from which on lines part a region from it
_ROUNDS = 3  # of evening out
_INK, _STROKE = 0.2, 0.02  # lightness, and room in short edges, up to which what is long is ink drawn by its outline
_OPEN = 0.5  # cost of a border up to which it parts pieces of one stroke
_LONG = 40.0  # times the square of that room: its area, from which on it is long
_GROUND = NAMES.index("ground")


def lifted(
    colors: np.ndarray, kinds: np.ndarray, is_far: np.ndarray, parts: np.ndarray, found: Places, kind: np.ndarray,
    regions: Regions,
) -> np.ndarray:
    """Colours of regions, those lighter that are dark and parted from their hints.

    Args:
        colors, kinds, regions: as for `quietened`.
        is_far: `bool[R]`, regions without a hint of their own.
        parts: `float32[R, P]`, how likely they show each part.
        found, kind: of the hints, and `int[N]`, which of the colours each has.

    Returns: `uint8[R, 3]`, RGB.
    """
    lab = lab_of(colors)
    dark = np.clip((_DARK - lab[:, 0]) / (_DARK - _DARKER), 0.0, 1.0)
    may = np.flatnonzero(is_far & (dark > 0) & ~_is_stroke(lab[:, 0], regions))
    if not len(may):
        return colors
    costs = np.where(kind[:, None] == kinds[may], found.costs[:, may], np.inf)
    here, there = parts[may], parts[found.homes[costs.argmin(0)]]
    is_clear = np.minimum(here.max(-1), there.max(-1)) >= _CLEAR
    is_other = is_clear & ((here.argmax(-1) != there.argmax(-1)) | (here.argmax(-1) == _GROUND))
    lifts = np.zeros(len(colors))
    lifts[may] = np.where(is_other & (costs.min(0) >= _PARTED), _APART, 0.0)
    lifts = _evened(lifts, np.isin(np.arange(len(colors)), may), kinds, regions)
    out = colors.copy()
    lab[:, 0] += lifts * dark * (_MIDDLE - lab[:, 0])
    out[may] = rgb_of(lab[may])
    return out


def _is_stroke(lightness: np.ndarray, regions: Regions) -> np.ndarray:
    """Which regions, `bool[R]`, are dark strokes drawn by their outlines, or pieces of one."""
    room = regions.widest
    is_narrow = (lightness < _INK) & (room < _STROKE * min(regions.labels.shape))
    pieces = regions.pairs[(regions.costs < _OPEN) & is_narrow[regions.pairs].all(-1)]
    whole = hanging_together(regions.count, *pieces.T)
    is_long = is_narrow & (np.sqrt(regions.areas * regions.labels.size / _LONG) > room)
    return is_narrow & np.isin(whole, whole[is_long])


def _evened(values: np.ndarray, which: np.ndarray, kinds: np.ndarray, regions: Regions) -> np.ndarray:
    """Values of some regions once small ones have become like their large neighbours of one colour, `float64[R]`."""
    one, other = _neighbours(which, kinds, regions)
    one, other = np.concatenate([one, other]), np.concatenate([other, one])
    around = regions.areas + np.bincount(one, regions.areas[other], len(values))
    for _ in range(_ROUNDS):
        values = (regions.areas * values + np.bincount(one, (regions.areas * values)[other], len(values))) / around
    return values


def _wholes(which: np.ndarray, kinds: np.ndarray, regions: Regions) -> np.ndarray:
    """Numbers for regions, `int[R]`, the same for those out of some that have one colour and hang together."""
    return hanging_together(regions.count, *_neighbours(which, kinds, regions))


def _neighbours(which: np.ndarray, kinds: np.ndarray, regions: Regions) -> np.ndarray:
    """Pairs of neighbours out of some regions that have one colour, `int[2, N]`."""
    one, other = regions.pairs.T
    return regions.pairs[which[one] & which[other] & (kinds[one] == kinds[other])].T


def quietened(
    colors: np.ndarray, kinds: np.ndarray, shares: np.ndarray, is_doubted: np.ndarray, regions: Regions
) -> np.ndarray:
    """Colours of regions, those quieter that are doubted; what hangs together is of one tone.

    Args:
        colors: `uint8[R, 3]`, RGB, of every region.
        kinds: `int[R]`, which of the hints' colours each has.
        shares: `float32[R]`, how likely that is, in [0, 1].
        is_doubted: `bool[R]`.
        regions: of the page.

    Returns: `uint8[R, 3]`, RGB.
    """
    if not is_doubted.any():
        return colors
    whole = _wholes(is_doubted, kinds, regions)
    areas = np.bincount(whole, regions.areas)
    share = np.bincount(whole, regions.areas * shares) / np.maximum(areas, 1e-9)
    trust = np.clip((share - _DOUBTED) / (_TRUSTED - _DOUBTED), 0.0, 1.0)[whole]
    is_quiet = is_doubted & (areas[whole] > _PATCH)
    strength = np.where(is_quiet, _QUIET + (1.0 - _QUIET) * trust, 1.0)[:, None]
    lab = lab_of(colors)
    lost = (1.0 - strength) * np.minimum(np.linalg.norm(lab[:, 1:], axis=-1, keepdims=True) / _STRONG, 1.0)
    lab = np.concatenate([lab[:, :1] + _LIFTED * lost * (1.0 - lab[:, :1]), lab[:, 1:] * strength], -1)
    return np.where(is_quiet[:, None], rgb_of(lab), colors)
