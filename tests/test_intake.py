"""A look at the drawing first: what is corrected, and what is left alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p import samples
from s2p.image import load_image
from s2p.intake import SENTENCES, Taken, as_it_is, on_paper, sentence, take_in
from s2p.regions import divide
from tests import brought as drawn
from tests.desks import BLACK, Lying
from tests.intake_cases import figure, jpeg


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


def test_of_a_painting_the_lines_are_taken_and_it_is_said():
    rows, columns = np.mgrid[:400, :400]
    art = np.dstack([120 + rows // 4, 60 + columns // 4, 200 - rows // 3]).astype(np.uint8)
    art[100:103] = 0
    taken = take_in(art)
    assert taken.found == ("painting",) and taken.bounds is None and taken.paint == ()
    assert taken.drawing[101, 20:-20].max() < 40 and np.median(taken.drawing) == 255, "the line, and paper"
    assert (taken.picture == taken.drawing[..., None]).all()
    assert "its lines were drawn first" in sentence(taken.found)
    assert as_it_is(art).drawing[300, 200] < 200, "with --intake off it is as it was"


def test_a_drawing_that_was_painted_has_its_lines_again():
    colors = {
        "dress": (48, 96, 192), "house": (160, 104, 48), "sky": (120, 190, 235), "ground": (70, 150, 70),
        "hair": (120, 70, 40), "face": (240, 190, 160), "door": (190, 60, 60),
    }
    names = drawn.regions()
    art = drawn.painted(figure(), {name: color for name, color in colors.items() if name in names})
    assert len(set(colors) & set(names)) >= 4
    art = np.where((art.min(-1) > 250)[..., None], np.uint8((200, 180, 120)), art)  # no paper is left
    taken, own = take_in(art), take_in(figure())
    assert taken.found == ("painting",)
    ink = own.drawing < 60
    assert np.percentile(taken.drawing[ink], 90) < 120, "no line is lost"
    assert divide(taken.walls).count >= 0.8 * divide(own.walls).count


@pytest.mark.parametrize("paper", [(214, 178, 132), (186, 140, 96), (160, 190, 225)])
def test_toned_paper_is_no_painting_however_uneven_its_light(paper):
    light = np.linspace(0.7, 1.1, 800)[None, :, None] * np.linspace(1.0, 0.8, 560)[:, None, None]
    page = figure()
    page = page if page.ndim == 3 else np.repeat(page[..., None], 3, -1)
    light = cv2.resize(light[..., 0], page.shape[1::-1])[..., None]
    photo = np.clip(page / 255.0 * np.array(paper) * light, 0, 255).astype(np.uint8)
    assert "painting" not in take_in(photo).found


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


def test_coloured_lines_are_lines_and_no_paint():
    page = np.repeat(figure()[..., None], 3, axis=2)
    hair = np.repeat(np.full(drawn.SIZE, 255, np.uint8)[..., None], 3, axis=2)
    for place in range(8):
        cv2.line(hair, (520 + 12 * place, 100), (540 + 12 * place, 400), (40, 60, 180), 2, cv2.LINE_AA)
    taken = take_in(np.minimum(page, hair))
    assert taken.found == () and (taken.drawing[hair.min(-1) < 100] < 100).all()


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


def test_ink_over_ruling_is_kept():
    taken = take_in(drawn.ruled(figure(), (200, 200, 200)))
    ink = figure() < 40
    assert (taken.drawing[ink] < 128).mean() > 0.97
    assert (taken.drawing[figure() > 250] > 250).mean() > 0.995


@pytest.mark.parametrize("light", [232, 238, 241, 244, 249])
def test_ruling_goes_however_nearly_white_the_paper_is(light):
    page = (drawn.ruled(figure(), (170, 195, 235)).astype(np.uint16) * light // 255).astype(np.uint8)
    taken = take_in(page)
    assert "ruling" in taken.found and (taken.drawing[figure() > 250] > 245).mean() > 0.995
    even = np.full((*drawn.SIZE, 3), light, np.uint8)
    even[figure() < 128] = 0
    assert "ruling" not in take_in(even).found


def test_ink_that_is_hardly_darker_than_ruling_is_not_cut_by_it():
    printed = cv2.erode(drawn.ruled(np.full(drawn.SIZE, 255, np.uint8), (150, 185, 228)), np.ones((3, 1)))
    ink = (figure() < 100)[..., None]
    page = np.where(ink, printed * np.array([100, 110, 180]) // 255, printed).astype(np.uint8)
    taken = take_in(page)
    assert taken.found == ("ruling",) and (taken.drawing[figure() < 40] < 190).mean() > 0.92
    assert (taken.drawing[figure() > 250] > 250).mean() > 0.99


def school(margin: tuple[int, int, int], *places: int, thick: int = 2) -> np.ndarray:
    """A figure on the ruled paper of schools, with red lines beside its margin."""
    page = drawn.ruled(figure(), (170, 195, 235))
    for place in places:
        line = cv2.line(np.full_like(page, 255), (place, 0), (place, len(page)), margin, thick, cv2.LINE_AA)
        page = np.minimum(page, line)
    return page


MARGINS = {
    "pale, photographed": (lambda: drawn.under_light(school((250, 205, 210), 90)), Lying(degrees=0, size=1)),
    "two, photographed": (lambda: drawn.under_light(school((240, 150, 160), 88, 94)), Lying(degrees=0, size=1)),
    "two, scanned": (lambda: school((240, 150, 160), 88, 94), Lying(degrees=0, size=1)),
    "thin, from aside": (
        lambda: Lying(BLACK, -5, 0.8, leaning=0.08).photograph(school((240, 150, 160), 90, thick=1)),
        Lying(BLACK, -5, 0.8, leaning=0.08),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MARGINS)
def test_the_red_margin_goes_with_the_ruling(name):
    make, lying = MARGINS[name]
    taken = take_in(make())
    away = cv2.erode(figure(), np.ones((9, 9), np.uint8)) > 250
    for page in (taken.drawing, cv2.resize(taken.walls, taken.drawing.shape[::-1])):
        assert "ruling" in taken.found and (lying.flat(page)[away] < 215).mean() < 0.0002


def test_a_red_line_that_ends_on_the_page_is_drawn():
    page = school((235, 120, 120))
    cv2.line(page, (640, 300), (640, 740), (210, 60, 70), 4)
    taken = take_in(page)
    assert "ruling" in taken.found and (taken.drawing[310:730, 639:642].min(1) < 128).mean() > 0.95


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


def test_coarse_grain_on_a_large_shaded_page_is_no_light_ink():
    random, (height, width) = np.random.default_rng(0), (1600, 1200)
    grain = cv2.GaussianBlur(random.normal(0, 1, (height, width)), (0, 0), 2)
    light = (1 - 0.35 * np.linspace(0, 1, width))[None] * (1 - 0.1 * np.linspace(0, 1, height))[:, None]
    light = light * (1 + 0.05 * grain / grain.std() + 0.03 * random.normal(0, 1, (height, width)))
    ink = np.zeros((height, width), np.uint8)
    cv2.circle(ink, (width // 2, height // 2), width // 4, 1, 5)
    page = np.array([224.0, 216.0, 198.0]) * (light * (1 - 0.5 * ink))[..., None]
    assert "inverted" not in take_in(page.clip(0, 255).astype(np.uint8)).found
