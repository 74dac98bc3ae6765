"""Notifier: tells of a reply that took long and came while nobody looked at Weir."""

from collections.abc import Callable

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtWidgets import QApplication

from desktop.chat.conversation import LiveConversation
from desktop.chat.turn import Turn, TurnState
from desktop.ui.controls import first_words
from desktop.ui.outside.notices import Shower
from desktop.ui.preferences import NOTIFIES, NOTIFIES_TEXT, Preferences

LONG_MS = 5_000
"""A reply that came sooner than this was waited for, whatever is in front."""
_MOST_LETTERS = 200


def is_weir_in_front() -> bool:
    """Whether the user is in one of the program's windows."""
    return QApplication.activeWindow() is not None


class Notifier(QObject):
    """Shows a notification for each conversation whose reply has come, and takes it away when the user comes.

    Without the user's wish it says the conversation's title and the model, never what the reply says: it may
    stand on a locked screen.
    """

    def __init__(
        self,
        turn_over: SignalInstance,
        show: Shower,
        preferences: Preferences,
        parent: QObject,
        is_in_front: Callable[[], bool] = is_weir_in_front,
    ) -> None:
        """`turn_over` carries a LiveConversation and its Turn that has ended."""
        super().__init__(parent)
        self._show = show
        self._preferences = preferences
        self._is_in_front = is_in_front
        self._shown: set[str] = set()
        self.long_ms = LONG_MS
        turn_over.connect(self._on_turn_over)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusWindowChanged.connect(self.look)

    def look(self) -> None:
        """Take all notifications away if the user is here."""
        if self._shown and self._is_in_front():
            self.withdraw_all()

    def withdraw_all(self) -> None:
        """Take all notifications away."""
        shown, self._shown = self._shown, set()
        for conversation_id in shown:
            self._show.withdraw(conversation_id)

    def _on_turn_over(self, live: LiveConversation, turn: Turn) -> None:
        is_news = turn.state in (TurnState.FINISHED, TurnState.FAILED)
        took = turn.timing.total_ms or 0
        # Of several replies to one prompt the last one counts.
        if not is_news or live.turns or took < self.long_ms or self._is_in_front():
            return
        if self._preferences.read(NOTIFIES, "yes") != "yes":
            return
        conversation = live.conversation
        self._shown.add(conversation.id)
        title = conversation.title or self.tr("New conversation")
        self._show.show(conversation.id, first_words(title, 100), self._words(turn))

    def _words(self, turn: Turn) -> str:
        reply = turn.reply
        model = reply.model or reply.endpoint
        if turn.state is TurnState.FAILED:
            return self.tr("The reply of {model} failed.").format(model=model)
        if self._preferences.read(NOTIFIES_TEXT, "") == "yes" and reply.text.strip():
            return first_words(reply.text, _MOST_LETTERS)
        return self.tr("{model} has replied.").format(model=model)
