"""The person among the simulated artists, and the flat regions in which one clicks."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.evaluation import scenes
from s2p.evaluation.difference import delta_e, lab
from s2p.evaluation.person import FORGOTTEN, exact_hints, like_a_person
from s2p.evaluation.regions import flat_regions
from s2p.evaluation.target import Target


def tiles(count: int = 8, size: int = 40, border: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """A board of squares in colours of their own with outlines, some of them white, on white ground."""
    side = count * size + 2 * border
    image, lines = np.full((side, side, 3), 255, np.uint8), np.full((side, side), 255, np.uint8)
    generator = np.random.default_rng(3)
    for row in range(count):
        for column in range(count):
            top, left = border + row * size, border + column * size
            color = (255, 255, 255) if (row + column) % 5 == 0 else tuple(map(int, generator.integers(40, 230, 3)))
            for canvas, paint, ink in ((image, color, (0, 0, 0)), (lines, 255, 0)):
                cv2.rectangle(canvas, (left, top), (left + size, top + size), paint, -1)
                cv2.rectangle(canvas, (left, top), (left + size, top + size), ink, 2)
    return image, lines


def drawn(seed: int = 0) -> tuple[Target, list]:
    target = Target(*tiles())
    return target, like_a_person(target, 400, np.random.default_rng(seed))


def test_flat_regions_are_the_things_of_the_picture_and_of_one_colour_each():
    image, lines = tiles()
    target = Target(image, lines)
    regions = target.regions
    large = [number for number in range(1, len(regions.areas)) if regions.areas[number] > 200]
    things = [number for number in large if regions.colors[number][0] > 5]
    assert len(things) == 65 and len(large) == 66  # 64 squares and the ground; the ink
    assert (np.diff(regions.areas[1:]) <= 0).all()
    for number in things:
        values = target.lab[regions.labels == number]
        assert np.percentile(delta_e(values, regions.colors[number]), 99) <= 5.0


def test_soft_shading_is_divided_into_bands_and_noise_is_not_a_region():
    ramp = np.repeat(np.linspace(60, 220, 200, dtype=np.float32)[:, None], 100, axis=1).astype(np.uint8)
    bands = flat_regions(lab(np.repeat(ramp[..., None], 3, axis=2)))
    assert 5 <= len(bands.areas) - 1 <= 30
    noise = np.random.default_rng(0).integers(0, 256, (100, 100, 3)).astype(np.uint8)
    assert (flat_regions(lab(noise)).labels > 0).mean() < 0.1


def test_an_aim_that_hits_the_outline_belongs_to_the_thing_in_its_colour():
    image = np.full((60, 60, 3), (200, 40, 40), np.uint8)
    image[:, 30:] = (40, 60, 200)
    lines = np.full((60, 60), 255, np.uint8)
    image[:, 28:32], lines[:, 28:32] = 0, 0
    target = Target(image, lines)
    left, right = (target.owner((x, 0.5, color)) for x, color in ((0.5, (200, 40, 40)), (0.49, (40, 60, 200))))
    assert target.regions.labels[15, 5] == left and target.regions.labels[15, 25] == right and left != right
    assert target.owner((0.5, 0.5, (0, 255, 0))) == 0


def test_a_person_leaves_a_part_of_the_regions_and_gives_the_others_one_to_three():
    shares = []
    for seed in range(12):
        target, points = drawn(seed)
        owners = np.array([target.owner(point) for point in points])
        assert (owners > 0).all()
        _, each = np.unique(owners, return_counts=True)
        assert each.max() <= 3 and each.min() >= 1
        shares.append(1.0 - len(each) / 64)
    assert FORGOTTEN[0] - 0.03 < np.mean(shares) < FORGOTTEN[1] + 0.03
    assert min(shares) > 0.05


def test_a_person_takes_regions_in_the_order_of_area_and_few_are_the_first_of_many():
    image, lines = scenes.draw(0)
    target = Target(image, lines)
    many = like_a_person(target, 64, np.random.default_rng(5))
    owners = [target.owner(point) for point in many]
    assert owners == sorted(owners) and owners[0] <= 4
    assert like_a_person(target, 4, np.random.default_rng(5)) == many[:4]


def test_a_quarter_of_a_persons_points_lie_near_a_line_and_some_on_it():
    clear = []
    for seed in range(6):
        target, points = drawn(seed)
        clear += [target.to_ink(point) for point in points]
    near = np.array(clear) < 4.0
    assert near.mean() == pytest.approx(0.25, abs=0.06)
    assert 0.02 < (np.array(clear) < 1.0).mean() < 0.12
    assert (np.array(clear)[~near] >= 4.0).all()


def test_white_inside_the_figure_gets_white_points_and_the_ground_and_the_ink_none():
    target, points = drawn()
    white = [point for point in points if min(point[2]) > 250]
    assert white and all(0.07 < x < 0.93 and 0.07 < y < 0.93 for x, y, _ in white)
    assert not any(max(color) < 40 for _, _, color in points)
    assert not any(target.is_ground[target.cell(point)] for point in points)


def test_a_person_uses_the_pages_usual_tool():
    hints = exact_hints([(0.5, 0.25, (1, 2, 3))])
    assert len(hints.of("exact")) == len(hints) == 1 and hints[0].rgb == (1, 2, 3)


def test_a_white_page_gets_no_points():
    page = np.full((64, 64, 3), 255, np.uint8)
    assert like_a_person(Target(page, page[..., 0]), 16, np.random.default_rng(0)) == []
