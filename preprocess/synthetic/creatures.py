"""Animals and monsters. Unit: the creature's height; it stands at the origin and looks to the right."""

from __future__ import annotations

import numpy as np

from . import patterns
from .canvas import Canvas, Shape
from .curves import arc, ellipse, limb, smooth
from .paints import Paint, paint, pick, related

CREATURES = ("blob", "cat", "bird", "fish", "dragon", "robot", "bear", "ghost", "insect")


def draw_creature(canvas: Canvas, kind: str | None = None) -> None:
    """Draws one of `CREATURES`, by default any."""
    kind = kind or str(canvas.random.choice(CREATURES))
    with canvas.part("creature"):
        _DRAW[kind](canvas)


def _eye(canvas: Canvas, x: float, y: float, size: float, look: float = 0.3) -> None:
    if canvas.random.random() < 0.3:
        canvas.fill(ellipse(x, y, 0.5 * size, 0.65 * size), (26, 22, 28), line=0, is_shaded=False, part="iris")
        canvas.dab(ellipse(x - 0.15 * size, y - 0.25 * size, 0.16 * size), (255, 255, 255), is_flat=True)
        return
    canvas.fill(ellipse(x, y, size, 1.1 * size), "#fdfdff", line=0.8, is_shaded=False, part="eye white")
    iris = pick("eyes", canvas.random)
    canvas.fill(ellipse(x + look * size, y, 0.55 * size, 0.65 * size), iris, line=0.6, is_shaded=False, part="iris")
    canvas.dab(ellipse(x + look * size, y, 0.28 * size, 0.36 * size), (18, 14, 22), is_flat=True)
    canvas.dab(ellipse(x + (look - 0.2) * size, y - 0.28 * size, 0.16 * size), (255, 255, 255), is_flat=True)


def _belly(canvas: Canvas, on: Shape, outline: np.ndarray, color: Paint) -> None:
    canvas.fill(outline, color, line=0.8 if canvas.random.random() < 0.6 else 0.0)


def _skin(canvas: Canvas, kind: str) -> tuple[Paint, Paint, object]:
    random = canvas.random
    base = pick(kind, random)
    figures = patterns.random_pattern(random, color=base.shade) if random.random() < 0.3 else None
    return base, related(base.base, random), figures


def _blob(canvas: Canvas) -> None:
    random = canvas.random
    base, second, figures = _skin(canvas, "monster")
    wide = float(random.uniform(0.4, 0.7))
    points = [
        (-wide, 0.0),
        (-0.95 * wide, -0.4),
        (-0.55 * wide, -0.85),
        (0, -1.0),
        (0.55 * wide, -0.85),
        (0.95 * wide, -0.4),
        (wide, 0.0),
        (0, 0.06),
    ]
    if random.random() < 0.5:
        for side in (-1, 1):
            canvas.fill(
                limb(
                    [(side * 0.35 * wide, -0.85), (side * 0.6 * wide, -1.1), (side * 0.5 * wide, -1.3)],
                    [0.16, 0.12, 0.0],
                ),
                second,
            )
    for side in (-1, 1):
        canvas.fill(
            limb(
                [(side * 0.9 * wide, -0.45), (side * 1.2 * wide, -0.35), (side * 1.15 * wide, -0.12)],
                [0.14, 0.12, 0.14],
            ),
            base,
        )
    body = canvas.fill(smooth(points, corners=(0, 6)), base, pattern=figures)
    count = int(random.choice([1, 2, 2, 3]))
    for x in np.linspace(-0.35, 0.35, count) * wide * (count > 1):
        _eye(canvas, float(x) + 0.05, -0.65, 0.09 + 0.05 / count)
    mouth = smooth([(-0.25 * wide, -0.4), (0.0, -0.36), (0.3 * wide, -0.42), (0.05, -0.2)], corners=(0, 2))
    canvas.fill(mouth, "#7a2432", is_shaded=False, part="mouth")
    for x in (-0.12, 0.08):
        canvas.fill(
            np.array([(x * wide, -0.385), (x * wide + 0.07, -0.385), (x * wide + 0.035, -0.31)]),
            "#fbfaf2",
            line=0.7,
            is_shaded=False,
            part="mouth",
        )
    canvas.dab(ellipse(-0.4 * wide, -0.75, 0.1, 0.06, angle=-0.6), base.light, inside=body)


