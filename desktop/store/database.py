"""The history's file: opened, checked, set aside when damaged, backed up, brought to today's schema."""

import contextlib
import datetime
import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from desktop.base.tongue import translate
from desktop.domain.failure import AlreadyRunningError
from desktop.store.faults import is_damage
from desktop.store.lock import WriteLock, locks_of
from desktop.store.migrations import MIGRATIONS, Migration, check_version, migrate
from desktop.store.presence import Presence
from desktop.store.words import install

_LOG = logging.getLogger(__name__)

_BUSY_MS = 5_000
_CLOSING_WAIT_S = 5.0
# A larger file that was closed in order is not read through at every start.
_ALWAYS_CHECKED_BYTES = 256 * 1024 * 1024
_JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024
_INDEX_COMPLAINT = "malformed inverted index"


@dataclass(slots=True)
class Opening:
    """What was met when the history was opened, for the window to tell.

    `damaged` is where a broken file was set aside whole, and `newest_backup` the newest good copy
    to go back to. `backup` was made before a migration from version `migrated_from`.
    `interrupted` counts replies whose program ended before they did. `is_shared` says that another
    run had the history open already.
    """

    path: Path
    sqlite_version: str = sqlite3.sqlite_version
    is_new: bool = False
    migrated_from: int | None = None
    backup: Path | None = None
    damaged: Path | None = None
    newest_backup: Path | None = None
    interrupted: int = 0
    is_shared: bool = False
    must_rebuild_index: bool = field(default=False, repr=False)


@dataclass(slots=True)
class Database:
    """This run's writing connection, what keeps it apart from others', and what was met on the way.

    Whatever writes or check-points through `connection` does so within `writing`.
    """

    connection: sqlite3.Connection
    writing: WriteLock
    presence: Presence
    opening: Opening
    _seen_version: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        self.has_changed_elsewhere()

    def has_changed_elsewhere(self) -> bool:
        """Say whether another run has written since the last call, or since the opening."""
        # The version changes with the commits of other connections, and here this one alone writes.
        before = self._seen_version
        self._seen_version = int(self.connection.execute("PRAGMA data_version").fetchone()[0])
        return self._seen_version != before

    def close(self) -> None:
        """Close the connection, which empties the WAL into the file if no other run has it open."""
        try:
            # Where the lock does not come, another run lives, and SQLite then leaves the WAL to it.
            with contextlib.suppress(OSError):
                self.writing.acquire(_CLOSING_WAIT_S)
            self.connection.close()
        finally:
            self.writing.release()
            self.presence.leave()


def open_database(
    path: Path,
    backups: Path,
    migrations: Sequence[Migration] = MIGRATIONS,
    *,
    presence: Presence | None = None,
    tidy: Callable[[Database, frozenset[str]], None] = lambda _database, _others: None,
) -> Database:
    """Open the history for writing, create it if there is none.

    The first run to open it has it to itself meanwhile: a damaged file is renamed together with
    its WAL, never changed or deleted, and an empty history takes its place; an older one is
    migrated. `tidy` is called with the other runs that are alive before any more can come in.
    Raises AlreadyRunningError, NewerHistoryError, ForeignFileError, sqlite3.Error and OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    presence = presence or Presence(path)
    writing = WriteLock(locks_of(path))
    with presence.gate():
        presence.enter()
        try:
            others = presence.others()
            opening = Opening(path, is_shared=bool(others))
            if others:
                _check_shareable(path, migrations[-1].version)
            else:
                _inspect(path, backups, migrations[-1].version, opening)
            with writing:
                connection = _prepare(path, backups, migrations, opening)
            if not others:
                suspect_mark(path).unlink(missing_ok=True)
            database = Database(connection, writing, presence, opening)
        except BaseException:
            presence.leave()
            raise
        try:
            tidy(database, others)
        except BaseException:
            database.close()
            raise
    _LOG.info("History opened with SQLite %s, version %d", sqlite3.sqlite_version, migrations[-1].version)
    return database


def _check_shareable(path: Path, latest: int) -> None:
    """Raise AlreadyRunningError if the history would have to be migrated while others have it open."""
    if not path.exists():
        return
    with contextlib.closing(connect_reader(path)) as connection:
        found = _check_ownership(connection, latest)
    if 0 < found < latest:
        raise AlreadyRunningError(
            translate(
                "Store", "An older Weir is running with this history. Close it, then start this one again."
            )
        )


def _prepare(
    path: Path, backups: Path, migrations: Sequence[Migration], opening: Opening
) -> sqlite3.Connection:
    connection = connect_writer(path)
    try:
        found, opening.backup = migrate(
            connection, lambda version: back_up(connection, backups, f"history-v{version}"), migrations
        )
    except BaseException:
        connection.close()
        raise
    opening.is_new = found == 0
    opening.migrated_from = found if 0 < found < migrations[-1].version else None
    return connection


def connect_writer(path: Path) -> sqlite3.Connection:
    """Return a connection that begins no transaction by itself. The file is its owner's alone."""
    with contextlib.suppress(FileExistsError):
        # Only a new file: closing one that is in use would drop the locks that SQLite has on it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.suppress(OSError):
        path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
    connection.text_factory = _read_text
    install(connection)
    try:
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            _LOG.info("The history's folder allows no WAL; journal mode is %s", mode)
        for pragma in (
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "secure_delete = ON",
            f"journal_size_limit = {_JOURNAL_LIMIT_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that can't write and never check-points. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_MS / 1000, isolation_level=None
    )
    connection.text_factory = _read_text
    return connection


