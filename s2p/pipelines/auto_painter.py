"""Line art into colour with one network: drawing and colour blocks in, painting out (Auto-painter).

    picture ─prepare─▶ drawing, short edge 512, padded ─paint─▶ painting ─finish─▶ doubled, the artist's lines put back

Faster and simpler than the six networks, and without their composition and references. Every size and aspect is taken:
the drawing is padded by mirroring to what the network can divide, and the painting cut back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2p import lineart
from s2p.auto_painter_hints import auto_painter_tensors
from s2p.config import Settings, settings_of
from s2p.image import as_picture
from s2p.overlay import Pen
from s2p.pipelines import glue
from s2p.pipelines.asking import Colorizing
from s2p.pipelines.base import Result
from s2p.pipelines.pages import at_drawing, drawing_at_result
from s2p.pipelines.painter_base import check_output_size, hint_content
from s2p.pipelines.request import Request
from s2p.pipelines.runner import NetworkRunner, step
from s2p.progress import NullReporter, Reporter
from s2p.runtime import Network
from s2p.schema import Hints
from s2p.sizes import min_resize, resize_to, working_size
from s2p.tiling import pad_to_multiple

NETWORKS = ("auto_painter", "tail")

SHORT_EDGE, _ZOOM = 512, 0.5  # of the drawing that the network sees, whatever the zoom: it was trained on this size
_MULTIPLE = {"points": 64, "propagated": 64, "blocks": 256, "masked": 256}


class AutoPainter(Colorizing):
    """Paints with the auto-painter and remembers what it has painted.

    Args:
        networks: `auto_painter`, and `tail`, which doubles the half-size paintings of the turbo network (enlarged by
            Lanczos without it).
        settings: kept for callers; the working size does not depend on the zoom.
        cache: see `BasePainter`.
    """

    system = "auto-painter"

    def run(self, request: Request, report: Reporter | None = None) -> Result:
        """Paints what is asked for (`s2p.pipelines.request`).

        Args:
            request: of it the image, hints (drawn as blocks; draft and exact ones are treated alike), what options and
                settings say of the lines, and `output_size` are read. `painted` has a short edge of 512.
            report: progress and cancelling.

        Raises:
            InputError: unknown output size.
            TooLargeError: the picture is too long and thin.
        """
        output_size = check_output_size(request.output_size)
        call, timings = NetworkRunner(self.networks, report or NullReporter()), {}
        settings, original = request.settings or self.settings, as_picture(request.image)
        hints = request.hints.on(original.shape)
        with step(call, timings, "prepare"):
            taken = self.taken(request.image, settings)
            working_size(original.shape, _ZOOM)
            ink = taken.drawing
            sketch = lineart.stretch(min_resize(ink, SHORT_EDGE))
        with step(call, timings, "paint"):
            key = self.key("auto_paint", ["auto_painter"], sketch, hint_content(hints))
            painted = self.cache.remember(key, lambda: _paint(call, sketch, hints))
            call.show("paint", painted)
        with step(call, timings, "finish"):
            key = self.key("auto_double", ["tail"], key)
            full = self.cache.remember(key, lambda: _doubled(call, painted, sketch.shape))
            result = Result(
                image=full, lines=sketch, timings=timings,
                untrained=self.untrained(self.networks), original=original, corrected=taken.told,
            )
            pen = Pen.of(settings, request.options)
            page = drawing_at_result(ink, full, output_size)
            return at_drawing(result, page, pen=pen, report=report)


def load(settings: Settings | None = None) -> AutoPainter:
    """Finds the weights and returns a painter; without weights it is random and says so."""
    from s2p import weights

    settings = settings_of(settings)
    networks = {name: weights.load_network(weights.find(name, settings), settings) for name in NETWORKS}
    return AutoPainter(networks, settings=settings)


def _paint(call: NetworkRunner, sketch: np.ndarray, hints: Hints) -> np.ndarray:
    """The network's painting, `uint8[h, w, 3]` RGB, at the drawing's size or half of it."""
    encoding = call.network("auto_painter").encoding
    padded = pad_to_multiple(sketch, _MULTIPLE[encoding])
    down, along = (inner / outer for inner, outer in zip(sketch.shape, padded.shape))
    moved = [hint.model_copy(update={"x": hint.x * along, "y": hint.y * down}) for hint in hints]
    tensors = auto_painter_tensors(encoding, padded, moved)
    call.report.update(0.2)
    painting = call("auto_painter", _run, tensors)
    scale = painting.shape[0] / padded.shape[0]
    return painting[: round(sketch.shape[0] * scale), : round(sketch.shape[1] * scale)]


def _run(network: Network, tensors: Sequence[np.ndarray]) -> np.ndarray:
    """Runs the network on its tensors; returns `uint8[h, w, 3]`, RGB, at the drawing's size or half of it."""
    output = network(*tensors)[0]
    height, width = tensors[0].shape[1:3]
    half = output.shape[1] * 2 == height
    painting = glue.one_picture(network, output, (height // 2, width // 2) if half else (height, width))
    return lineart.trunc8((painting + 1.0) * np.float32(127.5) + 0.5)


def _doubled(call: NetworkRunner, painting: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if painting.shape[0] * 3 < shape[0] * 2 and "tail" in call:
        painting = call("tail", glue.run_tail, painting)
    return resize_to(painting, shape)
