"""Strokes: what their numbers mean, on a block and on a canvas, and what the vector engine draws of them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2p.errors import InputError
from s2p.strokes import raster
from s2p.strokes.layouts import LAYOUTS, Strokes, layout_of, to_blocks, to_canvas
from tests.stroke_cases import ALL, strokes_of

# Layouts --------------------------------------------------------------------------------------------------------------


def test_strokes_have_twelve_fifteen_twelve_and_nine_numbers():
    assert [LAYOUTS[name].size for name in ALL] == [12, 15, 12, 9]
    with pytest.raises(InputError, match=r"float32\[N, 12\]"):
        Strokes("oilpaintbrush", np.zeros((1, 9), np.float32))
    with pytest.raises(InputError, match="finite"):
        Strokes("rectangle", np.full((1, 9), np.nan, np.float32))
    with pytest.raises(InputError, match="oilpaintbrush, watercolor"):
        layout_of("airbrush")


@pytest.mark.parametrize("name", ALL)
def test_a_stroke_of_a_block_is_on_the_canvas_what_it_was_in_its_block(name):
    """Blocks of 128 px, drawn alone, and the same strokes on the canvas of 3 x 3 blocks, cut out there."""
    layout = layout_of(name)
    local = strokes_of(name, 9, seed=3).values[:, None]
    if layout.is_curve:
        local[..., 6:8] *= 0.5
    else:
        local[..., 2:4] *= 0.5 if name == "oilpaintbrush" else 1.0
    if name == "oilpaintbrush":  # one brush whatever the size, and the bristles stay where they are
        local[..., 2:4] = 0.2
    moved = to_canvas(local, layout, rows=3, columns=3)[:, 0]
    for number in range(9):
        frame = raster.stamp(moved[number], layout, raster.Frame(384, 384, 0, 384))
        whole = np.zeros((384, 384), np.float32)
        assert frame is not None
        whole[frame.box] = frame.alpha
        alone = np.zeros((128, 128), np.float32)
        mark = raster.stamp(local[number, 0], layout, raster.Frame(128, 128, 0, 128))
        assert mark is not None
        alone[mark.box] = mark.alpha
        row, column = divmod(number, 3)
        cut = whole[row * 128 : row * 128 + 128, column * 128 : column * 128 + 128]
        borders = cv2.dilate(alone, np.ones((3, 3))) - cv2.erode(alone, np.ones((3, 3))) > 0.02
        is_texture = name in ("oilpaintbrush", "watercolor")  # grain lies at other places of the larger canvas
        assert np.abs(cut - alone)[~borders].mean() < (0.06 if is_texture else 0.02)
        assert abs(cut.sum() - alone.sum()) < 0.04 * alone.sum() + 0.3 * borders.sum()  # less than a pixel around


@pytest.mark.parametrize("name", ALL)
def test_blocks_and_back_are_the_same_strokes(name):
    strokes = strokes_of(name, 20)
    blocks = to_blocks(strokes, rows=3, columns=3)
    assert blocks.shape[0] == 9
    back = to_canvas(blocks, strokes.layout, rows=3, columns=3).reshape(-1, strokes.layout.size)
    back = back[back[:, -1] > 0]
    by_alpha = back[np.argsort(back[:, -1])], strokes.values[np.argsort(strokes.values[:, -1])]
    np.testing.assert_allclose(*by_alpha, atol=1e-5)


# The vector engine ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_no_alpha_leaves_the_canvas_and_full_alpha_replaces_it(name):
    strokes = strokes_of(name, 6, canvas="#336699")
    nothing = strokes.values.copy()
    nothing[:, -1] = 0.0
    if name != "oilpaintbrush":  # whose alpha is stored and not used
        assert (raster.render(strokes.with_values(nothing), 64) == (0x33, 0x66, 0x99)).all()
    canvas = raster.Canvas(strokes, 64)
    row = strokes.values[0].copy()
    row[-1] = 1.0
    mark = canvas.stamp(row)
    canvas.lay(row)
    assert mark is not None
    covered = mark.alpha >= 0.999
    tone = np.ones_like(mark.alpha) if mark.tone is None else mark.tone
    along = np.zeros_like(mark.alpha) if mark.along is None else mark.along
    first, last = row[strokes.layout.color].reshape(-1, 3)[[0, -1]]
    wanted = (first[:, None, None] + (last - first)[:, None, None] * along) * tone
    found = canvas.planes[(slice(None), *mark.box)]
    if name in ("oilpaintbrush", "rectangle"):
        assert covered.sum() > 20
    np.testing.assert_allclose(found[:, covered], wanted[:, covered], atol=2e-3)


@pytest.mark.parametrize("name", ALL)
def test_a_larger_canvas_shows_the_same_painting(name):
    strokes = strokes_of(name, 20, aspect=0.7)
    small, large = raster.render(strokes, 512), raster.render(strokes, 1024)
    assert small.shape == (358, 512, 3) and large.shape == (717, 1024, 3)
    shrunk = cv2.resize(large, (512, 358), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk.astype(float) - small).mean() / 255 < 0.02


@pytest.mark.parametrize("name", ALL)
def test_bands_of_a_large_canvas_are_the_rows_of_the_whole(name):
    strokes = strokes_of(name, 12, aspect=1.3)
    whole = raster.Canvas(strokes, 300).lay_all(strokes).image
    parts = [raster.Canvas(strokes, 300, rows=rows).lay_all(strokes).image for rows in ((0, 110), (110, 300))]
    assert np.abs(np.concatenate(parts).astype(int) - whole).mean() < 0.5


def test_only_what_changes_is_touched():
    strokes = strokes_of("oilpaintbrush", 1)
    canvas = raster.Canvas(strokes, 256)
    before = canvas.planes.copy()
    box = canvas.lay(strokes.values[0])
    assert box is not None
    before[(slice(None), *box)] = canvas.planes[(slice(None), *box)]
    np.testing.assert_array_equal(before, canvas.planes)
    assert (box[0].stop - box[0].start) * (box[1].stop - box[1].start) < 0.5 * 256 * 256


def test_a_stroke_ends_at_walls():
    strokes = strokes_of("rectangle", 1, canvas="#000000")
    values = np.array([[0.3, 0.5, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0]], np.float32)
    walls = np.zeros((100, 100), np.int32)
    walls[:, 40:] = 1
    image = raster.Canvas(strokes, 100, walls=walls).lay_all(strokes.with_values(values)).image
    assert (image[50, 10:40] == 255).all() and not image[:, 40:].any()


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(ALL), size=st.integers(1, 90), aspect=st.floats(0.02, 50.0),
    values=st.lists(st.floats(0.0, 1.0, width=32), min_size=15, max_size=15),
)
def test_any_numbers_can_be_drawn(name, size, aspect, values):
    row = np.array([values[: layout_of(name).size]], np.float32)
    strokes = Strokes(name, row, aspect)
    assert raster.render(strokes, size).shape == (*strokes.size_at(size), 3)
