"""The painting pipeline around small NumPy networks: sizes, order of colours, caching, odd pictures, progress."""

from __future__ import annotations

import numpy as np
import pytest
from fake_networks import FakeNetwork, fake_networks

from s2p.config import Settings
from s2p.errors import (
    CancelledError,
    InputError,
    OutputError,
    S2PError,
    TooLargeError,
    WeightsError,
    WeightsMissingError,
)
from s2p.pipelines import glue
from s2p.pipelines.base import Result, StageCache, content_key
from s2p.pipelines.style2paints import STAGE_WEIGHTS, STAGES, Painter
from s2p.progress import FractionReporter, NullReporter
from s2p.schema import Hint, Hints, Options

SMALL = Settings(zoom=0.25, denoise="off")
PAINT_ONLY, FROM_DRAFT = ["head", "neck"], ["baby", "tail", "girder", "tail", "reader", "head", "neck"]


def drawing(height: int = 60, width: int = 50, *, shade: int = 255) -> np.ndarray:
    page = np.full((height, width, 3), shade, np.uint8)
    page[height // 3, :] = page[:, width // 2] = 20
    return page


def painter(calls: list[str] | None = None, **changes) -> Painter:
    return Painter(fake_networks(calls, **changes), settings=SMALL)


def sketch() -> np.ndarray:
    return drawing(250, 260)[..., 0]


# Sizes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("original", "zoom", "improved", "paper", "composition", "finished"),
    [  # width, height: a table of what Style2Paints V3 Turbo makes
        ((500, 500), 0.5, (512, 512), (512, 512), (512, 512), (384, 384)),
        ((512, 447), 1.0, (1172, 1024), (1152, 1024), (640, 512), (864, 768)),
        ((708, 1000), 0.5, (512, 722), (512, 704), (512, 768), (384, 528)),
        ((500, 469), 0.5, (544, 512), (576, 512), (640, 512), (432, 384)),
        ((335, 1024), 0.25, (256, 782), (256, 768), (512, 1536), (192, 576)),
    ],
)
def test_sizes_are_those_of_v3(original, zoom, improved, paper, composition, finished):
    settings = Settings(zoom=zoom, denoise="off")
    subject = painter()
    prepared = subject.prepare(drawing(original[1], original[0]), settings=settings)
    result = subject.paint(prepared.sketches["colorization"], settings=settings)
    doubled = subject.paint(
        prepared.sketches["colorization"], composition=result.composition,
        settings=settings.merged(super_resolution=True),
    )
    shapes = [image.shape[1::-1] for image in (prepared.improved, doubled.image, result.composition, result.image)]
    assert shapes == [improved, paper, composition, finished]
    assert result.lines.shape == result.image.shape[:2] and doubled.lines.shape == doubled.image.shape[:2]


def test_output_size_original_gives_the_size_that_was_put_in():
    result = painter().colorize(drawing(333, 217), output_size="original")
    assert result.image.shape == (333, 217, 3) and result.lines.shape == (333, 217)
    assert result.original is not None and result.original.shape == (333, 217, 3)
    with pytest.raises(InputError, match="output_size"):
        painter().colorize(drawing(), output_size="huge")


def test_lines_of_a_result_are_the_artists_own():
    page = drawing(96, 96)
    page[10:20, 10:20] = 253  # would be stretched to white by the cleaning
    result = painter().colorize(page, output_size="original")
    assert (result.lines == page[..., 0]).all()


# Colours --------------------------------------------------------------------------------------------------------------


def test_a_red_exact_hint_ends_as_red_paint():
    result = painter().paint(sketch(), hints=Hints([Hint(x=0.25, y=0.75, color="#ff0000")]))
    height, width = result.image.shape[:2]
    red, green, blue = result.image[int(height * 0.75), int(width * 0.25)].tolist()
    assert red > 240 and green < 10 and blue < 10


