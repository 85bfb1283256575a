"""The artist's lines over the colours: nothing vanishes, and every file and picture shows the same."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict
from itertools import pairwise

import cv2
import numpy as np
import pytest
from psd_tools import PSDImage
from test_pages import painter

from s2p.config import LINES, Settings, load_settings
from s2p.errors import ConfigError, InputError
from s2p.evaluation.difference import lab
from s2p.export import Layer, flatten
from s2p.image import encode_image, load_image
from s2p.overlay import Pen, compose, composed, ink, line_layer, overlay, tint, without_lines
from s2p.pipelines.style2paints.preview import PREVIEW_EDGE
from s2p.progress import NullReporter
from s2p.schema import Hint, Hints, Options

HINTS = Hints([
    Hint(x=0.15, y=0.1, color="#c03040"), Hint(x=0.85, y=0.2, color="#3060c0"), Hint(x=0.5, y=0.9, color="#d8b090"),
])
CLOSE = 6.0  # L*


def strokes(height: int = 620, width: int = 540) -> np.ndarray:
    """Thin, faint, slanted and thick strokes that cross, `uint8[H, W]`."""
    page = np.full((height, width), 255, np.uint8)
    for number, gray in enumerate((0, 90, 170, 215)):
        page[:, 60 + 110 * number] = gray
        page[70 + 120 * number : 72 + 120 * number] = np.minimum(page[70 + 120 * number : 72 + 120 * number], gray)
        cv2.line(page, (10, 40 + 130 * number), (width - 10, 150 + 110 * number), gray, 1, cv2.LINE_AA)
    cv2.circle(page, (width // 2, height // 2), 120, 0, 5, cv2.LINE_AA)
    return page


def lightness(image: np.ndarray) -> np.ndarray:
    rgb = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
    return lab(rgb.reshape(-1, 3))[:, 0].reshape(image.shape[:2])


# Nothing vanishes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hints", [Hints(), HINTS])
@pytest.mark.parametrize("zoom", [0.25, 0.5, 1.0])
def test_no_thin_or_faint_stroke_is_lost_at_any_zoom(zoom, hints):
    page = strokes()
    result = painter().colorize(page, hints=hints, settings=Settings(zoom=zoom, denoise="off"))
    assert result.image.shape[:2] == page.shape
    lost = lightness(result.image)[page < 250] - lightness(page)[page < 250]
    assert lost.max() <= CLOSE, f"a place of a stroke is {lost.max():.1f} lighter than it was drawn"


@pytest.mark.parametrize("paint", [(252, 226, 200), (250, 220, 90), (90, 140, 220), (60, 40, 80), (120, 190, 110)])
def test_black_lines_stay_black_over_any_paint(paint):
    page = strokes()
    image = overlay(np.full((*page.shape, 3), paint, np.uint8), page)
    difference = lightness(image)[page == 0] - lightness(page)[page == 0]
    assert np.abs(difference).max() <= CLOSE
    assert (lightness(image)[page < 250] - lightness(page)[page < 250]).max() <= CLOSE


def test_a_gray_pencil_line_is_not_doubled_in_darkness_by_the_paint_beneath():
    page = np.full((80, 80), 255, np.uint8)
    page[:, 40:43] = 100
    colors = np.full((80, 80, 3), (225, 150, 130), np.uint8)
    drawn = lightness(page)[0, 41]
    assert abs(lightness(overlay(colors, page))[0, 41] - drawn) <= CLOSE
    assert lightness(overlay(colors, page, Pen("as-drawn")))[0, 41] < drawn - CLOSE


def test_grain_of_paper_is_no_ink_and_a_faint_line_on_it_is():
    generator = np.random.default_rng(2)
    page = np.full((400, 400), 228.0)
    page[100:102] = page[:, 200] = 178
    page[300:304] = 30
    scan = np.clip(page + generator.normal(0, 4, page.shape), 0, 255).astype(np.uint8)
    alpha = ink(scan)
    assert (alpha[page == 228] > 12).mean() < 0.001
    assert (alpha[100:102].mean(axis=1) > 35).all() and alpha[:95, 200].mean() > 25
    assert alpha[301:303].min() > 200


def test_clean_white_paper_has_no_ink_and_every_gray_on_it_is_drawn_as_it_was():
    page = np.full((64, 64), 255, np.uint8)
    page[10:42, 20:24] = np.linspace(0, 245, 32).astype(np.uint8)[:, None]
    white = np.full((64, 64, 3), 255, np.uint8)
    assert np.abs(overlay(white, page).astype(int) - page[..., None]).max() <= 1
    assert not ink(np.full((9, 9), 255, np.uint8)).any()
    assert ink(np.zeros((9, 9), np.uint8)).min() == 255


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (3, 5)])
@pytest.mark.parametrize("lines", LINES)
def test_any_size_can_be_laid_over(shape, lines):
    generator = np.random.default_rng(0)
    colors = generator.integers(0, 256, (*shape, 3)).astype(np.uint8)
    drawing = generator.integers(0, 256, shape).astype(np.uint8)
    image, clean = composed(colors, drawing, Pen(lines))
    assert image.shape == clean.shape == colors.shape


# What lines look like -------------------------------------------------------------------------------------------------


def test_a_tinted_line_has_the_hue_of_the_paint_on_its_own_side():
    page = np.full((300, 400), 255, np.uint8)
    page[:, 198:202] = 0
    page[:, 100:103] = page[:, 300:303] = 0
    colors = np.full((300, 400, 3), (210, 60, 60), np.uint8)
    colors[:, 200:] = (70, 120, 220)
    image = overlay(colors, page)
    for column, paint in ((101, (210, 60, 60)), (301, (70, 120, 220))):
        line, beside = lab(image[150, column][None])[0], lab(np.array([paint], np.uint8))[0]
        turned = np.angle(np.exp(1j * (np.arctan2(line[2], line[1]) - np.arctan2(beside[2], beside[1]))))
        assert abs(np.degrees(turned)) < 30 and np.hypot(*line[1:]) > 12
        assert line[0] <= CLOSE


def test_beside_white_paper_a_line_stays_as_drawn():
    page = strokes()
    assert not tint(np.full((*page.shape, 3), 255, np.uint8), ink(page)).any()


def test_lines_do_not_darken_the_tint_of_their_neighbours():
    page = np.full((200, 200), 255, np.uint8)
    page[:, 20:180:4] = 0  # hatching
    colors = np.full((200, 200, 3), (230, 120, 110), np.uint8)
    hatched = tint(without_lines(np.where(page[..., None] == 0, 0, colors).astype(np.uint8), ink(page)), ink(page))
    page[:, 24:180] = 255
    alone = tint(colors, ink(page))
    assert np.abs(hatched[100, 100].astype(int) - alone[100, 20]).max() <= 3


def test_painted_lines_under_the_drawn_ones_are_taken_out():
    page = np.full((120, 120), 255, np.uint8)
    page[:, 55:61] = 0
    painted = np.full((120, 120, 3), (200, 180, 90), np.uint8)
    painted[:, 55:61] = (30, 20, 10)
    assert np.abs(without_lines(painted, ink(page)).astype(int) - (200, 180, 90)).max() <= 2


def test_none_has_no_ink_and_one_colour_has_one():
    page, colors = strokes(), np.full((620, 540, 3), (200, 180, 90), np.uint8)
    assert (overlay(colors, page, Pen("none")) == colors).all()
    assert (overlay(colors, page, Pen("coloured", "#204080"))[page == 0] == (0x20, 0x40, 0x80)).all()
    assert (overlay(colors, page, Pen("as-drawn"))[page == 0] == 0).all()


def test_a_pen_that_does_not_exist_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(InputError, match="lines must be one of tinted, as-drawn, coloured, none"):
        Pen("dotted")
    (tmp_path / "config.ini").write_text("[lines]\nlines = dotted\n")
    with pytest.raises(ConfigError, match=r"lines must be one of .* \(config.ini, line 2\)"):
        load_settings(tmp_path / "config.ini", environment={})
    (tmp_path / "config.ini").write_text("[lines]\nlines = coloured\nline_color = #102030\n")
    read = load_settings(tmp_path / "config.ini", environment={"S2P_LINES": "none"})
    assert (read.lines, read.line_color) == ("none", "#102030")


# The same everywhere --------------------------------------------------------------------------------------------------


def flat_psd(data: bytes) -> np.ndarray:
    """The visible layers of a PSD file, laid over each other by us: psd-tools' own picture could be the stored one."""
    document = PSDImage.open(io.BytesIO(data))
    assert all(layer.blend_mode.name == "NORMAL" for layer in document)
    layers = [Layer(layer.name, np.array(layer.topil()), visible=layer.visible) for layer in document]
    assert layers[-1].image.shape[2] == 4 and not document[-1].has_mask()
    return flatten(layers)


