"""What the commands share: the table they stand in, options that several have, bars and last lines."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from s2p.errors import InputError

from .plan import FLAVOURS

app = typer.Typer(help="From a folder of art to training data.", no_args_is_help=True, add_completion=False,
                  rich_markup_mode=None)

DEFAULT_EXECUTOR = f"local:{os.cpu_count() or 1}"
Executor = Annotated[str, typer.Option(help="local, local:N or dask://host:port.")]
Size = Annotated[int, typer.Option(help="Short edge in pixels.")]
DrawnLines = Annotated[str, typer.Option(help=f"1 to 4: drawn (true), {', '.join(FLAVOURS)}.")]


def words_of(text: str) -> tuple[str, ...]:
    """The words between commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def bar(title: str, total: int) -> Any:
    """A progress bar on a terminal, silent elsewhere."""
    from tqdm import tqdm

    return tqdm(total=total, desc=title, unit=" files", file=sys.stderr, disable=not sys.stderr.isatty(), smoothing=0.1)


def finish(outcome: tuple[int, list[tuple[str, str]]]) -> int:
    """Says how many pictures were written and what failed, of `preprocess.steps.each_picture`; the exit code."""
    done, failures = outcome
    for name, reason in failures:
        print(f"{name}: {reason}", file=sys.stderr)
    print(f"{done} pictures written, {len(failures)} failed.", file=sys.stderr)
    return 0 if done or not failures else InputError.exit_code
