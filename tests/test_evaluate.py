"""The judge must be right before it judges: figures against known answers, baselines, hints, and whole runs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from s2p.config import Settings
from s2p.errors import CancelledError, InputError, WeightsMissingError
from s2p.evaluation import compare, evaluate, scenes, table
from s2p.evaluation.difference import colorfulness, delta_e, lab
from s2p.evaluation.fills import baseline, geodesic_labels, nearest_labels, walls
from s2p.evaluation.memory import peak
from s2p.evaluation.pairs import find_sources, load_pairs
from s2p.evaluation.similarity import area_under, psnr, ssim
from s2p.evaluation.simulated import choose_points, to_hints
from s2p.evaluation.summary import gain, is_chance, mean_interval
from s2p.image import save_image
from s2p.pipelines.base import Result
from s2p.progress import LineReporter, NullReporter


def two_rooms(size: int = 96) -> tuple[np.ndarray, np.ndarray]:
    """A red and a blue half with a wall between them that has no gap."""
    image = np.full((size, size, 3), (220, 30, 40), np.uint8)
    image[:, size // 2 :] = (30, 60, 200)
    lines = np.full((size, size), 255, np.uint8)
    image[:, size // 2 - 1 : size // 2 + 1] = 0
    lines[:, size // 2 - 1 : size // 2 + 1] = 0
    return image, lines


class Oracle:
    """Knows the originals of one picture; paints them, or gray where it has no hint."""

    networks: dict = {}  # noqa: RUF012

    def __init__(self, paint) -> None:
        self.settings, self.calls, self._paint = Settings(), [], paint

    def colorize(self, image, *, hints=None, settings=None, report=None) -> Result:
        report.check()
        self.calls.append((hints, settings))
        painted = self._paint(image, hints)
        return Result(image=painted, composition=painted, draft=None, lines=image)


def fill_painter(image, hints):
    points = [(hint.x, hint.y, hint.rgb) for hint in hints.of("exact")]
    return baseline("geodesic", image, points, image.shape)


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
    with peak() as small:
        pass
    with peak() as large:
        block = np.ones(8_000_000, np.float64)
        assert block[-1] == 1.0
    if small.megabytes is not None:
        assert large.megabytes > small.megabytes + 40


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


def test_a_run_is_the_same_twice_and_its_files_are_whole(tmp_path):
    arguments = {"hints": (0, 4), "limit": 1, "model": "none"}
    first = evaluate(json=tmp_path / "a.json", sheet=tmp_path / "a.png", **arguments)
    assert evaluate(**arguments) == first == json.loads((tmp_path / "a.json").read_text())
    assert (tmp_path / "a.png").read_bytes()[1:4] == b"PNG"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.png"]
    systems = ("sketch", "nearest", "geodesic", "original")
    blocks = [block.splitlines() for block in table(first).split("\n\n")]
    rows = [[line for line in block if line.startswith(systems)] for block in blocks]
    assert [len(found) for found in rows] == [6, 4, 6]  # colours, answers to hints, lines
    assert all(len({len(row) for row in found}) == 1 for found in rows)


def test_a_painter_gets_the_hints_and_is_set_against_the_fill(tmp_path):
    image, _ = two_rooms()
    save_image(image, tmp_path / "rooms.png")
    painter = Oracle(lambda lines, hints: image)
    result = evaluate(tmp_path, hints=(16, 0), zoom=0.25, painter=painter)
    assert [len(hints) for hints, _ in painter.calls] == [0, 24, 24]  # the last one measures the leak
    assert painter.calls[0][1].zoom == 0.25
    changed = [a != b for a, b in zip(painter.calls[1][0].of("exact"), painter.calls[2][0].of("exact"))]
    assert sum(changed) == 1
    summed = result["summary"]["xdog"]["worst"]["all"]
    systems = summed["systems"]
    assert systems["style2paints"]["0"]["psnr"]["mean"] == 100.0
    assert summed["gain"]["0"]["psnr"]["mean"] == pytest.approx(100.0 - systems["sketch"]["0"]["psnr"]["mean"])
    assert summed["gain"]["0"]["color_off_lines"]["mean"] == pytest.approx(100.0)
    assert systems["style2paints"]["16"]["leak"]["count"] == 0 and summed["cost"]["seconds_first"] > 0


def test_compare_finds_the_clearly_better_of_two_runs(tmp_path):
    good = evaluate(hints=(12,), limit=4, painter=Oracle(fill_painter), baselines=False)
    gray = evaluate(
        hints=(12,), limit=4, painter=Oracle(lambda lines, hints: np.full((*lines.shape, 3), 128, np.uint8)),
        baselines=False, json=tmp_path / "gray.json",
    )
    forwards, backwards = compare(tmp_path / "gray.json", good), compare(good, gray)
    psnr_line = next(line for line in forwards.splitlines() if "PSNR" in line)
    assert psnr_line.endswith("clearly better")
    assert next(line for line in backwards.splitlines() if "PSNR" in line).endswith("clearly worse")
    assert next(line for line in backwards.splitlines() if "colour" in line).endswith("clearly worse")
    assert "clearly" not in compare(good, good)


def test_a_broken_picture_is_named_and_the_run_goes_on(tmp_path):
    image, _ = two_rooms()
    save_image(image, tmp_path / "good.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG nothing")
    result = evaluate(tmp_path, hints=(0,), model="none")
    assert len(result["pictures"]) == 1 and result["skipped"][0]["name"] == "broken.png"
    assert "skipped broken.png" in table(result)
    (tmp_path / "good.png").unlink()
    with pytest.raises(InputError, match=r"broken\.png"):
        evaluate(tmp_path, hints=(0,), model="none")


@pytest.mark.parametrize(
    "arguments",
    [
        {"hints": ()}, {"hints": (-1,)}, {"limit": 0}, {"model": "other"}, {"flavours": ("pencil",)},
        {"artists": ("cat",)},
    ],
)
def test_arguments_out_of_range_are_refused_with_a_sentence(arguments):
    with pytest.raises(InputError, match="Received"):
        evaluate(**({"model": "none", "limit": 1} | arguments))


def test_the_learned_flavour_needs_its_extractor(monkeypatch):
    monkeypatch.setattr("s2p.pipelines.lines.load_extractor", lambda settings=None: None)
    with pytest.raises(WeightsMissingError, match="line extractor"):
        evaluate(limit=1, hints=(0,), model="none", flavours=("learned",))
    result = evaluate(
        limit=1, hints=(0,), model="none", flavours=("learned",), extractor=lambda image: image.min(axis=2)
    )
    assert result["summary"]["learned"]["worst"]["all"]["pictures"] == 1


def test_own_lines_may_lie_in_a_folder_that_is_named_and_only_pictures_with_lines_are_taken(tmp_path):
    image, lines = two_rooms()
    (tmp_path / "art" / "ink").mkdir(parents=True)
    for name in "abc":
        save_image(image, tmp_path / "art" / f"{name}.png")
    with pytest.raises(InputError, match="ink"):
        evaluate(tmp_path / "art", hints=(0,), model="none", flavours=("own",), own_lines=tmp_path / "art" / "ink")
    save_image(lines, tmp_path / "art" / "ink" / "c.png")
    result = evaluate(
        tmp_path / "art", hints=(0,), limit=2, model="none", flavours=("own",), own_lines=tmp_path / "art" / "ink"
    )
    assert [picture["name"] for picture in result["pictures"]] == ["c.png"] and not result["skipped"]
    # The wall of the drawing is the only ink, so the bare sketch has the drawing's darkness on it.
    assert result["pictures"][0]["systems"]["sketch"]["hints"]["0"]["line_l"] == pytest.approx(0.0, abs=0.01)


def test_results_of_any_size_are_measured_at_the_size_of_the_original(tmp_path):
    image, _ = two_rooms()
    save_image(image, tmp_path / "rooms.png")
    half = np.ascontiguousarray(image[::2, ::2])
    result = evaluate(tmp_path, hints=(0,), painter=Oracle(lambda lines, hints: half), baselines=False)
    picture = result["pictures"][0]
    assert picture["size"] == [96, 96] and picture["result_size"] == [48, 48]
    assert picture["systems"]["style2paints"]["hints"]["0"]["color_off_lines"] < 1.5


def test_pictures_on_white_paper_are_reported_apart(tmp_path):
    image, _ = two_rooms()
    page = np.full((96, 96, 3), 255, np.uint8)
    page[30:70, 30:70] = (200, 40, 60)
    save_image(image, tmp_path / "full.png")
    save_image(page, tmp_path / "page.png")
    result = evaluate(tmp_path, hints=(0, 4), model="none")
    assert [picture["kind"] for picture in result["pictures"]] == ["full", "paper"]
    classes = result["summary"]["xdog"]["worst"]
    assert [classes[kind]["pictures"] for kind in ("all", "paper", "full")] == [2, 1, 1]
    assert "1 pictures on white paper" in table(result) and "1 full pictures" in table(result)
    alone = evaluate(tmp_path, hints=(0,), limit=1, model="none")
    assert list(alone["summary"]["xdog"]["worst"]) == ["all", "full"] and table(alone).startswith("1 full pictures")


def test_both_artists_share_what_is_the_same_and_place_their_own_hints(tmp_path):
    painter = Oracle(fill_painter)
    result = evaluate(limit=1, hints=(0, 4), artists=("worst", "person"), painter=painter)
    given = [len(hints.of("exact")) for hints, _ in painter.calls]
    assert given.count(0) == 1  # painted once for both
    assert [picture["artist"] for picture in result["pictures"]] == ["worst", "person"]
    assert any(len(hints.of("draft")) for hints, _ in painter.calls[1:3])
    assert not any(len(hints.of("draft")) for hints, _ in painter.calls[3:])  # the page's usual tool is exact
    assert "as a person places them" in table(result)
    assert list(result["summary"]["xdog"]) == ["worst", "person"]


def test_two_zooms_of_a_painter_that_changes_its_mind_differ(tmp_path):
    image, _ = two_rooms()
    save_image(image, tmp_path / "rooms.png")

    class Fickle(Oracle):
        def colorize(self, image, *, hints=None, settings=None, report=None):
            result = super().colorize(image, hints=hints, settings=settings, report=report)
            painted = result.image.copy()
            if settings.zoom == 1.0:
                painted[:, : painted.shape[1] // 4] = (20, 200, 30)
            return Result(image=painted, composition=painted, draft=None, lines=image)

    result = evaluate(tmp_path, hints=(0, 4), zooms=True, painter=Fickle(lambda lines, hints: image))
    figures = result["pictures"][0]["systems"]["style2paints"]["hints"]
    assert figures["4"]["zooms_differ"] == pytest.approx(0.25, abs=0.02) and "zooms_differ" not in figures["0"]
    assert "Zoom 0.5 and 1 differ" in table(result)


def test_a_painter_that_offers_choices_is_judged_by_the_best_and_by_their_spread(tmp_path):
    image, _ = two_rooms()
    save_image(image, tmp_path / "rooms.png")

    class Chooser(Oracle):
        def choices(self, image, *, count, settings, report):
            grays = [np.full((*image.shape[:2], 3), 40 * number, np.uint8) for number in range(count - 1)]
            return [self.colorize(image, settings=settings, report=report), *map(self._result, grays)]

        @staticmethod
        def _result(painted):
            return Result(image=painted, composition=painted, draft=None, lines=painted[..., 0])

    result = evaluate(tmp_path, hints=(0,), painter=Chooser(lambda lines, hints: image))
    figures = result["pictures"][0]["systems"]["style2paints"]["hints"]["0"]
    assert figures["best_choice"] == 0.0 and figures["choices_spread"] > 20


def test_a_gain_that_cannot_be_told_from_chance_is_printed_as_such():
    def picture(ours, fill):
        systems = {
            name: {"hints": {"4": {"color_off_lines": error, "psnr": 30.0 - error}}}
            for name, error in (("style2paints", ours), ("geodesic", fill))
        }
        return {"systems": systems}

    clear = gain([picture(5.0, 10.0), picture(5.5, 10.0), picture(4.5, 10.0)], "style2paints", "4")
    assert clear["color_off_lines"]["mean"] == pytest.approx(50.0) and not is_chance(clear["color_off_lines"])
    unclear = gain([picture(5.0, 10.0), picture(20.0, 10.0), picture(6.0, 10.0)], "style2paints", "4")
    assert is_chance(unclear["color_off_lines"]) and is_chance(unclear["psnr"])
    # A picture that the fill has right to a hundredth does not decide the percentage.
    steady = gain([picture(5.0, 10.0), picture(0.1, 0.01)], "style2paints", "4")
    assert steady["color_off_lines"]["mean"] == pytest.approx((4.91 / 10.01) * 100.0, rel=1e-3)


def test_a_run_can_be_cancelled():
    report = NullReporter()
    report.cancelled = True
    with pytest.raises(CancelledError):
        evaluate(limit=1, hints=(0,), model="none", report=report)


def test_progress_is_told_without_a_terminal_but_only_now_and_then(capsys, monkeypatch):
    clock = iter(range(0, 1000, 5))
    monkeypatch.setattr("s2p.progress.time.monotonic", lambda: float(next(clock)))
    report = LineReporter({"evaluate": 1.0}, every=20.0)
    report.stage("evaluate")
    for step in range(1, 11):
        report.update(step / 10)
    lines = capsys.readouterr().err.splitlines()
    assert 2 <= len(lines) <= 6 and all(line.startswith("evaluate ") and "%" in line for line in lines)


def test_the_sheet_shows_pictures_from_the_whole_folder(tmp_path, monkeypatch):
    from s2p.evaluation import judge, run

    image, _ = two_rooms()
    for name in "abcdefgh":
        save_image(image, tmp_path / f"{name}.png")
    titles = []
    monkeypatch.setattr(judge, "MAX_ROWS", 4)
    original = run.row
    monkeypatch.setattr(run, "row", lambda title, **pictures: titles.append(title) or original(title, **pictures))
    evaluate(tmp_path, hints=(0, 4, 64), model="none", sheet=tmp_path.parent / "sheet.png")
    assert [title.split()[:2] for title in titles] == [
        ["a.png", "0"], ["a.png", "4"], ["e.png", "0"], ["e.png", "4"],
    ]  # fmt: skip


def test_a_file_of_the_first_version_is_refused_with_what_to_do(tmp_path):
    result = evaluate(limit=1, hints=(0,), model="none")
    (tmp_path / "old.json").write_text(json.dumps(result | {"version": 1}))
    with pytest.raises(InputError, match=r"old\.json.*again"):
        compare(tmp_path / "old.json", result)


def test_compare_refuses_other_files(tmp_path):
    (tmp_path / "other.json").write_text("[1]")
    with pytest.raises(InputError, match=r"other\.json"):
        compare(tmp_path / "other.json", tmp_path / "other.json")
