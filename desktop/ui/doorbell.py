"""Doorbell: a second start of the program hands over what it was asked for to the first one."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.base.bell import address, call
from desktop.domain.wish import MOST_BYTES, Wish, read_wish

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalSocket

_ANSWER_MS = 500
_TAKEN_MS = 3_000
_LISTEN_MS = 10_000
_MOST_CALLERS = 20


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

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        from PySide6.QtNetwork import QLocalServer

        super().__init__(parent)
        self._callers: dict[QLocalSocket, bytearray] = {}
        self._early: list[Wish] | None = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        if not self._server.listen(address(data)):
            # A socket file left by a killed process; whoever is alive would have answered `ring`.
            QLocalServer.removeServer(address(data))
            self._server.listen(address(data))

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
        self._server.close()
        for caller in tuple(self._callers):
            self._drop(caller)

    def _on_connection(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            if len(self._callers) >= _MOST_CALLERS:
                caller.abort()
                caller.deleteLater()
                continue
            self._callers[caller] = bytearray()
            caller.readyRead.connect(lambda caller=caller: self._on_ready(caller))
            caller.disconnected.connect(lambda caller=caller: self._drop(caller))
            QTimer.singleShot(_LISTEN_MS, caller, lambda caller=caller: self._drop(caller))
            self._on_ready(caller)

    def _on_ready(self, caller: "QLocalSocket") -> None:
        heard = self._callers.get(caller)
        if heard is None:
            return
        heard += caller.read(MOST_BYTES + 1 - len(heard)).data()
        line, found, _ = heard.partition(b"\n")
        if not found and len(heard) <= MOST_BYTES:
            return
        wish = read_wish(bytes(line)) if found else None
        if wish is not None:
            caller.write(b"ok\n")
            caller.flush()
        self._drop(caller)
        if wish is not None and self._early is not None:
            self._early.append(wish)
        elif wish is not None:
            self.wished.emit(wish)

    def _drop(self, caller: "QLocalSocket") -> None:
        if self._callers.pop(caller, None) is not None:
            caller.disconnectFromServer()
            caller.deleteLater()
