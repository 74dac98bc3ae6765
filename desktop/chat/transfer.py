"""Transfer: archives that come in and go out, one at a time, with how far they are."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop.chat.ports import StorageError
from desktop.chat.tasks import TaskOwner
from desktop.domain.transfer import ArchiveError, ArchiveFormat, ExportReport, ImportReport


class Archive(Protocol):
    """Brings other programs' archives in and writes the history out. Everything raises ArchiveError, too.

    `tell` is called with the share that is done, from 0 to 1, on whatever thread does the work.
    """

    async def import_file(self, file: Path, tell: Callable[[float], None]) -> ImportReport:
        """Read an archive into the history. What was read before adds nothing."""
        ...

    async def recover(self, files: Sequence[Path], tell: Callable[[float], None]) -> ImportReport:
        """Bring what can be read of backups and damaged histories into this one."""
        ...

    async def export(
        self, file: Path, form: ArchiveFormat, ids: Sequence[str] | None, tell: Callable[[float], None]
    ) -> ExportReport:
        """Write conversations to a file, all of them where `ids` is None."""
        ...

    async def texts(self, conversation_id: str) -> tuple[str, str]:
        """Return a conversation's branch on screen as Markdown and as HTML."""
        ...

    def cancel(self) -> None:
        """End what is going on; what had come in stays."""
        ...


class Transfer(QObject):
    """Imports and exports for the window. One goes on at a time; another is not begun meanwhile.

    `running_changed` carries what goes on: "import", "export", "recovery", or nothing; `progressed`
    the share that is done, from 0 to 1. `imported` and `recovered` carry an ImportReport, `exported`
    an ExportReport and the file. `recovery_offered` carries the name under which a damaged history
    was set aside; `recover` accepts the offer.
    """

    running_changed = Signal(str)
    progressed = Signal(float)
    imported = Signal(object)
    recovered = Signal(object)
    exported = Signal(object, str)
    copied = Signal(str, str)
    failed = Signal(str)
    history_changed = Signal()
    recovery_offered = Signal(str)

    def __init__(self, archive: Archive, tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._archive = archive
        self._tasks = tasks
        self._offered: tuple[Path, ...] = ()
        self.running = ""
        self.was_cancelled = False
        """Whether the last export ended early, so that there is no file."""

    @property
    def offers_recovery(self) -> bool:
        """Whether there is something to recover that was not recovered yet."""
        return bool(self._offered)

    def import_file(self, file: Path) -> None:
        """Read an archive into the history."""
        self._start("import", lambda: self._import(file))

    def export(self, file: Path, form: ArchiveFormat, ids: Sequence[str] | None = None) -> None:
        """Write conversations to a file, all of them where `ids` is None."""
        self._start("export", lambda: self._export(file, form, ids))

    def copy(self, conversation_id: str) -> None:
        """Have a conversation as text; `copied` carries it as Markdown and as HTML."""
        self._tasks.start(self._copy(conversation_id), "copy")

    def offer_recovery(self, damaged: Path, backup: Path | None) -> None:
        """Offer to bring back what a backup has and what can still be read of a damaged history."""
        self._offered = (backup, damaged) if backup is not None else (damaged,)
        self.recovery_offered.emit(damaged.name)

    def recover(self) -> None:
        """Bring back what was offered."""
        if self._offered:
            self._start("recovery", self._recover)

    def cancel(self) -> None:
        """End what goes on. What had come in stays; a file that was being written is dropped."""
        self._archive.cancel()

    def _start(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        if not self.running:
            self.running = what
            self.was_cancelled = False
            self.running_changed.emit(what)
            self._tasks.start(self._run(work), "transfer")

    async def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (ArchiveError, StorageError) as problem:
            self._end()
            self.failed.emit(str(problem))
        finally:
            self._end()

    def _end(self) -> None:
        if self.running:
            self.running = ""
            self.running_changed.emit("")

    def _teller(self) -> Callable[[float], None]:
        loop = asyncio.get_running_loop()

        def tell(share: float) -> None:
            loop.call_soon_threadsafe(self.progressed.emit, share)

        return tell

    async def _import(self, file: Path) -> None:
        try:
            report = await self._archive.import_file(file, self._teller())
        finally:
            # What had come in before something failed stays, too.
            self._end()
            self.history_changed.emit()
        self.imported.emit(report)

    async def _recover(self) -> None:
        try:
            report = await self._archive.recover(self._offered, self._teller())
        finally:
            self._end()
            self.history_changed.emit()
        if not report.is_cancelled:
            self._offered = ()
        self.recovered.emit(report)

    async def _copy(self, conversation_id: str) -> None:
        try:
            self.copied.emit(*await self._archive.texts(conversation_id))
        except (ArchiveError, StorageError) as problem:
            self.failed.emit(str(problem))

    async def _export(self, file: Path, form: ArchiveFormat, ids: Sequence[str] | None) -> None:
        report = await self._archive.export(file, form, ids, self._teller())
        self.was_cancelled = report.is_cancelled
        self._end()
        if not report.is_cancelled:
            self.exported.emit(report, str(file))
