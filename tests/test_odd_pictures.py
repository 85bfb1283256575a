"""Pictures that nobody expects are painted, or refused with a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from painter_cases import drawing, painter, sketch

from s2p.config import Settings
from s2p.errors import InputError, TooLargeError
from s2p.schema import Options


@pytest.mark.parametrize("method", ["colorization", "rendering", "recolorization"])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_blank_pages_are_painted(value, method):
    with np.errstate(all="raise"):
        result = painter().colorize(np.full((40, 30, 3), value, np.uint8), options=Options(method=method))
    assert result.image.shape == (40, 30, 3)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1), (2, 3, 4), (40, 30, 1), (200, 40, 3)])
def test_tiny_gray_and_transparent_pictures_are_painted(shape):
    image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert painter().colorize(image).image.ndim == 3


def test_transparent_paper_is_white():
    ghost = np.zeros((40, 40, 4), np.uint8)
    assert (painter().prepare(ghost).improved == 255).all()


@pytest.mark.parametrize("shape", [(40, 3000, 3), (1, 400, 3), (4000, 2)])
def test_strips_are_refused_with_a_sentence(shape):
    with pytest.raises(TooLargeError, match="too long and thin"):
        painter().colorize(np.zeros(shape, np.uint8), settings=Settings(zoom=1.0))


def test_a_long_reference_strip_is_refused():
    with pytest.raises(TooLargeError, match="reference"):
        painter().paint(sketch(), reference=np.zeros((4000, 2, 3), np.uint8), options=Options(mix=0.5))


@pytest.mark.parametrize("image", [np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4)), np.zeros((0, 4, 3), np.uint8)])
def test_arrays_that_are_no_pictures_are_refused(image):
    with pytest.raises(InputError, match="picture must be uint8"):
        painter().colorize(image)


def test_sketches_must_be_gray():
    with pytest.raises(InputError, match="sketch must be uint8"):
        painter().paint(drawing())
