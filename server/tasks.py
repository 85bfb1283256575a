"""What the painting worker does in a room: paint, preview, suggest colours; sketches are made in `sketch_tasks.py`.

Every task is a function of a small dictionary that came over the pipe, reads and writes the room's files, and returns
a small dictionary. The file rules are those of Style2Paints V3 (the draft is cached in `cache/`), except where the
original is known to go wrong; those places say so.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from s2p.config import Settings
from s2p.errors import InputError
from s2p.files import read_object, write_whole
from s2p.image import flatten_alpha, load_image, max_resize, min_resize
from s2p.lineart import channel_minimum
from s2p.schema import Hints, Options, PackedHints
from s2p.systems import system_of

from .looks import look_for, upload_of
from .picture_tasks import colors_and_lines, dpi_of, load_painting, read_jpeg, write_jpeg, write_png
from .sketch_tasks import Task, drawing_of, needs_preparing, original_of, prepare

_PREVIEW_LINES = 512  # px, the short edge of the lines that a preview is given to shrink
ICON_SIDE = 192  # the strip of results shows 46 x 58 points, on screens of up to three pixels a point


def paint(painter: Any, task: Task, report: Any) -> dict[str, Any]:
    """Paints a room's sketch (spec section 8) and writes `composition.<step>.jpg`, `result.<step>.jpg` and its copy."""
    started = time.monotonic()
    folder, step = Path(task["folder"]), task["step"]
    settings, options = Settings(**task["settings"]), Options(**task["options"])
    hints = hints_of(task)
    if needs_preparing(task):
        prepare(painter, {**task, "method": options.method}, report)
    _write_options(folder, task, options, hints)
    cache = DraftCache(folder, options, hints, settings, painter) if task.get("v3") else None
    # Where drawings are filled there is nothing to save by painting from an old composition.
    cached = cache.read() if cache and not getattr(painter, "fills", False) else None
    sketch = read_jpeg(folder / f"sketch.{options.method}.jpg", gray=True)
    taken = look_for(folder, task)
    whole: dict[str, Any] = _words(task) | ({} if taken is None else {"taken": taken, "drawing": taken.drawing})
    if not task.get("v3"):  # V3's client gets the picture that V3 makes of the sketch
        whole |= {"drawing": drawing_of(folder, task, sketch), "output_size": task["output_size"]}
    result = painter.paint(
        sketch, hints=hints, options=options, settings=settings, reference=_reference(folder, task),
        de_painting=_de_painting(folder, options), composition=cached, report=report, **whole,
    )
    report.check()
    if cache:
        (folder / f".reference.{step}").unlink(missing_ok=True)
        write_jpeg(_composition_for_v3(result), folder / f"composition.{step}.jpg")
        cache.write(folder / f"composition.{step}.jpg")
        write_jpeg(result.image, folder / f"result.{step}.jpg")
    else:
        _write_layers(folder, result, task)
    corrected = () if taken is None else taken.found
    kept = _kept(folder, result, task, started, hints=hints, corrected=corrected)
    return {**kept, "cache_hit": bool(cache and cache.hit)}


def run(painter: Any, task: Task, report: Any) -> dict[str, Any]:
    """Paints a room's picture, or a painting of it (`task["source"]`), with a system that needs no prepared sketch.

    Writes the same files as `paint`.
    """
    from s2p.pipelines.request import Request

    started = time.monotonic()
    folder, source = Path(task["folder"]), task.get("source")
    own_class = system_of(task["model"]).options_class()
    image = upload_of(folder, task.get("max_pixels")) if source is None else load_painting(folder, source)
    hints, options = hints_of(task), Options(**task["options"])
    drawing = None
    if source is not None and (task.get("own") or {}).get("keep_lines"):
        image, drawing = colors_and_lines(folder, source, image)
    _write_options(folder, task, options, hints)
    result = painter.run(Request(
        image, hints=hints, options=options, settings=Settings(**task["settings"]),
        reference=_reference(folder, task), output_size=task["output_size"],
        own=None if own_class is None or task.get("own") is None else own_class.model_validate(task["own"]),
        drawing=drawing,
    ), report)
    report.check()
    _write_layers(folder, result, task)
    return _kept(folder, result, task, started, hints=hints, corrected=result.corrected)


