"""People: a body, clothes, and a head on top. Unit: the height of the head."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from . import patterns
from .bodies import HANDS, Body, body_of, draw_folds, draw_joined, joints
from .canvas import Canvas
from .clothes import SLEEVES, TOPS, Clothes, draw_arm, draw_neckwear, draw_trunk
from .curves import smooth
from .hair import Hair, draw_back, draw_front, random_hair
from .hats import draw_hat
from .heads import Face, draw_brows, draw_cat_ears, draw_face, draw_glasses, random_face
from .legs import BOTTOMS, SHOES, Below, draw_legs, draw_skirt
from .objects import draw_object
from .ornaments import ORNAMENTS, draw_ornament
from .paints import Paint, pick, related

_HATS = ("", "cap", "wizard", "straw", "beanie", "crown", "bow", "hood", "helmet")
_HELD = ("sword", "book", "cup", "balloon", "potion", "plant", "key", "fruit", "guitar", "lamp")
_BLACK = 200  # sum of the channels below which a comic fills with ink
_HEAD = 0.43  # half the width of a head in heads
_DRESSES = ("dress", "robe")


@dataclass(frozen=True)
class Person:
    """Everything of a person that is chosen once.

    Attributes:
        face, hair, clothes, below: see `heads`, `hair`, `clothes` and `legs`.
        heads: float. Height of the whole person in heads: 2.2 for figures for children, 7.5 for heroes.
        broad: float. Width of the shoulders in units of a usual one.
        arms: for the left and the right arm, angle from hanging down and bend of the elbow.
        hands: names out of `HANDS`.
        tilt: float. Of the head, in radians.
        hat, ornament, held: name of a hat, of an ornament in the hair and of a thing in a hand, or empty strings.
        has_glasses: True for glasses; `cape`: its paint or None.
    """

    face: Face
    hair: Hair
    clothes: Clothes
    below: Below
    heads: float
    broad: float
    arms: tuple[tuple[float, float], tuple[float, float]]
    hands: tuple[str, str]
    tilt: float
    hat: str
    ornament: str
    held: str
    has_glasses: bool
    cape: Paint | None


def random_person(random: np.random.Generator) -> Person:
    """Anybody."""
    hair = random_hair(random)
    face = random_face(random, hair.paint)
    clothes = _random_clothes(random)
    heads = {
        "anime": (2.2, 3.0, 4.5, 5.5, 6.3, 7.0),
        "comic": (5.5, 6.3, 7.0, 7.5),
        "cartoon": (2.2, 2.6, 3.2, 4.0, 5.0),
    }
    tall = float(random.choice(heads[face.manner])) * float(random.uniform(0.95, 1.05))
    hat = str(random.choice(_HATS, p=[0.72, *[0.035] * 8]))
    return Person(
        face=face, hair=hair, clothes=clothes, below=_random_below(random, clothes), heads=tall,
        broad=float(random.uniform(0.82, 1.2)), arms=(_pose(random), _pose(random)),
        hands=tuple(str(name) for name in random.choice(HANDS, 2, p=[0.45, 0.25, 0.16, 0.07, 0.07])),  # type: ignore[arg-type]
        tilt=float(random.normal(0, 0.1)), hat=hat,
        ornament=str(random.choice(ORNAMENTS)) if not hat and random.random() < 0.3 else "",
        held=str(random.choice(_HELD)) if random.random() < 0.1 else "",
        has_glasses=bool(random.random() < 0.1),
        cape=pick("cloth", random) if random.random() < 0.07 else None,
    )  # fmt: skip


def _random_clothes(random: np.random.Generator) -> Clothes:
    top = str(random.choice(TOPS, p=[0.17, 0.13, 0.09, 0.08, 0.1, 0.08, 0.08, 0.11, 0.05, 0.03, 0.05, 0.03]))
    sleeve = {"tank": "none", "robe": "wide", "suit": "long", "jacket": "long", "hoodie": "long", "sweater": "long",
              "armor": "long"}.get(top) or str(random.choice(SLEEVES, p=[0.4, 0.35, 0.1, 0.03, 0.12]))  # fmt: skip
    main = pick("cloth", random)
    neck = str(random.choice(["none", "tie", "bow", "scarf", "necklace", "choker", "ribbon"],
                             p=[0.52, 0.1, 0.1, 0.08, 0.08, 0.06, 0.06]))  # fmt: skip
    if top == "sailor" or (neck == "tie" and top not in ("shirt", "suit", "vest", "jacket")):
        neck = "none"
    return Clothes(
        top=top, sleeve=sleeve, main=main,
        second=related(main.base, random) if random.random() < 0.5 else pick("cloth", random),
        third=pick("cloth", random), pattern=patterns.random_pattern(random) if random.random() < 0.14 else None,
        neck=neck, has_gloves=bool(random.random() < 0.06), has_buttons=bool(random.random() < 0.6),
        has_badge=bool(random.random() < 0.15),
    )  # fmt: skip


def _random_below(random: np.random.Generator, clothes: Clothes) -> Below:
    bottom = str(random.choice(BOTTOMS, p=[0.18, 0.2, 0.1, 0.3, 0.14, 0.08]))
    if clothes.top in ("suit", "hoodie") and random.random() < 0.6:
        bottom = "trousers"
    return Below(
        bottom=bottom, shoes=str(random.choice(SHOES, p=[0.58, 0.3, 0.12])),
        main=clothes.main if clothes.top == "suit" and random.random() < 0.7 else pick("cloth", random),
        socks=pick("cloth", random), shoe=pick("cloth", random),
        pattern=patterns.random_pattern(random) if random.random() < 0.12 else None,
        sock=float(random.choice([0.0, 0.2, 0.5, 0.8, 1.0])), has_belt=bool(random.random() < 0.3),
        stance=float(random.uniform(0.0, 0.7)), step=float(random.choice([0.0, 0.0, random.uniform(0.2, 1.0)])),
    )  # fmt: skip


def _pose(random: np.random.Generator) -> tuple[float, float]:
    """Angle and bend of an arm: mostly hanging, sometimes in front of the body, on the hip, stretched or raised."""
    kind = random.random()
    if kind < 0.45:
        return float(random.uniform(0.04, 0.35)), float(random.uniform(-0.35, 0.1))
    if kind < 0.62:
        return float(random.uniform(0.15, 0.5)), float(random.uniform(-2.0, -1.0))
    if kind < 0.72:
        return float(random.uniform(0.6, 0.9)), float(random.uniform(-1.9, -1.5))
    if kind < 0.8:
        return float(random.uniform(0.2, 0.5)), float(random.uniform(2.0, 2.6))
    if kind < 0.9:
        return float(random.uniform(0.5, 1.4)), float(random.uniform(-0.3, 1.2))
    return float(random.uniform(1.7, 2.6)), float(random.uniform(0.1, 0.9))


def draw_person(canvas: Canvas, person: Person) -> None:
    """Draws the whole person; the head's height is the unit, the top of the skull at y 0, the feet at y `heads`."""
    canvas.labels.next_wearer()
    body, skin, clothes, below = body_of(person.heads, person.broad), person.face.skin, person.clothes, person.below
    middle, first = person.face.turn, canvas.next_region
    if person.cape is not None:
        _cape(canvas, person)
    with _head_frame(canvas, person):
        draw_back(canvas, person.hair, is_profile=person.face.is_profile)
    draw_legs(canvas, body, below, skin)
    behind = [number for number in (0, 1) if person.arms[number][0] < 0.5 and person.arms[number][1] > -0.6]
    for number in behind:
        _arm(canvas, person, body, number)
    is_dress = clothes.top in _DRESSES
    is_tucked = "skirt" in below.bottom and not is_dress and clothes.top not in ("hoodie", "jacket", "suit")
    draw_trunk(canvas, body, clothes, skin, middle)
    if is_tucked or is_dress or "skirt" in below.bottom:
        with canvas.part("cloth top" if is_dress else "cloth bottom"):
            draw_skirt(canvas, body, below, clothes.main if is_dress else below.main,
                       clothes.pattern if is_dress else below.pattern)  # fmt: skip
    draw_neckwear(canvas, body, clothes, middle)
    for number in (0, 1):
        if number not in behind:
            _arm(canvas, person, body, number)
    _head(canvas, person)
    _spot_blacks(canvas, person, first)


