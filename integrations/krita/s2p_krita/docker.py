"""The docker: which server, which layers, Paint and Cancel."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from krita import DockWidget, Krita
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from . import document as documents
from . import names
from .errors import PluginError
from .painter import Painter, Wish
from .server import DEFAULT, tidy

TITLE = "s2p: colour line art"
_GROUP = "s2p"  # of settings
_AUTO, _NONE = "", "none"


class _Task(NamedTuple):
    """A painting that is under way: in which document, under which lines, with which hints, since when."""

    painter: Painter
    wish: Wish
    document: Any
    lines: documents.Entry
    hints: documents.Entry | None
    began: float


class Docker(DockWidget):
    """Its state is what its fields show, and the painting that is under way."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self._task: _Task | None = None
        self._build()

    def _build(self) -> None:
        self.address = QLineEdit(Krita.instance().readSetting(_GROUP, "address", DEFAULT))
        self.address.setToolTip("The address of the s2p server that paints")
        self.lines, self.hints = _Layers(self._fill), _Layers(self._fill)
        self.lines.setToolTip("The layer with your line art; it stays as it is")
        self.hints.setToolTip("The layer with dabs of the colours that you want, each in the middle of what it colours")
        self.words = QLineEdit()
        self.words.setPlaceholderText("blonde hair, red dress")
        self.words.setToolTip("Colours in words, for what no dab reaches")
        self.ground = QCheckBox("Leave the bare ground transparent")
        self.ground.setChecked(Krita.instance().readSetting(_GROUP, "ground", "") == "none")
        self.new_hints = QPushButton("New hint layer")
        self.paint, self.cancel = QPushButton("Paint"), QPushButton("Cancel")
        self.bar, self.message = QProgressBar(), QLabel()
        self.bar.setRange(0, 1000)
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextSelectableByMouse)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.WrapLongRows)
        for label, field in (("&Server", self.address), ("&Lines", self.lines), ("&Hints", self.hints),
                             ("&Words", self.words)):
            form.addRow(label, field)
            field.setAccessibleName(label.replace("&", ""))
        buttons = QHBoxLayout()
        for button in (self.paint, self.cancel):
            buttons.addWidget(button)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(6, 6, 6, 6)  # Krita's own style has none
        column.addLayout(form)
        for part in (self.new_hints, self.ground):
            column.addWidget(part)
        column.addLayout(buttons)
        for part in (self.bar, self.message):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(box)
        self.paint.clicked.connect(self.start)
        self.cancel.clicked.connect(self.stop)
        self.new_hints.clicked.connect(self._make_hints)
        QApplication.instance().aboutToQuit.connect(self._leave)
        self._show_rest()

    def canvasChanged(self, canvas: Any) -> None:
        """Called by Krita: another document is in front, or none."""
        self._fill()

    # Fields -----------------------------------------------------------------------------------------------------------

    def _fill(self) -> list[documents.Entry]:
        """Lists the layers that there are now; what was chosen stays chosen while it is there."""
        document = Krita.instance().activeDocument()
        found = [] if document is None else documents.entries(document)
        listed = [one.name for one in found]
        self.lines.offer(found, names.lines_among(listed))
        self.hints.offer(found, names.hints_among(listed), none="no hints")
        return found

    def _make_hints(self) -> None:
        document = Krita.instance().activeDocument()
        if document is None:
            self.message.setText("Open a drawing first.")
            return
        node = documents.new_hint_layer(document)
        self._fill()
        self.hints.choose(node.uniqueId().toString())
        self.message.setText("Dab colours onto the new layer, each in the middle of what it colours, then press Paint.")

    # Painting ---------------------------------------------------------------------------------------------------------

    @property
    def is_painting(self) -> bool:
        """Whether a painting is under way, or being brought into its document."""
        return self._task is not None

    def start(self) -> None:
        """What the button Paint does."""
        if self._task is not None:
            return
        try:
            self._task = task = self._wished()
        except PluginError as error:
            self.message.setText(str(error))
            return
        for name, value in (("address", task.wish.address), ("ground", task.wish.background)):
            Krita.instance().writeSetting(_GROUP, name, value)
        task.painter.told.connect(self._tell)
        task.painter.done.connect(self._take)
        task.painter.failed.connect(self._end)
        task.painter.stopped.connect(lambda: self._end("Cancelled."))
        for part, is_on in ((self.paint, False), (self.cancel, True)):
            part.setEnabled(is_on)
        self.bar.show()
        self._tell("Finding the dabs", 0.0)
        task.painter.start()

    def stop(self) -> None:
        """What the button Cancel does."""
        if self._task is not None:
            self.cancel.setEnabled(False)
            self._tell("Cancelling", self.bar.value() / 1000)
            self._task.painter.cancel()

    def _leave(self) -> None:
        """Krita ends: the thread must end before it."""
        if self._task is not None:
            self._task.painter.cancel()
            self._task.painter.wait(5000)

    def _wished(self) -> _Task:
        """What is to be painted; raises `PluginError` where something is missing."""
        address, document = tidy(self.address.text()), Krita.instance().activeDocument()
        if document is None:
            raise PluginError("Open a drawing first.")
        lines, hints = self._chosen()
        drawing = documents.pixels(document, lines)
        dabbed = b"" if hints is None else documents.pixels(document, hints)
        words = [word.strip() for word in self.words.text().split(",") if word.strip()]
        background = "none" if self.ground.isChecked() else "white"
        wish = Wish(address, document.width(), document.height(), drawing, dabbed, words, background)
        return _Task(Painter(wish), wish, document, lines, hints, time.monotonic())

    def _chosen(self) -> tuple[documents.Entry, documents.Entry | None]:
        """The layers of lines and of hints."""
        chosen = self.lines.chosen(), self.hints.chosen()
        found = {one.id: one for one in self._fill()}
        if not found:
            raise PluginError("This document has no layer that holds lines. Draw or paste your line art first.")
        for id, what in zip(chosen, ("line", "hint")):
            if id not in (_AUTO, _NONE) and id not in found:
                raise PluginError(f"The {what} layer that was chosen is no longer there. Choose another one.")
        lines, hints = found[self.lines.chosen()], found.get(self.hints.chosen())
        if hints is not None and hints.id == lines.id:
            raise PluginError("Lines and hints are the same layer. Choose a layer of its own for the hints.")
        return lines, hints

    def _tell(self, words: str, share: float) -> None:
        self.bar.setValue(round(1000 * share))
        self.message.setText(f"{words} …")

    def _take(self, painted: list, count: int, notes: list) -> None:
        """Brings a painting into its document. Krita goes on meanwhile: until the end this counts as painting."""
        task = self._task
        if task is None:
            return
        try:
            self._bring(task, painted)
        except PluginError as error:
            self._end(str(error))
            return
        except BaseException:
            self._end("The layers could not be added.")
            raise
        said = f"{count} hint{'s' * (count != 1)}" if count else "colours of its own: there were no dabs"
        seconds = time.monotonic() - task.began
        self._end(" ".join([f"Painted with {said}, in {seconds:.1f} s.", *notes]))

    def _bring(self, task: _Task, painted: list) -> None:
        document, wish = task.document, task.wish
        if not documents.is_open(document):
            raise PluginError("The document was closed while it was painted, so the colours have no place to go.")
        if (document.width(), document.height()) != (wish.width, wish.height):
            raise PluginError("The document has another size now. Paint again.")
        present = {one.id for one in documents.entries(document)}
        if task.lines.id not in present:
            raise PluginError("The line layer was removed while it was painted. Paint again.")
        hints = task.hints if task.hints is not None and task.hints.id in present else None
        documents.add(document, task.lines, hints, drawing=wish.lines, painted=painted)

    def _end(self, words: str) -> None:
        """The painting has ended, and how is said."""
        if self._task is not None:
            self._task.painter.wait()  # it has said its last word
        self.message.setText(words)
        self._show_rest()

    def _show_rest(self) -> None:
        """Nothing is being painted."""
        self._task = None
        self.paint.setEnabled(True)
        self.cancel.setEnabled(False)
        self.bar.hide()


class _Layers(QComboBox):
    """A list of layers, which is made anew when it is opened."""

    def __init__(self, fill: Any) -> None:
        super().__init__()
        self._fill, self._is_chosen = fill, False
        self.activated.connect(self._keep)  # by a person
        self.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)

    def showPopup(self) -> None:
        self._fill()
        super().showPopup()

    def chosen(self) -> str:
        """The id of a layer, `none` for none of them, empty where there is no choice."""
        return self.currentData() or _AUTO

    def choose(self, id: str) -> None:
        self.setCurrentIndex(max(self.findData(id), 0))
        self._keep()

    def offer(self, found: list[documents.Entry], likely: int | None, *, none: str = "") -> None:
        """Lists layers and keeps what a person chose; where nobody did, or it is gone, the likely one is taken."""
        before = self.chosen()
        self.clear()
        if none:
            self.addItem(none, _NONE)
        for one in found:
            self.addItem(one.name, one.id)
        place = self.findData(before)
        if not self._is_chosen or place < 0:
            self._is_chosen = False
            place = 0 if likely is None else likely + bool(none)
        self.setCurrentIndex(place if self.count() else -1)

    def _keep(self) -> None:
        self._is_chosen = True
