"""Conversations as files for another program to take: written before they are dragged, removed afterwards."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from desktop.archive.writing import file_stem, unused
from desktop.domain.message import Conversation
from desktop.domain.transfer import ArchiveFormat, ExportReport

logger = logging.getLogger(__name__)

MOST = 50
"""So many conversations are dragged out at once at most; more are better exported."""

KEPT = 3
"""The files of so many drags are there at a time: whoever took the last ones may still be reading."""


class Exporter(Protocol):
    """What writes conversations to files, away from the window's thread."""

    def export(
        self, file: Path, form: ArchiveFormat, ids: Sequence[str] | None, tell: Callable[[float], None]
    ) -> Awaitable[ExportReport]:
        """Write conversations to a file. Raises ArchiveError, StorageError."""
        ...


class DraggedFiles:
    """Writes conversations as Markdown into folders of its own below the system's temporary one."""

    def __init__(self, exporter: Exporter) -> None:
        self._exporter = exporter
        self._folders: list[Path] = []

    async def write(self, rows: Sequence[Conversation]) -> list[Path]:
        """Write conversations, named by their titles, and return their files.

        Raises ArchiveError, StorageError, OSError.
        """
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="weir-"))
        self._folders.append(folder)
        while len(self._folders) > KEPT:
            await self._remove(self._folders.pop(0))
        files, taken = [], set[str]()
        for row in rows[:MOST]:
            file = folder / unused(file_stem(row), ArchiveFormat.MARKDOWN.ending, taken)
            await self._exporter.export(file, ArchiveFormat.MARKDOWN, (row.id,), lambda _: None)
            files.append(file)
        return files

    async def close(self) -> None:
        """Remove what was written."""
        while self._folders:
            await self._remove(self._folders.pop())

    async def _remove(self, folder: Path) -> None:
        try:
            await asyncio.to_thread(shutil.rmtree, folder)
        except OSError as error:
            logger.info("what was dragged out was not removed: %s", error.strerror)
