"""The library as a programmer meets it: `import s2p`, and whatever they bring."""

from __future__ import annotations

import inspect
import io
from pathlib import Path

import numpy as np
import pytest
from fake_networks import fake_networks
from PIL import Image

import s2p
from s2p.errors import HintError, InputError, NotFoundError, OutputError, S2PError
from s2p.image import encode_image, save_image
from s2p.pipelines import auto_painter, style2paints, tag2pix
from s2p.pipelines.asking import Wishes, hints_of
from s2p.pipelines.request import forget

LOAD = style2paints.load  # which the painter below takes the place of
SMALL = s2p.Settings(zoom=0.25, denoise="off")


def drawing(height: int = 60, width: int = 50) -> np.ndarray:
    page = np.full((height, width, 3), 255, np.uint8)
    page[height // 3, :] = page[:, width // 2] = 20
    return page


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch):
    """A painter with fake networks, which `s2p.colorize` paints with, too."""
    made = style2paints.Painter(fake_networks(), settings=SMALL)
    monkeypatch.setattr(style2paints, "load", lambda settings=None: made)
    forget()
    yield made
    forget()


def test_what_is_public_is_what_dir_shows():
    assert set(dir(s2p)) == {*s2p.__all__, "__version__"}
    assert all(getattr(s2p, name) is not None for name in dir(s2p))
    assert {"colorize", "lines", "evaluate", "strokes", "load"} <= set(dir(s2p))


def test_a_picture_may_be_brought_in_any_form_and_gives_the_same(painter, tmp_path: Path):
    page = drawing()
    path = tmp_path / "page.png"
    save_image(page, path)
    forms = [lambda: path, lambda: str(path), path.read_bytes, lambda: io.BytesIO(path.read_bytes()), lambda: page,
             lambda: Image.fromarray(page), lambda: Image.open(path)]
    with path.open("rb") as stream:
        results = [one.colorize(form(), settings=SMALL) for one in (s2p, painter) for form in forms]
        results.append(s2p.colorize(stream, settings=SMALL))
    assert all(isinstance(result, s2p.Result) for result in results)
    assert all(np.array_equal(results[0].image, result.image) for result in results)


@pytest.mark.parametrize(
    "image", [Image.new("P", (40, 30), 3), Image.new("1", (40, 30)), Image.new("CMYK", (40, 30)),
              Image.new("I;16", (40, 30), 60000), Image.new("LA", (40, 30)), Image.new("F", (40, 30))],
    ids=lambda image: image.mode,
)
def test_an_image_of_pillow_may_have_any_mode(painter, image):
    assert painter.colorize(image).image.shape == (30, 40, 3)


def test_hints_may_be_written_as_lists():
    plain = s2p.Hints([s2p.Hint(x=0.5, y=0.25, color="#f0c8a0"), s2p.Hint(x=0.1, y=0.2, color="#77ee00", kind="draft")])
    assert hints_of([(0.5, 0.25, "#f0c8a0"), (0.1, 0.2, "7e0", "draft")]) == plain
    assert hints_of([{"x": 0.5, "y": 0.25, "color": "#f0c8a0"}, plain[1]]) == plain
    assert hints_of(["0.5,0.25,#f0c8a0", "0.1,0.2,#77ee00,draft"]) == plain
    assert hints_of(np.asarray([])) == hints_of(None) == s2p.Hints()


def test_a_single_hint_needs_no_list_and_what_a_file_holds_is_taken():
    one = s2p.Hints([s2p.Hint(0.5, 0.25, "#f0c8a0")])
    for written in (one[0], (0.5, 0.25, "#f0c8a0"), [0.5, 0.25, "#f0c8a0", "exact"],
                    {"x": 0.5, "y": 0.25, "color": "#f0c8a0"}, one.to_data(), {"points": one.to_v3()}):
        assert hints_of(written) == one


def test_hints_may_be_a_file(tmp_path: Path):
    hints = s2p.Hints([s2p.Hint(x=0.5, y=0.25, color="#f0c8a0")])
    (tmp_path / "hints.json").write_text(hints.dumps())
    assert hints_of(tmp_path / "hints.json") == hints_of(str(tmp_path / "hints.json")) == hints
    with pytest.raises(HintError, match="cannot be read"):
        hints_of("no.json")


