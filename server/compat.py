"""The four routes of Style2Paints V3 (and V3 Turbo), so that their own clients work unchanged.

Forms in, bare text out. What makes the original wait for ever is answered here with a status and a sentence.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import logging
import re
from typing import TYPE_CHECKING, Any

from s2p.errors import InputError, NotFoundError, S2PError, TooLargeError
from s2p.files import write_whole
from s2p.schema import MAX_HINTS, METHODS, Options, PackedHints, options_from_v3

from . import sample_rooms
from .bodies import off_the_loop, read_fields
from .jobs import Job
from .openapi import Route
from .rooms import V3_PAINTING, Room

if TYPE_CHECKING:
    from .service import Service

log = logging.getLogger(__name__)

_DATA_URL = re.compile(r"data:image/[^;,]{0,64};base64,")
_URLSAFE = bytes.maketrans(b"-_ ", b"+/+")  # a space is a plus that somebody forgot to escape
_OPTIONS_SIZE = 1_000_000  # 4096 points take a third of it
_OPTIONS_LISTS = MAX_HINTS + 64


def read_options(text: str) -> Any:
    """The JSON of the options; raises `InputError`. What is too much for 4096 points is refused before it is read."""
    if len(text) > _OPTIONS_SIZE or text.count("[") > _OPTIONS_LISTS:
        raise TooLargeError(f"The options are too large; at most {MAX_HINTS} points are allowed.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("The options are not valid JSON.") from None


def _options_of(text: str) -> tuple[Options, PackedHints, bool]:
    options, hints, has_reference = options_from_v3(read_options(text))
    return options, hints.packed(), has_reference


def decode_picture(text: str) -> bytes:
    """The file in a data URL or in bare base64, in either of its two alphabets; raises `InputError`."""
    match = _DATA_URL.match(text)
    try:
        letters = (text[match.end():] if match else text).encode("ascii", "replace")  # b64decode skips question marks
        data = base64.b64decode(letters.translate(_URLSAFE))
    except (binascii.Error, ValueError):
        raise InputError("The picture is not complete base64 data.") from None
    if not data:
        raise InputError("The picture is missing.")
    return data


def upload_sketch(service: Service) -> str:
    """Starts a room with a sketch, or prepares another method in an existing one."""
    form = read_fields()
    method = _method(form.get("method"))
    if form.get("step") != "sample" and form.get("room") == "new":
        picture = io.BytesIO(off_the_loop(decode_picture, form.pop("sketch", "")))
        room, step = service.store.new_room(holder=service.make_place())
        try:
            service.intake(room, picture)  # apart from the painter, for whom no unreadable picture may wait
            _wait(service, _prepare_job(service, room, step, method))
        except BaseException:
            service.store.discard(room)
            raise
    else:
        room, step = _enter(service, form)
        _wait(service, _prepare_job(service, room, step, method))
    return f"{room.id}_{step}"


def request_result(service: Service) -> str:
    """Paints a room's sketch."""
    form = read_fields()
    text = form.pop("options", "")
    options, packed, has_reference = off_the_loop(_options_of, text)
    reference = None
    if has_reference:
        reference = io.BytesIO(off_the_loop(decode_picture, _no_none(form.pop("reference", ""))))
    service.check_space()
    room, step = _enter(service, form)
    if not room.has("sketch.original.jpg") and not room.has(f"sketch.{options.method}.jpg"):
        raise NotFoundError("This room has no sketch. Upload one first.")

    def undo() -> None:
        service.store.forget(room, step, kinds=V3_PAINTING)

    try:
        if reference is not None:
            service.intake(room, reference, upload=f".reference.{step}", target=f"reference.{step}.jpg")
        off_the_loop(write_whole, room.file(f"options.{step}.json"), text.encode("utf-8", "surrogatepass"))
    except S2PError:
        undo()
        raise
    del form, text  # this request waits for its turn, and hundreds may

    def build() -> dict[str, Any]:
        return service.paint_task(
            room, step, options=options, hints=packed, settings=service.configuration.settings, v3=True,
            reference=step if has_reference else None,
        )

    _wait(service, Job(room.id, "paint", service.session(), build, undo=undo))
    return f"{room.id}_{step}"


