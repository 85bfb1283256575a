"""Pictures in and out: loading, transparency, saving, and the resize rules of the painting pipeline.

Inside the program a picture is `uint8[H, W, 3]`, RGB, sRGB. This file is the border: whatever a person brings (16-bit
scans, CMYK, rotated phone photos, transparent palettes) is normal afterwards, or refused with one sentence.
"""

from __future__ import annotations

import io
import logging
import os
import secrets
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from s2p.errors import InputError, OutputError, TooLargeError

MAX_PIXELS = 64_000_000
MAX_SIDE = 32_000  # OpenCV's interpolation indexes rows and columns with 16 bits in places
MAX_FILE_BYTES = 256 * 1024 * 1024

FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}

# Only plain raster formats: others start external programs (EPS) or are not pictures.
_READABLE = ("PNG", "JPEG", "WEBP", "BMP", "DIB", "TIFF", "GIF")
_READABLE_TEXT = "PNG, JPEG, WebP, BMP, TIFF and GIF"
_LONGEST_SIDE = {"png": 2**31 - 1, "jpeg": 65_500, "webp": 16_383}

_log = logging.getLogger(__name__)
_warnings_lock = threading.Lock()


def load_image(
    source: str | Path | bytes | BinaryIO, *, max_pixels: int = MAX_PIXELS, name: str | None = None
) -> np.ndarray:
    """Loads any ordinary picture upright, in 8-bit RGB or RGBA.

    Gray becomes RGB, 16-bit keeps its high byte, CMYK and palettes become RGB, EXIF orientation is applied, and of an
    animation the first frame is taken. The size is checked from the header, before any pixel is decoded.

    Args:
        source: path, the file's bytes, or an open binary stream (read from where it stands).
        max_pixels: int. Largest accepted width times height; Pillow's own limit (89 million) holds beyond that.
        name: how errors call the picture; the file's name by default.

    Returns: `uint8[H, W, 3]` RGB, or `uint8[H, W, 4]` RGBA where the file has transparency (alpha 255 = opaque).
    Raises:
        TooLargeError: over a limit of pixels, side or bytes.
        InputError: missing, empty, damaged, or not a picture.

    Example:
        >>> load_image(encode_image(np.zeros((2, 3), np.uint8), "png")).shape
        (2, 3, 3)
    """
    name = _printable(name or _name_of(source))
    data = _read(source, name)
    with _quiet_pillow():
        picture = _open(data, name, max_pixels)
        try:
            return _to_array(_upright(picture))
        except Exception as error:  # decoders of damaged files raise anything from struct.error to KeyError
            _log.debug("decoding %s failed", name, exc_info=True)
            raise InputError(
                f"{name} is damaged or incomplete and cannot be read as a {picture.format} picture "
                f"({_one_line(error)}). Save or copy it again."
            ) from error


def flatten_alpha(image: np.ndarray) -> np.ndarray:
    """Lays a picture on white paper exactly as Style2Paints V3 does: products truncate, so a level may get lost.

    Args:
        image: `uint8[H, W, 3]` (returned unchanged) or `uint8[H, W, 4]` RGBA.

    Returns: `uint8[H, W, 3]`.
    """
    if image.ndim != 3 or image.shape[2] not in (3, 4) or image.dtype != np.uint8:
        raise InputError(f"A picture must be uint8[H, W, 3 or 4]. Received: {image.dtype}{list(image.shape)}.")
    if image.shape[2] == 3:
        return image
    return _over_white()[image[:, :, 3:], image[:, :, :3]]


@lru_cache(maxsize=1)
def _over_white() -> np.ndarray:
    """`uint8[256, 256]`: colour over white, by alpha and channel value, in the double arithmetic of the original."""
    value = np.arange(256, dtype=np.float64) / 255.0
    flat = 255.0 - (1.0 - value)[None, :] * value[:, None] * 255.0
    return flat.clip(0, 255).astype(np.uint8)


