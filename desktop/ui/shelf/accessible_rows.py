"""The shelf for screen readers: a list of conversations, of which several can be chosen."""

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QCoreApplication, QItemSelectionModel
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QLineEdit

from desktop.chat.shelf import Shelf
from desktop.ui.access import Deed
from desktop.ui.access_list import ChosenRows, ListInterface, RowInterface
from desktop.ui.wording import parts

if TYPE_CHECKING:
    from desktop.ui.shelf.view import ShelfView

_Flag = QItemSelectionModel.SelectionFlag


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("ShelfRow", text, comment, n)


class ShelfInterface(ListInterface):
    """The list of conversations. Its rows are known by the conversations' ids."""

    def __init__(self, view: "ShelfView") -> None:
        super().__init__(view)
        self._selection = ChosenConversations(self)

    @property
    def view(self) -> "ShelfView":
        """The shelf's list."""
        return cast("ShelfView", super().view)

    def row_of(self, key: Any) -> int:
        """Return where a conversation stands, or -1."""
        return self.view.shelf.row_of(str(key))

    def _key_of(self, row: int) -> Any:
        return str(self.index(row).data(Shelf.Role.ID))

    def _make_row(self, key: Any) -> RowInterface:
        return ConversationInterface(self, key)

    def _others(self) -> list[Any]:
        """Return the field in which a title is changed in place, while there is one."""
        widget = self.view.viewport().findChild(QLineEdit)
        return [widget] if isinstance(widget, QLineEdit) else []


class ChosenConversations(ChosenRows):
    """Which conversations are chosen."""

    def _change(self, child: QAccessibleInterface, flag: QItemSelectionModel.SelectionFlag) -> bool:
        index = self._rows.index(self._rows.indexOfChild(child))
        if index.isValid():
            self._rows.view.selectionModel().setCurrentIndex(index, flag)
        return index.isValid()

    def select(self, child: QAccessibleInterface) -> bool:
        """Choose a row beside the others."""
        return self._change(child, _Flag.Select)

    def unselect(self, child: QAccessibleInterface) -> bool:
        """Choose a row no longer."""
        return self._change(child, _Flag.Deselect)

    def selectAll(self) -> bool:
        """Choose all."""
        self._rows.view.selectAll()
        return True


class ConversationInterface(RowInterface):
    """A conversation's row."""

    def __init__(self, shelf: ShelfInterface, conversation_id: str) -> None:
        super().__init__(shelf, conversation_id)
        self._shelf = shelf

    def text(self, kind: QAccessible.Text) -> str:
        """Return title and mark as the name, the group as the description."""
        index, view = self._index, self._shelf.view
        if kind is not QAccessible.Text.Description or not index.isValid():
            return super().text(kind)
        open_now = tr("on screen") if self.key == view.current_id else ""
        return parts(view.group_words(str(index.data(Shelf.Role.GROUP))), open_now)

    def state(self) -> QAccessible.State:
        """Return beyond what any row tells that others can be chosen too, and whether a reply comes."""
        state = super().state()
        state.extSelectable = state.multiSelectable = True
        state.busy = bool(self._index.data(Shelf.Role.STREAMING))
        return state

    def _offered(self) -> list[Deed]:
        view = self._shelf.view
        return [
            Deed("Press", tr("Open"), lambda: view.open_row(self.row)),
            Deed("SetFocus", tr("Go to this row"), self._take_focus),
            Deed("ShowMenu", tr("More actions"), self._open_menu),
        ]

    def _open_menu(self) -> None:
        if self.isValid():
            self._shelf.view.menu_of(self._index).popup(self.rect().center())
