"""Finds the layer that is lines in a layered file of a painting program: PSD, ORA and KRA."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from s2p.errors import InputError, TooLargeError
from s2p.files import printable
from s2p.reading.archives import zip_document
from s2p.reading.document import Document, Layer
from s2p.reading.photoshop import psd_document

_PSD, _ZIP = b"8BPS", b"PK\x03\x04"
_LOOKED_AT = 16  # layers, from the top
_LOOK_EDGE = 1024  # px, at most, of what is looked at

# What layers of lines are called; the first list is asked before the second.
_INK = re.compile(
    r"(^|[\W_\d])(line ?-?_?art|lines?|linework|inks?|inking|inked|outlines?|contours?|lignes?|encrage|linien?|tusche|"
    r"l[ií]neas?|tinta|linee|lineart)($|[\W_\d])|線画|线稿|線稿|主線|ペン入れ|线条|線條|勾线|선화|контур|лайн",
    re.IGNORECASE,
)
_PENCIL = re.compile(
    r"(^|[\W_\d])(sketch|pencils?|drawing|skizze|croquis|boceto)($|[\W_\d])|草图|下書き|ラフ|스케치", re.IGNORECASE
)


@dataclass(frozen=True)
class Found:
    """What was taken out of a file: `image`, `uint8[H, W, 3 or 4]`, and what is known of the rest."""

    image: np.ndarray
    dpi: tuple[Any, Any] = (None, None)
    layer: str | None = None
    layers: tuple[str, ...] = ()
    inks: str = ""


def is_layered(data: bytes) -> bool:
    """Whether a file is one of those, by its first bytes."""
    return data.startswith((_PSD, _ZIP))


def take(data: bytes, name: str, *, max_pixels: int, layer: str | None = None) -> Found:
    """Takes a layer, or all together.

    Args:
        data: the file.
        name: how errors call it.
        max_pixels: int. Largest width times height of the page and of a layer.
        layer: its name, also with the groups around it (`figure/ink`); `""` for all that are shown; None for the one
            that is lines by its name or by its looks, or else all.

    Raises:
        InputError: there is no such layer, or the file holds no picture.
        TooLargeError: over a limit. Damaged files raise other errors, too.
    """
    document = psd_document(data, name, max_pixels) if data.startswith(_PSD) else zip_document(data, name, max_pixels)
    names = tuple(printable(one.name) for one in document.layers)
    if layer:
        chosen: Layer | None = _named(document.layers, layer, name)
    else:
        chosen = None if layer == "" or len(names) < 2 else _lines_of(document.layers)
    if chosen is not None:
        return Found(chosen.read(), document.dpi, printable(chosen.name), names, document.inks)
    whole = document.whole()
    whole = _together(document, name) if whole is None else whole
    return Found(whole, document.dpi, None, names, document.inks)


# Choosing -------------------------------------------------------------------------------------------------------------


def _named(layers: Sequence[Layer], wanted: str, name: str) -> Layer:
    ways: tuple[Callable[[Layer], bool], ...] = (
        lambda one: wanted in (one.name, one.path),
        lambda one: wanted.casefold().strip() in (one.name.casefold().strip(), one.path.casefold().strip()),
    )
    for fits in ways:
        found = [one for one in layers if fits(one)]
        if found:
            return next((one for one in found if one.is_shown), found[0])
    if not layers:
        raise InputError(f"{name} has no layers that hold pixels. Leave the layer out.")
    known = ", ".join(repr(printable(one.name)) for one in layers[:12]) + (", ..." if len(layers) > 12 else "")
    raise InputError(f"{name} has no layer {printable(wanted)!r}. Its layers are {known}.")


def _lines_of(layers: Sequence[Layer]) -> Layer | None:
    for words in (_INK, _PENCIL):
        found = [one for one in layers if words.search(one.name)]
        found = [one for one in found if one.is_shown] or (found if words is _INK else [])
        if found:
            return found[0]
    shown = [one for one in layers if one.is_shown][:_LOOKED_AT]
    return next((one for one in shown if _looks_like_lines(one)), None)


def _looks_like_lines(layer: Layer) -> bool:
    """Thin dark strokes on nothing or on white."""
    try:
        image = layer.read()
    except TooLargeError:
        raise
    except Exception:  # a layer that cannot be read is not chosen; whoever names it hears why
        return False
    dark = 255.0 - image[..., :3].mean(-1, dtype=np.float32)
    ink = (dark * image[..., 3] / np.float32(255.0)).astype(np.uint8)
    factor = _LOOK_EDGE / max(ink.shape)
    ink = cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else ink
    strokes, shade = ink > 96, (ink > 24) & (ink <= 96)
    if not 0.001 < strokes.mean() < 0.3 or shade.mean() > max(0.12, 2 * strokes.mean()):
        return False
    edge = 2 * max(round(min(ink.shape) / 90), 2) + 1
    broad = cv2.morphologyEx(strokes.astype(np.uint8), cv2.MORPH_OPEN, np.ones((edge, edge), np.uint8))
    return float(broad.mean()) <= 0.35 * float(strokes.mean())


def _together(document: Document, name: str) -> np.ndarray:
    """All layers that are shown, one over the other, `uint8[H, W, 4]`."""
    shown = [one for one in document.layers if one.is_shown]
    if not shown:
        raise InputError(f"{name} shows no layer. Switch one on, or name one.")
    result = np.zeros((*document.shape, 4), np.float32)
    for one in reversed(shown):
        image = one.read().astype(np.float32) / np.float32(255.0)
        alpha = image[..., 3:]
        below = result[..., 3:] * (1 - alpha)
        total = alpha + below
        result[..., :3] = (image[..., :3] * alpha + result[..., :3] * below) / np.maximum(total, 1e-6)
        result[..., 3:] = total
    return np.rint(result * 255.0).astype(np.uint8)
