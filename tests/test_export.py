"""Layered files open whole in other readers and look as the program meant them."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode

from s2p.errors import OutputError
from s2p.export import Layer, encode_ora, encode_psd, flatten, write_ora, write_psd

NAMES = ["brouillon é", "色", "half 🎨", "lines <&> \"x\""]


@pytest.fixture
def layers() -> list[Layer]:
    random = np.random.default_rng(4)
    lines = np.full((40, 31), 255, np.uint8)
    lines[10:13] = 20
    return [
        Layer(NAMES[0], random.integers(0, 256, (40, 31, 3), dtype=np.uint8), visible=False),
        Layer(NAMES[1], random.integers(0, 256, (40, 31, 3), dtype=np.uint8)),
        Layer(NAMES[2], random.integers(0, 256, (40, 31, 4), dtype=np.uint8), opacity=0.5),
        Layer(NAMES[3], lines, blend="multiply"),
    ]


def test_flatten_multiplies_lines_over_colour():
    color = np.full((1, 3, 3), (200, 100, 50), np.uint8)
    lines = np.array([[255, 0, 128]], np.uint8)
    flat = flatten([Layer("colour", color), Layer("lines", lines, blend="multiply")])
    assert flat.tolist() == [[[200, 100, 50], [0, 0, 0], [100, 50, 25]]]


def test_flatten_mixes_by_alpha_and_opacity_and_skips_hidden_layers():
    black = np.zeros((1, 1, 4), np.uint8)
    black[..., 3] = 128
    assert flatten([Layer("a", black)]).tolist() == [[[127] * 3]]
    assert flatten([Layer("a", black, opacity=0.5)]).tolist() == [[[191] * 3]]
    assert flatten([Layer("a", black, visible=False)]).tolist() == [[[255] * 3]]


def test_psd_reads_back_with_names_modes_and_pixels(layers, tmp_path):
    path = tmp_path / "絵.psd"
    write_psd(path, layers)
    document = PSDImage.open(path)
    assert [layer.name for layer in document] == NAMES  # bottom first
    assert [layer.blend_mode for layer in document] == [BlendMode.NORMAL] * 3 + [BlendMode.MULTIPLY]
    assert [layer.visible for layer in document] == [False, True, True, True]
    assert [layer.opacity for layer in document] == [255, 255, 128, 255]
    for found, layer in zip(document, layers):
        expected = layer.image if layer.image.ndim == 3 else np.dstack([layer.image] * 3)
        assert np.array_equal(np.asarray(found.topil().convert("RGB")), expected[:, :, :3])
        if expected.shape[2] == 4:  # transparent pixels, no mask: the artist can lock them and paint the lines over
            assert np.array_equal(np.asarray(found.topil())[:, :, 3], expected[:, :, 3]) and not found.has_mask()


def test_psd_composites_to_the_same_picture_everywhere(layers):
    data = encode_psd(layers)
    expected = flatten(layers).astype(int)
    composed = PSDImage.open(io.BytesIO(data)).composite(ignore_preview=True, color=1.0, alpha=1.0).convert("RGB")
    merged = Image.open(io.BytesIO(data)).convert("RGB")  # Pillow's own reader takes the flattened picture
    assert abs(np.asarray(composed).astype(int) - expected).max() <= 1
    assert abs(np.asarray(merged).astype(int) - expected).max() <= 1


def packbits(data: bytes, width: int) -> bytes:
    row, at = b"", 0
    while at < len(data):
        head = data[at]
        if head < 128:
            row, at = row + data[at + 1 : at + head + 2], at + head + 2
        elif head > 128:
            row, at = row + data[at + 1 : at + 2] * (257 - head), at + 2
        else:
            at += 1
    assert len(row) == width
    return row


def test_psd_follows_the_published_file_format(layers):
    """Reads the layer section by hand, as another painting program would, without psd-tools."""
    data = io.BytesIO(encode_psd(layers))

    def number(size: int, signed: bool = False) -> int:
        return int.from_bytes(data.read(size), "big", signed=signed)

    assert data.read(6) == b"8BPS\0\1"
    data.seek(6, 1)
    assert (number(2), number(4), number(4), number(2), number(2)) == (3, 40, 31, 8, 3)
    data.seek(number(4), 1)
    data.seek(number(4), 1)
    section = number(4)
    after = data.tell() + section
    number(4)
    records = []
    for _ in range(abs(number(2, signed=True))):
        top, left, bottom, right = (number(4, signed=True) for _ in range(4))
        assert (top, left, bottom, right) == (0, 0, 40, 31)
        channels = [(number(2, signed=True), number(4)) for _ in range(number(2))]
        assert data.read(4) == b"8BIM"
        records.append((data.read(4), channels))
        data.seek(4, 1)
        data.seek(number(4), 1)
    assert [mode for mode, _ in records] == [b"norm", b"norm", b"norm", b"mul "]
    for (_, channels), layer in zip(records, layers):
        for channel, length in channels:
            start = data.tell()
            assert number(2) == 1  # run lengths
            if channel >= 0:
                counts = [number(2) for _ in range(40)]
                plane = np.frombuffer(b"".join(packbits(data.read(count), 31) for count in counts), np.uint8)
                expected = layer.image if layer.image.ndim == 2 else layer.image[:, :, channel]
                assert np.array_equal(plane.reshape(40, 31), expected)
                assert data.tell() == start + length
            data.seek(start + length)
    assert data.tell() <= after
    data.seek(after)
    assert number(2) in (0, 1)  # the flattened picture follows


def test_ora_follows_the_openraster_layout(layers, tmp_path):
    path = tmp_path / "絵.ora"
    write_ora(path, layers)
    data = path.read_bytes()
    assert data[30:54] == b"mimetypeimage/openraster"  # readable at a fixed offset: first, stored, no extra field
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names[0] == "mimetype" and {"stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"} <= set(names)
        root = ElementTree.fromstring(archive.read("stack.xml"))
        assert (root.tag, root.get("w"), root.get("h")) == ("image", "31", "40")
        entries = root.findall("stack/layer")
        assert [entry.get("name") for entry in entries] == NAMES[::-1]  # topmost first
        assert entries[0].get("composite-op") == "svg:multiply" and entries[1].get("composite-op") == "svg:src-over"
        assert [entry.get("visibility") for entry in entries] == ["visible"] * 3 + ["hidden"]
        assert float(entries[1].get("opacity")) == 0.5
        for entry, layer in zip(entries, layers[::-1]):
            picture = np.asarray(Image.open(archive.open(entry.get("src"))))
            expected = layer.image if layer.image.ndim == 3 else np.dstack([layer.image] * 3)
            assert np.array_equal(picture, expected)
        assert np.array_equal(np.asarray(Image.open(archive.open("mergedimage.png"))), flatten(layers))


@pytest.mark.parametrize("shape, side", [((900, 600), 256), ((300, 3000), 256), ((20, 10), 20)])
def test_ora_thumbnail_is_at_most_256_pixels(shape, side):
    with zipfile.ZipFile(io.BytesIO(encode_ora([Layer("one", np.zeros(shape, np.uint8))]))) as archive:
        assert max(Image.open(archive.open("Thumbnails/thumbnail.png")).size) == side


def test_same_layers_give_the_same_ora_bytes(layers):
    assert encode_ora(layers) == encode_ora(layers)


@pytest.mark.parametrize("encode", [encode_psd, encode_ora])
def test_one_pixel_and_awkward_names_work(encode):
    pixel = np.zeros((1, 1, 3), np.uint8)
    for name in ("", "x" * 400, "tab\tnew\nline\0zero", "lone \ud800 surrogate", "🎨" * 200):
        assert encode([Layer(name, pixel)])
    assert np.asarray(Image.open(io.BytesIO(encode_psd([Layer("a", pixel)])))).shape[:2] == (1, 1)


@pytest.mark.parametrize("encode", [encode_psd, encode_ora])
def test_layers_that_do_not_fit_are_refused_with_a_sentence(encode):
    pixel = np.zeros((1, 1, 3), np.uint8)
    for bad in (
        [],
        [Layer("a", pixel), Layer("b", np.zeros((2, 1, 3), np.uint8))],
        [Layer("a", pixel.astype(np.float32))],
        [Layer("a", pixel, blend="overlay")],  # type: ignore[arg-type]
        [Layer("a", pixel, opacity=1.5)],
    ):
        with pytest.raises(OutputError) as caught:
            encode(bad)
        assert str(caught.value).endswith(".")


def test_failed_write_leaves_no_file(layers, tmp_path):
    with pytest.raises(OutputError):
        write_psd(tmp_path / "absent" / "x.psd", layers)
    with pytest.raises(OutputError):
        write_ora(tmp_path / "x.ora", [])
    assert list(tmp_path.iterdir()) == []
