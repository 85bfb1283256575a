"""`python -m preprocess`: the doors of the preprocessing suite."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command line and returns the exit code; `ART OUT` without a command means `prepare ART OUT`."""
    from preprocess.commands import run_commands

    return run_commands(list(sys.argv[1:] if argv is None else argv))


if __name__ == "__main__":
    sys.exit(main())
