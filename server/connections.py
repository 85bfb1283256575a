"""Connections: how many there may be, how slow they may be, and who has to go when one more wants in.

Nobody can shut others out by holding connections open. A request has to come within a time that grows only with what
really arrived. When no place is left, a connection that does nothing for anybody is closed: first those that have
sent no request, then bodies that trickle, then streams of events, whose clients come back by themselves, then answers
that nobody takes; the oldest of whoever holds most. A request that is being worked on is never cut off. Some places
are kept for this computer.
"""

from __future__ import annotations

import io
import ipaddress
import logging
import re
import socket
import time
from collections import Counter
from collections.abc import Callable
from email.errors import MissingHeaderBodySeparatorDefect
from http.client import HTTPException
from typing import Any, BinaryIO

import gevent
from gevent.pywsgi import Input, WSGIHandler, WSGIServer

from s2p.errors import one_line

from .place import household, plain_address

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 256
MAX_PER_ADDRESS = 96  # of another computer
KEPT_FOR_LOCAL = 32
HEADER_SECONDS = 20.0
HEADER_BYTES = 32_000  # of all headers; as much as nginx takes
KIND_BYTES = 500  # of the header `Content-Type`, whose parameters are parsed in the square of their length
IDLE_SECONDS = 120.0  # between two requests, and for a client that takes nothing
BODY_SECONDS = 20.0  # for the first byte, and then on top of what the rate gives
BODY_RATE = 8_000  # bytes per second that a body has to keep up
DISCARDED_BYTES = 600_000_000  # of a body that was refused: browsers and nginx read the answer after they have sent all
_DISCARDED_PIECE = 1 << 18
_OTHERS = 0.001  # seconds between two pieces, or requests; what is all there would else be read without a pause
SENDING_SECONDS = 30.0  # an answer that takes longer may be cut off for others
_LENGTH = re.compile("[0-9]{1,18}")
WAITING, BODY, STREAM, SENDING, WORKING = range(5)  # what a connection does, in the order in which they have to go
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n"
    b"Too many connections are open. Try again in a minute.\n"
)