def encode_image(image: np.ndarray, format: str, *, quality: int = 95) -> bytes:
    """Encodes a picture as a whole file in memory.

    Args:
        image: `uint8[H, W]`, `uint8[H, W, 3]` RGB or `uint8[H, W, 4]` RGBA. JPEG has no alpha: it is laid on white.
        format: `png`, `jpeg` (or `jpg`) or `webp`.
        quality: int in [1, 100] for JPEG and WebP; WebP is lossless at 100.

    Raises:
        OutputError: the format is unknown or cannot hold a picture of this size.

    Example:
        >>> encode_image(np.zeros((2, 3, 3), np.uint8), "png")[1:4]
        b'PNG'
    """
    kind = "jpeg" if format.lower() in ("jpg", "jpeg") else format.lower()
    if kind not in FORMATS.values():
        raise OutputError(f"Pictures can be written as png, jpeg or webp. Received: {format!r}.")
    if not 1 <= quality <= 100:
        raise OutputError(f"The quality must be between 1 and 100. Received: {quality!r}.")
    if image.dtype != np.uint8 or (image.ndim != 2 and image.shape[2:] not in ((3,), (4,))) or image.size == 0:
        raise OutputError(f"A picture must be uint8[H, W(, 3 or 4)]. Received: {image.dtype}{list(image.shape)}.")
    if max(image.shape[:2]) > _LONGEST_SIDE[kind]:
        raise OutputError(
            f"A {kind} file is at most {_LONGEST_SIDE[kind]} pixels wide and high. Received: "
            f"{image.shape[1]} x {image.shape[0]}. Write a PNG instead."
        )
    if kind == "jpeg" and image.ndim == 3:
        image = flatten_alpha(image)
    options: dict[str, dict] = {
        "png": {},
        # Full colour resolution at high quality: halved chroma bleeds across ink lines.
        "jpeg": {"quality": quality, "subsampling": 0 if quality >= 90 else 2},
        "webp": {"quality": quality, "lossless": quality == 100, "exact": True},
    }
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(buffer, kind, **options[kind])
    return buffer.getvalue()


def save_image(image: np.ndarray, path: str | Path, *, quality: int = 95) -> None:
    """Writes a picture as a whole file; the extension (.png, .jpg, .jpeg, .webp) decides the format.

    Args:
        image: as in `encode_image`.
        path: target; an existing file is replaced only when the new one is complete.

    Raises:
        OutputError: unknown extension, or the file cannot be written.
    """
    path = Path(path)
    format = FORMATS.get(path.suffix.lower())
    if format is None:
        raise OutputError(f"The file name must end in {', '.join(FORMATS)}. Received: {path.name!r}.")
    write_whole(path, encode_image(image, format, quality=quality))


def write_whole(path: str | Path, data: bytes) -> None:
    """Writes a file so that nobody ever sees half of it: under a temporary name next to it, then renamed."""
    path = Path(path)
    temporary = path.with_name(f".s2p-{secrets.token_hex(8)}.part")
    try:
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = "the folder does not exist" if not path.parent.is_dir() else (error.strerror or str(error)).lower()
        raise OutputError(f"{_printable(str(path))} cannot be written: {reason}.") from error


# Resize rules ---------------------------------------------------------------------------------------------------------


def fit64_size(shape: tuple[int, ...], k: int) -> tuple[int, int]:
    """`(height, width)` of `fit64` for a picture of `shape` (height first)."""
    return _fit_size(shape, 16 * k, 64)


def fit16_size(shape: tuple[int, ...], k: int) -> tuple[int, int]:
    """`(height, width)` of `fit16` for a picture of `shape` (height first)."""
    return _fit_size(shape, 4 * k, 16)


def min_size(shape: tuple[int, ...], m: int) -> tuple[int, int]:
    """`(height, width)` of `min_resize` for a picture of `shape` (height first)."""
    height, width = shape[:2]
    if height < width:
        return m, max(1, int(m / height * width))
    return max(1, int(m / width * height)), m


