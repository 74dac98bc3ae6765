"""What the desktop shows of Weir while nobody looks at it: on the bus of Linux, else beside the tray icon.

Desktop Notifications Specification 1.3: https://specifications.freedesktop.org/notification-spec/latest/
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

from desktop.base.paths import resources
from desktop.bus import BusError, SessionBus
from desktop.chat.tasks import TaskOwner

_LOG = logging.getLogger(__name__)

APP_ID = "chat.weir.Weir"
_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"
_NORMAL = 1
_AS_THE_DESKTOP_LIKES = -1
_TRAY_MS = 10_000
_SETTLE_S = 1.0


def weir_icon() -> QIcon:
    """Return the program's icon."""
    return QIcon(str(resources() / "icons" / "weir.svg"))


def _marked_up(words: str) -> str:
    # Not before there is something to say: the module brings all names of HTML's signs.
    from html import escape

    return escape(words, quote=False)


class Shower(Protocol):
    """Shows notifications, one for each key."""

    def show(self, key: str, title: str, words: str) -> None:
        """Show one in the place of an earlier one with this key."""
        ...

    def withdraw(self, key: str) -> None:
        """Take one away, if it is still there."""
        ...


@dataclass(slots=True)
class _Shown:
    number: int = 0
    is_wanted: bool = True


class BusNotices(QObject):
    """Notifications by the desktop's own service.

    `chosen` carries the key of one that was clicked, and a token by which a window may come forward. Where
    there is no such service, `unshown` carries what was to be shown.
    """

    chosen = Signal(str, str)
    unshown = Signal(str, str, str)

    def __init__(self, bus: SessionBus, tasks: TaskOwner, parent: QObject) -> None:
        """To be made before the bus runs."""
        super().__init__(parent)
        self._bus = bus
        self._tasks = tasks
        self._shown: dict[str, _Shown] = {}
        self._tokens: dict[int, str] = {}
        self._has_markup: bool | None = None
        self._turn = asyncio.Lock()
        bus.listen(_PATH, _NAME, "ActionInvoked", self._on_action)
        bus.listen(_PATH, _NAME, "ActivationToken", self._on_token)
        bus.listen(_PATH, _NAME, "NotificationClosed", self._on_closed)

    def show(self, key: str, title: str, words: str) -> None:
        """Show one in the place of an earlier one with this key."""
        self._shown.setdefault(key, _Shown()).is_wanted = True
        if self._tasks.can_start:
            self._tasks.start(self._show(key, title, words))

    def withdraw(self, key: str) -> None:
        """Take one away, if it is still there."""
        shown = self._shown.get(key)
        if shown is not None and shown.is_wanted:
            shown.is_wanted = False
            if self._tasks.can_start:
                self._tasks.start(self._withdraw(key))

    async def settle(self) -> None:
        """Wait a moment until what was asked for is done, at the program's end."""
        # What was started just now takes its turn first.
        await asyncio.sleep(0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_S), self._turn:
                pass

    async def _show(self, key: str, title: str, words: str) -> None:
        # In turn, so that the number of the one before is known.
        async with self._turn:
            if not self._is_wanted(key):
                return
            shown = self._shown[key]
            try:
                if self._has_markup is None:
                    (able,) = await self._bus.call(_NAME, _PATH, _NAME, "GetCapabilities")
                    self._has_markup = "body-markup" in able
                body = _marked_up(words) if self._has_markup else words
                (number,) = await self._bus.call(
                    _NAME, _PATH, _NAME, "Notify", "susssasa{sv}i", self._notice(shown.number, title, body)
                )
            except (BusError, ValueError) as problem:
                _LOG.info("no notification was shown: %s", problem)
                self._shown.pop(key, None)
                self.unshown.emit(key, title, words)
                return
            shown.number = number
        if not self._is_wanted(key):
            # The user came while it was on its way.
            await self._withdraw(key)

    def _notice(self, replaced: int, title: str, body: str) -> tuple[object, ...]:
        has_icon = QIcon.hasThemeIcon(APP_ID)
        picture = (
            APP_ID if has_icon else QUrl.fromLocalFile(str(resources() / "icons" / "weir.svg")).toString()
        )
        actions = ["default", self.tr("Open")]
        hints = {
            "desktop-entry": ("s", APP_ID),
            "category": ("s", "im.received"),
            "urgency": ("y", _NORMAL),
        }
        return ("Weir", replaced, picture, title, body, actions, hints, _AS_THE_DESKTOP_LIKES)

    async def _withdraw(self, key: str) -> None:
        async with self._turn:
            shown = self._shown.get(key)
            if shown is None or shown.is_wanted:
                return
            self._shown.pop(key, None)
            if not shown.number:
                return
            try:
                await self._bus.call(_NAME, _PATH, _NAME, "CloseNotification", "u", (shown.number,))
            except BusError as problem:
                _LOG.info("a notification was not taken away: %s", problem)

    def _is_wanted(self, key: str) -> bool:
        return key in self._shown and self._shown[key].is_wanted

    def _key_of(self, number: object) -> str:
        return next((key for key, shown in self._shown.items() if shown.number == number), "")

    def _on_token(self, number: int, token: str) -> None:
        if self._key_of(number):
            self._tokens[number] = token

    def _on_action(self, number: int, _action: str) -> None:
        key = self._key_of(number)
        if key:
            self.chosen.emit(key, self._tokens.pop(number, ""))

    def _on_closed(self, number: int, _reason: int) -> None:
        key = self._key_of(number)
        self._tokens.pop(number, None)
        if key:
            self._shown.pop(key, None)


class TrayNotices(QObject):
    """Notifications beside an icon among those of the system; `chosen` is that of `BusNotices`."""

    chosen = Signal(str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.icon: Callable[[], QSystemTrayIcon | None] = lambda: None
        """Returns the icon that is there anyway, or None: one is shown with each notification then."""
        self._used: QSystemTrayIcon | None = None
        self._key = ""

    def show(self, key: str, title: str, words: str) -> None:
        """Show one in the place of any earlier one: there is one at a time."""
        self._end()
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        self._key = key
        icon = self._used = self.icon() or QSystemTrayIcon(weir_icon(), self)
        icon.messageClicked.connect(self._on_clicked)
        icon.show()
        icon.showMessage(title, words, icon.icon(), _TRAY_MS)

    def withdraw(self, key: str) -> None:
        """Take one away, if it is still there."""
        if key == self._key:
            self._end()

    def _end(self) -> None:
        self._key = ""
        used, self._used = self._used, None
        if used is not None:
            used.messageClicked.disconnect(self._on_clicked)
            if used is not self.icon():
                used.hide()
                used.deleteLater()

    def _on_clicked(self) -> None:
        key = self._key
        self._end()
        if key:
            self.chosen.emit(key, "")
