"""The text of the prompt: keys, input methods, and what is pasted or dropped into it."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QSizePolicy

from desktop.ui.field_keys import commit_composed
from desktop.ui.paragraphs import set_by_paragraph

MOST_LINES = 10
LONG_PASTE = 20_000
"""Letters from which on a pasted text goes beside the prompt instead of into it."""


def local_files(source: QMimeData) -> list[Path]:
    """Return the files of this computer that something pasted or dropped names."""
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]


def is_attachable(source: QMimeData) -> bool:
    """Whether something pasted or dropped goes beside the prompt: files, an image, a very long text.

    Office programs put a picture of each text beside it; there the text counts.
    """
    if source.hasUrls() and local_files(source):
        return True
    return (source.hasImage() and not source.hasText()) or len(source.text()) >= LONG_PASTE


class PromptEdit(QPlainTextEdit):
    """Plain text that is as high as its lines, up to ten.

    `submitted` is emitted for Enter and Ctrl+Enter, `left` for Escape; Shift+Enter breaks the line.
    While an input method composes, these keys belong to it. `given` carries the QMimeData of files,
    an image or a very long text, pasted or dropped. `recalled` is emitted for Up where nothing is
    written, `typed` carries what a key or an input method put in, or nothing where it took away;
    `composed` follows every change of what an input method has under way.
    """

    submitted = Signal()
    left = Signal()
    given = Signal(object)
    recalled = Signal()
    typed = Signal(str)
    composed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._most_lines = MOST_LINES
        self.setProperty("kind", "prompt")
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTabChangesFocus(True)
        self.setAccessibleName(self.tr("Prompt"))
        set_by_paragraph(self)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)

    @property
    def is_composing(self) -> bool:
        """Whether an input method has text under way that is not in the document yet."""
        return bool(self._preedit)

    @property
    def _preedit(self) -> str:
        # The text's own word for it: a text put in place of another takes what was composed with it.
        return self.textCursor().block().layout().preeditAreaText()

    def text(self) -> str:
        """Return the text as typed or pasted; toPlainText would turn no-break spaces into spaces."""
        return self.document().toRawText().replace("\u2029", "\n")

    def commit_preedit(self) -> None:
        """Put what an input method has under way into the document."""
        commit_composed(self)
        if self._preedit:
            # Without the keyboard it has no input method that could.
            event = QInputMethodEvent()
            event.setCommitString(self._preedit)
            QApplication.sendEvent(self, event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Whether something pasted or dropped can be taken."""
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take text in; what goes beside the text is given on."""
        if is_attachable(source):
            self.given.emit(source)
        else:
            super().insertFromMimeData(source)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Say what an input method put in, and that it composes."""
        super().inputMethodEvent(event)
        if event.commitString():
            self.typed.emit(event.commitString())
        self.composed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send on Enter, break the line on Shift+Enter."""
        if event.key() == Qt.Key.Key_Escape and not self._preedit:
            self.left.emit()
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            is_plain_up = event.key() == Qt.Key.Key_Up and held == Qt.KeyboardModifier.NoModifier
            if is_plain_up and not self._preedit and self.document().isEmpty():
                self.recalled.emit()
                return
            super().keyPressEvent(event)
            put = event.text() if event.text().isprintable() else ""
            if put or event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
                self.typed.emit(put)
            return
        event.accept()
        if self._preedit:
            return
        if held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
            if not event.isAutoRepeat():
                self.submitted.emit()
        else:
            self.insertPlainText("\n")
            self.ensureCursorVisible()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the lines need at the new width."""
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow another font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.fit()

    def hold_lines(self, most: int) -> None:
        """Be no higher than this many lines: a low window has no room for more."""
        if most != self._most_lines:
            self._most_lines = most
            self.fit()

    def fit(self) -> None:
        """Be as high as the text, from one line to ten; only as many lines are measured."""
        line = self._line_height()
        most = line * min(MOST_LINES, self._most_lines)
        height = 0.0
        block = self.document().firstBlock()
        while block.isValid() and height <= most:
            height += max(self.blockBoundingRect(block).height(), float(line))
            block = block.next()
        is_full = height > most
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_full else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy is not self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)
        wanted = round(min(height, most)) + 2
        if wanted != self.height() or self.maximumHeight() != wanted:
            self.setFixedHeight(wanted)
            if not is_full:
                self.verticalScrollBar().setValue(0)
                self.ensureCursorVisible()

    def _line_height(self) -> int:
        """Return the height of a line, of the placeholder's as well: its script may have taller letters."""
        metrics = self.fontMetrics()
        return max(metrics.lineSpacing(), metrics.boundingRect(self.placeholderText()).height())
