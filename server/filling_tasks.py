"""What the workers do only where drawings are filled: several choices of colours, and the map of regions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np

from s2p.config import Settings
from s2p.errors import InputError
from s2p.image import min_resize, working_size
from s2p.schema import Hints, Options
from s2p.systems import MAX_CHOICES

from .looks import look_for
from .picture_tasks import read_jpeg, write_jpeg, write_png
from .sketch_tasks import Task, drawing_of, needs_preparing, prepare
from .tasks import hints_of, looked

CHOICE_EDGE = 192  # px, the short edge of the small painting of a choice
KEPT_CHOICES = 2 * MAX_CHOICES  # pictures in a room: those that are shown, and those that somebody may still look at
KEPT_MAPS = 3  # in a room: one for every method
_ROOM_STEPS, _ROOM_LIMIT = 256, 4095  # room is told in 1/256 px, up to 16 px: more makes no difference to a point


def choices(painter: Any, task: Task, report: Any) -> dict[str, Any]:
    """Thinks of several choices of colours for what nobody has coloured, and paints each of them small."""
    if not getattr(painter, "fills", False):
        raise InputError("This painter thinks of no choices. Ask for one at a time, with a job of the kind suggest.")
    folder, step, options = Path(task["folder"]), task["step"], Options(**task["options"])
    settings, hints = Settings(**task["settings"]), hints_of(task)
    if needs_preparing(task):
        prepare(painter, {**task, "method": options.method}, report)
    report.stage("compose")
    sketch = read_jpeg(folder / f"sketch.{options.method}.jpg", gray=True)
    drawing = drawing_of(folder, task, sketch)  # as a painting sees it, so that its regions are found once
    first, count = task["seed"], task["count"]
    more = looked(folder, task)
    found = painter.choices(drawing, hints=hints, seeds=range(first, first + count), report=report, **more)
    report.stage("paint")
    told = []
    for number, chosen in enumerate(found, start=1):
        report.check()
        picture = painter.preview(
            sketch, hints=Hints([*hints, *chosen]), options=options, settings=settings, drawing=drawing,
            report=report, **more,
        )
        name = f"choice.{step}.{number}.jpg"
        write_jpeg(min_resize(picture, CHOICE_EDGE), folder / name)
        told.append({"hints": [hint.model_dump() for hint in chosen], "file": name})
        report.update(number / count)
    keep_newest(folder, "choice.*.jpg", KEPT_CHOICES, made=[one["file"] for one in told])
    return {"choices": told}


def regions(task: Task) -> dict[str, Any]:
    """Writes the map of a drawing's regions as `task["target"]`: a PNG of two pictures, one above the other.

    Every pixel holds one number, red * 65536 + green * 256 + blue: above, the region; below, how far the nearest ink
    is. Both are as large as the page that is looked at, in whose upper left corner the drawing lies.
    """
    from s2p.pipelines.looking import page_of

    folder, extracted = Path(task["folder"]), None
    if task["options"]["method"] == "recolorization":
        extracted = read_jpeg(folder / "sketch.recolorization.jpg", gray=True)
    drawing = drawing_of(folder, task, extracted)
    working_size(drawing.shape, 0.5, name="The drawing")  # refuses a thin strip before it becomes a giant
    taken = look_for(folder, task)
    page = page_of(drawing if taken is None else taken.walls)
    # On a page without ink it is as much as a number can be.
    room = np.rint(np.minimum(page.regions.room, _ROOM_LIMIT / _ROOM_STEPS) * _ROOM_STEPS).astype(np.int32)
    numbers = np.concatenate([page.regions.labels, room])
    write_png(np.stack([numbers >> 16 & 255, numbers >> 8 & 255, numbers & 255], -1).astype(np.uint8),
              folder / task["target"])
    keep_newest(folder, "regions.*.png", KEPT_MAPS, made=[task["target"]])
    return {"height": page.inner[0], "width": page.inner[1], "count": page.regions.count,
            "grounds": np.flatnonzero(page.regions.grounds).tolist()}


def keep_newest(folder: Path, pattern: str, most: int, *, made: Collection[str]) -> None:
    """Deletes all but the newest files of a room that match a pattern.

    Args:
        folder: of the room.
        pattern: as of `Path.glob`.
        most: how many stay.
        made: names of those made just now, which stay; of a clock that was set back they have the oldest times.
    """
    found = sorted(folder.glob(pattern), reverse=True,
                   key=lambda path: (path.name in made, path.stat().st_mtime_ns, path.name))
    for path in found[max(most, len(made)):]:
        path.unlink(missing_ok=True)


CHOICE_TASKS: dict[str, Callable[[Any, Task, Any], dict[str, Any]]] = {"choices": choices}
REGION_TASKS: dict[str, Callable[[Task], dict[str, Any]]] = {"regions": regions}
