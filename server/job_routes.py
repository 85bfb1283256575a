"""The routes of jobs: asking for a painting, watching it, cancelling it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bottle import HTTPResponse

from s2p import own_sets, systems, tags
from s2p.errors import InputError, NotFoundError
from s2p.schema import Hints, Options, PackedHints

from . import requests
from .bodies import off_the_loop, read_object
from .descriptions import describe_result, file_url
from .jobs import CHOICES, PREVIEW, Job
from .openapi import Route
from .requests import JobRequest
from .rooms import STEP_ID, UPLOAD, Room

if TYPE_CHECKING:
    from .service import Service


def new_job(service: Service, room: str) -> HTTPResponse:
    found, asked = service.store.room(room), requests.read(read_object())
    job = job_of(service, found, asked)
    service.submit(job)
    response = HTTPResponse(json.dumps(job.to_data()), status=202, headers={"Content-Type": "application/json"})
    response.set_header("Location", f"../../jobs/{job.id}")  # right in a folder of another site, too
    return response


def job_of(service: Service, found: Room, asked: JobRequest) -> Job:
    """The job that is asked for in a room, not submitted yet; raises what is to be refused."""
    if not found.has("sketch.original.jpg") and not found.has(UPLOAD):
        raise NotFoundError("This room has no sketch. Upload one first.")
    mark = service.store.mark(found)
    shape = mark.get("height") or 0, mark.get("width") or 0
    packed, asked = off_the_loop(_packed, asked, shape)
    options = Options(method=asked.method, mix=asked.mix if asked.reference else 0.0, line_color=asked.line_color)
    if asked.reference is not None and not (
        STEP_ID.fullmatch(asked.reference) and found.has(f"reference.{asked.reference}.jpg")
    ):
        raise NotFoundError("There is no such reference in this room.")
    if asked.source is not None:
        off_the_loop(service.store.described, found, asked.source)  # raises where there is none
    if asked.method == "rendering" and getattr(asked.own, "tags", ()):
        raise InputError(tags.LINES_ALONE)
    if asked.weights_set:
        off_the_loop(own_sets.place_of, asked.weights_set)  # raises where there is none
    service.check_space(found)
    service.store.use(found)
    if asked.kind == "prepare":
        return _prepare_job(service, found, asked)
    if asked.kind == PREVIEW:
        return _preview_job(service, found, asked, options, packed)
    if asked.kind == "lines":
        return _lines_job(service, found, asked)
    if asked.kind == "suggest":
        return _suggest_job(service, found, asked, packed)
    if asked.kind == CHOICES:
        return _choices_job(service, found, asked, packed)
    return _paint_job(service, found, asked, options, packed)


def _packed(asked: JobRequest, shape: tuple[int, int]) -> tuple[PackedHints, JobRequest]:
    """The hints in little room, and the rest: the job may wait, and hundreds with it."""
    hints = Hints.from_data({"hints": asked.hints, "unit": asked.unit}).on(shape)
    return hints.packed(), asked.model_copy(update={"hints": []})


def _prepare_job(service: Service, room: Room, asked: JobRequest) -> Job:
    def build() -> dict[str, Any]:
        settings = service.configuration.settings.merged(zoom=asked.zoom, intake=asked.intake, invert=asked.invert)
        return service.prepare_task(room, "", method=asked.method, settings=settings)

    return Job(room.id, "prepare", service.session(), build)


def _lines_job(service: Service, room: Room, asked: JobRequest) -> Job:
    step = service.store.new_step(room)

    def build() -> dict[str, Any]:
        return service.lines_task(room, step, source=asked.source, drawn_by=asked.drawn_by)

    def finish(answer: dict[str, Any]) -> dict[str, Any]:
        return {"id": step, "image": file_url(room, f"drawn.{step}.png"), "width": answer["width"],
                "height": answer["height"], "drawn_by": answer["drawn_by"], "exports": {}}

    return Job(room.id, "lines", service.session(), build, finish)


def _suggest_job(service: Service, room: Room, asked: JobRequest, packed: PackedHints) -> Job:
    """Some systems have another suggest for them: hints mean the same to all."""
    model = systems.system_of(asked.model).suggests_with or asked.model

    def build() -> dict[str, Any]:
        settings = service.configuration.settings.merged(
            zoom=asked.zoom, intake=asked.intake, invert=asked.invert, weights_set=asked.weights_set
        )
        task = service.suggest_task(
            room, method=asked.method, hints=packed, seed=asked.seed, settings=settings, own=asked.own
        )
        return {**task, "model": model}

    return Job(room.id, "suggest", service.session(), build, lane=systems.system_of(model).lane)


def _choices_job(service: Service, room: Room, asked: JobRequest, packed: PackedHints) -> Job:
    """Only the newest of a room are worth thinking of. Like suggestions, they come from the default painter."""
    for older in service.jobs.active():
        if older.room == room.id and older.kind == CHOICES:
            service.cancel(older)
    step = service.store.new_step(room)

    def build() -> dict[str, Any]:
        settings = service.configuration.settings.merged(
            zoom=asked.zoom, lines=asked.lines, shading=asked.shading, intake=asked.intake, invert=asked.invert,
            weights_set=asked.weights_set,
        )
        return service.choices_task(
            room, step, method=asked.method, hints=packed, seed=asked.seed, count=asked.count, settings=settings,
            own=asked.own,
        )

    def finish(answer: dict[str, Any]) -> None:
        answer["choices"] = [
            {"hints": one["hints"], "image": file_url(room, one["file"])} for one in answer["choices"]
        ]

    return Job(room.id, CHOICES, service.session(), build, finish, cancels_softly=True)


def _task(
    service: Service, room: Room, step: str, *, asked: JobRequest, options: Options, hints: PackedHints
) -> dict[str, Any]:
    settings = service.configuration.settings.merged(
        zoom=asked.zoom, super_resolution=asked.super_resolution, lines=asked.lines, shading=asked.shading,
        intake=asked.intake, invert=asked.invert, weights_set=asked.weights_set,
    )
    output_size = "painted" if asked.output_size == "network" else asked.output_size
    return service.paint_task(
        room, step, options=options, hints=hints, settings=settings, reference=asked.reference,
        output_size=output_size, model=asked.model, live=asked.live, own=asked.own,
        source=None if "sketches" in systems.system_of(asked.model).uses else asked.source,
    )


def _paint_job(service: Service, room: Room, asked: JobRequest, options: Options, packed: PackedHints) -> Job:
    step = service.store.new_step(room)

    def build() -> dict[str, Any]:
        return _task(service, room, step, asked=asked, options=options, hints=packed)

    def described() -> dict[str, Any]:
        if asked.live:
            for record in list(service.store.results(room)):
                if record.get("live") and record["id"] != step:
                    service.store.forget(room, record["id"])
        return describe_result(room, service.store.described(room, step))

    system = systems.system_of(asked.model)
    return Job(room.id, "paint", service.session(), build, lambda answer: off_the_loop(described),
               cancels_softly=asked.live, lane=system.lane, is_open="strokes" in system.uses,
               undo=lambda: service.store.forget(room, step))


def _preview_job(service: Service, room: Room, asked: JobRequest, options: Options, packed: PackedHints) -> Job:
    lane = systems.system_of(asked.model).lane
    for older in list(service.lanes[lane].queue):  # only the newest preview of a room is worth computing
        if older.room == room.id and older.kind == PREVIEW:
            service.cancel(older)

    def finish(answer: dict[str, Any]) -> dict[str, Any]:
        return {"id": PREVIEW, "method": options.method, "image": file_url(room, f"result.{PREVIEW}.jpg"),
                "hints_count": len(packed), "seconds": answer.get("seconds"), "exports": {}}

    return Job(
        room.id, PREVIEW, service.session(),
        lambda: _task(service, room, PREVIEW, asked=asked, options=options, hints=packed), finish,
        cancels_softly=True, lane=lane,
    )


def get_job(service: Service, job: str) -> dict[str, Any]:
    return service.jobs.get(job).to_data()


def cancel_job(service: Service, job: str) -> dict[str, Any]:
    found = service.jobs.get(job)
    service.cancel(found)
    return found.to_data()


def enough_of_job(service: Service, job: str) -> dict[str, Any]:
    found = service.jobs.get(job)
    service.steer(found, "enough")
    return found.to_data()


def pause_job(service: Service, job: str) -> dict[str, Any]:
    found = service.jobs.get(job)
    service.steer(found, "pause")
    return found.to_data()


def resume_job(service: Service, job: str) -> dict[str, Any]:
    found = service.jobs.get(job)
    service.steer(found, "resume")
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
                data = {"stage": data["stage"], "image": file_url(room, data["file"])}
            yield f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()

    headers = {
        "Content-Type": "text/event-stream; charset=UTF-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
    }
    return HTTPResponse(stream(), status=200, headers=headers)  # pyright: ignore[reportArgumentType]


_R = "/api/v1/rooms/<room>"
ROUTES = (
    Route("POST", f"{_R}/jobs", new_job,
          "Paint, prepare, preview, draw the lines, suggest colours (that job ends with hints), or think of several "
          "choices of colours.",
          body=requests.union, returns={202: "Job"}),
    Route("GET", "/api/v1/jobs/<job>", get_job, "State of a job.", returns={200: "Job"}),
    Route("GET", "/api/v1/jobs/<job>/events", job_events,
          "Server-sent events: progress (Job), stage ({stage, image}), end (Job).", returns={200: "text/event-stream"}),
    Route("DELETE", "/api/v1/jobs/<job>", cancel_job, "Cancel a job.", returns={200: "Job"}),
    Route("POST", "/api/v1/jobs/<job>/enough", enough_of_job,
          "End a painting by strokes early; what is laid is the painting.", returns={200: "Job"}),
    Route("POST", "/api/v1/jobs/<job>/pause", pause_job,
          "Lay no more strokes for a while: the stage is `paused` then; the time that the painting has runs on.",
          returns={200: "Job"}),
    Route("POST", "/api/v1/jobs/<job>/resume", resume_job, "Go on laying strokes.", returns={200: "Job"}),
)
