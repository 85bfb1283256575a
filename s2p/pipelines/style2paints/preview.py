"""What a preview does differently from a painting: the painters see a small drawing, and nobody is told of stages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2p import image as pictures
from s2p.enlarge import enlarge
from s2p.hintmap import painter_tensor
from s2p.overlay import Pen, Shade
from s2p.pipelines.pages import finished
from s2p.pipelines.runner import NetworkRunner
from s2p.pipelines.style2paints.stages import run_painters
from s2p.progress import Reporter
from s2p.schema import Hints, Method

PREVIEW_EDGE = 256  # px, the short edge of a preview, and of the drawing that its painters see


class OnlyCancelling:
    """Passes on the wish to stop and no news: a preview is over before anybody could read them.

    Args:
        report: who is asked.
    """

    def __init__(self, report: Reporter) -> None:
        self.check = report.check

    def stage(self, name: str) -> None:
        pass

    def update(self, fraction: float) -> None:
        pass


def paint_small(
    call: NetworkRunner, sketch: np.ndarray, composition: np.ndarray, hints: Hints, styles: Sequence[np.ndarray], *,
    method: Method,
) -> np.ndarray:
    """As `stages.paint`, on the drawing made small, with hints that spread as they do on the large one.

    Args:
        call: runs the networks.
        sketch: `uint8[H, W]`, 255 = paper. The drawing of the painting.
        composition, hints, styles, method: as there.

    Returns: `uint8[h / 2, w / 2, 3]`, RGB, of `h` x `w` with the short edge `PREVIEW_EDGE`.
    """
    small = pictures.fit64(sketch, PREVIEW_EDGE // 16)

    def hint_tensor(encoding: str, guess: np.ndarray) -> np.ndarray:
        if encoding == "points":
            return painter_tensor(encoding, small, hints, guess)
        return _sampled(painter_tensor(encoding, sketch, hints, guess, tonal=method == "rendering"), *small.shape)

    return run_painters(call, small, composition, hint_tensor, styles, method=method)


def show(
    half: np.ndarray, drawing: np.ndarray, *, method: Method, pen: Pen | None, bounds: np.ndarray | None = None,
    shade: Shade | None = None,
) -> np.ndarray:
    """The preview, `uint8[h, w, 3]` RGB, of a small painting: with the lines of the drawing unless that is tonal."""
    page = pictures.min_resize(drawing, PREVIEW_EDGE)
    if pen is not None:
        bounds = None if bounds is None else pictures.min_resize(bounds, PREVIEW_EDGE)
        return finished(half, page, pen, bounds=bounds, shade=shade)[0]
    return pictures.resize_to(half, page.shape) if method == "rendering" else enlarge(half, page)


def _sampled(tensor: np.ndarray, height: int, width: int) -> np.ndarray:
    """Every so many-th block of 2 x 2: the places of a block hold different things in the encoding `layered`."""
    _, rows, columns, channels = tensor.shape
    blocks = tensor.reshape(rows // 2, 2, columns // 2, 2, channels)
    row = ((np.arange(height // 2) + 0.5) * (rows / height)).astype(np.intp)
    column = ((np.arange(width // 2) + 0.5) * (columns / width)).astype(np.intp)
    chosen = blocks[row[:, None], :, column]  # row, column, row in the block, column in the block, channel
    return chosen.transpose(0, 2, 1, 3, 4).reshape(1, height, width, channels)
