"""Store: the history and the settings of one run, opened without waiting and closed without loss."""

import asyncio
import contextlib
import logging
from concurrent.futures import Future
from pathlib import Path
from sqlite3 import Error as SqliteError

from desktop.base.clock import now_ms
from desktop.base.paths import Paths
from desktop.store.database import Database, Opening, check_readable, go_back_to, open_database
from desktop.store.faults import storage_error
from desktop.store.history import BIN_DAYS, DiskHistory
from desktop.store.messages import end_interrupted, purge
from desktop.store.search import prepare_index
from desktop.store.settings import DiskSettings
from desktop.store.writer import Reader, Writer

_LOG = logging.getLogger(__name__)
_DAY_MS = 24 * 60 * 60 * 1000


class Store:
    """What Weir keeps on disk. `history` and `settings` can be used at once; calls wait for the opening."""

    def __init__(self, paths: Paths, *, is_read_only: bool = False) -> None:
        self._writer: Writer | None = None
        if is_read_only:
            self._opened = _open_for_reading(paths)
        else:
            self._writer = Writer(paths.history, lambda: _open_for_writing(paths))
            self._opened = self._writer.opened
        self._reader = Reader(paths.history, self._opened)
        self.history = DiskHistory(self._writer, self._reader, paths.backups)
        self.settings = DiskSettings(paths)

    async def opened(self) -> Opening:
        """Return what was met when the history was opened.

        Raises AlreadyRunningError if another Weir has it open, NewerHistoryError, ForeignFileError
        and other StorageErrors. The settings work in any case.
        """
        return await asyncio.wrap_future(self._opened)

    async def close(self) -> None:
        """Finish what is queued and close the files. Call it after the last turn has ended."""
        endings = [self.settings.close(), self._reader.close()]
        for ending in endings:
            await asyncio.shield(asyncio.wrap_future(ending))
        self._reader.join()
        if self._writer is not None:
            await asyncio.shield(asyncio.wrap_future(self._writer.close()))
            self._writer.join()


def open_store(paths: Paths, *, is_read_only: bool = False) -> Store:
    """Return the store of these folders; its history opens on a thread of its own meanwhile.

    With `is_read_only` the history can be read beside a running Weir, and writing is refused.
    """
    return Store(paths, is_read_only=is_read_only)


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


def _open_for_writing(paths: Paths) -> Database:
    database = open_database(paths.history, paths.backups)
    try:
        _tidy(database)
    except Exception as problem:
        # A history that can be read is worth more than one that is tidy.
        _LOG.warning("The history could not be tidied: %s", type(problem).__name__, exc_info=problem)
        with contextlib.suppress(SqliteError):
            if database.connection.in_transaction:
                database.connection.execute("ROLLBACK")
    return database


def _tidy(database: Database) -> None:
    """End what the last run left streaming, empty the old of the bin, make the search index."""
    connection, opening = database.connection, database.opening
    connection.execute("BEGIN IMMEDIATE")
    prepare_index(connection, must_rebuild=opening.must_rebuild_index)
    connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")
    interrupted = end_interrupted(connection)
    purged = purge(connection, now_ms() - BIN_DAYS * _DAY_MS)
    connection.execute("COMMIT")
    opening.interrupted, opening.purged = interrupted, purged


def _open_for_reading(paths: Paths) -> "Future[Opening]":
    opened: Future[Opening] = Future()
    opened.set_running_or_notify_cancel()
    try:
        check_readable(paths.history)
    except Exception as problem:
        opened.set_exception(storage_error(problem))
    else:
        opened.set_result(Opening(paths.history))
    return opened
