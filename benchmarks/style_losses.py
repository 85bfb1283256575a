"""Which network should look at style: pictures brought to paintings under each, judged by a statistic of none of them.

    python benchmarks/style_losses.py PAINTINGS PHOTOS [--features efficientnet reader filters random VGG16.h5]
        [--paintings 4] [--photos 2] [--steps 60] [--edge 128] [--content 0.2] [--sheet SHEET.png]

Every photograph is brought to every painting by moving its pixels down a style loss (Gatys, Ecker and Bethge 2016),
once for each network. The independent statistic is the sliced Wasserstein distance between patches of 5 x 5 pixels at
three scales (Rabin et al. 2011): no features, no Gram matrices, only which patches there are and how often. It is given
as a share of the photograph's own distance; two halves of one painting say what is as good as the same. How much of the
photograph is left is the correlation of how steep light and dark are in both. Below the table, every loss measures what
the others have made. It is a small scale: pixels, not networks, some pairs, some steps.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras
from keras import ops

from s2p.image import save_image
from s2p.nn.gradients import apply, to_numpy, value_and_gradients
from s2p.train.photos import centres, pictures_in, read_sized
from s2p.train.style_features import NAMES, open_features
from s2p.train.style_loss import StyleLoss, variation

_PATCH, _DIRECTIONS, _PLACES, _SCALES = 5, 96, 256, (1, 2, 4)
_VARIATION = 0.1  # weight of smoothness, as the shipped styles were trained
_MARGIN = 0.02  # from black and white, where a pixel would not move any more


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Sliced Wasserstein distance of the patches of two pictures `float32[H, W, 3]` in [0, 1]; 0 for one picture."""
    random, total = np.random.default_rng(0), 0.0
    for scale in _SCALES:
        directions = random.normal(size=(_PATCH * _PATCH * 3, _DIRECTIONS))
        directions /= np.linalg.norm(directions, axis=0)
        spread = [_quantiles(picture, scale, directions) for picture in (one, other)]
        total += float(np.abs(spread[0] - spread[1]).mean())
    return total / len(_SCALES)


