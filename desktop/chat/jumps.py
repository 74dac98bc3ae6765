"""Jumps: where one can go at once: the conversations of late, and any whose title has the typed words."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop.chat.ports import History, StorageError
from desktop.chat.tasks import TaskOwner
from desktop.domain.message import Conversation
from desktop.domain.search import Hit, parse_query

MOST_RECENT = 200
MOST_FOUND = 20


class Jumps(QObject):
    """Reads titles for the command palette, on the threads of the history.

    `recent` are the conversations of late, the latest first, `found` what has the words of `text` in
    its title. `changed` follows every answer, `failed` says in words what went wrong.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, history: History, tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._tasks = tasks
        self.recent: Sequence[Conversation] = ()
        self.found: Sequence[Hit] = ()
        self.text = ""

    def read_recent(self) -> None:
        """Read the conversations of late; what was found before is forgotten."""
        self.found, self.text = (), ""
        self._tasks.start(self._read(), "jumps.recent")

    def search(self, text: str) -> None:
        """Look for titles with the words of a text; a search that still runs ends."""
        self._tasks.cancel("jumps.search")
        query = replace(parse_query(text), titles_only=True)
        if query.is_empty or query.is_narrowed:
            self.found, self.text = (), text
        else:
            self._tasks.start(self._search(text), "jumps.search")

    async def _read(self) -> None:
        try:
            rows = await self._history.list_conversations(MOST_RECENT)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self.recent = sorted(rows, key=lambda row: -row.updated)
        self.changed.emit()

    async def _search(self, text: str) -> None:
        query = replace(parse_query(text), titles_only=True)
        try:
            found = await self._history.search(query, MOST_FOUND)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self.text = text
        self.found = [hit for hit in found.hits if not hit.message_id]
        self.changed.emit()
