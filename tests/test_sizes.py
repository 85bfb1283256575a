"""The resize rules of the V3 pipeline with its published size table, and which pictures are too long for them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2p import image as pictures
from s2p.errors import TooLargeError


@pytest.fixture
def colors() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (9, 7, 3), dtype=np.uint8)


# original, zoom, improved, S, S256, S128, composition, reader in, head out, Lanczos result; all width x height
SIZE_TABLE = """
500x500  1    1024x1024 1024x1024 256x256 128x128 512x512  224x256 512x512  768x768
500x469  1    1090x1024 1088x1024 256x256 144x128 512x512  224x256 544x512  816x768
708x1000 1    1024x1446 1024x1472 256x384 128x192 512x768  224x320 512x736  768x1104
335x1024 1    1024x3130 1024x3136 256x768 128x400 512x1536 224x704 512x1568 768x2352
512x447  1    1172x1024 1152x1024 320x256 144x128 640x512  256x224 576x512  864x768
708x1000 .5   512x722   512x704   256x384 128x176 512x768  224x320 256x352  384x528
500x469  .5   544x512   576x512   320x256 144x128 640x512  256x224 288x256  432x384
540x1024 .75  768x1456  768x1472  256x512 128x240 512x1024 224x448 384x736  576x1104
"""


def hw(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(height), int(width)


def pooled(shape: tuple[int, ...], k: int) -> tuple[int, int]:
    return -(-shape[0] // k), -(-shape[1] // k)


@pytest.mark.parametrize("row", SIZE_TABLE.strip().splitlines())
def test_published_size_table(row):
    original, zoom, *expected = row.split()
    f = float(zoom)
    gray = np.zeros(hw(original), np.uint8)
    cleaned = pictures.min_resize(gray, int(512 * f))
    improved = np.zeros((cleaned.shape[0] * 2, cleaned.shape[1] * 2), np.uint8)
    sketch = pictures.fit64(improved, int(64 * f))
    sketch_256 = pictures.fit64(np.zeros(pooled(sketch.shape, 2), np.uint8), 16)
    sketch_128 = pictures.fit16(np.zeros(pooled(sketch.shape, 4), np.uint8), 32)
    composition = np.zeros((sketch_256.shape[0] * 2, sketch_256.shape[1] * 2, 3), np.uint8)
    reader_in = pictures.fit64(composition, 14)
    head_out = np.zeros((sketch.shape[0] // 2, sketch.shape[1] // 2, 3), np.uint8)
    result = pictures.resize_to(head_out, head_out.shape, 1.5)
    found = [improved, sketch, sketch_256, sketch_128, composition, reader_in, head_out, result]
    assert [picture.shape[:2] for picture in found] == [hw(text) for text in expected]
    assert pictures.working_size(gray.shape, f) == sketch.shape


def test_interpolation_is_area_when_shrinking_and_lanczos_when_growing(colors):
    big = np.random.default_rng(1).integers(0, 256, (200, 260, 3), dtype=np.uint8)
    cases = [
        (big, pictures.fit64(big, 8), cv2.INTER_AREA),
        (colors, pictures.fit64(colors, 8), cv2.INTER_LANCZOS4),
        (big, pictures.fit16(big, 8), cv2.INTER_AREA),
        (colors, pictures.fit16(colors, 8), cv2.INTER_LANCZOS4),
        (big, pictures.min_resize(big, 90), cv2.INTER_AREA),
        (colors, pictures.min_resize(colors, 40), cv2.INTER_LANCZOS4),
        (big, pictures.max_resize(big, 90), cv2.INTER_AREA),
        (colors, pictures.max_resize(colors, 40), cv2.INTER_LANCZOS4),
        (big, pictures.resize_to(big, (7, 9)), cv2.INTER_AREA),
        (big, pictures.resize_to(big, big.shape, 1.5), cv2.INTER_LANCZOS4),
    ]
    for source, resized, interpolation in cases:
        assert np.array_equal(resized, cv2.resize(source, resized.shape[1::-1], interpolation=interpolation))


def test_the_two_families_choose_by_different_edges():
    wide = np.random.default_rng(2).integers(0, 256, (10, 300), dtype=np.uint8)
    fitted = pictures.resize_to(wide, (12, 200))  # short edge grows: Lanczos although the long edge shrinks
    assert np.array_equal(fitted, cv2.resize(wide, (200, 12), interpolation=cv2.INTER_LANCZOS4))
    same = pictures.min_resize(wide, 10)  # nothing shrinks
    assert np.array_equal(same, wide)


def test_arithmetic_is_double_with_the_ratio_in_the_written_order():
    assert pictures.fit64_size((256, 256), 14) == (256, 224)  # a square's width is its short edge
    for short in range(1, 400):
        assert pictures.min_size((short, 400), 512) == (512, int(512 / short * 400))
        expected = int(400 * (1024 / short)) + 32
        assert pictures.fit64_size((short, 400), 64) == (1024, expected - expected % 64)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
def test_rules_keep_dtype_and_dimensions(dtype, channels):
    picture = np.random.default_rng(3).integers(0, 256, (33, 21, *channels)).astype(dtype)
    for resized in (pictures.fit64(picture, 4), pictures.fit16(picture, 4), pictures.min_resize(picture, 10),
                    pictures.max_resize(picture, 50), pictures.resize_to(picture, (5, 6))):
        assert resized.dtype == dtype and resized.shape[2:] == channels


sides = st.integers(1, 5000)


@settings(deadline=None)
@given(sides, sides, st.integers(1, 128))
def test_fit_sizes_have_an_exact_short_edge_and_whole_multiples(height, width, k):
    for size, short, multiple in (
        (pictures.fit64_size((height, width), k), 16 * k, 64), (pictures.fit16_size((height, width), k), 4 * k, 16)
    ):
        own, other = size if height < width else size[::-1]
        exact = short * max(height, width) / min(height, width)
        assert own == short and other % multiple == 0 and other > 0
        assert abs(other - exact) <= multiple / 2 + 1 or other == multiple


@settings(deadline=None)
@given(sides, sides, st.integers(1, 2048))
def test_min_and_max_keep_the_aspect_within_a_pixel(height, width, m):
    low, high = min(height, width), max(height, width)
    smallest, largest = pictures.min_size((height, width), m), pictures.max_size((height, width), m)
    assert min(smallest) in (m, m - 1) and abs(max(smallest) - m / low * high) <= 1.0001
    assert max(largest) in (m, m - 1) and (min(largest) == 1 or abs(min(largest) - m / high * low) <= 1.0001)


@settings(deadline=None)
@given(sides, sides, st.sampled_from([0.25, 0.5, 0.75, 1.0, 2.0]))
def test_working_size_is_bounded_or_refused(height, width, zoom):
    try:
        size = pictures.working_size((height, width), zoom)
    except TooLargeError as error:
        assert f"{width} x {height}" in str(error)
    else:
        assert min(size) == min(16 * int(64 * zoom), *size) and size[0] * size[1] <= pictures.MAX_WORKING_PIXELS


def test_strips_are_refused_before_they_explode():
    for shape in ((1, 400), (400, 1), (40, 3000)):
        with pytest.raises(TooLargeError, match="too long and thin"):
            pictures.working_size(shape, 1.0)
    with pytest.raises(TooLargeError, match="The reference"):
        pictures.reference_size((1, 400))
    assert pictures.working_size((1, 1), 0.5) == (512, 512)
    assert pictures.reference_size((700, 500)) == (320, 224)
