"""Strokes: a sheet of pictures by all renderers, and how near and how fast they are.

    python benchmarks/strokes.py SHEET.jpg [PICTURE...]      # without pictures, free ones of scikit-image and a sample

Seconds are of CPU time, so they mean much the same on a busy machine; likeness is PSNR at 512 px.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from s2p import samples
from s2p.image import as_picture, load_image, save_image
from s2p.strokes.layouts import LAYOUTS
from s2p.strokes.painting import Painting, paint

_HEIGHT, _GAP, _SIZE = 300, 8, 640
# By NASA, public domain; by Rachel Michetti and by Stefan van der Walt, CC0. The fourth is a sample of our own.
_FREE = ("astronaut", "coffee", "chelsea")


def pictures(paths: list[str]) -> dict[str, np.ndarray]:
    """Pictures by their names, `uint8[H, W, 3]` RGB."""
    if paths:
        return {Path(path).stem: as_picture(load_image(path)) for path in paths}
    from skimage import data

    free = {name: np.asarray(getattr(data, name)()) for name in _FREE}
    return {**free, "girl": as_picture(load_image(samples.result_path("girl")))}


def timed(picture: np.ndarray, renderer: str) -> tuple[Painting, float, float]:
    """The painting, the CPU seconds that it took, and those until its first stroke."""
    first: list[float] = []
    started = time.process_time()
    painting = paint(picture, renderer=renderer, laid=lambda rows: first.append(time.process_time()))
    return painting, time.process_time() - started, first[0] - started


def cell(image: np.ndarray) -> np.ndarray:
    """A picture as high as the others."""
    size = round(image.shape[1] * _HEIGHT / image.shape[0]), _HEIGHT
    smaller = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.pad(smaller, ((0, _GAP), (0, _GAP), (0, 0)), constant_values=255)


def main(sheet: str, paths: list[str]) -> None:
    columns = pictures(paths)
    timed(next(iter(columns.values()))[:64, :64], "oilpaintbrush")  # brushes are made at their first use
    rows = [np.hstack([cell(picture) for picture in columns.values()])] if paths else []
    print(f"{'':14}" + "".join(f"{name:>22}" for name in columns))
    for renderer in LAYOUTS:
        cells, words = [], []
        for picture in columns.values():
            painting, seconds, first = timed(picture, renderer)
            cells.append(cell(painting.at(_SIZE).image))
            words.append(f"{painting.likeness:.1f} dB {seconds:.1f} s ({first:.2f})")
        rows.append(np.hstack(cells))
        print(f"{renderer:14}" + "".join(f"{word:>22}" for word in words), flush=True)
    save_image(np.vstack(rows)[:-_GAP, :-_GAP], sheet, quality=88)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
