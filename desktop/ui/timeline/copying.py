"""Copying: puts what stands in a timeline on the clipboard."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QClipboard, QGuiApplication

from desktop.ui.timeline.selection import message_mime

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline


class Copying:
    """Copies messages, and what is selected of them."""

    def __init__(self, timeline: "Timeline") -> None:
        self._timeline = timeline

    def message(self, message_id: str, form: str = "markdown") -> None:
        """Put a message's text on the clipboard; for the forms see `message_mime`."""
        page = self._timeline.page
        index = page.index_of(message_id)
        if index is not None:
            QGuiApplication.clipboard().setMimeData(message_mime(page, index, form))
            self._timeline.message_copied.emit(message_id)

    def selection(self) -> bool:
        """Put what is selected on the clipboard; return whether there was something."""
        selection = self._timeline.selection
        if selection.bounds is None:
            return False
        QGuiApplication.clipboard().setMimeData(selection.mime(self._timeline.page))
        return True

    def plain_selection(self) -> None:
        """Put what is selected on the clipboard without any marks."""
        QGuiApplication.clipboard().setText(self._timeline.selection.text(self._timeline.page))

    def offer_selection(self) -> None:
        """Make what is selected available to the middle mouse button, where there is such a thing."""
        clipboard, selection = QGuiApplication.clipboard(), self._timeline.selection
        if clipboard.supportsSelection() and selection.bounds is not None:
            clipboard.setText(selection.markdown(self._timeline.page), QClipboard.Mode.Selection)