def test_a_green_draft_hint_ends_as_green_draft_and_composition():
    hints = Hints([Hint(x=0.25, y=0.75, color="#10d020", kind="draft")])
    result = painter().paint(sketch(), hints=hints)
    assert result.draft is not None
    for picture in (result.draft, result.composition):
        red, green, blue = picture[int(picture.shape[0] * 0.75), int(picture.shape[1] * 0.25)].tolist()
        assert green > red + 40 and green > blue + 40


def test_line_colour_is_drawn_in_rgb():
    result = painter().paint(sketch(), options=Options(line_color="#ff2010"))
    row = result.composition[result.composition.shape[0] // 3]
    assert (row[:, 0] > row[:, 2] + 80).mean() > 0.9


def test_a_reference_is_followed_by_its_mix_and_doubled_in_saturation():
    reference = np.full((64, 64, 3), (200, 150, 150), np.uint8)
    composition = np.full((512, 512, 3), (40, 80, 160), np.uint8)
    blank = np.full((256, 256), 255, np.uint8)

    def colour(mix: float) -> np.ndarray:
        result = painter().paint(
            blank, composition=composition, reference=reference, options=Options(method="rendering", mix=mix)
        )
        return result.image[50, 50].astype(int)

    own, half, theirs = colour(0.0), colour(0.5), colour(1.0)
    # the fake painter answers with the colour whose style it was given
    assert np.abs(own - (40, 80, 160)).max() <= 1
    assert np.abs(theirs - (200, 100, 100)).max() <= 2
    assert np.abs(half - (own + theirs) / 2).max() <= 2


def test_mixed_styles_are_plainly_linear():
    ours, theirs = [np.float32([[1, 2]])], [np.float32([[3, 6]])]
    assert glue.mix_styles(ours, theirs, 0.25)[0].tolist() == [[1.5, 3.0]]
    assert glue.mix_styles(ours, None, 0.25)[0].tolist() == [[1, 2]]


def test_the_neck_repaints_from_the_inverted_gray_of_the_head():
    seen: dict[str, np.ndarray] = {}
    networks = fake_networks()
    for name in ("head", "neck"):
        original = networks[name]

        class Spy(FakeNetwork):
            def __call__(self, *inputs):
                seen[self.name] = inputs[0]
                return super().__call__(*inputs)

        networks[name] = Spy(name, original.calls)
    composition = np.full((512, 512, 3), (200, 100, 50), np.uint8)
    Painter(networks, settings=SMALL).paint(sketch(), composition=composition)
    assert seen["head"].shape == seen["neck"].shape == (1, 256, 256, 1)
    assert seen["head"].min() >= 0 and seen["head"].max() <= 1  # 1 = ink
    assert not np.array_equal(seen["head"], seen["neck"])
    seen.clear()
    Painter(networks, settings=SMALL).paint(sketch(), composition=composition, options=Options(method="rendering"))
    assert list(seen) == ["neck"] and seen["neck"].min() == 0.0


# Tensor contracts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 2), (7, 8), (20, 30)])
def test_tail_doubles_any_picture_even_one_smaller_than_its_padding(shape):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    doubled = glue.run_tail(FakeNetwork("tail", []), image)
    assert np.abs(doubled.astype(int) - image.repeat(2, axis=0).repeat(2, axis=1)).max() <= 1


def test_tail_sees_seven_reflected_pixels_on_every_side():
    seen = []

    class Spy(FakeNetwork):
        def __call__(self, *inputs):
            seen.append(inputs[0])
            return super().__call__(*inputs)

    image = np.arange(10, dtype=np.uint8)[None, :, None].repeat(12, axis=0).repeat(3, axis=2)
    glue.run_tail(Spy("tail", []), image)
    columns = (seen[0][0, 9, :, 0] * 255).round().astype(int).tolist()
    assert columns == [7, 6, 5, 4, 3, 2, 1, *range(10), 8, 7, 6, 5, 4, 3, 2]


def test_legacy_bilinear_starts_at_the_corner_and_clamps_at_the_end():
    row = np.float32([[0, 10, 20]])
    assert glue.legacy_bilinear(row, (1, 6))[0].tolist() == [0, 5, 10, 15, 20, 20]
    assert glue.legacy_bilinear(row.T, (6, 1))[:, 0].tolist() == [0, 5, 10, 15, 20, 20]
    assert glue.legacy_bilinear(row, (1, 3))[0].tolist() == [0, 10, 20]
    assert glue.legacy_bilinear(row, (2, 2))[0].tolist() == [0, 15]


def test_baby_colours_come_back_through_yuv():
    hints = Hints([Hint(x=0.25, y=0.75, color="#ff8020", kind="draft")])
    from s2p.hintmap import draft_tensor

    page = np.full((16, 16), 255, np.uint8)
    draft = glue.run_baby(FakeNetwork("baby", []), draft_tensor("points", page, hints))
    assert np.abs(draft[12, 4].astype(int) - (255, 128, 32)).max() <= 2


def test_a_network_with_the_wrong_output_is_named():
    class Broken(FakeNetwork):
        def __call__(self, *inputs):
            return [inputs[0]]

    networks = fake_networks() | {"tail": Broken("tail", [])}
    with pytest.raises(WeightsError, match="'tail' must answer"):
        Painter(networks, settings=SMALL).prepare(drawing())


def test_a_missing_network_is_named_only_when_it_is_needed():
    networks = fake_networks()
    del networks["head"]
    subject = Painter(networks, settings=SMALL)
    subject.paint(sketch(), options=Options(method="rendering"))
    with pytest.raises(WeightsMissingError, match="'head'"):
        subject.paint(sketch())


# Cache ----------------------------------------------------------------------------------------------------------------


def test_an_exact_hint_repeats_only_paint_and_finish():
    calls: list[str] = []
    subject = painter(calls)
    subject.paint(sketch())
    assert calls == FROM_DRAFT
    calls.clear()
    subject.paint(sketch(), hints=Hints([Hint(x=0.5, y=0.5, color="#123456")]))
    assert calls == PAINT_ONLY


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"hints": Hints([Hint(x=0.2, y=0.2, color="#f00", kind="draft")])}, FROM_DRAFT),
        ({"options": Options(line_color="#ff0000")}, FROM_DRAFT[2:]),
        ({"options": Options(method="rendering")}, ["neck"]),
        ({"settings": Settings(zoom=0.3, denoise="off")}, FROM_DRAFT),
        ({"settings": SMALL.merged(super_resolution=True)}, ["tail"]),
        ({"sketch_gray": drawing(250, 300)[..., 0]}, FROM_DRAFT),
        ({"reference": drawing(), "options": Options(mix=0.5)}, ["reader", *PAINT_ONLY]),
        ({"reference": drawing(), "options": Options(mix=0.0)}, []),
        ({"options": Options(mix=0.7)}, []),
        ({}, []),
    ],
)
def test_a_change_repeats_what_depends_on_it_and_equals_a_fresh_run(change, expected):
    calls: list[str] = []
    subject = painter(calls)
    subject.paint(sketch())
    calls.clear()
    arguments = {"sketch_gray": sketch()} | change
    again = subject.paint(**arguments)
    assert calls == expected
    fresh = painter().paint(**arguments)
    for name in ("image", "composition", "draft", "lines"):
        assert np.array_equal(getattr(again, name), getattr(fresh, name)), name


