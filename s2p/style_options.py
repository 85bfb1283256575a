"""What painting in the style of a painting can be asked for, as every door says it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from s2p.errors import InputError, shown
from s2p.hints import is_number
from s2p.schema import SystemOptions

Width = Literal["turbo", "light", "official"]
MAX_MIXED = 32  # styles in one mixture
LEAST_STROKE, LARGEST_STROKE = 0.5, 4.0
_NEAR = 1e-6  # of 1, where a sum of shares is meant to be 1


class StyleOptions(SystemOptions):
    """In which style, and how.

    Attributes:
        styles: share of every style by its name; empty for the first one. Shares are finite numbers in [0, 1] whose sum
            is 1, unless one of the next two is set.
        normalise: divide shares by their sum.
        extrapolate: take shares below 0 and above 1, too, which lead away from a style and beyond it.
        strength: float in [0, 1]. How much of the style's picture lies over the given one.
        keep_color: take only light and dark from the style, and colours from the given picture.
        keep_lines: lay the picture's own lines over the painting.
        stroke_size: float in [0.5, 4]. How large strokes are: the picture is painted smaller by it, and enlarged.
        width: variant of the network.
    """

    styles: dict[str, float] = Field(default_factory=dict, max_length=MAX_MIXED)
    normalise: bool = Field(default=False, strict=True)
    extrapolate: bool = Field(default=False, strict=True)
    strength: float = Field(default=1.0, ge=0.0, le=1.0, strict=True, allow_inf_nan=False)
    keep_color: bool = Field(default=False, strict=True)
    keep_lines: bool = Field(default=False, strict=True)
    stroke_size: float = Field(default=1.0, ge=LEAST_STROKE, le=LARGEST_STROKE, strict=True, allow_inf_nan=False)
    width: Width = "light"

    @field_validator("styles", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return {value: 1.0} if isinstance(value, str) else value

    @field_validator("strength", "stroke_size", mode="before")
    @classmethod
    def _in_range(cls, value: Any, info: ValidationInfo) -> Any:
        least, largest = (LEAST_STROKE, LARGEST_STROKE) if info.field_name == "stroke_size" else (0.0, 1.0)
        if not is_number(value) or not least <= value <= largest:
            raise InputError(f"{info.field_name} is a number from {least:g} to {largest:g}. Received: {shown(value)}.")
        return value

    @model_validator(mode="after")
    def _shares(self) -> StyleOptions:
        checked_shares(self.styles, normalise=self.normalise, extrapolate=self.extrapolate)
        return self


def checked_shares(
    shares: Mapping[str, float], *, normalise: bool = False, extrapolate: bool = False
) -> dict[str, float]:
    """Shares whose sum is 1.

    Raises:
        InputError: a number that is not finite; one outside 0 and 1, another sum, or both; and what would allow them.

    Example:
        >>> checked_shares({"a": 3, "b": 1}, normalise=True)
        {'a': 0.75, 'b': 0.25}
    """
    if not shares:
        return {}
    told = ", ".join(f"{name}={share:g}" for name, share in shares.items())
    if not all(math.isfinite(share) for share in shares.values()):
        raise InputError(f"Shares of styles are finite numbers. Received: {told}.")
    largest, total, rules = math.inf if normalise else 1.0, math.fsum(shares.values()), []
    if not extrapolate and not all(0.0 <= share <= largest for share in shares.values()):
        rules.append("lie from 0 to 1, unless extrapolate is set")
    if not normalise and abs(total - 1.0) > _NEAR:
        rules.append("have the sum 1, unless normalise is set")
    if rules:
        raise InputError(f"Shares of styles {', and '.join(rules)}. Received: {told}, together {total:g}.")
    if normalise:
        if abs(total) < _NEAR:
            raise InputError(f"Shares whose sum is 0 cannot be brought to 1. Received: {told}.")
        return {name: share / total for name, share in shares.items()}
    return {name: float(share) for name, share in shares.items()}


def read_mix(text: str) -> dict[str, float]:
    """Shares as they are written, such as `starry-night=.6,wave=.4`; a name alone is all of it.

    Raises:
        InputError: no number behind `=`, or a name twice.
    """
    shares: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (word.strip() for word in part.partition("="))
        try:
            share = float(value) if equals else 1.0
        except ValueError:
            raise InputError(f"A mixture is NAME=SHARE,NAME=SHARE. Received: {part[:60]!r}.") from None
        if name in shares:
            raise InputError(f"A mixture names every style once. Received twice: {name[:60]}.")
        shares[name] = share
    return shares


def row_of(shares: Mapping[str, float], names: Sequence[str], **rules: bool) -> list[float]:
    """The share of every known style, in their order.

    Args:
        shares: by name; empty for all of the first style. The beginning of one name alone is enough.
        names: of the known styles.
        rules: of `checked_shares`.

    Raises:
        InputError: a style that is not known, or what `checked_shares` refuses.

    Example:
        >>> row_of({"star": 1.0}, ["great-wave", "starry-night"])
        [0.0, 1.0]
    """
    row = [0.0] * len(names)
    for name, share in (checked_shares(shares, **rules) or {names[0]: 1.0}).items():
        begun = [one for one in names if one == name] or [one for one in names if name and one.startswith(name)]
        if len(begun) != 1:
            raise InputError(f"The styles are {', '.join(names)}. Received: {name[:60]!r}.")
        row[names.index(begun[0])] += share
    return row
