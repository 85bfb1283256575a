"""A painter without networks, for tests of the server: fast, recognisable, and bad on request.

The picture it paints is the sketch's mean gray in every pixel, tinted by the first hint. A draft hint of a special
colour makes it misbehave; see `BAD`.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field

import numpy as np

from s2p.errors import InputError
from s2p.pipelines.base import Result

SLOW, HANG, CRASH, REFUSE, BUG, MEMORY = (f"#00000{digit}" for digit in range(1, 7))
BAD = (SLOW, HANG, CRASH, REFUSE, BUG, MEMORY)


@dataclass
class FakeNetwork:
    trained: bool = True
    origin: str = "fake"


@dataclass
class FakePrepared:
    improved: np.ndarray
    sketches: dict[str, np.ndarray] = field(default_factory=dict)


class FakePainter:
    """Takes the calls of `s2p.pipelines.style2paints.Painter`."""

    def __init__(self) -> None:
        self.networks = {"head": FakeNetwork(), "tail": FakeNetwork(trained=False)}

    def prepare(self, image, *, method, settings, improved=None, extracted=None, report) -> FakePrepared:
        report.stage("prepare")
        report.check()
        improved = image if improved is None else improved
        gray = improved.min(axis=2)
        sketches = {"colorization": gray, "rendering": gray}
        if method == "recolorization":
            sketches["recolorization"] = gray if extracted is None else extracted
        return FakePrepared(improved, sketches)

    def paint(self, sketch_gray, *, hints, options, settings, reference=None, de_painting=None, composition=None,
              report) -> Result:
        for hint in hints.of("draft"):
            _misbehave(hint.color, report)
        height, width = sketch_gray.shape
        draft = None
        for stage in ("draft", "compose", "paint", "finish"):
            report.stage(stage)
            report.check()
            if stage == "draft" and composition is None:
                draft = np.full((height, width, 3), 200, np.uint8)
                _show(report, "draft", draft)
        if composition is None:
            composition = np.full((height, width, 3), int(sketch_gray.mean()), np.uint8)
            _show(report, "compose", composition)
        image = np.full((height, width, 3), int(sketch_gray.mean()), np.uint8)
        exact = hints.of("exact")
        if len(exact):
            image[...] = exact[0].rgb
        if reference is not None:
            image[: height // 2] = reference.reshape(-1, 3).mean(axis=0).astype(np.uint8)
        return Result(image=image, composition=composition, draft=draft, lines=sketch_gray, untrained=("tail",))


def _show(report, stage: str, image: np.ndarray) -> None:
    if hasattr(report, "picture"):
        report.picture(stage, image)


def _misbehave(color: str, report) -> None:
    if color == SLOW:
        for step in range(200):
            report.stage("draft")
            report.update(step / 200)
            report.check()
            time.sleep(0.05)
    if color == HANG:
        time.sleep(600)
    if color == CRASH:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    if color == REFUSE:
        raise InputError("The fake painter refuses this colour.")
    if color == BUG:
        raise RuntimeError("a fault of the painter")
    if color == MEMORY:
        raise MemoryError


def painter(settings) -> FakePainter:
    return FakePainter()


def broken(settings) -> FakePainter:
    raise InputError("The fake painter cannot start.")
