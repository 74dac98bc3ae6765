"""The program's windows over the real parts in this process, as `desktop.app` puts them together."""

from pathlib import Path

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.app import Core, build_core
from desktop.base.paths import user_paths
from desktop.beside import window_maker
from desktop.domain.recording import Recorder
from desktop.doors import help_writing, open_doors
from desktop.ui.kept_place import KeptPlace
from desktop.ui.preferences import Preferences
from desktop.ui.shell import Shell
from desktop.ui.theme import Theme
from desktop.ui.window import MainWindow
from desktop.ui.windows import Windows
from tests.support.chatting import until


class House:
    """The program's windows over the real parts in this process."""

    def __init__(self, data: Path, kept: dict[str, str]) -> None:
        self.core: Core = build_core(user_paths(data), recorder=Recorder())
        self.core.paths.create()
        self.kept = kept
        self.ended = False
        theme = Theme()
        preferences = Preferences(kept.get, kept.__setitem__)
        self.shell = Shell(theme, preferences)
        core = self.core
        self.first = MainWindow(core.desk, core.shelf, core.endpoints, theme, preferences, (), self.shell)
        self.windows = Windows(self.first, preferences, window_maker(core, theme, ()), self.first)
        self.windows.last_closed.connect(lambda: setattr(self, "ended", True))
        self.shell.close_requested.connect(self.first.leave)
        self.shell.fill(self.first)
        open_doors(core, self.first)
        self.writing = help_writing(core, self.first, theme, preferences)
        if not kept.get("window.geometry"):
            self.shell.resize(900, 700)
        self.shell.show()

    async def open(self) -> None:
        """Read what the program reads at its start."""
        self.core.endpoints.load()
        self.core.shelf.load()
        await until(lambda: self.core.endpoints.is_ready)
        if last := self.kept.get("conversation"):
            self.core.desk.restore(last)
        self.windows.restore()

    def places(self) -> list[KeptPlace]:
        """Return what keeps the places of the open windows."""
        shells = [window.window() for window in self.windows.all]
        return [kept for shell in shells for kept in shell.findChildren(KeptPlace)]

    async def close(self) -> None:
        """End the program as `desktop.app` does."""
        self.writing.close()
        self.windows.close()
        self.shell.hide()
        await self.core.close()
        self.windows.delete()
        shiboken6.delete(self.shell)


def write(window: MainWindow, text: str) -> None:
    """Type a prompt and send it."""
    QTest.keyClicks(window.page.composer.edit, text)
    QTest.keyClick(window.page.composer.edit, Qt.Key.Key_Return)
