"""Layered files for painting programs: PSD (Photoshop, Krita, Clip Studio) and ORA (OpenRaster: Krita, GIMP, MyPaint).

Both writers take the same layers, bottom first, and add a flattened picture for viewers that know no layers.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree

import numpy as np

from s2p.errors import DependencyMissingError, OutputError
from s2p.image import Dpi, encode_image, max_resize, write_whole

Blend = Literal["normal", "multiply", "screen"]

_ORA_OPERATORS = {"normal": "svg:src-over", "multiply": "svg:multiply", "screen": "svg:screen"}
_THUMBNAIL_SIDE = 256  # the OpenRaster specification's limit
_PSD_SIDE = 30_000  # beyond that Photoshop wants its large-document format
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same layers give the same bytes


@dataclass(frozen=True)
class Layer:
    """One layer of a file.

    Attributes:
        name: any Unicode text.
        image: `uint8[H, W, 3]` RGB, `uint8[H, W, 4]` RGBA or `uint8[H, W]` gray; all layers of a file have one size.
        blend: `normal`; `multiply` (for lines: white paper lets everything below through); or `screen` (for light:
            black lets everything below through).
        opacity: float in [0, 1].
        visible: False for a layer that is kept but switched off.
    """

    name: str
    image: np.ndarray
    blend: Blend = "normal"
    opacity: float = 1.0
    visible: bool = True


def write_psd(path: str | Path, layers: Iterable[Layer], *, dpi: Dpi | None = None) -> None:
    """Writes a layered Photoshop file.

    Args:
        path: target; replaced only when the new file is complete.
        layers: bottom first.
        dpi: dots per inch, across and down.

    Raises:
        OutputError: no layers, layers that do not fit together, or an unwritable file.
        DependencyMissingError: psd-tools is not installed.

    Example:
        >>> painting, lines = np.full((4, 4, 3), 200, np.uint8), np.full((4, 4), 255, np.uint8)
        >>> write_psd("out.psd", [Layer("colours", painting), Layer("lines", lines, blend="multiply")])
    """
    write_whole(path, encode_psd(layers, dpi=dpi))


def write_ora(path: str | Path, layers: Iterable[Layer], *, dpi: Dpi | None = None) -> None:
    """Writes a layered OpenRaster file; arguments and errors as in `write_psd`."""
    write_whole(path, encode_ora(layers, dpi=dpi))


def encode_psd(layers: Iterable[Layer], *, dpi: Dpi | None = None) -> bytes:
    """The bytes of `write_psd`."""
    layers = _checked(layers)
    try:
        from psd_tools import PSDImage
        from psd_tools.constants import BlendMode, Resource
    except ImportError as error:
        raise DependencyMissingError("Layered PSD files need psd-tools: pip install psd-tools") from error
    from PIL import Image

    height, width = layers[0].image.shape[:2]
    if max(height, width) > _PSD_SIDE:
        raise OutputError(
            f"A PSD file is at most {_PSD_SIDE} pixels wide and high. Received: {width} x {height}. Write an ORA file."
        )
    # psd-tools renews this flattened picture from the layers where its compositing extras are installed.
    document = PSDImage.frompil(Image.fromarray(flatten(layers)), color=255)
    modes = {"normal": BlendMode.NORMAL, "multiply": BlendMode.MULTIPLY, "screen": BlendMode.SCREEN}
    # In a document without alpha psd-tools makes a mask of a layer's alpha. Made for one with alpha and brought over,
    # the layer has transparent pixels, which painters can lock and paint on.
    workshop = PSDImage.new("RGBA", (1, 1))
    for layer in layers:
        picture = Image.fromarray(np.ascontiguousarray(_color(layer.image)))
        pixels = workshop.create_pixel_layer(
            picture, opacity=round(layer.opacity * 255), blend_mode=modes[layer.blend],
        )
        document.append(pixels)
        pixels.name = layer.name  # only the setter writes Unicode beside the old Mac Roman name
        pixels.visible = layer.visible
    if dpi is not None:
        from psd_tools.psd.image_resources import ImageResource, ResoulutionInfo

        across, down = (round(value * 65536) for value in dpi)
        info: Any = ResoulutionInfo(across, 1, 1, down, 1, 1)  # pixels per inch, shown in inches
        resources = document.image_resources
        resources[Resource.RESOLUTION_INFO] = ImageResource(key=Resource.RESOLUTION_INFO.value, data=info)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def encode_ora(layers: Iterable[Layer], *, dpi: Dpi | None = None) -> bytes:
    """The bytes of `write_ora`."""
    layers = _checked(layers)
    merged = flatten(layers)
    height, width = merged.shape[:2]
    thumbnail = merged if max(height, width) <= _THUMBNAIL_SIDE else max_resize(merged, _THUMBNAIL_SIDE)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # First and uncompressed, so that the file's type can be read at a fixed offset.
        _add(archive, "mimetype", b"image/openraster", zipfile.ZIP_STORED)
        _add(archive, "stack.xml", _stack_xml(layers, width, height, dpi or (72, 72)), zipfile.ZIP_DEFLATED)
        for number, layer in enumerate(layers):
            _add(archive, _ora_source(number), encode_image(_color(layer.image), "png"), zipfile.ZIP_STORED)
        _add(archive, "mergedimage.png", encode_image(merged, "png"), zipfile.ZIP_STORED)
        _add(archive, "Thumbnails/thumbnail.png", encode_image(thumbnail, "png"), zipfile.ZIP_STORED)
    return buffer.getvalue()


def flatten(layers: Sequence[Layer]) -> np.ndarray:
    """What the visible layers look like together on white paper.

    Args:
        layers: bottom first.

    Returns: `uint8[H, W, 3]` RGB, rounded once at the end.
    """
    below = np.full((*layers[0].image.shape[:2], 3), 255.0, np.float32)
    for layer in layers:
        if not layer.visible:
            continue
        image = _color(layer.image)
        color = image[:, :, :3].astype(np.float32)
        if layer.blend == "multiply":
            color *= below / 255.0
        elif layer.blend == "screen":
            color = 255.0 - (255.0 - color) * (255.0 - below) / 255.0
        alpha = np.float32(layer.opacity)
        if image.shape[2] == 4:
            alpha = image[:, :, 3:].astype(np.float32) * (alpha / 255.0)
        below += (color - below) * alpha
    return np.rint(below).astype(np.uint8)


def _stack_xml(layers: Sequence[Layer], width: int, height: int, dpi: Dpi) -> bytes:
    across, down = (str(max(round(value), 1)) for value in dpi)  # whole numbers, says the specification
    image = ElementTree.Element("image", version="0.0.3", w=str(width), h=str(height), xres=across, yres=down)
    stack = ElementTree.SubElement(image, "stack")
    for number, layer in reversed(list(enumerate(layers))):  # the file lists the topmost layer first
        ElementTree.SubElement(
            stack, "layer", {
                "name": layer.name, "src": _ora_source(number), "x": "0", "y": "0",
                "opacity": f"{layer.opacity:.4f}", "visibility": "visible" if layer.visible else "hidden",
                "composite-op": _ORA_OPERATORS[layer.blend],
            },
        )
    return ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True)


def _ora_source(number: int) -> str:
    return f"data/layer{number}.png"


def _add(archive: zipfile.ZipFile, name: str, data: bytes, compression: int) -> None:
    entry = zipfile.ZipInfo(name, _ZIP_TIME)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


def _color(image: np.ndarray) -> np.ndarray:
    return np.repeat(image[:, :, None], 3, axis=2) if image.ndim == 2 else image


def _checked(layers: Iterable[Layer]) -> list[Layer]:
    checked = []
    for layer in layers:
        image = layer.image
        if image.dtype != np.uint8 or (image.ndim != 2 and image.shape[2:] not in ((3,), (4,))) or image.size == 0:
            raise OutputError(
                f"The layer {layer.name!r} must be uint8[H, W(, 3 or 4)]. Received: {image.dtype}{list(image.shape)}."
            )
        if checked and image.shape[:2] != checked[0].image.shape[:2]:
            (height, width), (first_height, first_width) = image.shape[:2], checked[0].image.shape[:2]
            raise OutputError(
                f"All layers must have one size. Received: {layer.name!r} with {width} x {height}, "
                f"{checked[0].name!r} with {first_width} x {first_height}."
            )
        if layer.blend not in _ORA_OPERATORS:
            raise OutputError(f"A blend mode must be one of {', '.join(_ORA_OPERATORS)}. Received: {layer.blend!r}.")
        if not 0.0 <= layer.opacity <= 1.0:
            raise OutputError(f"The opacity of {layer.name!r} must be from 0 to 1. Received: {layer.opacity!r}.")
        checked.append(Layer(_printable(layer.name), image, layer.blend, layer.opacity, layer.visible))
    if not checked:
        raise OutputError("A layered file needs at least one layer. Received: none.")
    return checked


def _printable(name: str) -> str:
    """Control characters and lone surrogates are not allowed in XML, and a PSD name ends at 255 characters."""
    kept = "".join(c if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF else " " for c in name)
    return kept.strip()[:255] or "layer"
