"""Decodes one picture by Pillow, upright and in sRGB; sizes are checked before."""

from __future__ import annotations

import io
import logging
import math
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

from s2p.config import MOST_MILLION_PIXELS
from s2p.errors import InputError, NoPageError, TooLargeError
from s2p.files import printable
from s2p.reading import extra_formats
from s2p.reading.deep import as_samples, to_8_bits
from s2p.reading.limits import SETTING, check_size

# Only plain raster formats: others start external programs (EPS) or are not pictures.
_HAS_AVIF = bool(features.check("avif"))  # some builds of Pillow come without
_READABLE = ("PNG", "JPEG", "WEBP", "BMP", "DIB", "TIFF", "GIF") + (("AVIF",) if _HAS_AVIF else ())
_AVIF = " AVIF," if _HAS_AVIF else ""
_READABLE_TEXT = f"PNG, JPEG, WebP,{_AVIF} BMP, TIFF, GIF, HEIC, JPEG XL, PSD, ORA and KRA files"
_PAGED = ("TIFF", "GIF", "PNG", "WEBP", "AVIF", "HEIF")  # a JPEG with further ones in it (MPO) is one photo
_PLAYED_PIXELS = 2_000_000_000  # of the frames up to the one that is wanted; each is drawn over the one before

# Of JPEG: the beginning of a segment; what follows 255 inside of coded pixels is none.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_MOST_SEGMENTS = 5000
_FEWEST_SCANS, _SCANNED_PIXELS = 20, 1_500_000_000  # always allowed; of all scans together
_DPI = (10.0, 10_000.0)  # others are not meant
_STRIP = 512  # rows
_LYING = (5, 6, 7, 8)  # orientations of EXIF by which width becomes height

_log = logging.getLogger(__name__)
_warnings_lock = threading.RLock()  # pictures lie in pictures


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Silences Pillow's warnings. The lock is there because Python's warning filters belong to the whole process."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def decoded_png(data: bytes, name: str, max_pixels: int) -> np.ndarray:
    """A PNG that lies in another file, `uint8[H, W, 3 or 4]`; anything else is refused."""
    with quiet_pillow():
        picture = open_picture(data, name, max_pixels, formats=("PNG",))
        try:
            return to_array(in_srgb(upright(picture)))
        except Exception as error:
            raise InputError(f"{name} is damaged ({one_line(error)}). Save the file again.") from error


def usable_dpi(across: object, down: object) -> tuple[float, float] | None:
    """Dots per inch, where both are numbers that can be meant."""
    try:
        found = (float(across), float(down))  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    is_meant = all(math.isfinite(value) and _DPI[0] <= value <= _DPI[1] for value in found)
    return (round(found[0], 2), round(found[1], 2)) if is_meant else None


def open_picture(data: bytes, name: str, max_pixels: int, formats: tuple[str, ...] = ()) -> Image.Image:
    try:
        further = () if formats else extra_formats.opened_for(data, name, max_pixels)
        picture = Image.open(io.BytesIO(data), formats=formats or (*_READABLE, *further))
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise TooLargeError(
            f"{name} has too many pixels; {MOST_MILLION_PIXELS} million can be asked for at most: {SETTING}. Make it "
            "smaller first."
        ) from error
    except UnidentifiedImageError as error:
        wanted = "not a PNG, which it should be" if formats else f"not a picture that can be read; {_READABLE_TEXT} can"
        raise InputError(f"{name} is {wanted}.") from error
    except Exception as error:  # a header so damaged that its own reader stumbles
        raise InputError(
            f"{name} is damaged and cannot be read ({one_line(error)}). Save or copy it again."
        ) from error
    check_size(*picture.size, name, max_pixels)
    width, height = picture.size
    if picture.format in ("JPEG", "MPO") and not _is_ordinary_jpeg(data, most=_scans_allowed(width * height)):
        raise InputError(
            f"{name} is built of far more layers than a picture needs and would take minutes to read. Save it again as "
            "PNG, or as an ordinary JPEG."
        )
    return picture


def has_pages(picture: Image.Image) -> bool:
    return picture.format in _PAGED and bool(getattr(picture, "is_animated", False))


def turn_to(picture: Image.Image, page: int | None, name: str, max_pixels: int) -> None:
    """Goes to a page, whose size may be another one."""
    if page is None or page == picture.tell() + 1:
        return
    width, height = picture.size
    if picture.format != "TIFF" and page * width * height > _PLAYED_PIXELS:
        raise TooLargeError(f"Page {page} of {name} is too far behind the first. Save it as a picture of its own.")
    try:
        picture.seek(page - 1)
    except (EOFError, ValueError, IndexError) as error:
        raise NoPageError(f"{name} has no page {page}: it has {_number_of_pages(picture, page)} in all.") from error
    except Exception as error:
        raise InputError(f"{name} is damaged before page {page} ({one_line(error)}).") from error
    check_size(*picture.size, name, max_pixels)


