"""Letterbox and upscaling against the vectors of the spec of Tag2Pix, section 1.2."""

from __future__ import annotations

import numpy as np
import pytest
from preprocess_art import drawing

from preprocess.letterbox import content_box, pad_to_square, padding_of, remove_letterbox, square
from preprocess.upscale import enlarge, shrink


@pytest.mark.parametrize(
    "original,box,padding",
    [
        ((800, 1000), (52, 0, 407, 512), (52, 53, 0, 0)),
        ((1000, 800), (0, 52, 512, 407), (0, 0, 105, 0)),
        ((1000, 1000), (0, 1, 512, 510), (0, 0, 2, 0)),
        ((700, 900), (58, 0, 396, 512), (58, 58, 0, 0)),
    ],
)
def test_vectors_of_the_spec(original, box, padding):
    assert content_box(512, original) == box
    assert padding_of(box[2], box[3]) == padding
    assert square(np.zeros((512, 512, 3), np.uint8), original).shape == (512, 512, 3)


def test_a_portrait_is_mirrored_at_both_sides_and_a_landscape_on_top_only():
    portrait = drawing(1, height=64, width=40)
    padded = pad_to_square(portrait)
    assert padded.shape == (64, 64, 3)
    assert np.array_equal(padded[:, 12:52], portrait)
    assert np.array_equal(padded[:, :12], portrait[:, 11::-1])
    landscape = drawing(2, height=40, width=64)
    padded = pad_to_square(landscape)
    assert np.array_equal(padded[24:], landscape)
    assert np.array_equal(padded[:24], landscape[23::-1])


def test_white_borders_are_padded_with_white_and_not_mirrored():
    page = np.full((60, 40, 3), 255, np.uint8)
    page[20:40, 5:20] = (200, 10, 10)
    padded = pad_to_square(page)
    assert (padded[:, :10] == 255).all() and (padded[:, 50:] == 255).all()
    page[:, 0] = (200, 10, 10)  # only one side is white: mirror both
    assert (pad_to_square(page)[:, :10] != 255).any()


def test_black_bars_are_found_without_a_recorded_size():
    picture = drawing(3, height=100, width=160)
    boxed = np.zeros((160, 160, 3), np.uint8)
    boxed[30:130] = picture
    cut = remove_letterbox(boxed)
    assert 96 <= cut.shape[0] <= 100 and cut.shape[1] == 160
    assert cut.min(axis=(0, 1)).max() > 0 or (cut[0] > 60).any(), "no bar is left"
    sideways = np.ascontiguousarray(boxed.transpose(1, 0, 2))
    assert remove_letterbox(sideways).shape == (160, cut.shape[0], 3)


def test_what_only_looks_like_bars_is_kept():
    picture = drawing(4)
    assert remove_letterbox(picture) is picture
    framed = np.zeros((120, 120, 3), np.uint8)
    framed[20:100, 20:100] = 200
    assert remove_letterbox(framed).shape == framed.shape, "a frame on four sides belongs to the picture"
    white = np.full((120, 120, 3), 255, np.uint8)
    white[40:80] = (200, 100, 50)
    assert remove_letterbox(white).shape == white.shape, "white paper is no bar"
    night = np.zeros((120, 120, 3), np.uint8)
    night[20:100] = (np.hanning(80) * 200).astype(np.uint8)[:, None, None]
    assert remove_letterbox(night).shape == night.shape, "a dark sky fades in, a bar ends"
    assert remove_letterbox(np.zeros((50, 50, 3), np.uint8)).shape == (50, 50, 3)


def test_a_picture_that_is_not_square_ignores_its_recorded_size():
    picture = drawing(5, height=100, width=80)
    assert remove_letterbox(picture, (800, 1000)).shape == picture.shape


def test_sizes_after_shrinking_and_enlarging():
    picture = drawing(6, height=100, width=150)
    assert shrink(picture, 50).shape == (50, 75, 3)
    assert shrink(picture, 200) is picture
    assert enlarge(picture, 150).shape == (150, 225, 3)
    assert enlarge(picture, 80) is picture
    doubled = enlarge(picture, 250, doubler=lambda image: image.repeat(2, axis=0).repeat(2, axis=1))
    assert doubled.shape == (250, 375, 3)
    assert np.abs(doubled.mean() - picture.mean()) < 2


def test_slivers_survive():
    assert pad_to_square(np.zeros((1, 9, 3), np.uint8)).shape == (9, 9, 3)
    assert shrink(np.zeros((3, 900, 3), np.uint8), 2).shape == (2, 600, 3)
