"""The hands that lines are drawn in."""

from __future__ import annotations

import numpy as np
import pytest
from preprocess_art import drawing

from preprocess.lines import blend, darken, draw, draw_all, tag2pix_lines, vary
from preprocess.plan import FLAVOURS
from s2p.errors import InputError, WeightsMissingError


def test_darkening_follows_the_table_of_the_spec():
    levels = np.array([[0, 64, 128, 192, 255]], np.uint8)
    assert darken(levels, 1.4).tolist() == [[0, 36, 97, 171, 255]]


@pytest.mark.parametrize("flavour", [name for name in FLAVOURS if name != "extracted"])
def test_every_flavour_draws_dark_lines_on_white_paper(flavour):
    picture = drawing(3)
    lines = draw(picture, flavour, seed=4)
    assert lines.shape == picture.shape[:2] and lines.dtype == np.uint8
    assert np.median(lines) > 235, "most of a page is paper"
    assert lines.min() < 120, "there is ink"
    assert np.array_equal(lines, draw(picture, flavour, seed=4)), "the same seed draws the same"


def test_hard_lines_have_two_values_and_change_with_the_seed():
    picture = drawing(5)
    drawings = [tag2pix_lines(picture, np.random.default_rng(seed)) for seed in range(8)]
    assert all(set(np.unique(lines)) == {0, 255} for lines in drawings)
    assert len({lines.tobytes() for lines in drawings}) > 1


def test_the_learned_extractor_is_used_or_asked_for():
    picture = drawing(1)
    with pytest.raises(WeightsMissingError, match="line_extractor"):
        draw(picture, "extracted")
    extracted = draw(picture, "extracted", extractor=lambda image: np.full(image.shape[:2], 7, np.uint8))
    assert (extracted == 7).all()
    with pytest.raises(InputError, match="Unknown line flavour"):
        draw(picture, "charcoal")


def test_flavours_are_stacked_in_the_order_asked_for():
    picture = drawing(2)
    stack = draw_all(picture, ("gradient", "hard"), seed=9)
    assert stack.shape == (*picture.shape[:2], 2)
    assert np.array_equal(stack[..., 0], draw(picture, "gradient"))
    assert set(np.unique(stack[..., 1])) == {0, 255}


def test_blend_with_no_share_of_xdog_only_retones_the_sketch():
    sketch = np.arange(0, 250, 10, dtype=np.uint8).reshape(5, 5)
    xdog_lines = np.zeros((5, 5), np.uint8)
    assert np.array_equal(blend(xdog_lines, sketch, 0.0), darken(darken(sketch, 1.7), 1 / 1.5))
    assert blend(xdog_lines, sketch, 1.0).max() == 0


def test_thickness_and_strength():
    page = np.full((21, 21), 255, np.uint8)
    page[:, 9:12] = 60
    ink = lambda lines: int((255 - lines.astype(int)).sum())  # noqa: E731
    widths = [ink(vary(page, thickness=t)) for t in (0.2, 0.6, 1.0, 1.5, 2.0, 3.0)]
    assert widths == sorted(widths) and len(set(widths)) == 6
    assert vary(page, thickness=2.0)[0].tolist().count(60) == 5
    tones = [ink(vary(page, strength=s)) for s in (0.0, 0.5, 1.0, 1.3)]
    assert tones[0] == 0 and tones == sorted(tones) and len(set(tones)) == 4
    assert np.array_equal(vary(page), page)
    assert vary(page[..., None].repeat(2, axis=2), thickness=1.5).shape == (21, 21, 2)


def test_soft_lines_of_a_dark_picture_can_be_seen():
    picture = (drawing(3) // 5).astype(np.uint8)
    darkest = [np.percentile(draw(picture, "xdog", seed=seed), 0.5) for seed in range(12)]
    assert np.median(darkest) < 170
    assert draw(np.full((40, 40, 3), 9, np.uint8), "xdog").min() == 255, "there is nothing to draw on an even page"
