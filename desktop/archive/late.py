"""The archives' keeper, imported when the first archive is wanted: a start need not wait for it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.domain.transfer import ArchiveFormat, ExportReport, ImportReport

if TYPE_CHECKING:
    from desktop.archive.work import Archives, Holdings, Tell
    from desktop.archive.writing import Printer


class LateArchives:
    """Stands for `Archives` until they are wanted, and then behind them."""

    def __init__(self, holdings: "Holdings", printer: "Callable[[], Printer] | None" = None) -> None:
        """`printer` is asked for what makes PDF files when one is wanted."""
        self._holdings = holdings
        self._printer = printer
        self._archives: Archives | None = None

    async def import_file(self, file: Path, tell: "Tell") -> ImportReport:
        """Read an archive into the history; see `Archives`."""
        return await self._built().import_file(file, tell)

    async def recover(self, files: Sequence[Path], tell: "Tell") -> ImportReport:
        """Bring what can be read of other history files into this one; see `Archives`."""
        return await self._built().recover(files, tell)

    async def export(
        self, file: Path, form: ArchiveFormat, ids: Sequence[str] | None, tell: "Tell"
    ) -> ExportReport:
        """Write conversations to a file; see `Archives`."""
        return await self._built().export(file, form, ids, tell)

    async def texts(self, conversation_id: str) -> tuple[str, str]:
        """Return a conversation as Markdown and as HTML; see `Archives`."""
        return await self._built().texts(conversation_id)

    def cancel(self) -> None:
        """End what is going on."""
        if self._archives is not None:
            self._archives.cancel()

    async def close(self) -> None:
        """End what is going on, and the thread."""
        if self._archives is not None:
            await self._archives.close()

    def _built(self) -> "Archives":
        if self._archives is None:
            from desktop.archive.work import Archives

            self._archives = Archives(self._holdings, self._printer() if self._printer is not None else None)
        return self._archives
