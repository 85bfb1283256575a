"""What the routes work with: the store, the settings, the lanes, and the tasks they are given.

Systems name the lane that they paint in (`s2p.systems`); the lane `painting` owns the networks of most. The lane
`pictures` decodes uploads and writes exports, so that an upload need not wait for a painting, and a picture that breaks
its decoder breaks nothing else.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import gevent
from gevent.lock import BoundedSemaphore

from s2p import systems
from s2p.config import Settings
from s2p.errors import ForbiddenError, InputError, NotFoundError, OutputError, S2PError
from s2p.fetch import fetch_picture
from s2p.files import read_object, write_whole
from s2p.schema import METHODS, Options, PackedHints, SystemOptions

from . import visitors
from .bodies import off_the_loop
from .configuration import Configuration
from .counter import Counter
from .crew import Crew, fitting, lane_of
from .holdings import Holder
from .jobs import PREVIEW, BusyError, Job, JobError, Register, Sentences
from .lane import Lane
from .rests import clear_parts, clear_rests
from .rooms import LOOK, UPLOAD, Room
from .shares import Shares
from .store import Store

log = logging.getLogger(__name__)

PICTURE_SECONDS = 300.0  # layered files of large pages take longest
INTAKE_CPU_SECONDS = 20.0  # of computing: the largest scan of pencil takes fifteen, however busy the computer is
INTAKE_SECONDS = 120.0  # by the clock, for what no watcher can measure
READER_START_SECONDS = 120.0
MAX_FETCHES = 4
FETCH_WAIT_SECONDS = 20.0
CLEAN_EVERY_SECONDS = 3600.0
_PAINTER = Sentences("Painter", "The painter", (
    "The painter stopped while it worked on this picture, perhaps because memory ran out. It has been started again: "
    "try once more, or with a smaller picture or zoom factor."
), "Choose a smaller picture or zoom factor.", (
    "Its first start prepares the networks, once on each computer; it is started again by itself and keeps what is "
    "prepared. Strokes need none and can be laid meanwhile. If this goes on, raise start_seconds in config.ini."
))
_READER = Sentences("Reader", "The program that reads and writes pictures", (
    "The program that reads and writes pictures stopped at this one, perhaps because memory ran out. It has been "
    "started again: try once more, or make the picture smaller."
), "Make the picture smaller.", "It is started again by itself; other programs may keep the computer busy.")
TOO_SLOW = JobError("TooSlowError", "This picture takes too long to read. Save it as PNG, or make it smaller.", 400)
_OF_REGIONS = ("width", "height", "count", "grounds")
_RUNTIME = ("backend", "device", "threads", "variant", "weights_set")


class JobFailed(S2PError):
    """A job that a request waited for did not end well."""

    def __init__(self, error: JobError) -> None:
        super().__init__(error.message)
        self.code, self.http_status = error.code, error.status


class Service:
    """One server.

    Args:
        store: the rooms.
        configuration: the settings.
        client: folder of our own browser client.
        painter: `module:function` that makes the painters instead of `s2p`; for tests.
        fetch: gets the bytes at a web address, at most `max_bytes` of them; for tests.
    """

    def __init__(
        self, store: Store, configuration: Configuration, *, client: Path, painter: str | None = None,
        fetch: Callable[..., bytes] = fetch_picture,
    ) -> None:
        self.store, self.configuration, self.client = store, configuration, client
        self.jobs = Register()
        self._shares = Shares(store)
        self.counter = Counter(store.results_folder / "painted.json")
        self._painter = painter
        self._fetch = fetch
        self._fetching = BoundedSemaphore(MAX_FETCHES)
        self._workers = configuration.limits.workers or fitting()
        self.lanes = {name: self._painting_lane(name) for name in systems.lanes()}
        self.lanes["pictures"] = Lane(
            "pictures", lambda: ["--role", "pictures"], job_seconds=lambda: PICTURE_SECONDS,
            start_seconds=lambda: READER_START_SECONDS, folder=store.base, sentences=_READER,
        )
        self.painting, self.pictures = self.lanes["painting"], self.lanes["pictures"]
        self._janitor: gevent.Greenlet | None = None

    def start(self) -> None:
        """Takes the folders and starts the workers that everybody needs in the background; raises `OutputError`."""
        self.store.create_folders()
        self.store.lock()
        clear_rests(self.store)
        self.pictures.start()
        self.painting.start()
        self._janitor = gevent.spawn(self._keep_clean)

    def stop(self) -> None:
        if self._janitor is not None:
            self._janitor.kill()
        for lane in self.lanes.values():
            lane.stop()
        self.store.unlock()

    def _painting_lane(self, name: str) -> Lane | Crew:
        limits = self.configuration
        return lane_of(
            self._workers if name == systems.lanes()[0] else 1, name, lambda: self._painter_arguments(name),
            job_seconds=lambda: limits.limits.job_seconds, start_seconds=lambda: limits.limits.start_seconds,
            folder=self.store.base, sentences=_PAINTER, on_done=self._count,
        )

    def _painter_arguments(self, lane: str) -> list[str]:
        settings = self.configuration.settings
        runtime = {name: getattr(settings, name) for name in _RUNTIME}
        if not settings.threads and self._workers > 1:  # each would take all cores
            runtime["threads"] = max(1, (os.cpu_count() or 1) // self._workers)
        arguments = ["--role", "paint", "--lane", lane, "--settings", json.dumps(runtime)]
        return arguments + (["--painter", self._painter] if self._painter else [])

    def _count(self, job: Job) -> None:
        """Previews, sketches and the paintings that only follow a hand are not counted."""
        if job.kind == "paint" and not (job.result or {}).get("live"):
            self.counter.add()

    def _keep_clean(self) -> None:
        while True:
            self.clean()
            gevent.sleep(CLEAN_EVERY_SECONDS)

    def clean(self) -> list[str]:
        """Deletes expired rooms; returns their ids."""
        limits, busy = self.configuration.limits, self._busy()
        try:
            off_the_loop(clear_parts, self.store)
            return self.store.clean(max_rooms=limits.max_rooms, max_days=limits.max_days, busy=busy)
        except (OSError, OutputError) as error:
            log.warning("expired rooms cannot be deleted: %s", error)
            return []

    def make_place(self) -> Holder:
        """Sees to it that there is place for one room more; returns who makes it. Raises `OutputError`."""
        self.check_space()
        holder, busy = visitors.holder(), self._busy()
        self.store.make_place(self.configuration.limits.max_rooms, holder, busy=busy)
        if holder.is_guest:
            self._keep_share(holder.household, busy)
        return holder

    def check_space(self, room: Room | None = None) -> None:
        """Raises `OutputError` where the disk is nearly full, or the room is one of a guest who has taken too much."""
        self.store.check_space(self.configuration.limits.min_free_megabytes)
        mark = {} if room is None else self.store.mark(room)
        if room is not None and mark.get("is_guest"):
            self._keep_share(mark.get("household", ""), self._busy() | {room.id})

    def _keep_share(self, household: str, busy: set[str]) -> None:
        kept_free = 1e6 * self.configuration.limits.min_free_megabytes
        self._shares.keep(household, kept_free=kept_free, busy=busy)

    def _busy(self) -> set[str]:
        return {job.room for job in self.jobs.active()}

    # Jobs

    def session(self) -> str:
        return visitors.session()

    def submit(self, job: Job) -> None:
        """Puts a job into the queue of its lane, which is started when it is first used; raises `BusyError`."""
        job.address = visitors.household()
        lane = self.lanes[job.lane]
        lane.start()
        try:
            lane.submit(job)
        except BusyError:
            job.undo()
            raise
        self.jobs.add(job)

    def cancel(self, job: Job) -> None:
        """Ends a job; see `Lane.cancel`."""
        self.lanes[job.lane].cancel(job)

    def steer(self, job: Job, what: str) -> None:
        """See `Lane.steer`; raises `InputError` for jobs other than paintings by strokes."""
        if not job.is_open:
            raise InputError("Only a painting by strokes can end early or pause. Cancel this job, or wait for it.")
        self.lanes[job.lane].steer(job, what)

    def longest_wait(self) -> float:
        """Seconds after which a request that waits for its job gives up."""
        limits = self.configuration.limits
        return limits.start_seconds + 2 * limits.job_seconds

    def run_picture_task(
        self, kind: str, room: Room, task: dict[str, Any], *, seconds: float | None = None,
        too_slow: JobError | None = None,
    ) -> dict[str, Any]:
        """Has something decoded or written and waits for it; raises `JobFailed`."""
        job = Job(room.id, kind, self.session(), lambda: task, seconds=seconds, too_slow=too_slow, lane="pictures")
        job.address = visitors.household()
        self.pictures.submit(job)
        if not job.ended.wait(2 * PICTURE_SECONDS):
            self.cancel(job)
            raise JobFailed(JobError("Busy", "The server is too busy with other pictures. Try again later.", 503))
        if job.error is not None:
            raise JobFailed(job.error)
        return job.answer or {}

    def fetch(self, url: str) -> bytes:
        """The picture at a web address; raises `InputError` where that is not allowed or does not work."""
        limits = self.configuration.limits
        if not limits.allow_url:
            raise ForbiddenError("This server opens no web addresses. Save the picture and open the file instead.")
        if not self._fetching.acquire(timeout=FETCH_WAIT_SECONDS):
            raise BusyError("Too many pictures are being fetched. Try again in a minute.")
        try:
            return self._fetch(url, max_bytes=limits.upload_bytes)
        finally:
            self._fetching.release()

    # Tasks of the workers

    def intake(
        self, room: Room, data: BinaryIO, *, upload: str = UPLOAD, target: str = "sketch.original.jpg",
        page: int | None = None, layer: str | None = None,
    ) -> dict[str, Any]:
        """Stores an uploaded picture; returns its width and height, and what was taken of several pages or layers.

        `data` is closed before the wait for a worker, so that nothing of it is held in memory meanwhile.
        """
        with data:
            off_the_loop(write_whole, room.file(upload), data)
        task = {
            "folder": str(room.folder), "upload": upload, "target": target,
            "max_pixels": self.configuration.limits.max_pixels, "look": upload == UPLOAD,
            "page": page, "layer": layer, "cpu_seconds": INTAKE_CPU_SECONDS,
        }
        return self.run_picture_task("intake", room, task, seconds=INTAKE_SECONDS, too_slow=TOO_SLOW)

    def _task(self, room: Room, step: str, settings: Settings, *, v3: bool) -> dict[str, Any]:
        return {
            "folder": str(room.folder), "room": room.id, "step": step, "settings": asdict(settings), "v3": v3,
            "max_pixels": self.configuration.limits.max_pixels,
        }

    def prepare_task(
        self, room: Room, step: str, *, method: str, settings: Settings, v3: bool = False
    ) -> dict[str, Any]:
        return {**self._task(room, step, settings, v3=v3), "method": method}

    def lines_task(self, room: Room, step: str, *, source: str | None, drawn_by: str | None) -> dict[str, Any]:
        task = self._task(room, step, self.configuration.settings, v3=False)
        return {**task, "source": source, "drawn_by": drawn_by}

    def suggest_task(
        self, room: Room, *, method: str, hints: PackedHints, seed: int, settings: Settings, own: SystemOptions | None
    ) -> dict[str, Any]:
        return {**self._task(room, "", settings, v3=False), "options": {"method": method}, "seed": seed,
                "hints": hints.to_text(), "own": None if own is None else own.model_dump()}

    def choices_task(
        self, room: Room, step: str, *, method: str, hints: PackedHints, seed: int, count: int, settings: Settings,
        own: SystemOptions | None,
    ) -> dict[str, Any]:
        task = self.suggest_task(room, method=method, hints=hints, seed=seed, settings=settings, own=own)
        return {**task, "step": step, "count": count}

    def regions(self, room: Room, method: str, *, intake: str | None = None) -> dict[str, Any]:
        """File and size of the map of a drawing's regions, made when it is first asked for."""
        lines = "sketch.recolorization.jpg"
        source = lines if method == "recolorization" else UPLOAD if room.has(UPLOAD) else "sketch.original.jpg"
        if not room.has(source):
            missing = "lines yet. Prepare or paint it once" if source == lines else "sketch. Upload one first"
            raise NotFoundError(f"This room has no {missing}.")
        settings = self.configuration.settings.merged(intake=intake)
        found = read_object(room.file(LOOK)).get("found") != [] or settings.invert != "auto"
        looked = f"{settings.intake} {settings.invert}".encode() if found and method == METHODS[0] else b""
        mark = off_the_loop(lambda: hashlib.sha256(room.file(source).read_bytes() + looked).hexdigest()[:16])
        name, about = f"regions.{mark}.png", room.file(f".regions.{mark}.json")
        known = read_object(about) if room.has(name) else {}
        if not _is_told(known):
            task = {**self._task(room, "", settings, v3=False), "target": name,
                    "options": {"method": method}}
            answer = self.run_picture_task("regions", room, task)
            known = {key: answer[key] for key in _OF_REGIONS}
            write_whole(about, json.dumps(known).encode())
        return {"file": name, **{key: known[key] for key in _OF_REGIONS}}

    def paint_task(
        self, room: Room, step: str, *, options: Options, hints: PackedHints, settings: Settings, v3: bool = False,
        reference: str | None = None, output_size: str = "original", model: str = systems.DEFAULT, live: bool = False,
        own: SystemOptions | None = None, source: str | None = None,
    ) -> dict[str, Any]:
        """The worker's task of one painting. Called when its turn comes, so it knows the settings in force then, and
        what those before it have left of the disk; raises `OutputError`."""
        self.check_space(room)
        task = {
            **self._task(room, step, settings, v3=v3), "options": options.model_dump(), "reference": reference,
            "hints": hints.to_text(), "output_size": output_size, "model": model,
            "results": None if live else str(self.store.results_folder),
            "own": None if own is None else own.within(self.configuration.limits.job_seconds).model_dump(),
            "source": source,
        }
        if not v3 and step != PREVIEW:
            task["record"] = {
                "id": step, "created": time.time(), "model": model, "method": options.method, "mix": options.mix,
                "line_color": options.line_color, "zoom": settings.zoom, "super_resolution": settings.super_resolution,
                "lines": "coloured" if options.line_color else settings.lines, "output_size": output_size,
                "shading": settings.shading, "intake": settings.intake, "invert": settings.invert,
                "weights_set": settings.weights_set, "reference": reference, "live": live,
                **({} if own is None else {model: own.model_dump()}),
            }
        return task


def _is_told(regions: dict[str, Any]) -> bool:
    """Whether all that a page must know of a map is there; an older server wrote less."""
    *numbers, grounds = (regions.get(key) for key in _OF_REGIONS)
    return isinstance(grounds, list) and all(isinstance(number, int) for number in (*numbers, *grounds))
