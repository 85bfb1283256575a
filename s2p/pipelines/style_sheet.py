"""Pictures that show what the styles do: styles by pictures, a row from one style to another, a square of four."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from s2p.pipelines.request import Request, System
from s2p.progress import NullReporter, Reporter
from s2p.style_options import StyleOptions

_GAP, _TEXT = 4, 14  # px
_STEPS = 5


def style_sheet(
    painter: System, pictures: Sequence[np.ndarray], names: Sequence[str], *, width: str = "light", tile: int = 224,
    report: Reporter | None = None,
) -> np.ndarray:
    """A row for every picture, with all styles; then two styles mixed in five steps, and four in five by five.

    Args:
        painter: of `s2p.pipelines.stylizer.load`.
        pictures: `uint8[H, W, 3]` each; a square of their middle is shown.
        names: of the styles.
        width: variant of the network.
        tile: px, edge of every picture in the sheet.
        report: told the fraction done, and asked whether to stop.

    Returns: `uint8[H, W, 3]`, RGB.
    """
    report = report or NullReporter()
    squares = [_square(picture, tile) for picture in pictures]
    ends = [names[i * (len(names) - 1) // 3] for i in range(4)] if len(names) >= 4 else []
    pair = (names[0], names[-1])
    total, done = len(squares) * len(names) + _STEPS + (_STEPS**2 if ends else 0), 0

    def painted(square: np.ndarray, shares: Mapping[str, float]) -> np.ndarray:
        nonlocal done
        report.check()
        own = StyleOptions(styles=dict(shares), normalise=True, width=width)  # pyright: ignore[reportArgumentType]
        result = painter.run(Request(square, own=own))
        done += 1
        report.update(done / total)
        return result.image

    head = [np.full((_TEXT, tile, 3), 255, np.uint8), *(_label(name, tile) for name in names)]
    rows = [head, *([square, *(painted(square, {name: 1.0}) for name in names)] for square in squares)]
    line = np.linspace(0.0, 1.0, _STEPS).tolist()
    rows += [[_label(f"{pair[0]} to {pair[1]}", tile * _STEPS)],
             [painted(squares[0], {pair[0]: 1.0 - x, pair[1]: x} if pair[0] != pair[1] else {pair[0]: 1.0})
              for x in line]]  # fmt: skip
    if ends:
        rows.append([_label(", ".join(ends), tile * _STEPS)])
        rows += [[painted(squares[-1], _corners(ends, x, y)) for x in line] for y in line]
    return _joined(rows)


def strip(
    painter: System, picture: np.ndarray, names: Sequence[str], *, width: str = "light", tile: int = 224
) -> np.ndarray:
    """A picture and some styles of it, side by side, `uint8[tile, W, 3]`."""
    square = _square(picture, tile)
    options = [StyleOptions(styles={name: 1.0}, width=width) for name in names]  # pyright: ignore[reportArgumentType]
    return _joined([[square, *(painter.run(Request(square, own=own)).image for own in options)]])


def _corners(names: Sequence[str], x: float, y: float) -> dict[str, float]:
    return dict(zip(names, ((1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y)))


def _square(picture: np.ndarray, edge: int) -> np.ndarray:
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    box = Image.fromarray(np.ascontiguousarray(picture[top : top + side, left : left + side]))
    return np.asarray(box.resize((edge, edge), Image.Resampling.LANCZOS))


def _label(text: str, width: int) -> np.ndarray:
    image = Image.new("RGB", (width, _TEXT), "white")
    ImageDraw.Draw(image).text((2, 0), text, fill="black")
    return np.asarray(image)


def _joined(rows: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    bands = []
    for row in rows:
        gap = np.full((row[0].shape[0], _GAP, 3), 255, np.uint8)
        bands.append(np.concatenate([part for tile in row for part in (tile, gap)][:-1], axis=1))
    widest = max(band.shape[1] for band in bands)
    bands = [np.pad(band, ((0, _GAP), (0, widest - band.shape[1]), (0, 0)), constant_values=255) for band in bands]
    return np.concatenate(bands)[:-_GAP]
