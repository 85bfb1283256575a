"""Mouths and beards of people. The frame is that of `heads`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .canvas import Canvas, Shape
from .curves import ellipse, moved, smooth
from .paints import Paint, mixed, paint

if TYPE_CHECKING:
    from .heads import Face

MOUTHS = ("line", "smile", "small", "cat", "open", "shout", "teeth", "lips")
_WHITE = (252, 252, 255)


def draw_mouth(canvas: Canvas, face: Face) -> None:
    """The mouth, closed as a line or open with teeth and tongue."""
    if face.is_profile:
        bow = {"smile": -0.08, "cat": -0.06}.get(face.mouth, 0.02)
        canvas.stroke(smooth([(0.86, 0.78), (0.76, 0.79), (0.64, 0.79 + bow)], closed=False), line=1.0)
        return
    x, y = 0.56 * face.turn, 0.9 if face.manner == "anime" else 0.86
    wide = (0.8 if face.manner == "anime" else 1.15) * (1 - 0.25 * face.turn)

    def line(points: list[tuple[float, float]], weight: float = 1.0) -> None:
        canvas.stroke(smooth([(x + wide * px, y + py) for px, py in points], closed=False), line=weight)

    if face.mouth == "line":
        line([(-0.15, 0), (0, 0.01), (0.15, -0.01)], 0.9)
        if canvas.random.random() < 0.4:
            line([(-0.05, 0.09), (0, 0.1), (0.05, 0.09)], 0.5)
    elif face.mouth == "small":
        line([(-0.07, 0), (0, 0.03), (0.07, 0)])
    elif face.mouth == "smile":
        line([(-0.24, -0.04), (0, 0.07), (0.24, -0.04)], 1.1)
    elif face.mouth == "cat":
        line([(-0.2, -0.03), (-0.1, 0.05), (0, -0.02), (0.1, 0.05), (0.2, -0.03)])
    elif face.mouth == "lips":
        _lips(canvas, face, x, y, wide)
    else:
        _open_mouth(canvas, face, x, y, wide)


def _lips(canvas: Canvas, face: Face, x: float, y: float, wide: float) -> None:
    red = paint(mixed(face.skin.base, (190, 60, 70), float(canvas.random.uniform(0.3, 0.75))))
    upper = [(-0.22, 0.0), (-0.06, -0.055), (0, -0.035), (0.06, -0.055), (0.22, 0.0), (0, 0.015)]
    lower = [(-0.2, 0.005), (0, 0.015), (0.2, 0.005), (0.09, 0.085), (-0.09, 0.085)]
    for points, corners in ((lower, (0, 2)), (upper, (0, 4))):
        canvas.fill(smooth([(x + wide * px, y + py) for px, py in points], corners=corners), red, line=0.5,
                    is_shaded=False, part="mouth")  # fmt: skip
    canvas.stroke(smooth([(x - 0.22 * wide, y), (x, y + 0.015), (x + 0.22 * wide, y)], closed=False), line=1.0)


def _open_mouth(canvas: Canvas, face: Face, x: float, y: float, wide: float) -> None:
    deep = {"shout": 0.34, "teeth": 0.16, "open": 0.2}[face.mouth] * float(canvas.random.uniform(0.8, 1.15))
    half = (0.2 if face.mouth == "shout" else 0.23) * wide
    y -= 0.04
    lips = smooth([(x - half, y), (x, y + 0.02), (x + half, y), (x + 0.6 * half, y + 0.75 * deep), (x, y + deep),
                   (x - 0.6 * half, y + 0.75 * deep)], corners=(0, 2))  # fmt: skip
    with canvas.part("mouth"):
        if face.mouth == "teeth":
            teeth = canvas.fill(lips, _WHITE, line=0.9, is_shaded=False)
            canvas.stroke(np.array([(x - half, y + 0.5 * deep), (x + half, y + 0.5 * deep)]), line=0.5, inside=teeth)
            for dx in (-0.5, 0.0, 0.5):
                if canvas.random.random() < 0.5:
                    canvas.stroke(np.array([(x + dx * half, y), (x + dx * half, y + deep)]), line=0.4, inside=teeth)
            return
        canvas.fill(lips, "#8f2f3a", line=0.9, is_shaded=False)
        tongue = _within(ellipse(x, y + deep, 0.6 * half, 0.45 * deep), lips)
        canvas.fill(tongue, "#e0747c", line=0.5, is_shaded=False)
        if canvas.random.random() < 0.5:
            row = _within(smooth([(x - half, y - 0.02), (x + half, y - 0.02), (x + 0.8 * half, y + 0.25 * deep),
                                  (x - 0.8 * half, y + 0.25 * deep)], corners=(0, 1)), lips)  # fmt: skip
            canvas.fill(row, _WHITE, line=0.4, is_shaded=False)
        canvas.stroke(np.vstack([lips, lips[:1]]), line=0.9)


def _within(outline: np.ndarray, mouth: np.ndarray) -> np.ndarray:
    """An outline whose points are pulled into a mouth from above and below."""
    order = np.argsort(mouth[:, 0])
    xs, ys = mouth[order].T
    split = np.interp(xs, [xs[0], xs[-1]], [ys[0], ys[-1]]) + 0.03
    held = outline.copy()
    held[:, 0] = np.clip(held[:, 0], xs[0], xs[-1])
    held[:, 1] = np.minimum(held[:, 1], np.interp(held[:, 0], xs[ys >= split], ys[ys >= split]))
    held[:, 1] = np.maximum(held[:, 1], np.interp(held[:, 0], xs[ys < split], ys[ys < split]))
    return held


def draw_beard(canvas: Canvas, face: Face, hair: Paint, skin: Shape) -> None:
    """Stubble, a moustache or a full beard, which is hair."""
    x, tip = 0.56 * face.turn, 0.42 * face.turn
    if face.is_profile:
        return
    if face.beard == "stubble":
        for _ in range(40):
            place = np.array([tip + canvas.random.uniform(-0.6, 0.6), canvas.random.uniform(0.85, 1.2)])
            canvas.stroke(np.stack([place, moved(place, 0, 0.03)]), line=0.5, inside=skin)
        return
    with canvas.part("hair"):
        if face.beard == "full":
            outline = smooth([(-0.93 + 0.2 * face.turn, 0.35), (-0.6 + tip, 0.75), (x - 0.25, 0.74), (x, 0.72),
                              (x + 0.25, 0.74), (0.6 + 0.5 * tip, 0.75), (0.9, 0.35), (0.84, 0.9), (0.4 + tip, 1.28),
                              (tip, 1.5), (-0.4 + tip, 1.28), (-0.84 + 0.2 * tip, 0.9)], corners=(0, 6, 9))  # fmt: skip
            canvas.fill(outline, hair)
        else:
            half = 0.38 * (1 - 0.5 * face.turn)
            points = [(0, 0.68), (0.6 * half, 0.68), (half, 0.86), (0.12, 0.79), (0, 0.76), (-0.12, 0.79), (-half,
                                                                                                            0.86),
                      (-0.6 * half, 0.68)]  # fmt: skip
            canvas.fill(smooth([(x + px, y) for px, y in points], corners=(2, 6)), hair)