def get_sample_list(service: Service) -> str:
    """Names of the sample rooms in `game/samples`."""
    return json.dumps(sample_rooms.names(service.store))


def save_as_sample(service: Service) -> str:
    """Keeps a painting as a sample."""
    form = read_fields()
    room = service.store.room(form.get("room", ""))
    step = form.get("step", "")
    service.check_space()
    sample = sample_rooms.save(service.store, room, step)
    if (sample / "result.sample.jpg").is_file() and not (sample / "icon.sample.jpg").is_file():
        # V3 writes icons only while debugging, yet its client shows a sample by its icon.
        task = {"folder": str(sample), "source": "result.sample.jpg", "target": "icon.sample.jpg"}
        try:
            service.run_picture_task("icon", room, task)
        except S2PError as error:
            log.warning("a sample gets no icon: %s", error)
    return "ok"


def _prepare_job(service: Service, room: Room, step: str, method: str) -> Job:
    def build() -> dict[str, Any]:
        return service.prepare_task(room, step, method=method, settings=service.configuration.settings, v3=True)

    return Job(room.id, "prepare", service.session(), build)


def _enter(service: Service, form: dict[str, str]) -> tuple[Room, str]:
    """The room that a form names, with a new step; a sample is cloned first."""
    name = form.get("room", "")
    if form.get("step") == "sample":
        return sample_rooms.clone(service.store, name, holder=service.make_place())
    if name == "new":
        raise InputError("There is no sketch yet. Upload one first.")
    room = service.store.room(name)
    service.store.use(room)
    return room, service.store.new_step(room)


def _wait(service: Service, job: Job) -> None:
    """Runs a job to its end. V3's client cannot be told about progress, so its request waits, but not for ever."""
    service.submit(job)
    if not job.ended.wait(service.longest_wait()):
        service.cancel(job)
        raise _Failed("The server is too busy: this picture did not get its turn. Try again later.", 503)
    if job.state == "cancelled":
        raise _Failed("The job was cancelled.", 409)
    if job.error is not None:
        raise _Failed(job.error.message, job.error.status)


class _Failed(S2PError):
    """A job that ended badly, with the status that fits."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.http_status = status


def _method(text: str | None) -> str:
    if text not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}.")
    return text


def _no_none(text: str) -> str:
    if text in ("", "none"):
        raise InputError("The options announce a reference, but none was sent.")
    return text


_FORM = "application/x-www-form-urlencoded"
ROUTES = (
    Route("POST", "/upload_sketch", upload_sketch, "Upload a sketch, or prepare another method.", tag="Style2Paints V3",
          form={"room": "new, a room id, or a sample's name", "step": "new, a step id, or sample",
                "sketch": "data URL, or none", "method": "colorization, rendering or recolorization"},
          media=_FORM, returns={200: "`<room>_<step>` as text"}, style="text"),
    Route("POST", "/request_result", request_result, "Paint.", tag="Style2Paints V3",
          form={"room": "room id or sample", "step": "step id or sample", "reference": "data URL, or none",
                "options": "JSON text"}, media=_FORM, returns={200: "`<room>_<step>` as text"}, style="text"),
    Route("POST", "/get_sample_list", get_sample_list, "Names of the samples.", tag="Style2Paints V3",
          returns={200: "JSON list as text"}, style="text"),
    Route("POST", "/save_as_sample", save_as_sample, "Keep a painting as a sample.", tag="Style2Paints V3",
          form={"room": "room id", "step": "step id"}, media=_FORM, returns={200: "`ok`"}, style="text"),
)
