"""Files that leave: profile, resolution, transparency, single layers; and what a folder leaves out."""

from __future__ import annotations

import io
import json
import os
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms
from server_cases import finished, new_room, start_job
from test_cli import drawing, paint  # noqa: F401  the fixture

from s2p.cli import main
from s2p.cutout import cover_of, cut_out
from s2p.errors import InputError, OutputError
from s2p.export import Layer, encode_ora, encode_psd
from s2p.image import encode_image, load_image, save_image, srgb_profile
from s2p.labels import labelled
from s2p.overlay import Pen, compose, ink, line_layer
from s2p.pipelines.base import Result
from s2p.pipelines.request import Request, as_file
from s2p.reading import read_picture

DPI = (300.0, 600.0)
COLORS = np.random.default_rng(3).integers(0, 256, (30, 40, 3), dtype=np.uint8)


def about(data: bytes) -> tuple[tuple[float, ...] | None, str]:
    """Resolution and profile of a file."""
    picture = Image.open(io.BytesIO(data))
    profile = picture.info.get("icc_profile")
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))) if profile else ""
    dpi = read_picture(data).dpi
    return None if dpi is None else tuple(round(value) for value in dpi), name.strip()


# Profile and resolution -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["png", "jpeg", "tiff", "webp"])
def test_files_have_the_profile_of_srgb_and_their_resolution(format, tmp_path):
    path = tmp_path / f"out.{format}"
    save_image(COLORS, path, dpi=DPI, quality=100)
    dpi, profile = about(path.read_bytes())
    assert "sRGB" in profile and dpi == (None if format == "webp" else (300, 600))
    assert np.abs(load_image(path).astype(int) - COLORS).max() <= (40 if format == "jpeg" else 0)
    save_image(COLORS[..., 0], tmp_path / f"gray.{format}")
    assert "icc_profile" not in Image.open(tmp_path / f"gray.{format}").info  # one for colour would not fit


def test_the_profile_is_the_same_every_day():
    assert zlib.crc32(srgb_profile()[24:36]) == zlib.crc32(b"\x07\xd0\0\x01\0\x01" + bytes(6))
    assert srgb_profile() == srgb_profile.__wrapped__()


@pytest.mark.parametrize("encode", [encode_psd, encode_ora])
def test_layered_files_know_their_resolution(encode):
    stack = [Layer("a", COLORS), Layer("lines", COLORS)]
    assert read_picture(encode(stack, dpi=DPI)).dpi == DPI
    assert read_picture(encode(stack)).dpi in (None, (72.0, 72.0))


@pytest.mark.parametrize("ending", [".png", ".jpg"])
@pytest.mark.parametrize("dpi", [None, DPI])
def test_labels_are_written_into_files_that_are_there(ending, dpi):
    data = cv2.imencode(ending, COLORS[..., ::-1])[1].tobytes()
    found = labelled(data, dpi)
    assert "sRGB" in about(found)[1] and (dpi is None or about(found)[0] == (300, 600))
    assert np.array_equal(load_image(found), load_image(data))
    assert labelled(b"") == b"" and labelled(data[:9]) is not None


def test_a_smaller_painting_of_the_same_paper_has_fewer_dots():
    small = Result(image=COLORS[:15, :20], lines=COLORS[:15, :20, 0])
    assert as_file(small, Request(COLORS, dpi=DPI)).dpi == (150.0, 300.0)
    assert as_file(small, Request(COLORS)).dpi is None


# Transparency ---------------------------------------------------------------------------------------------------------


def page() -> tuple[np.ndarray, np.ndarray]:
    """A circle, filled; lines and colours."""
    lines, flat = np.full((200, 200), 255, np.uint8), np.full((200, 200, 3), 255, np.uint8)
    cv2.circle(lines, (100, 100), 60, 0, 3, cv2.LINE_AA)
    cv2.circle(flat, (100, 100), 60, (200, 90, 40), -1)
    return lines, flat


def painted(**more) -> Result:
    lines, flat = page()
    pen = Pen("as-drawn")
    return Result(image=compose(flat, line_layer(flat, lines, pen)), lines=lines,
                  colors=flat, pen=pen, **more)


