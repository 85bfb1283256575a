"""People: a skeleton, limbs, clothes of several kinds, and a head on top. Unit: the height of the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from preprocess.synthetic import patterns
from preprocess.synthetic.canvas import Canvas
from preprocess.synthetic.curves import ellipse, limb, smooth
from preprocess.synthetic.hair import Hair, draw_back, draw_front, random_hair
from preprocess.synthetic.hats import draw_hat
from preprocess.synthetic.heads import Face, draw_face, draw_glasses, random_face
from preprocess.synthetic.paints import Paint, pick, related

TOPS = ("shirt", "hoodie", "sailor", "suit", "robe", "armor", "dress")
BOTTOMS = ("skirt", "trousers", "shorts", "long skirt")


@dataclass(frozen=True)
class Person:
    """Everything of a person that is chosen once.

    Attributes:
        face, hair: see `heads` and `hair`.
        top, bottom: names out of `TOPS` and `BOTTOMS`.
        cloth, second, third: paints of the clothes; `pattern` of the upper part or None.
        heads: float. Height of the whole person in heads: 2.4 for children's books, 7 for grown-ups.
        broad: float. Width of the shoulders in units of a usual one.
        arms: angles of the upper arms from hanging down, left and right; `elbows` bends of the lower arms.
        stance: float. How far the feet are apart.
        hat: name of a hat or an empty string; `has_glasses`, `has_cape`.
    """

    face: Face
    hair: Hair
    top: str
    bottom: str
    cloth: Paint
    second: Paint
    third: Paint
    pattern: Any
    heads: float
    broad: float
    arms: tuple[float, float]
    elbows: tuple[float, float]
    stance: float
    hat: str
    has_glasses: bool
    has_cape: bool


def random_person(random: np.random.Generator) -> Person:
    """Anybody."""
    hair = random_hair(random)
    cloth = pick("cloth", random)
    (first, bend), (second, other_bend) = _pose(random), _pose(random)
    arms, elbows = (first, second), (bend, other_bend)
    return Person(
        face=random_face(random, hair.paint), hair=hair, top=str(random.choice(TOPS)),
        bottom=str(random.choice(BOTTOMS)),
        cloth=cloth, second=related(cloth.base, random), third=pick("cloth", random),
        pattern=patterns.random_pattern(random) if random.random() < 0.3 else None,
        heads=float(random.choice([2.4, 3.2, 4.5, 6.2, 7.0])), broad=float(random.uniform(0.85, 1.3)),
        arms=arms, elbows=elbows, stance=float(random.uniform(0.0, 0.4)),
        hat=str(random.choice(["", "", "", "", "cap", "wizard", "straw", "beanie", "crown", "bow", "hood", "helmet"])),
        has_glasses=bool(random.random() < 0.12), has_cape=bool(random.random() < 0.12),
    )  # fmt: skip


def _pose(random: np.random.Generator) -> tuple[float, float]:
    """Angle and bend of an arm: mostly hanging, sometimes in front of the body, stretched or raised."""
    kind = random.random()
    if kind < 0.45:
        return float(random.uniform(0.06, 0.4)), float(random.uniform(-0.35, 0.1))
    if kind < 0.7:
        return float(random.uniform(0.25, 0.7)), float(random.uniform(-2.2, -1.0))
    if kind < 0.85:
        return float(random.uniform(0.5, 1.4)), float(random.uniform(-0.3, 1.2))
    return float(random.uniform(1.6, 2.5)), float(random.uniform(0.1, 0.9))


def draw_person(canvas: Canvas, person: Person) -> None:
    """Draws the whole person; the head's height is the unit, the top of the skull at y 0, the feet at y `heads`."""
    wide = person.broad * (0.75 if person.heads < 3 else 0.9 if person.heads < 5 else 1.1)
    shoulder, hips = 1.12, 1.0 + 0.38 * (person.heads - 1)
    if person.has_cape:
        low = hips + 0.45 * (person.heads - hips)
        cape = smooth([(-0.5 * wide, shoulder), (0.5 * wide, shoulder), (0.95 * wide, low), (0.4, low + 0.1), (0,
            low - 0.02),
                       (-0.4, low + 0.1), (-0.95 * wide, low)], corners=(2, 6))  # fmt: skip
        canvas.fill(cape, person.third)
    with canvas.frame(0, 0.5, 0.43):
        draw_back(canvas, person.hair)
    _legs(canvas, person, wide, hips)
    if person.elbows[0] > -0.6:
        _arm(canvas, person, -1, wide, shoulder, hips)
    _torso(canvas, person, wide, shoulder, hips)
    if person.elbows[0] <= -0.6:
        _arm(canvas, person, -1, wide, shoulder, hips)
    _arm(canvas, person, 1, wide, shoulder, hips)
    _head(canvas, person)