def _arm(canvas: Canvas, person: Person, body: Body, number: int) -> None:
    side = 2 * number - 1
    hand = person.hands[number]
    if person.held and number == 1:
        hand = "fist"
        _, elbow, wrist = joints(body, side, *person.arms[number])
        place = wrist + 0.4 * body.hand * (wrist - elbow) / max(float(np.hypot(*(wrist - elbow))), 1e-9)
        draw_object(canvas, float(place[0]), float(place[1]) - 0.3, 0.5 + 1.6 * body.hand, person.held)
    draw_arm(canvas, body, person.clothes, person.face.skin, side, person.arms[number], hand)


def _spot_blacks(canvas: Canvas, person: Person, first: int) -> None:
    """Fills black hair and black cloth with ink in the manner of comics."""
    paints = {"hair": person.hair.paint, "cloth top": person.clothes.main, "cloth bottom": person.below.main,
              "cloth shoes": person.below.shoe}  # fmt: skip
    if canvas.style.line_color != "black":
        return
    for part, color in paints.items():
        if sum(color.base) < _BLACK and canvas.random.random() < canvas.style.solid:
            canvas.blacken(part, first)


def draw_lone_head(canvas: Canvas, person: Person) -> None:
    """Draws a head with a piece of its neck, as on pages of studies; same frame."""
    canvas.labels.next_wearer()
    body = body_of(person.heads, person.broad)
    with _head_frame(canvas, person):
        draw_back(canvas, person.hair, is_profile=person.face.is_profile)
    wide = 2 * body.neck_half
    with canvas.part("skin"):
        draw_joined(canvas, [(0, 1.3), (0, 1.1), (0, 0.7)], [1.2 * wide, wide, wide], person.face.skin)
    _head(canvas, person)


