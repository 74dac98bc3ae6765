"""Doorbell: a second start of the program shows the first one's window."""

import hashlib
import os
from pathlib import Path

from PySide6.QtCore import QDir, QObject, Signal

_ANSWER_MS = 500


def _name(data: Path) -> str:
    return "weir-" + hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:24]


def ring(data: Path) -> bool:
    """Ask the instance that uses this data folder to show its window; return whether one answered."""
    # Where local sockets are files, no file means nobody, and the first frame need not wait for QtNetwork.
    if os.name == "posix" and not Path(QDir.tempPath(), _name(data)).exists():
        return False
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(_name(data))
    answered = socket.waitForConnected(_ANSWER_MS)
    socket.abort()
    return answered


class Doorbell(QObject):
    """Listens for `ring`, open to this user alone; emits `rung` for each."""

    rung = Signal()

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        from PySide6.QtNetwork import QLocalServer

        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        if not self._server.listen(_name(data)):
            # A socket file left by a killed process; whoever is alive would have answered `ring`.
            QLocalServer.removeServer(_name(data))
            self._server.listen(_name(data))

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.abort()
            self.rung.emit()
