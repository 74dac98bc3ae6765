"""Shown: one conversation in one timeline, for as long as it is shown there."""

from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal

from desktop.chat.conversation import LiveConversation
from desktop.chat.turn import Turn
from desktop.domain.message import Message
from desktop.ui.following import Following
from desktop.ui.timeline.view import Timeline


class Shown(QObject):
    """Keeps a timeline in step with a conversation, until `release`. `changed` follows what came or ended."""

    changed = Signal()

    def __init__(self, timeline: Timeline, live: LiveConversation, parent: QObject) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self.live = live
        self._following: Following | None = None
        self._links: list[tuple[Any, Callable[..., object]]] = [
            (live.reset, self._on_reset),
            (live.filled, self._on_filled),
            (live.message_added, self._on_added),
            (live.message_changed, self._on_changed),
            (live.turn_started, self._on_turn_started),
            (live.turn_ended, self._on_turn_ended),
        ]
        for signal, slot in self._links:
            signal.connect(slot)
        self._on_reset()

    def release(self) -> None:
        """Show the conversation no longer; a reply goes on unseen."""
        if shiboken6.isValid(self.live):
            for signal, slot in self._links:
                signal.disconnect(slot)
        self._links = []
        self._let_turn_go()

    def _on_reset(self) -> None:
        self._let_turn_go()
        self._timeline.set_messages(self.live.transcript, self.live.siblings)
        if self.live.turn is not None:
            self._follow(self.live.turn)
        self.changed.emit()

    def _on_filled(self) -> None:
        self._timeline.fill_before(self.live.transcript, self.live.siblings)

    def _on_added(self, message: Message) -> None:
        self._timeline.append(message)
        self.changed.emit()

    def _on_changed(self, message: Message) -> None:
        self._timeline.update_message(message)
        self.changed.emit()

    def _on_turn_started(self, turn: Turn) -> None:
        if self.live.turn is turn:
            self._follow(turn)
        self.changed.emit()

    def _on_turn_ended(self, turn: Turn) -> None:
        if self._following is not None and self._following.turn is turn:
            self._let_turn_go()
        self.changed.emit()

    def _follow(self, turn: Turn) -> None:
        self._let_turn_go()
        self._following = Following(self._timeline, turn)

    def _let_turn_go(self) -> None:
        following, self._following = self._following, None
        if following is not None and shiboken6.isValid(following.turn):
            following.release()
