"""DailyBackup: a copy of the history a day, made beside all other work, and the old ones cleared away."""

import contextlib
import datetime
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path

from desktop.store.database import Opening, back_up, connect_reader
from desktop.store.lock import FileLock, locks_of

_LOG = logging.getLogger(__name__)

# The window is up and has drawn its first page long before.
AFTER_OPENING_S = 5.0
_AGAIN_AFTER_S = 3_600.0
_PAGES_IN_A_STEP = 256
_PAUSE_S = 0.02

_NAME = "history-daily"
_DAYS = 7
_WEEKS = 4


class _ClosingError(Exception):
    """The program ends; the copy that was being made is dropped."""


class DailyBackup:
    """Copies the history into the folder of backups once a day, on a thread of its own.

    It reads one snapshot in small steps through its own connection: writers go on meanwhile, here
    and in other runs, of which one alone makes the copy. `tell` hears on its thread how far a copy is,
    from 0 to 1, and None when it has ended.
    """

    tell: Callable[[float | None], None] = staticmethod(lambda share: None)

    def __init__(
        self, path: Path, backups: Path, opened: "Future[Opening]", after_s: float = AFTER_OPENING_S
    ) -> None:
        self._path = path
        self._backups = backups
        self._opened = opened
        self._after_s = after_s
        self._closing = threading.Event()
        self._closed: Future[None] = Future()
        self._closed.set_running_or_notify_cancel()
        self._thread = threading.Thread(target=self._run, name="weir-backup", daemon=True)
        self._thread.start()

    def close(self) -> "Future[None]":
        """Drop a copy that is being made; the future is done once the thread is at its end."""
        self._closing.set()
        return self._closed

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end after `close`, at most `timeout` seconds; say whether it did."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            if self._opened.exception() is None:
                wait_s = self._after_s
                while not self._closing.wait(wait_s):
                    self._back_up_once()
                    wait_s = _AGAIN_AFTER_S
        finally:
            self._closed.set_result(None)

    def _back_up_once(self) -> None:
        try:
            lock = FileLock(locks_of(self._path) / "backup")
            if lock.try_acquire():
                try:
                    self._back_up_today()
                finally:
                    lock.release()
        except _ClosingError:
            pass
        except (sqlite3.Error, OSError) as problem:
            _LOG.info("No daily backup: %s", problem)

    def _back_up_today(self) -> None:
        today = datetime.datetime.now().astimezone().date()
        if today in _days(self._backups).values():
            return
        for partial in self._backups.glob(f"{_NAME}-*.partial*"):
            partial.unlink(missing_ok=True)
        with contextlib.closing(connect_reader(self._path)) as connection:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                # One snapshot, so that no commit makes the copying begin again. Without a WAL it
                # would hold up the writers.
                connection.execute("BEGIN")
            if connection.execute("SELECT 1 FROM conversation LIMIT 1").fetchone() is None:
                return
            try:
                copy = back_up(
                    connection, self._backups, _NAME, pages=_PAGES_IN_A_STEP, after_step=self._after_step
                )
            finally:
                self.tell(None)
        _LOG.info("Daily backup %s", copy.name)
        for old in outdated(_days(self._backups)):
            old.unlink(missing_ok=True)

    def _after_step(self, share: float) -> None:
        self.tell(share)
        if self._closing.wait(_PAUSE_S):
            raise _ClosingError


def _days(backups: Path) -> dict[Path, datetime.date]:
    """Return the daily copies in a folder and the days they are of; other files are none of ours."""
    found = {}
    for file in backups.glob(f"{_NAME}-*.db"):
        with contextlib.suppress(ValueError):
            found[file] = datetime.date.fromisoformat(file.name.removeprefix(f"{_NAME}-")[:10])
    return found


def outdated(days: dict[Path, datetime.date]) -> Iterable[Path]:
    """Return the copies to delete: all but those of the last seven days with one, and of the four
    weeks before them the first of each."""
    ordered = sorted(days, key=lambda file: (days[file], file.name))
    recent = set(sorted(set(days.values()))[-_DAYS:])
    weekly: dict[tuple[int, int], Path] = {}
    for file in ordered:
        if days[file] not in recent:
            weekly.setdefault(days[file].isocalendar()[:2], file)
    kept = {weekly[week] for week in sorted(weekly)[-_WEEKS:]}
    return [file for file in ordered if days[file] not in recent and file not in kept]