def _head_frame(canvas: Canvas, person: Person) -> AbstractContextManager[Canvas]:
    """The frame of the head, turned around the chin."""
    tilt = person.tilt
    return canvas.frame(0.5 * float(np.sin(tilt)), 1 - 0.5 * float(np.cos(tilt)), _HEAD, angle=tilt)


def _head(canvas: Canvas, person: Person) -> None:
    with _head_frame(canvas, person):
        skin = draw_face(canvas, person.face, person.hair.paint)
        if person.has_glasses:
            draw_glasses(canvas, person.face, person.clothes.third)
        draw_front(canvas, person.hair, person.face, skin)
        if person.hair.has_visible_brows:
            draw_brows(canvas, person.face, is_line=True)
        if person.face.ears == "cat":
            draw_cat_ears(canvas, person.face, person.hair.paint)
        if person.ornament and not (person.face.is_profile and person.ornament in ("band", "headphones", "horns")):
            draw_ornament(canvas, person.ornament, person.clothes.third)
        if person.hat:
            with canvas.part("thing"):
                draw_hat(canvas, person.hat, person.clothes.second)


def _cape(canvas: Canvas, person: Person) -> None:
    body = body_of(person.heads, person.broad)
    low, wide = body.crotch + 0.6 * (body.heads - body.crotch), 1.7 * body.shoulder_half
    outline = smooth([(-0.5 * wide, body.shoulder), (0.5 * wide, body.shoulder), (0.95 * wide, low), (0.4 * wide,
                                                                                                      low + 0.12),
                      (0, low), (-0.4 * wide, low + 0.12), (-0.95 * wide, low)], corners=(2, 6))  # fmt: skip
    assert person.cape is not None
    with canvas.part("cloth cape"):
        shape = canvas.fill(outline, person.cape)
        draw_folds(canvas, shape, (-0.6 * wide, body.waist), (-0.1, 1), size=0.5 * (low - body.waist))
        draw_folds(canvas, shape, (0.6 * wide, body.waist), (0.1, 1), size=0.5 * (low - body.waist))
