"""Layers of a Photoshop file, by psd-tools."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from s2p.errors import InputError, TooLargeError
from s2p.files import printable
from s2p.reading.decoding import in_srgb, inks_of
from s2p.reading.document import MAX_LAYERS, Document, Layer, placed
from s2p.reading.limits import check_size


def psd_document(data: bytes, name: str, max_pixels: int) -> Document:
    """What is in it; errors as in `s2p.reading.layers.take`."""
    from psd_tools import PSDImage
    from psd_tools.constants import ColorMode, Resource

    # The header first: its size is known before anything else is parsed.
    check_size(int.from_bytes(data[18:22], "big"), int.from_bytes(data[14:18], "big"), name, max_pixels)
    document = PSDImage.open(io.BytesIO(data))
    shape = (document.height, document.width)
    layers: list[Layer] = []

    def read(layer: Any) -> np.ndarray:
        if layer.width < 1 or layer.height < 1:
            return np.zeros((*shape, 4), np.uint8)
        check_size(layer.width, layer.height, f"The layer {printable(layer.name)!r} of {name}", max_pixels)
        picture = layer.topil()
        if picture is None:
            raise InputError(f"The layer {printable(layer.name)!r} of {name} holds no pixels.")
        return placed(np.array(picture.convert("RGBA")), layer.left, layer.top, shape)

    def walk(group: Any, path: str, is_shown: bool) -> None:
        for layer in reversed(list(group)):
            if len(layers) >= MAX_LAYERS:
                raise TooLargeError(f"{name} has too many layers; at most {MAX_LAYERS} are read.")
            is_seen, own = is_shown and layer.visible, f"{path}{layer.name}"
            if layer.is_group():
                walk(layer, f"{own}/", is_seen)
            elif layer.has_pixels():
                layers.append(Layer(layer.name, own, is_seen, lambda layer=layer: read(layer)))

    def whole() -> np.ndarray | None:
        if layers and not document.has_preview():
            return None
        picture = document.topil()
        if picture is None:
            return None
        return np.array(picture.convert("RGBA" if picture.mode in ("RGBA", "LA") else "RGB"))

    walk(document, "", True)
    resolution: Any = document.image_resources.get_data(Resource.RESOLUTION_INFO)
    dpi = (None, None) if resolution is None else (resolution.horizontal / 65536, resolution.vertical / 65536)
    profile: Any = document.image_resources.get_data(Resource.ICC_PROFILE)
    return Document(layers, whole, shape, dpi, _inks(profile) if document.color_mode is ColorMode.CMYK else "")


def _inks(profile: bytes | None) -> str:
    """What becomes of inks in such a file, tried on one pixel: psd-tools, too, takes the profile if it fits."""
    pixel = Image.new("CMYK", (1, 1))
    pixel.info["icc_profile"] = profile
    return inks_of(pixel.mode, in_srgb(pixel))