@pytest.mark.parametrize("hints", [[1], [(0.5, 0.5)], [(2, 0.5, "#fff")], [{"x": 1}], ["red"], 7, [None], [("a", 1, 2)],
                                   [(0.5, 0.5, "#12")], [[0.5, 0.5, "#fff", "odd"]]])
def test_bad_hints_are_refused_with_their_place(hints):
    with pytest.raises(HintError, match=r"hints(\[0\])?"):
        hints_of(hints)


@pytest.mark.parametrize("source", [None, 5, [[1, 2]], object(), np.zeros((4, 4)), np.zeros((4, 4, 5), np.uint8),
                                    np.zeros((0, 3), np.uint8), np.zeros(4, np.uint8), "no.png", b"", b"text",
                                    Image.new("RGB", (0, 0))], ids=lambda source: str(type(source)))
@pytest.mark.parametrize("call", [lambda source: s2p.colorize(source), lambda source: s2p.lines(source)])
def test_bad_pictures_are_refused_with_what_is_taken(painter, source, call):
    with pytest.raises(InputError, match="picture"):
        call(source)


@pytest.mark.parametrize(("wishes", "sentence"), [
    ({"size": 3}, "size must be between"), ({"size": 1e3}, "size must be original, painted"),
    ({"size": "huge"}, "output_size must be one of|size must be"), ({"mix": "a"}, "mix must be"),
    ({"suggest": -1}, "suggest must be"), ({"suggest": "x"}, "suggest must be"), ({"method": "x"}, "method must be"),
    ({"tags": "flying saucer"}, "flying saucer"), ({"tags": 5}, "Words must be"), ({"reference": 5}, "A picture is"),
    ({"line_color": 5}, "colour"), ({"lines": "x"}, "lines must be"), ({"zoom": "x"}, "zoom"),
    ({"background": "x"}, "background"),
])  # fmt: skip
def test_bad_wishes_are_refused_with_a_sentence(painter, wishes, sentence):
    for colorize in (s2p.colorize, painter.colorize):
        with pytest.raises(S2PError, match=sentence):
            colorize(drawing(), **wishes)


@pytest.mark.parametrize(("call", "sentence"), [
    (lambda painter: LOAD({"zoom": 1.0}), "Settings are written as s2p.Settings"),
    (lambda painter: painter.colorize(drawing(), settings={"zoom": 1.0}), "Settings are written as s2p.Settings"),
    (lambda painter: s2p.stylize(drawing(), settings="fast"), "Settings are written as s2p.Settings"),
    (lambda painter: painter.colorize(drawing(), options={"mix": 0.5}), "options must be s2p.Options"),
    (lambda painter: s2p.strokes(drawing(), max_strokes="many"), "max_strokes must be a whole number"),  # pyright: ignore
    (lambda painter: s2p.strokes(drawing(), min_size="small"), "min_size must be a number"),  # pyright: ignore
    (lambda painter: s2p.evaluate(3), "data is the path of a folder"),  # pyright: ignore[reportArgumentType]
])
def test_values_of_other_kinds_are_refused_with_a_sentence(painter, call, sentence):
    with pytest.raises(S2PError, match=sentence):
        call(painter)


def test_wishes_that_nobody_knows_are_a_programmers_mistake(painter):
    with pytest.raises(TypeError, match="color"):
        painter.colorize(drawing(), color="red")


def test_models_are_chosen_and_refuse_what_they_leave_out(painter):
    with pytest.raises(NotFoundError, match="style2paints"):
        s2p.colorize(drawing(), model="tag3pix")
    with pytest.raises(InputError, match="Auto-painter makes no use of tags"):
        s2p.colorize(drawing(), model="auto-painter", tags="red dress")
    with pytest.raises(InputError, match="Strokes makes no use of hints"):
        s2p.colorize(drawing(), model="strokes", hints=[(0.5, 0.5, "#ff0000")])
    assert s2p.colorize(np.full((40, 60, 3), 90, np.uint8), model="strokes").files["svg"]


def test_words_reach_every_painter_that_takes_them(painter, monkeypatch):
    seen, result = [], s2p.Result(image=drawing(), lines=drawing()[..., 0])

    def run(self, request, report=None):
        seen.append(request.own)
        return result

    monkeypatch.setattr(style2paints.Painter, "run", run)
    painter.colorize(drawing(), tags="red dress, blue hair")
    s2p.colorize(drawing(), tags=["blue hair"])
    assert [sorted(own.tags) for own in seen] == [["blue_hair", "red_dress"], ["blue_hair"]]


