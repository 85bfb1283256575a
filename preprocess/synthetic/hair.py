"""Hair of people, made of strands: a mass behind the head, a cap, a fringe and locks in front. The frame is that of
`heads`; every strand is a region of its own with the label and the colour of the hair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas, Shape
from .curves import ellipse, locks, moved, smooth
from .fringes import FRINGES, draw_fringe
from .heads import Face
from .paints import Color, Paint, mixed, pick
from .profiles import draw_profile_hair
from .strands import draw_braid, draw_cloud, draw_lock, draw_tail, waved

BACKS = ("crop", "short", "bob", "long", "twin tails", "ponytail", "braids", "spiky", "bun", "curly", "none")


@dataclass(frozen=True)
class Hair:
    """A hairdo, chosen once.

    Attributes:
        back: one of `BACKS`.
        fringe: one of `FRINGES`, with `count` locks that hang down to `low`.
        part: float in [-0.6, 0.6]. Where the fringe parts.
        volume: float. How far the cap stands off the skull.
        sides: float. Length of the locks beside the face; 0 for none.
        over: float. Length of the locks that fall over the shoulders; 0 for none.
        length: float. Of what hangs behind.
        wave: float. How wavy long strands are.
        wild: float in [0, 1]. Share of strands that stand off.
        paint: its colour.
        tips: colour of the ends, or None.
        has_shine, has_visible_brows: a light band; brows drawn over the fringe.
    """

    back: str
    fringe: str
    count: int
    low: float
    part: float
    volume: float
    sides: float
    over: float
    length: float
    wave: float
    wild: float
    paint: Paint
    tips: Color | None
    has_shine: bool
    has_visible_brows: bool


def random_hair(random: np.random.Generator) -> Hair:
    """Any hairdo."""
    color = pick("hair", random)
    tips = None
    if random.random() < 0.14:
        tips = mixed(color.base, pick("hair", random).base, 0.6) if random.random() < 0.6 else color.shade
    back = str(random.choice(BACKS, p=[0.09, 0.15, 0.12, 0.24, 0.09, 0.09, 0.05, 0.08, 0.04, 0.04, 0.01]))
    is_long = back in ("long", "twin tails", "ponytail", "bob", "braids")
    return Hair(
        back=back,
        fringe=str(random.choice(FRINGES, p=[0.46, 0.17, 0.09, 0.16, 0.12] if back not in ("crop", "curly")
                                 else [0.2, 0.0, 0.0, 0.2, 0.6])),
        count=int(random.integers(3, 11)), low=float(random.uniform(-0.1, 0.5)), part=float(random.uniform(-0.5, 0.5)),
        volume=float(random.uniform(0.08, 0.32)) * (0.5 if back == "crop" else 1),
        sides=float(random.choice([0.0, 0.5, 0.9, 1.3, 1.8]) if is_long else random.choice([0.0, 0.3, 0.5])),
        over=float(random.choice([0.0, 1.0, 2.0, 3.0])) if back == "long" else 0.0,
        length=float(random.uniform(0.6, 3.4)), wave=float(random.choice([0.0, 0.0, 0.06, 0.14])),
        wild=float(random.uniform(0, 1)) ** 2, paint=color, tips=tips, has_shine=bool(random.random() < 0.4),
        has_visible_brows=bool(random.random() < 0.3),
    )  # fmt: skip


def draw_back(canvas: Canvas, hair: Hair, *, is_profile: bool) -> None:
    """What lies behind head and body; seen from the side it hangs farther back."""
    if hair.back == "none":
        return
    with canvas.part("hair"), canvas.frame(-0.3 if is_profile else 0.0, 0):
        _back(canvas, hair, is_profile)


def draw_front(canvas: Canvas, hair: Hair, face: Face, skin: Shape) -> None:
    """The cap, locks beside the face, the fringe with its shadow on the skin, and stray hairs."""
    if hair.back == "none":
        return
    with canvas.part("hair"):
        if hair.back == "curly":
            _curls(canvas, hair, face)
            return
        if face.is_profile:
            draw_profile_hair(canvas, hair, skin)
        else:
            _cap(canvas, hair, face, skin)
            _sides(canvas, hair, face, skin)
            draw_fringe(canvas, hair, face, skin)
        if hair.back == "spiky" or hair.wild > 0.45:
            _ruffles(canvas, hair, end=1.6 if face.is_profile else 1.9)
        _strays(canvas, hair)
        if hair.has_shine and canvas.style.shading != "flat":
            _shine(canvas, hair)


# Behind ---------------------------------------------------------------------------------------------------------------


def _back(canvas: Canvas, hair: Hair, is_profile: bool) -> None:
    random = canvas.random
    if hair.back in ("twin tails", "ponytail", "braids"):
        sides = (int(random.choice([-1, 1])),) if hair.back == "ponytail" else (-1, 1)
        for side in (-1,) if is_profile else sides:
            if hair.back == "braids":
                draw_braid(canvas, hair, (side * 0.95, 0.5), (side * (1.1 + 0.2 * random.random()), 1.0 + hair.length))
            else:
                draw_tail(canvas, hair, side)
    if hair.back == "bun":
        canvas.fill(ellipse(0.2, -1.45, 0.5, 0.42), hair.paint)
        for shift in (0.0, 0.14):
            canvas.stroke(smooth([(-0.15 + shift, -1.35), (0.2, -1.68 + shift), (0.6 - shift, -1.4)], closed=False),
                          line=0.7)  # fmt: skip
    if hair.back == "curly":
        draw_cloud(canvas, hair, 0.0, -0.1, 1.28 + 0.5 * hair.volume + 0.1 * hair.length)
        return
    low = {"short": 0.75, "bob": 1.2, "long": 1.1 + hair.length, "crop": 0.4, "spiky": 0.7}.get(hair.back, 0.55)
    flare = {"long": 0.16 * min(hair.length, 2.2), "bob": 0.14, "short": 0.04}.get(hair.back, 0.0)
    top = 1.04 + 0.5 * hair.volume
    right, left = (1.0 + flare, low), (-1.0 - flare, low)
    tips, corners = locks(right, left, int(random.integers(4, 10)), 0.14 + 0.12 * low, random,
                          lean=float(random.uniform(-0.4, 0.4)), spread=0.5)  # fmt: skip
    points = [(0, -1.15), (0.8, -0.9), (top, -0.1), (top + 0.6 * flare, 0.5 * low), right, *tips, left,
              (-top - 0.6 * flare, 0.5 * low), (-top, -0.1), (-0.8, -0.9)]  # fmt: skip
    shape = canvas.fill(smooth(points, corners=[5 + i for i in corners]), hair.paint, fade=hair.tips)
    if canvas.style.shading != "flat":  # the shade below the head
        canvas.dab(ellipse(0.05, 0.75, 0.95, 0.8), hair.paint.shade, inside=shape)
    for x in np.sort(random.uniform(-0.95, 0.95, int(random.integers(3, round(5 + 9 * canvas.style.detail))))):
        bone = waved([(x * 0.9, 0.2 * low), (x * 1.05, 0.6 * low), (x * (1.05 + 0.5 * flare), low + 0.1)], hair.wave,
                     random)  # fmt: skip
        canvas.stroke(bone, line=0.6, inside=shape)
    if hair.back in ("long", "bob"):
        for _ in range(int(random.integers(1, 6))):
            side = float(random.choice([-1, 1]))
            reach = side * (1.0 + flare) * float(random.uniform(0.85, 1.2))
            bone = [(side * 0.9, -0.1), (side * (1.05 + 0.4 * flare), 0.45 * low), (reach, 0.8 * low),
                    (reach + side * random.uniform(-0.1, 0.35), low + 0.3 * random.uniform(0, 1))]  # fmt: skip
            draw_lock(canvas, hair, waved(bone, hair.wave, random, is_path=False), 0.3 * float(random.uniform(0.5, 1)))


# In front -------------------------------------------------------------------------------------------------------------


def _cap(canvas: Canvas, hair: Hair, face: Face, skin: Shape) -> None:
    """The hair on the skull, down to the hairline."""
    v, turn = hair.volume, face.turn
    outer = [(-1.03 - 0.3 * v, 0.2), (-1.06 - 0.5 * v, -0.4), (-0.74 - 0.3 * v, -1.02 - 0.7 * v), (0, -1.16 - v),
             (0.74 + 0.3 * v, -1.02 - 0.7 * v), (1.06 + 0.5 * v, -0.4), (1.02 + 0.3 * v, 0.15)]  # fmt: skip
    line = float(canvas.random.uniform(-0.72, -0.52))
    near = 0.4 * turn
    inner = [(0.94, 0.1), (0.88 - 0.03 * turn, -0.25), (0.5 + 0.2 * turn, line), (hair.part + 0.3 * turn, line - 0.12),
             (-0.5 + 0.35 * turn, line), (-0.88 + near, -0.22), (-0.94 + near, 0.2)]  # fmt: skip
    outline = smooth([*outer, *inner], corners=(0, 6, 7, 13))
    canvas.shadow(outline, skin, by=(0.03, 0.08))
    cap = canvas.fill(outline, hair.paint, line=0, wobble=False, is_shaded=canvas.style.shading != "cel")
    canvas.stroke(smooth(outer, closed=False), line=1.0, taper=0.2)
    edge = smooth(inner, closed=False)
    if hair.fringe == "none":
        canvas.stroke(edge, line=0.9)
    else:
        for piece in (edge[:14], edge[-14:]):
            canvas.stroke(piece, line=0.8)
    crown = np.array([0.5 * hair.part + 0.2 * turn, -1.1 - 0.9 * v])
    for x in np.sort(
        canvas.random.uniform(-0.95, 0.95, int(canvas.random.integers(2, round(4 + 8 * canvas.style.detail))))
    ):
        end = np.array([x, -0.35 + 0.3 * abs(x)])
        middle = (crown + end) / 2 + (0.3 * (x - crown[0]), -0.12)
        path = smooth([crown + np.array([0.12 * x, 0.08]), middle, end], closed=False)
        canvas.stroke(path[int(canvas.random.integers(0, len(path) // 2)) :], line=0.6, inside=cap)


def _sides(canvas: Canvas, hair: Hair, face: Face, skin: Shape) -> None:
    random = canvas.random
    for side in (-1, 1):
        x = side * 0.9 + (0.3 * face.turn if side < 0 else 0.0)
        if hair.over and (random.random() < 0.8):
            for _ in range(int(random.integers(1, 4))):
                reach = side * float(random.uniform(0.45, 1.15))
                bone = [(x, -0.3), (side * 1.1, 0.55), (0.5 * (side * 1.1 + reach), 1.2),
                        (reach, 1.2 + hair.over * random.uniform(0.5, 1.0))]  # fmt: skip
                bone = waved(bone, hair.wave, random, is_path=False)
                draw_lock(canvas, hair, bone, float(random.uniform(0.15, 0.45)), over=skin)
        if not hair.sides:
            continue
        for number in range(int(random.integers(1, 4))):
            low = 0.25 + hair.sides * float(random.uniform(0.6, 1.0))
            inward = side * float(random.uniform(-0.05, 0.2)) * (number + 1)
            bone = [(x - 0.1 * side, -0.55), (x + 0.12 * side, 0.0), (x + 0.1 * side - 0.3 * inward, 0.6 * low),
                    (x - inward, low)]  # fmt: skip
            bone = waved(bone, hair.wave, random, is_path=False)
            draw_lock(canvas, hair, bone, float(random.uniform(0.12, 0.34)), over=skin)


def _ruffles(canvas: Canvas, hair: Hair, *, end: float) -> None:
    """Locks that stand off the outline of the head, around to `end` half turns."""
    random, is_spiky = canvas.random, hair.back == "spiky"
    radius = 1.0 + 0.6 * hair.volume
    for turn in np.linspace(np.pi * 1.1, np.pi * end, int(random.integers(5, 12))):
        turn += random.uniform(-0.1, 0.1)
        place = radius * np.array([np.cos(turn), 1.08 * np.sin(turn)])
        out = place / np.hypot(*place)
        fall = np.array([-0.2 * place[0], 1.5 * abs(place[0]) + 0.2]) * (0.5 if is_spiky else 0.9)
        size = (0.5 if is_spiky else 0.28) * float(random.uniform(0.6, 1.2))
        bone = [place - 0.35 * out, place + 0.3 * size * out, place + size * (out + fall)]
        draw_lock(canvas, hair, bone, (0.46 if is_spiky else 0.3) * float(random.uniform(0.7, 1.1)), root=0.3)


def _strays(canvas: Canvas, hair: Hair) -> None:
    random = canvas.random
    top = np.array([0.4 * hair.part, -1.15 - hair.volume])
    if random.random() < 0.16:
        side = float(random.choice([-1, 1]))
        bone = [
            moved(top, 0, 0.2),
            moved(top, 0.15 * side, -0.25),
            moved(top, 0.55 * side, -0.3),
            moved(top, 0.8 * side, -0.05),
        ]
        draw_lock(canvas, hair, bone, 0.14, root=0.25)
    for _ in range(int(random.integers(0, round(1 + 6 * hair.wild)))):
        x = float(random.uniform(-1, 1))
        start = np.array([x, -1.1 - hair.volume + 0.6 * x * x])
        bend = start + np.array([0.4 * x, -0.12 * random.random()])
        canvas.stroke(smooth([start, bend, moved(bend, 0.2 * x, 0.25)], closed=False), line=0.5)


def _shine(canvas: Canvas, hair: Hair) -> None:
    xs = np.linspace(-0.9, 0.9, 19)
    top = -0.84 - 0.5 * hair.volume + 0.2 * (xs / 0.9) ** 2
    zigzag = top + 0.13 + 0.08 * (np.arange(19) % 2)
    outline = np.vstack([np.stack([xs, top], 1), np.stack([xs, zigzag], 1)[::-1]])
    canvas.dab(outline, hair.paint.light, inside="hair", strength=float(canvas.random.uniform(0.5, 1.0)))


def _curls(canvas: Canvas, hair: Hair, face: Face) -> None:
    """The front of curly hair: a bumpy hairline."""
    turn = face.turn
    with canvas.frame(0.15 * turn, 0):
        for share in np.linspace(0, 1, 9):
            angle = np.pi * (1.06 + 0.88 * share)
            draw_cloud(canvas, hair, 0.92 * float(np.cos(angle)), 0.95 * float(np.sin(angle)) + 0.02, 0.34)
