"""ShelfPlace: where the shelf stands in the window, beside the page or over it."""

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QFrame, QStyle, QWidget

from desktop.ui import preferences as names
from desktop.ui.preferences import Preferences
from desktop.ui.shelf.edge import Scrim, ShelfHandle
from desktop.ui.shell import is_narrow, kept_shelf_width, shelf_beside
from desktop.ui.theme import Theme

_LEAST_SHELF = 200
_MOST_SHELF = 480
_FOLD_BELOW = 130
_HANDLE = 7


class ShelfPlace(QObject):
    """Gives the page and the shelf their places, and keeps how wide the shelf is and whether it is away.

    In a window that has room for both they stand beside each other. In a narrow one the shelf comes
    over the page, which is dimmed below it. `changed` follows when the user dragged the shelf's edge,
    `pressed` when the dimmed page was pressed; `chosen` carries the name and the value of a preference
    that is to be kept.
    """

    changed = Signal()
    pressed = Signal()
    chosen = Signal(str, str)

    def __init__(
        self, theme: Theme, preferences: Preferences, owner: QWidget, page: QWidget, shelf: QWidget
    ) -> None:
        """`page` is a child of `owner`; `shelf` becomes one, above it."""
        super().__init__(owner)
        self._theme = theme
        self._owner = owner
        self._page = page
        self._is_hidden = preferences.read(names.SHELF_HIDDEN, "") == "yes"
        self._width = kept_shelf_width(preferences)
        self.is_over = False
        self.scrim = Scrim(theme, owner)
        self.scrim.hide()
        self._shelf = shelf
        shelf.setParent(owner)
        self._edge = QFrame(owner)
        self._edge.setProperty("kind", "line")
        self.handle = ShelfHandle(owner)
        self.scrim.pressed.connect(self.pressed)
        self.handle.dragged.connect(self._on_dragged)
        self.handle.dropped.connect(self._on_dropped)

    @property
    def is_narrow(self) -> bool:
        """Whether the window has no room for the shelf beside the page."""
        return is_narrow(self._theme, self._owner.width())

    @property
    def is_beside(self) -> bool:
        """Whether the shelf is shown beside the page."""
        return not self.is_narrow and not self._is_hidden

    def toggle(self) -> None:
        """Show the shelf or put it away; `arrange` follows."""
        if self.is_narrow:
            self.is_over = not self.is_over
        else:
            self._is_hidden = not self._is_hidden
            self.chosen.emit(names.SHELF_HIDDEN, "yes" if self._is_hidden else "")

    def arrange(self) -> None:
        """Give everything its place in the window's size."""
        owner = self._owner
        width, height, narrow = owner.width(), owner.height(), self.is_narrow
        if not narrow:
            self.is_over = False
        is_shown = self.is_over or self.is_beside
        shelf = (
            min(self._theme.px(self._width), width - 60)
            if narrow
            else shelf_beside(self._theme, self._width, width)
        )
        taken = shelf if self.is_beside else 0
        self._shelf.setVisible(is_shown)
        self._edge.setVisible(is_shown)
        self.handle.setVisible(self.is_beside)
        self.scrim.setVisible(self.is_over)
        for part, box in (
            (self._page, QRect(taken, 0, width - taken, height)),
            (self._shelf, QRect(0, 0, shelf - 1, height)),
            (self._edge, QRect(shelf - 1, 0, 1, height)),
            (self.handle, QRect(shelf - _HANDLE // 2 - 1, 0, _HANDLE, height)),
        ):
            # The shelf stands where reading begins.
            part.setGeometry(QStyle.visualRect(owner.layoutDirection(), owner.rect(), box))
        self.scrim.setGeometry(0, 0, width, height)

    def _on_dragged(self, x: int) -> None:
        x = x if self._owner.isLeftToRight() else self._owner.width() - x
        if x < self._theme.px(_FOLD_BELOW):
            self._is_hidden = True
        else:
            self._is_hidden = False
            self._width = min(_MOST_SHELF, max(_LEAST_SHELF, round(x / self._theme.zoom)))
        self.changed.emit()

    def _on_dropped(self) -> None:
        self.chosen.emit(names.SHELF_WIDTH, str(self._width))
        self.chosen.emit(names.SHELF_HIDDEN, "yes" if self._is_hidden else "")
