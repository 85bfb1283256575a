"""Whether memory stays level over many drawings.

    python benchmarks/memory.py [--count 1000] [--every 50] [--edge 420] [--longest 1.5]

Paints so many different drawings of about that short edge and of up to that proportion, with hints, in one process, and
prints what the process holds beside what its cache of stages holds (at most `s2p.pipelines.base.CACHE_BYTES`): the
difference has to be level. At the end it says by how much that difference grew over the second half, and fails where it
is more than 40 MB.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from s2p.config import Settings
from s2p.pipelines.request import Request, kept, run
from s2p.schema import Hint, Hints

LEVEL = 40.0  # MB that may come and go


def drawing(seed: int, edge: int, longest: float = 1.5) -> np.ndarray:
    """Circles and lines of one seed, `uint8[H, W]`, of changing sizes and proportions."""
    random = np.random.default_rng(seed)
    height, width = (int(edge * share) for share in random.uniform(1.0, longest, 2))
    page = np.full((height, width), 255, np.uint8)
    for _ in range(int(random.integers(4, 12))):
        middle = (int(random.integers(0, width)), int(random.integers(0, height)))
        cv2.circle(page, middle, int(random.integers(edge // 12, edge // 3)), 0, 2, cv2.LINE_AA)
    for _ in range(4):
        ends = random.integers(0, min(height, width), (2, 2)).tolist()
        cv2.line(page, ends[0], ends[1], 0, 2, cv2.LINE_AA)
    return page


def hints(seed: int) -> Hints:
    random = np.random.default_rng(seed)
    return Hints([
        Hint(x=float(x), y=float(y), color="#{:02x}{:02x}{:02x}".format(*(int(value * 255) for value in color)))
        for x, y, *color in random.random((5, 5))
    ])


def held() -> float:
    """MB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--edge", type=int, default=420)
    parser.add_argument("--longest", type=float, default=1.5)
    words = parser.parse_args()
    settings = Settings(threads=2)
    seen: list[tuple[int, float, float]] = []
    for number in range(words.count):
        run("style2paints", Request(
            drawing(number, words.edge, words.longest), hints=hints(number), settings=settings
        ))
        if number % words.every == words.every - 1:
            cached = kept("style2paints", settings).cache.used_bytes / 1e6  # pyright: ignore
            seen.append((number + 1, held(), cached))
            print(f"{number + 1:6d} drawings  {seen[-1][1]:7.0f} MB, {cached:5.0f} of them cached"
                  f"  {time.process_time():7.0f} s of CPU", flush=True)
    rest = [whole - cached for _, whole, cached in seen]
    half = rest[len(rest) // 2 :] or [0.0]
    grown = half[-1] - half[0]
    print(f"beside the cache {half[-1]:.0f} MB, {grown:+.0f} MB over the second half")
    return int(grown > LEVEL)


if __name__ == "__main__":
    sys.exit(main())
