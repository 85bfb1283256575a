"""Layers of OpenRaster (ORA) and Krita (KRA) files, which are ZIP files.

Nothing of them is unpacked to the disk, and every part is counted before it is read. Of KRA the layers of 8-bit colours
and grays are read, of both the picture that the program stored of all layers.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree import ElementTree

import numpy as np

from s2p.errors import InputError, TooLargeError
from s2p.files import printable
from s2p.reading import krita
from s2p.reading.decoding import decoded_png
from s2p.reading.document import MAX_LAYERS, Document, Layer, placed
from s2p.reading.limits import check_size

_MOST_PARTS = 20_000
_PART_BYTES, _XML_BYTES = 256 * 1024 * 1024, 4 * 1024 * 1024


class _Archive:
    """A ZIP file whose parts are counted before they are read."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._parts = {part.filename: part for part in self._zip.infolist()}
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise InputError(f"{name} is a damaged archive. Save or copy it again.") from error
        if len(self._parts) > _MOST_PARTS:
            raise TooLargeError(f"{name} has {len(self._parts)} parts; at most {_MOST_PARTS} are read.")

    def has(self, part: str) -> bool:
        return part in self._parts

    def read(self, part: str, most: int | None = None) -> bytes:
        """A part whole, at most `most` bytes of it; what it says of its size is not believed."""
        most = _PART_BYTES if most is None else most
        about = self._parts.get(part)
        if about is None:
            raise InputError(f"{self.name} lacks {printable(part)!r}. Save it again.")
        if about.flag_bits & 1:
            raise InputError(f"{self.name} is locked with a password. Save it without one.")
        if about.file_size <= most:
            try:
                with self._zip.open(about) as stream:
                    data = stream.read(most + 1)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
                raise InputError(f"{self.name} is a damaged archive. Save or copy it again.") from error
            if len(data) <= most:
                return data
        raise TooLargeError(f"{printable(part)!r} in {self.name} is larger than {most / 2**20:.3g} MiB.")

    def tree(self, part: str) -> ElementTree.Element:
        """An XML part; entities, which can grow without end, are refused."""
        text = self.read(part, _XML_BYTES)
        if b"<!ENTITY" in text or text.startswith((b"\xff\xfe", b"\xfe\xff", b"\0")):
            raise InputError(f"{printable(part)!r} in {self.name} is written in a way that is not read.")
        try:
            return ElementTree.fromstring(text)
        except (ElementTree.ParseError, ValueError, LookupError) as error:
            raise InputError(f"{printable(part)!r} in {self.name} is damaged. Save it again.") from error


def zip_document(data: bytes, name: str, max_pixels: int) -> Document:
    """What is in it; errors as in `s2p.reading.layers.take`."""
    archive = _Archive(data, name)
    if archive.has("stack.xml"):
        return _ora(archive, name, max_pixels)
    if archive.has("maindoc.xml"):
        return _kra(archive, name, max_pixels)
    raise InputError(f"{name} is an archive, but none of OpenRaster (ORA) or Krita (KRA).")


def _number(element: ElementTree.Element, key: str, name: str, default: str | None = None) -> int:
    text = element.get(key, default)
    try:
        number = int(float(text or ""))
    except (ValueError, OverflowError):
        raise InputError(f"{name} is damaged: {key} of its {element.tag} is no number.") from None
    if abs(number) > 10_000_000:
        raise InputError(f"{name} is damaged: {key} of its {element.tag} cannot be.")
    return number


def _page_size(element: ElementTree.Element, keys: tuple[str, str], name: str, max_pixels: int) -> tuple[int, int]:
    width, height = (_number(element, key, name) for key in keys)
    if width < 1 or height < 1:
        raise InputError(f"{name} is damaged: its page has no size.")
    check_size(width, height, name, max_pixels)
    return height, width


def _merged(archive: _Archive, name: str, max_pixels: int) -> np.ndarray | None:
    return decoded_png(archive.read("mergedimage.png"), name, max_pixels) if archive.has("mergedimage.png") else None


def _ora(archive: _Archive, name: str, max_pixels: int) -> Document:
    root = archive.tree("stack.xml")
    shape = _page_size(root, ("w", "h"), name, max_pixels)
    layers: list[Layer] = []

    def read(source: str, left: int, top: int, title: str) -> np.ndarray:
        image = decoded_png(archive.read(source), f"The layer {printable(title)!r} of {name}", max_pixels)
        return placed(image, left, top, shape)

    def walk(stack: ElementTree.Element, path: str, offset: tuple[int, int], is_shown: bool, depth: int) -> None:
        for element in stack:
            left, top = (offset[at] + _number(element, key, name, "0") for at, key in enumerate(("x", "y")))
            title, is_seen = element.get("name", ""), is_shown and element.get("visibility", "visible") == "visible"
            if len(layers) >= MAX_LAYERS or depth > 50:
                raise TooLargeError(f"{name} has too many layers; at most {MAX_LAYERS} are read.")
            if element.tag == "stack":
                walk(element, f"{path}{title}/" if title else path, (left, top), is_seen, depth + 1)
            elif element.tag == "layer":
                source = element.get("src", "")
                layers.append(Layer(
                    title, path + title, is_seen,
                    lambda source=source, left=left, top=top, title=title: read(source, left, top, title),
                ))

    for stack in root.findall("stack"):
        walk(stack, "", (0, 0), True, 0)
    return Document(layers, lambda: _merged(archive, name, max_pixels), shape, (root.get("xres"), root.get("yres")))


def _kra(archive: _Archive, name: str, max_pixels: int) -> Document:
    root = archive.tree("maindoc.xml")
    page = next((one for one in root.iter() if one.tag.rpartition("}")[2] == "IMAGE"), None)
    if page is None:
        raise InputError(f"{name} is damaged: it has no page.")
    shape = _page_size(page, ("width", "height"), name, max_pixels)
    folder, layers = page.get("name", ""), []

    def read(file: str, left: int, top: int, title: str) -> np.ndarray:
        what = f"The layer {printable(title)!r} of {name}"
        default = f"{file}.defaultpixel"
        empty = archive.read(default, 64) if archive.has(default) else b""
        return krita.pixels(archive.read(file), what, shape, left=left, top=top, empty=empty)

    def walk(stack: ElementTree.Element, path: str, is_shown: bool, depth: int) -> None:
        for element in stack:
            tag = element.tag.rpartition("}")[2]
            if tag == "layers":
                walk(element, path, is_shown, depth)
            if tag != "layer":
                continue
            if len(layers) >= MAX_LAYERS or depth > 50:
                raise TooLargeError(f"{name} has too many layers; at most {MAX_LAYERS} are read.")
            title, is_seen = element.get("name", ""), is_shown and element.get("visible", "1") != "0"
            if element.get("nodetype") == "grouplayer":
                walk(element, f"{path}{title}/", is_seen, depth + 1)
            elif element.get("nodetype") == "paintlayer":
                file = f"{folder}/layers/{element.get('filename', '')}"
                left, top = _number(element, "x", name, "0"), _number(element, "y", name, "0")
                layers.append(Layer(
                    title, path + title, is_seen,
                    lambda file=file, left=left, top=top, title=title: read(file, left, top, title),
                ))

    walk(page, "", True, 0)
    return Document(layers, lambda: _merged(archive, name, max_pixels), shape, (page.get("x-res"), page.get("y-res")))
