"""The archives' keeper, imported when the first archive is wanted: a start need not wait for it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.base.worker import Worker
from desktop.domain.message import Conversation
from desktop.domain.transfer import ArchiveFormat, ExportReport, ImportReport

if TYPE_CHECKING:
    from desktop.archive.dragged import DraggedFiles
    from desktop.archive.work import Archives, Holdings, Tell
    from desktop.archive.writing import Printer


class LateArchives:
    """Stands for `Archives` until they are wanted, and then behind them."""

    def __init__(self, holdings: "Holdings", printer: "Callable[[], Printer] | None" = None) -> None:
        """`printer` is asked for what makes PDF files when one is wanted."""
        self._holdings = holdings
        self._printer = printer
        self._built: Future[Archives] | None = None
        self._dragged: DraggedFiles | None = None

    async def import_file(self, file: Path, tell: "Tell") -> ImportReport:
        """Read an archive into the history; see `Archives`."""
        return await (await self._archives()).import_file(file, tell)

    async def recover(self, files: Sequence[Path], tell: "Tell") -> ImportReport:
        """Bring what can be read of other history files into this one; see `Archives`."""
        return await (await self._archives()).recover(files, tell)

    async def export(
        self, file: Path, form: ArchiveFormat, ids: Sequence[str] | None, tell: "Tell"
    ) -> ExportReport:
        """Write conversations to a file; see `Archives`."""
        return await (await self._archives()).export(file, form, ids, tell)

    async def texts(self, conversation_id: str) -> tuple[str, str]:
        """Return a conversation as Markdown and as HTML; see `Archives`."""
        return await (await self._archives()).texts(conversation_id)

    async def write_dragged(self, rows: Sequence[Conversation]) -> list[Path]:
        """Write conversations as files that can be dragged out; see `DraggedFiles`."""
        archives = await self._archives()
        if self._dragged is None:
            from desktop.archive.dragged import DraggedFiles

            self._dragged = DraggedFiles(archives)
        return await self._dragged.write(rows)

    def cancel(self) -> None:
        """End what is going on."""
        if self._built is not None and self._built.done():
            self._built.result().cancel()

    async def close(self) -> None:
        """End what is going on, and the thread."""
        if self._dragged is not None:
            await self._dragged.close()
        if self._built is not None:
            await (await self._archives()).close()

    async def _archives(self) -> "Archives":
        """Return the keeper. Importing what it is made of takes longer than a frame: a thread does that."""
        if self._built is None:
            # Not on that thread: PySide6's classes are first touched in the GUI thread alone.
            printer = self._printer() if self._printer is not None else None
            worker = Worker("weir-archive-start")
            self._built = worker.submit(lambda: self._build(printer))
            worker.close()
        return await asyncio.shield(asyncio.wrap_future(self._built))

    def _build(self, printer: "Printer | None") -> "Archives":
        from desktop.archive.work import Archives

        return Archives(self._holdings, printer)
