"""Samples to start from: those that come with s2p, and the sample rooms of a V3 installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottle import HTTPResponse, static_file

from s2p.errors import HintError, InputError, NotFoundError
from s2p.files import read_json
from s2p.schema import Hints

from . import api, sample_rooms
from .bodies import off_the_loop
from .openapi import Route

if TYPE_CHECKING:
    from .service import Service

_PARTS = ("sketch", "result", "hints")
_FILES = {"sketch": "sketch.original.jpg", "result": "result.sample.jpg"}
_OPTIONS = "options.sample.json"


def _own() -> Any:
    """The library's samples, or None in an installation without them."""
    try:
        from s2p import samples
    except ImportError:
        return None
    return samples


def _own_names() -> list[str]:
    samples = _own()
    return list(samples.names()) if samples else []


def _path(name: str, part: str) -> Path | None:
    function = getattr(_own(), f"{part}_path", None)
    try:
        path = function(name) if function else None
    except (InputError, OSError, KeyError):
        return None
    return Path(path) if path is not None and Path(path).is_file() else None


def list_samples(service: Service) -> HTTPResponse:
    return HTTPResponse(
        json.dumps(off_the_loop(_all, service)), status=200, headers={"Content-Type": "application/json"}
    )


def _all(service: Service) -> list[dict[str, Any]]:
    own = [
        _describe(name, {part: _path(name, part) for part in _PARTS}, title=_own().title(name)) for name in _own_names()
    ]
    taken = {sample["name"] for sample in own}
    v3 = []
    for name in sample_rooms.names(service.store):
        folder = service.store.samples_folder / name
        if name not in taken and (folder / _FILES["sketch"]).is_file():
            parts = {part: folder / file for part, file in (*_FILES.items(), ("hints", _OPTIONS))}
            v3.append(_describe(name, {part: path if path.is_file() else None for part, path in parts.items()}))
    return [*own, *v3]


def _describe(name: str, parts: dict[str, Path | None], *, title: str | None = None) -> dict[str, Any]:
    from urllib.parse import quote

    def url(part: str) -> str | None:
        return f"/api/v1/samples/{quote(name)}/{part}" if parts.get(part) else None

    sketch = parts.get("sketch")
    width, height = _size(sketch) if sketch else (None, None)
    return {"name": name, "title": title or name, "sketch": url("sketch"),
            "result": url("result"), "hints": url("hints"), "width": width, "height": height}


def _size(path: Path) -> tuple[int | None, int | None]:
    """Width and height from the header of a file that lies on the server's own disk."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError):
        return None, None


def _find(service: Service, name: str, part: str) -> Path:
    if name in _own_names():
        path = _path(name, part)
    else:
        folder = sample_rooms.folder_of(service.store, name)
        path = folder / (_OPTIONS if part == "hints" else _FILES[part])
    if path is None or not path.is_file():
        raise NotFoundError("This sample has no such file.")
    return path


def get_sample_file(service: Service, name: str, part: str) -> HTTPResponse:
    if part not in _PARTS:
        raise NotFoundError("A sample has a sketch, a result and hints.")
    path = _find(service, name, part)
    if part == "hints":
        return HTTPResponse(_hints(path).dumps(), status=200, headers={"Content-Type": "application/json"})
    return static_file(path.name, root=str(path.parent), headers={"Cache-Control": "private, max-age=3600"})


def _hints(path: Path) -> Hints:
    try:
        return Hints.from_data(read_json(path))
    except HintError:
        return Hints()


def open_sample(service: Service, name: str) -> HTTPResponse:
    """A new room with the sample's sketch, and its hints."""
    path = _find(service, name, "sketch")
    reply = api.new_room(service, picture=lambda _: (path.open("rb"), path.name, {}))
    try:
        hints = _hints(_find(service, name, "hints")).to_data()["hints"]
    except NotFoundError:
        hints = []
    reply.body = json.dumps({**json.loads(reply.body), "sample": name, "hints": hints})
    return reply


ROUTES = (
    Route("GET", "/api/v1/samples", list_samples, "Samples to start from.", returns={200: "Sample[]"}),
    Route("GET", "/api/v1/samples/<name>/<part>", get_sample_file, "A sample's sketch, result or hints.",
          returns={200: "file"}),
    Route("POST", "/api/v1/samples/<name>/rooms", open_sample, "Start a room with a sample.",
          returns={201: "Room, with the sample's hints"}),
)
