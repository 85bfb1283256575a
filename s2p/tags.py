"""Words for what is in a picture: Tag2Pix's vocabulary, and how what a person writes becomes tags of it.

The vocabulary has 370 tags that say nothing of colour (CIT) and 115 that do (CVT); their order is their place in the
vectors of networks. A person writes the latter: `blue hair`, `red_dress`, `golden hair`, `black socks`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import Field, field_validator

from s2p.errors import InputError, shown
from s2p.schema import SystemOptions

MAX_TAGS = 40
LINES_ALONE = "Words colour line art alone, with s2p's own painters."
_MAX_LETTERS = 60
_LONGEST_PHRASE = 200  # letters, with the spaces around it
_SUCH = "Write a colour and a thing, such as blue hair."
# Groups as people look for them, by what their tags end in, and whether a picture can have one of each only.
GROUPS = {
    "hair": True, "eyes": True, "skin": False, "background": True, "dress": False, "shirt": False, "jacket": False,
    "skirt": False, "trousers": False, "legwear": False, "footwear": False, "gloves": False, "neckwear": False,
    "hat": False, "bow": False, "ribbon": False, "eyewear": False, "other": False,
}  # fmt: skip
GARMENTS = (
    "dress", "shirt", "jacket", "skirt", "trousers", "legwear", "footwear", "gloves", "neckwear", "ribbon",
)  # fmt: skip
# What the painter by words tells apart: the parts of `s2p.parts`, but for cloth, and each garment.
THINGS = (
    "paper", "skin", "hair", "brow", "eye white", "iris", "mouth", "thing", "creature", "ground", "sky", *GARMENTS,
)  # fmt: skip
_HIDDEN = ("bra", "panties", "bikini")  # which keep their place in the vectors
# Things that may have any of some colours, whether the vocabulary has a tag for that or not.
_OF_ANY_COLOR = (
    "hair", "background", "dress", "shirt", "jacket", "skirt", "trousers", "legwear", "footwear", "gloves", "neckwear",
    "hat", "bow", "ribbon",
)  # fmt: skip
_ANY_COLOR = (
    "black", "white", "grey", "brown", "beige", "red", "orange", "yellow", "green", "aqua", "blue", "purple", "pink",
)  # fmt: skip
_COLORS = {
    "blonde": "#e9c46a", "brown": "#7a4a2b", "black": "#26242c", "blue": "#4a72c8", "purple": "#8a5bb5",
    "pink": "#f0a0bc", "silver": "#cfd2da", "green": "#4f9c5c", "red": "#c83c3c", "white": "#f8f8f8",
    "orange": "#e8873a", "grey": "#8b8b92", "aqua": "#6cc8d2", "lavender": "#b9a4dc", "light_brown": "#b3875a",
    "yellow": "#f0cf4e", "beige": "#e8d9be", "dark": "#8d5a3a", "pale": "#fdeee6", "shiny": "#f3c7a6",
    "red-framed": "#c83c3c", "black-framed": "#26242c", "denim": "#3d5a8a", "blush": "#f29a9a", "gradient": "",
}  # fmt: skip
# Other words for colours: those of the vocabulary that they may stand for, the first that a thing has.
_COLOR_WORDS = {
    word: tuple(meanings.split())
    for word, meanings in {
        "blond": "blonde", "golden": "blonde yellow", "gold": "blonde yellow", "yellow": "yellow blonde",
        "gray": "grey", "violet": "purple", "crimson": "red", "scarlet": "red", "ruby": "red", "maroon": "red",
        "navy": "blue", "azure": "blue", "sapphire": "blue", "light blue": "aqua blue", "sky blue": "aqua blue",
        "dark blue": "blue", "cyan": "aqua blue", "turquoise": "aqua blue", "teal": "aqua green", "lilac":
        "lavender purple", "rose": "pink", "magenta": "pink", "emerald": "green", "lime": "green", "olive": "green",
        "dark green": "green", "light green": "green", "dark red": "red", "chestnut": "brown", "auburn": "brown",
        "dark brown": "brown", "hazel": "brown", "ginger": "orange", "amber": "yellow orange", "light brown":
        "light_brown brown", "tan": "dark light_brown", "tanned": "dark", "brown": "brown dark", "black": "black dark",
        "fair": "pale", "light": "pale", "cream": "white beige", "ivory": "white", "snow white": "white",
        "jet black": "black", "red framed": "red-framed", "black framed": "black-framed",
    }.items()
}  # fmt: skip
_FRAMED = {"red": "red-framed", "black": "black-framed"}
# Other words for things.
_THING_WORDS = {
    word: thing
    for thing, words in {
        "hair": "hairs|hairdo", "eyes": "eye|irises|iris", "skin": "complexion", "background": "bg|backdrop",
        "dress": "gown|frock|sundress|robe", "shirt": "t shirt|tshirt|tee|blouse|top|sweater|pullover",
        "jacket": "coat|blazer|cardigan", "skirt": "miniskirt|pleated skirt",
        "trousers": "pants|shorts|jeans|trouser|slacks|overalls",
        "legwear": "socks|sock|stockings|tights|thighhighs|pantyhose|kneehighs|leggings",
        "footwear": "shoes|shoe|boots|boot|sandals|sneakers|heels|high heels|loafers",
        "gloves": "glove|mittens", "neckwear": "tie|necktie|bowtie|bow tie|ascot|neckerchief|scarf",
        "hat": "cap|beret|beanie",
        "bow": "hair bow", "ribbon": "hair ribbon|ribbons", "eyewear": "glasses|spectacles",
    }.items()
    for word in words.split("|")
}  # fmt: skip


@dataclass(frozen=True)
class Vocabulary:
    """The 370 colour-invariant (CIT) and 115 colour-variant (CVT) tags, with the tags that the rules look at.

    Attributes:
        cit, cvt: ids; the position is the index in the vector.
        ids: name to id, later names included.
        groups: `cit/hair`, `cvt/face` and so on to ids.
        rules: `person`, `blacklist`, `line_art` and `other` to names and ids.
        names: names of the CVT, in their order.
        aliases: later names to those of the vocabulary.
    """

    cit: tuple[int, ...]
    cvt: tuple[int, ...]
    ids: dict[str, int]
    groups: dict[str, tuple[int, ...]]
    rules: dict[str, dict[str, int]]
    names: tuple[str, ...]
    aliases: dict[str, str]

    @cached_property
    def hair_ids(self) -> frozenset[int]:
        """The 15 hair colours."""
        return self._ending("_hair", "cvt/hair")

    @cached_property
    def eye_ids(self) -> frozenset[int]:
        """The 12 eye colours."""
        return self._ending("_eyes", "cvt/face")

    @cached_property
    def face_ids(self) -> frozenset[int]:
        """The 156 tags that stay true of a face crop: no clothing, no background."""
        people = self.rules["person"].values()
        near = {self.ids[name] for name in ("blush", "red-framed_eyewear", "black-framed_eyewear")}
        groups = self.groups["cit/hair"] + self.groups["cit/face"]
        return frozenset({*people, *groups, *self.hair_ids, *self.eye_ids, *near})

    def vectors(self, tags: Iterable[int]) -> tuple[list[float], list[float]]:
        """CIT and CVT vectors of 370 and 115 numbers, 1 where the tag is present; other ids are ignored."""
        present = set(tags)
        return [float(tag in present) for tag in self.cit], [float(tag in present) for tag in self.cvt]

    def _ending(self, suffix: str, group: str) -> frozenset[int]:
        members = set(self.groups[group])
        return frozenset(number for name, number in self.ids.items() if name.endswith(suffix) and number in members)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary that is shipped with the package.

    Example:
        >>> len(vocabulary().cit), len(vocabulary().cvt), len(vocabulary().face_ids)
        (370, 115, 156)
    """
    data = json.loads(Path(__file__).with_name("vocabulary.json").read_text(encoding="utf-8"))
    ids: dict[str, int] = {}
    groups: dict[str, tuple[int, ...]] = {}
    for kind in ("cit", "cvt"):
        for part in data[kind]:
            groups[f"{kind}/{part['group']}"] = tuple(number for _, number in part["tags"])
            ids.update(part["tags"])
    rules = {name: dict(data[name]) for name in ("person", "blacklist", "line_art", "other")}
    for named in rules.values():
        ids.update(named)
    ids.update({later: ids[name] for later, name in data["aliases"].items()})
    cit, cvt = (tuple(number for part in data[kind] for _, number in part["tags"]) for kind in ("cit", "cvt"))
    names = tuple(name for part in data["cvt"] for name, _ in part["tags"])
    return Vocabulary(cit, cvt, ids, groups, rules, names, data["aliases"])