def draw_bust(canvas: Canvas, person: Person) -> None:
    """Draws head and shoulders; same frame, cut off by the sheet."""
    with canvas.frame(0, 0.5, 0.43):
        draw_back(canvas, person.hair)
    wide = 0.95 * person.broad
    for side in (-1, 1):
        sleeve = person.second if person.top in ("armor", "sailor") else person.cloth
        arm = limb([(side * 0.36 * wide, 1.28), (side * 0.58 * wide, 1.42), (side * 0.7 * wide, 2.1),
                    (side * 0.72 * wide, 3.2)],
                   [0.22, 0.36, 0.38, 0.34])  # fmt: skip
        canvas.fill(arm, sleeve, pattern=person.pattern)
    _torso(canvas, person, 1.25 * wide, 1.14, 3.2)
    _head(canvas, person)


def _head(canvas: Canvas, person: Person) -> None:
    with canvas.frame(0, 0.5, 0.43, angle=0.12 * np.sin(9 * person.broad)):
        skin = draw_face(canvas, person.face, person.hair.paint)
        if person.has_glasses:
            draw_glasses(canvas, person.face, person.third)
        draw_front(canvas, person.hair, person.face, skin)
        if person.hat:
            draw_hat(canvas, person.hat, person.second)


def _torso(canvas: Canvas, person: Person, wide: float, top: float, hips: float) -> None:
    skin, random = person.face.skin, canvas.random
    neck = canvas.fill(limb([(0, 0.85), (0, top + 0.08)], [0.26, 0.3]), skin)
    canvas.shadow(ellipse(0, 0.8, 0.32, 0.28), neck, by=(0, 0.06))
    waist, middle = 0.3 * wide, (top + hips) / 2
    outline = smooth([
        (-0.15, top - 0.06), (-0.4 * wide, top + 0.08), (-0.49 * wide, top + 0.28), (-waist - 0.04, middle),
        (-0.36 * wide, hips),
        (0, hips + 0.05), (0.36 * wide, hips), (waist + 0.04, middle), (0.49 * wide, top + 0.28), (0.4 * wide,
            top + 0.08),
        (0.15, top - 0.06), (0, top + 0.06),
    ], corners=(0, 4, 6, 10))  # fmt: skip
    trunk = canvas.fill(outline, person.cloth, pattern=person.pattern)
    low = top + 0.45
    if person.top == "sailor":
        collar = [(-0.16, top - 0.06), (-0.42 * wide, top + 0.12), (-0.4 * wide, top + 0.36), (0, low), (0.4 * wide,
            top + 0.36),
                  (0.42 * wide, top + 0.12), (0.16, top - 0.06), (0, top + 0.26)]  # fmt: skip
        canvas.fill(smooth(collar, corners=range(8)), person.second)
        canvas.fill(smooth([(0, low - 0.06), (-0.26, low - 0.02), (-0.22, low + 0.2), (0, low + 0.04), (0.22,
            low + 0.2), (0.26, low - 0.02)],
                           corners=(0, 1, 2, 3, 4, 5)), person.third)  # fmt: skip
    elif person.top == "suit":
        canvas.fill(np.array([(-0.14, top - 0.04), (0.14, top - 0.04), (0, min(low + 0.2, hips))]), "#f5f3f0")
        canvas.fill(smooth([(0, top + 0.04), (-0.05, top + 0.1), (-0.06, low), (0, low + 0.12), (0.06, low), (0.05,
            top + 0.1)],
                           corners=(0, 3)), person.third)  # fmt: skip
        for side in (-1, 1):
            canvas.fill(
                np.array([(side * 0.15, top - 0.06), (side * 0.3, top + 0.14), (0.02 * side, low + 0.16)]), person.cloth
            )
    elif person.top == "hoodie":
        hood = [
            (-0.34, top - 0.1),
            (-0.3, top + 0.14),
            (0, top + 0.22),
            (0.3, top + 0.14),
            (0.34, top - 0.1),
            (0, top + 0.06),
        ]
        canvas.fill(smooth(hood), person.second)
        for side in (-1, 1):
            canvas.stroke(smooth([(side * 0.1, top + 0.16), (side * 0.12, low), (side * 0.1, low + 0.1)], closed=False))
        canvas.stroke(np.array([(0, top + 0.2), (0, hips)]), inside=trunk)
    elif person.top == "armor":
        for side in (-1, 1):
            canvas.fill(ellipse(side * 0.5 * wide, top + 0.16, 0.22, 0.17), person.second)
        canvas.fill(smooth([(-0.3 * wide, top + 0.16), (0.3 * wide, top + 0.16), (0.26 * wide, middle), (0,
            middle + 0.12), (-0.26 * wide, middle)],
                           corners=(0, 1)), person.second)  # fmt: skip
        canvas.fill(ellipse(0, top + 0.32, 0.08), person.third)
    elif person.top == "robe":
        canvas.fill(np.array([(-0.16, top - 0.06), (0.16, top - 0.06), (0.06, hips), (-0.06, hips)]), person.second)
    else:
        canvas.fill(smooth([(-0.17, top - 0.06), (0, top + 0.1), (0.17, top - 0.06), (0.13, top - 0.0), (0,
            top + 0.15), (-0.13, top - 0.0)],
                           corners=(0, 2)), person.second)  # fmt: skip
        if random.random() < 0.35:
            _badge(canvas, person, 0.0, low)
    for side in (-1, 1):
        if random.random() < 0.6:
            fold = smooth(
                [(side * 0.44 * wide, top + 0.32), (side * 0.34 * wide, top + 0.4), (side * 0.28 * wide, top + 0.42)],
                closed=False,
            )
            canvas.stroke(fold, line=0.7, inside=trunk)
            canvas.stroke(
                smooth([(side * waist, middle + 0.1), (side * 0.18 * wide, middle + 0.2)], closed=False),
                line=0.7,
                inside=trunk,
            )


