"""Line art into colour by words: drawing and tags in, painting out (Tag2Pix, Kim et al. 2019).

    picture ─prepare─▶ drawing, short edge 512, padded
            ─paint───▶ what it shows, colours by tags, one for each region, points, shadow and light
            ─finish──▶ the drawing's size; its lines

Our painter is told by `parts` what every place shows, the paper's by `semantic` what a drawing is about; that one's
colours stay as they are.

Points and tags work together: a point's colour fills the region that it lies in, whatever the tags made of it. Every
size and aspect is taken. The paper's own network knows one square size; a drawing is made to fit into that.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from s2p import lineart
from s2p.config import Settings, settings_of
from s2p.errors import InputError
from s2p.image import as_picture
from s2p.intake import Taken
from s2p.networks import OFFICIAL, TURBO, spec_of
from s2p.overlay import Pen, Shade
from s2p.parts import NAMES, OF_WORDS, TOLD_CELL, TOLD_EDGES, name_parts
from s2p.pipelines import glue, remembered
from s2p.pipelines.asking import Colorizing
from s2p.pipelines.base import Result
from s2p.pipelines.looking import Page
from s2p.pipelines.pages import at_drawing, drawing_at_result
from s2p.pipelines.painter_base import check_output_size, hint_content
from s2p.pipelines.request import Request
from s2p.pipelines.runner import NetworkRunner, step
from s2p.pipelines.shading import weakened
from s2p.pipelines.voting import OF_GROUPS, is_there, voted
from s2p.progress import NullReporter, Reporter
from s2p.regions import region_at
from s2p.runtime import Network
from s2p.schema import Hints
from s2p.sizes import min_resize, resize_to, working_size
from s2p.tags import GARMENTS, TagOptions, choices, unlearned, vector
from s2p.tiling import pad_to_multiple

NETWORKS = ("parts", "tag2pix")
# What the network `parts` calls the things of tags; of others, such as hats, it does not tell whether they are there.
_PARTS = {**OF_WORDS, **dict.fromkeys(GARMENTS, ("cloth",))}
_THINGS = ("hat", "bow", "eyewear")  # groups of tags of what is neither person nor garment
_SURE = 0.5  # how likely the likeliest place of a thing must show it
SHORT_EDGE, _ZOOM = 512, 0.5


class TagPainter(Colorizing):
    """Paints by words and remembers what it has painted.

    Args:
        networks: `parts` and `tag2pix`, or for the paper's painter `semantic` and `tag2pix`, and `parts` for words of
            which nothing is in a drawing.
        settings: kept for callers; the working size does not depend on the zoom.
        cache: see `BasePainter`.
    """

    system = "tag2pix"

    def run(self, request: Request, report: Reporter | None = None) -> Result:
        """Paints what is asked for (`s2p.pipelines.request`).

        Args:
            request: of it the image, hints, `own` (`TagOptions`), options and settings of lines, and `output_size` are
                read. `painted` has a short edge of 512.
            report: progress and cancelling.

        Raises:
            InputError: unknown output size.
            TooLargeError: the picture is too long and thin.
        """
        settings, output_size = request.settings or self.settings, check_output_size(request.output_size)
        tags = request.own.tags if isinstance(request.own, TagOptions) else ()
        if more := unlearned(tags):
            titles = ", ".join(choices()[name].title for name in more)
            raise InputError(f"Tag2Pix learned no word for {titles}; style2paints reads it.")
        timings: dict[str, float] = {}
        call = NetworkRunner(self.networks, report or NullReporter())
        original = as_picture(request.image)
        hints = request.hints.on(original.shape)
        with step(call, timings, "prepare"):
            taken = self.taken(request.image, settings)
            working_size(original.shape, _ZOOM)
            ink = taken.drawing
            sketch = _sketch(call.network("tag2pix"), ink)
            padded = _padded(call.network("tag2pix"), sketch)
        with step(call, timings, "paint"):
            seen_key, seen = self._seen(call, padded)
            call.report.update(0.3)
            key = self.key("tag_paint", ["tag2pix"], seen_key, list(tags))
            made = self.cache.remember(key, lambda: call("tag2pix", _paint, padded, sketch.shape, seen, tags))
            call.report.update(0.6)
            painted, shown, is_voted = made[0], None, len(made) > 1
            if is_voted:
                key = self.key("tag_voted", [], key, taken.walls)
                divided = remembered.page(self, taken.walls)
                painted, shown = self.cache.remember(key, lambda: _voted(made, divided, tags))
            call.report.update(0.8)
            if len(hints):
                key = self.key("tag_points", [], key, hint_content(hints))
                before = painted
                painted = self.cache.remember(key, lambda: _pointed(before, remembered.page(self, taken.walls), hints))
            call.show("paint", painted)
            shade = self._shade(call, taken, painted, key) if is_voted and settings.shading else None
            shade = shade and weakened(shade, settings.shading)
        with step(call, timings, "finish"):
            result = Result(
                image=painted, lines=sketch, timings=timings,
                untrained=self.untrained([self._told_by, "tag2pix"]),
                unfound=self._unfound(call, sketch, tags, shown), original=original,
                corrected=taken.told, shade=shade and shade.shadow, light=shade and shade.light,
            )
            page = drawing_at_result(ink, resize_to(painted, min_resize(ink, SHORT_EDGE).shape), output_size)
            return at_drawing(result, page, pen=Pen.of(settings, request.options), report=report)

    def _shade(self, call: NetworkRunner, taken: Taken, painted: np.ndarray, key: bytes) -> Shade:
        """Shadow and light on a painting that is kept under `key`."""
        shown = remembered.of_one_size(taken.drawing, taken.walls)
        return remembered.shade(self, call, taken.walls, shown, painted, key)

    @property
    def _told_by(self) -> str:
        """The network that tells the painter what a drawing shows."""
        return "semantic" if _square(self.networks["tag2pix"]) else "parts"

    def _seen(self, call: NetworkRunner, padded: np.ndarray) -> tuple[bytes, np.ndarray]:
        """What the painter is told of a padded drawing, and under which key it is kept."""
        key = self.key("tag_seen", [self._told_by], padded)
        look = _look if self._told_by == "semantic" else _named
        return key, self.cache.remember(key, lambda: call(self._told_by, look, padded))

    def _unfound(
        self, call: NetworkRunner, sketch: np.ndarray, tags: Sequence[str], shown: np.ndarray | None
    ) -> tuple[str, ...]:
        """Tags whose things are nowhere to be seen in a voted painting, or nowhere likely."""
        if shown is not None and call.network("parts").trained:
            return tuple(name for name in tags if _group(name) in OF_GROUPS and not is_there(_group(name), shown))
        asked = [name for name in tags if choices()[name].group in _PARTS]
        if not asked or "parts" not in call or not call.network("parts").trained:
            return ()
        shape = (max(sketch.shape[0] // 8, 1), max(sketch.shape[1] // 8, 1))
        key = self.key("tag_parts", ["parts"], sketch)
        chances = self.cache.remember(key, lambda: call("parts", name_parts, sketch, shape))
        likeliest = {name: chances[..., [NAMES.index(part) for part in _PARTS[choices()[name].group]]].sum(-1).max()
                     for name in asked}  # fmt: skip
        return tuple(name for name in asked if likeliest[name] < _SURE)


def load(settings: Settings | None = None) -> TagPainter:
    """Finds the weights and returns a painter; without weights it is random and says so."""
    from s2p import weights

    settings = settings_of(settings)
    found = [weights.find(name, settings) for name in NETWORKS]
    if found[-1].variant == OFFICIAL:
        found.append(weights.find("semantic", settings))
    networks = {one.name: weights.load_network(one, settings) for one in found}
    return TagPainter(networks, settings=settings)


def _sketch(network: Network, drawing: np.ndarray) -> np.ndarray:
    """The drawing as the painter sees it before it is padded: short edge 512, or the paper's square filled by it."""
    square = _square(network)
    if not square:
        return lineart.stretch(min_resize(drawing, SHORT_EDGE))
    height, width = drawing.shape
    scale = square / max(height, width)
    return lineart.stretch(resize_to(drawing, (max(round(height * scale), 1), max(round(width * scale), 1))))


