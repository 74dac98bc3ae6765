"""ShelfRows: the rows of a list of conversations, changed by as few moves as there are."""

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.base.tongue import parts
from desktop.chat.arrivals import Arrivals, Mark
from desktop.chat.groups import group_starts, order_of
from desktop.domain.message import Conversation
from desktop.domain.order import SHELF, Place

DRAGGED = "application/x-weir-conversations"
"""What is dragged out of the shelf: the ids of conversations, one a line."""

_Index = QModelIndex | QPersistentModelIndex


class ShelfRows(QAbstractListModel):
    """The rows in memory, in the order of the list. `revision` rises with every change of them.

    `scope` is the place that they are of, `arrivals` what came out of sight in them.
    """

    class Role(IntEnum):
        """What a row tells besides its title (DisplayRole)."""

        ID = Qt.ItemDataRole.UserRole + 1
        UPDATED = Qt.ItemDataRole.UserRole + 2
        PINNED = Qt.ItemDataRole.UserRole + 3
        GROUP = Qt.ItemDataRole.UserRole + 4
        STREAMING = Qt.ItemDataRole.UserRole + 5
        MARK = Qt.ItemDataRole.UserRole + 6

    def __init__(self, arrivals: Arrivals, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Conversation] = []
        self._ids: dict[str, Conversation] = {}
        self._placed: dict[str, Conversation] = {}
        self._starts: tuple[datetime.date, list[tuple[int, str]]] | None = None
        self.scope = SHELF
        self.revision = 0
        self.arrivals = arrivals
        arrivals.changed.connect(self._on_mark_changed)

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
            case ShelfRows.Role.ID:
                return row.id
            case ShelfRows.Role.UPDATED:
                return row.updated
            case ShelfRows.Role.PINNED:
                return row.pinned
            case ShelfRows.Role.GROUP:
                return self._group_at(index.row())
            case ShelfRows.Role.STREAMING:
                return self.arrivals.mark(row.id) is Mark.STREAMING
            case ShelfRows.Role.MARK:
                return self.arrivals.mark(row.id).value
            case Qt.ItemDataRole.AccessibleTextRole:
                return parts(row.title or self.tr("New conversation"), self.arrivals.spoken(row.id))
            case _:
                return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Say that a title can be changed in place and a row dragged into a folder."""
        flags = super().flags(index)
        if index.isValid():
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:  # noqa: N802
        """Return the kind of what is dragged."""
        return [DRAGGED]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        """Return rows as they are dragged."""
        dragged = QMimeData()
        dragged.setData(DRAGGED, "\n".join(self._rows[index.row()].id for index in indexes).encode())
        return dragged

    def row_of(self, conversation_id: str) -> int:
        """Return the row of a conversation, or -1."""
        row = self._ids.get(conversation_id)
        if row is None:
            return -1
        at = 0 if self.scope.place is Place.BIN else bisect_left(self._rows, order_of(row), key=order_of)
        return next((at for at in range(at, len(self._rows)) if self._rows[at].id == conversation_id), -1)

    def group_starts(self) -> list[tuple[int, str]]:
        """Return the rows at which groups begin, with the groups; the bin is one group."""
        today = datetime.datetime.now().astimezone().date()
        if self._starts is None or self._starts[0] != today:
            is_bin = self.scope.place is Place.BIN
            starts = [(0, "bin")] if is_bin and self._rows else group_starts(self._rows, today)
            self._starts = (today, starts)
        return self._starts[1]

    def _place(self, conversation: Conversation) -> None:
        """Put a row where its date belongs, moving the others no more than needed."""
        self.revision += 1
        self._placed[conversation.id] = conversation
        at = self.row_of(conversation.id)
        order = order_of(conversation)
        if at >= 0 and order_of(self._rows[at]) == order:
            self._put(at, at, conversation)
            return
        target = bisect_left(self._rows, order, key=order_of)
        self._put(at, target - (0 <= at < target), conversation)

    def _put(self, at: int, target: int, conversation: Conversation) -> None:
        """Have a row at `target` that is at `at` now, or nowhere yet with -1."""
        self._ids[conversation.id] = conversation
        if at < 0:
            self.beginInsertRows(QModelIndex(), target, target)
            self._rows.insert(target, conversation)
            self._starts = None
            self.endInsertRows()
            return
        if target != at:
            # Qt counts the destination before the row is taken out.
            self.beginMoveRows(QModelIndex(), at, at, QModelIndex(), target + (target > at))
            del self._rows[at]
            self._rows.insert(target, conversation)
            self._starts = None
            self.endMoveRows()
        self._rows[target] = conversation
        self._starts = None
        self.dataChanged.emit(self.index(target), self.index(target))

    def _take_away(self, conversation_id: str) -> None:
        self._placed.pop(conversation_id, None)
        if (at := self.row_of(conversation_id)) >= 0:
            self.revision += 1
            self.beginRemoveRows(QModelIndex(), at, at)
            del self._rows[at]
            del self._ids[conversation_id]
            self._starts = None
            self.endRemoveRows()

    def _merge(self, rows: Sequence[Conversation], stays: Callable[[Conversation], bool]) -> None:
        """Make `rows` the rows, by as few changes as there are. One that `stays` does, on disk or not."""
        listed = {row.id for row in rows}
        is_bin = self.scope.place is Place.BIN
        for row in [row for row in self._rows if row.id not in listed]:
            if is_bin or not stays(row):
                self._take_away(row.id)
        held = [row for row in self._rows if row.id not in listed]
        wanted = list(rows) if is_bin else sorted([*rows, *held], key=order_of)
        for target, row in enumerate(wanted):
            is_there = target < len(self._rows) and self._rows[target].id == row.id
            at = target if is_there else self._seek(row.id)
            if at != target or self._rows[at] != row:
                self.revision += 1
                self._put(at, target, row)

    def _seek(self, conversation_id: str) -> int:
        # While rows are merged they are not in order, which `row_of` relies on.
        return next((at for at, row in enumerate(self._rows) if row.id == conversation_id), -1)

    def _on_mark_changed(self, conversation_id: str) -> None:
        at = self.row_of(conversation_id)
        if at >= 0:
            self.dataChanged.emit(self.index(at), self.index(at), [ShelfRows.Role.MARK])

    def _group_at(self, row: int) -> str:
        starts = self.group_starts()
        at = bisect_right(starts, row, key=lambda start: start[0]) - 1
        return starts[at][1] if at >= 0 else ""

    def _replace(self, rows: Sequence[Conversation]) -> None:
        self.revision += 1
        self.beginResetModel()
        self._rows = list(rows)
        self._ids = {row.id: row for row in rows}
        self._starts = None
        self.endResetModel()
