"""What the page has of comparing: the chosen models, their list, and the view of their replies."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.lineup import LEAST, MOST
from desktop.domain.endpoint import ModelRef
from desktop.domain.message import Message, Role
from desktop.ui.composer import SHADOW
from desktop.ui.manner import Manner
from desktop.ui.theme import COMPOSER_WIDTH, Theme

if TYPE_CHECKING:
    from desktop.ui.compare.bar import LineupBar
    from desktop.ui.compare.column import Column
    from desktop.ui.compare.popup import LineupPopup, ModelQuestion
    from desktop.ui.compare.view import CompareView
    from desktop.ui.timeline.view import Timeline


class CompareDoor(QObject):
    """Makes and leads the parts of comparing, each when it is first wanted.

    `opened` follows when replies are shown side by side, `left` when that is over; the page then shows
    the conversation. `timeline_made` carries the timeline of each column, `list_closed` follows the end of
    a list of models, and `endpoint_wanted` asks for the page where endpoints are added.
    """

    opened = Signal()
    left = Signal()
    list_closed = Signal()
    endpoint_wanted = Signal()
    timeline_made = Signal(object)

    def __init__(self, theme: Theme, desk: Desk, endpoints: Endpoints, manner: Manner, page: QWidget) -> None:
        super().__init__(page)
        self._theme = theme
        self._desk = desk
        self._endpoints = endpoints
        self._manner = manner
        self._page = page
        self._view: CompareView | None = None
        self._bar: LineupBar | None = None
        self._popup: LineupPopup | None = None
        self._question: ModelQuestion | None = None
        self._asked_about = ""
        self.opener: QWidget = page
        """The button below which the list of models opens."""
        self.shelf = QWidget()
        """Where the chips of the chosen models stand."""
        self._column = QVBoxLayout(self.shelf)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.shelf.hide()
        page.installEventFilter(self)
        desk.lineup.changed.connect(self._on_lineup)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def count(self) -> int:
        """How many models the next prompt goes to, 0 where it is the chosen one as ever."""
        lineup = self._desk.lineup
        return len(lineup.refs) if lineup.is_ready else 0

    @property
    def view(self) -> "CompareView":
        """The replies side by side."""
        if self._view is None:
            from desktop.ui.compare.view import CompareView

            view = self._view = CompareView(self._theme, self._manner)
            view.stop_requested.connect(self._on_stop)
            view.chosen.connect(self._on_chosen)
            view.left.connect(self.leave)
            view.emptied.connect(self.leave, Qt.ConnectionType.QueuedConnection)
            view.column_made.connect(self._on_column)
        return self._view

    @property
    def is_open(self) -> bool:
        """Whether replies are shown side by side."""
        return self._view is not None and bool(self._view.prompt_id)

    @property
    def reader(self) -> "Timeline | None":
        """The timeline that has the keyboard, else the first one; None where nothing is compared."""
        if self._view is None or not self._view.columns:
            return None
        return (self._view.focused or self._view.columns[0]).timeline

    def open_list(self) -> None:
        """Let models be chosen to be compared, or put the list away."""
        if self._popup is None:
            from desktop.ui.compare.popup import LineupPopup

            self._popup = LineupPopup(self._theme, self._endpoints, self._desk.lineup, self._page)
            self._popup.closed.connect(self.list_closed)
            self._popup.add_requested.connect(self.endpoint_wanted)
        if self._popup.isVisible():
            self._popup.close_list()
        else:
            self._popup.open_under(self.opener)

    def ask_again_with(self, message_id: str) -> None:
        """Let a model be chosen that is asked for another reply beside a reply."""
        if self._question is None:
            from desktop.ui.compare.popup import ModelQuestion

            self._question = ModelQuestion(self._theme, self._endpoints, self._page)
            self._question.chosen.connect(self._on_answered)
            self._question.closed.connect(self.list_closed)
            self._question.add_requested.connect(self.endpoint_wanted)
        self._asked_about = message_id
        self._question.open_under(self.opener)

    def show_prompt(self, prompt_id: str, wanted_id: str = "") -> bool:
        """Show the newest replies to a prompt side by side, `wanted_id` among them.

        Returns whether there are enough of them.
        """
        live = self._desk.current
        prompt = live.message(prompt_id)
        replies = _some(live.replies_to(prompt_id), wanted_id)
        if prompt is None or len(replies) < LEAST:
            return False
        self.view.show_replies(live, prompt, replies)
        self.opened.emit()
        return True

    def show_beside(self, message_id: str) -> bool:
        """Show a reply beside its siblings."""
        message = self._desk.current.message(message_id)
        parent_id = message.parent_id if message is not None else None
        return parent_id is not None and self.show_prompt(parent_id, message_id)

    def show_running(self) -> bool:
        """Show the replies side by side that come to one prompt on screen, if there are several."""
        live = self._desk.current
        found = [live.message(turn.reply_id) for turn in live.turns]
        parents = {message.parent_id for message in found if message is not None}
        on_screen = {message.id for message in live.transcript}
        parent_id = parents.pop() if len(parents) == 1 and len(found) > 1 else None
        return parent_id is not None and parent_id in on_screen and self.show_prompt(parent_id)

    def show_last(self) -> bool:
        """Show the replies to the last prompt side by side."""
        return self.can_show_last and self.show_beside(self._desk.current.transcript[-1].id)

    @property
    def can_show_last(self) -> bool:
        """Whether there are several replies to the last prompt, and they are not shown already."""
        transcript = self._desk.current.transcript
        if self.is_open or not transcript or transcript[-1].role is not Role.ASSISTANT:
            return False
        return self._desk.current.siblings(transcript[-1].id)[1] >= LEAST

    def close(self) -> None:
        """Let go of what is shown side by side; nobody is told."""
        if self.is_open:
            self.view.release()

    def leave(self) -> None:
        """Show the conversation instead."""
        if self.is_open:
            self.view.release()
            self.left.emit()

    def stop_focused(self) -> bool:
        """Stop the reply in whose column the keyboard is; return whether one was coming there."""
        return self.is_open and self.view.stop_focused()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Put the lists away when the page gets another size: they would stand elsewhere."""
        if watched is self._page and event.type() is QEvent.Type.Resize:
            for popup in (self._popup, self._question):
                if popup is not None and popup.isVisible():
                    popup.close_list()
        return super().eventFilter(watched, event)

    def _restyle(self) -> None:
        self.shelf.setMaximumWidth(self._theme.px(COMPOSER_WIDTH) + 2 * SHADOW)

    def _own_model(self, message_id: str) -> ModelRef | None:
        message = self._desk.current.message(message_id)
        return self._desk.model_of(message) if message is not None else None

    def _on_lineup(self) -> None:
        if self._bar is None and self._desk.lineup.refs:
            from desktop.ui.compare.bar import LineupBar

            self._bar = LineupBar(self._theme, self._desk.lineup, self._endpoints)
            self._bar.add_requested.connect(self.open_list)
            self._column.addWidget(self._bar)
        self.shelf.setVisible(bool(self._desk.lineup.refs))

    def _on_column(self, column: "Column") -> None:
        timeline = column.timeline
        timeline.retry_requested.connect(self._on_retry)
        timeline.continue_requested.connect(self._on_continue)
        timeline.retry_with_requested.connect(self.ask_again_with)
        self.timeline_made.emit(timeline)

    def _on_stop(self, reply_id: str) -> None:
        self._desk.current.stop(reply_id)

    def _on_chosen(self, reply_id: str) -> None:
        self._desk.go_on_with(reply_id)
        self.leave()

    def _on_retry(self, message_id: str) -> None:
        self._renew(message_id, self._desk.try_again, self._own_model(message_id))

    def _on_continue(self, message_id: str) -> None:
        self._renew(message_id, self._desk.continue_reply, self._own_model(message_id))

    def _on_answered(self, ref: ModelRef) -> None:
        self._renew(self._asked_about, self._desk.try_again, ref)

    def _renew(
        self, message_id: str, ask: Callable[[str, ModelRef | None], bool], ref: ModelRef | None
    ) -> None:
        """Ask for another reply, which takes the old one's column where replies are compared."""
        if self.is_open:
            self.view.renew(message_id)
        if not ask(message_id, ref) and self.is_open:
            self.view.keep_places()


def _some(replies: tuple[Message, ...], wanted_id: str) -> tuple[Message, ...]:
    """Return as many of the newest replies as there are columns, the wanted one among them."""
    newest = replies[-MOST:]
    wanted = next((reply for reply in replies[:-MOST] if reply.id == wanted_id), None)
    return (wanted, *newest[1:]) if wanted is not None else newest
