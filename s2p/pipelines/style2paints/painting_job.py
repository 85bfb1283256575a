"""One painting in the making: what was asked, and its stages with the cache around them.

A stage is computed from named inputs only, and its cache key is the hash of exactly those: an exact hint repeats paint
and finish, a draft hint repeats everything but prepare, and nothing stale can ever come back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from s2p import image as pictures
from s2p import lineart
from s2p.config import Settings
from s2p.errors import InputError
from s2p.image import as_picture, as_sketch
from s2p.intake import Taken
from s2p.networks import SIX, encoding_of
from s2p.overlay import Pen
from s2p.palette import move_palette
from s2p.pipelines import glue
from s2p.pipelines.base import Result, timed
from s2p.pipelines.filling import NETWORKS as FILLING
from s2p.pipelines.filling import Filler, filler_of
from s2p.pipelines.pages import at_drawing, drawing_at_result
from s2p.pipelines.painter_base import BasePainter, hint_content
from s2p.pipelines.runner import NetworkRunner, step
from s2p.pipelines.style2paints import contracts, stages
from s2p.schema import Hint, Hints, Options
from s2p.strips import Strips
from s2p.tags import LINES_ALONE

_LANCZOS_FACTOR = 1.5
_USUAL_MIX = 0.5  # from which on a drawing that is filled has the colours of the picture that it follows
_LARGE = 0.05  # of the drawing: scenery from which on is ground wherever it lies


@dataclass(frozen=True)
class PaintingJob:
    """What one call asks of a painter, with everything that it left open filled in.

    Attributes:
        painter: lends its networks and its cache.
        call: runs the networks.
        sketch: `uint8[H, W]`, 255 = paper, of `fitted`.
        drawing: `uint8[H, W]`, 255 = paper. The artist's lines, which have their own size and proportions.
        hints, options, settings, reference, de_painting, composition: see `Painter.paint` beside.
        taken: what bounds colour in the drawing, and colours that it came with; where None, the drawing does.
        palette: of the painter; where there is one, drawings are filled (`filler`).
        words: tags of `s2p.tags`, for what no hint reaches; of drawings that are filled.
        timings: seconds by stage, filled as they are done.
    """

    painter: BasePainter
    call: NetworkRunner
    sketch: np.ndarray
    drawing: np.ndarray
    hints: Hints
    options: Options
    settings: Settings
    reference: np.ndarray | None = None
    de_painting: np.ndarray | None = None
    composition: np.ndarray | None = None
    taken: Taken | None = None
    palette: Callable[[], np.ndarray] | None = None
    words: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)

    def paint(
        self, output_size: str | None = None, *, guide: np.ndarray | None = None, in_strips: bool = False
    ) -> Result:
        """All stages.

        Args:
            output_size: of `s2p.pipelines.painter_base.OUTPUT_SIZES`; None for `painted`, or exactly the picture of
                V3's networks, where those paint.
            guide: `uint8[H, W]` as the drawing. Tones that a painting without lines of its own follows when enlarged.
            in_strips: whether what is filled comes in the size that was painted, and in strips in the drawing's.
        """
        filler = self.filler
        if filler is not None and in_strips:
            return self._filled(filler, "painted", in_strips=True)
        if filler is not None:
            return self._filled(filler, output_size or "painted")
        if self.words:
            raise InputError(LINES_ALONE)
        draft, composition = None, self.composition
        if composition is None:
            draft, colors, key = self.colors()
            composition = self._composed(colors, key)
        previews = ({} if draft is None else {"draft": draft}) | {"composition": composition}
        half, key = self.half(composition)
        with step(self.call, self.timings, "finish"):
            image = self._enlarged(half, key)
            result = Result(
                image=image, lines=sized(self.sketch, image.shape), previews=previews,
                timings=self.timings, untrained=self.painter.untrained(self._used(has_draft=draft is not None)),
            )
            pen = self.pen
            if output_size is None and pen is None:
                return result
            page = drawing_at_result(self.drawing, image, output_size or "painted")
            if pen is not None and not self.settings.super_resolution:
                result = replace(result, image=half)  # enlarged once, along the lines
            return at_drawing(
                result, page, method=self.options.method, guide=guide, inked=False, pen=pen, report=self.call.report
            )

    @property
    def filler(self) -> Filler | None:
        """What fills the drawing, where that is how it is painted: from lines and hints alone, by our own network."""
        if self.palette is None or self.composition is not None or self.options.method == "rendering":
            return None
        is_followed = self.reference is not None and self.options.mix > 0.0
        return filler_of(
            self.painter, self.call, self.drawing, self.palette, taken=self.taken, words=self.words,
            followed=as_picture(self.reference) if self.reference is not None and is_followed else None,
            follows=min(self.options.mix / _USUAL_MIX, 1.0), timings=self.timings,
        )

    def ground(self, *, is_wished: bool) -> np.ndarray | None:
        """What lies behind the figures of a drawing that is filled, `bool[h, w]`; None for others.

        Args:
            is_wished: whether its colours are an artist's, so that only white is looked for: that is all scenery which
                reaches the page's edge or is large (a panel's ground). Else it is what takes much of the edge.
        """
        filler = self.filler
        if filler is None:
            return None
        page, scene = filler.seen()
        labels = page.regions.labels[: page.inner[0], : page.inner[1]]
        is_behind = page.regions.grounds
        if is_wished:
            is_behind = page.regions.areas >= _LARGE * labels.size
            is_behind[np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])] = True
        return (is_behind & scene.is_scenery)[labels]

    def _filled(self, filler: Filler, output_size: str, *, in_strips: bool = False) -> Result:
        colors, shade = filler.paint(self.hints, shading=self.settings.shading)
        with step(self.call, self.timings, "finish"):
            page = self.drawing
            if output_size == "painted":
                edge = 1024 if self.settings.super_resolution else 768
                page = pictures.resize_to(page, pictures.min_size(page.shape, round(edge * self.settings.zoom)))
            result = Result(
                image=colors, lines=page, previews={"flats": colors}, timings=self.timings,
                untrained=self.painter.untrained(list(FILLING)),
                shade=None if shade is None else shade.shadow, light=None if shade is None else shade.light,
                unfound=filler.unfound(),
            )
            pen, bounds = Pen.of(self.settings, self.options), None if self.taken is None else self.taken.bounds
            if in_strips:
                strips = Strips(colors, self.drawing, pen, bounds=bounds, shade=shade)
                result = replace(result, strips=strips)
            return at_drawing(result, page, pen=pen, report=self.call.report, bounds=bounds)

    def colors(self) -> tuple[np.ndarray, np.ndarray, bytes]:
        """The draft, the even colours that the composition is made of, and their key."""
        cache, key, call, hints = self.painter.cache, self.painter.key, self.call, self.hints
        lines = self._draft_sketch()
        with step(call, self.timings, "draft"):
            small = stages.draft_lines(lines)
            walls = stages.draft_walls(lines)
            draft_key = key("draft", ["baby", "tail"], small, walls, hint_content(hints.of("draft")))
            draft = cache.remember(draft_key, lambda: stages.draft(call, small, hints, walls=walls))
            call.show("draft", draft)
        with step(call, self.timings, "compose"):
            middle = stages.composition_lines(lines)
            # Coloured lines are drawn at the end where we draw them.
            line_color = None if self.pen is not None else self.options.line_color
            color = None if line_color is None else Hint(x=0, y=0, color=line_color).rgb
            outline = None if color is None else lineart.min_pool(self.sketch, 2)
            colors_key = key("compose", ["girder"], draft_key, middle, outline, color)
            colors = cache.remember(
                colors_key, lambda: stages.compose(call, draft, middle, outline=outline, line_color=color or (0, 0, 0))
            )
        return draft, colors, colors_key

    def half(
        self, composition: np.ndarray, *, paint: Callable[..., np.ndarray] = stages.paint
    ) -> tuple[np.ndarray, bytes]:
        """The painting at half the sketch's size, made by `paint`, and its key."""
        call, sketch, hints, method = self.call, self.sketch, self.hints, self.options.method
        with step(call, self.timings, "paint"):
            mix = 0.0 if self.reference is None else self.options.mix
            picture = as_picture(self.reference) if self.reference is not None and mix else None
            style = None if picture is None else stages.style_picture(picture, is_reference=True)
            networks, exact = ["reader", *self._painters()], hint_content(hints.of("exact"))
            key = self.painter.key(paint.__name__, networks, sketch, composition, style, mix, exact)

            def compute() -> np.ndarray:
                styles = self._style(stages.style_picture(composition))
                call.report.update(0.1)
                styles = contracts.mix_styles(styles, None if style is None else self._style(style), mix)
                call.report.update(0.2)
                guess = composition if picture is None else move_palette(composition, picture, mix)
                return paint(call, sketch, guess, hints, styles, method=method)

            return self.painter.cache.remember(key, compute), key

    @property
    def pen(self) -> Pen | None:
        """What the artist's lines are drawn with over the painting, or None where it keeps its own.

        V3's networks paint the lines themselves, and a tonal sketch is not only lines.
        """
        last = self.painter.networks.get(self._painters()[-1])
        if self.options.method == "rendering" or last is None or encoding_of(last.encoding).paints_lines:
            return None
        return Pen.of(self.settings, self.options)

    def _draft_sketch(self) -> np.ndarray:
        """The lines that draft and composition are made on."""
        is_tonal = self.options.method == "rendering"
        if is_tonal and self.de_painting is not None:
            return fitted(self.de_painting, self.settings)
        if is_tonal and not encoding_of(self.painter.networks["baby"].encoding).takes_tones:
            return lineart.without_tones(self.sketch)  # ours were trained on lines alone
        return self.sketch

    def _composed(self, colors: np.ndarray, colors_key: bytes) -> np.ndarray:
        with timed(self.timings, "compose"):
            key = self.painter.key("composition", ["tail"], colors_key)
            composition = self.painter.cache.remember(key, lambda: self.call("tail", glue.run_tail, colors))
            self.call.show("compose", composition)
        return composition

    def _enlarged(self, half: np.ndarray, half_key: bytes) -> np.ndarray:
        if not self.settings.super_resolution:
            return pictures.resize_to(half, half.shape, _LANCZOS_FACTOR)
        key = self.painter.key("finish", ["tail"], half_key)
        return self.painter.cache.remember(key, lambda: self.call("tail", glue.run_tail, half))

    def _style(self, picture: np.ndarray) -> list[np.ndarray]:
        key = self.painter.key("style", ["reader"], picture)
        return self.painter.cache.remember(key, lambda: self.call("reader", contracts.run_reader, picture))

    def _painters(self) -> list[str]:
        """Names of the networks that paint, in their order (`s2p.pipelines.style2paints.stages.paint`)."""
        if self.options.method == "rendering":
            return ["neck"]
        head = self.painter.networks.get("head")
        is_enough = head is not None and not encoding_of(head.encoding).needs_second_pass
        return ["head"] if is_enough else ["head", "neck"]

    def _used(self, *, has_draft: bool) -> list[str]:
        used = {"reader", *self._painters()} | ({"baby", "girder", "tail"} if has_draft else set())
        used |= {"tail"} if self.settings.super_resolution else set()
        return [name for name in SIX if name in used]


def fitted(sketch: np.ndarray, settings: Settings) -> np.ndarray:
    """A sketch, `uint8[h, w]`, at the size that is painted: multiples of 64, short edge 1024 at zoom 1.

    Raises:
        TooLargeError: it is too long and thin.
    """
    sketch = as_sketch(sketch)
    pictures.working_size(sketch.shape, settings.zoom, name="The sketch")
    return pictures.fit64(sketch, int(64 * settings.zoom))


def sized(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The picture itself if it has that size, else resized to it as V3 resizes."""
    return image if image.shape[:2] == shape[:2] else pictures.resize_to(image, shape, 1)
