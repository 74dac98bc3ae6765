"""Outside: what the desktop around the windows does with Weir, put together."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desktop.bus import SessionBus
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.entries import Entries
from desktop.chat.tasks import TaskOwner
from desktop.domain.persona import Persona
from desktop.domain.wish import Wish, WishKind
from desktop.ui.actions import Group
from desktop.ui.manner import Manner
from desktop.ui.outside import application
from desktop.ui.outside.notices import APP_ID, BusNotices, TrayNotices
from desktop.ui.outside.notifier import Notifier
from desktop.ui.outside.tray import Tray
from desktop.ui.outside.wishes import Wishes, use_token
from desktop.ui.preferences import Preferences
from desktop.ui.theme import Theme
from desktop.ui.window import MainWindow
from desktop.ui.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop.ui.quick.window import QuickWindow
    from desktop.ui.settings.window import SettingsWindow

_JOIN_AFTER_S = 0.4


@dataclass(frozen=True, slots=True)
class Inside:
    """What of the program the desktop around it has to do with."""

    desk: Desk
    endpoints: Endpoints
    personas: Entries[Persona]
    tasks: TaskOwner
    import_file: "Callable[[Path], None]"
    preferences: Preferences
    theme: Theme
    manner: Manner


class Outside(QObject):
    """Holds what does wishes, the icon among those of the system, and what tells of replies.

    `close` takes everything away at the program's end.
    """

    def __init__(self, inside: Inside, windows: Windows, parent: QObject) -> None:
        super().__init__(parent)
        self._inside = inside
        self.bus = SessionBus(APP_ID)
        self.bus.serve(application.PATH, application.INTERFACE, application.METHODS, self._on_call)
        self.wishes = Wishes(windows, self._make_quick, inside.import_file, self)
        self.tray = Tray(windows, inside.preferences, self)
        self.wishes.keeps_running = self.tray.keeps_running
        windows.stays = self.wishes.stays
        self.tray.show_wanted.connect(self.wishes.show_window)
        self.tray.quick_wanted.connect(lambda: self.wishes.do(Wish(WishKind.QUICK)))
        self.tray.new_wanted.connect(lambda: self.wishes.do(Wish(WishKind.NEW_CONVERSATION)))
        self.tray.quit_wanted.connect(windows.quit)
        self._shower = self._make_shower()
        turns = inside.desk.desks.turn_over
        self.notifier = Notifier(turns, self._shower, inside.preferences, self)
        self._windows = windows
        self._fitted: list[MainWindow] = []
        windows.changed.connect(self._fit_out)
        self._fit_out()
        if sys.platform == "darwin":
            self._take_files()

    async def join_bus(self) -> None:
        """Be known on the desktop's bus, from when the window is long on the screen."""
        await asyncio.sleep(_JOIN_AFTER_S)
        await self.bus.run()

    def _fit_out(self) -> None:
        """Let the windows that are there lead to the quick window, and to the page of the settings."""
        self._fitted = [window for window in self._fitted if window in self._windows.all]
        for window in self._windows.all:
            if window not in self._fitted and "quick" not in window.actions_:
                self._fitted.append(window)
                window.settings_made.connect(self._add_page)
                self._add_actions(window)

    def _add_actions(self, window: MainWindow) -> None:
        window.actions_.add(
            "quick",
            self.tr("Quick question"),
            lambda: self.wishes.do(Wish(WishKind.QUICK)),
            group=Group.CONVERSATION,
            also=self.tr("small window ask"),
        )
        window.actions_.add(
            "settings_desktop",
            self.tr("Settings: Desktop"),
            lambda: window.settings.show_page("desktop"),
            group=Group.PROGRAM,
            also=self.tr("notifications tray background quick question"),
        )
        window.actions_.refresh()

    def _add_page(self, settings: "SettingsWindow") -> None:
        inside = self._inside

        def make() -> "QWidget":
            from desktop.ui.settings.desktop import DesktopPage

            return DesktopPage(inside.theme, inside.preferences, self.tray, inside.endpoints, inside.personas)

        settings.add_page("desktop", self.tr("Desktop"), "bell", make, before="data")

    async def close(self) -> None:
        """Take everything off the screen."""
        self.tray.close()
        self.wishes.close()
        self.notifier.withdraw_all()
        if isinstance(self._shower, BusNotices):
            await self._shower.settle()

    def _make_shower(self) -> BusNotices | TrayNotices:
        beside_icon = TrayNotices(self)
        beside_icon.icon = lambda: self.tray.icon
        beside_icon.chosen.connect(self._on_notice)
        if not sys.platform.startswith("linux"):
            return beside_icon
        shower = BusNotices(self.bus, self._inside.tasks, self)
        shower.unshown.connect(beside_icon.show)
        shower.chosen.connect(self._on_notice)
        return shower

    def _take_files(self) -> None:
        from desktop.ui.outside.mac import MacApplication

        app = QApplication.instance()
        if isinstance(app, MacApplication):
            app.hand_to(lambda file: self.wishes.do(Wish(WishKind.OPEN, files=(file,))))

    def _on_notice(self, conversation_id: str, token: str) -> None:
        use_token(token)
        self.wishes.show_conversation(conversation_id)

    def _on_call(self, method: str, arguments: tuple[Any, ...]) -> None:
        wish = application.wish_of(method, arguments)
        if wish is not None:
            self.wishes.do(wish)

    def _make_quick(self) -> "QuickWindow":
        from desktop.chat.quick import QuickQuestion
        from desktop.ui.quick.window import QuickWindow

        inside = self._inside
        question = QuickQuestion(inside.desk, inside.endpoints, inside.personas, inside.preferences, self)
        inside.personas.load()
        return QuickWindow(inside.theme, question, inside.desk, inside.endpoints, inside.manner)
