"""Who may speak to a server on somebody's own computer, and how much they may send.

A web page anywhere can make a browser send requests to `localhost`. Two facts keep such pages out: their requests carry
an `Origin` (or `Sec-Fetch-Site`) that is not ours, and a page that points its own name at 127.0.0.1 (DNS rebinding)
carries that name in `Host`. Programs such as curl or V3's Android client send no `Origin` and pass.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from s2p.errors import one_line, shown

from .place import Place

LEGACY_BODY = 10_000_000
JSON_BODY = 1_000_000  # 4096 hints take less than half of it
MULTIPART_EXTRA = 64_000
_RANGE_LETTERS = 100
_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
_LOCAL_NAMES = ("localhost", "localhost.localdomain")

# Our own pages load nothing from anywhere else, and no other page may show them in a frame.
CLIENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Frame-Options", "SAMEORIGIN"),
)
_STATUS = {400: "Bad Request", 403: "Forbidden", 411: "Length Required", 413: "Content Too Large"}


def host_name(host: str) -> str | None:
    """The name in a `Host` header without its port, in lower case; None where the header is malformed."""
    try:
        parts = urlsplit("//" + host)
        parts.port  # noqa: B018  raises for a port that is no number
    except ValueError:
        return None
    name = parts.hostname
    return name.rstrip(".") if name and not parts.path and not parts.query and "@" not in host else None


def is_own_host(host: str, allowed: Iterable[str]) -> bool:
    """True for addresses, local names, this computer's name, and the allowed names; other names may be rebound."""
    name = host_name(host)
    if name is None:
        return False
    if name in _LOCAL_NAMES or name.endswith(".localhost") or name in allowed:
        return True
    try:
        ipaddress.ip_address(name)
        return True
    except ValueError:
        own = socket.gethostname().lower()
        return bool(own) and name in (own, own.split(".")[0], f"{own.split('.')[0]}.local")


def is_same_origin(environ: dict[str, Any], public_url: str = "") -> bool:
    """False where a browser says that another site's page made this request."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return environ.get("HTTP_SEC_FETCH_SITE", "none") in ("none", "same-origin")
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    own = {_netloc(environ.get("HTTP_HOST", ""), parts.scheme)}
    public = urlsplit(public_url)
    if public.scheme == parts.scheme:
        own.add(_netloc(public.netloc, parts.scheme))
    return _netloc(parts.netloc, parts.scheme) in own


def _netloc(netloc: str, scheme: str) -> str:
    default = ":443" if scheme == "https" else ":80"
    return netloc.lower().removesuffix(default)


class Guard:
    """WSGI middleware: refuses foreign requests and oversized bodies, cleans one header, adds the safe ones.

    Args:
        app: the application.
        place: tells where the server stands.
        upload_bytes: gives the largest upload of the own interface.
    """

    def __init__(self, app: Callable, *, place: Callable[[], Place], upload_bytes: Callable[[], int]) -> None:
        self._app, self._place, self._upload_bytes = app, place, upload_bytes

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        # V3's client ends this header with a semicolon, which Bottle 0.13 does not understand.
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = environ["CONTENT_TYPE"].rstrip("; \t")
        # Bottle takes `post` for POST, and so must whoever asks what may be posted.
        environ["REQUEST_METHOD"] = environ["REQUEST_METHOD"].upper()
        if len(environ.get("HTTP_RANGE", "")) > _RANGE_LETTERS:
            del environ["HTTP_RANGE"]  # one may be given, and each of thousands is looked at; all is an answer, too
        place = self._place()
        is_bare = place.lacks_slash(environ.get("PATH_INFO", ""))
        place.locate(environ)
        refusal = self._refusal(environ, place)
        if refusal is not None:
            return _refuse(environ, start_response, *refusal)
        if is_bare and environ["REQUEST_METHOD"] == "GET":
            start_response("303 See Other", [("Location", place.public_url), ("Content-Length", "0"), *_HEADERS])
            return [b""]

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            present = {name.lower() for name, _ in headers}
            headers = [*headers, *(pair for pair in _HEADERS if pair[0].lower() not in present)]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self._app(environ, start)

    def _refusal(self, environ: dict[str, Any], place: Place) -> tuple[int, str] | None:
        host = environ.get("HTTP_HOST")
        if host is not None and not is_own_host(host, place.hosts):
            return 403, (
                f"This server was called by the name {shown(host)}, which it does not know. Use its address, or add "
                "the name to allowed_hosts in config.ini (--allowed-hosts, S2P_ALLOWED_HOSTS)."
            )
        if environ["REQUEST_METHOD"] not in _UNSAFE:
            return None
        if not is_same_origin(environ, place.public_url):
            origin = environ.get("HTTP_ORIGIN", "another site")
            return 403, (
                f"Requests from pages of other sites are refused. This one comes from {shown(origin)}, and the server "
                f"was called as {shown(host)}. If a proxy stands between, set public_url or trusted_proxies in "
                "config.ini."
            )
        return self._body_refusal(environ)

    def _body_refusal(self, environ: dict[str, Any]) -> tuple[int, str] | None:
        if environ.get("HTTP_TRANSFER_ENCODING"):
            return 411, "The length of the request must be stated (Content-Length)."
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = -1
        if length < 0:
            return 400, "Content-Length must be a whole number."
        limit = self._limit(environ)
        if length > limit:
            return 413, f"The request is too large: {length / 1e6:.1f} MB, at most {limit / 1e6:.1f} MB are accepted."
        return None

    def _limit(self, environ: dict[str, Any]) -> int:
        if not environ.get("PATH_INFO", "").startswith("/api/"):
            return LEGACY_BODY
        is_multipart = environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data")
        return self._upload_bytes() + MULTIPART_EXTRA if is_multipart else JSON_BODY


def _refuse(environ: dict[str, Any], start_response: Callable, status: int, message: str) -> list[bytes]:
    message = one_line(message)
    if environ.get("PATH_INFO", "").startswith("/api/"):
        code = {403: "forbidden", 411: "length_required", 413: "too_large"}.get(status, "bad_request")
        body, kind = json.dumps({"error": {"code": code, "message": message}}).encode(), "application/json"
    else:
        body, kind = message.encode(), "text/plain; charset=UTF-8"
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), *_HEADERS]
    if status in (411, 413):
        headers.append(("Connection", "close"))  # what was not read must not be taken for the next request
    start_response(f"{status} {_STATUS[status]}", headers)
    return [body]
