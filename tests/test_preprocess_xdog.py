"""XDoG against an independent computation with scikit-image, and the facts that its users rely on."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.filters import gaussian

from s2p.errors import InputError
from s2p.xdog import BOLD, HARD, SOFT, XdogStyle, random_style, sharpen, xdog


def drawing(size: int = 96, seed: int = 3) -> np.ndarray:
    """A flat-coloured cartoon with dark outlines, `uint8[size, size, 3]` RGB."""
    generator = np.random.default_rng(seed)
    page = np.full((size, size, 3), 245, np.uint8)
    for _ in range(6):
        center = tuple(int(v) for v in generator.integers(10, size - 10, 2))
        radius = int(generator.integers(8, size // 3))
        color = tuple(int(v) for v in generator.integers(60, 250, 3))
        cv2.circle(page, center, radius, color, -1, cv2.LINE_AA)
        cv2.circle(page, center, radius, (25, 20, 30), 2, cv2.LINE_AA)
    return page


def difference_by_skimage(gray: np.ndarray, sigma: float, k: float, gamma: float) -> np.ndarray:
    def blur(width: float) -> np.ndarray:
        radius = (round(6 * width + 1) | 1) // 2
        return gaussian(gray.astype(np.float64) / 255, width, mode="mirror", truncate=radius / width)

    return blur(sigma) - gamma * blur(k * sigma)


@pytest.mark.parametrize("sigma,k,gamma", [(0.35, 2.0, 0.95), (0.45, 3.0, 0.95), (0.5, 4.5, 0.98), (1.5, 2.0, 0.97)])
@pytest.mark.parametrize("epsilon", [0.0, 0.1 / 255, -0.05])
def test_hard_form_is_the_comparison_that_skimage_computes(sigma, k, gamma, epsilon):
    gray = cv2.cvtColor(drawing(), cv2.COLOR_RGB2GRAY)
    difference = difference_by_skimage(gray, sigma, k, gamma)
    ours = xdog(gray, sigma=sigma, k=k, gamma=gamma, epsilon=epsilon, hard=True)
    decided = np.abs(difference - epsilon) > 1e-5  # float32 cannot decide nearer than that
    assert decided.mean() > 0.95
    assert np.array_equal(ours[decided], np.where(difference < epsilon, 0, 255)[decided])
    if epsilon == 0:
        assert 0.01 < (ours == 0).mean() < 0.6, "the drawing must test ink as well as paper"


@pytest.mark.parametrize("sigma,k,gamma,epsilon,phi", [(0.5, 4.5, 0.95, 0, 12), (0.8, 1.6, 0.97, -0.02, 50)])
def test_soft_form_agrees_with_the_paper_computed_by_skimage(sigma, k, gamma, epsilon, phi):
    gray = cv2.cvtColor(drawing(seed=5), cv2.COLOR_RGB2GRAY)
    difference = difference_by_skimage(gray, sigma, k, gamma)
    expected = np.where(difference >= epsilon, 255, 255 * (1 + np.tanh(phi * (difference - epsilon))))
    ours = xdog(gray, sigma=sigma, k=k, gamma=gamma, epsilon=epsilon, phi=phi)
    assert np.abs(ours - expected).max() < 0.52
    assert len(np.unique(ours)) > 20, "the soft form has tones"


def test_rgb_is_weighed_as_luma():
    picture = drawing()
    luma = np.rint(picture @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    assert (np.abs(xdog(picture).astype(int) - xdog(luma)) > 16).mean() < 0.005
    swapped = xdog(np.ascontiguousarray(picture[..., ::-1]))
    assert not np.array_equal(xdog(picture), swapped), "red and blue must not weigh the same"


def test_paper_is_white_and_flat_areas_have_no_ink():
    for value in (0, 1, 3, 128, 255):
        flat = np.full((40, 30), value, np.uint8)
        assert xdog(flat, hard=True).min() == 255
        assert xdog(flat).min() == 255


def test_a_lone_black_dot_is_ink_in_both_forms():
    page = np.full((21, 21), 255, np.uint8)
    page[10, 10] = 0
    assert HARD(page)[10, 10] == 0, "the original loses the darkest dots; ours must not"
    assert SOFT(page)[10, 10] < 8


def test_a_larger_sigma_draws_bolder_lines():
    page = np.full((64, 64), 255, np.uint8)
    page[30:34] = 0
    ink = [(xdog(page, sigma=sigma, k=2.5, hard=True) == 0).sum() for sigma in (0.4, 1.0, 2.0)]
    assert ink == sorted(ink) and ink[0] < ink[2]


def test_auto_painter_style_is_two_valued_with_a_sane_amount_of_ink():
    lines = BOLD(drawing(128))
    assert set(np.unique(lines)) <= {0, 255}
    assert 0.01 < (lines == 0).mean() < 0.5
    assert np.array_equal(lines, BOLD(drawing(128)))


def test_sharpen_agrees_with_pillow_inside_the_picture():
    from PIL import Image, ImageEnhance

    picture = drawing()
    expected = np.asarray(ImageEnhance.Sharpness(Image.fromarray(picture)).enhance(3.0)).astype(int)
    assert np.abs(sharpen(picture, 3.0).astype(int) - expected)[2:-2, 2:-2].max() <= 3
    assert np.array_equal(sharpen(picture, 1.0), picture)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1, 3), (3, 3, 3)])
def test_slivers_have_lines_too(shape):
    picture = np.full(shape, 90, np.uint8)
    for style in (SOFT, HARD, BOLD):
        assert style(picture).shape == shape[:2]


def test_wrong_pictures_and_parameters_are_refused_with_a_sentence():
    for bad in (np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4), np.float32), np.zeros((0, 4), np.uint8)):
        with pytest.raises(InputError, match="uint8 picture"):
            xdog(bad)
    for parameters in ({"sigma": 0.0}, {"k": 1.0}, {"phi": -1.0}):
        with pytest.raises(InputError, match="sigma > 0"):
            xdog(drawing(), **parameters)


def test_random_styles_vary_and_repeat_with_their_seed():
    styles = [random_style(np.random.default_rng(seed)) for seed in range(40)]
    assert styles[0] == random_style(np.random.default_rng(0))
    assert {style.hard for style in styles} == {True, False}
    assert all(isinstance(style, XdogStyle) for style in styles)
    assert len({style.sigma for style in styles}) == 40
