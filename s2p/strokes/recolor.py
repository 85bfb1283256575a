"""Solves the colours of all strokes together, as they lie over each other.

Once the shapes stand, every pixel is a fixed mixture of strokes, so the best colours are a linear least-squares
problem: sparse, because a stroke is seen in few places. A few steps of conjugate gradients solve it.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy import sparse

from s2p.strokes.layouts import Strokes
from s2p.strokes.raster import Canvas, Stamp

_SIZE = 224  # pixels of the longer side, on which colours are solved
_HOLD = 0.6  # pixels' worth of what a stroke's colour was before; hidden strokes keep it
_ALIKE = 0.04  # how strongly the two colours of a stroke move together
_STEPS = 24


def recolored(
    strokes: Strokes, target: np.ndarray, *, single: bool = False, walls: np.ndarray | None = None
) -> Strokes:
    """The same strokes in the colours that come nearest to a picture.

    Args:
        strokes: in their order.
        target: `float32[3, h, w]` in [0, 1].
        single: both colours of a stroke are one.
        walls: as for `raster.Canvas`, of any size.
    """
    if not len(strokes):
        return strokes
    layout = strokes.layout
    count = layout.colors
    height, width = strokes.size_at(_SIZE)
    small = cv2.resize(target.transpose(1, 2, 0), (width, height), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    if walls is not None:
        walls = cv2.resize(walls, (width, height), interpolation=cv2.INTER_NEAREST)
    canvas = Canvas(strokes, _SIZE, walls=walls)
    marks = [canvas.stamp(row) for row in strokes.values]
    mixture, bare = _mixture(marks, height, width, count)
    colors = strokes.values[:, layout.color].reshape(-1, 3).astype(np.float64)
    if single and count == 2:
        pair = sparse.csr_array(sparse.kron(sparse.eye_array(len(strokes)), np.ones((2, 1))))
        mixture, colors = sparse.csr_array(mixture @ pair), colors[::2]
    hold = _hold(mixture, len(colors) // len(strokes))
    rest = small - bare[:, None] * strokes.canvas_rgb - mixture @ colors
    normal = sparse.csr_array(mixture.T @ mixture + hold)
    colors = np.clip(colors + _conjugate(normal, mixture.T @ rest), 0.0, 1.0)
    if single and count == 2:
        colors = np.repeat(colors, 2, 0)
    values = strokes.values.copy()
    values[:, layout.color] = colors.reshape(len(strokes), -1)
    return strokes.with_values(values)


def _mixture(
    marks: list[Stamp | None], height: int, width: int, colors: int
) -> tuple[sparse.csr_array, np.ndarray]:
    """How much of every colour each pixel shows, `[H * W, N * colors]`, and of the bare canvas, `float32[H * W]`."""
    clear = np.ones((height, width), np.float32)
    index = np.arange(height * width, dtype=np.int32).reshape(height, width)
    pixels, columns, shares = [], [], []
    for number in range(len(marks) - 1, -1, -1):
        mark = marks[number]
        if mark is None:
            continue
        seen = clear[mark.box] * mark.alpha
        clear[mark.box] -= seen
        if mark.tone is not None:
            seen = seen * mark.tone
        where = seen > 2e-3
        amount = seen[where]
        parts = [amount]
        if colors == 2 and mark.along is not None:
            late = amount * mark.along[where]
            parts = [amount - late, late]
        for k, part in enumerate(parts):
            pixels.append(index[mark.box][where])
            columns.append(np.full(len(part), number * colors + k, np.int32))
            shares.append(part)
    if not pixels:
        return sparse.csr_array((height * width, len(marks) * colors)), clear.ravel()
    entries = np.concatenate(shares), (np.concatenate(pixels), np.concatenate(columns))
    return sparse.csr_array(entries, (height * width, len(marks) * colors)), clear.ravel()


def _hold(mixture: sparse.csr_array, colors: int) -> sparse.csr_array:
    """What ties colours to what they were, and the changes of a stroke's two to each other."""
    seen = np.asarray(mixture.multiply(mixture).sum(0)).ravel()
    hold = sparse.csr_array(sparse.diags_array(np.full(len(seen), _HOLD)))
    if colors == 1:
        return hold
    tie = sparse.diags_array(_ALIKE * (seen[::2] + seen[1::2]))
    return sparse.csr_array(hold + sparse.kron(tie, np.array([[1.0, -1.0], [-1.0, 1.0]])))


def _conjugate(normal: sparse.csr_array, right: np.ndarray) -> np.ndarray:
    """Solves for several right sides at once, from 0."""
    scale = 1.0 / np.sqrt(normal.diagonal())[:, None]
    solution = np.zeros_like(right)
    rest = right * scale
    way = rest.copy()
    size = (rest * rest).sum(0)
    for _ in range(_STEPS):
        step = scale * (normal @ (scale * way))
        length = size / np.maximum((way * step).sum(0), 1e-12)
        solution += length * way
        rest -= length * step
        new = (rest * rest).sum(0)
        way = rest + way * (new / np.maximum(size, 1e-12))
        size = new
    return solution * scale
