"""The search: a picture is found in strokes, within every bound that it is given, and can be held and stopped."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from s2p.errors import CancelledError, InputError
from s2p.progress import NullReporter
from s2p.strokes.painting import paint
from s2p.strokes.plan import Plan
from s2p.strokes.search import search
from tests.stroke_cases import ALL, picture


@pytest.mark.parametrize("name", ALL)
def test_a_picture_is_recognised_after_few_strokes(name):
    painting = paint(picture(), renderer=name, max_strokes=45, max_divide=3, canvas_size=128, candidates=16, iters=4)
    bare = 10 * np.log10(255.0**2 / ((255.0 - picture()) ** 2).mean())
    assert len(painting.strokes) <= 45
    assert painting.likeness is not None and painting.likeness > bare + 12


def apple(side: int = 400) -> np.ndarray:
    """About what the original's test photograph shows: a shaded round thing with a stalk on a table, and its shadow."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    image = np.stack([0.75 - 0.25 * y + 0.1 * x, 0.7 - 0.3 * y, 0.62 - 0.3 * y], -1)
    image[y > 0.62] *= (0.85, 0.7, 0.55)
    image *= 1 - 0.6 * np.exp(-(((x - 0.58) / 0.3) ** 2 + ((y - 0.8) / 0.07) ** 2))[..., None]
    away = np.hypot(x - 0.48, y - 0.5) / 0.3
    light = np.sqrt(np.clip(1 - away**2, 0, 1)) * 0.8 + 0.2 - 0.35 * (x - 0.48 + y - 0.5)
    skin = np.stack([0.85 - 0.2 * np.sin(9 * x) ** 2, 0.2 + 0.35 * np.cos(7 * (x + y)) ** 2, 0.15 + 0 * x], -1)
    image = np.where(away[..., None] < 1, skin * light[..., None], image)
    image += 0.6 * np.exp(-(((x - 0.38) ** 2 + (y - 0.36) ** 2) / 0.002))[..., None]
    image += np.random.default_rng(0).normal(0, 0.02, image.shape)
    drawn = (image.clip(0, 1) * 255).astype(np.uint8)
    return cv2.line(drawn, (round(0.48 * side), round(0.27 * side)), (round(0.53 * side), round(0.12 * side)),
                    (70, 50, 30), side // 50, cv2.LINE_AA)


def test_five_hundred_strokes_show_a_photograph_in_seconds_and_the_first_at_once():
    paint(picture(), max_strokes=1, max_divide=1)  # brushes are made at their first use
    moments = [time.process_time()]
    painting = paint(apple(), laid=lambda rows: moments.append(time.process_time()))
    assert painting.likeness is not None and painting.likeness >= 28 and 400 < len(painting.strokes) <= 500
    # Of 0.1 and 2.5 CPU seconds where nothing else runs.
    assert moments[1] - moments[0] < 0.5 and time.process_time() - moments[0] < 15


def test_gradient_steps_and_more_guesses_help():
    likeness = [
        paint(picture(), max_strokes=28, max_divide=3, canvas_size=128, candidates=count, iters=steps).likeness
        for count, steps in ((1, 0), (24, 0), (24, 8))
    ]
    assert likeness[0] < likeness[1] < likeness[2]


def test_the_same_seed_gives_the_same_strokes_and_another_does_not():
    plan = {"max_strokes": 14, "max_divide": 3, "candidates": 8, "iters": 2}
    first, second, other = (search(picture(), Plan(seed=seed, **plan)).values for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, second)
    assert first.shape != other.shape or np.abs(first - other).max() > 0.01


def test_any_aspect_is_painted_without_stretching():
    for height, width in ((40, 160), (160, 40), (64, 64), (1, 30)):
        painting = paint(np.full((height, width, 3), 80, np.uint8), max_strokes=70, max_divide=3, canvas_size=80)
        assert abs(painting.image.shape[0] / painting.image.shape[1] - height / width) < 0.02
    levels = Plan(max_divide=4).levels(0.25)
    assert [grid[:2] for grid in levels] == [(1, 2), (1, 4), (2, 6), (2, 8)]


def test_eight_bit_holds_only_upright_opaque_boxes():
    strokes = paint(picture(), eight_bit=True, max_strokes=30, max_divide=3, canvas_size=64).strokes
    assert strokes.renderer == "rectangle" and len(strokes)
    assert not strokes.values[:, 4].any() and (strokes.values[:, -1] == 1.0).all()


def test_sizes_opacity_and_single_colours_are_kept():
    strokes = paint(picture(), max_strokes=40, max_divide=3, canvas_size=64, min_size=0.1, max_size=0.25,
                    single_color=True).strokes
    sizes = strokes.values[:, 2:4]
    assert sizes.min() >= 0.1 - 1e-4 and sizes.max() <= 0.25 + 1e-4
    np.testing.assert_array_equal(strokes.values[:, 5:8], strokes.values[:, 8:11])
    for name in ("watercolor", "markerpen", "rectangle"):  # whose breadth is half of what a size says
        some = paint(picture(), renderer=name, max_strokes=40, max_divide=3, canvas_size=64, min_size=0.1,
                     max_size=0.25).strokes
        assert len(some) and some.values[:, list(some.layout.sizes)].min() / 2 >= 0.1 - 1e-4, name
    for name in ("watercolor", "markerpen", "rectangle"):
        opaque = paint(picture(), renderer=name, opaque=True, max_strokes=14, max_divide=3, canvas_size=64).strokes
        assert (opaque.values[:, -1] == 1.0).all(), name
        sheer = paint(picture(), renderer=name, max_strokes=14, max_divide=3, canvas_size=64).strokes
        assert (sheer.values[:, -1] < 1.0).any(), name


def test_a_stop_keeps_what_is_laid_and_a_cancelled_report_keeps_nothing():
    seen: list[int] = []
    stopped = search(
        picture(), Plan(max_strokes=100), stop=lambda: sum(seen) >= 8, laid=lambda rows: seen.append(len(rows))
    )
    assert len(stopped) == sum(seen) and 8 <= len(stopped) < 30
    report = NullReporter()
    report.cancelled = True
    with pytest.raises(CancelledError):
        search(picture(), Plan(max_strokes=100), report=report)


def test_a_pause_holds_the_strokes_says_so_and_changes_none():
    told, laid, answers = [], [], iter([False, True, True, True])
    report = NullReporter()
    report.stage = lambda name: told.append((name, len(laid)))
    plan = Plan(max_strokes=30, max_divide=3, candidates=6, iters=1)
    strokes = search(picture(), plan, report=report, laid=laid.extend, pause=lambda: next(answers, False))
    held = told[1][1]
    assert told == [("search", 0), ("paused", held), ("search", held), ("colours", len(laid))] and held < len(laid)
    np.testing.assert_array_equal(strokes.values, search(picture(), plan).values)
    plenty = search(picture(), plan, pause=lambda: True, stop=lambda: True)
    assert len(plenty) == 0, "what is held can end"


def test_a_time_budget_ends_the_search():
    strokes = search(picture(), Plan(max_strokes=20_000, max_divide=6, time_budget=0.5))
    assert 0 < len(strokes) < 15_000


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"max_strokes": 20, "max_divide": 5}, "makes 55 blocks"), ({"max_strokes": 0}, "max_strokes must be"),
    ({"candidates": 0}, "candidates must be"), ({"min_size": 0.5, "max_size": 0.2}, "the smaller one first"),
    ({"time_budget": 0.0}, "more than 0 seconds"), ({"eight_bit": True, "renderer": "markerpen"}, "with rectangles"),
    ({"canvas_color": "mauve"}, "must look like"), ({"canvas_size": 5}, "canvas_size must be"),
])  # fmt: skip
def test_what_cannot_be_painted_is_refused_with_a_sentence(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        paint(np.zeros((32, 32, 3), np.uint8), **wrong)


def test_strokes_stop_at_lines_and_lines_lie_on_top():
    drawing = np.full((96, 128), 255, np.uint8)
    cv2.rectangle(drawing, (32, 24), (95, 71), 0, 2)
    image = np.full((96, 128, 3), 255, np.uint8)
    image[24:72, 32:96] = (200, 30, 30)
    painting = paint(image, renderer="rectangle", max_strokes=30, max_divide=3, canvas_size=256, lines=drawing)
    outside = painting.image.astype(int)
    assert np.abs(outside[:40] - 255).mean() < 8 and np.abs(outside[100:140, 80:180] - (200, 30, 30)).mean() < 12
    assert painting.image[48:50, 80:180].mean() < 90  # the upper line
    with pytest.raises(InputError, match="one aspect"):
        paint(image, lines=drawing[:40], max_strokes=55)
