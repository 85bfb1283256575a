"""Drawings in other colours, and the words that are true of them then: blond hair becomes green, and is told so.

Drawings of our own know what each of their words is about. A painter by words must learn that a word decides, not
which colours are common, and for that every word must be as frequent as any other, the rare ones and coloured grounds
too. What no word names has the usual colour of its kind: of all that it might have had, a painter would learn the mean,
which is the colour of mud.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

import numpy as np

from s2p.color_words import USUAL, Color, color_name
from s2p.parts import NAMES, OF_TAGS
from s2p.tags import choices, vocabulary
from s2p.train.decoded import UNKNOWN_PART
from s2p.train.pages import FIRST_CLOTH

_SHARE = 0.65  # of the words that are exchanged
# Numbers of `preprocess/synthetic/parts.py`: but for cloth those of `NAMES`.
_PARTS = {group: tuple(NAMES.index(name) for name in names) for group, names in OF_TAGS.items()}
# Of garments for which there is no word, mostly trousers.
_GARMENT: Color = USUAL["trousers"]
_SPREAD, _TRIES = 14.0, 6  # levels around the chip of a word, and how often a colour with its name is looked for
_LEAST, _OPEN = 24, 0.4  # pixels off the ink, and their share, without which a thing has no colour but black
_INK, _DARK = 200, 70.0  # gray below which a pixel is ink; lightness of a colour that does not tell ink from itself


def reworded(
    color: np.ndarray, ink: np.ndarray, parts: np.ndarray, tags: Collection[int], garments: Mapping[str, int],
    random: np.random.Generator,
) -> tuple[np.ndarray, set[int], dict[str, int]]:
    """A picture in which some of what its words name has another colour, drawn by lot from those that have a word.

    Shadow and light stay, relative to the colour below them.

    Args:
        color: `uint8[H, W, 3]`, RGB.
        ink: `uint8[H, W]`, its lines, 255 = paper.
        parts: `uint8[H, W]`, what every pixel shows.
        tags: ids that are true of it.
        garments: number in `parts` by name of a garment's tag.

    Returns: the picture, the ids that are true of it now, and `garments` with the words that are.
    """
    names = {name: number for name, number in _ids().items() if number in tags}
    found, now, worn = color, set(tags), dict(garments)
    for name in sorted(names):
        group = choices()[name].group
        where = np.isin(parts, _PARTS[group]) if group in _PARTS else parts == garments.get(name, -1)
        alike = [other for other in names if choices()[other].group == group]
        if random.random() >= _SHARE or (group in _PARTS and len(alike) > 1) or where.sum() < _LEAST:
            continue
        others = [other for other in _words(group) if other not in names]
        base = _color_of(color, ink, where)
        if base is None or not others:
            continue
        word = others[int(random.integers(len(others)))]
        found = color.copy() if found is color else found
        found[where] = _painted(color[where], ink[where], base, color_for(word, random))
        now = (now - {names[name]}) | {_ids()[word]}
        if name in worn:
            worn[word] = worn.pop(name)
    return found, now, worn


def with_usual_colors(
    color: np.ndarray, ink: np.ndarray, parts: np.ndarray, told: Collection[int], garments: Mapping[str, int],
    *, has_plain_ground: bool,
) -> np.ndarray:
    """A picture in which everything that no word names has its usual colour (`USUAL`).

    Args:
        color, ink, parts, garments: as for `reworded`.
        told: ids of the words that are said.
        has_plain_ground: whether what lies behind is of one colour; a place stays as it is.

    Returns: `uint8[H, W, 3]`, RGB.
    """
    named = {choices()[name].group for name, number in vocabulary().ids.items() if number in told and name in choices()}
    usual = {
        group: np.isin(parts, numbers) for group, numbers in _PARTS.items()
        if group not in named and (group != "background" or has_plain_ground)
    }
    found = color.copy()
    for group, where in usual.items():
        _paint(found, color, ink, where, USUAL[group])
    groups = {number: choices()[name].group for name, number in garments.items() if name in choices()}
    said = {number for name, number in garments.items() if vocabulary().ids.get(name) in told}
    for number in np.unique(parts[(parts >= FIRST_CLOTH) & (parts != UNKNOWN_PART)]):
        if number not in said:
            _paint(found, color, ink, parts == number, USUAL.get(groups.get(int(number), ""), _GARMENT))
    return found


def _paint(found: np.ndarray, color: np.ndarray, ink: np.ndarray, where: np.ndarray, target: Color) -> None:
    base = _color_of(color, ink, where)
    if base is not None:
        found[where] = _painted(color[where], ink[where], base, target)


def color_for(word: str, random: np.random.Generator) -> Color:
    """A colour that a tag is the name of, near its chip.

    Example:
        >>> color_name(color_for("red_dress", np.random.default_rng(0)))
        'red'
    """
    chip = choices()[word].rgb
    kind = {"hair": "hair", "background": "ground"}.get(choices()[word].group, "cloth")
    wanted = color_name(chip, kind=kind)
    for _ in range(_TRIES):
        red, green, blue = (int(v) for v in np.clip(chip + random.normal(0.0, _SPREAD, 3), 0, 255))
        if color_name((red, green, blue), kind=kind) == wanted:
            return red, green, blue
    return chip


@lru_cache(maxsize=1)
def _ids() -> dict[str, int]:
    """The tags of things whose colour can be exchanged, and their ids."""
    return {
        name: vocabulary().ids[name] for name in vocabulary().names
        if name in choices() and choices()[name].color and choices()[name].group in USUAL
    }


@lru_cache(maxsize=32)
def _words(group: str) -> tuple[str, ...]:
    return tuple(name for name in _ids() if choices()[name].group == group)


def _color_of(color: np.ndarray, ink: np.ndarray, where: np.ndarray) -> np.ndarray | None:
    """The colour of a thing, `float32[3]`, the median off its ink; None where it is hardly anything but ink."""
    is_open = ink[where] >= _INK
    if is_open.sum() < _LEAST or is_open.mean() < _OPEN:
        return None
    return np.median(color[where][is_open], axis=0).astype(np.float32)


def _painted(pixels: np.ndarray, ink: np.ndarray, base: np.ndarray, target: Color) -> np.ndarray:
    """Pixels of one colour in another, `uint8[N, 3]`."""
    lightness = pixels.mean(axis=-1, dtype=np.float32)
    own, new = float(base.mean()), np.array(target, np.float32)
    shade = lightness / max(own, 1.0) if own >= _DARK else ink.astype(np.float32) / 255.0
    light = np.clip((lightness - own) / max(255.0 - own, 1.0), 0.0, 1.0) if own >= _DARK else np.zeros_like(shade)
    shade, light = np.minimum(shade, 1.0)[:, None], light[:, None]
    return (new * shade * (1.0 - light) + 255.0 * light + 0.5).clip(0, 255).astype(np.uint8)
