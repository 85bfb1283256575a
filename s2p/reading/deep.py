"""Samples of more than 8 bits, and signed ones: what Pillow does not read of TIFF, and how all of it becomes 8 bits."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from s2p.errors import InputError, TooLargeError
from s2p.reading.limits import check_size

_SAMPLE_FORMAT, _BITS = 339, 258  # tags of TIFF
_KINDS = {1: "u", 2: "i", 3: "f"}
_READ_BY_OPENCV = ("f4", "f8", "i4")
_MOST_BYTES = 1_000_000_000  # of decoded samples, whatever the limit of pixels is
_BAND = 1 << 20  # samples that are converted at a time: a large page must not be held in floating point
_NOISE = 64  # negative samples smaller than that part of the largest are what a filter left, not a sign in use
_RANGES = {"u": (255, 65_535, 2**32 - 1), "i": (255, 65_535, 2**31 - 1), "f": (1.0, 255.0, 65_535.0)}


def deep_tiff(data: bytes, name: str, max_pixels: int) -> np.ndarray | None:
    """Samples of a TIFF that Pillow does not read, `[H, W]` or `[H, W, 3 or 4]` RGB(A); None for every other file.

    Those are colours that are signed or have 32 bits and more, and gray in floating point of 16 or 64 bits.

    Raises:
        InputError: it is damaged, or packed in a way that is not read.
        TooLargeError: over the limit of pixels, or over a gigabyte.
    """
    if not data.startswith((b"II*\0", b"MM\0*")):
        return None
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page = file.pages[0]
            assert isinstance(page, tifffile.TiffPage)
            dtype, channels = np.dtype(page.dtype).newbyteorder("="), page.samplesperpixel
            width, height = page.imagewidth, page.imagelength
            if page.imagedepth != 1 or page.photometric not in (1, 2) or not _is_unknown_to_pillow(dtype, channels):
                return None
            check_size(width, height, name, max_pixels)
            _check_bytes(width * height * channels * dtype.itemsize, name)
            values = _by_opencv(data) if channels > 1 and dtype.str[1:] in _READ_BY_OPENCV else _by_tifffile(page)
    except InputError:
        raise
    except Exception:  # not for this reader; Pillow says what is wrong
        return None
    if values is None or values.shape[:2] != (height, width) or values.shape[2:] not in ((), (3,), (4,)):
        raise InputError(f"{name} is damaged, or packed in a way that is not read. Save it with 16 bits a channel.")
    return values


def _is_unknown_to_pillow(dtype: np.dtype, channels: int) -> bool:
    if channels == 1:
        return dtype.itemsize == 8 or (dtype.kind == "f" and dtype.itemsize == 2)
    return channels in (3, 4) and (dtype.itemsize >= 4 or dtype.kind in "if")


def _check_bytes(count: int, name: str) -> None:
    if count > _MOST_BYTES:
        raise TooLargeError(
            f"{name} takes {count / 1e9:.1f} GB of memory with so many bits a channel; at most "
            f"{_MOST_BYTES / 1e9:g} GB are read. Save it with 16 bits a channel."
        )


def _by_opencv(data: bytes) -> np.ndarray | None:
    import cv2

    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.ndim != 3 or values.shape[2] not in (3, 4):
        return None
    return values[:, :, [2, 1, 0, 3][: values.shape[2]]]


def _by_tifffile(page: Any) -> np.ndarray | None:
    """Without a library of codecs it knows no more than plain samples and Deflate."""
    try:
        values = page.asarray()
    except Exception:
        return None
    return np.moveaxis(values, 0, -1) if page.axes.startswith("S") else values


def sample_type(picture: Image.Image) -> np.dtype | None:
    """What the samples of a TIFF in gray are; None where Pillow's mode tells it. To be asked before it is decoded."""
    tags = getattr(picture, "tag_v2", None)
    if tags is None or picture.mode not in ("L", "I"):
        return None
    kind, bits = _first(tags.get(_SAMPLE_FORMAT, 1)), _first(tags.get(_BITS, 8))
    if kind not in (1, 2) or bits not in (8, 16, 32):
        return None
    return np.dtype(f"{_KINDS[kind]}{bits // 8}")


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and value else value


def as_samples(values: np.ndarray, dtype: np.dtype | None) -> np.ndarray:
    """The values that Pillow gives for gray of that type as they are in the file: it takes every byte for unsigned, and
    every 32 bits for signed."""
    if dtype is None or dtype == values.dtype:
        return values
    return values.view(dtype) if dtype.itemsize == values.dtype.itemsize else values.astype(dtype)


def to_8_bits(values: np.ndarray) -> np.ndarray:
    """`uint8` of the same shape. Unsigned 16 bits keep their high byte; all else is scaled by the smallest usual range
    that holds its values: of signed ones from 0 on where none is negative, else the whole range of both signs.

    Example:
        >>> to_8_bits(np.array([-2**31, 0, 2**31 - 1], np.int32)).tolist()
        [0, 127, 255]
    """
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.uint16:
        return (values >> 8).astype(np.uint8)
    bands = list(_bands(values))
    below, top = _range(bands, values.dtype)
    eight = np.empty(values.shape, np.uint8)
    for band, target in zip(bands, _bands(eight)):
        target[...] = ((_finite(band) + below).clip(0, top) * (255.0 / top)).astype(np.uint8)
    return eight


def _bands(values: np.ndarray) -> Iterator[np.ndarray]:
    rows = max(1, _BAND * len(values) // max(values.size, 1))
    return (values[top : top + rows] for top in range(0, len(values), rows))


def _finite(band: np.ndarray) -> np.ndarray:
    return np.nan_to_num(band.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _range(bands: list[np.ndarray], dtype: np.dtype) -> tuple[float, float]:
    """What is added to all values, and what is white then."""
    low = min((float(_finite(band).min()) for band in bands), default=0.0)
    high = max((float(_finite(band).max()) for band in bands), default=0.0)
    kind = "u" if dtype.kind == "b" else dtype.kind
    whole = [] if kind == "f" else [float(np.iinfo(dtype).max)]
    usual = [*(float(top) for top in _RANGES[kind] if not whole or top < whole[0]), *whole]
    if kind == "i" and low < -high / _NOISE:
        half = next(top + 1 for top in (127.0, 32_767.0, *usual[-2:]) if -top - 1 <= low and high <= top)
        return half, 2 * half - 1
    return 0.0, next((top for top in usual if high <= top), high)
