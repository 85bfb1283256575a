"""What a room remembers of a painting: our own description, or what V3's options tell."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import from_json

from s2p import systems
from s2p.errors import HintError, InputError, NotFoundError
from s2p.files import read_json
from s2p.schema import Hints, options_from_v3

_REMEMBERED = 4000  # descriptions, of about a kilobyte


class _Record(BaseModel):
    """The description of a painting in `result.<step>.json`, as far as it has to be right for the room to open."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    id: str
    created: float = Field(ge=0, le=253_402_300_799)  # until the year 9999
    method: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    model: str = systems.DEFAULT
    mix: float | None = None
    line_color: str | None = None
    reference: str | None = None
    hints: list[dict[str, Any]]
    live: bool = False
    seconds: float | None = None
    untrained: list[str] = Field(default_factory=list)
    width: int | None = None
    height: int | None = None

    @model_validator(mode="after")
    def _has_options_of_systems(self) -> _Record:
        for system in systems.SYSTEMS:
            if not isinstance((self.model_extra or {}).get(system.name, {}), dict | None):
                raise ValueError(f"what was asked of {system.name} is no object")
        return self


def read_record(
    path: Path, step: str, created: float | None = None, *, is_short: bool = False
) -> dict[str, Any]:
    """The description of the painting `step`; raises `InputError` for a file that is none.

    Args:
        path: our own description, or the options of V3's client.
        created: of the latter: when the painting was made, in seconds since 1970.
        is_short: what the single hints are is not looked at.
    """
    if created is not None:
        return _of_options(read_json(path), step, created)
    try:
        data = from_json(path.read_bytes())  # three times as quick as Python's, which counts with thousands of hints
        _Record.model_validate({**data, "id": step})
        json.dumps({**data, "hints": []} if is_short else data, allow_nan=False)
        if not is_short:
            Hints.from_data({"hints": data["hints"]})
    except (OSError, TypeError, ValueError, HintError):  # of pydantic, too
        raise InputError("The description of this painting is damaged.") from None
    return {**data, "id": step}


def described(path: Path, step: str, created: float | None = None) -> dict[str, Any]:
    """The same with the number of hints, `hints_count`, in place of them; remembered while the file stays as it is.

    A room is described again and again, and to read thousands of hints of hundreds of paintings takes seconds.
    """
    try:
        stamp = path.stat()
    except OSError:
        raise NotFoundError("There is no such result in this room.") from None
    return dict(_described(path, step, created, stamp.st_mtime_ns, stamp.st_size))


@lru_cache(maxsize=_REMEMBERED)
def _described(path: Path, step: str, created: float | None, *stamp: int) -> dict[str, Any]:
    record = read_record(path, step, created, is_short=True)
    return {**{key: value for key, value in record.items() if key != "hints"}, "hints_count": len(record["hints"])}


def _of_options(options: Any, step: str, created: float) -> dict[str, Any]:
    parsed, hints, has_reference = options_from_v3(options)
    return {
        "id": step, "created": created, "method": parsed.method, "mix": parsed.mix, "line_color": parsed.line_color,
        "zoom": None, "super_resolution": None, "reference": step if has_reference else None,
        "hints": hints.to_data()["hints"], "seconds": None, "untrained": [],
    }
