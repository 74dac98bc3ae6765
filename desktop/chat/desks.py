"""Desks: what several windows share. Each has a desk; a conversation lives once and is on one of them."""

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.chat.conversation import LiveConversation
from desktop.chat.drafts import Drafts
from desktop.chat.endpoints import Endpoints
from desktop.chat.ports import History
from desktop.chat.tasks import TaskOwner
from desktop.chat.turn import Turn
from desktop.domain.message import Conversation

if TYPE_CHECKING:
    from desktop.chat.desk import Desk


class Desks(QObject):
    """Holds the desks of all windows, and the conversations that are on one or in which a reply comes.

    A reply goes on when the window in which it began is closed. `conversation_changed`,
    `streaming_changed` and `turn_over` are those of `Desk`, `current_changed` follows another
    conversation on any desk. `rows_written` carries the shelf that changed something on disk.
    """

    conversation_changed = Signal(object)
    streaming_changed = Signal(str, bool)
    turn_over = Signal(object, object)
    current_changed = Signal()
    rows_written = Signal(object)

    def __init__(
        self, history: History, endpoints: Endpoints, tasks: TaskOwner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._endpoints = endpoints
        self._live: dict[str, LiveConversation] = {}
        self._desks: list[Desk] = []
        self._held: set[str] = set()
        self.drafts = Drafts(history, tasks, self)
        self.moved: dict[str, Conversation] = {}
        """Where conversations were put in this run; an open one does not know."""

    @property
    def all(self) -> "tuple[Desk, ...]":
        """The desks of the open windows."""
        return tuple(self._desks)

    @property
    def streaming(self) -> tuple[str, ...]:
        """The ids of the conversations in which a reply comes."""
        return tuple(live.conversation.id for live in self._live.values() if live.turns)

    def add(self, desk: "Desk") -> int:
        """Take a desk, and return its number: the lowest that is free, from 0."""
        taken = {each.number for each in self._desks}
        self._desks.append(desk)
        return next(number for number in range(len(taken) + 1) if number not in taken)

    def remove(self, desk: "Desk") -> None:
        """Let a desk go whose window is closed."""
        if desk in self._desks:
            self._desks.remove(desk)
            self.drop_idle(desk.current)

    def at(self, conversation_id: str) -> "Desk | None":
        """Return the desk that a conversation is on, or None."""
        return next((desk for desk in self._desks if desk.current.conversation.id == conversation_id), None)

    def find(self, conversation_id: str) -> LiveConversation | None:
        """Return a conversation that is on a desk or in which a reply comes, or None."""
        return self._live.get(conversation_id)

    def adopt(self, live: LiveConversation) -> LiveConversation:
        """Hold a conversation from now on, and hear of what happens in it."""
        live.setParent(self)
        self._live[live.conversation.id] = live
        live.changed.connect(self.conversation_changed)
        live.turn_started.connect(lambda turn: self._on_turn_started(live, turn))
        live.turn_ended.connect(lambda turn: self._on_turn_ended(live, turn))
        live.compared.connect(lambda _: self._on_compared(live))
        return live

    def begun(self) -> tuple[Conversation, ...]:
        """Return the rows of the conversations in which a reply comes, as they stand on the shelf."""
        rows = (live.conversation for live in self._live.values() if live.turns)
        return tuple(self.moved.get(row.id, row) for row in rows)

    def hold(self, live: LiveConversation) -> None:
        """Keep a conversation that is on no desk until `let_go`."""
        self._held.add(live.conversation.id)

    def let_go(self, live: LiveConversation) -> None:
        """Keep a conversation no longer that was held."""
        self._held.discard(live.conversation.id)
        self.drop_idle(live)

    def drop_idle(self, live: LiveConversation) -> None:
        """Let a conversation go that is on no desk and in which nothing comes."""
        conversation_id = live.conversation.id
        if live.turns or conversation_id in self._held or any(desk.current is live for desk in self._desks):
            return
        if self._live.pop(conversation_id, None) is not None:
            live.deleteLater()

    async def forget(self, conversation_id: str) -> None:
        """Take a deleted conversation off its desk, and wait until its reply is stopped and stored."""
        live = self._live.get(conversation_id)
        if live is None:
            return
        await live.close()
        self._held.discard(conversation_id)
        if (desk := self.at(conversation_id)) is not None:
            desk.clear()
        else:
            self.drop_idle(live)

    async def close(self) -> None:
        """Stop every reply and wait until what had come is stored."""
        await asyncio.gather(self.drafts.close(), *(live.close() for live in self._live.values()))

    def _on_turn_started(self, live: LiveConversation, turn: Turn) -> None:
        self.streaming_changed.emit(live.conversation.id, True)
        # The turn asks for the key anyway; where it came from can be told from now on.
        self._endpoints.read_key(turn.endpoint.id)

    def _on_turn_ended(self, live: LiveConversation, turn: Turn) -> None:
        conversation_id = live.conversation.id
        is_here = self._live.get(conversation_id) is live
        if not is_here or not live.turns:
            self.streaming_changed.emit(conversation_id, False)
        if is_here:
            self.turn_over.emit(live, turn)
            self.drop_idle(live)

    def _on_compared(self, live: LiveConversation) -> None:
        if (desk := self.at(live.conversation.id)) is not None:
            desk.lineup.note()