def test_a_size_is_that_of_the_result_and_of_all_its_layers(painter):
    for size, shape in ((120, (120, 100)), (30, (30, 25)), ("original", (60, 50))):
        result = painter.colorize(drawing(), size=size, hints=["25px,30px,#ff0000"])
        assert result.image.shape[:2] == shape
        assert all(layer.image.shape[:2] == shape for layer in result.layers.values())
    assert painter.colorize(drawing(), size="painted").image.shape != drawing().shape


def test_a_result_is_saved_into_an_open_file_in_a_format(tmp_path: Path):
    result = s2p.Result(image=drawing(), lines=drawing()[..., 0])
    for format in ("png", "jpg", ".webp", "psd", "ora"):
        file = io.BytesIO()
        result.save(file, format)
        result.save(tmp_path / f"page.{format.lstrip('.')}")
        assert file.getvalue() == (tmp_path / f"page.{format.lstrip('.')}").read_bytes() or format == "ora"  # a date
    with (tmp_path / "named.png").open("wb") as named:
        result.save(named)
    assert (tmp_path / "named.png").read_bytes() == (tmp_path / "page.png").read_bytes()
    result.save(tmp_path / "without", "png")
    assert (tmp_path / "without").read_bytes() == (tmp_path / "page.png").read_bytes()


@pytest.mark.parametrize(("target", "sentence"), [
    (None, "Say where to save: a path"), (3, "Say where to save: a path"), (io.BytesIO(), "Name the format: save"),
    ("page", "must end in"), (io.StringIO(), "Name the format"),
])
def test_where_a_result_cannot_be_saved_is_said(target, sentence):
    result = s2p.Result(image=drawing(), lines=drawing()[..., 0])
    with pytest.raises(OutputError, match=sentence):
        result.save(target)
    with pytest.raises(OutputError, match=r"format must be one of \.png"):
        result.save(io.BytesIO(), "bmp")
    with pytest.raises(OutputError, match="Open it with 'wb'"):
        result.save(io.StringIO(), "png")  # pyright: ignore[reportArgumentType]


def test_a_result_says_what_it_is_in_a_line_and_shows_itself(painter):
    result = painter.colorize(drawing(), background="none")
    assert repr(result).startswith("<Result 50 x 60 px; transparent; ") and len(repr(result)) < 200
    untrained = style2paints.Painter(fake_networks(trained=False), settings=SMALL)
    assert "UNTRAINED: baby" in repr(untrained.colorize(drawing()))
    shown = Image.open(io.BytesIO(result._repr_png_()))
    assert shown.size == (50, 60) and np.array_equal(np.asarray(shown), np.asarray(result.to_pil()))
    assert result.to_pil().mode == "RGBA"


def test_lines_are_a_result_too(tmp_path: Path):
    picture = np.full((40, 50, 3), 200, np.uint8)
    picture[:, 20:] = (90, 30, 120)
    result = s2p.lines(encode_image(picture, "png"), method="hard")
    assert result.lines.shape == (40, 50) and result.lines.min() == 0
    result.save(tmp_path / "lines.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "lines.png").convert("L")), result.lines)
    with pytest.raises(InputError, match="must be one of xdog"):
        s2p.lines(picture, method="soft")


def test_evaluation_takes_the_name_of_a_folder(tmp_path: Path):
    save_image(drawing(), tmp_path / "a.png")
    found = s2p.evaluate(str(tmp_path), model="none", hints=(0,), limit=1)
    assert [one["name"] for one in found["pictures"]] == ["a.png"]


def test_the_signatures_tell_all_wishes():
    for function in (s2p.colorize, style2paints.Painter.colorize, auto_painter.AutoPainter.colorize,
                     tag2pix.TagPainter.colorize):
        assert set(Wishes.__annotations__) <= set(inspect.signature(function).parameters)
        assert all(f"    {name}" in function.__doc__ for name in ("hints", "tags", "size", "background"))


def test_a_stream_of_text_is_no_picture():
    with pytest.raises(InputError, match="open for bytes"):
        s2p.colorize(io.StringIO("a"))
