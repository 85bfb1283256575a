"""Drives the plug-in inside Krita: a plug-in of its own that presses the buttons of the other, and tells what it saw.

Krita loads it from where the test has put it (`tests/krita_running.py`). What it is to do lies in a JSON file that
$S2P_KRITA_TRIAL names: `address` of a server, `dead` of none, `drawing` as PNG with transparent paper, `hints`
(`[[x, y, radius, "#rrggbb"]]`, in pixels), `words`, `report` and `pictures` to write. Then Krita is ended.
"""

import json
import os
import struct
import sys
import time
import traceback

from krita import Krita
from PyQt5.QtCore import QByteArray, QTimer
from PyQt5.QtGui import QBrush, QColor, QImage, QPainter
from PyQt5.QtWidgets import QApplication

SRGB = "sRGB-elle-V2-srgbtrc.icc"
with open(os.environ["S2P_KRITA_TRIAL"], encoding="utf-8") as told:
    TRIAL = json.load(told)
seen = {}


def steps():
    """What is done, one thing after the other; a number is how many seconds there are at most for what was begun."""
    app = Krita.instance()
    docker = next(one for one in app.dockers() if one.objectName() == "s2p_krita")
    docker.show()
    docker.raise_()
    docker.words.setText(TRIAL.get("words", ""))

    def press():
        docker.start()
        return docker.message.text()

    seen["no document"] = press()
    drawing = QImage(TRIAL["drawing"]).convertToFormat(QImage.Format_ARGB32)
    document = page(drawing, "RGBA", "U8", SRGB)
    yield 1
    press()
    yield 30
    seen["no lines"] = docker.message.text()
    lines = layer(document, "ink", drawing)
    docker.address.setText("http:// nowhere")
    seen["no address"] = press()
    docker.address.setText(TRIAL["dead"])
    press()
    yield 30
    seen["no server"] = docker.message.text()
    docker.address.setText(TRIAL["address"])
    docker._make_hints()
    seen["layers to choose"] = [docker.lines.itemText(one) for one in range(docker.lines.count())]
    seen["chosen"] = [docker.lines.currentText(), docker.hints.currentText()]
    write(document.nodeByName("hints"), dabs(drawing))
    document.refreshProjection()
    began = time.monotonic()
    press()
    seen["seconds until the window answers"] = time.monotonic() - began
    yield 240
    seen["painted"] = docker.message.text()
    seen["tree"] = tree(document.rootNode())
    seen["colors"] = colors(document, "flats")
    seen["undone"], seen["redone"] = (step(document, name) for name in ("edit_undo", "edit_redo"))
    faint = layer(document, "faint hints", dabs(drawing, 90))
    docker._fill()
    docker.hints.choose(faint.uniqueId().toString())
    press()
    yield 30
    seen["faint"] = docker.message.text()
    faint.remove()
    docker._fill()
    seen["lines are untouched"] = read(lines) == bytes_of(drawing)
    seen["pictures"] = shots(document, "painted")

    group = document.nodeByName("s2p")
    document.nodeByName("shade").setOpacity(100)
    press()
    yield 240
    seen["painted again"] = tree(document.rootNode())
    seen["shade is as faint"] = document.nodeByName("shade").opacity()
    seen["another group"] = group.uniqueId() != document.nodeByName("s2p").uniqueId()
    document.nodeByName("flats").setPixelData(QByteArray(bytes([9, 9, 9, 255]) * 16), 0, 0, 4, 4)
    press()
    yield 240
    seen["painted on"] = tree(document.rootNode())

    press()
    docker.stop()
    yield 60
    seen["cancelled"] = docker.message.text()
    seen["after the cancel"] = [docker.paint.isEnabled(), docker.cancel.isEnabled(), tree(document.rootNode())]
    press()
    document.nodeByName("ink").remove()
    yield 240
    seen["lines removed"] = docker.message.text()

    scan = page(drawing, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc")
    paper = drawing.convertToFormat(QImage.Format_ARGB32)
    paper.fill(QColor("white"))
    painter = QPainter(paper)
    painter.drawImage(0, 0, drawing)
    painter.end()
    write(scan.nodeByName("Background"), deep(paper))
    scan.refreshProjection()
    yield 1
    docker._make_hints()
    node = scan.nodeByName("hints")
    node.setColorSpace("RGBA", "U8", SRGB)
    write(node, dabs(drawing))
    press()
    yield 240
    seen["scan painted"] = docker.message.text()
    seen["scan tree"] = tree(scan.rootNode())
    seen["scan colors"] = colors(scan, "flats")
    seen["scan shown"] = shown(scan)
    seen["scan pictures"] = shots(scan, "scan")
    group = scan.createGroupLayer("deep")
    scan.rootNode().addChildNode(group, None)
    docker._fill()
    docker.lines.choose(group.uniqueId().toString())
    seen["deep group"] = press()
    group.remove()
    seen["layer gone"] = press()

    press()
    for one in app.documents():
        one.setModified(False)
    scan.close()
    yield 240
    seen["closed"] = docker.message.text()


# Krita ----------------------------------------------------------------------------------------------------------------


def page(drawing, model, depth, profile):
    document = Krita.instance().createDocument(drawing.width(), drawing.height(), "page", model, depth, profile, 300.0)
    Krita.instance().activeWindow().addView(document)
    Krita.instance().setActiveDocument(document)
    return document


def step(document, name):
    """Has Krita undo or redo a step; the layers then."""
    Krita.instance().action(name).trigger()
    document.waitForDone()
    QApplication.processEvents()
    return tree(document.rootNode())


def layer(document, name, image):
    node = document.createNode(name, "paintlayer")
    document.rootNode().addChildNode(node, None)
    write(node, image)
    document.refreshProjection()
    return node


def bytes_of(image):
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    return bytes(bits)


def write(node, image):
    data, size = image if isinstance(image, tuple) else (bytes_of(image), (image.width(), image.height()))
    node.setPixelData(QByteArray(data), 0, 0, *size)


def deep(image):
    """The same with 16 bits."""
    data = bytes_of(image)
    return struct.pack(f"<{len(data)}H", *(257 * value for value in data)), (image.width(), image.height())


def read(node):
    bounds = Krita.instance().activeDocument().bounds()
    return bytes(node.pixelData(0, 0, bounds.width(), bounds.height()))


def dabs(drawing, alpha=255):
    image = QImage(drawing.size(), QImage.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.Antialiasing)
    painter.setPen(QColor(0, 0, 0, 0))
    for x, y, radius, color in TRIAL["hints"]:
        red, green, blue, _ = QColor(color).getRgb()
        painter.setBrush(QBrush(QColor(red, green, blue, alpha)))
        painter.drawEllipse(int(x - radius), int(y - radius), 2 * radius, 2 * radius)
    painter.end()
    return image


def tree(node):
    """Names, blends and whether they are shown, bottom first."""
    return [
        [one.name(), one.blendingMode(), one.visible(), *([tree(one)] if one.type() == "grouplayer" else [])]
        for one in node.childNodes()
    ]


def colors(document, name):
    """What a painted layer holds at the hints."""
    width, height = document.width(), document.height()
    data = bytes(document.nodeByName(name).pixelData(0, 0, width, height))
    places = [4 * (int(y) * width + int(x)) for x, y, *_ in TRIAL["hints"]]
    return ["#{2:02x}{1:02x}{0:02x}".format(*data[place : place + 3]) for place in places]


def shown(document):
    """What is to be seen at the hints without them."""
    document.nodeByName("hints").setVisible(False)
    document.refreshProjection()
    document.waitForDone()
    image = document.projection(0, 0, document.width(), document.height())
    document.nodeByName("hints").setVisible(True)
    return [QColor(image.pixel(int(x), int(y))).name() for x, y, *_ in TRIAL["hints"]]


def shots(document, name):
    """Writes the page and Krita's window; their paths."""
    document.nodeByName("hints").setVisible(False)
    document.refreshProjection()
    document.waitForDone()
    QApplication.processEvents()
    files = [os.path.join(TRIAL["pictures"], f"{name}-{what}.png") for what in ("page", "window")]
    document.projection(0, 0, document.width(), document.height()).save(files[0])
    Krita.instance().activeWindow().qwindow().grab().save(files[1])
    document.nodeByName("hints").setVisible(True)
    return files


# Running --------------------------------------------------------------------------------------------------------------


class Run:
    def __init__(self):
        self.steps, self.until = None, time.monotonic() + 60

    def go_on(self):
        try:
            self._go_on()
        except StopIteration:
            self._end("")
        except BaseException:
            self._end(traceback.format_exc())

    def _go_on(self):
        app = Krita.instance()
        if "faults" in seen:
            raise RuntimeError("the plug-in has faults")
        if self.steps is None:
            if app.activeWindow() is None or not any(one.objectName() == "s2p_krita" for one in app.dockers()):
                if time.monotonic() > self.until:
                    raise RuntimeError("Krita has no docker of the plug-in.")
                return
            self.steps = steps()
        docker = next(one for one in app.dockers() if one.objectName() == "s2p_krita")
        if docker.is_painting:
            if time.monotonic() > self.until:
                raise RuntimeError(f"It takes too long: {docker.message.text()}")
            seen.setdefault("told", [])
            if docker.message.text() not in seen["told"]:
                seen["told"].append(docker.message.text())
            return
        self.until = time.monotonic() + next(self.steps)

    def _end(self, fault):
        seen["fault"] = fault
        with open(TRIAL["report"], "w", encoding="utf-8") as file:
            json.dump(seen, file)
        os._exit(0)


def note(kind, error, trace):
    """Krita would open a window, which nobody closes here."""
    seen.setdefault("faults", []).append("".join(traceback.format_exception(kind, error, trace)))


sys.excepthook = note
run = Run()
timer = QTimer()
timer.timeout.connect(run.go_on)
timer.start(100)
