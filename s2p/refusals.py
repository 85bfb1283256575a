"""What is said of values that pydantic refuses: one sentence of ours, with the rule and what was received."""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from s2p.errors import InputError, S2PError, shown

_Meta: Any = type(BaseModel)
_PLAIN = {"string": "text", "bool": "true or false", "list": "a list", "tuple": "a list", "dict": "an object",
          "model": "an object", "dataclass": "an object", "mapping": "an object"}
_LENGTHS = {"string_too_long": "at most {max_length} letters", "string_too_short": "at least {min_length} letters",
            "too_long": "at most {max_length} entries", "too_short": "at least {min_length} entries"}
_NUMBERS = ("int", "float", "finite", "greater", "less")


class _Told(_Meta):
    """Where a program makes a value itself, its refusal is an error of ours, and values may be given by place.

    Pydantic makes values inside of others without it, so the place of what is refused there stays known.
    """

    def __call__(cls, *values, **fields):  # pyright: ignore[reportSelfClsParameterName]  untyped: the class has types
        known = tuple(cls.model_fields)
        if len(values) > len(known) or set(known[: len(values)]) & set(fields):
            raise cls.refused_as(f"{cls.__name__} takes {', '.join(known)}, each once. Write {cls.written}.")
        try:
            return super().__call__(**dict(zip(known, values)), **fields)
        except ValidationError as error:
            raise cls.refused_as(sentence(error, cast("type[BaseModel]", cls), within=cls.__name__)) from None


class Told(BaseModel, metaclass=_Told):
    """A model whose refusals, where a program makes one, are errors of ours.

    Attributes:
        refused_as: their class.
        written: how one is written, for the sentence.
    """

    refused_as: ClassVar[type[S2PError]] = InputError
    written: ClassVar[str] = "them by name"


def sentence(error: ValidationError, model: type[BaseModel], *, within: str = "") -> str:
    """The first thing that is wrong, as a sentence: the rule and what was received.

    Args:
        error: pydantic's.
        model: what was read.
        within: how the whole is called, before the names of its fields (`hints[3]`); empty for nothing.

    Example:
        >>> class Pen(BaseModel):
        ...     width: float = 1.0
        >>> try:
        ...     Pen.model_validate({"width": "thin"})
        ... except ValidationError as error:
        ...     print(sentence(error, Pen))
        width must be a number. Received: 'thin'.
    """
    first = min(error.errors(include_url=False), key=_is_missing)  # a name that is none, before one that is missing
    path, kind, context = tuple(first["loc"]), first["type"], first.get("ctx", {})
    where = _spelled(path, within)
    if kind in ("missing", "extra_forbidden"):
        owner = _field(model, path[:-1])[0] or model
        names, outer = tuple(owner.model_fields), _spelled(path[:-1], within)
        if kind == "missing":
            return f"{where} is missing. {_how(owner, names)} Received: {shown(first['input'])}."
        near = get_close_matches(str(path[-1]), names, 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        name = str(path[-1])[:40] + (f" in {outer}" if outer else "")
        return f"There is no {name}; there are {', '.join(names)}.{meant}"
    if kind == "value_error" or "sentence" in context:  # sentences of our own
        said = str(context.get("sentence") or context.get("error") or first["msg"]).rstrip(".")
        return f"{where}: {said}." if where else f"{said[:1].upper()}{said[1:]}."
    owner, field = _field(model, path)
    rule = _rule(kind, context, field) or f"be what it is meant to be ({first['msg'].rstrip('.').lower()})"
    is_object = owner is not None and rule == "be an object"
    how = f" {_how(owner, tuple(owner.model_fields))}" if owner is not None and is_object else ""
    return f"{where or 'This'} must {rule}. Received: {shown(first['input'])}.{how}"


def _is_missing(one: Any) -> bool:
    return one["type"] == "missing"


def _how(owner: type[BaseModel], names: Iterable[str]) -> str:
    written = getattr(owner, "written", Told.written)
    return f"Write {written}." if written != Told.written else f"Its fields are {', '.join(names)}."


def _spelled(path: Sequence[int | str], within: str) -> str:
    """`hints[3].color`."""
    text = within
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part[:40]}"
    return text


def _field(model: type[BaseModel], path: Sequence[int | str]) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The model that stands at the path, or None for no model, and the field that the path ends in."""
    here: type[BaseModel] | None = model
    info = None
    for part in path:
        if isinstance(part, int):
            continue  # one of a list, of whose kind all are
        info = here.model_fields.get(str(part)) if here is not None else None
        kinds = [] if info is None else _kinds(info.annotation)
        here = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    return here, info


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """The types that an annotation is of, also within lists."""
    if get_origin(annotation) not in (Union, types.UnionType, tuple, list):
        return (annotation,)
    return tuple(kind for one in get_args(annotation) for kind in _kinds(one))


def _rule(kind: str, context: dict[str, Any], field: FieldInfo | None) -> str:
    """`be a number from 0 to 1`; empty for a kind of error that is not known here."""
    if kind == "literal_error":
        words = str(context["expected"]).replace("'", "")
        return f"be {words}" if " or " in words else f"be {words}, and nothing else"
    if kind in _LENGTHS:
        return f"have {_LENGTHS[kind].format(**context)}"
    first = kind.split("_")[0]
    if first in _NUMBERS:
        whole = first == "int" or (field is not None and int in _kinds(field.annotation))
        return f"be a {'whole ' if whole else ''}number{_range(field, context)}"
    such = f" such as {field.examples[0]}" if field is not None and field.examples else ""
    return f"be {_PLAIN[first]}{such}" if first in _PLAIN else ""


def _range(field: FieldInfo | None, context: dict[str, Any]) -> str:
    """` from 0 to 1`, ` above 0`, ` up to 9`, ` from 1 and below 5`: bounds of a field, or at least the one passed."""
    names, bounds = ("ge", "gt", "le", "lt"), dict(context)
    for one in () if field is None else field.metadata:
        bounds |= {name: value for name in names if (value := getattr(one, name, None)) is not None}
    said = {name: f"{bounds[name]:g}" if isinstance(bounds[name], float) else str(bounds[name])
            for name in names if name in bounds}
    least = f" from {said['ge']}" if "ge" in said else f" above {said['gt']}" if "gt" in said else ""
    joined = f"{least} and" if least else ""
    if "le" in said:
        return f"{least} to {said['le']}" if "ge" in said else f"{joined} up to {said['le']}"
    return f"{joined} below {said['lt']}" if "lt" in said else least
