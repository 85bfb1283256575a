"""Near-duplicates by bands of bits: exactly what comparing every pair finds, and no longer a matter of N squared."""

from __future__ import annotations

import time

import numpy as np
import pytest

from preprocess.duplicates import COLOR_DISTANCE, near_duplicates
from preprocess.quality import Survey


def crowd(count: int, seed: int, *, groups: int) -> list[Survey]:
    """Surveys in groups: copies, hashes with 0 to 24 bits turned, and thumbnails up to 30 levels apart."""
    random = np.random.default_rng(seed)
    bases = random.integers(0, 256, (groups, 32), np.uint8)
    tones = random.integers(20, 230, (groups, 192))
    entries = []
    for number in range(count):
        group = int(random.integers(groups))
        bits = np.unpackbits(bases[group])
        bits[random.choice(256, int(random.choice([0, 0, 1, 5, 9, 10, 11, 15, 16, 24])), replace=False)] ^= 1
        colors = np.clip(tones[group] + int(random.choice([0, 0, 6, 11, 13, 30])), 0, 255).astype(np.uint8)
        phash, thumbnail = np.packbits(bits).tobytes().hex(), colors.tobytes().hex()
        entries.append(Survey(f"{number:05d}", "", 100, 100, phash, thumbnail))
    return entries


def compare_every_pair(entries: list[Survey], limit: int) -> dict[str, str]:
    """The definition: the first of two that are alike stays, unless it went itself."""
    bits = [np.unpackbits(np.frombuffer(bytes.fromhex(entry.phash), np.uint8)) for entry in entries]
    colors = [np.frombuffer(bytes.fromhex(entry.thumbnail), np.uint8).astype(int) for entry in entries]
    gone: dict[str, str] = {}
    for i, first in enumerate(entries):
        for j in range(i + 1, len(entries)):
            if first.key in gone or entries[j].key in gone:
                continue
            if (bits[i] != bits[j]).sum() <= limit and np.abs(colors[i] - colors[j]).mean() <= COLOR_DISTANCE:
                gone[entries[j].key] = first.key
    return gone


@pytest.mark.parametrize("limit", [0, 1, 7, 8, 10, 15])
def test_bands_find_what_comparing_every_pair_finds(limit):
    for seed in range(3):
        entries = crowd(90, seed, groups=8)
        expected = compare_every_pair(entries, limit)
        assert near_duplicates(entries, limit) == expected and (expected or limit == 0)


def test_nothing_and_one_picture_have_no_duplicates():
    assert near_duplicates([], 10) == {} == near_duplicates(crowd(1, 0, groups=1), 10)


def test_thousands_of_copies_and_strangers_take_a_moment():
    entries = crowd(6_000, 1, groups=5_000)
    copy = entries[0]
    entries += [Survey(f"copy {n}", "", 100, 100, copy.phash, copy.thumbnail) for n in range(6_000)]
    started = time.process_time()
    gone = near_duplicates(entries, 10)
    assert sum(stays == copy.key for stays in gone.values()) >= 6_000
    assert time.process_time() - started < 10, "12 000 pictures have 72 million pairs"
