"""What people wear in their hair and on their ears; the frame is that of `heads`."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .curves import ellipse, limb, smooth
from .paints import Paint, pick

ORNAMENTS = ("pin", "flower", "band", "horns", "headphones", "earrings", "star", "feather")
WORDS = {"pin": "hairclip", "flower": "hair_flower", "band": "hairband", "horns": "horns", "headphones": "headphones",
         "earrings": "earrings", "star": "hair_ornament", "feather": "hair_ornament"}  # fmt: skip


def draw_ornament(canvas: Canvas, kind: str, color: Paint) -> None:
    """Draws one of `ORNAMENTS` on a finished head."""
    with canvas.part("thing"):
        _DRAW[kind](canvas, color)


def _pin(canvas: Canvas, color: Paint) -> None:
    x, y = float(canvas.random.choice([-0.72, 0.72])), -0.42
    for shift in range(int(canvas.random.integers(1, 4))):
        canvas.fill(limb([(x - 0.16, y + 0.13 * shift), (x + 0.16, y + 0.13 * shift - 0.1)], [0.07, 0.07]), color)


def _flower(canvas: Canvas, color: Paint) -> None:
    x, y, size = float(canvas.random.choice([-0.8, 0.8])), -0.6, float(canvas.random.uniform(0.18, 0.32))
    for turn in np.linspace(0, 2 * np.pi, 5, endpoint=False) + canvas.random.uniform(0, 1):
        canvas.fill(ellipse(x + size * np.cos(turn), y + size * np.sin(turn), 0.75 * size, 0.55 * size,
                            angle=float(turn)),
                    color, line=0.8)  # fmt: skip
    canvas.fill(ellipse(x, y, 0.4 * size), "#f3c83a", line=0.8)


def _band(canvas: Canvas, color: Paint) -> None:
    v = 0.1
    canvas.fill(smooth([(-1.08, -0.42), (-0.8, -0.98 - v), (0, -1.22 - v), (0.8, -0.98 - v), (1.08, -0.42), (0.98,
                                                                                                             -0.4),
                        (0.7, -0.86 - v), (0, -1.06 - v), (-0.7, -0.86 - v), (-0.98, -0.4)], corners=(0, 4, 5, 9)),
                color)  # fmt: skip


def _horns(canvas: Canvas, color: Paint) -> None:
    curl = float(canvas.random.uniform(-0.3, 0.5))
    for side in (-1, 1):
        bone = [(side * 0.55, -0.95), (side * 0.85, -1.3), (side * (0.9 - curl), -1.75)]
        shape = canvas.fill(limb(bone, [0.34, 0.26, 0.0]), color)
        for y in (-1.1, -1.25, -1.4):
            canvas.stroke(smooth([(side * 0.5, y), (side * 0.75, y + 0.05), (side * 1.05, y - 0.05)],
                                 closed=False), line=0.5,
                          inside=shape)  # fmt: skip


def _headphones(canvas: Canvas, color: Paint) -> None:
    arch = [(-1.12, 0.0), (-1.15, -0.8), (0, -1.5), (1.15, -0.8), (1.12, 0.0), (1.02, 0.0), (1.0, -0.75), (0, -1.36),
            (-1.0, -0.75), (-1.02, 0.0)]  # fmt: skip
    canvas.fill(smooth(arch, corners=(0, 4, 5, 9)), color)
    for side in (-1, 1):
        canvas.fill(ellipse(side * 1.08, 0.22, 0.2, 0.34), color)
        canvas.fill(ellipse(side * 1.12, 0.22, 0.11, 0.22), pick("toy", canvas.random), line=0.8)


def _earrings(canvas: Canvas, color: Paint) -> None:
    is_ring = canvas.random.random() < 0.4
    for side in (-1, 1):
        if is_ring:
            ring = ellipse(side * 0.98, 0.72, 0.1)
            canvas.stroke(np.vstack([ring, ring[:1]]), line=0.9, color=color.base, taper=0)
        else:
            canvas.fill(smooth([(side * 0.98, 0.58), (side * 1.05, 0.78), (side * 0.98, 0.86), (side * 0.91,
                                                                                                0.78)], corners=(0,)),
                        color, line=0.8)  # fmt: skip


def _star(canvas: Canvas, color: Paint) -> None:
    turns = np.linspace(-np.pi / 2, 1.5 * np.pi, 11)[:-1]
    radius = 0.26 * np.where(np.arange(10) % 2 == 0, 1.0, 0.45)
    x = float(canvas.random.choice([-0.75, 0.75]))
    canvas.fill(np.stack([x + radius * np.cos(turns), -0.55 + radius * np.sin(turns)], 1), color)


def _feather(canvas: Canvas, color: Paint) -> None:
    side = float(canvas.random.choice([-1, 1]))
    middle = [(side * 0.85, -0.5), (side * 1.25, -0.9), (side * 1.35, -1.5)]
    shape = canvas.fill(smooth([middle[0], (side * 1.25, -0.75), (side * 1.5, -1.1), middle[2], (side * 1.05, -1.05)],
                               corners=(0, 3)), color)  # fmt: skip
    canvas.stroke(smooth(middle, closed=False), line=0.6, inside=shape)


_DRAW = {"pin": _pin, "flower": _flower, "band": _band, "horns": _horns, "headphones": _headphones,
         "earrings": _earrings,
         "star": _star, "feather": _feather}  # fmt: skip
