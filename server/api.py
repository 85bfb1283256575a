"""Our own interface: rooms, references, jobs with events, results, samples. The table at the end is all of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote, urlsplit

from bottle import HTTPResponse, request, static_file
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from s2p import systems, tags
from s2p.config import INTAKE
from s2p.errors import ForbiddenError, InputError, NotFoundError
from s2p.files import printable, write_whole
from s2p.schema import METHODS, Hints
from s2p.tags import GROUPS

from . import visitors
from .bodies import Form, is_json, is_multipart, off_the_loop, read_form, read_object
from .descriptions import FORMATS, changes, describe_room, describe_status, file_url
from .openapi import Route
from .rooms import MARK, Room

if TYPE_CHECKING:
    from .service import Service

MEDIA = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "tif": "image/tiff",
         "psd": "image/vnd.adobe.photoshop", "ora": "image/openraster"}
_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_FRESH = {"Cache-Control": "no-cache"}

# Reading requests -----------------------------------------------------------------------------------------------------


class Link(BaseModel):
    """A picture on the web."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=8, max_length=4000)


def _read_upload(service: Service) -> tuple[BinaryIO, str, dict[str, Any]]:
    """The form's picture, or the one that a JSON body gives the web address of; its name; which page or layer of it."""
    if not is_json():
        return _read_picture()
    try:
        url = Link.model_validate(read_object()).url
    except ValidationError:
        raise InputError('Give the address of the picture: {"url": "https://..."}.') from None
    return io.BytesIO(service.fetch(url)), printable(unquote(urlsplit(url).path).rpartition("/")[2][:200]), {}


def _read_picture() -> tuple[BinaryIO, str, dict[str, Any]]:
    """The form's `file`, the name that was given to it, and which page or layer of it is wanted."""
    if not is_multipart():
        raise InputError("Send the picture as multipart/form-data, in a field named file.")
    return picture_of(read_form())


def picture_of(form: Form) -> tuple[BinaryIO, str, dict[str, Any]]:
    """The `file` of a form, the name that was given to it, and which page or layer of it is wanted."""
    if form.file is None:
        raise InputError("The picture is missing. Send it in a multipart field named file.")
    page = form.fields.get("page", "")
    choice = {"page": int(page) if re.fullmatch("[0-9]{1,6}", page) else None, "layer": form.fields.get("layer")}
    if page and choice["page"] is None:
        form.file.close()
        raise InputError("The page must be a number from 1 on.")
    return form.file, printable((form.fields.get("name") or form.file_name)[:200]), choice


# Rooms ----------------------------------------------------------------------------------------------------------------


def status(service: Service) -> dict[str, Any]:
    return describe_status(service)


def get_tags(service: Service) -> HTTPResponse:
    """The words for colours that may be asked for, group by group."""
    query: Any = request.query
    known = tags.choices()
    names = tags.read_tags(query.get("words")[:4000]) if "words" in query else known
    further = tags.unlearned(names)
    found = [{**asdict(known[name]), "single": GROUPS[known[name].group], "learned": name not in further}
             for name in names]
    return HTTPResponse(json.dumps(found), status=200, headers={"Content-Type": "application/json", **_FRESH})


def new_room(service: Service, *, picture: Callable[[Service], tuple] = _read_upload) -> HTTPResponse:
    service.check_space()
    data, name, choice = picture(service)
    with data:
        room, _ = service.store.new_room(holder=service.make_place())
        try:
            size = service.intake(room, data, **choice)
            note(service, room, name=name, **size)
        except BaseException:
            service.store.discard(room)
            raise
    return _created(describe_room(service, room))


def get_room(service: Service, room: str) -> dict[str, Any]:
    found = service.store.room(room)
    service.store.use(found)
    return off_the_loop(describe_room, service, found)


def delete_room(service: Service, room: str) -> dict[str, Any]:
    found = service.store.room(room)
    if not visitors.owns(service.store.mark(found)):
        raise ForbiddenError("This drawing was opened in another browser, and only that one may delete it.")
    for job in service.jobs.active():
        if job.room == room:
            service.cancel(job)
            job.ended.wait(10)
    service.store.delete(found)
    return {"deleted": room}


