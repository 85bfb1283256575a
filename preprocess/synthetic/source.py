"""Drawings on disk: shards that trainings read, a folder of pictures with their lines, or side-by-side pairs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import cv2
import numpy as np

from s2p.errors import ConfigError
from s2p.image import encode_image
from s2p.progress import Reporter

from .. import seeded, storage
from ..pairs import join_pair
from ..picture import fit_tile
from ..records import NO_FACE, Record, Shard, encode_parts, encode_regions
from ..seeded import Seeded, Task
from .drawing import Drawing, draw

LAYOUTS = ("shards", "pictures", "pairs")


@dataclass(frozen=True)
class Source(Seeded):
    """Which drawings, and how they are written.

    Attributes:
        layout: `shards` (for trainings), `pictures` (`pictures/N.png`, `lines/N.png`) or `pairs` (side by side).
    """

    what: ClassVar[str] = "drawing"
    version: ClassVar[int] = 5

    layout: str = field(default="shards", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layout not in LAYOUTS:
            raise ConfigError(f"The layout must be one of {', '.join(LAYOUTS)}. Received: {self.layout!r}.")


def write_drawings(
    source: Source, *, executor: str = "local", report: Reporter | None = None,
    progress: Callable[[str, int], Any] | None = None,
) -> dict[str, int]:  # fmt: skip
    """Writes drawings; finished shards are kept, so the same command continues after an interruption.

    Returns:
        Number of drawings by split.
    """
    tasks = seeded.tasks_of(source, _settings(source))
    in_shards = source.layout == "shards"
    shards = seeded.run_tasks(
        tasks, write_task, executor=executor, report=report, progress=progress, in_shards=in_shards
    )
    if in_shards:
        about = {"seed": source.seed, "count": source.count, "size": source.size}
        seeded.write_list(source, shards, synthetic=about)
    seeded.write_sheet(source.output, tiles([seed for task in tasks for seed in task.seeds][:64]), across=8)
    return seeded.counts_of(tasks)


def write_task(task: Task[Source]) -> Shard | None:
    """A worker's part."""
    source = task.source
    if source.layout == "shards":
        return seeded.write_records(task, [_record(source, seed) for seed in task.seeds])
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
    """The drawing of a seed in a format of its own, short edge `size`."""
    return draw(seed, seeded.shape_of(seed, size))


def tiles(seeds: Sequence[int], *, edge: int = 160) -> list[np.ndarray]:
    """Pairs of painting and lines, `uint8[edge, 2 * edge, 3]`."""
    found = []
    for seed in seeds:
        picture = drawing_of(seed, 2 * edge)
        pages = (picture.painted, cv2.cvtColor(picture.lines, cv2.COLOR_GRAY2RGB))
        found.append(np.hstack([fit_tile(page, edge) for page in pages]))
    return found


def _record(source: Source, seed: int) -> Record:
    picture = drawing_of(seed, source.size)
    return Record(
        key=f"synthetic/{seed}.png", sha256=source.hash_of(seed), color=encode_image(picture.painted, "jpeg"),
        lines=seeded.encoded_lines(source.flavours, picture.lines, picture.painted, seed),
        height=picture.lines.shape[0], width=picture.lines.shape[1],
        face=NO_FACE, regions=encode_regions(picture.regions), parts=encode_parts(picture.parts), tags=picture.tag_ids,
        garments=json.dumps(picture.garments).encode() if picture.garments else b"",
    )  # fmt: skip


def _settings(source: Source) -> dict[str, Any]:
    return {name: value for name, value in asdict(source).items() if name not in ("output", "count", "seed")}
