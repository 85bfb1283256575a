"""Files of strokes come back as they were, open in a real browser and player, and bad ones are refused."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from s2p.errors import InputError, OutputError
from s2p.strokes import files, video
from s2p.strokes.layouts import LAYOUTS, Strokes
from s2p.strokes.painting import Painting, paint
from s2p.strokes.svg import svg
from tests.client_browser import chromium
from tests.stroke_cases import ALL, picture, strokes_of

__all__ = ["chromium"]  # a fixture


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("ending", files.READABLE)
def test_strokes_come_back_bit_for_bit(name, ending, tmp_path):
    strokes = strokes_of(name, 30, aspect=0.61, canvas="#203040")
    files.write_strokes(tmp_path / f"a{ending}", strokes)
    back = files.read_strokes(tmp_path / f"a{ending}")
    np.testing.assert_array_equal(back.values, strokes.values)
    assert (back.renderer, back.aspect, back.canvas) == (name, 0.61, "#203040")


@pytest.mark.parametrize("name", ALL)
def test_the_form_of_blocks_comes_back_as_the_same_strokes(name, tmp_path):
    strokes = strokes_of(name, 30)
    files.write_strokes(tmp_path / "a.npz", strokes, blocks=(2, 3))
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays["x_ctt"].shape[0] == 6 and arrays["x_ctt"].ndim == 3
    back = files.read_strokes(tmp_path / "a.npz")
    by_alpha = back.values[np.argsort(back.values[:, -1])], strokes.values[np.argsort(strokes.values[:, -1])]
    np.testing.assert_allclose(*by_alpha, atol=1e-5)


@pytest.mark.parametrize("name", ALL)
def test_files_of_the_original_are_read_by_their_shapes_alone(name, tmp_path):
    """As it writes them: three arrays and nothing else; (1, N, .) of the canvas, or (m * m, k, .) of blocks."""
    strokes, layout = strokes_of(name, 8), LAYOUTS[name]
    parts = {"x_ctt": slice(0, len(layout.shape)), "x_color": layout.color, "x_alpha": slice(-1, None)}
    np.savez(tmp_path / "global.npz", **{key: strokes.values[None, :, part] for key, part in parts.items()})
    back = files.read_strokes(tmp_path / "global.npz")
    assert back.renderer == name and back.aspect == 1.0
    np.testing.assert_array_equal(back.values, strokes.values)
    blocks = strokes.values.reshape(4, 2, -1)
    np.savez(tmp_path / "blocks.npz", **{key: blocks[..., part] for key, part in parts.items()})
    back = files.read_strokes(tmp_path / "blocks.npz").values
    x, y = layout.places[0]
    np.testing.assert_allclose(back[3, [x, y]], (blocks[3, 0, [x, y]] + 1) / 2)  # the first stroke of the last block
    np.testing.assert_allclose(back[4, [x, y]], blocks[0, 1, [x, y]] / 2)  # then the second of the first


def _zip_of(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x_ctt.npy", b"\0" * (files.MAX_BYTES + 1))
    return buffer.getvalue()


def _numbers(*shape: int) -> np.ndarray:
    return np.full(shape, 0.5, np.float32)


BAD_NPZ = {
    "empty": b"", "no zip": b"strokes", "bomb": _bomb(), "other arrays": _zip_of(a=np.zeros(3)),
    "objects": _zip_of(x_ctt=np.array([[[None]]]), x_color=_numbers(1, 1, 3), x_alpha=_numbers(1, 1, 1)),
    "flat": _zip_of(x_ctt=_numbers(5), x_color=_numbers(3), x_alpha=_numbers(1)),
    "columns": _zip_of(x_ctt=_numbers(1, 2, 7), x_color=_numbers(1, 2, 3), x_alpha=_numbers(1, 2, 1)),
    "counts": _zip_of(x_ctt=_numbers(1, 2, 5), x_color=_numbers(1, 3, 3), x_alpha=_numbers(1, 2, 1)),
    "no grid": _zip_of(x_ctt=_numbers(5, 2, 5), x_color=_numbers(5, 2, 3), x_alpha=_numbers(5, 2, 1)),
    "not a number": _zip_of(x_ctt=np.full((1, 1, 5), np.nan), x_color=_numbers(1, 1, 3), x_alpha=_numbers(1, 1, 1)),
}
BAD_JSON = {
    "no JSON": "{", "deep": "[" * 100_000, "list": "[]", "other format": '{"format": "x"}',
    "renderer": '{"format": "s2p strokes 1", "renderer": "air"}',
    "short row": '{"format": "s2p strokes 1", "renderer": "rectangle", "strokes": [[1, 2]]}',
    "nine rows of one": json.dumps({"format": "s2p strokes 1", "renderer": "rectangle", "strokes": [[1]] * 9}),
    "words": '{"format": "s2p strokes 1", "renderer": "rectangle", "strokes": [["a","b","c","d","e","f","g","h","i"]]}',
    "aspect": '{"format": "s2p strokes 1", "renderer": "rectangle", "aspect": 1e9, "strokes": []}',
    "infinite": '{"format": "s2p strokes 1", "renderer": "rectangle", "strokes": [[0,0,0,0,0,0,0,0,Infinity]]}',
    "canvas": '{"format": "s2p strokes 1", "renderer": "rectangle", "canvas": "\\"/><script>", "strokes": []}',
}


@pytest.mark.parametrize("case", BAD_NPZ)
def test_bad_npz_files_are_refused_with_a_sentence(case, tmp_path):
    (tmp_path / "a.npz").write_bytes(BAD_NPZ[case])
    with pytest.raises(InputError, match=r"a\.npz|finite"):
        files.read_strokes(tmp_path / "a.npz")


@pytest.mark.parametrize("case", BAD_JSON)
def test_bad_json_files_are_refused_with_a_sentence(case, tmp_path):
    (tmp_path / "a.json").write_text(BAD_JSON[case])
    with pytest.raises(InputError, match=r"a\.json"):
        files.read_strokes(tmp_path / "a.json")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        files.read_strokes(tmp_path / "a.npz")
    with pytest.raises(InputError, match=r"\.npz or \.json"):
        files.read_strokes(tmp_path / "a.png")
    with pytest.raises(OutputError, match=r"\.npz, \.json, \.svg"):
        files.write_strokes(tmp_path / "a.txt", strokes_of("rectangle"))
    with pytest.raises(OutputError, match="cannot be written"):
        files.write_strokes(tmp_path / "none" / "a.npz", strokes_of("rectangle"))


# SVG ------------------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("name", "most"), [
    ("oilpaintbrush", 0.02), ("watercolor", 0.03), ("markerpen", 0.03), ("rectangle", 0.01)
])  # fmt: skip
def test_an_svg_looks_in_a_browser_as_the_raster_does(name, most, chromium, tmp_path):
    painting = paint(picture(), renderer=name, max_strokes=60, max_divide=3, canvas_size=1000, candidates=12, iters=3)
    path = tmp_path / "a.svg"
    painting.save(path)
    shown = _in_browser(chromium, path, painting.image.shape)
    assert np.abs(shown.astype(float) - painting.image).mean() / 255 < most
    assert np.abs(shown.astype(float) - 255).mean() / 255 > 0.2  # and is no empty page


def _in_browser(browser: Any, path: Path, shape: tuple[int, ...]) -> np.ndarray:
    page = browser.new_page(viewport={"width": shape[1], "height": shape[0]})
    try:
        page.goto(path.as_uri())
        return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    finally:
        page.close()


@pytest.mark.browser
def test_an_svg_holds_the_lines_on_top(chromium, tmp_path):
    drawing = np.full((96, 128), 255, np.uint8)
    cv2.rectangle(drawing, (32, 24), (95, 71), 0, 4)
    painting = paint(picture(), renderer="rectangle", max_strokes=14, max_divide=3, canvas_size=1000, lines=drawing)
    painting.save(tmp_path / "a.svg")
    shown = _in_browser(chromium, tmp_path / "a.svg", painting.image.shape)
    assert shown[186:190, 400:600].mean() < 90
    apart = np.abs(shown.astype(float) - painting.image).mean() / 255
    (tmp_path / "b.svg").write_text(svg(painting.strokes))
    without = np.abs(_in_browser(chromium, tmp_path / "b.svg", painting.image.shape).astype(float) - painting.image)
    assert apart < 0.015 < without.mean() / 255, "strokes stop at the lines here, too"


def test_an_svg_has_one_element_for_a_stroke_and_survives_dots():
    for name in ALL:
        strokes = strokes_of(name, 5)
        values = strokes.values.copy()
        if strokes.layout.is_curve:
            values[:, 4:6] = values[:, 0:2]
        text = svg(strokes.with_values(values))
        assert "nan " not in text and 'nan"' not in text
        assert sum(text.count(f"\n<{tag} ") for tag in ("g", "path", "rect")) == 6  # and the ground


# Films ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> Painting:
    return paint(picture(), max_strokes=30, max_divide=3, canvas_size=97, candidates=8, iters=2)  # of odd sides


@pytest.mark.parametrize("has_ffmpeg", [True, False])
def test_an_mp4_opens_and_has_a_frame_for_every_stroke(small, has_ffmpeg, tmp_path, monkeypatch):
    if has_ffmpeg:
        pytest.importorskip("imageio_ffmpeg")
    else:
        monkeypatch.setattr(video, "find_spec", lambda name: None)
    told: list[float] = []
    small.save(tmp_path / "a.mp4", done=told.append)
    film = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    frames = []
    while True:
        is_there, frame = film.read()
        if not is_there:
            break
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    assert len(frames) == len(small.strokes) + 1 + 60  # the last one stays
    assert film.get(cv2.CAP_PROP_FPS) == pytest.approx(video.FPS)
    height, width = small.image.shape[:2]
    assert np.abs(frames[-1][:height, :width].astype(float) - small.image).mean() < 8
    assert np.abs(frames[0].astype(float) - 255).mean() < 4
    assert told and sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4"]


@pytest.mark.browser
def test_an_mp4_plays_in_a_browser(small, chromium, tmp_path):
    pytest.importorskip("imageio_ffmpeg")
    small.save(tmp_path / "a.mp4")
    (tmp_path / "a.html").write_text('<video src="a.mp4" muted></video>')
    page = chromium.new_page()
    try:
        page.goto((tmp_path / "a.html").as_uri())
        if not page.evaluate("document.createElement('video').canPlayType('video/mp4; codecs=\"avc1.42E01E\"')"):
            pytest.skip("This Chromium was built without H.264.")
        page.wait_for_function("document.querySelector('video').readyState >= 2")
        seconds = page.evaluate("document.querySelector('video').duration")
    finally:
        page.close()
    assert seconds == pytest.approx((len(small.strokes) + 61) / video.FPS, abs=0.1)


def test_a_gif_ends_with_the_painting_and_a_stopped_film_leaves_nothing(small, tmp_path):
    small.save(tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as film:
        assert getattr(film, "n_frames", 1) > 10
        film.seek(getattr(film, "n_frames", 1) - 1)
        last = np.asarray(film.convert("RGB"))
    assert np.abs(last.astype(float) - small.image).mean() < 8

    def stop(fraction: float) -> None:
        raise KeyboardInterrupt

    for ending in video.ENDINGS:
        with pytest.raises(KeyboardInterrupt):
            small.save(tmp_path / f"stopped{ending}", done=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["a.gif"]
    with pytest.raises(OutputError, match=r"must end in"):
        small.save(tmp_path / "a.txt")


def test_frames_begin_with_the_bare_canvas_and_end_with_the_painting(small):
    count, first, last = 0, None, None
    for frame in small.frames():
        first = frame.copy() if first is None else first
        last, count = frame, count + 1
    assert count == len(small.strokes) + 1 and first is not None and (first == 255).all()
    np.testing.assert_array_equal(last, small.image)


def test_no_strokes_are_a_bare_canvas(tmp_path):
    bare = Painting(Strokes("watercolor", np.zeros((0, 15), np.float32), 0.5, "#112233"), 32)
    assert (bare.image == (0x11, 0x22, 0x33)).all()
    for ending in (".svg", ".json", ".npz", ".mp4", ".gif"):
        bare.save(tmp_path / f"a{ending}")
    assert len(files.read_strokes(tmp_path / "a.json")) == len(files.read_strokes(tmp_path / "a.npz")) == 0
