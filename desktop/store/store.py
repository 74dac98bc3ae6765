"""Store: the history and the settings of one run, opened without waiting and closed without loss."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from sqlite3 import Error as SqliteError

from desktop.base.paths import Paths
from desktop.store.daily import DailyBackup
from desktop.store.database import Database, Opening, go_back_to, open_database
from desktop.store.faults import storage_error
from desktop.store.history import DiskHistory
from desktop.store.messages import end_interrupted
from desktop.store.preferences import PreferencesFile
from desktop.store.presence import Presence
from desktop.store.search import prepare_index
from desktop.store.settings import DiskSettings
from desktop.store.transfer import DiskTransfer
from desktop.store.usage import DiskUsage
from desktop.store.writer import Reader, Writer

_LOG = logging.getLogger(__name__)


class Store:
    """What Weir keeps on disk. `history` and `settings` can be used at once; calls wait for the opening.

    Several runs of one user may have the same history open; each writes in its turn.
    """

    def __init__(self, paths: Paths, preferences: PreferencesFile | None = None) -> None:
        presence = Presence(paths.history)
        self._writer = Writer(paths.history, lambda: _open(paths, presence))
        self._reader = Reader(paths.history, self._writer.opened)
        self._daily = DailyBackup(paths.history, paths.backups, self._writer.opened)
        self._searcher = Reader(paths.history, self._writer.opened, "weir-search")
        self.history = DiskHistory(self._writer, self._reader, self._searcher, paths.backups, presence.run)
        self.transfer = DiskTransfer(self._writer, self._reader, paths.history.parent)
        self._counter = Reader(paths.history, self._writer.opened, "weir-usage")
        self.usage = DiskUsage(self._counter)
        self.settings = DiskSettings(paths, preferences)

    async def opened(self) -> Opening:
        """Return what was met when the history was opened.

        Raises AlreadyRunningError where another Weir would have to end first, NewerHistoryError,
        ForeignFileError and other StorageErrors. The settings work in any case.
        """
        return await asyncio.wrap_future(self._writer.opened)

    def tell_of_backups(self, tell: Callable[[float | None], None]) -> None:
        """Have `tell` hear, on another thread, how far the day's copy is from 0 to 1, and None at its end."""
        self._daily.tell = tell

    async def close(self) -> None:
        """Finish what is queued and close the files. Call it after the last turn has ended."""
        for ending in (
            self.settings.close(),
            self._reader.close(),
            self._searcher.close(),
            self._counter.close(),
            self._daily.close(),
        ):
            await asyncio.shield(asyncio.wrap_future(ending))
        self._reader.join()
        self._searcher.join()
        self._counter.join()
        self._daily.join()
        await asyncio.shield(asyncio.wrap_future(self._writer.close()))
        self._writer.join()


def open_store(paths: Paths, preferences: PreferencesFile | None = None) -> Store:
    """Return the store of these folders; its history opens on a thread of its own meanwhile.

    `preferences` are those already read, if they are.
    """
    return Store(paths, preferences)


def restore_backup(paths: Paths, copy: Path) -> Path | None:
    """Make a backup the history again; to be called when the store is closed, off the window's thread.

    Returns the new name of the history that was there, None if there was none. Raises StorageError;
    nothing has changed then.
    """
    try:
        return go_back_to(copy, paths.history)
    except Exception as problem:
        failure = storage_error(problem)
    raise failure


def _open(paths: Paths, presence: Presence) -> Database:
    return open_database(paths.history, paths.backups, presence=presence, tidy=_tidy)


def _tidy(database: Database, others: frozenset[str]) -> None:
    """End what dead runs left streaming, make the search index if alone."""
    connection, opening = database.connection, database.opening
    try:
        with database.writing:
            if not others:
                connection.execute("BEGIN IMMEDIATE")
                prepare_index(connection, must_rebuild=opening.must_rebuild_index)
                connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
            opening.interrupted = end_interrupted(connection, others)
            connection.execute("COMMIT")
    except Exception as problem:
        # A history that can be read is worth more than one that is tidy.
        _LOG.warning("The history could not be tidied: %s", type(problem).__name__, exc_info=problem)
        with contextlib.suppress(SqliteError):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
