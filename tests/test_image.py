"""Pictures in and out."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from malformed import scans
from PIL import Image, features

import s2p
from s2p import image as pictures
from s2p import reading
from s2p.errors import InputError, OutputError, S2PError, TooLargeError


def file_of(picture: Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_file(width: int, height: int, depth: int, color_type: int, rows: bytes, extra: bytes = b"") -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


@pytest.fixture
def colors() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (9, 7, 3), dtype=np.uint8)


# Loading


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "GIF"])
def test_lossless_formats_come_back_equal(colors, format):
    assert np.array_equal(pictures.load_image(file_of(Image.fromarray(colors), format)), colors)


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_lossy_formats_come_back_close(format):
    smooth = np.zeros((40, 32, 3), np.uint8) + np.array([200, 90, 30], np.uint8)
    loaded = pictures.load_image(file_of(Image.fromarray(smooth), format, quality=95))
    assert loaded.shape == (40, 32, 3) and abs(loaded.astype(int) - smooth).max() <= 4


def test_path_with_unicode_bytes_and_stream_give_the_same(colors, tmp_path):
    path = tmp_path / "线稿 été 🎨.png"
    path.write_bytes(file_of(Image.fromarray(colors), "PNG"))
    with path.open("rb") as stream:
        sources = [path, str(path), path.read_bytes(), stream]
        assert all(np.array_equal(pictures.load_image(source), colors) for source in sources)


def test_gray_becomes_rgb():
    gray = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    loaded = pictures.load_image(file_of(Image.fromarray(gray), "PNG"))
    assert loaded.shape == (3, 4, 3) and all(np.array_equal(loaded[:, :, c], gray) for c in range(3))


def test_one_bit_picture_is_black_and_white():
    loaded = pictures.load_image(file_of(Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1"), "PNG"))
    assert loaded.tolist() == [[[0, 0, 0], [255, 255, 255]]]


def test_gray_with_alpha_keeps_its_alpha():
    picture = Image.merge("LA", [Image.new("L", (2, 2), 100), Image.new("L", (2, 2), 51)])
    assert pictures.load_image(file_of(picture, "PNG"))[0, 0].tolist() == [100, 100, 100, 51]


def test_palette_transparency_becomes_alpha():
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putdata([0, 1])
    one = pictures.load_image(file_of(picture, "PNG", transparency=1))
    several = pictures.load_image(file_of(picture, "PNG", transparency=bytes([128, 0])))
    opaque = pictures.load_image(file_of(picture, "PNG"))
    assert one.tolist() == [[[255, 0, 0, 255], [0, 0, 255, 0]]]
    assert several.tolist() == [[[255, 0, 0, 128], [0, 0, 255, 0]]]
    assert opaque.tolist() == [[[255, 0, 0], [0, 0, 255]]]


def test_transparent_colour_of_rgb_and_gray_files_becomes_alpha():
    rgb = Image.fromarray(np.array([[[1, 2, 3], [9, 9, 9]]], np.uint8))
    gray = Image.fromarray(np.array([[7, 8]], np.uint8))
    assert pictures.load_image(file_of(rgb, "PNG", transparency=(1, 2, 3)))[0, :, 3].tolist() == [0, 255]
    assert pictures.load_image(file_of(gray, "PNG", transparency=8))[0, :, 3].tolist() == [255, 0]


def test_sixteen_bit_gray_keeps_the_high_byte():
    values = np.array([[0, 255, 256, 0x7FFF, 0xFFFF]], np.uint16)
    loaded = pictures.load_image(file_of(Image.fromarray(values), "PNG"))
    assert loaded[0, :, 0].tolist() == [0, 0, 1, 127, 255]
    assert np.array_equal(pictures.load_image(file_of(Image.fromarray(values), "TIFF")), loaded)


def test_sixteen_bit_dark_gray_is_not_stretched():
    values = np.full((3, 3), 0x0100, np.uint16)
    assert pictures.load_image(file_of(Image.fromarray(values), "PNG")).max() == 1


@pytest.mark.parametrize("color_type, channels", [(2, 3), (6, 4), (4, 2)])
def test_sixteen_bit_colour_and_alpha_keep_the_high_byte(color_type, channels):
    pixel = [0x8001, 0x40FF, 0x0010, 0xC000][:channels] if channels != 2 else [0x8001, 0xC000]
    rows = b"\0" + struct.pack(f">{channels}H", *pixel)
    high = [value >> 8 for value in pixel]
    expected = high if channels != 2 else [high[0]] * 3 + [high[1]]
    assert pictures.load_image(png_file(1, 1, 16, color_type, rows))[0, 0].tolist() == expected


def test_float_and_32_bit_tiff_are_brought_to_8_bit():
    float_file = file_of(Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32)), "TIFF")
    int_file = file_of(Image.fromarray(np.array([[-5, 0x7FFF, 0xFFFF]], np.int32)), "TIFF")
    assert pictures.load_image(float_file)[0, :, 0].tolist() == [0, 127, 255]
    assert pictures.load_image(int_file)[0, :, 0].tolist() == [0, 127, 255]


def test_cmyk_jpeg_becomes_rgb():
    picture = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    loaded = pictures.load_image(file_of(picture, "JPEG", quality=95))
    assert loaded.shape == (16, 16, 3)
    assert abs(loaded[8, 8].astype(int) - [255, 0, 0]).max() <= 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(orientation, format):
    upright = np.full((24, 40, 3), 255, np.uint8)
    upright[:8, :8] = (255, 0, 0)  # red in the upper left, blue in the upper right
    upright[:8, -8:] = (0, 0, 255)
    stored = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
        5: upright.swapaxes(0, 1), 6: np.rot90(upright),
        7: np.rot90(upright, 2).swapaxes(0, 1), 8: np.rot90(upright, 3),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = file_of(Image.fromarray(np.ascontiguousarray(stored)), format, exif=exif)
    loaded = pictures.load_image(data)
    assert loaded.shape == upright.shape
    assert abs(loaded[3, 3].astype(int) - [255, 0, 0]).max() < 40
    assert abs(loaded[3, -4].astype(int) - [0, 0, 255]).max() < 40


def test_broken_exif_does_not_lose_the_picture(colors):
    data = file_of(Image.fromarray(colors), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xee" * 40)
    assert pictures.load_image(data).shape == colors.shape


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_animation_gives_its_first_frame(format):
    frames = [Image.new("RGB", (12, 10), color) for color in ("#ff0000", "#00ff00", "#0000ff")]
    data = file_of(frames[0], format, save_all=True, append_images=frames[1:], duration=50)
    loaded = pictures.load_image(data)[:, :, :3]
    assert loaded.shape == (10, 12, 3) and abs(loaded.astype(int) - [255, 0, 0]).max() <= 3


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (40, 3000)])
def test_tiny_and_thin_pictures_load(shape):
    data = file_of(Image.fromarray(np.full(shape, 77, np.uint8)), "PNG")
    assert pictures.load_image(data).shape == (*shape, 3)


# Refusals


def refusal(source, kind=InputError, **options) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(kind) as caught:
            pictures.load_image(source, **options)
    message = str(caught.value)
    assert "\n" not in message and message.endswith(".")
    return message


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
def test_truncated_file_is_refused_by_name(tmp_path, format):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = file_of(Image.fromarray(noise), format)
    path = tmp_path / "half drawn.png"
    path.write_bytes(data[: len(data) // 2])
    assert "half drawn.png" in refusal(path)


@pytest.mark.parametrize(
    "content", [b"just text, not pixels\n" * 9, b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\x89PNG\r\n\x1a\n"]
)
def test_other_content_named_png_is_refused_by_name(tmp_path, content):
    path = tmp_path / "notes.png"
    path.write_bytes(content)
    assert "notes.png" in refusal(path)


def test_a_jpeg_named_png_is_simply_read(tmp_path, colors):
    path = tmp_path / "wrong.png"
    path.write_bytes(file_of(Image.fromarray(colors), "JPEG"))
    assert pictures.load_image(path).shape == colors.shape


def test_missing_empty_and_folder_say_so(tmp_path):
    (tmp_path / "empty.png").touch()
    assert "gone.png does not exist" in refusal(tmp_path / "gone.png")
    assert "empty.png is empty" in refusal(tmp_path / "empty.png")
    assert "is a folder" in refusal(tmp_path)
    assert refusal("a\0b.png").startswith("a?b.png ")
    assert refusal(b"").startswith("The picture is empty")


@pytest.mark.parametrize("size", [(100_000, 100_000), (9_500, 9_500), (40_000, 10), (12_000, 12_000)])
def test_declared_size_is_checked_before_decoding(size):
    data = png_file(size[0], size[1], 8, 2, b"")
    message = refusal(data, TooLargeError, name="bomb.png")
    assert message.startswith("bomb.png ")


def test_pixel_limit_is_the_callers(colors):
    data = file_of(Image.fromarray(colors), "PNG")
    assert "7 x 9 pixels" in refusal(data, TooLargeError, max_pixels=62)
    assert pictures.load_image(data, max_pixels=63).shape == colors.shape


def test_a_huge_stream_is_not_read_to_its_end(monkeypatch):
    class Endless(io.RawIOBase):
        def read(self, size=-1):
            assert 0 < size < 10_000
            return b"x" * size

    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 4096)
    with pytest.raises(TooLargeError):
        pictures.load_image(Endless())


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_damaged_bytes_give_a_picture_or_one_sentence(format, damage):
    data = bytearray(file_of(Image.fromarray(np.tile(np.arange(32, dtype=np.uint8), (24, 1))), format))
    for where, value in damage:
        data[int(where * len(data))] = value
    try:
        loaded = pictures.load_image(bytes(data))
    except S2PError as error:
        assert "\n" not in str(error)
    else:
        assert loaded.dtype == np.uint8 and loaded.ndim == 3 and loaded.shape[2] in (3, 4)


# Transparency


def test_flatten_alpha_follows_the_formula_for_every_pair():
    alpha, value = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    rgba = np.dstack([value, value, value, alpha]).astype(np.uint8)
    expected = (255 - (1 - value / 255) * (alpha / 255) * 255).clip(0, 255).astype(np.uint8)
    flat = pictures.flatten_alpha(rgba)
    assert all(np.array_equal(flat[:, :, c], expected) for c in range(3))
    assert (flat[0] == 255).all()
    assert flat[51, 100].tolist() == [224, 224, 224]  # 255 - 155 * 0.2 = 224 exactly


def test_flatten_alpha_leaves_rgb_alone(colors):
    assert pictures.flatten_alpha(colors) is colors
    with pytest.raises(InputError):
        pictures.flatten_alpha(colors[:, :, 0])


# Saving


def test_saved_png_comes_back_equal_and_leaves_nothing_else(colors, tmp_path):
    path = tmp_path / "出力.PNG"
    pictures.save_image(colors, path)
    pictures.save_image(colors[:, :, 0], tmp_path / "gray.png")
    assert np.array_equal(pictures.load_image(path), colors)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["gray.png", "出力.PNG"]


@pytest.mark.parametrize("suffix, magic", [(".jpg", b"\xff\xd8"), (".jpeg", b"\xff\xd8"), (".webp", b"RIFF")])
def test_extension_decides_the_format(tmp_path, suffix, magic):
    path = tmp_path / f"out{suffix}"
    pictures.save_image(np.full((8, 8, 3), 90, np.uint8), path, quality=80)
    assert path.read_bytes().startswith(magic)
    assert abs(pictures.load_image(path).astype(int) - 90).max() <= 2


def test_jpeg_of_a_transparent_picture_lies_on_white():
    rgba = np.zeros((8, 8, 4), np.uint8)
    assert pictures.load_image(pictures.encode_image(rgba, "jpg")).min() >= 254
    assert np.array_equal(pictures.load_image(pictures.encode_image(rgba, "webp", quality=100)), rgba)


def test_writing_refuses_with_a_sentence(colors, tmp_path):
    for call in (
        lambda: pictures.save_image(colors, tmp_path / "out.exe"),
        lambda: pictures.save_image(colors, tmp_path / "absent" / "out.png"),
        lambda: pictures.encode_image(colors, "gif"),
        lambda: pictures.encode_image(colors, "png", quality=0),
        lambda: pictures.encode_image(colors.astype(np.float32), "png"),
        lambda: pictures.encode_image(np.zeros((1, 17_000), np.uint8), "webp"),
    ):
        with pytest.raises(OutputError) as caught:
            call()
        assert str(caught.value).endswith(".")


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "kept.png"
    path.write_bytes(b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("s2p.files.os.replace", full)
    with pytest.raises(OutputError, match="no space left"):
        pictures.write_whole(path, b"new")
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(("count", "size"), [(100_000, (300, 200)), (201, (300, 200)), (50, (8000, 7000))])
def test_scans_are_counted_before_a_jpeg_is_decoded(monkeypatch, count, size):
    data = scans(count, size)
    monkeypatch.setattr(reading.decoding, "upright", lambda picture: pytest.fail("it is decoded"))
    with pytest.raises(InputError, match="ordinary JPEG"):
        pictures.load_image(data)


def test_jpegs_with_ordinary_scans_and_with_other_things_behind_them_are_read():
    assert pictures.load_image(scans(9)).shape == (200, 300, 3)
    behind = b"\xff\xda\x00\x02" * 500  # such as the film that a telephone hides there
    assert pictures.load_image(scans(0) + behind).shape == (200, 300, 3)
    comment = b"\xff\xfe\x00\x04ab"
    data = scans(0)
    assert pictures.load_image(data[:2] + comment * 300 + data[2:]).shape == (200, 300, 3)
    with pytest.raises(InputError):
        pictures.load_image(data[:2] + comment * 6000 + data[2:])


# Colour profiles and newer formats ------------------------------------------------------------------------------------


def profile(name: str, primaries: tuple[tuple[float, float, float], ...]) -> bytes:
    """An RGB profile with a gamma of 2.2 and these primaries (XYZ), by the letter of ICC.1:2001."""

    def number(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    text = name.encode() + b"\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78,
        b"cprt": b"text\0\0\0\0" + b"none\0", b"wtpt": b"XYZ \0\0\0\0" + b"".join(map(number, (0.9642, 1.0, 0.8249))),
    }
    for letter, primary in zip(b"rgb", primaries):
        tags[bytes([letter]) + b"XYZ"] = b"XYZ \0\0\0\0" + b"".join(map(number, primary))
        tags[bytes([letter]) + b"TRC"] = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    place, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for tag, data in tags.items():
        table += tag + struct.pack(">II", place + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", 128 + len(table) + len(body), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + b"".join(map(number, (0.9642, 1.0, 0.8249)))
    return head.ljust(128, b"\0") + table + body


RED, GREEN, BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)


def with_profile(mode: str, color, data: bytes, format: str = "PNG") -> np.ndarray:
    buffer = io.BytesIO()
    Image.new(mode, (8, 8), color).save(buffer, format, icc_profile=data)
    return pictures.load_image(buffer.getvalue())


def test_a_colour_profile_is_turned_into_srgb():
    swapped = profile("red is green", (GREEN, RED, BLUE))
    assert np.abs(with_profile("RGB", (255, 0, 0), swapped)[0, 0].astype(int) - (0, 255, 0)).max() <= 3
    turned = with_profile("RGBA", (255, 0, 0, 77), swapped)
    assert np.abs(turned[0, 0].astype(int) - (0, 255, 0, 77)).max() <= 3
    assert with_profile("RGB", (255, 255, 255), swapped).min() >= 254 and with_profile("RGB", 0, swapped).max() <= 1


@pytest.mark.parametrize("data", [profile("sRGB built by hand", (GREEN, RED, BLUE)), b"no profile at all", b"\0" * 200])
def test_srgb_and_profiles_that_cannot_be_used_change_nothing(data):
    assert with_profile("RGB", (200, 30, 60), data)[0, 0].tolist() == [200, 30, 60]


def test_a_profile_of_another_kind_of_picture_changes_nothing():
    assert with_profile("L", 90, profile("red is green", (GREEN, RED, BLUE)))[0, 0].tolist() == [90, 90, 90]


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_avif_is_read():
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 60)).save(buffer, "AVIF", quality=90)
    image = pictures.load_image(buffer.getvalue())
    assert image.shape == (30, 40, 3) and np.abs(image.astype(int) - (200, 30, 60)).max() <= 6


def test_numbers_between_0_and_1_are_no_picture_and_it_is_said_what_to_do():
    for wrong in (np.zeros((20, 30, 3)), np.zeros((20, 30), bool)):
        with pytest.raises(InputError, match=r"Received: \w+\[20, 30(, 3)?\]. Multiply by 255"):
            s2p.colorize(wrong)
    with pytest.raises(InputError, match=r"Received: uint8\[20, 30, 2\]\.$"):
        s2p.colorize(np.zeros((20, 30, 2), np.uint8))
