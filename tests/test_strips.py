"""Pages that are too large to be held in colour: joined to their lines strip by strip, the same as in one piece."""

from __future__ import annotations

import io
import tracemalloc

import cv2
import numpy as np
import pytest
from brought import HINTS, figure, on_paper
from intake_cases import painter
from PIL import Image

from s2p import cli, reading
from s2p.config import Settings
from s2p.enlarge import Enlarged, enlarge
from s2p.errors import OutputError
from s2p.image import encode_image, load_image, srgb_profile
from s2p.intake import take_in
from s2p.overlay import Pen, Shade
from s2p.pipelines.pages import finished
from s2p.pipelines.request import Request
from s2p.png_rows import write_png_rows
from s2p.reading import read_picture
from s2p.strips import ROWS, Strips

SETTINGS = Settings(zoom=0.25, denoise="off")
random = np.random.default_rng(0)
PAGE = figure(scale=1.37, width=4)
COLORS = cv2.resize(random.integers(0, 256, (9, 7, 3), np.uint8), (256, 366), interpolation=cv2.INTER_NEAREST)
SHADE = Shade(random.integers(180, 256, (183, 128, 3), np.uint8), random.integers(0, 60, (183, 128, 3), np.uint8))
# Half as large, for what is done with every pen: still two doublings of the colours, three strips and an odd height.
HALF = figure(scale=0.685, width=3)
HALF_GRAINY = np.clip(HALF.astype(int) - 20 + random.normal(0, 5, HALF.shape), 0, 255).astype(np.uint8)
HALF_COLORS = cv2.resize(COLORS, (128, 183), interpolation=cv2.INTER_NEAREST)
HALF_SHADE = Shade(random.integers(180, 256, (92, 64, 3), np.uint8), random.integers(0, 60, (92, 64, 3), np.uint8))
HALF_BOUNDS = cv2.resize(HALF, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("shade", [None, HALF_SHADE, Shade(HALF_SHADE.shadow)], ids=["flat", "lit", "shaded"])
@pytest.mark.parametrize("bounds", [None, HALF_BOUNDS], ids=["", "walls"])
@pytest.mark.parametrize("page", [HALF, HALF_GRAINY], ids=["clean", "grainy"])
@pytest.mark.parametrize("pen", [Pen(), Pen("none"), Pen("coloured", "#aa2233")], ids=["tinted", "none", "coloured"])
def test_strips_are_the_page_in_one_piece(pen, page, bounds, shade):
    whole, _ = finished(HALF_COLORS, page, pen, bounds=bounds, shade=shade)
    strips = Strips(HALF_COLORS, page, pen, bounds=bounds, shade=shade)
    found = list(strips.rows())
    assert len(found) == 3 and strips.shape == whole.shape and {len(strip) for strip in found[:-1]} == {ROWS}
    away = np.abs(np.concatenate(found).astype(int) - whole)
    assert away.max() <= 1 and (away > 0).mean() < 0.01, "also where two strips meet"


def test_rows_of_an_enlarged_painting_are_its_rows_whole():
    whole, rows = enlarge(COLORS, PAGE, ink=False), Enlarged(COLORS, PAGE)
    assert (rows.rows(250, 611) == whole[250:611]).all()
    small = cv2.resize(PAGE, COLORS.shape[1::-1])
    assert (Enlarged(COLORS, small).rows(10, 21) == enlarge(COLORS, small, ink=False)[10:21]).all()


def test_a_page_in_strips_never_takes_the_room_of_its_colours():
    page = figure(scale=5.0, width=15)
    strips = Strips(COLORS, page, Pen(), shade=SHADE)
    tracemalloc.start()
    try:
        for _ in strips.rows():
            pass
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 * page.size, "one piece takes six times that for picture and colours alone"


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (300, 20)])
def test_a_png_written_by_rows_is_read_as_any_other(tmp_path, shape):
    image = random.integers(0, 256, (*shape, 3), np.uint8)
    image[len(image) // 2 :] = 200
    strips = (image[top : top + 64] for top in range(0, len(image), 64))
    write_png_rows(tmp_path / "rows.png", strips, image.shape, dpi=(600.0, 300.0), profile=srgb_profile())
    assert (load_image(tmp_path / "rows.png") == image).all()
    with Image.open(tmp_path / "rows.png") as picture:
        assert picture.info["dpi"] == pytest.approx((600, 300), abs=0.1)
        assert picture.info["icc_profile"] == srgb_profile()


def test_a_png_that_is_not_finished_leaves_nothing(tmp_path):
    for strips in ([np.zeros((2, 8, 3), np.uint8)], [np.zeros((4, 7, 3), np.uint8)]):
        with pytest.raises(ValueError, match="must"):
            write_png_rows(tmp_path / "rows.png", strips, (4, 8, 3))
    with pytest.raises(OutputError, match="the folder does not exist"):
        write_png_rows(tmp_path / "no" / "rows.png", [np.zeros((1, 1, 3), np.uint8)], (1, 1, 3))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["clean", "paper"])
