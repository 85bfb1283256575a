"""Reads whatever file a person brings: 16-bit scans, CMYK, rotated phone photos, layered files, several pages.

Bytes are data: sizes are taken from headers and checked before anything is decoded, and what cannot be read is refused
with one sentence that names the file.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from s2p.errors import InputError, TooLargeError
from s2p.files import printable
from s2p.reading import decoding, deep

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 64_000_000
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_PAGE = 1000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Brought:
    """A picture as it was brought, and what is known of its file.

    Attributes:
        image: `uint8[H, W, 3]` RGB, or `uint8[H, W, 4]` RGBA where the file has transparency (255 = opaque); gray of
            large pages may be `uint8[H, W]`.
        dpi: dots per inch across and down, None where the file does not say.
        page: which picture of several was taken, counted from 1.
        has_pages: whether there are several.
        layer: name of the layer that was taken, None for all together.
        layers: names of the layers in the file, topmost first; empty for a file without.
        was_asked: whether all together were asked for.
        bits: of a channel in the file; `image` has 8.
        inks: what became of its inks, in a sentence; empty for a file in RGB or gray.
        is_document: whether it is of a painting program, with layers or without.
    """

    image: np.ndarray
    dpi: tuple[float, float] | None = None
    page: int = 1
    has_pages: bool = False
    layer: str | None = None
    layers: tuple[str, ...] = ()
    was_asked: bool = False
    bits: int = 8
    inks: str = ""
    is_document: bool = False

    @property
    def said(self) -> str:
        """What was taken of the file, in a sentence or two; empty where that is all of it.

        Example:
            >>> Brought(np.zeros((1, 1, 3), np.uint8), layer="ink", layers=("ink", "colour")).said
            "Of its 2 layers 'ink' was taken."
        """
        deep = "" if self.bits <= 8 else f"Of its {self.bits} bits a channel the upper 8 are used."
        return " ".join(filter(None, (deep, self.inks, self._chosen)))

    @property
    def _chosen(self) -> str:
        if self.has_pages:
            return f"It has several pages, and page {self.page} was taken."
        if len(self.layers) < 2:
            return "It has one layer, which was taken as it is." if self.is_document else ""
        if self.layer is None and self.was_asked:
            return f"All of its {len(self.layers)} layers that are shown were taken together."
        if self.layer is None:
            return f"None of its {len(self.layers)} layers looks like lines, so all that are shown were taken together."
        return f"Of its {len(self.layers)} layers '{self.layer}' was taken."

    @property
    def offer(self) -> str:
        """Which option of the command line takes something else; empty where there is nothing else."""
        if self.has_pages:
            return "--page N takes another."
        return "--layer NAME takes another." if len(self.layers) > 1 else ""


def read_picture(
    source: str | Path | bytes | BinaryIO,
    *,
    max_pixels: int = MAX_PIXELS,
    name: str | None = None,
    page: int | None = None,
    layer: str | None = None,
    gray_from: int | None = None,
) -> Brought:
    """Reads any ordinary picture upright, in 8-bit RGB or RGBA.

    Gray becomes RGB, 16 bits keep their high byte, CMYK and palettes become RGB, an embedded colour profile is turned
    into sRGB, and EXIF orientation is applied. Of a layered file the layer that is lines is taken
    (`s2p.reading.layers`). The size is checked from the header, before any pixel is decoded.

    Args:
        source: path, the file's bytes, or an open binary stream (read from where it stands).
        max_pixels: int. Largest accepted width times height; Pillow's own limit (89 million) holds beyond that.
        name: how errors call the picture; the file's name by default.
        page: int from 1. Which page or frame; the first (of HEIC the main one) by default.
        layer: name of the layer of a PSD, ORA or KRA file; `""` for all that are shown, taken together.
        gray_from: int. With so many pixels or more a page without a colour is `uint8[H, W]`, a third of the room.

    Raises:
        TooLargeError: over a limit of pixels, side or bytes.
        InputError: missing, empty, damaged, or not a picture; no such page or layer.
    """
    name = printable(name or _name_of(source))
    if page is not None and not 1 <= page <= MAX_PAGE:
        raise InputError(f"Pages are counted from 1 to {MAX_PAGE}. Received: {page}.")
    data = _read(source, name)
    from s2p.reading import layers

    if layers.is_layered(data):
        if page not in (None, 1):
            raise InputError(f"{name} has no page {page}: it has layers.")
        return _of_layers(data, name, max_pixels, layer)
    if layer:
        raise InputError(f"{name} has no layers; {layer!r} is looked for in PSD, ORA and KRA files.")
    with decoding.quiet_pillow():
        values = deep.deep_tiff(data, name, max_pixels) if page in (None, 1) else None
        if values is not None:
            return Brought(decoding.deep_to_8bit(values), bits=8 * values.dtype.itemsize)
        picture = decoding.open_picture(data, name, max_pixels)
        decoding.turn_to(picture, page, name, max_pixels)
        try:
            at, has_pages = picture.tell() + 1, decoding.has_pages(picture)
            dpi, bits, dtype = decoding.dpi_of(picture), decoding.bits_of(picture), deep.sample_type(picture)
            keeps_gray = gray_from is not None and picture.width * picture.height >= gray_from
            mode, turned = picture.mode, decoding.in_srgb(decoding.upright(picture))
            image = decoding.to_array(turned, dtype, keeps_gray=keeps_gray)
            return Brought(image, dpi, at, has_pages, bits=bits, inks=decoding.inks_of(mode, turned))
        except Exception as error:  # decoders of damaged files raise anything from struct.error to KeyError
            _log.debug("decoding %s failed", name, exc_info=True)
            raise InputError(
                f"{name} is damaged or incomplete and cannot be read as a {picture.format} picture "
                f"({decoding.one_line(error)}). Save or copy it again."
            ) from error


def read_pillow(picture: Image, *, max_pixels: int = MAX_PIXELS, name: str = "The picture") -> Brought:
    """A picture that Pillow has opened or made, as `read_picture` gives it: upright, in 8-bit sRGB.

    Raises:
        TooLargeError: over the limit of pixels.
        InputError: it cannot be decoded.
    """
    width, height = picture.size
    if width * height > max_pixels:
        raise TooLargeError(f"{name} has {width} x {height} pixels, more than {max_pixels / 1e6:g} million, the limit.")
    if not width or not height:
        raise InputError(f"{name} has no pixels.")
    with decoding.quiet_pillow():
        try:
            dpi, dtype = decoding.dpi_of(picture), deep.sample_type(picture)
            return Brought(decoding.to_array(decoding.in_srgb(decoding.upright(picture)), dtype), dpi)
        except Exception as error:  # a file behind it that is damaged or closed
            raise InputError(f"{name} cannot be decoded ({decoding.one_line(error)}).") from error


def _of_layers(data: bytes, name: str, max_pixels: int, layer: str | None) -> Brought:
    from s2p.reading import layers

    with decoding.quiet_pillow():
        try:
            found = layers.take(data, name, max_pixels=max_pixels, layer=layer)
        except InputError:
            raise
        except Exception as error:
            _log.debug("reading %s failed", name, exc_info=True)
            raise InputError(
                f"{name} is damaged and its layers cannot be read ({decoding.one_line(error)}). Save or copy it again."
            ) from error
    dpi = decoding.usable_dpi(*found.dpi)
    return Brought(
        found.image, dpi, layer=found.layer, layers=found.layers, was_asked=layer == "", inks=found.inks,
        is_document=True,
    )


# Files ----------------------------------------------------------------------------------------------------------------


def _read(source: str | Path | bytes | BinaryIO, name: str) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        data = _read_file(Path(source), name)
    elif hasattr(source, "read"):
        data = source.read(MAX_FILE_BYTES + 1)
        if not isinstance(data, bytes):
            raise InputError(f"{name} must be open for bytes, as by open(path, 'rb'). Received: {type(data).__name__}.")
    else:
        taken = "a path, its bytes, an open file, an array uint8[H, W], [H, W, 3] or [H, W, 4], or a PIL image"
        raise InputError(f"A picture is {taken}. Received: {type(source).__name__}.")
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
        raise InputError(f"{name} cannot be read: {decoding.one_line(error)}.") from error


def _name_of(source: object) -> str:
    if isinstance(source, (str, os.PathLike)):
        return Path(source).name or str(source)
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) and name else "The picture"
