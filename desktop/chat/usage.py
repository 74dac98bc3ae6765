"""UsageBook: what was used, as the usage page asks for it."""

import datetime
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop.base.clock import today
from desktop.chat.ports import StorageError
from desktop.chat.tasks import TaskOwner
from desktop.domain.usage import Period, UsageReport


class UsageHistory(Protocol):
    """Where what was used is summed up. Both calls raise StorageError."""

    async def read_usage(self, since: datetime.date | None, until: datetime.date) -> UsageReport:
        """Return what was used from the beginning of a day on, or ever."""
        ...

    async def export_usage(
        self,
        file: Path,
        since: datetime.date | None,
        *,
        endpoint: str | None = None,
        model: str | None = None,
        with_titles: bool = False,
    ) -> int:
        """Write a row for each reply to a CSV file; return how many."""
        ...


class UsageBook(QObject):
    """Reads what was used and writes it out; nothing here waits for the disk.

    `loaded` carries a UsageReport, `exported` the file's name and how many rows it has, `failed` words for
    the user.
    """

    loaded = Signal(object)
    exported = Signal(str, int)
    failed = Signal(str)

    def __init__(self, history: UsageHistory, tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._tasks = tasks

    def load(self, period: Period, day: datetime.date | None = None) -> None:
        """Read what was used in a period; a reading under way is given up for it."""
        self._tasks.start(self._load(period, day or today()), "usage")

    def export(
        self,
        file: Path,
        period: Period,
        *,
        endpoint: str | None,
        model: str | None,
        with_titles: bool,
        day: datetime.date | None = None,
    ) -> None:
        """Write the replies of a period, or of an endpoint or a model alone, to a CSV file."""
        since = period.first_day(day or today())
        self._tasks.start(self._export(file, since, endpoint, model, with_titles))

    async def _load(self, period: Period, day: datetime.date) -> None:
        try:
            report = await self._history.read_usage(period.first_day(day), day)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self.loaded.emit(report)

    async def _export(
        self, file: Path, since: datetime.date | None, endpoint: str | None, model: str | None, titles: bool
    ) -> None:
        try:
            count = await self._history.export_usage(
                file, since, endpoint=endpoint, model=model, with_titles=titles
            )
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self.exported.emit(file.name, count)
