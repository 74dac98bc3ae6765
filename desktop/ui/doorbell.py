"""Doorbell: a second start of the program hands over what it was asked for to the first one."""

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.base.bell import address, call
from desktop.domain.wish import MOST_BYTES, Wish, read_wish
from desktop.ui.callers import Caller, Door, open_door

_ANSWER_MS = 500
_TAKEN_MS = 3_000
_LISTEN_MS = 10_000
_MOST_CALLERS = 20

OpenDoor = Callable[[str, QObject], Door]


def ring(data: Path, wish: Wish | None = None) -> bool:
    """Hand a wish over to the instance that uses this data folder; return whether there is one.

    Without a wish it shows its window. Raises ValueError for one that is too long.
    """
    line = (wish or Wish()).written()
    if os.name == "posix":
        return call(data, line)
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(address(data))
    if not socket.waitForConnected(_ANSWER_MS):
        return False
    socket.write(line)
    # It answers when it has read the line; before that the line must not be taken back.
    while socket.bytesToWrite() and socket.waitForBytesWritten(_TAKEN_MS):
        pass
    if not socket.bytesAvailable():
        socket.waitForReadyRead(_TAKEN_MS)
    socket.abort()
    return True


class Doorbell(QObject):
    """Listens for `ring`, open to this user alone; `wished` carries the Wish of each after `begin`.

    What is too long, no wish, or not said in time is ignored.
    """

    wished = Signal(object)

    def __init__(self, data: Path, parent: QObject | None = None, open_door: OpenDoor = open_door) -> None:
        super().__init__(parent)
        self._callers: dict[Caller, bytearray] = {}
        self._early: list[Wish] | None = []
        self._door = open_door(address(data), self)
        self._door.came.connect(self._on_came)

    def begin(self, do: Callable[[Wish], object]) -> None:
        """Have wishes done from now on, those that have come already first."""
        self.wished.connect(do)
        early, self._early = self._early or [], None
        for wish in early:
            self.wished.emit(wish)

    @property
    def callers(self) -> int:
        """How many are connected and have not said their wish yet."""
        return len(self._callers)

    def close(self) -> None:
        """Stop listening."""
        self._door.close()
        for caller in tuple(self._callers):
            self._drop(caller)

    def _on_came(self, caller: Caller) -> None:
        if len(self._callers) >= _MOST_CALLERS:
            caller.hang_up()
            return
        self._callers[caller] = bytearray()
        caller.heard.connect(lambda: self._on_heard(caller))
        QTimer.singleShot(_LISTEN_MS, caller, lambda: self._drop(caller))
        self._on_heard(caller)

    def _on_heard(self, caller: Caller) -> None:
        heard = self._callers.get(caller)
        if heard is None:
            return
        said = caller.take(MOST_BYTES + 1 - len(heard))
        if said is None:
            self._drop(caller)
            return
        heard += said
        line, found, _ = heard.partition(b"\n")
        if not found and len(heard) <= MOST_BYTES:
            return
        wish = read_wish(bytes(line)) if found else None
        if wish is not None:
            caller.answer(b"ok\n")
        self._drop(caller)
        if wish is not None and self._early is not None:
            self._early.append(wish)
        elif wish is not None:
            self.wished.emit(wish)

    def _drop(self, caller: Caller) -> None:
        if self._callers.pop(caller, None) is not None:
            caller.hang_up()
