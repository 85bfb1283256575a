"""The parts of the judge: colour differences, baselines, hints where a fill is most wrong, pairs, intervals."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from evaluation_cases import two_rooms

from s2p.evaluation import scenes
from s2p.evaluation.difference import colorfulness, delta_e, lab
from s2p.evaluation.fills import baseline, closed_fill, geodesic_labels, nearest_labels, walls
from s2p.evaluation.pairs import find_sources, load_pairs
from s2p.evaluation.similarity import area_under, psnr, ssim
from s2p.evaluation.simulated import choose_points, to_hints
from s2p.evaluation.summary import mean_interval
from s2p.image import save_image


def test_delta_e_agrees_with_skimage_on_random_colours():
    from skimage.color import deltaE_ciede2000, rgb2lab

    generator = np.random.default_rng(1)
    first, second = generator.integers(0, 256, (2, 4000, 3)).astype(np.uint8)
    second[:500] = first[:500]
    second[500:1500] = np.clip(first[500:1500].astype(int) + generator.integers(-9, 10, (1000, 3)), 0, 255)
    expected = deltaE_ciede2000(rgb2lab(first), rgb2lab(second))
    np.testing.assert_allclose(lab(first), rgb2lab(first), atol=0.02)
    # Grays have no hue to speak of, so float32 may turn it; nobody sees a twentieth.
    np.testing.assert_allclose(delta_e(lab(first), lab(second)), expected, atol=0.05)


def test_delta_e_agrees_with_the_published_pairs():
    # Sharma, Wu, Dalal 2005, table 1: the pairs around the hue's discontinuities.
    table_1 = [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ]
    first, second = (np.array([row[side] for row in table_1], np.float32) for side in (0, 1))
    np.testing.assert_allclose(delta_e(first, second), [row[2] for row in table_1], atol=2e-3)


def test_psnr_and_ssim_agree_with_skimage():
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    first, _ = scenes.draw(1)
    noise = np.random.default_rng(0).integers(-20, 21, first.shape)
    second = np.clip(first.astype(int) + noise, 0, 255).astype(np.uint8)
    assert psnr(first, second) == pytest.approx(peak_signal_noise_ratio(first, second), abs=1e-3)
    expected = structural_similarity(
        first, second, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert ssim(first, second) == pytest.approx(expected, abs=1e-3)
    assert psnr(first, first) == 100.0 and ssim(first, first) == pytest.approx(1.0, abs=1e-6)


def test_colourfulness_is_zero_for_gray_and_grows_with_saturation():
    gray = np.full((8, 8, 3), 120, np.uint8)
    image, _ = scenes.draw(0)
    pale = (image // 2 + 127).astype(np.uint8)
    assert colorfulness(gray) == 0.0
    assert 0.0 < colorfulness(pale) < colorfulness(image)


def test_what_fills_closed_regions_cannot_show_two_colours_that_no_line_parts():
    lines = np.full((200, 201), 255, np.uint8)
    lines[:, 99:102] = 0
    image = np.full((200, 201, 3), (90, 160, 30), np.uint8)
    image[:, 100:] = (255, 0, 0)
    image[:60, 130:] = (0, 0, 255)
    filled = closed_fill(lines, image)
    assert (filled[:, :98] == (90, 160, 30)).all() and (filled[:, 103:] == (255, 0, 0)).all()
    assert (filled[:, 100] == 0).all()
    lines[58:61, 100:] = 0
    assert (closed_fill(lines, image)[:57, 131:] == (0, 0, 255)).all()


def test_geodesic_fill_stops_at_a_wall_where_the_nearest_fill_does_not():
    lines = np.full((40, 60), 255, np.uint8)
    lines[:, 40] = 0
    seeds = [(20, 38), (20, 58)]
    geodesic, nearest = geodesic_labels(walls(lines), seeds), nearest_labels(lines.shape, seeds)
    assert (geodesic[:, :40] == 0).all() and (geodesic[:, 41:] == 1).all()
    assert nearest[20, 42] == 0


def test_the_later_of_two_hints_on_one_pixel_counts():
    lines = np.full((6, 6), 255, np.uint8)
    assert (geodesic_labels(walls(lines), [(2, 2), (2, 2)]) == 1).all()
    assert (nearest_labels(lines.shape, [(2, 2), (2, 2)]) == 1).all()


def test_fills_lie_under_the_ink_and_no_hint_is_the_bare_sketch():
    _, lines = two_rooms()
    painted = baseline("geodesic", lines, [(0.1, 0.5, (255, 0, 0))], (48, 48))
    assert painted.shape == (48, 48, 3)
    assert painted[10, 5].tolist() == [255, 0, 0]
    assert painted[:, 23:25].max() <= 128
    assert np.array_equal(baseline("nearest", lines, [], (48, 48)), baseline("sketch", lines, [], (48, 48)))


def test_two_points_are_enough_for_two_rooms():
    image, lines = two_rooms()
    points = choose_points(image, lines, 2)
    assert {point[2] for point in points} == {(220, 30, 40), (30, 60, 200)}
    assert all(abs(point[0] - 0.5) * 96 >= 6 for point in points)
    assert psnr(baseline("geodesic", lines, points, image.shape), image) > 40


def test_points_for_few_hints_are_the_first_points_for_many():
    image, lines = scenes.draw(2)
    many = choose_points(image, lines, 12)
    assert choose_points(image, lines, 5) == many[:5]
    assert len({point[:2] for point in many}) == 12


def test_the_geodesic_fill_gets_better_with_every_few_hints():
    image, lines = scenes.draw(0)
    points = choose_points(image, lines, 16)
    reached = [psnr(baseline("geodesic", lines, points[:count], image.shape), image) for count in (0, 4, 16)]
    assert reached[0] + 3 < reached[1] < reached[2] - 3


def test_a_page_full_of_ink_still_gets_its_points():
    page = np.zeros((32, 48, 3), np.uint8)
    assert len(choose_points(page, page[..., 0], 5)) == 5


def test_the_first_eight_points_are_draft_anchors_too():
    hints = to_hints([(i / 20, 0.5, (i, 2, 3)) for i in range(12)])
    assert len(hints.of("draft")) == 8 and len(hints.of("exact")) == 12
    assert hints.of("draft")[7].rgb == hints.of("exact")[7].rgb == (7, 2, 3)


def test_area_under_is_a_mean_over_the_logarithm_of_hints():
    assert area_under({0: 10.0, 1: 20.0, 3: 20.0}) == pytest.approx((15.0 + 20.0) / 2)
    assert area_under({4: 12.0}) is None


def test_interval_is_students_and_ignores_what_does_not_apply():
    found = mean_interval([1.0, 2.0, None, 3.0])
    assert found["mean"] == 2.0 and found["count"] == 3
    assert found["high"] - 2.0 == pytest.approx(4.302653 / 3**0.5, rel=1e-5)
    assert mean_interval([None])["mean"] is None


def test_memory_peak_sees_a_large_block():
    """In a process of its own: what other tests have left may be given back to the system meanwhile."""
    program = (
        "import numpy as np\n"
        "from s2p.evaluation.memory import peak\n"
        "with peak() as small: pass\n"
        "with peak() as large: block = np.ones(8_000_000, np.float64)\n"
        "print(small.megabytes or 0, large.megabytes or 64)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    small, large = (float(word) for word in done.stdout.split())
    assert large > small + 40


def test_the_limit_is_spread_over_the_folder_and_companions_are_not_pictures(tmp_path):
    image, lines = two_rooms()
    (tmp_path / "lines").mkdir()
    for name in "abcdef":
        save_image(image, tmp_path / f"{name}.png")
    save_image(lines, tmp_path / "lines" / "a.png")
    save_image(lines, tmp_path / "d.lines.png")
    (tmp_path / "notes.txt").write_text("no picture")
    assert [source.name for source in find_sources(tmp_path)] == [f"{name}.png" for name in "abcdef"]
    assert [source.name for source in find_sources(tmp_path, limit=2)] == ["a.png", "d.png"]
    own = list(load_pairs(find_sources(tmp_path, limit=2), flavour="own"))
    assert all(np.array_equal(pair.lines, lines) for pair in own)
    assert [source.name for source in find_sources(tmp_path, only_drawn=True)] == ["a.png", "d.png"]
    (missing,) = load_pairs(find_sources(tmp_path)[1:2], flavour="own")
    assert missing[0] == "b.png" and "b.lines.png" in missing[1]


def test_scenes_are_seeded_and_their_lines_fit():
    for number in range(scenes.COUNT):
        image, lines = scenes.draw(number)
        assert np.array_equal(scenes.draw(number)[0], image)
        assert not np.array_equal(scenes.draw(number, seed=1)[0], image)
        assert image[lines == 0].mean() < 60 < image[lines == 255].mean()
