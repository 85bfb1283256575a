"""What the routes work with: the store, the settings, two lanes, and the tasks they are given.

The lane `painting` owns the networks. The lane `pictures` decodes uploads and writes exports, so that an upload need
not wait for a painting, and a picture that breaks its decoder breaks nothing else.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import gevent
from bottle import HTTPResponse, request

from s2p import __version__
from s2p.config import Settings
from s2p.errors import S2PError
from s2p.schema import Hints, Options
from server.configuration import Configuration
from server.jobs import Job, JobError, Register
from server.lane import Lane
from server.store import UPLOAD, Room, Store, write_whole

log = logging.getLogger(__name__)

PICTURE_SECONDS = 120.0
CLEAN_EVERY_SECONDS = 3600.0
PREVIEW = "preview"
_PREVIEW_ZOOM = 0.25
_COOKIE = "s2p_session"
_PAINTER_LOST = (
    "The painter stopped while it worked on this picture, perhaps because memory ran out. It has been started again: "
    "try once more, or choose a smaller zoom factor."
)
_READER_LOST = (
    "The program that reads and writes pictures stopped at this one, perhaps because memory ran out. It has been "
    "started again: try once more, or make the picture smaller."
)
_RUNTIME = ("backend", "device", "threads", "size")


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
        painter: `module:function` that makes the painter instead of `s2p.load`; for tests.
    """

    def __init__(self, store: Store, configuration: Configuration, *, client: Path, painter: str | None = None) -> None:
        self.store, self.configuration, self.client = store, configuration, client
        self.jobs = Register()
        self._painter = painter
        self.painting = Lane(
            "painting", self._painter_arguments, job_seconds=lambda: configuration.limits.job_seconds,
            start_seconds=lambda: configuration.limits.start_seconds, folder=store.base, lost=_PAINTER_LOST,
        )
        self.pictures = Lane(
            "pictures", lambda: ["--role", "pictures"], job_seconds=lambda: PICTURE_SECONDS,
            start_seconds=lambda: PICTURE_SECONDS, folder=store.base, lost=_READER_LOST,
        )
        self._janitor: gevent.Greenlet | None = None

    def start(self) -> None:
        """Makes the folders and starts the workers in the background; raises `OutputError`."""
        self.store.create_folders()
        self.pictures.start()
        self.painting.start()
        self._janitor = gevent.spawn(self._keep_clean)

    def stop(self) -> None:
        if self._janitor is not None:
            self._janitor.kill()
        self.painting.stop()
        self.pictures.stop()

    def _painter_arguments(self) -> list[str]:
        settings = self.configuration.settings
        runtime = {name: getattr(settings, name) for name in _RUNTIME}
        arguments = ["--role", "paint", "--settings", json.dumps(runtime)]
        return arguments + (["--painter", self._painter] if self._painter else [])

    def _keep_clean(self) -> None:
        while True:
            self.clean()
            gevent.sleep(CLEAN_EVERY_SECONDS)

    def clean(self) -> list[str]:
        """Deletes expired rooms; returns their ids."""
        limits = self.configuration.limits
        busy = {job.room for job in self.jobs.active()}
        try:
            return self.store.clean(max_rooms=limits.max_rooms, max_days=limits.max_days, busy=busy)
        except OSError as error:
            log.warning("expired rooms cannot be deleted: %s", error)
            return []

    def check_space(self) -> None:
        self.store.check_space(self.configuration.limits.min_free_megabytes)

    # Jobs

    def session(self) -> str:
        """Whose turn the current request takes: the browser's cookie, or the address of a client without one."""
        cookie = request.get_cookie(_COOKIE) or ""
        return cookie if re.fullmatch(r"[0-9a-f]{32}", cookie) else request.environ.get("REMOTE_ADDR", "")

    def remember_session(self, reply: HTTPResponse) -> None:
        """Gives the browser a cookie, so that people behind one address still take turns."""
        if not request.get_cookie(_COOKIE):
            reply.set_cookie(_COOKIE, secrets.token_hex(16), path="/", httponly=True, samesite="strict")

    def submit(self, job: Job) -> None:
        """Puts a painting job into the queue; raises `BusyError`."""
        self.painting.submit(job)
        self.jobs.add(job)

    def longest_wait(self) -> float:
        """Seconds after which a request that waits for its job gives up."""
        limits = self.configuration.limits
        return limits.start_seconds + 2 * limits.job_seconds

    def run_picture_task(self, kind: str, room: Room, task: dict[str, Any]) -> dict[str, Any]:
        """Has something decoded or written and waits for it; raises `JobFailed`."""
        job = Job(room.id, kind, self.session(), lambda: task)
        self.pictures.submit(job)
        if not job.ended.wait(2 * PICTURE_SECONDS):
            self.pictures.cancel(job)
            raise JobFailed(JobError("Busy", "The server is too busy with other pictures. Try again later.", 503))
        if job.error is not None:
            raise JobFailed(job.error)
        return job.answer or {}

    # Tasks of the workers

    def intake(
        self, room: Room, data: bytes, *, upload: str = UPLOAD, target: str = "sketch.original.jpg"
    ) -> dict[str, Any]:
        """Stores an uploaded picture; returns its width and height."""
        write_whole(room.file(upload), data)
        task = {
            "folder": str(room.folder), "upload": upload, "target": target,
            "max_pixels": self.configuration.limits.max_pixels,
        }
        return self.run_picture_task("intake", room, task)

    def _task(self, room: Room, step: str, settings: Settings, *, v3: bool) -> dict[str, Any]:
        return {
            "folder": str(room.folder), "room": room.id, "step": step, "settings": asdict(settings), "v3": v3,
            "max_pixels": self.configuration.limits.max_pixels,
        }

    def prepare_task(
        self, room: Room, step: str, *, method: str, settings: Settings, v3: bool = False
    ) -> dict[str, Any]:
        return {**self._task(room, step, settings, v3=v3), "method": method}

    def paint_task(
        self, room: Room, step: str, *, options: Options, hints: Hints, settings: Settings, v3: bool = False,
        reference: str | None = None, output_size: str = "network", preview: bool = False,
    ) -> dict[str, Any]:
        """The worker's task of one painting. Called when its turn comes, so it knows the settings in force then."""
        task = {
            **self._task(room, step, settings, v3=v3), "options": options.model_dump(), "reference": reference,
            "hints": [hint.model_dump() for hint in hints], "output_size": output_size, "preview": preview,
            "results": str(self.store.results_folder),
        }
        if preview:
            task["paint_settings"] = asdict(settings.merged(
                zoom=min(settings.zoom, _PREVIEW_ZOOM), super_resolution=False))
        elif not v3:
            task["record"] = {
                "id": step, "created": time.time(), "method": options.method, "mix": options.mix,
                "line_color": options.line_color, "zoom": settings.zoom, "super_resolution": settings.super_resolution,
                "output_size": output_size, "reference": reference, "hints": task["hints"],
            }
        return task

    # What clients see

    def status(self) -> dict[str, Any]:
        settings, limits, lane = self.configuration.settings, self.configuration.limits, self.painting
        networks = lane.about.get("networks", [])
        return {
            "version": __version__, "ready": lane.state in ("ready", "busy"), "worker": lane.state,
            "problem": lane.problem or self.configuration.problem, "networks": networks,
            "untrained": any(not network["trained"] for network in networks),
            "settings": {"zoom": settings.zoom, "super_resolution": settings.super_resolution},
            "limits": {"upload_bytes": limits.upload_bytes, "max_pixels": limits.max_pixels},
            "painted": lane.painted, "queued": len(lane.queue),
        }


def moment_text(moment: float) -> str:
    """`2026-11-21T02:40:00Z`."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
