"""Shelf: the list of conversations."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Signal

from desktop.chat.arrivals import Arrivals
from desktop.chat.desk import Desk
from desktop.chat.finds import Finds
from desktop.chat.groups import group_of
from desktop.chat.jumps import Jumps
from desktop.chat.order import Order
from desktop.chat.ports import History, StorageError
from desktop.chat.shelf_rows import DRAGGED, ShelfRows
from desktop.chat.tasks import TaskOwner
from desktop.chat.works import Works
from desktop.domain.message import Conversation
from desktop.domain.order import SHELF, Folder, Place, Scope

__all__ = ["DRAGGED", "PAGE", "Shelf", "group_of"]

PAGE = 200
_TRIES = 3

_Index = QModelIndex | QPersistentModelIndex


class Shelf(ShelfRows):
    """The conversations of a scope, pinned first, then the latest first; read a page at a time.

    `deleted` carries the ids of conversations that `restore` can bring back, and the title of the
    first. `revision` rises with every change of the rows. `order` holds the folders and tags, `finds`
    what a search of everything has found, `jumps` titles for the command palette, `arrivals` what came
    out of sight.
    """

    failed = Signal(str)
    deleted = Signal(object, str)
    loaded = Signal()
    scope_changed = Signal()

    def __init__(
        self,
        history: History,
        desk: Desk,
        tasks: TaskOwner,
        works: Works | None = None,
        parent: QObject | None = None,
        arrivals: Arrivals | None = None,
    ) -> None:
        """`arrivals` are those of another window's shelf, which this one shares."""
        super().__init__(arrivals or Arrivals(desk), parent)
        if arrivals is None:
            self.arrivals.setParent(self)
        self._history = history
        self._desk = desk
        self._tasks = tasks
        self._desks = desk.desks
        self._has_more = True
        self._moved = desk.desks.moved
        self.works = works or Works(self)
        self.order = Order(history, tasks, self)
        self.order.failed.connect(self.failed)
        self.order.folder_deleted.connect(self._on_folder_deleted)
        self.order.written.connect(self._tell)
        self.finds = Finds(history, tasks, self)
        self.finds.failed.connect(self.failed)
        self.jumps = Jumps(history, tasks, self)
        self.jumps.failed.connect(self.failed)
        desk.conversation_changed.connect(self._on_conversation_changed)
        self._desks.rows_written.connect(self._on_rows_written)

    def beside(self, desk: Desk, tasks: TaskOwner) -> "Shelf":
        """Return the shelf of another window, over the same history."""
        return Shelf(self._history, desk, tasks, self.works, arrivals=self.arrivals)

    def leave(self) -> None:
        """Hear of nothing any more: the window is closed."""
        self._desk.conversation_changed.disconnect(self._on_conversation_changed)
        self._desks.rows_written.disconnect(self._on_rows_written)

    def load(self) -> None:
        """Read the first page, and then the folders and tags."""
        self._placed.clear()
        self._tasks.start(self._read_first(), "shelf")
        self.order.load()

    def set_scope(self, scope: Scope) -> None:
        """Show another place: a folder, a tag, the archive, the bin, or the whole shelf."""
        if scope != self.scope:
            self.scope = scope
            self._placed.clear()
            self._replace(())
            self._has_more = True
            self.scope_changed.emit()
            self._tasks.start(self._read_first(), "shelf")

    def canFetchMore(self, parent: _Index) -> bool:  # noqa: N802
        """Whether there are rows that were not read yet."""
        return not parent.isValid() and self._has_more and bool(self._rows)

    def fetchMore(self, parent: _Index) -> None:  # noqa: N802
        """Read the next page."""
        if self.canFetchMore(parent) and not self._tasks.is_running("shelf"):
            self._tasks.start(self._read_more(), "shelf")

    def conversation(self, conversation_id: str) -> Conversation | None:
        """Return the row of a conversation that is read, or on screen; otherwise None."""
        on_screen = self._desk.current.conversation
        known = self._ids.get(conversation_id) or self._moved.get(conversation_id)
        return known or (on_screen if on_screen.id == conversation_id else None)

    def model_names(self) -> list[str]:
        """Return the models of the conversations read so far."""
        return sorted({row.model for row in self._rows if row.model})

    async def refresh(self, revision: int) -> bool:
        """Read the rows anew, if they are still as at `revision`, leaving those alone that did not change.

        Returns whether that was done. Raises StorageError.
        """
        limit, scope = PAGE * max(1, -(-len(self._rows) // PAGE)), self.scope
        rows = await self._history.list_conversations(limit, 0, scope)
        if self.revision != revision or scope != self.scope:
            return False
        self._merge(rows, self._stays)
        self._has_more = len(rows) == limit
        self.order.load()
        return True

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        title = " ".join(title.split())
        row = self.conversation(conversation_id)
        if row is None or not title or title == row.title:
            return
        if self._desk.is_live(conversation_id):
            self._desk.rename(conversation_id, title)
        else:
            self._change(replace(row, title=title))

    def set_pinned(self, conversation_id: str, pinned: bool) -> None:
        """Pin a conversation to the top of the shelf, or unpin it."""
        row = self.conversation(conversation_id)
        if row is not None and row.pinned != pinned:
            self._desk.set_pinned(conversation_id, pinned)
            self._change(replace(row, pinned=pinned))

    def set_archived(self, conversation_ids: Iterable[str], is_archived: bool) -> None:
        """Put conversations into the archive, or take them out."""
        ids = tuple(conversation_ids)
        self._move(ids, lambda: self._history.set_archived(ids, is_archived), archived=is_archived)

    def set_folder(self, conversation_ids: Iterable[str], folder_id: str | None) -> None:
        """Put conversations into a folder, or into none."""
        ids = tuple(conversation_ids)
        self._move(ids, lambda: self._history.set_folder(ids, folder_id), folder_id=folder_id)

    def set_tag(self, conversation_ids: Iterable[str], name: str, is_on: bool) -> None:
        """Give conversations a tag, or take it from them. An empty name is ignored."""
        ids, name = tuple(conversation_ids), " ".join(name.split())
        if name and ids:
            self._tasks.start(self._tag(ids, name, is_on))

    def restore_folder(self, folder: Folder, conversation_ids: Sequence[str]) -> None:
        """Bring a deleted folder back, with what was in it."""
        self._moved.clear()
        self.order.restore_folder(folder, conversation_ids).add_done_callback(lambda _: self.load())

    def delete(self, *conversation_ids: str) -> None:
        """Move conversations to the bin, but for those that are in it."""
        is_bin = self.scope.place is Place.BIN
        ids = (name for name in conversation_ids if not (is_bin and name in self._ids))
        rows = [row for name in ids if (row := self.conversation(name)) is not None]
        if rows:
            self._tasks.start(self._delete(rows))

    def restore(self, *conversation_ids: str) -> None:
        """Bring conversations back from the bin."""
        self._tasks.start(self._restore(conversation_ids))

    def erase(self, *conversation_ids: str) -> None:
        """Delete conversations for good that are in the bin, all of them without ids."""
        self._tasks.start(self._erase(conversation_ids))

    async def _read_first(self) -> None:
        await self._attempt(self._read_page)

    async def _read_page(self) -> None:
        scope = self.scope
        rows = await self._history.list_conversations(PAGE, 0, scope)
        if scope == self.scope:
            self._replace(rows)
            self._has_more = len(rows) == PAGE
            # What came to the shelf while it was read, or just began elsewhere, is not in what was read.
            begun = (row for row in self._desks.begun() if row.id not in self._ids and self._belongs(row))
            for conversation in (*self._placed.values(), *begun):
                self._place(conversation)
            self.loaded.emit()

    async def _read_more(self) -> None:
        await self._attempt(self._read_next)

    async def _read_next(self) -> None:
        scope, first = self.scope, len(self._rows)
        rows = await self._history.list_conversations(PAGE, first, scope)
        if scope != self.scope:
            return
        fresh = [row for row in rows if row.id not in self._ids]
        self._has_more = len(rows) == PAGE
        if fresh:
            self.revision += 1
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            self._rows.extend(fresh)
            self._ids.update((row.id, row) for row in fresh)
            self._starts = None
            self.endInsertRows()

    async def _delete(self, rows: Sequence[Conversation]) -> None:
        for row in rows:
            await self._desk.forget(row.id)
        ids = tuple(row.id for row in rows)
        if await self._attempt(lambda: self._history.delete_conversations(ids)):
            if self.scope.place is Place.BIN:
                self._placed.clear()
                await self._read_first()
            else:
                for name in ids:
                    self._take_away(name)
            self.order.load()
            self._tell()
            self.arrivals.drop(ids)
            self.deleted.emit(ids, rows[0].title)

    async def _restore(self, conversation_ids: Sequence[str]) -> None:
        async def restore() -> None:
            for name in conversation_ids:
                await self._history.restore_conversation(name)
            rows = await self._history.read_rows(conversation_ids)
            for row in rows:
                if self.scope.place is Place.BIN:
                    self._take_away(row.id)
                elif self._belongs(row):
                    self._place(row)

        await self._attempt(restore)
        self._tell()
        self.order.load()

    async def _erase(self, conversation_ids: Sequence[str]) -> None:
        works, count = self.works, 0
        if not conversation_ids:
            works.begin("bin", self.tr("Emptying the bin"), lambda: None)

        async def erase() -> None:
            nonlocal count
            ids = conversation_ids or await self._page_of_bin()
            while ids:
                await self._history.erase_conversations(ids)
                for name in ids if self.scope.place is Place.BIN else ():
                    self._take_away(name)
                count += len(ids)
                works.tell("bin", None, self.tr("Emptying the bin: %n deleted", "", count))
                bin_work = works.work("bin")
                is_over = bool(conversation_ids) or bin_work is None or bin_work.is_ending
                ids = () if is_over else await self._page_of_bin()

        try:
            await self._attempt(erase)
            self._tell()
        finally:
            words = self.tr("%n conversation(s) were deleted for good.", "", count)
            works.end("bin", words if count != 1 else "")

    async def _page_of_bin(self) -> tuple[str, ...]:
        rows = await self._history.list_conversations(PAGE, 0, Scope(Place.BIN))
        return tuple(row.id for row in rows)

    async def _tag(self, ids: Sequence[str], name: str, is_on: bool) -> None:
        if not await self._attempt(lambda: self._history.set_tag(ids, name, is_on)):
            return
        for each in ids:
            row = self.conversation(each)
            if row is not None:
                tags = set(row.tags) - {name} | ({name} if is_on else set())
                self._arrange(replace(row, tags=tuple(sorted(tags, key=str.casefold))))
        self._tell()
        self.order.load()

    def _move(
        self, ids: Sequence[str], call: Callable[[], Coroutine[Any, Any, None]], **changes: object
    ) -> None:
        async def move() -> None:
            if await self._attempt(call):
                for name in ids:
                    if (row := self.conversation(name)) is not None:
                        self._arrange(replace(row, **changes))  # type: ignore[arg-type]
                self._tell()
                self.order.load()

        self._tasks.start(move())

    def _stays(self, row: Conversation) -> bool:
        """Whether a row stays that was not read: it is on a desk, and may not be on disk yet."""
        return self._desk.is_live(row.id) and self._belongs(self._moved.get(row.id, row))

    def _arrange(self, row: Conversation) -> None:
        """Take where a row stands now; it leaves the list that it no longer belongs to."""
        self._moved[row.id] = row
        if self._belongs(row):
            self._place(row)
        else:
            self._take_away(row.id)

    def _belongs(self, row: Conversation) -> bool:
        place, value = self.scope.place, self.scope.value
        if place is Place.BIN or row.archived != (place is Place.ARCHIVE):
            return False
        if place is Place.FOLDER:
            return row.folder_id == value
        return place is not Place.TAG or value in row.tags

    def _change(self, row: Conversation) -> None:
        if row.id in self._ids or self._belongs(row):
            self._place(row)
        self._tasks.start(self._write(row))

    async def _write(self, row: Conversation) -> None:
        await self._attempt(lambda: self._history.write_conversation(row))
        self._tell()

    async def _attempt(self, call: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Do something with the disk, say in words why it did not work, and return whether it did."""
        try:
            await call()
        except StorageError as error:
            self.failed.emit(str(error))
            return False
        return True

    def _tell(self) -> None:
        """Have the shelves of other windows read what was changed from here."""
        self._desks.rows_written.emit(self)

    def _on_rows_written(self, by: QObject) -> None:
        if by is not self and self._tasks.can_start:
            self._tasks.start(self._attempt(self._catch_up), "catch up")

    async def _catch_up(self) -> None:
        for _ in range(_TRIES):
            if await self.refresh(self.revision):
                return

    def _on_conversation_changed(self, conversation: Conversation) -> None:
        known = self._moved.get(conversation.id) or self._ids.get(conversation.id)
        if known is not None:
            conversation = replace(
                conversation, archived=known.archived, folder_id=known.folder_id, tags=known.tags
            )
        if conversation.id in self._ids or self._belongs(conversation):
            self._place(conversation)

    def _on_folder_deleted(self, folder: Folder) -> None:
        for row in [row for row in self._ids.values() if row.folder_id == folder.id]:
            self._arrange(replace(row, folder_id=None))
        if self.scope == Scope(Place.FOLDER, folder.id):
            self.set_scope(SHELF)
