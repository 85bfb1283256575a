"""Heads of people: face, eyes, mouth, ears, glasses. Unit: half the width of the head; the chin is at y 1.2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from preprocess.synthetic.canvas import Canvas, Shape
from preprocess.synthetic.curves import arc, ellipse, smooth
from preprocess.synthetic.paints import Paint, mixed, paint, pick

WHITE = (252, 252, 255)


@dataclass(frozen=True)
class Face:
    """What a face looks like, chosen once.

    Attributes:
        turn: float in [-0.4, 0.4]. Where it looks: features move sideways, the far side gets narrower.
        chin, cheek: floats. Widths of the lower face.
        eyes: `large`, `narrow`, `round`, `dot` or `closed`.
        eye_size: float. Factor.
        mouth: `line`, `smile`, `open`, `small`, `teeth` or `cat`.
        skin, iris, brow: paints.
        ears: `human`, `pointed`, `cat` or `none`.
        has_blush: True for red cheeks.
        mood: float in [-1, 1]. From sad to angry brows.
        pupils: how they are inked: `black`, as a `ring`, or `none`.
    """

    turn: float
    chin: float
    cheek: float
    eyes: str
    eye_size: float
    mouth: str
    skin: Paint
    iris: Paint
    brow: Paint
    ears: str
    has_blush: bool
    mood: float
    pupils: str


def random_face(random: np.random.Generator, hair: Paint) -> Face:
    """A face that goes with a hair colour."""
    return Face(
        turn=float(random.uniform(-0.4, 0.4)), chin=float(random.uniform(0.12, 0.34)),
        cheek=float(random.uniform(0.7, 0.86)),
        eyes=str(random.choice(["large", "narrow", "round", "dot", "closed"], p=[0.5, 0.18, 0.16, 0.08, 0.08])),
        eye_size=float(random.uniform(0.72, 1.08)),
        mouth=str(random.choice(["line", "smile", "open", "small", "teeth", "cat"], p=[0.2, 0.3, 0.2, 0.15, 0.1,
            0.05])),
        skin=pick("skin", random), iris=pick("eyes", random), brow=paint(hair.shade),
        ears=str(random.choice(["human", "pointed", "cat", "none"], p=[0.7, 0.12, 0.08, 0.1])),
        has_blush=bool(random.random() < 0.45), mood=float(random.uniform(-1, 1)),
        pupils=str(random.choice(["black", "ring", "none"], p=[0.45, 0.25, 0.3])),
    )  # fmt: skip


def draw_face(canvas: Canvas, face: Face, hair: Paint) -> Shape:
    """Draws ears and face without hair; returns the face, on which hair may throw a shadow."""
    if face.ears in ("human", "pointed"):
        for side in (-1, 1):
            _ear(canvas, face, side)
    skin = canvas.fill(_contour(face), face.skin)
    if face.has_blush:
        red = mixed(face.skin.base, (235, 90, 100), 0.45)
        for side in (-1, 1):
            x = 0.55 * side + face.turn * 0.6
            canvas.dab(ellipse(x, 0.62, 0.17, 0.09), red, inside=skin, strength=0.6)
    for side in (-1, 1):
        far = 1 - 0.35 * abs(face.turn) * (side == np.sign(face.turn))
        x = side * 0.44 * far + face.turn * 0.62
        with canvas.frame(x, 0.28, face.eye_size * far, flip=side < 0):
            _eye(canvas, face, mirrored=side < 0)
        _brow(canvas, face, x, side * far)
    _nose(canvas, face)
    _mouth(canvas, face, skin)
    if face.ears == "cat":
        for side in (-1, 1):
            _cat_ear(canvas, side, hair)
    return skin


def draw_glasses(canvas: Canvas, face: Face, color: Paint) -> None:
    """Glasses: two frames that are lines alone."""
    shape = canvas.random.random()
    for side in (-1, 1):
        x = side * 0.44 + face.turn * 0.62
        outline = ellipse(x, 0.3, 0.34, 0.3 if shape < 0.5 else 0.24)
        canvas.dab(outline, (255, 255, 255), strength=0.22)
        canvas.stroke(np.vstack([outline, outline[:1]]), line=1.5, color=color.base, taper=0.0)
    middle = face.turn * 0.62
    canvas.stroke(arc(middle, 0.3, 0.1, 0.08, np.pi, 2 * np.pi), line=1.5, color=color.base, taper=0.0)


def _contour(face: Face) -> np.ndarray:
    turn, cheek, chin = face.turn, face.cheek, face.chin
    tip = 0.45 * turn
    left, right = 1 - 0.1 * max(-turn, 0), 1 - 0.1 * max(turn, 0)
    return smooth([
        (0, -1.08), (0.66 * right, -0.88), (0.97 * right, -0.2), (0.95 * right, 0.3), (cheek * right + 0.1 * turn,
            0.68),
        (0.42 * right + tip * 0.8, 1.03), (chin * 0.5 + tip, 1.19), (-chin * 0.5 + tip, 1.19),
        (-0.42 * left + tip * 0.8, 1.03),
        (-cheek * left + 0.1 * turn, 0.68), (-0.95 * left, 0.3), (-0.97 * left, -0.2), (-0.66 * left, -0.88),
    ])  # fmt: skip


def _ear(canvas: Canvas, face: Face, side: int) -> None:
    with canvas.frame(side * 0.95, 0.28, flip=side < 0):
        if face.ears == "pointed":
            canvas.fill(
                smooth([(-0.1, -0.15), (0.2, -0.28), (0.72, -0.5), (0.32, 0.12), (-0.05, 0.3)], corners=(2,)), face.skin
            )
            canvas.stroke(smooth([(0.05, 0.05), (0.25, -0.12), (0.5, -0.34)], closed=False), line=0.6)
            return
        canvas.fill(
            smooth([(-0.1, -0.2), (0.1, -0.28), (0.22, -0.1), (0.14, 0.18), (-0.02, 0.3), (-0.1, 0.2)]), face.skin
        )
        canvas.stroke(smooth([(0.12, -0.12), (0.04, 0.0), (0.08, 0.14)], closed=False), line=0.6)


def _cat_ear(canvas: Canvas, side: int, fur: Paint) -> None:
    with canvas.frame(side * 0.66, -0.85, flip=side < 0):
        canvas.fill(smooth([(-0.3, 0.1), (-0.12, -0.5), (0.3, -0.85), (0.42, -0.2), (0.36, 0.3)], corners=(2,)), fur)
        canvas.fill(
            smooth([(-0.1, 0.0), (0.0, -0.36), (0.24, -0.6), (0.28, -0.15), (0.22, 0.15)], corners=(2,)),
            "#f2b5b5",
            line=0.6,
        )


def _eye(canvas: Canvas, face: Face, *, mirrored: bool) -> None:
    """An eye around the origin; its outer corner is on the right."""
    lash = (30, 22, 30) if canvas.style.line_color == "black" else face.brow.line
    if face.eyes == "closed":
        up = canvas.random.random() < 0.5
        curve = [(-0.26, 0.04), (0, 0.16), (0.27, 0.0)] if not up else [(-0.26, 0.1), (0, -0.1), (0.27, 0.1)]
        canvas.stroke(smooth(curve, closed=False), line=2.2, color=lash)
        return
    if face.eyes == "dot":
        canvas.fill(ellipse(0, 0.05, 0.11, 0.16), (28, 24, 30), line=0, is_shaded=False)
        canvas.dab(ellipse(-0.03, -0.02, 0.035, 0.045), WHITE, is_flat=True)
        return
    tall = {"large": 0.36, "narrow": 0.2, "round": 0.36}[face.eyes]
    wide = {"large": 0.3, "narrow": 0.31, "round": 0.28}[face.eyes]
    if face.eyes == "round":
        white = canvas.fill(ellipse(0, 0, wide, tall), WHITE, line=0.9, is_shaded=False)
    else:
        lid = smooth([(-wide, 0.4 * tall), (-0.5 * wide, -0.75 * tall), (0.3 * wide, -tall), (wide, -0.35 * tall),
                      (0.75 * wide, 0.7 * tall), (0.0, tall), (-0.6 * wide, 0.85 * tall)], corners=(0, 3))  # fmt: skip
        white = canvas.fill(lid, WHITE, line=0.5, is_shaded=False)
        canvas.dab(lid - np.array([0, 1.25 * tall]), (205, 205, 222), inside=white)
    x = -0.04 + 0.25 * face.turn * (-1 if mirrored else 1)
    _iris(canvas, face, white, x, tall)
    if face.eyes == "round":
        canvas.stroke(arc(0, 0, wide, tall, np.pi * 1.08, np.pi * 1.92), line=1.8, color=lash)
        return
    top = smooth([(-wide * 1.05, 0.35 * tall), (-0.5 * wide, -0.78 * tall), (0.3 * wide, -1.02 * tall), (wide * 1.12,
        -0.25 * tall)],
                 closed=False)  # fmt: skip
    canvas.stroke(top, line=2.6, color=lash, taper=0.75)
    canvas.stroke(smooth([(0.55 * wide, -0.85 * tall), (1.05 * wide, -0.6 * tall), (1.35 * wide, -0.5 * tall)],
                         closed=False),
                  line=1.4, color=lash)  # fmt: skip
    canvas.stroke(smooth([(-0.3 * wide, 1.0 * tall), (0.3 * wide, 1.0 * tall), (0.75 * wide, 0.7 * tall)],
                         closed=False),
                  line=0.8, color=lash)  # fmt: skip
    if canvas.random.random() < 0.6:
        canvas.stroke(
            smooth([(-0.6 * wide, -1.15 * tall), (0.2 * wide, -1.36 * tall), (0.95 * wide, -0.8 * tall)], closed=False),
            line=0.6,
        )


def _iris(canvas: Canvas, face: Face, white: Shape, x: float, tall: float) -> None:
    """Iris, pupil and highlights, cut off by the lids."""
    ry = 0.92 * tall if face.eyes != "narrow" else 1.05 * tall
    rx = 0.68 * ry if face.eyes == "large" else 0.8 * ry
    iris = _inside(ellipse(x, 0.02, rx, ry), white, canvas)
    dark, bright = mixed(face.iris.base, (20, 14, 34), 0.62), mixed(face.iris.base, (255, 255, 255), 0.28)
    shape = canvas.fill(iris, paint(dark), line=0.5, is_shaded=False, fade=bright, wobble=False)
    black = mixed(dark, (10, 8, 16), 0.6)
    pupil = ellipse(x, -0.02, 0.45 * rx, 0.45 * ry)
    canvas.dab(pupil, black, inside=shape, is_flat=True, ink=255 if face.pupils == "black" else None)
    if face.pupils == "ring":
        canvas.stroke(np.vstack([pupil, pupil[:1]]), line=0.5, inside=shape, taper=0.2)
    if face.eyes == "large" and canvas.random.random() < 0.7:
        canvas.dab(
            ellipse(x, 0.6 * ry, 0.5 * rx, 0.22 * ry), mixed(bright, (255, 255, 255), 0.4), inside=shape, strength=0.7
        )
    for spot in (
        ellipse(x - 0.38 * rx, -0.42 * ry, 0.3 * rx, 0.26 * ry),
        ellipse(x + 0.4 * rx, 0.38 * ry, 0.16 * rx, 0.14 * ry),
    ):
        canvas.dab(spot, (255, 255, 255), is_flat=True, ink=0)


def _inside(outline: np.ndarray, shape: Shape, canvas: Canvas) -> np.ndarray:
    """The part of an outline that lies within the upper and lower edge of a shape, in the same frame."""
    limits = canvas.to_frame(shape.pixels)
    order = np.argsort(limits[:, 0])
    xs, ys = limits[order].T
    upper, lower = ys < np.median(ys), ys >= np.median(ys)
    clipped = outline.copy()
    clipped[:, 0] = np.clip(clipped[:, 0], xs[0], xs[-1])
    clipped[:, 1] = np.maximum(clipped[:, 1], np.interp(clipped[:, 0], xs[upper], ys[upper]))
    clipped[:, 1] = np.minimum(clipped[:, 1], np.interp(clipped[:, 0], xs[lower], ys[lower]))
    return clipped


def _brow(canvas: Canvas, face: Face, x: float, side: float) -> None:
    tilt = 0.1 * face.mood
    y = -0.16 - 0.12 * face.eye_size
    path = smooth(
        [(x - 0.26 * side, y + 0.06 + tilt), (x + 0.05 * side, y - 0.03), (x + 0.3 * side, y + 0.06 - tilt)],
        closed=False,
    )
    canvas.stroke(path, line=1.6, color=face.brow.base, taper=0.8)


def _nose(canvas: Canvas, face: Face) -> None:
    x = face.turn * 0.85
    kind = canvas.random.random()
    if kind < 0.4:
        canvas.stroke(
            smooth([(x + 0.02, 0.58), (x + 0.06 * np.sign(face.turn + 1e-6), 0.66), (x - 0.02, 0.67)], closed=False),
            line=0.7,
        )
    elif kind < 0.7:
        canvas.stroke(np.array([(x - 0.02, 0.64), (x + 0.03, 0.66)]), line=0.8)
    else:
        canvas.stroke(smooth([(x, 0.38), (x + 0.08, 0.6), (x - 0.05, 0.66)], closed=False), line=0.7)


def _mouth(canvas: Canvas, face: Face, skin: Shape) -> None:
    x, y = face.turn * 0.68, 0.86
    if face.mouth == "line":
        canvas.stroke(smooth([(x - 0.15, y), (x, y + 0.01), (x + 0.15, y - 0.01)], closed=False), line=0.9)
    elif face.mouth == "small":
        canvas.stroke(smooth([(x - 0.07, y), (x, y + 0.03), (x + 0.07, y)], closed=False), line=1.0)
    elif face.mouth == "smile":
        canvas.stroke(smooth([(x - 0.24, y - 0.04), (x, y + 0.07), (x + 0.24, y - 0.04)], closed=False), line=1.1)
    elif face.mouth == "cat":
        canvas.stroke(smooth([(x - 0.2, y - 0.03), (x - 0.1, y + 0.05), (x, y - 0.02), (x + 0.1, y + 0.05), (x + 0.2,
            y - 0.03)],
                             closed=False), line=1.0)  # fmt: skip
    else:
        lips = smooth([(x - 0.24, y - 0.05), (x, y - 0.02), (x + 0.24, y - 0.05), (x + 0.14, y + 0.13), (x,
            y + 0.18), (x - 0.14, y + 0.13)],
                      corners=(0, 2))  # fmt: skip
        if face.mouth == "teeth":
            canvas.fill(lips, WHITE, line=0.9, is_shaded=False)
            canvas.stroke(np.array([(x - 0.19, y + 0.04), (x + 0.19, y + 0.04)]), line=0.5)
            return
        inside = canvas.fill(lips, "#8f2f3a", line=0.9, is_shaded=False)
        canvas.dab(ellipse(x, y + 0.16, 0.13, 0.08), (228, 110, 110), inside=inside, is_flat=True)
