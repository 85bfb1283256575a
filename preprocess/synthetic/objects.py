"""Things: fruit, potions, swords, shields, chests, books, cups, gems, cars and so on. Unit: the height of the thing."""

from __future__ import annotations

import numpy as np

from . import patterns
from .canvas import Canvas
from .curves import arc, ellipse, limb, smooth
from .paints import paint, pick, related

OBJECTS = ("potion", "sword", "shield", "chest", "fruit", "gem", "book", "cup", "mushroom", "car", "cake", "lamp",
           "balloon",
           "key", "boat", "guitar", "plant")  # fmt: skip


def draw_object(canvas: Canvas, x: float, y: float, size: float, kind: str | None = None) -> None:
    """Draws one of `OBJECTS`, by default any, centred at `(x, y)`."""
    random = canvas.random
    kind = kind or str(random.choice(OBJECTS))
    angle, flip = float(random.uniform(-0.25, 0.25)), bool(random.random() < 0.5)
    with canvas.part("thing"), canvas.frame(x, y, size, angle=angle, flip=flip):
        _DRAW[kind](canvas)


def _rounded(x: float, y: float, wide: float, high: float) -> np.ndarray:
    """A box around `(x, y)` with round corners."""
    r = 0.25 * min(wide, high)
    w, h = wide / 2, high / 2
    points = [(x - w + r, y - h), (x + w - r, y - h), (x + w, y - h + r), (x + w, y + h - r), (x + w - r, y + h),
              (x - w + r, y + h),
              (x - w, y + h - r), (x - w, y - h + r)]  # fmt: skip
    return smooth(points, detail=5)


def _potion(canvas: Canvas) -> None:
    liquid = pick("toy", canvas.random)
    canvas.fill(_rounded(0, -0.42, 0.16, 0.14), pick("wood", canvas.random))
    glass = smooth([(-0.09, -0.36), (0.09, -0.36), (0.09, -0.15), (0.34, 0.15), (0.28, 0.42), (0, 0.48), (-0.28,
        0.42), (-0.34, 0.15), (-0.09, -0.15)],
                   corners=(0, 1))  # fmt: skip
    body = canvas.fill(glass, "#e3f0f2")
    canvas.fill(
        smooth([(-0.32, 0.1), (0, 0.13), (0.32, 0.1), (0.27, 0.39), (0, 0.45), (-0.27, 0.39)], corners=(0, 2)),
        liquid,
        line=0.8,
    )
    for x, y, r in ((-0.1, 0.25, 0.03), (0.08, 0.2, 0.045), (0.12, 0.34, 0.025)):
        canvas.dab(ellipse(x, y, r), liquid.light, is_flat=True)
    canvas.dab(ellipse(-0.2, 0.12, 0.03, 0.12, angle=0.4), (255, 255, 255), strength=0.8)
    canvas.stroke(smooth([(-0.05, -0.3), (-0.05, -0.18)], closed=False), line=0.5, inside=body)


def _sword(canvas: Canvas) -> None:
    metal, grip = pick("metal", canvas.random), pick("cloth", canvas.random)
    blade = canvas.fill(np.array([(-0.07, 0.2), (-0.06, -0.38), (0, -0.5), (0.06, -0.38), (0.07, 0.2)]), metal)
    canvas.dab(np.array([(0, -0.5), (0.06, -0.38), (0.07, 0.2), (0, 0.2)]), metal.shade, inside=blade)
    canvas.stroke(np.array([(0, -0.45), (0, 0.2)]), line=0.6)
    canvas.fill(
        smooth([(-0.22, 0.16), (0, 0.2), (0.22, 0.16), (0.24, 0.24), (0, 0.28), (-0.24, 0.24)]),
        pick("metal", canvas.random),
    )
    canvas.fill(_rounded(0, 0.36, 0.09, 0.18), grip)
    for y in (0.32, 0.37, 0.42):
        canvas.stroke(np.array([(-0.045, y), (0.045, y - 0.02)]), line=0.6)
    canvas.fill(ellipse(0, 0.47, 0.06), pick("toy", canvas.random))


def _shield(canvas: Canvas) -> None:
    base = pick("cloth", canvas.random)
    outline = smooth(
        [(0, -0.48), (0.4, -0.38), (0.38, 0.05), (0, 0.5), (-0.38, 0.05), (-0.4, -0.38)], corners=(0, 1, 3, 5)
    )
    canvas.fill(outline, pick("metal", canvas.random))
    canvas.fill(0.84 * outline, base)
    if canvas.random.random() < 0.5:
        canvas.fill(
            0.84 * smooth([(0, -0.48), (0.4, -0.38), (0.38, 0.05), (0, 0.5)], corners=(0, 1, 3)),
            related(base.base, canvas.random),
        )
    canvas.fill(ellipse(0, -0.06, 0.12), "#e8be45")


