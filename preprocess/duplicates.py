"""Pictures that look the same, among millions: hashes are compared only where they share a band of bits.

Two hashes of 256 bits that differ in at most d bits agree in at least one of d + 1 bands (Manku, Jain, Sarma,
"Detecting near-duplicates for web crawling", WWW 2007). So the pictures are sorted once by each band, and only those
with an equal one are compared, many at a time in NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

COLOR_DISTANCE = 12.0  # mean level difference above which equal drawings count as different colourings
_BITS = 256
_CHUNK = 1 << 18  # pairs that are compared at a time
_COUNTS = np.array([bin(value).count("1") for value in range(1 << 16)], np.uint8)


class Looks(Protocol):
    """How a picture looks, hexadecimal: `phash` of 256 bits, `thumbnail` of 8 x 8 RGB squares."""

    @property
    def key(self) -> str: ...
    @property
    def phash(self) -> str: ...
    @property
    def thumbnail(self) -> str: ...


def near_duplicates(entries: Sequence[Looks], limit: int) -> dict[str, str]:
    """Finds pictures that look the same, and are coloured the same.

    Args:
        entries: the first of a group stays.
        limit: int from 0 to 15. Hashes that differ in at most this many bits are alike.

    Returns:
        dict of the key that goes to the key that stays.
    """
    if not entries:
        return {}
    hashes = np.frombuffer(bytes.fromhex("".join(entry.phash for entry in entries)), np.uint8).reshape(len(entries), -1)
    colors = np.frombuffer(bytes.fromhex("".join(entry.thumbnail for entry in entries)), np.uint8)
    colors = colors.reshape(len(entries), -1)
    first = _first_twin(np.hstack([hashes, colors]))
    unique = np.flatnonzero(first == np.arange(len(entries)))
    pairs = unique[close_pairs(hashes[unique], colors[unique], limit)]
    goes_to = first.copy()
    for stays, goes in pairs:  # sorted, so that whoever stays is decided before anybody goes to it
        if goes_to[stays] == stays and goes_to[goes] == goes:
            goes_to[goes] = stays
    goes_to = goes_to[goes_to]  # twins of one that goes, go where it goes
    gone = np.flatnonzero(goes_to != np.arange(len(entries))).tolist()
    return {entries[goes].key: entries[goes_to[goes]].key for goes in gone}


def close_pairs(hashes: np.ndarray, colors: np.ndarray, limit: int) -> np.ndarray:
    """All pairs that are alike.

    Args:
        hashes: `uint8[N, 32]`.
        colors: `uint8[N, 192]`, thumbnails.
        limit: int.

    Returns:
        `int64[P, 2]`, the smaller number first, sorted, each pair once.
    """
    found = [np.zeros((0, 2), np.int64)]
    words = np.ascontiguousarray(hashes).view(np.uint16)
    edges = np.linspace(0, _BITS, max(limit + 1, 8) + 1).astype(int)
    for start, end in pairwise(edges):
        for left, right in _same(_band(hashes, int(start), int(end))):
            apart = _COUNTS[words[left] ^ words[right]].sum(axis=1, dtype=np.uint16)
            left, right = left[apart <= limit], right[apart <= limit]
            distance = np.abs(colors[left].astype(np.int16) - colors[right]).mean(axis=1)
            near = distance <= COLOR_DISTANCE
            found.append(np.stack([left[near], right[near]], axis=1))
    return np.unique(np.vstack(found), axis=0)


def _band(hashes: np.ndarray, start: int, end: int) -> np.ndarray:
    """Bits `start` to `end` (at most 32) of every hash as `uint64[N]`."""
    first, last = start // 8, -(-end // 8)
    value = np.zeros(len(hashes), np.uint64)
    for column in range(first, last):
        value = value << np.uint64(8) | hashes[:, column].astype(np.uint64)
    return value >> np.uint64(8 * last - end) & np.uint64((1 << (end - start)) - 1)


def _same(values: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All pairs of places with equal values, the smaller place first, in chunks."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    places = np.flatnonzero(ranked[1:] == ranked[:-1])  # where the next one is equal
    step = 1
    while len(places):
        for start in range(0, len(places), _CHUNK):
            part = places[start : start + _CHUNK]
            yield order[part], order[part + step]
        step += 1
        places = places[places + step < len(ranked)]
        places = places[ranked[places + step] == ranked[places]]


def _first_twin(rows: np.ndarray) -> np.ndarray:
    """For every row the number of the first row with the same bytes, `int64[N]`."""
    keys = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return first[inverse.ravel()]
