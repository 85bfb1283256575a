"""Our own interface: rooms, references, jobs with events, results, samples. The table at the end is all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from bottle import HTTPResponse, MultipartError, request, static_file
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from s2p.config import MAX_ZOOM, MIN_ZOOM
from s2p.errors import HintError, InputError, NotFoundError
from s2p.schema import Hints, Options
from server.compat import read_body
from server.jobs import Job
from server.openapi import Route
from server.security import JSON_BODY
from server.service import PREVIEW, moment_text
from server.store import MARK, METHODS, STEP_ID, UPLOAD, Room, write_whole

if TYPE_CHECKING:
    from server.service import Service

FORMATS = ("png", "jpg", "webp", "psd", "ora")
_MEDIA = {"psd": "image/vnd.adobe.photoshop", "ora": "image/openraster", "webp": "image/webp"}
_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_FRESH = {"Cache-Control": "no-cache"}
_ROOM_DIGITS = 18


class JobRequest(BaseModel):
    """What an artist asks for in one job."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["paint", "prepare", "preview"] = "paint"
    method: Literal["colorization", "rendering", "recolorization"] = "colorization"
    hints: list[dict[str, Any]] = Field(default_factory=list)
    mix: float = Field(default=0.0, ge=0.0, le=1.0)
    line_color: str | None = None
    reference: str | None = None
    zoom: float | None = Field(default=None, ge=MIN_ZOOM, le=MAX_ZOOM)
    super_resolution: bool | None = None
    output_size: Literal["network", "original"] = "network"


# Reading requests -----------------------------------------------------------------------------------------------------


def _read_picture() -> tuple[bytes, str]:
    """The bytes of the form's `file` and the name that was given to it."""
    if not request.environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data"):
        raise InputError("Send the picture as multipart/form-data, in a field named file.")
    try:
        files: Any = request.files
        forms: Any = request.forms
        upload, name = files.get("file"), forms.getunicode("name")
    except (MultipartError, ValueError, UnicodeError):
        raise InputError("The form cannot be read. Send the picture in a multipart field named file.") from None
    if upload is None:
        raise InputError("The picture is missing. Send it in a multipart field named file.")
    data = upload.file.read()
    if not data:
        raise InputError("The picture file is empty.")
    return data, (name or upload.raw_filename or "")[:200]


def _read_job() -> JobRequest:
    length = max(request.content_length, 0)
    if length > JSON_BODY:
        raise InputError("The request is too large.")
    try:
        return JobRequest.model_validate_json(read_body(length) or b"{}")
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "The request"
        raise InputError(f"{place}: {first['msg']}.") from None


# What clients see -----------------------------------------------------------------------------------------------------


def _room_url(room: str) -> str:
    return f"/api/v1/rooms/{room}"


def _file_url(room: Room, name: str) -> str:
    """Sketches may be prepared anew, so their address changes with them."""
    address = f"{_room_url(room.id)}/files/{name}"
    if name.startswith("sketch.") or PREVIEW in name:
        address += f"?v={room.file(name).stat().st_mtime_ns:x}"
    return address


def describe_result(room: Room, record: dict[str, Any]) -> dict[str, Any]:
    step = record["id"]

    def picture(kind: str) -> str | None:
        name = f"{kind}.{step}.jpg"
        return _file_url(room, name) if room.has(name) else None

    results = f"{_room_url(room.id)}/results/{step}"
    keys = ("id", "method", "mix", "line_color", "zoom", "super_resolution", "reference", "seconds", "untrained")
    return {
        **{key: record.get(key) for key in keys}, "created": moment_text(record["created"]),
        "hints_count": len(record["hints"]), "image": picture("result"), "composition": picture("composition"),
        "draft": picture("draft"), "hints": f"{results}/hints",
        "exports": {format: f"{results}.{format}" for format in FORMATS},
    }


def describe_room(service: Service, room: Room) -> dict[str, Any]:
    mark = service.store.mark(room)
    references = [
        {"id": path.name.split(".")[1], "url": _file_url(room, path.name)}
        for path in sorted(room.folder.glob("reference.*.jpg")) if STEP_ID.fullmatch(path.name.split(".")[1])
    ]
    return {
        "room": room.id, "name": mark.get("name", ""), "width": mark.get("width"), "height": mark.get("height"),
        "sketch": _file_url(room, "sketch.original.jpg") if room.has("sketch.original.jpg") else None,
        "prepared": {m: _file_url(room, f"sketch.{m}.jpg") for m in METHODS if room.has(f"sketch.{m}.jpg")},
        "references": references,
        "results": [describe_result(room, record) for record in service.store.results(room)],
    }


# Rooms ----------------------------------------------------------------------------------------------------------------


def status(service: Service) -> dict[str, Any]:
    return service.status()


