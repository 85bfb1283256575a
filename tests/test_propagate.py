"""Hints that flood a drawing."""

from __future__ import annotations

import numpy as np

from s2p.propagate import (
    NONE,
    STRONG,
    WEAK,
    encode_draft_hint,
    encode_layered_hint,
    propagate,
)

RED, BLUE = (255, 0, 0), (0, 0, 255)


def _room(gap: int = 0) -> np.ndarray:
    """A page with a wall in the middle, perhaps with a gap."""
    page = np.full((64, 96), 255, np.uint8)
    page[:, 47:49] = 0
    page[30 : 30 + gap, 47:49] = 255
    return page


def test_lines_stop_colours():
    fill = propagate(_room(), [(0.2, 0.5, RED), (0.8, 0.5, BLUE)])
    assert (fill.colors[:, :46] == RED).all()
    assert (fill.colors[:, 50:] == BLUE).all()
    assert (fill.reach == STRONG).all()


def test_a_small_gap_does_not_join_two_regions():
    """The red hint lies at the gap and the blue one far from it: by distance alone, red would come through."""
    fill = propagate(_room(gap=5), [(0.42, 0.5, RED), (0.98, 0.5, BLUE)])
    assert (fill.colors[:, :44] == RED).all()
    assert (fill.colors[:, 52:] == BLUE).all()


def test_what_comes_through_a_wall_is_only_a_guess():
    fill = propagate(_room(), [(0.2, 0.5, RED)])
    assert (fill.colors == RED).all()
    assert (fill.reach[:, :44] == STRONG).all()
    assert (fill.reach[:, 60:] == WEAK).all()
    assert not fill.home[:, 60:].any()


def test_two_colours_in_one_region_are_certain_only_nearby():
    page = np.full((64, 200), 255, np.uint8)
    fill = propagate(page, [(0.1, 0.5, RED), (0.9, 0.5, BLUE)])
    assert fill.reach[32, 20] == STRONG and fill.reach[32, 100] == WEAK
    assert (fill.colors[32, 60] == RED).all() and (fill.colors[32, 140] == BLUE).all()


def test_no_hints_reach_nothing():
    fill = propagate(_room(), [])
    assert (fill.reach == NONE).all()
    assert (encode_draft_hint(fill) == (-512, 128, 128)).all()


def test_the_last_hint_at_a_place_wins():
    fill = propagate(np.full((16, 16), 255, np.uint8), [(0.5, 0.5, RED), (0.5, 0.5, BLUE)])
    assert (fill.colors == BLUE).all()


def test_painters_are_told_which_colours_are_certain_and_given_the_composition_for_the_rest():
    composition = np.full((64, 96, 3), (100, 40, 200), np.uint8)
    hint = encode_layered_hint(propagate(_room(), [(0.2, 0.5, RED)]), composition)
    filled, composed, certainty = hint[::2, ::2], hint[::2, 1::2], hint[1::2, ::2]
    assert np.allclose(filled[32, 10], (-1, -1, 1)) and certainty[32, 10, 0] == 1  # B, G, R
    assert np.allclose(composed[32, 80], np.array([200, 40, 100]) / 127.5 - 1) and certainty[32, 80, 0] == 0


def test_layered_hints_show_a_painter_both_guesses_and_how_sure_they_are():
    composition = np.full((64, 96, 3), 100, np.uint8)
    hint = encode_layered_hint(propagate(_room(), [(0.2, 0.5, RED)]), composition, reach=20.0)
    assert hint.shape == (128, 192, 3)
    filled, composed, certainty, has_hints = hint[::2, ::2], hint[::2, 1::2], hint[1::2, ::2], hint[1::2, 1::2]
    assert np.allclose(filled, (-1, -1, 1))  # B, G, R, through the wall as well
    assert np.allclose(composed, 100 / 127.5 - 1)
    assert (certainty[:, :44, :2] == 1).all() and (certainty[:, 60:, :2] == 0).all()
    assert certainty[32, 19, 2] == 1 and np.isclose(certainty[32, 39, 2], np.exp(-1.0), atol=0.02)
    assert (has_hints[..., 0] == 1).all()


def test_layered_hints_without_a_hint_are_the_composition_twice():
    composition = np.random.default_rng(1).integers(0, 256, (64, 96, 3)).astype(np.uint8)
    hint = encode_layered_hint(propagate(_room(), []), composition)
    assert np.array_equal(hint[::2, ::2], hint[::2, 1::2])
    assert (hint[1::2] == 0).all()


def test_pages_of_one_pixel_and_solid_ink_are_filled():
    for page in (np.full((1, 1), 255, np.uint8), np.zeros((20, 30), np.uint8)):
        fill = propagate(page, [(0.5, 0.5, RED)])
        assert (fill.colors == RED).all()
        assert (fill.reach != NONE).all()


def test_a_hint_on_a_line_colours_its_spot():
    fill = propagate(_room(), [(0.2, 0.5, RED), (0.5, 0.5, BLUE)])
    assert (fill.colors[32, 48] == BLUE).all() and fill.reach[32, 48] == STRONG
    assert (fill.colors[5, 20] == RED).all()


def test_lines_take_the_colour_of_the_paper_beside_them():
    """A hint in a nook must not creep along the outline of everything it touches."""
    page = np.full((80, 80), 255, np.uint8)
    page[20:60, 20:60] = 0
    page[23:57, 23:57] = 255
    page[36:44, 56:64] = 0
    page[38:42, 58:62] = 255  # a nook on the outline
    fill = propagate(page, [(0.5, 0.5, RED), (0.75, 0.5, BLUE)])
    assert (fill.colors[22:40, 24:54] == RED).all()
    assert (fill.reach[22:40, 24:54] == STRONG).all(), "the inner edge of the line is as certain as the paper beside it"
    assert (fill.reach[:15] == WEAK).all()
    assert not (fill.reach[18:21, 20:50] == STRONG).any()


def test_a_line_is_shared_by_the_papers_beside_it_wherever_it_is_darkest():
    """A flood alone would follow the softer ink to the darkest, and give the whole line to one side."""
    page = np.full((64, 96), 255, np.uint8)
    page[:, 40:48], page[:, 48:50] = 150, 0
    fill = propagate(page, [(0.2, 0.5, RED), (0.8, 0.5, BLUE)])
    assert (fill.colors[:, :44] == RED).all()
    assert (fill.colors[:, 46:] == BLUE).all()
