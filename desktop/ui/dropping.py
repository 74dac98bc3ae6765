"""Files and images dropped anywhere on the page go to the composer."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from desktop.ui.composer import Composer, is_attachable


class DropCatcher(QObject):
    """Lets a widget take what can be attached, and shows the composer as its target meanwhile."""

    def __init__(self, widget: QWidget, composer: Composer) -> None:
        super().__init__(widget)
        self._composer = composer
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is dragged in, and what is dropped."""
        if isinstance(event, QDragEnterEvent):
            if is_attachable(event.mimeData()):
                event.acceptProposedAction()
                self._composer.set_drop_target(True)
            return True
        if event.type() is QEvent.Type.DragLeave:
            self._composer.set_drop_target(False)
            return True
        if event.type() is QEvent.Type.Drop and isinstance(event, QDropEvent):
            self._composer.set_drop_target(False)
            if is_attachable(event.mimeData()):
                event.acceptProposedAction()
                self._composer.take(event.mimeData())
            return True
        return super().eventFilter(watched, event)
