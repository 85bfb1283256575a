"""`s2p evaluate`: one run over a folder of coloured pictures, the same every time for a seed."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from s2p.config import Settings, load_settings
from s2p.errors import InputError
from s2p.evaluation import memory, summary
from s2p.evaluation.fills import BASELINES, Point, baseline
from s2p.evaluation.metrics import Target, area_under, choose_moved, complement, leak
from s2p.evaluation.pairs import FLAVOURS, Extractor, Pair, find_sources, load_pairs
from s2p.evaluation.sheet import MAX_ROWS, Row, contact_sheet, row
from s2p.evaluation.simulated import choose_points, to_hints
from s2p.image import fit64_size, save_image, write_whole
from s2p.pipelines.base import Result
from s2p.progress import NullReporter, Reporter
from s2p.schema import MAX_HINTS, Hints

MODELS = ("style2paints", "auto-painter", "none")
LEAK_AT = 16  # hints


class Colorizer(Protocol):
    """What is judged: anything with the `colorize` of `s2p.pipelines.style2paints.Painter`."""

    def colorize(
        self, image: np.ndarray, *, hints: Hints | None = None, settings: Settings | None = None,
        output_size: str = "original", report: Reporter | None = None,
    ) -> Result: ...


def evaluate(
    data: Path | None = None,
    *,
    zoom: float = 0.5,
    hints: Sequence[int] = (0, 4, 16, 64),
    limit: int | None = None,
    json: Path | None = None,
    sheet: Path | None = None,
    seed: int = 0,
    model: str = "style2paints",
    flavours: Sequence[str] = ("xdog",),
    painter: Colorizer | None = None,
    baselines: bool = True,
    extractor: Extractor | None = None,
    report: Reporter | None = None,
) -> dict[str, Any]:
    """Colours a folder of pictures from their line art and simulated hints, and compares with the originals.

    Args:
        data: folder of coloured pictures; None for six scenes drawn by the program.
        zoom: float. Working resolution of the painter.
        hints: numbers of hints that are tried.
        limit: int or None. Number of pictures, spread evenly over the folder.
        json: file for all figures, or None.
        sheet: PNG file for the contact sheet, or None.
        seed: of the drawn scenes and of the choice which hint is changed to measure the leak.
        model: `style2paints`, `auto-painter`, or `none` for the baselines alone. Only names it when `painter` is given.
        flavours: how the sketches are made: `xdog`, `learned`, `own` (see `s2p.evaluation.pairs`).
        painter: what is judged; the installed networks by default.
        baselines: whether the bare sketch and the two fills run too.
        extractor: lines for the flavour `learned`; the installed line extractor by default.
        report: progress and cancelling.

    Returns: the content of the JSON file: `settings`, `networks`, `pictures` (figures of each), `skipped`, and
        `summary` (flavour, system, number of hints, figure: mean, 95 % interval, count). `s2p.evaluation.table` shows
        it to people.

    Raises:
        InputError: no pictures, or an argument out of range.

    Example:
        >>> result = evaluate(limit=1, hints=(0, 4), model="none")
        >>> result["summary"]["xdog"]["geodesic"]["4"]["psnr"]["mean"] > 8
        True
    """
    counts = _checked(hints, flavours, model)
    report = report or NullReporter()
    report.stage("evaluate")
    if painter is None:
        settings = load_settings(zoom=zoom)
        painter = _load(model, settings)
    else:
        settings = (getattr(painter, "settings", None) or Settings()).merged(zoom=zoom)
    if "learned" in flavours and extractor is None:
        from s2p.pipelines.lines import require_extractor

        extractor = require_extractor(settings)
    sources = find_sources(data, limit=limit)
    run = _Run(counts, seed, model, settings, painter, baselines)
    done, skipped = 0, []
    run.shown = _shown(len(sources), len(counts) * len(flavours))
    for flavour in flavours:
        for pair in load_pairs(sources, flavour=flavour, seed=seed, extractor=extractor):
            report.check()
            if isinstance(pair, Pair):
                run.add(pair, flavour, _Checking(report), is_shown=sheet is not None)
            else:
                skipped.append({"name": pair[0], "flavour": flavour, "reason": pair[1]})
            done += 1
            report.update(done / (len(sources) * len(flavours)))
    if not run.pictures:
        raise InputError(f"No picture could be used; the first one because: {skipped[0]['reason']}")
    result = _result(run, flavours, skipped)
    if json is not None:
        write_whole(json, summary.to_json(result))
    if sheet is not None:
        save_image(contact_sheet(run.rows), sheet)
    return result


@dataclass
class _Run:
    """One evaluation while it runs."""

    counts: tuple[int, ...]
    seed: int
    model: str
    settings: Settings
    painter: Colorizer | None
    with_baselines: bool
    shown: int = 0
    pictures: list[dict[str, Any]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    untrained: tuple[str, ...] = ()

    def add(self, pair: Pair, flavour: str, report: Reporter, *, is_shown: bool) -> None:
        """Measures one pair."""
        points = choose_points(pair.image, pair.lines, max(self.counts))
        generator = np.random.default_rng([self.seed, zlib.crc32(pair.name.encode())])
        systems: dict[str, Any] = {}
        paintings: dict[int, np.ndarray] = {}
        seconds: list[float] = []
        shape, peak = self._size(pair), None
        if self.painter is not None:
            with memory.peak() as measured:
                for count in self.counts:
                    paintings[count] = self._paint(pair, points[:count], report, seconds)
            peak, shape = measured.megabytes, paintings[self.counts[0]].shape
        target = Target(pair.image, pair.lines, shape)
        moved = self._moved(target, points, generator)
        if self.painter is not None:
            systems[self.model] = self._figures(target, points, paintings)
            if moved is not None:
                count, index = moved
                after = self._paint(pair, _with_moved(points[:count], index), report, [])
                region = target.region(points[index])
                systems[self.model]["hints"][str(count)].update(leak(paintings[count], after, region))
        if self.with_baselines:
            systems.update({kind: self._baseline(kind, pair, target, points, moved) for kind in BASELINES})
        if is_shown and len(self.rows) < MAX_ROWS and len({item["name"] for item in self.pictures}) < self.shown:
            self._show(pair, points, paintings or self._fills(pair, target, points), systems)
        self.pictures.append({
            "name": pair.name, "flavour": flavour, "size": [pair.image.shape[1], pair.image.shape[0]],
            "result_size": [shape[1], shape[0]], "seconds": seconds, "peak_megabytes": peak, "systems": systems,
        })

    def _paint(self, pair: Pair, points: list[Point], report: Reporter, seconds: list[float]) -> np.ndarray:
        assert self.painter is not None
        started = time.perf_counter()
        result = self.painter.colorize(  # at the networks' size: figures stay comparable, whatever the pictures' size
            pair.lines, hints=to_hints(points), settings=self.settings, output_size="painted", report=report
        )
        seconds.append(time.perf_counter() - started)
        self.untrained = result.untrained
        return result.image

    def _figures(self, target: Target, points: list[Point], paintings: Mapping[int, np.ndarray]) -> dict[str, Any]:
        figures = {str(count): target.measure(painting, points[:count]) for count, painting in paintings.items()}
        return {"hints": figures, "hint_auc": area_under({int(n): item["psnr"] or 0.0 for n, item in figures.items()})}

    def _baseline(
        self, kind: str, pair: Pair, target: Target, points: list[Point], moved: tuple[int, int] | None
    ) -> dict[str, Any]:
        # The bare sketch is one picture; it stands at every number of hints so that rows can be compared.
        shape = target.image.shape
        sketch = baseline("sketch", pair.lines, (), shape)
        paintings = {
            count: sketch if kind == "sketch" or count == 0 else baseline(kind, pair.lines, points[:count], shape)
            for count in self.counts
        }
        figures = self._figures(target, points, paintings)
        if moved is not None and kind != "sketch":
            count, index = moved
            after = baseline(kind, pair.lines, _with_moved(points[:count], index), shape)
            figures["hints"][str(count)].update(leak(paintings[count], after, target.region(points[index])))
        return figures

    def _moved(self, target: Target, points: list[Point], generator: np.random.Generator) -> tuple[int, int] | None:
        """At which number of hints the leak is measured, and which hint is changed."""
        some = [count for count in self.counts if count > 0]
        if not some:
            return None
        count = max((count for count in some if count <= LEAK_AT), default=min(some))
        return count, choose_moved(target, points[:count], generator)

    def _fills(self, pair: Pair, target: Target, points: list[Point]) -> dict[int, np.ndarray]:
        shape = target.image.shape
        return {count: baseline("geodesic", pair.lines, points[:count], shape) for count in self.counts}

    def _show(
        self, pair: Pair, points: list[Point], paintings: Mapping[int, np.ndarray], systems: Mapping[str, Any]
    ) -> None:
        for count, painting in paintings.items():
            parts = [f"{system} {value['hints'][str(count)]['psnr']:.1f}" for system, value in systems.items()]
            title = f"{pair.name}   {count} hints   PSNR dB: {', '.join(parts)}"
            self.rows.append(
                row(title, lines=pair.lines, points=points[:count], painting=painting, original=pair.image)
            )

    def _size(self, pair: Pair) -> tuple[int, int]:
        """The size that the painting pipeline gives its results, for runs without a painter."""
        height, width = fit64_size(pair.image.shape, int(64 * self.settings.zoom))
        factor = 1.0 if self.settings.super_resolution else 0.75
        return int(height * factor), int(width * factor)


class _Checking(NullReporter):
    """Lets the painter be cancelled, but keeps its stages out of the evaluation's progress."""

    def __init__(self, report: Reporter) -> None:
        super().__init__()
        self._report = report

    def check(self) -> None:
        self._report.check()


