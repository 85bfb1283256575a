"""Files that people bring beside plain pictures: layers, pages, deep colour, HEIC and JPEG XL; and what is refused."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from s2p.errors import InputError, S2PError, TooLargeError
from s2p.export import Layer, encode_ora, encode_psd
from s2p.image import encode_image, load_image
from s2p.reading import read_picture
from s2p.reading.deep import to_8_bits


def drawing(shape: tuple[int, int] = (200, 160)) -> np.ndarray:
    """Black strokes on nothing, `uint8[H, W, 4]`."""
    ink = np.zeros(shape, np.uint8)
    cv2.circle(ink, (80, 90), 50, 255, 2)
    cv2.line(ink, (10, 180), (150, 190), 255, 2)
    return np.dstack([np.zeros((*shape, 3), np.uint8), ink])


def layers(*names: str) -> list[Layer]:
    """Flat colours below, lines above; names from below."""
    flat = np.full((200, 160, 3), (220, 40, 60), np.uint8)
    return [Layer(names[0], flat), Layer(names[1], flat[:, ::-1] // 2), Layer(names[2], drawing())]


def archive(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name.replace("__", "/").replace("_DOT_", "."), data)
    return buffer.getvalue()


def refusal(source, kind=InputError, **options) -> str:
    with pytest.raises(kind) as caught:
        read_picture(source, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


# Layers ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encode", [encode_psd, encode_ora])
@pytest.mark.parametrize("name", ["lines", "Line Art", "線画", "figure ink 2", "Contours"])
def test_the_layer_called_lines_is_taken(encode, name):
    found = read_picture(encode(layers("colours", "shade", name)))
    assert np.array_equal(found.image[..., 3], drawing()[..., 3]) and found.image[..., :3].max() == 0
    assert found.said == f"Of its 3 layers '{name}' was taken." and found.offer == "--layer NAME takes another."


@pytest.mark.parametrize("encode", [encode_psd, encode_ora])
def test_lines_are_known_by_their_looks_where_no_name_tells(encode):
    assert read_picture(encode(layers("Layer 1", "Layer 2", "Layer 3"))).layer == "Layer 3"
    painted = [Layer("a", np.full((90, 90, 3), 200, np.uint8)), Layer("b", np.full((90, 90, 3), (9, 99, 9), np.uint8))]
    found = read_picture(encode(painted))
    assert found.layer is None and found.image[0, 0, :3].tolist() == [9, 99, 9] and "None of its 2 layers" in found.said


@pytest.mark.parametrize("encode", [encode_psd, encode_ora])
def test_a_layer_is_taken_by_choice(encode):
    data = encode(layers("colours", "Shade", "lines"))
    assert read_picture(data, layer="colours").image[0, 0].tolist() == [220, 40, 60, 255]
    assert read_picture(data, layer="shade").image[0, 0, 0] == 110
    together = read_picture(data, layer="")
    assert together.image[0, 0, :3].tolist() == [110, 20, 30] and together.said.startswith("All of its")
    assert "'colours'" in refusal(data, layer="hair") and "'hair'" in refusal(data, layer="hair")
    assert "no page 2" in refusal(data, page=2)
    assert "has no layers" in refusal(encode_image(drawing(), "png"), layer="lines")


@pytest.mark.parametrize("encode", [encode_psd, encode_ora])
def test_a_hidden_layer_of_lines_is_taken(encode):
    stack = layers("colours", "shade", "lines")
    stack[2] = Layer("lines", drawing(), visible=False)
    assert read_picture(encode(stack)).layer == "lines"


def test_our_own_files_come_back_as_their_lines(tmp_path):
    from s2p.overlay import Pen
    from s2p.pipelines.base import Result

    lines = np.full((120, 100), 255, np.uint8)
    cv2.circle(lines, (50, 60), 30, 0, 2)
    flat = np.full((120, 100, 3), (200, 210, 220), np.uint8)
    result = Result(image=flat, composition=flat, draft=None, lines=lines, colours=flat, pen=Pen())
    for suffix in ("psd", "ora"):
        result.save(tmp_path / f"painted.{suffix}")
        found = read_picture(tmp_path / f"painted.{suffix}")
        assert found.layer == "lines" and np.array_equal(found.image[..., 3] > 127, lines < 128)


def test_groups_and_places_of_layers_count():
    from psd_tools import PSDImage

    document = PSDImage.new("RGB", (60, 40), color=255)
    group = document.create_group(name="figure")
    ink = Image.new("RGBA", (20, 10), (0, 0, 0, 255))
    inner = document.create_pixel_layer(ink, name="ink", top=-5, left=50)
    group.append(inner)
    document.append(document.create_pixel_layer(Image.new("RGBA", (60, 40), (9, 9, 200, 255)), name="sea"))
    buffer = io.BytesIO()
    document.save(buffer)
    found = read_picture(buffer.getvalue(), layer="figure/ink")
    assert found.image.shape == (40, 60, 4) and (found.image[..., 3] > 0).sum() == 10 * 5
    assert found.image[0, 59, 3] == 255


def stack(inner: str, w: object = 8, h: object = 6) -> bytes:
    return f'<image version="0.0.3" w="{w}" h="{h}" xres="300" yres="300"><stack>{inner}</stack></image>'.encode()


def test_openraster_places_layers_and_knows_its_resolution():
    png = encode_image(np.zeros((2, 3, 3), np.uint8), "png")
    inner = '<stack x="1" y="1" name="g"><layer name="ink" src="a" x="6" y="-2"/></stack><layer name="b" src="a"/>'
    found = read_picture(archive(stack_DOT_xml=stack(inner), a=png))
    assert found.layer == "ink" and found.dpi == (300.0, 300.0) and found.image.shape == (6, 8, 4)
    assert np.argwhere(found.image[..., 3]).tolist() == [[0, 7]]


@pytest.mark.parametrize("parts, words", [
    ({"stack_DOT_xml": stack('<layer name="ink" src="gone"/><layer src="gone"/>')}, "lacks 'gone'"),
    ({"stack_DOT_xml": stack('<layer name="ink" src="../../etc/passwd"/><layer/>')}, "lacks"),
    ({"stack_DOT_xml": stack("", w="x")}, "no number"),
    ({"stack_DOT_xml": stack("", w="1e300")}, "cannot be"),
    ({"stack_DOT_xml": stack("", w=0)}, "no size"),
    ({"stack_DOT_xml": b"<image"}, "damaged"),
    ({"stack_DOT_xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><image w="1" h="1">&a;</image>'}, "not read"),
    ({"stack_DOT_xml": stack("")}, "no layer"),
    ({"maindoc_DOT_xml": b"<DOC/>"}, "no page"),
    ({"word__document_DOT_xml": b"<w/>"}, "none of OpenRaster"),
])
def test_strange_archives_are_refused_with_one_sentence(parts, words):
    assert words in refusal(archive(**parts))


def test_archives_are_counted_before_they_are_read(monkeypatch):
    from s2p.reading import archives

    assert "pixels" in refusal(archive(stack_DOT_xml=stack("", w=30_000, h=30_000)), TooLargeError)
    inner = '<layer name="ink" src="a"/><layer name="b" src="a"/>'
    big = encode_image(np.zeros((2000, 2000), np.uint8), "png")
    assert "'ink'" in refusal(archive(stack_DOT_xml=stack(inner), a=big), TooLargeError, max_pixels=1_000_000)
    monkeypatch.setattr(archives, "_PART_BYTES", 1000)
    zeros = archive(stack_DOT_xml=stack(inner), a=bytes(10_000_000))  # 10 kB in the file
    assert "larger than" in refusal(zeros, TooLargeError)
    lying = bytearray(zeros)
    at = lying.rindex(b"PK\1\2")
    lying[at + 24 : at + 28] = struct.pack("<I", 10)  # says that it is small
    refusal(bytes(lying))
    monkeypatch.setattr(archives, "_MOST_PARTS", 2)
    assert "parts" in refusal(archive(stack_DOT_xml=stack(""), a=b"", b=b""), TooLargeError)
    locked = bytearray(archive(stack_DOT_xml=stack("")))
    locked[locked.index(b"PK\1\2") + 8] |= 1
    assert "password" in refusal(bytes(locked))


def test_a_psd_is_measured_before_it_is_parsed(monkeypatch):
    import psd_tools

    monkeypatch.setattr(psd_tools.PSDImage, "open", lambda *_: pytest.fail("it is parsed"))
    data = bytearray(encode_psd(layers("a", "b", "c")))
    data[14:22] = struct.pack(">II", 29_000, 29_000)
    assert "29000 x 29000" in refusal(bytes(data), TooLargeError)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["psd", "ora"]), st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)),
                                                 min_size=1, max_size=12))
def test_damaged_layers_give_a_picture_or_one_sentence(format, damage):
    data = bytearray((encode_psd if format == "psd" else encode_ora)(layers("colours", "b", "lines")))
    for where, value in damage:
        data[int(where * len(data))] = value
    try:
        image = read_picture(bytes(data)).image
    except S2PError as error:
        assert "\n" not in str(error)
    else:
        assert image.dtype == np.uint8 and image.shape[2] in (3, 4)


# Krita ----------------------------------------------------------------------------------------------------------------


def packed(values: bytes) -> bytes:
    """LZF without repetitions but one: the last byte again and again, to the end."""
    plain = values.rstrip(values[-1:]) + values[-1:]
    result, again = b"", len(values) - len(plain)
    for at in range(0, len(plain), 32):
        piece = plain[at : at + 32]
        result += bytes([len(piece) - 1]) + piece
    while again:
        length = min(again, 264)
        if length < 9:
            result += bytes([length - 1]) + values[-1:] * length
        else:
            result += bytes([7 << 5, length - 9, 0])
        again -= length
    return result


def krita_layer(image: np.ndarray, *, is_packed: bool = True) -> bytes:
    """`uint8[H, W, 4]` RGBA as Krita stores it."""
    padded = np.zeros((-(-image.shape[0] // 64) * 64, -(-image.shape[1] // 64) * 64, 4), np.uint8)
    padded[: image.shape[0], : image.shape[1]] = image[..., [2, 1, 0, 3]]
    tiles = []
    for row in range(0, padded.shape[0], 64):
        for column in range(0, padded.shape[1], 64):
            tile = padded[row : row + 64, column : column + 64]
            data = b"\1" + packed(tile.transpose(2, 0, 1).tobytes()) if is_packed else b"\0" + tile.tobytes()
            tiles.append(f"{column},{row},LZF,{len(data)}\n".encode() + data)
    head = f"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE 4\nDATA {len(tiles)}\n".encode()
    return head + b"".join(tiles)


def krita_file(**more: bytes) -> bytes:
    text = (
        b'<!DOCTYPE DOC PUBLIC "-//KDE//DTD krita 2.0//EN" "http://www.calligra.org/DTD/krita-2.0.dtd">'
        b'<DOC xmlns="http://www.calligra.org/DTD/krita"><IMAGE name="girl" width="160" height="200" x-res="300" '
        b'y-res="300"><layers><layer nodetype="grouplayer" name="figure"><layers><layer nodetype="paintlayer" '
        b'name="Tusche" filename="layer2" x="0" y="0"/></layers></layer><layer nodetype="paintlayer" name="paper" '
        b'filename="layer3"/></layers></IMAGE></DOC>'
    )
    parts = {"mimetype": b"application/x-krita", "maindoc_DOT_xml": text,
             "girl__layers__layer2": krita_layer(drawing()),
             "girl__layers__layer3": krita_layer(np.full((1, 1, 4), 9, np.uint8), is_packed=False),
             "girl__layers__layer3_DOT_defaultpixel": bytes([1, 2, 3, 255]),
             "mergedimage_DOT_png": encode_image(np.full((200, 160, 3), 77, np.uint8), "png")}
    return archive(**{**parts, **more})


def test_krita_gives_its_lines_and_every_layer_by_its_name():
    found = read_picture(krita_file())
    assert np.array_equal(found.image, drawing()) and found.layer == "Tusche" and found.dpi == (300.0, 300.0)
    paper = read_picture(krita_file(), layer="paper").image
    assert paper[0, 0].tolist() == [9, 9, 9, 9] and paper[199, 159].tolist() == [3, 2, 1, 255]
    assert read_picture(krita_file(), layer="").image[0, 0].tolist() == [77, 77, 77]
    assert read_picture(krita_file(), layer="figure/Tusche").image.shape == (200, 160, 4)


@pytest.mark.parametrize("layer", [
    b"", b"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE 8\nDATA 0\n", krita_layer(drawing())[:900],
    b"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE 4\nDATA 1\n0,0,LZF,4\n\1\xff\xff\xff",
    b"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE 4\nDATA 99999999\n",
])
def test_damaged_and_deep_layers_of_krita_are_refused(layer):
    assert "'Tusche'" in refusal(krita_file(girl__layers__layer2=layer), layer="Tusche")


# Pages ----------------------------------------------------------------------------------------------------------------


def pages(format: str, **options) -> bytes:
    frames = [Image.new("RGB", (30 + 2 * (format == "TIFF") * n, 20), (n * 90, 0, 0)) for n in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, format, save_all=True, append_images=frames[1:], **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["TIFF", "GIF", "PNG", "WEBP"])
def test_the_first_of_several_pages_is_taken_and_others_by_number(format):
    options = {"lossless": True} if format == "WEBP" else {}
    data = pages(format, **options)
    first, third = read_picture(data), read_picture(data, page=3)
    assert first.said == "It has several pages, and page 1 was taken." and first.offer == "--page N takes another."
    assert abs(int(first.image[0, 0, 0])) <= 2 and abs(int(third.image[0, 0, 0]) - 180) <= 2
    assert third.said == "It has several pages, and page 3 was taken."
    assert "no page 4" in refusal(data, page=4) and "from 1" in refusal(data, page=0)
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


# Resolution and deep colour -------------------------------------------------------------------------------------------


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


# HEIC and JPEG XL -----------------------------------------------------------------------------------------------------


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
