"""Whole runs of the judge: what is painted, reported, compared, shown and refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from evaluation_cases import Oracle, fill_painter, two_rooms

from s2p.errors import CancelledError, InputError, WeightsMissingError
from s2p.evaluation import compare, evaluate, table
from s2p.evaluation.summary import FEW, few, gain, is_chance
from s2p.image import save_image
from s2p.pipelines.base import Result
from s2p.progress import LineReporter, NullReporter
from s2p.schema import Hint, Hints


def test_a_run_is_the_same_twice_and_its_files_are_whole(tmp_path):
    arguments = {"hints": (0, 4), "limit": 1, "model": "none"}
    first = evaluate(json=tmp_path / "a.json", sheet=tmp_path / "a.png", **arguments)
    assert evaluate(**arguments) == first == json.loads((tmp_path / "a.json").read_text())
    assert (tmp_path / "a.png").read_bytes()[1:4] == b"PNG"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.png"]
    systems = ("sketch", "nearest", "geodesic", "closed", "original")
    blocks = [block.splitlines() for block in table(first).split("\n\n")]
    rows = [[line for line in block if line.startswith(systems)] for block in blocks]
    assert [len(found) for found in rows] == [7, 5, 7]  # colours, answers to hints, lines
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


def test_a_painter_that_floods_the_page_is_farther_off_than_the_bare_sketch(tmp_path):
    page = np.full((96, 96, 3), 255, np.uint8)
    page[40:60, 40:60] = (200, 40, 60)
    for name in "abc":
        save_image(page, tmp_path / f"{name}.png")
    flooded = np.full((96, 96, 3), (200, 40, 60), np.uint8)
    result = evaluate(tmp_path, hints=(4,), artists=("person",), painter=Oracle(lambda lines, hints: flooded))
    gains = result["summary"]["xdog"]["person"]["all"]["gain_over_sketch"]["4"]["color_off_lines"]
    assert gains["high"] < -100 and "than the bare sketch, paired: -" in table(result)


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
        def run(self, request, report=None):
            result = super().run(request, report)
            painted = result.image.copy()
            if request.settings.zoom == 1.0:
                painted[:, : painted.shape[1] // 4] = (20, 200, 30)
            return Result(image=painted, lines=request.image)

    result = evaluate(tmp_path, hints=(0, 4), zooms=True, painter=Fickle(lambda lines, hints: image))
    figures = result["pictures"][0]["systems"]["style2paints"]["hints"]
    assert figures["4"]["zooms_differ"] == pytest.approx(0.25, abs=0.02) and "zooms_differ" not in figures["0"]
    assert "Zoom 0.5 and 1 differ" in table(result)


def test_a_painter_that_offers_choices_is_judged_by_the_best_and_by_their_spread(tmp_path):
    image, _ = two_rooms()
    save_image(image, tmp_path / "rooms.png")

    class Chooser(Oracle):
        fills = True

        def choices(self, image, *, seeds, report):
            return [Hints([Hint(x=0.5, y=0.5, color=f"#{40 * seed:02x}0000")]) for seed in seeds]

    def paint(lines, hints):
        gray = hints[0].rgb[0] if hints and len(hints) else 0
        return image if gray == 0 else np.full_like(image, gray)

    result = evaluate(tmp_path, hints=(0,), painter=Chooser(paint))
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


def test_figures_of_few_pictures_come_with_a_warning():
    result = evaluate(limit=1, hints=(0,), model="none")
    assert "1 picture is few: another choice of pictures may turn these figures round" in table(result)
    assert few(FEW - 1) and not few(FEW)


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
