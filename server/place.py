"""Where a server stands: its names, the proxies before it, its folder in another site's address."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_CLIENT = "/s2p"
_MOST_PROXIES = 16  # one behind the other
_OF_ONE = 64  # bits of an address of IPv6 that one household has; the rest anybody can choose


def plain_address(text: str) -> str:
    """An address of IPv4 as such: `::ffff:10.0.0.1` is `10.0.0.1`. What is no address comes back as it is."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return text
    return str(getattr(address, "ipv4_mapped", None) or address)


def household(text: str) -> str:
    """Who counts as one: an address of IPv4, or a network of IPv6, of whose addresses anybody takes any number.

    Example:
        >>> household("::ffff:10.0.0.1"), household("2001:db8::1:2:3:4")
        ('10.0.0.1', '2001:db8::/64')
    """
    plain = plain_address(text)
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return text
    if address.version == 4 or address.is_loopback:
        return plain
    return str(ipaddress.ip_network((plain.partition("%")[0], _OF_ONE), strict=False))


@dataclass(frozen=True)
class Place:
    """Where a server stands.

    Attributes:
        allowed_hosts: names, besides the local ones, under which it may be called.
        public_url: the address under which a proxy shows it, ending in a slash; empty without one.
        trusted_proxies: addresses and networks whose X-Forwarded headers are believed.
    """

    allowed_hosts: tuple[str, ...] = ()
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        public = urlsplit(self.public_url).hostname
        return (*self.allowed_hosts, *([public] if public else []))

    def trusts(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(plain_address(address))
            return any(found in ipaddress.ip_network(network, strict=False) for network in self.trusted_proxies)
        except ValueError:
            return False

    def lacks_slash(self, path: str) -> bool:
        """Whether a request means the folder of `public_url`, below which the page looks for its parts, as a file."""
        return path != "" and path + "/" == urlsplit(self.public_url).path

    def locate(self, environ: dict[str, Any]) -> None:
        """Makes a request that proxies passed on what it was, and takes the folder of `public_url` off its path."""
        environ["REMOTE_ADDR"] = plain_address(environ.get("REMOTE_ADDR", ""))
        if self.trusts(environ["REMOTE_ADDR"]):
            self._believe(environ)
        path = environ.get("PATH_INFO", "")
        folder = urlsplit(self.public_url).path.rstrip("/")
        if folder and (path == folder or path.startswith(folder + "/")):
            path = path[len(folder):] or "/"
        # Where V3's client has the root, ours is in this folder, and so is what it asks for.
        environ["PATH_INFO"] = path[len(_CLIENT):] if path.startswith(f"{_CLIENT}/api/") else path

    def _believe(self, environ: dict[str, Any]) -> None:
        told = environ.get("HTTP_X_FORWARDED_FOR", "")
        addresses = [part.strip() for part in told.split(",") if part.strip()][-_MOST_PROXIES:]
        client = next((address for address in reversed(addresses) if not self.trusts(address)), None)
        with contextlib.suppress(ValueError):  # what is no address stays where it is: nobody is at home for it
            environ["REMOTE_ADDR"] = plain_address(str(ipaddress.ip_address(client or environ["REMOTE_ADDR"])))
            environ.pop("HTTP_X_FORWARDED_FOR", None)
        for header, key in (("HTTP_X_FORWARDED_HOST", "HTTP_HOST"), ("HTTP_X_FORWARDED_PROTO", "wsgi.url_scheme")):
            value = environ.get(header, "").split(",")[-1].strip()
            if value:
                environ[key] = value
