"""Pictures in and out: loading, transparency, saving. The resize rules live in `s2p.sizes` and are names here, too.

Inside the program a picture is `uint8[H, W, 3]`, RGB, sRGB. This file is the border: whatever a person brings (16-bit
scans, CMYK, rotated phone photos, transparent palettes) is normal afterwards, or refused with one sentence.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from PIL import Image

from s2p.errors import InputError, OutputError
from s2p.files import write_whole
from s2p.reading import MAX_FILE_BYTES, MAX_PIXELS, read_picture
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

FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".tif": "tiff", ".tiff": "tiff"}
Dpi = tuple[float, float]  # dots per inch, across and down

_LONGEST_SIDE = {"png": 2**31 - 1, "jpeg": 65_500, "webp": 16_383, "tiff": 2**31 - 1}


def load_image(
    source: str | Path | bytes | BinaryIO, *, max_pixels: int = MAX_PIXELS, name: str | None = None
) -> np.ndarray:
    """Loads any ordinary picture upright, in 8-bit RGB or RGBA: the first page, all layers together.

    For other pages and single layers there is `s2p.reading.read_picture`.

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
    return read_picture(source, max_pixels=max_pixels, name=name, layer="").image


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
    check_picture(image)
    if image.ndim == 2 or image.shape[2] == 1:
        # In a seventh of the time of `np.repeat`.
        return cv2.cvtColor(np.ascontiguousarray(image.reshape(image.shape[:2])), cv2.COLOR_GRAY2RGB)
    return flatten_alpha(image)


def check_picture(image: np.ndarray) -> None:
    """Raises `InputError` for what is no gray, RGB or RGBA array."""
    is_flat = image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (1, 3, 4))
    if image.dtype != np.uint8 or image.size == 0 or not is_flat:
        scaled = " Multiply by 255 and round first." if image.dtype.kind in "fb" else ""
        raise InputError(
            f"A picture must be uint8[H, W] or uint8[H, W, 3 or 4]. Received: {_described(image)}.{scaled}"
        )


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


def encode_image(
    image: np.ndarray, format: str, *, quality: int = 95, profile: bool = False, dpi: Dpi | None = None
) -> bytes:
    """Encodes a picture as a whole file in memory.

    Args:
        image: `uint8[H, W]`, `uint8[H, W, 3]` RGB or `uint8[H, W, 4]` RGBA. JPEG has no alpha: it is laid on white.
        format: `png`, `jpeg` (or `jpg`), `webp` or `tiff`.
        quality: int in [1, 100] for JPEG and WebP; WebP is lossless at 100.
        profile: with the profile of sRGB, as every file for people has; gray has none.
        dpi: written into PNG, JPEG and TIFF.

    Raises:
        OutputError: the format is unknown or cannot hold a picture of this size.

    Example:
        >>> encode_image(np.zeros((2, 3, 3), np.uint8), "png")[1:4]
        b'PNG'
    """
    kind = "jpeg" if format.lower() in ("jpg", "jpeg") else format.lower()
    if kind not in FORMATS.values():
        raise OutputError(f"Pictures can be written as png, jpeg, webp or tiff. Received: {format!r}.")
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
        "tiff": {"compression": "tiff_adobe_deflate"},
    }
    if profile and image.ndim == 3:
        options[kind]["icc_profile"] = srgb_profile()
    if dpi is not None and kind != "webp":
        options[kind]["dpi"] = dpi
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(buffer, kind, **options[kind])
    return buffer.getvalue()


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """The ICC profile of sRGB, the same bytes every day."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = b"\x07\xd0\0\x01\0\x01\0\0\0\0\0\0"  # when it was made: the first of January 2000
    profile[84:100] = bytes(16)  # a digest that would follow from that
    return bytes(profile)


def save_image(image: np.ndarray, path: str | Path, *, quality: int = 95, dpi: Dpi | None = None) -> None:
    """Writes a picture with its profile as a whole file; the extension (.png, .jpg, .webp, .tif) decides the format.

    Args:
        image, quality, dpi: as in `encode_image`.
        path: target; an existing file is replaced only when the new one is complete.

    Raises:
        OutputError: unknown extension, or the file cannot be written.
    """
    path = Path(path)
    format = FORMATS.get(path.suffix.lower())
    if format is None:
        raise OutputError(f"The file name must end in {', '.join(FORMATS)}. Received: {path.name!r}.")
    write_whole(path, encode_image(image, format, quality=quality, profile=True, dpi=dpi))


