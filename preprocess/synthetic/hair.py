"""Hair: a part behind the head, a cap with a fringe in front, strands and shine. The frame is that of `heads`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from preprocess.synthetic.canvas import Canvas, Shape
from preprocess.synthetic.curves import ellipse, limb, locks, smooth
from preprocess.synthetic.heads import Face
from preprocess.synthetic.paints import Paint, mixed, pick

BACKS = ("short", "bob", "long", "twin tails", "ponytail", "spiky", "bun", "curly", "none")


@dataclass(frozen=True)
class Hair:
    """A hairdo, chosen once.

    Attributes:
        back: one of `BACKS`.
        fringe: int. Locks over the forehead; 0 leaves it free.
        low: float. How far the fringe hangs.
        sides: float. Length of the strands beside the face; 0 for none.
        length: float. Of what hangs behind.
        paint: its colour.
        tips: colour of the ends, or None.
    """

    back: str
    fringe: int
    low: float
    sides: float
    length: float
    paint: Paint
    tips: tuple[int, int, int] | None


def random_hair(random: np.random.Generator) -> Hair:
    """Any hairdo."""
    color = pick("hair", random)
    tips = None
    if random.random() < 0.25:
        tips = mixed(color.base, pick("hair", random).base, 0.6) if random.random() < 0.5 else color.shade
    return Hair(
        back=str(random.choice(BACKS, p=[0.16, 0.15, 0.22, 0.1, 0.1, 0.1, 0.06, 0.07, 0.04])),
        fringe=int(random.integers(0, 9)), low=float(random.uniform(0.15, 0.5)),
        sides=float(random.choice([0.0, 0.5, 0.9, 1.4])), length=float(random.uniform(0.8, 3.2)), paint=color,
        tips=tips,
    )  # fmt: skip


def draw_back(canvas: Canvas, hair: Hair) -> None:
    """What lies behind head and body."""
    random = canvas.random
    if hair.back == "none":
        return
    if hair.back in ("twin tails", "ponytail"):
        sides = (-1, 1) if hair.back == "twin tails" else (int(random.choice([-1, 1])),)
        for side in sides:
            _tail(canvas, hair, side)
    if hair.back == "bun":
        canvas.fill(ellipse(0.2, -1.35, 0.5, 0.45), hair.paint)
        canvas.stroke(smooth([(-0.1, -1.3), (0.2, -1.55), (0.5, -1.4)], closed=False), line=0.7)
    if hair.back == "curly":
        turns = np.linspace(np.pi * 0.75, np.pi * 2.25, 13)
        for turn in turns:
            canvas.fill(ellipse(1.08 * np.cos(turn), 0.05 + 1.1 * np.sin(turn), 0.36, 0.36), hair.paint)
        return
    if hair.back == "spiky":
        _spikes(canvas, hair)
        return
    low = {"short": 0.55, "bob": 1.25, "long": 1.2 + hair.length}.get(hair.back, 0.6)
    flare = {"long": 0.15 * min(hair.length, 2), "bob": 0.12}.get(hair.back, 0.0)
    right, left = (1.1 + flare, low), (-1.1 - flare, low)
    tips, corners = locks(
        right, left, int(random.integers(4, 9)), 0.12 + 0.1 * low, random, lean=float(random.uniform(-0.3, 0.3))
    )
    points = [(0, -1.25), (0.8, -0.95), (1.12, -0.1), (1.14 + 0.5 * flare, 0.5 * low), right, *tips, left,
              (-1.14 - 0.5 * flare, 0.5 * low), (-1.12, -0.1), (-0.8, -0.95)]  # fmt: skip
    shape = canvas.fill(smooth(points, corners=[5 + i for i in corners]), hair.paint, fade=hair.tips)
    for x in random.uniform(-0.9, 0.9, int(random.integers(2, 7))):
        path = smooth([(x * 0.8, 0.3 * low), (x, 0.7 * low), (x * 1.1, low)], closed=False)
        canvas.stroke(path, line=0.6, inside=shape)


def draw_front(canvas: Canvas, hair: Hair, face: Face, skin: Shape) -> None:
    """The cap with its fringe, strands beside the face, shadows on the skin, and shine."""
    if hair.back == "none":
        return
    random = canvas.random
    turn = face.turn
    if hair.sides:
        for side in (-1, 1):
            _side_strand(canvas, hair, side, skin)
    right, left = (1.0, 0.12), (-1.0, 0.12)
    if hair.fringe == 0:
        row = np.array(
            [(0.86, -0.25), (0.5 + 0.3 * turn, -0.62), (0.3 * turn, -0.7), (-0.5 + 0.3 * turn, -0.62), (-0.86, -0.25)]
        )
        corners: list[int] = []
    else:
        start, end = (0.88, -0.22), (-0.88, -0.22)
        row, corners = locks(start, end, hair.fringe, hair.low, random, lean=float(random.uniform(-0.5, 0.5)))
        row = np.vstack([[start], row, [end]])
        corners = [0, *(i + 1 for i in corners), len(row) - 1]
        row[:, 1] -= 0.22 * (1 - (row[:, 0] / 0.9) ** 2)
    points = [(-0.05, -1.32), (0.72, -1.08), (1.1, -0.4), right, *row, left, (-1.1, -0.4), (-0.78, -1.06)]
    outline = smooth(points, corners=[3, *(4 + i for i in corners), 4 + len(row)])
    canvas.shadow(outline, skin, by=(0.04, 0.09))
    cap = canvas.fill(outline, hair.paint, is_shaded=hair.tips is None)
    _strands(canvas, cap, turn)
    if random.random() < 0.55:
        _shine(canvas, hair, cap)
    if random.random() < 0.25:
        canvas.stroke(smooth([(-0.05, -1.3), (0.2, -1.6), (0.5, -1.55)], closed=False), line=1.0, color=hair.paint.line)


def _strands(canvas: Canvas, cap: Shape, turn: float) -> None:
    crown = np.array([0.25 * turn, -1.2])
    for x in np.sort(canvas.random.uniform(-0.85, 0.85, int(canvas.random.integers(2, 8)))):
        end = np.array([x, -0.15 + 0.2 * canvas.random.random()])
        middle = (crown + end) / 2 + (0.28 * x, -0.1)
        path = smooth([crown + np.array([0.15 * x, 0.1]), middle, end], closed=False)
        first = int(canvas.random.integers(0, len(path) // 2))
        canvas.stroke(path[first:], line=0.65, inside=cap)


def _shine(canvas: Canvas, hair: Hair, cap: Shape) -> None:
    xs = np.linspace(-0.85, 0.85, 19)
    top = -0.78 + 0.16 * (xs / 0.85) ** 2
    zigzag = top + 0.16 + 0.07 * (np.arange(19) % 2)
    outline = np.vstack([np.stack([xs, top], 1), np.stack([xs, zigzag], 1)[::-1]])
    canvas.dab(outline, hair.paint.light, inside=cap, strength=float(canvas.random.uniform(0.5, 1.0)))


def _side_strand(canvas: Canvas, hair: Hair, side: int, skin: Shape) -> None:
    low = 0.2 + hair.sides
    sway = 0.12 * canvas.random.uniform(-1, 1)
    points = [(0.7, -0.5), (1.08, -0.35), (1.1, 0.4 * low), (0.98 + sway, low), (0.82, 0.4 * low), (0.76, 0.0)]
    outline = smooth([(side * x, y) for x, y in points], corners=(3,))
    canvas.shadow(outline, skin, by=(0.04, 0.08))
    shape = canvas.fill(outline, hair.paint, fade=hair.tips)
    canvas.stroke(
        smooth([(side * 0.9, -0.2), (side * 0.96, 0.3 * low), (side * 0.97, 0.8 * low)], closed=False),
        line=0.6,
        inside=shape,
    )


def _tail(canvas: Canvas, hair: Hair, side: int) -> None:
    random = canvas.random
    reach, length = random.uniform(0.5, 1.1), 0.9 + hair.length
    bone = [(side * 0.9, -0.75), (side * (1.2 + 0.6 * reach), -0.3), (side * (1.25 + 0.5 * reach), 0.5 * length),
            (side * (1.1 + 0.9 * reach), length)]  # fmt: skip
    shape = canvas.fill(limb(bone, [0.35, 0.75, 0.7, 0.0]), hair.paint, fade=hair.tips)
    for shift in (-0.12, 0.1):
        canvas.stroke(smooth(np.array(bone) + np.array([shift, 0.1]), closed=False)[4:-6], line=0.6, inside=shape)
    canvas.fill(ellipse(side * 0.95, -0.72, 0.17, 0.22), pick("cloth", random))


def _spikes(canvas: Canvas, hair: Hair) -> None:
    random = canvas.random
    count = int(random.integers(7, 14))
    points: list[tuple[float, float]] = []
    turns = np.linspace(np.pi * 0.78, np.pi * 2.22, 2 * count + 1)
    for number, turn in enumerate(turns):
        radius = 1.06 if number % 2 == 0 else 1.28 + 0.35 * random.random()
        points.append((radius * np.cos(turn), 0.0 + 1.1 * radius * np.sin(turn)))
    canvas.fill(smooth(points, corners=range(1, len(points), 2), closed=True), hair.paint)