class Connection:
    """One connection: whose it is, what it does, and since when."""

    def __init__(self, sock: Any, address: str) -> None:
        self.sock, self.address, self.is_local = sock, household(address), _is_local(address)
        self.greenlet: Any = gevent.getcurrent()
        self.state, self.since = WAITING, time.monotonic()

    def becomes(self, state: int) -> None:
        if state != self.state:
            self.state, self.since = state, time.monotonic()

    @property
    def may_go(self) -> bool:
        return self.state < SENDING or (self.state == SENDING and time.monotonic() - self.since > SENDING_SECONDS)

    def close(self) -> None:
        """From outside: whatever waits for this socket ends."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            log.debug("a connection was gone already")
        self.greenlet.kill(block=False)


def _is_local(address: str) -> bool:
    try:
        return ipaddress.ip_address(plain_address(address)).is_loopback
    except ValueError:
        return True  # a socket of this computer's file system


class Connections:
    """All open connections, and the rules of who gets in.

    Args:
        most: number of places.
        most_of_one: of them for one address that is not this computer's.
        kept: places that only this computer's own connections may take.
    """

    def __init__(self, most: int = MAX_CONNECTIONS, most_of_one: int = MAX_PER_ADDRESS,
                 kept: int = KEPT_FOR_LOCAL) -> None:
        self.most, self.most_of_one, self.kept = most, most_of_one, kept
        self._open: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: Connection) -> bool:
        """Lets a connection in, at the cost of another where there is no place; False where there is none at all."""
        if not connection.is_local:
            same = [other for other in self._open if other.address == connection.address]
            if len(same) >= self.most_of_one and not self._close_one(same):
                return False
            if len(self._others()) >= self.most - self.kept and not self._close_one(self._others()):
                return False
        if len(self) >= self.most and not self._close_one(self._others()) and not self._close_one(list(self._open)):
            return False
        self._open.add(connection)
        return True

    def _others(self) -> list[Connection]:
        return [other for other in self._open if not other.is_local]

    def leave(self, connection: Connection) -> None:
        self._open.discard(connection)

    def _close_one(self, among: list[Connection]) -> bool:
        idle = [one for one in among if one.may_go]
        if not idle:
            return False
        held = Counter(one.address for one in idle)
        victim = min(idle, key=lambda one: (one.state, -held[one.address], one.since))
        self.leave(victim)
        victim.close()
        return True


class PacedInput(Input):
    """The body of a request, which has to keep up a rate; raises `TimeoutError` where it does not."""

    __slots__ = ("connection", "started")
    # gevent does not declare what of its `Input` can be overridden; tests/test_server_connections.py sees it work.

    def __init__(self, body: Input, connection: Connection) -> None:
        super().__init__(body.rfile, body.content_length, body.socket, body.chunked_input)
        self.connection, self.started = connection, time.monotonic()

    def _do_read(self, length: int | None = None, use_readline: bool = False) -> bytes:
        patience = self.started + BODY_SECONDS + self.position / BODY_RATE - time.monotonic()
        self.connection.becomes(BODY)
        with gevent.Timeout(max(patience, 0.01), TimeoutError("a request did not arrive in time")):
            data = super()._do_read(length, use_readline)  # pyright: ignore[reportAttributeAccessIssue]
        if self.position >= (self.content_length or 0):
            self.connection.becomes(WORKING)
        return data

    def _discard(self) -> None:
        """Reads what nobody wanted, as long as that is quick; otherwise the connection has to end."""
        left = (self.content_length or 0) - self.position
        if self.chunked_input or left > DISCARDED_BYTES:
            raise TimeoutError("a refused request is not read to its end")
        self.started = time.monotonic() - self.position / BODY_RATE
        self.send_100_continue_enabled = False
        while left > 0:
            left -= len(self._do_read(min(left, _DISCARDED_PIECE)))
            gevent.sleep(_OTHERS)

    def forget(self) -> None:
        """Nothing more is read."""
        self.chunked_input, self.content_length = False, 0


def _counted(lines: BinaryIO) -> io.BytesIO:
    """The lines of the headers; raises `ValueError` where they are too long. What parses them takes a while for each.

    A line that goes on with the next one is refused, which HTTP allows: who counts lines counts it wrongly.
    """
    taken, size, line = [], 0, b"-"
    while line not in (b"\r\n", b"\n", b""):
        line = lines.readline(HEADER_BYTES)
        taken.append(line)
        size += len(line)
        is_kind = line[:13].lower() == b"content-type:"
        if size >= HEADER_BYTES or line[:1] in (b" ", b"\t") or (is_kind and len(line) > KIND_BYTES):
            raise ValueError("the headers are too long")
    return io.BytesIO(b"".join(taken))


class Handler(WSGIHandler):
    """Reads requests within the limits, and says what its connection does."""

    server: Server
    connection: Connection
    body: PacedInput
    requests_count = 0

    def handle(self) -> None:
        self.connection = Connection(self.socket, str(self.client_address[0]) if self.client_address else "")
        is_in = self.server.connections.enter(self.connection)
        self.socket.settimeout(IDLE_SECONDS)
        try:
            if not is_in:
                self.socket.sendall(_FULL)
                self.socket.close()
                return
            super().handle()
        except OSError as error:  # TimeoutError too: it was slow, or had to go while something was said to it
            log.debug("a connection is closed (%s)", type(error).__name__)
        finally:
            self.server.connections.leave(self.connection)

    def read_requestline(self) -> str:
        if self.requests_count:
            gevent.sleep(_OTHERS)  # those after the first may be here already, thousands in one piece
        self.requests_count += 1
        self.connection.becomes(WAITING)
        with gevent.Timeout(IDLE_SECONDS, TimeoutError("no request came")):
            return super().read_requestline()

    def MessageClass(self, lines: Any, *arguments: Any) -> Any:
        """The headers, which are no longer than they may be, and say in one way where the request ends.

        A proxy may understand the other one, and then hands over somebody's body as the next request.

        Raises:
            ValueError: there are too many, or what they mean is not clear.
        """
        try:
            headers = super().MessageClass(_counted(lines), *arguments)
        except HTTPException as error:
            raise ValueError(f"the headers are too many ({error})") from None
        lengths, codings = headers.get_all("content-length", []), headers.get_all("transfer-encoding", [])
        is_plain = all(map(_LENGTH.fullmatch, lengths)) and all(coding.lower() == "chunked" for coding in codings)
        is_cut = any(isinstance(one, MissingHeaderBodySeparatorDefect) for one in headers.defects)
        if not is_plain or is_cut or len(lengths) + len(codings) > 1:
            raise ValueError("the length of the request is not clear")
        return headers

    def read_request(self, raw_requestline: str) -> Any:
        # A ValueError is what the base class answers with 400, and ends the connection after; others it prints.
        try:
            with gevent.Timeout(HEADER_SECONDS, ValueError("the headers did not arrive in time")):
                return super().read_request(raw_requestline)
        except OSError:
            raise ValueError("the connection ended") from None

    def log_error(self, msg: str, *args: Any) -> None:
        """What clients do wrong does not fill the log."""
        log.debug("%s", one_line(msg % args if args else msg))

    def get_environ(self) -> dict[str, Any]:
        environ = super().get_environ()
        plain: Any = self.wsgi_input
        self.body = self.wsgi_input = environ["wsgi.input"] = PacedInput(plain, self.connection)
        return environ

    def handle_one_response(self) -> None:
        self.connection.becomes(WORKING)
        super().handle_one_response()

    def run_application(self) -> None:
        try:
            super().run_application()
        finally:
            self._discard_or_close()

    def _discard_or_close(self) -> None:
        try:
            self.body._discard()
        except OSError:  # TimeoutError too: nothing after it on this connection can be understood
            self.close_connection = True
            self.body.forget()

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable:
        if any(name.lower() == "content-type" and value.startswith("text/event-stream") for name, value in headers):
            self.connection.becomes(STREAM)
        else:
            self.connection.becomes(SENDING)
        return super().start_response(status, headers, exc_info)


class Server(WSGIServer):
    """A WSGI server that lets in whom `Connections` lets in."""

    handler_class = Handler
    backlog = 4096  # connections that wait to be accepted: a thousand at once keep nobody waiting for a second try

    def __init__(self, *arguments: Any, connections: Connections | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.connections = connections or Connections()
