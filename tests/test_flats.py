"""Flat colours from hints: regions are filled whole, and what nobody coloured stays paper."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p import reach
from tests.flat_cases import BLUE, RED, Plain, at, drawing, painted, pale

BLACK = (12, 10, 12)


def test_a_hint_fills_its_region_to_the_last_pixel_and_no_other():
    found = painted(drawing(), (0.3, 0.5, RED))
    room = found[90:420, 92:250]
    assert (room == RED).all(axis=2).mean() == 1.0
    assert at(found, 0.05, 0.5) == [255, 255, 255]
    assert at(found, 0.7, 0.5) == [255, 255, 255]


def test_white_is_a_colour_like_any_other():
    found = painted(drawing(), (0.3, 0.5, (255, 255, 255)), (0.7, 0.5, RED))
    assert at(found, 0.3, 0.5) == [255, 255, 255]
    assert at(found, 0.7, 0.5) == list(RED)


def test_two_hints_share_a_room_and_meet_softly():
    found = painted(drawing(), (0.3, 0.25, RED), (0.3, 0.75, BLUE))
    assert np.abs(np.array(at(found, 0.3, 0.22)) - RED).max() < 12
    assert np.abs(np.array(at(found, 0.3, 0.78)) - BLUE).max() < 12
    column = found[100:420, 150].astype(int)
    assert np.abs(np.diff(column, axis=0)).max() < 60, "no hard edge in the open"


def hall_and_corridor() -> np.ndarray:
    """Open to each other without any narrow place between, on the left a hall, on the right a corridor."""
    page = np.zeros((600, 600), np.uint8)
    page[50:550, 50:300] = page[280:320, 300:550] = 255
    return page


def test_hints_in_a_hall_and_in_the_corridor_behind_it_end_where_it_gets_narrow():
    found = painted(hall_and_corridor(), (0.25, 0.3, RED), (0.8, 0.5, BLUE))
    hall, corridor = found[60:450, 60:230], found[245:267, 275:450]
    assert (hall == RED).all(axis=2).mean() == 1.0 and (corridor == BLUE).all(axis=2).mean() > 0.95
    is_mixed = ~((found == RED).all(axis=2) | (found == BLUE).all(axis=2) | (found == 255).all(axis=2))
    assert is_mixed.mean() < 0.01, "no smoke between them"


def test_a_piece_without_a_hint_goes_with_what_it_is_open_to():
    page = hall_and_corridor()
    page[500:550, 170:190] = 0  # cuts a room off the hall, open upwards
    page[350:430, 300:560] = 255
    found = painted(page, (0.25, 0.3, RED), (0.8, 0.5, BLUE))
    assert at(found, 0.6, 0.65) == list(RED) and at(found, 0.15, 0.9) == at(found, 0.4, 0.9) == list(RED)


@pytest.mark.parametrize("beside", [0.0, 0.002, 0.004, 0.012])
def test_a_hint_on_or_beside_a_line_is_not_lost(beside):
    found = painted(drawing(), (1 / 6 + beside, 0.5, RED))
    filled = [at(found, 0.3, 0.5) == list(RED), at(found, 0.05, 0.5) == list(RED)]
    assert sum(filled) == 1


@pytest.mark.parametrize("size", [300, 600, 1200, 2400])
def test_the_same_hints_give_the_same_picture_at_every_size(size):
    found = painted(drawing(size), (0.3, 0.5, RED))
    assert found.shape[:2] == (512, 512)
    assert np.abs((found == RED).all(axis=2).mean() - 0.22) < 0.02


def test_no_hints_leave_the_paper_and_long_pages_keep_their_proportions():
    found = painted(np.full((300, 700), 255, np.uint8))
    assert found.shape == (512, 1195, 3) and found.min() == 255


def test_bare_ground_takes_no_colour_of_a_figure_however_sure_the_network_is():
    sure = Plain(palette=-30.0, wall=0.0)
    inside, outside = (0.3, 0.5, RED), (0.05, 0.05, RED)
    assert at(painted(drawing(), inside, network=sure), 0.05, 0.5) == [255, 255, 255]
    assert at(painted(drawing(), inside, outside, network=sure), 0.95, 0.5) == list(RED)


def test_a_hint_on_the_ground_fills_it_though_the_network_holds_it_for_paper():
    white, sure = np.tile(np.array([1.0, 0.0, 0.0], np.float32), (reach.PALETTE, 1)), Plain(palette=9.0)
    found = painted(drawing(), (0.02, 0.02, BLUE), network=sure, palette=white)
    assert at(found, 0.95, 0.95) == at(found, 0.95, 0.05) == at(found, 0.02, 0.02) == list(BLUE)
    assert at(found, 0.7, 0.5) == [255, 255, 255]


def test_what_is_no_paper_stays_white_on_white_pages_alone():
    white, lawn = np.tile(np.array([1.0, 0.0, 0.0], np.float32), (reach.PALETTE, 1)), (120, 170, 80)

    def other_room(ground: tuple[int, int, int] | None, palette: np.ndarray | None = None) -> list[int]:
        hints = [(0.3, 0.5, RED)] + ([] if ground is None else [(0.05, 0.05, ground)])
        return at(painted(drawing(), *hints, network=Plain(palette=-9.0), palette=palette), 0.7, 0.5)

    found, red = reach.lab_of(np.array([other_room(lawn), RED], np.uint8))
    hues = np.degrees(np.arctan2([found[2], red[2]], [found[1], red[1]]))
    assert abs(hues[0] - hues[1]) < 8 and 0.1 < np.hypot(*found[1:]) < 0.5 * np.hypot(*red[1:]), "a guess: a quiet red"
    cloud = cv2.circle(drawing(), (50, 50), 24, 0, 4)
    hints = ((0.3, 0.5, RED), (0.05, 0.95, lawn))
    assert at(painted(cloud, *hints, network=Plain(palette=-9.0)), 0.083, 0.083) == [255, 255, 255], "it stands alone"
    assert other_room(None) == other_room((255, 255, 255)) == other_room(lawn, palette=white) == [255, 255, 255]


class Bare(Plain):
    """Holds the first colour of its palette likely, wherever no hint lies."""

    def __init__(self) -> None:
        super().__init__(palette=-4.0)

    def __call__(self, ink: np.ndarray, planes: np.ndarray, parts: np.ndarray) -> list[np.ndarray]:
        maps, mean = super().__call__(ink, planes, parts)
        maps[..., 2 * reach.KEYS] = 4.0
        return [maps, mean]


def test_a_figure_that_is_open_to_bare_ground_does_not_flood_it():
    page = np.full((512, 512), 255, np.uint8)
    cv2.ellipse(page, (256, 256), (50, 150), 0, 6, 354, 0, 4)  # open to the right, wider than any gap
    hint = (256 / 512, 256 / 512, RED)
    flooded = painted(page, hint)
    assert at(flooded, 0.1, 0.1) == list(RED), "without a palette that knows paper it is one region, and filled"
    paper = pale()
    paper[0] = (1.0, 0.0, 0.0)
    found = painted(page, hint, network=Bare(), palette=paper)
    assert at(found, 0.1, 0.1) == [255, 255, 255] and at(found, 0.9, 0.9) == [255, 255, 255]
    assert at(found, 0.5, 0.5) == list(RED) and at(found, 0.5, 0.35) == list(RED)


def test_who_points_at_the_ground_means_it_however_likely_paper_is():
    page = np.full((512, 512), 255, np.uint8)
    cv2.ellipse(page, (256, 256), (50, 150), 0, 6, 354, 0, 4)
    paper = pale()
    paper[0] = (1.0, 0.0, 0.0)
    found = painted(page, (0.15, 0.2, BLUE), network=Bare(), palette=paper)
    assert at(found, 0.9, 0.9) == list(BLUE)


@pytest.mark.parametrize(("color", "names", "there"), [
    (BLACK, ("thing", "cloth"), [255, 255, 255]), (RED, ("thing", "cloth"), list(RED)),
    (BLACK, ("hair",), list(BLACK)), (BLACK, ("thing",), list(BLACK)),
])  # fmt: skip
def test_nothing_unlike_is_black_by_a_guess(color, names, there):
    """The network holds it likely by four in ten that the other room goes with the only hint."""
    unsure = Plain(palette=-11.2, wall=0.0)
    assert at(painted(drawing(), (0.3, 0.5, color), network=unsure, names=names), 0.7, 0.5) == there
