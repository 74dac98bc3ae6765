"""Where the program's other windows come up."""

from PySide6.QtWidgets import QWidget


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
