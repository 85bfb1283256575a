"""Files of several pages, HEIC and JPEG XL: what is taken, and what is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from s2p.errors import TooLargeError
from s2p.image import encode_image
from s2p.reading import read_picture
from tests.reading_cases import pages, refusal


@pytest.mark.parametrize("format", ["TIFF", "GIF", "PNG", "WEBP"])
def test_the_first_of_several_pages_is_taken_and_others_by_number(format):
    options = {"lossless": True} if format == "WEBP" else {}
    data = pages(format, **options)
    first, third = read_picture(data), read_picture(data, page=3)
    assert first.said == "It has several pages, and page 1 was taken." and first.offer == "--page N takes another."
    assert abs(int(first.image[0, 0, 0])) <= 2 and abs(int(third.image[0, 0, 0]) - 180) <= 2
    assert third.said == "It has several pages, and page 3 was taken."
    assert "no page 4: it has 3 in all" in refusal(data, page=4) and "from 1" in refusal(data, page=0)
    assert format != "TIFF" or third.image.shape == (20, 34, 3)
    assert read_picture(encode_image(first.image, "png")).said == ""


def test_a_later_page_is_measured_too():
    buffer = io.BytesIO()
    Image.new("L", (9, 9)).save(buffer, "TIFF", save_all=True, append_images=[Image.new("L", (300, 300))])
    assert read_picture(buffer.getvalue(), max_pixels=100).image.shape == (9, 9, 3)
    assert "300 x 300" in refusal(buffer.getvalue(), TooLargeError, max_pixels=100, page=2)


def test_frames_far_behind_the_first_are_not_played(monkeypatch):
    from s2p.reading import decoding

    monkeypatch.setattr(decoding, "_PLAYED_PIXELS", 30 * 20 * 2)
    assert read_picture(pages("GIF"), page=2).page == 2
    assert "too far" in refusal(pages("GIF"), TooLargeError, page=3)


def test_heic_is_read():
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 60)).save(buffer, "HEIF", quality=90)
    image = read_picture(buffer.getvalue()).image
    assert image.shape == (48, 64, 3) and np.abs(image.astype(int) - (200, 30, 60)).max() <= 6
    assert "64 x 48" in refusal(buffer.getvalue(), TooLargeError, max_pixels=1000)
    refusal(buffer.getvalue()[:-40])


@pytest.mark.parametrize("size", [(64, 48), (8, 8), (256, 256), (317, 211), (1600, 900), (700, 500)])
@pytest.mark.parametrize("boxes", [False, True])
def test_jpeg_xl_is_read_and_measured_before_it_is_decoded(size, boxes, monkeypatch):
    pytest.importorskip("pillow_jxl")
    buffer = io.BytesIO()
    Image.new("RGBA", size, (200, 30, 60, 90)).save(buffer, "JXL", lossless=True, use_container=boxes)
    image = read_picture(buffer.getvalue()).image
    assert image.shape == (size[1], size[0], 4) and image[0, 0].tolist() == [200, 30, 60, 90]
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("it is decoded"))
    assert f"{size[0]} x {size[1]}" in refusal(buffer.getvalue(), TooLargeError, max_pixels=size[0] * size[1] - 1)


@pytest.mark.parametrize("data", [b"\xff\x0a", b"\xff\x0a\0", b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0" * 40,
                                  b"\xff\x0a" + b"\xff" * 80])
def test_damaged_jpeg_xl_is_refused(data):
    pytest.importorskip("pillow_jxl")
    refusal(data)


@pytest.mark.parametrize("data, library", [(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "pillow-heif"),
                                           (b"\xff\x0a\xfa\x7f", "pillow-jxl-plugin")])
def test_without_its_library_the_install_line_is_named(monkeypatch, data, library):
    monkeypatch.setitem(__import__("sys").modules, library.replace("-plugin", "").replace("-", "_"), None)
    assert f"pip install {library}" in refusal(data, name="girl")
