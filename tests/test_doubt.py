"""Colours that are only guessed."""

from __future__ import annotations

import numpy as np
import pytest

from s2p.parts import NAMES
from s2p.pipelines.doubt import lifted, quietened
from s2p.reach import Places, lab_of
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


DARK = (60, 20, 15)


def lift(*parts: str, cost: float = 3.0, color=DARK, room: float = 4.0, pairs=(), areas=()) -> list[float]:
    """How much lighter regions in a row become, of which the first has a hint and the others its colour."""
    count = len(parts)
    found = regions(*(areas or (1.0 / count,) * count), pairs=pairs)
    found.room[:] = room
    costs = np.array([[0.0] + [cost] * (count - 1)], np.float32)
    places = Places(np.zeros(1, int), np.zeros((1, 2), np.float32), costs, np.array([0]))
    shown = np.array([[name == part for name in NAMES] for part in parts], np.float32)
    before = np.array([color] * count, np.uint8)
    after = lifted(before, np.zeros(count, int), np.arange(count) > 0, shown, places, np.zeros(1, int), found)
    assert (after[0] == before[0]).all(), "a hint is obeyed"
    return (lab_of(after)[:, 0] - lab_of(before)[:, 0])[1:].tolist()


def test_a_dark_colour_is_lighter_behind_lines_on_another_thing_and_on_other_ground():
    for one, other in (("cloth", "thing"), ("ground", "ground")):
        (by,) = lift(one, other)
        assert 0.2 < by < 0.4


def test_the_other_sleeve_and_what_is_open_to_the_hint_are_as_dark_and_no_colour_but_a_dark_one_changes():
    assert lift("cloth", "cloth") == lift("cloth", "thing", cost=1.0) == [0.0]
    assert lift("cloth", "thing", color=(120, 110, 200)) == [0.0]


def test_a_stroke_that_is_drawn_by_its_outline_is_as_black_as_ink():
    assert lift("thing", "cloth", color=(5, 5, 5), room=0.1) == [0.0]
    assert lift("thing", "cloth", color=(5, 5, 5), room=40.0)[0] > 0.2


def test_small_pieces_are_as_dark_as_what_they_lie_in():
    areas = (0.3, 0.69, 0.01)
    assert lift("cloth", "cloth", "thing", areas=areas)[1] > 0.2
    assert lift("cloth", "cloth", "thing", areas=areas, pairs=((1, 2),))[1] < 0.02
