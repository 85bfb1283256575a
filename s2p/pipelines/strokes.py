"""A picture as brush strokes (`s2p.strokes`), for every door that asks systems.

    picture ─search─▶ strokes, shown while they are laid ─colours─▶ ─draw─▶ painting ─film─▶ SVG, JSON and MP4 beside it

There is no network in it, and no drawing: whatever picture is given is painted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from s2p.config import Settings, settings_of
from s2p.errors import OutputError
from s2p.image import as_picture
from s2p.pipelines.base import Result, timed
from s2p.pipelines.painter_base import check_output_size
from s2p.pipelines.request import Request
from s2p.progress import NullReporter, Reporter
from s2p.runtime import Network
from s2p.sizes import resize_to
from s2p.strokes import files, svg, video
from s2p.strokes.layouts import Strokes, layout_of
from s2p.strokes.options import StrokeOptions
from s2p.strokes.painting import SIZE, Painting, paint
from s2p.strokes.plan import divisions
from s2p.strokes.raster import MAX_SIDE, Canvas

log = logging.getLogger(__name__)

_SHOWN_EVERY = 0.4  # seconds
_SHOWN_SIDE = 512  # px of the longer side
_FILM_FRAMES = 600  # fifteen seconds
_LEAST_SIDE = 16  # px of the longer side


class StrokePainter:
    """Paints by strokes. Keeps nothing between calls.

    Args:
        settings: kept for callers; strokes know none of them.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.networks: dict[str, Network] = {}
        self.settings = settings or Settings()

    def run(self, request: Request, report: Reporter | None = None) -> Result:
        """Paints what is asked for (`s2p.pipelines.request`).

        Args:
            request: of it the image, `own` (`StrokeOptions`) and `output_size` are read. `painted` is 512 px on the
                longer side.
            report: progress and cancelling; where it has `picture`, it is shown the canvas, at most 512 px, as `search`
                goes on. Once its `enough` is true, what is laid is the painting; while its `paused` is, none is laid,
                and the stage is `paused`.

        Returns: the painting, with `json`, `svg` and, where a film was wanted and can be written, `mp4` in its `files`.
        Raises:
            InputError: unknown output size, or fewer strokes than a long and thin picture needs.
        """
        asked, report = _options(request), report or NullReporter()
        is_original = check_output_size(request.output_size) == "original"
        picture, timings = as_picture(request.image), {}
        aspect = picture.shape[0] / picture.shape[1]
        size = min(max(*picture.shape[:2], _LEAST_SIDE), MAX_SIDE) if is_original else SIZE
        with timed(timings, "draw"):
            painting = paint(
                picture, renderer=asked.renderer, max_strokes=asked.max_strokes,
                max_divide=divisions(asked.max_strokes, aspect), canvas_color=asked.canvas_color, canvas_size=size,
                seed=asked.seed, time_budget=asked.time_budget, report=report,
                min_size=asked.min_size, max_size=asked.max_size,
                stop=lambda: getattr(report, "enough", False), pause=lambda: getattr(report, "paused", False),
                laid=_shown(asked, aspect, report),
            )
        timings = {"search": painting.seconds, "draw": timings["draw"] - painting.seconds}
        made = {"json": files.dumps(painting.strokes).encode(), "svg": svg.svg(painting.strokes).encode()}
        if asked.film:
            report.stage("film")
            with timed(timings, "film"):
                made |= _film(painting, report)
        image = resize_to(painting.image, picture.shape) if is_original else painting.image
        paper = np.full(image.shape[:2], 255, np.uint8)
        return Result(
            image=image, lines=paper, timings=timings, original=picture, files=made
        )


def load(settings: Settings | None = None) -> StrokePainter:
    """A painter; there is nothing to load."""
    return StrokePainter(settings_of(settings))


def _options(request: Request) -> StrokeOptions:
    return request.own if isinstance(request.own, StrokeOptions) else StrokeOptions()


def _shown(asked: StrokeOptions, aspect: float, report: Reporter) -> Callable[[np.ndarray], None] | None:
    """What is told of new strokes and shows the canvas now and then; None where nobody looks."""
    show = getattr(report, "picture", None)
    if show is None:
        return None
    none = np.zeros((0, layout_of(asked.renderer).size), np.float32)
    canvas = Canvas(Strokes(asked.renderer, none, aspect, asked.canvas_color), _SHOWN_SIDE)
    moment = 0.0

    def laid(rows: np.ndarray) -> None:
        nonlocal moment
        for row in rows:
            canvas.lay(row)
        if time.monotonic() >= moment:
            show("search", canvas.image)
            moment = time.monotonic() + _SHOWN_EVERY

    return laid


def _film(painting: Painting, report: Reporter) -> dict[str, bytes]:
    """The film of its making; nothing where this computer cannot write one, which must not cost the painting."""
    count = len(painting.strokes) + 1
    every = ceil(count / _FILM_FRAMES)

    def told(fraction: float) -> None:
        report.check()
        report.update(fraction)

    def frames() -> Iterator[np.ndarray]:
        for number, frame in enumerate(painting.at(SIZE).frames()):
            if number % every == 0 or number == count - 1:
                yield frame

    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        try:
            video.write_video(path, frames(), count // every + 1, done=told)
        except OutputError as error:
            log.warning("there is no film: %s", error)
            return {}
        return {"mp4": path.read_bytes()}
