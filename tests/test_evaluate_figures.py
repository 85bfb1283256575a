"""Every figure of `s2p evaluate` sees its own fault: painters with a known one, measured."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from evaluation_cases import BLUE, RED, two_rooms

from s2p.evaluation import scenes
from s2p.evaluation.answers import answers, choose_moved, complement, leak
from s2p.evaluation.difference import lab
from s2p.evaluation.fills import baseline
from s2p.evaluation.metrics import is_beige, measure, zooms_differ
from s2p.evaluation.simulated import choose_points
from s2p.evaluation.target import Target

GREEN = (20, 160, 60)
BEIGE = (190, 170, 140)


def on_paper(size: int = 128) -> tuple[np.ndarray, np.ndarray]:
    """A figure on white: a green square with a white hole in its middle, each with an outline."""
    image, lines = np.full((size, size, 3), 255, np.uint8), np.full((size, size), 255, np.uint8)
    for (low, high), color in (((24, 104), GREEN), ((50, 78), (255, 255, 255))):
        cv2.rectangle(image, (low, low), (high, high), color, -1)
        cv2.rectangle(image, (low, low), (high, high), (0, 0, 0), 2)
        cv2.rectangle(lines, (low, low), (high, high), 0, 2)
    return image, lines


def test_the_original_itself_gets_full_marks():
    image, lines = two_rooms()
    target, points = Target(image, lines), choose_points(image, lines, 2)
    painting = measure(target, image)
    figures = painting.figures | answers(target, painting, points)
    assert figures["psnr"] == 100.0 and figures["delta_e"] == 0.0 and figures["color_off_lines"] == 0.0
    assert figures["obedience_p90"] == 0.0 and figures["ink_mean"] == 0.0 and figures["colorfulness"] == 1.0
    assert figures["purity"] == 1.0 and figures["stains"] == 0.0 and figures["lost"] == 0.0
    assert figures["line_l"] == pytest.approx(0.0, abs=0.01) and figures["ssim"] == pytest.approx(1.0, abs=1e-6)


def test_the_original_keeps_its_white_and_its_shading():
    image, lines = scenes.draw(1)
    figures = measure(Target(image, lines), image).figures
    assert figures["white_kept"] in (None, 1.0) and figures["white_invented"] == 0.0
    assert figures["colorfulness_figure"] == 1.0
    page, page_lines = on_paper()
    assert measure(Target(page, page_lines), page).figures["white_kept"] == 1.0


def test_every_figure_sees_its_own_fault():
    image, lines = two_rooms()
    target, points = Target(image, lines), choose_points(image, lines, 2)
    washed = measure(target, (image // 2 + 128) * (lines > 0)[..., None].astype(np.uint8))
    assert washed.figures["colorfulness"] < 0.7 and washed.figures["ink_mean"] == 0.0
    assert answers(target, washed, points)["obedience_median"] > 10
    faded = measure(target, np.where((lines == 0)[..., None], np.uint8(128), image)).figures
    assert faded["ink_mean"] > 40 and faded["ink_p99"] > 40 and faded["line_l"] > 40
    assert faded["color_off_lines"] == 0.0 and faded["delta_e"] > 0.0


def test_colour_on_the_lines_shows_as_chroma_there_and_nowhere_else():
    image, lines = two_rooms()
    tinted = image.copy()
    tinted[lines == 0] = (120, 0, 20)
    figures = measure(Target(image, lines), tinted).figures
    assert figures["line_chroma"] > 30 and figures["color_off_lines"] == 0.0


def test_a_painter_that_returns_beige_is_all_beige():
    image, lines = two_rooms()
    target = Target(image, lines)
    assert measure(target, np.full_like(image, BEIGE)).figures["beige"] == 1.0
    assert measure(target, image).figures["beige"] == 0.0
    for color in ((255, 255, 255), (128, 128, 128), (240, 180, 60), (90, 160, 90)):  # paper, gray, gold, green
        assert not is_beige(lab(np.array(color, np.uint8)))


def test_white_that_is_flooded_is_lost_and_white_that_is_left_over_is_counted():
    image, lines = on_paper()
    target = Target(image, lines)
    flooded = image.copy()
    flooded[:, :64][(image[:, :64] == 255).all(-1)] = (235, 228, 210)
    assert measure(target, flooded).figures["white_kept"] == pytest.approx(0.5, abs=0.06)
    bare = measure(target, np.repeat(lines[..., None], 3, axis=2)).figures
    assert bare["white_kept"] == 1.0
    assert bare["white_invented"] == pytest.approx(((80**2 - 28**2) / 128**2), abs=0.06)
    red_room, red_lines = two_rooms()
    assert measure(Target(red_room, red_lines), red_room).figures["white_kept"] is None


def test_colourfulness_inside_the_figure_does_not_see_the_ground():
    image, lines = on_paper()
    loud_ground = image.copy()
    loud_ground[:20] = (255, 0, 255)
    figures = measure(Target(image, lines), loud_ground).figures
    assert figures["colorfulness_figure"] == pytest.approx(1.0, abs=0.01) and figures["colorfulness"] > 1.2


def test_a_flat_painting_of_a_shaded_picture_has_little_shading():
    image, lines = two_rooms(128)
    waves = (4.0 * np.sin(np.arange(128) / 2.0))[:, None, None]
    shaded = np.where((lines == 0)[..., None], 0, np.clip(image + waves, 0, 255)).astype(np.uint8)
    target = Target(shaded, lines)
    assert measure(target, shaded).figures["shading"] == pytest.approx(1.0)
    assert measure(target, image).figures["shading"] < 0.1
    rough = np.clip(image + 3.0 * waves, 0, 255).astype(np.uint8)
    assert measure(target, rough).figures["shading"] > 1.5
    assert measure(Target(image, lines), image).figures["shading"] is None  # flat: no ratio


def test_a_stain_in_a_hinted_region_is_impure():
    image, lines = two_rooms()
    target = Target(image, lines)
    points = [(0.25, 0.25, RED), (0.75, 0.75, BLUE)]
    stained = image.copy()
    stained[48:68, :40] = BEIGE
    figures = answers(target, measure(target, stained), points)
    assert figures["stains"] == 0.5 and figures["lost"] == 0.0
    assert figures["purity"] == pytest.approx(0.9, abs=0.03)  # 20 of 96 rows of one of two rooms
    only_blue = answers(target, measure(target, stained), points[1:])
    assert only_blue["stains"] == 0.0 and only_blue["purity"] == 1.0


def test_another_colour_in_one_hinted_region_shows_there_and_as_lost():
    image, lines = two_rooms()
    target = Target(image, lines)
    points = [(0.25, 0.25, RED), (0.75, 0.75, BLUE)]
    swapped = image.copy()
    swapped[:, 49:] = GREEN
    figures = answers(target, measure(target, swapped), points)
    assert figures["stains"] == 0.5 and figures["lost"] == 0.5 and figures["purity"] == pytest.approx(0.5, abs=0.02)
    assert figures["lost_6"] == 0.5 and figures["lost_0"] is None


def test_hints_that_are_lost_on_lines_are_counted_by_their_distance():
    image, lines = two_rooms()
    target = Target(image, lines)
    wall = 47.5 / 96  # on the ink, where the artist meant the red room beside it
    points = [(wall, 0.5, RED), (0.8, 0.5, BLUE)]
    ignoring = image.copy()
    ignoring[:, :47] = (255, 255, 255)
    figures = answers(target, measure(target, ignoring), points)
    assert figures["lost_0"] == 1.0 and figures["lost_6"] == 0.0 and figures["lost_1"] is None
    beside = [((46 + 0.5 - distance + 1) / 96, 0.5, RED) for distance in (1, 2, 6)]
    for distance, point in zip((1, 2, 6), beside):
        assert answers(target, measure(target, ignoring), [point])[f"lost_{distance}"] == 1.0
        assert answers(target, measure(target, image), [point])[f"lost_{distance}"] == 0.0


def test_a_hint_on_ink_is_not_asked_whether_it_shows_there():
    image, lines = two_rooms()
    target = Target(image, lines)
    far_off = [(47.5 / 96, 0.5, GREEN)]
    assert answers(target, measure(target, image), far_off[:0])["obedience_median"] is None
    near = answers(target, measure(target, image), [(47.5 / 96, 0.5, RED)])
    assert near["obedience_median"] == 0.0  # judged on the red paper beside the line, not on ink or on blue


def test_leak_is_zero_when_a_hint_stays_in_its_region_and_one_when_it_floods():
    image, lines = two_rooms()
    target, points = Target(image, lines), choose_points(image, lines, 2)
    index = choose_moved(target, points, np.random.default_rng(0))
    assert index is not None
    region = target.spread(points[index])
    assert region is not None and region.mean() == pytest.approx(0.5, abs=0.03)
    changed = [complement(point) if place == index else point for place, point in enumerate(points)]
    before, after = (measure(target, baseline("geodesic", lines, some, image.shape)) for some in (points, changed))
    assert leak(target, before, after, region)["leak"] < 0.02
    gray = np.full_like(image, 90)
    flooded = leak(target, measure(target, gray), measure(target, gray + 60), region)
    assert flooded["leak"] == pytest.approx(1.0)
    assert leak(target, measure(target, gray), measure(target, gray), region) == {"leak": None, "leak_inside": 0.0}


def test_a_hint_whose_colour_goes_to_the_neighbour_counts_as_leak():
    image, lines = two_rooms()
    target = Target(image, lines)
    region = target.spread((0.25, 0.5, RED))
    assert region is not None
    elsewhere = image.copy()
    elsewhere[:, 49:] = complement((0.25, 0.5, RED))[2]
    found = leak(target, measure(target, image), measure(target, elsewhere), region)
    assert found["leak_inside"] == 0.0 and found["leak"] > 10


def test_zooms_that_differ_only_in_the_sharpness_of_lines_agree():
    image, lines = two_rooms()
    target = Target(image, lines)
    soft = image.copy()
    soft[:, 47:49] = 120
    assert zooms_differ(target, measure(target, image), measure(target, soft)) == 0.0
    other = image.copy()
    other[:, :47] = GREEN
    assert zooms_differ(target, measure(target, image), measure(target, other)) == pytest.approx(0.5, abs=0.02)