def test_going_back_and_forth_never_returns_a_stale_draft():
    subject = painter()
    first = Hints([Hint(x=0.2, y=0.2, color="#f00", kind="draft")])
    second = Hints([Hint(x=0.2, y=0.2, color="#00f", kind="draft")])
    outlined = Options(line_color="#ff0000")
    runs = [(first, Options()), (second, Options()), (first, outlined), (first, Options()), (second, outlined)]
    for hints, options in runs:
        result = subject.paint(sketch(), hints=hints, options=options)
        fresh = painter().paint(sketch(), hints=hints, options=options)
        assert np.array_equal(result.composition, fresh.composition) and np.array_equal(result.image, fresh.image)


def test_spread_hints_are_cached_as_correctly_as_points():
    def spreading() -> Painter:
        networks = fake_networks()
        for name in ("baby", "head", "neck"):
            networks[name].encoding = "propagated"
        return Painter(networks, settings=SMALL)

    subject = spreading()
    for x in (0.2, 0.8, 0.2):
        hints = Hints([Hint(x=x, y=0.2, color="#f00", kind="draft"), Hint(x=x, y=0.7, color="#00f")])
        result, fresh = (painter.paint(sketch(), hints=hints) for painter in (subject, spreading()))
        assert np.array_equal(result.draft, fresh.draft) and np.array_equal(result.image, fresh.image)


