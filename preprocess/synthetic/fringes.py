"""Fringes: locks over the forehead and the eyes. The frame is that of `heads`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .canvas import Canvas, Shape
from .curves import moved, smooth
from .heads import Face
from .strands import draw_lock

if TYPE_CHECKING:
    from .hair import Hair

FRINGES = ("locks", "parted", "blunt", "swept", "none")


def draw_fringe(canvas: Canvas, hair: Hair, face: Face, skin: Shape) -> None:
    """Draws the fringe of a hairdo and its shadow on the skin."""
    if hair.fringe != "none":
        _DRAW[hair.fringe](canvas, hair, face, skin)


def _locks(canvas: Canvas, hair: Hair, face: Face, skin: Shape) -> None:
    """Locks that fan out from the parting over the forehead."""
    random, turn = canvas.random, face.turn
    root = np.array([0.6 * hair.part + 0.2 * turn, -1.0 - 0.6 * hair.volume])
    xs = np.linspace(-0.92, 0.92, hair.count) + random.uniform(-0.5, 0.5, hair.count) / hair.count
    lean = float(random.uniform(-0.25, 0.25))
    order = np.argsort(-np.abs(xs - root[0])) if random.random() < 0.7 else random.permutation(hair.count)
    for x in xs[order]:
        away = x - root[0]
        edge = 1 - (abs(x) / 1.1) ** 2
        tip = np.array([x + lean + 0.22 * turn * edge,
                        -0.05 + hair.low * random.uniform(0.4, 1.1) + 0.35 * (1 - edge)])  # fmt: skip
        start = root + np.array([0.55 * away, 0.12 * abs(away)])
        bow = np.array([root[0] + 0.95 * away, 0.5 * (start[1] + tip[1]) - 0.08])
        wide = 2.1 / hair.count * float(random.uniform(0.75, 1.15)) + 0.1
        draw_lock(canvas, hair, [start, bow, tip], wide, over=skin, root=0.32)
    for _ in range(int(random.choice([0, 0, 1, 2, 3]))):  # thin strands across eyes and cheeks
        x = float(random.uniform(-0.7, 0.7))
        bone = [root + np.array([0.5 * (x - root[0]), 0.2]), (x, -0.35), (x + lean, 0.2),
                (x + lean + 0.15 * random.uniform(-1, 1), float(random.uniform(0.4, 0.95)))]  # fmt: skip
        draw_lock(canvas, hair, bone, float(random.uniform(0.05, 0.13)), over=skin, root=0.3)


def _parted(canvas: Canvas, hair: Hair, face: Face, skin: Shape) -> None:
    """Two curtains that leave the middle of the forehead free."""
    random, turn = canvas.random, face.turn
    root = np.array([0.7 * hair.part + 0.25 * turn, -1.0 - 0.6 * hair.volume])
    for side in (-1, 1):
        for number in range(int(random.integers(2, 5))):
            reach = 0.98 - 0.16 * number
            x = side * reach + (0.3 * turn if side < 0 else 0)
            low = 0.15 + 0.7 * hair.low + 0.4 * random.uniform(-0.3, 1) - 0.12 * number
            bone = [moved(root, 0.05 * side, 0.05 * number), (root[0] + 0.55 * (x - root[0]), -0.78), (x, -0.25),
                    (x + 0.06 * side * random.uniform(-1.5, 1), low)]  # fmt: skip
            draw_lock(canvas, hair, bone, float(random.uniform(0.2, 0.42)), over=skin, root=0.12)


def _swept(canvas: Canvas, hair: Hair, face: Face, skin: Shape) -> None:
    """All locks lead from one side of the forehead to the other."""
    random, turn = canvas.random, face.turn
    side = -1 if hair.part > 0 else 1
    root = np.array([-side * (0.35 + 0.4 * abs(hair.part)) + 0.2 * turn, -0.98 - 0.6 * hair.volume])
    for number in range(max(3, hair.count // 2 + 1)):
        share = number / max(2, hair.count // 2)
        x = side * (0.95 - 1.1 * share) + 0.2 * turn
        low = 0.3 - 0.35 * share + 0.5 * hair.low + random.uniform(-0.1, 0.1)
        bone = [moved(root, side * 0.1 * (1 - share), 0.1 * share), (root[0] + 0.6 * (x - root[0]),
                                                                     -0.68 + 0.1 * share),
                (x, low)]  # fmt: skip
        draw_lock(canvas, hair, bone, float(random.uniform(0.24, 0.44)), over=skin, root=0.18)


def _blunt(canvas: Canvas, hair: Hair, face: Face, skin: Shape) -> None:
    """Cut straight across the forehead."""
    random, turn = canvas.random, face.turn
    low = -0.12 + 0.4 * hair.low
    xs = np.linspace(0.9, -0.9 + 0.3 * turn, 2 * hair.count + 1)
    row = [(x, low + 0.1 * (x / 0.9) ** 2 - (0.07 if i % 2 else 0) * random.random()) for i, x in enumerate(xs)]
    outline = smooth([(-0.8 + 0.2 * turn, -0.7), (0.1 * turn, -1.0), (0.8, -0.7), *row],
                     corners=(0, 2, 3, 2 + len(row)))  # fmt: skip
    canvas.shadow(outline, skin, by=(0.03, 0.09))
    shape = canvas.fill(outline, hair.paint, line=0, is_shaded=False)
    canvas.stroke(smooth(row, closed=False), line=1.0, taper=0.2)
    for x in xs[1:-1]:
        top = -0.9 + 0.5 * random.random()
        canvas.stroke(smooth([(0.75 * x, top), (0.97 * x, 0.5 * (top + low)), (x, low)], closed=False), line=0.6,
                      inside=shape)  # fmt: skip


_DRAW = {"locks": _locks, "parted": _parted, "swept": _swept, "blunt": _blunt}
