"""FileLock and WriteLock: what keeps the processes that share a history out of each other's way."""

import errno
import logging
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from desktop.base.tongue import translate
from desktop.domain.failure import StorageError

_LOG = logging.getLogger(__name__)

_LONGEST_WAIT_S = 30.0
_FIRST_PAUSE_S = 0.0005
_LAST_PAUSE_S = 0.01


def locks_of(path: Path) -> Path:
    """Return the folder with the locks of a history."""
    return path.with_name(path.name + ".locks")


class FileLock:
    """An advisory, exclusive lock on a file, which the system drops when the process ends.

    Two locks on one file exclude each other within a process too. The file stays when the lock is
    given back: removing it would let two processes lock two files of one name.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def try_acquire(self) -> bool:
        """Take the lock if it is free; say whether it was. Raises OSError from the disk."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _lock(descriptor)
        except OSError as problem:
            if problem.errno in {errno.EACCES, errno.EAGAIN, errno.EDEADLK}:
                os.close(descriptor)
                return False
            # Some network file systems have no locks; a history there is better than none.
            _LOG.info("No lock on %s: %s", self._file.name, problem)
        self._descriptor = descriptor
        return True

    def acquire(self, seconds: float = _LONGEST_WAIT_S) -> bool:
        """Wait at most `seconds` for the lock; say whether it came. Raises OSError from the disk."""
        deadline = time.monotonic() + seconds
        pause = _FIRST_PAUSE_S
        while not self.try_acquire():
            if time.monotonic() >= deadline:
                return False
            time.sleep(pause)
            pause = min(2 * pause, _LAST_PAUSE_S)
        return True

    def release(self) -> None:
        """Give the lock back. Does nothing without one."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class WriteLock:
    """Held around every transaction that writes and every check-point, by one process at a time.

    SQLite before 3.51.3 can damage a WAL file when two connections write or check-point at the
    same instant (https://sqlite.org/wal.html, "The WAL-Reset Bug"). A process that waits holds the
    place next in line, so that one which writes without a pause still lets the others in.
    """

    def __init__(self, folder: Path) -> None:
        self._next = FileLock(folder / "next")
        self._write = FileLock(folder / "write")

    def acquire(self, seconds: float = _LONGEST_WAIT_S) -> bool:
        """Wait at most `seconds` for the lock; say whether it came. Raises OSError from the disk."""
        deadline = time.monotonic() + seconds
        if not self._next.acquire(seconds):
            return False
        try:
            return self._write.acquire(deadline - time.monotonic())
        finally:
            self._next.release()

    def release(self) -> None:
        """Give the lock back. Does nothing without one."""
        self._write.release()

    def __enter__(self) -> Self:
        if not self.acquire():
            raise StorageError(
                translate(
                    "Store",
                    "Another Weir has been writing to the history for too long. Close it, then try again.",
                )
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
