"""Order: the folders and tags of the shelf."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import QObject, Signal

from desktop.chat.ports import History, StorageError
from desktop.chat.tasks import TaskOwner
from desktop.domain.identity import new_id
from desktop.domain.order import Folder, Tag


class Order(QObject):
    """Holds the folders and tags with their counts; `changed` says that they are others now.

    `folder_deleted` carries a Folder that is gone and the ids of what was in it, for `restore_folder`.
    `failed` says in words what went wrong, `written` that something was changed on disk from here.
    """

    changed = Signal()
    written = Signal()
    folder_deleted = Signal(object, object)
    failed = Signal(str)

    def __init__(self, history: History, tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._tasks = tasks
        self.folders: tuple[Folder, ...] = ()
        self.tags: tuple[Tag, ...] = ()

    def load(self) -> None:
        """Read folders and tags."""
        self._tasks.start(self._read(), "order")

    def folder(self, folder_id: str | None) -> Folder | None:
        """Return a folder by its id, or None."""
        return next((folder for folder in self.folders if folder.id == folder_id), None)

    def add_folder(self, name: str) -> str:
        """Make a folder and return its id, empty if the name is. One with this name is used again."""
        name = " ".join(name.split())
        known = next((folder for folder in self.folders if folder.name == name), None)
        if not name or known is not None:
            return known.id if known is not None else ""
        folder_id = new_id()
        self._tasks.start(self._write(lambda: self._history.write_folder(folder_id, name)))
        return folder_id

    def rename_folder(self, folder_id: str, name: str) -> None:
        """Give a folder another name; an empty one is ignored."""
        name = " ".join(name.split())
        if name:
            self._tasks.start(self._write(lambda: self._history.write_folder(folder_id, name)))

    def delete_folder(self, folder_id: str) -> None:
        """Take a folder away; its conversations stay."""
        self._tasks.start(self._delete(folder_id))

    def restore_folder(self, folder: Folder, conversation_ids: Sequence[str]) -> asyncio.Task[None]:
        """Bring a folder back, with what was in it."""

        async def restore() -> None:
            await self._history.write_folder(folder.id, folder.name)
            await self._history.set_folder(conversation_ids, folder.id)

        return self._tasks.start(self._write(restore))

    async def _delete(self, folder_id: str) -> None:
        folder, inside = self.folder(folder_id), list[str]()

        async def delete() -> None:
            inside.extend(await self._history.delete_folder(folder_id))

        await self._write(delete)
        if folder is not None and self.folder(folder_id) is None:
            self.folder_deleted.emit(folder, tuple(inside))

    async def _write(self, call: Callable[[], Awaitable[None]]) -> None:
        try:
            await call()
        except StorageError as error:
            self.failed.emit(str(error))
        self.written.emit()
        await self._read()

    async def _read(self) -> None:
        try:
            self.folders = tuple(await self._history.list_folders())
            self.tags = tuple(await self._history.list_tags())
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self.changed.emit()
