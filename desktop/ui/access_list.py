"""Lists for screen readers: rows that can be opened and chosen, where Qt's own can only be marked."""

from typing import Any, cast

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleSelectionInterface
from PySide6.QtWidgets import QAbstractItemView, QAccessibleWidget, QWidget

from desktop.ui.access import NOTHING, Deed, Deeds, Is, Parent, Part

_Flag = Qt.ItemFlag


class ListInterface(Parent, QAccessibleWidget):
    """A list. Its rows are known by keys: by their numbers, where nothing better is known of them."""

    def __init__(self, view: QAbstractItemView) -> None:
        QAccessibleWidget.__init__(self, view, QAccessible.Role.List)
        Parent.__init__(self)
        self._selection = ChosenRows(self)

    @property
    def view(self) -> QAbstractItemView:
        """The list. It is not kept here: an interface must not keep alive what nobody else wants."""
        return cast(QAbstractItemView, self.object())

    def row(self, key: Any) -> "RowInterface":
        """Return the interface of the row with a key."""
        made = self.part(key, lambda: self._make_row(key))
        assert isinstance(made, RowInterface)  # noqa: S101 (for the type checker)
        return made

    def row_of(self, key: Any) -> int:
        """Return where the row with a key stands, or -1."""
        return int(key)

    def _key_of(self, row: int) -> Any:
        return row

    def _make_row(self, key: Any) -> "RowInterface":
        return RowInterface(self, key)

    def index(self, row: int) -> QModelIndex:
        """Return the index of a row, not valid if there is none."""
        return self.view.model().index(row, 0) if 0 <= row < self._rows() else QModelIndex()

    def _others(self) -> list[Any]:
        """Return the fields that stand in rows, such as one for a name."""
        found: QWidget | None = self.view.indexWidget(self.view.currentIndex())
        return [found] if found is not None and found.isVisible() else []

    def _rows(self) -> int:
        # A list that is just being made or taken apart has none.
        model: QAbstractItemModel | None = self.view.model()
        return model.rowCount() if model is not None else 0

    def childCount(self) -> int:
        """Return how many rows there are."""
        return self._rows() + len(self._others())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return a row's interface."""
        count = self._rows()
        if 0 <= index < count:
            return self.row(self._key_of(index))
        others = self._others()
        at = index - count
        return QAccessible.queryAccessibleInterface(others[at]) if 0 <= at < len(others) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the place of a row, or -1."""
        if isinstance(child, RowInterface):
            return child.row
        others = [number for number, widget in enumerate(self._others()) if child.object() is widget]
        return self._rows() + others[0] if others else -1

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
    """Which rows are chosen. To choose one is to go there."""

    def __init__(self, rows: ListInterface) -> None:
        super().__init__()
        self._rows = rows

    def _chosen(self) -> list[int]:
        model: QItemSelectionModel | None = self._rows.view.selectionModel()
        return sorted(index.row() for index in model.selectedIndexes()) if model is not None else []

    def selectedItemCount(self) -> int:
        """Return how many rows are chosen."""
        return len(self._chosen())

    def selectedItems(self) -> list[QAccessibleInterface]:
        """Return them in the list's order."""
        return [row for number in self._chosen() if (row := self._rows.child(number)) is not None]

    def selectedItem(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return one of them."""
        chosen = self._chosen()
        return self._rows.child(chosen[index]) if 0 <= index < len(chosen) else None

    def isSelected(self, child: QAccessibleInterface) -> bool:
        """Return whether a row is chosen."""
        return self._rows.indexOfChild(child) in self._chosen()

    def select(self, child: QAccessibleInterface) -> bool:
        """Choose a row."""
        index = self._rows.index(self._rows.indexOfChild(child))
        if not index.flags() & _Flag.ItemIsSelectable:
            return False
        self._rows.view.setCurrentIndex(index)
        return True

    def unselect(self, child: QAccessibleInterface) -> bool:
        """Choose a row no longer."""
        index = self._rows.index(self._rows.indexOfChild(child))
        self._rows.view.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Deselect)
        return index.isValid()

    def selectAll(self) -> bool:
        """Refuse: no list of this kind takes several."""
        return False

    def clear(self) -> bool:
        """Choose none."""
        self._rows.view.clearSelection()
        return True


class RowInterface(Part):
    """A row of a list."""

    def __init__(self, rows: ListInterface, key: Any) -> None:
        super().__init__()
        self._rows = rows
        self.key = key
        self._deeds = Deeds(self._offered)

    @property
    def row(self) -> int:
        """Where it stands in the list, or -1."""
        return self._rows.row_of(self.key)

    @property
    def _index(self) -> QModelIndex:
        return self._rows.index(self.row)

    def isValid(self) -> bool:
        """Whether there is such a row."""
        return self._index.isValid()

    def parent(self) -> QAccessibleInterface:
        """Return the list."""
        return self._rows

    def role(self) -> QAccessible.Role:
        """Return what it is."""
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        """Return its words as the name, and what the model says beyond them."""
        index = self._index
        if kind is QAccessible.Text.Name:
            return str(index.data(Qt.ItemDataRole.AccessibleTextRole) or index.data() or "")
        if kind is QAccessible.Text.Description:
            return str(index.data(Qt.ItemDataRole.AccessibleDescriptionRole) or "")
        return ""

    def state(self) -> QAccessible.State:
        """Return whether it can be and is chosen, has the keyboard, and is in sight."""
        state, view, index = QAccessible.State(), self._rows.view, self._index
        if not index.isValid():
            state.invalid = True
            return state
        is_open = bool(index.flags() & _Flag.ItemIsSelectable)
        state.selectable = state.focusable = is_open
        state.disabled = not is_open
        state.selected = view.selectionModel().isSelected(index)
        state.focused = view.hasFocus() and view.currentIndex() == index
        state.offscreen = not view.viewport().rect().intersects(view.visualRect(index))
        return state

    def rect(self) -> QRect:
        """Return where it is on the screen."""
        view = self._rows.view
        rect = view.visualRect(self._index)
        return QRect(view.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return what can be done with it."""
        return self._deeds if kind is Is.ActionInterface else NOTHING

    def _offered(self) -> list[Deed]:
        if not self._index.flags() & _Flag.ItemIsSelectable:
            return []
        return [Deed("Press", "Press", self._press), Deed("SetFocus", "SetFocus", self._take_focus)]

    def _press(self) -> None:
        """Do what a click does."""
        if not self._index.isValid():
            return
        view = self._rows.view
        view.setCurrentIndex(self._index)
        view.clicked.emit(self._index)

    def _take_focus(self) -> None:
        if self._index.isValid():
            self._rows.view.setFocus()
            self._rows.view.setCurrentIndex(self._index)
