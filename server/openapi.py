"""The description of the interface, made from the same table of routes that answers the requests."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from s2p import systems
from s2p.brush import MAX_PATH, MAX_STROKES, MAX_WIDTH
from s2p.systems import DEFAULT, USES


@dataclass(frozen=True)
class Route:
    """One line of the table.

    Attributes:
        method, path: HTTP method and path in Bottle's notation.
        handler: takes the service and the path's parameters.
        summary: one sentence.
        tag: heading under which the route is described.
        form: field name -> description, of a form body; a field named `file` is a picture.
        media: media type of the form.
        body: makes the model of a JSON body, a union of one for each system (`server.requests.union`).
        query: parameter name -> description.
        returns: status -> description or name of a schema.
        style: how errors are told: `json`, or `text` for V3's clients.
    """

    method: str
    path: str
    handler: Callable
    summary: str
    tag: str = "s2p"
    form: dict[str, str] = field(default_factory=dict)
    media: str = "multipart/form-data"
    body: Callable[[], TypeAdapter[Any]] | None = None
    query: dict[str, str] = field(default_factory=dict)
    returns: dict[int, str] = field(default_factory=dict)
    style: str = "json"

    @property
    def open_path(self) -> str:
        """The path in OpenAPI's notation: `/rooms/{room}`."""
        return re.sub(r"<([a-z_]+)(?::[^>]*)?>", r"{\1}", self.path)

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"<([a-z_]+)", self.path)