def _quantiles(picture: np.ndarray, scale: int, directions: np.ndarray) -> np.ndarray:
    height, width = (side // scale for side in picture.shape[:2])
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    patches = np.lib.stride_tricks.sliding_window_view(small, (_PATCH, _PATCH), axis=(0, 1))
    seen = patches.reshape(-1, directions.shape[0]) @ directions
    return np.quantile(seen, (np.arange(_PLACES) + 0.5) / _PLACES, axis=0)


def kept(picture: np.ndarray, painted: np.ndarray) -> float:
    """Correlation of how steep light and dark are, in [-1, 1]; blind to colours."""
    steep = []
    for one in (picture, painted):
        light = cv2.GaussianBlur(one @ np.array([0.299, 0.587, 0.114], np.float32), (0, 0), 2.0)
        steep.append(np.hypot(*np.gradient(light)).ravel())
    return float(np.corrcoef(*steep)[0, 1])


def brought(loss: StyleLoss, photos: np.ndarray, shares: np.ndarray, *, steps: int, content: float) -> np.ndarray:
    """Photographs `float32[B, H, W, 3]` whose pixels have gone down a loss, each to its own painting."""
    start = np.clip(photos, _MARGIN, 1 - _MARGIN)
    pixels = keras.Variable(np.log(start / (1 - start)))
    before = [ops.stop_gradient(one) for one in loss.look(photos)]
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build([pixels])

    def measured() -> tuple[Any, None]:
        made = ops.sigmoid(pixels)
        seen = loss.look(made)
        each = loss.style(seen, shares) + content * loss.content(seen, before) + _VARIATION * variation(made)
        return ops.sum(each), None

    for _ in range(steps):
        _, _, gradients = value_and_gradients(measured, [pixels])
        apply(optimizer, gradients, [pixels])
    return to_numpy(ops.sigmoid(pixels))


def styled(loss: StyleLoss, pictures: np.ndarray, shares: np.ndarray) -> float:
    """Mean style loss of pictures."""
    return float(np.mean(to_numpy(loss.style(loss.look(pictures), shares))))


def compared(
    features: Sequence[str], paintings: Sequence[Path], photos: Sequence[Path], ordinary: Sequence[Path], *,
    steps: int = 60, edge: int = 128, content: float = 0.2, sheet: str = "",
) -> Iterator[str]:
    """The lines of the report, as they become known.

    Args:
        features: of `s2p.train.style_features`.
        paintings, photos: files; every photograph is brought to every painting.
        ordinary: files of which the scale of the losses is taken.
        steps, edge, content: of Adam, px, and the weight of content beside that of style.
        sheet: file to draw the results to; none by default.
    """
    wanted = [read_sized(path, short=2 * edge) / np.float32(255) for path in paintings]
    given = np.concatenate([centres([path], edge) for path in photos for _ in paintings])
    pairs = list(range(len(paintings))) * len(photos)
    shares = np.eye(len(paintings), dtype=np.float32)[pairs]
    far = [distance(one, wanted[pair]) for one, pair in zip(given, pairs)]
    parts = [np.array_split(one, 2, axis=1) for one in wanted]
    halves = [distance(left, right) / np.mean(far) for left, right in parts]
    losses = [StyleLoss(open_features(name), centres(ordinary, edge), [one[None] for one in wanted])
              for name in features]  # fmt: skip
    names = [Path(name).name for name in features]
    yield f"{len(given)} pairs, {edge} px, {steps} steps, content {content:g}"
    yield f"{'':14}{'distance left':>14}{'photo kept':>12}{'CPU s':>8}"
    yield f"{'halves of one':14}{np.mean(halves):14.2f}"
    yield f"{'photographs':14}{1:14.2f}{1:12.2f}"
    results, rows = [], [given]
    for name, loss in zip(names, losses):
        started = time.process_time()
        made = brought(loss, given, shares, steps=steps, content=content)
        seconds = time.process_time() - started
        left = np.mean([distance(one, wanted[pair]) / usual for one, pair, usual in zip(made, pairs, far)])
        alike = np.mean([kept(*pair) for pair in zip(given, made)])
        yield f"{name[:13]:14}{left:14.2f}{alike:12.2f}{seconds:8.0f}"
        results.append(made)
        rows.append(made)
    yield "\nStyle loss left, by who measures (across) and under whose loss it was made (down)"
    yield f"{'':14}" + "".join(f"{name[:11]:>12}" for name in names)
    usual = [styled(loss, given, shares) for loss in losses]
    for name, made in zip(names, results):
        found = [styled(loss, made, shares) / one for loss, one in zip(losses, usual)]
        yield f"{name[:13]:14}" + "".join(f"{one:12.2f}" for one in found)
    if sheet:
        shown = [cv2.resize(one, (edge, edge), interpolation=cv2.INTER_AREA) for one in wanted] * len(photos)
        bands = [np.concatenate(list(row), axis=1) for row in (shown, *rows)]
        save_image(np.rint(np.concatenate(bands) * 255).astype(np.uint8), sheet)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("from_paintings", type=Path, metavar="PAINTINGS")
    parser.add_argument("from_photos", type=Path, metavar="PHOTOS")
    parser.add_argument("--features", nargs="+", default=list(NAMES))
    for name, usual in (("paintings", 4), ("photos", 2), ("steps", 60), ("edge", 128)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--content", type=float, default=0.2)
    parser.add_argument("--sheet", default="")
    asked = parser.parse_args()
    paintings, photos = pictures_in(asked.from_paintings), pictures_in(asked.from_photos)

    def some(files: list[Path], count: int) -> list[Path]:
        return [files[i] for i in np.linspace(0, len(files) - 1, min(count, len(files))).astype(int)]

    for line in compared(
        asked.features, some(paintings, asked.paintings), some(photos, asked.photos), some(photos, 32),
        steps=asked.steps, edge=asked.edge, content=asked.content, sheet=asked.sheet,
    ):  # fmt: skip
        print(line, flush=True)


if __name__ == "__main__":
    main()
