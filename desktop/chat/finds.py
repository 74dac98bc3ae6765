"""Finds: what a search of everything has found, as a list."""

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop.chat.ports import History, StorageError
from desktop.chat.tasks import TaskOwner
from desktop.domain.search import Found, Hit, Query, parse_query

FIRST_HITS = 24
MOST_HITS = 200
"""A search asks for little more than is seen at once, and for the rest when somebody looks further down."""

_Index = QModelIndex | QPersistentModelIndex


class Finds(QAbstractListModel):
    """Titles and messages in which the words stand. A new search ends the one before.

    `searched` says that the rows are those of `query` now, `failed` in words what went wrong.
    """

    class Role(IntEnum):
        """What a row tells besides its title (DisplayRole)."""

        HIT = Qt.ItemDataRole.UserRole + 1

    searched = Signal()
    failed = Signal(str)

    def __init__(self, history: History, tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._tasks = tasks
        self._found = Found()
        self._text = ""
        self.query = Query()
        self.is_searching = False
        """Whether the rows are still those of an earlier search."""

    @property
    def is_all(self) -> bool:
        """Whether nothing more was there to be found."""
        return self._found.is_all

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return the number of hits."""
        return 0 if parent.isValid() else len(self._found.hits)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one datum of a row, None for what it does not have."""
        if not index.isValid() or index.row() >= len(self._found.hits):
            return None
        hit = self._found.hits[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return hit.conversation.title or self.tr("New conversation")
            case Qt.ItemDataRole.AccessibleTextRole:
                words = self.tr("{title}. {excerpt}")
                title = hit.conversation.title
                return words.format(title=title, excerpt=hit.excerpt) if hit.excerpt else title
            case Finds.Role.HIT:
                return hit
            case _:
                return None

    def canFetchMore(self, parent: _Index) -> bool:  # noqa: N802
        """Whether there are hits that were not asked for yet."""
        return not parent.isValid() and not self._found.is_all and 0 < self.rowCount() < MOST_HITS

    def fetchMore(self, parent: _Index) -> None:  # noqa: N802
        """Ask for the rest."""
        if self.canFetchMore(parent) and not self.is_searching and not self._tasks.is_running("more hits"):
            self._tasks.start(self._search_more(self.query), "more hits")

    def hit(self, row: int) -> Hit | None:
        """Return the hit of a row, None if there is no such row."""
        return self._found.hits[row] if 0 <= row < len(self._found.hits) else None

    def search(self, text: str) -> None:
        """Look for what is typed; an empty text finds nothing, at once."""
        text = text.strip()
        if text == self._text:
            return
        self._text = text
        self.query = parse_query(text)
        if self.query.is_empty:
            self._tasks.cancel("search")
            self._take(Found())
        else:
            self.is_searching = True
            self._tasks.start(self._search(self.query), "search")

    async def _search(self, query: Query) -> None:
        try:
            found = await self._history.search(query, FIRST_HITS)
        except StorageError as error:
            self.is_searching = False
            self.failed.emit(str(error))
            return
        if query == self.query:
            self._take(found)

    async def _search_more(self, query: Query) -> None:
        try:
            found = await self._history.search(query, MOST_HITS)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        known = self.rowCount()
        fresh = found.hits[known:]
        if query != self.query or self.is_searching or found.hits[:known] != self._found.hits:
            return
        if fresh:
            self.beginInsertRows(QModelIndex(), known, len(found.hits) - 1)
        self._found = found
        if fresh:
            self.endInsertRows()
        self.searched.emit()

    def _take(self, found: Found) -> None:
        self.is_searching = False
        self.beginResetModel()
        self._found = found
        self.endResetModel()
        self.searched.emit()
