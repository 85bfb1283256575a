"""Words of the command line that come from a table, shown in the help and refused with all that are known; and options
that several commands share.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, get_type_hints

import typer


def one_of(words: Sequence[str]) -> dict[str, Any]:
    """Keywords for `typer.Option` or `typer.Argument` of a text that is one of `words`."""

    def checked(value: str | None) -> str | None:
        if value is not None and value not in words:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(words)}.")
        return value

    return {"metavar": f"[{'|'.join(words)}]", "callback": checked}


def option_of(use: str) -> str:
    """How an option of that name is written: `super_resolution` is `--super-resolution`."""
    return f"--{use.replace('_', '-')}"


def sharing(options: type, name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """A decorator of commands that share options.

    Args:
        options: a dataclass whose fields are annotated as the parameters of a command are, each with a default.
        name: of the command's parameter that is such a value; on the command line its fields stand in its place.
    """
    hints = get_type_hints(options, include_extras=True)
    kind = inspect.Parameter.KEYWORD_ONLY
    shared = [inspect.Parameter(f.name, kind, default=f.default, annotation=hints[f.name]) for f in fields(options)]

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        def taking(**given: Any) -> int:
            value = options(**{one.name: given.pop(one.name) for one in shared})
            return command(**given, **{name: value})

        own = inspect.signature(command, eval_str=True)
        spread = [more for one in own.parameters.values() for more in (shared if one.name == name else [one])]
        spread = [one.replace(kind=kind) for one in spread]
        taking.__signature__ = own.replace(parameters=spread)  # pyright: ignore[reportFunctionMemberAccess]
        taking.__annotations__ = {one.name: one.annotation for one in spread}
        taking.__doc__, taking.__name__ = command.__doc__, command.__name__
        return taking

    return decorated
