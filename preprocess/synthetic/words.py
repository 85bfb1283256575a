"""Words for a person: those tags of Tag2Pix' vocabulary that are true of a drawing."""

from __future__ import annotations

import numpy as np

from s2p.color_words import color_name
from s2p.tags import vocabulary

from .ornaments import WORDS
from .paints import Color
from .parts import NUMBERS
from .people import Person

_HAIR = {"twin tails": ("twintails", "long_hair"), "ponytail": ("side_ponytail", "long_hair"), "long": ("long_hair",),
         "braids": ("twin_braids", "long_hair"), "short": ("short_hair",), "crop": ("short_hair",),
         "bun": ("hair_bun",),
         "bob": ("bob_cut", "short_hair"), "spiky": ("spiked_hair", "short_hair"),
         "curly": ("curly_hair",)}  # fmt: skip
_FRINGE = {"blunt": ("blunt_bangs", "bangs"), "swept": ("swept_bangs", "bangs"), "parted": ("parted_bangs", "bangs"),
           "locks": ("bangs",)}  # fmt: skip
_MOUTH = {"smile": ("smile", "closed_mouth"), "open": ("open_mouth", "tongue"), "shout": ("open_mouth",),
          "cat": (":3",),
          "teeth": ("teeth", "grin"), "line": ("closed_mouth",), "small": ("closed_mouth",)}  # fmt: skip
_TOPS = {"t-shirt": "t-shirt", "shirt": "collared_shirt", "sweater": "sweater", "hoodie": "hoodie",
         "sailor": "serafuku",
         "suit": "suit", "jacket": "jacket", "dress": "dress", "robe": "japanese_clothes", "armor": "armor",
         "vest": "vest",
         "tank": "tank_top"}  # fmt: skip
_SLEEVES = {"long": "long_sleeves", "short": "short_sleeves", "puffy": "puffy_sleeves", "wide": "wide_sleeves",
            "none": "sleeveless"}  # fmt: skip
_BOTTOMS = {"skirt": "skirt", "pleated skirt": "pleated_skirt", "long skirt": "skirt", "trousers": "pants",
            "shorts": "shorts"}  # fmt: skip
_NECK = {"tie": "necktie", "bow": "bowtie", "scarf": "scarf", "necklace": "necklace", "choker": "choker",
         "ribbon": "neck_ribbon"}  # fmt: skip
_HATS = {"cap": "baseball_cap", "wizard": "witch_hat", "straw": "hat", "beanie": "hat", "crown": "crown",
         "bow": "hair_ribbon", "hood": "hood", "helmet": "helmet"}  # fmt: skip


_GARMENT = {"dress": "dress", "robe": "dress", "jacket": "jacket", "suit": "jacket"}
_UPPER = ("hair", "iris", "cloth top", "cloth shirt", "cloth tie", "cloth gloves")  # seen where half of a person is
_COVERING = ("trousers", "long skirt", "leggings")  # socks


def tags_of(person: Person, *, is_whole: bool, visible: frozenset[str] | None = None) -> set[str]:
    """Tags of one person.

    Args:
        person: as it was chosen.
        is_whole: False where the sheet shows head and shoulders only.
        visible: of `Canvas.visible`, once the person is drawn alone: of anything else no colour is told. None where
            several people share a sheet.
    """
    face, hair, clothes, below = person.face, person.hair, person.clothes, person.below
    found = {"full_body" if is_whole else "upper_body", *_HAIR.get(hair.back, ()), *_FRINGE.get(hair.fringe, ()),
             *_MOUTH.get(face.mouth, ()), _TOPS[clothes.top], _SLEEVES[clothes.sleeve], _NECK.get(clothes.neck, ""),
             _HATS.get(person.hat, ""), WORDS.get(person.ornament, ""),
             "looking_at_viewer" if face.turn < 0.2 else ""}  # fmt: skip
    if face.eyes.kind == "closed":
        found.add("closed_eyes")
    found |= {tag for tag, _ in _colors_of(person, is_whole=is_whole, visible=visible)}
    found |= {word for word, is_true in {
        "blush": face.blush != "none", "glasses": person.has_glasses, "pointy_ears": face.ears == "pointed",
        "cat_ears": face.ears == "cat", "animal_ears": face.ears == "cat", "gloves": clothes.has_gloves,
        "from_side": face.is_profile, "holding": bool(person.held), "cape": person.cape is not None,
        "dark_skin": sum(face.skin.base) < 430, "pale_skin": sum(face.skin.base) >= 718, "chibi": person.heads < 3.2,
        "v-shaped_eyebrows": face.mood > 0.6, "eyebrows_visible_through_hair": hair.has_visible_brows,
    }.items() if is_true}  # fmt: skip
    if is_whole:
        lower = _BOTTOMS.get(below.bottom, "")
        found |= {lower, below.shoes, "standing"}
    return found & vocabulary().ids.keys()


