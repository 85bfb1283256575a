"""Flat colours of people: skin, hands and faces have one colour, whatever lies beside them; sleeves are alike."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from s2p import reach
from s2p.parts import NAMES
from s2p.pipelines.flats import flats
from s2p.pipelines.looking import look, page_of
from s2p.pipelines.scene import Scene
from s2p.pipelines.wardrobe import colors_of
from tests.flat_cases import BLUE, COAL, HAZE, RED, Plain, at, drawing, painted, pale, parts


def test_skin_spreads_over_a_figure_and_not_to_its_clothes():
    """The network holds it possible (about one in five) that the other room is the same; parts decide."""
    unsure = Plain(palette=-11.3, wall=1.0)
    skin = painted(drawing(), (0.3, 0.5, RED), network=unsure, names=("skin",))
    assert at(skin, 0.7, 0.5) == list(RED) and at(skin, 0.05, 0.5) == [255, 255, 255]
    for names in (("skin", "cloth"), ("hair", "cloth"), ("cloth",)):
        assert at(painted(drawing(), (0.3, 0.5, RED), network=unsure, names=names), 0.7, 0.5) == [255, 255, 255]
    usual = at(painted(drawing(), (0.3, 0.5, RED), network=unsure, names=("hair", "skin")), 0.7, 0.5)
    assert usual in colors_of("skin").tolist(), "a figure that somebody coloured has skin"


def test_who_colours_a_face_means_the_hands_whatever_the_network_thinks():
    denies = Plain(palette=-2.0, wall=9.0)
    for part, there in (("skin", list(RED)), ("hair", [255, 255, 255]), ("cloth", [255, 255, 255])):
        assert at(painted(drawing(), (0.3, 0.5, RED), network=denies, names=(part,)), 0.7, 0.5) == there
    own = painted(drawing(), (0.3, 0.5, RED), (0.7, 0.5, BLUE), network=denies, names=("skin",))
    assert at(own, 0.7, 0.5) == list(BLUE), "who has a colour keeps it"


@pytest.mark.parametrize(("face", "color", "there"), [
    ("skin", BLUE, "skin"), ("skin", RED, RED), ("cloth", BLUE, BLUE), ("skin", COAL, "skin"), ("cloth", COAL, COAL),
    ("skin", HAZE, "skin"), ("cloth", HAZE, HAZE),
])  # fmt: skip
def test_what_seems_to_be_a_hand_takes_no_blue_black_or_haze_if_there_is_a_face(face, color, there):
    page = page_of(cv2.line(drawing(), (100, 300), (300, 300), 0, 4))
    scene = Scene.of(page, parts(page, "cloth"))
    chances, shown = scene.chances.copy(), scene.shown.copy()
    for x, y, name, chance in ((0.3, 0.3, face, 0.9), (0.7, 0.5, "skin", 0.25)):
        region = page.regions.labels[int(y * 512), int(x * 512)]
        chances[region] = (1 - chance) / len(NAMES)
        chances[region, NAMES.index(name)], shown[region] = chance, NAMES.index(name)
    seen = look(Plain(palette=-30.0, wall=0.0), page, np.array([[0.3, 0.7]], np.float32), scene.cells)
    found = flats(page, seen, np.array([color], np.uint8), pale(), replace(scene, chances=chances, shown=shown))
    usual = colors_of("skin").tolist()  # that of the face
    assert at(found, 0.7, 0.5) in (usual if there == "skin" else [list(there)])


@pytest.mark.parametrize(("sure", "is_skin"), [(-7.0, True), (-30.0, False)])
def test_an_arm_that_is_taken_for_a_sleeve_is_rather_skin_than_a_wild_guess(sure, is_skin):
    page = page_of(cv2.line(drawing(), (100, 300), (300, 300), 0, 4))
    scene = Scene.of(page, parts(page, "cloth"))
    chances, shown = scene.chances.copy(), scene.shown.copy()
    face, arm = (int(page.regions.labels[int(y * 512), int(x * 512)]) for x, y in ((0.3, 0.3), (0.7, 0.5)))
    chances[face] = np.eye(len(NAMES))[NAMES.index("skin")]
    shown[face] = NAMES.index("skin")
    chances[arm] = 0.4 * np.eye(len(NAMES))[NAMES.index("skin")] + 0.6 * np.eye(len(NAMES))[NAMES.index("cloth")]
    seen = look(Plain(palette=sure), page, np.array([[0.3, 0.7], [0.02, 0.02]], np.float32), scene.cells)
    colors = np.array([RED, (120, 170, 80)], np.uint8)
    found = at(flats(page, seen, colors, pale(), replace(scene, chances=chances, shown=shown)), 0.7, 0.5)
    assert (found in colors_of("skin").tolist()) == is_skin


@pytest.mark.parametrize(("color", "goes_on"), [((194, 85, 45), True), ((250, 250, 250), False)])
def test_half_a_leaf_that_is_taken_for_skin_goes_with_the_other_half_but_no_hand_with_a_cuff(color, goes_on):
    page = page_of(cv2.line(drawing(), (300, 300), (500, 300), 0, 4))
    cells = parts(page, "skin")  # a face on the left, and on the right two halves that may be anything
    right = cells[:, cells.shape[1] // 2 :]
    right[right[..., NAMES.index("skin")] > 0.5] = 0.7 / len(NAMES) + 0.3 * np.eye(len(NAMES))[NAMES.index("skin")]
    scene = Scene.of(page, cells)
    seen = look(Plain(palette=-8.9, wall=0.0), page, np.array([[0.7, 0.4], [0.02, 0.02]], np.float32), scene.cells)
    brown = np.tile(np.array([0.5, 0.15, 0.2], np.float32), (reach.PALETTE, 1))
    found = at(flats(page, seen, np.array([color, (120, 170, 80)], np.uint8), brown, scene), 0.7, 0.6)
    assert (found == list(color)) == goes_on


def test_a_small_face_takes_no_colour_of_what_it_is_open_to():
    """A dark coat below, what may be skin or coat above it, and in that a small face whose outline has a gap."""
    dark, lines = (50, 35, 30), cv2.line(drawing(), (100, 300), (300, 300), 0, 4)
    cv2.rectangle(lines, (180, 180), (210, 210), 0, 3)
    cv2.line(lines, (190, 210), (193, 210), 255, 5)
    page = page_of(lines)
    scene = Scene.of(page, parts(page, "cloth"))
    chances, shown = scene.chances.copy(), scene.shown.copy()
    upper, face = (int(page.regions.labels[int(y * 512), int(x * 512)]) for x, y in ((0.2, 0.4), (0.325, 0.325)))
    assert upper != face
    for region, chance in ((upper, 0.3), (face, 0.9)):
        chances[region] = (1 - chance) / len(NAMES)
        chances[region, NAMES.index("skin")], shown[region] = chance, NAMES.index("skin")
    seen = look(Plain(palette=-30.0, wall=0.0), page, np.array([[0.3, 0.7]], np.float32), scene.cells)
    found = flats(page, seen, np.array([dark], np.uint8), pale(), replace(scene, chances=chances, shown=shown))
    assert at(found, 0.2, 0.4) == list(dark) and at(found, 0.325, 0.325) in colors_of("skin").tolist()


def test_a_figure_that_nobody_touched_has_skin_where_hints_fill_the_ground():
    def face(*hints):
        return at(painted(drawing(), *hints, network=Plain(palette=-9.0), names=("cloth", "skin")), 0.7, 0.5)

    lawn = (0.05, 0.05, (120, 170, 80))
    assert face(lawn) in colors_of("skin").tolist()
    assert face((0.05, 0.05, (255, 255, 255))) == [255, 255, 255]


def test_a_face_takes_its_usual_colour_however_sure_the_network_is_of_the_wall_behind_it():
    sure = Plain(palette=-30.0, wall=0.0)
    assert at(painted(drawing(), (0.3, 0.5, BLUE), network=sure, names=("cloth",)), 0.7, 0.5) == list(BLUE)
    assert at(painted(drawing(), (0.3, 0.5, BLUE), network=sure, names=("cloth", "skin")), 0.7, 0.5) in (
        colors_of("skin").tolist()
    )


def sleeves() -> np.ndarray:
    """A coat with a sleeve on either side, on white paper."""
    page = np.full((512, 512), 255, np.uint8)
    cv2.rectangle(page, (200, 120), (312, 400), 0, 4)
    for left in (150, 312):
        cv2.rectangle(page, (left, 130), (left + 50, 330), 0, 4)
    return page


def test_a_sleeve_without_a_hint_is_like_the_other_one():
    knows_nothing = Plain(palette=-2.0, wall=9.0)
    found = painted(sleeves(), (175 / 512, 0.45, RED), (0.5, 0.5, BLUE), network=knows_nothing, names=("cloth",))
    assert at(found, 337 / 512, 0.45) == list(RED) and at(found, 0.5, 0.5) == list(BLUE)
    assert at(found, 0.1, 0.1) == [255, 255, 255]
    alone = painted(sleeves(), (0.5, 0.5, BLUE), network=knows_nothing, names=("cloth",))
    assert at(alone, 337 / 512, 0.45) == [255, 255, 255], "a sleeve is no coat"
    own = painted(
        sleeves(), (175 / 512, 0.45, RED), (337 / 512, 0.45, BLUE), network=knows_nothing, names=("cloth",)
    )
    assert at(own, 337 / 512, 0.45) == list(BLUE), "who has a colour keeps it"


@pytest.mark.parametrize(("of", "there"), [("skin", [255, 255, 255]), ("hair", [255, 255, 255]), ("cloth", list(RED))])
def test_a_shirt_takes_no_colour_that_only_skin_or_hair_was_given_however_sure_the_network_is(of, there):
    sure = Plain(palette=-30.0, wall=0.0)  # that everything goes with the only hint
    assert at(painted(drawing(), (0.3, 0.5, RED), network=sure, names=(of, "cloth")), 0.7, 0.5) == there


def test_who_gives_skin_and_shirt_one_colour_is_obeyed_in_all_of_the_shirt():
    sure, page = Plain(palette=-30.0, wall=0.0), cv2.line(drawing(), (300, 300), (500, 300), 0, 4)
    found = painted(page, (0.3, 0.5, RED), (0.7, 0.4, RED), network=sure, names=("skin", "cloth"))
    assert at(found, 0.7, 0.7) == list(RED)


@pytest.mark.parametrize(("of", "there"), [("iris", [255, 255, 255]), ("mouth", [255, 255, 255]), ("thing", list(RED))])
def test_who_colours_an_eye_or_a_mouth_means_nothing_else_however_sure_the_network_is(of, there):
    sure = Plain(palette=-30.0, wall=0.0)
    assert at(painted(drawing(), (0.3, 0.5, RED), network=sure, names=(of, "thing")), 0.7, 0.5) == there
