"""What the shelf tells screen readers by itself. Their view of it is in `accessible_rows`."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtGui import QAccessible, QAccessibleEvent

from desktop.chat.shelf import Shelf
from desktop.ui import assist

if TYPE_CHECKING:
    from desktop.ui.shelf.accessible_rows import ShelfInterface
    from desktop.ui.shelf.view import ShelfView


def install() -> None:
    """Let Qt ask for the shelf's interface. Has to come before a shelf is first shown."""
    from desktop.ui.shelf.view import ShelfView

    assist.offer(ShelfView, _load)


def _load() -> assist.Maker:
    from desktop.ui.shelf.accessible_rows import ShelfInterface

    return ShelfInterface


def row_focused(view: "ShelfView", index: QModelIndex | QPersistentModelIndex) -> None:
    """Say that the keyboard is at a row."""
    found = _list_of(view) if view.hasFocus() and index.isValid() else None
    if found is not None:
        row = found.row(str(index.data(Shelf.Role.ID)))
        QAccessible.updateAccessibility(QAccessibleEvent(row, QAccessible.Event.Focus))


def rows_changed(view: "ShelfView") -> None:
    """Forget the rows that are gone."""
    found = _list_of(view)
    if found is not None:
        found.drop_parts(lambda key: view.shelf.row_of(key) < 0)


def _list_of(view: "ShelfView") -> "ShelfInterface | None":
    """Return the shelf's interface while anybody may want it."""
    if not QAccessible.isActive():
        return None
    from desktop.ui.shelf.accessible_rows import ShelfInterface

    found = QAccessible.queryAccessibleInterface(view)
    return found if isinstance(found, ShelfInterface) else None
