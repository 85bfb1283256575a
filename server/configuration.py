"""The server's settings: `config.ini` read again at every job, with the last good values kept in force.

`[general]` and `[runtime]` belong to the library (`s2p.config`); `[server]` and `[storage]` are read here.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from s2p.config import MOST_MILLION_PIXELS, Settings, load_settings, read_ini
from s2p.errors import ConfigError, shown

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What the server accepts and keeps.

    Attributes:
        allowed_hosts: names, besides the local ones, under which the server may be called.
        public_url: the address under which a proxy shows this server, such as `https://art.example/paint/`.
        trusted_proxies: addresses and networks whose X-Forwarded headers are believed.
        allow_url: bool. The page may have pictures fetched from public web addresses.
        workers: int. Processes that paint at once, 0 for as many as suit the computer; read when the server starts.
        job_seconds: float. A job that takes longer is ended.
        start_seconds: float. A painter that is not ready after this time counts as broken.
        upload_megabytes: float. Largest upload of the own interface.
        million_pixels: float. Largest picture, by its declared size.
        max_rooms, max_days: limits of the rooms that this server made; 0 for none.
        min_free_megabytes: float. Uploads are refused when less disk space is free.
    """

    allowed_hosts: tuple[str, ...] = ()
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    allow_url: bool = False
    workers: int = 1
    job_seconds: float = 900.0
    start_seconds: float = 300.0
    upload_megabytes: float = 32.0
    million_pixels: float = 64.0
    max_rooms: int = 5000
    max_days: float = 365.0
    min_free_megabytes: float = 200.0

    @property
    def upload_bytes(self) -> int:
        return int(self.upload_megabytes * 1_000_000)

    @property
    def max_pixels(self) -> int:
        return int(self.million_pixels * 1_000_000)


# (section, lowest, highest) of every number in `Limits`
_RANGES: dict[str, tuple[str, float, float]] = {
    "job_seconds": ("server", 5, 86_400),
    "start_seconds": ("server", 5, 3600),
    "upload_megabytes": ("server", 0.01, 512),
    "million_pixels": ("server", 0.01, MOST_MILLION_PIXELS),
    "max_rooms": ("storage", 0, 10_000_000),
    "max_days": ("storage", 0, 100_000),
    "min_free_megabytes": ("storage", 0, 10_000_000),
}


def load_limits(ini: Path) -> Limits:
    """Reads `[server]` and `[storage]`; raises `ConfigError` with the line of a value that is not allowed."""
    limits = Limits()
    if not ini.is_file():
        return limits
    parser, text = read_ini(ini)
    kinds = {field.name: type(getattr(limits, field.name)) for field in fields(limits)}
    for name, (section, low, high) in _RANGES.items():
        if parser.has_option(section, name):
            raw = parser.get(section, name)
            limits = replace(limits, **{name: _number(raw, kinds[name], name, low, high, _place(ini, text, name))})
    for name, read in _ADDRESSES.items():
        if parser.has_option("server", name):
            limits = replace(limits, **{name: read(parser.get("server", name), _place(ini, text, name))})
    if parser.has_option("server", "workers"):
        raw, place = parser.get("server", "workers").strip().lower(), _place(ini, text, "workers")
        number = 0 if raw == "auto" else _number(raw, int, "workers, if not auto,", 1, 8, place)
        limits = replace(limits, workers=number)
    if parser.has_option("server", "allow_url"):
        raw = parser.get("server", "allow_url").strip().lower()
        if raw not in parser.BOOLEAN_STATES:
            raise ConfigError(f"allow_url must be True or False. Received: {raw!r} ({_place(ini, text, 'allow_url')}).")
        limits = replace(limits, allow_url=parser.BOOLEAN_STATES[raw])
    return limits


def _hosts(raw: str, place: str) -> tuple[str, ...]:
    return tuple(name for part in raw.split(",") if (name := part.strip().lower()))


def _networks(raw: str, place: str) -> tuple[str, ...]:
    names = _hosts(raw, place)
    for name in names:
        try:
            ipaddress.ip_network(name, strict=False)
        except ValueError:
            raise ConfigError(
                f"trusted_proxies must be addresses or networks such as 10.0.0.0/8. Received: {shown(name)} ({place})."
            ) from None
    return names


def _url(raw: str, place: str) -> str:
    text = raw.strip()
    try:
        parts = urlsplit(text)
        is_right = not text or (parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query)
    except ValueError:
        is_right = False
    if not is_right:
        raise ConfigError(
            f"public_url must look like https://art.example/paint/. Received: {shown(text)} ({place})."
        )
    return text.rstrip("/") + "/" if text else ""


# Where the server stands: settings that an option and a variable give, too.
_ADDRESSES: dict[str, Callable[[str, str], Any]] = {
    "allowed_hosts": _hosts, "public_url": _url, "trusted_proxies": _networks,
}


def _given(flags: dict[str, str | None], environment: Mapping[str, str]) -> dict[str, Any]:
    """What option or variable say of `_ADDRESSES`, the option first; raises `ConfigError`."""
    given = {}
    for name, read in _ADDRESSES.items():
        option, variable = f"--{name.replace('_', '-')}", f"S2P_{name.upper()}"
        if flags.get(name) is not None:
            given[name] = read(flags[name] or "", option)
        elif environment.get(variable):
            given[name] = read(environment[variable], f"the environment, {variable}")
    return given


def _number(raw: str, kind: type, name: str, low: float, high: float, place: str) -> Any:
    try:
        value = kind(raw.strip())
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        word = "a whole number" if kind is int else "a number"
        raise ConfigError(f"{name} must be {word} between {low:g} and {high:g}. Received: {raw!r} ({place}).")
    return value


def _place(ini: Path, text: str, name: str) -> str:
    numbers = (
        number for number, line in enumerate(text.splitlines(), start=1)
        if line.strip().lower().replace(":", "=").split("=")[0].strip() == name
    )
    return f"{ini.name}, line {next(numbers, 0)}"


class Configuration:
    """The values in force.

    Args:
        ini: path of `config.ini`; it need not exist.
        addresses: `allowed_hosts`, `public_url` and `trusted_proxies` of the command line; raises `ConfigError`.
        flags: settings from the command line, which win over the file.

    Attributes:
        problem: the sentence about the value that is refused at the moment, or None.
    """

    def __init__(self, ini: Path, *, addresses: dict[str, str | None] | None = None, **flags: Any) -> None:
        self.ini = ini
        self._addresses = _given(addresses or {}, os.environ)
        self._flags = flags
        self._settings = Settings().merged(**flags)
        self._limits = replace(Limits(), **self._addresses)
        self.problem: str | None = None
        self.refresh()

    def refresh(self) -> None:
        """Reads the file again; a bad value is logged once and the last good values stay."""
        problems = []
        try:
            self._settings = load_settings(self.ini, **self._flags)
        except ConfigError as error:
            problems.append(str(error))
        try:
            self._limits = replace(load_limits(self.ini), **self._addresses)
        except ConfigError as error:
            problems.append(str(error))
        problem = " ".join(dict.fromkeys(problems)) or None
        if problem and problem != self.problem:
            log.warning("%s The last good values stay in force.", problem)
        self.problem = problem

    @property
    def settings(self) -> Settings:
        self.refresh()
        return self._settings

    @property
    def limits(self) -> Limits:
        """The limits as of the last refresh; asked for at every request, so it does not touch the disk."""
        return self._limits
