"""Paints with the six networks, stage by stage, and remembers what it has computed.

A stage is computed from named inputs only, and its cache key is the hash of exactly those: an exact hint repeats paint
and finish, a draft hint repeats everything but prepare, and nothing stale can ever come back.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

import numpy as np

from s2p import image as pictures
from s2p import lineart
from s2p.config import Settings
from s2p.errors import InputError
from s2p.image import as_picture, as_sketch
from s2p.palette import move_palette
from s2p.pipelines import glue, preview, stages
from s2p.pipelines.base import Result, StageCache, content_key, timed
from s2p.pipelines.pages import at_drawing
from s2p.pipelines.stages import Caller, step
from s2p.progress import NullReporter, Reporter
from s2p.runtime import Network
from s2p.schema import Hint, Hints, Method, Options

NETWORKS = ("baby", "girder", "reader", "head", "neck", "tail")
OUTPUT_SIZES = ("network", "original")

_LANCZOS_FACTOR = 1.5


@dataclass(frozen=True)
class Prepared:
    """A picture made ready for painting.

    Attributes:
        improved: `uint8[H, W, 3]`, RGB. Cleaned and enlarged; short edge 1024 at zoom 1.
        sketches: `uint8[h, w]` drawings by name, 255 = paper: `colorization` and `rendering` always,
            `recolorization` (lines taken out of a painting) for that method, and `de_painting` (the same lines)
            when a colourful picture is prepared for `rendering`.
    """

    improved: np.ndarray
    sketches: dict[str, np.ndarray]


class Painter:
    """Paints with six networks and remembers what it has already computed.

    Args:
        networks: by their names, see `NETWORKS`. A missing one is an error only when it is needed.
        settings: used where a call brings none.
        cache: may be shared between painters; a new one by default. Networks are told apart by their `identity`
            (a text, such as the hash of the weights); those without one are never mistaken for another.
    """

    def __init__(
        self, networks: Mapping[str, Network], *, settings: Settings | None = None, cache: StageCache | None = None
    ) -> None:
        self.networks = dict(networks)
        self.settings = settings or Settings()
        self.cache = StageCache() if cache is None else cache
        self._preview_times: deque[float] = deque(maxlen=4)
        self._identities = {
            name: str(getattr(network, "identity", None) or uuid4().hex) for name, network in self.networks.items()
        }

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
        settings, call = settings or self.settings, Caller(self.networks, report or NullReporter())
        call.report.stage("prepare")
        call.report.check()
        denoise = settings.denoise
        if improved is None:
            image = as_picture(image)
            pictures.working_size(image.shape, settings.zoom)
            key = self._key("improve", ["tail"], image, settings.zoom, denoise)
            improved = self.cache.remember(
                key, lambda: stages.improve(call, image, zoom=settings.zoom, denoise=denoise)
            )
        improved = as_picture(improved)
        call.report.update(0.5)
        sketches = {"colorization": lineart.channel_minimum(improved), "rendering": lineart.luminance(improved)}
        is_colourful = method == "rendering" and lineart.colourfulness(improved) > lineart.COLOURFUL
        if extracted is not None:
            if method == "recolorization":
                sketches["recolorization"] = as_sketch(extracted)
        elif method == "recolorization" or is_colourful:
            key = self._key("extract", ["tail"], improved, denoise)
            lines = self.cache.remember(key, lambda: stages.extract_lines(call, improved, denoise=denoise))
            sketches |= {"recolorization": lines} | ({"de_painting": lines} if is_colourful else {})
        call.report.update(1.0)
        return Prepared(improved, sketches)

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
        report: Reporter | None = None,
    ) -> Result:
        """Paints a prepared sketch.

        Args:
            sketch_gray: `uint8[H, W]`, 255 = paper: the sketch of `Prepared` that belongs to the method.
            hints: the artist's colours.
            options: method, mix and line colour.
            settings: zoom and super-resolution are used.
            reference: `uint8[h, w, 3 or 4]`, RGB(A). Its style is followed by `options.mix`. As in V3 its saturation
                is doubled first; do not do that yourself.
            de_painting: `uint8[H, W]` lines for draft and composition, `Prepared.sketches["de_painting"]`.
                Only read by the method `rendering`.
            composition: `uint8[h, w, 3]`, RGB. Painted from as it is; draft and compose are skipped.
            report: progress and cancelling.

        Returns: the painting; its short edge is 1024 * zoom with super-resolution, three quarters of it without.
        """
        options = options or Options()
        return self._inked(self._paint(
            sketch_gray, hints=hints or Hints(), options=options, settings=settings or self.settings,
            reference=reference, de_painting=de_painting, composition=composition, report=report,
        ), options)

    def _inked(self, result: Result, options: Options) -> Result:
        """Puts the artist's lines back over paintings of our own networks, which leave them half as sharp.

        V3's networks paint the lines themselves, and a tonal sketch is not only lines: those stay as they are.
        """
        if options.method == "rendering" or not self._needs_ink(options):
            return result
        return replace(result, image=lineart.keep_ink(result.image, result.lines))

    def _paint(
        self, sketch_gray: np.ndarray, *, hints: Hints, options: Options, settings: Settings,
        reference: np.ndarray | None, de_painting: np.ndarray | None, composition: np.ndarray | None,
        report: Reporter | None,
    ) -> Result:
        call, timings = Caller(self.networks, report or NullReporter()), {}
        sketch, draft = _fitted(sketch_gray, settings), None
        if composition is None:
            draft, colours, key = self._colours(
                call, timings, sketch, hints, options, de_painting=de_painting, settings=settings
            )
            composition = self._composition(call, timings, colours, key)
        else:
            composition = as_picture(composition)
        half, key = self._half(call, timings, sketch, composition, hints, options, reference)
        image = self._finished(call, timings, half, key, settings)
        used = [name for name in NETWORKS if name in self._used(options, settings, has_draft=draft is not None)]
        return Result(
            image=image, composition=composition, draft=draft, lines=_sized(sketch, image.shape), timings=timings,
            untrained=tuple(name for name in used if not self.networks[name].trained),
        )

    def preview(
        self,
        sketch_gray: np.ndarray,
        *,
        hints: Hints | None = None,
        options: Options | None = None,
        settings: Settings | None = None,
        reference: np.ndarray | None = None,
        de_painting: np.ndarray | None = None,
        composition: np.ndarray | None = None,
        report: Reporter | None = None,
    ) -> np.ndarray:
        """Shows roughly what `paint` would answer, fast enough to be seen while a hint is dragged.

        Draft and composition are those of the painting, through the cache; only the painters see a small drawing. So
        the painting that follows finds its draft done, and its colours are those of the preview.

        Args:
            As in `paint`. Give the same sketch and settings: the picture is made small here. `report.cancelled` is
            asked before every network.

        Returns: `uint8[h, w, 3]`, RGB, with the proportions of the painting; short edge 256
            (`s2p.pipelines.preview.PREVIEW_EDGE`).
        """
        started = time.perf_counter()
        call, timings = Caller(self.networks, preview.OnlyCancelling(report or NullReporter())), {}
        hints, options, settings = hints or Hints(), options or Options(), settings or self.settings
        sketch = _fitted(sketch_gray, settings)
        if composition is None:
            _, composition, _ = self._colours(
                call, timings, sketch, hints, options, de_painting=de_painting, settings=settings
            )
        half, _ = self._half(
            call, timings, sketch, as_picture(composition), hints, options, reference, paint=preview.paint_small
        )
        call.report.check()
        picture = preview.show(half, sketch, method=options.method)
        self._preview_times.append(time.perf_counter() - started)
        return picture

    @property
    def preview_seconds(self) -> float | None:
        """Seconds of the fastest of the last previews, or None before the first; so slow networks offer none."""
        return min(self._preview_times, default=None)

    def colorize(
        self,
        image: np.ndarray,
        *,
        hints: Hints | None = None,
        options: Options | None = None,
        settings: Settings | None = None,
        reference: np.ndarray | None = None,
        output_size: str = "network",
        report: Reporter | None = None,
    ) -> Result:
        """Prepares and paints a picture.

        Args:
            image: `uint8[H, W, 3]` RGB, `[H, W, 4]` RGBA (laid on white) or `[H, W]` gray.
            output_size: `network`, or `original` to resize painting and lines to the size of `image`.
            hints, options, settings, reference, report: as in `prepare` and `paint`.

        Returns: the painting. `Result.lines` are those of `image` itself, neither cleaned nor denoised, unless they had
        to be taken out of a painting.
        """
        if output_size not in OUTPUT_SIZES:
            raise InputError(f"output_size must be one of {', '.join(OUTPUT_SIZES)}. Received: {output_size!r}.")
        options, original, timings = options or Options(), as_picture(image), {}
        with timed(timings, "prepare"):
            prepared = self.prepare(original, method=options.method, settings=settings, report=report)
        result = self._paint(
            prepared.sketches[options.method], hints=hints or Hints(), options=options,
            settings=settings or self.settings, reference=reference,
            de_painting=prepared.sketches.get("de_painting"), composition=None, report=report,
        )
        result = replace(result, original=original, timings=timings | result.timings)
        lines = prepared.sketches.get("recolorization")
        lines = lineart.channel_minimum(original) if lines is None else lines
        if output_size == "network":
            return self._inked(replace(result, lines=_sized(lines, result.image.shape)), options)
        with timed(result.timings, "finish"):
            guide = None if options.method == "colorization" else lineart.luminance(original)
            return at_drawing(
                result, _sized(lines, original.shape), method=options.method, guide=guide,
                inked=self._needs_ink(options), report=report,
            )

    def _colours(
        self, call: Caller, timings: dict[str, float], sketch: np.ndarray, hints: Hints, options: Options, *,
        de_painting: np.ndarray | None, settings: Settings,
    ) -> tuple[np.ndarray, np.ndarray, bytes]:
        """The draft, the even colours that the composition is made of, and their key."""
        is_tonal = options.method == "rendering"
        lines = sketch if de_painting is None or not is_tonal else _fitted(de_painting, settings)
        if is_tonal and de_painting is None and self.networks["baby"].encoding != "points":
            lines = lineart.without_tones(sketch)  # ours were trained on lines alone
        with step(call, timings, "draft"):
            small = stages.draft_lines(lines)
            walls = stages.draft_walls(lines)
            draft_key = self._key("draft", ["baby", "tail"], small, walls, _content(hints.of("draft")))
            draft = self.cache.remember(draft_key, lambda: stages.draft(call, small, hints, walls=walls))
            call.show("draft", draft)
        with step(call, timings, "compose"):
            middle = stages.composition_lines(lines)
            color = None if options.line_color is None else Hint(x=0, y=0, color=options.line_color).rgb
            outline = None if color is None else lineart.min_pool(sketch, 2)
            key = self._key("compose", ["girder"], draft_key, middle, outline, color)
            colours = self.cache.remember(
                key, lambda: stages.compose(call, draft, middle, outline=outline, line_color=color or (0, 0, 0))
            )
        return draft, colours, key

    def _composition(
        self, call: Caller, timings: dict[str, float], colours: np.ndarray, colours_key: bytes
    ) -> np.ndarray:
        with timed(timings, "compose"):
            key = self._key("composition", ["tail"], colours_key)
            composition = self.cache.remember(key, lambda: call("tail", glue.run_tail, colours))
            call.show("compose", composition)
        return composition

    def _half(
        self, call: Caller, timings: dict[str, float], sketch: np.ndarray, composition: np.ndarray, hints: Hints,
        options: Options, reference: np.ndarray | None, *, paint: Callable[..., np.ndarray] = stages.paint,
    ) -> tuple[np.ndarray, bytes]:
        """The painting at half the sketch's size, and its key."""
        with step(call, timings, "paint"):
            mix = 0.0 if reference is None else options.mix
            picture = as_picture(reference) if reference is not None and mix else None
            style = None if picture is None else stages.style_picture(picture, is_reference=True)
            painters = self._painters(options)
            exact = _content(hints.of("exact"))
            key = self._key(paint.__name__, ["reader", *painters], sketch, composition, style, mix, exact)

            def compute() -> np.ndarray:
                styles = self._style(call, stages.style_picture(composition))
                call.report.update(0.1)
                styles = glue.mix_styles(styles, None if style is None else self._style(call, style), mix)
                call.report.update(0.2)
                guess = composition if picture is None else move_palette(composition, picture, mix)
                return paint(call, sketch, guess, hints, styles, method=options.method)

            return self.cache.remember(key, compute), key

    def _finished(
        self, call: Caller, timings: dict[str, float], half: np.ndarray, half_key: bytes, settings: Settings
    ) -> np.ndarray:
        with step(call, timings, "finish"):
            if not settings.super_resolution:
                return pictures.resize_to(half, half.shape, _LANCZOS_FACTOR)
            key = self._key("finish", ["tail"], half_key)
            return self.cache.remember(key, lambda: call("tail", glue.run_tail, half))

    def _style(self, call: Caller, picture: np.ndarray) -> list[np.ndarray]:
        key = self._key("style", ["reader"], picture)
        return self.cache.remember(key, lambda: call("reader", glue.run_reader, picture))

    def _painters(self, options: Options) -> list[str]:
        """Names of the networks that paint, in their order (`s2p.pipelines.stages.paint`)."""
        if options.method == "rendering":
            return ["neck"]
        head = self.networks.get("head")
        return ["head"] if head is not None and head.encoding == "layered" else ["head", "neck"]

    def _needs_ink(self, options: Options) -> bool:
        last = self.networks.get(self._painters(options)[-1])
        return last is not None and last.encoding != "points"

    def _used(self, options: Options, settings: Settings, *, has_draft: bool) -> set[str]:
        used = {"reader", *self._painters(options)} | ({"baby", "girder", "tail"} if has_draft else set())
        return used | ({"tail"} if settings.super_resolution else set())

    def _key(self, stage: str, names: list[str], *inputs: object) -> bytes:
        return content_key(stage, [self._identities.get(name) for name in names], *inputs)


def _fitted(sketch: np.ndarray, settings: Settings) -> np.ndarray:
    sketch = as_sketch(sketch)
    pictures.working_size(sketch.shape, settings.zoom, name="The sketch")
    return pictures.fit64(sketch, int(64 * settings.zoom))


def _content(hints: Hints) -> list[tuple[float, float, str]]:
    return [(hint.x, hint.y, hint.color) for hint in hints]


def _sized(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return image if image.shape[:2] == shape[:2] else pictures.resize_to(image, shape, 1)
