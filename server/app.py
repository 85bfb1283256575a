"""The application: one table of routes, one form of errors, and the static files."""

from __future__ import annotations

import contextlib
import html
import json
import logging
import os
import re
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import bottle
from bottle import Bottle, HTTPError, HTTPResponse, request, static_file

from s2p import __version__, systems
from s2p.errors import OutputError, S2PError, disk_sentence, one_line

from . import api, compat, gallery, job_routes, one_call, openapi, style_routes, visitors
from .jobs import BusyError
from .openapi import Route
from .place import Place
from .security import CLIENT_POLICY, Guard
from .service import Service

log = logging.getLogger(__name__)

ROUTES: tuple[Route, ...] = (
    *one_call.ROUTES, *api.ROUTES, *job_routes.ROUTES, *style_routes.ROUTES, *gallery.ROUTES, *compat.ROUTES,
)

_ANY_FILE, _ANY_API = "/<path:path>", "/api/<path:path>"  # what no other route takes
_FILE_ERRORS = {403: ("forbidden", "Access denied."), 404: ("not_found", "There is no such file."),
                416: ("bad_range", "This part of the file cannot be had.")}


def make_app(service: Service) -> Guard:
    """The WSGI application of a service."""
    app = Bottle()
    app.default_error_handler = _tell_error  # type: ignore[method-assign]
    for route in ROUTES:
        app.route(route.path, route.method, _wrap(route, service))
    app.route("/api/v1/openapi.json", "GET", _document)
    app.route("/api/docs", "GET", partial(_page, service))
    app.route("/", "GET", partial(_index, service))
    app.route("/s2p", "GET", lambda: HTTPResponse(status=303, headers={"Location": "s2p/"}))
    app.route("/s2p/", "GET", lambda: _client_file(service, "index.html"))
    app.route("/s2p/<path:path>", "GET", lambda path: _client_file(service, path))
    app.route(_ANY_FILE, "GET", partial(_game_file, app, service))
    app.route(_ANY_API, "ANY", lambda path: _refused(app, f"/api/{path}"))
    configuration = service.configuration

    def place() -> Place:
        limits = configuration.limits
        return Place(limits.allowed_hosts, limits.public_url, limits.trusted_proxies)

    return Guard(app, place=place, upload_bytes=lambda: configuration.limits.upload_bytes)


def _wrap(route: Route, service: Service) -> Callable:
    def handle(**parameters: str) -> Any:
        try:
            reply = _reply(route, service, parameters)
        except S2PError as error:
            reply = _error(error.http_status, _code(error), str(error), style=route.style)
            if isinstance(error, BusyError):
                reply.set_header("Retry-After", str(error.retry_after))
            return reply
        except (HTTPResponse, HTTPError):
            raise
        except TimeoutError:
            return _error(408, "timeout", "The request did not arrive in time.", style=route.style)
        except OSError as error:
            log.exception("%s %s failed", route.method, route.path)
            return _error(OutputError.http_status, "output", disk_sentence(error), style=route.style)
        except Exception:
            log.exception("%s %s failed", route.method, route.path)
            message = "Something went wrong in the server; its log has the details."
            return _error(500, "internal_error", message, style=route.style)
        if isinstance(reply, HTTPError):
            return _error(reply.status_code, *_FILE_ERRORS.get(reply.status_code, _FILE_ERRORS[404]), style=route.style)
        if route.style == "text":
            return reply
        if not isinstance(reply, HTTPResponse):
            headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
            reply = HTTPResponse(json.dumps(reply), status=200, headers=headers)
            visitors.remember(reply)
        return reply

    return handle


def _reply(route: Route, service: Service, parameters: dict[str, str]) -> Any:
    """What the handler says; of a room that was deleted under it that, and not that the disk is broken."""
    try:
        return route.handler(service, **parameters)
    except (OutputError, OSError):
        if "room" in parameters:
            service.store.room(parameters["room"])  # raises where it is not there any more
        raise


def _code(error: S2PError) -> str:
    """`WeightsMissingError` -> `weights_missing`; a stable name for programs."""
    name = getattr(error, "code", None) or type(error).__name__
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Error").lstrip("_")).lower().replace("s2_p", "error")


