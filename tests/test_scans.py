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
from s2p.overlay import _counts
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
