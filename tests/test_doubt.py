"""Colours that are only guessed."""

from __future__ import annotations

import numpy as np
import pytest

from s2p.pipelines.doubt import quietened
from s2p.reach import lab_of
from s2p.regions import Regions

GREEN, RED = (60, 140, 60), (200, 30, 40)


def regions(*areas: float, pairs: tuple[tuple[int, int], ...] = ()) -> Regions:
    """Regions in a row of a page, as large as asked for, of which some are neighbours."""
    widths = np.rint(np.array(areas) * 1000).astype(int)
    labels = np.tile(np.repeat(np.arange(len(areas)), widths), (8, 1)).astype(np.int32)
    beside = np.array(pairs, np.int32).reshape(-1, 2)
    return Regions(labels, np.ones(labels.shape, np.float32), beside, np.ones(len(beside), np.float32), len(areas))


def strength(color: np.ndarray) -> float:
    return float(np.linalg.norm(lab_of(np.array([color], np.uint8))[0, 1:]))


def quiet(*shares: float, areas: tuple[float, ...], kinds: tuple[int, ...] = (), pairs=(), guess=True) -> np.ndarray:
    count = len(shares)
    which = np.array(kinds or (0,) * count)
    return quietened(
        np.array([GREEN, RED], np.uint8)[which], which, np.array(shares, np.float32), np.full(count, guess),
        regions(*areas, pairs=pairs),
    )


def test_the_less_likely_a_guess_is_the_quieter_it_is():
    unlikely, half, likely = quiet(0.1, 0.28, 0.5, areas=(0.3, 0.3, 0.4))
    assert strength(unlikely) < strength(half) < strength(likely) and tuple(likely) == GREEN
    lab = lab_of(np.array([unlikely, GREEN], np.uint8))
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1]))
    assert lab[0, 0] > lab[1, 0] and abs(hue[0] - hue[1]) < 8, "paler, of the same hue"


def test_what_is_no_guess_stays_as_it_is():
    assert (quiet(0.0, 0.1, areas=(0.5, 0.5), guess=False) == GREEN).all()


def test_a_small_patch_is_not_shown_to_be_doubted():
    small, large = quiet(0.1, 0.1, areas=(0.01, 0.99))
    assert tuple(small) == GREEN != tuple(large)


@pytest.mark.parametrize(("kinds", "pairs", "is_one"), [
    ((0, 0), ((0, 1),), True), ((0, 0), (), False), ((0, 1), ((0, 1),), False),
])  # fmt: skip
def test_what_hangs_together_and_has_one_colour_is_of_one_tone(kinds, pairs, is_one):
    one, other = quiet(0.1, 0.5, areas=(0.5, 0.5), kinds=kinds, pairs=pairs)
    assert (tuple(one) == tuple(other)) == is_one
