"""What a worker does in a room: take in a picture, prepare sketches, paint, export.

Every task is a function of a small dictionary that came over the pipe, reads and writes the room's files, and returns
a small dictionary. The file rules are those of Style2Paints V3 (a sketch is read back from its JPEG, the draft is
cached in `cache/`), except where the original is known to go wrong; those places say so.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from s2p.config import Settings
from s2p.errors import InputError, NotFoundError
from s2p.image import encode_image, flatten_alpha, load_image, max_resize, resize_to
from s2p.schema import Hints, Options
from server.store import SKETCHES, UPLOAD, read_json, room_time, write_whole

Task = dict[str, Any]


# Pictures as V3 stores them -------------------------------------------------------------------------------------------


def write_jpeg(image: np.ndarray, path: Path) -> None:
    """Writes `uint8[H, W, 3]` RGB or `uint8[H, W]` as OpenCV does by default (quality 95, halved chroma).

    Gray is stored in three equal channels, as V3's client and old tools expect it.
    """
    import cv2

    bgr = np.repeat(image[:, :, None], 3, axis=2) if image.ndim == 2 else image[:, :, ::-1]
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(bgr))
    if not done:
        raise InputError(f"A picture of {image.shape[1]} x {image.shape[0]} pixels cannot be stored as JPEG.")
    write_whole(path, data.tobytes())


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


# Taking in ------------------------------------------------------------------------------------------------------------


def intake(task: Task) -> dict[str, Any]:
    """Decodes an upload (`task["upload"]`) and stores it flattened as `task["target"]`; returns its size."""
    folder = Path(task["folder"])
    image = flatten_alpha(load_image(folder / task["upload"], max_pixels=task["max_pixels"], name="The picture"))
    write_jpeg(image, folder / task["target"])
    return {"width": image.shape[1], "height": image.shape[0]}


# Preparing ------------------------------------------------------------------------------------------------------------


def prepare(painter: Any, task: Task, report: Any) -> dict[str, Any]:
    """Makes `sketch.<method>.jpg` (spec section 7).

    Inside V3's routes an existing `sketch.improved.jpg` is kept whatever the zoom; our own interface makes it again
    when the zoom has changed.
    """
    folder, method = Path(task["folder"]), task["method"]
    settings = Settings(**task["settings"])
    redo = not task.get("v3") and (read_json(folder / ".prepared.json") or {}).get("zoom") not in (None, settings.zoom)
    improved_path = folder / "sketch.improved.jpg"
    improved = read_jpeg(improved_path) if improved_path.is_file() and not redo else None
    extracted = None if redo else _extracted(folder)
    original = _original(folder, task.get("max_pixels")) if improved is None else improved
    prepared = painter.prepare(
        original, method=method, settings=settings, improved=improved, extracted=extracted, report=report
    )
    if improved is None:
        write_jpeg(prepared.improved, improved_path)
        write_whole(folder / ".prepared.json", json.dumps({"zoom": settings.zoom}).encode())
    for kind, sketch in prepared.sketches.items():
        if kind in SKETCHES and not (extracted is not None and kind in ("recolorization", "de_painting")):
            write_jpeg(sketch, folder / f"sketch.{kind}.jpg")
    if task.get("v3"):
        _write_download(folder, task, fresh=improved is None or bool(extracted is None and prepared.sketches.keys() & {
            "recolorization", "de_painting"}))
        (folder / UPLOAD).unlink(missing_ok=True)  # from here on the room is exactly what V3 would have left
    return {"files": sorted(path.name for path in folder.glob("sketch.*.jpg"))}


def _original(folder: Path, max_pixels: int | None) -> np.ndarray:
    """The upload as it came if it is still there (V3 prepares the picture in memory), else its JPEG."""
    upload = folder / UPLOAD
    if upload.is_file():
        limit = {} if max_pixels is None else {"max_pixels": max_pixels}
        image = flatten_alpha(load_image(upload, name="The picture", **limit))
        if not (folder / "sketch.original.jpg").is_file():
            write_jpeg(image, folder / "sketch.original.jpg")
        return image
    return read_jpeg(folder / "sketch.original.jpg")


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


# Painting -------------------------------------------------------------------------------------------------------------


def paint(painter: Any, task: Task, report: Any) -> dict[str, Any]:
    """Paints a room's sketch (spec section 8) and writes `composition.<step>.jpg`, `result.<step>.jpg` and its copy."""
    started = time.monotonic()
    folder, step = Path(task["folder"]), task["step"]
    settings, options = Settings(**task["settings"]), Options(**task["options"])
    hints = Hints.from_data({"hints": task["hints"]})
    if needs_preparing(task):
        prepare(painter, {**task, "method": options.method}, report)
    sketch_path = folder / f"sketch.{options.method}.jpg"
    de_painting = None
    if options.method == "rendering" and (folder / "sketch.de_painting.jpg").is_file():
        de_painting = read_jpeg(folder / "sketch.de_painting.jpg", gray=True)
    settings = Settings(**task.get("paint_settings", task["settings"]))
    cache = DraftCache(folder, options, hints, settings, painter) if task.get("v3") else None
    result = painter.paint(
        read_jpeg(sketch_path, gray=True), hints=hints, options=options, settings=settings,
        reference=_reference(folder, task), de_painting=de_painting, composition=cache.read() if cache else None,
        report=report,
    )
    report.check()
    if cache:
        (folder / f".reference.{step}").unlink(missing_ok=True)
        write_jpeg(result.composition, folder / f"composition.{step}.jpg")
        cache.write(folder / f"composition.{step}.jpg")
        write_jpeg(result.image, folder / f"result.{step}.jpg")
    else:
        _write_layers(folder, result, task)
    if not task.get("preview"):
        Path(task["results"]).mkdir(exist_ok=True)
        write_whole(Path(task["results"]) / f"{task['room']}.{step}.jpg", (folder / f"result.{step}.jpg").read_bytes())
    seconds = round(time.monotonic() - started, 3)
    untrained = list(getattr(result, "untrained", ()))
    if task.get("record") is not None:
        record = {**task["record"], "seconds": seconds, "untrained": untrained}
        write_whole(folder / f"result.{step}.json", json.dumps(record).encode())
    return {"seconds": seconds, "timings": dict(getattr(result, "timings", {})), "untrained": untrained,
            "cache_hit": bool(cache and cache.hit)}


