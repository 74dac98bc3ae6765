"""Shelf: the list of conversations."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop.chat.desk import Desk
from desktop.chat.ports import History, StorageError
from desktop.chat.tasks import TaskOwner
from desktop.domain.message import Conversation

PAGE = 200
SEARCH_LIMIT = 200

_Index = QModelIndex | QPersistentModelIndex


def group_of(conversation: Conversation, today: datetime.date) -> str:
    """Return the group a conversation stands in.

    "pinned", "today", "yesterday", "week" (the last seven days), else the month as "2026-11".
    """
    if conversation.pinned:
        return "pinned"
    day = datetime.datetime.fromtimestamp(conversation.updated / 1000).astimezone().date()
    age = (today - day).days
    if age <= 0:
        return "today"
    if age == 1:
        return "yesterday"
    return "week" if age < 7 else f"{day:%Y-%m}"


class Shelf(QAbstractListModel):
    """The conversations, pinned first, then the latest first; read a page at a time.

    While a search is set the rows are its results, best first, in the group "found".
    `deleted` carries id and title of a conversation that `restore` can bring back. `revision`
    rises with every change of the rows.
    """

    class Role(IntEnum):
        """What a row tells besides its title (DisplayRole)."""

        ID = Qt.ItemDataRole.UserRole + 1
        UPDATED = Qt.ItemDataRole.UserRole + 2
        PINNED = Qt.ItemDataRole.UserRole + 3
        GROUP = Qt.ItemDataRole.UserRole + 4
        STREAMING = Qt.ItemDataRole.UserRole + 5

    failed = Signal(str)
    deleted = Signal(str, str)
    loaded = Signal()

    def __init__(self, history: History, desk: Desk, tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._desk = desk
        self._tasks = tasks
        self._rows: list[Conversation] = []
        self._has_more = True
        self._search = ""
        self._streaming: set[str] = set()
        self.revision = 0
        desk.conversation_changed.connect(self._on_conversation_changed)
        desk.streaming_changed.connect(self._on_streaming_changed)

    def load(self) -> None:
        """Read the first page."""
        self._tasks.start(self._read_first(), "shelf")

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return the number of rows read so far."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one datum of a row, None for what it does not have."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return row.title or self.tr("New conversation")
            case Shelf.Role.ID:
                return row.id
            case Shelf.Role.UPDATED:
                return row.updated
            case Shelf.Role.PINNED:
                return row.pinned
            case Shelf.Role.GROUP:
                return "found" if self._search else group_of(row, datetime.datetime.now().astimezone().date())
            case Shelf.Role.STREAMING:
                return row.id in self._streaming
            case _:
                return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Say that a title can be changed in place; a view asks before it opens its field."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def canFetchMore(self, parent: _Index) -> bool:  # noqa: N802
        """Whether there are rows that were not read yet."""
        return not parent.isValid() and self._has_more and not self._search and bool(self._rows)

    def fetchMore(self, parent: _Index) -> None:  # noqa: N802
        """Read the next page."""
        if self.canFetchMore(parent) and not self._tasks.is_running("shelf"):
            self._tasks.start(self._read_more(), "shelf")

    def row_of(self, conversation_id: str) -> int:
        """Return the row of a conversation, or -1."""
        return next((row for row, item in enumerate(self._rows) if item.id == conversation_id), -1)

    def set_search(self, text: str) -> None:
        """Show the conversations that contain `text`, or all of them for an empty one."""
        text = text.strip()
        if text != self._search:
            self._search = text
            self.revision += 1
            self._tasks.start(self._find(text) if text else self._read_first(), "shelf")

    async def refresh(self, revision: int) -> bool:
        """Read the rows anew, if they are still as at `revision`, leaving those alone that did not change.

        Returns whether that was done or is not needed: the end of a search reads them too. Raises
        StorageError.
        """
        if self._search:
            return True
        limit = PAGE * max(1, -(-len(self._rows) // PAGE))
        rows = await self._history.list_conversations(limit)
        if self.revision != revision:
            return False
        self._merge(rows)
        self._has_more = len(rows) == limit
        return True

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        title = " ".join(title.split())
        row = self._row(conversation_id)
        if row is None or not title or title == row.title:
            return
        if self._desk.is_live(conversation_id):
            self._desk.rename(conversation_id, title)
        else:
            self._change(replace(row, title=title))

    def set_pinned(self, conversation_id: str, pinned: bool) -> None:
        """Pin a conversation to the top of the shelf, or unpin it."""
        row = self._row(conversation_id)
        if row is not None and row.pinned != pinned:
            self._desk.set_pinned(conversation_id, pinned)
            self._change(replace(row, pinned=pinned))

    def delete(self, conversation_id: str) -> None:
        """Move a conversation to the bin."""
        row = self._row(conversation_id)
        if row is not None:
            self._tasks.start(self._delete(row))

    def restore(self, conversation_id: str) -> None:
        """Bring a conversation back from the bin."""
        self._tasks.start(self._restore(conversation_id))

    async def _read_first(self) -> None:
        try:
            rows = await self._history.list_conversations(PAGE)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self._replace(rows)
        self._has_more = len(rows) == PAGE
        self.loaded.emit()

    async def _read_more(self) -> None:
        try:
            rows = await self._history.list_conversations(PAGE, len(self._rows))
        except StorageError as error:
            self.failed.emit(str(error))
            return
        known = {row.id for row in self._rows}
        fresh = [row for row in rows if row.id not in known]
        self._has_more = len(rows) == PAGE
        if fresh:
            self.revision += 1
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            self._rows.extend(fresh)
            self.endInsertRows()

    async def _find(self, text: str) -> None:
        try:
            rows = await self._history.search(text, SEARCH_LIMIT)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self._replace(rows)

    async def _delete(self, row: Conversation) -> None:
        await self._desk.forget(row.id)
        try:
            await self._history.delete_conversation(row.id)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        at = self.row_of(row.id)
        if at >= 0:
            self._remove(at)
        self.deleted.emit(row.id, row.title)

    async def _restore(self, conversation_id: str) -> None:
        try:
            await self._history.restore_conversation(conversation_id)
            found = await self._history.read_conversation(conversation_id)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        if found is not None:
            self._place(found[0])

    def _change(self, row: Conversation) -> None:
        self._place(row)
        self._tasks.start(self._store(row))

    async def _store(self, row: Conversation) -> None:
        try:
            await self._history.write_conversation(row)
        except StorageError as error:
            self.failed.emit(str(error))

    def _on_conversation_changed(self, conversation: Conversation) -> None:
        if not self._search:
            self._place(conversation)
        elif (at := self.row_of(conversation.id)) >= 0:
            self._rows[at] = conversation
            self.dataChanged.emit(self.index(at), self.index(at))

    def _on_streaming_changed(self, conversation_id: str, is_streaming: bool) -> None:
        if is_streaming:
            self._streaming.add(conversation_id)
        else:
            self._streaming.discard(conversation_id)
        at = self.row_of(conversation_id)
        if at >= 0:
            self.dataChanged.emit(self.index(at), self.index(at), [Shelf.Role.STREAMING])

    def _place(self, conversation: Conversation) -> None:
        """Put a row where its date belongs, moving the others no more than needed."""
        self.revision += 1
        at = self.row_of(conversation.id)
        others = [row for row in self._rows if row.id != conversation.id]
        order = (not conversation.pinned, -conversation.updated)
        target = next(
            (place for place, row in enumerate(others) if (not row.pinned, -row.updated) >= order),
            len(others),
        )
        self._put(at, target, conversation)

    def _put(self, at: int, target: int, conversation: Conversation) -> None:
        """Have a row at `target` that is at `at` now, or nowhere yet with -1."""
        if at < 0:
            self.beginInsertRows(QModelIndex(), target, target)
            self._rows.insert(target, conversation)
            self.endInsertRows()
            return
        if target != at:
            # Qt counts the destination before the row is taken out.
            self.beginMoveRows(QModelIndex(), at, at, QModelIndex(), target + (target > at))
            self._rows.insert(target, self._rows.pop(at))
            self.endMoveRows()
        self._rows[target] = conversation
        self.dataChanged.emit(self.index(target), self.index(target))

    def _remove(self, at: int) -> None:
        self.revision += 1
        self.beginRemoveRows(QModelIndex(), at, at)
        del self._rows[at]
        self.endRemoveRows()

    def _merge(self, rows: Sequence[Conversation]) -> None:
        """Make `rows` the rows, by as few changes as there are. One on the desk stays, on disk or not."""
        listed = {row.id for row in rows}
        for at in reversed(range(len(self._rows))):
            if self._rows[at].id not in listed and not self._desk.is_live(self._rows[at].id):
                self._remove(at)
        held = [row for row in self._rows if row.id not in listed]
        for target, row in enumerate(sorted([*rows, *held], key=lambda row: (not row.pinned, -row.updated))):
            at = (
                target
                if target < len(self._rows) and self._rows[target].id == row.id
                else self.row_of(row.id)
            )
            if at != target or self._rows[at] != row:
                self.revision += 1
                self._put(at, target, row)

    def _replace(self, rows: Sequence[Conversation]) -> None:
        self.revision += 1
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def _row(self, conversation_id: str) -> Conversation | None:
        at = self.row_of(conversation_id)
        return self._rows[at] if at >= 0 else None