def max_size(shape: tuple[int, ...], m: int) -> tuple[int, int]:
    """`(height, width)` of `max_resize` for a picture of `shape` (height first)."""
    height, width = shape[:2]
    if height > width:
        return m, max(1, int(m / height * width))
    return max(1, int(m / width * height)), m


def fit64(image: np.ndarray, k: int) -> np.ndarray:
    """Short edge to exactly `16 k`, the other to the nearest multiple of 64; the networks' size rule.

    Args:
        image: `uint8` or `float32/64[H, W]` or `[H, W, C]`; so for all resize rules.
        k: int, at least 1.

    Returns: the same dtype and number of dimensions. A square counts its width as short: at k = 14 it becomes
    224 wide and 256 high, as in the original.
    """
    return _resize(image, fit64_size(image.shape, k), by=min)


def fit16(image: np.ndarray, k: int) -> np.ndarray:
    """Short edge to exactly `4 k`, the other to the nearest multiple of 16; the draft network's size rule."""
    return _resize(image, fit16_size(image.shape, k), by=min)


def resize_to(image: np.ndarray, shape: tuple[int, ...], factor: float = 1.0) -> np.ndarray:
    """Resizes to `(int(H * factor), int(W * factor))` of `shape`, whatever the aspect."""
    return _resize(image, (max(1, int(shape[0] * factor)), max(1, int(shape[1] * factor))), by=min)


def min_resize(image: np.ndarray, m: int) -> np.ndarray:
    """Short edge to `m`, aspect kept."""
    return _resize(image, min_size(image.shape, m), by=max)


def max_resize(image: np.ndarray, m: int) -> np.ndarray:
    """Longest side to `m`, aspect kept."""
    return _resize(image, max_size(image.shape, m), by=max)


MAX_WORKING_PIXELS = 12 * 1024 * 1024


def working_size(
    shape: tuple[int, ...], zoom: float, *, max_pixels: int = MAX_WORKING_PIXELS, name: str = "The picture"
) -> tuple[int, int]:
    """`(height, width)` at which a sketch is painted, or a refusal before a thin strip becomes a giant.

    The short edge is always enlarged to the working size, so a 400x1 upload would become 409,600 pixels wide.

    Args:
        shape: of the picture, height first.
        zoom: float. The zoom factor of the settings.
        max_pixels: int. Limit of the larger of the two sizes that are computed (cleaned sketch, painting).

    Raises:
        TooLargeError: over the limit.

    Example:
        >>> working_size((1000, 708), 1.0)
        (1472, 1024)
    """
    half = min_size(shape, int(512 * zoom))
    improved = (half[0] * 2, half[1] * 2)
    painting = fit64_size(improved, int(64 * zoom))
    _check_working(shape, max(improved, painting, key=lambda s: s[0] * s[1]), max_pixels, name)
    return painting


def reference_size(
    shape: tuple[int, ...], *, max_pixels: int = MAX_WORKING_PIXELS // 4, name: str = "The reference"
) -> tuple[int, int]:
    """`(height, width)` at which a reference is read (`fit64` with k = 14); refuses like `working_size`."""
    size = fit64_size(shape, 14)
    _check_working(shape, size, max_pixels, name)
    return size


def _check_working(shape: tuple[int, ...], size: tuple[int, int], max_pixels: int, name: str) -> None:
    if size[0] * size[1] > max_pixels or max(size) > MAX_SIDE:
        raise TooLargeError(
            f"{name} is too long and thin: {shape[1]} x {shape[0]} would be worked on at {size[1]} x {size[0]}, "
            f"at most {max_pixels / 1e6:.3g} million pixels and {MAX_SIDE} a side are possible. "
            "Cut it into pieces or choose a smaller zoom."
        )


