"""Pictures with words: drawings that know their tags and parts, folders with lines of tags, and any others.

Shards of `s2p prepare` say what every pixel shows where drawings of our own or avatars are in them; of other pictures
the network `parts` says where hair, eyes, cloth and ground are. It sees the drawing alone, as painters do. Where nobody
says which tags are true of a picture, those of hair, eyes and background are read off it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np

from s2p import weights
from s2p.config import load_settings
from s2p.errors import InputError, S2PError, WeightsMissingError
from s2p.evaluation.agreement import GARMENTS, GROUPS, agrees, group_of, pixels_of, word_of
from s2p.evaluation.difference import lab
from s2p.evaluation.pairs import Extractor, Pair, find_sources, load_pairs
from s2p.evaluation.pairs import Source as File
from s2p.parts import NAMES, SCENERY, name_parts
from s2p.runtime import Network
from s2p.tags import choices, vocabulary
from s2p.train.encoded import column, decode, decode_color

TAGS = "tags.txt"
MAKE_SOME = "Make some: s2p prepare synthetic 100 FOLDER --seed 1000000 --eval-share 1"
Namer = Callable[[np.ndarray], np.ndarray]  # what every pixel of a drawing shows: numbers of `NUMBERS`

# As `preprocess/synthetic/parts.py` numbers them; garments have numbers of their own from `FIRST_CLOTH` on.
NUMBERS = {name: number for number, name in enumerate(NAMES) if name != "cloth"}
FIRST_CLOTH, UNKNOWN = 16, 255
_PARTS = {"hair": ("hair",), "eyes": ("iris",), "background": SCENERY}
_BESIDE = {"hair": ("brow",)}  # what goes with it and is no part of what else changes
_LEAST = 16  # pixels of a part
_LEAST_CLOTH = 0.003  # of the picture; of less nobody can say what it is
_LEAST_READ = {"hair": 0.003, "eyes": 0.0, "background": 0.05}  # of the picture
_LOOKS, _ONE_COLOR = 48, 0.75  # pixels that are looked at, and the share of them that must be of one colour
_SURE = 0.5  # how likely a place must show a part
_DARK, _LIGHT = 20.0, 93.0  # L of pupils and of what shines in eyes


@dataclass(frozen=True)
class Case:
    """A picture, its drawing, and the words that are true of it.

    Attributes:
        name: of its file or record.
        image: `uint8[H, W, 3]`, RGB.
        lines: `uint8[H, W]`, 255 = paper.
        tags: names of `s2p.tags` that a person may choose, all that are true of it.
        places: `uint8[H, W]`, what every pixel shows (`NUMBERS`).
        garments: numbers in `places` by the tag of a garment.
        are_read: whether the words were read off the picture.
    """

    name: str
    image: np.ndarray
    lines: np.ndarray
    tags: tuple[str, ...]
    places: np.ndarray
    garments: Mapping[str, int]
    are_read: bool = False

    def with_words_read(self) -> Case:
        """The same with the words for hair, eyes and background of which the picture shows one colour each."""
        found = []
        for group, parts in _PARTS.items():
            part = self._shows(*parts)
            part &= self._is_colored if group == "eyes" else True
            pixels = pixels_of(part, self.image, self.lines)
            if not len(pixels) or part.mean() < _LEAST_READ[group]:
                continue
            some = pixels[:: max(len(pixels) // _LOOKS, 1)] // 8 * 8 + 4  # few colours, which are compared once
            red, green, blue = (int(value) for value in np.median(pixels, axis=0))
            word = word_of((red, green, blue), group)
            alike = [agrees((int(r), int(g), int(b)), word) for r, g, b in some]
            if agrees((red, green, blue), word) and np.mean(alike) >= _ONE_COLOR:
                found.append(word)
        return replace(self, tags=tuple(found), are_read=True)

    @cached_property
    def parts(self) -> dict[str, np.ndarray]:
        """Where the colour that a tag asks for is looked for, `bool[H, W]` by the tags that are judged.

        A group of which a picture has one is left out where two of its tags are there. A garment that nobody tells from
        others is all the cloth there is, where it is the only one that is named. An eye is its iris alone: neither the
        pupil nor what shines in it.
        """
        found = {}
        garments = [tag for tag in self.tags if group_of(tag) == "garments"]
        for tag in self.tags:
            group = group_of(tag)
            if group in _PARTS:
                is_part = self._shows(*_PARTS[group])
                is_part &= self._is_colored if group == "eyes" else True
                alone = [other for other in self.tags if group_of(other) == group] == [tag]
            else:
                number = self.garments.get(tag)
                is_part = self.places >= FIRST_CLOTH if number is None else self.places == number
                is_part &= self.places != UNKNOWN
                alone = tag in self.garments or (not self.garments and garments == [tag])
                alone &= float(is_part.mean()) >= _LEAST_CLOTH
            if group and alone and is_part.sum() >= _LEAST:
                found[tag] = is_part
        return found

    def with_beside(self, tag: str) -> np.ndarray:
        """The part of a tag with what goes with it, `bool[H, W]`."""
        return self.parts[tag] | self._shows(*_BESIDE.get(group_of(tag), ())) | (
            self._shows("iris") if group_of(tag) == "eyes" else False
        )

    @cached_property
    def _is_colored(self) -> np.ndarray:
        """What is neither a black pupil nor a white light in the picture; all, where an eye has no other colour."""
        eyes, lightness = self._shows("iris"), lab(self.image)[..., 0]
        is_pupil = (lightness < _DARK) & ("black_eyes" not in self.tags)
        colored = ~is_pupil & (lightness < _LIGHT)
        return colored if (eyes & colored).any() else np.ones_like(eyes)

    def _shows(self, *names: str) -> np.ndarray:
        return np.isin(self.places, [NUMBERS[name] for name in names])


@dataclass(frozen=True)
class Words:
    """Where one case comes from: a row of a shard, or a file; with its tags, None where nobody told them."""

    name: str
    path: Path
    row: int = -1
    tags: tuple[int, ...] | None = None


def find_words(data: Path, *, limit: int | None = None) -> list[Words]:
    """Names the pictures with words of a folder.

    Args:
        data: shards of `s2p prepare`, of which those held out are taken; or pictures, with `tags.txt` as `s2p prepare
            tags` writes it: a line for each, its number, which is its file's name, and the ids of its tags. Where there
            are no tags at all, every picture is named.
        limit: int or None. That many, spread evenly.

    Raises:
        InputError: neither, or none whose words can be judged.
    """
    if not data.is_dir():
        raise InputError(f"The evaluation needs a folder of pictures with words. Received: {str(data)!r}.")
    if limit is not None and limit < 1:
        raise InputError(f"limit must be at least 1. Received: {limit}.")
    found = list(_rows(data) if (data / "index.json").is_file() else _files(data))
    if any(one.tags for one in found):
        found = [one for one in found if any(group_of(name) for name in names_of(one.tags or ()))]
    else:
        found = [replace(one, tags=None) for one in found]
    if not found:
        raise InputError(
            f"{str(data)!r} holds no pictures with words for colours. {MAKE_SOME}; or lay {TAGS} beside pictures, "
            "with a line for each: its number and its tags' ids."
        )
    count = min(limit or len(found), len(found))
    return [found[number * len(found) // count] for number in range(count)]


def load_cases(
    words: Sequence[Words], *, flavour: str, extractor: Extractor | None = None,
    own_lines: Path | None = None, namer: Namer | None = None,
) -> Iterator[Case | tuple[str, str]]:
    """Loads cases one by one; a picture that cannot be used comes as `(name, reason)`.

    Args:
        words: of `find_words`.
        flavour, extractor, own_lines: lines of pictures (`s2p.evaluation.pairs.load_pairs`); shards have their own.
        namer: what pictures show of which that is not known; the network `parts` by default.
    """
    namer = namer or installed_namer()
    for one in words:
        try:
            case = _load(one, flavour, extractor, own_lines, namer)
            yield case.with_words_read() if one.tags is None else case
        except S2PError as error:
            yield one.name, str(error)


def installed_namer() -> Namer:
    """What the network `parts` says of drawings, `uint8[H, W]` to the same; it is loaded when it is first asked.

    Raises:
        WeightsMissingError: when it is asked and has no weights.
    """
    numbers = np.array([FIRST_CLOTH if part == "cloth" else NUMBERS[part] for part in NAMES], np.uint8)

    @cache
    def network() -> Network:
        settings = load_settings()
        found = weights.load_network(weights.find("parts", settings), settings)
        if not found.trained:
            raise WeightsMissingError("What pictures show is known to nobody here: the network parts has no weights.")
        return found

    def name(lines: np.ndarray) -> np.ndarray:
        chances = name_parts(network(), lines, (-(-lines.shape[0] // 4), -(-lines.shape[1] // 4)))
        likeliest = np.where(chances.max(-1) >= _SURE, numbers[chances.argmax(-1)], UNKNOWN).astype(np.uint8)
        return cv2.resize(likeliest, lines.shape[::-1], interpolation=cv2.INTER_NEAREST)

    return name


def names_of(ids: Sequence[int]) -> tuple[str, ...]:
    """The names of tags by their ids, of those that a person may choose; of conflicting ones neither.

    Example:
        >>> names_of((vocabulary().ids["red_dress"], vocabulary().ids["smile"]))
        ('red_dress',)
    """
    given, known, words = set(ids), choices(), vocabulary()
    names = [name for name, number in zip(words.names, words.cvt) if number in given and name in known]
    groups = [known[name].group for name in names]
    single = {group for group in GROUPS if group not in GARMENTS}
    return tuple(name for name, group in zip(names, groups) if group not in single or groups.count(group) == 1)


def _load(
    one: Words, flavour: str, extractor: Extractor | None, own_lines: Path | None, namer: Namer
) -> Case:
    if one.row >= 0:
        return _of_record(one, namer)
    file = File(one.name, one.path)
    (pair,) = load_pairs([file], flavour=flavour, extractor=extractor, own_lines=own_lines)
    if not isinstance(pair, Pair):
        raise InputError(pair[1])
    return Case(one.name, pair.image, pair.lines, names_of(one.tags or ()), namer(pair.lines), {})


def _of_record(one: Words, namer: Namer) -> Case:
    cells: dict[str, np.ndarray] = {}
    with h5py.File(one.path, "r") as file:
        for field in ("color", "lines", "parts", "garments"):
            if field in file:
                start, end = (int(value) for value in np.asarray(file[f"{field}/offsets"])[one.row : one.row + 2])
                cells[field] = np.asarray(file[f"{field}/data"][start:end])  # pyright: ignore[reportIndexIssue]
    drawn = decode(cells["lines"], cv2.IMREAD_UNCHANGED)
    if drawn.ndim == 3:  # the first flavour; OpenCV turned the first three around
        drawn = drawn[..., 2 if drawn.shape[2] > 2 else 0]
    lines = np.ascontiguousarray(drawn)
    is_known = len(cells.get("parts", ())) > 0
    places = decode(cells["parts"], cv2.IMREAD_GRAYSCALE) if is_known else namer(lines)
    garments: dict[str, Any] = json.loads(cells["garments"].tobytes() or b"{}") if "garments" in cells else {}
    tags = names_of(one.tags or ())
    garments = {tag: int(number) for tag, number in garments.items() if tag in tags}
    return Case(one.name, decode_color(cells["color"]), lines, tags, places, garments)


def _rows(data: Path) -> Iterator[Words]:
    try:
        index = json.loads((data / "index.json").read_text(encoding="utf-8"))
        files = [entry["files"]["hdf5"]["name"] for entry in index["shards"]["eval"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{data} has no HDF5 shards of the split 'eval'. Prepare it again with both.") from None
    if not files:
        raise InputError(f"{data} holds no pictures out of training. Prepare it again with a larger --eval-share.")
    for name in files:
        with h5py.File(data / name, "r") as file:
            keys = np.asarray(file["key/offsets"])
            columns = [column(file, field, keys) for field in ("key", "tags")]
        for row, (key, tags) in enumerate(zip(*columns, strict=True)):
            yield Words(key.tobytes().decode("utf-8", "replace"), data / name, row, tuple(int(tag) for tag in tags))


def _files(data: Path) -> Iterator[Words]:
    if not (data / TAGS).is_file():
        yield from (Words(one.name, one.path) for one in find_sources(data) if one.path is not None)
        return
    told: dict[str, tuple[int, ...]] = {}
    for number, line in enumerate((data / TAGS).read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        try:
            key, *tags = (int(word) for word in line.split()) if line.strip() else (0,)
        except ValueError:
            raise InputError(f"{TAGS}, line {number}: whole numbers are needed. Received: {line[:60]!r}.") from None
        told[str(key)] = tuple(tags)
    for source in find_sources(data):
        assert source.path is not None
        if source.path.stem in told:
            yield Words(source.name, source.path, tags=told[source.path.stem])