def _number_of_pages(picture: Image.Image, page: int) -> int:
    """How many of so many pages a picture has; by turning to them, for what counts them is off beyond the last."""
    for number in range(page):
        try:
            picture.seek(number)
        except (EOFError, ValueError, IndexError):
            return number
    return page


def dpi_of(picture: Image.Image) -> tuple[float, float] | None:
    dpi = picture.info.get("dpi")
    found = usable_dpi(*dpi) if isinstance(dpi, tuple) and len(dpi) == 2 else None
    if found is None or found[0] == found[1]:
        return found  # whichever way the picture lies: asking a PNG for it decodes all of its pixels
    try:
        is_lying = picture.getexif().get(0x0112) in _LYING
    except Exception:  # broken metadata
        _log.debug("metadata of a picture cannot be read", exc_info=True)
        return found
    return (found[1], found[0]) if is_lying else found


def bits_of(picture: Image.Image) -> int:
    """Bits of a channel in the file of a picture that is not decoded yet: 8 (or fewer), 16 or 32."""
    if picture.mode in ("I", "F"):
        return 32
    raw = " ".join(str(tile[3]) for tile in getattr(picture, "tile", ()))  # how the decoder is to read it
    return 16 if ";16" in f"{picture.mode} {raw}" else 8


def inks_of(mode: str, picture: Image.Image) -> str:
    """What became of the inks of a picture that had a mode, in a sentence; empty where it had none.

    Args:
        mode: Pillow's, of the file.
        picture: what `in_srgb` made of it.
    """
    if mode != "CMYK":
        return ""
    how = "by the profile in the file" if picture.mode == "RGB" else "without a profile, for the file has none to use"
    return f"Its CMYK colours were converted to RGB, {how}."


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


def upright(picture: Image.Image) -> Image.Image:
    picture.load()
    try:
        if picture.getexif().get(0x0112, 1) == 1:  # else it would be copied
            return picture
        return ImageOps.exif_transpose(picture)
    except Exception:  # broken metadata says nothing about the pixels: keep the picture as it lies
        _log.debug("orientation of a picture cannot be read", exc_info=True)
        return picture


def in_srgb(picture: Image.Image) -> Image.Image:
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


def to_array(picture: Image.Image, dtype: np.dtype | None = None, *, keeps_gray: bool = False) -> np.ndarray:
    """`uint8[H, W, 3|4]` of a decoded picture in any of Pillow's modes.

    Args:
        picture: it.
        dtype: what `sample_type` says of it.
        keeps_gray: whether a picture without a colour becomes `uint8[H, W]`.
    """
    is_signed = picture.mode == "L" and dtype is not None and dtype.kind == "i"
    if picture.mode.startswith("I") or picture.mode == "F" or is_signed:
        values = as_samples(np.asarray(picture), dtype)
        return to_8_bits(values) if keeps_gray else deep_to_8bit(values)
    if picture.mode in ("La", "RGBa"):  # alpha already multiplied in, as some TIFF files have it
        picture = picture.convert("LA" if picture.mode == "La" else "RGBA")
    has_alpha = picture.has_transparency_data
    if picture.mode in ("1", "L") and not has_alpha:  # Pillow's RGB has four bytes a pixel
        gray = np.asarray(picture if picture.mode == "L" else picture.convert("L"))
        return gray if keeps_gray else cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)
    mode = "RGBA" if has_alpha else "RGB"
    if picture.mode != mode:
        picture = picture.convert(mode)
    return _gray_of(picture) if keeps_gray and mode == "RGB" and _is_gray(picture) else _pixels(picture)


def _strips(picture: Image.Image) -> Iterator[tuple[slice, np.ndarray]]:
    """The pixels some rows at a time: Pillow hands all of them out in two copies."""
    for top in range(0, picture.height, _STRIP):
        bottom = min(top + _STRIP, picture.height)
        yield slice(top, bottom), np.asarray(picture.crop((0, top, picture.width, bottom)))


def _pixels(picture: Image.Image) -> np.ndarray:
    found = np.empty((picture.height, picture.width, len(picture.mode)), np.uint8)
    for rows, strip in _strips(picture):
        found[rows] = strip
    return found


def _is_gray(picture: Image.Image) -> bool:
    return all((strip[..., :1] == strip[..., 1:]).all() for _, strip in _strips(picture))


def _gray_of(picture: Image.Image) -> np.ndarray:
    found = np.empty((picture.height, picture.width), np.uint8)
    for rows, strip in _strips(picture):
        found[rows] = strip[..., 0]
    return found


def deep_to_8bit(values: np.ndarray) -> np.ndarray:
    """`uint8[H, W, 3 or 4]` of deep colour or gray, `[H, W(, 1 to 4)]`."""
    eight = to_8_bits(values)
    return np.repeat(eight.reshape(*eight.shape[:2], 1), 3, axis=2) if eight.ndim == 2 else eight


def one_line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(printable(text).split())[:120].rstrip(".")
