"""Strokes: a sheet of pictures by all renderers, and how near and how fast they are.

    python benchmarks/strokes.py SHEET.jpg [PICTURE...]      # without pictures, free ones of scikit-image and a sample
    python benchmarks/strokes.py goals [PICTURE]             # many strokes, a large canvas, and a network's price
    python benchmarks/strokes.py neural [PICTURE]            # a hundred strokes found by formulas, and by our networks

Seconds are of CPU time, so they mean much the same on a busy machine; likeness is PSNR at 512 px.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from s2p import samples
from s2p.image import as_picture, load_image, save_image
from s2p.strokes.backends import BACKENDS
from s2p.strokes.layouts import LAYOUTS
from s2p.strokes.painting import Painting, paint

_HEIGHT, _GAP, _SIZE = 300, 8, 640  # px: of a cell, between cells, of what is painted
_EVALUATIONS = 136_125  # of strokes, forwards and backwards, for 495 strokes in five levels
_BLOCKS, _TIMES = 25, 8  # strokes at once, and how often they are timed
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


def goals(paths: list[str]) -> None:
    """Figures of one picture: 495 and 1,836 strokes, 4096 px, and what the light network would take for the same."""
    name, picture = next(iter(pictures(paths).items()))
    timed(picture[:64, :64], "oilpaintbrush")
    painting, seconds, first = timed(picture, "oilpaintbrush")
    print(f"{name}: {len(painting.strokes)} strokes {painting.likeness:.1f} dB {seconds:.1f} s ({first:.2f})")
    started = time.process_time()
    fine = paint(picture, max_strokes=1836, max_divide=8)
    words = f"{len(fine.strokes)} strokes {fine.likeness:.1f} dB {time.process_time() - started:.1f} s"
    started = time.process_time()
    painting.at(4096).drawn()
    print(f"{words}; 4096 px again {time.process_time() - started:.1f} s", flush=True)
    each = straight_port()
    print(
        f"light network, ported as it is: {1000 * each:.1f} ms for a stroke and its gradient, "
        f"{_EVALUATIONS * each:.0f} s for the original's schedule, {_EVALUATIONS * each / seconds:.0f} times as long"
    )


def neural(paths: list[str]) -> None:
    """Both backends side by side, on one picture."""
    found = pictures(paths)
    name = next(iter(found)) if paths else "chelsea"
    for renderer in LAYOUTS:
        words = []
        for backend in BACKENDS:
            paint(found[name][:64, :64], renderer=renderer, backend=backend, max_strokes=2, max_divide=1)  # loads it
            started = time.process_time()
            painting = paint(found[name], renderer=renderer, backend=backend, max_strokes=100, max_divide=3)
            seconds = time.process_time() - started
            words.append(f"{backend} {len(painting.strokes)} strokes {painting.likeness:.1f} dB {seconds:.1f} s")
        print(f"{name}, {renderer}: {'; '.join(words)}", flush=True)


def straight_port() -> float:
    """CPU seconds for one stroke and its gradient, with transposed convolutions as a port would have them."""
    from keras import layers

    from s2p.models import stroke_renderers
    from s2p.nn.gradients import compiled_slope

    def transposed(x: Any, filters: int, *, name: str, use_bias: bool = False) -> Any:
        return layers.Conv2DTranspose(filters, 4, strides=2, padding="same", use_bias=use_bias, name=name)(x)

    before, stroke_renderers.enlarged = stroke_renderers.enlarged, transposed
    try:
        network = stroke_renderers.zou_fusion_net_light(variant="oilpaintbrush")
    finally:
        stroke_renderers.enlarged = before
    slope = compiled_slope(lambda rows: sum(map(_summed, network(rows, training=False))), [(None, 12)])
    rows = np.random.default_rng(0).random((_BLOCKS, 12), np.float32)  # as many as a level has blocks
    slope(rows)
    started = time.process_time()
    for _ in range(_TIMES):
        slope(rows)
    return (time.process_time() - started) / (_TIMES * _BLOCKS)


def _summed(maps: Any) -> Any:
    from keras import ops

    return ops.sum(maps * maps, axis=(1, 2, 3))


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
    if sys.argv[1] in ("goals", "neural"):
        {"goals": goals, "neural": neural}[sys.argv[1]](sys.argv[2:])
    else:
        main(sys.argv[1], sys.argv[2:])