@pytest.mark.parametrize("size", ["original", "painted"])
@pytest.mark.parametrize("lines", LINES)
def test_layered_files_look_like_the_picture(tmp_path, lines, size):
    settings = Settings(zoom=0.25, denoise="off", lines=lines)
    result = painter().colorize(strokes(), hints=HINTS, settings=settings, output_size=size)
    for name in ("x.png", "x.psd", "x.ora"):
        result.save(tmp_path / name)
    picture = load_image(tmp_path / "x.png").astype(int)
    assert np.abs(flat_psd((tmp_path / "x.psd").read_bytes()) - picture).max() <= 2
    with zipfile.ZipFile(tmp_path / "x.ora") as archive:
        merged = load_image(archive.read("mergedimage.png"))[..., :3]
        assert np.abs(merged - picture).max() <= 2
    assert list(result.layers) == ["draft", "composition", "colours", "lines"]
    assert (result.image == result.layers["colours"].image).all() == (lines == "none")


@pytest.mark.parametrize("lines", LINES)
def test_a_room_exports_what_its_page_shows(tmp_path, lines):
    from server.picture_tasks import export
    from server.rooms import UPLOAD
    from server.tasks import paint

    (tmp_path / UPLOAD).write_bytes(encode_image(strokes(), "png"))
    task = {
        "folder": str(tmp_path), "room": "r", "step": "s", "settings": asdict(Settings(zoom=0.25, lines=lines)),
        "options": Options().model_dump(), "hints": HINTS.packed().to_text(), "max_pixels": 10_000_000,
        "output_size": "original", "results": None, "record": {}, "job": "1",
    }
    paint(painter(), task, NullReporter())
    record = json.loads((tmp_path / "result.s.json").read_text())
    assert (record["height"], record["width"]) == strokes().shape
    shown = load_image(tmp_path / "result.s.png").astype(int)
    files = {}
    for name in ("e.png", "e.webp", "e.psd", "e.ora"):
        export({"folder": str(tmp_path), "step": "s", "target": name, "method": "colorization", "job": "1"})
        files[name] = (tmp_path / name).read_bytes()
    assert (load_image(files["e.png"]) == shown).all() and (load_image(files["e.webp"])[..., :3] == shown).all()
    assert np.abs(flat_psd(files["e.psd"]) - shown).max() <= 2