def new_room(service: Service, *, picture: Callable[[], tuple[bytes, str]] = _read_picture) -> HTTPResponse:
    service.check_space()
    data, name = picture()
    room, _ = service.store.new_room(random_digits=_ROOM_DIGITS)
    try:
        size = service.intake(room, data)
        _note(service, room, name=name, **size)
    except BaseException:
        service.store.delete(room)
        raise
    return _created(describe_room(service, room))


def get_room(service: Service, room: str) -> dict[str, Any]:
    found = service.store.room(room)
    service.store.use(found)
    return describe_room(service, found)


def delete_room(service: Service, room: str) -> dict[str, Any]:
    found = service.store.room(room)
    for job in service.jobs.active():
        if job.room == room:
            service.painting.cancel(job)
            job.ended.wait(10)
    service.store.delete(found)
    return {"deleted": room}


def add_reference(service: Service, room: str) -> HTTPResponse:
    found = service.store.room(room)
    service.check_space()
    data, _ = _read_picture()
    step = service.store.new_step(found)
    upload = f".reference.{step}"
    try:
        size = service.intake(found, data, upload=upload, target=f"reference.{step}.jpg")
    except BaseException:
        found.file(upload).unlink(missing_ok=True)
        raise
    return _created({"id": step, "url": _file_url(found, f"reference.{step}.jpg"), **size})


def get_file(service: Service, room: str, name: str) -> HTTPResponse:
    found = service.store.room(room)
    service.store.file(found, name)
    changes = name.startswith("sketch.") or PREVIEW in name
    return static_file(name, root=str(found.folder), headers=_FRESH if changes else _FOREVER)


# Jobs -----------------------------------------------------------------------------------------------------------------


def new_job(service: Service, room: str) -> HTTPResponse:
    found, asked = service.store.room(room), _read_job()
    if not found.has("sketch.original.jpg") and not found.has(UPLOAD):
        raise NotFoundError("This room has no sketch. Upload one first.")
    hints = Hints.from_data({"hints": asked.hints})
    try:
        options = Options(method=asked.method, mix=asked.mix if asked.reference else 0.0, line_color=asked.line_color)
    except HintError as error:
        raise InputError(f"line_color: {error}") from None
    if asked.reference is not None and not (
        STEP_ID.fullmatch(asked.reference) and found.has(f"reference.{asked.reference}.jpg")
    ):
        raise NotFoundError("There is no such reference in this room.")
    service.check_space()
    service.store.use(found)
    job = _prepare_job(service, found, asked) if asked.kind == "prepare" else \
        _paint_job(service, found, asked, options, hints)
    service.submit(job)
    response = HTTPResponse(json.dumps(job.to_data()), status=202, headers={"Content-Type": "application/json"})
    response.set_header("Location", f"/api/v1/jobs/{job.id}")
    return response


def _prepare_job(service: Service, room: Room, asked: JobRequest) -> Job:
    def build() -> dict[str, Any]:
        settings = service.configuration.settings.merged(zoom=asked.zoom)
        return service.prepare_task(room, "", method=asked.method, settings=settings)

    return Job(room.id, "prepare", service.session(), build)


def _paint_job(service: Service, room: Room, asked: JobRequest, options: Options, hints: Hints) -> Job:
    is_preview = asked.kind == "preview"
    if is_preview:  # only the newest preview of a room is worth computing
        for older in service.painting.queue:
            if older.room == room.id and older.kind == "preview":
                service.painting.cancel(older)
    step = PREVIEW if is_preview else service.store.new_step(room)

    def build() -> dict[str, Any]:
        settings = service.configuration.settings.merged(zoom=asked.zoom, super_resolution=asked.super_resolution)
        if not is_preview:
            v3 = {"alpha": options.mix, "points": hints.to_v3(), "method": options.method,
                  "lineColor": _rgb(options.line_color), "line": options.line_color is not None,
                  "hasReference": asked.reference is not None}
            write_whole(room.file(f"options.{step}.json"), json.dumps(v3, separators=(",", ":")).encode())
        return service.paint_task(
            room, step, options=options, hints=hints, settings=settings, reference=asked.reference,
            output_size=asked.output_size, preview=is_preview,
        )

    def finish(answer: dict[str, Any]) -> dict[str, Any]:
        if not is_preview:
            return describe_result(room, service.store.result(room, step))
        return {"id": step, "method": options.method, "image": _file_url(room, f"result.{step}.jpg"),
                "hints_count": len(hints), "seconds": answer.get("seconds"), "exports": {}}

    return Job(room.id, asked.kind, service.session(), build, finish)


def get_job(service: Service, job: str) -> dict[str, Any]:
    return service.jobs.get(job).to_data()


def cancel_job(service: Service, job: str) -> dict[str, Any]:
    found = service.jobs.get(job)
    service.painting.cancel(found)
    return found.to_data()