def _square(network: Network) -> int | None:
    """Edge of the only size that a network knows; None where sizes are free."""
    return next((int(shape[1]) for shape in network.inputs if len(shape) == 4 and shape[1]), None)


def _padded(network: Network, sketch: np.ndarray) -> np.ndarray:
    return glue.ink_tensor(pad_to_multiple(sketch, _square(network) or spec_of("tag2pix").variants[TURBO].multiple))


def _look(network: Network, ink: np.ndarray) -> np.ndarray:
    return network(ink)[0]


def _named(network: Network, ink: np.ndarray) -> np.ndarray:
    """What every cell of padded `ink` shows, `float32[1, h, w, P]`."""
    drawing = lineart.trunc8((1.0 - ink[0, ..., 0]) * np.float32(255.0) + 0.5)
    cells = (drawing.shape[0] // TOLD_CELL, drawing.shape[1] // TOLD_CELL)
    return name_parts(network, drawing, cells, edges=TOLD_EDGES)[None]


def _paint(
    network: Network, ink: np.ndarray, shape: tuple[int, ...], seen: np.ndarray, tags: Sequence[str]
) -> list[np.ndarray]:
    """The painting of padded `ink` without its padding, `uint8[h, w, 3]` RGB, of `shape` or half of it, and of our
    painter what its places show, `float32[., ., T]` of `s2p.tags.THINGS`.
    """
    height, width = ink.shape[1:3]
    output, *more = network(ink, seen, np.array([vector(tags)], np.float32))
    half = output.shape[1] * 2 == height
    painting = glue.one_picture(network, output, (height // 2, width // 2) if half else (height, width))
    scale = painting.shape[0] / height
    inner = painting[: max(round(shape[0] * scale), 1), : max(round(shape[1] * scale), 1)]
    shares = [one[0, : max(-(-shape[0] // TOLD_CELL), 1), : max(-(-shape[1] // TOLD_CELL), 1)] for one in more]
    return [lineart.trunc8((inner + 1.0) * np.float32(127.5) + 0.5), *shares]


def _voted(made: Sequence[np.ndarray], page: Page, tags: Sequence[str]) -> list[np.ndarray]:
    """What `_paint` made, region by region; and what it shows (`s2p.pipelines.voting.voted`)."""
    inner = (slice(page.inner[0]), slice(page.inner[1]))
    groups = [_group(name) for name in tags]
    asked = {
        group: choices()[name].rgb if choices()[name].color and group != "thing" and groups.count(group) == 1 else None
        for name, group in zip(tags, groups)
    }
    if "white_background" in tags:
        asked["background"] = (255, 255, 255)  # paper
    labels, walls = page.regions.labels[inner], page.lines[inner]
    return [*voted(made[0], made[1], labels, page.regions.grounds, walls, asked=asked)]


def _group(name: str) -> str:
    """The group of a tag; `thing` for what is neither part of a person nor a garment."""
    group = choices()[name].group
    return "thing" if group in _THINGS else group


def _pointed(painting: np.ndarray, page: Page, hints: Hints) -> np.ndarray:
    """The painting with the region of every point in its colour; of two in one region each has what is nearer."""
    down, along = (inner / outer for inner, outer in zip(page.inner, page.lines.shape))
    chosen = [region_at(page.regions, hint.x * along, hint.y * down) for hint in hints]
    labels = page.regions.labels[: page.inner[0], : page.inner[1]]
    rows, columns = np.mgrid[: labels.shape[0], : labels.shape[1]].astype(np.float32)
    colors, nearest = np.zeros((*labels.shape, 3), np.uint8), np.full(labels.shape, np.inf, np.float32)
    for hint, region in zip(hints, chosen, strict=True):
        far = (rows - hint.y * labels.shape[0]) ** 2 + (columns - hint.x * labels.shape[1]) ** 2
        takes = (labels == region) & (far <= nearest)
        colors[takes], nearest[takes] = hint.rgb, far[takes]
    size = painting.shape[1::-1]
    is_pointed = cv2.resize(np.isfinite(nearest).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    flat = cv2.resize(colors, size, interpolation=cv2.INTER_NEAREST)
    return np.where(is_pointed[..., None], flat, painting)