@dataclass(frozen=True)
class Tag:
    """A tag that a person may choose.

    Attributes:
        name: such as `blonde_hair`, of the vocabulary or formed like those in it.
        title: for people, such as `blonde hair`.
        group: of `GROUPS`.
        color: `#rrggbb` of its chip, about what it asks for; empty for no one colour.
    """

    name: str
    title: str
    group: str
    color: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour of its chip; raises `ValueError` for no one colour."""
        red, green, blue = bytes.fromhex(self.color[1:])
        return red, green, blue


@lru_cache(maxsize=1)
def choices() -> dict[str, Tag]:
    """The tags that are offered, by their names, group by group.

    Example:
        >>> choices()["blonde_hair"].color
        '#e9c46a'
    """
    found = []
    for name in vocabulary().names:
        color, _, thing = name.rpartition("_")
        if thing not in _HIDDEN:
            group = thing if thing in GROUPS else "other"
            found.append(Tag(name, name.replace("_", " "), group, _COLORS[color or name]))
    known = {tag.name for tag in found}
    found += [
        Tag(f"{color}_{thing}", f"{color} {thing}", thing, _COLORS[color]) for thing in _OF_ANY_COLOR
        for color in _ANY_COLOR if f"{color}_{thing}" not in known and (color, thing) != ("yellow", "hair")
    ]
    order = list(GROUPS)
    return {tag.name: tag for tag in sorted(found, key=lambda tag: order.index(tag.group))}


def unlearned(names: Iterable[str]) -> tuple[str, ...]:
    """Those of some names that are not in the vocabulary, so that no network has learned them.

    Example:
        >>> unlearned(["blonde_hair", "green_shirt"])
        ('green_shirt',)
    """
    learned = set(vocabulary().names)
    return tuple(name for name in names if name not in learned)


def search(text: str) -> list[Tag]:
    """The tags whose words begin with all the words of a text, group by group; all of them for an empty one.

    Example:
        >>> [tag.title for tag in search("blo ha")]
        ['blonde hair']
    """
    wanted = _normal(text).split()
    return [
        tag for tag in choices().values()
        if all(any(word.startswith(want) for word in tag.title.replace("-", " ").split()) for want in wanted)
    ]


def read_tags(words: str | Iterable[str]) -> tuple[str, ...]:
    """Reads what a person wrote.

    Args:
        words: names, titles, other words for the same, or colours with things; one text has commas between them.

    Returns: names of tags, each once, those of the vocabulary first, in its order.

    Raises:
        InputError: a word that is not known, with those nearest to it; two that exclude each other; or too many.

    Example:
        >>> read_tags("golden hair, Red Dress, black socks")
        ('black_legwear', 'red_dress', 'blonde_hair')
    """
    parts: list[str] = re.split(r"[,;\n]", words) if isinstance(words, str) else []
    if not isinstance(words, str):
        parts = list(words) if isinstance(words, Iterable) else [words]
    if wrong := [part for part in parts if not isinstance(part, str)]:
        raise InputError(f"Words must be text. Received: {shown(wrong[0])}.")
    if long := [part for part in parts if len(part) > _LONGEST_PHRASE]:  # to look in it takes its square
        raise InputError(f"There is no tag for {long[0][:_MAX_LETTERS]!r}. {_SUCH}")
    parts = [part for part in parts if part.strip()]
    if len(parts) > MAX_TAGS:  # counted before any is looked at
        raise InputError(f"At most {MAX_TAGS} tags are allowed. Received: {len(parts)}.")
    names = {_tag_of(part) for part in parts if _normal(part)}
    for group, is_single in GROUPS.items():
        same = sorted(choices()[name].title for name in names if choices()[name].group == group)
        if is_single and len(same) > 1:
            raise InputError(f"A picture can have one tag for its {group}. Received: {', '.join(same)}.")
    order = {name: place for place, name in enumerate(vocabulary().names)}
    return tuple(sorted(names, key=lambda name: (order.get(name, len(order)), name)))


def vector(names: Iterable[str]) -> list[float]:
    """The CVT vector of tags by their names: 115 numbers, 1 where a tag is wanted."""
    wanted = set(names)
    return [float(name in wanted) for name in vocabulary().names]


def unfound_sentence(names: Iterable[str]) -> str:
    """What people are told of tags whose things are not to be seen; empty for none.

    Example:
        >>> unfound_sentence(["blue_hair"])
        'Nothing in the drawing was taken for: blue hair.'
    """
    titles = ", ".join(choices()[name].title for name in names)
    return f"Nothing in the drawing was taken for: {titles}." if titles else ""


class TagOptions(SystemOptions):
    """What painting by words can be asked for.

    Attributes:
        tags: as `read_tags` reads them; kept as names of the vocabulary.
    """

    tags: tuple[str, ...] = Field(default=(), max_length=MAX_TAGS)

    @field_validator("tags")
    @classmethod
    def _tags(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return read_tags(value)


def _tag_of(text: str) -> str:
    words = _normal(text)
    direct = words.replace(" ", "_")
    direct = vocabulary().aliases.get(direct, direct)
    by_title = {_normal(tag.name): tag.name for tag in choices().values()}
    if direct in choices():
        return direct
    if words in by_title:
        return by_title[words]
    color, thing = _parted(words)
    for meaning in _meanings(color, thing) if thing else ():
        name = f"{meaning}_{thing}"
        if name in choices():
            return name
    raise InputError(_unknown(text.strip(), color, thing))


def _parted(words: str) -> tuple[str, str]:
    """Colour and thing of a phrase; the thing is empty where none is known."""
    pieces = words.split()
    for start in range(len(pieces)):
        last = " ".join(pieces[start:])
        thing = _THING_WORDS.get(last, last if last in GROUPS and last != "other" else "")
        if thing:
            return " ".join(pieces[:start]), thing
    return words, ""


def _meanings(color: str, thing: str) -> tuple[str, ...]:
    found = _COLOR_WORDS.get(color, (color.replace(" ", "_"),))
    return tuple(_FRAMED.get(one, one) for one in found) if thing == "eyewear" else found


def _unknown(text: str, color: str, thing: str) -> str:
    titles = [tag.title for tag in choices().values()]
    shown = text[:_MAX_LETTERS]
    if thing:
        return f"There is no tag for {shown!r}. Of {thing} there are: {', '.join(t.title for t in search(thing))}."
    near = [tag.title for tag in search(color)][:4]
    near = near or get_close_matches(_normal(text)[:_MAX_LETTERS], titles, n=4, cutoff=0.5)
    hint = f"Do you mean {', '.join(near)}?" if near else _SUCH
    return f"There is no tag for {shown!r}. {hint}"


def _normal(text: str) -> str:
    return " ".join(re.sub(r"[_\s-]+", " ", text.strip().lower()).split())
