"""Labelled pages of vector drawings as shards, in the format of `preprocess.synthetic`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np

from s2p.errors import ConfigError, InputError
from s2p.image import encode_image
from s2p.progress import Reporter

from .. import seeded
from ..picture import fit_tile
from ..records import Record, Shard, encode_parts, encode_regions
from ..seeded import Seeded, Task
from .collections import Collection, open_collection
from .figure import Figure
from .pages import Page, compose

_FIGURES = (0.66, 0.22, 0.12)  # how many pages have 1, 2, 3 of them
_TRIES = 20


@dataclass(frozen=True)
class Source(Seeded):
    """Which pages, and how they are written.

    Attributes:
        collections: see `open_collection`.
        shares: how often each of them is used; alike where empty.
        leave_out: names of pictures that are not to be used, in whatever skin, hair or sex.
    """

    what: ClassVar[str] = "page"
    version: ClassVar[int] = 1

    collections: tuple[str, ...]
    shares: tuple[float, ...] = field(default=(), kw_only=True)
    leave_out: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.collections or len(self.shares) not in (0, len(self.collections)) or sum(self.shares or (1,)) <= 0:
            raise ConfigError("At least one collection is needed, and a share for each or none.")


def write_pages(
    source: Source, *, executor: str = "local", report: Reporter | None = None,
    progress: Callable[[str, int], Any] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Writes pages; finished shards are kept, so the same command continues after an interruption.

    Returns:
        Number of pages by split.
    """
    opened(source)  # says at once what cannot be opened
    tasks = seeded.tasks_of(source, _settings(source))
    shards = seeded.run_tasks(tasks, write_task, executor=executor, report=report, progress=progress)
    seeded.write_list(source, shards, vectors=_settings(source))
    seeded.write_sheet(source.output, tiles(source, [seed for task in tasks for seed in task.seeds][:48]), across=3)
    return seeded.counts_of(tasks)


def write_task(task: Task[Source]) -> Shard:
    """A worker's part."""
    return seeded.write_records(task, [_record(task.source, seed) for seed in task.seeds], is_reported=True)


def page_of_seed(source: Source, seed: int, size: int | None = None) -> tuple[str, Page]:
    """The page of a seed and the names of its figures; the same for the same arguments.

    Raises:
        InputError: none of twenty pictures could be drawn.
    """
    random = np.random.default_rng([source.version, seed])
    collections = opened(source)
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
    page = compose(figures, seeded.shape_of(seed, size or source.size), random)
    return f"{collection.name}/" + "+".join(names), page


def tiles(source: Source, seeds: Sequence[int], *, edge: int = 200) -> list[np.ndarray]:
    """Lines, painting and parts of pages, `uint8[edge, 3 * edge, 3]`."""
    found = []
    for seed in seeds:
        _, page = page_of_seed(source, seed, 2 * edge)
        planes = (cv2.cvtColor(page.lines, cv2.COLOR_GRAY2RGB), page.painted, part_colors()[page.parts])
        found.append(np.hstack([fit_tile(plane, edge) for plane in planes]))
    return found


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
    names, page = page_of_seed(source, seed)
    return Record(
        key=f"vectors/{seed}/{names}", sha256=source.hash_of(seed), color=encode_image(page.painted, "jpeg"),
        lines=seeded.encoded_lines(source.flavours, page.lines, page.painted, seed),
        height=page.lines.shape[0], width=page.lines.shape[1],
        regions=encode_regions(page.regions), parts=encode_parts(page.parts),
    )  # fmt: skip


def _settings(source: Source) -> dict[str, Any]:
    """What pages depend on, without folders of this machine."""
    settings = {name: value for name, value in asdict(source).items() if name not in ("output", "count", "seed")}
    settings["collections"] = [(collection.name, collection.rules) for collection in opened(source)]
    return settings
