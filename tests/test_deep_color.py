"""Pictures of more than 8 bits, and what files know of their resolution."""

from __future__ import annotations

import io
import struct
import tracemalloc

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from s2p.errors import TooLargeError
from s2p.image import encode_image, load_image
from s2p.reading import read_picture
from s2p.reading.deep import to_8_bits
from tests.reading_cases import drawing, refusal


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_resolution_is_known(format):
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, format, dpi=(300, 600))
    dpi = read_picture(buffer.getvalue()).dpi
    assert dpi is not None and np.allclose(dpi, (300, 600), atol=0.1)


def test_resolution_turns_with_the_picture_and_nonsense_is_none():
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (9, 5)).save(buffer, "JPEG", dpi=(300, 600), exif=exif)
    found = read_picture(buffer.getvalue())
    assert found.dpi == (600.0, 300.0) and found.image.shape[:2] == (9, 5)
    buffer = io.BytesIO()
    Image.new("RGB", (9, 5)).save(buffer, "PNG", dpi=(1, 1))
    assert read_picture(buffer.getvalue()).dpi is None and read_picture(encode_image(drawing(), "png")).dpi is None


@pytest.mark.parametrize("dtype, scale", [(np.float32, 1.0), (np.float64, 1.0)])
def test_deep_colour_is_brought_to_8_bits(dtype, scale):
    values = np.zeros((40, 30, 3), dtype)
    values[:, :15] = (1.0, 0.5, 0.0)
    data = cv2.imencode(".tiff", values[..., ::-1])[1].tobytes()
    image = load_image(data)
    assert image.shape == (40, 30, 3) and image[0, 0].tolist() == [255, 127, 0] and image[0, 29].max() == 0
    assert "40" in refusal(data, TooLargeError, max_pixels=1000)


def test_half_a_deep_picture_is_refused():
    data = cv2.imencode(".tiff", np.random.default_rng(0).random((60, 60, 3)).astype(np.float32))[1].tobytes()
    refusal(data[: len(data) // 2])


def tiff(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, photometric="minisblack" if values.ndim == 2 else "rgb")
    return buffer.getvalue()


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "uint32", "float16", "float32", "float64"])
def test_white_is_white_whatever_the_samples_are(dtype, channels):
    """Signed 16 bits came out half as bright, half of what unsigned 32 bits hold black."""
    kind = np.dtype(dtype)
    top = 1.0 if kind.kind == "f" else float(np.iinfo(kind).max)
    ranges = {(0.0, top), (0.0, 255.0 if kind.itemsize > 1 else 127.0)}
    if kind.kind == "i":
        ranges.add((-top - 1, top))
    for black, white in ranges:
        ramp = np.repeat(np.linspace(0.0, 1.0, 33)[None], 40, axis=0)
        values = (black + ramp * (white - black)).astype(np.float64)
        values = np.minimum(values, np.finfo(kind).max if kind.kind == "f" else np.iinfo(kind).max).astype(kind)
        values = values if channels == 1 else np.repeat(values[..., None], channels, axis=2)
        if channels == 4:
            values[..., 3] = white
        seen = load_image(tiff(values))[5, :, 0].astype(int)
        assert np.abs(seen - 255 * ramp[0]).max() <= 2, (black, white, seen.tolist())


def test_deep_pages_are_made_8_bits_in_little_room():
    """At once, in floating point, the most of what is read took ten gigabytes."""
    page = np.full((2000, 1500, 3), 2**31 - 1, np.int32)
    page[:, 700] = 0
    tracemalloc.start()
    try:
        eight = to_8_bits(page)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert eight[0, 0, 0] == 255 and eight[0, 700, 0] == 0
    assert most < 3 * eight.nbytes + 40_000_000


def test_what_would_take_gigabytes_is_refused_before_it_is_read():
    page = tiff(np.zeros((2, 2, 4), np.float64))
    for tag in (256, 257):  # width and height, as large as may be read
        at = page.index(struct.pack("<HH", tag, 4), 8) if struct.pack("<HH", tag, 4) in page else page.index(
            struct.pack("<HH", tag, 3), 8)
        page = page[:at] + struct.pack("<HHII", tag, 4, 1, 7900) + page[at + 12 :]
    assert "GB" in refusal(page, TooLargeError)


@pytest.mark.parametrize(("ending", "dtype", "channels", "bits"), [
    (".png", np.uint16, 3, 16), (".png", np.uint16, 4, 16), (".png", np.uint16, 1, 16), (".tif", np.uint16, 3, 16),
    (".tif", np.uint16, 1, 16), (".tif", np.float32, 3, 32), (".tif", np.float32, 1, 32), (".png", np.uint8, 3, 8),
    (".tif", np.uint8, 1, 8), (".jpg", np.uint8, 3, 8),
])  # fmt: skip
def test_what_deep_files_lose_is_said(ending, dtype, channels, bits):
    values = np.zeros((20, 30, channels), dtype)
    values[5:] = 1.0 if dtype == np.float32 else np.iinfo(dtype).max
    found = read_picture(cv2.imencode(ending, values)[1].tobytes())
    said = "" if bits == 8 else f"Of its {bits} bits a channel the upper 8 are used."
    assert (found.bits, found.said) == (bits, said)
    assert found.image[0, 0, 0] == 0 and found.image[10, 10, 0] == 255 and found.image.dtype == np.uint8
