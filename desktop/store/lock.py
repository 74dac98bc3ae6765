"""FileLock: one Weir at a time writes to a history."""

import errno
import logging
import os
import sys
from pathlib import Path

from desktop.domain.failure import AlreadyRunningError

_LOG = logging.getLogger(__name__)


class FileLock:
    """An advisory lock on a file beside the history, which the system drops when the process ends.

    SQLite before 3.51.3 can damage a WAL file that two connections check-point at the same instant
    (https://sqlite.org/wal.html), so there is one writing connection and one process that has it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises AlreadyRunningError if another holds it, OSError from the disk."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _lock(descriptor)
        except OSError as problem:
            if problem.errno not in {errno.EACCES, errno.EAGAIN, errno.EDEADLK}:
                # Some network file systems have no locks; a history there is better than none.
                _LOG.info("No lock on %s: %s", self._file.name, problem)
                self._descriptor = descriptor
                return
            os.close(descriptor)
            raise AlreadyRunningError(
                "Weir is already running with this history. Use its window, or close it first."
            ) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back. Does nothing without one."""
        if self._descriptor is not None:
            # The file stays: removing it would let two processes lock two files of one name.
            os.close(self._descriptor)
            self._descriptor = None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
