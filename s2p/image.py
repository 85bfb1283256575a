"""Pictures in and out: loading, transparency, saving. The resize rules live in `s2p.sizes` and are names here, too.

Inside the program a picture is `uint8[H, W, 3]`, RGB, sRGB. This file is the border: whatever a person brings (16-bit
scans, CMYK, rotated phone photos, transparent palettes) is normal afterwards, or refused with one sentence.
"""

from __future__ import annotations

import io
import logging
import os
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

from s2p.errors import InputError, OutputError, TooLargeError
from s2p.files import printable, write_whole
from s2p.sizes import (
    MAX_SIDE,
    MAX_WORKING_PIXELS,
    fit16,
    fit16_size,
    fit64,
    fit64_size,
    max_resize,
    max_size,
    min_resize,
    min_size,
    reference_size,
    resize_to,
    working_size,
)

__all__ = [
    "FORMATS", "MAX_FILE_BYTES", "MAX_PIXELS", "MAX_SIDE", "MAX_WORKING_PIXELS", "as_picture", "as_sketch",
    "encode_image", "fit16", "fit16_size", "fit64", "fit64_size", "flatten_alpha", "load_image", "max_resize",
    "max_size", "min_resize", "min_size", "reference_size", "resize_to", "save_image", "working_size", "write_whole",
]  # fmt: skip

MAX_PIXELS = 64_000_000
MAX_FILE_BYTES = 256 * 1024 * 1024

FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}

# Only plain raster formats: others start external programs (EPS) or are not pictures.
_HAS_AVIF = bool(features.check("avif"))  # some builds of Pillow come without
_READABLE = ("PNG", "JPEG", "WEBP", "BMP", "DIB", "TIFF", "GIF") + (("AVIF",) if _HAS_AVIF else ())
_READABLE_TEXT = f"PNG, JPEG, WebP,{' AVIF,' if _HAS_AVIF else ''} BMP, TIFF and GIF"
_LONGEST_SIDE = {"png": 2**31 - 1, "jpeg": 65_500, "webp": 16_383}

# Of JPEG: the beginning of a segment; what follows 255 inside of coded pixels is none.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_MOST_SEGMENTS = 5000
_FEWEST_SCANS, _SCANNED_PIXELS = 20, 1_500_000_000

_log = logging.getLogger(__name__)
_warnings_lock = threading.Lock()


def load_image(
    source: str | Path | bytes | BinaryIO, *, max_pixels: int = MAX_PIXELS, name: str | None = None
) -> np.ndarray:
    """Loads any ordinary picture upright, in 8-bit RGB or RGBA.

    Gray becomes RGB, 16-bit keeps its high byte, CMYK and palettes become RGB, an embedded colour profile is turned
    into sRGB, EXIF orientation is applied, and of an animation the first frame is taken. The size is checked from the
    header, before any pixel is decoded.

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
    name = printable(name or _name_of(source))
    data = _read(source, name)
    with _quiet_pillow():
        picture = _open(data, name, max_pixels)
        try:
            return _to_array(_in_srgb(_upright(picture)))
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


def as_picture(image: np.ndarray) -> np.ndarray:
    """`uint8[H, W, 3]` RGB of a gray, RGB or RGBA array (laid on white); raises `InputError` for anything else."""
    if image.dtype != np.uint8 or image.size == 0 or image.ndim not in (2, 3):
        raise InputError(f"A picture must be uint8[H, W] or uint8[H, W, 3 or 4]. Received: {_described(image)}.")
    if image.ndim == 2 or image.shape[2] == 1:
        return np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    return flatten_alpha(image)


def as_sketch(sketch: np.ndarray) -> np.ndarray:
    """The `uint8[H, W]` drawing itself; raises `InputError` for anything else."""
    if sketch.dtype != np.uint8 or sketch.size == 0 or sketch.ndim != 2:
        raise InputError(f"A sketch must be uint8[H, W] with 255 for paper. Received: {_described(sketch)}.")
    return sketch


def _described(image: np.ndarray) -> str:
    return f"{image.dtype}{list(image.shape)}"


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
    if picture.format in ("JPEG", "MPO") and not _is_ordinary_jpeg(data, most=_scans_allowed(width * height)):
        raise InputError(
            f"{name} is built of far more layers than a picture needs and would take minutes to read. Save it again as "
            "PNG, or as an ordinary JPEG."
        )
    return picture


def _scans_allowed(pixels: int) -> int:
    """A progressive JPEG has about ten scans; each of them goes through all pixels, even where it holds nothing."""
    return max(_FEWEST_SCANS, min(200, _SCANNED_PIXELS // max(pixels, 1)))


def _is_ordinary_jpeg(data: bytes, *, most: int) -> bool:
    """False for more than `most` scans, or thousands of segments, before the end of the picture."""
    position = scans = 0
    for _ in range(_MOST_SEGMENTS):
        marker = _MARKER.search(data, position)
        if marker is None or marker[1] == b"\xd9":
            return True
        position = marker.end()
        if marker[1] not in (b"\x01", b"\xd8"):
            scans += marker[1] == b"\xda"
            position += int.from_bytes(data[position : position + 2], "big")
        if scans > most:
            return False
    return False


def _upright(picture: Image.Image) -> Image.Image:
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # broken metadata says nothing about the pixels: keep the picture as it lies
        _log.debug("orientation of a picture cannot be read", exc_info=True)
        return picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The picture in sRGB, by the profile that it carries; unchanged without one, or with one that does not fit it."""
    data = picture.info.get("icc_profile")
    if not data or picture.mode not in ("RGB", "RGBA", "L", "LA", "CMYK"):
        return picture
    from PIL import ImageCms

    alpha = picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None
    plain = picture if alpha is None else picture.convert(picture.mode[:-1])
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if "srgb" in ImageCms.getProfileDescription(profile).lower():
            return picture
        relative = ImageCms.Intent.RELATIVE_COLORIMETRIC
        turned = ImageCms.profileToProfile(
            plain, profile, ImageCms.createProfile("sRGB"), renderingIntent=relative, outputMode="RGB"
        )
    except Exception:  # the profile is damaged, or that of another kind of picture: the pixels are as good as they are
        _log.debug("a colour profile cannot be used", exc_info=True)
        return picture
    if turned is not None and alpha is not None:
        turned.putalpha(alpha)
    return picture if turned is None else turned


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


def _one_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(printable(text).split())[:120].rstrip(".")
