"""Drawings on disk: shards that trainings read, a folder of pictures with their lines, or side-by-side pairs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from preprocess import storage
from preprocess.executors import run_all
from preprocess.lines import draw as draw_flavour
from preprocess.pairs import join_pair
from preprocess.picture import fit_tile
from preprocess.plan import FLAVOURS, MAX_FLAVOURS, SCHEMA, split_of
from preprocess.records import (
    NO_FACE,
    Record,
    Shard,
    encode_lines,
    encode_parts,
    encode_regions,
    finished_shard,
    write_index,
    write_shard,
)
from preprocess.synthetic.drawing import Drawing, draw
from s2p.errors import ConfigError
from s2p.image import encode_image
from s2p.progress import NullReporter, Reporter

TRUE_LINES = "drawn"
DRAWINGS = 4  # raised when the same seed gives another drawing, so that old shards are not taken for new ones
LAYOUTS = ("shards", "pictures", "pairs")
_SHAPES = ((1.0, 1.0), (1.0, 1.0), (1.4, 1.0), (1.0, 1.4), (1.25, 1.0), (1.0, 1.25))


@dataclass(frozen=True)
class Source:
    """Which drawings, and how they are written.

    Attributes:
        output: folder or URL.
        count: int. Drawings.
        seed: int. The first drawing's; the others follow.
        size: int. Short edge; the long one is up to 1.4 times as long.
        flavours: 1 to 4 lines of a record: `drawn` (the true lines) and those of `preprocess.lines`.
        layout: `shards` (for trainings), `pictures` (`pictures/N.png`, `lines/N.png`) or `pairs` (side by side).
        per_shard: int. Drawings in a shard.
        eval_share: float in [0, 1].
    """

    output: str
    count: int
    seed: int = 0
    size: int = 512
    flavours: tuple[str, ...] = (TRUE_LINES, "xdog", "hard")
    layout: str = "shards"
    per_shard: int = 256
    eval_share: float = 0.02

    def __post_init__(self) -> None:
        known = (TRUE_LINES, *FLAVOURS)
        if not self.flavours or len(self.flavours) > MAX_FLAVOURS or set(self.flavours) - set(known):
            raise ConfigError(
                f"1 to {MAX_FLAVOURS} lines out of {', '.join(known)} are needed. Received: {self.flavours}."
            )
        if self.layout not in LAYOUTS:
            raise ConfigError(f"The layout must be one of {', '.join(LAYOUTS)}. Received: {self.layout!r}.")
        limits = {"count": (1, 10_000_000), "seed": (0, 2**48), "size": (64, 2048), "per_shard": (1, 100_000)}
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"{name} must be between {low} and {high}. Received: {getattr(self, name)!r}.")


@dataclass(frozen=True)
class Task:
    """The drawings of one shard (or of one piece of a folder): their seeds, by split."""

    source: Source
    name: str
    split: str
    seeds: tuple[int, ...]
    fingerprint: str


def write_drawings(
    source: Source, *, executor: str = "local", report: Reporter | None = None,
    progress: Callable[[str, int], Any] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Writes drawings; finished shards are kept, so the same command continues after an interruption.

    Returns:
        Number of drawings by split.
    """
    tasks = _tasks(source)
    shards: list[Shard | None] = [None] * len(tasks)
    if source.layout == "shards":
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
    if source.layout == "shards":
        settings = {
            "synthetic": {"seed": source.seed, "count": source.count, "size": source.size},
            "color_format": "jpeg",
        }
        whole = [shard for shard in shards if shard is not None]
        write_index(source.output, shards=whole, flavours=source.flavours, settings=settings)
    sheet = contact_sheet([seed for task in tasks for seed in task.seeds][:64])
    storage.write_bytes(storage.join(source.output, "contact.png"), encode_image(sheet, "png"))
    return {split: sum(len(t.seeds) for t in tasks if t.split == split) for split in sorted({t.split for t in tasks})}


def write_task(task: Task) -> Shard | None:
    """A worker's part."""
    source = task.source
    if source.layout == "shards":
        return write_shard(
            source.output, task.name, split=task.split, fingerprint=task.fingerprint,
            records=[_record(source, seed) for seed in task.seeds], formats=("tfrecord", "hdf5"),
            flavours=source.flavours, report=[],
        )  # fmt: skip
    for seed in task.seeds:
        picture = drawing_of(seed, source.size)
        files = {"": join_pair(picture.lines, picture.painted)} if source.layout == "pairs" else {
            "pictures": picture.painted, "lines": picture.lines
        }  # fmt: skip
        for folder, image in files.items():
            place = storage.join(source.output, *([folder] if folder else []), f"{seed}.png")
            storage.write_bytes(place, encode_image(image, "png"))
    return None


def drawing_of(seed: int, size: int) -> Drawing:
    """The drawing of a seed in a format of its own: square, portrait or landscape, short edge `size`."""
    high, wide = _SHAPES[seed % len(_SHAPES)]
    return draw(seed, (round(high * size), round(wide * size)))


def contact_sheet(seeds: Sequence[int], *, edge: int = 160) -> np.ndarray:
    """Pairs of painting and lines, eight to a row, `uint8[H, W, 3]`."""
    tiles = []
    for seed in seeds:
        picture = drawing_of(seed, 2 * edge)
        pages = (picture.painted, cv2.cvtColor(picture.lines, cv2.COLOR_GRAY2RGB))
        tiles.append(np.hstack([fit_tile(page, edge) for page in pages]))
    while len(tiles) % 8 and len(tiles) > 8:
        tiles.append(np.full_like(tiles[0], 160))
    rows = [np.hstack(tiles[start : start + 8]) for start in range(0, len(tiles), 8)]
    return np.vstack(rows)


def _record(source: Source, seed: int) -> Record:
    picture = drawing_of(seed, source.size)
    planes = [
        picture.lines if flavour == TRUE_LINES else draw_flavour(picture.painted, flavour, seed=seed)
        for flavour in source.flavours
    ]
    return Record(
        key=f"synthetic/{seed}.png", sha256=_hash_of(source, seed), color=encode_image(picture.painted, "jpeg"),
        lines=encode_lines(np.stack(planes, axis=2)), height=picture.lines.shape[0], width=picture.lines.shape[1],
        face=NO_FACE, regions=encode_regions(picture.regions), parts=encode_parts(picture.parts), tags=picture.tag_ids,
    )  # fmt: skip


def _tasks(source: Source) -> list[Task]:
    sides: dict[str, list[int]] = {"train": [], "eval": []}
    for seed in range(source.seed, source.seed + source.count):
        sides[split_of(_hash_of(source, seed), source.eval_share)].append(seed)
    settings = {name: value for name, value in asdict(source).items() if name not in ("output", "count", "seed")}
    tasks = []
    for split, seeds in sides.items():
        count = -(-len(seeds) // source.per_shard)
        for number in range(count):
            part = tuple(seeds[number * source.per_shard : (number + 1) * source.per_shard])
            content = json.dumps([SCHEMA, DRAWINGS, settings, part], sort_keys=True)
            fingerprint = hashlib.sha256(content.encode()).hexdigest()
            tasks.append(Task(source, f"{split}-{number:05d}-of-{count:05d}", split, part, fingerprint))
    return tasks


def _hash_of(source: Source, seed: int) -> str:
    return hashlib.sha256(f"s2p drawing {DRAWINGS} {seed} {source.size}".encode()).hexdigest()
