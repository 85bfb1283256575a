"""The painting pipeline around small NumPy networks: sizes, order of colours, methods."""

from __future__ import annotations

import numpy as np
import pytest
from fake_networks import FakeNetwork, fake_networks
from painter_cases import PAINT_ONLY, SMALL, colorful, drawing, painter, sketch

from s2p.config import Settings
from s2p.errors import InputError, WeightsMissingError
from s2p.pipelines.style2paints import Painter
from s2p.schema import Hint, Hints, Options
from s2p.systems import system_of

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

    def color(mix: float) -> np.ndarray:
        result = painter().paint(
            blank, composition=composition, reference=reference, options=Options(method="rendering", mix=mix)
        )
        return result.image[50, 50].astype(int)

    own, half, theirs = color(0.0), color(0.5), color(1.0)
    # the fake painter answers with the colour whose style it was given
    assert np.abs(own - (40, 80, 160)).max() <= 1
    assert np.abs(theirs - (200, 100, 100)).max() <= 2
    assert np.abs(half - (own + theirs) / 2).max() <= 2


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


# Methods and steps of preparation -------------------------------------------------------------------------------------


def test_preparation_makes_the_sketches_of_its_method():
    names = {
        ("colorization", False): {"colorization", "rendering"},
        ("rendering", False): {"colorization", "rendering"},
        ("rendering", True): {"colorization", "rendering", "recolorization", "de_painting"},
        ("recolorization", True): {"colorization", "rendering", "recolorization"},
        ("colorization", True): {"colorization", "rendering"},
    }
    for (method, is_colorful), expected in names.items():
        page = colorful() if is_colorful else drawing()
        prepared = painter().prepare(page, method=method)
        assert set(prepared.sketches) == expected, (method, is_colorful)
        assert all(image.ndim == 2 and image.dtype == np.uint8 for image in prepared.sketches.values())


def test_what_is_given_is_not_computed_again():
    calls: list[str] = []
    subject = painter(calls)
    first = subject.prepare(colorful(), method="recolorization")
    assert calls == ["tail", "tail"]
    calls.clear()
    lines = first.sketches["recolorization"]
    second = subject.prepare(colorful(), method="rendering", improved=first.improved, extracted=lines)
    assert calls == [] and "de_painting" not in second.sketches  # as V3 does after a recolorization
    third = subject.prepare(colorful(), method="recolorization", improved=first.improved, extracted=lines)
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
    result = painter().colorize(colorful(), options=Options(method=method))
    assert result.image.dtype == np.uint8 and result.image.std() > 1
    assert list(result.timings) == list(system_of("style2paints").stages)


def test_a_missing_network_is_named_only_when_it_is_needed():
    networks = fake_networks()
    del networks["head"]
    subject = Painter(networks, settings=SMALL)
    subject.paint(sketch(), options=Options(method="rendering"))
    with pytest.raises(WeightsMissingError, match="'head'"):
        subject.paint(sketch())
