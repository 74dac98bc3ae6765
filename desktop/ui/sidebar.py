"""The shelf at the left: search, the conversations by date, and the way to the settings."""

import datetime

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.shelf import Shelf
from desktop.ui.controls import IconButton, button, direction_of, label
from desktop.ui.style import ROW_PX
from desktop.ui.theme import GROUP_PX, RADIUS_CONTROL, Theme

_Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 35
GROUP_HEIGHT = 37
SEARCH_AFTER_MS = 180


class RowDelegate(QStyledItemDelegate):
    """Draws a conversation's row, with its group's name above the first of each group."""

    def __init__(self, theme: Theme, view: "ShelfView") -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def starts_group(self, index: _Index) -> bool:
        """Whether the row is the first of its group."""
        if index.row() == 0:
            return True
        above = index.sibling(index.row() - 1, 0)
        return bool(above.data(Shelf.Role.GROUP) != index.data(Shelf.Role.GROUP))

    def row_rect(self, index: _Index, whole: QRect) -> QRect:
        """Return the part of an item's rectangle that is the row itself, without the group's name."""
        top = self._theme.px(GROUP_HEIGHT) if self.starts_group(index) else 0
        return whole.adjusted(0, top, 0, 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of a row, with its group's name where it has one."""
        height = self._theme.px(ROW_HEIGHT)
        if self.starts_group(index):
            height += self._theme.px(GROUP_HEIGHT)
        return QSize(10, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the row, and its group's name."""
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole: QRect = option.rect
        row = self.row_rect(index, whole)
        if self.starts_group(index):
            self._paint_group(painter, index, whole)
        is_current = index.data(Shelf.Role.ID) == self._view.current_id
        is_focused = self._view.hasFocus() and self._view.currentIndex() == index
        is_hovered = self._view.hovered == index.row()
        box = QRectF(row).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = theme.px(RADIUS_CONTROL)
        if is_current or is_hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft" if is_current else "prompt"))
            painter.drawRoundedRect(box, radius, radius)
        if is_focused and self._view.shows_focus:
            painter.setPen(QPen(theme.color("accent"), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius - 1, radius - 1)
        room = row.adjusted(theme.px(9), 0, -theme.px(9), 0)
        if index.data(Shelf.Role.STREAMING):
            self._paint_dot(painter, room)
            room.setRight(room.right() - theme.px(14))
        self._paint_title(painter, str(index.data()), room, is_current)
        painter.restore()

    def _paint_group(self, painter: QPainter, index: _Index, whole: QRect) -> None:
        theme = self._theme
        painter.setFont(theme.font(GROUP_PX, QFont.Weight.DemiBold))
        painter.setPen(theme.color("faint"))
        height = theme.px(GROUP_HEIGHT)
        box = QRect(
            whole.left() + theme.px(8), whole.top(), whole.width() - theme.px(16), height - theme.px(6)
        )
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        painter.drawText(box, flags, self._view.group_words(str(index.data(Shelf.Role.GROUP))))

    def _paint_dot(self, painter: QPainter, room: QRect) -> None:
        size = self._theme.px(7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawEllipse(QRectF(room.right() - size + 1, room.center().y() - size / 2 + 0.5, size, size))

    def _paint_title(self, painter: QPainter, title: str, room: QRect, is_current: bool) -> None:
        font = self._theme.font(ROW_PX, QFont.Weight.Medium if is_current else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(self._theme.color("text"))
        painter.setLayoutDirection(direction_of(title))
        shown = QFontMetrics(font).elidedText(title, Qt.TextElideMode.ElideRight, room.width())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        painter.drawText(room, int(flags.value) | Qt.TextFlag.TextSingleLine.value, shown)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        """Return the field in which a title is changed in place."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("Title of the conversation"))
        return editor

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """Show the title, selected."""
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data()))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: object, index: _Index) -> None:
        """Give the conversation the title."""
        if isinstance(editor, QLineEdit):
            self._view.shelf.rename(str(index.data(Shelf.Role.ID)), editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: _Index) -> None:
        """Put the field over the row, not over the group's name."""
        editor.setGeometry(self.row_rect(index, option.rect))


class ShelfView(QListView):
    """The list of conversations. Enter or a click opens one, F2 renames it, Delete puts it in the bin."""

    opened = Signal(str)

    def __init__(self, theme: Theme, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf
        self.current_id = ""
        self.hovered = -1
        self.shows_focus = False
        self._theme = theme
        self._delegate = RowDelegate(theme, self)
        self.setModel(shelf)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(self.tr("Conversations"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        for signal in (
            shelf.rowsInserted,
            shelf.rowsRemoved,
            shelf.rowsMoved,
            shelf.dataChanged,
            shelf.modelReset,
        ):
            signal.connect(self._on_rows_changed)
        theme.changed.connect(self._on_rows_changed)

    def group_words(self, group: str) -> str:
        """Return a group's name in words; a month as its name, with the year unless it is this one."""
        known = {
            "pinned": self.tr("Pinned"),
            "today": self.tr("Today"),
            "yesterday": self.tr("Yesterday"),
            "week": self.tr("Last week"),
            "found": self.tr("Found"),
        }
        if group in known:
            return known[group]
        year, _, month = group.partition("-")
        if not (year.isdigit() and month.isdigit()):
            return group
        name = QLocale().standaloneMonthName(int(month))
        name = name[:1].upper() + name[1:]
        return name if int(year) == datetime.datetime.now().astimezone().year else f"{name} {year}"

    def show_current(self, conversation_id: str) -> None:
        """Mark the conversation on screen."""
        self.current_id = conversation_id
        self._follow_current()
        self.viewport().update()

    def open_row(self, row: int) -> None:
        """Open the conversation of a row."""
        index = self.shelf.index(row)
        if index.isValid():
            self.opened.emit(str(index.data(Shelf.Role.ID)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, rename and delete by key."""
        index = self.currentIndex()
        self._set_shows_focus(True)
        # Enter in the field of a title comes here too once the field has seen it.
        if not index.isValid() or self.state() is QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_row(index.row())
        elif event.key() == Qt.Key.Key_F2:
            self.edit(index)
        elif event.matches(QKeySequence.StandardKey.Delete):
            self.shelf.delete(str(index.data(Shelf.Role.ID)))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the row under the pointer; a group's name is no row."""
        index = self.indexAt(event.position().toPoint())
        self._set_shows_focus(False)
        if not index.isValid() or not self._is_on_row(index, event.position().toPoint()):
            event.accept()
            return
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.open_row(index.row())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A second click changes nothing."""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the pointer."""
        index = self.indexAt(event.position().toPoint())
        is_on_row = index.isValid() and self._is_on_row(index, event.position().toPoint())
        self._set_hovered(index.row() if is_on_row else -1)

    def leaveEvent(self, event: QEvent) -> None:
        """Light up nothing."""
        super().leaveEvent(event)
        self._set_hovered(-1)

    def focusInEvent(self, event: object) -> None:
        """Show where the keyboard is when it came by keyboard."""
        super().focusInEvent(event)  # type: ignore[arg-type]
        reason = event.reason()  # type: ignore[attr-defined]
        self._set_shows_focus(reason in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason))
        if not self.currentIndex().isValid() and self.shelf.rowCount():
            self.setCurrentIndex(self.shelf.index(max(0, self.shelf.row_of(self.current_id))))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the row."""
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
        """Return the menu of a row; it deletes itself when it is closed."""
        conversation_id = str(index.data(Shelf.Role.ID))
        is_pinned = bool(index.data(Shelf.Role.PINNED))
        kept = QPersistentModelIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = QAction(self.tr("Rename"), menu)
        rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
        rename.triggered.connect(lambda: self.edit(QModelIndex(kept)) if kept.isValid() else None)  # type: ignore[call-overload]
        pin = QAction(self.tr("Unpin") if is_pinned else self.tr("Pin"), menu)
        pin.triggered.connect(lambda: self.shelf.set_pinned(conversation_id, not is_pinned))
        delete = QAction(self.tr("Delete"), menu)
        delete.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        delete.triggered.connect(lambda: self.shelf.delete(conversation_id))
        for action in (rename, pin, delete):
            action.setShortcutVisibleInContextMenu(True)
            menu.addAction(action)
        return menu

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

    def _on_rows_changed(self) -> None:
        # A row's height depends on the one above it, which only a new layout asks for.
        self.scheduleDelayedItemsLayout()
        self._follow_current()
        self.viewport().update()


class SearchField(QLineEdit):
    """The field that searches everything; Escape empties it, arrow down leads into the list."""

    left_downwards = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "search")
        self.setPlaceholderText(self.tr("Search everything"))
        self.setAccessibleName(self.tr("Search everything"))
        self._keys = label()
        self._keys.setParent(self)
        self._keys.setProperty("kind", "keys")
        self._keys.setText(
            QKeySequence("Ctrl+K").toString(QKeySequence.SequenceFormat.NativeText).replace("+", " ")
        )
        self._keys.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.textChanged.connect(self._on_text_changed)

    @property
    def keys(self) -> QLabel:
        """The shortcut, shown in the field."""
        return self._keys

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the shortcut at the right."""
        super().resizeEvent(event)
        self._keys.adjustSize()
        self._keys.move(
            self.width() - self._keys.width() - self._theme.px(10), (self.height() - self._keys.height()) // 2
        )

    def event(self, event: QEvent) -> bool:
        """Claim Escape while there is something to empty; the window would stop a reply with it."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
            and self.text()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave by Escape or arrow down."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)

    def _on_text_changed(self, text: str) -> None:
        self._keys.setVisible(not text)


class Sidebar(QWidget):
    """The whole shelf. `opened` carries a conversation's id."""

    opened = Signal(str)
    new_requested = Signal()
    settings_requested = Signal()

    def __init__(self, theme: Theme, shelf: Shelf) -> None:
        super().__init__()
        self._theme = theme
        self._shelf = shelf
        self.setProperty("surface", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = SearchField(theme)
        self.new = IconButton(theme, "plus", self.tr("New conversation"), kind="framed", size=15)
        self.view = ShelfView(theme, shelf)
        self.empty = label(tone="muted", wraps=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.settings = button(self.tr("Settings"), "text")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_AFTER_MS)
        self._timer.timeout.connect(self._on_search_due)
        self._top = QHBoxLayout()
        self._top.addWidget(self.search, 1)
        self._top.addWidget(self.new)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.settings)
        self._foot.addStretch(1)
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(0)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addLayout(self._top)
        self._layout.addWidget(self.empty)
        self._layout.addWidget(self.view, 1)
        self._layout.addLayout(self._foot)
        self._connect()
        self._restyle()
        self._update_empty()

    def focus_search(self) -> None:
        """Put the caret into the search field, its text selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_search_changed)
        self.search.left_downwards.connect(self._on_left_downwards)
        self.new.clicked.connect(self.new_requested)
        self.settings.clicked.connect(self.settings_requested)
        self.view.opened.connect(self.opened)
        for signal in (self._shelf.rowsInserted, self._shelf.rowsRemoved, self._shelf.modelReset):
            signal.connect(self._update_empty)
        self._theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        px = self._theme.px
        self._top.setContentsMargins(px(10), px(12), px(10), px(8))
        self._top.setSpacing(px(8))
        self._foot.setContentsMargins(px(10), px(6), px(10), px(8))
        self.view.setContentsMargins(0, 0, 0, 0)
        self.view.setStyleSheet(f"QListView {{ padding-left: {px(10)}px; padding-right: {px(10)}px; }}")
        self.new.setFixedSize(px(32), px(36))
        self.empty.setContentsMargins(px(18), px(16), px(18), 0)

    def _update_empty(self) -> None:
        is_empty = self._shelf.rowCount() == 0
        is_search = bool(self.search.text().strip())
        self.empty.setVisible(is_empty and is_search)
        self.empty.setText(self.tr("Nothing found. Try fewer or other words.") if is_search else "")

    def _on_search_changed(self, text: str) -> None:
        if text.strip():
            self._timer.start()
        else:
            self._timer.stop()
            self._on_search_due()

    def _on_search_due(self) -> None:
        self._shelf.set_search(self.search.text())

    def _on_left_downwards(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._on_search_due()
        if self._shelf.rowCount():
            self.view.setFocus(Qt.FocusReason.TabFocusReason)
            self.view.setCurrentIndex(self._shelf.index(0))
