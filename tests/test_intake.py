"""A look at the drawing first: what is corrected, what is left alone, and that colours then end where they should.

The drawings of `tests.brought` are painted by our own network `reach`, which comes with the repository; what has no
need of it looks at the regions that colours would fill.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
import pytest
from PIL import Image

from s2p import samples
from s2p.config import Settings
from s2p.image import load_image
from s2p.intake import OFFERS, SENTENCES, Taken, as_it_is, on_paper, sentence, take_in
from s2p.pipelines import style2paints
from s2p.pipelines.lines import draw_lines
from s2p.regions import divide
from tests import brought as drawn

figure = drawn.figure


def photographed_ruling() -> np.ndarray:
    sheet = drawn.on_paper(np.full(drawn.SIZE, 255, np.uint8), (235, 230, 215), grain=3)
    ruled = drawn.ruled(figure(), (170, 195, 235), margin=(240, 150, 160))
    return (sheet.astype(np.uint16) * ruled // 255).astype(np.uint8)


def light_blue() -> np.ndarray:
    dark = 255 - figure(width=1).astype(np.float32)
    return np.dstack([255 - dark * share for share in (0.35, 0.2, 0.08)]).astype(np.uint8)


# Every drawing, and what must be found in it.
STATES: dict[str, tuple[Callable[[], np.ndarray], tuple[str, ...]]] = {
    "kraft paper": (lambda: drawn.on_paper(figure(seed=1), (178, 142, 100), grain=6, soft=0.8), ("paper", "pencil")),
    "shadow of a hand": (lambda: drawn.cast(drawn.on_paper(figure(seed=2), (238, 232, 220))), ("paper", "pencil")),
    "blue paper": (
        lambda: drawn.on_paper(figure(seed=3, width=2), (190, 205, 225), grain=8, shadow=0.3, strength=0.7),
        ("paper", "pencil"),
    ),
    "gray ground": (lambda: drawn.on_paper(figure(), (205, 205, 205), grain=0, shadow=0), ("paper",)),
    "pastel areas": (
        lambda: drawn.painted(figure(), {"face": (250, 225, 205), "sky": (200, 230, 250), "house": (230, 200, 160)}),
        ("paper", "coloured"),
    ),
    "areas with gaps": (
        lambda: drawn.painted(figure(), {"dress": (220, 60, 90), "hat": (90, 160, 60)}, gap=4, texture=6), ("coloured",)
    ),
    "dark areas": (
        lambda: drawn.painted(figure(), {"dress": (40, 50, 120), "ball": (160, 30, 30), "house": (90, 60, 30)}),
        ("coloured",),
    ),
    "gray ruling": (lambda: drawn.ruled(figure(), (200, 200, 200)), ("ruling",)),
    "tilted ruling": (
        lambda: drawn.ruled(figure(), (160, 190, 240), tilt=0.02, step=40, margin=(250, 150, 150)), ("ruling",)
    ),
    "squared paper": (lambda: drawn.ruled(figure(), (180, 215, 190), squared=True, step=28), ("ruling",)),
    "photographed ruling": (photographed_ruling, ("paper", "ruling", "pencil")),
    "ruling and margin in gray": (
        lambda: drawn.in_gray(drawn.ruled(figure(), (170, 195, 235), margin=(240, 150, 160))), ("ruling",)
    ),
    "tilted ruling and red margin in gray": (
        lambda: drawn.in_gray(drawn.ruled(figure(), (160, 190, 240), tilt=0.015, step=40, margin=(235, 90, 90))),
        ("ruling",),
    ),
    "double margin in gray": (
        lambda: cv2.line(drawn.in_gray(drawn.ruled(figure(), (190, 200, 220), margin=(240, 170, 170))),
                         (97, 0), (97, 999), 180, 2),  # pyright: ignore[reportArgumentType]
        ("ruling",),
    ),
    "photographed ruling in gray": (lambda: drawn.in_gray(photographed_ruling()), ("paper", "ruling", "pencil")),
    "blueprint": (lambda: drawn.negative(figure(), (20, 40, 110)), ("inverted", "paper")),
    "blackboard": (
        lambda: drawn.negative(figure(seed=4), (50, 80, 65), (235, 235, 220), grain=5), ("inverted", "paper", "pencil")
    ),
    "white on gray": (lambda: drawn.negative(figure(), (120, 120, 125), (255, 250, 235)), ("inverted", "paper")),
    "yellow on nearly black": (lambda: drawn.negative(figure(), (12, 10, 14), (250, 230, 90)), ("inverted",)),
    "compressed blueprint": (
        lambda: jpeg(drawn.negative(figure(width=2), (24, 60, 130), (215, 225, 240), grain=3), 60),
        ("inverted", "paper", "pencil"),
    ),
    "light blue lines": (light_blue, ()),
    "gray hairlines": (lambda: figure(width=1, ink=190), ()),
    "thin lines on a large page": (lambda: figure(scale=3, width=2, ink=200), ()),
    "faint pencil": (
        lambda: drawn.on_paper(figure(seed=5), (225, 225, 225), grain=6, strength=0.25), ("paper", "pencil")
    ),
    "white ink in alpha": (lambda: drawn.in_alpha(figure(), (255, 255, 255)), ("alpha",)),
    "yellow ink in alpha": (lambda: drawn.in_alpha(figure(), (255, 240, 120)), ("alpha",)),
    "half transparent white ink": (
        lambda: (drawn.in_alpha(figure(), (250, 250, 250)) * np.array([1, 1, 1, 0.5])).astype(np.uint8), ("alpha",)
    ),
    "black ink in alpha": (lambda: drawn.in_alpha(figure(), (0, 0, 0)), ()),
}
COLORS = {
    "face": (244, 212, 180), "hat": (192, 48, 48), "dress": (48, 96, 192), "ball": (232, 192, 32),
    "house": (160, 104, 48),
}
SKY = {"sky": (168, 216, 240)}


def grainy(seed: int = 2, **light) -> np.ndarray:
    return drawn.on_paper(figure(seed=seed), (238, 232, 220), **light)


# As people photograph and colour them.
STATES |= {
    "sharp shadow": (lambda: drawn.cast(grainy(), depth=0.35, soft=2), ("paper", "pencil")),
    "shadow of fingers": (lambda: drawn.under_hand(grainy()), ("paper", "pencil")),
    "sharp shadow of fingers over ink": (
        lambda: drawn.under_hand(drawn.on_paper(figure(), (245, 243, 238), grain=3), depth=0.3, soft=1.2),
        ("paper", "pencil"),
    ),
    "shadow of fingers, compressed": (
        lambda: jpeg(drawn.under_hand(grainy(3, soft=0.7, grain=3), depth=0.45), 80), ("paper", "pencil", "tones")
    ),
    "large photograph, dark in a corner": (
        lambda: drawn.on_paper(cv2.GaussianBlur(figure(scale=3, width=9, seed=0), (0, 0), 1.2), (228, 222, 210),
                               grain=6, soft=1.2, shadow=0.3, strength=0.6), ("paper", "pencil")
    ),
    "ruling and margin under a lamp": (
        lambda: drawn.under_light(drawn.ruled(figure(seed=3), (170, 195, 235), margin=(240, 150, 160))),
        ("paper", "ruling", "pencil"),
    ),
    "markers": (lambda: drawn.stroked(figure(), COLORS, step=14, thick=10), ("coloured",)),
    "markers with wide gaps": (lambda: drawn.stroked(figure(), COLORS, step=18, thick=11), ("coloured",)),
    "thin markers": (lambda: drawn.stroked(figure(), COLORS, step=8, thick=5), ("coloured",)),
    "photographed markers": (
        lambda: drawn.under_light(drawn.stroked(figure(), COLORS, step=14, thick=10)), ("paper", "coloured", "pencil")
    ),
    "coloured pencils": (lambda: drawn.stroked(figure(), COLORS, step=7, thick=6, pencil=0.6), ("coloured",)),
    "from light to dark": (lambda: drawn.shaded(figure(), COLORS), ("coloured",)),
    "watercolour": (lambda: drawn.washed(figure(), COLORS), ("coloured",)),
    "watercolour over the page": (
        lambda: drawn.washed(figure(), COLORS | SKY), ("paper", "coloured", "pencil", "tones")
    ),
    "photographed watercolour": (
        lambda: drawn.under_light(drawn.washed(figure(), COLORS | SKY)), ("paper", "coloured", "pencil", "tones")
    ),
}
TONES = ("dots", "fine dots", "dark", "hatching", "lines", "cross", "wide", "gray")


@lru_cache(maxsize=1)
def painter():
    return style2paints.load(Settings(zoom=0.25, denoise="off"))


def painted(image: np.ndarray, **settings):
    wanted = Settings(zoom=0.25, denoise="off", shading=0.0, **settings)
    return painter().colorize(image, hints=drawn.HINTS, settings=wanted)


# Painting -------------------------------------------------------------------------------------------------------------


def test_clean_ink_is_painted_well():
    result = painted(figure())
    assert result.corrected == () and drawn.worst(result.image)[1] < 5


@pytest.mark.parametrize("name", STATES)
def test_every_hint_fills_its_region(name):
    make, found = STATES[name]
    result = painted(make())
    assert result.corrected == found
    assert drawn.worst(result.image)[1] < 15, drawn.worst(result.image)


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


def test_a_shadow_goes_and_a_tone_stays():
    page = drawn.on_paper(drawn.toned(figure(), "gray"), (238, 232, 220), grain=3)
    taken = take_in(drawn.cast(page, depth=0.35, soft=2))
    corner, inside = taken.drawing[920:, :60], cv2.erode(drawn.dress().astype(np.uint8), np.ones((25, 25))) > 0
    assert (corner > 240).mean() > 0.98 and np.median(taken.drawing[inside]) < 200


def test_coloured_lines_are_lines_and_no_paint():
    page = np.repeat(figure()[..., None], 3, axis=2)
    hair = np.repeat(np.full(drawn.SIZE, 255, np.uint8)[..., None], 3, axis=2)
    for place in range(8):
        cv2.line(hair, (520 + 12 * place, 100), (540 + 12 * place, 400), (40, 60, 180), 2, cv2.LINE_AA)
    taken = take_in(np.minimum(page, hair))
    assert taken.found == () and (taken.drawing[hair.min(-1) < 100] < 100).all()


def test_grays_that_darken_little_or_are_small_are_no_tonal_picture():
    pastel = {"face": (250, 225, 205), "sky": (225, 235, 250), "house": (230, 220, 215)}
    for colors in (pastel, {"hat": (60, 60, 60), "dress": (90, 90, 90)}):
        assert "grays" not in take_in(drawn.in_gray(drawn.painted(figure(), colors))).found


def test_a_gray_line_by_a_ruler_on_ruled_paper_stays():
    page = drawn.ruled(figure(), (200, 200, 200))
    cv2.line(page, (620, 100), (620, 640), (120, 120, 120), 2)
    assert (take_in(page).drawing[100:640, 620] < 200).all()


def test_what_jpeg_repeats_beside_a_line_is_no_line():
    page = np.full(drawn.SIZE, 255, np.uint8)
    page[500:502] = page[:, 300:302] = 0
    taken = take_in(jpeg(drawn.negative(page, (24, 60, 130), (215, 225, 240), grain=3), 50))
    assert taken.found == ("inverted", "paper", "pencil")
    assert (taken.walls[501, 100:200] < 60).all() and (taken.walls[503:530, 50:250] > 200).all()


def test_without_the_look_the_same_drawings_fail():
    """What the corrections are measured against; else the tests above would prove nothing."""
    for name in ("faint pencil", "white on gray", "squared paper", "white ink in alpha", "areas with gaps"):
        result = painted(STATES[name][0](), intake="off")
        assert result.corrected == () and drawn.worst(result.image)[1] > 20, name


def test_areas_keep_their_colour_where_no_hint_lies():
    page = drawn.painted(figure(), {"dress": (220, 60, 90), "house": (60, 150, 70)})
    plain = painter().colorize(page, hints=drawn.HINTS.of("draft"), settings=Settings(zoom=0.25, shading=0.0))
    mask = drawn.regions()
    for name, color in (("dress", (220, 60, 90)), ("house", (60, 150, 70))):
        assert np.abs(np.median(plain.image[mask[name]], axis=0) - color).max() <= 3, name
    choice = painter().choices(page[..., 0], taken=take_in(page), seeds=range(1))[0]
    height, width = page.shape[:2]
    assert not any(mask["dress"][int(hint.y * height), int(hint.x * width)] for hint in choice)


def test_what_was_inverted_is_painted_like_clean_ink():
    clean, inverted = painted(figure()), painted(255 - figure())
    assert inverted.corrected == ("inverted",) and (inverted.image == clean.image).all()
    told = painted(255 - figure(), intake="off", invert="yes")
    assert (told.image == clean.image).all()
    kept = painted(255 - figure(), invert="no")
    assert "inverted" not in kept.corrected


def test_a_blank_page_with_noise_gives_what_a_blank_page_gives():
    noisy = 255 - np.random.default_rng(0).integers(0, 2, drawn.SIZE, dtype=np.uint8)
    assert take_in(noisy).found == ("blank",)
    assert (painted(noisy).colors == painted(np.full(drawn.SIZE, 255, np.uint8)).colors).all()


def test_a_second_painting_does_not_look_again(monkeypatch):
    page = STATES["gray ruling"][0]()
    first = painted(page)
    monkeypatch.setattr("s2p.pipelines.painter_base.take_in", lambda *_, **__: pytest.fail("looked again"))
    assert (painted(page).image == first.image).all()
    with pytest.raises(pytest.fail.Exception):
        painted(page, invert="no")


# Looking --------------------------------------------------------------------------------------------------------------


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "jpeg", quality=quality)
    return load_image(buffer.getvalue())


def clean() -> dict[str, np.ndarray]:
    page = figure()
    night = figure()
    night[drawn.regions()["sky"]] = 0
    scan = np.clip(drawn.on_paper(page, (248, 248, 246), grain=1.0, shadow=0.0), 0, 255)
    return {
        "ink": page, "thick": figure(width=9), "hair": figure(width=1), "jpeg": jpeg(page, 75), "scan": scan,
        "black ground": night, "small": figure(scale=0.12, width=1), "strip": np.tile(page[:40], (1, 2)),
        "blank": np.full((300, 300), 255, np.uint8), "black": np.zeros((300, 300, 3), np.uint8),
        "tiny": np.zeros((1, 1), np.uint8),
    }


@pytest.mark.parametrize("name", [*clean(), *samples.names()])
def test_clean_ink_passes_bit_for_bit(name):
    image = clean()[name] if name in clean() else load_image(samples.sketch_path(name))
    taken, plain = take_in(image), as_it_is(image)
    assert taken.found == () and taken.paint == () and taken.bounds is None
    assert (taken.picture == plain.picture).all() and (taken.drawing == plain.drawing).all()


def test_a_painting_is_left_alone_and_said():
    rows, columns = np.mgrid[:400, :400]
    art = np.dstack([120 + rows // 4, 60 + columns // 4, 200 - rows // 3]).astype(np.uint8)
    art[100:103] = 0
    taken = take_in(art)
    assert taken.found[-1] == "painting" and taken.bounds is None
    assert "lines" in sentence(taken.found)


def test_regions_are_those_of_clean_ink_at_every_size():
    def large(walls: np.ndarray) -> int:
        return int((divide(walls).areas > 0.0006).sum())  # what lies between crossing pieces of lines is smaller

    expected = large(take_in(figure(scale=0.8)).walls)
    for scale in (0.8, 2.4):
        image = drawn.ruled(figure(scale=scale, width=3 * scale), (170, 195, 235), step=round(30 * scale))
        taken = take_in(image)
        assert taken.found == ("ruling",)
        small = cv2.resize(taken.walls, (560, 800), interpolation=cv2.INTER_AREA)
        assert abs(large(small) - expected) <= 2, (large(small), expected)


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


def test_ink_over_ruling_is_kept():
    taken = take_in(drawn.ruled(figure(), (200, 200, 200)))
    ink = figure() < 40
    assert (taken.drawing[ink] < 128).mean() > 0.97
    assert (taken.drawing[figure() > 250] > 250).mean() > 0.995


def test_a_horizon_and_five_planks_are_no_ruling():
    page = figure()
    for place in range(6):
        cv2.line(page, (20, 930 + 10 * place), (300, 930 + 10 * place), 0, 2)
    assert take_in(page).found == ()
    black = np.minimum(page, drawn.ruled(page, (0, 0, 0)).min(axis=2))
    assert "ruling" not in take_in(black).found, "lines as black as ink may be meant"


def test_transparency():
    light = drawn.in_alpha(figure(), (255, 255, 255))
    assert (on_paper(light).min(axis=2) == figure()).all()
    figure_cut_out = np.dstack([np.repeat(figure()[..., None], 3, axis=2), drawn.regions()["dress"] * np.uint8(255)])
    assert take_in(figure_cut_out).found == ()
    dark = drawn.in_alpha(figure(), (30, 20, 60))
    assert (on_paper(dark) == as_it_is(dark).picture).all()


def test_sentences():
    assert sentence(()) == ""
    text = sentence(tuple(SENTENCES))
    assert text.endswith(".") and text[0].isupper() and text.count(".") == 1


def test_a_look_can_be_kept_and_read_again():
    taken = take_in(drawn.painted(drawn.toned(figure(), "dots"), {"house": (60, 150, 70)}))
    again = Taken.of_arrays(taken.arrays())
    assert again.found == taken.found == ("coloured", "tones") and again.paint == taken.paint
    assert (again.walls == taken.walls).all() and (again.picture == taken.picture).all()
