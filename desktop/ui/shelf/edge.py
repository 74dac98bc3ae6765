"""The edge of the shelf, and what lies under it in a narrow window."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.theme import Theme


class ShelfHandle(QWidget):
    """The edge of the shelf, to be dragged. `dragged` carries the pointer's place in the window."""

    dragged = Signal(int)
    dropped = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.SplitHCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        self.dragged.emit(self.mapToParent(event.position().toPoint()).x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep the width."""
        self.dropped.emit()


class Scrim(QWidget):
    """Dims the page behind the shelf in a narrow window; a press on it puts the shelf away."""

    pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what lies below."""
        QPainter(self).fillRect(self.rect(), self._theme.veil())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask to be put away."""
        self.pressed.emit()
