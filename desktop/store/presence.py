"""Presence: which runs of Weir have a history open, told from those that died with it."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from desktop.base.tongue import translate
from desktop.domain.failure import AlreadyRunningError
from desktop.domain.identity import new_id
from desktop.store.lock import FileLock, locks_of

_LOG = logging.getLogger(__name__)

_PREFIX = "run-"


class Presence:
    """One run's lock on a file of its own, held as long as it has the history open.

    A run whose lock can be taken is dead. Runs come in, and are told to be dead, only behind one
    gate: whoever holds it and finds no other run has the history to itself until it opens the gate.
    """

    def __init__(self, path: Path) -> None:
        self.run = new_id()
        self._folder = locks_of(path)
        self._gate = FileLock(self._folder / "gate")
        self._own = FileLock(self._folder / (_PREFIX + self.run))

    @contextlib.contextmanager
    def gate(self) -> Iterator[None]:
        """Hold the gate. Raises AlreadyRunningError if another run holds it for too long, and OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._gate.acquire():
            raise AlreadyRunningError(
                translate("Store", "Another Weir is preparing the history. Wait for it, then try again.")
            )
        try:
            yield
        finally:
            self._gate.release()

    def enter(self) -> None:
        """Be among the runs that have the history open. To be called behind the gate. Raises OSError."""
        self._own.try_acquire()

    def leave(self) -> None:
        """Be no longer among them; to be called when the history is closed."""
        self._own.release()
        with contextlib.suppress(OSError):
            self._own_file.unlink()

    def others(self) -> frozenset[str]:
        """Return the other runs that are alive, and forget the dead. To be called behind the gate."""
        return frozenset(run for run in self._known() if not self._is_dead(run))

    def forget_dead(self) -> frozenset[str] | None:
        """Return the other runs that are alive if one died since the last call, else None.

        Cheap, and never waits: where the gate is held just now, None is the answer. Raises OSError.
        """
        before = self._known()
        if not before or not self._gate.try_acquire():
            return None
        try:
            alive = self.others()
        finally:
            self._gate.release()
        return alive if len(alive) < len(before) else None

    @property
    def _own_file(self) -> Path:
        return self._folder / (_PREFIX + self.run)

    def _known(self) -> list[str]:
        names = (file.name.removeprefix(_PREFIX) for file in self._folder.glob(_PREFIX + "*"))
        return [run for run in names if run != self.run]

    def _is_dead(self, run: str) -> bool:
        file = self._folder / (_PREFIX + run)
        lock = FileLock(file)
        if not lock.try_acquire():
            return False
        lock.release()
        with contextlib.suppress(OSError):
            file.unlink()
        return True