def _composition_for_v3(result: Any) -> np.ndarray:
    """V3's client waits for a composition with every painting; where regions were filled it is given their colours."""
    return result.previews["flats"] if result.composition is None else result.composition


def preview(painter: Any, task: Task, report: Any) -> dict[str, Any]:
    """Paints a room's prepared sketch small and at once: `result.<step>.jpg`, and nothing that stays."""
    if needs_preparing(task):
        raise InputError("Previews begin after the first painting of a drawing. Paint it once.")
    started = time.monotonic()
    folder, options = Path(task["folder"]), Options(**task["options"])
    sketch, taken = _SKETCH.read(folder / f"sketch.{options.method}.jpg"), look_for(folder, task, small=True)
    small = None
    if options.method != "recolorization":
        small = _SMALL.read(folder / "sketch.original.jpg") if taken is None else taken.drawing
    image = painter.preview(
        sketch, hints=hints_of(task), options=options, settings=Settings(**task["settings"]),
        reference=_reference(folder, task), de_painting=_de_painting(folder, options),
        drawing=small, report=report, **_words(task), **({} if taken is None else {"taken": taken}),
    )
    write_jpeg(image, folder / f"result.{task['step']}.jpg")
    return {"seconds": round(time.monotonic() - started, 3)}


def suggest(painter: Any, task: Task, report: Any) -> dict[str, Any]:
    """Thinks of colours for a room's sketch, the one that a painting starts from; only that sketch is written."""
    folder, method = Path(task["folder"]), task["options"]["method"]
    if needs_preparing(task):
        prepare(painter, {**task, "method": method}, report)
    sketch = read_jpeg(folder / f"sketch.{method}.jpg", gray=True)
    if getattr(painter, "fills", False):
        sketch = drawing_of(folder, task, sketch)  # whose regions the painting fills
    hints = painter.suggest(
        sketch, hints=hints_of(task),
        seed=task["seed"], settings=Settings(**task["settings"]), report=report, **looked(folder, task),
    )
    report.check()
    return {"hints": [hint.model_dump() for hint in hints]}


def lines(painter: Any, task: Task, report: Any) -> dict[str, Any]:
    """Draws the lines of the upload, or of a painting (`task["source"]`), as `drawn.<step>.png` of the same size."""
    from s2p.pipelines.lines import draw_lines, load_extractor

    folder, source, settings = Path(task["folder"]), task.get("source"), Settings(**task["settings"])
    report.stage("lines")
    image = original_of(folder, task["max_pixels"]) if source is None else load_painting(folder, source)
    method = task.get("drawn_by") or ("xdog" if load_extractor(settings) is None else "learned")
    drawing = draw_lines(image, method, settings=settings, report=report)
    report.check()
    write_png(drawing, folder / f"drawn.{task['step']}.png")
    return {"width": drawing.shape[1], "height": drawing.shape[0], "drawn_by": method}


def hints_of(task: Task) -> Hints:
    """The hints of a task, which come packed."""
    return Hints.from_data({"hints": PackedHints.from_text(task["hints"]).to_data()})


def looked(folder: Path, task: Task) -> dict[str, Any]:
    """What a painter is given besides the drawing: what a look at it has found, and words for its colours."""
    taken = look_for(folder, task)
    return _words(task) | ({} if taken is None else {"taken": taken})


def _words(task: Task) -> dict[str, Any]:
    words = (task.get("own") or {}).get("tags")
    return {"words": tuple(words)} if words else {}


class _Latest:
    """The drawing that was read last; a hint that is being dragged asks for it ten times a second.

    Args:
        read: reads it.
    """

    def __init__(self, read: Callable[[Path], np.ndarray]) -> None:
        self._read = read
        self._key: tuple[Path, int] | None = None
        self._image: Any = None

    def read(self, path: Path) -> np.ndarray:
        """The drawing at `path`, `uint8[H, W]`, read again only when the file has changed."""
        key = (path, path.stat().st_mtime_ns)
        if key != self._key:
            self._image = self._read(path)
            self._key = key
        return self._image


_SKETCH = _Latest(lambda path: read_jpeg(path, gray=True))
_SMALL = _Latest(lambda path: min_resize(channel_minimum(read_jpeg(path)), _PREVIEW_LINES))


def _de_painting(folder: Path, options: Options) -> np.ndarray | None:
    path = folder / "sketch.de_painting.jpg"
    return read_jpeg(path, gray=True) if options.method == "rendering" and path.is_file() else None


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


