"""Fetches a picture from the web, and from nowhere else.

A program that opens addresses for other people must not be led into its own network. So only http and https on their
usual ports are opened; every address that a name resolves to must be public; the connection goes to exactly the address
that was checked, so that a name which changes its mind in between (DNS rebinding) gains nothing; every redirect is
judged like the first address; and size and time are limited as a whole.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from s2p.errors import InputError, TooLargeError

SCHEMES = ("http", "https")
PORTS = (80, 443)
MAX_BYTES = 32_000_000
SECONDS = 30.0
MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16
_AGENT = "s2p (line art colouring; https)"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]

# Networks inside which an IPv4 address travels in an IPv6 one: what counts is where that leads.
_CARRIERS = tuple(ipaddress.IPv6Network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class FetchError(InputError):
    """An address cannot be opened, or what lies there is no picture."""


@dataclass(frozen=True)
class _Place:
    """One address to open."""

    scheme: str
    host: str
    port: int
    path: str


def is_address(text: str) -> bool:
    """True for what looks like a web address and not like the name of a file."""
    return re.match(r"https?://", text.strip(), re.IGNORECASE) is not None


def is_public(address: Address) -> bool:
    """True for addresses of the public internet.

    Example:
        >>> is_public(ipaddress.ip_address("192.168.1.1")), is_public(ipaddress.ip_address("93.184.216.34"))
        (False, True)
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.is_site_local or any(address in network for network in _CARRIERS):
            return False
    return address.is_global and not (
        address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
        or address.is_reserved or address.is_unspecified
    )


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them; raises `FetchError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchError(f"There is no computer named {_shown(host)}. Check the address.") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def fetch_picture(
    url: str,
    *,
    max_bytes: int = MAX_BYTES,
    seconds: float = SECONDS,
    resolver: Resolver = resolve,
    is_allowed: Callable[[Address], bool] = is_public,
    ports: Sequence[int] = PORTS,
) -> bytes:
    """The bytes of the picture at a web address; whether they can be decoded is for `s2p.image.load_image` to say.

    Args:
        url: `http://` or `https://`.
        max_bytes: int. Larger files are not read to their end.
        seconds: float. Limit of the whole, names, redirects and all.
        resolver: gives the addresses of a name; for tests.
        is_allowed: says which addresses may be opened; for tests.
        ports: that may be opened; for tests.

    Raises:
        FetchError: the address may not be opened, does not answer, or answers with something else than a picture.
        TooLargeError: the file is larger than `max_bytes`.
    """
    deadline = time.monotonic() + seconds
    for _ in range(MAX_REDIRECTS + 1):
        place = _read(url, ports)
        address = _choose(place, resolver, is_allowed, deadline)
        answer = _get(place, address, max_bytes, deadline)
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer.location)
    raise FetchError(f"The address leads on more than {MAX_REDIRECTS} times. Use the address of the picture itself.")


@dataclass(frozen=True)
class _Redirect:
    location: str


def _read(url: str, ports: Sequence[int]) -> _Place:
    """Takes an address apart; raises `FetchError` for one that may not be opened."""
    url = url.strip()
    if len(url) > 4000 or re.search(r"[\x00-\x20\x7f\\]", url):
        raise FetchError("The address has characters that no address has. Copy it again.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii") if ":" not in (parts.hostname or "") else \
            parts.hostname or ""
    except (ValueError, UnicodeError):
        raise FetchError("This is not a web address. It begins with https:// and a name.") from None
    if parts.scheme not in SCHEMES or not host:
        raise FetchError("Only addresses that begin with http:// or https:// can be opened.")
    if parts.username is not None or parts.password is not None:
        raise FetchError("Addresses with a user name or password are not opened.")
    port = (443 if parts.scheme == "https" else 80) if port is None else port
    if port not in ports:
        raise FetchError(f"Only the ports {' and '.join(map(str, ports))} are opened. Received: {port}.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]")
    return _Place(parts.scheme, host, port, f"{path}?{query}" if query else path)


def _choose(place: _Place, resolver: Resolver, is_allowed: Callable[[Address], bool], deadline: float) -> str:
    """The address to connect to. One that is not public condemns all: an honest name has no such addresses."""
    found = _in_time(lambda: list(resolver(place.host, place.port)), deadline)
    if not found:
        raise FetchError(f"There is no computer named {_shown(place.host)}. Check the address.")
    for text in found:
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            raise FetchError(f"The name {_shown(place.host)} has no address that can be opened.") from None
        if not is_allowed(address):
            raise FetchError(f"{_shown(place.host)} is not a public address; pictures are fetched from the web only.")
    return found[0]


def _in_time(work: Callable[[], list[str]], deadline: float) -> list[str]:
    """Runs something that knows no time limit (looking up a name) beside us, and gives it up when time is over."""
    answers: list[list[str]] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            answers.append(work())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if errors:
        raise errors[0]
    if not answers:
        raise _too_slow()
    return answers[0]


def _get(place: _Place, address: str, max_bytes: int, deadline: float) -> bytes | _Redirect:
    connection = _Connection(place, address, deadline)
    try:
        with _ended_at(deadline, connection):
            connection.request("GET", place.path, headers={
                "Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": _AGENT, "Connection": "close"})
            answer = _answer(connection.getresponse(), max_bytes)
        if time.monotonic() >= deadline:  # what was cut off may look like a whole file
            raise _too_slow()
        return answer
    except (OSError, http.client.HTTPException, ValueError, FetchError) as error:
        if time.monotonic() >= deadline:
            raise _too_slow() from None
        if isinstance(error, FetchError):
            raise
        reason = "its certificate is not valid" if isinstance(error, ssl.SSLCertVerificationError) else "no answer"
        raise FetchError(f"{_shown(place.host)} cannot be read: {reason}. Check the address, or try later.") from None
    finally:
        connection.close()


def _answer(response: http.client.HTTPResponse, max_bytes: int) -> bytes | _Redirect:
    if response.status in _REDIRECTS:
        location = response.getheader("Location")
        if not location:
            raise FetchError("The address leads on to nowhere. Use the address of the picture itself.")
        return _Redirect(location)
    if response.status != 200:
        raise FetchError(f"The server of this address answered with error {response.status}. Check the address.")
    if response.getheader("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise FetchError("The server of this address sends the picture in a form that was not asked for.")
    kind = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/"):
        raise FetchError("There is a page at this address, not a picture. Copy the address of the picture itself.")
    length = response.getheader("Content-Length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise _too_large(max_bytes)
    data = bytearray()
    while part := response.read(_CHUNK):
        data += part
        if len(data) > max_bytes:
            raise _too_large(max_bytes)
    if length.isdigit() and len(data) < int(length):
        raise FetchError("The picture did not arrive whole. Try again.")
    if not data:
        raise FetchError("There is nothing at this address.")
    return bytes(data)


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked; the name is kept for `Host` and for the certificate."""

    def __init__(self, place: _Place, address: str, deadline: float) -> None:
        self.default_port = 443 if place.scheme == "https" else 80  # what need not be said in `Host`
        super().__init__(place.host, place.port)
        self._place, self._address, self._deadline = place, address, deadline
        self._open: socket.socket | None = None

    def connect(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._open = self.sock = socket.create_connection((self._address, self._place.port), timeout=left)
        if self._place.scheme == "https":
            secure = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self._place.host, do_handshake_on_connect=False
            )
            self._open = self.sock = secure
            secure.do_handshake()

    def cut(self) -> None:
        """Ends all reading at once, from another thread."""
        with contextlib.suppress(OSError):
            if self._open is not None:
                self._open.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def _ended_at(deadline: float, connection: _Connection) -> Iterator[None]:
    """Cuts the connection when time is over, however slowly and steadily the other side sends."""
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), connection.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _too_slow() -> FetchError:
    return FetchError("The picture did not arrive in time. Save it and open the file instead.")


def _too_large(max_bytes: int) -> TooLargeError:
    return TooLargeError(f"The picture is too large: at most {max_bytes / 1e6:.1f} MB are read from the web.")


def _shown(host: str) -> str:
    return repr(host[:80])
