"""A window of another program that takes what is dropped on it: `python -m tests.support.drop_target X Y`.

It says "ready" when it is on screen, "over" when something is first dragged over it that it takes, and for
each drop, as JSON, the formats, the addresses, and what stands in the files that they name.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget


class Target(QWidget):
    """Accepts files."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._is_told = False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()
        if not self._is_told:
            self._is_told = True
            _say("over")

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        urls = event.mimeData().urls()
        texts = [Path(url.toLocalFile()).read_text(encoding="utf-8") for url in urls]
        _say([event.mimeData().formats(), [url.toString() for url in urls], texts])


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    application = QApplication(sys.argv[:1])
    target = Target()
    target.setGeometry(int(sys.argv[1]), int(sys.argv[2]), 300, 300)
    target.show()
    QTimer.singleShot(300, lambda: _say("ready"))
    sys.exit(application.exec())


if __name__ == "__main__":
    main()
