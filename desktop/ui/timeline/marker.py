"""Which message has the reader's attention, and the row of actions under it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent

from desktop.domain.message import Message, MessageState, Role
from desktop.ui.theme import Theme
from desktop.ui.timeline import accessible, words
from desktop.ui.timeline.row import ActionRow

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline


_ASKED_FOR = frozenset(
    {"edit", "retry", "retry_with", "compare", "continue", "delete", "fork", "inspect", "settings"}
)
"""What goes out as a signal with the message's id."""


def actions_of(message: Message) -> tuple[str, ...]:
    """Return what can be done with a message, in the order of its buttons."""
    if message.state is MessageState.STREAMING:
        return ("copy",)
    return ("copy", "retry" if message.role is Role.ASSISTANT else "edit", "more")


class Marker(QObject):
    """Keeps the action row under the message that the pointer or the keyboard is at.

    `message_id` is that message, or empty. `is_keyboard` says that the keyboard chose it, so that the
    pointer's leaving does not take it away.
    """

    def __init__(self, timeline: "Timeline", theme: Theme) -> None:
        super().__init__(timeline)
        self._timeline = timeline
        self.message_id = ""
        self.is_keyboard = False
        self.row = ActionRow(theme, timeline.viewport())
        self.row.chosen.connect(self._on_chosen)
        # Later, because the row also loses the focus while the window is taken apart.
        self.row.left.connect(self.leave, Qt.ConnectionType.QueuedConnection)
        self.row.left_back.connect(timeline.setFocus)
        self.row.moved.connect(self.move)

    def matches(self, name: str, event: QKeyEvent) -> bool:
        """Whether a pressed key asks for an action of a message, by the keys that it has now."""
        return self.row.matches(name, event)

    def point_at(self, message_id: str) -> None:
        """Mark a message for the pointer, or none for an empty id; the keyboard's choice stays."""
        if not self.is_keyboard:
            self.mark(message_id)

    def mark(self, message_id: str) -> None:
        """Show the actions of a message, or of none for an empty id."""
        if message_id != self.message_id:
            old, self.message_id = self.message_id, message_id
            for one in (old, message_id):
                self._update_item(one)
            if self.is_keyboard:
                accessible.focused(self._timeline, message_id)
        self.place()

    def point_out(self, message_id: str) -> None:
        """Mark a message that was looked for as the keyboard does, until another one is marked."""
        self.is_keyboard = True
        self.mark(message_id)

    def clear(self) -> None:
        """Mark nothing, whoever chose it."""
        self.mark("")
        self.is_keyboard = False

    def _update_item(self, message_id: str) -> None:
        page = self._timeline.page
        spot = page.spot_of(message_id) if message_id else None
        if spot is not None:
            # The keyboard's mark stands beside the whole message, the pointer's only in its foot.
            top = 0 if self.is_keyboard else spot.item.foot.top
            width = self._timeline.viewport().width()
            self._timeline.viewport().update(QRect(0, spot.y + top, width, spot.item.height - top))

    def place(self) -> None:
        """Put the row under its message, or away if that is out of sight."""
        page, row = self._timeline.page, self.row
        spot = page.spot_of(self.message_id) if self.message_id else None
        if spot is None:
            row.hide()
            return
        message = spot.item.message
        row.offer(self.message_id, actions_of(message), lambda: words.beginning(message))
        foot = spot.item.foot
        if foot.at_right:
            x = page.left + page.column_width - foot.branch_width - row.width()
        else:
            x = page.left + foot.branch_width - page.look.px(8)
        if page.look.is_mirrored:
            x = 2 * page.left + page.column_width - x - row.width()
        row.move(x, spot.y + foot.top + foot.middle - row.height() // 2)
        row.show()

    def enter(self) -> None:
        """Mark the last whole message on screen, for a keyboard that comes to the timeline."""
        page = self._timeline.page
        if page.spots:
            self.is_keyboard = True
            whole = [spot for spot in page.spots if spot.y + spot.item.height <= page.height]
            self.mark((whole or page.spots)[-1].item.message.id)

    def come_back(self, index: int, *, is_in_row: bool) -> None:
        """Mark a message for the keyboard again after others came, with the row if it was there."""
        messages = self._timeline.page.messages
        if messages:
            self.is_keyboard = True
            self.mark(messages[min(index, len(messages) - 1)].id)
        if not (is_in_row and self.enter_row()):
            self._timeline.setFocus()

    def leave(self) -> None:
        """Mark nothing once the keyboard is neither in the row nor in the text."""
        if self.is_keyboard and not self.row.has_focus and not self._timeline.hasFocus():
            self.clear()

    def enter_row(self) -> bool:
        """Give the row the keyboard; return whether there is a row."""
        if not self.row.isVisible() or not self.row.buttons:
            return False
        self.is_keyboard = True
        self.row.buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def move(self, by: int) -> None:
        """Go to the actions of the message before (-1) or after (1), bringing it into view."""
        page = self._timeline.page
        index = page.index_of(self.message_id)
        if index is not None and 0 <= index + by < len(page.messages):
            message_id = page.messages[index + by].id
            page.bring_foot(index + by)
            self._timeline.refresh()
            self.mark(message_id)
            self.enter_row()

    def _on_chosen(self, name: str) -> None:
        if name == "more":
            button = self.row.button("more")
            at = button.mapToGlobal(QPoint(0, button.height())) if button is not None else QPoint()
            self._timeline.pointer.menu.open_more(self.row.message_id, at)
        else:
            self.act(name, self.row.message_id)

    def act(self, name: str, message_id: str) -> None:
        """Do what a button or a menu entry names."""
        timeline = self._timeline
        if name == "copy":
            timeline.copying.message(message_id)
        elif name.startswith("copy_"):
            timeline.copying.message(message_id, name.removeprefix("copy_"))
        elif name in ("previous", "next"):
            timeline.branch_requested.emit(message_id, -1 if name == "previous" else 1)
        elif name in _ASKED_FOR:
            getattr(timeline, f"{name}_requested").emit(message_id)