def test_a_preview_is_the_same_composition_made_small():
    page = np.full((800, 700), 255, np.uint8)
    page[:, 350:354] = page[400:404] = 0
    subject = painter()
    sketch = subject.prepare(page[..., None].repeat(3, axis=2)).sketches["colorization"]
    darkest = []
    for lines in ("none", "tinted"):
        settings = Settings(zoom=0.25, denoise="off", lines=lines)
        small = subject.preview(sketch, drawing=page, hints=HINTS, settings=settings)
        large = subject.paint(sketch, drawing=page, hints=HINTS, settings=settings, output_size="original").image
        assert min(small.shape[:2]) == PREVIEW_EDGE
        shrunk = cv2.resize(large, small.shape[1::-1], interpolation=cv2.INTER_AREA)
        assert np.abs(shrunk.astype(int) - small).mean() < 4
        darkest.append(lightness(small)[20:130, 120:136].min(axis=1).max())
    assert darkest[1] < darkest[0] - 15  # the line is there in every row


def test_another_pen_runs_no_network():
    calls: list[str] = []
    subject, page = painter(calls), strokes()
    pictures = [subject.colorize(page, hints=HINTS).image]
    calls.clear()
    for lines in ("as-drawn", "none"):
        pictures.append(subject.colorize(page, hints=HINTS, settings=subject.settings.merged(lines=lines)).image)
    pictures.append(subject.colorize(page, hints=HINTS, options=Options(line_color="#2040a0")).image)
    assert not calls
    assert all((one != other).any() for one, other in pairwise(pictures))


def test_a_line_colour_draws_the_lines_and_leaves_the_colours_alone():
    subject, page = painter(), strokes()
    plain, colored = (subject.colorize(page, options=Options(line_color=color)) for color in (None, "#2040a0"))
    assert (plain.composition == colored.composition).all() and (plain.colors == colored.colors).all()
    assert (colored.image[page == 0] == (0x20, 0x40, 0xA0)).all()
    v3 = [painter(encoding="points").colorize(page, options=Options(line_color=c)) for c in (None, "#2040a0")]
    assert (v3[0].composition != v3[1].composition).any() and v3[0].colors is None


def test_compose_is_what_the_layer_looks_like_over_the_colours():
    page, colors = strokes(), np.full((620, 540, 3), (200, 180, 90), np.uint8)
    layer = line_layer(colors, page, Pen())
    assert (compose(colors, layer) == overlay(colors, page)).all()
    assert np.abs(flatten([Layer("c", colors), Layer("l", layer)]).astype(int) - compose(colors, layer)).max() <= 1


# Size and proportions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["layered", "points"])
@pytest.mark.parametrize("output_size", ["original", "painted"])
@pytest.mark.parametrize("zoom", [0.25, 0.5])
@pytest.mark.parametrize("shape", [(1000, 900), (1000, 700), (640, 1010)])
def test_a_circle_stays_a_circle(shape, zoom, output_size, encoding):
    page = np.full(shape, 255, np.uint8)
    cv2.circle(page, (shape[1] // 2, shape[0] // 2), 250, 0, 9, cv2.LINE_AA)
    result = painter(encoding=encoding).colorize(
        page, settings=Settings(zoom=zoom, denoise="off"), output_size=output_size
    )
    height, width = result.image.shape[:2]
    assert abs(height * shape[1] / width - shape[0]) <= shape[1] / width  # within one pixel of the result
    assert (height, width) == shape or output_size == "painted"
    rows, columns = np.nonzero(cv2.cvtColor(result.image, cv2.COLOR_RGB2GRAY) < 90)
    assert abs(np.ptp(rows) - np.ptp(columns)) <= 1
