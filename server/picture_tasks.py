"""Pictures in and out of a room: uploads, exports, icons, and the files in between. Knows no networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from s2p.config import Settings
from s2p.errors import InputError, NotFoundError, OutputError, S2PError
from s2p.files import read_object, write_whole
from s2p.image import FORMATS, Dpi, encode_image, flatten_alpha, load_image, max_resize, resize_to
from s2p.intake import is_empty, on_paper
from s2p.labels import labelled
from s2p.lineart import channel_minimum
from s2p.reading import Brought, read_picture
from s2p.reading.decoding import usable_dpi

from .looks import look, look_again
from .rooms import LOOK, UPLOAD

_MOST_LAYERS = 500  # of a file are named to clients

Task = dict[str, Any]


# Pictures as V3 stores them -------------------------------------------------------------------------------------------


def write_jpeg(image: np.ndarray, path: Path, *, is_labelled: bool = False, dpi: Dpi | None = None) -> None:
    """Writes `uint8[H, W, 3]` RGB or `uint8[H, W]` as OpenCV does by default (quality 95, halved chroma).

    Gray is stored in three equal channels, as V3's client and old tools expect it. What is labelled has its profile and
    its resolution (`s2p.labels`).
    """
    import cv2

    bgr = np.repeat(image[:, :, None], 3, axis=2) if image.ndim == 2 else image[:, :, ::-1]
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(bgr))
    if not done:
        raise InputError(f"A picture of {image.shape[1]} x {image.shape[0]} pixels cannot be stored as JPEG.")
    write_whole(path, labelled(data.tobytes(), dpi) if is_labelled else data.tobytes())


def read_jpeg(path: Path, *, gray: bool = False) -> np.ndarray:
    """Reads a stored picture as `uint8[H, W, 3]` RGB, or as `uint8[H, W]` the way V3 reads its sketches."""
    import cv2

    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except FileNotFoundError:
        raise NotFoundError(f"The room has no {path.name}. Upload the sketch again.") from None
    image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise InputError(f"{path.name} is damaged. Upload the sketch again.")
    return image if gray else np.ascontiguousarray(image[:, :, ::-1])


def write_png(image: np.ndarray, path: Path, *, is_labelled: bool = False, dpi: Dpi | None = None) -> None:
    """Writes a quickly made PNG: levels above 1 take ten times as long for a tenth of the size. Labels as of a JPEG."""
    import cv2

    channels = image if image.ndim == 2 else image[:, :, [2, 1, 0, 3][: image.shape[2]]]
    data = cv2.imencode(".png", np.ascontiguousarray(channels), [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
    write_whole(path, labelled(data.tobytes(), dpi) if is_labelled else data.tobytes())


def dpi_of(folder: Path, width: int) -> Dpi | None:
    """The resolution of a painting that is `width` px wide, by that of the room's drawing; None where nobody knows."""
    look = read_object(folder / LOOK)
    dpi, full = look.get("dpi"), look.get("width")
    found = usable_dpi(*dpi) if isinstance(dpi, list) and len(dpi) == 2 else None
    if found is None or not isinstance(full, int) or full < 1:
        return None
    share = width / full
    return usable_dpi(found[0] * share, found[1] * share)


# Taking in ------------------------------------------------------------------------------------------------------------


