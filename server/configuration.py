"""The server's settings: `config.ini` read again at every job, with the last good values kept in force.

`[general]` and `[runtime]` belong to the library (`s2p.config`); `[server]` and `[storage]` are read here.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from s2p.config import Settings, load_settings, read_ini
from s2p.errors import ConfigError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What the server accepts and keeps.

    Attributes:
        allowed_hosts: names, besides the local ones, under which the server may be called.
        allow_url: bool. The page may have pictures fetched from public web addresses.
        job_seconds: float. A job that takes longer is ended.
        start_seconds: float. A painter that is not ready after this time counts as broken.
        upload_megabytes: float. Largest upload of the own interface.
        million_pixels: float. Largest picture, by its declared size.
        max_rooms, max_days: limits of the rooms that this server made; 0 for none.
        min_free_megabytes: float. Uploads are refused when less disk space is free.
    """

    allowed_hosts: tuple[str, ...] = ()
    allow_url: bool = False
    job_seconds: float = 900.0
    start_seconds: float = 300.0
    upload_megabytes: float = 32.0
    million_pixels: float = 40.0
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
    "million_pixels": ("server", 0.01, 400),
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
    if parser.has_option("server", "allowed_hosts"):
        names = (part.strip().lower() for part in parser.get("server", "allowed_hosts").split(","))
        limits = replace(limits, allowed_hosts=tuple(name for name in names if name))
    if parser.has_option("server", "allow_url"):
        raw = parser.get("server", "allow_url").strip().lower()
        if raw not in parser.BOOLEAN_STATES:
            raise ConfigError(f"allow_url must be True or False. Received: {raw!r} ({_place(ini, text, 'allow_url')}).")
        limits = replace(limits, allow_url=parser.BOOLEAN_STATES[raw])
    return limits


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
        flags: settings from the command line, which win over the file.

    Attributes:
        problem: the sentence about the value that is refused at the moment, or None.
    """

    def __init__(self, ini: Path, **flags: Any) -> None:
        self.ini = ini
        self._flags = flags
        self._settings = Settings().merged(**flags)
        self._limits = Limits()
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
            self._limits = load_limits(self.ini)
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
