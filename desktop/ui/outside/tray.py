"""The icon among those of the system, for whoever wants one, with the way to the windows in its menu."""

from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from desktop.ui.outside.notices import weir_icon
from desktop.ui.preferences import TRAY, TRAY_KEEPS, Preferences

_AGAIN_MS = 2_000


class _Windows(Protocol):
    @property
    def all(self) -> "tuple[QWidget, ...]": ...


class Tray(QObject):
    """Shows the icon while it is wanted. Where the system has no place for icons it waits until there is one.

    `changed` follows the choice and whether there is a place. Without one nothing is kept running.
    """

    changed = Signal()
    show_wanted = Signal()
    quick_wanted = Signal()
    new_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, windows: _Windows, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._windows = windows
        self._preferences = preferences
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._has_place = False
        self._is_hiding = False
        # Panels come and go, and at the start of a session the panel may come after the program.
        self._watch = QTimer(self)
        self._watch.setInterval(_AGAIN_MS)
        self._watch.timeout.connect(self.look)
        if self.is_wanted:
            QTimer.singleShot(0, self, self._begin)

    @property
    def icon(self) -> QSystemTrayIcon | None:
        """The icon while it is wanted, or None."""
        return self._icon

    @property
    def is_wanted(self) -> bool:
        """Whether the user wants the icon."""
        return self._preferences.read(TRAY, "") == "yes"

    @property
    def wants_to_keep(self) -> bool:
        """Whether the user wants Weir to go on when the window is closed."""
        return self._preferences.read(TRAY_KEEPS, "") == "yes"

    @property
    def has_place(self) -> bool:
        """Whether the system shows such icons, as far as it was asked."""
        return self._has_place

    def keeps_running(self) -> bool:
        """Whether the program goes on without a window: only where the icon is there to bring one back."""
        if self._icon is None:
            return False
        self.look()
        return self._has_place and (self.wants_to_keep or self._is_hiding)

    def want(self, is_wanted: bool) -> None:
        """Show the icon from now on, or no longer."""
        self._preferences.write(TRAY, "yes" if is_wanted else "")
        if is_wanted:
            self._begin()
        else:
            self._end()
        self.changed.emit()

    def keep(self, keeps: bool) -> None:
        """Have Weir go on when the window is closed, or not."""
        self._preferences.write(TRAY_KEEPS, "yes" if keeps else "")
        self.changed.emit()

    def look(self) -> None:
        """Learn whether the system shows such icons now."""
        had, self._has_place = self._has_place, QSystemTrayIcon.isSystemTrayAvailable()
        if self._icon is not None and self._has_place and not self._icon.isVisible():
            self._icon.show()
        if had != self._has_place:
            self.changed.emit()

    def close(self) -> None:
        """Take the icon away, at the program's end."""
        self._end()

    def toggle(self) -> None:
        """Hide the windows if one of them is shown, bring them back if not."""
        shells = [window.window() for window in self._windows.all]
        if any(shell.isVisible() and not shell.isMinimized() for shell in shells):
            self._is_hiding = True
            for shell in shells:
                _hide_with_its_own(shell)
        else:
            self._is_hiding = False
            for shell in shells:
                shell.show()
            self.show_wanted.emit()

    def _begin(self) -> None:
        if self._icon is not None:
            return
        icon = self._icon = QSystemTrayIcon(weir_icon(), self)
        icon.setToolTip("Weir")
        icon.activated.connect(self._on_activated)
        self._menu = QMenu()
        for words, do in (
            (self.tr("Show or hide Weir"), self.toggle),
            (self.tr("Quick question"), self.quick_wanted.emit),
            (self.tr("New conversation"), self.new_wanted.emit),
            ("", None),
            (self.tr("Quit"), self.quit_wanted.emit),
        ):
            if do is None:
                self._menu.addSeparator()
            else:
                self._menu.addAction(words).triggered.connect(lambda _=False, do=do: do())
        icon.setContextMenu(self._menu)
        self._has_place = False
        self.look()
        icon.show()
        self._watch.start()

    def _end(self) -> None:
        self._watch.stop()
        icon, self._icon = self._icon, None
        menu, self._menu = self._menu, None
        if icon is not None:
            icon.hide()
            icon.deleteLater()
        if menu is not None:
            menu.deleteLater()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.toggle()
        elif reason is QSystemTrayIcon.ActivationReason.MiddleClick:
            self.quick_wanted.emit()


def _hide_with_its_own(shell: QWidget) -> None:
    """Hide a window, and those that belong to it, such as the settings."""
    for widget in QApplication.topLevelWidgets():
        parent = widget.parentWidget()
        if widget.isVisible() and parent is not None and parent.window() is shell:
            widget.hide()
    shell.hide()