def intake(task: Task) -> dict[str, Any]:
    """Decodes an upload (`task["upload"]`) and stores it flattened as `task["target"]`; returns its size.

    Of a file with several pages or layers one is taken (`task["page"]`, `task["layer"]`), and said.
    At a drawing (`task["look"]`) is looked, too; what is corrected in it is stored as `sketch.corrected.jpg`.
    """
    folder = Path(task["folder"])
    brought = read_picture(
        folder / task["upload"], max_pixels=task["max_pixels"], name="The picture", page=task.get("page"),
        layer="" if task.get("layer") is None and not task.get("look") else task.get("layer"),
    )  # a reference is wanted with its colours
    image = brought.image
    if brought.layers or brought.has_pages:  # from here on the file is what was taken out of it
        write_png(image, folder / task["upload"])
    write_jpeg(on_paper(image) if task.get("look") else flatten_alpha(image), folder / task["target"])
    size = {"width": image.shape[1], "height": image.shape[0], "taken": brought.said, "picked": _picked(brought)}
    if not task.get("look"):
        return size
    taken = look(folder, Settings(), max_pixels=task["max_pixels"])
    if taken is None:
        found = ["empty"] if is_empty(on_paper(image)) else []
    else:
        found = list(taken.told)
    write_whole(folder / LOOK, json.dumps({"found": found, "dpi": brought.dpi, "width": image.shape[1]}).encode())
    if not {"blank", "sheet", "alpha", "inverted", "paper", "ruling"}.isdisjoint(found):
        assert taken is not None
        write_jpeg(taken.picture, folder / "sketch.corrected.jpg")
    return {**size, "corrected": found}


def _picked(brought: Brought) -> dict[str, Any] | None:
    """What was taken of several pages or layers, and what else there is; None for a file without a choice."""
    if brought.has_pages:
        return {"page": brought.page, "layer": None, "layers": []}
    if len(brought.layers) < 2:
        return None
    layers = list(dict.fromkeys(brought.layers))[:_MOST_LAYERS]
    return {"page": None, "layer": brought.layer, "layers": layers, "was_asked": brought.was_asked}


# Exporting ------------------------------------------------------------------------------------------------------------


def export(task: Task) -> dict[str, Any]:
    """Writes a painting in the format that the extension of `task["target"]` names.

    `task["background"]` leaves out what is bare, `task["only"]` all but colours or lines, as on the command line.
    With `task["original"]` it is brought to the size of the uploaded picture, with that picture's own lines; what
    has no lines, as strokes have none, is only enlarged.
    """
    folder, step, target = Path(task["folder"]), task["step"], task["target"]
    method, extension = task.get("method", "colorization"), Path(target).suffix
    image = load_painting(folder, step)
    background, only = task.get("background", "white"), task.get("only")
    is_layered = extension in (".psd", ".ora")
    if not is_layered and not task.get("original") and background == "white" and only is None:
        return _write_flat(image, folder / target, dpi_of(folder, image.shape[1]))
    result = _stored_result(folder, step, image, method)
    if task.get("original") and not task["has_lines"]:
        shape = read_jpeg(folder / "sketch.original.jpg").shape
        result = replace(result, image=resize_to(result.image, shape), lines=resize_to(result.lines, shape))
    elif task.get("original"):
        from s2p.pipelines.pages import at_drawing

        taken = look_again(folder, step)
        lines = full_lines(folder, method, result.lines) if taken is None else taken.drawing
        result = at_drawing(result, lines, method=method, bounds=None if taken is None else taken.bounds)
    if background != "white":
        result = replace(result, cover=_cover(folder, step, result, task))
    if not is_layered:
        try:
            image = result.shown if only is None else result.part(only)
        except OutputError as error:  # it was painted in one with its lines
            raise InputError(str(error)) from None
        return _write_flat(image, folder / target, dpi_of(folder, image.shape[1]))
    replace(result, dpi=dpi_of(folder, result.image.shape[1])).save(folder / target)
    return {"file": target}


def _cover(folder: Path, step: str, result: Any, task: Task) -> np.ndarray:
    """How much of every place of a painting is covered, `uint8[H, W]`."""
    from s2p.cutout import cover_of

    upload, ground = None, _stored(folder, f".ground.{step}.png", None)
    if task["background"] == "keep" and (folder / UPLOAD).is_file():
        upload = load_image(folder / UPLOAD, max_pixels=task["max_pixels"], name="The picture")
    return cover_of(
        result.image if result.colors is None else result.colors, task["background"], lines=result.lines,
        alpha=upload[..., 3] if upload is not None and upload.shape[2] == 4 else None,
        ground=None if ground is None else (ground if ground.ndim == 2 else ground[..., 0]) > 127,
        is_wished=task["is_wished"],
    )