def _cat(canvas: Canvas) -> None:
    base, second, figures = _skin(canvas, "fur")
    canvas.fill(limb([(-0.45, -0.3), (-0.75, -0.45), (-0.7, -0.85), (-0.85, -1.0)], [0.1, 0.11, 0.1, 0.06]), base)
    for x in (-0.38, -0.2, 0.02, 0.18):
        canvas.fill(limb([(x, -0.25), (x + 0.02, 0.0)], [0.16, 0.14]), base)
    canvas.fill(smooth([(-0.52, -0.16), (-0.52, -0.4), (-0.25, -0.55), (0.15, -0.5), (0.3, -0.25), (0.2, -0.12),
                        (-0.2, -0.08)]), base,
                pattern=figures)  # fmt: skip
    head_x, head_y = 0.22, -0.68
    for side in (-1, 1):
        ear = np.array([(0.1, -0.16), (0.22, -0.42), (0.33, -0.06)]) * (side, 1) + (head_x, head_y)
        canvas.fill(smooth(ear, corners=(0, 1, 2)), base)
        canvas.fill(smooth(ear * 0.6 + 0.4 * ear.mean(axis=0), corners=(0, 1, 2)), "#eeb0b4", line=0.6)
    canvas.fill(
        smooth([(-0.12, -0.95), (0.22, -1.0), (0.56, -0.95), (0.62, -0.62), (0.22, -0.4), (-0.18, -0.62)]),
        base,
        pattern=figures,
    )
    for side in (-1, 1):
        _eye(canvas, head_x + 0.16 * side, head_y - 0.02, 0.075, 0.1)
    canvas.fill(
        smooth([(head_x - 0.04, -0.6), (head_x + 0.04, -0.6), (head_x, -0.565)], corners=(2,)), "#e58a94", line=0.7
    )
    canvas.stroke(
        smooth(
            [
                (head_x - 0.08, -0.54),
                (head_x - 0.03, -0.515),
                (head_x, -0.56),
                (head_x + 0.03, -0.515),
                (head_x + 0.08, -0.54),
            ],
            closed=False,
        ),
        line=0.8,
    )
    for side in (-1, 1):
        for dy in (-0.02, 0.03):
            canvas.stroke(
                np.array([(head_x + side * 0.2, -0.58 + dy), (head_x + side * 0.48, -0.61 + 2.5 * dy)]), line=0.5
            )
    canvas.fill(
        smooth([(0.0, -0.46), (0.22, -0.38), (0.45, -0.46), (0.44, -0.4), (0.22, -0.31), (0.0, -0.4)]), second, line=0.8
    )
    canvas.fill(ellipse(0.22, -0.32, 0.05), "#f0c63f", line=0.8)


def _bird(canvas: Canvas) -> None:
    base, second, _ = _skin(canvas, "toy")
    canvas.fill(
        smooth(
            [(-0.35, -0.4), (-0.75, -0.6), (-0.85, -0.45), (-0.72, -0.4), (-0.8, -0.25), (-0.3, -0.25)],
            corners=(1, 2, 3, 4),
        ),
        second,
    )
    for x in (-0.05, 0.12):
        canvas.stroke(
            np.array([(x, -0.15), (x + 0.02, 0.0), (x + 0.12, 0.02)]), line=1.6, color=(200, 130, 40), taper=0
        )
    canvas.fill(
        smooth(
            [
                (0.15, -0.95),
                (0.42, -0.8),
                (0.4, -0.5),
                (0.25, -0.2),
                (-0.1, -0.1),
                (-0.4, -0.3),
                (-0.15, -0.55),
                (-0.05, -0.85),
            ]
        ),
        base,
    )
    canvas.fill(
        smooth([(0.38, -0.55), (0.3, -0.28), (0.05, -0.15), (0.1, -0.4)]), related(base.base, canvas.random), line=0.7
    )
    wing = canvas.fill(
        smooth(
            [(0.05, -0.55), (-0.1, -0.6), (-0.5, -0.3), (-0.38, -0.26), (-0.4, -0.18), (-0.2, -0.2), (0.05, -0.3)],
            corners=(2, 3, 4),
        ),
        second,
    )
    for y in (-0.45, -0.35):
        canvas.stroke(smooth([(0.0, y), (-0.15, y + 0.08), (-0.32, y + 0.14)], closed=False), line=0.7, inside=wing)
    canvas.fill(smooth([(0.4, -0.76), (0.68, -0.68), (0.4, -0.62)], corners=(1,)), "#f0a030")
    _eye(canvas, 0.25, -0.75, 0.075)


def _fish(canvas: Canvas) -> None:
    base, second, figures = _skin(canvas, "toy")
    with canvas.frame(0, -0.5):
        canvas.fill(smooth([(-0.4, 0), (-0.75, -0.32), (-0.65, 0), (-0.78, 0.3)], corners=(1, 3)), second)
        canvas.fill(smooth([(-0.15, -0.25), (-0.05, -0.5), (0.25, -0.28)], corners=(0, 1, 2)), second)
        canvas.fill(
            smooth([(-0.5, 0), (-0.1, -0.32), (0.35, -0.26), (0.6, 0.02), (0.35, 0.27), (-0.1, 0.3)]),
            base,
            pattern=figures,
        )
        canvas.fill(smooth([(0.05, 0.05), (-0.15, 0.2), (-0.08, 0.02)], corners=(1,)), second)
        canvas.stroke(arc(0.18, 0.0, 0.1, 0.2, -1.2, 1.2), line=0.8)
        canvas.stroke(smooth([(0.57, 0.08), (0.48, 0.12), (0.42, 0.1)], closed=False), line=0.8)
        _eye(canvas, 0.38, -0.06, 0.075)


