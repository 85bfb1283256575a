"""One drawing from one number."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from s2p.errors import ConfigError
from s2p.tags import vocabulary

from . import creatures, landscapes, objects
from .canvas import Canvas
from .paints import pick
from .people import Person, draw_lone_head, draw_person, random_person
from .style import random_style
from .words import garments_of, ground_tags, tags_of

KINDS = ("portrait", "figure", "group", "creature", "objects", "scene")
_SHARES = (0.36, 0.26, 0.14, 0.1, 0.07, 0.07)
_WHITE = (255, 255, 255)
_ON_WHITE = 0.8  # of the drawings that have a backdrop at all: most people bring figures on white paper


@dataclass(frozen=True)
class Drawing:
    """A picture with everything that is known of it; all arrays have the same height and width.

    Attributes:
        color: `uint8[H, W, 3]` RGB, shaded paint without lines: what lies under the ink.
        painted: `uint8[H, W, 3]` RGB, with lines.
        lines: `uint8[H, W]`, the true line art of `painted`, 255 = paper.
        flat: `uint8[H, W, 3]` RGB, flat colours without shade or lines.
        regions: `int32[H, W]`, a number for each painted shape from 1 up; 0 where there is only paper.
        parts: `uint8[H, W]`, what each pixel shows, numbered as in `preprocess.synthetic.parts`.
        tags: words of the vocabulary of Tag2Pix that are true of it, sorted; empty where nobody is in it.
        garments: tags of the garments of a person who is alone in it, and the number of the part that each is about.
        kind, seed: what it was made from.
    """

    color: np.ndarray
    painted: np.ndarray
    lines: np.ndarray
    flat: np.ndarray
    regions: np.ndarray
    parts: np.ndarray
    tags: tuple[str, ...]
    garments: dict[str, int]
    kind: str
    seed: int

    @property
    def tag_ids(self) -> tuple[int, ...]:
        """The tags as records keep them: ids, sorted."""
        return tuple(sorted(vocabulary().ids[tag] for tag in self.tags))


def draw(seed: int, size: tuple[int, int] = (512, 512), kind: str | None = None) -> Drawing:
    """Draws the picture of a number; the same arguments give the same bytes.

    Args:
        seed: int from 0 up.
        size: `(height, width)` in pixels, 64 to 4096 each.
        kind: one of `KINDS`; by default the seed chooses.

    Raises:
        ConfigError: an argument is out of range.

    Example:
        >>> draw(1, (64, 96)).painted.shape
        (64, 96, 3)
    """
    height, width = size
    if seed < 0 or not (64 <= height <= 4096 and 64 <= width <= 4096) or (kind is not None and kind not in KINDS):
        raise ConfigError(
            f"A drawing needs a seed from 0 up, a size of 64 to 4096 px, and a kind out of {', '.join(KINDS)}. "
            f"Received: {seed}, {height} x {width}, {kind!r}."
        )
    random = np.random.default_rng(seed)
    chosen = str(random.choice(KINDS, p=_SHARES))
    kind = kind or chosen
    paper = _WHITE if kind != "scene" and random.random() < _ON_WHITE else pick("plain", random).base
    canvas = Canvas(height, width, style=random_style(random), generator=random, paper=paper)
    with _camera(canvas):
        _COMPOSE[kind](canvas)
    color, painted, lines, flat, regions, parts = canvas.finish()
    if canvas.tags:
        canvas.tags |= ground_tags(flat, parts)
    tags, garments = tuple(sorted(canvas.tags)), {tag: canvas.garments[tag] for tag in sorted(canvas.garments)}
    return Drawing(color, painted, lines, flat, regions, parts, tags, garments, kind, seed)


def _sides(canvas: Canvas) -> tuple[float, float]:
    short = min(canvas.width, canvas.height)
    return canvas.width / short, canvas.height / short


def _camera(canvas: Canvas) -> AbstractContextManager[Canvas]:
    """The whole sheet, or a closer look at a part of it."""
    random = canvas.random
    zoom = float(random.uniform(1.1, 2.2)) if random.random() < 0.2 else 1.0
    wide, high = _sides(canvas)
    x, y = float(random.uniform(0.3, 0.7)) * wide, float(random.uniform(0.2, 0.6)) * high
    return canvas.frame(x * (1 - zoom), y * (1 - zoom), zoom)


def _draw_backdrop(canvas: Canvas) -> None:
    """Nothing on white paper, else something calm."""
    if canvas.paper != _WHITE:
        landscapes.draw_backdrop(canvas)


def _portrait(canvas: Canvas) -> None:
    random = canvas.random
    wide, high = _sides(canvas)
    _draw_backdrop(canvas)
    size = float(random.uniform(0.3, 0.72))
    x, y = wide * float(random.uniform(0.4, 0.6)), high - size * float(random.uniform(1.55, 2.3))
    person = random_person(random)
    with canvas.frame(x, max(y, 0.12 * high), size, flip=bool(random.random() < 0.5)):
        draw_person(canvas, person)
    _tell(canvas, person, is_whole=False)


def _figure(canvas: Canvas) -> None:
    random = canvas.random
    wide, high = _sides(canvas)
    _draw_backdrop(canvas)
    person = random_person(random)
    is_whole = random.random() < 0.65
    tall = high * float(random.uniform(0.6, 0.9) if is_whole else random.uniform(1.0, 1.9))
    top = high * float(random.uniform(0.05, 0.95 - tall / high) if is_whole else random.uniform(0.06, 0.14))
    with canvas.frame(
        wide * float(random.uniform(0.35, 0.65)), top, tall / (person.heads + 0.3), flip=bool(random.random() < 0.5)
    ):
        draw_person(canvas, person)
    _tell(canvas, person, is_whole=is_whole)
    if random.random() < 0.15:
        objects.draw_object(
            canvas, float(random.uniform(0.1, 0.9)) * wide, 0.85 * high, float(random.uniform(0.12, 0.25))
        )


def _tell(canvas: Canvas, person: Person, *, is_whole: bool) -> None:
    """Words for a person who was drawn alone, and which part those of garments are about."""
    visible, numbers = canvas.visible(), canvas.labels.garments
    canvas.tags |= tags_of(person, is_whole=is_whole, visible=visible)
    found = garments_of(person, is_whole=is_whole, visible=visible)
    canvas.garments |= {tag: numbers[part] for tag, part in found.items() if tag in canvas.tags}


def _group(canvas: Canvas) -> None:
    """Two or three people side by side, or a page of studies: heads, busts and figures."""
    random = canvas.random
    wide, high = _sides(canvas)
    _draw_backdrop(canvas)
    count = int(random.choice([2, 2, 3, 3, 4]))
    is_page = random.random() < 0.45
    for number in random.permutation(count):
        person = random_person(random)
        is_head = is_page and random.random() < 0.7
        canvas.tags |= tags_of(person, is_whole=not is_page)
        x = wide * (number + 0.5 + 0.2 * random.uniform(-1, 1)) / count
        size = min(0.42, 0.75 * wide / count) * float(random.uniform(0.6, 1.1))
        tall = high * float(random.uniform(0.6, 0.9))
        top, scale = (high * random.uniform(0.1, 0.5), size) if is_page else (0.97 * high - tall, tall / person.heads)
        with canvas.frame(float(x), float(top), float(scale), flip=bool(random.random() < 0.5)):
            (draw_lone_head if is_head else draw_person)(canvas, person)


def _creature(canvas: Canvas) -> None:
    random = canvas.random
    wide, high = _sides(canvas)
    _draw_backdrop(canvas)
    count = int(random.choice([1, 1, 1, 2, 3]))
    for number in range(count):
        x = wide * (number + 0.5) / count
        size = float(random.uniform(0.55, 0.85)) / count**0.7
        with canvas.frame(float(x), high * float(random.uniform(0.8, 0.92)), size, flip=bool(random.random() < 0.5)):
            creatures.draw_creature(canvas)


def _objects(canvas: Canvas) -> None:
    random = canvas.random
    wide, high = _sides(canvas)
    _draw_backdrop(canvas)
    rows = int(random.choice([1, 2, 2, 3]))
    for row in range(rows):
        for column in range(max(1, round(rows * wide / high))):
            x = wide * (column + 0.5) / max(1, round(rows * wide / high))
            y = high * (row + 0.5) / rows
            objects.draw_object(canvas, float(x), float(y), 0.85 * high / rows * float(random.uniform(0.7, 0.95)))


def _scene(canvas: Canvas) -> None:
    random = canvas.random
    wide, high = _sides(canvas)
    if random.random() < 0.2:
        landscapes.draw_room(canvas)
    else:
        landscapes.draw_landscape(canvas)
    for _ in range(int(random.integers(0, 3))):
        x, y, size = (
            float(random.uniform(0.1, 0.9)) * wide,
            high * float(random.uniform(0.8, 0.98)),
            float(random.uniform(0.2, 0.4)),
        )
        if random.random() < 0.6:
            person = random_person(random)
            with canvas.frame(x, y - size * 1.3, size * 1.3 / person.heads):
                draw_person(canvas, person)
        else:
            with canvas.frame(x, y, size):
                creatures.draw_creature(canvas)


_COMPOSE = {"portrait": _portrait, "figure": _figure, "group": _group, "creature": _creature, "objects": _objects,
            "scene": _scene}  # fmt: skip
