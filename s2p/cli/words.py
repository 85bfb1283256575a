"""Words of the command line that come from a table, and what its sentences call them."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand

from s2p.errors import S2PError


def one_of(words: Sequence[str]) -> dict[str, Any]:
    """Keywords for `typer.Option` or `typer.Argument` of a text that is one of `words`."""

    def checked(value: str | None) -> str | None:
        if value is not None and value not in words:
            near = [word for word in words if word.startswith(value)] or get_close_matches(value, words, 1)
            meant = f" Did you mean {near[0]}?" if value and len(near) == 1 else ""
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(words)}.{meant}")
        return value

    return {"metavar": f"[{'|'.join(words)}]", "callback": checked}


def option_of(use: str) -> str:
    """How an option of that name is written: `super_resolution` is `--super-resolution`."""
    return f"--{use.replace('_', '-')}"


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


def in_options(sentence: str) -> str:
    """`canvas_size must be ...` as `--canvas-size must be ...`, where that is an option of the command that runs."""
    name, rule, rest = sentence.partition(" must ")
    command = _running.get()
    for param in () if command is None else command.params:
        if param.name == name and param.opts[0].startswith("-"):
            return f"{param.opts[0]}{rule}{rest}"
    return sentence
