"""The system `stylizer`: what is asked for, pictures of every kind and size, and large pages in strips."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import s2p
from s2p import weights
from s2p.config import Settings
from s2p.errors import CancelledError, InputError
from s2p.models import build
from s2p.pipelines import request as requests
from s2p.pipelines import stylizer, whole_norm
from s2p.pipelines.request import Request, run
from s2p.pipelines.whole_norm import StylePages
from s2p.progress import NullReporter
from s2p.runtime import make_network
from s2p.style_options import StyleOptions, checked_shares, read_mix, row_of
from s2p.style_rows import is_row
from tests.checks import check_pipeline

NAMES = ("great-wave", "starry-night", "stars-of-day")
SETTINGS = Settings(backend="tensorflow")


def stirred(styles):
    random, model = np.random.default_rng(3), build("stylizer", variant="light", styles=styles)
    for variable in model.variables:
        if is_row(variable):
            variable.assign(variable + random.normal(scale=0.4, size=variable.shape))
    return model


@pytest.fixture(scope="module")
def model():
    return stirred(NAMES)


@pytest.fixture(scope="module")
def network(model):
    return make_network(model, name="stylizer", encoding="points", trained=True, identity="one", settings=SETTINGS)


@pytest.fixture
def painter(network):
    return stylizer.StylePainter({"turbo": network, "light": network}, styles=NAMES, settings=SETTINGS)


@pytest.fixture
def place(model, tmp_path):
    """A folder with such weights, which are the ones in use."""
    for variant in ("turbo", "light"):
        made = model if variant == "light" else build("stylizer", styles=["starry-night"])
        names = list(NAMES) if variant == "light" else ["starry-night"]
        weights.publish(made, network="stylizer", encoding="points", card="", build={"styles": names},
                        place=tmp_path / "weights", variant=variant)
    with weights.preferring(tmp_path / "weights"):
        requests.forget()
        yield tmp_path / "weights"
    requests.forget()


def picture(height=40, width=52, channels=3) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    planes = [(5 * x + 40) % 256, (6 * y + 90) % 256, (3 * (x + y)) % 256, 40 + (4 * y) % 200]
    return np.stack(planes[:channels], -1).astype(np.uint8)


# Shares ---------------------------------------------------------------------------------------------------------------


def test_shares_are_finite_and_have_the_sum_one_or_are_to_be_brought_there():
    assert checked_shares({"a": 0.6, "b": 0.4}) == {"a": 0.6, "b": 0.4}
    assert checked_shares({"a": 3, "b": 1}, normalise=True) == {"a": 0.75, "b": 0.25}
    assert checked_shares({"a": 1.5, "b": -0.5}, extrapolate=True)["b"] == -0.5
    for shares, rules, said in (
        ({"a": math.nan}, {"normalise": True}, "finite"), ({"a": math.inf}, {}, "finite"),
        ({"a": 0.6, "b": 0.5}, {}, "sum 1, unless normalise.*together 1.1"), ({"a": 0.5}, {}, "together 0.5"),
        ({"a": 1.5, "b": -0.5}, {}, "from 0 to 1, unless extrapolate"), ({"a": -1}, {"normalise": True}, "from 0"),
        ({"a": 1, "b": -1}, {"normalise": True, "extrapolate": True}, "sum is 0"),
        ({"a": 1.5, "b": 0.2}, {}, "from 0 to 1, unless extrapolate.*, and have the sum 1.*a=1.5, b=0.2, together 1.7"),
    ):
        with pytest.raises(InputError, match=said):
            checked_shares(shares, **rules)
    given = {"a": 2.0}
    assert checked_shares(given, normalise=True) == {"a": 1.0} and given == {"a": 2.0}, "what was given is not changed"


def test_python_says_what_the_other_doors_say():
    for wishes, said in (
        ({"strength": math.nan}, "strength is a number from 0 to 1. Received: "), ({"stroke_size": 9}, "from 0.5 to 4"),
        ({"style": {"a": math.nan}}, "finite"), ({"style": "a=.5"}, "sum 1, unless normalise"),
    ):
        with pytest.raises(InputError, match=said):
            s2p.stylize(picture(), settings=SETTINGS, **wishes)


def test_mixtures_are_read_and_names_may_be_begun():
    assert read_mix("starry-night=.6, wave = .4") == {"starry-night": 0.6, "wave": 0.4} and read_mix("a") == {"a": 1.0}
    for text, said in (("a=b", "NAME=SHARE"), ("a=.5,a=.5", "once")):
        with pytest.raises(InputError, match=said):
            read_mix(text)
    assert row_of({"great": 0.5, "starry-night": 0.5}, NAMES) == [0.5, 0.5, 0.0]
    assert row_of({}, NAMES) == [1.0, 0.0, 0.0]
    for name in ("star", "nobody", ""):
        with pytest.raises(InputError, match="The styles are great-wave, starry-night, stars-of-day"):
            row_of({name: 1.0}, NAMES)
    assert StyleOptions(styles="a").styles == {"a": 1.0}  # pyright: ignore[reportArgumentType]


# Pictures -------------------------------------------------------------------------------------------------------------


def test_it_goes_through_its_stages_remembers_and_can_be_stopped(network):
    def make():
        return stylizer.StylePainter({"light": network}, styles=NAMES, settings=SETTINGS)

    check_pipeline("stylizer", make, Request(picture(), own=StyleOptions(styles={"starry-night": 1.0})),
                   Request(picture(), own=StyleOptions(styles={"great-wave": 1.0})))


@pytest.mark.parametrize("size", [(97, 131), (1, 1), (1, 50), (7, 9), (64, 64)])
def test_every_size_is_painted_at_its_own(painter, size):
    for channels in (3, 4):
        result = painter.run(Request(picture(size[0], size[1], channels)))
        assert result.image.shape == (*size, 3) and result.image.dtype == np.uint8
    gray = painter.run(Request(picture(*size)[..., 0]))
    assert gray.image.shape == (*size, 3)


def test_the_network_is_asked_for_shares_and_its_numbers_are_rounded(painter, model):
    given = picture()
    mixed = painter.run(Request(given, own=StyleOptions(styles={"great-wave": 0.25, "starry-night": 0.75}))).image
    wanted = np.asarray(model([given[None] / np.float32(255), np.float32([[0.25, 0.75, 0]])]))[0]
    assert np.abs(mixed - wanted * 255).max() <= 0.5 + 1e-2
    third = painter.run(Request(given, own=StyleOptions(styles="stars"))).image  # pyright: ignore[reportArgumentType]
    assert np.abs(third.astype(int) - mixed).mean() > 5


def test_strength_and_colours_of_its_own(painter):
    given = picture()
    full, none, half = (painter.run(Request(given, own=StyleOptions(strength=s))).image for s in (1.0, 0.0, 0.5))
    assert np.array_equal(none, given)
    assert np.abs(half.astype(float) - (full.astype(float) + given) / 2).max() <= 0.51
    kept = painter.run(Request(given, own=StyleOptions(keep_color=True))).image.astype(float)
    luma = np.array([0.299, 0.587, 0.114])
    assert np.abs(kept @ luma - full @ luma).mean() < 12, "light and dark are the style's, as far as colours reach"
    assert np.abs((kept - (kept @ luma)[..., None]) - (given - (given @ luma)[..., None])).mean() < \
        np.abs((full - (full @ luma)[..., None]) - (given - (given @ luma)[..., None])).mean() / 2


def test_larger_strokes_are_painted_small_and_transparency_stays(painter):
    result = painter.run(Request(picture(80, 120, 4), own=StyleOptions(stroke_size=2.0)))
    assert result.image.shape == (80, 120, 3) and np.array_equal(result.shown[..., 3], picture(80, 120, 4)[..., 3])
    small = painter.run(Request(picture(80, 120), own=StyleOptions(stroke_size=2.0), output_size="painted"))
    assert small.image.shape == (40, 60, 3)
    solid = np.dstack([picture(), np.full((40, 52), 255, np.uint8)])
    assert painter.run(Request(solid)).shown.shape == (40, 52, 3)


def test_a_drawing_lies_on_top(painter):
    drawing = np.full((40, 52), 255, np.uint8)
    drawing[10:12] = 0
    result = painter.run(Request(picture(), drawing=drawing, settings=Settings(lines="as-drawn")))
    assert result.image[10:12].max() < 40 and result.colors is not None and list(result.layers) == ["colours", "lines"]
    own = painter.run(Request(drawing, own=StyleOptions(keep_lines=True), settings=Settings(lines="as-drawn")))
    assert own.image[10:12].max() < 40
    with pytest.raises(InputError, match="a drawing of 52 x 40 pixels for a picture of 40 x 52"):
        painter.run(Request(picture(52, 40), drawing=drawing))
    with pytest.raises(InputError, match="no use of drawing"):
        run("strokes", Request(picture(), drawing=drawing))


def test_python_takes_files_names_numbers_mixtures_and_all(place, tmp_path):
    Image.fromarray(picture()).save(tmp_path / "photo.png")
    paint = {"width": "light", "settings": SETTINGS}
    one = s2p.stylize(tmp_path / "photo.png", "starry-night", **paint)
    assert np.array_equal(one.image, s2p.stylize(picture(), 1, **paint).image)
    every = s2p.stylize(picture(), "all", **paint)
    assert list(every) == list(NAMES) and np.array_equal(every["starry-night"].image, one.image)
    styles = [{"great-wave": 0.5, "starry-night": 0.5}, "great=.5,starry-=.5"]
    mixed, again = s2p.stylize([picture(), picture()], styles, **paint)
    assert np.array_equal(mixed.image, again.image)
    with pytest.raises(InputError, match="counted from 0"):
        s2p.stylize(picture(), 3, **paint)
    turbo = s2p.stylize(picture(), width="turbo", settings=SETTINGS)
    assert not turbo.untrained and stylizer.style_names("turbo") == ("starry-night",)
    assert np.array_equal(s2p.stylize(picture(), 1, settings=SETTINGS).image, one.image), "light is usual"


def test_a_style_that_is_added_while_it_runs_is_there(place, model):
    painter = stylizer.load(SETTINGS)
    assert painter.open("light") == NAMES
    weights.publish(model, network="stylizer", encoding="points", card="", place=place, variant="light",
                    build={"styles": ["a", "b", "c"]})
    assert painter.open("light") == ("a", "b", "c")


# Large pages ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(model, tmp_path) -> Path:
    weights.write_weights(model, tmp_path / "style.weights.h5", dtype="float32", build={"styles": list(NAMES)})
    return tmp_path / "style.weights.h5"


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime", "tensorflow"])
@pytest.mark.parametrize("size", [(12, 16), (92, 48)])
def test_strips_give_the_networks_numbers(model, file, size, backend, monkeypatch):
    """Layer by layer in fast runtimes; with TensorFlow NumPy alone, which is the reference of the conditional norm."""
    if backend != "tensorflow":
        pytest.importorskip(backend)
    monkeypatch.setattr("s2p.pipelines.whole_norm._STRIP_BYTES", 1)  # of four rows
    given, shares = picture(*size) / np.float32(255), np.float32([0.2, 0.5, 0.3])
    pages = StylePages(file, Settings(backend=backend))
    painted, wanted = pages.paint(given, shares), np.asarray(model([given[None], shares[None]]))[0]
    assert painted.shape == wanted.shape and np.abs(painted - wanted).max() < 1e-4
    assert np.array_equal(pages.paint(given, shares), painted), "what one page has left behind is not in the next"


def test_moments_of_strips_are_those_of_the_page():
    maps = np.random.default_rng(0).normal(300.0, 0.5, (50, 8, 4)).astype(np.float32)  # far from 0
    moments = whole_norm._Moments()
    for first, last in ((0, 4), (4, 36), (36, 50)):
        part = maps[first:last]
        moments.add((part.mean((0, 1)), part.var((0, 1))), last - first)
    assert np.allclose(moments.mean, maps.mean((0, 1), dtype=np.float64), rtol=1e-6)
    assert np.allclose(moments.variance, maps.var((0, 1), dtype=np.float64), rtol=1e-3)


def test_a_large_page_goes_in_strips_and_can_be_stopped(place, monkeypatch):
    painter, asked = stylizer.load(SETTINGS), StyleOptions(width="light", styles={"starry-night": 1.0})
    whole = painter.run(Request(picture(61, 82), own=asked)).image
    monkeypatch.setitem(stylizer._ONE_PIECE, "light", 100)
    fresh = stylizer.load(SETTINGS)
    assert np.abs(fresh.run(Request(picture(61, 82), own=asked)).image.astype(int) - whole).max() <= 1

    class Impatient(NullReporter):
        def update(self, fraction: float) -> None:
            self.cancelled = self.cancelled or 0.2 < fraction < 1.0

    with pytest.raises(CancelledError):
        stylizer.load(SETTINGS).run(Request(picture(61, 82), own=asked), Impatient())
