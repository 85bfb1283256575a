"""What a brush adds to the region of a hint, or takes from it: strokes over the drawing, kept with the hint."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import Annotated, Any, Protocol

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictBool,
    field_validator,
    model_serializer,
)
from pydantic_core import PydanticCustomError

from s2p.errors import HintError, shown

MAX_STROKES, MAX_PATH = 256, 512  # of a hint, and places of a stroke
MAX_PLACES, MAX_ALL = 8192, 512  # places and strokes of all hints of a drawing together
MAX_WIDTH = 0.5
_ROUNDING = 1e-6
_HEAD, _PLACE = struct.Struct("<HH?d"), struct.Struct("<dd")


class BrushStroke(BaseModel):
    """One stroke of a round brush.

    Attributes:
        adds: whether it widens the hint's region; else it narrows it.
        width: float, greater than 0, at most `MAX_WIDTH`. Diameter of the brush in short edges of the picture.
        path: `(x, y)` of places from the top-left corner, shares of the picture, in the order in which the brush goes.

    With hints in pixels (`Hint.unit`) width and path are in pixels, too, until `within` makes them shares.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    adds: StrictBool = True
    width: float = Field(gt=0.0, allow_inf_nan=False, strict=True)
    path: tuple[tuple[float, float], ...]

    @field_validator("path", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or not 0 < len(value) <= MAX_PATH:
            raise _refusal(f"the path of a brush is a list of 1 to {MAX_PATH} places [x, y]. Received: {shown(value)}")
        for place in value:
            is_pair = isinstance(place, (list, tuple)) and len(place) == 2
            if not is_pair or any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in place):
                raise _refusal(f"a place of a brush is two numbers [x, y]. Received: {shown(place)}")
        return value

    def checked(self, unit: str) -> BrushStroke:
        """The same; raises `HintError` where places or width are none of a picture."""
        is_share = unit == "share"
        largest, rule = (1.0 + _ROUNDING, "shares of the picture, from 0 to 1") if is_share else (inf, "px from 0")
        for x, y in self.path:
            if not (-_ROUNDING <= x <= largest and -_ROUNDING <= y <= largest):  # false for nan, too
                raise HintError(f"places of a brush are {rule}, as its hint's. Received: {x:g}, {y:g}.")
        if unit == "share" and self.width > MAX_WIDTH:
            raise HintError(f"a brush is at most {MAX_WIDTH} short edges wide. Received: {self.width:g}.")
        return self

    def within(self, shape: tuple[int, ...]) -> BrushStroke:
        """A stroke in pixels of a picture of `shape`, in shares of it; raises `HintError` for places beside it."""
        height, width = shape[:2]
        for x, y in self.path:
            if x >= width or y >= height:
                raise HintError(
                    f"a place of a brush lies outside the picture of {width}x{height} px. Received: {x:g}, {y:g}."
                )
        path = tuple((min((x + 0.5) / width, 1.0), min((y + 0.5) / height, 1.0)) for x, y in self.path)
        return BrushStroke(adds=self.adds, width=min(self.width / min(height, width), MAX_WIDTH), path=path)


def _counted(value: Any) -> Any:
    """Before anything is built from them."""
    if not isinstance(value, (list, tuple)) or len(value) > MAX_STROKES:
        raise _refusal(f"the brush of a hint is a list of at most {MAX_STROKES} strokes. Received: {shown(value)}")
    return value


Brush = Annotated[tuple[BrushStroke, ...], BeforeValidator(_counted)]  # the field of a hint


@model_serializer(mode="wrap")
def without_empty(self: Any, usual: SerializerFunctionWrapHandler) -> dict[str, Any]:
    """A method of a hint: the hint as it is written; one that no brush went over has no `brush`."""
    return {name: value for name, value in usual(self).items() if name != "brush" or value}


class Brushed(Protocol):
    """A hint, as far as this module knows one."""

    @property
    def brush(self) -> tuple[BrushStroke, ...]: ...


def check_counts(entries: Sequence[Any]) -> None:
    """Raises `HintError` for more places or strokes than one drawing may have.

    Args:
        entries: hints, or what somebody sent as hints, from which nothing has been built yet.
    """
    def of(value: Any, name: str) -> Any:
        return value.get(name) if isinstance(value, dict) else getattr(value, name, None)

    brushes = [brush for entry in entries if isinstance(brush := of(entry, "brush"), (list, tuple))]
    paths = [path for brush in brushes for stroke in brush if isinstance(path := of(stroke, "path"), (list, tuple))]
    places, strokes = sum(map(len, paths)), sum(map(len, brushes))
    for count, most, what in (
        (places, MAX_PLACES, "The brush strokes of a drawing have at most {} places."),
        (strokes, MAX_ALL, "A drawing has at most {} brush strokes."),
    ):
        if count > most:
            raise HintError(f"{what.format(most)} Received: {count}.")


def packed(hints: Iterable[Brushed]) -> bytes:
    """The strokes of hints in 13 bytes and 16 for every place."""
    parts: list[bytes] = []
    for number, hint in enumerate(hints):
        for stroke in hint.brush:
            parts.append(_HEAD.pack(number, len(stroke.path), stroke.adds, stroke.width))
            parts.extend(_PLACE.pack(*place) for place in stroke.path)
    return b"".join(parts)


def unpacked(data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of the hint of every stroke that was `packed`, and the stroke as JSON has it."""
    at = 0
    while at < len(data):
        number, count, adds, width = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        path = [list(place) for place in _PLACE.iter_unpack(data[at : at + count * _PLACE.size])]
        at += count * _PLACE.size
        yield number, {"adds": adds, "width": width, "path": path}


def in_letters(parts: Sequence[bytes]) -> str:
    """Bytes as text that a line of JSON holds at no cost; empty parts at the end cost none at all."""
    return ".".join(base64.b64encode(part).decode() for part in parts).rstrip(".")


def of_letters(text: str, count: int) -> list[bytes]:
    """What `in_letters` made a text of, `count` parts."""
    parts = [base64.b64decode(part) for part in text.split(".")]
    return [*parts, *[b""] * (count - len(parts))]


def _refusal(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("brush", "{sentence}", {"sentence": sentence})
