"""Layers and pages through the doors: what the command line says, what a room says, and what Python takes."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from fake_networks import fake_networks
from PIL import Image
from server_cases import pixels

import s2p
from s2p.cli import main
from s2p.config import Settings
from s2p.errors import ConfigError, InputError
from s2p.export import encode_ora, encode_psd
from s2p.image import encode_image, load_image
from s2p.pipelines import style2paints
from s2p.pipelines.painter_base import brought_of
from s2p.pipelines.request import forget
from s2p.pipelines.style2paints.painter import Painter
from tests.reading_cases import drawing, layers, pages


def run(capsys, *words: str) -> tuple[int, str, str]:
    code = main(["lines", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_command_line_says_which_layer_it_took_and_takes_another(tmp_path, capsys):
    source, target = tmp_path / "girl.psd", tmp_path / "out.png"
    source.write_bytes(encode_psd(layers("colours", "shade", "lines")))
    code, _, said = run(capsys, str(source), "-o", str(target))
    assert code == 0 and "Of its 3 layers 'lines' was taken. --layer NAME takes another." in said
    code, told, _ = run(capsys, str(source), "-o", str(target), "--layer", "colours", "--json")
    assert code == 0 and json.loads(told)["taken"] == "Of its 3 layers 'colours' was taken."
    code, _, said = run(capsys, str(source), "-o", str(target), "--layer", "hair")
    assert code == 2 and "no layer 'hair'" in said


def test_the_command_line_says_which_page_it_took(tmp_path, capsys):
    source, target = tmp_path / "scans.tif", tmp_path / "out.png"
    source.write_bytes(pages("TIFF"))
    assert "page 1 was taken. --page N takes another." in run(capsys, str(source), "-o", str(target))[2]
    assert run(capsys, str(source), "-o", str(target), "--page", "2")[0] == 0
    assert load_image(target).shape == (20, 32, 3)
    assert "no page 9: it has 3 in all." in run(capsys, str(source), "-o", str(target), "--page", "9")[2]


def test_a_folder_has_layered_files(tmp_path, capsys):
    for name in ("a.ora", "b.psd", "c.kra"):
        (tmp_path / name).write_bytes(encode_ora(layers("colours", "shade", "lines")))
    code, told, _ = run(capsys, str(tmp_path), "-o", str(tmp_path / "out"), "--json")
    assert code == 0 and [json.loads(line)["input"][-5:] for line in told.splitlines()] == ["a.ora", "b.psd", "c.kra"]


def test_python_takes_the_lines_of_a_drawing_and_the_whole_of_a_picture():
    data = encode_ora(layers("colours", "shade", "lines"))
    assert np.array_equal(brought_of(data).image[..., 3], drawing()[..., 3])
    assert load_image(data)[0, 0].tolist() == [110, 20, 30]


@pytest.fixture
def fakes(monkeypatch):
    """`s2p.colorize` with fake networks."""
    settings = Settings(zoom=0.25, denoise="off")
    monkeypatch.setattr(style2paints, "load", lambda settings=None: Painter(fake_networks([]), settings=settings))
    forget()
    yield lambda source, **options: s2p.colorize(source, settings=settings, **options)
    forget()


def test_colorize_takes_a_page_and_a_layer(fakes):
    """As the command line does; what a wrong number or name gets is a sentence, too."""
    assert fakes(pages("TIFF"), page=3).lines.shape == (20, 34) and fakes(pages("TIFF")).lines.shape == (20, 30)
    with pytest.raises(InputError, match="no page 9"):
        fakes(pages("TIFF"), page=9)
    data = encode_ora(layers("colours", "shade", "lines"))
    own, other, whole = (fakes(data, **words, intake="off").lines for words in ({}, {"layer": "shade"}, {"layer": ""}))
    assert own[0, 0] == 255 and np.array_equal(own, 255 - drawing()[..., 3])
    assert other.max() < 60 and whole[0, 0] == 20, "the least of the channels of what was taken"
    with pytest.raises(InputError, match="no layer 'hair'"):
        fakes(data, layer="hair")


def test_colorize_looks_at_a_drawing_or_not_as_it_is_told(fakes):
    dark = np.zeros((200, 160), np.uint8)
    dark[90:92, 20:140] = 255
    assert fakes(dark).corrected == ("inverted",) and (fakes(dark).lines == 255 - dark).all()
    for words, found, lines in (
        ({"intake": "off"}, (), dark), ({"invert": "no"}, (), dark),
        ({"intake": "off", "invert": "yes"}, ("inverted",), 255 - dark),
    ):
        result = fakes(dark, **words)
        assert result.corrected == found and (result.lines == lines).all(), words
    with pytest.raises(ConfigError, match="intake"):
        fakes(dark, intake="perhaps")


def upload(app, name: str, data: bytes, status: int = 201, **fields: str) -> dict:
    return app.post("/api/v1/rooms", fields, upload_files=[("file", name, data)], status=status).json


@pytest.mark.parametrize("encode", [encode_psd, encode_ora])
def test_a_room_takes_the_layer_of_lines_and_says_so(app, encode):
    data = encode(layers("colours", "shade", "lines"))
    room = upload(app, "girl.psd", data)
    assert room["taken"] == "Of its 3 layers 'lines' was taken." and (room["width"], room["height"]) == (160, 200)
    seen = pixels(app.get(room["sketch"]).body)
    assert seen[0, 0].min() > 250 and seen.min() < 60
    assert room["picked"] == {"page": None, "layer": "lines", "layers": ["lines", "shade", "colours"],
                              "was_asked": False}
    together = upload(app, "girl.psd", data, layer="")
    assert together["picked"]["layer"] is None and together["picked"]["was_asked"], "an empty name means all"
    other = upload(app, "girl.psd", data, layer="colours")
    assert "'colours'" in other["taken"] and pixels(app.get(other["sketch"]).body)[5, 5, 0] > 200
    assert "no layer 'hair'" in upload(app, "girl.psd", data, status=400, layer="hair")["error"]["message"]


def test_a_room_takes_a_page_and_says_so(app):
    assert "page 1" in upload(app, "scans.tif", pages("TIFF"))["taken"]
    third = upload(app, "scans.tif", pages("TIFF"), page="3")
    assert third["width"] == 34 and third["picked"]["page"] == 3
    for page in ("0", "9", "-1", "x", "99999999", "1.5"):
        assert upload(app, "scans.tif", pages("TIFF"), status=400, page=page)["error"]["message"].endswith(".")


def test_a_reference_keeps_its_colours(app):
    room = upload(app, "a.png", encode_image(drawing(), "png"))["room"]
    data = encode_psd(layers("colours", "shade", "lines"))
    told = app.post(f"/api/v1/rooms/{room}/references", upload_files=[("file", "style.psd", data)], status=201).json
    assert pixels(app.get(told["url"]).body)[5, 5].tolist() == pytest.approx([110, 20, 30], abs=4)


def test_a_layer_without_a_colour_stays_transparent_in_a_room(server, app):
    room = upload(app, "girl.ora", encode_ora(layers("colours", "shade", "lines")))["room"]
    kept = load_image(server[0].store.room(room).file(".upload"))
    assert np.array_equal(kept, drawing())
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "PNG")
    assert upload(app, "b.png", buffer.getvalue())["taken"] == ""
    assert upload(app, "b.png", buffer.getvalue())["picked"] is None
