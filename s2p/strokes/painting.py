"""A picture painted stroke by stroke: the way in for every door.

    import s2p
    painting = s2p.strokes("photo.jpg", max_strokes=500)
    painting.save("photo.png"), painting.save("photo.svg"), painting.save("photo.mp4")
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from s2p import overlay
from s2p.errors import HintError, InputError, OutputError, shown
from s2p.hints import is_number
from s2p.image import FORMATS, as_picture, load_image, save_image
from s2p.progress import NullReporter, Reporter
from s2p.regions import divide
from s2p.schema import parse_color
from s2p.strokes import files, raster, video
from s2p.strokes.layouts import OPEN, Strokes
from s2p.strokes.plan import Plan, divisions
from s2p.strokes.search import search

SIZE = 512  # pixels of the longer side, unless another is asked for
STAGES = {"search": 0.85, "colours": 0.05, "draw": 0.1}
ENDINGS = (*FORMATS, *files.ENDINGS, *video.ENDINGS)
_NAMED_COLORS = {"white": "#ffffff", "black": "#000000"}
_SMALL = 0.001  # of the page: regions that no stroke would find
_DIVISIONS = 5  # of a picture where nobody says how many
_WALLED = 512  # pixels of the shorter side on which a drawing is divided


@dataclass(frozen=True)
class Painting:
    """A painting, and the strokes that it is made of.

    Attributes:
        strokes: in the order in which they were laid.
        size: pixels of the longer side of `image`.
        lines: `uint8[h, w]`, 255 = paper, or None. An artist's lines, which lie on top; strokes end at them.
        original: `uint8[h, w, 3]` RGB, the picture that was painted, or None.
        seconds: that the search took.
        cut_from: strokes that were planned, where a time budget ended the search before all were laid; else None.
    """

    strokes: Strokes
    size: int = SIZE
    lines: np.ndarray | None = field(default=None, repr=False)
    original: np.ndarray | None = field(default=None, repr=False)
    seconds: float = 0.0
    cut_from: int | None = None

    @cached_property
    def image(self) -> np.ndarray:
        """`uint8[H, W, 3]` RGB."""
        return self.drawn()

    @property
    def likeness(self) -> float | None:
        """PSNR in dB against the original at the painting's size; None without one."""
        if self.original is None:
            return None
        size = self.image.shape[1::-1]
        is_smaller = size[0] <= self.original.shape[1]
        target = cv2.resize(self.original, size, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR)
        error = float(((self.image.astype(np.float32) - target) ** 2).mean())
        return float(10 * np.log10(255.0**2 / max(error, 1e-6)))

    def at(self, size: int) -> Painting:
        """The same strokes on a canvas whose longer side has `size` pixels."""
        return replace(self, size=size)

    def drawn(self, *, laid: Callable[[float], None] | None = None) -> np.ndarray:
        """Draws it: `uint8[H, W, 3]` RGB. `laid` is told the share that is done, and may raise to stop."""
        walls = None if self.lines is None else self._at_canvas(walls_of(self.lines))
        return self._lined(raster.render(self.strokes, self.size, walls=walls, laid=laid))

    def with_image(self, image: np.ndarray) -> Painting:
        """The same painting that knows already what `drawn` gives."""
        known = replace(self)
        known.__dict__["image"] = image  # where `cached_property` looks
        return known

    def frames(self) -> Iterator[np.ndarray]:
        """The painting after 0, 1, 2 ... strokes: `uint8[H, W, 3]` RGB, `len(strokes) + 1` of them."""
        walls = None if self.lines is None else self._at_canvas(walls_of(self.lines))
        layer = self._layer(self.image) if self.lines is not None else None
        for frame in raster.frames(self.strokes, self.size, walls=walls):
            yield frame if layer is None else overlay.compose(frame, layer)

    def save(self, path: str | Path, *, quality: int = 95, done: Callable[[float], None] | None = None) -> None:
        """Writes the painting; the extension decides.

        Args:
            path: PNG, JPEG or WebP get the picture, NPZ, JSON and SVG the strokes, MP4 and GIF the film of its making.
            quality: int in [1, 100] for JPEG and WebP.
            done: told the share of a film that is written; may raise to stop.

        Raises:
            OutputError: unknown extension, or the file cannot be written.
        """
        suffix = Path(path).suffix.lower()
        if suffix in FORMATS:
            save_image(self.image, path, quality=quality)
        elif suffix in video.ENDINGS:
            video.write_video(path, self.frames(), len(self.strokes) + 1, done=done)
        elif suffix == ".svg" and self.lines is not None:
            from s2p.files import write_whole
            from s2p.strokes.svg import svg

            write_whole(path, svg(self.strokes, lines=self._layer(self.image), walls=walls_of(self.lines)).encode())
        elif suffix in files.ENDINGS:
            files.write_strokes(path, self.strokes)
        else:
            raise OutputError(f"The file name must end in {', '.join(ENDINGS)}. Received: {Path(path).name!r}.")

    def _at_canvas(self, labels: np.ndarray) -> np.ndarray:
        size = self.strokes.size_at(self.size)
        return cv2.resize(labels, size[::-1], interpolation=cv2.INTER_NEAREST)

    def _layer(self, colors: np.ndarray) -> np.ndarray:
        assert self.lines is not None
        size = colors.shape[1::-1]
        is_smaller = size[0] <= self.lines.shape[1]
        lines = cv2.resize(self.lines, size, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC)
        return overlay.line_layer(colors, lines, overlay.Pen("tinted"))

    def _lined(self, colors: np.ndarray) -> np.ndarray:
        return colors if self.lines is None else overlay.compose(colors, self._layer(colors))


