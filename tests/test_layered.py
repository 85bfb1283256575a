"""Files with layers: Photoshop, OpenRaster, Krita; which layer is taken, and what is refused."""

from __future__ import annotations

import io
import struct
import zipfile

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from s2p.errors import S2PError, TooLargeError
from s2p.export import Layer, encode_ora, encode_psd
from s2p.image import encode_image
from s2p.reading import read_picture
from tests.reading_cases import drawing, layers, refusal


def archive(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name.replace("__", "/").replace("_DOT_", "."), data)
    return buffer.getvalue()


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
    result = Result(image=flat, lines=lines, colors=flat, pen=Pen())
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
