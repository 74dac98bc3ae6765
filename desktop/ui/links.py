"""Links of a reply, opened outside."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_OPENED = frozenset({"http", "https", "mailto"})


def open_link(address: str) -> None:
    """Open a web or mail address with the program that is for it; any other address is left alone."""
    target = QUrl(address, QUrl.ParsingMode.StrictMode)
    if target.isValid() and target.scheme().lower() in _OPENED:
        QDesktopServices.openUrl(target)