def garments_of(person: Person, *, is_whole: bool, visible: frozenset[str]) -> dict[str, str]:
    """The tags of the garments of one person, and the part that each of them is about; arguments as for `tags_of`.

    Returns: such as `red_dress` to `cloth top`. What two parts are called alike, such as two white shirts, is left out.
    """
    found = [(tag, part) for tag, part in _colors_of(person, is_whole=is_whole, visible=visible) if part[:5] == "cloth"]
    things = [tag.rpartition("_")[2] for tag, _ in found]
    return {tag: part for (tag, part), thing in zip(found, things) if things.count(thing) == 1}


def ground_tags(flat: np.ndarray, parts: np.ndarray) -> set[str]:
    """Tags of what lies behind people; nothing where that is a place or a pattern.

    Args:
        flat: `uint8[H, W, 3]` RGB, flat colours.
        parts: `uint8[H, W]`, as `Drawing.parts`.

    Example:
        >>> sorted(ground_tags(np.full((8, 8, 3), 255, np.uint8), np.zeros((8, 8), np.uint8)))
        ['simple_background', 'white_background']
    """
    ground = flat[np.isin(parts, [NUMBERS[name] for name in ("paper", "ground", "sky")])].astype(np.int16)
    if len(ground) < 0.03 * parts.size:
        return set()
    usual = np.median(ground, axis=0)
    if (np.abs(ground - usual).max(axis=1) <= 12).mean() < 0.9:
        return set()
    red, green, blue = (int(value) for value in usual)
    name = f"{color_name((red, green, blue), kind='ground')}_background"
    return {name, "simple_background"} & vocabulary().ids.keys()


def _colors_of(
    person: Person, *, is_whole: bool, visible: frozenset[str] | None
) -> set[tuple[str, str]]:
    """Colours of what is to be seen, hair, eyes, and every garment, each with the part that it is told of."""
    face, clothes, below = person.face, person.clothes, person.below
    found: set[tuple[str, str]] = set()

    def tell(part: str, color: Color, thing: str, *, is_there: bool = True) -> None:
        is_seen = part in visible if visible is not None else is_whole or part in _UPPER
        if is_there and is_seen:
            name = color_name(color, kind="hair" if thing == "hair" else "cloth")
            found.add((f"{name}_{thing}", part))

    is_dress, has_skirt = clothes.top in ("dress", "robe"), "skirt" in below.bottom
    tell("hair", person.hair.paint.base, "hair")
    tell("iris", (0, 0, 0) if face.eyes.kind == "dot" else face.eyes.iris.base, "eyes",
         is_there=face.eyes.kind != "closed")  # fmt: skip
    tell("cloth top", clothes.main.base, _GARMENT.get(clothes.top, "shirt"))
    tell("cloth shirt", (250, 250, 250) if clothes.top == "suit" else clothes.second.base, "shirt",
         is_there=clothes.top in ("suit", "jacket"))  # fmt: skip
    tell("cloth tie", clothes.third.base, "ribbon" if clothes.neck == "ribbon" else "neckwear",
         is_there=clothes.neck in ("tie", "bow", "ribbon"))  # fmt: skip
    tell("cloth gloves", clothes.third.base, "gloves", is_there=clothes.has_gloves)
    tell("cloth bottom", below.main.base, "skirt", is_there=has_skirt and not is_dress)
    tell("cloth bottom", below.main.base, "legwear", is_there=below.bottom == "leggings")
    tell("cloth socks", below.socks.base, "legwear", is_there=below.sock > 0 and below.bottom not in _COVERING)
    tell("cloth shoes", below.shoe.base, "footwear", is_there=below.shoes != "barefoot")
    tell("hair", clothes.second.base, "hat", is_there=person.hat in ("cap", "wizard", "beanie"))
    tell("hair", clothes.second.base, "bow", is_there=person.hat == "bow")
    if person.has_glasses:
        found.add((f"{color_name(clothes.third.base)}-framed_eyewear", "thing"))
    return found