_TEXT = {"type": "string"}
_URL = {"type": "string", "format": "uri-reference"}
_OPTIONAL_NUMBER = {"type": ["number", "null"]}
_SCHEMA = "#/components/schemas/{model}"
SCHEMAS: dict[str, Any] = {
    "Error": {"type": "object", "required": ["error"], "properties": {"error": {
        "type": "object", "required": ["code", "message"], "properties": {"code": _TEXT, "message": _TEXT}}}},
    "Hint": {"type": "object", "required": ["x", "y", "color"], "properties": {
        "x": {"type": "number", "minimum": 0, "maximum": 1, "description": "from the left"},
        "y": {"type": "number", "minimum": 0, "maximum": 1, "description": "from the top"},
        "color": {"type": "string", "example": "#77ee00"}, "kind": {"enum": ["draft", "exact"]},
        "brush": {"type": "array", "maxItems": MAX_STROKES, "items": {"$ref": "#/components/schemas/BrushStroke"},
                  "description": "widens or narrows the region of the hint, where drawings are filled"}}},
    "BrushStroke": {"type": "object", "required": ["width", "path"], "properties": {
        "adds": {"type": "boolean", "default": True, "description": "to the region of the hint; false: takes from it"},
        "width": {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_WIDTH, "description": "in short edges"},
        "path": {"type": "array", "minItems": 1, "maxItems": MAX_PATH, "description": "x and y of places, as of hints",
                 "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}}}}},
    "Room": {"type": "object", "properties": {
        "room": _TEXT, "width": {"type": "integer"}, "height": {"type": "integer"}, "sketch": _URL,
        "taken": {**_TEXT, "description": "what was taken of several pages or layers, in a sentence"},
        "picked": {"type": ["object", "null"], "description": "the same in figures", "properties": {
            "page": {"type": ["integer", "null"]}, "layer": {"type": ["string", "null"], "description": "null: all"},
            "layers": {"type": "array", "items": _TEXT, "description": "topmost first"},
            "was_asked": {"type": "boolean", "description": "all together were asked for"}}},
        "prepared": {"type": "object", "additionalProperties": _URL},
        "references": {"type": "array", "items": {"type": "object", "properties": {"id": _TEXT, "url": _URL}}},
        "results": {"type": "array", "items": {"$ref": "#/components/schemas/Result"}}}},
    "Result": {"type": "object", "properties": {
        "id": _TEXT, "created": {"type": "string", "format": "date-time"}, "model": _TEXT, "method": _TEXT,
        "mix": {"type": "number"},
        "lines": {"type": ["string", "null"], "description": "tinted, as-drawn, coloured or none; null by V3's client"},
        "shading": {**_OPTIONAL_NUMBER, "description": "of filled drawings, 0 to 1"},
        "line_color": {"type": ["string", "null"]}, "zoom": _OPTIONAL_NUMBER, "hints_count": {"type": "integer"},
        "width": {"type": ["integer", "null"]}, "height": {"type": ["integer", "null"]},
        "image": _URL, "icon": {"type": ["string", "null"]}, "hints": _URL,
        "live": {"type": "boolean", "description": "painted after the hand; the next live painting takes its place"},
        "composition": {"type": ["string", "null"]}, "draft": {"type": ["string", "null"]},
        "exports": {"type": "object", "additionalProperties": _URL},
        "files": {"type": "object", "additionalProperties": _URL, "description": "what else the model made, by its "
                                                                                "ending: json, svg, mp4"},
        "originals": {"type": "object", "additionalProperties": _URL, "description": "at the size of the upload"},
        "apart": {"type": "boolean", "description": "colours are known without lines and can be had alone"},
        "seconds": _OPTIONAL_NUMBER,
        "unfound": {"type": "array", "items": _TEXT, "description": "tags whose things do not seem to be in it"},
        "untrained": {"type": "array", "items": _TEXT}}},
    "Job": {"type": "object", "properties": {
        "job": _TEXT, "room": _TEXT, "kind": {"enum": ["paint", "prepare", "preview", "lines", "suggest", "choices"]},
        "state": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
        "position": {"type": "integer", "description": "place in the queue, 1 is next; 0 when it has left the queue"},
        "stage": {"type": ["string", "null"]}, "fraction": {"type": "number"}, "seconds_left": _OPTIONAL_NUMBER,
        "error": {"oneOf": [{"type": "null"}, {"type": "object", "properties": {"code": _TEXT, "message": _TEXT}}]},
        "result": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Result"}]},
        "hints": {"oneOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#/components/schemas/Hint"}}],
                  "description": "of suggest: new hints for the large regions that had none"},
        "choices": {"oneOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#/components/schemas/Choice"}}],
                    "description": "of choices: each to be painted together with the hints that were sent; the "
                                   "likeliest first"}}},
    "Choice": {"type": "object", "properties": {
        "hints": {"type": "array", "items": {"$ref": "#/components/schemas/Hint"},
                  "description": "new ones, for the regions that had none"},
        "image": {**_URL, "description": "a small painting with them; it is kept until newer choices are thought of"}}},
    "Regions": {"type": "object", "properties": {
        "image": {**_URL, "description": "a PNG whose pixels are numbers, red * 65536 + green * 256 + blue. Upper "
                                         "half: the region, from 0 on. Lower half: 1/256 px to the nearest ink, at "
                                         "most 4095"},
        "width": {"type": "integer", "description": "of the drawing, in the upper left corner of each half"},
        "height": {"type": "integer"}, "count": {"type": "integer", "description": "of regions"},
        "grounds": {"type": "array", "items": {"type": "integer"},
                    "description": "the regions that figures stand before; a point on a line means another"}}},
    "Sample": {"type": "object", "properties": {
        "name": _TEXT, "title": _TEXT, "sketch": _URL, "result": {"type": ["string", "null"]},
        "hints": {"type": ["string", "null"]}, "width": {"type": ["integer", "null"]},
        "height": {"type": ["integer", "null"]}}},
    "Status": {"type": "object", "properties": {
        "version": _TEXT, "ready": {"type": "boolean"},
        "worker": {"enum": ["starting", "ready", "busy", "restarting", "failed", "stopped"]},
        "problem": {"type": ["string", "null"]},
        "networks": {"type": "array", "items": {"type": "object"}, "description": f"of the model {DEFAULT}"},
        "untrained": {"type": "boolean", "description": "whether any of those is; of others, `models` tells"},
        "settings": {"type": "object"}, "limits": {"type": "object"},
        "models": {"type": "array", "items": {"type": "object", "properties": {
            "name": _TEXT, "title": _TEXT, "about": _TEXT, "uses": {"type": "array", "items": {"enum": list(USES)}},
            "by_words": {"type": "boolean"},
            "trained": {"type": ["boolean", "null"]},
            "untrained": {"type": "array", "items": _TEXT, "description": "its networks that are not trained"}}}},
        "allow_url": {"type": "boolean", "description": "pictures may be opened by their web address"},
        "fills": {"type": "boolean", "description": "line art is filled region by region: choices are offered, and "
                                                    "draft and exact hints mean the same"},
        "lacks": {"type": "array", "items": _TEXT,
                  "description": "networks without weights, for want of which line art is not filled"},
        "preview": {"type": "boolean", "description": "previews are quick enough to follow a hand"},
        "preview_seconds": _OPTIONAL_NUMBER,
        "painted": {"type": "integer", "description": "pictures painted since this server was set up"}}},
}


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.open_path, {})[route.method.lower()] = _operation(route)
        parts |= {} if route.body is None else _body(route.body)[1]
    known = {**SCHEMAS, **parts, "Result": _result()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "s2p", "version": version, "license": {"name": "Apache-2.0"},
                 "description": "Line art into colour. Coordinates are fractions from the top-left corner; V3's routes "
                                "count y from the bottom."},
        "paths": paths,
        "components": {"schemas": known},
    }


def _result() -> dict[str, Any]:
    """The schema of a painting, with what systems of their own were asked for."""
    own = [(system.name, made) for system in systems.SYSTEMS if (made := system.options_class())]
    named = {name: {"oneOf": [{"type": "null"}, {"$ref": _SCHEMA.format(model=made.__name__)}]} for name, made in own}
    return {**SCHEMAS["Result"], "properties": {**SCHEMAS["Result"]["properties"], **named}}


