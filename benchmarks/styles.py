"""How long the network of many styles takes, and how much memory, at every size and width.

    python benchmarks/styles.py [--sizes 256 512 1024 2048] [--widths light turbo] [--backends openvino onnxruntime]

Every row is a process of its own that paints a square twice, through the whole system: seconds of the second time by
the clock and of the processors, and the most memory that the process held. On a busy machine only the latter two mean
much; the processors' seconds by the number of cores are what the clock shows on a quiet one, at best. A network that is
new on this computer is converted first, which needs more memory than painting: then run it twice.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from s2p.config import Settings
from s2p.pipelines.request import Request
from s2p.pipelines.stylizer import StylePainter
from s2p.style_options import StyleOptions


def measured(size: int, width: str, backend: str) -> str:
    """A row of the table, measured in this process."""
    rows, columns = np.mgrid[:size, :size] * (512 / size)
    picture = np.stack([rows, columns, 128 + 100 * np.sin(rows / 17) * np.cos(columns / 23)], -1) / 2
    painter = StylePainter(settings=Settings(backend=backend))  # pyright: ignore[reportArgumentType]
    seconds = (0.0, 0.0)
    for i in range(2):
        given = np.roll(picture.astype(np.uint8), i, axis=0)  # what was painted is remembered
        clock, processors = time.perf_counter(), time.process_time()
        painter.run(Request(given, own=StyleOptions(width=width)))  # pyright: ignore[reportArgumentType]
        seconds = (time.perf_counter() - clock, time.process_time() - processors)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{backend:12}{width:8}{size:6} px {seconds[0]:7.2f} s {seconds[1]:7.2f} CPU s {most:7.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024, 2048])
    parser.add_argument("--widths", nargs="+", default=["light", "turbo"])
    parser.add_argument("--backends", nargs="+", default=["openvino", "onnxruntime"])
    parser.add_argument("--here", action="store_true", help="measure the first of each in this process")
    asked = parser.parse_args()
    if asked.here:
        print(measured(asked.sizes[0], asked.widths[0], asked.backends[0]), flush=True)
        return
    for backend in asked.backends:
        for width in asked.widths:
            for size in asked.sizes:
                words = ["--here", "--sizes", str(size), "--widths", width, "--backends", backend]
                subprocess.run([sys.executable, __file__, *words], check=True)


if __name__ == "__main__":
    main()
