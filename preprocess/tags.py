"""Tags of pictures: reads Danbooru metadata, keeps the pictures that Tag2Pix can learn from, and makes its vectors.

Metadata is JSON lines, one picture each, in any of the shapes that the dumps had: tag objects with ids (2017, 2018),
tag objects or plain names without ids (2020, 2021), or one string of names (`tag_string_general`). Names become ids
through the vocabulary (`s2p.tags`) and its alias table. The rules are those of the spec of Tag2Pix, section 1.1.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from s2p.errors import InputError
from s2p.tags import vocabulary

from . import storage
from .metadata import Line, read_lines

LINE_ART = "line art"


@dataclass(frozen=True)
class Post:
    """One picture of the metadata: its number, original size in pixels, and general tags by id."""

    number: int
    width: int
    height: int
    tags: frozenset[int]
    unknown: int = 0


def parse_post(data: Any) -> Post:
    """Reads one decoded JSON line of any dump.

    Raises:
        InputError: a field that is needed is missing or malformed.
    """
    if not isinstance(data, dict):
        raise InputError("a metadata line must be a JSON object")
    try:
        number, width, height = (int(data[name]) for name in ("id", "image_width", "image_height"))
    except (KeyError, TypeError, ValueError):
        raise InputError("id, image_width and image_height must be whole numbers") from None
    if min(number, width, height) < 1:
        raise InputError("id, image_width and image_height must be at least 1")
    known = vocabulary().ids
    tags: set[int] = set()
    unknown = 0
    for tag in _general(data):
        identity = tag if isinstance(tag, int) else known.get(tag)
        if identity is None:
            unknown += 1
        else:
            tags.add(identity)
    return Post(number, width, height, frozenset(tags), unknown)


@dataclass(frozen=True)
class Rules:
    """What makes a picture fit.

    Attributes:
        min_side: int. The longer side must reach it.
        aspect: width / height must lie strictly between the two.
        blacklist: ids, none of which may be present.
        is_portrait: True for Tag2Pix's rules: simple background, one person, one hair and one eye colour.
        whitelist: ids, one of which must be present; empty for no such rule.
    """

    min_side: int = 512
    aspect: tuple[float, float] = (3 / 4, 4 / 3)
    blacklist: frozenset[int] = field(default_factory=lambda: frozenset(vocabulary().rules["blacklist"].values()))
    is_portrait: bool = True
    whitelist: frozenset[int] = frozenset()


def judge(post: Post, rules: Rules | None = None) -> str:
    """Empty for a picture that fits, `LINE_ART` for a line drawing, else the reason why it is dropped.

    Example:
        >>> judge(Post(1, 300, 300, frozenset()))
        'smaller than 512 px'
    """
    rules = rules or Rules()
    words = vocabulary()
    named = {**words.rules["other"], **words.rules["line_art"]}
    if max(post.width, post.height) < rules.min_side:
        return f"smaller than {rules.min_side} px"
    if not rules.aspect[0] < post.width / post.height < rules.aspect[1]:
        return "too wide or too tall"
    if post.tags & rules.blacklist:
        return "blacklisted tag"
    if rules.whitelist and not post.tags & rules.whitelist:
        return "no whitelisted tag"
    hair, eyes = len(post.tags & words.hair_ids), len(post.tags & words.eye_ids)
    # Unlike the original, monochrome counts too (its README says so), and a gray drawing on a coloured or unnamed
    # background is dropped instead of being trained on as a painting.
    if post.tags & {named["greyscale"], named["sketch"], named["monochrome"]}:
        is_drawing = named["white_background"] in post.tags and not hair and not eyes
        return LINE_ART if is_drawing else "greyscale, sketch or monochrome"
    if not rules.is_portrait:
        return ""
    if named["simple_background"] not in post.tags:
        return "no simple background"
    for count, label in ((len(post.tags & set(words.rules["person"].values())), "person"), (hair, "hair colour"),
                         (eyes, "eye colour")):  # fmt: skip
        if count != 1:
            return f"{'no' if count == 0 else 'more than one'} {label}"
    return ""


def extract(
    sources: Iterable[str], output: str, *, rules: Rules | None = None, images: str | None = None,
    watch: Callable[[int], None] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Reads metadata and writes what the other steps need.

    Writes `tags.txt` (`id tagid tagid ...`), `resolutions.txt` (`id width height`), `line_art.txt` (ids) and
    `dropped.tsv` (reason, count, first ids) into the output folder.

    Args:
        sources: files, archives or folders of metadata.
        output: folder or URL.
        rules: Tag2Pix's by default.
        images: folder of the pictures; records without a picture there are dropped. None to skip this check.
        watch: called with the number of lines read so far, now and then.

    Returns:
        Counts by outcome: `kept`, `line art`, and every reason.
    """
    kept: list[str] = []
    sizes: list[str] = []
    drawings: list[str] = []
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    present = None if images is None else {_stem(key) for key in storage.list_files(images)}
    seen: set[int] = set()
    for position, line in enumerate(read_lines(sources), start=1):
        if watch is not None and position % 1000 == 0:
            watch(position)
        outcome, post = _outcome(line, rules or Rules(), present, seen)
        counts[outcome or "kept"] += 1
        if post is None or outcome not in ("", LINE_ART):
            examples.setdefault(outcome, [])
            if len(examples[outcome]) < 5:
                examples[outcome].append(line.place if post is None else str(post.number))
            continue
        sizes.append(f"{post.number} {post.width} {post.height}")
        if outcome == LINE_ART:
            drawings.append(str(post.number))
        else:
            kept.append(" ".join(str(number) for number in (post.number, *sorted(post.tags))))
    table = [f"{reason}\t{counts[reason]}\t{', '.join(examples[reason])}" for reason in sorted(examples)]
    files = {"tags.txt": kept, "resolutions.txt": sizes, "line_art.txt": drawings,
             "dropped.tsv": ["reason\tcount\texamples", *table]}  # fmt: skip
    for name, lines in files.items():
        storage.write_bytes(storage.join(output, name), "".join(line + "\n" for line in lines).encode())
    return dict(counts)


