"""What becomes of regions that no hint reaches: the colour that is expected to be nearest, usual colours, or paper."""

from __future__ import annotations

import numpy as np
import pytest

from s2p import reach
from s2p.parts import NAMES
from s2p.pipelines.leftover import is_spot, nearest_expected, usual_colors
from s2p.pipelines.scene import Scene
from s2p.pipelines.wardrobe import USUAL, colors_of

PALETTE = reach.lab_of(np.array([(255, 255, 255), (40, 90, 160), (140, 85, 55)], np.uint8))
WHITE, BLUE, BROWN = np.eye(3, dtype=np.float32)
RED_AND_BLUE = reach.lab_of(np.array([(200, 30, 40), (60, 110, 190)], np.uint8))


def parts(*names: str, sure: float = 0.9) -> np.ndarray:
    """Chances of as many regions, each surely what is named."""
    found = np.full((len(names), len(NAMES)), (1 - sure) / (len(NAMES) - 1), np.float32)
    for region, name in enumerate(names):
        found[region, NAMES.index(name)] = sure
    return found


def nearest(own: np.ndarray, *names: str, shares: tuple[float, float] = (0.0, 0.0), sure: float = 0.9):
    """Of region 0, where hints in red and blue lie in regions 1 and 2."""
    rows = len(names)
    shares_of = np.zeros((rows, 2), np.float32)
    shares_of[0] = shares
    which, is_nearer = nearest_expected(
        shares_of, np.repeat(own[None], rows, 0), RED_AND_BLUE, PALETTE, parts(*names, sure=sure), np.array([1, 2]),
        np.array([0, 1]),
    )
    return int(which[0]), bool(is_nearer[0])


def test_what_is_likely_blue_takes_the_blue_hint_and_what_is_likely_bare_stays_bare():
    assert nearest(BLUE, "cloth", "cloth", "cloth") == (1, True)
    assert not nearest(WHITE, "cloth", "cloth", "cloth")[1]
    assert not nearest(0.8 * WHITE + 0.2 * BLUE, "cloth", "cloth", "cloth")[1]


def test_a_colour_that_is_unlike_what_is_likely_is_no_better_than_paper():
    light = reach.lab_of(np.array([(235, 230, 220)], np.uint8))
    _, is_nearer = nearest_expected(
        np.zeros((2, 1), np.float32), np.ones((2, 1), np.float32), RED_AND_BLUE[:1], light, parts("cloth", "cloth"),
        np.array([1]), np.array([0]),
    )
    assert not is_nearer[0], "red is further from a light gray than paper is"


@pytest.mark.parametrize("shown", ["eye white", "iris", "mouth", "brow"])
def test_a_face_takes_no_colour_of_anything(shown):
    assert not nearest(BLUE, shown, "cloth", "cloth", shares=(0.0, 0.9))[1]


def test_skin_takes_no_colour_of_a_dress_unless_it_may_be_anything():
    assert not nearest(BLUE, "skin", "cloth", "cloth")[1]
    assert nearest(BLUE, "skin", "cloth", "skin") == (1, True)
    assert nearest(BLUE, "skin", "cloth", "cloth", sure=0.3) == (1, True)


def scene(*names: str, figures: tuple[int, ...]) -> Scene:
    chances = parts(*names)
    return Scene(chances, chances.argmax(-1), np.array(figures), np.zeros(len(names), bool))


def test_a_figure_that_somebody_coloured_gets_its_skin_and_others_stay_paper():
    found = scene("cloth", "skin", "skin", "iris", figures=(0, 0, 1, 0))
    own, areas = np.repeat(BROWN[None], 4, 0), np.full(4, 0.1)
    colors, has, _ = usual_colors(found, areas, own, PALETTE, np.array([0]), np.array([(200, 30, 40)]))
    assert has.tolist() == [False, True, False, True]
    assert colors[1].tolist() in colors_of("skin").tolist() and colors[3].tolist() in colors_of("iris").tolist()
    lightness = reach.lab_of(np.array([colors[1], colors_of("skin")[0]]))[:, 0]
    assert lightness[0] < lightness[1], "the network held brown likely"


def test_skin_that_was_hinted_somewhere_is_the_skin_of_all():
    given = np.array([(120, 70, 40), (200, 30, 40)], np.uint8)
    found = scene("skin", "skin", "cloth", figures=(0, 1, 1))
    colors, has, _ = usual_colors(
        found, np.full(3, 0.1), np.repeat(WHITE[None], 3, 0), PALETTE, np.array([0, 2]), given
    )
    assert has[1] and colors[1].tolist() == [120, 70, 40]


def test_skin_that_was_hinted_where_it_is_hardly_known_is_the_skin_of_all():
    brown, red = (150, 100, 70), (200, 30, 40)
    found = scene("skin", "cloth", figures=(0, 0))
    found.chances[1, NAMES.index("skin")], found.chances[1, NAMES.index("cloth")] = 0.25, 0.7
    own = np.repeat(WHITE[None], 2, 0)
    for color, is_skin in ((brown, True), (red, False)):
        colors, has, _ = usual_colors(found, np.full(2, 0.1), own, PALETTE, np.array([1]), np.array([color], np.uint8))
        assert has[0] and (colors[0].tolist() == list(color)) == is_skin


def test_a_spot_on_a_face_says_nothing_of_its_skin_but_in_a_colour_of_skin():
    parts_of, figures, homes = parts("skin", "mouth", "skin"), np.array([0, 0, 1]), np.array([0, 1, 1, 2])
    colors = np.array([(0, 0, 0), (0, 0, 0), colors_of("skin")[0], (0, 0, 0)], np.uint8)
    areas = np.array([0.1, 0.002, 0.002])
    assert is_spot(areas, homes, colors, parts_of, figures).tolist() == [False, True, False, False]


@pytest.mark.parametrize(("skin", "is_one"), [(0.4, True), (0.1, False)])
def test_a_limb_that_may_be_bare_is_skin_if_no_hint_means_it(skin, is_one):
    found = scene("skin", "cloth", "ground", figures=(0, 0, 1))
    found.chances[1, NAMES.index("skin")], found.chances[1, NAMES.index("cloth")] = skin, 0.95 - skin
    given = np.array([(120, 70, 40)], np.uint8)
    colors, has, if_bare = usual_colors(
        found, np.full(3, 0.1), np.repeat(WHITE[None], 3, 0), PALETTE, np.array([0]), given
    )
    assert has.tolist() == [True, False, False] and if_bare.tolist() == [False, is_one, False]
    assert not is_one or colors[1].tolist() == [120, 70, 40]


def test_usual_colours_are_of_parts_that_are_named():
    assert set(USUAL) < set(NAMES)


def test_highlights_on_an_iris_stay_white_and_so_does_all_of_an_eye_that_somebody_coloured():
    found = scene("iris", "iris", "cloth", figures=(0, 0, 0))
    own, areas, red = np.repeat(BLUE[None], 3, 0), np.array([0.01, 0.002, 0.3]), np.array([(200, 30, 40)], np.uint8)
    assert usual_colors(found, areas, own, PALETTE, np.array([2]), red)[1].tolist() == [True, False, False]
    assert not usual_colors(found, areas, own, PALETTE, np.array([0]), red)[1].any()
