"""Clothes for the upper body: shirts, jackets, dresses, armour; sleeves, collars, ties, buttons, scarves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .bodies import Body, draw_folds, draw_hand, draw_joined, joints
from .canvas import Canvas, Shape
from .curves import ellipse, limb, smooth
from .paints import Paint

TOPS = ("t-shirt", "shirt", "sweater", "hoodie", "sailor", "suit", "jacket", "dress", "robe", "armor", "tank", "vest")
SLEEVES = ("long", "short", "puffy", "wide", "none")


@dataclass(frozen=True)
class Clothes:
    """What is worn above the waist.

    Attributes:
        top: one of `TOPS`; sleeve: one of `SLEEVES`.
        main, second, third: paints; `pattern` of the main cloth or None.
        neck: `none`, `tie`, `bow`, `scarf`, `necklace`, `choker` or `ribbon`.
        has_gloves, has_buttons, has_badge: ornaments.
    """

    top: str
    sleeve: str
    main: Paint
    second: Paint
    third: Paint
    pattern: Any
    neck: str
    has_gloves: bool
    has_buttons: bool
    has_badge: bool


def draw_trunk(canvas: Canvas, body: Body, clothes: Clothes, skin: Paint, middle: float) -> None:
    """Neck, chest and what covers them; `middle` is where the front of the body points, -1 to 1."""
    x = 0.3 * middle * body.shoulder_half
    with canvas.part("skin"):
        s = body.shoulder_half * (0.84 if clothes.top == "tank" else 0.5)
        slope = body.neck + (body.shoulder - body.neck) * (s - body.neck_half) / (
            0.86 * body.shoulder_half - body.neck_half
        )
        chest = smooth([(-body.neck_half, body.neck), (-s, slope + 0.03), (-0.9 * s, body.shoulder + 0.5), (0.9 * s,
                        body.shoulder + 0.5), (s, slope + 0.03), (body.neck_half, body.neck)], corners=(2,
                                                                                                        3))  # fmt: skip
        canvas.fill(chest, skin)
        neck = draw_joined(canvas, [(0, body.neck + 0.14), (0, body.neck - 0.02), (0, 0.72)],
                           [2.1 * body.neck_half, 2 * body.neck_half, 2 * body.neck_half], skin)  # fmt: skip
        canvas.shadow(ellipse(0.02, 0.86, 0.34, 0.24), neck, by=(0, 0.05))
        if canvas.random.random() < canvas.style.detail:
            for side in (-1, 1):  # collar bones
                bone = [(x + side * 0.05, body.neck + 0.15), (side * 0.5 * body.shoulder_half, body.neck + 0.1)]
                canvas.stroke(smooth([bone[0], (bone[1][0] * 0.6, bone[0][1] - 0.01), bone[1]], closed=False), line=0.6)
    with canvas.part("cloth top"):
        trunk = canvas.fill(_trunk_outline(body, clothes, x), clothes.main, pattern=clothes.pattern)
        _trunk_folds(canvas, body, trunk, x)
        _DETAILS.get(clothes.top, _round_neck)(canvas, body, clothes, trunk, x)
    if clothes.has_badge:
        _badge(
            canvas, clothes, x + 0.45 * body.shoulder_half, body.shoulder + 0.3 * body.trunk, 0.12 * body.shoulder_half
        )


def draw_arm(canvas: Canvas, body: Body, clothes: Clothes, skin: Paint, side: int, pose: tuple[float, float],
             hand: str) -> None:  # fmt: skip
    """An arm with its sleeve and hand."""
    bone = joints(body, side, *pose)
    start, elbow, wrist = bone
    thick = body.arm
    toward = (wrist - elbow) / max(float(np.hypot(*(wrist - elbow))), 1e-9)
    with canvas.part("cloth gloves" if clothes.has_gloves else "skin"):
        draw_hand(
            canvas, body, wrist + 0.02 * toward, toward, side, hand, clothes.third if clothes.has_gloves else skin
        )
    with canvas.part("skin"):
        if clothes.sleeve in ("short", "puffy", "none"):
            draw_joined(canvas, bone, [thick * 0.9, thick * 0.78, thick * 0.55], skin)
    inner = elbow - start
    with canvas.part("cloth top"):
        if clothes.sleeve == "long":
            sleeve = draw_joined(
                canvas, bone, [thick * 1.12, thick, thick * 0.8], clothes.main, pattern=clothes.pattern
            )
            draw_folds(canvas, sleeve, elbow, -inner + 0.3 * toward, size=1.2 * thick)
            draw_folds(canvas, sleeve, elbow, toward, count=2, size=thick)
            if clothes.second != clothes.main and canvas.random.random() < 0.5:
                cuff = limb([wrist - 0.25 * thick * toward, wrist + 0.1 * thick * toward], [thick * 0.82, thick * 0.82])
                canvas.fill(cuff, clothes.second, part="cloth collar")
        elif clothes.sleeve == "wide":
            end = thick * 2.6
            sleeve = draw_joined(canvas, bone, [thick * 1.15, thick * 1.4, end], clothes.main, pattern=clothes.pattern)
            draw_folds(canvas, sleeve, elbow, wrist - elbow, count=4, size=2.2 * thick)
            canvas.stroke(limb(bone, [thick, thick * 1.4, end])[24:34], line=0.7, inside=sleeve)
        elif clothes.sleeve in ("short", "puffy"):
            share = 0.62 if clothes.sleeve == "short" else 0.45
            wide = 1.25 if clothes.sleeve == "short" else 1.8
            end = start + share * inner
            sleeve = draw_joined(canvas, [start, (start + end) / 2, end], [thick * 1.1, thick * wide, thick * 1.25],
                                 clothes.main, pattern=clothes.pattern)  # fmt: skip
            draw_folds(canvas, sleeve, end, -inner, size=thick, count=4 if clothes.sleeve == "puffy" else 2)
            draw_folds(canvas, sleeve, start + 0.2 * inner, (-side * 0.3, 1), size=0.8 * thick, count=2)


def _trunk_outline(body: Body, clothes: Clothes, x: float) -> np.ndarray:
    s, n = body.shoulder_half, body.neck_half
    depth = {"tank": 0.3, "dress": 0.2, "t-shirt": 0.12, "armor": 0.05}.get(clothes.top, 0.1) * body.trunk
    w, h = body.waist_half, body.hip_half
    loose = 1.12 if clothes.top in ("hoodie", "sweater", "robe", "jacket") else 1.0
    inset = 0.5 if clothes.top == "tank" else 1.15
    right = [(n * inset + (0.3 * s if inset < 1 else 0), body.neck + 0.03), (0.86 * s, body.shoulder),
             (0.93 * s * loose, body.shoulder + 0.18 * body.trunk), (0.8 * s * loose,
                                                                     body.shoulder + 0.36 * body.trunk),
             (w * loose, body.waist), (h * loose, body.crotch - 0.08 * body.trunk)]  # fmt: skip
    left = [(-a, b) for a, b in right[::-1]]
    points = [*right, (0, body.crotch), *left, (x, body.neck + depth)]
    return smooth(points, corners=(0, 5, 7, 12))


def _trunk_folds(canvas: Canvas, body: Body, trunk: Shape, x: float) -> None:
    s, size = body.shoulder_half, 0.35 * body.shoulder_half
    for side in (-1, 1):
        draw_folds(canvas, trunk, (side * 0.82 * s, body.shoulder + 0.35 * body.trunk), (-side, 0.25), size=size)
        draw_folds(canvas, trunk, (side * body.waist_half, body.waist), (-side, -0.2), size=size)
    if canvas.random.random() < 0.5 * canvas.style.detail:  # the chest
        y = body.shoulder + 0.38 * body.trunk
        for side in (-1, 1):
            canvas.stroke(smooth([(x + side * 0.1 * s, y), (x + side * 0.35 * s, y + 0.08 * body.trunk),
                                  (x + side * 0.6 * s, y - 0.02)], closed=False), line=0.7, inside=trunk)  # fmt: skip


def _round_neck(canvas: Canvas, body: Body, clothes: Clothes, trunk: Shape, x: float) -> None:
    """A hem along the neck."""
    n, top = body.neck_half, body.neck
    depth = (0.2 if clothes.top == "dress" else 0.12) * body.trunk
    if clothes.top == "sweater" and canvas.random.random() < 0.5:
        ring = smooth([(-1.15 * n, top - 0.06), (0, top + 0.02), (1.15 * n, top - 0.06), (1.3 * n, top + 0.09),
                       (x, top + 0.2), (-1.3 * n, top + 0.09)], corners=(0, 2))  # fmt: skip
        collar = canvas.fill(ring, clothes.main)
        for share in np.linspace(-0.9, 0.9, 7):
            canvas.stroke(np.array([(share * n, top), (share * n * 1.1, top + 0.16)]), line=0.5, inside=collar)
        return
    path = smooth([(-1.3 * n, top + 0.05), (x, top + depth + 0.06), (1.3 * n, top + 0.05)], closed=False)
    canvas.stroke(path, line=0.6, inside=trunk)


def _shirt(canvas: Canvas, body: Body, clothes: Clothes, trunk: Shape, x: float) -> None:
    """Collar and a row of buttons."""
    n, top = body.neck_half, body.neck
    low = body.crotch
    canvas.stroke(smooth([(x, top + 0.16), (1.1 * x, body.waist), (x, low)], closed=False), line=0.8, inside=trunk)
    if clothes.has_buttons:
        for y in np.arange(top + 0.3, low, 0.18 * body.trunk):
            canvas.fill(ellipse(x + 0.05, float(y), 0.03 * body.shoulder_half + 0.008, detail=16), clothes.third,
                        line=0.7,
                        is_shaded=False, part="thing")  # fmt: skip
    color = clothes.second if clothes.has_badge else clothes.main
    for side in (-1, 1):
        wing = [
            (side * 0.95 * n, top - 0.06),
            (side * 1.5 * n, top + 0.05),
            (x + side * 1.1 * n, top + 0.24),
            (x, top + 0.13),
        ]
        canvas.fill(smooth(wing, corners=range(4)), color, part="cloth collar" if color is clothes.second else None)


def _hoodie(canvas: Canvas, body: Body, clothes: Clothes, trunk: Shape, x: float) -> None:
    n, top, s = body.neck_half, body.neck, body.shoulder_half
    hood = [(-0.52 * s, top - 0.04), (-0.45 * s, top + 0.16), (x, top + 0.28), (0.45 * s, top + 0.16), (0.52 * s,
                                                                                                        top - 0.04),
            (n, top - 0.02), (x, top + 0.12), (-n, top - 0.02)]  # fmt: skip
    shape = canvas.fill(smooth(hood, corners=(0, 4)), clothes.main)
    draw_folds(canvas, shape, (x, top + 0.26), (0.4, -1), size=0.2)
    for side in (-1, 1):
        canvas.stroke(smooth([(x + side * 0.1, top + 0.2), (x + side * 0.13, top + 0.4), (x + side * 0.1, top + 0.55)],
                             closed=False), line=1.1)  # fmt: skip
    if clothes.has_buttons:
        canvas.stroke(np.array([(x, top + 0.28), (x, body.crotch)]), inside=trunk)
    pocket = smooth([(-0.4 * s, body.waist), (0.4 * s, body.waist), (0.55 * s, body.crotch - 0.15),
                     (-0.55 * s, body.crotch - 0.15)], corners=(0, 1, 2, 3), closed=False)  # fmt: skip
    canvas.stroke(pocket, line=0.8, inside=trunk)


def _sailor(canvas: Canvas, body: Body, clothes: Clothes, trunk: Shape, x: float) -> None:
    n, top, s = body.neck_half, body.neck, body.shoulder_half
    low = body.shoulder + 0.38 * body.trunk
    for side in (-1, 1):
        flap = [
            (side * 0.95 * n, top - 0.05),
            (side * 0.75 * s, body.shoulder - 0.02),
            (side * 0.8 * s, low - 0.12),
            (x, low),
        ]
        shape = canvas.fill(smooth(flap, corners=range(4)), clothes.second, part="cloth collar")
        inner = np.array(flap) * 0.86 + 0.14 * np.mean(flap, axis=0)
        canvas.stroke(smooth(inner[1:], closed=False), line=0.6, inside=shape)
    _bow(canvas, clothes, x, low, 0.42 * s)


def _suit(canvas: Canvas, body: Body, clothes: Clothes, trunk: Shape, x: float) -> None:
    """A jacket with lapels over a white shirt."""
    n, top, s = body.neck_half, body.neck, body.shoulder_half
    low = body.shoulder + (0.55 if clothes.top == "suit" else 0.95) * body.trunk
    wide = 1.0 if clothes.top == "suit" else 1.6
    inner = clothes.second if clothes.top == "jacket" else None
    front = [(-wide * n, top - 0.03), (wide * n, top - 0.03), (x + 0.12 * wide * s * (wide > 1), low),
             (x - 0.12 * wide * s * (wide > 1), low)]  # fmt: skip
    canvas.fill(smooth(front, corners=range(4)), inner or "#fafafa", part="cloth shirt")
    for side in (-1, 1):
        lapel = [(side * wide * n, top - 0.05), (side * 0.55 * s, top + 0.18), (side * 0.5 * s, top + 0.3),
                 (side * 0.58 * s, top + 0.34), (x + side * 0.12 * wide * s * (wide > 1), low)]  # fmt: skip
        canvas.fill(smooth(lapel, corners=range(5)), clothes.main)
    canvas.stroke(np.array([(x, low), (x, body.crotch)]), inside=trunk)
    if clothes.top == "suit":
        wings = [((-n, top - 0.05), (-1.1 * n, top + 0.05), (x - 0.3 * n, top + 0.2), (x, top + 0.12)),
                 ((n, top - 0.05), (1.1 * n, top + 0.05), (x + 0.3 * n, top + 0.2), (x, top + 0.12))]  # fmt: skip
        for wing in wings:
            canvas.fill(smooth(wing, corners=range(4)), "#fafafa", part="cloth shirt")


def _robe(canvas: Canvas, body: Body, clothes: Clothes, trunk: Shape, x: float) -> None:
    """Crossed borders and a sash."""
    n, top, s = body.neck_half, body.neck, body.shoulder_half
    for side in (-1, 1):
        band = [
            (side * n, top - 0.05),
            (side * 1.6 * n, top),
            (x - side * 0.1 * s, body.waist),
            (x - side * 0.3 * s, body.waist),
        ]
        canvas.fill(smooth(band, corners=range(4)), clothes.second, part="cloth collar")
    w, y = 1.16 * body.waist_half, body.waist
    sash = canvas.fill(smooth([(-w, y - 0.12), (w, y - 0.12), (w, y + 0.16), (-w, y + 0.16)], corners=range(4)),
                       clothes.third, part="cloth sash")  # fmt: skip
    draw_folds(canvas, sash, (w * 0.8, y), (-1, 0.05), size=w)


def _armor(canvas: Canvas, body: Body, clothes: Clothes, trunk: Shape, x: float) -> None:
    s, top = body.shoulder_half, body.shoulder
    plate = [(-0.62 * s, top + 0.1), (x, top + 0.18), (0.62 * s, top + 0.1), (0.58 * s, body.waist - 0.1), (x,
                                                                                                            body.waist),
             (-0.58 * s, body.waist - 0.1)]  # fmt: skip
    shape = canvas.fill(smooth(plate, corners=(0, 2, 3, 5)), clothes.second, part="cloth armor")
    canvas.stroke(smooth([(x, top + 0.18), (x * 1.2, body.waist - 0.3), (x, body.waist)], closed=False), inside=shape)
    for side in (-1, 1):
        for number in range(2):
            cup = [(side * 0.55 * s, top + 0.02 + 0.14 * number), (side * 0.9 * s, top - 0.12 + 0.16 * number),
                   (side * 1.25 * s, top + 0.12 + 0.18 * number), (side * 1.1 * s, top + 0.24 + 0.18 * number),
                   (side * 0.7 * s, top + 0.24 + 0.12 * number)]  # fmt: skip
            canvas.fill(smooth(cup, corners=(0, 3)), clothes.second, part="cloth armor")
    canvas.fill(ellipse(x, top + 0.34, 0.1 * s), clothes.third, part="thing")


def _vest(canvas: Canvas, body: Body, clothes: Clothes, trunk: Shape, x: float) -> None:
    """A vest over a shirt: the trunk is the shirt."""
    _shirt(canvas, body, clothes, trunk, x)
    s, top = body.shoulder_half, body.neck
    for side in (-1, 1):
        flap = [(side * 0.4 * s, top + 0.06), (side * 0.72 * s, body.shoulder + 0.02), (side * 0.74 * s,
                body.shoulder + 0.3 * body.trunk), (side * 1.04 * body.waist_half, body.waist),
                (side * 1.02 * body.hip_half, body.crotch - 0.1), (x + side * 0.08, body.crotch - 0.05),
                (x + side * 0.12, body.shoulder + 0.4 * body.trunk)]  # fmt: skip
        canvas.fill(smooth(flap, corners=(0, 1, 4, 5)), clothes.second, part="cloth vest")


_DETAILS = {"shirt": _shirt, "hoodie": _hoodie, "sailor": _sailor, "suit": _suit, "jacket": _suit, "robe": _robe,
            "armor": _armor, "vest": _vest}  # fmt: skip


def draw_neckwear(canvas: Canvas, body: Body, clothes: Clothes, middle: float) -> None:
    """Tie, bow, scarf or necklace."""
    n, top, x = body.neck_half, body.neck, 0.3 * middle * body.shoulder_half
    if clothes.neck == "tie":
        low = body.waist - 0.05
        with canvas.part("cloth tie"):
            canvas.fill(smooth([(x - 0.04, top + 0.22), (x + 0.04, top + 0.22), (x + 0.1, low - 0.12), (x, low),
                                (x - 0.1, low - 0.12)], corners=range(5)), clothes.third)  # fmt: skip
            canvas.fill(smooth([(x - 0.08, top + 0.1), (x + 0.08, top + 0.1), (x + 0.045, top + 0.23), (x - 0.045,
                                                                                                        top + 0.23)],
                               corners=range(4)), clothes.third)  # fmt: skip
    elif clothes.neck in ("bow", "ribbon"):
        _bow(canvas, clothes, x, top + 0.18, (0.3 if clothes.neck == "bow" else 0.45) * body.shoulder_half)
    elif clothes.neck == "scarf":
        _scarf(canvas, body, clothes, x)
    elif clothes.neck == "necklace":
        chain = smooth([(-n, top + 0.02), (-0.7 * n, top + 0.14), (x, top + 0.24), (0.7 * n, top + 0.14), (n,
                                                                                                           top + 0.02)],
                       closed=False)  # fmt: skip
        canvas.stroke(chain, line=0.6, taper=0)
        canvas.fill(ellipse(x, top + 0.28, 0.045, 0.055), clothes.third, line=0.8, part="thing")
    elif clothes.neck == "choker":
        canvas.fill(smooth([(-1.02 * n, top - 0.1), (0, top - 0.06), (1.02 * n, top - 0.1), (1.02 * n, top - 0.03),
                            (0, top + 0.02),
                            (-1.02 * n, top - 0.03)], corners=(0, 2, 3, 5)), clothes.third, part="thing")  # fmt: skip


def _bow(canvas: Canvas, clothes: Clothes, x: float, y: float, size: float) -> None:
    with canvas.part("cloth tie"), canvas.frame(x, y, size):
        for flip in (False, True):
            with canvas.frame(0, 0, flip=flip):
                canvas.fill(smooth([(0, 0), (0.2, 0.5), (0.55, 1.05), (0.75, 0.85), (0.3, 0.2)], corners=(0, 2, 3)),
                            clothes.third)  # fmt: skip
                loop = canvas.fill(smooth([(0, 0), (0.45, -0.38), (1, -0.36), (1.02, 0.26), (0.45, 0.3)], corners=(0,)),
                                   clothes.third)  # fmt: skip
                draw_folds(canvas, loop, (0.12, 0), (1, 0), size=0.6, count=2)
        canvas.fill(ellipse(0, 0, 0.2, 0.25), clothes.third)


def _scarf(canvas: Canvas, body: Body, clothes: Clothes, x: float) -> None:
    n, top = body.neck_half, body.neck
    with canvas.part("cloth scarf"):
        end = smooth([(x + 0.08, top + 0.1), (x + 0.34, top + 0.12), (x + 0.42, body.waist), (x + 0.16,
                                                                                              body.waist + 0.05)],
                     corners=range(4))  # fmt: skip
        tail = canvas.fill(end, clothes.third)
        draw_folds(canvas, tail, (x + 0.2, top + 0.2), (0.1, 1), size=0.5)
        ring = smooth([(-1.9 * n, top - 0.06), (-n, top - 0.14), (0, top - 0.02), (n, top - 0.14), (1.9 * n,
                                                                                                    top - 0.06),
                                                                                                    (1.6 * n,
                       top + 0.14), (x, top + 0.24), (-1.6 * n, top + 0.14)])  # fmt: skip
        wrap = canvas.fill(ring, clothes.third)
        draw_folds(canvas, wrap, (1.5 * n, top), (-1, 0.35), size=2 * n)
        draw_folds(canvas, wrap, (-1.5 * n, top), (1, 0.35), size=1.5 * n)


def _badge(canvas: Canvas, clothes: Clothes, x: float, y: float, size: float) -> None:
    turns = np.linspace(-np.pi / 2, 1.5 * np.pi, 11)[:-1]
    radius = size * np.where(np.arange(10) % 2 == 0, 1.1, 0.5)
    star = np.stack([x + radius * np.cos(turns), y + radius * np.sin(turns)], 1)
    outline = star if canvas.random.random() < 0.5 else ellipse(x, y, size)
    canvas.fill(outline, clothes.third, line=0.8, part="thing")
