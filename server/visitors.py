"""Who is asking: a browser by our cookie, others by their address; and whose room it is.

Nobody signs in here. What a room's id does not protect, because ids are passed on, a session may do only to its own.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from typing import Any

from bottle import HTTPResponse, request

from . import place
from .holdings import Holder

_COOKIE = "s2p_session"
# Other programs on this computer leave cookies of whatever form beside ours.
_OURS = re.compile(rf"(?:^|[;,])\s*{_COOKIE}=([0-9a-f]{{32}})\s*(?:$|[;,])")


def cookie() -> str | None:
    """Our cookie of the current request."""
    match = _OURS.search(request.environ.get("HTTP_COOKIE", ""))
    return match[1] if match else None


def address() -> str:
    """Where the current request comes from; `Guard` has seen to proxies."""
    return request.environ.get("REMOTE_ADDR", "")


def is_local() -> bool:
    """True for a request of this computer itself that no proxy has passed on."""
    try:
        return ipaddress.ip_address(address()).is_loopback and "HTTP_X_FORWARDED_FOR" not in request.environ
    except ValueError:
        return False


def household() -> str:
    """Who counts as one when places are given out: cookies and addresses of IPv6 anybody can make up."""
    return place.household(address())


def session() -> str:
    """Whose turn the current request takes: the browser's cookie, or the address of a client without one."""
    return cookie() or address()


def remember(reply: HTTPResponse) -> None:
    """Gives the browser a cookie, so that people behind one address still take turns."""
    if cookie() is None:
        reply.set_cookie(_COOKIE, secrets.token_hex(16), path="/", httponly=True, samesite="strict")


def holder() -> Holder:
    """What a room remembers of whoever makes it; nobody can find the cookie from it."""
    return Holder(_hidden(session()), _hidden(household()), is_guest=not is_local())


def owns(mark: dict[str, Any]) -> bool:
    """True if the current request comes from whoever made the room with this mark.

    A room that remembers nobody was made by V3 or an older version; it belongs to whoever sits at this computer.
    """
    known = mark.get("owner")
    if known is None:
        return is_local()
    return known in {_hidden(name) for name in (cookie(), address()) if name}


def _hidden(name: str) -> str:
    return hashlib.sha256(f"room owner {name}".encode("utf-8", "replace")).hexdigest()