def add_reference(service: Service, room: str) -> HTTPResponse:
    found = service.store.room(room)
    service.check_space(found)
    data, _, choice = _read_picture()
    with data:
        step = service.store.new_step(found)
        upload = f".reference.{step}"
        try:
            size = service.intake(found, data, upload=upload, target=f"reference.{step}.jpg", **choice)
        except BaseException:
            found.file(upload).unlink(missing_ok=True)
            raise
    return _created({"id": step, "url": file_url(found, f"reference.{step}.jpg"), **size})


def get_file(service: Service, room: str, name: str) -> HTTPResponse:
    found = service.store.room(room)
    service.store.file(found, name)
    headers = dict(_FRESH if changes(name) else _FOREVER)
    if name.endswith(".svg"):  # a drawing, in which no script runs when it is opened by itself
        headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return static_file(name, root=str(found.folder), headers=headers)


def get_regions(service: Service, room: str) -> dict[str, Any]:
    """What a hint would fill: the map of the drawing's regions."""
    query: Any = request.query
    method = query.get("method", METHODS[0])
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}.")
    intake = query.get("intake")
    if intake not in (None, *INTAKE):
        raise InputError(f"intake must be one of {', '.join(INTAKE)}.")
    found = service.store.room(room)
    known = service.regions(found, method, intake=intake)
    return {"image": file_url(found, known.pop("file")), **known}


# Results --------------------------------------------------------------------------------------------------------------


def get_result(service: Service, room: str, name: str) -> HTTPResponse:
    """A painting as a file, in the format of the extension; formats are made when they are first asked for."""
    found = service.store.room(room)
    path, media, title = result_file(service, found, name)
    query: Any = request.query
    title = "attachment" if "unnamed" in query else f'attachment; filename="{title}"'
    shown: dict[str, Any] = {"mimetype": media}  # Bottle's default is a truth value, its words are text
    return static_file(path.name, root=str(found.folder), headers={**_FOREVER, "Content-Disposition": title}, **shown)


def result_file(service: Service, found: Room, name: str) -> tuple[Path, str, str]:
    """The file of a painting by its name, `ID.ENDING`, made as the query says; media type and name of the download."""
    match = re.fullmatch(rf"([A-Za-z0-9]{{1,32}})\.({'|'.join(FORMATS)})", name)
    if match is None:
        raise NotFoundError(f"Results can be had as {', '.join(FORMATS)}.")
    step, format = match.groups()
    query: Any = request.query
    size = query.get("size", "painted")
    if size not in ("painted", "network", "original"):
        raise InputError("size must be painted or original.")
    record = off_the_loop(service.store.described, found, step)
    parts = parts_of(record, format)
    is_larger = size == "original" and record.get("output_size") != "original"
    file = f"result.{step}.{format}" if format in ("jpg", "png") else f".export.{step}.{format}"
    words = ["original"] * is_larger + [word for word in parts.values() if word]
    file = ".".join([f".export.{step}", *words, format]) if words else file
    if not found.has(file):
        task = {"folder": str(found.folder), "step": step, "target": file, "method": record["method"],
                "original": is_larger, "has_lines": systems.has_lines(record.get("model", systems.DEFAULT)),
                "background": parts["background"] or "white", "only": parts["only"],
                "is_wished": bool(record["hints_count"]), "max_pixels": service.configuration.limits.max_pixels}
        service.run_picture_task("export", found, task)
    title = re.sub(r"[^A-Za-z0-9_-]+", "-", service.store.mark(found).get("name", "").rpartition(".")[0]).strip("-")
    return found.file(file), MEDIA[format], f"{title or 'painting'}-{step}.{format}"


