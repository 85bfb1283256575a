"""The thread that paints: Krita's window goes on meanwhile. Touches nothing of Krita; pixels go in, pixels come out."""

from __future__ import annotations

import threading
from typing import NamedTuple

from PyQt5.QtCore import QBuffer, QIODevice, QThread, pyqtSignal
from PyQt5.QtGui import QImage

from . import layers
from .dabs import dabs, is_even, is_faint
from .errors import Cancelled, PluginError
from .server import Server


class Wish(NamedTuple):
    """What is painted: pixels are BGRA bytes, `width * height * 4` of them, of the lines and of the hints (or none)."""

    address: str
    width: int
    height: int
    lines: bytes
    hints: bytes
    words: list[str]
    background: str


class Painted(NamedTuple):
    """A layer that is painted: its pixels are BGRA bytes; name and blend as in `layers.Layer`."""

    name: str
    pixels: bytes
    blend: str


class Painter(QThread):
    """Paints one wish. At its end it says `done`, `failed` or `stopped`, once."""

    told = pyqtSignal(str, float)
    done = pyqtSignal(list, int, list)  # of `Painted`, bottom first; how many hints; notes
    failed = pyqtSignal(str)
    stopped = pyqtSignal()

    def __init__(self, wish: Wish) -> None:
        super().__init__()
        self._wish, self._cancelled = wish, threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()

    def run(self) -> None:
        try:
            self._paint()
        except Cancelled:
            self.stopped.emit()
        except PluginError as error:
            self.failed.emit(str(error))
        except Exception as error:  # a fault of ours, which would end Krita here
            self.failed.emit(f"The plug-in has a fault: {type(error).__name__}: {error}")
            raise

    def _paint(self) -> None:
        wish = self._wish
        if is_even(wish.lines):
            raise PluginError("The line layer is empty: there are no lines to colour. Choose another one.")
        if is_faint(wish.hints):
            raise PluginError("What is on the hint layer is too transparent to be hints. Dab with an opaque brush.")
        found = dabs(wish.hints, wish.width, wish.height) if wish.hints else []
        server = Server(wish.address, cancelled=self._cancelled, tell=self.told.emit)
        painting = server.paint(_png(wish), found, words=wish.words, background=wish.background)
        read = layers.wanted(layers.read(painting.layers, wish.width, wish.height))
        painted = [Painted(one.name, _pixels(one, wish), one.blend) for one in read]
        notes = list(painting.notes)
        if painted[0].name == "painting":
            notes.append("This drawing has tones, so the painting is one layer, which holds the lines, too.")
        self.done.emit(painted, len(found), notes)


def _png(wish: Wish) -> bytes:
    image = QImage(wish.lines, wish.width, wish.height, 4 * wish.width, QImage.Format_ARGB32)
    buffer = QBuffer()
    buffer.open(QIODevice.WriteOnly)
    if not image.save(buffer, "PNG", 80):  # quickly rather than small
        raise PluginError("The line layer cannot be written as PNG. Is there memory left?")
    return bytes(buffer.data())


def _pixels(layer: layers.Layer, wish: Wish) -> bytes:
    image = QImage.fromData(layer.png, "PNG")
    if (image.width(), image.height()) != (wish.width, wish.height):
        raise PluginError(f"The layer {layer.name} that the server sent cannot be read.")
    image = image.convertToFormat(QImage.Format_ARGB32)
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    return bytes(bits)
