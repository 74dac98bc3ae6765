"""Dragging conversations: onto folders by their ids, and out of the program as Markdown files."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QObject, QPoint, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QApplication

from desktop.chat.shelf import Shelf

WAIT_MS = 1_000
"""How long a drag waits for its files; what takes longer is dragged without them, onto folders alone."""

Write = Callable[[tuple[str, ...], Callable[[Sequence[Path]], None]], object]
"""Writes conversations as files on another thread, and hands their paths over, or none if it can't."""


class RowDrag(QObject):
    """Drags rows of the shelf. `write` makes the files; without it there are ids alone."""

    def __init__(self, view: QAbstractItemView, shelf: Shelf) -> None:
        super().__init__(view)
        self._view = view
        self._shelf = shelf
        self._indexes: list[QModelIndex] = []
        self.turn = 0
        """How many drags have begun."""
        self.write: Write | None = None
        self._is_waiting = False
        self.patience = QTimer(self)
        """Ends the wait for the files."""
        self.patience.setSingleShot(True)
        self.patience.setInterval(WAIT_MS)
        self.patience.timeout.connect(self._on_late)
        view.viewport().installEventFilter(self)

    @property
    def is_waiting(self) -> bool:
        """Whether a drag has begun whose files are still being written."""
        return self._is_waiting

    def begin(self, indexes: Sequence[QModelIndex]) -> None:
        """Drag rows, as soon as there are files of them."""
        self._indexes = list(indexes)
        self.turn += 1
        if not self._indexes:
            return
        if self.write is None:
            self._drag(())
            return
        self._is_waiting = True
        self.patience.start()
        ids = tuple(str(index.data(Shelf.Role.ID)) for index in self._indexes)
        self.write(ids, partial(self._on_written, self.turn))

    def mime(self, files: Sequence[Path]) -> QMimeData:
        """Return what is dragged: the ids, and the files where there are any."""
        made = self._shelf.mimeData(self._indexes)
        if files:
            made.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
        return made

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Have nothing else happen while a drag waits; a button that is let go ends it."""
        if self.is_waiting and isinstance(event, QMouseEvent):
            if event.type() is QEvent.Type.MouseButtonRelease:
                self._stop_waiting()
            elif event.type() is QEvent.Type.MouseMove:
                return True
        return False

    def _on_written(self, turn: int, files: Sequence[Path]) -> None:
        # A drag runs Qt's loop, which must not happen within a task.
        QTimer.singleShot(0, self, partial(self._go, turn, tuple(files)))

    def _on_late(self) -> None:
        self._go(self.turn, ())

    def _go(self, turn: int, files: Sequence[Path]) -> None:
        if self._is_waiting and turn == self.turn:
            self._stop_waiting()
            if QApplication.mouseButtons() & Qt.MouseButton.LeftButton:
                self._drag(files)

    def _stop_waiting(self) -> None:
        self._is_waiting = False
        self.patience.stop()

    def _drag(self, files: Sequence[Path]) -> None:
        drag = QDrag(self._view)
        drag.setMimeData(self.mime(files))
        drag.setPixmap(self._picture())
        drag.setHotSpot(QPoint(self._view.fontMetrics().height(), self._view.fontMetrics().height() // 2))
        drag.exec(Qt.DropAction.CopyAction)

    def _picture(self) -> QPixmap:
        """Return the first row as it stands in the list."""
        room = QRect(self._view.visualRect(self._indexes[0]))
        return self._view.viewport().grab(room.intersected(self._view.viewport().rect()))
