"""What clients see of rooms and paintings."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from s2p import __version__, own_sets, systems
from s2p.schema import METHODS

from .bodies import off_the_loop
from .jobs import PREVIEW
from .rooms import STEP_ID, Room

if TYPE_CHECKING:
    from .service import Service

FORMATS = ("png", "jpg", "webp", "tif", "psd", "ora")


def room_url(room: str) -> str:
    return f"/api/v1/rooms/{room}"


def changes(name: str) -> bool:
    """Whether a file of a room is written anew: sketches, previews, and the strokes that are laid so far."""
    return name.startswith(("sketch.", "laid.")) or PREVIEW in name


def file_url(room: Room, name: str) -> str:
    """The address of a file; that of one that changes changes with it."""
    address = f"{room_url(room.id)}/files/{name}"
    if changes(name) and room.has(name):  # what a job shows on its way may be gone with it
        address += f"?v={room.file(name).stat().st_mtime_ns:x}"
    return address


def describe_result(room: Room, record: dict[str, Any]) -> dict[str, Any]:
    step = record["id"]

    def picture(kind: str) -> str | None:
        name = f"{kind}.{step}.jpg"
        return file_url(room, name) if room.has(name) else None

    results = f"{room_url(room.id)}/results/{step}"
    exports = {format: f"{results}.{format}" for format in FORMATS}
    keys = ("id", "method", "mix", "lines", "line_color", "shading", "zoom", "super_resolution", "reference", "seconds",
            "untrained", "width", "height", "output_size", "intake", "invert", "weights_set",
            *(system.name for system in systems.SYSTEMS if system.options))
    return {
        **{key: record.get(key) for key in keys}, "created": moment_text(record["created"]),
        "corrected": record.get("corrected", []), "unfound": record.get("unfound", []),
        "model": record.get("model", systems.DEFAULT), "live": record.get("live", False),
        "hints_count": record["hints_count"], "image": picture("result"), "composition": picture("composition"),
        "draft": picture("draft"), "icon": picture("icon"), "hints": f"{results}/hints", "exports": exports,
        "files": {end: file_url(room, name) for end in systems.FILES if room.has(name := f"file.{step}.{end}")},
        "apart": room.has(f".colours.{step}.png"),
        "originals": {format: f"{address}?size=original" for format, address in exports.items()},
    }


def describe_room(service: Service, room: Room) -> dict[str, Any]:
    mark = service.store.mark(room)
    references = [
        {"id": path.name.split(".")[1], "url": file_url(room, path.name)}
        for path in sorted(room.folder.glob("reference.*.jpg")) if STEP_ID.fullmatch(path.name.split(".")[1])
    ]
    return {
        "room": room.id, "name": mark.get("name", ""), "width": mark.get("width"), "height": mark.get("height"),
        "taken": mark.get("taken", ""), "picked": mark.get("picked"),
        "sketch": file_url(room, "sketch.original.jpg") if room.has("sketch.original.jpg") else None,
        "corrected": mark.get("corrected", []),
        "corrected_sketch": file_url(room, "sketch.corrected.jpg") if room.has("sketch.corrected.jpg") else None,
        "prepared": {m: file_url(room, f"sketch.{m}.jpg") for m in METHODS if room.has(f"sketch.{m}.jpg")},
        "references": references,
        "results": [describe_result(room, record) for record in service.store.results(room)],
    }


def moment_text(moment: float) -> str:
    """`2026-11-21T02:40:00Z`."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def describe_status(service: Service) -> dict[str, Any]:
    """State of the server, its networks and its settings; the sets of weights that there are now."""
    settings, limits, lane = service.configuration.settings, service.configuration.limits, service.painting
    networks = lane.about.get("networks", [])
    unknown = [{**system.describe(), "trained": None, "untrained": []} for system in systems.SYSTEMS]
    return {
        "version": __version__, "ready": lane.state in ("ready", "busy"), "worker": lane.state,
        "problem": lane.problem or service.configuration.problem, "networks": networks,
        "untrained": any(not network["trained"] for network in networks),
        "models": lane.about.get("models", unknown), "fills": bool(lane.about.get("fills")),
        "lacks": lane.about.get("lacks", []), "preview": bool(lane.about.get("preview")),
        "preview_seconds": lane.about.get("preview_seconds"),
        "settings": {"zoom": settings.zoom, "super_resolution": settings.super_resolution, "lines": settings.lines,
                     "line_color": settings.line_color, "shading": settings.shading,
                     "weights_set": settings.weights_set},
        "weights_sets": off_the_loop(own_sets.names),
        "limits": {"upload_bytes": limits.upload_bytes, "max_pixels": limits.max_pixels},
        "allow_url": limits.allow_url, "painted": service.counter.value, "queued": len(lane.queue),
    }
