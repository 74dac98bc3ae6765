"""Drafts: what was typed and not sent, kept on disk for each conversation."""

import asyncio
import logging

from PySide6.QtCore import QObject, Signal

from desktop.chat.ports import History, StorageError
from desktop.chat.tasks import TaskOwner

logger = logging.getLogger(__name__)

WRITE_AFTER_S = 0.4


class Drafts(QObject):
    """The drafts by their conversations' ids; all new conversations of a desk share one, see `draft_key`.

    A change is on disk within WRITE_AFTER_S. `loaded` follows the first reading.
    """

    loaded = Signal()

    def __init__(self, history: History, tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._tasks = tasks
        self._texts: dict[str, str] = {}
        self._unsaved: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None

    def load(self) -> None:
        """Read the drafts of earlier runs; what was typed meanwhile follows below."""
        self._tasks.start(self._load())

    def text(self, conversation_id: str) -> str:
        """Return a conversation's draft, empty without one."""
        return self._texts.get(conversation_id, "")

    def keep(self, conversation_id: str, text: str) -> None:
        """Remember what is typed now."""
        if text == self.text(conversation_id):
            return
        self._texts[conversation_id] = text
        self._unsaved.add(conversation_id)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WRITE_AFTER_S, self._on_due)

    async def close(self) -> None:
        """Put on disk what is not there yet."""
        if self._timer is not None:
            self._timer.cancel()
        await self._write()

    async def _load(self) -> None:
        try:
            stored = await self._history.read_drafts()
        except StorageError:
            # Why the history can't be read is said where it is opened.
            return
        for conversation_id, text in stored.items():
            typed = self._texts.get(conversation_id)
            if typed is None:
                self._texts[conversation_id] = text
            elif typed:
                self.keep(conversation_id, f"{text}\n{typed}")
        self.loaded.emit()

    def _on_due(self) -> None:
        self._timer = None
        if self._tasks.can_start:
            # Otherwise the program ends, and `close` writes.
            self._tasks.start(self._write())

    async def _write(self) -> None:
        unsaved, self._unsaved = self._unsaved, set()
        for conversation_id in unsaved:
            try:
                await self._history.write_draft(conversation_id, self.text(conversation_id))
            except StorageError as error:
                # It is still on screen; a prompt that can't be stored is said when it is sent.
                logger.warning("a draft was not stored: %s", error)
