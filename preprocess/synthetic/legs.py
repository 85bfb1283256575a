"""Legs of people with trousers, skirts, stockings and shoes. Unit: the height of the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .bodies import Body, draw_folds, draw_joined
from .canvas import Canvas
from .curves import limb, moved, smooth
from .paints import Paint

BOTTOMS = ("skirt", "pleated skirt", "long skirt", "trousers", "shorts", "leggings")
SHOES = ("shoes", "boots", "barefoot")


@dataclass(frozen=True)
class Below:
    """What is worn below the waist.

    Attributes:
        bottom: one of `BOTTOMS`; shoes: one of `SHOES`.
        main, socks, shoe: paints; `pattern` of the main cloth or None.
        sock: float in [0, 1]. How far socks reach: 0 for none, 1 to the middle of the thigh.
        has_belt: True for a belt with a buckle.
        stance, step: floats. How far the feet are apart, and how one knee is bent.
    """

    bottom: str
    shoes: str
    main: Paint
    socks: Paint
    shoe: Paint
    pattern: Any
    sock: float
    has_belt: bool
    stance: float
    step: float


def draw_legs(canvas: Canvas, body: Body, below: Below, skin: Paint) -> None:
    """Both legs, then what hangs over them."""
    for side in (-1, 1):
        _leg(canvas, body, below, skin, side)
    if below.bottom in ("trousers", "shorts", "leggings"):
        _hips(canvas, body, below)


def draw_skirt(canvas: Canvas, body: Body, below: Below, color: Paint, pattern: Any) -> None:
    """A skirt, or the lower part of a dress: folds run from the waist to a wavy hem."""
    share = 0.8 if below.bottom == "long skirt" else 0.3
    low = body.crotch + share * (body.heads - body.crotch) - 0.05 * body.heads * (share < 0.5)
    top, half = body.waist, 1.04 * body.waist_half
    flare = body.hip_half * (1.35 + 0.5 * share + 0.4 * below.stance)
    folds = int(canvas.random.integers(3, 9))
    is_pleated = below.bottom == "pleated skirt"
    xs = np.linspace(flare, -flare, 2 * folds + 1)
    deep = 0.05 * (1 + share)
    hem = [(x, low + (deep if i % 2 else 0.0) - 0.1 * abs(x)) for i, x in enumerate(xs)]
    points = [(-half, top), (half, top), (0.85 * flare + 0.15 * half, body.crotch), *hem,
              (-0.85 * flare - 0.15 * half, body.crotch)]  # fmt: skip
    corners = [0, 1, 3, len(hem) + 2] + (list(range(3, len(hem) + 3)) if is_pleated else [])
    skirt = canvas.fill(smooth(points, corners=corners), color, pattern=pattern)
    for number, x in enumerate(xs[1:-1]):
        if not is_pleated and (number % 2 or canvas.random.random() > 0.4 + canvas.style.detail):
            continue
        start = top if is_pleated else top + (low - top) * float(canvas.random.uniform(0.1, 0.6))
        along = (start - top) / (low - top)
        upper = (half / flare * x * (1 - along) + x * along, start)
        canvas.stroke(
            smooth([upper, (0.9 * x, (start + low) / 2), hem[number + 1]], closed=False), line=0.75, inside=skirt
        )
    if below.has_belt:
        _belt(canvas, body, below)


def _leg(canvas: Canvas, body: Body, below: Below, skin: Paint, side: int) -> None:
    hip, foot = body.crotch - 0.08 * body.trunk, body.heads - 0.12
    bend = below.step * (side > 0)
    x = side * body.hip_half * 0.52
    knee = np.array([x * (1 + 0.5 * below.stance) + 0.25 * bend, (hip + foot) / 2 - 0.1 * bend])
    ankle = np.array([x * (1 + below.stance) - 0.15 * bend, foot - 0.3 * bend])
    bone = [(x, hip), knee, ankle]
    thick = body.leg
    with canvas.part("skin"):
        draw_joined(canvas, bone, [thick, 0.86 * thick, 0.66 * thick, 0.7 * thick, 0.42 * thick], skin)
    if below.sock and below.bottom not in ("trousers", "long skirt"):
        start = ankle + (knee - ankle) * min(1.0, 1.2 * below.sock)
        path = (
            [start, (start + ankle) / 2, ankle] if below.sock < 0.85 else [knee + 0.5 * (bone[0] - knee), knee, ankle]
        )
        wide = (
            [0.7 * thick, 0.74 * thick, 0.45 * thick] if below.sock < 0.85 else [0.9 * thick, 0.7 * thick, 0.45 * thick]
        )
        sock = canvas.fill(limb(path, wide), below.socks, part="cloth socks")
        canvas.stroke(
            np.array([moved(start, -0.4 * thick, 0.05), moved(start, 0.4 * thick, 0.05)]), line=0.5, inside=sock
        )
    _shoe(canvas, body, below, skin, side, ankle, knee)
    with canvas.part("cloth bottom"):
        if below.bottom in ("trousers", "leggings"):
            ends = [1.1, 1.0, 0.86] if below.bottom == "trousers" else [1.02, 0.74, 0.48]
            leg = draw_joined(canvas, bone, [thick * e for e in ends], below.main, pattern=below.pattern)
            draw_folds(canvas, leg, moved(knee, side * 0.3 * thick, 0), (-side, 0.2), size=0.7 * thick)
            draw_folds(canvas, leg, moved(ankle, -side * 0.3 * thick, -0.1), (side, -0.3), size=0.7 * thick)
            draw_folds(canvas, leg, (x - side * 0.3 * thick, hip + 0.1), (side, 0.4), size=0.8 * thick)
        elif below.bottom == "shorts":
            end = np.array([x, hip]) + 0.55 * (knee - (x, hip))
            leg = draw_joined(canvas, [(x, hip), end], [1.12 * thick, 1.12 * thick], below.main, pattern=below.pattern)
            draw_folds(canvas, leg, end, (-side, -1), size=0.6 * thick)


def _hips(canvas: Canvas, body: Body, below: Below) -> None:
    h, top, low = body.hip_half, body.waist + 0.3 * (body.crotch - body.waist), body.crotch + 0.05
    outline = smooth([(-0.86 * h, top), (0.86 * h, top), (1.02 * h, body.crotch - 0.05), (0.5 * h, low), (0,
                                                                                                          low + 0.06),
                      (-0.5 * h, low), (-1.02 * h, body.crotch - 0.05)], corners=(0, 1))  # fmt: skip
    with canvas.part("cloth bottom"):
        shape = canvas.fill(outline, below.main, line=0, pattern=below.pattern)
        canvas.stroke(smooth([(0.02, top), (0.0, low)], closed=False), line=0.8, inside=shape)
        for side in (-1, 1):
            canvas.stroke(smooth([(side * 0.86 * h, top), (side * 1.02 * h, body.crotch - 0.05)], closed=False))
            canvas.stroke(smooth([(side * 0.55 * h, top), (side * 0.75 * h, top + 0.15), (side * 0.95 * h, top + 0.2)],
                                 closed=False), line=0.6, inside=shape)  # fmt: skip
    if below.has_belt:
        _belt(canvas, body, below)


def _belt(canvas: Canvas, body: Body, below: Below) -> None:
    y = body.waist if "skirt" in below.bottom else body.waist + 0.3 * (body.crotch - body.waist)
    w = 1.06 * body.waist_half if "skirt" in below.bottom else 0.9 * body.hip_half
    tall = 0.05 + 0.03 * body.shoulder_half
    with canvas.part("cloth belt"):
        canvas.fill(smooth([(-w, y - tall), (0, y - 0.6 * tall), (w, y - tall), (w, y + tall), (0, y + 1.4 * tall),
                            (-w, y + tall)], corners=(0, 2, 3, 5)), below.shoe)  # fmt: skip
    buckle = np.array([(-1.2, -1.0), (1.2, -1.0), (1.2, 1.3), (-1.2, 1.3)]) * tall + (0, y + 0.1 * tall)
    canvas.fill(buckle, "#d9b34a", line=0.8, part="thing")


def _shoe(
    canvas: Canvas, body: Body, below: Below, skin: Paint, side: int, ankle: np.ndarray, knee: np.ndarray
) -> None:
    size = 0.55 * body.hand + 0.12
    color = skin if below.shoes == "barefoot" else below.shoe
    with canvas.part("skin" if below.shoes == "barefoot" else "cloth shoes"):
        if below.shoes == "boots":
            start = ankle + 0.55 * (knee - ankle)
            boot = canvas.fill(limb([start, (start + ankle) / 2, moved(ankle, 0, 0.06)],
                                    [0.76 * body.leg, 0.72 * body.leg, 0.55 * body.leg]), color)  # fmt: skip
            draw_folds(canvas, boot, ankle, (-side, -0.5), size=0.4 * body.leg)
        with canvas.frame(float(ankle[0]), float(ankle[1]), size, flip=side < 0):
            points = [(-0.3, -0.35), (0.25, -0.35), (0.4, 0.0), (0.95, 0.18), (1.0, 0.38), (-0.35, 0.38)]
            if below.shoes == "barefoot":
                canvas.fill(smooth(points, corners=(5,)), color)
                for x in (0.72, 0.82, 0.9):
                    canvas.stroke(np.array([(x, 0.22), (x - 0.03, 0.34)]), line=0.5)
                return
            shoe = canvas.fill(smooth(points, corners=(0, 1, 4, 5)), color)
            canvas.stroke(np.array([(-0.35, 0.28), (1.0, 0.28)]), line=0.6, inside=shoe)
            if below.shoes == "shoes":
                for x in (0.36, 0.48):
                    canvas.stroke(np.array([(x - 0.08, 0.0), (x + 0.1, 0.08)]), line=0.6, inside=shoe)
