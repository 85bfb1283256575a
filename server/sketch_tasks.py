"""The sketches of a room: made from its upload before anything is painted, and read by whatever is.

File names and their rules are those of Style2Paints V3: a sketch is read back from its JPEG.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from s2p.config import Settings
from s2p.files import read_object, write_whole
from s2p.image import as_picture, load_image, resize_to
from s2p.intake import on_paper
from s2p.lineart import channel_minimum

from .looks import look_for
from .picture_tasks import read_jpeg, write_jpeg
from .rooms import SKETCHES, UPLOAD, room_time

Task = dict[str, Any]


def prepare(painter: Any, task: Task, report: Any) -> dict[str, Any]:
    """Makes `sketch.<method>.jpg` (spec section 7).

    Inside V3's routes an existing `sketch.improved.jpg` is kept whatever the zoom; our own interface makes it again
    when the zoom has changed.
    """
    folder, method = Path(task["folder"]), task["method"]
    settings = Settings(**task["settings"])
    redo = not task.get("v3") and _is_other(folder, settings)
    improved_path = folder / "sketch.improved.jpg"
    improved = read_jpeg(improved_path) if improved_path.is_file() and not redo else None
    extracted = None if redo else _extracted(folder)
    original = original_of(folder, task.get("max_pixels")) if improved is None else improved
    taken = look_for(folder, task) if improved is None else None
    prepared = painter.prepare(
        original if taken is None else as_picture(taken.drawing), method=method, settings=settings,
        improved=improved, extracted=extracted, report=report,
    )
    if improved is None:
        write_jpeg(prepared.improved, improved_path)
        write_whole(folder / ".prepared.json", json.dumps(_prepared_with(settings)).encode())
    for kind, sketch in prepared.sketches.items():
        if kind in SKETCHES and not (extracted is not None and kind in ("recolorization", "de_painting")):
            write_jpeg(sketch, folder / f"sketch.{kind}.jpg")
    if task.get("v3"):
        _write_download(folder, task, fresh=improved is None or bool(extracted is None and prepared.sketches.keys() & {
            "recolorization", "de_painting"}))
        (folder / UPLOAD).unlink(missing_ok=True)  # from here on the room is exactly what V3 would have left
    return {"files": sorted(path.name for path in folder.glob("sketch.*.jpg"))}


def needs_preparing(task: Task) -> bool:
    """True without a sketch for the method; in our own interface also with one that was made for another zoom."""
    folder = Path(task["folder"])
    if not (folder / f"sketch.{task['options']['method']}.jpg").is_file():
        return True
    return not task.get("v3") and _is_other(folder, Settings(**task["settings"]))


def original_of(folder: Path, max_pixels: int | None) -> np.ndarray:
    """The upload as it came if it is still there (V3 prepares the picture in memory), else its JPEG."""
    upload = folder / UPLOAD
    if upload.is_file():
        limit = {} if max_pixels is None else {"max_pixels": max_pixels}
        image = on_paper(load_image(upload, name="The picture", **limit))
        if not (folder / "sketch.original.jpg").is_file():
            write_jpeg(image, folder / "sketch.original.jpg")
        return image
    return read_jpeg(folder / "sketch.original.jpg")


def drawing_of(folder: Path, task: Task, sketch: np.ndarray | None) -> np.ndarray:
    """The artist's own lines at the size of the upload, `uint8[H, W]`; of a painting those that were taken out.

    Args:
        sketch: `uint8[h, w]`, those that were taken out; where nothing had to be, it does not matter.
    """
    taken = look_for(folder, task)
    if taken is not None:
        return taken.drawing
    original = original_of(folder, task.get("max_pixels"))
    if task["options"]["method"] == "recolorization" and sketch is not None:
        return resize_to(sketch, original.shape[:2])
    return channel_minimum(original)


def _extracted(folder: Path) -> np.ndarray | None:
    for kind in ("recolorization", "de_painting"):
        path = folder / f"sketch.{kind}.jpg"
        if path.is_file():
            return read_jpeg(path, gray=True)
    return None


def _write_download(folder: Path, task: Task, *, fresh: bool) -> None:
    """What V3's download button fetches before the first painting: `result.<id of the reply>.jpg`.

    Turbo names it after the room's time alone, so its download fails after a switch of the method; both names are
    written.
    """
    names = {"recolorization": ("recolorization", "de_painting"), "rendering": ("de_painting",)}.get(task["method"], ())
    source = next((folder / f"sketch.{name}.jpg" for name in names if (folder / f"sketch.{name}.jpg").is_file()), None)
    data = (source or folder / "sketch.improved.jpg").read_bytes()
    steps = {task["step"]}
    time_of_room = room_time(task["room"])
    if fresh and time_of_room and not (folder / f"options.{time_of_room}.json").is_file():
        steps.add(time_of_room)
    for step in steps:
        write_whole(folder / f"result.{step}.jpg", data)


def _prepared_with(settings: Settings) -> dict[str, Any]:
    return {"zoom": settings.zoom, "intake": settings.intake, "invert": settings.invert}


def _is_other(folder: Path, settings: Settings) -> bool:
    """Whether the sketches of a room were made with other settings."""
    known = read_object(folder / ".prepared.json")
    return any(known.get(name, value) != value for name, value in _prepared_with(settings).items())
