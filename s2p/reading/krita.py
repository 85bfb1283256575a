"""Pixels of a layer in a Krita file: tiles of 64 x 64, each packed by LZF with its channels apart."""

from __future__ import annotations

import re

import numpy as np

from s2p.errors import InputError

_HEAD = re.compile(rb"VERSION 2\nTILEWIDTH (\d{1,4})\nTILEHEIGHT (\d{1,4})\nPIXELSIZE (\d{1,2})\nDATA (\d{1,8})\n")
_TILE = re.compile(rb"(-?\d{1,8}),(-?\d{1,8}),LZF,(\d{1,8})\n")
_EDGE = 64  # px of a tile, always


def pixels(
    data: bytes, name: str, shape: tuple[int, int], *, left: int = 0, top: int = 0, empty: bytes = b""
) -> np.ndarray:
    """The pixels of a layer on its page.

    Args:
        data: the part of the file that holds the layer.
        name: how errors call it.
        shape: height and width of the page; what lies beside it is not unpacked.
        left, top: px, where the layer's own origin lies.
        empty: the pixel where there is no tile, as it is stored; nothing by default.

    Returns: `uint8[H, W, 4]` RGBA.
    Raises:
        InputError: the layer has other colours than RGB or gray of 8 bits, or is damaged.

    Example:
        >>> pixels(b"VERSION 2\\nTILEWIDTH 64\\nTILEHEIGHT 64\\nPIXELSIZE 4\\nDATA 0\\n", "It", (2, 3)).shape
        (2, 3, 4)
    """
    head = _HEAD.match(data)
    width, height, channels, count = (int(part) for part in head.groups()) if head else (0, 0, 0, 0)
    if head is None or (width, height) != (_EDGE, _EDGE) or channels not in (2, 4):
        raise InputError(
            f"{name} is not of 8-bit RGB or gray. Save the file as PSD or ORA, or leave the layer out for all together."
        )
    page = np.zeros((*shape, channels), np.uint8)
    if len(empty) == channels:
        page[:] = np.frombuffer(empty, np.uint8)
    at = head.end()
    for _ in range(count):
        about = _TILE.match(data, at)
        if about is None:
            raise InputError(f"{name} is damaged. Save the file again.")
        at, column, row = about.end() + int(about[3]), int(about[1]) + left, int(about[2]) + top
        if -_EDGE < column < shape[1] and -_EDGE < row < shape[0]:
            _place(page, _tile(data[about.end() : at], channels, name), column, row)
    if channels == 2:
        return page[..., [0, 0, 0, 1]]
    return page[..., [2, 1, 0, 3]]


def _tile(packed: bytes, channels: int, name: str) -> np.ndarray:
    """One tile, `uint8[64, 64, channels]`."""
    size = _EDGE * _EDGE * channels
    is_packed = packed[:1] == b"\1"
    plain = _unpacked(packed[1:], size) if is_packed else packed[1:]
    if packed[:1] not in (b"\0", b"\1") or len(plain) != size:
        raise InputError(f"{name} is damaged. Save the file again.")
    values = np.frombuffer(plain, np.uint8)
    return values.reshape(channels, _EDGE, _EDGE).transpose(1, 2, 0) if is_packed else values.reshape(_EDGE, _EDGE, -1)


def _place(page: np.ndarray, tile: np.ndarray, column: int, row: int) -> None:
    rows, columns = slice(max(row, 0), row + _EDGE), slice(max(column, 0), column + _EDGE)
    seen = page[rows, columns]
    seen[:] = tile[rows.start - row :, columns.start - column :][: seen.shape[0], : seen.shape[1]]


def _unpacked(packed: bytes, most: int) -> bytes:
    """Of LZF: runs as they are (a byte below 32 says how long), and repetitions; a little more than `most` at most."""
    result = bytearray()
    at = 0
    try:
        while at < len(packed) and len(result) <= most:
            head = packed[at]
            at += 1
            if head < 32:
                result += packed[at : at + head + 1]
                at += head + 1
                continue
            length = head >> 5
            if length == 7:
                length += packed[at]
                at += 1
            back = ((head & 31) << 8) + packed[at] + 1
            at += 1
            start, length = len(result) - back, length + 2
            if start < 0:
                return b""
            piece = result[start : start + length]
            while len(piece) < length:  # it repeats itself
                piece += piece[: length - len(piece)]
            result += piece
    except IndexError:
        return b""
    return bytes(result)
