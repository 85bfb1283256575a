"""Words of the command line that come from a table: shown in the help, and refused with all that are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