def needs_preparing(task: Task) -> bool:
    """True without a sketch for the method; in our own interface also with one that was made for another zoom."""
    folder = Path(task["folder"])
    if not (folder / f"sketch.{task['options']['method']}.jpg").is_file():
        return True
    zoom = (read_json(folder / ".prepared.json") or {}).get("zoom")
    return not task.get("v3") and zoom not in (None, task["settings"]["zoom"])


def _reference(folder: Path, task: Task) -> np.ndarray | None:
    """The reference as it was uploaded; its JPEG where the upload is not kept. V3 uses it as uploaded, too."""
    name = task.get("reference")
    if name is None:
        return None
    upload = folder / f".reference.{name}"
    if not upload.is_file():
        return read_jpeg(folder / f"reference.{name}.jpg")
    image = flatten_alpha(load_image(upload, max_pixels=task["max_pixels"], name="The reference"))
    if not (folder / f"reference.{name}.jpg").is_file():
        write_jpeg(image, folder / f"reference.{name}.jpg")
    return image


def _write_layers(folder: Path, result: Any, task: Task) -> None:
    """Stores a painting without loss, so that every export format can be made from it later."""
    step, original = task["step"], read_jpeg(folder / "sketch.original.jpg")
    shape = original.shape if task.get("output_size") == "original" else result.image.shape
    # The artist's own lines, neither cleaned nor denoised, unless they had to be taken out of a painting.
    lines = result.lines if task["options"]["method"] == "recolorization" else original.min(axis=2)
    image, lines = (picture if picture.shape[:2] == shape[:2] else resize_to(picture, shape)
                    for picture in (result.image, lines))
    layers = {"composition": result.composition, "draft": result.draft, "lines": lines, "result": image}
    for name, layer in layers.items():
        if layer is None:
            continue
        if not task.get("preview"):
            write_whole(folder / (f"result.{step}.png" if name == "result" else f".{name}.{step}.png"), _png(layer))
        if name != "lines":
            write_jpeg(layer, folder / f"{name}.{step}.jpg")


