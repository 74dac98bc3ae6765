"""How the window moves and what it keeps in view: the user's choice, and what the desktop says of motion."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QStyle

from desktop.ui import preferences as names
from desktop.ui.preferences import Preferences


def _is_zero(value: Any) -> bool:
    try:
        return float(value) == 0
    except (TypeError, ValueError):
        return False


# What the desktop's portal may be asked on Linux, and which answer asks for less motion. The first is the
# documented key of the Settings portal, the others are what GNOME and KDE had before it.
_ASKED: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
    ("org.freedesktop.appearance", "reduced-motion", lambda value: value == 1),
    ("org.gnome.desktop.interface", "enable-animations", lambda value: value is False),
    ("org.kde.kdeglobals.KDE", "AnimationDurationFactor", _is_zero),
)


class Manner(QObject):
    """Less motion or not, and where a growing reply is read; `changed` is emitted when either changes."""

    changed = Signal()

    def __init__(self, preferences: Preferences | None = None, parent: QObject | None = None) -> None:
        """Without `preferences` a choice lasts as long as this object."""
        super().__init__(parent)
        self._preferences = preferences
        self._motion = self._read(names.MOTION)
        self._keeps_start = self._read(names.KEEPS_START) == "yes"
        self._titles_by_model = self._read(names.TITLES) == "yes"
        self._desktop_reduces = False
        self._calls: list[QObject] = []

    def _read(self, name: str) -> str:
        return self._preferences.read(name, "") if self._preferences is not None else ""

    def _write(self, name: str, value: str) -> None:
        if self._preferences is not None:
            self._preferences.write(name, value)
        self.changed.emit()

    @property
    def motion(self) -> str:
        """The user's choice: "reduced", "full", or empty for what the desktop says."""
        return self._motion

    def choose_motion(self, motion: str) -> None:
        """Choose "reduced", "full", or an empty text for what the desktop says."""
        if motion != self._motion:
            self._motion = motion
            self._write(names.MOTION, motion)

    @property
    def titles_by_model(self) -> bool:
        """Whether the model may write titles."""
        return self._titles_by_model

    def let_model_title(self, is_allowed: bool) -> None:
        """Let the model write titles, or make them from the questions."""
        if is_allowed != self._titles_by_model:
            self._titles_by_model = is_allowed
            self._write(names.TITLES, "yes" if is_allowed else "")

    @property
    def is_reduced(self) -> bool:
        """Whether what could glide is to jump."""
        if self._motion:
            return self._motion == "reduced"
        style = QApplication.style() if isinstance(QApplication.instance(), QApplication) else None
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        return self._desktop_reduces or (style is not None and not style.styleHint(hint))

    @property
    def keeps_start(self) -> bool:
        """Whether a reply is followed only until its start has come to the top."""
        return self._keeps_start

    def keep_start(self, keeps_start: bool) -> None:
        """Choose whether a reply is followed only until its start has come to the top."""
        if keeps_start != self._keeps_start:
            self._keeps_start = keeps_start
            self._write(names.KEEPS_START, "yes" if keeps_start else "")

    def ask_desktop(self) -> None:
        """Ask the desktop whether it wants less motion; the answer comes later, or never.

        Qt does not pass this on under Linux; the Settings portal knows it (xdg-desktop-portal).
        """
        from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

        bus = QDBusConnection.sessionBus()
        if self._calls or not bus.isConnected():
            return
        for group, key, reduces in _ASKED:
            message = QDBusMessage.createMethodCall(
                "org.freedesktop.portal.Desktop",
                "/org/freedesktop/portal/desktop",
                "org.freedesktop.portal.Settings",
                "Read",
            )
            message.setArguments([group, key])
            watcher = QDBusPendingCallWatcher(bus.asyncCall(message), self)
            watcher.finished.connect(lambda done, reduces=reduces: self._on_answer(done, reduces))
            self._calls.append(watcher)

    def _on_answer(self, watcher: Any, reduces: Callable[[Any], bool]) -> None:
        if watcher.isError():
            return
        found = watcher.reply().arguments()
        value: Any = found[0] if found else None
        while hasattr(value, "variant"):
            value = value.variant()
        if reduces(value) and not self._desktop_reduces:
            self._desktop_reduces = True
            self.changed.emit()
