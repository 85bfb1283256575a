"""Reads the layers of a painting from the OpenRaster file that the server makes: a ZIP of PNG pictures and a list.

Knows no Krita: pictures stay PNG here. Nothing is unpacked to the disk, and every part is counted before it is read.
"""

from __future__ import annotations

import io
import zipfile
from typing import NamedTuple
from xml.etree import ElementTree

from .errors import PluginError

_BLENDS = {"svg:src-over": "normal", "svg:multiply": "multiply", "svg:screen": "screen"}
_LIST_BYTES, _HEAD_BYTES = 1_000_000, 1_000_000
_DAMAGED = "What the server sent is no painting in layers (OpenRaster). Is its version the one of this plug-in?"


class Layer(NamedTuple):
    """A layer of a painting.

    Attributes:
        name: `colours`, `shade`, `light`, `lines`, `draft` or `composition`.
        png: the picture, as large as the page.
        blend: `normal`, `multiply` or `screen`, as Krita calls them, too.
        is_visible: False for what is kept but switched off.
    """

    name: str
    png: bytes
    blend: str
    is_visible: bool


def read(data: bytes, width: int, height: int) -> list[Layer]:
    """The layers, bottom first.

    Args:
        data: an OpenRaster file.
        width, height: of the document that it has to fit.

    Raises:
        PluginError: it is none, or of another size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, width, height)
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, NotImplementedError, EOFError) as error:
        raise PluginError(_DAMAGED) from error


def _read(archive: zipfile.ZipFile, width: int, height: int) -> list[Layer]:
    image = ElementTree.fromstring(_part(archive, "stack.xml", _LIST_BYTES))
    if (size := (int(image.attrib["w"]), int(image.attrib["h"]))) != (width, height):
        raise PluginError(f"The painting has {size[0]} x {size[1]} pixels, and the document {width} x {height}.")
    most = width * height * 4 + _HEAD_BYTES
    return [
        Layer(
            entry.attrib["name"], _part(archive, entry.attrib["src"], most),
            _BLENDS.get(entry.attrib.get("composite-op", ""), "normal"), entry.attrib.get("visibility") != "hidden",
        )
        for entry in reversed(list(image.iter("layer")))  # the file names the topmost layer first
    ]


def _part(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    if archive.getinfo(name).file_size > most:
        raise ValueError(f"{name} is larger than it can be.")
    return archive.read(name)


def wanted(layers: list[Layer]) -> list[Layer]:
    """Those that come into the document, by the names that they have there.

    The flats with their shade and light; where the painting holds its lines itself, as of pictures with tones, it
    alone. The server's own lines stay out: the artist's are there.
    """
    lines = [one for one in layers if one.name == "lines"]
    is_one = not any(one.blend == "normal" for one in lines)
    names = {"colours": "painting"} if is_one else {"colours": "flats", "shade": "shade", "light": "light"}
    found = [one._replace(name=names[one.name], is_visible=True) for one in layers if one.name in names]
    if not found:
        raise PluginError(_DAMAGED)
    return found
