"""Eyes of people, from a dot to white, iris, pupil, highlights, lids and lashes. Unit of an eye: that of its head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas, Shape
from .curves import ellipse, smooth
from .paints import Color, Paint, mixed, paint, pick

EYES = ("tall", "almond", "round", "oval", "dot", "closed")
_WHITE = (252, 252, 255)
_SMALLEST = 7.0  # canvas pixels of half an eye below which nobody draws an iris


@dataclass(frozen=True)
class Eyes:
    """How both eyes look.

    Attributes:
        kind: one of `EYES`; an `oval` is iris alone, as of figures for children.
        wide, tall: floats. Half the width and height of the opening.
        size: float. Of the iris, in half heights.
        gaze: float in [-1, 1]. To which side they look.
        pupil: how it is inked: `black`, `ring`, `hatched` or `none`.
        lashes: int. Single lashes at the outer corner.
        lid: float in [0, 1]. Weight of the upper lid: a line or a black wedge.
        has_crease: True for a second line above the lid.
        iris: its paint.
    """

    kind: str
    wide: float
    tall: float
    size: float
    gaze: float
    pupil: str
    lashes: int
    lid: float
    has_crease: bool
    iris: Paint


def random_eyes(random: np.random.Generator, manner: str) -> Eyes:
    """Eyes as somebody draws them who draws heads in a manner of `heads.MANNERS`."""
    kinds = {"anime": (0.74, 0.1, 0.04, 0.02, 0.02, 0.08), "comic": (0.05, 0.78, 0.05, 0.02, 0.02, 0.08),
             "cartoon": (0.12, 0.12, 0.36, 0.16, 0.14, 0.1)}[manner]  # fmt: skip
    kind = str(random.choice(EYES, p=kinds))
    factor = {"anime": 1.0, "comic": 0.8, "cartoon": 0.9}[manner] * float(random.uniform(0.85, 1.12))
    wide, tall = {"tall": (0.29, 0.33), "almond": (0.29, 0.15), "round": (0.25, 0.27), "oval": (0.12, 0.2),
                  "dot": (0.07, 0.09), "closed": (0.27, 0.2)}[kind]  # fmt: skip
    return Eyes(
        kind=kind, wide=wide * factor, tall=tall * factor * float(random.uniform(0.85, 1.2)),
        size=float(random.uniform(0.82, 1.02)), gaze=float(random.normal(0, 0.4)),
        pupil=str(random.choice(["black", "ring", "hatched", "none"], p=[0.42, 0.24, 0.14, 0.2])),
        lashes=int(random.choice([0, 0, 1, 2, 3, 4])), lid=float(random.uniform(0, 1)),
        has_crease=bool(random.random() < 0.6), iris=pick("eyes", random),
    )  # fmt: skip


def draw_eye(canvas: Canvas, eyes: Eyes, skin: Paint, *, gaze: float) -> None:
    """An eye around the origin; its outer corner is on the right.

    Args:
        canvas: with the frame of the eye.
        eyes: its look.
        skin: paint of lids and of its corners' shadow.
        gaze: where it looks, positive toward the outer corner.
    """
    lash = (30, 22, 30) if canvas.style.line_color == "black" else skin.line
    is_small = eyes.tall * canvas.pixels < _SMALLEST
    if eyes.kind == "closed":
        bow = 0.5 * eyes.tall * (1 if eyes.lid < 0.5 else -1)
        path = smooth([(-eyes.wide, 0.1 - 0.4 * bow), (0, 0.1 + bow), (eyes.wide, 0.1 - 0.5 * bow)], closed=False)
        canvas.stroke(path, line=2.0, color=lash)
        _single_lashes(canvas, eyes, path, lash)
        return
    if eyes.kind in ("dot", "oval") or is_small:
        _dot(canvas, eyes, is_small=is_small)
        return
    upper, lower = _lids(eyes)
    opening = smooth([*upper, *lower], corners=(0, len(upper) - 1)) if eyes.kind != "round" else ellipse(
        0, 0, eyes.wide, eyes.tall)  # fmt: skip
    line = 0.9 if eyes.kind == "round" else 0.45 * float(canvas.random.random() < 0.5)
    white = canvas.fill(opening, _WHITE, line=line, is_shaded=False, part="eye white", wobble=False)
    if canvas.style.shading != "flat":
        canvas.dab(opening - np.array([0, 1.35 * eyes.tall]), mixed(skin.shade, (215, 215, 240), 0.7), inside=white)
    _iris(canvas, eyes, white, opening, gaze)
    _upper_lid(canvas, eyes, smooth(upper, closed=False), lash)
    below = smooth([upper[-1], *lower, upper[0]], closed=False)
    if eyes.kind != "round":
        middle = len(below) // 2
        canvas.stroke(below[middle // 3 : middle + middle // 2], line=0.8, color=lash)


def _lids(eyes: Eyes) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    w, h = eyes.wide, eyes.tall
    if eyes.kind == "almond":
        return ([(-w, 0.3 * h), (-0.45 * w, -0.7 * h), (0.2 * w, -h), (0.75 * w, -0.6 * h), (1.05 * w, 0.0)],
                [(0.5 * w, 0.75 * h), (0.0, 0.95 * h), (-0.55 * w, 0.8 * h)])  # fmt: skip
    if eyes.kind == "round":
        turns = np.linspace(1.1 * np.pi, 1.9 * np.pi, 5)
        return [(w * np.cos(t), h * np.sin(t)) for t in turns], [(0.7 * w, 0.7 * h), (0, h), (-0.7 * w, 0.7 * h)]
    return ([(-w, 0.25 * h), (-0.6 * w, -0.68 * h), (0.1 * w, -h), (0.72 * w, -0.72 * h), (w, -0.05 * h)],
            [(0.85 * w, 0.55 * h), (0.4 * w, 0.98 * h), (-0.2 * w, h), (-0.7 * w, 0.75 * h)])  # fmt: skip


def _dot(canvas: Canvas, eyes: Eyes, *, is_small: bool) -> None:
    """An eye without white, or one so small that it is a spot."""
    if is_small and eyes.kind not in ("dot", "oval"):
        wide, tall = 0.62 * eyes.wide, max(0.75 * eyes.tall, 0.1)
        canvas.fill(ellipse(0, 0, wide, tall), mixed(eyes.iris.base, (20, 14, 30), 0.5), line=0.8, is_shaded=False,
                    part="iris")  # fmt: skip
        canvas.stroke(smooth([(-eyes.wide, -0.2 * tall), (0, -1.1 * tall), (eyes.wide, -0.4 * tall)], closed=False),
                      line=1.4)  # fmt: skip
        return
    outline = ellipse(0, 0.03, eyes.wide, eyes.tall)
    is_black = eyes.kind == "dot" or eyes.pupil != "ring"
    shape = canvas.fill(outline, (28, 24, 30) if is_black else eyes.iris, line=0.8, is_shaded=False, part="iris")
    if is_black and eyes.pupil in ("black", "hatched"):
        canvas.dab(outline, (28, 24, 30), inside=shape, is_flat=True, ink=255)
    if eyes.tall * canvas.pixels > _SMALLEST:
        canvas.dab(ellipse(-0.3 * eyes.wide, -0.4 * eyes.tall, 0.32 * eyes.wide, 0.3 * eyes.tall), _WHITE,
                   is_flat=True, ink=0)  # fmt: skip


def _iris(canvas: Canvas, eyes: Eyes, white: Shape, opening: np.ndarray, gaze: float) -> None:
    """Iris, pupil and highlights, cut off by the lids."""
    ry = eyes.tall * eyes.size * (1.25 if eyes.kind == "almond" else 0.7 if eyes.kind == "round" else 1.0)
    rx = ry * (0.72 if eyes.kind == "tall" else 0.95)
    rx = min(rx, 0.75 * eyes.wide)
    x, y = 0.3 * gaze * (eyes.wide - 0.6 * rx) - 0.02, 0.0 if eyes.kind != "tall" else 0.04 * eyes.tall
    outline = _clipped(ellipse(x, y, rx, ry), opening)
    dark, bright = mixed(eyes.iris.base, (20, 14, 34), 0.45), mixed(eyes.iris.base, (255, 255, 255), 0.25)
    is_plain = canvas.random.random() < 0.35
    shape = canvas.fill(outline, eyes.iris if is_plain else paint(dark), line=0.7, is_shaded=False, wobble=False,
                        fade=None if is_plain else bright, part="iris")  # fmt: skip
    pupil = ellipse(x, y - 0.04 * ry, 0.42 * rx, 0.45 * ry)
    canvas.dab(pupil, mixed(dark, (10, 8, 16), 0.7), inside=shape, is_flat=True,
               ink=255 if eyes.pupil == "black" else None)  # fmt: skip
    if eyes.pupil in ("ring", "hatched"):
        canvas.stroke(np.vstack([pupil, pupil[:1]]), line=0.5, inside=shape, taper=0.2)
    if eyes.pupil == "hatched":
        for share in np.linspace(-0.85, 0.85, 9):
            canvas.stroke(np.array([(x + share * rx, y - ry), (x + 0.8 * share * rx, y - 0.25 * ry)]), line=0.6,
                          inside=shape)  # fmt: skip
    if eyes.kind == "tall" and canvas.random.random() < 0.6:
        canvas.dab(ellipse(x, y + 0.6 * ry, 0.55 * rx, 0.22 * ry), mixed(bright, (255, 255, 255), 0.4), inside=shape,
                   strength=0.7)  # fmt: skip
    spots = [ellipse(x - 0.35 * rx, y - 0.42 * ry, 0.32 * rx, 0.27 * ry)]
    if eyes.kind == "tall":
        spots.append(ellipse(x + 0.42 * rx, y + 0.42 * ry, 0.17 * rx, 0.14 * ry))
    has_ring = canvas.random.random() < 0.4
    for spot in spots:
        canvas.dab(spot, (255, 255, 255), is_flat=True, ink=0)
        if has_ring:
            canvas.stroke(np.vstack([spot, spot[:1]]), line=0.4, taper=0)


def _upper_lid(canvas: Canvas, eyes: Eyes, curve: np.ndarray, lash: Color) -> None:
    share = np.linspace(0, 1, len(curve))[:, None]
    weight = (0.05 + 0.22 * eyes.lid) * min(eyes.tall, 0.3)
    if eyes.lid > 0.35 and eyes.kind != "round":  # a wedge, heavier toward the outer corner
        raised = curve - np.hstack(
            [np.zeros_like(share), weight * (0.25 + share) * np.sin(np.pi * share * 0.92 + 0.12)]
        )
        tip = curve[-1] + np.array([0.18, -0.1 - 0.1 * eyes.lid]) * eyes.wide
        canvas.dab(np.vstack([curve, tip[None], raised[::-1]]), lash, ink=255)
    canvas.stroke(curve, line=1.5, color=lash, taper=0.6)
    _single_lashes(canvas, eyes, curve, lash)
    if eyes.has_crease:
        lifted = curve[2:-3] * np.array([0.92, 1.0]) - np.array([0, 0.2 * eyes.tall + 0.05])
        canvas.stroke(lifted[len(lifted) // 5 :], line=0.55)


def _single_lashes(canvas: Canvas, eyes: Eyes, curve: np.ndarray, lash: Color) -> None:
    for number in range(eyes.lashes):
        root = curve[-1 - 3 * number]
        tip = root + np.array([0.3 - 0.06 * number, -0.28 - 0.06 * number]) * eyes.wide
        canvas.stroke(smooth([root, (root + tip) / 2 + (0.02, 0.015), tip], closed=False), line=1.0, color=lash)


def _clipped(outline: np.ndarray, opening: np.ndarray) -> np.ndarray:
    """The part of an outline that lies between the upper and the lower edge of another."""
    order = np.argsort(opening[:, 0])
    xs, ys = opening[order].T
    middle = np.interp(xs, [xs[0], xs[-1]], [ys[0], ys[-1]])
    upper, lower = ys <= middle, ys >= middle
    clipped = outline.copy()
    clipped[:, 0] = np.clip(clipped[:, 0], xs[0], xs[-1])
    clipped[:, 1] = np.maximum(clipped[:, 1], np.interp(clipped[:, 0], xs[upper], ys[upper]))
    clipped[:, 1] = np.minimum(clipped[:, 1], np.interp(clipped[:, 0], xs[lower], ys[lower]))
    return clipped
