"""The stages of a painting whose colours come from `reach`: look at the drawing, choose, fill, shade.

They take the place of draft, composition and painters where our own networks paint line art. Each is computed from the
drawing, the hints and the network alone, at one size whatever the zoom, and remembered by exactly those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from s2p.intake import Taken
from s2p.overlay import Shade
from s2p.pipelines import remembered
from s2p.pipelines.borrowing import Borrowed, borrowed
from s2p.pipelines.brushing import brushed, is_brushed
from s2p.pipelines.choose import Chosen, Dress, choose
from s2p.pipelines.flats import flats
from s2p.pipelines.looking import Page, kinds_of, look
from s2p.pipelines.painter_base import BasePainter, hint_content
from s2p.pipelines.runner import NetworkRunner, step
from s2p.pipelines.scene import Scene
from s2p.pipelines.shading import weakened
from s2p.pipelines.wording import worded
from s2p.regions import region_at
from s2p.runtime import Network
from s2p.schema import MAX_HINTS, Hint, Hints

REACH, PARTS = NETWORKS = ("reach", "parts")
_HARDLY = 0.005  # share of the page on which choices have to differ
_NARROWED_APART = 3  # colours up to which each that is narrowed is left out alone: each means another look
CHOICES = 6  # thought of at once; the first painting without hints shows the likeliest


@dataclass(frozen=True)
class Filler:
    """Fills one drawing.

    Attributes:
        painter: lends its cache and its networks.
        call: runs them.
        drawing: `uint8[H, W]`, 255 = paper, of any size: what bounds colour.
        shown: `uint8[H, W]`, of that size, its lines and tones, by which dark hair is known, for one.
        palette: loads the colours that the network was trained for, `float32[K, 3]`, Lab / 100.
        kept: colours that the drawing came with, for regions in which no hint lies.
        words: tags of `s2p.tags`, for what no hint reaches.
        followed: `uint8[H, W, 3]` RGB, or None. The picture from which what no hint reaches has its colours.
        follows: in [0, 1], how far the way to them goes.
        timings: seconds by stage, filled as they are done.
    """

    painter: BasePainter
    call: NetworkRunner
    drawing: np.ndarray
    shown: np.ndarray
    palette: Callable[[], np.ndarray]
    kept: Hints = field(default_factory=Hints)
    words: tuple[str, ...] = ()
    followed: np.ndarray | None = None
    follows: float = 1.0
    timings: dict[str, float] = field(default_factory=dict)

    def seen(self) -> tuple[Page, Scene]:
        """The drawing, divided into regions, and what they show."""
        with step(self.call, self.timings, "draft"):
            page = remembered.page(self.painter, self.drawing)
            self.call.report.update(0.5)
            return page, remembered.scene(self.painter, self.call, self.drawing, self.shown)

    def paint(self, hints: Hints, *, shading: float) -> tuple[np.ndarray, Shade | None]:
        """Colours without lines, those of the likeliest choice where there are no hints, and what lies on them.

        Args:
            hints: of the artist.
            shading: float in [0, 1], how strong shadow and light are.

        Returns: `uint8[h, w, 3]` RGB, short edge 512, and shadow and light of half that size, or None.
        """
        page, scene = self.seen()
        is_bound = bool(self.words) or self.followed is not None
        if is_bound or not len(hints):
            # What words or a picture leave open stays as it is from one hint to the next.
            seeds = range(1 if is_bound else CHOICES)
            hints = Hints([*hints, *self._chosen(page, scene, hints, seeds)[0]][:MAX_HINTS])
        hints = self._with_kept(page, hints)
        with step(self.call, self.timings, "paint"):
            flats_key, colors = self._filled(page, scene, hints)
            if is_brushed(hints):
                flats_key, colors = self._brushed(page, scene, hints, flats_key, colors)
            self.call.show("paint", colors)
            if not shading:
                return colors, None
            shade = remembered.shade(self.painter, self.call, self.drawing, self.shown, colors, flats_key)
        return colors, weakened(shade, shading)

    def unfound(self) -> tuple[str, ...]:
        """Words of which nothing is to be seen in the drawing."""
        return self._worded(*self.seen())[1] if self.words else ()

    def choices(self, hints: Hints, *, seeds: range) -> list[Hints]:
        """Colours for the regions without any: new hints for every seed, the likeliest choice first.

        One choice where they would differ on hardly any of the page.
        """
        page, scene = self.seen()
        found = self._chosen(page, scene, hints, seeds)
        drawn = [dict(zip(_homes(page, one), (hint.rgb for hint in one))) for one in found]
        unlike = [home for home in set().union(*drawn) if len({one.get(home) for one in drawn}) > 1]
        return found if page.regions.areas[unlike].sum() > _HARDLY else found[:1]

    def _chosen(self, page: Page, scene: Scene, hints: Hints, seeds: range) -> list[Hints]:
        with step(self.call, self.timings, "compose"):
            some = _arrays(self._with_kept(page, hints))
            said, _ = self._worded(page, scene)
            found = choose(
                self._network(REACH), page, *some, self.palette(), scene, seeds=list(seeds), said=said,
                dress=self._dress(),
            )
        return [_hints(one) for one in sorted(found, key=lambda one: -one.likelihood)]

    def _dress(self) -> Dress:
        """What becomes of usual colours: those of the picture that is followed, else of one of the artist's own."""
        followed, closet = self._followed(), self.painter.closet
        if followed is not None:
            return lambda own, random: followed.into(own, self.follows)
        if closet:
            return lambda own, random: closet[int(random.integers(len(closet)))].into(own, 1.0)
        return lambda own, random: own

    def _worded(self, page: Page, scene: Scene) -> tuple[dict[int, np.ndarray], tuple[str, ...]]:
        """What the words mean here, as `s2p.pipelines.wording.worded` says it."""
        key = self.painter.key("worded", [PARTS], self.drawing, self.shown, list(self.words))
        return self.painter.cache.remember(key, lambda: worded(page, scene, self.words))

    def _followed(self) -> Borrowed | None:
        """The colours of the picture that is followed, where one is."""
        picture = self.followed
        if picture is None:
            return None
        remember, key = self.painter.cache.remember, self.painter.key
        packed = remember(key("borrowed", [PARTS], picture), lambda: borrowed(self._network(PARTS), picture).arrays())
        return Borrowed.of_arrays(packed)

    def _with_kept(self, page: Page, hints: Hints) -> Hints:
        """The hints, and the colours that the drawing came with where no hint is."""
        if not len(self.kept):
            return hints
        homes = set(_homes(page, hints))
        kept = [one for one, home in zip(self.kept, _homes(page, self.kept)) if home not in homes]
        return Hints([*hints, *kept][:MAX_HINTS])

    def _filled(self, page: Page, scene: Scene, hints: Hints) -> tuple[bytes, np.ndarray]:
        """What hints fill, without their brushes, and its key."""
        def fill() -> np.ndarray:
            points, colors = _arrays(hints)
            seen = look(self._network(REACH), page, points, scene.cells, kinds_of(colors)[1])
            return flats(page, seen, colors, self.palette(), scene)

        key = self.painter.key("flats", list(NETWORKS), self.drawing, self.shown, hint_content(hints))
        return key, self.painter.cache.remember(key, fill)

    def _brushed(
        self, page: Page, scene: Scene, hints: Hints, flats_key: bytes, colors: np.ndarray
    ) -> tuple[bytes, np.ndarray]:
        """What hints fill, with their brushes, and its key."""
        narrowed = {hint.color for hint in hints if not all(stroke.adds for stroke in hint.brush)}

        def without(color: str) -> np.ndarray:
            left_out = {color} if len(narrowed) <= _NARROWED_APART else narrowed
            return self._filled(page, scene, Hints(hint for hint in hints if hint.color not in left_out))[1]

        strokes = [[(one.adds, one.width, one.path) for one in hint.brush] for hint in hints]
        key = self.painter.key("brushed", [], flats_key, strokes)
        return key, self.painter.cache.remember(key, lambda: brushed(colors, hints, without, self.call.report.check))

    def _network(self, name: str) -> Network:
        self.call.report.check()
        return self.call.network(name)


