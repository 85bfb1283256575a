"""Heads of people: contour, ears, brows and nose; eyes and mouths have files of their own.

Unit: half the width of the head; the chin is at y 1.2. Heads look to the viewer or to the right; to the left they look
in a mirrored frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .canvas import Canvas, Shape
from .curves import arc, ellipse, limb, smooth
from .eyes import Eyes, draw_eye, random_eyes
from .mouths import MOUTHS, draw_beard, draw_mouth
from .paints import Paint, mixed, paint, pick
from .profiles import profile_contour

MANNERS = ("anime", "comic", "cartoon")
_WHITE = (252, 252, 255)


@dataclass(frozen=True)
class Face:
    """What a face looks like, chosen once.

    Attributes:
        manner: one of `MANNERS`: large eyes and a pointed chin, natural, or round and simple.
        turn: float in [0, 1]. 0 looks to the viewer, 0.8 nearly to the right, 1 is a profile.
        chin, cheek: floats. Width of the chin and of the lower face.
        eyes, eye_y: their look and height.
        mouth: one of `MOUTHS`.
        nose: `hook`, `dot`, `bridge`, `nostrils`, `button` or `none`.
        skin, brow: paints.
        brow_weight: float. Thickness; from 0.035 up brows are shapes of their own.
        ears: `human`, `pointed`, `cat` or `none`.
        blush: `none`, `soft` or `strokes`.
        mood: float in [-1, 1]. From sad to angry brows.
        beard: `none`, `stubble`, `moustache` or `full`.
        marks: `none`, `freckles`, `scar` or `mole`.
    """

    manner: str
    turn: float
    chin: float
    cheek: float
    eyes: Eyes
    eye_y: float
    mouth: str
    nose: str
    skin: Paint
    brow: Paint
    brow_weight: float
    ears: str
    blush: str
    mood: float
    beard: str
    marks: str

    @property
    def is_profile(self) -> bool:
        """True for a face from the side: one eye, and nose and lips in the contour."""
        return self.turn >= 1

    @property
    def sides(self) -> tuple[int, ...]:
        """Which eyes are seen: -1 is the near one."""
        return (-1,) if self.is_profile else (-1, 1)


def random_face(random: np.random.Generator, hair: Paint) -> Face:
    """A face that goes with a hair colour."""
    manner = str(random.choice(MANNERS, p=[0.55, 0.25, 0.2]))
    is_anime = manner == "anime"
    noses = {"anime": (0.3, 0.25, 0.15, 0.08, 0.0, 0.22), "comic": (0.2, 0.0, 0.4, 0.4, 0.0, 0.0),
             "cartoon": (0.3, 0.1, 0.1, 0.1, 0.35, 0.05)}[manner]  # fmt: skip
    return Face(
        manner=manner, turn=float(random.choice([0.0, random.uniform(0.05, 0.4), random.uniform(0.4, 0.85), 1.0],
                                                p=[0.25, 0.34, 0.31, 0.1])),
        chin=float(random.uniform(0.06, 0.2) if is_anime else random.uniform(0.2, 0.5)),
        cheek=float(random.uniform(0.7, 0.82) if is_anime else random.uniform(0.72, 0.92)),
        eyes=random_eyes(random, manner),
        eye_y=float(random.uniform(0.2, 0.34) if is_anime else random.uniform(0.06, 0.22)),
        mouth=str(random.choice(MOUTHS, p=[0.18, 0.24, 0.14, 0.04, 0.18, 0.08, 0.08, 0.06] if manner != "comic"
                                else [0.24, 0.16, 0.04, 0.0, 0.1, 0.06, 0.1, 0.3])),
        nose=str(random.choice(["hook", "dot", "bridge", "nostrils", "button", "none"], p=noses)),
        skin=pick("skin", random), brow=paint(hair.shade),
        brow_weight=float(random.uniform(0.015, 0.09) if random.random() < 0.7 else 0.02),
        ears=str(random.choice(["human", "pointed", "cat", "none"], p=[0.74, 0.1, 0.08, 0.08])),
        blush=str(random.choice(["none", "soft", "strokes"], p=[0.55, 0.33, 0.12])), mood=float(random.uniform(-1, 1)),
        beard=str(random.choice(["none", "stubble", "moustache", "full"],
                                p=[0.97, 0.01, 0.01, 0.01] if is_anime else [0.8, 0.06, 0.07, 0.07])),
        marks=str(random.choice(["none", "freckles", "scar", "mole"], p=[0.86, 0.06, 0.03, 0.05])),
    )  # fmt: skip


def draw_face(canvas: Canvas, face: Face, hair: Paint) -> Shape:
    """Draws ears and face without hair; returns the face, on which hair may throw a shadow."""
    with canvas.part("skin"):
        if face.ears in ("human", "pointed"):
            if face.turn < 0.45:
                _ear(canvas, face, 1)
            if face.turn < 0.3:
                _ear(canvas, face, -1)
        skin = canvas.fill(contour(face), face.skin, wobble=False, depth=0.45)
        if face.ears in ("human", "pointed") and face.turn >= 0.3:
            _ear(canvas, face, -1)
        _cheeks(canvas, face, skin)
        _nose(canvas, face, skin)
    if face.beard != "none":
        draw_beard(canvas, face, hair, skin)
    draw_mouth(canvas, face)
    for side in face.sides:
        x, y, narrow = eye_place(face, side)
        with canvas.frame(x, y, flip=side < 0):
            eyes = replace(face.eyes, wide=face.eyes.wide * narrow)
            draw_eye(canvas, eyes, face.skin, gaze=side * (face.eyes.gaze * (1 - face.turn) + 0.9 * face.turn))
    draw_brows(canvas, face, is_line=False)
    return skin


def draw_brows(canvas: Canvas, face: Face, *, is_line: bool) -> None:
    """Both brows, as shapes or, over hair, as lines alone."""
    for side in face.sides:
        x, y, narrow = eye_place(face, side)
        y -= face.eyes.tall * 1.15 + 0.13
        half, tilt = 0.3 * narrow, 0.09 * face.mood
        bone = [(x - side * half, y + 0.05 + tilt), (x + side * 0.05, y - 0.035), (x + side * half, y + 0.05 - tilt)]
        weight = face.brow_weight
        if is_line or weight < 0.035 or weight * canvas.pixels < 3:
            canvas.stroke(smooth(bone, closed=False), line=1.4, color=face.brow.base, taper=0.8)
            continue
        outline = limb(bone, [0.7 * weight, 1.2 * weight, 0.0])
        shape = canvas.fill(outline, face.brow, line=0.6, is_shaded=False, part="brow")
        if canvas.style.line_color == "black" and face.eyes.pupil == "black" and face.eyes.lid > 0.5:
            canvas.dab(outline, face.brow.base, inside=shape, ink=255)


def draw_glasses(canvas: Canvas, face: Face, color: Paint) -> None:
    """Glasses: two frames that are lines alone."""
    is_round = canvas.random.random() < 0.5
    edges = []
    for side in face.sides:
        x, y, narrow = eye_place(face, side)
        wide = 0.36 * narrow
        outline = ellipse(x, y, wide, 0.33) if is_round else smooth(
            [(x - wide, y - 0.24), (x + wide, y - 0.24), (x + 0.92 * wide, y + 0.2), (x - 0.92 * wide, y + 0.2)],
            corners=(0, 1, 2, 3), detail=5)  # fmt: skip
        canvas.dab(outline, (255, 255, 255), strength=0.15)
        canvas.stroke(np.vstack([outline, outline[:1]]), line=1.3, color=color.base, taper=0.0)
        edges.append((x - side * wide, y))
    if face.is_profile:
        return
    canvas.stroke(smooth([edges[0], (sum(e[0] for e in edges) / 2, edges[0][1] - 0.06), edges[1]], closed=False),
                  line=1.3, color=color.base, taper=0.0)  # fmt: skip
    x, y, narrow = eye_place(face, -1)
    canvas.stroke(np.array([(x - 0.36 * narrow, y - 0.05), (-0.95 + 0.3 * face.turn, y - 0.1)]), line=1.2,
                  color=color.base, taper=0.0)  # fmt: skip


def contour(face: Face) -> np.ndarray:
    """The outline of the face; its upper part lies under hair."""
    if face.is_profile:
        return profile_contour(0.4 if face.manner == "anime" else 0.75, face.eye_y)
    turn, cheek, chin = face.turn, face.cheek, 0.5 * face.chin
    tip, low = 0.42 * turn, 1.2
    far = [(0.62, -0.88), (0.95 - 0.08 * turn, -0.22), (0.93 - 0.1 * turn, face.eye_y), (0.9 - 0.05 * turn, 0.46),
           (cheek - 0.02 + 0.06 * turn, 0.72), (0.42 + 0.55 * tip, 1.02)]  # fmt: skip
    near = [(-0.42 + 0.75 * tip, 1.04), (-cheek + 0.28 * turn, 0.74), (-0.93 + 0.2 * turn, 0.35), (-0.98, -0.2),
            (-0.66, -0.88)]  # fmt: skip
    return smooth([(0, -1.08), *far, (tip + chin, low), (tip - chin, low), *near])


def eye_place(face: Face, side: int) -> tuple[float, float, float]:
    """Where an eye is, and how narrow it looks: x, y, factor."""
    turn = face.turn
    if face.is_profile:
        return 0.56, face.eye_y, 0.62
    apart = 0.43 if face.manner != "comic" else 0.4
    if side > 0:
        return 0.4 * turn + apart * (1 - 0.3 * turn), face.eye_y, 1 - 0.4 * turn
    return 0.4 * turn - apart * (1 - 0.02 * turn), face.eye_y, 1 - 0.06 * turn


def _ear(canvas: Canvas, face: Face, side: int) -> None:
    x = side * 0.95 if side > 0 or face.turn < 0.3 else -0.93 + 0.42 * face.turn
    x = 0.02 if face.is_profile else x
    with canvas.frame(x, face.eye_y + 0.08, flip=side < 0):
        if face.ears == "pointed":
            canvas.fill(
                smooth([(-0.1, -0.15), (0.2, -0.28), (0.78, -0.5), (0.32, 0.12), (-0.05, 0.3)], corners=(2,)), face.skin
            )
            canvas.stroke(smooth([(0.05, 0.05), (0.25, -0.12), (0.5, -0.34)], closed=False), line=0.6)
            return
        canvas.fill(
            smooth([(-0.1, -0.2), (0.08, -0.29), (0.2, -0.14), (0.14, 0.14), (-0.01, 0.3), (-0.1, 0.2)]), face.skin
        )
        canvas.stroke(smooth([(0.0, -0.16), (0.13, -0.17), (0.1, 0.02), (0.02, 0.15)], closed=False), line=0.6)
        canvas.stroke(smooth([(0.0, -0.06), (0.06, 0.02), (0.0, 0.1)], closed=False), line=0.5)


def draw_cat_ears(canvas: Canvas, face: Face, fur: Paint) -> None:
    """Ears of a cat on the head, of the colour of the hair."""
    for side in face.sides:
        with canvas.frame(side * 0.66, -0.95, flip=side < 0), canvas.part("hair"):
            outer = smooth([(-0.34, 0.2), (-0.12, -0.5), (0.3, -0.85), (0.42, -0.2), (0.4, 0.42)], corners=(2,))
            canvas.fill(outer, fur)
            canvas.fill(smooth([(-0.1, 0.0), (0.0, -0.36), (0.24, -0.6), (0.28, -0.15), (0.22, 0.15)], corners=(2,)),
                        "#f2b5b5", line=0.6, part="skin")  # fmt: skip


def _cheeks(canvas: Canvas, face: Face, skin: Shape) -> None:
    red = mixed(face.skin.base, (225, 70, 80), 0.4)
    for side in face.sides:
        x, y, narrow = eye_place(face, side)
        x, y = x + 0.1 * side * narrow, y + face.eyes.tall * 0.8 + 0.17
        if face.blush != "none":
            canvas.dab(ellipse(x, y, 0.17 * narrow, 0.08), red, inside=skin, strength=0.6)
        if face.blush == "strokes":
            for dx in (-0.1, -0.02, 0.06):
                canvas.stroke(np.array([(x + dx * narrow, y + 0.05), (x + (dx + 0.06) * narrow, y - 0.05)]), line=0.55,
                              inside=skin)  # fmt: skip
        if face.marks == "freckles":
            for dx, dy in ((-0.12, 0), (-0.03, 0.05), (0.05, -0.02), (0.12, 0.04)):
                canvas.stroke(np.array([(x + dx, y + dy), (x + dx + 0.012, y + dy)]), line=0.9, taper=0)
    if face.is_profile:
        return
    if face.marks == "mole":
        canvas.stroke(np.array([(0.3, 0.72), (0.315, 0.72)]), line=1.3, taper=0)
    elif face.marks == "scar":
        canvas.stroke(smooth([(-0.62, 0.3), (-0.5, 0.55), (-0.46, 0.75)], closed=False), line=1.0, inside=skin)


def _nose(canvas: Canvas, face: Face, skin: Shape) -> None:
    if face.is_profile:
        canvas.stroke(smooth([(0.93, 0.5), (0.87, 0.55), (0.9, 0.6)], closed=False), line=0.7, inside=skin)
        return
    x, y = 0.68 * face.turn, (0.64 if face.manner == "anime" else 0.55)
    lean = 1 if face.turn > 0.1 or canvas.random.random() < 0.5 else -1
    if canvas.style.shading in ("cel", "soft") and face.nose not in ("none", "dot"):
        canvas.dab(np.array([(x - 0.06, y + 0.03), (x + 0.08 * lean, y), (x + 0.02, y + 0.09)]), face.skin.shade,
                   inside=skin, strength=0.8)  # fmt: skip
    if face.nose == "hook":
        canvas.stroke(smooth([(x + 0.02 * lean, y - 0.1), (x + 0.08 * lean, y + 0.01), (x - 0.02 * lean, y + 0.04)],
                             closed=False), line=0.75)  # fmt: skip
    elif face.nose == "dot":
        canvas.stroke(np.array([(x, y), (x + 0.03, y + 0.012)]), line=0.9)
    elif face.nose == "bridge":
        top = (x - 0.02 * lean - 0.2 * face.turn, face.eye_y - 0.02)
        canvas.stroke(smooth([top, (x + 0.02 * lean, y - 0.2), (x + 0.12 * lean, y), (x - 0.03 * lean, y + 0.05)],
                             closed=False), line=0.8)  # fmt: skip
    elif face.nose == "nostrils":
        for side in (-1, 1):
            canvas.stroke(smooth([(x + side * 0.04, y + 0.04), (x + side * 0.1, y + 0.02), (x + side * 0.12, y - 0.05)],
                                 closed=False), line=0.7)  # fmt: skip
        canvas.stroke(smooth([(x - 0.03, y + 0.06), (x, y + 0.075), (x + 0.03, y + 0.06)], closed=False), line=0.7)
    elif face.nose == "button":
        canvas.stroke(arc(x, y, 0.1, 0.08, -0.4, np.pi + 0.4), line=0.8)