def test_a_gray_page_is_painted_in_strips_as_its_three_channels_are(name):
    page = PAGE if name == "clean" else on_paper(PAGE, (225, 225, 225))[..., 0]
    asked = Request(cv2.merge([page] * 3), hints=HINTS, settings=SETTINGS)
    whole = painter().run(asked)
    result = painter().run(Request(page, hints=HINTS, settings=SETTINGS, in_strips=True))
    assert result.strips is not None and result.strips.shape == whole.image.shape
    assert result.corrected == whole.corrected and max(result.image.shape) < max(whole.image.shape)
    away = np.abs(np.concatenate(list(result.strips.rows())).astype(int) - whole.image)
    assert away.max() <= 2 and (away > 0).mean() < 0.01


@pytest.mark.parametrize("make", [
    lambda page: 255 - page, lambda page: on_paper(page, (205, 205, 205), grain=4)[..., 0],
    lambda page: np.minimum(page, (np.arange(len(page)) % 40 > 1)[:, None] * np.uint8(60) + np.uint8(195)),
], ids=["inverted", "paper", "ruled"])
def test_gray_is_looked_at_as_its_three_channels_are(make):
    page = make(figure())
    one, three = take_in(page), take_in(cv2.merge([page] * 3))
    assert one.found == three.found != () and one.picture.shape == three.picture.shape
    assert (one.drawing == three.drawing).all() and (one.walls == three.walls).all()


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "I;16"])
def test_gray_of_large_pages_stays_gray(mode):
    page = (figure(scale=0.1) > 128) * np.uint8(255)
    buffer = io.BytesIO()
    deep = Image.fromarray(page.astype(np.uint16) * 257)
    (deep if mode == "I;16" else Image.fromarray(page).convert(mode)).save(buffer, "png")
    for limit, shape in ((page.size, page.shape), (page.size + 1, (*page.shape, 3)), (None, (*page.shape, 3))):
        image = read_picture(buffer.getvalue(), gray_from=limit).image
        assert image.shape == shape and (image.reshape(*page.shape, -1)[..., 0] == page).all()
    tinted = np.stack([page, page, page // 2], -1)
    assert read_picture(encode_image(tinted, "png"), gray_from=1).image.shape == tinted.shape


def test_the_command_line_writes_large_pages_in_strips(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("s2p.cli.wish.kept", lambda name, settings: painter())
    source = tmp_path / "a.png"
    source.write_bytes(encode_image(PAGE, "png", dpi=(1200, 1200)))
    words = ["colorize", str(source), "--million-pixels", "2", "--zoom", "0.25", "--json", "-o"]
    assert cli.main([*words, str(tmp_path / "whole.png")]) == 0
    monkeypatch.setattr(reading, "MAX_PIXELS", 10_000)
    monkeypatch.setattr("s2p.pipelines.base.Result.shown", property(lambda _: pytest.fail("held in one piece")))
    assert cli.main([*words, str(tmp_path / "strips.png")]) == 0
    whole, strips = (load_image(tmp_path / f"{name}.png").astype(int) for name in ("whole", "strips"))
    assert np.abs(whole - strips).max() <= 1
    with Image.open(tmp_path / "strips.png") as picture:
        assert round(picture.info["dpi"][0]) == 1200
    assert f'"width": {PAGE.shape[1]}, "height": {PAGE.shape[0]}' in capsys.readouterr().out.splitlines()[-1]
