"""Line art into colour with the six networks of Style2Paints V3.

    sketch ─prepare─▶ clean lines ─draft─▶ rough colours ─compose─▶ even colours ─paint─▶ painting ─finish─▶ result

A stage is computed from named inputs only, and its cache key is the hash of exactly those: an exact hint repeats paint
and finish, a draft hint repeats everything but prepare, and nothing stale can ever come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import numpy as np

from s2p import image as pictures
from s2p import lineart
from s2p.config import Settings, load_settings
from s2p.errors import InputError
from s2p.palette import move_palette
from s2p.pipelines import glue, stages
from s2p.pipelines.base import Result, StageCache, content_key, timed
from s2p.pipelines.stages import Caller
from s2p.progress import NullReporter, Reporter
from s2p.runtime import Network
from s2p.schema import Hint, Hints, Method, Options, parse_color

NETWORKS = ("baby", "girder", "reader", "head", "neck", "tail")
STAGES = ("prepare", "draft", "compose", "paint", "finish")

# Share of the CPU time of a first painting at zoom 0.5, for progress bars.
STAGE_WEIGHTS = {"prepare": 0.3, "draft": 0.1, "compose": 0.2, "paint": 0.38, "finish": 0.02}

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
                sketches["recolorization"] = _as_sketch(extracted)
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
        if options.method == "rendering" or self.networks["neck"].encoding != "propagated":
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
            is_tonal = options.method == "rendering"
            lines = sketch if de_painting is None or not is_tonal else _fitted(de_painting, settings)
            draft, composition = self._composition(call, timings, sketch, lines, hints, options)
        else:
            composition = as_picture(composition)
        half, key = self._half(call, timings, sketch, composition, hints, options, reference)
        image = self._finished(call, timings, half, key, settings)
        used = [name for name in NETWORKS if name in _used(options, settings, has_draft=draft is not None)]
        return Result(
            image=image, composition=composition, draft=draft, lines=_sized(sketch, image.shape), timings=timings,
            untrained=tuple(name for name in used if not self.networks[name].trained),
        )

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
        de_painting = prepared.sketches.get("de_painting")
        result = self._paint(
            prepared.sketches[options.method], hints=hints or Hints(), options=options,
            settings=settings or self.settings, reference=reference, de_painting=de_painting, composition=None,
            report=report,
        )
        lines = prepared.sketches.get("recolorization")
        lines = lineart.channel_minimum(original) if lines is None else lines
        shape = original.shape if output_size == "original" else result.image.shape
        sized = replace(
            result, image=_sized(result.image, shape), lines=_sized(lines, shape), original=original,
            timings=timings | result.timings,
        )
        return self._inked(sized, options)

    def _composition(
        self, call: Caller, timings: dict[str, float], sketch: np.ndarray, lines: np.ndarray, hints: Hints,
        options: Options,
    ) -> tuple[np.ndarray, np.ndarray]:
        with _stage(call, timings, "draft"):
            small = stages.draft_lines(lines)
            walls = stages.draft_walls(lines)
            draft_key = self._key("draft", ["baby", "tail"], small, walls, _content(hints.of("draft")))
            draft = self.cache.remember(draft_key, lambda: stages.draft(call, small, hints, walls=walls))
            call.show("draft", draft)
        with _stage(call, timings, "compose"):
            middle = stages.composition_lines(lines)
            color = None if options.line_color is None else Hint(x=0, y=0, color=options.line_color).rgb
            outline = None if color is None else lineart.min_pool(sketch, 2)
            key = self._key("compose", ["girder", "tail"], draft_key, middle, outline, color)
            composition = self.cache.remember(
                key, lambda: stages.compose(call, draft, middle, outline=outline, line_color=color or (0, 0, 0))
            )
            call.show("compose", composition)
        return draft, composition

    def _half(
        self, call: Caller, timings: dict[str, float], sketch: np.ndarray, composition: np.ndarray, hints: Hints,
        options: Options, reference: np.ndarray | None,
    ) -> tuple[np.ndarray, bytes]:
        """The painting at half the sketch's size, and its key."""
        with _stage(call, timings, "paint"):
            mix = 0.0 if reference is None else options.mix
            picture = as_picture(reference) if reference is not None and mix else None
            style = None if picture is None else stages.style_picture(picture, is_reference=True)
            painters = ["neck"] if options.method == "rendering" else ["head", "neck"]
            exact = _content(hints.of("exact"))
            key = self._key("paint", ["reader", *painters], sketch, composition, style, mix, exact)

            def compute() -> np.ndarray:
                styles = self._style(call, stages.style_picture(composition))
                call.report.update(0.1)
                styles = glue.mix_styles(styles, None if style is None else self._style(call, style), mix)
                call.report.update(0.2)
                guess = composition if picture is None else move_palette(composition, picture, mix)
                return stages.paint(call, sketch, guess, hints, styles, method=options.method)

            return self.cache.remember(key, compute), key

    def _finished(
        self, call: Caller, timings: dict[str, float], half: np.ndarray, half_key: bytes, settings: Settings
    ) -> np.ndarray:
        with _stage(call, timings, "finish"):
            if not settings.super_resolution:
                return pictures.resize_to(half, half.shape, _LANCZOS_FACTOR)
            key = self._key("finish", ["tail"], half_key)
            return self.cache.remember(key, lambda: call("tail", glue.run_tail, half))

    def _style(self, call: Caller, picture: np.ndarray) -> list[np.ndarray]:
        key = self._key("style", ["reader"], picture)
        return self.cache.remember(key, lambda: call("reader", glue.run_reader, picture))

    def _key(self, stage: str, names: list[str], *inputs: object) -> bytes:
        return content_key(stage, [self._identities.get(name) for name in names], *inputs)


