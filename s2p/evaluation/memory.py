"""How much memory a piece of work needs at its peak."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Peak:
    """Largest resident memory of this process during the work, in MB (10^6 bytes); None where it cannot be told."""

    megabytes: float | None = None


@contextmanager
def peak() -> Iterator[Peak]:
    """Measures the memory of its block, the process with its libraries included.

    Linux can forget an old peak; elsewhere the highest peak since the process began is given.

    Example:
        >>> with peak() as used:
        ...     block = bytearray(1000)
        >>> used.megabytes is None or used.megabytes > 1
        True
    """
    measured = Peak()
    with suppress(OSError):  # not Linux, or a process that may not: see above
        Path("/proc/self/clear_refs").write_text("5")
    yield measured
    measured.megabytes = _high_water()


def _high_water() -> float | None:
    with suppress(OSError):  # no /proc: ask the C library below
        match = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        if match is not None:
            return int(match[1]) * 1024 / 1e6
    try:
        import resource
        import sys
    except ImportError:  # Windows
        return None
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1e6 if sys.platform == "darwin" else used * 1024 / 1e6