def _read_text(raw: bytes) -> str:
    """One byte gone wrong costs one character, not the conversation."""
    return raw.decode("utf-8", "replace")


def suspect_mark(path: Path) -> Path:
    """Return the file whose presence asks the next start to read the whole history through."""
    return path.with_name(path.name + ".suspect")


def _check_ownership(connection: sqlite3.Connection, latest: int) -> int:
    user_version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application_id = int(connection.execute("PRAGMA application_id").fetchone()[0])
    is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    check_version(user_version, application_id, is_empty, latest)
    return user_version


def _inspect(path: Path, backups: Path, latest: int, opening: Opening) -> None:
    """Look at the file without changing it; set it aside if it is damaged."""
    wal = path.with_name(path.name + "-wal")
    if not path.exists() or path.stat().st_size == 0:
        if wal.exists() and wal.stat().st_size > 0:
            # SQLite would delete a WAL whose file is gone; perhaps somebody can still use it.
            opening.damaged = _set_aside(path)
            opening.newest_backup = newest_backup(backups)
        return
    ended_badly = (wal.exists() and wal.stat().st_size > 0) or suspect_mark(path).exists()
    is_whole = ended_badly or path.stat().st_size <= _ALWAYS_CHECKED_BYTES
    try:
        with contextlib.closing(connect_reader(path)) as connection:
            _check_ownership(connection, latest)
            complaints = _complaints(connection) if is_whole else []
    except sqlite3.DatabaseError as problem:
        if not is_damage(problem):
            raise
        complaints = [str(problem)]
    opening.must_rebuild_index = any(_INDEX_COMPLAINT in complaint for complaint in complaints)
    complaints = [complaint for complaint in complaints if _INDEX_COMPLAINT not in complaint]
    if complaints:
        _LOG.warning("The history is damaged and is set aside: %s", complaints[0])
        opening.damaged = _set_aside(path)
        opening.newest_backup = newest_backup(backups)


def _complaints(connection: sqlite3.Connection) -> list[str]:
    rows = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
    return [row for row in rows if row != "ok"]


def _set_aside(path: Path, why: str = "damaged") -> Path:
    """Rename the file and its companions under one dated name and return the new name."""
    aside = _unused(path.with_name(f"{path.stem}-{why}-{_stamp()}{path.suffix}"))
    for ending in ("-wal", "-shm", ""):
        companion = path.with_name(path.name + ending)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + ending))
    return aside


def _stamp() -> str:
    return datetime.datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")


def _unused(path: Path) -> Path:
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def back_up(
    connection: sqlite3.Connection,
    backups: Path,
    name: str,
    *,
    pages: int = -1,
    after_step: Callable[[float], None] = lambda share: None,
) -> Path:
    """Copy the database as this connection sees it into `backups` and return the copy's name.

    `after_step` is called after every so many `pages`, by default once, with the share that is
    copied, from 0 to 1; what it raises ends the copying. The copy
    appears under its name only when it is whole. Raises sqlite3.Error and OSError.
    """
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = _unused(backups / f"{name}-{_stamp()}.db")
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_RDWR | os.O_CREAT, 0o600))
    try:
        with contextlib.closing(sqlite3.connect(partial, isolation_level=None)) as copy:

            def told(_status: int, left: int, whole: int) -> None:
                after_step(1.0 - left / whole if whole else 1.0)

            connection.backup(copy, pages=pages, progress=told)
            # A copy is one file: without this it would ask for a WAL beside it when it is read.
            copy.execute("PRAGMA journal_mode = DELETE")
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return target


def newest_backup(backups: Path) -> Path | None:
    """Return the newest copy that is undamaged, or None."""
    try:
        copies = sorted(backups.glob("*.db"), key=lambda copy: copy.stat().st_mtime_ns, reverse=True)
    except OSError:
        return None
    for copy in copies:
        try:
            with contextlib.closing(connect_reader(copy)) as connection:
                if not _complaints(connection):
                    return copy
        except sqlite3.Error:
            _LOG.info("The backup %s is damaged", copy.name)
    return None


def go_back_to(copy: Path, path: Path) -> Path | None:
    """Put a backup in the place of the history, which no Weir may have open.

    The history that was there is set aside under a dated name, which is returned; None if there
    was none. Raises AlreadyRunningError, sqlite3.Error and OSError; the history is then unchanged.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    presence = Presence(path)
    with presence.gate():
        if presence.others():
            raise AlreadyRunningError(
                translate("Store", "Weir is running with this history. Close it first, then try again.")
            )
        with contextlib.closing(connect_reader(copy)) as source:
            _check_ownership(source, MIGRATIONS[-1].version)
            fresh = back_up(source, path.parent, f"{path.stem}-restored")
        aside = _set_aside(path, "before-restore") if path.exists() else None
        fresh.replace(path)
    return aside