def _badge(canvas: Canvas, person: Person, x: float, y: float) -> None:
    turns = np.linspace(-np.pi / 2, 1.5 * np.pi, 11)[:-1]
    radius = np.where(np.arange(10) % 2 == 0, 0.13, 0.06)
    star = np.stack([x + radius * np.cos(turns), y + radius * np.sin(turns)], 1)
    canvas.fill(star if canvas.random.random() < 0.5 else ellipse(x, y, 0.12), person.third)


def _arm(canvas: Canvas, person: Person, side: int, wide: float, shoulder: float, hips: float) -> None:
    angle, bend = (person.arms[0], person.elbows[0]) if side < 0 else (person.arms[1], person.elbows[1])
    length = 0.47 * (hips - shoulder) + 0.12
    start = np.array([side * 0.4 * wide, shoulder + 0.15])
    elbow = start + length * np.array([side * np.sin(angle), np.cos(angle)])
    turn = angle + bend
    wrist = elbow + length * np.array([side * np.sin(turn), np.cos(turn)])
    thick = 0.19 + 0.06 * person.broad + 0.006 * person.heads
    hand = wrist + 0.09 * np.array([side * np.sin(turn), np.cos(turn)])
    with canvas.frame(float(hand[0]), float(hand[1]), angle=-side * turn):
        _hand(canvas, person, side)
    is_long = person.top not in ("shirt", "dress") or person.broad > 1.1
    if is_long:
        ends = [thick, thick, thick * (1.5 if person.top == "robe" else 0.95)]
        canvas.fill(limb([start, elbow, wrist], ends), person.cloth, pattern=person.pattern)
        canvas.stroke(elbow + np.array([(-0.08, -0.02), (0.06, 0.03)]), line=0.7)
        return
    canvas.fill(limb([start, elbow, wrist], [thick * 0.85, thick * 0.75, thick * 0.6]), person.face.skin)
    canvas.fill(limb([start, (start + elbow) / 2], [thick * 1.15, thick * 1.2]), person.cloth, pattern=person.pattern)


