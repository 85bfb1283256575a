"""Words of the command line that come from a table, what its sentences call them, and options that several commands
share.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, get_type_hints

import typer
from typer.core import TyperCommand

from s2p.errors import S2PError


def one_of(words: Sequence[str], *, also: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Keywords for `typer.Option` of a text that is one of `words`; `also` are other spellings of some."""

    def checked(value: str | None) -> str | None:
        value = (also or {}).get(value or "", value)
        if value is not None and value not in words:
            near = [word for word in words if word.startswith(value)] or get_close_matches(value, words, 1)
            meant = f" Did you mean {near[0]}?" if value and len(near) == 1 else ""
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(words)}.{meant}")
        return value

    return {"metavar": f"[{'|'.join(words)}]", "callback": checked}


def named(kind: str, words: Sequence[str], about: str) -> dict[str, Any]:
    """Keywords for `typer.Argument` of a text that is one of many `words`: they stand in its help, not in its place.

    Args:
        kind: what it is called in the command, as `NETWORK`.
        words: what it may be.
        about: its help, without a point at the end.
    """
    return {**one_of(words), "metavar": kind, "help": f"{about}: {', '.join(words)}."}


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


def going_on(sentence: str) -> str:
    """A sentence as it goes on after a colon: `The picture is empty.` is `the picture is empty.`"""
    first = sentence.split(" ", 1)[0]
    return sentence[:1].lower() + sentence[1:] if first in ("The", "A", "An", "This", "It") else sentence


class Command(TyperCommand):
    """A command whose errors name its options where the library names an argument or a setting."""

    def invoke(self, ctx: Any) -> Any:
        token = _running.set(self)
        try:
            return super().invoke(ctx)
        except S2PError as error:
            error.args = (in_options(str(error)), *error.args[1:])
            raise
        finally:
            _running.reset(token)


_running: ContextVar[Command | None] = ContextVar("running", default=None)
_RULE = re.compile(r"(\w+) (?:must|is a number) ")  # after the name of what it rules


def in_options(sentence: str) -> str:
    """`canvas_size must be ...` as `--canvas-size must be ...`, where that is an option of the command that runs."""
    name, command = _RULE.match(sentence), _running.get()
    if name is None or command is None:
        return sentence
    options = (param.opts[0] for param in command.params if param.name == name[1] and param.opts[0].startswith("-"))
    option = next(options, name[1])
    return option + sentence[name.end(1):]
