"""Writes a PNG while its rows come, so that nobody has to hold the picture (PNG specification, W3C 2025).

Every row is filtered by what leaves the least: nothing, the pixel before, or the one above. Flat colours between lines
ask for no more.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from s2p.files import not_written, written_whole

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS_RGB = (8, 2, 0, 0, 0)
_INCH = 0.0254  # m
_LEVEL = 6


def write_png_rows(
    path: str | Path, strips: Iterable[np.ndarray], shape: tuple[int, ...], *,
    dpi: tuple[float, float] | None = None, profile: bytes | None = None,
) -> None:
    """Writes a picture as a whole file.

    Args:
        path: target; an existing file is replaced only when the new one is complete.
        strips: `uint8[rows, W, 3]`, RGB, from above.
        shape: `(H, W, ...)` of the picture.
        dpi: dots per inch across and down.
        profile: ICC profile.

    Raises:
        OutputError: the file cannot be written.
        ValueError: the strips do not make a picture of `shape`.

    Example:
        >>> write_png_rows("red.png", [np.full((2, 8, 3), (255, 0, 0), np.uint8)] * 4, (8, 8, 3))
    """
    path = Path(path)
    try:
        with written_whole(path) as temporary, temporary.open("wb") as target:
            target.write(_SIGNATURE)
            _chunk(target, b"IHDR", struct.pack(">II5B", shape[1], shape[0], *_EIGHT_BITS_RGB))
            if profile is not None:
                _chunk(target, b"iCCP", b"ICC Profile\0\0" + zlib.compress(profile))
            if dpi is not None:
                _chunk(target, b"pHYs", struct.pack(">IIB", *(round(value / _INCH) for value in dpi), 1))
            for data in _packed(strips, shape):
                _chunk(target, b"IDAT", data)
            _chunk(target, b"IEND", b"")
    except OSError as error:
        raise not_written(path, error) from error


def _chunk(target: BinaryIO, name: bytes, data: bytes) -> None:
    target.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name))))


def _packed(strips: Iterable[np.ndarray], shape: tuple[int, ...]) -> Iterator[bytes]:
    packing, count = zlib.compressobj(_LEVEL), 0
    above = np.zeros(3 * shape[1], np.uint8)
    for strip in strips:
        if strip.shape[1:] != (shape[1], 3):
            raise ValueError(f"A strip must be uint8[rows, {shape[1]}, 3]. Received: {list(strip.shape)}.")
        rows = strip.reshape(len(strip), -1)
        count += len(rows)
        data = packing.compress(_filtered(rows, above).tobytes())
        above = rows[-1].copy()
        if data:
            yield data
    if count != shape[0]:
        raise ValueError(f"The strips must have {shape[0]} rows together. Received: {count}.")
    yield packing.flush()


def _filtered(rows: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Rows as PNG packs them, `uint8[N, 1 + 3 * W]`, the filter's number first."""
    before = np.zeros_like(rows)
    before[:, 3:] = rows[:, :-3]
    over = np.concatenate([above[None], rows[:-1]])
    ways = [rows, rows - before, rows - over]
    costs = np.stack([np.minimum(way, np.uint8(0) - way).sum(1, dtype=np.int64) for way in ways])
    best = costs.argmin(0).astype(np.uint8)
    found = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    found[:, 0] = best
    for number, way in enumerate(ways):
        found[best == number, 1:] = way[best == number]
    return found
