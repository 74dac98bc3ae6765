"""The list of conversations: as long as it may be, only what is on screen is looked at."""

import datetime
from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QDate,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QMenu, QStyleOptionViewItem

from desktop.chat.shelf import Shelf
from desktop.domain.order import Place
from desktop.ui import wording
from desktop.ui.keymap import default_keys, matches_default
from desktop.ui.shelf import accessible
from desktop.ui.shelf.breath import Breath
from desktop.ui.shelf.dragging import RowDrag
from desktop.ui.shelf.menu import RowMenu
from desktop.ui.shelf.row import GROUP_HEIGHT, ROW_HEIGHT, RowDelegate, Rows
from desktop.ui.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_Cursor = QAbstractItemView.CursorAction

SIDE = 10
_READ_AHEAD = 3
"""How many views before the end of what is read the next page is asked for."""


class ShelfView(QAbstractItemView):
    """The list of conversations. Enter or a click opens one, F2 renames it, Delete puts it in the bin.

    With Ctrl, or by the middle button, it is opened in a window of its own: `opened_apart` carries its id.

    Ctrl and Shift choose several, which are then deleted, dragged and sorted together.
    """

    opened = Signal(str)
    opened_apart = Signal(str)
    erase_wanted = Signal(object)

    def __init__(self, theme: Theme, shelf: Shelf) -> None:
        accessible.install()
        super().__init__()
        self.shelf = shelf
        self.current_id = ""
        self.hovered = -1
        self.shows_focus = False
        self.rows = Rows([], 0, 1, 1)
        self._theme = theme
        self._pressed = QPersistentModelIndex()
        self.breath = Breath(self)
        self._delegate = RowDelegate(theme, self)
        self.row_menu = RowMenu(shelf, self)
        self.row_drag = RowDrag(self, shelf)
        self.matches: Callable[[str, QKeyEvent], bool] = matches_default
        self.keys: Callable[[str], Sequence[QKeySequence]] = default_keys
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(self.tr("Conversations"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setModel(shelf)
        for signal in (
            shelf.rowsInserted,
            shelf.rowsRemoved,
            shelf.rowsMoved,
            shelf.dataChanged,
            shelf.modelReset,
            theme.changed,
        ):
            signal.connect(self._on_rows_changed)
        self._on_rows_changed()

    @property
    def has_several(self) -> bool:
        """Whether more than one row is chosen."""
        ranges = self.selectionModel().selection()
        return ranges.count() > 1 or (ranges.count() == 1 and ranges.at(0).height() > 1)

    @property
    def chosen_ids(self) -> tuple[str, ...]:
        """The ids of the chosen conversations in the list's order, else of the one the keyboard is at."""
        chosen = self.selectionModel().selectedIndexes() or [self.currentIndex()]
        rows = sorted(index.row() for index in chosen if index.isValid())
        return tuple(str(self.shelf.index(row).data(Shelf.Role.ID)) for row in rows)

    def group_words(self, group: str) -> str:
        """Return a group's name in words; a month as its name, with the year unless it is this one."""
        known = {
            #: Over the conversations that are kept at the top
            "pinned": self.tr("Pinned"),
            "today": self.tr("Today"),
            "yesterday": self.tr("Yesterday"),
            #: The seven days before yesterday
            "week": self.tr("Previous 7 days"),
            "bin": self.tr("Kept for 30 days"),
        }
        if group in known:
            return known[group]
        year, _, month = group.partition("-")
        if not (year.isdigit() and month.isdigit()):
            return group
        if int(year) == datetime.datetime.now().astimezone().year:
            name = QLocale().standaloneMonthName(int(month))
        else:
            name = wording.month(QDate(int(year), int(month), 1))
        return name[:1].upper() + name[1:]

    def show_current(self, conversation_id: str) -> None:
        """Mark the conversation on screen."""
        self.current_id = conversation_id
        self._follow_current()
        self.viewport().update()

    def open_row(self, row: int) -> None:
        """Open the conversation of a row; one in the bin has to be restored first."""
        index = self.shelf.index(row)
        if index.isValid() and self.shelf.scope.place is not Place.BIN:
            self.opened.emit(str(index.data(Shelf.Role.ID)))

    def open_apart(self, row: int) -> None:
        """Open the conversation of a row in a window of its own."""
        index = self.shelf.index(row)
        if index.isValid() and self.shelf.scope.place is not Place.BIN:
            self.opened_apart.emit(str(index.data(Shelf.Role.ID)))

    def delete_chosen(self) -> None:
        """Put the chosen conversations into the bin; ask for those of the bin to be deleted for good."""
        if self.shelf.scope.place is Place.BIN:
            self.erase_wanted.emit(self.chosen_ids)
        else:
            self.shelf.delete(*self.chosen_ids)

    # Geometry

    def visualRect(self, index: _Index) -> QRect:
        """Return where a row is on screen, its group's name included."""
        if not index.isValid():
            return QRect()
        side = self._theme.px(SIDE)
        top = self.rows.top(index.row()) - self.verticalOffset()
        height = self.rows.height_of(index.row())
        return QRect(side, top, self.viewport().width() - 2 * side, height)

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the row at a place on screen."""
        return self.shelf.index(self.rows.at(point.y() + self.verticalOffset()))

    def scrollTo(
        self, index: _Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a row into view by the shortest way."""
        if not index.isValid():
            return
        top, height = self.rows.top(index.row()), self.rows.height_of(index.row())
        bar, room = self.verticalScrollBar(), self.viewport().height()
        if top < bar.value():
            bar.setValue(top)
        elif top + height > bar.value() + room:
            bar.setValue(top + height - room)

    def horizontalOffset(self) -> int:
        """Return 0: rows are as wide as the view."""
        return 0

    def verticalOffset(self) -> int:
        """Return how far the list is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: _Index) -> bool:
        """Return that no row is hidden."""
        return False

    def moveCursor(self, action: _Cursor, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Return the row to which a key leads."""
        row, last = self.currentIndex().row(), self.shelf.rowCount() - 1
        page = max(1, self.viewport().height() // max(1, self.rows.row) - 1)
        steps = {
            _Cursor.MoveUp: -1, _Cursor.MovePrevious: -1, _Cursor.MoveLeft: -1,
            _Cursor.MoveDown: 1, _Cursor.MoveNext: 1, _Cursor.MoveRight: 1,
            _Cursor.MovePageUp: -page, _Cursor.MovePageDown: page,
            _Cursor.MoveHome: -last - 1, _Cursor.MoveEnd: last + 1,
        }  # fmt: skip
        return self.shelf.index(max(0, min(last, row + steps.get(action, 0))))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Choose the rows within a rectangle on screen."""
        top = rect.normalized().top() + self.verticalOffset()
        bottom = rect.normalized().bottom() + self.verticalOffset()
        last = self.shelf.rowCount() - 1
        first = self.rows.at(max(0, top))
        end = self.rows.at(bottom)
        selection = QItemSelection()
        if first >= 0:
            selection.select(self.shelf.index(first), self.shelf.index(end if end >= 0 else last))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Return all that is on screen: chosen rows are many or few, and painting is cheap."""
        return QRegion(self.viewport().rect())

    def updateGeometries(self) -> None:
        """Fit the scroll bar to the rows."""
        super().updateGeometries()
        bar, room = self.verticalScrollBar(), self.viewport().height()
        bar.setSingleStep(self.rows.row)
        bar.setPageStep(room)
        bar.setRange(0, max(0, self.rows.height - room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the scroll bar."""
        super().resizeEvent(event)
        self.updateGeometries()
        self._read_ahead()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Follow the scroll bar, and have the next rows read before they are needed."""
        self._read_ahead()
        self.breath.look()
        self.viewport().update()
        self.updateEditorGeometries()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on with what moves."""
        super().showEvent(event)
        self.breath.look()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing move that is not seen."""
        super().hideEvent(event)
        self.breath.look()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows that are on screen."""
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        top, bottom = event.rect().top(), event.rect().bottom()
        row = self.rows.at(top + self.verticalOffset())
        while 0 <= row < self.rows.count:
            index = self.shelf.index(row)
            option.rect = self.visualRect(index)
            if option.rect.top() > bottom:
                break
            self._delegate.paint(painter, option, index)
            row += 1
        painter.end()

    # Input

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, rename and delete by key."""
        index = self.currentIndex()
        self._set_shows_focus(True)
        # Enter in the field of a title comes here too once the field has seen it.
        if not index.isValid() or self.state() is QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            is_apart = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.open_apart if is_apart else self.open_row)(index.row())
        elif self.matches("shelf_rename", event):
            self.rename(index)
        elif self.matches("shelf_delete", event):
            self.delete_chosen()
        else:
            super().keyPressEvent(event)

    def rename_current(self) -> None:
        """Change the title of the row that the keyboard is at."""
        self.rename(self.currentIndex())

    def rename(self, index: _Index) -> None:
        """Change a title in place."""
        if index.isValid() and self.shelf.scope.place is not Place.BIN:
            self.edit(self.shelf.index(index.row()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row under the pointer; a group's name is no row."""
        index = self.indexAt(event.position().toPoint())
        self._set_shows_focus(False)
        self._pressed = QPersistentModelIndex()
        if not index.isValid() or not self._is_on_row(index, event.position().toPoint()):
            event.accept()
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pressed = QPersistentModelIndex(index)
            event.accept()
            return
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not event.modifiers():
            self._pressed = QPersistentModelIndex(index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the row under the pointer, unless it was dragged or added to others."""
        is_apart = event.button() == Qt.MouseButton.MiddleButton
        if not is_apart:
            super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, QPersistentModelIndex()
        if pressed.isValid() and self.indexAt(event.position().toPoint()).row() == pressed.row():
            (self.open_apart if is_apart else self.open_row)(pressed.row())

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the chosen rows; nothing is opened by that."""
        self._pressed = QPersistentModelIndex()
        self.row_drag.begin(sorted(self.selectionModel().selectedIndexes(), key=QModelIndex.row))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A second click changes nothing."""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the pointer, and drag what is chosen."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        is_on_row = index.isValid() and self._is_on_row(index, event.position().toPoint())
        self._set_hovered(index.row() if is_on_row else -1)

    def leaveEvent(self, event: QEvent) -> None:
        """Light up nothing."""
        super().leaveEvent(event)
        self._set_hovered(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is when it came by keyboard."""
        super().focusInEvent(event)
        self._set_shows_focus(
            event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        )
        if not self.currentIndex().isValid() and self.shelf.rowCount():
            self.setCurrentIndex(self.shelf.index(max(0, self.shelf.row_of(self.current_id))))

        accessible.row_focused(self, self.currentIndex())

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Say which row the keyboard is at."""
        super().currentChanged(current, previous)
        accessible.row_focused(self, current)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the row, or with all that are chosen."""
        index = self.currentIndex()
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(event.pos())
            if not index.isValid() or not self._is_on_row(index, event.pos()):
                return
        elif index.isValid():
            row = self._delegate.row_rect(index, self.visualRect(index))
            at = self.viewport().mapToGlobal(row.center())
        if index.isValid():
            self.menu_of(index).popup(at)

    def menu_of(self, index: _Index) -> QMenu:
        """Return the menu of a row, or of all chosen ones if it is among them."""
        clicked = self.shelf.index(index.row())
        if not (self.has_several and self.selectionModel().isSelected(clicked)):
            self.selectionModel().setCurrentIndex(clicked, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        return self.row_menu.build(self.chosen_ids)

    def _is_on_row(self, index: _Index, point: QPoint) -> bool:
        return self._delegate.row_rect(index, self.visualRect(index)).contains(point)

    def _set_hovered(self, row: int) -> None:
        if row != self.hovered:
            self.hovered = row
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if row >= 0 else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()

    def _set_shows_focus(self, shows: bool) -> None:
        if shows != self.shows_focus:
            self.shows_focus = shows
            self.viewport().update()

    def _follow_current(self) -> None:
        row = self.shelf.row_of(self.current_id)
        is_editing = self.state() is QAbstractItemView.State.EditingState
        if row >= 0 and not is_editing and not self.hasFocus():
            self.selectionModel().setCurrentIndex(
                self.shelf.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def _read_ahead(self) -> None:
        bar = self.verticalScrollBar()
        if bar.value() > bar.maximum() - _READ_AHEAD * max(1, self.viewport().height()):
            self.shelf.fetchMore(QModelIndex())

    def _on_rows_changed(self) -> None:
        px = self._theme.px
        self.rows = Rows(self.shelf.group_starts(), self.shelf.rowCount(), px(ROW_HEIGHT), px(GROUP_HEIGHT))
        self.updateGeometries()
        self._follow_current()
        self.breath.look()
        accessible.rows_changed(self)
        self.viewport().update()
