"""A left and a right of one figure: found by where they lie, shown and coloured alike."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.parts import NAMES
from s2p.pipelines.looking import Page, page_of
from s2p.pipelines.scene import Scene
from s2p.pipelines.twins import twins

BODY, LEFT, RIGHT = (190, 120, 322, 380), (130, 140, 190, 330), (322, 140, 382, 330)  # left, top, right, bottom


def page(*boxes: tuple[int, int, int, int]) -> Page:
    lines = np.full((512, 512), 255, np.uint8)
    for left, top, right, bottom in boxes:
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)
    return page_of(lines)


def region(of: Page, box: tuple[int, int, int, int]) -> int:
    return int(of.regions.labels[(box[1] + box[3]) // 2, (box[0] + box[2]) // 2])


def found(of: Page) -> list[tuple[int, ...]]:
    count = of.regions.count
    scenery = np.arange(count) == of.regions.labels[2, 2]
    return [tuple(sorted(pair)) for pair in twins(of, np.zeros(count, int), scenery).tolist()]


def test_arms_on_both_sides_of_a_body_are_twins():
    of = page(BODY, LEFT, RIGHT)
    assert found(of) == [tuple(sorted((region(of, LEFT), region(of, RIGHT))))]


def test_pieces_of_another_size_place_or_body_are_none():
    for other in ((322, 140, 350, 330), (322, 340, 382, 378), (400, 140, 460, 330)):
        assert found(page(BODY, LEFT, other)) == []
    assert found(page((130, 140, 220, 240), (220, 140, 310, 240))) == [], "nothing larger stands between two boxes"


def test_legs_beside_each_other_are_twins():
    left, right = (130, 200, 190, 460), (190, 210, 250, 470)
    of = page(left, right)
    assert found(of) == [tuple(sorted((region(of, left), region(of, right))))]
    for other in ((190, 380, 250, 500), (300, 210, 360, 470), (130, 465, 190, 505)):
        assert found(page(left, other)) == [], "too short, apart, or below"


def test_mirror_images_are_twins_wherever_they_stand():
    lines = np.full((512, 512), 255, np.uint8)
    sleeve = np.array([(60, 400), (60, 460), (170, 460), (200, 380), (150, 340)])
    for side in (sleeve, sleeve * (-1, 1) + (512, 0)):
        cv2.polylines(lines, [side.reshape(-1, 1, 2).astype(np.int32)], True, 0, 3)
    of = page_of(lines)
    left, right = (int(of.regions.labels[420, x]) for x in (120, 392))
    assert left != right and found(of) == [tuple(sorted((left, right)))]
    same = np.full((512, 512), 255, np.uint8)
    for side in (sleeve, np.add(sleeve, (270, 0))):
        cv2.polylines(same, [side.reshape(-1, 1, 2).astype(np.int32)], True, 0, 3)
    assert found(page_of(same)) == [], "a copy is no mirror image"


def test_twins_show_the_same_where_one_of_them_is_known():
    of = page(BODY, LEFT, RIGHT)
    shown = np.full((512, 512), NAMES.index("paper"))
    for box, name in ((BODY, "cloth"), (LEFT, "skin"), (RIGHT, "cloth")):
        shown[box[1] : box[3], box[0] : box[2]] = NAMES.index(name)
    parts = np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]]
    right = shown[2::4, 2::4] == NAMES.index("cloth")
    right[:, :80] = False
    parts[right] = np.eye(len(NAMES), dtype=np.float32)[NAMES.index("cloth")] * 0.6
    parts[right, NAMES.index("skin")] = 0.4
    scene = Scene.of(of, parts)
    names = {box: NAMES[scene.shown[region(of, box)]] for box in (BODY, LEFT, RIGHT)}
    assert names == {BODY: "cloth", LEFT: "skin", RIGHT: "skin"}
    assert sorted(map(sorted, scene.twins.tolist())) == [sorted((region(of, LEFT), region(of, RIGHT)))]
