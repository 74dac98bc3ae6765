"""The field that searches everything."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit

from desktop.ui.controls import direction_of, label
from desktop.ui.theme import Theme

_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: 8,
    Qt.Key.Key_PageUp: -8,
}


class SearchField(QLineEdit):
    """Searches as it is typed in. Arrows move among what was found, Enter opens it, Escape empties the field.

    `moved` carries by how many rows, down if positive.
    """

    moved = Signal(int)
    entered = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "search")
        self.setPlaceholderText(self.tr("Search"))
        self.setAccessibleName(self.tr("Search everything"))
        self._keys = label()
        self._keys.setParent(self)
        self._keys.setProperty("kind", "keys")
        self._keys.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.textChanged.connect(self._on_text_changed)

    @property
    def keys(self) -> QLabel:
        """The shortcut, shown in the field."""
        return self._keys

    def show_keys(self, keys: str) -> None:
        """Show the shortcut that leads here, as it is written on this system."""
        self._keys.setText(keys.replace("+", " "))
        self._make_room()

    def add_word(self, word: str) -> None:
        """Add a word, such as `has:code`, in the place of one of the same kind."""
        kind = word.partition(":")[0] + ":"
        others = [each for each in self.text().split() if not each.startswith(kind)]
        self.setText(" ".join([*others, word]) + " ")
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the shortcut at the right."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Show the shortcut where it leaves the words room."""
        self._keys.adjustSize()
        words = self.fontMetrics().horizontalAdvance(self.placeholderText())
        needed = words + self._keys.width() + self._theme.px(32)
        is_beside = direction_of(self.placeholderText()) is self.layoutDirection()
        is_free = not self.text() and is_beside and needed <= self.width()
        self._keys.setVisible(is_free and bool(self._keys.text()))
        inside = self._theme.px(10)
        left = self.width() - self._keys.width() - inside if self.isLeftToRight() else inside
        self._keys.move(left, (self.height() - self._keys.height()) // 2)

    def event(self, event: QEvent) -> bool:
        """Claim Escape while there is something to empty; the window would stop a reply with it."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
            and self.text()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move among what was found without leaving the field."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() in _MOVES:
            self.moved.emit(_MOVES[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _on_text_changed(self, text: str) -> None:
        self._make_room()
