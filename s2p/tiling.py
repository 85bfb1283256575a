"""Runs a function over pictures whose size it does not like: padded to whole multiples, or cut into blended tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from s2p.progress import NullReporter, Reporter

ImageFunction = Callable[[np.ndarray], np.ndarray]


def pad_to_multiple(image: np.ndarray, multiple: int) -> np.ndarray:
    """Pads right and bottom to whole multiples by mirroring, or by repeating the edge where the picture is too small.

    Args:
        image: any dtype, `[H, W]` or `[H, W, C]`.
        multiple: int, at least 1.

    Returns: the same dtype, `[H', W'(, C)]`; the input itself where nothing is missing.
    """
    missing = [-side % multiple for side in image.shape[:2]]
    if not any(missing):
        return image
    # Mirroring needs `missing` other pixels; a one-pixel strip has none.
    mode = "reflect" if all(lack < side for lack, side in zip(missing, image.shape)) else "edge"
    return np.pad(image, [(0, missing[0]), (0, missing[1]), *[(0, 0)] * (image.ndim - 2)], mode=mode)


def run_padded(function: ImageFunction, image: np.ndarray, *, multiple: int, scale: int = 1) -> np.ndarray:
    """Calls `function` on the padded picture and cuts the padding off its answer.

    Args:
        function: takes `[H', W'(, C)]` and returns `[H' * scale, W' * scale(, D)]`.
        image: `[H, W]` or `[H, W, C]`.
        multiple: int. What height and width must be divisible by.
        scale: int. How many times larger the answer is.

    Returns: `[H * scale, W * scale(, D)]`.
    """
    height, width = image.shape[:2]
    return function(pad_to_multiple(image, multiple))[: height * scale, : width * scale]


def run_tiled(
    function: ImageFunction, image: np.ndarray, *, tile: int = 512, overlap: int = 64, multiple: int = 1,
    scale: int = 1, report: Reporter | None = None,
) -> np.ndarray:
    """Calls `function` tile by tile, so that memory is bounded by the tile and not by the page.

    Neighbouring tiles share `overlap` pixels, across which one fades into the other. A function that looks no further
    than half the overlap gives (up to rounding) the same picture as in one piece, away from the page's border.

    Args:
        function: takes `[h, w(, C)]` and returns `[h * scale, w * scale(, D)]` of one dtype.
        image: `[H, W]` or `[H, W, C]`. A picture that fits into one tile is run in one piece.
        tile: int. Edge of a tile in input pixels.
        overlap: int, less than `tile`.
        multiple: int. What the sides of a tile must be divisible by; smaller pieces are padded.
        scale: int. How many times larger the answer is.
        report: told the fraction done, and asked before every tile whether the job was cancelled.

    Returns: `[H * scale, W * scale(, D)]` in the function's dtype, integers rounded.
    Raises: `ValueError` for an overlap that leaves nothing of a tile; whatever `function` raises.

    Example:
        >>> page = np.zeros((3000, 2000, 3), np.uint8)
        >>> run_tiled(lambda piece: 255 - piece, page, tile=512, overlap=32).shape
        (3000, 2000, 3)
    """
    if tile < 1 or not 0 <= overlap < tile:
        raise ValueError(f"overlap must be at least 0 and less than tile. Received: overlap {overlap}, tile {tile}.")
    report = report or NullReporter()
    height, width = image.shape[:2]
    rows, columns = list(_spans(height, tile, overlap)), list(_spans(width, tile, overlap))
    total: np.ndarray | None = None
    dtype: np.dtype = np.dtype(np.float32)
    done = 0
    for top, bottom in rows:
        for left, right in columns:
            report.check()
            piece = run_padded(function, image[top:bottom, left:right], multiple=multiple, scale=scale)
            if len(rows) == len(columns) == 1:
                report.update(1.0)
                return piece
            if total is None:
                dtype = piece.dtype
                total = np.zeros((height * scale, width * scale, *piece.shape[2:]), np.float32)
            weight = _fade(top, bottom, rows, scale)[:, None] * _fade(left, right, columns, scale)[None, :]
            weighted = piece * (weight if piece.ndim == 2 else weight[:, :, None])
            total[top * scale : bottom * scale, left * scale : right * scale] += weighted
            done += 1
            report.update(done / (len(rows) * len(columns)))
    assert total is not None
    if dtype.kind in "iu":
        limits = np.iinfo(dtype.type)
        total = np.rint(total).clip(limits.min, limits.max)
    return total.astype(dtype)


def _spans(length: int, tile: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Starts and ends of tiles of equal length; the last one ends at the border."""
    start = 0
    while start + tile < length:
        yield start, start + tile
        start += tile - overlap
    yield max(0, min(start, length - tile)), length


def _fade(start: int, end: int, spans: list[tuple[int, int]], scale: int) -> np.ndarray:
    """`float32[(end - start) * scale]`: the share of the tile `start..end` at its pixels; all tiles sum to 1."""
    positions = (np.arange(start * scale, end * scale) + 0.5) / scale
    own = np.zeros(len(positions), np.float64)
    total = np.zeros(len(positions), np.float64)
    for first, last in spans:
        # Height of a tent over each tile; tiny but never 0 inside, so that borders keep their only tile.
        tent = np.minimum(positions - first, last - positions)
        tent = np.where((positions > first) & (positions < last), tent, 0.0)
        total += tent
        if (first, last) == (start, end):
            own = tent
    return (own / total).astype(np.float32)
