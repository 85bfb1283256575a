"""A wall of bricks is one thing: found, named, and coloured by one hint."""

from __future__ import annotations

import cv2
import numpy as np

import s2p
from s2p.parts import NAMES
from s2p.pipelines.looking import Page, page_of
from s2p.pipelines.scene import Scene
from s2p.pipelines.tilings import of_hinted_tilings, tilings

ROWS, HIGH, LONG = 4, 40, 96
WALL = (100, 120, 100 + 3 * LONG, 120 + ROWS * HIGH)  # left, top, right, bottom


def wall(*, with_joints: bool = True) -> np.ndarray:
    """A drawing, `uint8[512, 512]`: a wall, every second row moved by half a brick, and a circle before it."""
    lines = np.full((512, 512), 255, np.uint8)
    left, top, right, _ = WALL
    for row in range(ROWS):
        y = top + row * HIGH
        cv2.rectangle(lines, (left, y), (right, y + HIGH), 0, 3)
        for x in range(left + (LONG // 2 if row % 2 else LONG), right, LONG) if with_joints else ():
            cv2.line(lines, (x, y), (x, y + HIGH), 0, 3)
    cv2.circle(lines, (400, 400), 50, 0, 3)
    return lines


def parts(page: Page, name: str) -> np.ndarray:
    found = np.full((*page.grid.shape, len(NAMES)), 0.3 / (len(NAMES) - 1), np.float32)
    found[..., NAMES.index(name)] = 0.7
    return found


def chances(page: Page, name: str) -> np.ndarray:
    return np.eye(len(NAMES), dtype=np.float32)[np.full(page.regions.count, NAMES.index(name))]


def bricks(page: Page) -> np.ndarray:
    """The regions of the wall."""
    left, top, right, bottom = WALL
    return np.unique(page.regions.labels[top + 8 : bottom - 8, left + 8 : right - 8])


def test_the_bricks_of_a_wall_are_one_tiling_and_nothing_else_is():
    page = page_of(wall())
    found = tilings(page, chances(page, "thing"))
    inside = bricks(page)
    assert len(inside) == 14
    whole = inside[page.regions.areas[inside] > 0.6 * page.regions.areas[inside].max()]
    assert len(np.unique(found[whole])) == 1 and found[whole[0]] >= 0
    assert (found[np.setdiff1d(np.arange(page.regions.count), inside)] == -1).all(), "ground and circle"


def banded(*, is_open: bool = True) -> Page:
    """A disc whose outline is two lines; pinches divide the band between them, or strokes do."""
    lines = np.full((512, 512), 255, np.uint8)
    cv2.circle(lines, (256, 256), 160, 0, 3)
    cv2.circle(lines, (256, 256), 140, 0, 3)
    for x, y in ((106, 256), (406, 256), (256, 106)):
        cv2.circle(lines, (x, y), 2 if is_open else 10, 0, -1)
    return page_of(lines)


def test_a_band_that_pinches_divide_is_one_and_one_that_lines_divide_is_not():
    page = banded()
    band = np.setdiff1d(page.regions.labels[256 - 150, 200:312], page.regions.labels[[5, 256], [5, 256]])
    found = tilings(page, chances(page, "thing"))
    assert len(band) >= 2 and len(np.unique(found[band])) == 1 and found[band[0]] >= 0
    assert (found[page.regions.labels[[5, 256], [5, 256]]] == -1).all(), "neither the ground nor the disc"
    assert (tilings(page, chances(page, "hair")) == -1).all(), "locks of hair are no bands"
    closed = banded(is_open=False)
    assert (tilings(closed, chances(closed, "thing")) == -1).all()


def test_a_few_boards_or_strands_of_hair_are_none():
    boards = page_of(wall(with_joints=False))
    assert (tilings(boards, chances(boards, "thing")) == -1).all()
    page = page_of(wall())
    assert (tilings(page, chances(page, "hair")) == -1).all()


def test_a_wall_taken_for_ground_is_a_thing_of_one_kind_and_still_stands_behind():
    page = page_of(wall())
    scene = Scene.of(page, parts(page, "ground"))
    inside = np.flatnonzero(scene.tilings >= 0)
    assert len(inside) >= 10
    assert (scene.shown[inside] == NAMES.index("thing")).all() and scene.is_scenery[inside].all()
    assert np.ptp(scene.chances[inside], axis=0).max() == 0


def test_hints_count_for_the_tilings_that_they_lie_in():
    numbers = np.array([-1, 0, 0, 1, 1, -1])
    found = of_hinted_tilings(numbers, np.array([1, 5]), np.array([1, 0]))
    assert found.tolist() == [[0, 0], [0, 1], [0, 1], [0, 0], [0, 0], [0, 0]]


def test_one_hint_paints_the_wall():
    hint = s2p.Hint(x=(WALL[0] + LONG / 2) / 512, y=(WALL[1] + HIGH / 2) / 512, color="#b05030")
    done = s2p.colorize(wall(), hints=[hint], shading=0.0)
    left, top, right, _ = WALL
    middles = [(y, x) for row in range(ROWS) for y in [top + row * HIGH + HIGH // 2]
               for x in range(left + (LONG if row % 2 else LONG // 2), right, LONG)]  # fmt: skip
    colors = np.array([np.asarray(done.image)[place] for place in middles])[:, :3]
    assert len(colors) == 10
    assert (np.abs(colors.astype(int) - (0xB0, 0x50, 0x30)).max(-1) < 12).all(), colors
