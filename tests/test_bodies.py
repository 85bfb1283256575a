"""Bodies that are drawn apart from their heads have the same skin."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.parts import NAMES
from s2p.pipelines.looking import Page, page_of
from s2p.pipelines.scene import Scene

HEAD = (100, 170, 220, 290)  # rows and columns of a page of 512 px


def apart(body: tuple[int, int, int, int], *, eyes: bool = True, shows: str = "cloth") -> tuple[Page, Scene]:
    lines, shown = np.full((512, 512), 255, np.uint8), np.zeros((512, 512), np.int32)

    def draw(name: str, top: int, bottom: int, left: int, right: int) -> None:
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)
        shown[top:bottom, left:right] = NAMES.index(name)

    draw("skin", *HEAD)
    for left in (235, 262) if eyes else ():
        draw("iris", 125, 137, left, left + 12)
    draw(shows, *body)
    draw("skin", body[1], body[1] + 60, body[2] + 8, body[2] + 30)  # a leg below it
    page = page_of(lines)
    return page, Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]])


def figure(page: Page, scene: Scene, row: int, column: int) -> int:
    return int(scene.figures[page.regions.labels[row, column]])


@pytest.mark.parametrize("eyes", [True, False], ids=["with eyes", "without"])
def test_a_body_below_a_floating_head_is_of_one_figure_with_it(eyes: bool):
    page, scene = apart((184, 330, 200, 310), eyes=eyes)
    of_head = figure(page, scene, 160, 255)
    assert figure(page, scene, 260, 255) == of_head
    assert figure(page, scene, 360, 220) == of_head, "its leg, too"


@pytest.mark.parametrize("body", [(300, 400, 200, 310), (4, 26, 200, 310)], ids=["far below", "above"])
def test_what_lies_far_off_or_above_is_something_else(body: tuple[int, int, int, int]):
    page, scene = apart(body)
    assert figure(page, scene, (body[0] + body[1]) // 2, 280) != figure(page, scene, 160, 255)


def test_a_thing_below_a_head_is_no_body():
    lines, shown = np.full((512, 512), 255, np.uint8), np.zeros((512, 512), np.int32)
    drawn = (("skin", *HEAD), ("iris", 125, 137, 250, 262), ("thing", 184, 330, 200, 310))
    for name, top, bottom, left, right in drawn:
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)
        shown[top:bottom, left:right] = NAMES.index(name)
    page = page_of(lines)
    scene = Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]])
    assert figure(page, scene, 260, 255) != figure(page, scene, 160, 255)
