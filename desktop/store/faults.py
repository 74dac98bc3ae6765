"""What SQLite and the disk report, put into words for the user."""

import errno
import logging
import sqlite3

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.domain.failure import StorageError

_LOG = logging.getLogger(__name__)

_FULL = QT_TRANSLATE_NOOP("Store", "The disk is full. Make room on it, then try again.")
_DENIED = QT_TRANSLATE_NOOP(
    "Store", "The history can't be opened or changed. Check the permissions of Weir's data folder."
)
_BROKEN_DISK = QT_TRANSLATE_NOOP(
    "Store", "The disk did not do what was asked of it. Check its free space and its health, then try again."
)
_DAMAGED = QT_TRANSLATE_NOOP(
    "Store", "The history file is damaged. Start Weir again: the damaged file is then set aside and kept."
)
_HELD = QT_TRANSLATE_NOOP("Store", "Another program holds the history. Close that program, then try again.")
_GONE = QT_TRANSLATE_NOOP("Store", "This conversation is no longer in the history.")
_TOO_LARGE = QT_TRANSLATE_NOOP("Store", "This is too large to be saved.")
_MISTAKE = QT_TRANSLATE_NOOP(
    "Store", "Weir made a mistake while it used the history. The log has the details."
)

# Primary result codes, https://sqlite.org/rescode.html
_SENTENCES = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _DENIED,
    sqlite3.SQLITE_PERM: _DENIED,
    sqlite3.SQLITE_AUTH: _DENIED,
    sqlite3.SQLITE_CANTOPEN: _DENIED,
    sqlite3.SQLITE_IOERR: _BROKEN_DISK,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: _HELD,
    sqlite3.SQLITE_LOCKED: _HELD,
    sqlite3.SQLITE_PROTOCOL: _HELD,
    sqlite3.SQLITE_CONSTRAINT: _GONE,
    sqlite3.SQLITE_TOOBIG: _TOO_LARGE,
}


def primary_code(problem: BaseException) -> int | None:
    """Return SQLite's primary result code of an exception, or None if it carries none."""
    code = getattr(problem, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def is_damage(problem: BaseException) -> bool:
    """Whether SQLite says that the file itself is broken, not the disk or the permissions."""
    return primary_code(problem) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def storage_error(problem: BaseException) -> StorageError:
    """Return the StorageError for whatever went wrong, and log what it was.

    The log gets SQLite's own words, which name tables and columns but never what is in them.
    """
    if isinstance(problem, StorageError):
        # One exception object raised in several places would gather their tracebacks.
        return type(problem)(*problem.args)
    if isinstance(problem, sqlite3.Error):
        _LOG.info("SQLite: %s (%s)", problem, getattr(problem, "sqlite_errorname", type(problem).__name__))
        sentence = _SENTENCES.get(primary_code(problem) or 0)
        if sentence is not None:
            return StorageError(translate("Store", sentence))
        if isinstance(problem, sqlite3.DataError):
            return StorageError(translate("Store", _TOO_LARGE))
    elif isinstance(problem, OverflowError | MemoryError):
        return StorageError(translate("Store", _TOO_LARGE))
    elif isinstance(problem, OSError):
        _LOG.info("Disk: %s", problem)
        return StorageError(os_sentence(problem))
    _LOG.error("Unexpected in the store: %s", type(problem).__name__, exc_info=problem)
    return StorageError(translate("Store", _MISTAKE))


def os_sentence(problem: OSError) -> str:
    """Return what an OSError means, in a sentence that says what to do."""
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return translate("Store", _FULL)
    if problem.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return translate("Store", _DENIED)
    return translate("Store", _BROKEN_DISK)
