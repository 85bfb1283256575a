"""What the vector engine leaves of one stroke, as the two maps that neural renderers learn."""

from __future__ import annotations

import numpy as np

from s2p.strokes.layouts import Layout
from s2p.strokes.raster import Frame, stamp


def random_rows(random: np.random.Generator, layout: Layout, count: int) -> np.ndarray:
    """Strokes of which every number is drawn evenly from [0, 1], `float32[count, d]`."""
    return random.random((count, layout.size), dtype=np.float32)


def drawn(row: np.ndarray, layout: Layout, side: int) -> tuple[np.ndarray, np.ndarray]:
    """One stroke on a square canvas.

    Args:
        row: `float32[d]`.
        layout: kind of stroke.
        side: of the canvas, pixels.

    Returns: foreground `float32[side, side, 3]`, RGB times what the stroke covers, 0 beside it, and alpha
        `float32[side, side]`, what it covers times its own alpha.
    """
    foreground, alpha = np.zeros((side, side, 3), np.float32), np.zeros((side, side), np.float32)
    mark = stamp(row, layout, Frame(side, side, 0, side))
    if mark is None:
        return foreground, alpha
    alpha[mark.box] = mark.alpha
    strength = 1.0 if layout.name == "oilpaintbrush" else max(float(row[-1]), 1e-6)
    cover = mark.alpha / np.float32(strength)
    colors = row[layout.color].reshape(-1, 3)
    paint = np.broadcast_to(colors[0], (*cover.shape, 3))
    if mark.along is not None:
        paint = paint + mark.along[..., None] * (colors[-1] - colors[0])
    tone = cover if mark.tone is None else cover * mark.tone
    foreground[mark.box] = paint * tone[..., None]
    return foreground, alpha
