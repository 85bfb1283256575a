"""Hints: coloured points, in every format in which they are written.

Coordinates are fractions of the picture from the **top-left** corner. Style2Paints V3 counts y from the bottom; that
flip happens in this file and nowhere else.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from s2p import brush as brushes
from s2p.errors import HintError, S2PError, shown
from s2p.refusals import Told, sentence

HintKind = Literal["draft", "exact"]
MAX_HINTS = 4096
_ROUNDING = 1e-6  # as far beside the picture as arithmetic may bring a point
_V3_TYPES: dict[int, HintKind] = {0: "draft", 2: "exact"}
_LARGEST = sys.float_info.max
_PACKED = struct.Struct("<dd3B?")
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")


def parse_color(text: str) -> str:
    """Returns `#rrggbb` in lower case for `#rgb`, `rgb`, `#rrggbb` or `rrggbb`; raises `HintError` otherwise."""
    match = _HEX.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise HintError(f"A colour must look like #77ee00. Received: {shown(text)}.")
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(c * 2 for c in digits))


def _checked_color(value: str) -> str:
    try:
        return parse_color(value)
    except HintError as error:
        raise PydanticCustomError("color", "{sentence}", {"sentence": str(error)}) from None


# A field; what is no colour is an error of that field.
Color = Annotated[str, AfterValidator(_checked_color), Field(examples=["#77ee00"])]


class Hint(Told):
    """A coloured point: `Hint(x=0.5, y=0.25, color="#77ee00")`, or `Hint(0.5, 0.25, "#77ee00", "draft")`.

    Attributes:
        x, y: floats in [0, 1] from the top-left corner; or px of the picture, 0 being the first, with `unit` `px`.
        color: `#rrggbb`, sRGB.
        kind: `draft` colours a neighbourhood through the draft network; `exact` is obeyed by the painter at this spot.
        unit: `share` or `px`. Painters turn px into shares of the picture (`Hints.on`); files and jobs hold shares.
        brush: strokes, in their order, that widen or narrow the region that the hint has where drawings are filled;
            all else paints as if there were none.

    Raises:
        HintError: x or y lies outside the picture, or is no number; no colour, no such kind; a name too many.

    Example:
        >>> Hint(x=0.5, y=0.25, color="7e0").color
        '#77ee00'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    refused_as: ClassVar[type[S2PError]] = HintError
    written: ClassVar[str] = "x=0.5, y=0.3, color='#ffe0c0', and kind='draft' where that is meant"

    x: float
    y: float
    color: str = Field(examples=["#77ee00"])
    kind: HintKind = "exact"
    unit: Literal["share", "px"] = Field(default="share", exclude=True)
    brush: brushes.Brush = ()

    _written = brushes.without_empty
    if TYPE_CHECKING:

        def __init__(
            self, x: float, y: float, color: str, kind: HintKind = ..., unit: str = ..., brush: Any = ...
        ) -> None: ...

    @field_validator("x", "y", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        # Else text and True would become numbers, and whole numbers that no float holds would be another error.
        if isinstance(value, bool) or not isinstance(value, Real) or (type(value) is int and not is_number(value)):
            raise _no_place(value)
        return value

    @model_validator(mode="after")
    def _is_inside(self) -> Hint:
        largest = 1.0 + _ROUNDING if self.unit == "share" else _LARGEST
        if not (-_ROUNDING <= self.x <= largest and -_ROUNDING <= self.y <= largest):  # false for nan, too
            raise _no_place(self.x, self.y)
        for stroke in self.brush:
            stroke.checked(self.unit)
        return self

    @field_validator("color")
    @classmethod
    def _color(cls, value: str) -> str:
        return parse_color(value)

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour as integers 0..255, red first."""
        red, green, blue = bytes.fromhex(self.color[1:])
        return red, green, blue

    @classmethod
    def parse(cls, text: str) -> Hint:
        """Reads the command line's `x,y,#rrggbb[,draft|exact]`; raises `HintError`."""
        parts = [part.strip() for part in text.split(",")]
        if len(parts) not in (3, 4):
            raise HintError(f"A hint must be x,y,#rrggbb[,draft]. Received: {shown(text)}.")
        are_pixels = [part.endswith("px") for part in parts[:2]]
        try:
            x, y = (float(part.removesuffix("px")) for part in parts[:2])
        except ValueError:
            raise HintError(
                f"The hint's x and y must be numbers from 0 to 1, or pixels such as 350px. Received: {shown(text)}."
            ) from None
        if any(are_pixels) != all(are_pixels):
            raise HintError(f"Give both x and y in pixels, or neither. Received: {shown(text)}.")
        kind, unit = parts[3] if len(parts) == 4 else "exact", "px" if all(are_pixels) else "share"
        if kind not in get_args(HintKind):
            raise HintError(f"A hint's kind must be draft or exact. Received: {shown(text)}.")
        return read_hint({"x": x, "y": y, "color": parts[2], "kind": kind, "unit": unit}, shown(text))

    @classmethod
    def from_v3(cls, point: Any, *, place: str = "point", is_dragged: bool = False) -> Hint | None:
        """Reads a V3 point `[x, y, r, g, b, type]` (y from the bottom); None for V3's ignored type 1.

        Args:
            point: from JSON.
            place: what it is called where it is refused.
            is_dragged: whether a place beside the picture is moved to its edge: V3's clients let a point be dragged
                over it, and do not know pixels.
        """
        if not isinstance(point, (list, tuple)) or len(point) != 6 or not all(is_number(v) for v in point[2:]):
            raise HintError(f"{place} must be six numbers [x, y, r, g, b, type]. Received: {shown(point)}.")
        x, y, r, g, b, kind = point
        if not (is_number(x) and is_number(y)):
            raise HintError(f"{place}: {_no_place(x, y)}")
        if kind == 1:
            return None
        if kind not in _V3_TYPES:
            raise HintError(f"{place}: the type must be 0 (draft) or 2 (exact). Received: {shown(kind)}.")
        red, green, blue = (int(min(max(v, 0), 255)) for v in (r, g, b))
        if is_dragged:
            x, y = (min(max(value, 0.0), 1.0) for value in (x, y))
        return read_hint(
            {"x": x, "y": 1.0 - y, "color": f"#{red:02x}{green:02x}{blue:02x}", "kind": _V3_TYPES[int(kind)]}, place
        )

    def to_v3(self) -> list[float]:
        """The V3 point `[x, y, r, g, b, type]`, y from the bottom."""
        return [self.x, 1.0 - self.y, *self.rgb, 0 if self.kind == "draft" else 2]


class Hints:
    """An immutable, ordered collection of hints that reads and writes every format in use.

    Example:
        >>> Hints.loads('[[0.25, 0.75, 255, 239, 222, 2]]')[0].y
        0.25
    """

    def __init__(self, items: Iterable[Hint] = ()) -> None:
        if not isinstance(items, Iterable):
            raise HintError(f"Hints are made of a list of Hint(x=0.5, y=0.3, color='#fec'). Received: {shown(items)}.")
        self._items = tuple(items)
        _count(self._items)
        for place, item in enumerate(self._items):
            if not isinstance(item, Hint):
                raise HintError(
                    f"hints[{place}] must be a Hint(x=0.5, y=0.3, color='#ffe0c0'); Hints.from_data reads lists and "
                    f"objects. Received: {shown(item)}."
                )

    def __iter__(self) -> Iterator[Hint]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Hint:
        return self._items[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hints) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"Hints({list(self._items)!r})"

    def of(self, kind: HintKind) -> Hints:
        """Only the hints of one kind, in order."""
        return Hints(hint for hint in self._items if hint.kind == kind)

    def on(self, shape: tuple[int, ...]) -> Hints:
        """The hints in shares of a picture of `shape`, `(height, width, ...)`; raises `HintError` for one beside it."""
        if all(hint.unit == "share" for hint in self._items):
            return self
        height, width = shape[:2]
        found = []
        for number, hint in enumerate(self._items, start=1):
            if hint.unit == "px":
                if hint.x > width or hint.y > height:
                    raise HintError(
                        f"Hint {number} lies at {hint.x:g}, {hint.y:g} px, beside the picture of {width} x {height} px."
                    )
                x, y = min((hint.x + 0.5) / width, 1.0), min((hint.y + 0.5) / height, 1.0)
                brush = tuple(stroke.within(shape) for stroke in hint.brush)
                hint = Hint(x=x, y=y, color=hint.color, kind=hint.kind, brush=brush)
            found.append(hint)
        return Hints(found)

    @classmethod
    def from_data(cls, data: Any, *, is_dragged: bool = False) -> Hints:
        """Reads decoded JSON: our own `{"hints": [...]}`, a V3 options object, or a bare V3 point list.

        Our own may say `"unit": "px"` for all hints or in single ones; V3's may be `is_dragged` (`Hint.from_v3`).
        """
        if isinstance(data, dict) and "hints" in data:
            entries = data["hints"]
            if not isinstance(entries, list):
                raise HintError("'hints' must be a list.")
            _count(entries)
            unit = {"unit": data["unit"]} if "unit" in data else {}
            return cls(
                read_hint({**unit, **entry} if isinstance(entry, dict) else entry, f"hints[{i}]")
                for i, entry in enumerate(entries)
            )
        if isinstance(data, dict) and "points" in data:
            data = data["points"]
        if not isinstance(data, list):
            raise HintError('A hint file must hold {"hints": [...]}, a V3 options object, or a list of V3 points.')
        _count(data)
        if data and isinstance(data[0], dict):
            return cls(read_hint(entry, f"hints[{i}]") for i, entry in enumerate(data))
        points = (Hint.from_v3(one, place=f"points[{i}]", is_dragged=is_dragged) for i, one in enumerate(data))
        return cls(hint for hint in points if hint is not None)

    @classmethod
    def loads(cls, text: str | bytes) -> Hints:
        """Reads JSON text in any of the formats of `from_data`; raises `HintError`."""
        try:
            return cls.from_data(json.loads(text))
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise HintError(f"The hints are not valid JSON: {error}.") from None

    def to_data(self) -> dict[str, Any]:
        """Our own format: `{"format": "s2p-hints", "version": 1, "hints": [{x, y, color, kind}]}`, and `brush`."""
        return {"format": "s2p-hints", "version": 1, "hints": [hint.model_dump() for hint in self._items]}

    def to_v3(self) -> list[list[float]]:
        """A bare V3 point list, as the Turbo client saves it."""
        return [hint.to_v3() for hint in self._items]

    def packed(self) -> PackedHints:
        """The same in 20 bytes a hint, for what waits in memory; all have to be in shares of the picture."""
        records = (_PACKED.pack(hint.x, hint.y, *hint.rgb, hint.kind == "exact") for hint in self._items)
        return PackedHints(b"".join(records), brushes.packed(self._items))

    def dumps(self, *, v3: bool = False) -> str:
        return json.dumps(self.to_v3() if v3 else self.to_data())


@dataclass(frozen=True)
class PackedHints:
    """Hints in little room (`Hints.packed`).

    Example:
        >>> hints = Hints([Hint(x=0.1, y=0.2, color="7e0")])
        >>> Hints.from_data({"hints": hints.packed().to_data()}) == hints
        True
        >>> PackedHints.from_text(hints.packed().to_text()) == hints.packed()
        True
    """

    data: bytes
    brush: bytes = b""

    def __len__(self) -> int:
        return len(self.data) // _PACKED.size

    def to_text(self) -> str:
        """In letters, 27 a hint: a line of JSON holds it at no cost."""
        return brushes.in_letters((self.data, self.brush))

    @classmethod
    def from_text(cls, text: str) -> PackedHints:
        return cls(*brushes.of_letters(text, 2))

    def to_data(self) -> list[dict[str, Any]]:
        """The hints as `Hints.from_data` reads them."""
        told: list[dict[str, Any]] = [
            {"x": x, "y": y, "color": f"#{red:02x}{green:02x}{blue:02x}", "kind": "exact" if is_exact else "draft"}
            for x, y, red, green, blue, is_exact in _PACKED.iter_unpack(self.data)
        ]
        for number, stroke in brushes.unpacked(self.brush):
            told[number].setdefault("brush", []).append(stroke)
        return told


def _no_place(*received: Any) -> HintError:
    """What is said of x and y that no place of a picture has."""
    values = ", ".join(f"{value:g}" if isinstance(value, float) else shown(value) for value in received)
    return HintError(
        f"x and y of a hint are shares of the picture, from 0 to 1. Received: {values}. For pixels, counted from 0, "
        'write 350px,500px,#ff0000 after --hint, or "unit": "px" in a file.'
    )


def _count(entries: Sequence[Any]) -> None:
    """Before anything is built from them: a hundred thousand hints would take seconds."""
    if len(entries) > MAX_HINTS:
        raise HintError(f"At most {MAX_HINTS} hints are allowed. Received: {len(entries)}.")
    brushes.check_counts(entries)


def read_hint(entry: Any, place: str) -> Hint:
    """A hint of decoded JSON; raises `HintError`, in which it is called `place`."""
    if isinstance(entry, dict) and len(entry) > len(Hint.model_fields):
        raise HintError(f"{place}: a hint has {', '.join(Hint.model_fields)} and nothing else.")
    try:
        return Hint.model_validate(entry)
    except HintError as error:
        raise HintError(f"{place}: {error}") from None
    except ValidationError as error:
        raise HintError(sentence(error, Hint, within=place)) from None


def is_number(value: Any) -> bool:
    """True for a finite number; JSON has whole numbers that no float holds, and those are none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= _LARGEST  # also false for nan