def paint(
    source: str | Path | bytes | np.ndarray,
    *,
    renderer: str = "oilpaintbrush",
    max_strokes: int = 500,
    max_divide: int | None = None,
    flat: bool = False,
    canvas_color: str = "white",
    canvas_size: int = SIZE,
    candidates: int = 32,
    iters: int = 6,
    min_size: float = 0.0,
    max_size: float = 1.0,
    opaque: bool = False,
    single_color: bool = False,
    eight_bit: bool = False,
    seed: int = 0,
    time_budget: float | None = None, backend: str = "analytic", network: str = "zou-fusion-net-light",
    transport: float = 0.0,
    lines: str | Path | bytes | np.ndarray | None = None,
    report: Reporter | None = None,
    stop: Callable[[], bool] | None = None,
    laid: Callable[[np.ndarray], None] | None = None,
    pause: Callable[[], bool] | None = None,
) -> Painting:
    """Paints a picture of any aspect with strokes.

    Args:
        source: path, file content, or array (`uint8[H, W]`, `[H, W, 3]` RGB, `[H, W, 4]` RGBA).
        renderer: `oilpaintbrush`, `watercolor`, `markerpen` or `rectangle`.
        max_strokes, max_divide, flat, candidates, iters, min_size, max_size, opaque, single_color, seed, time_budget,
        backend, network, transport:
            as in `s2p.strokes.plan.Plan`; without `max_divide` five divisions, or fewer where strokes are few.
        canvas_color: `white`, `black` or `#rrggbb`.
        canvas_size: pixels of the painting's longer side.
        eight_bit: upright opaque boxes, as on old screens; `renderer` is then `rectangle`.
        lines: a drawing that lies on top; strokes end at its lines. Of the picture's aspect.
        report: stages of `STAGES`; cancelling it raises `CancelledError`.
        stop: asked between strokes; once it says yes, the painting is what is laid.
        laid: told of new strokes as they are found, `float32[n, d]`.
        pause: asked between strokes; while it says yes, none is laid.

    Raises:
        InputError: a picture or a number that cannot be used.

    Example:
        >>> painting = paint(np.full((40, 60, 3), 90, np.uint8), max_strokes=4, max_divide=1, canvas_size=90)
        >>> painting.image.shape
        (60, 90, 3)
    """
    report = NullReporter() if report is None else report
    if not is_number(canvas_size) or not 16 <= canvas_size <= raster.MAX_SIDE:
        raise InputError(f"canvas_size must be from 16 to {raster.MAX_SIDE} pixels. Received: {canvas_size!r}.")
    picture = as_picture(source if isinstance(source, np.ndarray) else load_image(source))
    if max_divide is None and isinstance(max_strokes, int):
        max_divide = min(_DIVISIONS, divisions(max_strokes, picture.shape[0] / picture.shape[1]))
    plan = Plan(
        renderer="rectangle" if eight_bit and renderer == "oilpaintbrush" else renderer, max_strokes=max_strokes,
        max_divide=_DIVISIONS if max_divide is None else max_divide, flat=flat, canvas=ground_of(canvas_color),
        candidates=candidates, iters=iters, min_size=min_size, max_size=max_size, opaque=opaque,
        single_color=single_color, eight_bit=eight_bit, seed=seed, time_budget=time_budget, backend=backend,
        network=network, transport=transport,
    )
    drawing = None if lines is None else lines_of(lines, picture)
    started = time.monotonic()
    walls = None if drawing is None else walls_of(drawing)
    cut: list[int] = []
    strokes = search(
        picture, plan, report=report, stop=stop, laid=laid, walls=walls, pause=pause, out_of_time=cut.append
    )
    seconds = time.monotonic() - started
    painting = Painting(strokes, canvas_size, drawing, picture, seconds, cut[0] if cut else None)
    report.stage("draw")
    return painting.with_image(painting.drawn(laid=report.update))


