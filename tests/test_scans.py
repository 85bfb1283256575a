"""Large scans: what a look at them costs in room, and which setting a refusal names."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest
from brought import figure

from s2p.cli import main
from s2p.errors import TooLargeError
from s2p.image import encode_image, load_image
from s2p.intake import paper, sight
from s2p.overlay import Pen, Shade, _counts, composed, shaded
from s2p.reading.limits import check_size


def scan() -> np.ndarray:
    page = figure(scale=2.0)
    noise = np.random.default_rng(0).normal(0, 5, page.shape).astype(np.float32)
    gray = np.clip(page * np.float32(0.85) + 8 + noise, 0, 255).astype(np.uint8)
    return cv2.merge([gray, gray, gray - np.minimum(gray, 12)])


def test_paper_is_whitened_in_the_room_of_three_pictures():
    """In floating point, all channels at once, it took five."""
    page = scan()
    light = paper.paper_of(page)
    assert light is not None
    tracemalloc.start()
    try:
        white = paper.whitened(page, light)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3 * page.nbytes and np.percentile(white, 60) >= 240 and white.shape == page.shape


@pytest.mark.parametrize("lines", ["tinted", "as-drawn", "none"])
def test_a_page_is_composed_in_the_room_of_its_colours(lines):
    """A page of A4 at 1200 dpi is 0.4 GB, so every copy counts; the pixels are the same."""
    page = figure(scale=4.0)
    random = np.random.default_rng(3)
    small = random.integers(0, 256, (page.shape[0] // 8, page.shape[1] // 8, 3), np.uint8)
    shade = Shade(random.integers(180, 256, (40, 30, 3), np.uint8), random.integers(0, 90, (40, 30, 3), np.uint8))
    colors = cv2.resize(small, page.shape[::-1], interpolation=cv2.INTER_NEAREST)
    kept = colors.copy()
    picture, clean = composed(colors, page, Pen(lines), shade=shade)
    assert np.array_equal(colors, kept), "they are the caller's"
    tracemalloc.start()
    try:
        again = composed(colors, page, Pen(lines), shade=shade, is_spent=True)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert np.array_equal(again[0], picture) and np.array_equal(again[1], clean)
    assert again[1] is colors and most < 3 * colors.nbytes


def test_a_page_and_its_shade_are_laid_channel_by_channel():
    """All channels of what is laid over colours take another page."""
    page = figure(scale=6.0, width=18)
    colours = np.full((*page.shape, 3), 180, np.uint8)
    random = np.random.default_rng(5)
    shade = Shade(random.integers(180, 256, (40, 30, 3), np.uint8), random.integers(0, 90, (40, 30, 3), np.uint8))
    tracemalloc.start()
    try:
        composed(colours, page, Pen(), shade=shade, is_spent=True)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2.1 * colours.nbytes
    shadow, light = (
        cv2.resize(some, page.shape[::-1], interpolation=cv2.INTER_LINEAR).astype(float) / 255
        for some in shade if some is not None
    )
    wanted = 255 * (1 - (1 - colours / 255 * shadow) * (1 - light))
    assert np.abs(shaded(colours, shade) - wanted).max() <= 2


@pytest.mark.parametrize("radius", [2, 5, 17])
def test_opening_and_closing_by_distances_are_those_by_a_disc(radius):
    """Which takes the square of the radius in time; they differ by how a disc is rounded to pixels."""
    noise = np.random.default_rng(radius).random((600, 500)).astype(np.float32)
    mask = (cv2.GaussianBlur(noise, (0, 0), 1.5 * radius) > 0.5).astype(np.uint8)
    for ours, kind in ((sight.opened, cv2.MORPH_OPEN), (sight.closed, cv2.MORPH_CLOSE)):
        expected = cv2.morphologyEx(mask, kind, sight.disc(radius))
        assert (expected != mask).mean() > 0.002 and (ours(mask, radius) != expected).mean() < 0.02, kind
    full, empty = np.ones((40, 40), np.uint8), np.zeros((40, 40), np.uint8)
    assert sight.opened(full, radius).all() and not sight.opened(empty, radius).any()
    assert sight.closed(full, radius).all() and not sight.closed(empty, radius).any()


def test_gray_paper_is_whitened_as_its_three_channels_are():
    gray = scan()[..., 0]
    page = cv2.merge([gray] * 3)
    light = paper.paper_of(page)
    assert light is not None and light.is_gray
    white = paper.whitened(page, light)
    tinted = page.copy()
    tinted[0, 0, 2] ^= 1  # so that it is no gray page any more
    assert (white[1:] == paper.whitened(tinted, light)[1:]).all() and white[..., 0].std() > 0


def test_grain_of_a_large_page_is_that_of_its_bands():
    noise = np.random.default_rng(1).normal(200, 6, (3000, 3000)).clip(0, 255).astype(np.uint8)
    assert abs(sight.grain(noise) - sight.grain(noise[:1500, :1500])) < 0.1


def test_levels_are_counted_exactly_on_pages_of_any_size():
    page = np.random.default_rng(2).integers(0, 256, (5001, 5003), np.uint8)
    assert np.array_equal(_counts(page), np.bincount(page.ravel(), minlength=256))


def test_a_refusal_names_the_setting_that_reads_more(tmp_path, capsys):
    with pytest.raises(TooLargeError, match=r"--million-pixels.*million_pixels"):
        check_size(9921, 14031, "a4.png", 64_000_000)
    source = tmp_path / "a.png"
    source.write_bytes(encode_image(np.full((200, 300), 255, np.uint8), "png"))
    assert main(["lines", str(source), "-o", str(tmp_path / "b.png"), "--million-pixels", "0.05"]) == 2
    assert "--million-pixels" in capsys.readouterr().err
    assert main(["lines", str(source), "-o", str(tmp_path / "b.png"), "--million-pixels", "0.06"]) == 0
    assert load_image(tmp_path / "b.png").shape == (200, 300, 3)
