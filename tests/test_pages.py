"""Paintings at the original's size, and previews: what they share with the full painting, and how they are stopped."""

from __future__ import annotations

import numpy as np
import pytest
from fake_networks import FakeNetwork, fake_networks

from s2p.config import Settings
from s2p.errors import CancelledError
from s2p.evaluation.difference import delta_e, lab
from s2p.pipelines.pages import at_drawing
from s2p.pipelines.style2paints.painter import Painter
from s2p.pipelines.style2paints.preview import PREVIEW_EDGE
from s2p.progress import NullReporter
from s2p.schema import Hint, Hints, Options

SMALL = Settings(zoom=0.25, denoise="off")
PAGE = Settings(zoom=0.5, denoise="off")
FROM_DRAFT = ["baby", "tail", "girder", "reader"]
PAINTERS = {"points": ["head", "neck"], "layered": ["head"]}  # that run, by the encoding of their hints


def drawing(height: int, width: int, *, pen: int = 3) -> np.ndarray:
    page = np.full((height, width), 255, np.uint8)
    page[height // 3 : height // 3 + pen] = page[:, width // 2 : width // 2 + pen] = 10
    return page


class SpreadPainter(FakeNetwork):
    """A painter that reads layered hints: where one is certain or at home its colour, else the composition's."""

    encoding = "layered"

    def _head(self, sketch, hint, *styles):
        filled, composed, certainty = hint[:, ::2, ::2], hint[:, ::2, 1::2], hint[:, 1::2, ::2]
        color = (np.where(certainty[..., :2].any(-1, keepdims=True), filled, composed)[..., ::-1] + 1.0) * 127.5
        half = color * (1.0 - sketch)[:, ::2, ::2] - np.array([103.939, 116.779, 123.68], np.float32)
        return [half, half, half]

    _neck = _head


def painter(calls: list[str] | None = None, *, encoding: str = "layered") -> Painter:
    networks = fake_networks(calls)
    if encoding == "layered":
        networks["baby"].encoding = "propagated"
        networks |= {name: SpreadPainter(name, networks["baby"].calls) for name in ("head", "neck")}
    return Painter(networks, settings=SMALL)


# Original size --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["points", "layered"])
def test_a_large_page_comes_back_with_its_own_lines_in_full(encoding):
    page = drawing(2048, 1500)
    hints = Hints([Hint(x=0.2, y=0.1, color="#e02020"), Hint(x=0.8, y=0.1, color="#2040e0")])
    result = painter(encoding=encoding).colorize(page, hints=hints, output_size="original")
    assert result.image.shape == (2048, 1500, 3) and (result.lines == page).all()
    ink = result.image[page == 10]
    assert (lab(ink)[:, 0] <= lab(np.full_like(ink, 10))[:, 0] + 6).all()
    assert {layer.image.shape[:2] for layer in result.layers.values()} == {(2048, 1500)}


def test_colour_stops_at_the_line_and_not_a_painted_pixel_later():
    page = drawing(2048, 1500)
    hints = Hints([Hint(x=0.2, y=0.1, color="#2e0606"), Hint(x=0.8, y=0.1, color="#0d1b5f")])
    row = painter().colorize(page, hints=hints, output_size="original").image[200].astype(int)
    assert np.abs(row[700] - row[800]).max() > 30
    # the line is 750 to 752, and a painted pixel would be eight wide
    assert np.abs(row[700:750] - row[700]).max() <= 3 and np.abs(row[753:800] - row[800]).max() <= 10


@pytest.mark.parametrize("shape", [(30, 240), (240, 30), (12, 1), (1, 12), (1, 1)])
@pytest.mark.parametrize("method", ["colorization", "rendering", "recolorization"])
def test_strips_and_single_pixels_keep_their_size(shape, method):
    result = painter().colorize(drawing(*shape, pen=1), options=Options(method=method), output_size="original")
    assert result.image.shape == (*shape, 3) and result.lines.shape == shape


def test_a_transparent_page_is_painted_on_white():
    page = np.zeros((900, 700, 4), np.uint8)
    page[300:306, :, 3] = 255
    result = painter().colorize(page, output_size="original")
    assert (result.lines == 255).sum() == result.lines.size - 6 * 700 and (lab(result.image[303])[:, 0] <= 6).all()


def test_tones_of_a_tonal_page_are_sharper_than_the_small_painting():
    tones = np.where(np.arange(1200) % 80 < 40, 90, 180).astype(np.uint8)[None].repeat(1000, axis=0)
    options = Options(method="rendering")
    subject = painter(encoding="points")
    large = subject.colorize(tones, options=options, output_size="original").image.astype(int)
    small = subject.colorize(tones, options=options).image.astype(int)
    sharpness = [np.abs(np.diff(image[100, 50:-50].mean(axis=1))).max() for image in (large, small)]
    assert sharpness[0] > 0.6 * sharpness[1] > 5  # a plain resize to three times the size would have a third


def test_a_painting_can_be_brought_to_its_page_later():
    page = drawing(1200, 900)
    subject = painter()
    sketch = subject.prepare(page).sketches["colorization"]
    later = at_drawing(subject.paint(sketch), page)
    assert later.image.shape == (1200, 900, 3) and (later.lines == page).all()
    stop = NullReporter()
    stop.cancelled = True
    with pytest.raises(CancelledError):
        at_drawing(subject.paint(sketch), page, report=stop)


# Preview --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(700, 500), (500, 700), (512, 512), (600, 100)])
def test_a_preview_has_the_proportions_of_the_painting(shape):
    subject, sketch = painter(), drawing(*shape)
    preview, full = subject.preview(sketch), subject.paint(sketch).image
    assert min(preview.shape[:2]) == PREVIEW_EDGE and preview.dtype == np.uint8
    assert preview.shape[0] / preview.shape[1] == pytest.approx(full.shape[0] / full.shape[1], rel=0.02)


@pytest.mark.parametrize(("kind", "encoding"), [("draft", "points"), ("draft", "layered"), ("exact", "layered")])
def test_the_colour_under_the_hand_is_that_of_the_painting(kind, encoding):
    subject, sketch = painter(encoding=encoding), drawing(700, 500)
    for x, y, color in ((0.2, 0.2, "#c03030"), (0.3, 0.7, "#3060c0"), (0.8, 0.6, "#d0b020")):
        hints = Hints([Hint(x=x, y=y, color=color, kind=kind)])
        preview = subject.preview(sketch, hints=hints, settings=PAGE)
        full = subject.paint(sketch, hints=hints, settings=PAGE).image
        colors = [image[int(y * image.shape[0]), int(x * image.shape[1])][None] for image in (preview, full)]
        assert delta_e(*(lab(color) for color in colors))[0] < 3


@pytest.mark.parametrize("encoding", ["points", "layered"])
def test_dragging_an_exact_hint_runs_the_painters_alone(encoding):
    calls: list[str] = []
    subject, sketch = painter(calls, encoding=encoding), drawing(700, 500)
    subject.preview(sketch)
    assert calls == FROM_DRAFT + PAINTERS[encoding]
    for x in (0.1, 0.2):
        calls.clear()
        subject.preview(sketch, hints=Hints([Hint(x=x, y=0.5, color="#ff0000")]))
        assert calls == PAINTERS[encoding]


@pytest.mark.parametrize("encoding", ["points", "layered"])
def test_the_painting_after_a_drag_finds_its_draft_done(encoding):
    calls: list[str] = []
    subject, sketch = painter(calls, encoding=encoding), drawing(700, 500)
    hints = Hints([Hint(x=0.3, y=0.3, color="#ff0000", kind="draft")])
    subject.preview(sketch, hints=hints)
    calls.clear()
    after = subject.paint(sketch, hints=hints)
    assert calls == ["tail", "reader", *PAINTERS[encoding]]
    assert np.array_equal(after.image, painter(encoding=encoding).paint(sketch, hints=hints).image)


def test_a_preview_sees_reference_line_colour_method_and_composition():
    subject, sketch = painter(), drawing(700, 500)
    plain = subject.preview(sketch)
    reference = np.full((64, 64, 3), (200, 60, 60), np.uint8)
    composition = np.full((512, 512, 3), (30, 160, 60), np.uint8)
    changes = [
        {"reference": reference, "options": Options(mix=0.8)}, {"options": Options(line_color="#ff0000")},
        {"options": Options(method="rendering")}, {"composition": composition},
    ]
    for change in changes:
        assert np.abs(subject.preview(sketch, **change).astype(int) - plain).max() > 8


def test_a_preview_is_stopped_before_the_next_network_and_tells_no_stages():
    calls: list[str] = []

    class StopsAfterGirder(NullReporter):
        def stage(self, name: str) -> None:
            raise AssertionError("a preview has no stages")

        picture = update = stage  # pyright: ignore[reportAssignmentType]

        def check(self) -> None:
            self.cancelled = "girder" in calls
            super().check()

    with pytest.raises(CancelledError):
        painter(calls).preview(drawing(700, 500), report=StopsAfterGirder())
    assert calls == FROM_DRAFT[:3]


def test_how_long_a_preview_takes_is_known_after_the_first():
    subject = painter()
    assert subject.preview_seconds is None
    subject.preview(drawing(300, 300))
    first = subject.preview_seconds
    assert first is not None and first > 0
    subject.preview(drawing(300, 300))
    assert subject.preview_seconds is not None and subject.preview_seconds <= first