def test_preparation_is_remembered_by_picture_zoom_and_denoiser():
    calls: list[str] = []
    subject = painter(calls)
    for settings in (SMALL, SMALL, SMALL.merged(denoise="fast"), SMALL.merged(zoom=0.3), SMALL):
        subject.prepare(drawing(), settings=settings)
    assert calls == ["tail"] * 3


def test_a_shared_cache_keeps_painters_with_other_weights_apart():
    cache, calls = StageCache(), []
    Painter(fake_networks(calls), settings=SMALL, cache=cache).paint(sketch())
    calls.clear()
    Painter(fake_networks(calls), settings=SMALL, cache=cache).paint(sketch())
    assert calls == []
    networks = fake_networks(calls)
    networks["girder"].identity = "another girder"
    Painter(networks, settings=SMALL, cache=cache).paint(sketch())
    assert calls[0] == "girder" and "baby" not in calls
    calls.clear()
    nameless = fake_networks(calls)
    for network in nameless.values():
        network.identity = None
    Painter(nameless, settings=SMALL, cache=cache).paint(sketch())
    assert calls == FROM_DRAFT


def test_the_cache_stays_within_its_bytes_and_drops_the_least_recently_used():
    cache = StageCache(max_bytes=1000)
    for number in range(3):
        cache.put(bytes([number]), np.zeros(300, np.uint8))
    assert cache.used_bytes == 900
    cache.get(b"\0")
    cache.put(b"new", [np.zeros(200, np.uint8), np.zeros(100, np.uint8)])
    assert cache.used_bytes == 900 and b"\0" in cache and b"\1" not in cache
    cache.put(b"too large", np.zeros(1001, np.uint8))
    assert b"too large" not in cache and cache.used_bytes == 900
    cache.put(b"new", np.zeros(10, np.uint8))
    assert cache.used_bytes == 610
    cache.clear()
    assert len(cache) == 0 and cache.used_bytes == 0


def test_a_cache_of_zero_bytes_still_paints():
    calls: list[str] = []
    subject = Painter(fake_networks(calls), settings=SMALL, cache=StageCache(max_bytes=0))
    images = [subject.paint(sketch()).image for _ in range(2)]
    assert np.array_equal(*images) and calls == FROM_DRAFT * 2


def test_cached_arrays_cannot_be_changed_by_their_users():
    subject = painter()
    result = subject.paint(sketch())
    with pytest.raises(ValueError, match="read-only"):
        result.composition[0, 0] = 0


def test_keys_differ_for_anything_that_differs():
    array = np.arange(6, dtype=np.uint8)
    inputs = [
        (array,), (array.reshape(2, 3),), (array.astype(np.int16),), (array + 1,), ("a", "bc"), ("ab", "c"),
        (["a"], "bc"), (1,), (1.0,), (True,), ("1",), (None,), (b"1",), ((),), ((), ()), (array[::2],),
    ]
    keys = [content_key("stage", *values) for values in inputs] + [content_key("other", array)]
    assert len(set(keys)) == len(keys)
    assert content_key("stage", array[::-1]) == content_key("stage", array[::-1].copy())


# Methods and steps of preparation -------------------------------------------------------------------------------------


