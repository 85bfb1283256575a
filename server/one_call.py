"""A picture in, its painting out, in one request: for scripts that want no rooms and no jobs.

It is a room with one job, by the same limits and refusals, and the room is gone when the painting has been sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from bottle import HTTPResponse, request

from s2p.errors import InputError, OutputError

from . import requests
from .api import note, parts_of, picture_of, result_file
from .bodies import is_multipart, object_of, off_the_loop, read_form
from .descriptions import FORMATS
from .job_routes import job_of
from .jobs import JobError
from .openapi import Route
from .requests import JobRequest
from .security import JSON_BODY
from .service import JobFailed

if TYPE_CHECKING:
    from .rooms import Room
    from .service import Service

_PIECE = 1 << 18
_SLOW = JobError("TimeoutError", "The painting takes too long for one request. Open a room and ask for a job.", 503)


class _Sent:
    """The bytes of a painting, after which its room is deleted, however far they got."""

    def __init__(self, service: Service, room: Room, file: BinaryIO) -> None:
        self._service, self._room, self._file = service, room, file

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(_PIECE):
            yield piece

    def close(self) -> None:
        self._file.close()
        self._service.store.discard(self._room)


def colorize(service: Service) -> HTTPResponse:
    if not is_multipart():
        raise InputError("Send the picture as multipart/form-data, in a field named file; what is asked for in job.")
    service.check_space()
    form = read_form(text_bytes=JSON_BODY)
    _known("field", form.fields, ROUTES[0].form or {}, "Hints and all that is asked for go into job, as JSON.")
    data, name, choice = picture_of(form)
    with data:
        asked = requests.read(off_the_loop(object_of, form.fields.get("job", "").encode()))
        format = _checked(asked)
        room, _ = service.store.new_room(holder=service.make_place())
        try:
            note(service, room, name=name, **service.intake(room, data, **choice))
            return _painted(service, room, asked, format)
        except BaseException:
            service.store.discard(room)
            raise


def _known(what: str, sent: Iterable[str], names: Iterable[str], more: str) -> None:
    """Raises `InputError` for a name that would be passed over in silence."""
    for name in sent:
        if name not in names:
            raise InputError(f"There is no {what} {name[:40]!r} here; there are {', '.join(names)}. {more}")


def _checked(asked: JobRequest) -> str:
    """The ending of the file that is wanted; raises for what would be refused once it is painted."""
    query = request.query
    _known("parameter", list(query), ROUTES[0].query or {}, "What else is asked for goes into job.")  # pyright: ignore
    format = query.get("format", "png")  # pyright: ignore[reportAttributeAccessIssue]
    if format not in FORMATS:
        raise InputError(f"format must be one of {', '.join(FORMATS)}.")
    if asked.kind != "paint":
        raise InputError("One request paints. For prepare, preview, lines, suggest and choices open a room.")
    if asked.source is not None or asked.reference is not None:
        raise InputError("source and reference are of a room. Open one, and ask for a job there.")
    parts_of({"model": asked.model}, format)
    return format


def _painted(service: Service, room: Room, asked: JobRequest, format: str) -> HTTPResponse:
    job = job_of(service, room, asked)
    service.submit(job)
    if not job.ended.wait(service.longest_wait()):
        service.cancel(job)
        job.ended.wait(10)  # what it writes lies in the room that goes now
        raise JobFailed(_SLOW)
    if job.error is not None or job.result is None:
        raise JobFailed(job.error or JobError("CancelledError", "The painting was cancelled.", 409))
    path, media, title = result_file(service, room, f"{job.result['id']}.{format}")
    headers = {"Content-Type": media, "Content-Disposition": f'attachment; filename="{title}"'}
    if untrained := job.result.get("untrained"):
        headers["S2P-Untrained"] = ", ".join(untrained)
    try:
        file = off_the_loop(open, path, "rb")
    except OSError as error:
        raise OutputError(f"The painting cannot be read: {(error.strerror or str(error)).lower()}.") from error
    headers |= {"Content-Length": str(path.stat().st_size), "Cache-Control": "no-store"}
    return HTTPResponse(_Sent(service, room, file), status=200, headers=headers)  # pyright: ignore[reportArgumentType]


_CURL = """curl -F file=@girl.png {server}/api/v1/colorize -o painted.png
curl -F file=@girl.png -F 'job={json}' '{server}/api/v1/colorize?format=psd' -o painted.psd"""
_PYTHON = """import json, requests

job = {{"hints": [{{"x": 0.5, "y": 0.25, "color": "#f0c8a0"}}], "style2paints": {{"tags": ["red dress"]}}}}
with open("girl.png", "rb") as drawing:
    reply = requests.post("{server}/api/v1/colorize", files={{"file": drawing}}, data={{"job": json.dumps(job)}})
reply.raise_for_status()                     # a refusal says why: reply.json()["error"]["message"]
open("painted.png", "wb").write(reply.content)"""
_JSON = json.dumps({"hints": [{"x": 0.5, "y": 0.25, "color": "#f0c8a0"}]})
SERVER = "http://localhost:8232"  # in whose place the page puts its own address
EXAMPLES = {"curl": _CURL.format(server=SERVER, json=_JSON), "Python": _PYTHON.format(server=SERVER)}

ROUTES = (
    Route("POST", "/api/v1/colorize", colorize, "A picture in, its painting out, at once; nothing is kept.",
          form={"file": "the picture", "job": "JSON, what a room's job may be asked for: hints, model, zoom and so on",
                "page": "of a file with several, counted from 1", "layer": "of a PSD, ORA or KRA file"},
          query={"format": f"of the painting: {', '.join(FORMATS)}; png by default",
                 "size": "painted, as the job says, or original, as the upload",
                 "background": "where nobody coloured: white, transparent where the upload is (keep), or none",
                 "only": "colours, without the lines, or lines, on nothing"},
          returns={200: "file"}),
)
