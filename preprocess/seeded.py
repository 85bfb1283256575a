"""Pictures that are made from seeds become shards: what drawings of our own and pages of vector drawings share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

from s2p.errors import ConfigError
from s2p.executors import run_missing
from s2p.image import encode_image
from s2p.progress import Reporter

from . import storage
from .lines import draw as draw_flavour
from .plan import FLAVOURS, MAX_FLAVOURS, SCHEMA, split_of
from .records import Record, Shard, encode_lines, finished_shards, write_index, write_shard

TRUE_LINES = "drawn"
_SHAPES = ((1.0, 1.0), (1.0, 1.0), (1.4, 1.0), (1.0, 1.4), (1.25, 1.0), (1.0, 1.25))
_LIMITS = {"count": (1, 10_000_000), "seed": (0, 2**48), "size": (64, 2048), "per_shard": (1, 100_000)}


@dataclass(frozen=True)
class Seeded:
    """Which pictures, and how they are written.

    Attributes:
        output: folder or URL.
        count: int. Pictures.
        seed: int. The first picture's; the others follow.
        size: int. Short edge; the long one is up to 1.4 times as long.
        flavours: 1 to 4 lines of a record: `drawn` (the true lines) and those of `preprocess.lines`.
        per_shard: int. Pictures in a shard.
        eval_share: float in [0, 1].
        what: kind of picture, as its hash begins.
        version: raised when the same seed gives another picture, so that old shards are not taken for new ones.
    """

    what: ClassVar[str]
    version: ClassVar[int]

    output: str
    count: int
    seed: int = field(default=0, kw_only=True)
    size: int = field(default=512, kw_only=True)
    flavours: tuple[str, ...] = field(default=(TRUE_LINES, "xdog", "hard"), kw_only=True)
    per_shard: int = field(default=256, kw_only=True)
    eval_share: float = field(default=0.02, kw_only=True)

    def __post_init__(self) -> None:
        known = (TRUE_LINES, *FLAVOURS)
        if not self.flavours or len(self.flavours) > MAX_FLAVOURS or set(self.flavours) - set(known):
            raise ConfigError(
                f"1 to {MAX_FLAVOURS} lines out of {', '.join(known)} are needed. Received: {self.flavours}."
            )
        for name, (low, high) in _LIMITS.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"{name} must be between {low} and {high}. Received: {getattr(self, name)!r}.")

    def hash_of(self, seed: int) -> str:
        """What a picture is known by, as others are by the hash of their file."""
        return hashlib.sha256(f"s2p {self.what} {self.version} {seed} {self.size}".encode()).hexdigest()


AnySource = TypeVar("AnySource", bound=Seeded)


@dataclass(frozen=True)
class Task(Generic[AnySource]):
    """The pictures of one shard (or of one piece of a folder): their seeds, by split."""

    source: AnySource
    name: str
    split: str
    seeds: tuple[int, ...]
    fingerprint: str


def tasks_of(source: AnySource, settings: dict[str, Any]) -> list[Task[AnySource]]:
    """The shards of a source; `settings` are what its pictures depend on, besides their seeds."""
    source = replace(source, output=storage.absolute(source.output))
    sides: dict[str, list[int]] = {"train": [], "eval": []}
    for seed in range(source.seed, source.seed + source.count):
        sides[split_of(source.hash_of(seed), source.eval_share)].append(seed)
    tasks = []
    for split, seeds in sides.items():
        count = -(-len(seeds) // source.per_shard)
        for number in range(count):
            part = tuple(seeds[number * source.per_shard : (number + 1) * source.per_shard])
            content = json.dumps([SCHEMA, source.version, settings, part], sort_keys=True)
            fingerprint = hashlib.sha256(content.encode()).hexdigest()
            tasks.append(Task(source, f"{split}-{number:05d}-of-{count:05d}", split, part, fingerprint))
    return tasks


def run_tasks(
    tasks: Sequence[Task[AnySource]], write: Callable[[Task[AnySource]], Shard | None], *, executor: str,
    report: Reporter | None, progress: Callable[[str, int], Any] | None, in_shards: bool = True,
) -> list[Shard]:  # fmt: skip
    """Has all tasks done but those whose shard is finished; returns all shards."""
    shards: dict[int, Shard | None] = {**finished_shards(tasks[0].source.output, tasks)} if in_shards else {}
    sizes = [len(task.seeds) for task in tasks]
    left = sum(sizes) - sum(sizes[number] for number in shards)
    bar = None if progress is None else progress("drawing", left)

    def filled(number: int) -> None:
        if bar is not None:
            bar.update(sizes[number])

    run_missing(executor, write, tasks, shards, report=report, filled=filled)
    if bar is not None:
        bar.close()
    return [shard for number in range(len(tasks)) if (shard := shards[number]) is not None]


def write_records(task: Task[Any], records: Sequence[Record], *, is_reported: bool = False) -> Shard:
    """The shard of a task."""
    report = [{"key": record.key, "status": "kept", "reason": ""} for record in records] if is_reported else []
    return write_shard(
        task.source.output, task.name, split=task.split, fingerprint=task.fingerprint, records=records,
        formats=("tfrecord", "hdf5"), flavours=task.source.flavours, report=report,
    )


def write_list(source: Seeded, shards: Sequence[Shard], **settings: Any) -> None:
    """Lists the shards beside them."""
    write_index(
        source.output, shards=shards, flavours=source.flavours, settings={**settings, "color_format": "jpeg"}
    )


def counts_of(tasks: Sequence[Task[Any]]) -> dict[str, int]:
    """Number of pictures by split."""
    return {split: sum(len(t.seeds) for t in tasks if t.split == split) for split in sorted({t.split for t in tasks})}


def shape_of(seed: int, size: int) -> tuple[int, int]:
    """Height and width of a seed's picture: square, portrait or landscape, short edge `size`."""
    high, wide = _SHAPES[seed % len(_SHAPES)]
    return round(high * size), round(wide * size)


def encoded_lines(flavours: Sequence[str], lines: np.ndarray, painted: np.ndarray, seed: int) -> bytes:
    """All lines of a record: the true ones, `uint8[H, W]`, and those that are drawn of the painting, `[H, W, 3]`."""
    planes = [lines if flavour == TRUE_LINES else draw_flavour(painted, flavour, seed=seed) for flavour in flavours]
    return encode_lines(np.stack(planes, axis=2))


def write_sheet(output: str, tiles: Sequence[np.ndarray], *, across: int) -> None:
    """Writes `contact.png` of tiles of one size, so many to a row."""
    storage.write_bytes(storage.join(output, "contact.png"), encode_image(sheet_of(tiles, across=across), "png"))


def sheet_of(tiles: Sequence[np.ndarray], *, across: int) -> np.ndarray:
    """Tiles in rows, `uint8[H, W, 3]`; the last row is filled with gray."""
    filled = [*tiles]
    while len(filled) % across and len(filled) > across:
        filled.append(np.full_like(filled[0], 160))
    return np.vstack([np.hstack(filled[start : start + across]) for start in range(0, len(filled), across)])