def filler_of(
    painter: BasePainter, call: NetworkRunner, drawing: np.ndarray, palette: Callable[[], np.ndarray], *,
    taken: Taken | None = None, words: tuple[str, ...] = (), followed: np.ndarray | None = None, follows: float = 1.0,
    timings: dict[str, float] | None = None,
) -> Filler:
    """A filler of a drawing, or of what `s2p.intake` made of it."""
    kept = () if taken is None else taken.paint
    walls, shown = (drawing, drawing) if taken is None else (taken.walls, taken.drawing)
    return Filler(
        painter, call, walls, remembered.of_one_size(shown, walls), palette,
        Hints(Hint(x=x, y=y, color="#{:02x}{:02x}{:02x}".format(*rgb)) for x, y, rgb in kept),
        words, followed, follows, {} if timings is None else timings,
    )


def _homes(page: Page, hints: Hints) -> list[int]:
    """The regions in which hints lie."""
    height, width = (inner / outer for inner, outer in zip(page.inner, page.lines.shape))
    return [region_at(page.regions, hint.x * width, hint.y * height) for hint in hints]


def _arrays(hints: Hints) -> tuple[np.ndarray, np.ndarray]:
    points = np.array([(hint.x, hint.y) for hint in hints], np.float32).reshape(-1, 2)
    return points, np.array([hint.rgb for hint in hints], np.uint8).reshape(-1, 3)


def _hints(chosen: Chosen) -> Hints:
    return Hints([
        Hint(x=float(x), y=float(y), color="#{:02x}{:02x}{:02x}".format(*(int(value) for value in color)))
        for (x, y), color in zip(chosen.points, chosen.colors)
    ])
