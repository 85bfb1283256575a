"""Colours that things usually have, and colours that go together: what `choose` draws from for a part of a drawing.

A network that has to name the colour of a shirt can only say that it may be any. People know more: skin and hair come
in some tones and are one tone all over a figure, eyes are white around a coloured iris, and the clothes of a picture
are picked to suit each other. Each choice is one set of such decisions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_SKIN = ("f9dcc4", "f4d2b4", "eec1a0", "f7cdb0", "e0a982", "c98d62", "a86f47", "8d5a3b", "6f452d")
_HAIR = (
    "2b2326", "3b2a24", "4a3427", "6b4226", "8a5a33", "b07c46", "d9b35a", "efd38a", "a33b2a", "c75b39", "8f8f9a",
    "5b6aa8", "d98ab0", "7a5aa6", "4f9a94",
)  # fmt: skip
_NATURAL = ("6b4226", "4a3427", "3b2a24", "2b2326", "8a5a33", "b07c46", "d9b35a", "efd38a", "a33b2a")
_IRIS = ("4f7fb5", "3f8f7a", "6b4a2f", "7a9a3c", "8a5ab0", "b5653a", "3a6a9a", "a03a4a")
_MOUTH = ("d9777f", "c85a62", "e29a94", "b8474f")
_GROUND = ("dcefc4", "cdebd6", "d6e8f4", "e9f2d8", "c7e3a5", "d3ebe4")
_LAND = ("dcefc4", "e9f2d8", "c7e3a5", "d3ebb8", "cfe6a8", "e2f0c8")  # ground below a sky
_SKY = ("cfe8f5", "d9eef7", "e4ecf8", "c9e4f2", "dfe4f4")
_CREATURE = ("c98f5a", "d9b77a", "8a6a52", "a89a8c", "e0a46a", "d7cfc2", "7d6f66", "7fb069", "6fa3b5")
_SCHEMES = (
    ("5f86b3", "c96a5a", "e2b95f", "f4ecdc"), ("7fa58a", "d98f6a", "8a6f9e", "f3eee2"),
    ("c4586a", "5a6f96", "e8c27a", "f6e9e4"), ("4f8f93", "d97f5f", "f0cf8a", "eef3ee"),
    ("8c6fae", "6fa3c0", "e59aa6", "f2edf6"), ("b5703f", "6b8f71", "d8b45a", "f5ecdd"),
    ("3f6f9f", "e0a54f", "a94f55", "edf1f5"), ("d98aa4", "7aa3b8", "9a6f8f", "faeff0"),
)
# Parts whose colour people know, the commonest first; of hair the one that is seldom far off.
USUAL = {"skin": _SKIN, "hair": _NATURAL, "iris": _IRIS, "mouth": _MOUTH}
_WHITE = np.array([255, 255, 255], np.uint8)


@dataclass(frozen=True)
class Wardrobe:
    """The colours of one choice, `uint8[N, 3]` RGB each, by part."""

    colors: dict[str, np.ndarray]

    def of(self, part: str) -> np.ndarray:
        """Candidates for a part; of `skin`, `hair`, `iris` and `mouth` there is only one."""
        return self.colors[part]


def wardrobe(random: np.random.Generator, *, is_outside: bool = False) -> Wardrobe:
    """Draws one; `is_outside` where the picture shows a sky."""
    hair = _one(_HAIR, random)
    clothes = _scheme(random)
    return Wardrobe({
        "paper": _WHITE[None], "eye white": _WHITE[None], "skin": _one(_SKIN, random, falling=0.8), "hair": hair,
        "brow": (hair * 0.6).astype(np.uint8), "iris": _one(_IRIS, random), "mouth": _one(_MOUTH, random),
        "cloth": clothes, "thing": clothes, "creature": _one(_CREATURE, random, falling=0.85),
        "ground": _some(_LAND if is_outside else _GROUND, random), "sky": _some(_SKY, random),
    })  # fmt: skip


def colors_of(part: str) -> np.ndarray:
    """The usual colours of a part out of `USUAL`, or of the coat of a `creature`, `uint8[N, 3]`, RGB."""
    return _rgb(_CREATURE if part == "creature" else USUAL[part])


def _scheme(random: np.random.Generator) -> np.ndarray:
    """Four colours of cloth that suit each other and skin, `uint8[4, 3]`: a leading one, two beside it, a pale one."""
    return _rgb(_SCHEMES[int(random.integers(len(_SCHEMES)))])


def _some(colors: tuple[str, ...], random: np.random.Generator, *, count: int = 3) -> np.ndarray:
    """A few of some colours, of which what the network holds likely decides; `uint8[count, 3]`."""
    return _rgb(colors)[random.permutation(len(colors))[:count]]


def _one(colors: tuple[str, ...], random: np.random.Generator, *, falling: float = 1.0) -> np.ndarray:
    """One of some colours, `uint8[1, 3]`; `falling` below 1 makes later ones rarer."""
    chance = falling ** np.arange(len(colors))
    return _rgb(colors)[random.choice(len(colors), size=1, p=chance / chance.sum())]


def _rgb(colors: tuple[str, ...]) -> np.ndarray:
    """Colours written as `rrggbb`, `uint8[N, 3]`."""
    return np.array([list(bytes.fromhex(color)) for color in colors], np.uint8)
