"""What the tests of the server share: a running service in a temporary folder, small drawings, and V3's forms."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
import numpy as np
from PIL import Image
from webtest import TestApp

from server.app import make_app
from server.bodies import off_the_loop
from server.configuration import Configuration
from server.service import Service
from server.store import Store

FAKE = "tests.server_fakes:painter"
CLIENT = Path(__file__).resolve().parent.parent / "server" / "client"
FORM = "application/x-www-form-urlencoded;"
PATIENCE = 120.0  # seconds; what is waited for takes two or three on a machine that has nothing else to do


@contextmanager
def running(
    base: Path, *, painter: str | None = FAKE, ini: str = "", **options: Any
) -> Iterator[tuple[Service, TestApp]]:
    """A service with real worker processes; by default they paint with a fake painter."""
    (base / "config.ini").write_text(ini or "[general]\nsketch_zoom_factor = 0.5\n", encoding="utf-8")
    store, configuration = Store(base, aside=off_the_loop), Configuration(base / "config.ini")
    service = Service(store, configuration, client=CLIENT, painter=painter, **options)
    service.start()
    try:
        yield service, TestApp(make_app(service), extra_environ={"REMOTE_ADDR": "127.0.0.1"}, lint=False)
    finally:
        service.stop()


def drawing(value: int = 100, size: tuple[int, int] = (48, 40), mode: str = "RGB") -> bytes:
    """A PNG of paper with a square of one gray, so that the fake painter's result tells drawings apart."""
    width, height = size
    pixels = np.full((height, width), 255, np.uint8)
    pixels[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4] = value
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, "PNG")
    return buffer.getvalue()


def data_url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def post_v3(app: TestApp, route: str, fields: dict[str, str], *, status: int | None = None):
    """Posts a form as V3's client does, the semicolon after the type included."""
    return app.post(route, fields, content_type=FORM, status=status)


def upload_v3(app: TestApp, picture: bytes, *, method: str = "colorization") -> tuple[str, str]:
    fields = {"room": "new", "step": "new", "sketch": data_url(picture), "method": method}
    room, step = post_v3(app, "/upload_sketch", fields).text.split("_")
    return room, step


def options_v3(points: list | None = None, **changes) -> str:
    data = {"alpha": 0, "points": points or [], "method": "colorization", "lineColor": [0, 0, 0], "line": False,
            "hasReference": False}
    return json.dumps({**data, **changes}, separators=(",", ":"))


def paint_v3(app: TestApp, room: str, step: str, options: str, *, reference: str = "none", status: int | None = None):
    fields = {"room": room, "step": step, "reference": reference, "options": options}
    return post_v3(app, "/request_result", fields, status=status)


def new_room(app: TestApp, picture: bytes, name: str = "drawing.png") -> str:
    return app.post("/api/v1/rooms", upload_files=[("file", name, picture)]).json["room"]


def start_job(app: TestApp, room: str, **asked) -> dict:
    return app.post_json(f"/api/v1/rooms/{room}/jobs", asked, status=202).json


def described_job(app: TestApp, model: str = "style2paints") -> dict[str, Any]:
    """What the description of the interface says that a job of a system can be asked for."""
    document = app.get("/api/v1/openapi.json").json
    post = document["paths"]["/api/v1/rooms/{room}/jobs"]["post"]
    mapping = post["requestBody"]["content"]["application/json"]["schema"]["discriminator"]["mapping"]
    return document["components"]["schemas"][mapping[model].rpartition("/")[2]]["properties"]


def events_of(app: TestApp, job: str) -> list[tuple[str, dict]]:
    """All events of a job until its end."""
    text = app.get(f"/api/v1/jobs/{job}/events").text
    blocks = (block.split("\n") for block in text.split("\n\n") if block.startswith("event: "))
    return [(lines[0][7:], json.loads(lines[1][6:])) for lines in blocks]


def finished(app: TestApp, job: str) -> dict:
    """The job after its end."""
    return events_of(app, job)[-1][1]


def wait_for(condition: Callable[[], Any]) -> Any:
    """Waits until something is so, and returns what it was then."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        gevent.sleep(0.02)
    return found


def wait_for_status(app: TestApp, **wanted: Any) -> dict:
    """The status, once it says all that is wanted."""

    def status() -> dict | None:
        found = app.get("/api/v1/status").json
        return found if all(found[key] == value for key, value in wanted.items()) else None

    return wait_for(status)


def mean_of_a_painting(app: Any, gray: int, *, v3: bool) -> tuple[int, int]:
    """Uploads a drawing of a gray and paints it through V3's protocol or ours.

    Returns: the mean of the painting, and what the stand-in painter makes of that gray.
    """
    if v3:
        room, step = upload_v3(app, drawing(gray))
        room, step = paint_v3(app, room, step, options_v3()).text.split("_")
        body = app.get(f"/rooms/{room}/result.{step}.jpg").body
    else:
        room = new_room(app, drawing(gray))
        body = app.get(finished(app, start_job(app, room)["job"])["result"]["image"]).body
    return int(pixels(body).mean()), round(255 - (255 - gray) * 0.25)
