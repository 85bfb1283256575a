"""Bodies of people: proportions, arms, legs and hands. Unit: the height of the head; its top is at y 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .canvas import Canvas, Shape
from .curves import Points, limb, smooth
from .paints import Paint

Point = Sequence[float] | np.ndarray

HANDS = ("relaxed", "open", "fist", "point", "victory")
_CAP = 7  # points of a limb's round start, which stays without a line where it joins a body
_SMALLEST = 9.0  # canvas pixels of a hand below which nobody draws fingers


@dataclass(frozen=True)
class Body:
    """Proportions, all in heads.

    Attributes:
        heads: height of the whole person: 2.2 for figures for children, 7.5 for heroes.
        neck, shoulder, waist, crotch: heights.
        neck_half, shoulder_half, waist_half, hip_half: half widths.
        arm, leg: thickness of the upper arm and of the thigh.
        hand: length.
    """

    heads: float
    neck: float
    shoulder: float
    waist: float
    crotch: float
    neck_half: float
    shoulder_half: float
    waist_half: float
    hip_half: float
    arm: float
    leg: float
    hand: float

    @property
    def trunk(self) -> float:
        """From shoulders to crotch."""
        return self.crotch - self.shoulder


def body_of(heads: float, broad: float) -> Body:
    """A body of a height and a breadth, 1 for usual."""
    grown = min(max((heads - 2.2) / 5.0, 0.0), 1.0)
    half = (0.4 + 0.36 * grown) * broad
    shoulder, crotch = 1.06 + 0.24 * grown, 1.0 + (0.42 + 0.02 * grown) * (heads - 1)
    return Body(
        heads=heads, neck=shoulder - 0.05 - 0.07 * grown, shoulder=shoulder,
        waist=shoulder + 0.6 * (crotch - shoulder), crotch=crotch, neck_half=0.11 + 0.06 * broad * (0.4 + 0.6 * grown),
        shoulder_half=half, waist_half=half * (0.62 + 0.1 * (broad - 1)), hip_half=half * 0.74,
        arm=0.17 + 0.1 * grown * broad, leg=0.25 + 0.2 * grown * broad, hand=0.24 + 0.26 * grown,
    )  # fmt: skip


def joints(body: Body, side: int, angle: float, bend: float) -> np.ndarray:
    """Shoulder, elbow and wrist of an arm, `float64[3, 2]`; angles from hanging down, outward."""
    start = np.array([side * (body.shoulder_half - 0.42 * body.arm), body.shoulder + 0.42 * body.arm])
    turn = angle + bend
    elbow = start + 0.56 * body.trunk * np.array([side * np.sin(angle), np.cos(angle)])
    wrist = elbow + 0.5 * body.trunk * np.array([side * np.sin(turn), np.cos(turn)])
    return np.stack([start, elbow, wrist])


def draw_joined(canvas: Canvas, bone: Points, widths: Sequence[float], color: Paint, *, line: float = 1.0,
                pattern: object = None) -> Shape:  # fmt: skip
    """A limb whose start has no line, so that it grows out of what lies below it."""
    outline = limb(bone, widths)
    shape = canvas.fill(outline, color, line=0, pattern=pattern, wobble=False)
    canvas.stroke(outline[:-_CAP], line=line, taper=0.25)
    return shape


def draw_hand(canvas: Canvas, body: Body, wrist: np.ndarray, toward: np.ndarray, side: int, pose: str,
              color: Paint) -> None:  # fmt: skip
    """A hand at a wrist that points along `toward`."""
    angle = float(np.arctan2(-toward[0], toward[1]))
    with canvas.frame(float(wrist[0]), float(wrist[1]), body.hand, angle=angle, flip=side < 0):
        if canvas.pixels < _SMALLEST:
            canvas.fill(smooth([(-0.2, 0), (0.2, 0), (0.28, 0.5), (0.1, 0.85), (-0.15, 0.8), (-0.26, 0.5)]), color)
            return
        _fingers(canvas, pose, color)


def _fingers(canvas: Canvas, pose: str, skin: Paint) -> None:
    """Palm, fingers and thumb; the wrist is the origin, the thumb on the left."""
    if pose == "fist":
        draw_joined(canvas, [(0, -0.12), (0, 0.2)], [0.38, 0.44], skin)
        palm = canvas.fill(
            smooth([(-0.24, 0.1), (0.2, 0.08), (0.29, 0.35), (0.2, 0.6), (-0.2, 0.6), (-0.3, 0.35)]), skin
        )
        for x in (-0.11, 0.01, 0.12):
            canvas.stroke(smooth([(x, 0.58), (x + 0.015, 0.45), (x, 0.33)], closed=False), line=0.6, inside=palm)
        draw_joined(canvas, [(-0.24, 0.15), (-0.2, 0.36), (0.02, 0.42)], [0.16, 0.15, 0.12], skin, line=0.8)
        return
    up = {"relaxed": (1, 1, 1, 1), "open": (1, 1, 1, 1), "point": (1, 0, 0, 0), "victory": (1, 1, 0, 0)}[pose]
    spread = {"relaxed": 0.06, "open": 0.32, "point": 0.1, "victory": 0.3}[pose]
    curl = 0.12 if pose == "relaxed" else 0.0
    thumb = [(-0.16, 0.12), (-0.34, 0.32), (-0.36 if pose != "open" else -0.5, 0.55)]
    draw_joined(canvas, thumb, [0.2, 0.16, 0.1], skin, line=0.8)
    canvas.fill(smooth([(-0.19, -0.1), (0.17, -0.1), (0.24, 0.3), (0.22, 0.52), (-0.22, 0.52), (-0.25, 0.25)]), skin,
                line=0)  # fmt: skip
    for edge in ([(-0.19, -0.1), (-0.24, 0.15)], [(0.17, -0.1), (0.23, 0.2), (0.24, 0.5)]):
        canvas.stroke(smooth(edge, closed=False), line=0.8)
    for number, is_up in enumerate(up):
        x = -0.17 + 0.115 * number
        turn = spread * (number - 1.5) / 1.5
        length = (0.42, 0.5, 0.46, 0.34)[number] * (1.0 if is_up else 0.3)
        root = np.array([x, 0.46])
        tip = root + length * np.array([np.sin(turn) - curl, np.cos(turn)])
        draw_joined(canvas, [root, (root + tip) / 2 + (0.04 * curl, 0), tip], [0.13, 0.125, 0.09], skin, line=0.7)


def draw_folds(
    canvas: Canvas, inside: Shape, place: Point, toward: Point, *, count: int = 3, size: float = 0.2
) -> None:
    """Short open lines that fan out from a place where cloth is pulled, toward a direction."""
    if canvas.random.random() > canvas.style.detail:
        return
    start, way = np.asarray(place, float), np.asarray(toward, float)
    way = way / max(np.hypot(*way), 1e-9)
    across = np.array([-way[1], way[0]])
    for share in np.linspace(-1, 1, count):
        share += canvas.random.uniform(-0.25, 0.25)
        length = size * float(canvas.random.uniform(0.5, 1.2))
        root = start + 0.25 * size * share * across
        tip = root + length * (way + 0.7 * share * across)
        middle = (root + tip) / 2 + 0.12 * length * across
        canvas.stroke(smooth([root, middle, tip], closed=False), line=0.7, inside=inside, taper=0.9)
