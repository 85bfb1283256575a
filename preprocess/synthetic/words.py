"""Words for a person: those tags of Tag2Pix' vocabulary that are true of a drawing."""

from __future__ import annotations

import colorsys

from preprocess.synthetic.ornaments import WORDS
from preprocess.synthetic.paints import Color
from preprocess.synthetic.people import Person
from s2p.tags import vocabulary

_HUES = ((0.035, "red"), (0.105, "orange"), (0.19, "yellow"), (0.45, "green"), (0.54, "aqua"), (0.7, "blue"),
         (0.83, "purple"), (0.95, "pink"), (1.01, "red"))  # fmt: skip
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


def color_name(color: Color, *, kind: str = "cloth") -> str:
    """The everyday name of a colour.

    Args:
        color: RGB.
        kind: `hair` has blonde and silver, `cloth` has neither.

    Example:
        >>> color_name((240, 220, 120), kind="hair"), color_name((240, 220, 120))
        ('blonde', 'yellow')
    """
    hue, saturation, value = colorsys.rgb_to_hsv(*(v / 255 for v in color))
    if value < 0.26:
        return "black"
    if saturation < 0.12:
        return "white" if value > 0.9 else "silver" if kind == "hair" and value > 0.75 else "grey"
    name = next(name for limit, name in _HUES if hue < limit)
    if name in ("red", "orange", "yellow") and value < 0.7 and hue < 0.2:
        return "brown"
    if kind == "hair" and name in ("orange", "yellow") and saturation < 0.7 and value > 0.7:
        return "blonde"
    return "pink" if name == "red" and saturation < 0.5 and value > 0.75 else name


def tags_of(person: Person, *, is_whole: bool) -> set[str]:
    """Tags of one person.

    Args:
        person: as it was chosen.
        is_whole: False where the sheet shows head and shoulders only.
    """
    face, hair, clothes, below = person.face, person.hair, person.clothes, person.below
    found = {"full_body" if is_whole else "upper_body", *_HAIR.get(hair.back, ()), *_FRINGE.get(hair.fringe, ()),
             *_MOUTH.get(face.mouth, ()), _TOPS[clothes.top], _SLEEVES[clothes.sleeve], _NECK.get(clothes.neck, ""),
             _HATS.get(person.hat, ""), WORDS.get(person.ornament, ""),
             "looking_at_viewer" if face.turn < 0.2 else ""}  # fmt: skip
    cloth = color_name(clothes.main.base)
    found |= {f"{color_name(hair.paint.base, kind='hair')}_hair", f"{cloth}_{_garment(clothes.top)}"}
    if face.eyes.kind == "closed":
        found.add("closed_eyes")
    else:
        found.add(f"{color_name(face.eyes.iris.base)}_eyes")
    found |= {word for word, is_true in {
        "blush": face.blush != "none", "glasses": person.has_glasses, "pointy_ears": face.ears == "pointed",
        "cat_ears": face.ears == "cat", "animal_ears": face.ears == "cat", "gloves": clothes.has_gloves,
        "from_side": face.is_profile, "holding": bool(person.held), "cape": person.cape is not None,
        "dark_skin": sum(face.skin.base) < 430, "chibi": person.heads < 3.2,
        "v-shaped_eyebrows": face.mood > 0.6, "eyebrows_visible_through_hair": hair.has_visible_brows,
    }.items() if is_true}  # fmt: skip
    if is_whole:
        lower = _BOTTOMS.get(below.bottom, "")
        found |= {lower, f"{color_name(below.main.base)}_skirt" if "skirt" in lower else "", below.shoes,
                  f"{color_name(below.shoe.base)}_footwear" if below.shoes != "barefoot" else "",
                  "standing"}  # fmt: skip
    return found & vocabulary().ids.keys()


def _garment(top: str) -> str:
    return {"dress": "dress", "jacket": "jacket", "suit": "jacket"}.get(top, "shirt")
