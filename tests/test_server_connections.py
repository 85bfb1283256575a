"""Slow and idle connections shut nobody out."""

from __future__ import annotations

import io
import select
import socket
import time
import types
from pathlib import Path

import gevent
import pytest

from server import connections
from server.connections import BODY, SENDING, STREAM, WAITING, WORKING, Connection, Connections


class Socket:
    def shutdown(self, how) -> None:
        pass


def test_a_burst_of_connections_waits_and_is_not_turned_away():
    limit = Path("/proc/sys/net/core/somaxconn")
    if not limit.exists() or int(limit.read_text()) < 1024:
        pytest.skip("this system lets fewer connections wait")
    server = connections.Server(("127.0.0.1", 0), lambda environ, start: [])
    server.init_socket()  # nobody accepts any yet
    guests = [socket.socket() for _ in range(400)]
    try:
        for guest in guests:
            guest.setblocking(False)
            guest.connect_ex(server.socket.getsockname())
        poll = select.poll()
        for guest in guests:
            poll.register(guest, select.POLLOUT)
        assert len(poll.poll(500)) == len(guests), "a second try comes after a second"
    finally:
        for guest in (*guests, server.socket):
            guest.close()


@pytest.fixture
def enter(monkeypatch):
    """Lets a connection in and says what it does; closing it is noted in `closed`."""
    monkeypatch.setattr(Connection, "close", lambda self: self.__dict__.update(closed=True))

    def enter(places: Connections, address: str = "10.0.0.1", state: int = WAITING, age: float = 0.0):
        connection = Connection(Socket(), address)
        connection.state, connection.since, connection.closed = state, time.monotonic() - age, False
        connection.is_in = places.enter(connection)
        return connection

    return enter


def test_who_does_least_goes_first_and_work_is_never_cut_off(enter):
    places = Connections(most=6, most_of_one=6, kept=0)
    work, sending, stream, body, old, idle = (
        enter(places, state=state, age=age) for state, age in
        ((WORKING, 99), (SENDING, 5), (STREAM, 99), (BODY, 99), (WAITING, 9), (WAITING, 1))
    )
    gone = []
    for _ in range(5):
        enter(places, state=WORKING)
        gone += [one for one in (work, sending, stream, body, old, idle) if one.closed and one not in gone]
    assert gone == [old, idle, body, stream]
    assert not enter(places).is_in  # an answer that is being taken since five seconds stays
    sending.since -= 60
    assert enter(places).is_in
    assert sending.closed and not work.closed
    assert len(places) == 6


def test_one_address_takes_its_own_places_only(enter):
    places = Connections(most=20, most_of_one=4, kept=2)
    other = enter(places, "10.0.0.2", age=99)
    many = [enter(places, "10.0.0.1") for _ in range(9)]
    assert sum(one.closed for one in many) == 5
    assert not other.closed
    for one in many:
        one.state = WORKING
    assert not enter(places, "10.0.0.1").is_in


def test_who_holds_most_goes_before_who_holds_one(enter):
    places = Connections(most=6, most_of_one=5, kept=0)
    single = enter(places, "10.0.0.9", age=99)
    for _ in range(5):
        enter(places, "10.0.0.1")
    assert enter(places, "10.0.0.3").is_in
    assert not single.closed


def test_this_computer_has_places_of_its_own(enter):
    places = Connections(most=10, most_of_one=99, kept=4)
    others = [enter(places, f"10.0.0.{number}", WORKING) for number in range(9)]
    assert [one.is_in for one in others] == [True] * 6 + [False] * 3
    assert all(enter(places, "127.0.0.1", WORKING).is_in for _ in range(4))
    assert not enter(places, "::1").is_in


def test_addresses_of_ipv6_that_one_computer_has_are_one(enter):
    places = Connections(most=20, most_of_one=4, kept=2)
    many = [enter(places, f"2001:db8::{number:x}", WORKING) for number in range(9)]
    assert [one.is_in for one in many] == [True] * 4 + [False] * 5
    assert enter(places, "::ffff:127.0.0.1").is_local


def test_a_body_has_to_keep_up_a_rate(monkeypatch):
    from gevent.pywsgi import Input

    class Slow:
        def read(self, length):
            gevent.sleep(0.2)
            return b"x"

    monkeypatch.setattr(connections, "BODY_SECONDS", 0.05)
    body = connections.PacedInput(Input(Slow(), 100), Connection(Socket(), "10.0.0.1"))
    with pytest.raises(TimeoutError):
        body.read(10)
    with pytest.raises(TimeoutError):
        body._discard()


def test_others_are_answered_while_a_refused_body_is_thrown_away():
    """It may be there already, all of it, so that reading it waits for nobody."""
    from gevent.pywsgi import Input

    size = 3_000_000
    turns = []
    other = gevent.spawn(lambda: [turns.append(gevent.sleep(0)) for _ in range(1000)])
    body = connections.PacedInput(Input(io.BytesIO(bytes(size)), size), Connection(Socket(), "10.0.0.1"))
    body._discard()
    other.kill()
    assert body.position == size
    assert len(turns) >= 10


def test_whoever_is_gone_before_being_told_that_there_is_no_place_is_no_accident():
    class Gone(Socket):
        def makefile(self, *_):
            return io.BytesIO()

        def settimeout(self, _):
            pass

        def sendall(self, _):
            raise ConnectionResetError

    server = types.SimpleNamespace(connections=Connections(most=0))
    handler = connections.Handler(Gone(), ("10.0.0.1", 1), server)
    handler.handle()
    assert not len(server.connections)


GOOD = b"Host: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nA: " + b"a" * 30_000 + b"\r\n\r\n"


def test_headers_come_through_as_they_are_and_the_body_stays():
    rest = io.BytesIO(GOOD + b"body")
    assert connections._counted(rest).read() == GOOD
    assert rest.read() == b"body"


@pytest.mark.parametrize("lines", [
    b"A: " + b"a" * 40_000 + b"\r\n\r\n", b"A: a\r\n" * 9000 + b"\r\n", b"A: a\r\n b\r\n\r\n", b" A: a\r\n\r\n",
    b"cOntent-Type: multipart/form-data; " + b"a=b;" * 500 + b"\r\n\r\n",
])
def test_headers_that_take_long_to_parse_or_go_on_are_not_parsed(lines):
    with pytest.raises(ValueError, match="too long"):
        connections._counted(io.BytesIO(lines))
