"""What is read from and written to Krita's document. The only module besides the docker that knows Krita.

Layers are read in sRGB with 8 bits, whatever the document has, and the painted ones are such layers: Krita shows layers
of different colour spaces together.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from krita import Krita
from PyQt5.QtCore import QByteArray

from .dabs import clear_share
from .errors import PluginError
from .names import GROUP
from .painter import Painted

_SPACE = ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
_KINDS = ("paintlayer", "grouplayer", "vectorlayer", "clonelayer", "filelayer")
_CLEAR = 0.02  # of a page of line art, at least, where the layer is ink and no scanned paper
_NOTE = "s2p/painted"


class Entry(NamedTuple):
    """A layer of the document: its id, its name with the groups around it, and Krita's object."""

    id: str
    name: str
    node: Any


def entries(document: Any) -> list[Entry]:
    """The layers that may hold lines or hints, topmost first; not what the plug-in has painted."""
    return list(_entries(document.rootNode(), ""))


def _entries(parent: Any, path: str) -> Iterator[Entry]:
    for node in reversed(parent.childNodes()):
        name = f"{path}{node.name()}"
        if node.type() not in _KINDS or (node.type() == "grouplayer" and node.name() == GROUP):
            continue
        yield Entry(node.uniqueId().toString(), name, node)
        if node.type() == "grouplayer":
            yield from _entries(node, f"{name}/")


def pixels(document: Any, entry: Entry) -> bytes:
    """A layer as it looks by itself, hidden or not: BGRA bytes of sRGB, as large as the document.

    Raises:
        PluginError: a group of another colour space than sRGB with 8 bits.
    """
    document.waitForDone()  # a stroke may not be finished
    width, height = document.width(), document.height()
    node = entry.node
    if (node.colorModel(), node.colorDepth(), node.colorProfile()) != _SPACE:
        node = node.duplicate()
        node.setColorSpace(*_SPACE)
    data = bytes(node.projectionPixelData(document.xOffset(), document.yOffset(), width, height))
    if node.colorModel() != "RGBA" or node.colorDepth() != "U8" or len(data) != width * height * 4:
        raise PluginError(
            f"The layer {entry.name!r} is no paint layer and cannot be read in the colours of this document "
            f"({document.colorModel()}, {document.colorDepth()}). Flatten it, or choose a paint layer."
        )
    return data


def new_hint_layer(document: Any) -> Any:
    """A paint layer above all others, which is the active one then."""
    node = document.createNode("hints", "paintlayer")
    document.rootNode().addChildNode(node, None)
    document.setActiveNode(node)
    return node


# Painted --------------------------------------------------------------------------------------------------------------


def add(document: Any, lines: Entry, hints: Entry | None, *, drawing: bytes, painted: list[Painted]) -> None:
    """Lays a painting under the lines, in a group of its own, in place of the one before.

    Ink on nothing has the group right below it. A scan on white paper, which would hide it, has it right above,
    multiplied: that looks as if the scan lay multiplied over the colours.
    """
    looks = _put_away(document)
    group = document.createGroupLayer(GROUP)
    parent = lines.node.parentNode()
    siblings = [node.uniqueId() for node in parent.childNodes()]
    below = siblings.index(lines.node.uniqueId()) - 1
    while below >= 0 and hints is not None and siblings[below] == hints.node.uniqueId():
        below -= 1
    is_one = painted[0].name == "painting"  # with its lines
    is_below = below >= 0 and clear_share(drawing) >= _CLEAR and not is_one
    if not (is_one or is_below):
        group.setBlendingMode("multiply")
    for one in painted:  # before the group has its place: Krita's undo then takes all of it away in one step
        node = document.createNode(one.name, "paintlayer")
        node.setColorSpace(*_SPACE)
        group.addChildNode(node, None)
        node.setPixelData(
            QByteArray(one.pixels), document.xOffset(), document.yOffset(), document.width(), document.height()
        )
        if one.blend != "normal":  # each such change is a step of undo, too, which shows nothing
            node.setBlendingMode(one.blend)
        opacity, is_visible = looks.get(one.name, (255, True))
        node.setOpacity(opacity)
        node.setVisible(is_visible)
    if is_below:
        parent.addChildNode(group, parent.childNodes()[below])
    else:
        parent.addChildNode(group, lines.node)
    _note(document, group)
    document.refreshProjection()
    document.setModified(True)


def _put_away(document: Any) -> dict[str, tuple[int, bool]]:
    """Removes the group of the painting before; keeps it, switched off, where somebody has painted on it.

    Returns: opacity and whether it is shown, by the names of its layers: what was set there holds for the next one.
    """
    known, looks = _noted(document), {}
    for group in list(_groups(document.rootNode())):
        looks = {node.name(): (node.opacity(), node.visible()) for node in group.childNodes()}
        if known and known == _sums(document, group):
            group.remove()
        else:
            group.setName(f"{GROUP}, kept")
            group.setVisible(False)
    return looks


def _groups(parent: Any) -> Iterator[Any]:
    for node in parent.childNodes():
        if node.type() == "grouplayer":
            if node.name() == GROUP:
                yield node
            else:
                yield from _groups(node)


def _sums(document: Any, group: Any) -> dict[str, int]:
    """A sum of the pixels of every layer: what changes when somebody paints."""
    size = document.xOffset(), document.yOffset(), document.width(), document.height()
    return {node.name(): zlib.crc32(bytes(node.pixelData(*size))) for node in group.childNodes()}


def _note(document: Any, group: Any) -> None:
    document.setAnnotation(_NOTE, "What s2p has painted", QByteArray(json.dumps(_sums(document, group)).encode()))


def _noted(document: Any) -> dict[str, int]:
    try:
        known = json.loads(bytes(document.annotation(_NOTE)))
    except ValueError:  # there is none
        return {}
    return known if isinstance(known, dict) else {}


def is_open(document: Any) -> bool:
    """Whether a document has not been closed meanwhile."""
    return any(document == one for one in Krita.instance().documents())