def colourful(height: int = 120, width: int = 100) -> np.ndarray:
    page = np.full((height, width, 3), (240, 60, 30), np.uint8)
    page[:, width // 2 :] = (20, 90, 240)
    page[height // 3 : height // 3 + 2] = 0
    return page


def test_preparation_makes_the_sketches_of_its_method():
    names = {
        ("colorization", False): {"colorization", "rendering"},
        ("rendering", False): {"colorization", "rendering"},
        ("rendering", True): {"colorization", "rendering", "recolorization", "de_painting"},
        ("recolorization", True): {"colorization", "rendering", "recolorization"},
        ("colorization", True): {"colorization", "rendering"},
    }
    for (method, is_colourful), expected in names.items():
        page = colourful() if is_colourful else drawing()
        prepared = painter().prepare(page, method=method)
        assert set(prepared.sketches) == expected, (method, is_colourful)
        assert all(image.ndim == 2 and image.dtype == np.uint8 for image in prepared.sketches.values())


def test_what_is_given_is_not_computed_again():
    calls: list[str] = []
    subject = painter(calls)
    first = subject.prepare(colourful(), method="recolorization")
    assert calls == ["tail", "tail"]
    calls.clear()
    lines = first.sketches["recolorization"]
    second = subject.prepare(colourful(), method="rendering", improved=first.improved, extracted=lines)
    assert calls == [] and "de_painting" not in second.sketches  # as V3 does after a recolorization
    third = subject.prepare(colourful(), method="recolorization", improved=first.improved, extracted=lines)
    assert calls == [] and np.array_equal(third.sketches["recolorization"], lines)


def test_de_painting_lines_are_read_by_rendering_only():
    subject = painter()
    other = np.full_like(sketch(), 255)
    other[100:104] = 0
    plain = subject.paint(sketch(), options=Options(method="rendering"))
    lined = subject.paint(sketch(), options=Options(method="rendering"), de_painting=other)
    assert not np.array_equal(plain.composition, lined.composition)
    assert np.array_equal(plain.lines, lined.lines)
    ignored = subject.paint(sketch(), de_painting=other)
    assert np.array_equal(ignored.composition, plain.composition)


def test_a_given_composition_skips_draft_and_compose():
    calls: list[str] = []
    composition = np.full((512, 512, 3), (1, 2, 3), np.uint8)
    result = painter(calls).paint(sketch(), composition=composition)
    assert calls == ["reader", *PAINT_ONLY] and result.draft is None
    assert np.array_equal(result.composition, composition)
    assert list(result.timings) == ["paint", "finish"]


@pytest.mark.parametrize("method", ["colorization", "rendering", "recolorization"])
def test_all_methods_colour_a_picture_in_one_call(method):
    result = painter().colorize(colourful(), options=Options(method=method))
    assert result.image.dtype == np.uint8 and result.image.std() > 1
    assert list(result.timings) == list(STAGES)


# Odd pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["colorization", "rendering", "recolorization"])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_blank_pages_are_painted(value, method):
    with np.errstate(all="raise"):
        result = painter().colorize(np.full((40, 30, 3), value, np.uint8), options=Options(method=method))
    assert result.image.shape[1] == 192


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1), (2, 3, 4), (40, 30, 1), (200, 40, 3)])
def test_tiny_gray_and_transparent_pictures_are_painted(shape):
    image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert painter().colorize(image).image.ndim == 3


def test_transparent_paper_is_white():
    ghost = np.zeros((40, 40, 4), np.uint8)
    assert (painter().prepare(ghost).improved == 255).all()


@pytest.mark.parametrize("shape", [(40, 3000, 3), (1, 400, 3), (4000, 2)])
def test_strips_are_refused_with_a_sentence(shape):
    with pytest.raises(TooLargeError, match="too long and thin"):
        painter().colorize(np.zeros(shape, np.uint8), settings=Settings(zoom=1.0))


def test_a_long_reference_strip_is_refused():
    with pytest.raises(TooLargeError, match="reference"):
        painter().paint(sketch(), reference=np.zeros((4000, 2, 3), np.uint8), options=Options(mix=0.5))


@pytest.mark.parametrize("image", [np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4)), np.zeros((0, 4, 3), np.uint8)])
def test_arrays_that_are_no_pictures_are_refused(image):
    with pytest.raises(InputError, match="picture must be uint8"):
        painter().colorize(image)


def test_sketches_must_be_gray():
    with pytest.raises(InputError, match="sketch must be uint8"):
        painter().paint(drawing())


