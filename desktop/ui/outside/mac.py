"""The application on macOS, where files that are opened come as events and not on the command line."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class MacApplication(QApplication):
    """Keeps files that are to be opened until somebody takes them by `hand_to`."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self._waiting: list[str] = []
        self._take: Callable[[str], object] | None = None

    def hand_to(self, take: Callable[[str], object]) -> None:
        """Have `take` called with the path of each file, those that came before first."""
        self._take = take
        waiting, self._waiting = self._waiting, []
        for file in waiting:
            take(file)

    def event(self, event: QEvent) -> bool:
        """Take a file that is to be opened."""
        if not isinstance(event, QFileOpenEvent) or not event.file():
            return super().event(event)
        if self._take is not None:
            self._take(event.file())
        else:
            self._waiting.append(event.file())
        return True
