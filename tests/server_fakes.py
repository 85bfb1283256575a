"""A painter without networks, for tests of the server: fast, recognisable, and bad on request.

The picture it paints is the sketch's mean gray in every pixel, tinted by the first hint. A draft hint of a special
colour makes it misbehave: `SLOW` takes ten seconds, `ENDLESS` goes on until it is cancelled, `HANG` does not even
notice that.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from s2p.errors import InputError
from s2p.pipelines.base import Result
from s2p.schema import Hint, Hints
from s2p.tags import choices

SLOW, HANG, CRASH, REFUSE, BUG, MEMORY, ENDLESS = (f"#00000{digit}" for digit in range(1, 8))
SUGGESTED = ((0.3, 0.3), (0.7, 0.3), (0.5, 0.7))  # where it suggests colours
STYLES = ("great-wave", "starry-night")  # of the fake network of styles
GATE = "FAKE_PAINTER_WAITS_FOR"  # environment variable that names a file, see `waiting`


@dataclass
class FakeNetwork:
    trained: bool = True
    origin: str = "fake"
    identity: str | None = None


@dataclass
class FakePrepared:
    improved: np.ndarray
    sketches: dict[str, np.ndarray] = field(default_factory=dict)


class FakePainter:
    """Takes the calls of `s2p.pipelines.style2paints.Painter`.

    Attributes:
        preview_seconds: how long its previews say they take.
        fills: whether it says that it fills line art, and has several choices of colours.
    """

    def __init__(self, *, trained: bool = False, preview_seconds: float = 0.02, fills: bool = False) -> None:
        self.networks = {"head": FakeNetwork(), "tail": FakeNetwork(trained=trained)}
        self.preview_seconds = preview_seconds
        self.fills = fills

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
              drawing=None, taken=None, words=(), output_size=None, report) -> Result:
        """As large as the drawing, or half of it; as the sketch for V3's client. Finds nothing that words mean."""
        for hint in hints.of("draft"):
            _misbehave(hint.color, report)
        height, width = sketch_gray.shape
        draft, is_filled = None, self.fills and options.method == "colorization"
        for stage in ("draft", "compose", "paint", "finish"):
            report.stage(stage)
            report.check()
            if stage == "draft" and composition is None and not is_filled:
                draft = np.full((height, width, 3), 200, np.uint8)
                _show(report, "draft", draft)
        if composition is None and not is_filled:
            composition = np.full((height, width, 3), int(sketch_gray.mean()), np.uint8)
            _show(report, "compose", composition)
        lines = sketch_gray
        if drawing is not None:
            lines = drawing if output_size == "original" else drawing[::2, ::2]
        height, width = lines.shape
        image = np.full((height, width, 3), int(sketch_gray.mean()), np.uint8)
        exact = hints.of("exact")
        if len(exact):
            image[...] = exact[0].rgb
        if reference is not None:
            image[: height // 2] = reference.reshape(-1, 3).mean(axis=0).astype(np.uint8)
        made = {"flats": image} if is_filled else {"draft": draft, "composition": composition}
        previews = {name: preview for name, preview in made.items() if preview is not None}
        return Result(
            image=image, lines=lines, previews=previews, untrained=("tail",), unfound=words
        )

    def suggest(self, sketch_gray, *, hints=None, seed=0, settings=None, taken=None, words=(), report=None) -> Hints:
        """Exact hints at those of three places that have none yet; their colours count from the seed and the words."""
        hints, seed = hints or Hints(), seed + len(words)
        if report is not None:
            report.stage("draft")
            report.check()
        for hint in hints.of("draft"):
            _misbehave(hint.color, report)
        free = [(x, y) for x, y in SUGGESTED
                if all(abs(hint.x - x) + abs(hint.y - y) > 0.1 for hint in hints)]
        return Hints(
            Hint(x=x, y=y, color=f"#{(seed + number) % 2**24:06x}") for number, (x, y) in enumerate(free)
        )

    def choices(self, sketch_gray, *, hints=None, seeds=range(6), taken=None, words=(), report=None) -> list[Hints]:
        """A suggestion for every seed, in colours that a person tells apart: `choice_color`."""
        places = self.suggest(sketch_gray, hints=hints, report=report)
        return [Hints(Hint(x=one.x, y=one.y, color=choice_color(seed)) for one in places) for seed in seeds]

    def preview(self, sketch_gray, *, hints, options, settings=None, reference=None, de_painting=None,
                composition=None, drawing=None, taken=None, words=(), report=None) -> np.ndarray:
        """The first exact hint everywhere, darker than in a painting."""
        for hint in hints.of("draft"):
            _misbehave(hint.color, report)
        exact = hints.of("exact")
        rgb = np.array(exact[0].rgb if len(exact) else (255, 255, 255))
        return np.broadcast_to((rgb // 2).astype(np.uint8), (*sketch_gray.shape, 3)).copy()


def choice_color(seed: int) -> str:
    """The colour of a choice: `#c80032` and, for every seed more, more of blue and less of red."""
    return f"#{200 - 12 * seed % 200:02x}00{50 + 16 * seed % 200:02x}"


class FakeAutoPainter:
    """Takes the calls of any system without sketches; paints everything in the first hint's or else tag's colour."""

    def __init__(self) -> None:
        self.networks = {"auto_painter": FakeNetwork(trained=False)}

    def run(self, request, report) -> Result:
        image, hints = request.image, request.hints
        for stage in ("prepare", "paint", "finish"):
            report.stage(stage)
            report.check()
        painted = np.full_like(image, 40)
        tags = getattr(request.own, "tags", ())
        if tags:
            painted[...] = Hint(x=0, y=0, color=choices()[tags[0]].color).rgb
        if len(hints):
            painted[...] = hints[0].rgb
        return Result(image=painted, lines=image.min(axis=2),
                      untrained=("auto_painter",))


def _show(report, stage: str, image: np.ndarray) -> None:
    if hasattr(report, "picture"):
        report.picture(stage, image)


def _misbehave(color: str, report) -> None:
    if color in (SLOW, ENDLESS):
        for step in range(200) if color == SLOW else itertools.count():
            report.stage("draft")
            report.update(step / (200 if color == SLOW else 200 + step))
            report.check()
            time.sleep(0.05)
    if color == HANG:
        report.stage("draft")  # from now on it asks nobody whether to stop
        time.sleep(600)
    if color == CRASH:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    if color == REFUSE:
        raise InputError("The fake painter refuses this colour.")
    if color == BUG:
        raise RuntimeError("a fault of the painter")
    if color == MEMORY:
        raise MemoryError


def painter(settings, *, model="style2paints"):
    return FakePainter() if model == "style2paints" else FakeAutoPainter()


def trained(settings, *, model="style2paints"):
    """Nothing of the six is untrained, so previews are offered."""
    return FakePainter(trained=True) if model == "style2paints" else FakeAutoPainter()


def filling(settings, *, model="style2paints"):
    """Fills line art as our own networks do; too slow for previews, so nothing is painted along with the hand."""
    return FakePainter(trained=True, preview_seconds=2.0, fills=True) if model == "style2paints" else FakeAutoPainter()


def flats(settings, *, model="style2paints"):
    """Our own filling as it is, on networks that answer at once; the server, the program and Python can share it."""
    from tests import test_filling

    return test_filling.painter(shading=settings.shading)


def stroking(settings, *, model="style2paints"):
    """Paints by strokes as the program itself does, and everything else as `painter`."""
    from s2p.pipelines import strokes

    return strokes.load(settings) if model == "strokes" else painter(settings, model=model)


class FakeStyles:
    """Takes the place of the network of styles: turns light and dark round, the more so the less of the first style."""

    name, encoding, trained, identity, inputs, outputs = "stylizer", "points", True, "fake", (), ()

    def __call__(self, picture: np.ndarray, shares: np.ndarray) -> list[np.ndarray]:
        share = shares[0, 0]
        return [share * picture + (1.0 - share) * (1.0 - picture)]


def styling(settings, *, model="style2paints"):
    """Paints in two styles without a network, and everything else as `painter`."""
    from s2p.pipelines.stylizer import StylePainter

    if model != "stylizer":
        return painter(settings, model=model)
    return StylePainter({"light": FakeStyles()}, styles=STYLES, settings=settings)


def waiting(settings, *, model="style2paints"):
    """Is not ready before the file is there that `$FAKE_PAINTER_WAITS_FOR` names."""
    deadline = time.monotonic() + 120
    while not Path(os.environ[GATE]).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return painter(settings, model=model)


def broken(settings):
    raise InputError("The fake painter cannot start.")


def dying(settings, *, model="style2paints"):
    """Is killed while it starts, as often as there are letters in the file that `$FAKE_PAINTER_WAITS_FOR` names."""
    path = Path(os.environ[GATE])
    left = path.read_text()
    if left:
        path.write_text(left[1:])
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return painter(settings, model=model)


def everything(settings, *, model="style2paints"):
    """Fills, lays strokes and paints in styles, so that every control of the page is there."""
    fakes = {"style2paints": filling, "strokes": stroking, "stylizer": styling}
    return fakes.get(model, painter)(settings, model=model)