@pytest.mark.parametrize("background, has_alpha, outside, beside", [
    ("white", True, None, None), ("keep", False, None, None), ("keep", True, 0, 255), ("none", True, 0, 0),
    ("none", False, 0, 0),
])
def test_what_nobody_coloured_is_transparent_as_far_as_it_is_wanted(background, has_alpha, outside, beside):
    """The drawing is opaque in its left half, and ink on nothing in its right."""
    lines, _ = page()
    image = np.dstack([lines, lines, lines, np.maximum(255 - lines, 0)])
    image[:, :100, 3] = 255
    result = as_file(painted(), Request(image if has_alpha else image[..., :3], background=background))
    shown = result.shown
    if outside is None:
        assert shown.shape == (200, 200, 3) or shown[..., 3].min() == 255
        return
    assert shown[10, 190, 3] == outside and shown[10, 10, 3] == beside
    assert (shown[100, 80:120, 3] == 255).all() and shown[100, 100].tolist() == [200, 90, 40, 255]
    alpha = shown[..., 3:] / 255.0
    white = shown[..., :3] * alpha + 255 * (1 - alpha)
    assert np.abs(white - result.image).max() <= 3, "on white it is the painting"
    soft = ink(lines)[40, 100]
    assert result.cover is not None
    assert abs(int(shown[40, 100, 3]) - max(int(soft), int(result.cover[40, 100]))) <= 2


def test_ground_that_the_program_coloured_is_no_wish():
    lines, flat = page()
    ground = cv2.circle(np.ones((50, 50), np.uint8), (25, 25), 15, 0, -1) > 0
    sky = np.where(ground.repeat(4, 0).repeat(4, 1)[..., None], np.array((200, 220, 240), np.uint8), flat)
    cover = cover_of(sky, "none", ground=ground, is_wished=False)
    assert cover[5, 5] == 0 and cover[100, 100] == 255
    picture = cut_out(sky, sky, cover, np.zeros_like(lines))
    assert picture[5, 5, 3] == 0 and picture[100, 100].tolist() == [200, 90, 40, 255]
    assert cover_of(sky, "none")[5, 5] == 255 and cover_of(sky, "none", ground=ground)[5, 5] == 255


def test_white_inside_a_figure_is_paint_and_white_around_it_is_not():
    """A face with two eyes that nobody coloured, one of them with a gap to the coloured face, and a panel's frame."""
    lines, flat = page()
    for x in (80, 120):
        cv2.circle(flat, (x, 90), 10, (255, 255, 255), -1)
        cv2.circle(lines, (x, 90), 10, 0, 2)
    lines[80:100, 128:132] = 255
    cover = cover_of(flat, "none", lines=lines)
    assert cover[90, 80] == cover[90, 120] == 255 and cover[5, 5] == cover[195, 195] == 0
    assert cover_of(flat, "keep", lines=lines, alpha=255 - lines)[90, 80] == 0, "the drawing left it out"
    assert 38 <= np.flatnonzero(cover[100])[0] <= 41, "the figure ends under its line"
    cv2.rectangle(lines, (3, 3), (196, 196), 0, 2)
    assert cover_of(flat, "none", lines=lines)[20, 20] == 255, "nobody knows that it is ground"
    ground = cv2.circle(np.ones((200, 200), np.uint8), (100, 100), 60, 0, -1) > 0
    cover = cover_of(flat, "none", lines=lines, ground=ground)
    assert cover[20, 20] == 0 and cover[90, 80] == 255
    assert not cover_of(np.full_like(flat, 255), "none").any() and cover_of(flat * 0, "none", lines=lines).all()


def test_layers_and_single_layers_are_transparent_too(tmp_path):
    result = as_file(painted(), Request(page()[0], background="none"))
    assert result.layers["colours"].image.shape == (200, 200, 4) and result.layers["colours"].image[5, 5, 3] == 0
    result.save(tmp_path / "out.psd")
    assert load_image(tmp_path / "out.psd")[5, 5].tolist()[:3] == [255, 255, 255]
    assert read_picture(tmp_path / "out.psd", layer="colours").image[5, 5, 3] == 0
    only = result.part("lines")
    assert only[100, 100, 3] == 0 and only[..., 3].max() == 255 and painted().part("colours").shape == (200, 200, 3)
    tonal = Result(image=COLORS, lines=COLORS[..., 0])
    assert np.array_equal(tonal.part("lines")[..., 3], 255 - COLORS[..., 0])
    with pytest.raises(OutputError, match="in its colours"):
        tonal.part("colours")
    with pytest.raises(InputError, match=r"are colours and lines\. Received: 'hair'"):
        painted().part("hair")
    with pytest.raises(InputError, match="background"):
        as_file(painted(), Request(COLORS, background="pink"))


def test_the_command_line_writes_what_is_wanted(paint, tmp_path, capsys):  # noqa: F811
    source = tmp_path / "girl.png"
    source.write_bytes(encode_image(np.dstack([drawing()] * 3)[..., :3], "png", dpi=DPI))
    assert paint.run("colorize", source, "-o", tmp_path / "a.tif", "--background", "none") == 0
    assert about((tmp_path / "a.tif").read_bytes()) == ((300, 600), "sRGB built-in")
    assert load_image(tmp_path / "a.tif").shape[2] == 4
    assert paint.run("colorize", source, "-o", tmp_path / "l.png", "--only", "lines") == 0
    assert load_image(tmp_path / "l.png").shape[2] == 4
    for words in (["a.jpg", "--background", "keep"], ["a.jpg", "--only", "lines"], ["a.psd", "--only", "colours"]):
        assert main(["colorize", str(source), "-o", str(tmp_path / words[0]), *words[1:]]) == OutputError.exit_code
    capsys.readouterr()
    assert main(["lines", str(source), "-o", str(tmp_path / "lines.jpg")]) == 0
    assert about((tmp_path / "lines.jpg").read_bytes())[0] == (300, 600)


