"""What a painting tells while it is made, and what comes out of it: progress, files, layers, the public function."""

from __future__ import annotations

import numpy as np
import pytest
from fake_networks import fake_networks
from painter_cases import SMALL, drawing, painter, sketch

import s2p
from s2p.errors import CancelledError, OutputError, S2PError
from s2p.export import flatten
from s2p.pipelines.base import Result
from s2p.pipelines.request import forget
from s2p.pipelines.style2paints import Painter
from s2p.progress import FractionReporter, NullReporter
from s2p.schema import Hint, Options
from s2p.systems import system_of


class Recorder(FractionReporter):
    def __init__(self):
        super().__init__(system_of("style2paints").stages)
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
    assert report.stages == list(system_of("style2paints").stages)
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
    with pytest.raises(OutputError, match=r"\.tiff, \.psd, \.ora\."):
        result.save(tmp_path / "painting.tga")


def test_layers_hold_lines_over_colours_over_composition_over_draft(tmp_path):
    from psd_tools import PSDImage

    result = painter().colorize(drawing())
    assert list(result.layers) == ["draft", "composition", "colours", "lines"]
    assert all(layer.image.shape[:2] == result.image.shape[:2] for layer in result.layers.values())
    result.save(tmp_path / "all.psd")
    assert [layer.name for layer in PSDImage.open(tmp_path / "all.psd")] == list(result.layers)
    assert np.abs(flatten(list(result.layers.values())).astype(int) - result.image).max() <= 2, "lines count once"
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
    forget()
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
        forget()


def test_files_that_a_system_makes_besides_are_saved_by_their_ending(tmp_path):
    page = np.full((8, 8, 3), 255, np.uint8)
    result = Result(image=page, lines=page[..., 0], files={"svg": b"<svg/>"})
    result.save(tmp_path / "strokes.SVG")
    assert (tmp_path / "strokes.SVG").read_bytes() == b"<svg/>"
    assert list(result.layers) == ["colours", "lines"], "nobody invents a composition"
    with pytest.raises(OutputError):
        result.save(tmp_path / "film.mp4")
    with pytest.raises(OutputError, match=r"json, svg, mp4\. Received: exe"):
        Result(image=page, lines=page[..., 0], files={"exe": b""})


@pytest.mark.parametrize("source, asked, words", [
    (None, {}, "A picture is a path, its bytes, an open file, an array .* Received: NoneType."),
    (5, {}, "Received: int."),
    (np.full((9, 9), 255, np.uint8), {"hints": [(0.5, "#ff0000")]}, r"hints\[0\] must be Hint"),
    (np.full((9, 9), 255, np.uint8), {"hints": [{"x": 0.5, "y": 0.5, "colour": "#ff0000"}]}, r"hints\[0\]"),
    (np.full((9, 9), 255, np.uint8), {"method": "colour"}, "method must be one of colorization, rendering"),
])  # fmt: skip
def test_what_the_function_cannot_use_is_refused_with_a_sentence(source, asked, words):
    with pytest.raises(S2PError, match=words):
        s2p.colorize(source, **asked)
