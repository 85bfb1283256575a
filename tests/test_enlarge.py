"""Paintings brought to the size of the drawing: no bleeding, no stairs, no seams, bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2p import enlarge as module
from s2p.enlarge import enlarge, enlarge_tonal
from s2p.errors import CancelledError
from s2p.lineart import keep_ink
from s2p.progress import FractionReporter, NullReporter
from s2p.sizes import resize_to

ROOT = Path(__file__).resolve().parent.parent


def scene(edge: int, *, pen: float = 6.0) -> tuple[np.ndarray, np.ndarray]:
    """A flat painting without its lines, `uint8[edge, edge, 3]`, and the lines between its colours."""
    colors = np.full((edge, edge, 3), (250, 240, 200), np.uint8)
    lines = np.full((edge, edge), 255, np.uint8)
    width = max(round(pen), 1)
    red, blue, green = (200, 40, 50), (40, 90, 200), (30, 160, 60)
    for (x, y), radius, color in (((0.3, 0.35), 0.22, red), ((0.62, 0.5), 0.27, blue), ((0.4, 0.75), 0.15, green)):
        centre, radius = (round(x * edge), round(y * edge)), round(radius * edge)
        cv2.circle(colors, centre, radius, color, -1)
        cv2.circle(lines, centre, radius, 255, -1)
        cv2.circle(lines, centre, radius, 0, width, cv2.LINE_AA)
    return colors, lines


def as_painted(colors: np.ndarray, lines: np.ndarray, edge: int) -> np.ndarray:
    """What a network makes of it: small, with lines of its own, and soft."""
    inked = keep_ink(colors, lines)
    small = cv2.resize(inked, (edge * 2 // 3, edge * 2 // 3), interpolation=cv2.INTER_AREA)
    return resize_to(small, (edge, edge))


def rms(first: np.ndarray, second: np.ndarray, where: np.ndarray) -> float:
    return float(np.sqrt(((first.astype(float) - second)[where] ** 2).mean()))


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_colours_end_at_the_lines_where_a_plain_resize_bleeds(scale):
    colors, lines = scene(1024)
    painting = as_painted(colors, lines, 1024 // scale)
    beside = (cv2.erode(lines, np.ones((2 * scale + 1,) * 2)) < 128) & (lines == 255)
    truth = keep_ink(colors, lines)
    ours = rms(enlarge(painting, lines), truth, beside)
    plain = rms(keep_ink(resize_to(painting, truth.shape), lines), truth, beside)
    assert ours < plain / 3 and ours < 10, f"{ours:.1f} beside lines, plainly resized {plain:.1f}"


def test_the_lines_are_the_artists_own_pixels():
    colors, lines = scene(600)
    painting = as_painted(colors, lines, 100)
    assert (enlarge(painting, lines)[lines == 0] == 0).all()
    assert (enlarge(painting, lines, ink=False)[lines == 0] > 0).any()


def test_where_there_are_no_lines_it_is_a_smooth_resize():
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    painting = np.stack([np.tile(ramp, (48, 1)), np.tile(ramp[::-1], (48, 1)), np.full((48, 64), 90, np.uint8)], -1)
    large = enlarge(painting, np.full((384, 512), 255, np.uint8))
    smooth = cv2.resize(painting, (512, 384), interpolation=cv2.INTER_LINEAR)
    assert np.abs(large.astype(int) - smooth).max() <= 3
    assert np.abs(np.diff(large.astype(int), axis=1)).max() <= 2  # no stairs


@pytest.mark.parametrize("shape", [(700, 900), (513, 1021), (64, 3000)])
def test_tiles_equal_one_piece(shape):
    generator = np.random.default_rng(3)
    _, lines = scene(1024, pen=3)
    lines = np.ascontiguousarray(np.resize(lines, shape))
    painting = generator.integers(0, 256, (shape[0] // 8, shape[1] // 8, 3)).astype(np.uint8)
    whole = enlarge(painting, lines, tile=8192)
    for tile in (64, 250, 512):
        assert np.abs(enlarge(painting, lines, tile=tile).astype(int) - whole).max() <= 1
    whole = enlarge_tonal(painting, lines, tile=8192)
    assert np.abs(enlarge_tonal(painting, lines, tile=100).astype(int) - whole).max() <= 1


_SIZES = st.tuples(st.integers(1, 150), st.integers(1, 150))


@settings(max_examples=60, deadline=None)
@given(painting=_SIZES, page=_SIZES, shade=st.integers(0, 255))
def test_any_sizes_fit_together(painting, page, shade):
    flat, drawing = np.full((*painting, 3), 120, np.uint8), np.full(page, shade, np.uint8)
    flat_page = np.full((*page, 3), 120, np.uint8)
    pairs = [
        (enlarge(flat, drawing, tile=32), keep_ink(flat_page, drawing)),
        (enlarge(flat, drawing, ink=False, tile=32), flat_page),
        (enlarge_tonal(flat, drawing, tile=32), flat_page),
    ]
    for large, expected in pairs:
        assert large.shape == expected.shape and large.dtype == np.uint8
        assert np.abs(large.astype(int) - expected).max() <= 1


def test_a_tonal_page_gives_its_detail_to_the_painting():
    generator = np.random.default_rng(0)
    tones = cv2.GaussianBlur(generator.integers(0, 256, (512, 512)).astype(np.uint8), (0, 0), 2.0)
    tones = cv2.normalize(tones, np.empty_like(tones), 0, 255, cv2.NORM_MINMAX)
    truth = np.stack([tones, tones // 2 + 40, 200 - tones // 2], -1)
    painting = cv2.resize(truth, (128, 128), interpolation=cv2.INTER_AREA)
    everywhere = np.ones(tones.shape, bool)
    ours = rms(enlarge_tonal(painting, tones), truth, everywhere)
    assert ours < rms(resize_to(painting, truth.shape), truth, everywhere) / 2


def test_it_can_be_stopped_between_tiles_and_tells_how_far_it_is():
    painting, page = np.zeros((32, 32, 3), np.uint8), np.full((512, 512), 255, np.uint8)
    report = FractionReporter({"finish": 1.0})
    report.stage("finish")
    enlarge(painting, page, tile=64, report=report)
    assert report.fraction == pytest.approx(1.0)

    class Stops(NullReporter):
        def update(self, fraction: float) -> None:
            self.cancelled = True

    for function in (enlarge, enlarge_tonal):
        with pytest.raises(CancelledError):
            function(painting, page, tile=64, report=Stops())


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from Linux")
@pytest.mark.parametrize("function", ["enlarge", "enlarge_tonal"])
def test_the_memory_for_a_page_of_4096_is_bounded(function):
    program = (
        "import resource, numpy as np, cv2\n"
        "from s2p import enlarge\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "small = np.random.default_rng(0).integers(0, 255, (512, 512, 3)).astype(np.uint8)\n"
        "page = np.full((4096, 4096), 255, np.uint8)\n"
        "[cv2.circle(page, (i * 131 % 4096, i * 517 % 4096), 40 + i, 0, 8) for i in range(300)]\n"
        "enlarge.enlarge(small, page[:512, :512]), enlarge.enlarge_tonal(small, page[:600, :600])\n"
        "before = peak()\n"
        f"result = enlarge.{function}(small, page)\n"
        "print(peak() - before - result.nbytes)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= module.WORK_BYTES, f"{int(done.stdout) / 2**20:.0f} MiB"