def _dragon(canvas: Canvas) -> None:
    base, second, figures = _skin(canvas, "monster")
    canvas.fill(limb([(-0.2, -0.15), (-0.6, -0.1), (-0.85, -0.3), (-0.8, -0.6)], [0.3, 0.2, 0.12, 0.0]), base)
    canvas.fill(np.array([(-0.86, -0.56), (-0.8, -0.75), (-0.7, -0.58)]), second)
    for shift, color in ((0.12, second), (0.0, second)):
        wing = [
            (-0.05 + shift, -0.5),
            (-0.35 + shift, -1.0),
            (-0.75 + shift, -0.95),
            (-0.6 + shift, -0.75),
            (-0.66 + shift, -0.55),
            (-0.4 + shift, -0.55),
            (-0.3 + shift, -0.38),
        ]
        shape = canvas.fill(smooth(wing, corners=(1, 2, 3, 4, 5)), color)
        canvas.stroke(np.array([(-0.35 + shift, -0.98), (-0.4 + shift, -0.56)]), line=0.8, inside=shape)
    for x in (-0.25, 0.15):
        canvas.fill(limb([(x, -0.25), (x + 0.03, -0.05), (x + 0.12, 0.0)], [0.22, 0.16, 0.12]), base)
    body = canvas.fill(
        smooth(
            [
                (-0.35, -0.1),
                (-0.35, -0.42),
                (0.0, -0.6),
                (0.15, -0.95),
                (0.35, -0.9),
                (0.32, -0.5),
                (0.25, -0.15),
                (0.0, -0.02),
            ]
        ),
        base,
        pattern=figures,
    )
    _belly(
        canvas,
        body,
        smooth([(0.3, -0.72), (0.33, -0.45), (0.22, -0.14), (0.08, -0.06), (0.16, -0.4)]),
        paint("#f3e2b0"),
    )
    for y in (-0.6, -0.45, -0.3, -0.17):
        canvas.stroke(np.array([(0.16, y), (0.31, y + 0.02)]), line=0.6)
    for x, y in ((0.05, -0.76), (-0.05, -0.6), (-0.22, -0.5)):
        canvas.fill(np.array([(x - 0.06, y + 0.07), (x - 0.05, y - 0.08), (x + 0.05, y)]), second)
    canvas.fill(limb([(0.18, -0.95), (0.05, -1.1), (-0.02, -1.22)], [0.08, 0.06, 0.0]), "#efe6cf")
    canvas.fill(
        smooth([(0.1, -0.98), (0.3, -1.08), (0.55, -0.95), (0.72, -0.86), (0.68, -0.76), (0.4, -0.74), (0.15, -0.78)]),
        base,
    )
    canvas.stroke(smooth([(0.7, -0.8), (0.5, -0.82), (0.36, -0.78)], closed=False), line=0.8)
    canvas.stroke(ellipse(0.64, -0.87, 0.015, detail=8), line=0.7)
    _eye(canvas, 0.36, -0.93, 0.06)


def _robot(canvas: Canvas) -> None:
    metal, glow = pick("metal", canvas.random), pick("toy", canvas.random)
    second = related(metal.base, canvas.random)

    def box(x: float, y: float, w: float, h: float) -> np.ndarray:
        return smooth([(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)], corners=range(4), detail=4)

    for x in (-0.18, 0.18):
        canvas.fill(box(x, -0.15, 0.07, 0.12), second)
        canvas.fill(smooth([(x - 0.15, 0), (x - 0.12, -0.1), (x + 0.12, -0.1), (x + 0.15, 0)], corners=(0, 3)), metal)
    for side in (-1, 1):
        canvas.fill(limb([(side * 0.3, -0.55), (side * 0.48, -0.42), (side * 0.46, -0.25)], [0.1, 0.1, 0.1]), second)
        canvas.fill(ellipse(side * 0.46, -0.2, 0.09), metal)
    canvas.fill(box(0, -0.45, 0.32, 0.22), metal)
    canvas.fill(box(0, -0.45, 0.18, 0.1), second, line=0.8)
    for x in (-0.1, 0.0, 0.1):
        canvas.fill(ellipse(x, -0.45, 0.03), pick("toy", canvas.random), line=0.7)
    canvas.fill(box(0, -0.7, 0.08, 0.05), second)
    canvas.stroke(np.array([(0, -0.98), (0, -1.12)]), line=1.3, taper=0)
    canvas.fill(ellipse(0, -1.14, 0.04), glow)
    canvas.fill(
        smooth(
            [(-0.28, -0.98), (0.28, -0.98), (0.34, -0.86), (0.28, -0.74), (-0.28, -0.74), (-0.34, -0.86)],
            corners=(0, 1, 3, 4),
        ),
        metal,
    )
    for x in (-0.12, 0.12):
        canvas.fill(ellipse(x, -0.88, 0.065), glow, line=0.9, is_shaded=False, part="iris")
        canvas.dab(ellipse(x - 0.02, -0.9, 0.02), (255, 255, 255), is_flat=True)
    canvas.stroke(np.array([(-0.12, -0.78), (0.12, -0.78)]), line=0.9, taper=0)