def parts_of(record: dict[str, Any], format: str) -> dict[str, str | None]:
    """What of a painting is asked for, `background` and `only`; None for what is as usual."""
    query: Any = request.query
    found: dict[str, Any] = {}
    for name, known in (("background", systems.BACKGROUNDS), ("only", systems.PARTS)):
        value = {"colors": "colours"}.get(word := query.get(name), word) or None
        if value not in (None, *known):
            raise InputError(f"{name} must be one of {', '.join(known)}.")
        found[name] = None if value == systems.BACKGROUNDS[0] else value
    if any(found.values()):
        systems.system_of(record.get("model", systems.DEFAULT)).refuse_unused(**found)
    if found["only"] and format in ("psd", "ora"):
        raise InputError("Only one layer can be saved as a picture; PSD and ORA hold all. Ask for PNG, WebP or TIFF.")
    if format == "jpg" and (found["only"] == "lines" or found["background"]):
        raise InputError("JPEG knows no transparency, which was asked for. Ask for PNG, WebP or TIFF.")
    return found


def get_hints(service: Service, room: str, step: str) -> HTTPResponse:
    query: Any = request.query
    format = query.get("format", "s2p")
    if format not in ("s2p", "v3"):
        raise InputError("format must be s2p or v3.")
    found = service.store.room(room)
    text = off_the_loop(_hints_of, service, found, step, format)
    headers = {"Content-Type": "application/json"}
    if "download" in query:
        headers["Content-Disposition"] = f'attachment; filename="ColorHints-{room}.json"'
    return HTTPResponse(text, status=200, headers=headers)


def _hints_of(service: Service, room: Room, step: str, format: str) -> str:
    record = service.store.result(room, step)
    hints = Hints.from_data({"hints": record["hints"]})
    words = (record.get(record.get("model", systems.DEFAULT)) or {}).get("tags")  # those of a system that uses tags
    if words and format == "s2p":
        return json.dumps({**hints.to_data(), "tags": words})
    return hints.dumps(v3=format == "v3")


# Shared ---------------------------------------------------------------------------------------------------------------


def _created(data: dict[str, Any]) -> HTTPResponse:
    return HTTPResponse(json.dumps(data), status=201, headers={"Content-Type": "application/json"})


def note(service: Service, room: Room, **facts: Any) -> None:
    write_whole(room.file(MARK), json.dumps({**service.store.mark(room), **facts}).encode())


_R = "/api/v1/rooms/<room>"
_PICTURE = {"file": "the picture", "name": "a name for it", "page": "of a file with several, counted from 1",
            "layer": "name of the layer of a PSD, ORA or KRA file, empty for all together; by default the one "
                     "that is lines"}
ROUTES = (
    Route("GET", "/api/v1/status", status, "State of the server and its networks.", returns={200: "Status"}),
    Route("GET", "/api/v1/tags", get_tags, "Words for colours, for systems that use tags.",
          query={"words": "present: those that this text means, such as: golden hair, red dress"},
          returns={200: "[{name, title, group, color, single}]"}),
    Route("POST", "/api/v1/rooms", new_room, "Upload a sketch; or, as JSON {url}, name one on the web.", form=_PICTURE,
          returns={201: "Room"}),
    Route("GET", _R, get_room, "A room with its results.", returns={200: "Room"}),
    Route("DELETE", _R, delete_room, "Delete a room.", returns={200: "the deleted id"}),
    Route("POST", f"{_R}/references", add_reference, "Upload a reference.", form=_PICTURE,
          returns={201: "{id, url, width, height}"}),
    Route("GET", f"{_R}/files/<name>", get_file, "A picture of a room.", returns={200: "picture"}),
    Route("GET", f"{_R}/regions", get_regions, "The regions of the drawing, one of which a hint fills.",
          query={"method": ", ".join(METHODS)}, returns={200: "Regions"}),
    Route("GET", f"{_R}/results/<name>", get_result, f"Download a result: ID with .{', .'.join(FORMATS)}.",
          query={"size": "painted, as the result is, or original, as the upload",
                 "background": "where nobody coloured: white, transparent where the upload is (keep), or none",
                 "only": "colours, without the lines, or lines, on nothing",
                 "unnamed": "present: the file has the name that a link gives it"}, returns={200: "file"}),
    Route("GET", f"{_R}/results/<step>/hints", get_hints, "The hints of a result.",
          query={"format": "s2p or v3", "download": "present: as a file"}, returns={200: "hints"}),
)
