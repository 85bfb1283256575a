"""Photographs of a sheet on a desk, and shadows with a sharp edge on ruled paper."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.image import as_picture
from s2p.intake import take_in
from s2p.intake.sheet import sheet_in
from tests import brought as drawn
from tests.desks import BLACK, BLUE, BROWN, GRAY, GREEN, PINE, RED, Lying
from tests.intake_cases import STATES, Photographed, assert_filled, figure


def plain() -> np.ndarray:
    return as_picture(figure())


def lined() -> np.ndarray:
    return drawn.ruled(figure(), (150, 185, 225), margin=(225, 110, 120))


def squared() -> np.ndarray:
    return drawn.ruled(figure(), (150, 185, 225), step=30, squared=True)


RULED, SHEET = ("sheet", "paper", "ruling", "pencil"), ("sheet", "paper", "pencil")
ALL_OVER = {"degrees": 0.0, "size": 1.0}
# The sheet, how it lies, and what must be found.
PHOTOGRAPHS: dict[str, Photographed] = {
    "lined, in a soft shadow": (lined, Lying(shadow="corner", soft=18), RULED),
    "lined, from aside, on black": (
        lined, Lying(color=BLACK, degrees=-4, leaning=0.08, shadow="corner", quality=75), RULED
    ),
    "lined, to three edges, half in shadow": (
        lined, Lying(color=PINE, shift=(0, -0.05), shadow="across", wood=0.08, degrees=0, size=1), RULED
    ),
    "squared, under a hand": (squared, Lying(color=GREEN, degrees=-2, shadow="hand", soft=3, wood=0.06), RULED),
    "squared, under a telephone, on gray": (squared, Lying(color=GRAY, degrees=1.5, shadow="edge", soft=1.2), RULED),
    "squared, far turned": (squared, Lying(color=RED, degrees=8, size=0.8, shadow="hand", soft=6), RULED),
    "plain, on wood": (plain, Lying(color=BROWN, wood=0.1), SHEET),
    "plain, to three edges": (plain, Lying(color=GREEN, shift=(0.1, 0), **ALL_OVER), SHEET),
    "plain, beyond two edges": (plain, Lying(color=BLUE, degrees=-2.5, size=1, shift=(0.08, 0.06)), SHEET),
    "plain, without grain": (plain, Lying(color=GRAY, degrees=2, grain=0, quality=0), ("sheet", "paper")),
    "lined alone, in a sharp shadow": (lined, Lying(shadow="corner", **ALL_OVER), RULED[1:]),
    "lined alone, half in shadow": (lined, Lying(shadow="across", depth=0.45, **ALL_OVER), RULED[1:]),
    "squared alone, under a telephone": (squared, Lying(shadow="edge", depth=0.5, **ALL_OVER), RULED[1:]),
    "squared alone, under a hand": (squared, Lying(degrees=2, size=1.06, shadow="hand"), RULED[1:]),
}  # fmt: skip


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_every_hint_fills_its_region(name):
    assert_filled(PHOTOGRAPHS[name])


@pytest.mark.parametrize("name", [name for name, (*_, found) in PHOTOGRAPHS.items() if "sheet" in found])
def test_a_sheet_is_found_where_it_lies(name):
    make, lying, _ = PHOTOGRAPHS[name]
    picture = lying.photograph(make())
    height, width = picture.shape[:2]
    there = cv2.warpPerspective(np.ones((height, width), np.uint8), lying.move(picture.shape), (width, height)) > 0
    sheet = sheet_in(picture)
    assert sheet is not None
    outside = sheet.outside(picture.shape)
    assert not (~outside & ~there).any(), "nothing of the desk is left"
    assert (outside & there).mean() < 0.04, "only the edge of the sheet is lost"
    assert abs(sheet.degrees - lying.degrees) < 1


def test_the_desk_becomes_white_and_lines_at_the_edge_of_the_sheet_bound_colour_beyond_it():
    lying = Lying(degrees=0, size=0.9, wood=0.1)
    taken = take_in(lying.photograph(plain()))
    assert (taken.drawing[:40] == 255).all() and (taken.picture[:, :25] == 255).all()
    horizon = round(lying.hints(drawn.SIZE)[0].y * 0 + (0.9 * 900 + 0.05 * 1000) * len(taken.walls) / 1000)
    assert (taken.walls[horizon - 4 : horizon + 5, 2:20].min(0) < 128).all()
    assert (taken.walls[: horizon - 20, :15] > 200).all()


@pytest.mark.parametrize("shadow", ["corner", "edge", "across", "hand"])
@pytest.mark.parametrize("sheet", [plain, lined])
def test_a_shadow_is_no_desk(sheet, shadow):
    assert sheet_in(Lying(shadow=shadow, **ALL_OVER).photograph(sheet())) is None


@pytest.mark.parametrize("name", STATES)
def test_what_fills_its_picture_is_no_sheet_on_a_desk(name):
    assert "sheet" not in take_in(STATES[name][0]()).found


def test_a_frame_that_was_drawn_stays():
    page = cv2.copyMakeBorder(plain(), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(120, 95, 75))
    taken = take_in(page)
    assert "sheet" not in taken.found and (taken.picture[:50] == page[:50]).all()
    black = np.where(np.arange(1000)[:, None, None] < 80, np.uint8(0), plain())
    assert take_in(black).found == ()


def test_coloured_areas_on_a_sheet_keep_their_places():
    lying = Lying(degrees=0, size=0.8)
    taken = take_in(lying.photograph(drawn.painted(figure(), {"dress": (220, 60, 90)})))
    assert taken.found[:3] == ("sheet", "paper", "coloured") and taken.paint
    x, y, color = taken.paint[0]
    assert abs(x - 0.5) < 0.12 and 0.4 < y < 0.7 and np.abs(np.subtract(color, (220, 60, 90))).max() < 40
