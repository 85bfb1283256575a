"""What is said of files and pages that were once taken without a word: CMYK, one layer, nothing drawn."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from s2p.config import MOST_MILLION_PIXELS
from s2p.errors import TooLargeError
from s2p.image import encode_image
from s2p.intake import as_it_is, sentence, take_in
from s2p.reading import read_picture
from tests.desks import Lying
from tests.reading_cases import refusal


def cmyk(**options) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (80, 90), "white").convert("CMYK").save(buffer, "JPEG", quality=95, **options)
    return buffer.getvalue()


def flat_psd(*, channels: int = 3, profile: bytes = b"") -> bytes:
    """One as Photoshop writes it without layers, white, in RGB or with four channels in CMYK."""
    page = np.full((channels, 90, 80), 255, np.uint8)
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, channels, 90, 80, 8, channels)  # 3 is RGB, 4 is CMYK
    held = struct.pack(">4sHHI", b"8BIM", 1039, 0, len(profile)) + profile + b"\0" * (len(profile) % 2)
    held = held if profile else b""
    return head + struct.pack(">II", 0, len(held)) + held + struct.pack(">IH", 0, 0) + page.tobytes()


def test_cmyk_says_what_became_of_its_inks():
    said = read_picture(cmyk()).said
    assert said == "Its CMYK colours were converted to RGB, without a profile, for the file has none to use."
    of_rgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # does not fit
    assert read_picture(cmyk(icc_profile=of_rgb)).said == said
    assert read_picture(encode_image(np.full((9, 9, 3), 255, np.uint8), "jpg")).said == ""


def test_a_profile_of_inks_is_named(monkeypatch):
    from s2p.reading import decoding

    monkeypatch.setattr(decoding, "in_srgb", lambda picture: picture.convert("RGB"))
    assert read_picture(cmyk()).said == "Its CMYK colours were converted to RGB, by the profile in the file."


def test_cmyk_of_photoshop_says_what_became_of_its_inks(monkeypatch):
    from s2p.reading import photoshop

    brought, without = read_picture(flat_psd(channels=4)), "without a profile, for the file has none to use."
    assert brought.said.startswith(f"Its CMYK colours were converted to RGB, {without} It has one layer")
    assert brought.image.shape == (90, 80, 3) and (brought.image == 255).all()
    of_rgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # does not fit
    assert without in read_picture(flat_psd(channels=4, profile=of_rgb)).said
    seen = []

    def in_srgb(pixel: Image.Image) -> Image.Image:
        seen.append(pixel.info["icc_profile"])
        return pixel.convert("RGB")

    monkeypatch.setattr(photoshop, "in_srgb", in_srgb)
    assert "to RGB, by the profile in the file." in read_picture(flat_psd(channels=4, profile=of_rgb)).said
    assert seen == [of_rgb]


def test_a_file_of_one_layer_says_so():
    brought = read_picture(flat_psd())
    assert brought.said == "It has one layer, which was taken as it is." and brought.image.shape == (90, 80, 3)
    assert brought.offer == ""


@pytest.mark.parametrize(("name", "data", "said"), [
    ("a.jpg", cmyk(), "Its CMYK colours were converted to RGB"), ("a.psd", flat_psd(), "It has one layer"),
])  # fmt: skip
def test_a_room_says_it(app, name, data, said):
    room = app.post("/api/v1/rooms", upload_files=[("file", name, data)], status=201).json
    assert said in room["taken"] and room["picked"] is None
    assert room["corrected"] == ["empty"] and room["corrected_sketch"] is None


def test_a_page_without_a_drawing_is_said():
    white = np.full((300, 300), 255, np.uint8)
    assert take_in(white).told == as_it_is(white).told == ("empty",) and take_in(white).found == ()
    assert sentence(("empty",)) == "No drawing was found on this page."
    drawn = white.copy()
    drawn[100:103] = 0
    assert take_in(drawn).told == ()
    bare = Lying(wood=0.05).photograph(np.full((600, 500, 3), 255, np.uint8))
    assert take_in(bare).told[-1] == "blank"  # which says that nothing is drawn on it


def test_the_most_pixels_that_can_be_asked_for_are_those_that_are_named():
    from s2p.cli import painting
    from server.configuration import _RANGES

    assert painting._Pixels.__metadata__[0].max == _RANGES["million_pixels"][2] == MOST_MILLION_PIXELS
    buffer = io.BytesIO()
    Image.new("1", (20_000, 9_001)).save(buffer, "PNG")  # 180 million
    told = refusal(buffer.getvalue(), TooLargeError, max_pixels=MOST_MILLION_PIXELS * 10**6)
    assert "170 million" in told and "--million-pixels" in told
