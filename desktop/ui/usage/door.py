"""UsageDoor: opens the usage window, which is made when it is first wanted."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.ui.kept_place import keep_size
from desktop.ui.window import MainWindow

if TYPE_CHECKING:
    from desktop.chat.usage import UsageBook
    from desktop.ui.usage.window import UsageWindow


class UsageDoor(QObject):
    """Connects the window's action to the page; `make_book` makes what reads the history."""

    def __init__(self, window: MainWindow, make_book: "Callable[[], UsageBook]") -> None:
        super().__init__(window)
        self._window = window
        self._make_book = make_book
        self._page: UsageWindow | None = None
        window.usage_wanted.connect(self.open)
        window.closed.connect(self._on_closed)

    @property
    def page(self) -> "UsageWindow":
        """The usage window."""
        if self._page is None:
            from desktop.ui.usage.window import UsageWindow

            self._page = UsageWindow(self._window.page.theme, self._make_book(), self._window)
            keep_size(self._page, self._window.preferences, "usage")
        return self._page

    def open(self) -> None:
        """Show the page with what was used up to now."""
        self.page.open()

    def _on_closed(self) -> None:
        if self._page is not None:
            self._page.hide()
