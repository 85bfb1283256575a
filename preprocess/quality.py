"""Which pictures are fit for training: broken, tiny, grayscale and duplicate ones are told apart here.

The survey of one picture is small and independent of all others, so it runs on any worker; the decision needs all
surveys and is deterministic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from s2p.errors import S2PError
from s2p.image import flatten_alpha, load_image

from .duplicates import near_duplicates
from .plan import Plan

_THUMBNAIL = 8  # squares of the colour thumbnail per side
_GRAY_LEVELS = 24  # difference of the channels from which a spot counts as coloured
_GRAY_SHARE = 0.005  # share of coloured spots below which a picture is grayscale


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of one file before anything is decided.

    Attributes:
        key: the file's name below the source folder.
        sha256: of the file's bytes, hexadecimal; empty where the file could not be read at all.
        width, height: int, upright; 0 for broken files.
        phash: 64 hexadecimal digits: 256 bits of the luma's low frequencies.
        thumbnail: 384 hexadecimal digits: the picture in 8 x 8 RGB squares.
        colored: float in [0, 1]. Share of spots that have a colour.
        spread: float. Standard deviation of the luma in levels; near 0 for empty pages.
        error: sentence, or empty.
    """

    key: str
    sha256: str = ""
    width: int = 0
    height: int = 0
    phash: str = ""
    thumbnail: str = ""
    colored: float = 0.0
    spread: float = 0.0
    error: str = ""

    def to_data(self) -> dict[str, Any]:
        return asdict(self)


def survey(key: str, data: bytes) -> Survey:
    """Measures a picture file; a broken one is described, never raised."""
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        image = flatten_alpha(load_image(data, name=key.rsplit("/", 1)[-1]))
    except S2PError as error:
        return Survey(key, sha256=sha256, error=str(error))
    height, width = image.shape[:2]
    small = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA)
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return Survey(
        key, sha256=sha256, width=width, height=height, phash=perceptual_hash(luma).tobytes().hex(),
        thumbnail=cv2.resize(small, (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA).tobytes().hex(),
        colored=round(colored_share(small), 6), spread=round(float(luma.std()), 3),
    )  # fmt: skip


def perceptual_hash(gray: np.ndarray) -> np.ndarray:
    """Hashes what a picture looks like.

    Args:
        gray: `uint8[64, 64]`.

    Returns:
        `uint8[32]`: 256 bits, one for each of the 16 x 16 lowest frequencies of the cosine transform, set where it
        lies above their median.
    """
    frequencies = cv2.dct(gray.astype(np.float32))[:16, :16].ravel()
    return np.packbits(frequencies > np.median(frequencies[1:]))


def colored_share(image: np.ndarray) -> float:
    """Share of the pixels of `uint8[H, W, 3]` whose channels differ clearly.

    Example:
        >>> colored_share(np.full((4, 4, 3), 90, np.uint8))
        0.0
    """
    levels = image.max(axis=2).astype(np.int16) - image.min(axis=2)
    return float((levels > _GRAY_LEVELS).mean())


def decide(plan: Plan, surveys: Sequence[Survey]) -> dict[str, str]:
    """Says why pictures are left out.

    Args:
        plan: its `steps`, `min_edge`, `max_aspect` and `duplicate_bits` are followed.
        surveys: of all files.

    Returns:
        dict of key to reason; a key that is missing is kept. Of exact copies and near-duplicates the largest stays
        (on a tie the one whose key sorts first).
    """
    reasons: dict[str, str] = {}
    for entry in surveys:
        reason = _own_reason(plan, entry)
        if reason:
            reasons[entry.key] = reason
    kept = [entry for entry in surveys if entry.key not in reasons]
    kept.sort(key=lambda entry: (-entry.width * entry.height, entry.key))
    first: dict[str, str] = {}
    for entry in kept:
        twin = first.setdefault(entry.sha256, entry.key)
        if twin != entry.key:
            reasons[entry.key] = f"same bytes as {twin}"
    if "quality" in plan.steps:
        unique = [entry for entry in kept if entry.key not in reasons]
        twins = near_duplicates(unique, plan.duplicate_bits)
        reasons.update({key: f"nearly the same as {twin}" for key, twin in twins.items()})
    return reasons


def _own_reason(plan: Plan, entry: Survey) -> str:
    if entry.error:
        return entry.error
    short, long = sorted((entry.width, entry.height))
    if short < plan.min_edge:
        return f"too small: {entry.width} x {entry.height}, the short edge must be at least {plan.min_edge}"
    if long > plan.max_aspect * short:
        return f"too long and thin: {entry.width} x {entry.height}, at most {plan.max_aspect:g} short edges"
    if "quality" in plan.steps and entry.spread < 2.0:
        return "almost empty"
    if "quality" in plan.steps and entry.colored < _GRAY_SHARE:
        return "grayscale"
    return ""
