"""What a look at a room's drawing finds (`s2p.intake`), for the workers: kept while the drawing stays the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from s2p.config import Settings
from s2p.files import read_object
from s2p.image import load_image, min_resize
from s2p.intake import Taken, as_it_is, take_in

from .rooms import LOOK, UPLOAD

_SMALL = 512  # px, the short edge of the lines that a preview is given to shrink


@dataclass(frozen=True)
class _Known:
    key: tuple[Any, ...]
    taken: Taken | None
    small: Taken | None


_known = _Known((), None, None)


def upload_of(folder: Path, max_pixels: int | None = None) -> np.ndarray:
    """A room's picture as it came, with its transparency: `uint8[H, W, 3 or 4]`; its JPEG where only that is left."""
    source = _source(folder)
    limit = {} if max_pixels is None else {"max_pixels": max_pixels}
    return load_image(source, name="The picture", **limit)


def look(folder: Path, settings: Settings, *, max_pixels: int | None = None, small: bool = False) -> Taken | None:
    """What was made of a room's drawing, or None where it is taken as it is.

    Args:
        folder: of the room.
        settings: `intake` and `invert` are used.
        small: with lines of a short edge of 512 px, for a preview.
    """
    global _known
    is_plain = settings.intake == "auto" and settings.invert == "auto"
    about = read_object(folder / LOOK) if is_plain else {}
    if (about and not about.get("found")) or (settings.intake == "off" and settings.invert != "yes"):
        return None
    source = _source(folder)
    key = (source, source.stat().st_mtime_ns, settings.intake, settings.invert)
    if _known.key != key:
        image = upload_of(folder, max_pixels)
        if settings.intake == "off":
            taken = as_it_is(image, invert=True)
        else:
            taken = take_in(image, invert=settings.invert)
        taken = taken if taken.found else None
        _known = _Known(key, taken, None if taken is None else _reduced(taken))
    return _known.small if small else _known.taken


def look_for(folder: Path, task: dict[str, Any], *, small: bool = False) -> Taken | None:
    """`look` for a task; line art alone is corrected."""
    if task.get("options", task)["method"] != "colorization":
        return None
    return look(folder, Settings(**task["settings"]), max_pixels=task.get("max_pixels"), small=small)


def look_again(folder: Path, step: str) -> Taken | None:
    """What was made of the drawing of a painting, by the record of that painting."""
    record = read_object(folder / f"result.{step}.json")
    if not record.get("corrected"):
        return None
    return look(folder, Settings(intake=record.get("intake", "auto"), invert=record.get("invert", "auto")))


def _source(folder: Path) -> Path:
    upload = folder / UPLOAD
    return upload if upload.is_file() else folder / "sketch.original.jpg"


def _reduced(taken: Taken) -> Taken:
    drawing = min_resize(taken.drawing, min(_SMALL, *taken.drawing.shape))
    return replace(taken, drawing=drawing, walls=drawing if taken.bounds is None else taken.walls)
