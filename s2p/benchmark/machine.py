"""What a benchmark ran on."""

from __future__ import annotations

import os
import platform
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np


def describe() -> dict[str, Any]:
    """Processor, cores, memory, system, versions, date, and how busy the computer was already."""
    from s2p import doctor

    load = None
    with suppress(OSError, AttributeError):  # Windows does not count
        load = round(os.getloadavg()[0], 2)
    return {
        "date": time.strftime("%Y-%m-%d"), "processor": processor(), "cores": doctor.cores(),
        "memory_gib": round(doctor.memory().get("total", 0.0) / 2**30, 1) or None,
        "system": platform.platform(terse=True), "versions": doctor.versions(), "load_before": load,
    }


def processor() -> str:
    """The processor's name as the system tells it."""
    with suppress(OSError):
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        if found is not None:
            return found[1].strip()
    return platform.processor() or platform.machine()


def matrix_product(size: int = 2048, seconds: float = 1.0) -> float:
    """GFLOP per second of float32 matrix products in NumPy: the best of those that fit into some seconds.

    A network cannot be faster than this; a share of it says how well a runtime uses the processor.
    """
    random = np.random.default_rng(0)
    left, right = (random.random((size, size), dtype=np.float32) for _ in range(2))
    out = np.empty_like(left)
    np.matmul(left, right, out=out)
    best, until = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < until or not best:
        started = time.perf_counter()
        np.matmul(left, right, out=out)
        best = max(best, 2 * size**3 / (time.perf_counter() - started) / 1e9)
    return best
