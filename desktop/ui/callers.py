"""Who calls at the door: over sockets where those are files, over Qt's named pipes on Windows."""

import contextlib
import logging
import os
import socket
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalSocket

_LOG = logging.getLogger(__name__)

_MOST_WAITING = 20


class Caller(QObject):
    """Another start of the program; `heard` is emitted when it has said something or left."""

    heard = Signal()

    def take(self, most: int) -> bytes | None:
        """Return what it has said since, at most so many bytes; None if it has left."""
        raise NotImplementedError

    def answer(self, line: bytes) -> None:
        """Say a short line."""
        raise NotImplementedError

    def hang_up(self) -> None:
        """End the connection."""
        raise NotImplementedError


class Door(QObject):
    """Listens at an address, open to this user alone; `came` carries each Caller."""

    came = Signal(object)

    def close(self) -> None:
        """Stop listening."""
        raise NotImplementedError


def open_door(address: str, parent: QObject) -> Door:
    """Listen where `desktop.base.bell.address` says; what a killed process left there is taken away.

    Where that fails nobody comes, which the log says: the window does without.
    """
    return SocketDoor(address, parent) if os.name == "posix" else PipeDoor(address, parent)


class SocketDoor(Door):
    """The system's own sockets, for which Qt's library of networks need not be loaded: 3 MB of memory."""

    def __init__(self, address: str, parent: QObject) -> None:
        super().__init__(parent)
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.setblocking(False)
        self._notifier: QSocketNotifier | None = None
        try:
            self._bind()
            # While nobody can connect yet.
            os.chmod(address, 0o600)  # noqa: PTH101
            self._socket.listen(_MOST_WAITING)
        except OSError as problem:
            _LOG.warning("no other start of Weir can be heard: %s", problem)
            self._socket.close()
            return
        self._notifier = QSocketNotifier(self._socket.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_connection)

    def _bind(self) -> None:
        try:
            self._socket.bind(self._address)
        except OSError:
            # The file of a killed process; whoever is alive would have answered `ring`.
            os.unlink(self._address)  # noqa: PTH108
            self._socket.bind(self._address)

    def _on_connection(self) -> None:
        with contextlib.suppress(OSError):
            caller, _ = self._socket.accept()
            self.came.emit(SocketCaller(caller, self))

    def close(self) -> None:
        if self._notifier is None:
            return
        self._notifier.setEnabled(False)
        self._notifier = None
        self._socket.close()
        with contextlib.suppress(OSError):
            os.unlink(self._address)  # noqa: PTH108


class SocketCaller(Caller):
    """One connection of a SocketDoor."""

    def __init__(self, connection: socket.socket, parent: QObject) -> None:
        super().__init__(parent)
        self._connection = connection
        connection.setblocking(False)
        self._notifier = QSocketNotifier(connection.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self.heard)

    def take(self, most: int) -> bytes | None:
        try:
            return self._connection.recv(most) or None
        except BlockingIOError:
            return b""
        except OSError:
            return None

    def answer(self, line: bytes) -> None:
        with contextlib.suppress(OSError):
            self._connection.send(line)

    def hang_up(self) -> None:
        self._notifier.setEnabled(False)
        self._connection.close()
        self.deleteLater()


class PipeDoor(Door):
    """Qt's local server, which is a named pipe on Windows."""

    def __init__(self, address: str, parent: QObject) -> None:
        from PySide6.QtNetwork import QLocalServer

        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        if not self._server.listen(address):
            QLocalServer.removeServer(address)
            if not self._server.listen(address):
                _LOG.warning("no other start of Weir can be heard: %s", self._server.errorString())

    def _on_connection(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            self.came.emit(PipeCaller(caller, self))

    def close(self) -> None:
        self._server.close()


class PipeCaller(Caller):
    """One connection of a PipeDoor."""

    def __init__(self, connection: "QLocalSocket", parent: QObject) -> None:
        super().__init__(parent)
        self._connection = connection
        connection.setParent(self)
        connection.readyRead.connect(self.heard)
        connection.disconnected.connect(self.heard)

    def take(self, most: int) -> bytes | None:
        said = bytes(self._connection.read(most).data())
        is_there = self._connection.state() == self._connection.LocalSocketState.ConnectedState
        return said if said or is_there else None

    def answer(self, line: bytes) -> None:
        self._connection.write(line)
        self._connection.flush()

    def hang_up(self) -> None:
        self._connection.disconnected.disconnect(self.heard)
        self._connection.disconnectFromServer()
        self.deleteLater()