def _body(body: Callable[[], TypeAdapter[Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of a JSON body, and those of its parts, which it names."""
    schema = body().json_schema(ref_template=_SCHEMA)
    return schema, schema.pop("$defs", {})


def _operation(route: Route) -> dict[str, Any]:
    name = f"{route.method.lower()}{re.sub(r'[^A-Za-z]+', '_', route.path)}".rstrip("_")
    operation: dict[str, Any] = {"operationId": name, "summary": route.summary, "tags": [route.tag]}
    parameters = [{"name": p, "in": "path", "required": True, "schema": _TEXT} for p in route.parameters]
    parameters += [{"name": p, "in": "query", "description": text, "schema": _TEXT} for p, text in route.query.items()]
    if parameters:
        operation["parameters"] = parameters
    if route.form:
        properties = {
            name: {"description": text, "type": "string", **({"format": "binary"} if name == "file" else {})}
            for name, text in route.form.items()
        }
        schema = {"type": "object", "properties": properties}
        operation["requestBody"] = {"required": True, "content": {route.media: {"schema": schema}}}
    elif route.body is not None:
        schema, _ = _body(route.body)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    operation["responses"] = {str(status): _response(text) for status, text in route.returns.items()}
    if route.style == "json":
        operation["responses"]["default"] = _response("Error")
    else:
        operation["responses"]["default"] = {
            "description": "A sentence.", "content": {"text/plain": {"schema": _TEXT}}
        }
    return operation


def _response(text: str) -> dict[str, Any]:
    if text in ("file", "picture"):
        binary = {"schema": {"type": "string", "format": "binary"}}
        return {"description": text, "content": {"application/octet-stream": binary}}
    name, _, rest = text.partition("[]")
    if name not in SCHEMAS or rest:
        return {"description": text}
    reference: dict[str, Any] = {"$ref": f"#/components/schemas/{name}"}
    schema = {"type": "array", "items": reference} if text.endswith("[]") else reference
    return {"description": text, "content": {"application/json": {"schema": schema}}}


_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .6rem .8rem .6rem 0; }
td { vertical-align: top; }
td:first-child { width: 4.5rem; font-weight: 600; } code { font-size: .9em; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .8rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
small { display: block; opacity: .8; } a { color: inherit; }
@media (max-width: 40rem) { td { display: block; border: 0; padding: 0; } tr { display: block; padding: .7rem 0; } }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGE_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"


def page(routes: Iterable[Route], version: str, examples: dict[str, str] | None = None) -> str:
    """The same description for people, with examples by their titles and a form to try the first of them."""
    sections: dict[str, list[str]] = {}
    for route in routes:
        sections.setdefault(route.tag, []).append(_row(route))
    body = "".join(
        f"<h2>{html.escape(tag)}</h2><table>{''.join(rows)}</table>" for tag, rows in sections.items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>s2p interface</title><style>{_STYLE}</style><h1>s2p {html.escape(version)}: the interface</h1>"
        f'<p>Errors are <code>{{"error": {{"code", "message"}}}}</code> with a fitting status. '
        f'The same for programs: <a href="v1/openapi.json">OpenAPI document</a>.</p>'
        f"{_shown(examples or {})}{body}</html>"
    )


def _shown(examples: dict[str, str]) -> str:
    """Examples, and a form that sends a picture without any script."""
    if not examples:
        return ""
    escaped = [(html.escape(title), html.escape(text)) for title, text in examples.items()]
    texts = "".join(f"<h2>{title}</h2><pre>{text}</pre>" for title, text in escaped)
    return (
        '<h2>Try it</h2><form method="post" action="v1/colorize" enctype="multipart/form-data">'
        '<label>Drawing <input type="file" name="file" accept="image/*" required></label> '
        f"<button>Paint</button></form>{texts}"
    )


def _fields_of_systems(body: Callable[[], TypeAdapter[Any]]) -> list[str]:
    """A line for each model: what it can be asked for."""
    schema, parts = _body(body)
    lines = []
    for reference in schema["oneOf"]:
        fields = dict(parts[reference["$ref"].rpartition("/")[2]]["properties"])
        model = fields.pop("model")["const"]
        named = [name + _choices(about, parts) for name, about in fields.items()]
        lines.append(f"JSON, model {model}: {', '.join(named)}")
    return lines


def _choices(about: dict[str, Any], parts: dict[str, Any]) -> str:
    """Words that a field takes, or names of the fields that it has."""
    for one in (about, *about.get("anyOf", ())):
        if "enum" in one:
            return f" ({', '.join(one['enum'])})"
        if "$ref" in one:
            return f" ({', '.join(parts[one['$ref'].rpartition('/')[2]]['properties'])})"
    return ""


def _row(route: Route) -> str:
    details = [f"{name}: {text}" for name, text in {**route.form, **route.query}.items()]
    if route.body is not None:
        details += _fields_of_systems(route.body)
    details += [f"{status}: {text}" for status, text in route.returns.items()]
    small = "".join(f"<small>{html.escape(text)}</small>" for text in details)
    return (
        f"<tr><td>{route.method}</td><td><code>{html.escape(route.open_path)}</code></td>"
        f"<td>{html.escape(route.summary)}{small}</td></tr>"
    )
