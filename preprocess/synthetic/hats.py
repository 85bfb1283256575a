"""What people wear on their heads; the frame is that of `heads`."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .curves import ellipse, smooth
from .paints import Paint, pick


def draw_hat(canvas: Canvas, kind: str, color: Paint) -> None:
    """Draws a `cap`, `wizard`, `straw`, `beanie`, `crown`, `bow`, `hood` or `helmet`."""
    band = pick("cloth", canvas.random)
    if kind == "cap":
        canvas.fill(
            smooth([(-1.08, -0.42), (-0.95, -1.1), (0, -1.5), (0.95, -1.1), (1.08, -0.42), (0, -0.66)], corners=(0, 4)),
            color,
        )
        canvas.stroke(smooth([(0, -1.48), (0.06, -1.1), (0.04, -0.68)], closed=False), line=0.7)
        canvas.fill(
            smooth([(-1.0, -0.5), (0, -0.8), (1.0, -0.5), (0.75, -0.22), (0, -0.42), (-0.75, -0.22)], corners=(0, 2)),
            band,
        )
    elif kind == "wizard":
        canvas.fill(
            smooth([(-0.82, -0.7), (-0.35, -1.7), (0.35, -2.6), (0.5, -1.6), (0.85, -0.7), (0, -0.5)], corners=(2,)),
            color,
        )
        canvas.fill(
            smooth([(-0.84, -0.85), (0, -0.68), (0.84, -0.85), (0.86, -0.62), (0, -0.45), (-0.86, -0.62)]), band
        )
        canvas.fill(
            smooth(
                [(-1.75, -0.55), (-0.8, -0.72), (0, -0.52), (0.8, -0.72), (1.75, -0.55), (0, -0.28)], corners=(0, 4)
            ),
            color,
        )
    elif kind == "straw":
        canvas.fill(
            smooth([(-0.85, -0.72), (-0.75, -1.35), (0, -1.55), (0.75, -1.35), (0.85, -0.72), (0, -0.6)]), "#e8c878"
        )
        canvas.fill(
            smooth([(-0.85, -0.92), (0, -0.82), (0.85, -0.92), (0.86, -0.66), (0, -0.56), (-0.86, -0.66)]), band
        )
        canvas.fill(smooth([(-1.7, -0.62), (-0.85, -0.74), (0, -0.62), (0.85, -0.74), (1.7, -0.62), (0.9, -0.4), (0,
            -0.34), (-0.9, -0.4)]),
                    "#f0d48a")  # fmt: skip
    elif kind == "beanie":
        canvas.fill(smooth([(-1.1, -0.5), (-0.9, -1.15), (0, -1.55), (0.9, -1.15), (1.1, -0.5), (0, -0.62)]), color)
        canvas.fill(smooth([(-1.14, -0.42), (-1.1, -0.74), (0, -0.9), (1.1, -0.74), (1.14, -0.42), (0, -0.58)]), band)
        canvas.fill(ellipse(0, -1.58, 0.24), band)
    elif kind == "crown":
        xs = np.linspace(0.7, -0.7, 7)
        tips = [(x, -1.55 - 0.25 * (i % 2 == 0) - 0.1 * (1 - abs(x))) for i, x in enumerate(xs)]
        canvas.fill(np.array([(-0.66, -0.95), (0, -0.85), (0.66, -0.95), *tips]), "#eec23f")
        for x in (-0.4, 0.0, 0.4):
            canvas.fill(ellipse(x, -1.08, 0.08), band)
    elif kind == "bow":
        side = 0.55 if canvas.random.random() < 0.5 else -0.55
        with canvas.frame(side, -1.15, angle=0.5 * side):
            for flip in (False, True):
                with canvas.frame(0, 0, flip=flip):
                    canvas.fill(
                        smooth([(0, 0), (0.3, -0.34), (0.72, -0.3), (0.7, 0.28), (0.3, 0.26)], corners=(0,)), color
                    )
                    canvas.stroke(smooth([(0.1, 0), (0.3, -0.04)], closed=False), line=0.6)
            canvas.fill(ellipse(0, 0, 0.14, 0.17), color)
    elif kind == "hood":
        hood = [(-1.3, 1.3), (-1.38, -0.2), (-0.9, -1.25), (0, -1.6), (0.9, -1.25), (1.38, -0.2), (1.3, 1.3), (1.0,
            1.1), (1.02, -0.1),
                (0.66, -0.78), (0, -0.95), (-0.66, -0.78), (-1.02, -0.1), (-1.0, 1.1)]  # fmt: skip
        canvas.fill(smooth(hood, corners=(0, 6, 7, 13)), color)
    else:
        metal = pick("metal", canvas.random)
        canvas.fill(smooth([(-1.12, 0.1), (-1.1, -0.8), (0, -1.5), (1.1, -0.8), (1.12, 0.1), (0.86, 0.1), (0.8,
            -0.4), (0, -0.6), (-0.8, -0.4),
                            (-0.86, 0.1)], corners=(0, 4, 5, 9)), metal)  # fmt: skip
        canvas.fill(
            smooth([(-0.12, -0.58), (-0.12, -1.5), (0.12, -1.5), (0.12, -0.58), (0, -0.3)], corners=(0, 3)), color
        )
