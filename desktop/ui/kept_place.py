"""Where a window stood and how large it was, kept for the next time it is shown."""

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QEvent, QObject, QRect, QSize, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.ui.preferences import Preferences

KEEP_AFTER_MS = 400

_TOLD = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowStateChange})
# So much of a window can be reached at least: enough of its frame to drag it by.
_REACHED = 120


def place_of(window: QWidget) -> str:
    """Return where a window stands, as text: place, size, screen, and whether it fills the screen."""
    return bytes(window.saveGeometry().toBase64().data()).decode()


def put_back(window: QWidget, kept: str) -> bool:
    """Give a window the place that `place_of` returned, as far as there are screens for it.

    Returns whether the text was one. On Wayland no window chooses its place: it has the size alone.
    """
    if not kept or not window.restoreGeometry(QByteArray.fromBase64(kept.encode("ascii", "ignore"))):
        return False
    if not window.isMaximized() and not window.isFullScreen():
        frame = window.geometry()
        window.setGeometry(within_screens(frame))
    return True


def within_screens(frame: QRect) -> QRect:
    """Return a window's place moved, and made smaller, so that it can be reached on a screen of now."""
    rooms = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if not rooms or any(_is_reached(frame, room) for room in rooms):
        return frame
    room = max(rooms, key=lambda each: _area(each.intersected(frame)))
    moved = QRect(frame)
    moved.setSize(frame.size().boundedTo(room.size()))
    moved.moveRight(min(moved.right(), room.right()))
    moved.moveBottom(min(moved.bottom(), room.bottom()))
    moved.moveLeft(max(moved.left(), room.left()))
    moved.moveTop(max(moved.top(), room.top()))
    return moved


def _is_reached(frame: QRect, room: QRect) -> bool:
    shared = room.intersected(frame)
    return (
        frame.width() <= room.width()
        and frame.height() <= room.height()
        and shared.width() >= min(_REACHED, frame.width())
        and shared.height() >= min(_REACHED, frame.height())
        and room.top() <= frame.top() < room.bottom()
    )


def _area(room: QRect) -> int:
    return max(0, room.width()) * max(0, room.height())


class KeptPlace(QObject):
    """Hands over where a window stands, within KEEP_AFTER_MS of its last change."""

    def __init__(self, window: QWidget, keep: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window = window
        self._keep = keep
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_AFTER_MS)
        self._timer.timeout.connect(self.keep)
        window.installEventFilter(self)

    @property
    def is_waiting(self) -> bool:
        """Whether the place has changed since it was handed over."""
        return self._timer.isActive()

    def keep(self) -> None:
        """Hand over the place now."""
        self._timer.stop()
        self._keep(place_of(self._window))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that the window was moved or sized."""
        if event.type() in _TOLD and self._window.isVisible():
            self._timer.start()
        return False


def keep_size(window: QWidget, preferences: Preferences, name: str) -> None:
    """Give a window beside the main ones the size it was left with, and keep it from now on.

    `name` is what the window goes by in the preferences. Where it comes up is decided when it is shown;
    see `come_forward`.
    """
    kept = preferences.read(f"window.{name}", "").partition("x")
    if kept[0].isdigit() and kept[2].isdigit():
        window.resize(QSize(int(kept[0]), int(kept[2])).boundedTo(window.screen().availableSize()))

    def keep(_place: str) -> None:
        if not window.isMaximized() and not window.isFullScreen():
            preferences.write(f"window.{name}", f"{window.width()}x{window.height()}")

    KeptPlace(window, keep)
