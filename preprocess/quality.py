"""Which pictures are fit for training: broken, tiny, grayscale and duplicate ones are told apart here.

The survey of one picture is small and independent of all others, so it runs on any worker; the decision needs all
surveys and is deterministic.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from preprocess.plan import Plan
from s2p.errors import S2PError
from s2p.image import flatten_alpha, load_image

_THUMBNAIL = 8  # squares of the colour thumbnail per side
_COLOR_DISTANCE = 12.0  # mean level difference above which equal drawings count as different colourings
_GRAY_LEVELS = 24  # difference of the channels from which a spot counts as coloured
_GRAY_SHARE = 0.005  # share of coloured spots below which a picture is grayscale


@dataclass(frozen=True)
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
        reasons.update({key: f"nearly the same as {twin}" for key, twin in near_duplicates(unique, plan).items()})
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


def near_duplicates(entries: Sequence[Survey], plan: Plan) -> Mapping[str, str]:
    """Finds pictures that look the same, and are coloured the same.

    Two hashes of 256 bits with at most 15 different bits share at least one of their 16 words, so only pictures with
    an equal word are compared: this works for millions.

    Args:
        entries: the first of a group stays.
        plan: `duplicate_bits` is followed.

    Returns:
        dict of the key that goes to the key that stays.
    """
    if not entries:
        return {}
    bits = np.array([np.frombuffer(bytes.fromhex(entry.phash), np.uint8) for entry in entries])
    colors = np.array([np.frombuffer(bytes.fromhex(entry.thumbnail), np.uint8) for entry in entries])
    words = bits.view(np.uint16)
    pairs: set[tuple[int, int]] = set()
    for column in range(words.shape[1]):
        order = np.argsort(words[:, column], kind="stable")
        cuts = np.flatnonzero(np.diff(words[order, column])) + 1
        for group in np.split(order, cuts):
            pairs.update(_close(group, bits, colors, plan.duplicate_bits))
    gone: dict[str, str] = {}
    for stays, goes in sorted(pairs):
        if entries[stays].key not in gone and entries[goes].key not in gone:
            gone[entries[goes].key] = entries[stays].key
    return gone


def _close(group: np.ndarray, bits: np.ndarray, colors: np.ndarray, limit: int) -> Iterable[tuple[int, int]]:
    for position, one in enumerate(group[:-1]):
        others = group[position + 1 :]
        near = np.bitwise_count(bits[others] ^ bits[one]).sum(axis=1) <= limit if hasattr(np, "bitwise_count") else (
            np.unpackbits(bits[others] ^ bits[one], axis=1).sum(axis=1) <= limit
        )
        for other in others[near]:
            apart = np.abs(colors[other].astype(np.int16) - colors[one]).mean()
            if apart <= _COLOR_DISTANCE:
                yield int(min(one, other)), int(max(one, other))
