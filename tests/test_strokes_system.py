"""The system `strokes`: what a request asks for becomes strokes, and what becomes of it where something is odd."""

from __future__ import annotations

import json
from typing import get_args

import numpy as np
import pytest

import s2p.strokes.video
from s2p.errors import CancelledError, InputError, OutputError
from s2p.pipelines.request import Request, run
from s2p.progress import NullReporter
from s2p.strokes.layouts import LAYOUTS
from s2p.strokes.options import Renderer, StrokeOptions
from s2p.strokes.plan import Plan, divisions
from s2p.systems import system_of

QUICK = StrokeOptions(max_strokes=20, film=False)


@pytest.fixture
def picture() -> np.ndarray:
    y, x = np.mgrid[0:48, 0:64]
    return np.dstack([4 * x, 5 * y, 255 - 3 * x]).astype(np.uint8)


class Watcher(NullReporter):
    """Notes stages and pictures; may cancel, or have enough, once the first strokes are shown."""

    def __init__(self, at_first: str = "") -> None:
        super().__init__()
        self.stages: list[str] = []
        self.shown: list[np.ndarray] = []
        self._at_first = at_first

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def picture(self, stage: str, image: np.ndarray) -> None:
        assert stage == "search"
        self.shown.append(image.copy())
        if self._at_first:
            setattr(self, self._at_first, True)


def test_every_kind_of_stroke_can_be_asked_for():
    assert get_args(Renderer) == tuple(LAYOUTS)


def test_it_goes_through_the_stages_of_its_row(picture):
    watcher = Watcher()
    result = run("strokes", Request(picture, own=StrokeOptions(max_strokes=20)), report=watcher)
    assert watcher.stages == list(system_of("strokes").stages)
    assert result.image.shape == picture.shape and set(result.files) == {"json", "svg", "mp4"}
    assert result.composition is None and (result.lines == 255).all()
    assert len(watcher.shown) >= 1 and watcher.shown[0].shape == (384, 512, 3)
    assert set(result.timings) <= set(system_of("strokes").stages)
    smaller = run("strokes", Request(picture, own=QUICK, output_size="painted"))
    assert smaller.image.shape == (384, 512, 3) and set(smaller.files) == {"json", "svg"}


def test_enough_keeps_and_cancelling_leaves_nothing(picture):
    many = Request(picture, own=StrokeOptions(max_strokes=2000, film=False))
    result = run("strokes", many, report=Watcher("enough"))
    assert 0 < len(json.loads(result.files["json"])["strokes"]) < 200
    with pytest.raises(CancelledError):
        run("strokes", many, report=Watcher("cancelled"))


@pytest.mark.parametrize("shape", [(1, 40, 3), (40, 1), (7, 200, 4), (30, 30, 3)])
def test_odd_pictures_become_strokes_of_their_size(shape):
    result = run("strokes", Request(np.full(shape, 90, np.uint8), own=StrokeOptions(max_strokes=50)))
    assert result.image.shape == (*shape[:2], 3) and result.files["mp4"]


def test_a_blank_picture_needs_no_stroke():
    result = run("strokes", Request(np.full((20, 30, 3), 255, np.uint8), own=StrokeOptions(max_strokes=10)))
    assert (result.image == 255).all() and json.loads(result.files["json"])["strokes"] == []


def test_a_film_that_cannot_be_written_costs_no_painting(picture, monkeypatch):
    def refuse(*args, **options):
        raise OutputError("This OpenCV cannot write MP4.")

    monkeypatch.setattr(s2p.strokes.video, "write_video", refuse)
    result = run("strokes", Request(picture, own=StrokeOptions(max_strokes=10)))
    assert set(result.files) == {"json", "svg"}


@pytest.mark.parametrize("count", [10, 100, 500, 1836, 5000])
@pytest.mark.parametrize("aspect", [0.1, 0.75, 1.0, 3.0, 10.0])
def test_the_divisions_leave_every_block_a_stroke(count, aspect):
    levels = Plan(max_strokes=count, max_divide=divisions(count, aspect)).levels(aspect)
    assert sum(number for *_, number in levels) <= count


def test_hints_are_refused(picture):
    from s2p.schema import Hint, Hints

    with pytest.raises(InputError, match="Strokes makes no use of hints"):
        run("strokes", Request(picture, hints=Hints([Hint(x=0.5, y=0.5, color="#f00")])))


def test_options_that_cannot_be_are_refused():
    for wrong in ({"max_strokes": 9}, {"max_strokes": 10.5}, {"renderer": "chalk"}, {"time_budget": 0.0},
                  {"time_budget": float("nan")}, {"seed": 2**31}, {"canvas_color": "red"}, {"film": 1}):
        with pytest.raises((InputError, ValueError)):
            StrokeOptions.model_validate(wrong)