def load_painting(folder: Path, step: str) -> np.ndarray:
    """A painting of a room, `uint8[H, W, 3]` RGB."""
    image = _stored(folder, f"result.{step}.png", f"result.{step}.jpg")
    if image is None:
        raise NotFoundError("There is no such result in this room.")
    return image


def colors_and_lines(folder: Path, step: str, painting: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """A painting's colours, `uint8[H, W, 3]`, and the lines that lie on them, `uint8[H, W]`, 255 = paper; the painting
    itself and None where it was painted in one with its lines.
    """
    colors, lines = _stored(folder, f".colours.{step}.png", None), _stored(folder, f".lines.{step}.png", None)
    if colors is None or lines is None or colors.shape[:2] != lines.shape[:2]:
        return painting, None
    return colors, lines if lines.ndim == 2 else lines[..., 0]


def full_lines(folder: Path, method: str, extracted: np.ndarray) -> np.ndarray:
    """The artist's own lines at the size of the upload, `uint8[H, W]`, as they were drawn.

    Args:
        extracted: lines that had to be taken out of a painting; used where the upload has none of its own.
    """
    original = read_jpeg(folder / "sketch.original.jpg")
    return resize_to(extracted, original.shape[:2]) if method == "recolorization" else channel_minimum(original)


def _stored_result(folder: Path, step: str, image: np.ndarray, method: str) -> Any:
    """The `Result` of a painting that was stored; without colours where it was made by V3's networks or before."""
    from s2p.pipelines.base import Result

    colors, pen = _stored(folder, f".colours.{step}.png", None), _stored_pen(folder / f".pen.{step}.json")
    lines = _stored(folder, f".lines.{step}.png", None)
    previews = {name: _stored(folder, f".{name}.{step}.png", f"{name}.{step}.jpg") for name in ("draft", "composition")}
    if lines is None:
        lines = resize_to(read_jpeg(folder / f"sketch.{method}.jpg", gray=True), image.shape[:2])
    return Result(
        image=image, lines=lines if lines.ndim == 2 else lines[:, :, 0],
        previews={name: preview for name, preview in previews.items() if preview is not None},
        colors=colors if pen else None, pen=pen if colors is not None else None,
        shade=_stored(folder, f".shade.{step}.png", None), light=_stored(folder, f".light.{step}.png", None),
    )


def _stored_pen(path: Path) -> Any:
    from s2p.overlay import Pen

    stored = read_object(path)
    try:
        return Pen(**stored) if stored else None
    except (TypeError, ValueError, S2PError):  # a file of a later version, or a damaged one
        return None


def _write_flat(image: np.ndarray, path: Path, dpi: Dpi | None) -> dict[str, Any]:
    quality = 100 if path.suffix == ".webp" else 95
    write_whole(path, encode_image(image, FORMATS[path.suffix], quality=quality, profile=True, dpi=dpi))
    return {"file": path.name}


def icon(task: Task) -> dict[str, Any]:
    """Writes `task["source"]` with a longest side of 128, as V3 shows samples."""
    folder = Path(task["folder"])
    write_jpeg(max_resize(read_jpeg(folder / task["source"]), 128), folder / task["target"])
    return {"file": task["target"]}


def _stored(folder: Path, lossless: str, jpeg: str | None) -> Any:
    if (folder / lossless).is_file():
        return load_image(folder / lossless)[:, :, :3]
    return read_jpeg(folder / jpeg) if jpeg and (folder / jpeg).is_file() else None


PICTURE_TASKS: dict[str, Callable[[Task], dict[str, Any]]] = {"intake": intake, "export": export, "icon": icon}
