"""Where the program's other windows come up."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_AGAIN_MS = 60


def come_forward(window: QWidget) -> None:
    """Show a window before the others; over the middle of the one it belongs to when it is shown first.

    The second holds where the system lets a window choose its place.
    """
    parent = window.parentWidget()
    if parent is not None and not window.property("wasShown"):
        window.setProperty("wasShown", True)
        frame = window.geometry()
        frame.moveCenter(parent.window().geometry().center())
        room = parent.window().screen().availableGeometry()
        frame.moveRight(min(frame.right(), room.right()))
        frame.moveBottom(min(frame.bottom(), room.bottom()))
        frame.moveLeft(max(frame.left(), room.left()))
        frame.moveTop(max(frame.top(), room.top()))
        window.setGeometry(frame)
    window.show()
    window.raise_()
    window.activateWindow()


def insist(window: QWidget) -> None:
    """Bring a window forward that the user has just asked for in another way than in the program.

    Qt asks X11's window manager with the time of the last key or click in the program, and most window
    managers ignore what is older than the user's last one elsewhere. A change of the title brings the
    screen's present time, and with that it is asked for again.
    """
    if QGuiApplication.platformName() != "xcb":
        return
    title = window.windowTitle()
    window.setWindowTitle(f"{title} ")
    window.setWindowTitle(title)
    QTimer.singleShot(_AGAIN_MS, window, window.activateWindow)
