"""Colours for what nobody coloured: what is chosen, for whom, and from what."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from s2p.parts import NAMES
from s2p.pipelines.choose import choose
from s2p.pipelines.looking import page_of
from s2p.pipelines.scene import Scene
from s2p.pipelines.wardrobe import colors_of, wardrobe
from tests.flat_cases import BLUE, NO_COLORS, NO_POINTS, PALETTE, RED, Plain, color_at, drawing, parts


def chosen(*names: str, seeds: Sequence[int] = (1,), points=NO_POINTS, colors=NO_COLORS, palette: float = 0.0):
    page = page_of(drawing())
    network = Plain(palette=palette)
    return choose(network, page, points, colors, PALETTE, Scene.of(page, parts(page, *names)), seeds=seeds)


def test_choices_colour_what_nobody_coloured_and_another_seed_chooses_otherwise():
    one, same, other = chosen("cloth", seeds=(1, 1, 2))
    assert (one.colors == same.colors).all() and (one.colors != other.colors).any()
    assert len(color_at(one, 0)) == len(color_at(one, 1)) == 1
    (kept,) = chosen("cloth", points=np.array([[0.3, 0.5]], np.float32), colors=np.array([RED], np.uint8))
    assert not color_at(kept, 0) and color_at(kept, 1), "the artist's room is theirs"


@pytest.mark.parametrize("part", ["skin", "hair"])
def test_skin_and_hair_have_one_colour_on_a_figure_and_paper_stays_paper(part):
    for seed in range(5):
        (one,) = chosen(part, seeds=(seed,))
        assert color_at(one, 0) == color_at(one, 1) and len(color_at(one, 0)) == 1
        outside = [c for p, c in zip(one.points, one.colors.tolist()) if not (1 / 6 < p[0] < 5 / 6)]
        assert all(c == [255, 255, 255] for c in outside)
    red, green, blue = np.array(color_at(chosen("skin")[0], 0)[0]).astype(int)
    assert red > green > blue


def test_an_animal_has_one_coat_and_so_has_what_looks_like_hair_without_a_head():
    coats = colors_of("creature").tolist()
    for names in (("creature",), ("creature", "hair"), ("hair", "creature"), ("hair",)):
        for seed in range(4):
            (one,) = chosen(*names, seeds=(seed,))
            assert color_at(one, 0) == color_at(one, 1) and color_at(one, 0)[0] in coats
    blue = np.array([BLUE], np.uint8)
    (told,) = chosen("creature", points=np.array([[0.3, 0.5]], np.float32), colors=blue)
    assert color_at(told, 1) == blue.tolist(), "what the artist says of a part of it is said of all"


def test_hair_and_skin_differ_and_what_the_artist_says_of_a_part_is_the_figures():
    (one,) = chosen("skin", "hair")
    assert color_at(one, 0) != color_at(one, 1)
    (told,) = chosen("skin", points=np.array([[0.3, 0.5]], np.float32), colors=np.array([(90, 60, 40)], np.uint8))
    assert color_at(told, 1) == [[90, 60, 40]]


def test_a_flower_that_is_taken_for_hair_does_not_dye_the_hair():
    brown, pink, dark = (120, 80, 50), (240, 180, 190), (110, 70, 45)
    points = np.array([[0.3, 0.3], [0.3, 0.5], [0.3, 0.7]], np.float32)
    for colors in ((pink, brown, dark), (brown, pink, dark), (brown, dark, pink)):
        (told,) = chosen("hair", points=points, colors=np.array(colors, np.uint8))
        assert color_at(told, 1) in ([list(brown)], [list(dark)])


def test_cloth_that_belongs_together_is_drawn_once():
    def alike(palette: float) -> list[bool]:
        return [color_at(one, 0) == color_at(one, 1) for one in chosen("cloth", seeds=range(6), palette=palette)]

    apart, together = alike(9.0), alike(-20.0)
    assert all(together) and not all(apart)


def test_a_wardrobe_has_something_for_every_part():
    clothes = wardrobe(np.random.default_rng(3))
    assert all(clothes.of(part).shape[1:] == (3,) and clothes.of(part).dtype == np.uint8 for part in NAMES)
    assert (wardrobe(np.random.default_rng(3)).of("cloth") == clothes.of("cloth")).all()


def test_land_under_a_sky_is_green_and_a_room_may_have_any_ground():
    def ground(*, is_outside: bool) -> np.ndarray:
        drawn = [wardrobe(np.random.default_rng(seed), is_outside=is_outside) for seed in range(40)]
        return np.concatenate([one.of("ground") for one in drawn])

    outside, inside = ground(is_outside=True), ground(is_outside=False)
    assert (outside[:, 1] >= outside[:, [0, 2]].max(1)).all()
    assert (inside[:, 2] > inside[:, 1]).any()


def of_regions(boxes: Sequence[tuple[str, int, int, int, int]], seed: int) -> list[list[int]]:
    """The colours that a choice gives boxes (part, top, bottom, left, right) on a page of 512 px, in their order."""
    lines, shown = np.full((512, 512), 255, np.uint8), np.zeros((512, 512), np.int32)
    for name, top, bottom, left, right in boxes:
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)
        shown[top:bottom, left:right] = NAMES.index(name)
    page = page_of(lines)
    scene = Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]])
    (one,) = choose(Plain(), page, NO_POINTS, NO_COLORS, PALETTE, scene, seeds=(seed,))
    found = []
    for _, top, bottom, left, right in boxes:
        inside = (one.points * 512 > (left, top)).all(-1) & (one.points * 512 < (right, bottom)).all(-1)
        found += one.colors[inside].tolist()[:1]
    return found


def test_a_backdrop_that_a_figure_parts_has_one_colour_and_the_floor_may_have_another():
    differ = 0
    for seed in range(6):
        left, right, floor = of_regions(
            [("ground", 60, 330, 60, 200), ("ground", 80, 340, 320, 450), ("ground", 360, 470, 60, 450)], seed
        )
        assert left == right
        differ += floor != left
    assert differ


def test_a_small_thing_that_stands_alone_has_one_colour():
    leaf = [("thing", 60, 90, 60, 90), ("thing", 60, 90, 90, 115), ("thing", 90, 110, 60, 115)]
    for seed in range(6):
        assert len({tuple(color) for color in of_regions(leaf, seed)}) == 1


@pytest.mark.parametrize(("left", "stays_paper"), [(260, True), (40, False)])
def test_between_figures_on_bare_paper_is_paper_and_a_framed_scene_is_coloured(left, stays_paper):
    for seed in range(4):
        _, between = of_regions([("cloth", 60, 120, 60, 400), ("ground", 130, 400, left, 380)], seed)
        assert (between == [255, 255, 255]) == stays_paper
