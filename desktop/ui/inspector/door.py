"""The window's door to the inspector: the action, the entry in a reply's menu, and which reply is meant."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.chat.desk import Desk
from desktop.domain.inspection import Inspection
from desktop.domain.message import Role
from desktop.ui.actions import Group
from desktop.ui.kept_place import keep_size

if TYPE_CHECKING:
    from desktop.ui.inspector.window import InspectorWindow
    from desktop.ui.window import MainWindow


class InspectorDoor(QObject):
    """Opens the inspector, made when it is first wanted.

    Opened by the action it shows the last reply of the conversation on screen, and goes on to the next one
    when that comes; opened for a certain reply it stays there.
    """

    def __init__(self, inspection: Inspection, desk: Desk, owner: "MainWindow") -> None:
        super().__init__(owner)
        self._inspection = inspection
        self._desk = desk
        self._owner = owner
        self._window: InspectorWindow | None = None
        self._follows = True
        owner.actions_.add(
            "inspect",
            self.tr("Inspect the stream"),
            self.open_last,
            "Ctrl+Shift+I",
            group=Group.REPLY,
            also=self.tr("raw, records, SSE, curl, debug, request, headers"),
        )
        # Before there is a transcript: that is made when the first message comes on screen.
        owner.page.serving.on_inspect = self.open_reply
        owner.closed.connect(self.close)
        desk.streaming_changed.connect(self._on_changed)
        desk.current_changed.connect(self._on_changed)

    @property
    def window(self) -> "InspectorWindow":
        """The inspector."""
        if self._window is None:
            from desktop.ui.inspector.window import InspectorWindow

            self._window = InspectorWindow(self._owner.page.theme, self._inspection, self._owner)
            keep_size(self._window, self._owner.preferences, "inspector")
        return self._window

    def open_last(self) -> None:
        """Show the stream of the last reply on screen."""
        self._follows = True
        self.window.show_reply(self._last_reply())
        self.window.come()

    def open_reply(self, reply_id: str) -> None:
        """Show a certain reply's stream."""
        self._follows = reply_id == self._last_reply()
        self.window.show_reply(reply_id)
        self.window.come()

    def close(self) -> None:
        """Put the inspector away."""
        if self._window is not None:
            self._window.hide()

    def _last_reply(self) -> str:
        replies = (item.id for item in reversed(self._desk.current.transcript) if item.role is Role.ASSISTANT)
        return next(replies, "")

    def _on_changed(self, *_: object) -> None:
        if self._window is not None and self._window.isVisible() and self._follows:
            self._window.show_reply(self._last_reply())
