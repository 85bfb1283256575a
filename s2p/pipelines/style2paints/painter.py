"""Paints with the six networks, stage by stage, and remembers what it has computed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache as cached

import numpy as np

from s2p import lineart
from s2p.config import Settings
from s2p.errors import WeightsMissingError
from s2p.image import as_picture, as_sketch
from s2p.intake import Taken, as_colored
from s2p.pipelines.asking import Colorizing
from s2p.pipelines.base import Result, timed
from s2p.pipelines.cache import StageCache
from s2p.pipelines.filling import CHOICES, filler_of
from s2p.pipelines.painter_base import Source, brought_of, check_output_size
from s2p.pipelines.request import Request
from s2p.pipelines.runner import NetworkRunner
from s2p.pipelines.style2paints import preview, sketches
from s2p.pipelines.style2paints.painting_job import PaintingJob, fitted, sized
from s2p.pipelines.style2paints.sketches import Drawn, Prepared
from s2p.pipelines.style2paints.suggest import suggest
from s2p.progress import NullReporter, Reporter
from s2p.runtime import Network
from s2p.schema import Hints, Method, Options
from s2p.systems import DEFAULT
from s2p.tags import TagOptions

__all__ = ["Painter", "Prepared"]


class Painter(Colorizing):
    """Paints with six networks and remembers what it has already computed.

    Args:
        networks: by their names, see `s2p.networks.SIX`. A missing one is an error only when it is needed.
        settings, cache: see `BasePainter`.
        choice: loads what `suggest` needs where drawings are not filled (`s2p.weights.load_choice`); called once, when
            it is first wanted.
        palette: loads the colours that the network `reach` was trained for. With them, and with that network among
            `networks`, line art is filled (`s2p.pipelines.filling`) instead of painted by the six.
        lacks: names of the networks for want of whose weights it is not filled.
    """

    system = DEFAULT

    def __init__(
        self, networks: Mapping[str, Network], *, settings: Settings | None = None, cache: StageCache | None = None,
        choice: Callable[[], tuple[Network, np.ndarray]] | None = None,
        palette: Callable[[], np.ndarray] | None = None, lacks: tuple[str, ...] = (),
    ) -> None:
        super().__init__(networks, settings=settings, cache=cache)
        self.lacks = lacks
        self._choice = choice if choice is None else cached(choice)
        self._palette = palette if palette is None else cached(palette)
        self._preview_times: deque[float] = deque(maxlen=4)

    def prepare(
        self,
        image: np.ndarray,
        *,
        method: Method = "colorization",
        settings: Settings | None = None,
        improved: np.ndarray | None = None,
        extracted: np.ndarray | None = None,
        report: Reporter | None = None,
    ) -> Prepared:
        """Cleans and enlarges a picture and draws its sketches.

        Args:
            image: `uint8[H, W, 3]` RGB, `[H, W, 4]` RGBA (laid on white) or `[H, W]` gray.
            method: what it is prepared for.
            settings: zoom and denoise are used.
            improved: `uint8[H, W, 3]`, RGB. Result of an earlier preparation; that step is skipped.
            extracted: `uint8[H, W]`. Lines taken out before; that step is skipped, and as in V3 a colourful picture
                then gets no `de_painting`.
            report: progress and cancelling.

        Raises:
            TooLargeError: the picture is too long and thin for the zoom.
        """
        call = NetworkRunner(self.networks, report or NullReporter())
        return sketches.prepare(
            self, call, image, method=method, settings=settings or self.settings, improved=improved,
            extracted=extracted,
        )

    def paint(
        self,
        sketch_gray: np.ndarray,
        *,
        hints: Hints | None = None,
        options: Options | None = None,
        settings: Settings | None = None,
        reference: np.ndarray | None = None,
        de_painting: np.ndarray | None = None,
        composition: np.ndarray | None = None,
        drawing: np.ndarray | None = None,
        taken: Taken | None = None,
        words: tuple[str, ...] = (),
        output_size: str | None = None,
        report: Reporter | None = None,
    ) -> Result:
        """Paints a prepared sketch.

        Args:
            sketch_gray: `uint8[H, W]`, 255 = paper: the sketch of `Prepared` that belongs to the method.
            hints: the artist's colours.
            options: method, mix and line colour.
            settings: zoom, super-resolution and lines are used.
            reference: `uint8[h, w, 3 or 4]`, RGB(A), followed by `options.mix`. Line art that is filled has its
                colours, part by part (`s2p.pipelines.borrowing`); the six follow its style, and as in V3 its saturation
                is doubled first; do not do that yourself.
            de_painting: `uint8[H, W]` lines for draft and composition, `Prepared.sketches["de_painting"]`.
                Only read by the method `rendering`.
            composition: `uint8[h, w, 3]`, RGB. Painted from as it is; draft and compose are skipped.
            drawing: `uint8[h, w]`, 255 = paper. The artist's own lines, in their own size; the sketch by default.
            taken: what `s2p.intake` made of the picture, for line art that is filled: what bounds its colours.
            words: names of `s2p.tags`, for line art that is filled: colours for what no hint reaches.
            output_size: `original` for the size of `drawing`, or `painted` for its proportions with the short edge that
                was painted: 1024 * zoom with super-resolution, three quarters of it without. By default `painted`, or
                with V3's networks exactly their picture, whose edges are rounded to the networks' multiples.
            report: progress and cancelling.

        Returns: the painting, with the ground behind its figures where that is known.
        """
        output_size = None if output_size is None else check_output_size(output_size)
        job = self._job(
            report, sketch_gray, hints=hints, options=options, settings=settings, reference=reference,
            de_painting=de_painting, composition=composition, drawing=drawing, taken=taken, words=words,
        )
        result = job.paint(output_size)
        return replace(result, ground=job.ground(is_wished=bool(hints)))

    def suggest(
        self, sketch_gray: np.ndarray, *, hints: Hints | None = None, seed: int = 0, settings: Settings | None = None,
        taken: Taken | None = None, words: tuple[str, ...] = (), report: Reporter | None = None,
    ) -> Hints:
        """Thinks of colours for the large regions of a drawing that have no hint (`suggest` beside).

        Args:
            sketch_gray: `uint8[H, W]`, any size, 255 = paper; best from `prepare`.
            hints: the artist's, which are kept to.
            seed: int from 0. Another seed, other colours.
            settings: the zoom is used.
            taken, words: as in `paint`.
            report: progress and cancelling.

        Returns: new exact hints, to be painted together with the artist's.

        Raises:
            WeightsMissingError: the draft network is not one of ours.
        """
        if self._palette is not None:
            seeds = range(seed, seed + 1)
            return self.choices(sketch_gray, hints=hints, seeds=seeds, taken=taken, words=words, report=report)[0]
        if self._choice is None:
            raise WeightsMissingError("This painter was made without the network that suggests colours.")
        call = NetworkRunner(self.networks, report or NullReporter())
        call.report.stage("draft")
        choice, palette = self._choice()
        sketch = fitted(sketch_gray, settings or self.settings)
        return suggest(call, choice, palette, sketch, hints=(hints or Hints()).on(sketch_gray.shape), seed=seed)

    @property
    def fills(self) -> bool:
        """Whether line art is filled, so that no draft and no composition is made before."""
        return self._palette is not None

    def choices(
        self, drawing: Source, *, hints: Hints | None = None, seeds: range = range(CHOICES),
        taken: Taken | None = None, words: tuple[str, ...] = (), report: Reporter | None = None,
    ) -> list[Hints]:
        """Several choices of colours for the regions of a drawing that have none (`s2p.pipelines.choose`).

        Args:
            drawing: `uint8[H, W]`, any size, 255 = paper; or as for `colorize`, then it is looked at first.
            hints: the artist's, which are kept to.
            seeds: one for every choice.
            taken, words: as in `paint`.
            report: progress and cancelling.

        Returns: new exact hints for every choice, the likeliest first; each to be painted with the artist's. One
        choice, without hints, where nothing is left to choose.

        Raises:
            WeightsMissingError: the network `reach` is not one of ours.
        """
        if self._palette is None:
            raise WeightsMissingError("Several choices of colours need s2p's own network `reach`.")
        if not isinstance(drawing, np.ndarray) or drawing.ndim != 2:
            request = Request(brought_of(drawing).image, hints=hints or Hints(), own=TagOptions(tags=words))
            return self.choices_of(request, seeds, report)
        call = NetworkRunner(self.networks, report or NullReporter())
        filler = filler_of(self, call, as_sketch(drawing), self._palette, taken=taken, words=words)
        return filler.choices((hints or Hints()).on(drawing.shape), seeds=seeds)

    def preview(
        self, sketch_gray: np.ndarray, *, hints: Hints | None = None, options: Options | None = None,
        settings: Settings | None = None, reference: np.ndarray | None = None, de_painting: np.ndarray | None = None,
        composition: np.ndarray | None = None, drawing: np.ndarray | None = None, taken: Taken | None = None,
        words: tuple[str, ...] = (), report: Reporter | None = None,
    ) -> np.ndarray:
        """Shows roughly what `paint` would answer, fast enough to be seen while a hint is dragged.

        Draft and composition are those of the painting, through the cache; only the painters see a small drawing. So
        the painting that follows finds its draft done, and its colours are those of the preview.

        Args:
            As in `paint`. Give the same sketch and settings: the picture is made small here. `report.cancelled` is
            asked before every network.

        Returns: `uint8[h, w, 3]`, RGB, with the proportions of the painting; short edge 256
            (`s2p.pipelines.style2paints.preview.PREVIEW_EDGE`).
        """
        started = time.perf_counter()
        job = self._job(
            preview.OnlyCancelling(report or NullReporter()), sketch_gray, hints=hints, options=options,
            settings=settings, reference=reference, de_painting=de_painting, composition=composition, drawing=drawing,
            taken=taken, words=words,
        )
        filler, shade = job.filler, None
        if filler is not None:
            half, shade = filler.paint(job.hints, shading=job.settings.shading)
        else:
            colors = job.colors()[1] if job.composition is None else job.composition
            half, _ = job.half(colors, paint=preview.paint_small)
        job.call.report.check()
        picture = preview.show(
            half, job.drawing, method=job.options.method, pen=job.pen, shade=shade,
            bounds=None if taken is None else taken.bounds,
        )
        self._preview_times.append(time.perf_counter() - started)
        return picture

    @property
    def preview_seconds(self) -> float | None:
        """Seconds of the fastest of the last previews, or None before the first; so slow networks offer none."""
        return min(self._preview_times, default=None)

    def run(self, request: Request, report: Reporter | None = None) -> Result:
        """Paints what is asked for (`s2p.pipelines.request`)."""
        output_size = check_output_size(request.output_size)
        is_gray = request.in_strips and request.image.ndim == 2  # three channels of it are what is to be spared
        original = as_colored(request.image) if is_gray else as_picture(request.image)
        options, timings = request.options, {}
        with timed(timings, "prepare"):
            drawn = self._drawn(request, original, report)
        mine = request.hints.on(original.shape)
        hints = Hints([*mine, *self._suggested(request, drawn, mine, report)])
        job = self._job(
            report, drawn.sketches[options.method], hints=hints, options=options, settings=request.settings,
            reference=request.reference, de_painting=drawn.sketches.get("de_painting"), drawing=drawn.lines,
            taken=drawn.taken, words=_words(request),
        )
        guide = None if options.method == "colorization" else lineart.luminance(original)
        result = job.paint(output_size, guide=guide, in_strips=request.in_strips)
        corrected = () if drawn.taken is None else drawn.taken.told
        ground = None if request.background == "white" else job.ground(is_wished=bool(len(mine)))
        return replace(
            result, original=original, corrected=corrected, timings=timings | result.timings, ground=ground
        )

    def suggestions(self, request: Request, report: Reporter | None = None) -> Hints:
        """Colours for what has no hint in a request with a seed (`Request.suggest`); they are not painted."""
        original = as_picture(request.image)
        drawn = self._drawn(request, original, report)
        return self._suggested(request, drawn, request.hints.on(original.shape), report)

    def choices_of(self, request: Request, seeds: range, report: Reporter | None = None) -> list[Hints]:
        """Several choices of colours for what has no hint in a request (`choices`); they are not painted."""
        original = as_picture(request.image)
        drawn = self._drawn(request, original, report)
        hints = request.hints.on(original.shape)
        return self.choices(
            drawn.lines, hints=hints, seeds=seeds, taken=drawn.taken, words=_words(request), report=report
        )

    def _suggested(self, request: Request, drawn: Drawn, hints: Hints, report: Reporter | None) -> Hints:
        if request.suggest is None:
            return Hints()
        return self.suggest(
            drawn.lines if self.fills else drawn.sketches[request.options.method], hints=hints, seed=request.suggest,
            settings=request.settings, taken=drawn.taken, words=_words(request), report=report,
        )

    def _drawn(self, request: Request, original: np.ndarray, report: Reporter | None) -> Drawn:
        method, settings, taken = request.options.method, request.settings or self.settings, None
        if method == "colorization":
            taken = self.taken(request.image, settings)
            if self.fills:  # as it is, at its own size
                return Drawn({method: taken.drawing}, taken.drawing, taken)
            original = as_picture(taken.drawing) if taken.found else original
        made = self.prepare(original, method=method, settings=settings, report=report).sketches
        lines = made.get("recolorization")
        lines = lineart.channel_minimum(original) if lines is None else sized(lines, original.shape)
        return Drawn(made, lines, taken)

    def _job(
        self, report: Reporter | None, sketch_gray: np.ndarray, *, hints: Hints | None, options: Options | None,
        settings: Settings | None, reference: np.ndarray | None, de_painting: np.ndarray | None,
        composition: np.ndarray | None = None, drawing: np.ndarray | None = None, taken: Taken | None = None,
        words: tuple[str, ...] = (),
    ) -> PaintingJob:
        settings = settings or self.settings
        drawing = as_sketch(sketch_gray if drawing is None else drawing)
        return PaintingJob(
            self, NetworkRunner(self.networks, report or NullReporter()), fitted(sketch_gray, settings), drawing,
            (hints or Hints()).on(drawing.shape), options or Options(), settings,
            reference=reference, de_painting=de_painting,
            composition=None if composition is None else as_picture(composition), taken=taken, palette=self._palette,
            words=words,
        )


def _words(request: Request) -> tuple[str, ...]:
    return request.own.tags if isinstance(request.own, TagOptions) else ()