def job_events(service: Service, job: str) -> HTTPResponse:
    """Progress, intermediate pictures and the end, as server-sent events."""
    found = service.jobs.get(job)

    def stream() -> Iterator[bytes]:
        yield b"retry: 2000\n\n"
        for event, data in found.events():
            if event == "heartbeat":
                yield b": still here\n\n"
                continue
            if event == "stage" and data is not None and "file" in data:
                room = service.store.room(found.room)
                data = {"stage": data["stage"], "image": _file_url(room, data["file"])}
            yield f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()

    headers = {
        "Content-Type": "text/event-stream; charset=UTF-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
    }
    return HTTPResponse(stream(), status=200, headers=headers)  # pyright: ignore[reportArgumentType]


# Results --------------------------------------------------------------------------------------------------------------


def get_result(service: Service, room: str, name: str) -> HTTPResponse:
    """A painting as a file, in the format of the extension; formats are made when they are first asked for."""
    match = re.fullmatch(rf"([A-Za-z0-9]{{1,32}})\.({'|'.join(FORMATS)})", name)
    if match is None:
        raise NotFoundError(f"Results can be had as {', '.join(FORMATS)}.")
    found, (step, format) = service.store.room(room), match.groups()
    record = service.store.result(found, step)
    file = f"result.{step}.{format}" if format in ("jpg", "png") else f".export.{step}.{format}"
    if not found.has(file):
        task = {"folder": str(found.folder), "step": step, "target": file, "method": record["method"]}
        service.run_picture_task("export", found, task)
    title = re.sub(r"[^A-Za-z0-9_-]+", "-", service.store.mark(found).get("name", "").rpartition(".")[0]).strip("-")
    shown: dict[str, Any] = {
        "mimetype": _MEDIA.get(format, True), "download": f"{title or 'painting'}-{step}.{format}",
    }
    return static_file(file, root=str(found.folder), headers=dict(_FOREVER), **shown)


def get_hints(service: Service, room: str, step: str) -> HTTPResponse:
    query: Any = request.query
    format = query.get("format", "s2p")
    if format not in ("s2p", "v3"):
        raise InputError("format must be s2p or v3.")
    hints = Hints.from_data({"hints": service.store.result(service.store.room(room), step)["hints"]})
    headers = {"Content-Type": "application/json"}
    if "download" in query:
        headers["Content-Disposition"] = f'attachment; filename="ColorHints-{room}.json"'
    return HTTPResponse(hints.dumps(v3=format == "v3"), status=200, headers=headers)


# Shared ---------------------------------------------------------------------------------------------------------------


def _created(data: dict[str, Any]) -> HTTPResponse:
    return HTTPResponse(json.dumps(data), status=201, headers={"Content-Type": "application/json"})


def _note(service: Service, room: Room, **facts: Any) -> None:
    write_whole(room.file(MARK), json.dumps({**service.store.mark(room), **facts}).encode())


def _rgb(color: str | None) -> list[int]:
    return [0, 0, 0] if color is None else [int(color[i:i + 2], 16) for i in (1, 3, 5)]


_R = "/api/v1/rooms/<room>"
_PICTURE = {"file": "the picture", "name": "a name for it"}
ROUTES = (
    Route("GET", "/api/v1/status", status, "State of the server and its networks.", returns={200: "Status"}),
    Route("POST", "/api/v1/rooms", new_room, "Upload a sketch.", form=_PICTURE, returns={201: "Room"}),
    Route("GET", _R, get_room, "A room with its results.", returns={200: "Room"}),
    Route("DELETE", _R, delete_room, "Delete a room.", returns={200: "the deleted id"}),
    Route("POST", f"{_R}/references", add_reference, "Upload a reference.", form=_PICTURE,
          returns={201: "{id, url, width, height}"}),
    Route("GET", f"{_R}/files/<name>", get_file, "A picture of a room.", returns={200: "picture"}),
    Route("POST", f"{_R}/jobs", new_job, "Paint, prepare or preview.", body=JobRequest.model_json_schema(),
          returns={202: "Job"}),
    Route("GET", "/api/v1/jobs/<job>", get_job, "State of a job.", returns={200: "Job"}),
    Route("GET", "/api/v1/jobs/<job>/events", job_events,
          "Server-sent events: progress (Job), stage ({stage, image}), end (Job).", returns={200: "text/event-stream"}),
    Route("DELETE", "/api/v1/jobs/<job>", cancel_job, "Cancel a job.", returns={200: "Job"}),
    Route("GET", f"{_R}/results/<name>", get_result, f"Download a result: ID with .{', .'.join(FORMATS)}.",
          returns={200: "file"}),
    Route("GET", f"{_R}/results/<step>/hints", get_hints, "The hints of a result.",
          query={"format": "s2p or v3", "download": "present: as a file"}, returns={200: "hints"}),
)
