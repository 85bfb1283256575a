"""Labelled pages of vector drawings as shards, in the format of `preprocess.synthetic`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from preprocess import storage
from preprocess.executors import run_all
from preprocess.lines import draw as draw_flavour
from preprocess.picture import fit_tile
from preprocess.plan import FLAVOURS, MAX_FLAVOURS, SCHEMA, split_of
from preprocess.records import (
    Record,
    Shard,
    encode_lines,
    encode_parts,
    encode_regions,
    finished_shard,
    write_index,
    write_shard,
)
from preprocess.vectors.collections import Collection, open_collection
from preprocess.vectors.figure import Figure
from preprocess.vectors.pages import Page, compose
from s2p.errors import ConfigError, InputError
from s2p.image import encode_image
from s2p.progress import NullReporter, Reporter

TRUE_LINES = "drawn"
PAGES = 1  # raised when the same seed gives another page, so that old shards are not taken for new ones
_SHAPES = ((1.0, 1.0), (1.0, 1.0), (1.4, 1.0), (1.0, 1.4), (1.25, 1.0), (1.0, 1.25))
_FIGURES = (0.66, 0.22, 0.12)  # how many pages have 1, 2, 3 of them
_TRIES = 20


@dataclass(frozen=True)
class Source:
    """Which pages, and how they are written.

    Attributes:
        output: folder or URL.
        count: int. Pages.
        collections: see `open_collection`.
        shares: how often each of them is used; alike where empty.
        leave_out: names of pictures that are not to be used, in whatever skin, hair or sex.
        seed: int. The first page's; the others follow.
        size: int. Short edge; the long one is up to 1.4 times as long.
        flavours: 1 to 4 lines of a record: `drawn` (the true lines) and those of `preprocess.lines`.
        per_shard: int. Pages in a shard.
        eval_share: float in [0, 1].
    """

    output: str
    count: int
    collections: tuple[str, ...]
    shares: tuple[float, ...] = ()
    leave_out: tuple[str, ...] = ()
    seed: int = 0
    size: int = 512
    flavours: tuple[str, ...] = (TRUE_LINES, "xdog", "hard")
    per_shard: int = 256
    eval_share: float = 0.02

    def __post_init__(self) -> None:
        known = (TRUE_LINES, *FLAVOURS)
        if not self.flavours or len(self.flavours) > MAX_FLAVOURS or set(self.flavours) - set(known):
            raise ConfigError(
                f"1 to {MAX_FLAVOURS} lines out of {', '.join(known)} are needed. Received: {self.flavours}."
            )
        if not self.collections or len(self.shares) not in (0, len(self.collections)) or sum(self.shares or (1,)) <= 0:
            raise ConfigError("At least one collection is needed, and a share for each or none.")
        limits = {"count": (1, 10_000_000), "seed": (0, 2**48), "size": (64, 2048), "per_shard": (1, 100_000)}
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"{name} must be between {low} and {high}. Received: {getattr(self, name)!r}.")


@dataclass(frozen=True)
class Task:
    """The pages of one shard: their seeds, by split."""

    source: Source
    name: str
    split: str
    seeds: tuple[int, ...]
    fingerprint: str


def write_pages(
    source: Source, *, executor: str = "local", report: Reporter | None = None,
    progress: Callable[[str, int], Any] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Writes pages; finished shards are kept, so the same command continues after an interruption.

    Returns:
        Number of pages by split.
    """
    opened(source)  # says at once what cannot be opened
    tasks = _tasks(source)
    shards = [finished_shard(source.output, task.name, task.fingerprint) for task in tasks]
    missing = [number for number, shard in enumerate(shards) if shard is None]
    bar = None if progress is None else progress("drawing", sum(len(tasks[number].seeds) for number in missing))

    def done(position: int, answer: Any) -> None:
        if isinstance(answer, Exception):
            raise answer
        shards[missing[position]] = answer
        if bar is not None:
            bar.update(len(tasks[missing[position]].seeds))

    run_all(executor, write_task, [tasks[number] for number in missing], report=report or NullReporter(), done=done)
    if bar is not None:
        bar.close()
    whole = [shard for shard in shards if shard is not None]
    settings = {"vectors": _settings(source), "color_format": "jpeg"}
    write_index(source.output, shards=whole, flavours=source.flavours, settings=settings)
    sheet = contact_sheet(source, [seed for task in tasks for seed in task.seeds][:48])
    storage.write_bytes(storage.join(source.output, "contact.png"), encode_image(sheet, "png"))
    return {split: sum(len(t.seeds) for t in tasks if t.split == split) for split in sorted({t.split for t in tasks})}


def write_task(task: Task) -> Shard:
    """A worker's part."""
    source = task.source
    records = [_record(source, seed) for seed in task.seeds]
    return write_shard(
        source.output, task.name, split=task.split, fingerprint=task.fingerprint, records=records,
        formats=("tfrecord", "hdf5"), flavours=source.flavours,
        report=[{"key": record.key, "status": "kept", "reason": ""} for record in records],
    )  # fmt: skip


