"""What a job can be asked for: a model for every system, made from its row in the table, and the union of them.

A system's model has the fields that it makes use of, and one of its own, named like the system, where its row names
options (`System.options`). What belongs to others is refused with the command line's sentence, and not counted as
asked for while it says nothing (null, an empty list, its usual value).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from s2p import systems
from s2p.config import MAX_ZOOM, MIN_ZOOM
from s2p.errors import InputError, NotFoundError, shown
from s2p.refusals import sentence
from s2p.schema import MAX_HINTS, MAX_SEED, Color, Method, SystemOptions

KINDS = ("paint", "prepare", "preview", "lines", "suggest", "choices")


class JobRequest(BaseModel):
    """What was asked for in one job, of whatever system: what its system has no use for is as usual.

    Attributes:
        own: what that system alone can be asked for; None where it has no options of its own.
    """

    kind: str = "paint"
    model: str = systems.DEFAULT
    method: Method = "colorization"
    hints: list[dict[str, Any]] = Field(default_factory=list, max_length=MAX_HINTS)
    unit: Literal["share", "px"] = Field(
        default="share", description="of hints that do not say it themselves: shares of the upload, or its pixels"
    )
    mix: float = Field(default=0.0, ge=0.0, le=1.0, strict=True)
    lines: Literal["tinted", "as-drawn", "coloured", "none"] | None = Field(
        default=None, description="how the lines of the drawing lie over the colours; null: as config.ini says"
    )
    intake: Literal["auto", "off"] | None = Field(
        default=None, description="look at the drawing first and correct it (auto), or not; null: as configured"
    )
    invert: Literal["auto", "yes", "no"] | None = Field(
        default=None, description="light lines on a dark ground; null: as config.ini says"
    )
    weights_set: str | None = Field(
        default=None, max_length=40,
        description="a set of one's own, of those in the status; empty for none; null: as config.ini says",
    )
    line_color: Color | None = Field(default=None, description="colour of the lines, which are then `coloured`")
    shading: float | None = Field(
        default=None, ge=0, le=1, strict=True,
        description="how strong the shadow on the colours is; null: as config.ini says",
    )
    reference: str | None = None
    zoom: float | None = Field(default=None, ge=MIN_ZOOM, le=MAX_ZOOM, strict=True)
    super_resolution: bool | None = Field(default=None, strict=True)
    output_size: Literal["original", "painted", "network"] = Field(
        default="original", description="the size of the upload, or the smaller one that was painted (once `network`)"
    )
    source: str | None = Field(
        default=None, description="of lines and of strokes: the result that is taken instead of the upload"
    )
    drawn_by: Literal["xdog", "hard", "pass", "learned"] | None = None
    seed: int = Field(
        default=0, ge=0, le=MAX_SEED, strict=True,
        description="of suggest: another seed, other colours; of choices: that of the first, the others count on",
    )
    count: int = Field(default=6, ge=1, le=systems.MAX_CHOICES, strict=True, description="of choices: how many")
    live: bool = Field(default=False, strict=True, description="takes the place of the room's live painting before it")
    own: SystemOptions | None = None


def model_of(system: systems.System) -> type[BaseModel]:
    """The model of a job of one system."""
    kinds = tuple(kind for kind in KINDS if not _is_use(kind) or system.takes(kind))
    return _model(system.name, tuple(filter(_is_for(system), _FIELDS)), kinds, system.options_class())


def union() -> TypeAdapter[Any]:
    """All of them, told apart by their field `model`, for the description of the interface."""
    annotated: Any = Annotated  # there are as many as the table has, which no checker of types can know
    models = (model_of(system) for system in systems.SYSTEMS)
    return TypeAdapter(annotated[reduce(or_, models), Field(discriminator="model")])


def read(data: Mapping[str, Any]) -> JobRequest:
    """Reads a decoded request.

    Raises:
        InputError: an unknown system, a field that its system makes no use of, or a value that cannot be; which one is
            said.
    """
    system, asked = _system(data.get("model", systems.DEFAULT)), dict(data)
    options = system.options_class()
    known: dict[str, Any] = {name: value for name, value in data.items() if name in _FIELDS}
    known |= {name: data[name] is not None for name in systems.names() if name in data}
    known |= {kind: True for kind in filter(_is_use, KINDS) if kind == data.get("kind")}
    system.refuse_unused(**known)
    for name in filter(systems.is_of_some, known):
        if not system.takes(name):
            del asked[name]
    try:
        found = dict(model_of(system).model_validate({**asked, "model": system.name}))
    except ValidationError as error:
        raise InputError(sentence(error, model_of(system))) from None
    own = found.pop(system.name, None) or (None if options is None else options())
    return JobRequest.model_construct(own=own, **found)


_FIELDS = tuple(name for name in JobRequest.model_fields if name not in ("kind", "model", "own"))


def _is_use(kind: str) -> bool:
    """Whether a kind of jobs is a use of systems, too; to draw `lines` is none, although there is a field of it."""
    return kind in systems.USES


def _is_for(system: systems.System) -> Any:
    return lambda name: system.takes(name) or not systems.is_of_some(name)


@lru_cache(maxsize=64)
def _model(
    system: str, fields: tuple[str, ...], kinds: tuple[str, ...], options: type[SystemOptions] | None
) -> type[BaseModel]:
    known = {name: (info.annotation, info) for name, info in JobRequest.model_fields.items() if name in fields}
    own = {} if options is None else {system: (options | None, Field(default=None, description="null: as usual"))}
    is_default = system == systems.DEFAULT
    made: dict[str, Any] = {
        "kind": (Literal[kinds], "paint"), "model": (Literal[system], system if is_default else ...), **known, **own,
    }
    title = "".join(part.capitalize() for part in system.split("-"))
    return create_model(f"{title}Job", __config__=ConfigDict(extra="forbid"), **made)


def _system(name: Any) -> systems.System:
    if not isinstance(name, str):
        raise InputError(f"model must be {', '.join(systems.names())}. Received: {shown(name)}.")
    try:
        return systems.system_of(name)
    except NotFoundError as error:
        raise InputError(str(error)) from None
