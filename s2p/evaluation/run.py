"""One evaluation while it runs: paints a pair with every artist's hints, and measures it beside the baselines."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from s2p.config import Settings
from s2p.evaluation import memory
from s2p.evaluation.answers import answers, choose_moved, complement, leak
from s2p.evaluation.artists import ARTISTS
from s2p.evaluation.fills import BASELINES, Point, baseline, closed_fill
from s2p.evaluation.metrics import Figures, Measured, choices, measure, zooms_differ
from s2p.evaluation.pairs import Pair
from s2p.evaluation.sheet import Row, row
from s2p.evaluation.similarity import area_under
from s2p.evaluation.target import Target
from s2p.pipelines.base import Result
from s2p.pipelines.request import Request
from s2p.progress import NullReporter, Reporter
from s2p.schema import Hints

MANY = 16  # hints at most where one number of hints has to do: leak, zooms, sheet
CHOICES = 6  # paintings without hints that a painter with choices is asked for
CLOSED = "closed"  # every closed region in the original's own colour: what filling them reaches at best
ORIGINAL = "original"  # the original itself, measured like a painting: what full marks look like
TOLD = (CLOSED, ORIGINAL)  # systems that know the original, so the same for any hints
_ZOOMS = (0.5, 1.0)


class Colorizer(Protocol):
    """What is judged: anything with the `run` of a system (`s2p.pipelines.request`)."""

    def run(self, request: Request, report: Reporter | None = None) -> Result: ...


@runtime_checkable
class Offering(Protocol):
    """A painter that, where it `fills`, offers hints for a drawing without any; their paintings are judged, too."""

    fills: bool

    def choices(
        self, sketch_gray: np.ndarray, *, seeds: range = range(CHOICES), report: Reporter | None = None
    ) -> list[Hints]: ...


@dataclass
class Run:
    """Settings, painter, and what was found so far."""

    counts: tuple[int, ...]
    artists: tuple[str, ...]
    seed: int
    model: str
    settings: Settings
    painter: Colorizer | None
    with_baselines: bool = True
    with_zooms: bool = False
    pictures: list[dict[str, Any]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    untrained: tuple[str, ...] = ()

    @property
    def shown_counts(self) -> tuple[int, ...]:
        """Numbers of hints on the sheet: those at which a picture still lives from the painter."""
        return tuple(count for count in self.counts if count <= MANY) or self.counts[:1]

    @property
    def rows_each(self) -> int:
        """Rows of the sheet that one picture takes; with two artists the last one is shown."""
        return len(self.shown_counts)

    def add(self, pair: Pair, flavour: str, report: Reporter, *, is_shown: bool) -> None:
        """Measures one pair with the hints of every artist."""
        sitting = _Sitting(self, pair, report)
        for artist in self.artists:
            entry = {"name": pair.name, "flavour": flavour, "artist": artist} | sitting.judged(artist)
            self.pictures.append(entry)
        if is_shown:
            self.rows.extend(sitting.rows(self.artists[-1]))


def networks_of(painter: Colorizer | None) -> list[dict[str, Any]]:
    """The networks of a painter, for the file of figures."""
    return [
        {
            "name": name, "trained": network.trained, "encoding": network.encoding,
            "identity": network.identity,
        }
        for name, network in getattr(painter, "networks", {}).items()
    ]


class _Sitting:
    """One pair before the painter; what both artists need is painted and measured once."""

    def __init__(self, run: Run, pair: Pair, report: Reporter) -> None:
        self.run, self.pair = run, pair
        self.target = Target(pair.image, pair.lines)
        self.seconds: list[float] = []
        self._report = Checking(report)
        self._painted: dict[tuple[Hints, float], Measured] = {}
        self._filled: dict[tuple[str, tuple[Point, ...]], Measured] = {}
        self._points: dict[str, list[Point]] = {}
        self._result_size: list[int] | None = None

    def judged(self, artist: str) -> dict[str, Any]:
        """Figures of every system with the hints of one artist."""
        before = len(self.seconds)
        points = self.points(artist)
        generator = np.random.default_rng([self.run.seed, zlib.crc32(self.pair.name.encode())])
        moved = self._moved(points, generator)
        systems, peak = {}, None
        if self.run.painter is not None:
            with memory.peak() as measured:
                systems[self.run.model] = self._system(points, moved, lambda some: self._painting(artist, some))
                self._extras(artist, points, systems[self.run.model]["hints"])
            peak = measured.megabytes
        if self.run.with_baselines:
            for kind in BASELINES:
                systems[kind] = self._system(
                    points, None if kind == "sketch" else moved, lambda some, kind=kind: self._fill(kind, some)
                )
            for kind in TOLD:
                systems[kind] = self._system(points, None, lambda _, kind=kind: self._fill(kind, ()))
        seconds = self.seconds[before:]
        return {
            "kind": "paper" if self.target.on_paper else "full",
            "size": [self.pair.image.shape[1], self.pair.image.shape[0]], "result_size": self._result_size,
            "points": {str(count): min(count, len(points)) for count in self.run.counts},
            # The very first painting of a drawing also cleans it.
            "seconds_first": seconds[0] if before == 0 and seconds else None,
            "seconds_again": seconds[1:] if before == 0 else seconds,
            "peak_megabytes": peak, "systems": systems,
        }

    def points(self, artist: str) -> list[Point]:
        if artist not in self._points:
            generator = np.random.default_rng([self.run.seed, zlib.crc32(self.pair.name.encode()), 1])
            self._points[artist] = ARTISTS[artist].place(self.target, max(self.run.counts), generator)
        return self._points[artist]

    def rows(self, artist: str) -> list[Row]:
        """The pair on the contact sheet."""
        found = []
        for count in self.run.shown_counts:
            points = self.points(artist)[:count]
            fill = self._fill("geodesic", tuple(points))
            painting = fill if self.run.painter is None else self._painting(artist, tuple(points))
            title = f"{self.pair.name}   {len(points)} hints ({artist})   dE off lines: geodesic {_error(fill)}"
            if self.run.painter is not None:
                title += f", {self.run.model} {_error(painting)}"
            found.append(row(
                title, lines=self.pair.lines, points=points,
                pictures=(fill.image, painting.image, self.pair.image),
            ))  # fmt: skip
        return found

    def _system(
        self, points: list[Point], moved: tuple[int, int] | None, paint: Callable[[tuple[Point, ...]], Measured]
    ) -> dict[str, Any]:
        hints: dict[str, Figures] = {}
        for count in self.run.counts:
            painting = paint(tuple(points[:count]))
            hints[str(count)] = painting.figures | answers(self.target, painting, points[:count])
        if moved is not None:
            count, index = moved
            region = self.target.spread(points[index])
            assert region is not None
            changed = [complement(point) if place == index else point for place, point in enumerate(points[:count])]
            hints[str(count)].update(leak(self.target, paint(tuple(points[:count])), paint(tuple(changed)), region))
        return {"hints": hints, "hint_auc": area_under({int(n): item["psnr"] or 0.0 for n, item in hints.items()})}

    def _extras(self, artist: str, points: list[Point], hints: Mapping[str, Figures]) -> None:
        """What takes more paintings: two zooms, and the choices of a painter that has them."""
        count = self._many()
        if self.run.with_zooms and count is not None:
            some = tuple(points[:count])
            small, large = (self._painting(artist, some, zoom) for zoom in _ZOOMS)
            hints[str(count)]["zooms_differ"] = zooms_differ(self.target, small, large)
        if "0" in hints and isinstance(self.run.painter, Offering) and self.run.painter.fills:
            offered = self.run.painter.choices(self.pair.lines, seeds=range(CHOICES), report=self._report)
            found = [measure(self.target, self._colorized(one).image) for one in offered]
            hints["0"].update(choices(self.target, found))

    def _colorized(self, hints: Hints, *, zoom: float | None = None) -> Result:
        assert self.run.painter is not None
        self._report.check()
        settings = self.run.settings.merged(zoom=zoom)
        return self.run.painter.run(Request(self.pair.lines, hints=hints, settings=settings), self._report)

    def _painting(self, artist: str, points: tuple[Point, ...], zoom: float | None = None) -> Measured:
        usual = self.run.settings.zoom
        hints, zoom = ARTISTS[artist].hints(list(points)), usual if zoom is None else zoom
        if (hints, zoom) not in self._painted:
            started = time.perf_counter()
            result = self._colorized(hints, zoom=zoom)
            if zoom == usual:
                self.seconds.append(time.perf_counter() - started)
                self._result_size = [result.image.shape[1], result.image.shape[0]]
            self.run.untrained = result.untrained
            self._painted[hints, zoom] = measure(self.target, result.image)
        return self._painted[hints, zoom]

    def _fill(self, kind: str, points: tuple[Point, ...]) -> Measured:
        kind, points = ("sketch", ()) if kind == "sketch" or (not points and kind not in TOLD) else (kind, points)
        if (kind, points) not in self._filled:
            self._report.check()
            shape = self.pair.image.shape
            if kind in TOLD:
                painting = self.pair.image if kind == ORIGINAL else closed_fill(self.pair.lines, self.pair.image)
            else:
                painting = baseline(kind, self.pair.lines, points, shape)
            self._filled[kind, points] = measure(self.target, painting)
        return self._filled[kind, points]

    def _moved(self, points: list[Point], generator: np.random.Generator) -> tuple[int, int] | None:
        """At which number of hints the leak is measured, and which hint is changed."""
        count = self._many()
        index = None if count is None else choose_moved(self.target, points[:count], generator)
        return None if count is None or index is None else (count, index)

    def _many(self) -> int | None:
        some = [count for count in self.run.counts if count > 0]
        return max((count for count in some if count <= MANY), default=min(some)) if some else None


class Checking(NullReporter):
    """Lets the painter be cancelled, but keeps its stages out of the evaluation's progress."""

    def __init__(self, report: Reporter) -> None:
        super().__init__()
        self._report = report

    def check(self) -> None:
        self._report.check()


def _error(painting: Measured) -> str:
    error = painting.figures["color_off_lines"]
    return "-" if error is None else f"{error:.1f}"
