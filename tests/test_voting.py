"""Regions of a painting by words vote: one thing of one colour between lines, paper where none is named."""

from __future__ import annotations

import numpy as np

from s2p.color_words import USUAL
from s2p.pipelines.voting import is_there, voted
from s2p.tags import THINGS

RED, BLUE, SKIN = (200, 40, 40), (40, 60, 200), (247, 215, 191)


def case(**things: tuple[slice, slice, tuple[int, int, int], float]) -> tuple[np.ndarray, np.ndarray]:
    """A painting and what its places show: `name=(rows, columns, colour, how sure)`, paper everywhere else."""
    painting = np.full((48, 48, 3), 250, np.uint8)
    shares = np.zeros((48, 48, len(THINGS)), np.float32)
    shares[..., THINGS.index("paper")] = 1.0
    for name, (rows, columns, color, sure) in things.items():
        painting[rows, columns] = color
        shares[rows, columns] = 0.0
        shares[rows, columns, THINGS.index(name.replace("_", " "))] = sure
        shares[rows, columns, THINGS.index("mouth")] += 1.0 - sure
    return painting, shares


def halves() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two regions side by side, the second of which is ground, and no ink."""
    labels = np.zeros((96, 96), np.int32)
    labels[:, 48:] = 1
    return labels, np.array([False, True]), np.full((96, 96), 255, np.uint8)


def test_between_lines_is_one_thing_of_one_colour():
    """A corner of the shirt that was taken for skin, and mixed, is shirt, in the colour of what is surely that."""
    labels, grounds, walls = halves()
    painting, shares = case(
        shirt=(slice(None), slice(0, 24), RED, 1.0), skin=(slice(0, 14), slice(0, 14), SKIN, 0.9),
    )
    found, _ = voted(painting, shares, labels, grounds, walls, asked={"shirt": None})
    assert (np.abs(found[:, :46].astype(int) - RED) <= 2).all() and (found[:, 50:] == 255).all()


def test_what_lies_open_to_the_ground_stays_what_it_surely_is():
    labels, grounds, walls = halves()
    painting, shares = case(
        hair=(slice(8, 24), slice(28, 44), BLUE, 1.0), skirt=(slice(30, 33), slice(28, 44), RED, 0.6),
    )
    found, _ = voted(painting, shares, labels, grounds, walls, asked={"hair": None})
    assert (np.abs(found[20:44, 60:84].astype(int) - BLUE) <= 2).all(), "hair whose line has a gap"
    assert (found[61:65, 60:84] == 255).all(), "a streak that is hardly anything"


def test_irises_stay_though_no_line_bounds_them():
    labels, grounds, walls = halves()
    painting, shares = case(skin=(slice(None), slice(0, 24), SKIN, 1.0), iris=(slice(20, 26), slice(8, 14), BLUE, 0.7))
    found, _ = voted(painting, shares, labels, grounds, walls, asked={"eyes": None, "skin": None})
    assert (np.abs(found[44:48, 20:24].astype(int) - BLUE) <= 30).all()
    assert (np.abs(found[60:, :44].astype(int) - SKIN) <= 2).all()


def test_ground_and_things_are_painted_where_a_word_is_about_them():
    labels, grounds, walls = halves()
    painting, shares = case(
        thing=(slice(None), slice(0, 24), RED, 1.0), paper=(slice(None), slice(24, None), BLUE, 1.0),
    )
    assert (voted(painting, shares, labels, grounds, walls, asked={"hair": None})[0] == 255).all()
    found, _ = voted(painting, shares, labels, grounds, walls, asked={"background": None})
    assert (found[:, :46] == 255).all() and (np.abs(found[:, 52:].astype(int) - BLUE) <= 2).all()
    found, _ = voted(painting, shares, labels, grounds, walls, asked={"thing": None})
    assert (np.abs(found[:, :44].astype(int) - RED) <= 2).all() and (found[:, 52:] == 255).all()


def test_a_garment_that_somebody_speaks_of_is_rather_there_than_another():
    labels, _, walls = halves()
    painting, shares = case(shirt=(slice(None), slice(0, 24), RED, 0.45))
    shares[:, :24, THINGS.index("mouth")] = 0.0
    shares[:, :24, THINGS.index("jacket")] = 0.55
    painting[:, :10] = BLUE  # what a jacket would have, somewhere
    shares[:, :10, THINGS.index("jacket")], shares[:, :10, THINGS.index("shirt")] = 1.0, 0.0
    apart = labels.copy()
    apart[:, :20] = 2
    named, _ = voted(painting, shares, apart, np.array([False, True, False]), walls, asked={"shirt": None})
    silent, _ = voted(painting, shares, apart, np.array([False, True, False]), walls, asked={"jacket": None})
    assert (np.abs(named[:, 26:44].astype(int) - RED) <= 2).all()
    assert not (np.abs(silent[:, 26:44].astype(int) - RED) <= 2).all()


def test_a_large_region_that_shows_two_things_is_divided():
    """Lines leave out the seam between skirt and shirt: both are there."""
    labels, grounds, walls = np.zeros((96, 96), np.int32), np.array([False]), np.full((96, 96), 255, np.uint8)
    painting, shares = case(
        shirt=(slice(0, 24), slice(None), RED, 1.0), skirt=(slice(24, None), slice(None), BLUE, 1.0),
    )
    found, _ = voted(painting, shares, labels, grounds, walls, asked={"shirt": None, "skirt": None})
    assert (np.abs(found[:40].astype(int) - RED) <= 2).all() and (np.abs(found[56:].astype(int) - BLUE) <= 2).all()


def test_what_is_asked_for_has_that_colour_and_people_have_usual_ones():
    labels, _, walls = halves()
    mud = (120, 110, 100)
    painting, shares = case(
        shirt=(slice(0, 24), slice(0, 24), mud, 1.0), hair=(slice(24, None), slice(0, 24), mud, 1.0),
    )
    apart = labels.copy()
    apart[48:, :48] = 2
    found, shown = voted(painting, shares, apart, np.array([False, True, False]), walls, asked={"shirt": RED})
    assert (found[4:40, 4:40] == RED).all() and (found[56:, 4:40] == USUAL["hair"]).all()
    assert is_there("shirt", shown) and is_there("hair", shown) and is_there("background", shown)
    assert not any(is_there(group, shown) for group in ("gloves", "eyes", "thing"))
    shares[:24, :24, THINGS.index("shirt")], shares[:24, :24, THINGS.index("dress")] = 0.7, 0.3
    _, shown = voted(painting, shares, apart, np.array([False, True, False]), walls, asked={"dress": RED})
    assert is_there("dress", shown), "it was taken for a shirt, whose colour follows it"
