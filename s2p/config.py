"""Settings: defaults, then `config.ini`, then the environment, then flags; the later one wins.

`config.ini` keeps the section and the two names that the V3 Turbo patch gave it (`[general] sketch_zoom_factor`,
`enable_super_resolution`), so a file from an old installation keeps working.
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from s2p.errors import ConfigError, shown
from s2p.names import is_name

MIN_ZOOM, MAX_ZOOM = 0.25, 2.0
BACKENDS = ("auto", "tensorflow", "openvino", "onnxruntime")
DENOISERS = ("nlm", "fast", "off")
VARIANTS = ("turbo", "official")
INTAKE = ("auto", "off")
INVERT = ("auto", "yes", "no")
LINES = ("tinted", "as-drawn", "coloured", "none")
MOST_MILLION_PIXELS = 170  # of a picture, that can be asked for; Pillow itself stops at 179


@dataclass(frozen=True)
class Settings:
    """How pictures are painted, as opposed to what the artist asks for.

    Attributes:
        zoom: float in [0.25, 2]. Working resolution; 1 paints at V3's short edge of 1024, 0.5 at 512.
        super_resolution: bool. Finish with the `tail` network (2x) instead of Lanczos (1.5x).
        denoise: `nlm` as in V3, `fast` or `off`.
        intake: `auto` looks at a drawing first and corrects what it is sure of (`s2p.intake`), `off` takes it as it is.
        invert: whether a drawing is light on dark: `yes`, `no`, or `auto` to look; `yes` also where intake is off.
        lines: how the artist's lines lie over the colours: `tinted`, `as-drawn`, `coloured` or `none` (`s2p.overlay`).
        line_color: `#rrggbb` of coloured lines.
        shading: float in [0, 1]. How strong the shadow on filled drawings is; 0 for flat colours.
        backend: which runtime computes, `auto` for the best one installed.
        device: `cpu`, `gpu`, or a runtime's own name such as `gpu:0`.
        threads: int. CPU threads, 0 for all cores.
        variant: `turbo` or `official`. Graph that is built for networks that have no weights.
        weights_set: name of a set of one's own (`s2p.own_sets`), by which line art is coloured; empty for none.
    """

    zoom: float = 0.5
    super_resolution: bool = False
    denoise: str = "nlm"
    intake: str = "auto"
    invert: str = "auto"
    lines: str = "tinted"
    line_color: str = "#4a3028"
    shading: float = 0.8
    backend: str = "auto"
    device: str = "cpu"
    threads: int = 0
    variant: str = "turbo"
    weights_set: str = ""

    def __new__(cls, *_: Any, **values: Any) -> Settings:
        if "size" in values:
            raise ConfigError("size is called variant now. Say Settings(variant=...).")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        if not _is_number(self.zoom) or not MIN_ZOOM <= self.zoom <= MAX_ZOOM:
            raise ConfigError(
                f"zoom must be between {MIN_ZOOM:g} and {MAX_ZOOM:g}. Received: {self.zoom!r}."
            )
        _one_of("denoise", self.denoise, DENOISERS)
        _one_of("intake", self.intake, INTAKE)
        _one_of("invert", self.invert, INVERT)
        _one_of("lines", self.lines, LINES)
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.line_color):
            raise ConfigError(f"line_color must look like #4a3028. Received: {self.line_color!r}.")
        if not _is_number(self.shading) or not 0.0 <= self.shading <= 1.0:
            raise ConfigError(f"shading must be between 0 and 1. Received: {self.shading!r}.")
        _one_of("backend", self.backend, BACKENDS)
        _one_of("variant", self.variant, VARIANTS)
        if not re.fullmatch(r"(cpu|gpu)(:\d{1,2})?", self.device):
            raise ConfigError(f"device must be cpu, gpu, or one of them with a number. Received: {self.device!r}.")
        if not 0 <= self.threads <= 1024:
            raise ConfigError(f"threads must be between 0 and 1024. Received: {self.threads!r}.")
        if self.weights_set and not is_name(self.weights_set):
            raise ConfigError(
                "weights_set must be the name of a set: small letters and digits, - between words. "
                f"Received: {self.weights_set[:60]!r}."
            )

    def merged(self, **changes: Any) -> Settings:
        """A copy with the values that are not None replaced."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})

    def about_networks(self) -> Settings:
        """Only what decides which networks are loaded and what computes them; what concerns a drawing is the default.

        So another zoom does not load them again.
        """
        return Settings(
            backend=self.backend, device=self.device, threads=self.threads, variant=self.variant,
            weights_set=self.weights_set,
        )


