"""`python -m preprocess`: the doors of the preprocessing suite."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None, *, program: str = "python -m preprocess") -> int:
    """Runs a command line and returns the exit code; `ART OUT` without a command means `prepare ART OUT`.

    Args:
        argv: the words; those of the process by default.
        program: what the help calls it.
    """
    from .commands import run_commands

    return run_commands(list(sys.argv[1:] if argv is None else argv), program=program)


if __name__ == "__main__":
    sys.exit(main())
