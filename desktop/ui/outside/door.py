"""Outside: what the desktop around the windows does with Weir, put together."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.entries import Entries
from desktop.chat.shelf import Shelf
from desktop.domain.persona import Persona
from desktop.ui.manner import Manner
from desktop.ui.outside.wishes import Wishes
from desktop.ui.preferences import Preferences
from desktop.ui.theme import Theme
from desktop.ui.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.ui.quick.window import QuickWindow


@dataclass(frozen=True, slots=True)
class Inside:
    """What of the program the desktop around it has to do with."""

    desk: Desk
    shelf: Shelf
    endpoints: Endpoints
    personas: Entries[Persona]
    import_file: "Callable[[Path], None]"
    preferences: Preferences
    theme: Theme
    manner: Manner


class Outside(QObject):
    """Holds what does wishes; `close` takes everything off the screen at the program's end."""

    def __init__(self, inside: Inside, windows: Windows, parent: QObject) -> None:
        super().__init__(parent)
        self._inside = inside
        self.wishes = Wishes(windows, self._make_quick, inside.import_file, self)
        windows.stays = self.wishes.stays

    def close(self) -> None:
        """Take everything off the screen."""
        self.wishes.close()

    def _make_quick(self) -> "QuickWindow":
        from desktop.chat.quick import QuickQuestion
        from desktop.ui.quick.window import QuickWindow

        inside = self._inside
        question = QuickQuestion(inside.desk, inside.endpoints, inside.personas, inside.preferences, self)
        inside.personas.load()
        return QuickWindow(inside.theme, question, inside.desk, inside.endpoints, inside.manner)
