"""Padding and tiling change nothing that the function did not do itself."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2p.errors import CancelledError
from s2p.progress import FractionReporter, NullReporter
from s2p.tiling import pad_to_multiple, run_padded, run_tiled


def picture(height: int, width: int, channels: int | None = 3) -> np.ndarray:
    shape = (height, width) if channels is None else (height, width, channels)
    return np.random.default_rng(height * 1000 + width).integers(0, 256, shape, dtype=np.uint8)


@settings(deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 64), st.sampled_from([None, 1, 3]))
def test_padding_reaches_the_multiple_and_keeps_the_picture(height, width, multiple, channels):
    image = picture(height, width, channels)
    padded = pad_to_multiple(image, multiple)
    assert padded.shape[0] % multiple == 0 and padded.shape[1] % multiple == 0
    assert padded.shape[0] - height < multiple and padded.shape[1] - width < multiple
    assert np.array_equal(padded[:height, :width], image)


def test_padding_mirrors_where_it_can():
    padded = pad_to_multiple(np.arange(6)[None].repeat(6, axis=0), 8)
    assert padded[0].tolist() == [0, 1, 2, 3, 4, 5, 4, 3]
    assert pad_to_multiple(np.full((1, 1), 7), 4).tolist() == [[7] * 4] * 4


def test_padded_run_shows_the_function_only_whole_multiples():
    def doubled(piece):
        assert piece.shape[0] % 16 == 0 and piece.shape[1] % 16 == 0
        return piece.repeat(2, axis=0).repeat(2, axis=1)

    image = picture(21, 33)
    result = run_padded(doubled, image, multiple=16, scale=2)
    assert np.array_equal(result, image.repeat(2, axis=0).repeat(2, axis=1))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(2, 40), st.data())
def test_a_pointwise_function_gives_the_same_tiled(height, width, tile, data):
    overlap = data.draw(st.integers(0, tile - 1).filter(lambda o: o <= tile * 3 // 4 or tile < 12))
    scale = data.draw(st.sampled_from([1, 2]))
    image = picture(height, width, data.draw(st.sampled_from([None, 3])))

    def enlarge(piece):
        return (255 - piece).repeat(scale, axis=0).repeat(scale, axis=1)

    result = run_tiled(enlarge, image, tile=tile, overlap=overlap, scale=scale, multiple=4)
    assert result.dtype == np.uint8 and np.array_equal(result, enlarge(image))


def test_a_local_filter_gives_the_same_up_to_rounding_and_border():
    image = picture(150, 131).astype(np.float32)

    def blur(piece):
        return cv2.GaussianBlur(piece, (7, 7), 0)

    whole, tiled = blur(image), run_tiled(blur, image, tile=64, overlap=48)
    # Only the outermost pixels of a tile differ, and there the tile hardly counts.
    assert np.abs(whole - tiled).mean() < 0.5 and np.abs(whole - tiled).max() < 12


def test_seams_are_invisible_when_tiles_disagree():
    levels = iter(np.linspace(0, 200, 9))
    result = run_tiled(
        lambda piece: np.full(piece.shape, next(levels), np.float32), np.zeros((128, 128), np.float32),
        tile=64, overlap=32,
    )
    assert np.abs(np.diff(result, axis=1)).max() < 25 / 16 and np.abs(np.diff(result, axis=0)).max() < 75 / 16


def test_memory_is_bounded_by_the_tile():
    seen = []

    def note(piece):
        seen.append(piece.shape)
        return piece

    run_tiled(note, picture(1000, 50), tile=128, overlap=16, multiple=32)
    assert max(height * width for height, width, _ in seen) <= 128 * 128 and len(seen) == 9


def test_progress_ends_at_one_and_cancel_stops():
    reporter = FractionReporter({"finish": 1.0})
    reporter.stage("finish")
    run_tiled(lambda piece: piece, picture(100, 100), tile=40, overlap=8, report=reporter)
    assert reporter.fraction == 1.0
    cancelled = NullReporter()
    cancelled.cancelled = True
    with pytest.raises(CancelledError):
        run_tiled(lambda piece: piece, picture(100, 100), tile=40, overlap=8, report=cancelled)


def test_an_overlap_without_progress_is_refused():
    for tile, overlap in ((16, 16), (16, -1), (0, 0)):
        with pytest.raises(ValueError, match="overlap"):
            run_tiled(lambda piece: piece, picture(40, 40), tile=tile, overlap=overlap)