def _error(status: int, code: str, message: str, *, style: str) -> HTTPResponse:
    message = one_line(message)
    if style == "text":
        return HTTPResponse(message, status=status, headers={"Content-Type": "text/plain; charset=UTF-8"})
    body = json.dumps({"error": {"code": code, "message": message}})
    return HTTPResponse(body, status=status, headers={"Content-Type": "application/json", "Cache-Control": "no-store"})


def _tell_error(error: HTTPError) -> str:
    """Errors outside the table: unknown addresses, wrong methods, damaged requests."""
    known = {404: "There is nothing at this address.", 413: "The request is too large.",
               405: f"This address does not take {request.method[:20]}; see the header Allow."}
    message = known.get(error.status_code, str(error.body or "The request failed."))
    if error.exception is not None:
        log.error("a request failed: %s", error.exception)
        message = "Something went wrong in the server; its log has the details."
    if request.path.startswith("/api/"):
        bottle.response.content_type = "application/json"
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "error")
        return json.dumps({"error": {"code": code, "message": message}})
    bottle.response.content_type = "text/plain; charset=UTF-8"
    return message


def _refused(app: Bottle, path: str) -> HTTPError:
    """405 with the methods that an address takes, 404 where it takes none."""
    methods = []
    for method in ("GET", "POST", "PUT", "DELETE"):
        with contextlib.suppress(HTTPError):
            route, _ = app.router.match({"REQUEST_METHOD": method, "PATH_INFO": path})
            methods += [method] if route.rule not in (_ANY_FILE, _ANY_API) else []
    return HTTPError(405, Allow=", ".join(methods)) if methods else HTTPError(404)


def _document() -> HTTPResponse:
    return HTTPResponse(_described(systems.names())[0], status=200, headers={"Content-Type": "application/json"})


def _page(service: Service) -> HTTPResponse:
    """The description for people; its examples have the address under which the page was asked for."""
    asked: Any = request.urlparts
    address = (service.configuration.limits.public_url or f"{asked.scheme}://{asked.netloc}").rstrip("/")
    headers = {"Content-Type": "text/html; charset=UTF-8", "Content-Security-Policy": openapi.PAGE_POLICY}
    page = _described(systems.names())[1].replace(one_call.SERVER, html.escape(address))
    return HTTPResponse(page, status=200, headers=headers)


@lru_cache(maxsize=1)
def _described(names: tuple[str, ...]) -> tuple[str, str]:
    """The description of the interface as JSON and as a page, which take a tenth of a second to be made."""
    return json.dumps(openapi.document(ROUTES, __version__)), openapi.page(ROUTES, __version__, one_call.EXAMPLES)


# Static files ---------------------------------------------------------------------------------------------------------


def _index(service: Service) -> HTTPResponse:
    """V3's client where it is installed, ours otherwise."""
    if (service.store.game / "index.html").is_file():
        return _static(service.store.game, "index.html")
    return _client_file(service, "index.html")


def _game_file(app: Bottle, service: Service, path: str) -> HTTPResponse:
    """A file below `game/`, as in V3; where no V3 client is installed, ours stands in for it."""
    game = service.store.game
    if path.startswith("api/"):
        return _refused(app, f"/{path}")
    if not (game / "index.html").is_file() and not _is_file(game, path) and _is_file(service.client, path):
        return _client_file(service, path)
    return _static(game, path)


def _client_file(service: Service, path: str) -> HTTPResponse:
    headers = {"Content-Security-Policy": CLIENT_POLICY, "Cache-Control": "no-cache"}
    return _static(service.client, path, headers=headers)


def _static(root: Path, path: str, headers: dict[str, str] | None = None) -> HTTPResponse:
    if "\0" in path or any(part.startswith(".") and part not in (".", "..") for part in re.split(r"[/\\]", path)):
        return HTTPError(404, "There is nothing at this address.")
    reply = static_file(path, root=str(root), headers=headers)
    if isinstance(reply, HTTPError):
        return HTTPError(reply.status_code, _FILE_ERRORS.get(reply.status_code, ("", reply.body))[1])
    return reply


def _is_file(root: Path, path: str) -> bool:
    if "\0" in path:
        return False
    inside = os.path.join(os.path.abspath(root), "")
    full = os.path.abspath(os.path.join(inside, path.strip("/\\")))
    return full.startswith(inside) and os.path.isfile(full)
