"""The shelf for screen readers: a list of conversations. Qt knows only lists of its own."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleSelectionInterface
from PySide6.QtWidgets import QAccessibleWidget, QLineEdit

from desktop.chat.shelf import Shelf
from desktop.ui.access import NOTHING, Deed, Deeds, Is, Parent, Part
from desktop.ui.wording import parts

if TYPE_CHECKING:
    from desktop.ui.shelf.view import ShelfView


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("ShelfRow", text, comment, n)


class ShelfInterface(Parent, QAccessibleWidget):
    """The list of conversations. Its parts are known by the conversations' ids."""

    def __init__(self, view: "ShelfView") -> None:
        QAccessibleWidget.__init__(self, view, QAccessible.Role.List, view.accessibleName())
        Parent.__init__(self)
        self.view = view
        self._selection = ChosenRows(self)

    def _editor(self) -> QAccessibleInterface | None:
        """Return the field in which a title is changed in place, while there is one."""
        widget = self.view.viewport().findChild(QLineEdit)
        return QAccessible.queryAccessibleInterface(widget) if isinstance(widget, QLineEdit) else None

    def childCount(self) -> int:
        """Return how many rows there are, and the field of a title."""
        return self.view.shelf.rowCount() + (self._editor() is not None)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return a row's interface."""
        shelf = self.view.shelf
        if index == shelf.rowCount():
            return self._editor()
        if not 0 <= index < shelf.rowCount():
            return None
        return self.row(str(shelf.index(index).data(Shelf.Role.ID)))

    def row(self, conversation_id: str) -> "RowInterface":
        """Return the interface of a conversation's row."""
        made = self.part(conversation_id, lambda: RowInterface(self, conversation_id))
        assert isinstance(made, RowInterface)  # noqa: S101 (for the type checker)
        return made

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the place of a row, or -1."""
        if isinstance(child, RowInterface):
            return self.view.shelf.row_of(child.conversation_id)
        editor = self._editor()
        return self.view.shelf.rowCount() if editor is not None and child.object() is editor.object() else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return the row at a point of the screen."""
        index = self.view.indexAt(self.view.viewport().mapFromGlobal(QPoint(x, y)))
        return self.child(index.row()) if index.isValid() else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return the row that the keyboard is at."""
        index = self.view.currentIndex()
        return self.child(index.row()) if self.view.hasFocus() and index.isValid() else None

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return what is chosen in it."""
        return self._selection if kind is Is.SelectionInterface else NOTHING


class ChosenRows(QAccessibleSelectionInterface):
    """Which rows are chosen."""

    def __init__(self, shelf: ShelfInterface) -> None:
        super().__init__()
        self._shelf = shelf

    def _chosen(self) -> list[int]:
        return sorted(index.row() for index in self._shelf.view.selectionModel().selectedIndexes())

    def selectedItemCount(self) -> int:
        """Return how many rows are chosen."""
        return len(self._chosen())

    def selectedItems(self) -> list[QAccessibleInterface]:
        """Return them in the list's order."""
        return [row for number in self._chosen() if (row := self._shelf.child(number)) is not None]

    def selectedItem(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return one of them."""
        chosen = self._chosen()
        return self._shelf.child(chosen[index]) if 0 <= index < len(chosen) else None

    def isSelected(self, child: QAccessibleInterface) -> bool:
        """Return whether a row is chosen."""
        return self._shelf.indexOfChild(child) in self._chosen()

    def _change(self, child: QAccessibleInterface, flag: QItemSelectionModel.SelectionFlag) -> bool:
        view = self._shelf.view
        index = view.shelf.index(self._shelf.indexOfChild(child))
        if index.isValid():
            view.selectionModel().setCurrentIndex(index, flag)
        return index.isValid()

    def select(self, child: QAccessibleInterface) -> bool:
        """Choose a row beside the others."""
        return self._change(child, QItemSelectionModel.SelectionFlag.Select)

    def unselect(self, child: QAccessibleInterface) -> bool:
        """Choose a row no longer."""
        return self._change(child, QItemSelectionModel.SelectionFlag.Deselect)

    def selectAll(self) -> bool:
        """Choose all."""
        self._shelf.view.selectAll()
        return True

    def clear(self) -> bool:
        """Choose none."""
        self._shelf.view.clearSelection()
        return True


class RowInterface(Part):
    """A conversation's row."""

    def __init__(self, shelf: ShelfInterface, conversation_id: str) -> None:
        super().__init__()
        self._shelf = shelf
        self.conversation_id = conversation_id
        self._deeds = Deeds(self._offered)

    @property
    def _index(self) -> QModelIndex:
        model = self._shelf.view.shelf
        row = model.row_of(self.conversation_id)
        return model.index(row) if row >= 0 else QModelIndex()

    def isValid(self) -> bool:
        """Whether the conversation is in the list."""
        return self._index.isValid()

    def parent(self) -> QAccessibleInterface:
        """Return the list."""
        return self._shelf

    def role(self) -> QAccessible.Role:
        """Return what it is."""
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        """Return title and mark as the name, the group as the description."""
        index, view = self._index, self._shelf.view
        if not index.isValid():
            return ""
        if kind == QAccessible.Text.Name:
            return str(index.data(Qt.ItemDataRole.AccessibleTextRole))
        if kind == QAccessible.Text.Description:
            open_now = tr("on screen") if self.conversation_id == view.current_id else ""
            return parts(view.group_words(str(index.data(Shelf.Role.GROUP))), open_now)
        return ""

    def state(self) -> QAccessible.State:
        """Return whether it is chosen, has the keyboard, has a reply that comes, and is in sight."""
        state, view, index = QAccessible.State(), self._shelf.view, self._index
        state.selectable = state.focusable = state.extSelectable = state.multiSelectable = True
        if not index.isValid():
            state.invalid = True
            return state
        state.selected = view.selectionModel().isSelected(index)
        state.focused = view.hasFocus() and view.currentIndex() == index
        state.busy = bool(index.data(Shelf.Role.STREAMING))
        state.offscreen = not view.viewport().rect().intersects(view.visualRect(index))
        return state

    def rect(self) -> QRect:
        """Return where it is on the screen."""
        view = self._shelf.view
        rect = view.visualRect(self._index)
        return QRect(view.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return what can be done with it."""
        return self._deeds if kind is Is.ActionInterface else NOTHING

    def _offered(self) -> list[Deed]:
        view = self._shelf.view
        return [
            Deed("Press", tr("Open"), lambda: view.open_row(self._index.row())),
            Deed("SetFocus", tr("Go to this row"), self._take_focus),
            Deed("ShowMenu", tr("More actions"), self._open_menu),
        ]

    def _take_focus(self) -> None:
        if self.isValid():
            self._shelf.view.setFocus()
            self._shelf.view.setCurrentIndex(self._index)

    def _open_menu(self) -> None:
        if self.isValid():
            self._shelf.view.menu_of(self._index).popup(self.rect().center())