def _chest(canvas: Canvas) -> None:
    wood, metal = pick("wood", canvas.random), pick("metal", canvas.random)
    canvas.fill(np.array([(-0.48, 0.4), (-0.48, -0.02), (0.48, -0.02), (0.48, 0.4)]), wood)
    for y in (0.12, 0.26):
        canvas.stroke(np.array([(-0.48, y), (0.48, y)]), line=0.6, taper=0)
    canvas.fill(
        smooth(
            [(-0.48, -0.02), (-0.48, -0.22), (-0.3, -0.4), (0.3, -0.4), (0.48, -0.22), (0.48, -0.02)], corners=(0, 5)
        ),
        paint(wood.light),
    )
    for x in (-0.36, 0.36):
        canvas.fill(np.array([(x - 0.05, 0.4), (x - 0.05, -0.36), (x + 0.05, -0.36), (x + 0.05, 0.4)]), metal)
    canvas.fill(_rounded(0, 0.02, 0.18, 0.2), "#e8be45")
    canvas.fill(ellipse(0, 0.02, 0.03), (50, 34, 30), line=0)


def _fruit(canvas: Canvas) -> None:
    color = paint(str(canvas.random.choice(["#d83a3a", "#f0a030", "#8fbf3f", "#f3cf45", "#8f4fa8", "#f2889a"])))
    body = canvas.fill(smooth([(0, -0.3), (0.2, -0.38), (0.42, -0.15), (0.36, 0.25), (0.12, 0.45), (-0.12, 0.45),
                               (-0.36, 0.25), (-0.42, -0.15), (-0.2, -0.38)],
                              corners=(0,)), color)  # fmt: skip
    canvas.dab(ellipse(-0.2, -0.12, 0.06, 0.11, angle=0.4), (255, 255, 255), inside=body, strength=0.75)
    canvas.stroke(smooth([(0, -0.3), (0.02, -0.42), (0.08, -0.5)], closed=False), line=2.0, color=(96, 62, 36))
    leaf = canvas.fill(
        smooth([(0.05, -0.42), (0.2, -0.52), (0.4, -0.46), (0.22, -0.38)], corners=(0, 2)), pick("leaf", canvas.random)
    )
    canvas.stroke(np.array([(0.08, -0.42), (0.32, -0.46)]), line=0.6, inside=leaf)


def _gem(canvas: Canvas) -> None:
    color = pick("toy", canvas.random)
    top, waist, low = -0.35, -0.1, 0.45
    xs = np.linspace(-0.45, 0.45, 4)
    tones = (color.light, color.base, color.shade)
    for i in range(3):
        canvas.fill(np.array([(xs[i], waist), (xs[i + 1], waist), (0, low)]), tones[i], line=0.7, is_shaded=False)
    tops = np.linspace(-0.25, 0.25, 3)
    canvas.fill(np.array([(xs[0], waist), (tops[0], top), (xs[1], waist)]), color.base, line=0.7, is_shaded=False)
    canvas.fill(
        np.array([(xs[1], waist), (tops[0], top), (tops[2], top), (xs[2], waist)]),
        color.light,
        line=0.7,
        is_shaded=False,
    )
    canvas.fill(np.array([(xs[2], waist), (tops[2], top), (xs[3], waist)]), color.shade, line=0.7, is_shaded=False)


def _book(canvas: Canvas) -> None:
    cover = pick("cloth", canvas.random)
    canvas.fill(np.array([(-0.34, -0.42), (0.3, -0.46), (0.38, 0.38), (-0.26, 0.44)]), cover.shade)
    canvas.fill(np.array([(-0.32, 0.36), (0.34, 0.3), (0.36, 0.37), (-0.28, 0.42)]), "#f6f0dc")
    canvas.fill(np.array([(-0.36, -0.44), (0.28, -0.48), (0.34, 0.3), (-0.32, 0.36)]), cover)
    canvas.fill(
        np.array([(-0.36, -0.44), (-0.26, -0.446), (-0.22, 0.35), (-0.32, 0.36)]), related(cover.base, canvas.random)
    )
    canvas.fill(_rounded(0.05, -0.15, 0.3, 0.22), "#f3e6bf", line=0.8)
    for y in (-0.2, -0.15, -0.1):
        canvas.stroke(np.array([(-0.03, y), (0.13, y)]), line=0.5)


