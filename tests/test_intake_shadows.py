"""Sharp and large shadows over photographed pages that are turned: paper and ruling go, ink stays, solid ink too."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from s2p import samples
from s2p.config import Settings
from s2p.image import as_picture, load_image
from s2p.intake import take_in
from s2p.intake.ruling import turn_of
from s2p.intake.shadow import shadow_in
from s2p.intake.sheet import sheet_in
from tests import brought as drawn
from tests.desks import BLACK, BLUE, BROWN, GRAY, GREEN, RED, Lying
from tests.intake_cases import figure, painter

BLUE_INK, GRAY_INK, BROWN_INK = (150, 185, 225), (190, 190, 190), (205, 180, 150)
MM = 700 / 210  # px of a sheet of A4


def solid() -> np.ndarray:
    """A figure with black hair, a black leg, a ball and a window, `uint8[H, W]`."""
    page = figure()
    cv2.ellipse(page, (350, 190), (120, 70), 0, 180, 360, 0, -1)
    cv2.rectangle(page, (330, 722), (370, 898), 0, -1)
    cv2.rectangle(page, (60, 640), (130, 760), 0, -1)
    cv2.circle(page, (620, 620), 45, 0, -1)
    return page


def sample(name: str) -> np.ndarray:
    """A drawing of ours with a long edge of 1000 px, `uint8[H, W]`."""
    page = load_image(samples.sketch_path(name)).min(axis=2)
    share = 1000 / max(page.shape)
    return cv2.resize(page, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)


def squared(page: np.ndarray, color: tuple[int, int, int], mm: float) -> np.ndarray:
    return drawn.ruled(page, color, step=round(mm * MM), squared=True)


def lined(page: np.ndarray) -> np.ndarray:
    return drawn.ruled(page, BLUE_INK, step=27, margin=(225, 110, 120))


PLANKS = {"color": BLACK, "wood": 0.15, "size": 0.72}
ALONE = {"size": 1.25}  # the page fills its picture
ALL_OVER = {"degrees": 0.0, "size": 1.0}
SHEETS: dict[str, tuple[Callable[[], np.ndarray], Callable[[np.ndarray], np.ndarray], Lying]] = {
    "4 mm, blue, mostly in shadow": (
        figure, lambda page: squared(page, BLUE_INK, 4), Lying(BLUE, 6, 0.8, shadow="most", depth=0.55)
    ),
    "5 mm, brown, under an arm": (
        lambda: sample("cat"), lambda page: squared(page, BROWN_INK, 5),
        Lying(GREEN, -7, 0.8, shadow="arm", depth=0.5, wood=0.1),
    ),
    "7 mm, blue, mostly in shadow": (
        lambda: sample("girl"), lambda page: squared(page, BLUE_INK, 7), Lying(BLUE, 9, 0.75, shadow="most", depth=0.55)
    ),
    "5 mm, gray, in a softer shadow": (
        figure, lambda page: squared(page, GRAY_INK, 5), Lying(GREEN, 5, 0.8, shadow="most", depth=0.5, soft=9)
    ),
    "lined, on dark planks, under a hand": (
        lambda: sample("cat"), lined, Lying(**PLANKS, degrees=-8, shadow="hand", depth=0.55)
    ),
    "lined, on dark planks, under an arm": (
        lambda: sample("girl"), lined, Lying(**PLANKS, degrees=8, shadow="arm", depth=0.5)
    ),
    "lined, on brown planks, mostly in shadow": (
        lambda: sample("fashion"), lined, Lying(BROWN, -11, 0.72, shadow="most", depth=0.5, wood=0.1)
    ),
    "lined, far turned, under a hand": (figure, lined, Lying(BLACK, 12, 0.72, shadow="hand", depth=0.5)),
    "solid ink, mostly in shadow": (solid, as_picture, Lying(BLUE, 5, 0.8, shadow="most", depth=0.55)),
    "solid ink on squares, in a corner's shadow": (
        solid, lambda page: squared(page, BLUE_INK, 5), Lying(RED, -4, 0.85, shadow="corner", depth=0.6)
    ),
    "solid ink alone, half in shadow": (solid, lined, Lying(GRAY, 0, 1.0, shadow="across", depth=0.5)),
    "squares alone, turned, under a hand": (
        figure, lambda page: squared(page, BLUE_INK, 5), Lying(degrees=6, shadow="hand", depth=0.5, **ALONE)
    ),
    "lined alone, turned, mostly in shadow": (
        lambda: sample("girl"), lined, Lying(degrees=-5, shadow="most", depth=0.55, **ALONE)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_paper_becomes_white_and_ink_stays(name):
    make, ruled, lying = SHEETS[name]
    page = make()
    picture = lying.photograph(ruled(page))
    ink = cv2.warpPerspective(
        page, lying.move(page.shape), page.shape[::-1], flags=cv2.INTER_AREA, borderValue=(255,)
    )
    drawing = take_in(picture).drawing
    assert drawing.shape == ink.shape
    away = cv2.erode(ink, np.ones((7, 7), np.uint8)) > 200
    assert (drawing[away] < 200).mean() < 0.001, "something else than ink is left"
    assert (cv2.erode(drawing, np.ones((3, 3), np.uint8))[ink < 70] > 170).mean() < 0.1, "lines are lost"
    inside = cv2.erode((ink < 70).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert not inside.any() or (drawing[inside] > 128).mean() < 0.01, "solid ink is lost"
    if lying.size < 1:
        sheet = sheet_in(picture)
        assert sheet is not None and abs(sheet.degrees - lying.degrees) < 0.5


@pytest.mark.parametrize("shadow", ["corner", "across", "most"])
def test_the_light_that_a_shadow_leaves_is_measured_however_large_it_is(shadow):
    lying = Lying(degrees=0, size=1.0, shadow=shadow, depth=0.5, soft=2.0)
    left = shadow_in(lying.photograph(squared(solid(), BLUE_INK, 5)))
    assert left is not None
    whole = Lying(degrees=0, size=1.0, shadow=shadow, depth=0.5, soft=2.0, grain=0, quality=0)
    truth = whole.photograph(np.full((*drawn.SIZE, 3), 255, np.uint8)) / np.maximum(
        Lying(degrees=0, size=1.0, grain=0, quality=0).photograph(np.full((*drawn.SIZE, 3), 255, np.uint8)), 1.0
    )
    dark = cv2.erode((truth[..., 0] < 0.52).astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    assert np.percentile(np.abs(left[dark] - 0.5), 95) < 0.06, "solid ink does not count as darker shadow"
    lit = cv2.erode((truth[..., 0] > 0.98).astype(np.uint8), np.ones((61, 61), np.uint8)) > 0
    assert (left[lit] > 0.97).all()


# Shadows that reach no edge of their page.
ISLANDS = {
    "of a telephone": (figure, Lying(shadow="telephone", depth=0.35, soft=2, **ALL_OVER)),
    "of a head, in pencil": (lambda: figure(seed=5), Lying(shadow="head", depth=0.4, soft=8, **ALL_OVER)),
    "of a head, squared": (lambda: squared(figure(), BLUE_INK, 5), Lying(shadow="head", depth=0.4, soft=5, **ALL_OVER)),
    "of a tablet, lined": (lambda: lined(figure()), Lying(shadow="tablet", depth=0.45, soft=25, **ALL_OVER)),
    "of a telephone, on a desk": (figure, Lying(BLUE, 4, 0.85, shadow="telephone", depth=0.4, soft=4)),
}  # fmt: skip


@pytest.mark.parametrize("name", ISLANDS)
def test_a_shadow_in_the_middle_of_a_page_goes_and_colours_under_it_are_not_dulled(name):
    make, lying = ISLANDS[name]
    picture = lying.photograph(as_picture(make()))
    result = painter().colorize(
        picture, hints=lying.hints(picture.shape), settings=Settings(zoom=0.25, denoise="off", shading=0.0)
    )
    assert "tones" not in result.corrected
    for shown in (result.colors, result.image):
        assert shown is not None
        for region, hint in zip(drawn.regions().values(), drawn.HINTS, strict=True):
            inside = cv2.erode(region.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
            assert np.abs(np.median(lying.flat(shown)[inside], axis=0) - hint.rgb).max() <= 12, hint.color


BLANK = {
    "of a corner": lambda page: drawn.cast(page, depth=0.35, soft=2),
    "of a corner, large and soft": lambda page: cv2.resize(drawn.cast(page, depth=0.35, soft=2), None, fx=2.5, fy=2.5),
    "of a hand": drawn.under_hand,
    "of a telephone": lambda page: Lying(shadow="telephone", **ALL_OVER).photograph(page),
    "of a head": lambda page: Lying(shadow="head", soft=8, depth=0.5, **ALL_OVER).photograph(page),
    "of a hand, on a desk": lambda page: Lying(shadow="hand", soft=4).photograph(page),
}


@pytest.mark.parametrize("shadow", BLANK)
def test_a_blank_page_under_a_shadow_is_blank(shadow):
    page = drawn.on_paper(np.full(drawn.SIZE, 255, np.uint8), (238, 232, 220), grain=3, soft=0.7)
    taken = take_in(BLANK[shadow](page))
    assert taken.found[-1] == "blank" and (taken.drawing == 255).all() and (taken.picture == 255).all()
    assert (taken.walls == 255).all()


@pytest.mark.parametrize(("shape", "strength"), [("line", 1.0), ("line", 0.15), ("dot", 1.0), ("spot", 0.5)])
def test_the_least_that_is_drawn_under_a_shadow_is_no_blank_page(shape, strength):
    page = np.full(drawn.SIZE, 255, np.uint8)
    if shape == "line":
        cv2.line(page, (300, 300), (420, 430), 0, 2, cv2.LINE_AA)
    else:
        cv2.circle(page, (300, 300), 100 if shape == "spot" else 6, 0, -1, cv2.LINE_AA)
    page = drawn.on_paper(page, (238, 232, 220), grain=3, strength=strength)
    assert "blank" not in take_in(drawn.cast(page, depth=0.35, soft=2)).found


@pytest.mark.parametrize("tone", ["dress", "half a face", "behind the figure", "a moon", "on the ground"])
def test_a_tone_that_ends_at_lines_or_that_no_stroke_crosses_is_no_shadow(tone):
    page, parts = figure(), drawn.regions()
    free = np.full_like(page, 255)
    if tone == "a moon":
        cv2.circle(free, (600, 200), 75, 160, -1)
    elif tone == "on the ground":
        cv2.ellipse(free, (350, 905), (200, 40), 0, 0, 360, 150, -1)
    elif tone == "behind the figure":
        cv2.ellipse(free, (350, 500), (300, 400), 0, 0, 360, 160, -1)
        free[~parts["sky"]] = 255
    else:
        free[parts["dress" if tone == "dress" else "face"]] = 160
        free[:, : 0 if tone == "dress" else 350] = 255
    picture = Lying(**ALL_OVER).photograph(as_picture(np.minimum(page, free)))
    assert shadow_in(picture) is None
    inside = cv2.erode((free < 200).astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    assert np.median(take_in(picture).drawing[inside]) < 200


@pytest.mark.parametrize("degrees", [-12, -6.5, -3, 0, 4, 9])
@pytest.mark.parametrize("ruled", [lined, lambda page: squared(page, GRAY_INK, 5)])
def test_the_turn_of_a_ruled_page_is_measured(ruled, degrees):
    assert abs(turn_of(Lying(degrees=degrees, size=1.3).photograph(ruled(figure()))) - degrees) <= 0.5


def test_a_page_on_which_nothing_is_drawn_is_not_turned():
    assert turn_of(np.full((400, 300, 3), 255, np.uint8)) == 0.0
