"""Arrivals: in which conversations something has come that nobody has seen yet."""

from collections.abc import Iterable
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from desktop.chat.conversation import LiveConversation
from desktop.chat.desk import Desk
from desktop.chat.ports import Preferred
from desktop.chat.turn import Turn, TurnState

UNREAD = "shelf.unread"
FAILED = "shelf.failed"
# What nobody looked at for so long is no news.
_MOST_KEPT = 100


class Mark(StrEnum):
    """What a row of the shelf says about its conversation besides the title."""

    NONE = ""
    STREAMING = "streaming"
    FAILED = "failed"
    UNREAD = "unread"


class Arrivals(QObject):
    """Holds a mark for each conversation whose reply has come, or failed, while it was out of sight.

    It is seen when it is on a desk for which `is_seen` returns True; `look` is to be called when that may
    have changed. `changed` carries a conversation's id, `arrived` that and its mark.
    """

    changed = Signal(str)
    arrived = Signal(str, str)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desks = desk.desks
        self._marks: dict[str, Mark] = {}
        self._streaming: set[str] = set()
        self._preferences: Preferred | None = None
        self._desks.streaming_changed.connect(self._on_streaming)
        self._desks.turn_over.connect(self._on_turn_over)
        self._desks.current_changed.connect(self.look)

    def keep_in(self, preferences: Preferred) -> None:
        """Take up what was unseen at the end of the last run, and keep it from now on."""
        self._preferences = preferences
        for name, mark in ((UNREAD, Mark.UNREAD), (FAILED, Mark.FAILED)):
            for conversation_id in preferences.read(name, "").split():
                self._marks.setdefault(conversation_id, mark)

    def mark(self, conversation_id: str) -> Mark:
        """Return what there is to say about a conversation."""
        if conversation_id in self._streaming:
            return Mark.STREAMING
        return self._marks.get(conversation_id, Mark.NONE)

    def spoken(self, conversation_id: str) -> str:
        """Return the mark of a conversation as a screen reader says it."""
        return {
            Mark.STREAMING: self.tr("a reply is coming"),
            Mark.UNREAD: self.tr("a new reply"),
            Mark.FAILED: self.tr("the reply failed"),
        }.get(self.mark(conversation_id), "")

    def look(self) -> None:
        """Take the conversations on screen as seen, where the window is."""
        self.drop([desk.current.conversation.id for desk in self._desks.all if desk.is_seen()])

    def drop(self, conversation_ids: Iterable[str]) -> None:
        """Forget what was unseen in conversations."""
        dropped = [name for name in conversation_ids if self._marks.pop(name, None) is not None]
        if dropped:
            self._keep()
        for name in dropped:
            self.changed.emit(name)

    def _on_streaming(self, conversation_id: str, is_streaming: bool) -> None:
        if is_streaming:
            self._streaming.add(conversation_id)
        else:
            self._streaming.discard(conversation_id)
        self.changed.emit(conversation_id)

    def _on_turn_over(self, live: LiveConversation, turn: Turn) -> None:
        conversation_id = live.conversation.id
        desk = self._desks.at(conversation_id)
        if desk is not None and desk.is_seen():
            return
        if turn.state is TurnState.FAILED:
            mark = Mark.FAILED
        elif turn.state is TurnState.FINISHED:
            mark = Mark.UNREAD
        else:
            # What was stopped is no news to whoever stopped it.
            return
        self._marks.pop(conversation_id, None)
        self._marks[conversation_id] = mark
        for name in list(self._marks)[:-_MOST_KEPT]:
            del self._marks[name]
        self._keep()
        self.changed.emit(conversation_id)
        self.arrived.emit(conversation_id, mark.value)

    def _keep(self) -> None:
        if self._preferences is not None:
            for name, kind in ((UNREAD, Mark.UNREAD), (FAILED, Mark.FAILED)):
                ids = " ".join(each for each, mark in self._marks.items() if mark is kind)
                if ids != self._preferences.read(name, ""):
                    self._preferences.write(name, ids)
