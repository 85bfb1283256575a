"""Whose a region is where people touch each other and what is behind them."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.parts import NAMES
from s2p.pipelines.heads import Places, heads, people
from s2p.pipelines.looking import Page, page_of
from s2p.pipelines.scene import Scene

# Two people hand in hand before a house, rows and columns of a page of 512 px.
PEOPLE = {"left": 100, "right": 230}  # the columns of their middles
EYE, HEAD, COAT, HAND, HOUSE = (142, 150), (125, 175), (175, 330), (240, 260), (60, 330, 330, 500)


def family(*, faces: bool = True) -> tuple[Page, Scene]:
    lines, shown = np.full((512, 512), 255, np.uint8), np.zeros((512, 512), np.int32)

    def draw(name: str, top: int, bottom: int, left: int, right: int) -> None:
        cv2.rectangle(lines, (left, top), (right, bottom), 255, -1)
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)
        shown[top:bottom, left:right] = NAMES.index(name)

    draw("cloth", HOUSE[0], HOUSE[1], HOUSE[2], HOUSE[3])
    for middle in PEOPLE.values():
        draw("skin" if faces else "cloth", *HEAD, middle - 22, middle + 22)
        if faces:
            for side in (-9, 9):
                draw("iris", *EYE, middle + side - 4, middle + side + 4)
        draw("cloth", *COAT, middle - 40, middle + 40)
    draw("skin", *HAND, PEOPLE["left"] + 40, PEOPLE["right"] - 40)
    draw("cloth", 200, 220, PEOPLE["right"] + 40, HOUSE[2])  # an arm that reaches to the house
    page = page_of(lines)
    return page, Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]])


def at(page: Page, row: int, column: int) -> int:
    return int(page.regions.labels[row, column])


def test_people_who_touch_are_two_and_the_house_behind_them_is_none_of_them():
    page, scene = family()
    coats = [at(page, 300, middle) for middle in PEOPLE.values()]
    house = at(page, 200, 420)
    assert len({int(scene.figures[region]) for region in (*coats, house)}) == 1, "all hang together"
    assert len(heads(page, scene)) == 2
    whose = people(page, scene, Places.of(page))
    assert len({int(whose[region]) for region in (*coats, house)}) == 3
    for middle, coat in zip(PEOPLE.values(), coats):
        assert whose[at(page, 168, middle)] == whose[coat], "a face and the coat below it"
    assert whose[at(page, 210, PEOPLE["right"] + 70)] == whose[coats[1]], "an arm is of the nearer one"


def test_where_no_face_is_seen_what_hangs_together_is_one():
    page, scene = family(faces=False)
    whose = people(page, scene, Places.of(page))
    meant = [at(page, 200, 420), *(at(page, 300, middle) for middle in PEOPLE.values())]
    assert len({int(whose[region]) for region in meant}) == 1
    assert not heads(page, scene)


def test_what_lies_side_by_side_shares_rows_and_no_columns():
    page, _ = family()
    coats = [at(page, 300, middle) for middle in PEOPLE.values()]
    regions = np.array([*coats, at(page, 168, PEOPLE["left"]), at(page, 168, PEOPLE["right"]), at(page, 200, 420)])
    beside = Places.of(page).beside(regions)
    assert beside[0, 1] and beside[2, 3] and (beside == beside.T).all()
    assert not beside[0, 2] and not beside[1, 3], "a face is above its coat"
    assert not beside.diagonal().any() and not beside[2, 4], "a house is taller than a face"


def test_a_face_too_small_for_features_is_the_skin_below_the_hair():
    lines, shown = np.full((512, 512), 255, np.uint8), np.zeros((512, 512), np.int32)
    for name, top, bottom, left, right in (
        ("hair", 60, 80, 230, 280), ("skin", 80, 120, 235, 275), ("hair", 80, 140, 275, 290),
        ("skin", 120, 150, 245, 275), ("cloth", 150, 300, 200, 310), ("skin", 300, 380, 220, 250),
    ):  # fmt: skip
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)
        shown[top:bottom, left:right] = NAMES.index(name)
    page = page_of(lines)
    scene = Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]])
    found = heads(page, scene)
    assert len(found) == 1 and 80 < found[0].y < 120, "the neck beside the hair is no second head"
    whose = people(page, scene, Places.of(page))
    assert whose[at(page, 220, 250)] == whose[at(page, 350, 235)] == whose[at(page, 100, 255)] == 0