def load(settings: Settings | None = None) -> Painter:
    """Finds the weights of all six networks and returns a painter; networks without weights are random and say so.

    Example:
        >>> painter = load(Settings(zoom=0.5))  # doctest: +SKIP
    """
    from s2p.weights import load_networks

    settings = load_settings() if settings is None else settings
    return Painter(load_networks(settings), settings=settings)


def colorize(
    source: str | Path | bytes | np.ndarray,
    *,
    hints: Hints | Iterable[Hint] = (),
    reference: str | Path | bytes | np.ndarray | None = None,
    method: Method = "colorization",
    mix: float | None = None,
    line_color: str | None = None,
    zoom: float | None = None,
    super_resolution: bool | None = None,
    output_size: str = "network",
    settings: Settings | None = None,
    report: Reporter | None = None,
) -> Result:
    """Colours one picture; the networks stay loaded for the next call.

    Args:
        source: path, file content, or array (`uint8[H, W]`, `[H, W, 3]` RGB, `[H, W, 4]` RGBA).
        hints: colours that the artist wants, in their order.
        reference: picture whose style is followed.
        method: `colorization` for line art, `rendering` for tonal sketches, `recolorization` for paintings.
        mix: float in [0, 1]. How far the reference is followed; 0.5 by default if there is one.
        line_color: `#rrggbb` to emphasise the outlines in.
        zoom, super_resolution: override `settings`.
        output_size: `network` or `original`.
        settings: defaults, configuration and environment by default.
        report: progress and cancelling.

    Example:
        >>> colorize("girl.png", hints=[Hint(x=0.5, y=0.3, color="#ffe0c0")]).save("girl.psd")  # doctest: +SKIP
    """
    settings = (load_settings() if settings is None else settings).merged(zoom=zoom, super_resolution=super_resolution)
    mix = (0.0 if reference is None else 0.5) if mix is None else mix
    if not 0.0 <= mix <= 1.0:
        raise InputError(f"mix must be between 0 and 1. Received: {mix!r}.")
    color = None if line_color is None else parse_color(line_color)
    options = Options(method=method, mix=mix, line_color=color)
    # What only concerns the drawing must not load the networks again.
    about_networks = {name: getattr(settings, name) for name in ("backend", "device", "threads", "size")}
    painter = _painter(Settings(**about_networks))
    return painter.colorize(
        _loaded(source), hints=hints if isinstance(hints, Hints) else Hints(hints), options=options, settings=settings,
        reference=None if reference is None else _loaded(reference), output_size=output_size, report=report,
    )


def as_picture(image: np.ndarray) -> np.ndarray:
    """`uint8[H, W, 3]` RGB of a gray, RGB or RGBA array (laid on white); raises `InputError` for anything else."""
    if image.dtype != np.uint8 or image.size == 0 or image.ndim not in (2, 3):
        raise InputError(f"A picture must be uint8[H, W] or uint8[H, W, 3 or 4]. Received: {_described(image)}.")
    if image.ndim == 2 or image.shape[2] == 1:
        return np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    return pictures.flatten_alpha(image)


def _as_sketch(sketch: np.ndarray) -> np.ndarray:
    if sketch.dtype != np.uint8 or sketch.size == 0 or sketch.ndim != 2:
        raise InputError(f"A sketch must be uint8[H, W] with 255 for paper. Received: {_described(sketch)}.")
    return sketch


def _described(image: np.ndarray) -> str:
    return f"{image.dtype}{list(image.shape)}"


def _fitted(sketch: np.ndarray, settings: Settings) -> np.ndarray:
    sketch = _as_sketch(sketch)
    pictures.working_size(sketch.shape, settings.zoom, name="The sketch")
    return pictures.fit64(sketch, int(64 * settings.zoom))


def _used(options: Options, settings: Settings, *, has_draft: bool) -> set[str]:
    used = {"reader", "neck"} | ({"head"} if options.method != "rendering" else set())
    used |= {"baby", "girder", "tail"} if has_draft else set()
    return used | ({"tail"} if settings.super_resolution else set())


@contextmanager
def _stage(call: Caller, timings: dict[str, float], name: str) -> Iterator[None]:
    call.report.stage(name)
    call.report.check()
    with timed(timings, name):
        yield
    call.report.update(1.0)


def _content(hints: Hints) -> list[tuple[float, float, str]]:
    return [(hint.x, hint.y, hint.color) for hint in hints]


def _sized(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return image if image.shape[:2] == shape[:2] else pictures.resize_to(image, shape, 1)


def _loaded(source: str | Path | bytes | np.ndarray) -> np.ndarray:
    return source if isinstance(source, np.ndarray) else pictures.load_image(source)


@lru_cache(maxsize=1)
def _painter(settings: Settings) -> Painter:
    return load(settings)