def _cup(canvas: Canvas) -> None:
    color = pick("cloth", canvas.random)
    handle = arc(0.3, 0.05, 0.2, 0.2, -1.4, 1.4)
    canvas.fill(limb(handle[::4], [0.07, 0.07]), color)
    figures = patterns.random_pattern(canvas.random) if canvas.random.random() < 0.5 else None
    canvas.fill(
        smooth([(-0.36, -0.25), (0.36, -0.25), (0.3, 0.32), (0.15, 0.4), (-0.15, 0.4), (-0.3, 0.32)], corners=(0, 1)),
        color,
        pattern=figures,
    )
    canvas.fill(ellipse(0, -0.25, 0.36, 0.09), color.light)
    canvas.fill(ellipse(0, -0.24, 0.3, 0.065), "#6e4426", line=0.7)
    for x in (-0.1, 0.08):
        canvas.stroke(
            smooth([(x, -0.32), (x + 0.05, -0.38), (x - 0.02, -0.44), (x + 0.03, -0.5)], closed=False), line=0.7
        )


def _mushroom(canvas: Canvas) -> None:
    canvas.fill(smooth([(-0.12, 0), (0.12, 0), (0.16, 0.42), (0, 0.47), (-0.16, 0.42)]), "#f3e8d2")
    cap = pick("toy", canvas.random)
    canvas.fill(
        smooth([(-0.48, 0.06), (-0.4, -0.28), (0, -0.47), (0.4, -0.28), (0.48, 0.06), (0, 0.14)], corners=(0, 4)), cap
    )
    for x, y, r in ((-0.22, -0.12, 0.08), (0.05, -0.28, 0.09), (0.25, -0.05, 0.07), (0.0, 0.0, 0.05)):
        canvas.fill(ellipse(x, y, r), "#fbf7ee", line=0.6)


def _car(canvas: Canvas) -> None:
    color = pick("toy", canvas.random)
    body = [
        (-0.5, 0.15),
        (-0.46, -0.05),
        (-0.28, -0.09),
        (-0.14, -0.28),
        (0.2, -0.28),
        (0.34, -0.08),
        (0.48, -0.02),
        (0.5, 0.15),
    ]
    canvas.fill(smooth(body, corners=(0, 7)), color)
    canvas.fill(smooth([(-0.22, -0.08), (-0.12, -0.23), (0.02, -0.23), (0.02, -0.08)], corners=range(4)), "#bfe3ef")
    canvas.fill(smooth([(0.06, -0.08), (0.06, -0.23), (0.18, -0.23), (0.28, -0.08)], corners=range(4)), "#bfe3ef")
    canvas.stroke(np.array([(0.04, -0.05), (0.04, 0.13)]), line=0.7)
    canvas.stroke(np.array([(0.08, 0.0), (0.14, 0.0)]), line=1.0)
    for x in (-0.28, 0.28):
        canvas.fill(ellipse(x, 0.16, 0.13), "#34343c")
        canvas.fill(ellipse(x, 0.16, 0.06), pick("metal", canvas.random), line=0.8)
    canvas.fill(ellipse(0.47, 0.04, 0.035), "#fff0a8", line=0.8)


def _cake(canvas: Canvas) -> None:
    layers = [pick("toy", canvas.random) for _ in range(3)]
    canvas.fill(ellipse(0, 0.38, 0.48, 0.1), "#f2f2f6")
    for number, color in enumerate(layers):
        wide, y = 0.38 - 0.08 * number, 0.34 - 0.22 * number
        canvas.fill(
            smooth([(-wide, y - 0.2), (wide, y - 0.2), (wide, y), (0, y + 0.06), (-wide, y)], corners=(0, 1, 2, 4)),
            color,
        )
        xs = np.linspace(wide, -wide, 9)
        drip = [(x, y - 0.14 + 0.06 * (i % 2)) for i, x in enumerate(xs)]
        canvas.fill(
            smooth([(-wide, y - 0.2), (0, y - 0.25), (wide, y - 0.2), *drip], corners=(0, 2)), "#fdf6ee", line=0.8
        )
    canvas.fill(ellipse(0, -0.36, 0.08), "#d8343f")


def _lamp(canvas: Canvas) -> None:
    canvas.fill(limb([(0, -0.1), (0, 0.4)], [0.06, 0.06]), pick("metal", canvas.random))
    canvas.fill(
        smooth([(-0.22, 0.45), (-0.16, 0.36), (0.16, 0.36), (0.22, 0.45)], corners=(0, 3)), pick("wood", canvas.random)
    )
    figures = patterns.random_pattern(canvas.random) if canvas.random.random() < 0.4 else None
    canvas.fill(
        np.array([(-0.16, -0.45), (0.16, -0.45), (0.36, -0.05), (-0.36, -0.05)]),
        pick("cloth", canvas.random),
        pattern=figures,
    )


