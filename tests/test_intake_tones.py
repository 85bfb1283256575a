"""Tones, hatching and grays: they stay visible and bound no colour, unless they are dark and end where a thing ends."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from s2p.config import Settings
from s2p.intake import OFFERS, sentence, take_in
from s2p.pipelines.lines import draw_lines
from s2p.regions import divide
from tests import brought as drawn
from tests.intake_cases import COLORS, figure, painted

TONES = (
    "dots", "fine dots", "dark", "hatching", "lines", "cross", "wide", "gray", "touching dots", "large touching dots",
    "wide cross", "cross aslant",
)  # fmt: skip


@pytest.mark.parametrize("kind", TONES)
def test_colour_fills_what_lies_under_a_tone_and_the_tone_stays(kind):
    page = drawn.toned(figure(), kind)
    result = painted(page)
    assert result.corrected == ("tones",) and result.colors is not None
    assert drawn.worst(result.colors)[1] < 15, drawn.worst(result.colors)
    inside = cv2.erode(drawn.dress().astype(np.uint8), np.ones((15, 15))) > 0
    inked = inside & (page < 200)
    under = result.colors.mean(-1)[inked].mean()
    assert result.image.mean(-1)[inked].mean() < 0.85 * under, "the tone darkens the colour"
    assert (result.lines == page).all()


@pytest.mark.parametrize("kind", ["dots", "hatching", "gray"])
def test_our_shadow_does_not_add_to_a_tone(kind):
    """The paper between its ink has the colour that was asked for; a dress without a tone is shaded as ever."""
    page, mask = drawn.toned(figure(), kind), drawn.regions()["dress"]
    shaded, flat = (painted(page, shading=strength).image[mask] for strength in (Settings().shading, 0.0))
    assert (np.abs(shaded.astype(int) - flat).max(-1) <= 3).mean() > 0.95
    clean, plain = (painted(figure(), shading=strength).image[mask] for strength in (Settings().shading, 0.0))
    assert (np.abs(clean.astype(int) - plain).max(-1) > 10).mean() > 0.1


PHOTOGRAPHS = {
    "warm light": {"color": (240, 236, 226), "grain": 3.0, "shadow": 0.25, "blur": 0.8, "degrees": 1.0},
    "dim and turned": {
        "color": (225, 220, 215), "grain": 5.0, "shadow": 0.35, "blur": 1.2, "degrees": -2.0, "seed": 3
    },
    "rough paper": {"color": (240, 236, 226), "grain": 7.0, "shadow": 0.25, "blur": 0.5, "degrees": 1.0, "soft": 1.2},
}


@pytest.mark.parametrize("kind", ["dots", "fine dots", "dark", "gray"])
@pytest.mark.parametrize("photograph", PHOTOGRAPHS)
def test_a_photographed_tone_is_shown_and_bounds_nothing(photograph, kind):
    wanted = PHOTOGRAPHS[photograph]
    taken = take_in(drawn.photographed(drawn.toned(figure(), kind), **wanted))
    assert taken.found == ("paper", "pencil", "tones")
    inside = cv2.erode(drawn.regions()["dress"].astype(np.uint8), np.ones((9, 9))) > 0
    walls = drawn.turned(cv2.resize(taken.walls, taken.drawing.shape[::-1]), -wanted["degrees"])[inside]
    assert (walls < 200).mean() < (0.06 if (photograph, kind) == ("rough paper", "gray") else 0.01)
    assert drawn.turned(taken.drawing, -wanted["degrees"])[inside].mean() < 240, "the tone is seen"


@pytest.mark.parametrize(("photograph", "kind"), zip(PHOTOGRAPHS, ("dots", "dark", "fine dots"), strict=True))
def test_no_scrap_of_a_photographed_tone_stays_without_colour(photograph, kind):
    wanted = PHOTOGRAPHS[photograph]
    result = painted(drawn.photographed(drawn.toned(figure(), kind), **wanted))
    assert result.colors is not None
    inside = cv2.erode(drawn.regions()["dress"].astype(np.uint8), np.ones((9, 9))) > 0
    away = np.abs(drawn.turned(result.colors, -wanted["degrees"])[inside].astype(int) - (0x30, 0x60, 0xC0)).max(-1)
    assert (away <= 12).mean() > 0.995, "a scrap has another colour"


GRADED = {
    "downwards": {}, "fine": {"step": 6.0}, "coarse": {"step": 12.0}, "to the right": {"across": True},
    "up to nearly black": {"step": 10.0, "ends": (0.3, 0.97)}, "aslant": {"step": 7.0, "angle": 0.26},
}  # fmt: skip


@pytest.mark.parametrize("kind", GRADED)
@pytest.mark.parametrize("photograph", ["", *PHOTOGRAPHS])
def test_a_tone_that_gets_denser_bounds_nothing_where_its_dots_meet(photograph, kind):
    page, degrees = drawn.graded(figure(), **GRADED[kind]), 0.0
    if photograph:
        page, degrees = drawn.photographed(page, **PHOTOGRAPHS[photograph]), PHOTOGRAPHS[photograph]["degrees"]
    taken = take_in(page)
    assert taken.found[-1] == "tones"
    inside = cv2.erode(drawn.regions()["dress"].astype(np.uint8), np.ones((9, 9))) > 0
    walls = drawn.turned(cv2.resize(taken.walls, taken.drawing.shape[::-1]), -degrees)[inside]
    assert (walls < 200).mean() < 0.002
    seen = drawn.turned(taken.drawing, -degrees)[inside].astype(float)
    assert seen.mean() < 215 and seen.std() > 40, "the tone is seen"


@pytest.mark.parametrize(("photograph", "kind"), zip(("", *PHOTOGRAPHS), ("fine", *list(GRADED)[:3]), strict=True))
def test_colour_fills_a_tone_that_gets_denser(photograph, kind):
    page, degrees = drawn.graded(figure(), **GRADED[kind]), 0.0
    if photograph:
        page, degrees = drawn.photographed(page, **PHOTOGRAPHS[photograph]), PHOTOGRAPHS[photograph]["degrees"]
    result = painted(page)
    assert result.colors is not None
    inside = cv2.erode(drawn.regions()["dress"].astype(np.uint8), np.ones((9, 9))) > 0
    away = np.abs(drawn.turned(result.colors, -degrees)[inside].astype(int) - (0x30, 0x60, 0xC0)).max(-1)
    assert (away <= 12).mean() > 0.995, "a part has another colour"


@pytest.mark.parametrize("photograph", ["", *PHOTOGRAPHS])
def test_an_outline_within_a_tone_that_gets_denser_stays(photograph):
    belt = np.full(drawn.SIZE, 255, np.uint8)
    cv2.line(belt, (240, 500), (460, 500), 0, 6)
    page = np.minimum(drawn.graded(figure(), ends=(0.08, 0.6)), belt)
    page = drawn.photographed(page, **PHOTOGRAPHS[photograph] | {"degrees": 0.0}) if photograph else page
    taken = take_in(page)
    walls = cv2.resize(taken.walls, taken.drawing.shape[::-1])
    assert (walls[496:505, 280:420].min(0) < 128).mean() > 0.97


# Gray copies of coloured drawings: what is coloured, on which page.
GRAY_COPIES: dict[str, Callable[[], np.ndarray]] = {
    "white page": lambda: drawn.painted(figure(), COLORS),
    "full page": lambda: drawn.painted(figure(), {**COLORS, "sky": (168, 216, 240)}),
    "textured, with gaps": lambda: drawn.painted(figure(), {**COLORS, "sky": (120, 180, 220)}, gap=3, texture=6),
    "from light to dark": lambda: drawn.shaded(figure(), COLORS),
    "two dark areas": lambda: drawn.painted(figure(), {"dress": (40, 50, 120), "house": (90, 60, 30)}),
    "photographed": lambda: drawn.photographed(
        drawn.in_gray(drawn.painted(figure(), COLORS)), (240, 238, 232), grain=3, shadow=0.2, blur=0.8, degrees=0.0
    ),
}


@pytest.mark.parametrize("name", GRAY_COPIES)
def test_a_gray_copy_is_told_and_its_lines_alone_are_better(name):
    copy = drawn.in_gray(GRAY_COPIES[name]())
    result = painted(copy)
    assert result.corrected[-2:] == ("tones", "grays") and OFFERS & set(result.corrected)
    assert "its lines can be taken out first" in sentence(result.corrected)
    assert drawn.worst(result.image)[1] > 20, "else nothing would have to be said"
    lines = painted(draw_lines(cv2.merge([copy] * 3), "learned"))
    assert "grays" not in lines.corrected and drawn.worst(lines.image)[1] < 15


@pytest.mark.parametrize(("step", "thick", "pencil"), [(14, 10, 0.0), (7, 6, 0.4)])
def test_gray_strokes_are_told_and_bound_nothing(step, thick, pencil):
    result = painted(drawn.in_gray(drawn.stroked(figure(), COLORS, step=step, thick=thick, pencil=pencil)))
    assert result.corrected == ("tones", "grays") and result.colors is not None
    assert drawn.worst(result.colors)[1] < 15, drawn.worst(result.colors)


def test_grays_that_darken_little_or_are_small_are_no_tonal_picture():
    pastel = {"face": (250, 225, 205), "sky": (225, 235, 250), "house": (230, 220, 215)}
    for colors in (pastel, {"hat": (60, 60, 60), "dress": (90, 90, 90)}):
        assert "grays" not in take_in(drawn.in_gray(drawn.painted(figure(), colors))).found


def test_a_shadow_goes_and_a_tone_stays():
    page = drawn.on_paper(drawn.toned(figure(), "gray"), (238, 232, 220), grain=3)
    taken = take_in(drawn.cast(page, depth=0.35, soft=2))
    corner, inside = taken.drawing[920:, :60], cv2.erode(drawn.dress().astype(np.uint8), np.ones((25, 25))) > 0
    assert (corner > 240).mean() > 0.98 and np.median(taken.drawing[inside]) < 200


def test_outlines_of_a_tone_stay():
    taken = take_in(drawn.toned(figure(), "dots"))
    edge = cv2.morphologyEx(drawn.dress().astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
    inside = cv2.erode(drawn.dress().astype(np.uint8), np.ones((25, 25))) > 0
    assert (taken.walls[edge] < 128).mean() > 0.9 and (taken.walls[inside] > 200).mean() > 0.97


@pytest.mark.parametrize("gray,ends", [(55, True), (120, True), (200, False)])
def test_dark_hair_ends_at_the_face_though_no_line_parts_them_and_a_shadow_does_not(gray, ends):
    page = np.full((600, 500), 255, np.uint8)
    cv2.ellipse(page, (250, 300), (150, 200), 0, 0, 360, 0, 5)
    inside = cv2.ellipse(np.zeros_like(page), (250, 300), (148, 198), 0, 0, 360, 255, -1) > 0
    inside[260:] = False
    page[inside] = gray
    taken = take_in(page)
    assert taken.found == ("tones",) and (taken.drawing == page).all()
    regions = divide(taken.walls)
    hair, face = regions.labels[180, 250], regions.labels[400, 250]
    assert (hair != face) == ends
    assert regions.labels[40, 40] not in (hair, face)


def test_a_few_dots_and_strokes_are_no_tone():
    page = figure()
    for place in range(12):
        cv2.circle(page, (300 + 16 * (place % 6), 500 + 16 * (place // 6)), 4, 0, -1)
        cv2.line(page, (40 + 9 * (place % 5), 600), (60 + 9 * (place % 5), 640), 0, 2)
    assert take_in(page).found == ()