def test_downloads_of_the_server_have_both(app):
    data = encode_image(COLORS.repeat(4, 0).repeat(4, 1), "png", dpi=DPI)
    room = new_room(app, data)
    result = finished(app, start_job(app, room, hints=[])["job"])["result"]
    share = result["width"] / 160
    expected = tuple(round(value * share) for value in DPI)
    for format, address in result["exports"].items():
        found = app.get(address).body
        if format in ("png", "jpg", "webp"):
            assert "sRGB" in about(found)[1], format
        assert (read_picture(found).dpi is None) == (format == "webp"), format
        if format in ("png", "jpg", "psd"):
            assert np.allclose(np.array(read_picture(found).dpi, float), expected, atol=1), format


def test_downloads_of_the_server_are_what_the_command_line_saves(server, app):
    """The same words, `background` and `only`, with the same refusals."""
    room = new_room(app, encode_image(drawing(), "png", dpi=DPI))
    result = finished(app, start_job(app, room, hints=[])["job"])["result"]
    address = result["exports"]["png"]
    whole = load_image(app.get(address).body)
    ground = np.zeros((40, 30), np.uint8)
    ground[:, :10] = 255  # the networks of this test know of none
    (server[0].store.rooms_folder / room / f".ground.{result['id']}.png").write_bytes(encode_image(ground, "png"))
    for size in ("", "&size=original"):
        bare = load_image(app.get(f"{address}?background=none{size}").body)
        assert bare.shape[2] == 4 and bare[..., 3].min() == 0
        lines = load_image(app.get(f"{address}?only=lines{size}").body)
        assert lines.shape[2] == 4 and lines[..., 3].min() == 0 < lines[..., 3].max()
    one = app.get(f"{address}?only=colours", status=400).json["error"]["message"]
    assert "has its lines in its colours" in one  # so V3's networks paint, and those of this test
    tiff = app.get(f"{result['exports']['tif']}?background=keep").body
    assert "sRGB" in about(tiff)[1]
    kept = load_image(tiff)
    assert kept.shape[:2] == whole.shape[:2] and (kept.shape[2] == 3 or kept[..., 3].min() == 255), "it was opaque"
    for words in ("jpg?background=none", "jpg?only=lines", "psd?only=lines", "png?only=hair", "png?background=red"):
        format, _, query = words.partition("?")
        refused = app.get(f"{result['exports'][format]}?{query}", status=400).json["error"]["message"]
        assert refused.count(".") >= 1, words


# What is left out -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="names and links as Unix has them")
def test_a_folder_names_all_that_it_left_out_and_stops_for_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    art = Path("art")
    (art / "sub").mkdir(parents=True)
    for name in ("a.png", os.fsdecode(b"b\xff.png"), "sub/c.png"):
        (art / name).write_bytes(encode_image(COLORS, "png"))
    (art / os.fsdecode(b"bad\xfe.png")).write_bytes(b"no picture")
    (art / "notes.txt").touch()
    (art / ".hidden.png").touch()
    (art / "round").symlink_to(".")
    (art / "lost.png").symlink_to("lost.png")
    os.mkfifo(art / "pipe.png")
    assert main(["lines", "art", "-o", "art/out"]) == 2
    said = capsys.readouterr().err
    for words in ("Left out, not named like a picture: art/notes.txt", "Left out, hidden: art/.hidden.png",
                  "Left out, a link to a folder: art/round", "art/lost.png", "art/pipe.png", "art/bad?.png",
                  "3 drawn, 3 failed, of 6."):
        assert words in said
    assert main(["lines", "art", "-o", "art/out", "--json"]) == 2
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["input"] for one in told if "left_out" in one} == {"art/notes.txt", "art/.hidden.png", "art/round"}
    assert [os.fsencode(one["output"]) for one in told if one.get("width")] == [
        b"art/out/a.png", b"art/out/b\xff.png", b"art/out/sub/c.png"]
    assert len(list(Path("art/out").rglob("*.png"))) == 3


def test_a_folder_that_cannot_be_opened_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "art" / "shut").mkdir(parents=True)
    (tmp_path / "art" / "a.png").write_bytes(encode_image(COLORS, "png"))
    scan = os.scandir

    def scandir(path):
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert main(["lines", str(tmp_path / "art"), "-o", str(tmp_path / "out")]) == 0
    assert "Left out, cannot be opened (permission denied): " in capsys.readouterr().err
