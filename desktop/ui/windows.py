"""Windows: the main windows that are open, the one in front, and the way to another."""

from PySide6.QtCore import QObject, Signal

from desktop.ui.window import MainWindow


class Windows(QObject):
    """Holds the open windows in the order in which they were opened.

    `changed` follows every window that opens or closes, and another one in front. `last_closed` is
    emitted when the last one is closed: the owner ends the program then.
    """

    changed = Signal()
    last_closed = Signal()

    def __init__(self, first: MainWindow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._windows = [first]
        self._front = first
        first.closed.connect(self.last_closed)

    @property
    def all(self) -> tuple[MainWindow, ...]:
        """The open windows."""
        return tuple(self._windows)

    def front(self) -> MainWindow:
        """Return the window that was used last, whether another program is before it or not."""
        return self._front

    def new(self) -> MainWindow:
        """Open another window with an empty conversation, and bring it forward."""
        window = self._front
        window.start_new()
        window.come_forward()
        return window

    def show(self, conversation_id: str, message_id: str = "") -> MainWindow:
        """Bring the window with a conversation forward, else show it in the one in front.

        With the id of a message that one is brought into view.
        """
        window = self._front
        window.open_conversation(conversation_id, message_id)
        window.come_forward()
        return window
