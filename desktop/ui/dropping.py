"""What is dropped on a window goes to the composer: files and images beside the prompt, words into it."""

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from desktop.chat.shelf_rows import DRAGGED
from desktop.ui.composer import Composer
from desktop.ui.prompt_edit import is_attachable


class DropCatcher(QObject):
    """Lets a widget take what can be attached or written, and shows the composer as its target meanwhile.

    What is dragged out of the shelf is for its folders, and for other programs.
    """

    def __init__(self, widget: QWidget, composer: Composer) -> None:
        super().__init__(widget)
        self._composer = composer
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is dragged in, and what is dropped."""
        if isinstance(event, QDragEnterEvent):
            if self._composer.isVisible() and is_taken(event.mimeData()):
                event.acceptProposedAction()
                self._composer.set_drop_target(True)
            return True
        if event.type() is QEvent.Type.DragLeave:
            self._composer.set_drop_target(False)
            return True
        if event.type() is QEvent.Type.Drop and isinstance(event, QDropEvent):
            self._composer.set_drop_target(False)
            if is_taken(event.mimeData()):
                event.acceptProposedAction()
                self._take(event.mimeData())
            return True
        return super().eventFilter(watched, event)

    def _take(self, source: QMimeData) -> None:
        if is_attachable(source):
            self._composer.take(source)
        else:
            self._composer.edit.insertPlainText(source.text())
            self._composer.edit.setFocus(Qt.FocusReason.OtherFocusReason)


def is_taken(source: QMimeData) -> bool:
    """Whether something may be dropped for the composer."""
    return not source.hasFormat(DRAGGED) and (is_attachable(source) or bool(source.text().strip()))