def _balloon(canvas: Canvas) -> None:
    color = pick("toy", canvas.random)
    canvas.stroke(smooth([(0, 0.2), (0.06, 0.32), (-0.04, 0.42), (0.02, 0.5)], closed=False), line=0.8)
    canvas.fill(np.array([(0, 0.14), (0.06, 0.22), (-0.06, 0.22)]), color)
    body = canvas.fill(
        smooth(
            [
                (0, 0.16),
                (0.26, -0.02),
                (0.32, -0.25),
                (0.2, -0.45),
                (0, -0.5),
                (-0.2, -0.45),
                (-0.32, -0.25),
                (-0.26, -0.02),
            ]
        ),
        color,
    )
    canvas.dab(ellipse(-0.14, -0.3, 0.05, 0.1, angle=0.35), (255, 255, 255), inside=body, strength=0.8)


def _key(canvas: Canvas) -> None:
    metal = pick("metal", canvas.random)
    canvas.fill(np.array([(-0.05, -0.15), (0.05, -0.15), (0.05, 0.48), (-0.05, 0.48)]), metal)
    for y in (0.25, 0.38):
        canvas.fill(np.array([(0.05, y), (0.2, y), (0.2, y + 0.08), (0.05, y + 0.08)]), metal)
    canvas.fill(ellipse(0, -0.28, 0.21), metal)
    canvas.fill(ellipse(0, -0.28, 0.09), pick("toy", canvas.random))


def _boat(canvas: Canvas) -> None:
    canvas.fill(limb([(0, -0.48), (0, 0.2)], [0.04, 0.05]), pick("wood", canvas.random))
    canvas.fill(smooth([(0.04, -0.45), (0.38, 0.1), (0.04, 0.1)], corners=(0, 1, 2)), "#f6f2e8")
    figures = patterns.random_pattern(canvas.random) if canvas.random.random() < 0.4 else None
    canvas.fill(
        smooth([(-0.04, -0.38), (-0.3, 0.1), (-0.04, 0.1)], corners=(0, 1, 2)),
        pick("cloth", canvas.random),
        pattern=figures,
    )
    hull = canvas.fill(
        smooth([(-0.46, 0.17), (0.48, 0.17), (0.3, 0.42), (-0.3, 0.42)], corners=(0, 1)), pick("wood", canvas.random)
    )
    canvas.stroke(np.array([(-0.44, 0.26), (0.44, 0.26)]), line=0.7, inside=hull)


def _guitar(canvas: Canvas) -> None:
    wood = pick("wood", canvas.random)
    canvas.fill(np.array([(-0.035, -0.48), (0.035, -0.48), (0.035, 0.1), (-0.035, 0.1)]), wood.shade)
    canvas.fill(
        smooth(
            [
                (0, -0.05),
                (0.2, -0.02),
                (0.17, 0.13),
                (0.28, 0.3),
                (0.12, 0.48),
                (-0.12, 0.48),
                (-0.28, 0.3),
                (-0.17, 0.13),
                (-0.2, -0.02),
            ]
        ),
        wood,
    )
    canvas.fill(ellipse(0, 0.16, 0.08), "#33241c", line=0.8)
    canvas.fill(np.array([(-0.1, 0.33), (0.1, 0.33), (0.1, 0.37), (-0.1, 0.37)]), wood.shade)
    for x in (-0.018, 0.0, 0.018):
        canvas.stroke(np.array([(x, -0.42), (x, 0.35)]), line=0.35, taper=0)


def _plant(canvas: Canvas) -> None:
    leaf = pick("leaf", canvas.random)
    for angle in np.linspace(-1.1, 1.1, int(canvas.random.integers(4, 8))):
        tip = np.array([0.5 * np.sin(angle), 0.1 - 0.58 * np.cos(angle)])
        side = 0.1 * np.array([np.cos(angle), np.sin(angle)])
        blade = canvas.fill(smooth([(0, 0.12), tip * 0.5 + side, tip, tip * 0.5 - side], corners=(0, 2)), leaf)
        canvas.stroke(np.array([(0, 0.12), 0.9 * tip]), line=0.5, inside=blade)
    canvas.fill(np.array([(-0.2, 0.14), (0.2, 0.14), (0.15, 0.48), (-0.15, 0.48)]), pick("cloth", canvas.random))
    canvas.fill(np.array([(-0.24, 0.08), (0.24, 0.08), (0.24, 0.17), (-0.24, 0.17)]), pick("cloth", canvas.random))


_DRAW = {"potion": _potion, "sword": _sword, "shield": _shield, "chest": _chest, "fruit": _fruit, "gem": _gem,
         "book": _book,
         "cup": _cup, "mushroom": _mushroom, "car": _car, "cake": _cake, "lamp": _lamp, "balloon": _balloon,
         "key": _key,
         "boat": _boat, "guitar": _guitar, "plant": _plant}  # fmt: skip
