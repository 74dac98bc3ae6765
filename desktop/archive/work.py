"""Archives: imports and exports one after another on a thread of their own, which can be cancelled."""

import asyncio
import contextlib
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from desktop.archive import own
from desktop.archive.draft import NotOneError
from desktop.archive.reading import Intake, import_archive
from desktop.archive.writing import Outlet, Printer, as_texts, export_archive
from desktop.base.tongue import translate
from desktop.base.worker import Worker
from desktop.domain.failure import StorageError
from desktop.domain.message import Conversation, Message
from desktop.domain.order import Folder
from desktop.domain.transfer import ArchiveError, ArchiveFormat, ExportReport, ImportReport

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
Tell = Callable[[float], None]

_SQLITE = b"SQLite format 3\0"
# While an archive is read, the thread that paints waits this long for the interpreter at most.
_SWITCH_S = 0.0005


class Salvaged(Protocol):
    """What is left of another history file. Raises StorageError."""

    def folders(self) -> list[Folder]:
        """Return its folders."""
        ...

    def conversations(self) -> Iterator[tuple[Conversation, Sequence[Message]]]:
        """Yield its conversations."""
        ...


class Holdings(Intake, Outlet, Protocol):
    """The history as archives need it."""

    def salvage(self, file: Path) -> AbstractContextManager[Salvaged]:
        """Open another history file, a backup or a damaged one. Raises StorageError."""
        ...

    def settle(self) -> None:
        """Wait until all that was added is safe from a power cut. Raises StorageError."""
        ...


class Archives:
    """Brings archives into the history and writes it out. Every call raises ArchiveError and StorageError.

    The work goes on when its caller is cancelled; `cancel` ends it, and what had come in stays.
    """

    def __init__(self, holdings: Holdings, printer: Printer | None = None) -> None:
        self._holdings = holdings
        self._printer = printer
        self._worker = Worker("weir-archive")
        self._cancelled = threading.Event()

    async def import_file(self, file: Path, tell: Tell) -> ImportReport:
        """Read an archive of another program or of Weir, or a copy of a history, into the history."""
        return await self._run(lambda: self._import(file, tell))

    async def recover(self, files: Sequence[Path], tell: Tell) -> ImportReport:
        """Bring what can be read of other history files into this one, the first file first."""
        return await self._run(lambda: self._recover(files, tell))

    async def export(
        self, file: Path, form: ArchiveFormat, ids: Sequence[str] | None, tell: Tell
    ) -> ExportReport:
        """Write conversations to a file, all of them where `ids` is None."""
        return await self._run(
            lambda: export_archive(
                file, form, self._holdings, ids, self._printer, tell, self._cancelled.is_set
            )
        )

    async def texts(self, conversation_id: str) -> tuple[str, str]:
        """Return a conversation as Markdown and as HTML."""
        return await self._wait_for(lambda: as_texts(self._holdings, conversation_id))

    def cancel(self) -> None:
        """End what is going on."""
        self._cancelled.set()

    async def close(self) -> None:
        """End what is going on, and the thread."""
        self._cancelled.set()
        await asyncio.shield(asyncio.wrap_future(self._worker.close()))
        self._worker.join()

    async def _run(self, call: Callable[[], T]) -> T:
        self._cancelled.clear()
        return await self._wait_for(call)

    async def _wait_for(self, call: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._worker.submit(lambda: _put_into_words(call)))

    def _import(self, file: Path, tell: Tell) -> ImportReport:
        with _lighter_switching():
            if file.is_file() and _starts_with(file, _SQLITE):
                return self._recover((file,), tell)
            report = import_archive(file, self._holdings, tell, self._cancelled.is_set)
            self._holdings.settle()
            return report

    def _recover(self, files: Sequence[Path], tell: Tell) -> ImportReport:
        report = ImportReport(source=own.NAME)
        for number, file in enumerate(files):
            tell(number / len(files))
            try:
                self._take_all(file, report)
            except StorageError as problem:
                report.skip(file.name, str(problem))
        if not (report.added or report.extended or report.known or report.is_cancelled) and report.skipped:
            raise ArchiveError(report.skipped[0].why)
        self._holdings.settle()
        return report

    def _take_all(self, file: Path, report: ImportReport) -> None:
        with self._holdings.salvage(file) as salvaged:
            folders = tuple(salvaged.folders())
            self._holdings.add_folders(folders)
            for conversation, messages in salvaged.conversations():
                if self._cancelled.is_set():
                    report.is_cancelled = True
                    return
                try:
                    # The way through the archive's own form is what checks each value.
                    found = own.read(json.loads(own.written(conversation, messages)), folders)
                except (NotOneError, ValueError) as problem:
                    report.skip(conversation.title or translate("Archive", "A conversation"), str(problem))
                    continue
                report.count(*self._holdings.add(found.conversation, found.messages))


def _starts_with(file: Path, start: bytes) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(start)) == start


@contextlib.contextmanager
def _lighter_switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _put_into_words(call: Callable[[], T]) -> T:
    try:
        return call()
    except (ArchiveError, StorageError):
        raise
    except OSError as problem:
        _LOG.info("An archive: %s", problem)
        failure = ArchiveError(
            translate("Archive", "The file could not be read or written: {reason}.").format(
                reason=problem.strerror or translate("Archive", "unknown")
            )
        )
    except Exception as problem:
        _LOG.error("Unexpected with an archive: %s", type(problem).__name__, exc_info=problem)
        failure = ArchiveError(
            translate("Archive", "Weir made a mistake with this file. The log has the details.")
        )
    raise failure