def _checked(hints: Sequence[int], flavours: Sequence[str], model: str) -> tuple[int, ...]:
    counts = tuple(sorted(set(hints)))
    if not counts or counts[0] < 0 or counts[-1] > MAX_HINTS // 2:
        raise InputError(f"The numbers of hints must be between 0 and {MAX_HINTS // 2}. Received: {list(hints)}.")
    if model not in MODELS:
        raise InputError(f"The model must be one of {', '.join(MODELS)}. Received: {model!r}.")
    unknown = [flavour for flavour in flavours if flavour not in FLAVOURS]
    if unknown or not flavours:
        raise InputError(f"Sketch flavours can be {', '.join(FLAVOURS)}. Received: {', '.join(unknown) or 'none'}.")
    return counts


def _load(model: str, settings: Settings) -> Colorizer | None:
    if model == "none":
        return None
    return import_module(f"s2p.pipelines.{model.replace('-', '_')}").load(settings)


def _shown(pictures: int, rows_each: int) -> int:
    """How many pictures the sheet has room for."""
    return max(1, min(pictures, MAX_ROWS // rows_each))


def _with_moved(points: list[Point], index: int) -> list[Point]:
    return [complement(point) if place == index else point for place, point in enumerate(points)]


def _result(run: _Run, flavours: Sequence[str], skipped: list[dict[str, str]]) -> dict[str, Any]:
    networks = [
        {
            "name": name, "trained": network.trained, "encoding": network.encoding,
            "identity": getattr(network, "identity", None),
        }
        for name, network in getattr(run.painter, "networks", {}).items()
    ]
    return {
        "format": "s2p-evaluation", "version": 1,
        "settings": {
            "model": run.model, "zoom": run.settings.zoom, "super_resolution": run.settings.super_resolution,
            "hints": list(run.counts), "seed": run.seed, "flavours": list(flavours),
        },
        "networks": networks, "untrained": list(run.untrained), "skipped": skipped,
        "summary": summary.summarize(run.pictures, run.model if run.painter is not None else None),
        "pictures": run.pictures,
    }