# (section, option) in config.ini -> field
_INI: dict[tuple[str, str], str] = {
    ("general", "sketch_zoom_factor"): "zoom",
    ("general", "enable_super_resolution"): "super_resolution",
    ("general", "denoise"): "denoise",
    ("general", "intake"): "intake",
    ("general", "invert"): "invert",
    ("lines", "lines"): "lines",
    ("lines", "line_color"): "line_color",
    ("shading", "shading"): "shading",
    ("runtime", "backend"): "backend",
    ("runtime", "device"): "device",
    ("runtime", "threads"): "threads",
    ("runtime", "size"): "variant",  # its name of before
    ("runtime", "variant"): "variant",
    ("runtime", "weights_set"): "weights_set",
}
_ENVIRONMENT = {f"S2P_{field.name.upper()}": field.name for field in fields(Settings)} | {"S2P_SIZE": "variant"}


def settings_of(settings: Settings | None) -> Settings:
    """Those a caller gave, or those of the environment; raises `ConfigError` for what are none."""
    if settings is not None and not isinstance(settings, Settings):
        raise ConfigError(f"Settings are written as s2p.Settings(zoom=1.0). Received: {shown(settings)}.")
    return load_settings() if settings is None else settings


def load_settings(
    ini: Path | None = None, *, environment: Mapping[str, str] | None = None, **flags: Any
) -> Settings:
    """Reads settings from all sources.

    Args:
        ini: path of a `config.ini`; a missing file is the same as an empty one.
        environment: variables; the process's own by default. Names are `S2P_ZOOM`, `S2P_DEVICE` and so on.
        flags: values from the command line; None means "not given".

    Raises:
        ConfigError: for a value that is not allowed, with file and line or variable.
    """
    settings = Settings()
    if ini is not None and ini.is_file():
        settings = _apply_ini(settings, ini)
    environment = os.environ if environment is None else environment
    for variable, name in _ENVIRONMENT.items():
        if environment.get(variable):
            settings = _apply(settings, name, environment[variable], "the environment", label=variable)
    return settings.merged(**flags)


def read_ini(ini: Path) -> tuple[configparser.ConfigParser, str]:
    """Parses a configuration file; returns it with its text, for line numbers. Raises `ConfigError`."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        text = ini.read_text(encoding="utf-8-sig")
        parser.read_string(text)
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{ini.name} cannot be read: {' '.join(str(error).split())}") from None
    return parser, text


def _apply_ini(settings: Settings, ini: Path) -> Settings:
    parser, text = read_ini(ini)
    for (section, option), name in _INI.items():
        if parser.has_option(section, option):
            place = f"{ini.name}, line {_line_of(text, section, option)}"
            settings = _apply(settings, name, parser.get(section, option), place, label=option)
    return settings


def _apply(settings: Settings, name: str, text: str, place: str, *, label: str) -> Settings:
    """The settings with one of them read from `text`; errors call it `label`, as whoever wrote it does."""
    kind = type(getattr(settings, name))
    try:
        return replace(settings, **{name: _convert(text, kind)})
    except ValueError:
        wanted = {bool: "True or False", float: "a number", int: "a whole number"}.get(kind, "text")
        raise ConfigError(f"{label} must be {wanted}. Received: {text!r} ({place}).") from None
    except ConfigError as error:
        rule = str(error).removeprefix(name).removesuffix(".")
        raise ConfigError(f"{label}{rule} ({place}).") from None


def _convert(text: str, kind: type) -> Any:
    text = text.strip()
    if kind is bool:
        states = configparser.ConfigParser.BOOLEAN_STATES
        if text.lower() not in states:
            raise ValueError(text)
        return states[text.lower()]
    return kind(text)


def _line_of(text: str, section: str, option: str) -> int:
    current = ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            current = stripped.strip("[]").strip()
        elif current == section and re.split(r"[=:]", stripped)[0].strip().lower() == option:
            return number
    return 0


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(allowed)}. Received: {value!r}.")
