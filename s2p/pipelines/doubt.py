"""Colours that are doubted are painted quietly: paler and grayer, so that a wrong guess spoils nothing.

What no hint reaches on a page full of colour takes the colour that is expected to be nearest
(`s2p.pipelines.leftover`), though the network may hold it for hardly likelier than others. A green dress that should be
brown is worse than a gray one, and a gray one is no promise: whoever sees it knows where a hint is missing.
"""

from __future__ import annotations

import numpy as np

from s2p.reach import lab_of, rgb_of
from s2p.regions import Regions, hanging_together

_DOUBTED, _TRUSTED = 0.15, 0.32  # shares up to which a colour is as quiet as can be, and from which on it is itself
_QUIET, _LIFTED = 0.25, 0.4  # what is left of its strength then, and how far it goes to white per strength lost
_STRONG = 0.3  # Lab / 100: colourfulness from which on they go all the way; a brown is quiet as it is
_PATCH = 0.015  # share of the page up to which doubt is not shown: a gray cuff looks like a fault


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
    one, other = regions.pairs.T
    is_one = is_doubted[one] & is_doubted[other] & (kinds[one] == kinds[other])
    whole = hanging_together(len(colors), one[is_one], other[is_one])
    areas = np.bincount(whole, regions.areas)
    share = np.bincount(whole, regions.areas * shares) / np.maximum(areas, 1e-9)
    trust = np.clip((share - _DOUBTED) / (_TRUSTED - _DOUBTED), 0.0, 1.0)[whole]
    is_quiet = is_doubted & (areas[whole] > _PATCH)
    strength = np.where(is_quiet, _QUIET + (1.0 - _QUIET) * trust, 1.0)[:, None]
    lab = lab_of(colors)
    lost = (1.0 - strength) * np.minimum(np.linalg.norm(lab[:, 1:], axis=-1, keepdims=True) / _STRONG, 1.0)
    lab = np.concatenate([lab[:, :1] + _LIFTED * lost * (1.0 - lab[:, :1]), lab[:, 1:] * strength], -1)
    return np.where(is_quiet[:, None], rgb_of(lab), colors)
