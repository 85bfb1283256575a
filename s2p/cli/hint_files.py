"""Where the hints of a command line come from: its own words, a file, or a folder with a file for every picture."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2p.cli.files import Task
    from s2p.schema import Hints


def hints_reader(source: Path | None, words: list[str]) -> Callable[[Task], Hints]:
    """A function from a task to its hints; a hint file is read once and checked now."""
    from s2p.schema import Hint, Hints

    typed = [Hint.parse(word) for word in words]
    if source is not None and os.path.isdir(source):
        return lambda task: Hints([*_read_hints(source / f"{Path(task.name).stem}.json", is_optional=True), *typed])
    fixed = Hints([*(_read_hints(source) if source is not None else ()), *typed])
    return lambda task: fixed


def _read_hints(path: Path, *, is_optional: bool = False) -> Hints:
    from s2p.errors import HintError
    from s2p.schema import Hints

    if is_optional and not os.path.exists(path):
        return Hints()
    try:
        return Hints.loads(path.read_bytes())
    except OSError as error:
        raise HintError(f"The hint file {path} cannot be read ({error.strerror}).") from error
    except HintError as error:
        raise HintError(f"{path}: {error}") from None
