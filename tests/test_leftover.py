"""What becomes of regions that no hint reaches: the colour that is expected to be nearest, usual colours, or paper."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from s2p import reach
from s2p.parts import NAMES
from s2p.pipelines.leftover import (
    BETTER,
    as_hinted,
    coats,
    has_colors,
    is_spot,
    nearest_expected,
    rather_skin,
    share_their_coat,
    usual_colors,
)
from s2p.pipelines.looking import page_of
from s2p.pipelines.scene import Scene
from s2p.pipelines.wardrobe import USUAL, colors_of
from s2p.regions import Regions

PALETTE = reach.lab_of(np.array([(255, 255, 255), (40, 90, 160), (140, 85, 55)], np.uint8))
RED = (200, 30, 40)
WHITE, BLUE, BROWN = np.eye(3, dtype=np.float32)
RED_AND_BLUE = reach.lab_of(np.array([(200, 30, 40), (60, 110, 190)], np.uint8))


def parts(*names: str, sure: float = 0.9) -> np.ndarray:
    """Chances of as many regions, each surely what is named."""
    found = np.full((len(names), len(NAMES)), (1 - sure) / (len(NAMES) - 1), np.float32)
    for region, name in enumerate(names):
        found[region, NAMES.index(name)] = sure
    return found


def nearest(
    own: np.ndarray, *names: str, shares: tuple[float, float] = (0.0, 0.0), sure: float = 0.9,
    figures: tuple[int, ...] | None = None, may: tuple[bool, bool] = (True, True),
) -> tuple[int, bool]:
    """Of region 0, where hints in red and blue lie in regions 1 and 2."""
    rows = len(names)
    shares_of = np.zeros((rows, 2), np.float32)
    shares_of[0] = shares
    which, nearer = nearest_expected(
        shares_of, np.repeat(own[None], rows, 0), RED_AND_BLUE, PALETTE, parts(*names, sure=sure),
        coats(parts(*names), np.arange(rows) if figures is None else np.array(figures), np.array([1, 2])),
        np.array([may] * rows), np.array([1, 2]), np.array([0, 1]),
    )
    return int(which[0]), bool(nearer[0] > BETTER)


def test_what_is_likely_blue_takes_the_blue_hint_and_what_is_likely_bare_stays_bare():
    assert nearest(BLUE, "cloth", "cloth", "cloth") == (1, True)
    assert not nearest(WHITE, "cloth", "cloth", "cloth")[1]
    assert not nearest(0.8 * WHITE + 0.2 * BLUE, "cloth", "cloth", "cloth")[1]


def test_a_colour_that_is_unlike_what_is_likely_is_no_better_than_paper():
    light = reach.lab_of(np.array([(235, 230, 220)], np.uint8))
    _, nearer = nearest_expected(
        np.zeros((2, 1), np.float32), np.ones((2, 1), np.float32), RED_AND_BLUE[:1], light, parts("cloth", "cloth"),
        np.zeros((2, 1), bool), np.ones((2, 1), bool), np.array([1]), np.array([0]),
    )
    assert nearer[0] < 0, "red is further from a light gray than paper is"


@pytest.mark.parametrize("shown", ["eye white", "iris", "mouth", "brow"])
def test_a_face_takes_no_colour_of_anything(shown):
    assert not nearest(BLUE, shown, "cloth", "cloth", shares=(0.0, 0.9))[1]


def test_skin_takes_no_colour_of_a_dress_unless_it_may_be_anything():
    assert not nearest(BLUE, "skin", "cloth", "cloth")[1]
    assert nearest(BLUE, "skin", "cloth", "skin") == (1, True)
    assert nearest(BLUE, "skin", "cloth", "cloth", sure=0.3) == (1, True)


@pytest.mark.parametrize(("painted", "after"), [(0.5, [1.0, 1.0, 0.0, 0.0]), (0.1, [1.0, 0.0, 0.0, 0.0])])
def test_the_rest_of_an_animal_has_the_coat_that_much_of_it_has(painted, after):
    wanted, cover = np.eye(4, 2, dtype=np.float32)[[1, 0, 0, 0]], np.array([1.0, 0.0, 0.0, 0.0], np.float32)
    areas = np.array([painted, 1.0 - painted, 1.0, 1.0], np.float32)
    shown = parts("creature", "creature", "creature", "cloth")
    share_their_coat(shown, np.array([1, 1, 2, 1]), areas, wanted, cover, np.ones(4, bool))
    assert cover.tolist() == after and (wanted[1].argmax() == 1) == (after[1] > 0)


def test_an_animal_has_the_coat_that_a_hint_gave_it_whatever_lies_nearer():
    red = 0, True
    of_two = {"shares": (0.45, 0.5)}
    assert nearest(BLUE, "creature", "creature", "creature", **of_two, figures=(0, 0, 1)) == red
    assert nearest(BLUE, "creature", "creature", "creature", **of_two, figures=(0, 1, 1)) == (1, True)


def test_what_may_not_take_the_nearest_colour_stays_bare():
    assert nearest(BLUE, "thing", "cloth", "cloth", may=(True, True)) == (1, True)
    assert nearest(BLUE, "thing", "cloth", "cloth", may=(True, False)) == (1, False), "not red for want of blue"


def test_what_stands_alone_takes_colours_of_its_own_hints_only():
    page = page_of(drawn())
    found = Scene.of(page, np.full((*page.grid.shape, len(NAMES)), 1 / len(NAMES), np.float32))
    cloud, house, sky = (int(page.regions.labels[y, x]) for x, y in ((100, 100), (350, 400), (10, 10)))
    assert found.is_alone[cloud] and not found.is_alone[house] and not found.is_alone[sky]
    may = found.may_take(np.array([house, cloud]), np.array([cloud, house, sky]))
    assert may.tolist() == [[False, True], [True, True], [True, True]]


def drawn() -> np.ndarray:
    """A small circle high in the sky, and a large box below."""
    lines = np.full((512, 512), 255, np.uint8)
    cv2.circle(lines, (100, 100), 25, 0, 3)
    cv2.rectangle(lines, (250, 300), (450, 480), 0, 3)
    return lines


def scene(*names: str, figures: tuple[int, ...]) -> Scene:
    chances = parts(*names)
    return Scene(
        chances, chances.argmax(-1), np.array(figures), np.zeros(len(names), bool), np.zeros((0, 2), int),
        np.array(figures), np.zeros(len(names), bool), np.full(len(names), -1), np.zeros((0, 0, len(NAMES))),
    )


def regions(*areas: float, pairs: Sequence[tuple[int, int]] = ()) -> Regions:
    """As many regions of these shares of a page, of which some are neighbours."""
    labels = np.repeat(np.arange(len(areas)), [round(1000 * area) for area in areas])[None].astype(np.int32)
    beside = np.array(pairs, np.int32).reshape(-1, 2)
    return Regions(labels, np.ones(labels.shape, np.float32), beside, np.ones(len(beside), np.float32), len(areas))


def test_a_figure_that_somebody_coloured_gets_its_skin_and_others_stay_paper():
    found = scene("cloth", "skin", "skin", "iris", figures=(0, 0, 1, 0))
    own, areas = np.repeat(BROWN[None], 4, 0), regions(*[0.1] * 4)
    colors, has, _ = usual_colors(found, areas, own, PALETTE, np.array([0]), np.array([(200, 30, 40)]))
    assert has.tolist() == [False, True, False, True]
    assert colors[1].tolist() in colors_of("skin").tolist() and colors[3].tolist() in colors_of("iris").tolist()
    lightness = reach.lab_of(np.array([colors[1], colors_of("skin")[0]]))[:, 0]
    assert lightness[0] < lightness[1], "the network held brown likely"


def test_skin_that_was_hinted_somewhere_is_the_skin_of_all():
    given = np.array([(120, 70, 40), (200, 30, 40)], np.uint8)
    found = scene("skin", "skin", "cloth", figures=(0, 1, 1))
    colors, has, _ = usual_colors(
        found, regions(*[0.1] * 3), np.repeat(WHITE[None], 3, 0), PALETTE, np.array([0, 2]), given
    )
    assert has[1] and colors[1].tolist() == [120, 70, 40]


def test_skin_that_was_hinted_where_it_is_hardly_known_is_the_skin_of_all():
    brown, red = (150, 100, 70), (200, 30, 40)
    found = scene("skin", "cloth", figures=(0, 0))
    found.chances[1, NAMES.index("skin")], found.chances[1, NAMES.index("cloth")] = 0.25, 0.7
    own = np.repeat(WHITE[None], 2, 0)
    for color, is_skin in ((brown, True), (red, False)):
        colors, has, _ = usual_colors(
            found, regions(0.1, 0.1), own, PALETTE, np.array([1]), np.array([color], np.uint8)
        )
        assert has[0] and (colors[0].tolist() == list(color)) == is_skin


def test_what_has_the_colour_of_skin_that_is_clearly_skin_is_skin_and_so_it_is_with_hair():
    brown, blond, shown = colors_of("skin")[-1].tolist(), (240, 220, 60), NAMES.index

    def seen(*names: str, colors) -> list[int]:
        found = scene(*names, figures=(0,) * len(names))
        told = as_hinted(found, np.arange(len(names)), np.array(colors, np.uint8))
        assert (told.chances.argmax(-1) == told.shown).all()
        return told.shown.tolist()

    assert seen("skin", "cloth", "hair", colors=[brown] * 3) == [shown("skin"), shown("skin"), shown("hair")]
    assert seen("skin", "cloth", colors=[brown, RED]) == [shown("skin"), shown("cloth")]
    assert seen("skin", "cloth", colors=[RED] * 2) == [shown("skin"), shown("cloth")], "red skin says nothing"
    assert seen("hair", "skin", "skin", colors=[blond, blond, brown]) == [shown("hair"), shown("hair"), shown("skin")]
    assert seen("hair", "skin", colors=[brown] * 2) == [shown("hair"), shown("skin")], "a face may be brown"


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
        found, regions(*[0.1] * 3), np.repeat(WHITE[None], 3, 0), PALETTE, np.array([0]), given
    )
    assert has.tolist() == [True, False, False] and if_bare.tolist() == [False, is_one, False]
    assert not is_one or colors[1].tolist() == [120, 70, 40]


@pytest.mark.parametrize(("share", "other", "area", "pairs", "is_one"), [
    (0.4, "skin", 0.1, [(0, 1)], False), (0.4, "skin", 0.1, [(1, 0)], False), (0.2, "skin", 0.1, [(0, 1)], True),
    (0.4, "cloth", 0.1, [(0, 1)], True), (0.4, "skin", 0.6, [(0, 1)], True), (0.4, "skin", 0.1, [], True),
])  # fmt: skip
def test_half_a_leaf_that_is_taken_for_skin_goes_with_the_other_half(share, other, area, pairs, is_one):
    """Unless that is a wild guess, the other is no skin at all, as a gown is not that a hand lies on, or elsewhere."""
    found = regions(0.1, area, pairs=pairs)
    given, shares = np.array([[False], [True]]), np.array([[share], [1.0]])
    assert rather_skin(found, parts("skin", other), given, np.zeros(2, int), shares)[0] == is_one


@pytest.mark.parametrize(
    ("skin", "pairs", "is_one"), [(0.45, [(0, 1)], True), (0.45, [], False), (0.3, [(1, 0)], False)]
)
def test_what_is_likeliest_skin_beside_a_face_is_skin(skin, pairs, is_one):
    found = scene("skin", "skin", "cloth", figures=(0, 0, 0))
    found.chances[1] = 0.05
    found.chances[1, NAMES.index("skin")] = skin
    own, where = np.repeat(WHITE[None], 3, 0), regions(0.1, 0.1, 0.1, pairs=pairs)
    _, has, _ = usual_colors(found, where, own, PALETTE, np.array([2]), np.array([RED]))
    assert has.tolist() == [True, is_one, False]


def test_hair_of_a_figure_that_somebody_coloured_is_brown_or_as_hair_was_hinted():
    found = scene("cloth", "skin", "hair", "hair", "hair", figures=(0, 0, 0, 0, 1))
    own, where = np.repeat(BROWN[None], 5, 0), regions(*[0.1] * 5, pairs=[(1, 2), (3, 0)])
    colors, has, _ = usual_colors(found, where, own, PALETTE, np.array([0]), np.array([RED]))
    assert has.tolist() == [False, True, True, False, False], "what hangs together with no face may be grass, or fur"
    assert colors[2].tolist() in colors_of("hair").tolist()
    blond = np.array([RED, (240, 220, 60)], np.uint8)
    colors, _, _ = usual_colors(found, where, own, PALETTE, np.array([0, 3]), blond)
    assert colors[2].tolist() == [240, 220, 60]


def test_of_several_hints_that_of_its_own_figure_says_what_colour_hair_has():
    found = scene("hair", "skin", "hair", "skin", "hair", figures=(0, 0, 1, 1, 1))
    where = regions(*[0.1] * 5, pairs=[(0, 1), (2, 3), (3, 4)])
    given = np.array([(240, 220, 60), (60, 40, 30)], np.uint8)
    colors, has, _ = usual_colors(found, where, np.repeat(WHITE[None], 5, 0), PALETTE, np.array([0, 2]), given)
    assert has[4] and colors[4].tolist() == [60, 40, 30]


def test_usual_colours_are_of_parts_that_are_named():
    assert set(USUAL) < set(NAMES)


def test_highlights_on_an_iris_stay_white_and_so_does_all_of_an_eye_that_somebody_coloured():
    found = scene("iris", "iris", "cloth", figures=(0, 0, 0))
    own, areas, red = np.repeat(BLUE[None], 3, 0), regions(0.01, 0.002, 0.3), np.array([RED], np.uint8)
    assert usual_colors(found, areas, own, PALETTE, np.array([2]), red)[1].tolist() == [True, False, False]
    assert not usual_colors(found, areas, own, PALETTE, np.array([0]), red)[1].any()


@pytest.mark.parametrize(("ground", "tinted", "white", "blank", "has"), [
    (0.5, (True, False), (False, False), (0.9, 0.1), True),  # the ground has a colour
    (0.3, (False, True), (False, False), (0.1, 0.1), True),  # most of a full page has
    (0.5, (False, True), (False, False), (0.9, 0.1), False),  # a figure on white
    (0.5, (False, True), (False, False), (0.15, 0.15), False),  # half of a full page
    (0.5, (False, True), (False, False), (0.05, 0.05), True),  # of which nothing can be paper
    (0.5, (False, True), (True, False), (0.0, 0.05), False),  # but by a hint
])  # fmt: skip
def test_a_page_has_colours_if_its_ground_has_or_most_of_what_is_drawn(ground, tinted, white, blank, has):
    areas, chances = np.array([ground, 1.0 - ground], np.float32), np.array(blank, np.float32)
    before = np.array([True, False])
    assert has_colors(areas, np.array(tinted), chances, before, np.array(white)) is has
