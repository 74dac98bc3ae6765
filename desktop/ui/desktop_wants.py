"""What the desktop wants of every program's look: less motion, more contrast, now and when it changes."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

_SERVICE = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.Settings"

MOTION, CONTRAST = "motion", "contrast"


def _is_zero(value: Any) -> bool:
    try:
        return float(value) == 0
    except (TypeError, ValueError):
        return False


# What the desktop's portal may be asked on Linux, and which answer asks for less motion or more contrast.
# The first of each are the documented keys of the Settings portal, the others are what GNOME and KDE had
# before them.
ASKED: tuple[tuple[str, str, str, Callable[[Any], bool]], ...] = (
    (MOTION, "org.freedesktop.appearance", "reduced-motion", lambda value: value == 1),
    (MOTION, "org.gnome.desktop.interface", "enable-animations", lambda value: value is False),
    (MOTION, "org.kde.kdeglobals.KDE", "AnimationDurationFactor", _is_zero),
    (CONTRAST, "org.freedesktop.appearance", "contrast", lambda value: value == 1),
    (CONTRAST, "org.gnome.desktop.a11y.interface", "high-contrast", lambda value: value is True),
)


class DesktopWants(QObject):
    """Asks the Settings portal (xdg-desktop-portal) and hears from it; `changed` follows what is new.

    Qt passes on contrast where its platform theme knows it, and motion nowhere on Linux.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wants: dict[tuple[str, str], bool] = {}
        self._calls: list[QObject] = []

    def wants(self, what: str) -> bool:
        """Whether any of the desktop's settings asks for MOTION to be reduced, or for CONTRAST."""
        return any(self._wants.get((group, key), False) for kind, group, key, _ in ASKED if kind == what)

    def ask(self) -> None:
        """Ask without waiting; the answers come later, or never."""
        bus = QDBusConnection.sessionBus()
        if self._calls or not bus.isConnected():
            return
        # What SLOT() makes: the code 1 before the signature. The stubs want bytes here, PySide6 refuses them.
        slot: Any = "1_on_changed(QDBusMessage)"
        bus.connect(_SERVICE, _PATH, _INTERFACE, "SettingChanged", self, slot)
        for _, group, key, _ in ASKED:
            message = QDBusMessage.createMethodCall(_SERVICE, _PATH, _INTERFACE, "Read")
            message.setArguments([group, key])
            watcher = QDBusPendingCallWatcher(bus.asyncCall(message), self)
            watcher.finished.connect(lambda done, group=group, key=key: self._on_answer(done, group, key))
            self._calls.append(watcher)

    def _on_answer(self, watcher: Any, group: str, key: str) -> None:
        found = [] if watcher.isError() else watcher.reply().arguments()
        if found:
            self._take(group, key, found[0])

    @Slot(QDBusMessage)
    def _on_changed(self, message: QDBusMessage) -> None:
        group, key, value = [*message.arguments(), None, None, None][:3]
        self._take(str(group), str(key), value)

    def _take(self, group: str, key: str, value: Any) -> None:
        while hasattr(value, "variant"):
            value = value.variant()
        asks = next((asks for _, its, name, asks in ASKED if (its, name) == (group, key)), None)
        if asks is not None and self._wants.get((group, key), False) != asks(value):
            self._wants[group, key] = asks(value)
            self.changed.emit()