def _bear(canvas: Canvas) -> None:
    base, second, _ = _skin(canvas, "fur")
    for side in (-1, 1):
        canvas.fill(limb([(side * 0.25, -0.4), (side * 0.45, -0.25)], [0.2, 0.2]), base)
        canvas.fill(ellipse(side * 0.2, -0.06, 0.16, 0.1), base)
        canvas.fill(ellipse(side * 0.22, -0.05, 0.07, 0.05), second, line=0.6)
    body = canvas.fill(ellipse(0, -0.3, 0.34, 0.3), base)
    _belly(canvas, body, ellipse(0, -0.27, 0.2, 0.2), paint("#f6ead2"))
    for side in (-1, 1):
        canvas.fill(ellipse(side * 0.28, -0.97, 0.13), base)
        canvas.fill(ellipse(side * 0.28, -0.97, 0.07), second, line=0.7)
    canvas.fill(ellipse(0, -0.75, 0.4, 0.32), base)
    canvas.fill(ellipse(0, -0.65, 0.17, 0.12), "#f6ead2", line=0.7)
    canvas.fill(ellipse(0, -0.71, 0.06, 0.04), "#3a2a2a", line=0)
    canvas.stroke(smooth([(-0.07, -0.62), (0, -0.6), (0.07, -0.62)], closed=False), line=0.8)
    for side in (-1, 1):
        _eye(canvas, side * 0.17, -0.8, 0.055, 0.0)
    if canvas.random.random() < 0.5:
        canvas.fill(
            smooth([(-0.3, -0.52), (0, -0.46), (0.3, -0.52), (0.3, -0.42), (0, -0.36), (-0.3, -0.42)]),
            pick("cloth", canvas.random),
        )


def _ghost(canvas: Canvas) -> None:
    base = pick("plain", canvas.random) if canvas.random.random() < 0.6 else pick("monster", canvas.random)
    xs = np.linspace(0.45, -0.45, 7)
    hem = [(x, -0.08 - 0.14 * (i % 2)) for i, x in enumerate(xs)]
    canvas.fill(smooth([(0, -1.0), (0.32, -0.85), (0.42, -0.5), *hem, (-0.42, -0.5), (-0.32, -0.85)]), base)
    for side in (-1, 1):
        canvas.fill(ellipse(0.08 + side * 0.14, -0.66, 0.06, 0.1), (30, 26, 40), line=0, is_shaded=False, part="iris")
    canvas.fill(ellipse(0.08, -0.46, 0.07, 0.09), "#5a2a3f", line=0.7, is_shaded=False, part="mouth")


def _insect(canvas: Canvas) -> None:
    base, second, figures = _skin(canvas, "toy")
    for x in (-0.25, 0.0, 0.25):
        canvas.stroke(smooth([(x, -0.2), (x + 0.1, -0.12), (x + 0.12, 0.0)], closed=False), line=1.4)
    for shift in (-0.12, 0.08):
        wing = smooth([(shift, -0.45), (shift - 0.3, -1.0), (shift + 0.1, -1.05), (shift + 0.15, -0.7)])
        canvas.fill(wing, "#e3f2f5", line=0.8)
        canvas.stroke(smooth([(shift, -0.5), (shift - 0.08, -0.9)], closed=False), line=0.5)
    canvas.fill(ellipse(-0.1, -0.32, 0.42, 0.22), base, pattern=figures)
    canvas.fill(ellipse(0.36, -0.42, 0.2), second)
    for side in (-0.03, 0.1):
        canvas.stroke(
            smooth([(0.36 + side, -0.58), (0.45 + side, -0.75), (0.55 + side, -0.78)], closed=False), line=0.9
        )
    _eye(canvas, 0.42, -0.45, 0.07)


_DRAW = {"blob": _blob, "cat": _cat, "bird": _bird, "fish": _fish, "dragon": _dragon, "robot": _robot, "bear": _bear,
         "ghost": _ghost, "insect": _insect}  # fmt: skip