def read_tags(place: str, wanted: set[int]) -> dict[int, tuple[int, ...]]:
    """Reads `tags.txt` for the wanted picture numbers; a malformed line raises `InputError` with its number."""
    return {row[0]: tuple(sorted(set(row[1:]))) for row in _rows(place) if row[0] in wanted}


def read_resolutions(place: str, wanted: set[int]) -> dict[int, tuple[int, int]]:
    """Reads `resolutions.txt` for the wanted picture numbers: number to original `(width, height)`."""
    sizes = {}
    for row in _rows(place):
        if len(row) != 3:
            raise InputError(f"{place}: every line must be 'id width height'. Received: {row}.")
        if row[0] in wanted:
            sizes[row[0]] = (row[1], row[2])
    return sizes


def number_of(key: str) -> int | None:
    """The picture number that a file name stands for, or None.

    Example:
        >>> number_of("512px/0123/4123.jpg"), number_of("cover.png")
        (4123, None)
    """
    stem = _stem(key)
    return int(stem) if stem.isascii() and stem.isdigit() and len(stem) < 16 else None


def ids_of(names: Sequence[str]) -> frozenset[int]:
    """The ids of tag names; raises `InputError` for a name that is not in the vocabulary."""
    known = vocabulary().ids
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"Tags must be in the vocabulary. Received: {', '.join(unknown)}.")
    return frozenset(known[name] for name in names)


def _outcome(line: Line, rules: Rules, present: set[str] | None, seen: set[int]) -> tuple[str, Post | None]:
    if line.error:
        return line.error, None
    try:
        post = parse_post(json.loads(line.text))
    except InputError as error:
        return f"malformed line: {error}", None
    except (ValueError, RecursionError):
        return "malformed line: not JSON", None
    if post.number in seen:
        return "listed twice", post
    seen.add(post.number)
    reason = judge(post, rules)
    if reason in ("", LINE_ART) and present is not None and str(post.number) not in present:
        return "no picture file", post
    return reason, post


def _general(data: dict[str, Any]) -> Iterator[int | str]:
    """General tags as ids where the dump has them, as names otherwise."""
    tags = data.get("tag_string_general", data.get("tags", data.get("tag_string", "")))
    if isinstance(tags, str):
        tags = tags.split()
    if not isinstance(tags, list):
        raise InputError("tags must be a list or a string")
    for tag in tags:
        if isinstance(tag, str):
            yield tag
        elif isinstance(tag, dict) and str(tag.get("category", "0")) == "0":
            identity, name = str(tag.get("id", "")), tag.get("name")
            if identity.isascii() and identity.isdigit() and int(identity) > 0:
                yield int(identity)
            elif isinstance(name, str):
                yield name


def _rows(place: str) -> Iterator[list[int]]:
    for line in read_lines([place]):
        if line.error:
            raise InputError(f"{line.place}: {line.error}.")
        try:
            yield [int(word) for word in line.text.split()]
        except ValueError:
            raise InputError(f"{line.place} must be whole numbers. Received: {line.text[:60]!r}.") from None


def _stem(key: str) -> str:
    return key.rsplit("/", 1)[-1].rsplit(".", 1)[0]
