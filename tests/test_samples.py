"""The shipped sample drawings are whole, light, and have hints that lie on paper and not on ink."""

from __future__ import annotations

import numpy as np
import pytest

from s2p import samples
from s2p.errors import NotFoundError
from s2p.image import load_image, working_size
from s2p.samples.pen import Sheet, curve, oval, polygon
from s2p.schema import Hints


@pytest.mark.parametrize("name", samples.names())
def test_sample_is_light_gray_line_art_with_a_title(name):
    path = samples.sketch_path(name)
    picture = load_image(path)
    assert path.stat().st_size < 120_000 and max(picture.shape[:2]) == 1000 and min(picture.shape[:2]) >= 700
    assert (picture == picture[:, :, :1]).all()
    assert 0.02 < (picture < 128).mean() < 0.15 and (picture > 240).mean() > 0.8
    assert samples.title(name)
    working_size(picture.shape, 2.0)


@pytest.mark.parametrize("name", samples.names())
def test_every_hint_of_a_sample_lies_on_paper(name):
    hints = Hints.loads(samples.hints_path(name).read_bytes())
    picture = load_image(samples.sketch_path(name))[:, :, 0]
    height, width = picture.shape
    assert 20 <= len(hints) <= 60 and 1 <= len(hints.of("draft")) <= 4  # enough that no part is left over
    for hint in hints:
        x, y = int(hint.x * width), int(hint.y * height)
        assert picture[y - 2 : y + 3, x - 2 : x + 3].min() > 230, hint


@pytest.mark.parametrize("name", samples.names())
def test_the_shipped_hints_are_those_of_the_drawing_program(name):
    from s2p.samples.draw import make

    assert make(name)[1] == samples.hints_path(name).read_text(encoding="utf-8")


def test_a_sample_is_drawn_again_nearly_the_same():
    """The generator made the shipped file; other library versions may place a few edge pixels differently."""
    from s2p.samples import fashion

    shipped = load_image(samples.sketch_path("fashion"))[:, :, 0]
    difference = np.abs(fashion.draw().finished().astype(int) - shipped)
    assert difference.mean() < 3 and (difference > 40).mean() < 0.002


def test_unknown_sample_is_named():
    with pytest.raises(NotFoundError, match="'horse'"):
        samples.sketch_path("horse")


def test_curve_passes_through_its_points_and_keeps_corners():
    points = [(0.0, 0.0), (10.0, 5.0), (20.0, 0.0)]
    line = curve(points)
    assert all(np.hypot(*(line - np.array(point)).T).min() < 1e-9 for point in points)
    square = curve(polygon((0, 0), (10, 0), (10, 10), (0, 10)), closed=True)
    assert square.min() >= 0 and square.max() <= 10  # a smooth curve would bulge out of the square


def test_same_seed_gives_the_same_drawing_and_shapes_cover():
    def drawing(seed):
        sheet = Sheet(80, 60, seed=seed)
        sheet.stroke([(0, 30), (80, 30)], 4, taper=0)
        sheet.shape(oval(40, 30, 15, 15))
        return sheet.finished()

    assert np.array_equal(drawing(1), drawing(1)) and not np.array_equal(drawing(1), drawing(2))
    assert drawing(1)[30, 40] == 255 and drawing(1)[30, 10] < 60


@pytest.mark.parametrize("name", samples.names())
def test_a_sample_comes_with_its_painting(name):
    painting, sketch = load_image(samples.result_path(name)), load_image(samples.sketch_path(name))
    assert painting.shape == (*sketch.shape[:2], 3)
    assert (painting.max(-1).astype(int) - painting.min(-1)).mean() > 20, "the painting is grey"