def _hand(canvas: Canvas, person: Person, side: int) -> None:
    """A mitten with a thumb around the origin, fingers downward."""
    skin = person.face.skin
    canvas.fill(limb([(side * 0.02, -0.02), (-side * 0.1, 0.06)], [0.07, 0.05]), skin)
    canvas.fill(smooth([(-0.08, -0.08), (0.08, -0.08), (0.1, 0.05), (0.06, 0.15), (-0.05, 0.16), (-0.1, 0.05)]), skin)
    for x in (-0.03, 0.03):
        canvas.stroke(np.array([(x, 0.06), (x, 0.14)]), line=0.5)


def _legs(canvas: Canvas, person: Person, wide: float, hips: float) -> None:
    foot, spread = person.heads, person.stance
    knee = (hips + foot) / 2
    bare, skin = person.bottom in ("skirt", "shorts"), person.face.skin
    stocking = person.third if bare and person.heads > 4 and person.broad > 1.0 else None
    for side in (-1, 1):
        bone = [
            (side * 0.17 * wide, hips - 0.05),
            (side * (0.2 + 0.5 * spread) * wide, knee),
            (side * (0.2 + spread) * wide, foot - 0.12),
        ]
        shoe = [(side * (0.2 + spread) * wide + dx * side, foot + dy) for dx, dy in
                ((-0.12, -0.2), (0.1, -0.2), (0.17, -0.08), (0.3, -0.02), (0.28, 0.05), (-0.12, 0.05))]  # fmt: skip
        if person.bottom == "trousers":
            canvas.fill(limb(bone, [0.36 * wide, 0.3, 0.24]), person.second)
        else:
            canvas.fill(limb(bone, [0.3 * wide, 0.22, 0.15]), skin)
            if stocking is not None:
                canvas.fill(limb(bone[1:], [0.23, 0.16]), stocking)
        canvas.fill(smooth(shoe, corners=(4, 5)), person.third)
        if person.bottom == "shorts":
            canvas.fill(
                limb([bone[0], ((bone[0][0] + bone[1][0]) / 2, (hips + knee) / 2)], [0.38 * wide, 0.36]), person.second
            )
    if "skirt" in person.bottom or person.top in ("dress", "robe"):
        _skirt(canvas, person, wide, hips)


def _skirt(canvas: Canvas, person: Person, wide: float, hips: float) -> None:
    share = 0.85 if person.top == "robe" or person.bottom == "long skirt" else 0.4
    low, flare = hips + share * (person.heads - hips), 0.45 + 0.35 * share
    folds = int(canvas.random.integers(3, 8))
    xs = np.linspace(flare * wide, -flare * wide, 2 * folds + 1)
    hem = [(x, low + (0.06 if i % 2 else 0.0) - 0.08 * abs(x)) for i, x in enumerate(xs)]
    outline = smooth([(-0.32 * wide, hips - 0.25), (0.32 * wide, hips - 0.25), *hem], corners=(0, 1, 2, len(hem) + 1))
    color = person.cloth if person.top in ("dress", "robe") else person.second
    skirt = canvas.fill(outline, color, pattern=person.pattern if person.top == "dress" else None)
    for x in xs[1:-1:2]:
        canvas.stroke(smooth([(0.55 * x, hips - 0.1), (x, low)], closed=False), line=0.7, inside=skirt)