def _write_options(folder: Path, task: Task, options: Options, hints: Hints) -> None:
    """What V3's client would have sent, beside a painting of our own interface: V3 reads such a room."""
    if task.get("record") is None:
        return
    line = options.line_color
    color = [0, 0, 0] if line is None else list(bytes.fromhex(line[1:]))
    v3 = {"alpha": options.mix, "points": hints.to_v3(), "method": options.method, "lineColor": color,
          "line": line is not None, "hasReference": task.get("reference") is not None}
    write_whole(folder / f"options.{task['step']}.json", json.dumps(v3, separators=(",", ":")).encode())


def _write_layers(folder: Path, result: Any, task: Task) -> None:
    """Stores a painting without loss, so that every export format can be made from it later."""
    step = task["step"]
    layers = {"composition": result.composition, "draft": result.draft, "lines": result.lines,
              "colours": result.colors, "shade": result.shade, "light": result.light,  # flats are in the colours
              "result": result.image}
    for name, layer in layers.items():
        if layer is None:
            continue
        if name == "result":  # which people download as it is
            dpi = dpi_of(folder, layer.shape[1])
            write_png(layer, folder / f"result.{step}.png", dpi=dpi, is_labelled=True)
            write_jpeg(layer, folder / f"result.{step}.jpg", dpi=dpi, is_labelled=True)
            continue
        write_png(layer, folder / f".{name}.{step}.png")
        if name not in ("lines", "colours", "shade", "light"):
            write_jpeg(layer, folder / f"{name}.{step}.jpg")
    for ending, data in result.files.items():
        write_whole(folder / f"file.{step}.{ending}", data)
    if result.ground is not None:
        write_png(result.ground.astype(np.uint8) * 255, folder / f".ground.{step}.png")
    if result.pen is not None:
        write_whole(folder / f".pen.{step}.json", json.dumps(asdict(result.pen)).encode())
    write_jpeg(max_resize(result.image, ICON_SIDE), folder / f"icon.{step}.jpg")


def _kept(
    folder: Path, result: Any, task: Task, started: float, *, hints: Hints, corrected: Sequence[str] = ()
) -> dict[str, Any]:
    """Copies the painting to where all of them lie, and describes it."""
    step = task["step"]
    if task.get("results"):
        Path(task["results"]).mkdir(exist_ok=True)
        write_whole(Path(task["results"]) / f"{task['room']}.{step}.jpg", (folder / f"result.{step}.jpg").read_bytes())
    seconds = round(time.monotonic() - started, 3)
    untrained = list(result.untrained)
    if task.get("record") is not None:
        height, width = result.image.shape[:2]
        record = {**task["record"], "hints": hints.to_data()["hints"], "seconds": seconds, "untrained": untrained,
                  "width": width, "height": height, "corrected": list(corrected),
                  "unfound": list(result.unfound)}
        write_whole(folder / f"result.{step}.json", json.dumps(record).encode())
    return {"seconds": seconds, "timings": dict(result.timings), "untrained": untrained}


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
        networks = {name: network.identity for name, network in sorted(painter.networks.items())}
        parts: list[Any] = [self.points, options.method, options.line_color, settings.zoom, networks]
        names = [f"sketch.{options.method}.jpg"] + ["sketch.de_painting.jpg"] * (options.method == "rendering")
        for name in names:
            path = folder / name
            parts.append(hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None)
        self.key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        self.hit = False

    def read(self) -> np.ndarray | None:
        """The cached composition, or None. Like the original it is one JPEG generation older at every hit."""
        self.hit = read_object(self._key_file).get("key") == self.key and self.picture.is_file()
        return read_jpeg(self.picture) if self.hit else None

    def write(self, composition: Path) -> None:
        self.folder.mkdir(exist_ok=True)
        self._key_file.unlink(missing_ok=True)  # a crash between the files must not leave a key with another picture
        write_whole(self.picture, composition.read_bytes())
        write_whole(self.folder / "last_hint_points.json", json.dumps(self.points).encode())
        write_whole(self._key_file, json.dumps({"key": self.key}).encode())


PAINTER_TASKS: dict[str, Callable[[Any, Task, Any], dict[str, Any]]] = {
    "prepare": prepare, "paint": paint, "run": run, "preview": preview, "lines": lines,
    "suggest": suggest,
}