def _png(image: np.ndarray) -> bytes:
    """A quickly made PNG: levels above 1 take ten times as long for a tenth of the size."""
    import cv2

    data = cv2.imencode(
        ".png", image if image.ndim == 2 else image[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1]
    )[1]
    return data.tobytes()


class DraftCache:
    """V3 Turbo's draft cache, in its own files, with everything in the key that changes the composition.

    The original compares the draft points alone, and keeps one list of them for all methods; so an old composition
    comes back after a change of the outline, the zoom, the sketch, or the method (spec 14.5). The full key lies beside
    it.
    """

    def __init__(self, folder: Path, options: Options, hints: Hints, settings: Settings, painter: Any) -> None:
        self.folder = folder / "cache"
        self.picture = self.folder / f"composition_{options.method}.jpg"
        self._key_file = self.folder / f"composition_{options.method}.key.json"
        self.points = [[h.x, h.y, *h.rgb, 0] for h in hints.of("draft")]
        networks = {name: getattr(network, "identity", None) for name, network in sorted(painter.networks.items())}
        parts: list[Any] = [self.points, options.method, options.line_color, settings.zoom, networks]
        names = [f"sketch.{options.method}.jpg"] + ["sketch.de_painting.jpg"] * (options.method == "rendering")
        for name in names:
            path = folder / name
            parts.append(hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None)
        self.key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        self.hit = False

    def read(self) -> np.ndarray | None:
        """The cached composition, or None. Like the original it is one JPEG generation older at every hit."""
        stored = read_json(self._key_file)
        self.hit = isinstance(stored, dict) and stored.get("key") == self.key and self.picture.is_file()
        return read_jpeg(self.picture) if self.hit else None

    def write(self, composition: Path) -> None:
        self.folder.mkdir(exist_ok=True)
        self._key_file.unlink(missing_ok=True)  # a crash between the files must not leave a key with another picture
        write_whole(self.picture, composition.read_bytes())
        write_whole(self.folder / "last_hint_points.json", json.dumps(self.points).encode())
        write_whole(self._key_file, json.dumps({"key": self.key}).encode())


# Exporting ------------------------------------------------------------------------------------------------------------


def export(task: Task) -> dict[str, Any]:
    """Writes a painting in the format that the extension of `task["target"]` names."""
    folder, step, target = Path(task["folder"]), task["step"], task["target"]
    extension = Path(target).suffix
    image = _stored(folder, f"result.{step}.png", f"result.{step}.jpg")
    if image is None:
        raise NotFoundError("There is no such result in this room.")
    if extension in (".psd", ".ora"):
        from s2p.pipelines.base import Result

        lines = _stored(folder, f".lines.{step}.png", None)
        composition = _stored(folder, f".composition.{step}.png", f"composition.{step}.jpg")
        draft = _stored(folder, f".draft.{step}.png", f"draft.{step}.jpg")
        if lines is None:
            method = task.get("method", "colorization")
            lines = resize_to(read_jpeg(folder / f"sketch.{method}.jpg", gray=True), image.shape[:2])
        result = Result(
            image=image, composition=image if composition is None else composition, draft=draft,
            lines=lines if lines.ndim == 2 else lines[:, :, 0], timings={}, untrained=(), original=None,
        )
        temporary = folder / f".export.{task['job']}{extension}"
        try:
            result.save(temporary)
            temporary.replace(folder / target)
        finally:
            temporary.unlink(missing_ok=True)
        return {"file": target}
    write_whole(folder / target, encode_image(image, extension[1:], quality=95 if extension != ".webp" else 100))
    return {"file": target}


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
PAINTER_TASKS: dict[str, Callable[[Any, Task, Any], dict[str, Any]]] = {
    "prepare": prepare, "paint": paint, "preview": paint,
}
