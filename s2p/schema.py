"""The small values that every door speaks: options, here, and hints (`s2p.hints`), which have their names here, too."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator

from s2p.errors import InputError, shown
from s2p.hints import MAX_HINTS, Color, Hint, HintKind, Hints, PackedHints, is_number, parse_color
from s2p.refusals import Told

__all__ = ["MAX_HINTS", "MAX_SEED", "METHODS", "Color", "Hint", "HintKind", "Hints", "Method", "Options", "PackedHints",
           "SystemOptions", "options_from_v3", "parse_color"]

Method = Literal["colorization", "rendering", "recolorization"]
METHODS: tuple[Method, ...] = ("colorization", "rendering", "recolorization")
MAX_SEED = 2**31 - 1


class Options(Told):
    """What the artist asks for, apart from the pictures.

    Attributes:
        method: `colorization`, `rendering` (tonal sketch) or `recolorization` (lines are taken from a painting).
        mix: float in [0, 1]. How far the reference's style is followed; 0 ignores the reference.
        line_color: `#rrggbb` to draw the lines in, or None for what the settings say of lines. V3's networks emphasise
            the outlines in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method = "colorization"
    mix: float = Field(default=0.0, ge=0.0, le=1.0)
    line_color: str | None = Field(default=None, examples=["#4a3028"])

    @field_validator("line_color")
    @classmethod
    def _line_color(cls, value: str | None) -> str | None:
        return None if value is None else parse_color(value)


class SystemOptions(Told):
    """What a single system can be asked for, besides what all are asked. Its row of `s2p.systems` names the class."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def within(self, seconds: float) -> SystemOptions:
        """The same, so that the painting is there after so many seconds; for systems that can hurry."""
        return self


def options_from_v3(data: Any) -> tuple[Options, Hints, bool]:
    """Reads a V3 options object in any key order.

    Returns: `(options, hints, has_reference)`.
    Raises: `InputError` with the offending key (spec of V3, section 3).
    """
    if not isinstance(data, dict):
        raise InputError("The options must be a JSON object.")
    line = data.get("line", False)
    color = data.get("lineColor", [0, 0, 0])
    if not (isinstance(color, list) and len(color) == 3 and all(is_number(v) for v in color)):
        raise InputError(f"lineColor must be three numbers [r, g, b]. Received: {shown(color)}.")
    red, green, blue = (int(min(max(v, 0), 255)) for v in color)
    alpha = data.get("alpha", 0)
    if not is_number(alpha):
        raise InputError(f"alpha must be a number from 0 to 1. Received: {shown(alpha)}.")
    method = data.get("method", "colorization")
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}. Received: {shown(method)}.")
    options = Options(
        method=method, mix=min(max(float(alpha), 0.0), 1.0),
        line_color=f"#{red:02x}{green:02x}{blue:02x}" if line else None,
    )
    return options, Hints.from_data(data.get("points", []), is_dragged=True), bool(data.get("hasReference", False))