def page_of(source: Source, seed: int, size: int | None = None) -> tuple[str, Page]:
    """The page of a seed and the names of its figures: square, portrait or landscape; the same for the same arguments.

    Raises:
        InputError: none of twenty pictures could be drawn.
    """
    random = np.random.default_rng([PAGES, seed])
    collections = opened(source)
    high, wide = _SHAPES[seed % len(_SHAPES)]
    edge = size or source.size
    shares = np.array(source.shares or [1.0] * len(collections))
    collection = collections[int(random.choice(len(collections), p=shares / shares.sum()))]
    count = 1 + int(random.choice(3, p=_FIGURES))
    figures: list[Figure] = []
    names: list[str] = []
    for _ in range(_TRIES):
        if len(figures) == count:
            break
        try:
            name, picture, table = collection.figure(collection.pick(random), random)
            figure = Figure(picture, table, random)
        except InputError:
            continue
        if figure.is_usable:
            figures.append(figure)
            names.append(name)
    if not figures:
        raise InputError(f"{collection.name} has hardly a picture that can be labelled. Look at its files and table.")
    page = compose(figures, (round(high * edge), round(wide * edge)), random)
    return f"{collection.name}/" + "+".join(names), page


def contact_sheet(source: Source, seeds: Sequence[int], *, edge: int = 200) -> np.ndarray:
    """Lines, painting and parts of pages, three pages to a row, `uint8[H, W, 3]`."""
    tiles = []
    for seed in seeds:
        _, page = page_of(source, seed, 2 * edge)
        planes = (cv2.cvtColor(page.lines, cv2.COLOR_GRAY2RGB), page.painted, part_colors()[page.parts])
        tiles.append(np.hstack([fit_tile(plane, edge) for plane in planes]))
    while len(tiles) % 3 and len(tiles) > 3:
        tiles.append(np.full_like(tiles[0], 160))
    return np.vstack([np.hstack(tiles[start : start + 3]) for start in range(0, len(tiles), 3)])


@lru_cache(maxsize=1)
def part_colors() -> np.ndarray:
    """A colour for the number of each part, `uint8[256, 3]`: cloths in greens and blues, unknown gray."""
    colors = np.full((256, 3), 128, np.uint8)
    colors[:11] = [
        (255, 255, 255), (255, 200, 160), (120, 60, 20), (255, 0, 255), (200, 255, 255), (0, 0, 255), (220, 0, 0),
        (255, 220, 0), (170, 90, 255), (170, 140, 90), (120, 200, 255),
    ]  # fmt: skip
    cloths = np.arange(48)
    colors[16:64] = np.stack([40 * (cloths % 3), 110 + 45 * (cloths % 4), 60 * (cloths % 5)], -1)
    return colors


def names_in(path: Path | None) -> tuple[str, ...]:
    """The words of a text file; raises `InputError` when it cannot be read."""
    if path is None:
        return ()
    try:
        return tuple(path.read_text(encoding="utf-8").split())
    except (OSError, ValueError):
        raise InputError(f"{path} is not a readable text file.") from None


def shares_of(text: str) -> tuple[float, ...]:
    """Numbers between commas; raises `ConfigError`."""
    try:
        return tuple(float(word) for word in text.split(",") if word.strip())
    except ValueError:
        raise ConfigError(f"Shares are numbers with commas between, such as 3,1,1. Received: {text!r}.") from None


@lru_cache(maxsize=4)
def opened(source: Source) -> tuple[Collection, ...]:
    """The collections of a source."""
    return tuple(open_collection(place, source.leave_out) for place in source.collections)


def _record(source: Source, seed: int) -> Record:
    names, page = page_of(source, seed)
    planes = [
        page.lines if flavour == TRUE_LINES else draw_flavour(page.painted, flavour, seed=seed)
        for flavour in source.flavours
    ]
    return Record(
        key=f"vectors/{seed}/{names}", sha256=_hash_of(source, seed), color=encode_image(page.painted, "jpeg"),
        lines=encode_lines(np.stack(planes, axis=2)), height=page.lines.shape[0], width=page.lines.shape[1],
        regions=encode_regions(page.regions), parts=encode_parts(page.parts),
    )  # fmt: skip


def _tasks(source: Source) -> list[Task]:
    sides: dict[str, list[int]] = {"train": [], "eval": []}
    for seed in range(source.seed, source.seed + source.count):
        sides[split_of(_hash_of(source, seed), source.eval_share)].append(seed)
    tasks = []
    for split, seeds in sides.items():
        count = -(-len(seeds) // source.per_shard)
        for number in range(count):
            part = tuple(seeds[number * source.per_shard : (number + 1) * source.per_shard])
            content = json.dumps([SCHEMA, PAGES, _settings(source), part], sort_keys=True)
            fingerprint = hashlib.sha256(content.encode()).hexdigest()
            tasks.append(Task(source, f"{split}-{number:05d}-of-{count:05d}", split, part, fingerprint))
    return tasks


def _settings(source: Source) -> dict[str, Any]:
    """What pages depend on, without folders of this machine."""
    settings = {name: value for name, value in asdict(source).items() if name not in ("output", "count", "seed")}
    settings["collections"] = [(collection.name, collection.rules) for collection in opened(source)]
    return settings


def _hash_of(source: Source, seed: int) -> str:
    return hashlib.sha256(f"s2p page {PAGES} {seed} {source.size}".encode()).hexdigest()