# Progress, result, doors ----------------------------------------------------------------------------------------------


class Recorder(FractionReporter):
    def __init__(self):
        super().__init__(STAGE_WEIGHTS)
        self.fractions, self.stages, self.pictures = [], [], []

    def stage(self, name):
        self.stages.append(name)
        super().stage(name)

    def changed(self):
        self.fractions.append(self.fraction)

    def picture(self, stage, image):
        self.pictures.append((stage, image.shape))


def test_progress_names_every_stage_and_never_goes_back():
    report = Recorder()
    painter().colorize(drawing(), report=report)
    assert report.stages == list(STAGES)
    assert report.fractions == sorted(report.fractions) and report.fractions[-1] == pytest.approx(1.0)
    assert [stage for stage, _ in report.pictures] == ["draft", "compose"]


@pytest.mark.parametrize("after", range(8))
def test_a_cancelled_job_stops_before_the_next_network(after):
    report = NullReporter()
    networks = fake_networks()

    class Stopper(list):
        def append(self, name):
            super().append(name)
            report.cancelled = len(self) > after

    shared = Stopper()
    for network in networks.values():
        network.calls = shared
    with pytest.raises(CancelledError):
        Painter(networks, settings=SMALL.merged(super_resolution=True)).colorize(drawing(), report=report)
    assert len(shared) == after + 1


def test_untrained_networks_that_took_part_are_named():
    networks = fake_networks()
    for name in ("head", "tail"):
        networks[name].trained = False
    subject = Painter(networks, settings=SMALL)
    assert subject.paint(sketch()).untrained == ("head", "tail")
    assert subject.paint(sketch(), options=Options(method="rendering")).untrained == ("tail",)


def test_a_result_is_saved_by_its_extension(tmp_path):
    from s2p.image import load_image

    result = painter().colorize(drawing(), options=Options(line_color="#800000"))
    for suffix in ("png", "jpg", "webp"):
        result.save(tmp_path / f"bild ü.{suffix}")
        assert load_image(tmp_path / f"bild ü.{suffix}").shape == result.image.shape
    assert np.array_equal(load_image(tmp_path / "bild ü.png"), result.image)
    with pytest.raises(OutputError):
        result.save(tmp_path / "painting.tga")


def test_layers_hold_lines_over_colours_over_composition_over_draft(tmp_path):
    from psd_tools import PSDImage

    result = painter().colorize(drawing())
    assert list(result.layers) == ["draft", "composition", "colours", "lines"]
    assert all(image.shape[:2] == result.image.shape[:2] for image in result.layers.values())
    result.save(tmp_path / "all.psd")
    assert [layer.name for layer in PSDImage.open(tmp_path / "all.psd")] == list(result.layers)
    result.save(tmp_path / "two.psd", layers=["lines", "colours"])
    assert [layer.name for layer in PSDImage.open(tmp_path / "two.psd")] == ["colours", "lines"]
    result.save(tmp_path / "all.ora")
    assert (tmp_path / "all.ora").read_bytes()[:2] == b"PK"
    with pytest.raises(OutputError, match="Layers can be"):
        result.save(tmp_path / "bad.psd", layers=["sky"])


def test_the_public_function_takes_paths_and_keywords(tmp_path, monkeypatch):
    from s2p.image import save_image
    from s2p.pipelines import style2paints

    save_image(drawing(), tmp_path / "in.png")
    made = []

    def load(settings):
        made.append(settings)
        return Painter(fake_networks(), settings=settings)

    monkeypatch.setattr(style2paints, "load", load)
    style2paints._painter.cache_clear()
    try:
        for zoom in (0.25, 0.3):
            result = style2paints.colorize(
                tmp_path / "in.png", hints=[Hint(x=0.2, y=0.8, color="#00ff00")], reference=drawing(), zoom=zoom,
                settings=SMALL,
            )
            assert isinstance(result, Result)
        assert len(made) == 1  # another zoom needs no other networks
        with pytest.raises(S2PError):
            style2paints.colorize(drawing(), mix=2.0, settings=SMALL)
    finally:
        style2paints._painter.cache_clear()