def ground_of(color: str) -> str:
    """The ground under strokes, `#rrggbb`, of `white`, `black` or what `parse_color` takes; else `InputError`."""
    try:
        return parse_color(_NAMED_COLORS.get(color, color))
    except HintError:
        raise InputError(
            f"canvas_color must be white or black, or must look like #77ee00. Received: {shown(color)}."
        ) from None


def lines_of(source: str | Path | bytes | np.ndarray, picture: np.ndarray | None = None) -> np.ndarray:
    """A drawing as `uint8[H, W]`, 255 = paper; of about the picture's aspect, or `InputError`."""
    drawing = as_picture(source if isinstance(source, np.ndarray) else load_image(source))
    gray = cv2.cvtColor(drawing, cv2.COLOR_RGB2GRAY)
    if picture is not None:
        ratio = (gray.shape[0] / gray.shape[1]) / (picture.shape[0] / picture.shape[1])
        if not 0.97 <= ratio <= 1.03:
            raise InputError(
                f"Lines and picture must have one aspect. Received: {gray.shape[1]} x {gray.shape[0]} and "
                f"{picture.shape[1]} x {picture.shape[0]} pixels."
            )
    return gray


def walls_of(drawing: np.ndarray) -> np.ndarray:
    """Numbers of the regions of a drawing, `int32[h, w]`, at a size that suits strokes; small ones are `OPEN`."""
    scale = min(1.0, _WALLED / min(drawing.shape))
    size = max(1, round(drawing.shape[1] * scale)), max(1, round(drawing.shape[0] * scale))
    found = divide(cv2.resize(drawing, size, interpolation=cv2.INTER_AREA))
    return np.where(found.areas < _SMALL, OPEN, np.arange(found.count))[found.labels].astype(np.int32)


def repainted(strokes: Strokes, *, size: int = SIZE, lines: np.ndarray | None = None) -> Painting:
    """The painting of strokes from a file."""
    if not 16 <= size <= raster.MAX_SIDE:
        raise InputError(f"The size must be from 16 to {raster.MAX_SIDE} pixels. Received: {size!r}.")
    return Painting(strokes, size, lines)