def _fit_size(shape: tuple[int, ...], short_edge: int, multiple: int) -> tuple[int, int]:
    height, width = shape[:2]
    short, long = (height, width) if height < width else (width, height)
    rounded = int(long * (short_edge / short)) + multiple // 2
    # Never 0: for tiny k the rule would round the long edge away.
    other = max(multiple, rounded - rounded % multiple)
    return (short_edge, other) if height < width else (other, short_edge)


def _resize(image: np.ndarray, size: tuple[int, int], *, by) -> np.ndarray:
    """Area averaging when the edge chosen by `by` (min or max) shrinks, Lanczos otherwise."""
    import cv2

    shrinks = by(size) < by(image.shape[:2])
    resized = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4)
    return resized.reshape(*size, *image.shape[2:])  # OpenCV drops a single channel


# Decoding -------------------------------------------------------------------------------------------------------------


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Silences Pillow's warnings. The lock is there because Python's warning filters belong to the whole process."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _read(source: str | Path | bytes | BinaryIO, name: str) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        data = _read_file(Path(source), name)
    else:
        data = source.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise TooLargeError(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MiB, the limit for one picture file.")
    if not data:
        raise InputError(f"{name} is empty; a picture file is needed.")
    return data


def _read_file(path: Path, name: str) -> bytes:
    try:
        if not path.is_file():  # also keeps us from waiting for a pipe that nobody writes to
            reason = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
            raise InputError(f"{name} {reason}; a picture file is needed.")
        with path.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        raise InputError(f"{name} cannot be read: {_one_line(error)}.") from error


def _open(data: bytes, name: str, max_pixels: int) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=_READABLE)
    except Image.DecompressionBombError as error:
        raise TooLargeError(f"{name} has too many pixels; at most {max_pixels / 1e6:.3g} million are read.") from error
    except UnidentifiedImageError as error:
        raise InputError(f"{name} is not a picture that can be read; {_READABLE_TEXT} files can.") from error
    except Exception as error:  # a header so damaged that its own reader stumbles
        raise InputError(
            f"{name} is damaged and cannot be read ({_one_line(error)}). Save or copy it again."
        ) from error
    width, height = picture.size
    if width * height > max_pixels or max(width, height) > MAX_SIDE:
        raise TooLargeError(
            f"{name} is {width} x {height} pixels; at most {max_pixels / 1e6:.3g} million pixels and {MAX_SIDE} a side "
            "are read. Make it smaller first."
        )
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # broken metadata says nothing about the pixels: keep the picture as it lies
        _log.debug("orientation of a picture cannot be read", exc_info=True)
        return picture


def _to_array(picture: Image.Image) -> np.ndarray:
    """`uint8[H, W, 3|4]` of a decoded picture in any of Pillow's modes."""
    if picture.mode.startswith("I") or picture.mode == "F":
        gray = _gray_to_8bit(np.asarray(picture))
        return np.repeat(gray[:, :, None], 3, axis=2)
    if picture.mode in ("La", "RGBa"):  # alpha already multiplied in, as some TIFF files have it
        picture = picture.convert("LA" if picture.mode == "La" else "RGBA")
    has_alpha = picture.has_transparency_data
    return np.array(picture.convert("RGBA" if has_alpha else "RGB"))


def _gray_to_8bit(values: np.ndarray) -> np.ndarray:
    """16-bit gray keeps its high byte; deeper files are scaled by the smallest usual range that holds their values."""
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        return (values >> 8).astype(np.uint8)
    ranges = (1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (65535.0, 2147483647.0)
    values = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0).clip(0, None)
    top = next((top for top in ranges if values.max() <= top), values.max())
    return (values * (255.0 / top)).astype(np.uint8)


def _name_of(source: object) -> str:
    if isinstance(source, (str, os.PathLike)):
        return Path(source).name or str(source)
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) and name else "The picture"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _one_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(_printable(text).split())[:120].rstrip(".")
