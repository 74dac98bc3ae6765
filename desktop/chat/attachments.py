"""Attachments: what goes with the prompt that is being written."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.chat.ports import Opener
from desktop.chat.tasks import TaskOwner
from desktop.domain.failure import AttachError, FolderGivenError
from desktop.domain.identity import new_id
from desktop.domain.message import FilePart, ImagePart

logger = logging.getLogger(__name__)

MOST = 20

Opening = Coroutine[Any, Any, ImagePart | FilePart]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file, an image or a long text beside the prompt. `part` is None until it is read.

    `is_pasted` says that it was a long text on the clipboard, which may be put into the prompt itself.
    """

    id: str
    name: str
    part: ImagePart | FilePart | None = None
    is_pasted: bool = False


class Attachments(QObject):
    """The attachments of one prompt, in the order in which they were added; they are read behind the window.

    `refused` says in words why a file can't be attached.
    """

    changed = Signal()
    refused = Signal(str)

    def __init__(self, opener: Opener, tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opener = opener
        self._tasks = tasks
        self._items: tuple[Attachment, ...] = ()

    @property
    def items(self) -> tuple[Attachment, ...]:
        """The attachments, those still being read included."""
        return self._items

    @property
    def is_reading(self) -> bool:
        """Whether one of them is not read yet."""
        return any(item.part is None for item in self._items)

    @property
    def parts(self) -> tuple[ImagePart | FilePart, ...]:
        """What is read, as parts of a message."""
        return tuple(item.part for item in self._items if item.part is not None)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Attach files by their paths."""
        for path in paths:
            self._add(path.name, self._opener.open_file(path))

    def add_data(self, name: str, data: bytes, *, is_pasted: bool = False) -> None:
        """Attach the bytes of a file that has no path."""
        self._add(name, self._opener.open_data(name, data), is_pasted=is_pasted)

    def add_later(self, name: str, make: Callable[[], bytes]) -> None:
        """Attach a file whose bytes take a while to make; that is done on a worker thread."""

        async def opening() -> ImagePart | FilePart:
            return await self._opener.open_data(name, await asyncio.to_thread(make))

        self._add(name, opening())

    def remove(self, attachment_id: str) -> None:
        """Take an attachment away."""
        self.put(tuple(item for item in self._items if item.id != attachment_id))

    def put(self, items: tuple[Attachment, ...]) -> None:
        """Show these in place of what is there; what is still being read for others comes to nothing."""
        if items != self._items:
            self._items = items
            self.changed.emit()

    def _add(self, name: str, opening: Opening, *, is_pasted: bool = False) -> None:
        if len(self._items) >= MOST:
            opening.close()
            self.refused.emit(self.tr("A prompt takes %n attachment(s) at most.", "", MOST))
            return
        item = Attachment(new_id(), name, None, is_pasted)
        self.put((*self._items, item))
        self._tasks.start(self._read(item, opening))

    async def _read(self, item: Attachment, opening: Opening) -> None:
        try:
            part = await opening
        except FolderGivenError as given:
            self.remove(item.id)
            if given.files:
                self.add_files(given.files)
            else:
                self.refused.emit(str(given))
            return
        except AttachError as error:
            self.remove(item.id)
            self.refused.emit(str(error))
            return
        except Exception:
            # Whatever a file makes its reader stumble over, the prompt goes on without it.
            logger.exception("an attachment could not be read")
            self.remove(item.id)
            self.refused.emit(self.tr("“{name}” could not be read.").format(name=item.name))
            return
        read = replace(item, name=part.name or item.name, part=part)
        self.put(tuple(read if other.id == item.id else other for other in self._items))
