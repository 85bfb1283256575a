"""Heads from the side: contour and hair. The frame is that of `heads`; the face looks to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .canvas import Canvas, Shape
from .curves import smooth
from .strands import draw_lock, waved

if TYPE_CHECKING:
    from .hair import Hair


def profile_contour(bump: float, eye_y: float) -> np.ndarray:
    """The outline of a face from the side.

    Args:
        bump: float. Size of nose, lips and chin: 0.4 for a small nose, 1 for a natural one.
        eye_y: float. Height of the eyes, where the nose begins.
    """
    nose, front = 0.86 + 0.3 * bump, 0.86
    points = [
        (0.62, -0.88), (0.87, -0.45), (0.9, -0.1 + 0.3 * eye_y), (front - 0.04 * bump, eye_y), (nose, 0.52),
        (front + 0.02, 0.6),
        (front + 0.02 + 0.07 * bump, 0.7), (front - 0.03, 0.78), (front + 0.06 * bump, 0.86), (front - 0.08, 0.94),
        (front - 0.04 + 0.06 * bump, 1.08), (0.66, 1.2), (0.2, 1.04), (-0.12, 0.72), (-0.55, 0.62), (-0.92, 0.2),
        (-0.95, -0.4),
        (-0.5, -1.0), (0.1, -1.1),
    ]  # fmt: skip
    return smooth(points, corners=(4, 7))


def draw_profile_hair(canvas: Canvas, hair: Hair, skin: Shape) -> None:
    """Cap, locks in front of and behind the ear, and a fringe that falls forward."""
    random, v = canvas.random, hair.volume
    outer = [(-0.86 - 0.2 * v, 0.72), (-1.1 - 0.4 * v, -0.2), (-0.82 - 0.3 * v, -0.95 - 0.6 * v), (0, -1.2 - v),
             (0.62 + 0.2 * v, -1.02 - 0.6 * v), (0.92 + 0.15 * v, -0.55)]  # fmt: skip
    inner = [
        (0.82, -0.42),
        (0.56, -0.5),
        (0.36, -0.15),
        (0.22, 0.36),
        (0.06, 0.02),
        (-0.26, 0.0),
        (-0.34, 0.4),
        (-0.5, 0.8),
    ]
    outline = smooth([*outer, *inner], corners=(0, 5, 6, 9, 13))
    canvas.shadow(outline, skin, by=(0.03, 0.08))
    cap = canvas.fill(outline, hair.paint, line=0, wobble=False, is_shaded=canvas.style.shading != "cel")
    canvas.stroke(smooth(outer, closed=False), line=1.0, taper=0.2)
    for part in (inner[:4], inner[3:6], inner[5:]):
        canvas.stroke(smooth(part, closed=False), line=0.8)
    crown = np.array([-0.3, -1.05 - 0.8 * v])
    for end in [(-0.9, 0.3), (-0.6, 0.5), (-0.4, 0.1), (0.1, -0.2), (0.5, -0.6), (-0.95, -0.1)]:
        if random.random() < 0.4 + 0.6 * canvas.style.detail:
            middle = (crown + end) / 2 + np.array([0.25 * (end[0] + 0.3), -0.15])
            path = smooth([crown, middle, end], closed=False)
            canvas.stroke(path[int(random.integers(0, 8)) :], line=0.6, inside=cap)
    _behind_the_ear(canvas, hair, skin)
    if hair.fringe == "none":
        return
    root = np.array([0.15, -1.0 - 0.7 * v])
    for share in np.linspace(0, 1, 2 + hair.count // 2):
        tip = (0.3 + 0.68 * share, -0.1 + 0.5 * hair.low - 0.25 * share + 0.15 * random.uniform(-1, 1))
        bow = (0.35 + 0.62 * share, -0.75 + 0.1 * (1 - share))
        draw_lock(canvas, hair, [root, bow, tip], 0.36 * float(random.uniform(0.7, 1.1)), over=skin, root=0.3)


def _behind_the_ear(canvas: Canvas, hair: Hair, skin: Shape) -> None:
    random = canvas.random
    if hair.sides:
        low = 0.3 + hair.sides * float(random.uniform(0.6, 1.0))
        bone = waved([(0.2, -0.5), (0.26, 0.1), (0.2, 0.6 * low), (0.3, low)], hair.wave, random, is_path=False)
        draw_lock(canvas, hair, bone, 0.24, over=skin, root=0.35)
    for _ in range(int(random.integers(0, 4))):
        x = -float(random.uniform(0.35, 0.9))
        low = 0.7 + (hair.over or hair.sides) * float(random.uniform(0.4, 1.0))
        bone = [(x + 0.1, -0.4), (x - 0.05, 0.2), (x, 0.6 * low), (x + 0.15, low)]
        draw_lock(canvas, hair, waved(bone, hair.wave, random, is_path=False), 0.32, over=skin, root=0.4)
