"""Regions of a drawing, and what it costs to get from one to another."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.lineart import framed
from s2p.regions import FAR, MOST, coarse, divide, region_at


def room(size: int = 200, *, gap: int = 0, ink: int = 0, width: int = 3) -> np.ndarray:
    """A page that a line divides into left and right, with a gap in its middle."""
    page = np.full((size, size), 255, np.uint8)
    cv2.line(page, (size // 2, 0), (size // 2, size), ink, width)
    page[(size - gap) // 2 : (size + gap) // 2] = 255
    return page


def cost_across(page: np.ndarray) -> float:
    regions = divide(page)
    left, right = region_at(regions, 0.2, 0.2), region_at(regions, 0.8, 0.2)
    return 0.0 if left == right else float(regions.costs_from(np.array([left]))[0, right])


def test_a_line_parts_two_regions_and_a_gap_makes_the_way_cheaper():
    closed, narrow, wide = (cost_across(room(gap=gap)) for gap in (0, 2, 30))
    assert closed > narrow > wide
    assert wide == 0.0, "a gap as wide as a door parts nothing"
    assert closed < FAR


@pytest.mark.parametrize("size", [200, 400, 800])
def test_the_same_drawing_costs_the_same_at_every_size(size):
    page = cv2.resize(room(800, gap=8, width=8), (size, size), interpolation=cv2.INTER_AREA)
    assert cost_across(page) == pytest.approx(cost_across(room(800, gap=8, width=8)), abs=0.25)
    assert 0.0 < cost_across(page) < 1.2


def test_pale_lines_part_regions_as_black_ones_do():
    assert cost_across(room(ink=215)) > 0.9
    both = room(ink=215)
    both[150:180, 20:50] = 0  # a black blot elsewhere on the page must not drown them
    assert cost_across(both) > 0.5


def test_paper_grain_parts_nothing():
    grain = 240 + np.random.default_rng(0).integers(-6, 7, (128, 128))
    page = np.minimum(grain, 255).astype(np.uint8)
    page[:, 63:66] = 30
    assert np.sort(divide(page).areas)[-2:].min() > 0.45


def test_a_point_on_a_line_means_the_wider_region_beside_it():
    page = np.full((200, 200), 255, np.uint8)
    cv2.rectangle(page, (50, 50), (150, 150), 0, 3)
    regions = divide(page)
    outside, inside = region_at(regions, 0.1, 0.1), region_at(regions, 0.5, 0.5)
    assert outside != inside
    for beside in (0.265, 0.28, 0.3):  # one, two and more px beside the line
        assert region_at(regions, beside, 0.5) == inside


def test_a_point_on_an_outline_means_the_figure_and_not_what_it_stands_before():
    page = np.full((400, 400), 255, np.uint8)
    cv2.rectangle(page, (100, 150), (300, 250), 0, 1)
    regions = divide(page)
    figure, before = region_at(regions, 0.5, 0.5), region_at(regions, 0.1, 0.1)
    assert regions.grounds.tolist() == [number == before for number in range(regions.count)]
    for beside in (0.374, 0.376, 0.379):  # before the line, on it, and behind; the ground is wider
        assert region_at(regions, 0.5, beside) == figure, beside
    assert region_at(regions, 0.5, 0.34) == before, "off the line the ground can be meant"


def test_on_a_broad_outline_the_figure_is_meant_too():
    page = np.full((512, 512), 255, np.uint8)
    cv2.rectangle(page, (150, 150), (350, 350), 0, 9)
    regions = divide(page)
    figure, before = region_at(regions, 0.5, 0.5), region_at(regions, 0.1, 0.1)
    for row in range(149, 155):  # the first of these have nothing but ground near
        assert region_at(regions, 0.5, (row + 0.5) / 512) == figure, row
    assert region_at(regions, 0.5, 140.5 / 512) == before, "off the line the ground can be meant"


def test_what_a_drawing_was_padded_with_makes_no_ground_of_a_figure():
    drawing = np.full((520, 512), 255, np.uint8)
    cv2.line(drawing, (0, 420), (80, 420), 0, 2)
    cv2.line(drawing, (80, 420), (80, 519), 0, 2)
    lines, inner = framed(drawing, 512, 64)
    assert lines.shape[0] > inner[0], "the figure in the corner goes on below the drawing"
    regions = divide(lines, inner=inner)
    figure, before = regions.labels[480, 40], regions.labels[100, 300]
    assert np.flatnonzero(regions.grounds).tolist() == [before] and figure != before
    assert divide(lines).grounds[figure], "as a part of the drawing that would be much of its border"
    assert region_at(regions, 80.5 / 512, 480 / lines.shape[0]) == figure, "an outline means what it bounds"


def test_every_pixel_has_a_region_and_every_cell_that_of_its_paper():
    page = room(128)
    regions = divide(page)
    assert regions.labels.min() == 0 and regions.labels.max() == regions.count - 1
    cells = coarse(regions, 4)
    assert cells.shape == (32, 32)
    assert cells[5, 3] == regions.labels[20, 12] and cells[5, 28] == regions.labels[20, 112]


@pytest.mark.parametrize("page", [np.full((64, 64), 255, np.uint8), np.zeros((64, 64), np.uint8)])
def test_a_blank_and_a_black_page_are_one_region(page):
    regions = divide(page)
    assert regions.count == 1 and regions.costs_from(np.array([0, 0])).tolist() == [[0.0], [0.0]]


def test_noise_has_no_more_regions_than_can_be_worked_with():
    noise = (np.random.default_rng(0).random((512, 512)) < 0.45).astype(np.uint8) * 255
    noise[:, :200] = 255  # a calm part, which stays one region
    regions = divide(noise)
    assert 1 < regions.count <= MOST
    assert regions.areas.max() > 0.3
