"""The palette on screen: a line to type in, and the list that it leads."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QTextCharFormat,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.jumps import Jumps
from desktop.ui.controls import announce, label
from desktop.ui.field_keys import is_composing
from desktop.ui.icons import pixmap
from desktop.ui.marked import marked_layout
from desktop.ui.palette.rows import Kind, Row, Rows
from desktop.ui.sides import Room, draw_line, is_mirrored
from desktop.ui.theme import GROUP_PX, RADIUS_CONTROL, SMALL_PX, Theme

_Index = QModelIndex | QPersistentModelIndex

WIDTH = 640
MOST_HEIGHT = 480
ROW_HEIGHT = 34
GROUP_HEIGHT = 30
_ROW_PX = 13.5
_ROLE = Qt.ItemDataRole.UserRole
_PAGE = 8
_FAR = 10_000
_STEPS = {
    Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1,
    Qt.Key.Key_PageDown: _PAGE, Qt.Key.Key_PageUp: -_PAGE, Qt.Key.Key_Home: -_FAR, Qt.Key.Key_End: _FAR,
}  # fmt: skip
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: Sequence[Row] = ()

    def put(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        return row if role == _ROLE else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        row = self.rows[index.row()] if index.isValid() else None
        if row is None or row.kind is Kind.GROUP:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        row: Row = index.data(_ROLE)
        return QSize(10, self._theme.px(GROUP_HEIGHT if row.kind is Kind.GROUP else ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = self._theme
        row: Row = index.data(_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box: QRect = option.rect
        room = box.adjusted(theme.px(10), 0, -theme.px(10), 0)
        if row.kind is Kind.GROUP:
            painter.setFont(theme.font(GROUP_PX, QFont.Weight.DemiBold))
            painter.setPen(theme.color("faint"))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
            painter.drawText(room.adjusted(0, 0, 0, -theme.px(5)), flags, row.words)
        else:
            if index == self._view.currentIndex():
                painter.setPen(theme.edge())
                painter.setBrush(theme.color("accent_soft"))
                radius = theme.px(RADIUS_CONTROL)
                painter.drawRoundedRect(QRectF(box), radius, radius)
            self._paint_row(painter, row, Room(painter, room))
        painter.restore()

    def _paint_row(self, painter: QPainter, row: Row, room: Room) -> None:
        theme = self._theme
        size = theme.px(15)
        tone = theme.colors.muted if row.is_possible else theme.colors.faint
        picture = pixmap(row.kind.value, tone, size, self._view.devicePixelRatioF())
        place = room.from_start(size, theme.px(10))
        painter.drawPixmap(place.left(), place.center().y() - size // 2, picture)
        if row.note:
            self._paint_note(painter, row.note, room)
        font = theme.font(_ROW_PX)
        metrics = QFontMetrics(font)
        free = room.rect
        shown = metrics.elidedText(row.words, Qt.TextElideMode.ElideRight, free.width())
        painter.setPen(theme.color("text" if row.is_possible else "faint"))
        look = QTextCharFormat()
        look.setFontWeight(QFont.Weight.Bold)
        look.setForeground(self._theme.color("accent"))
        turned = is_mirrored(painter)
        layout = marked_layout(shown, font, row.marks, look, free.width(), is_mirrored=turned)
        layout.draw(painter, QPointF(free.left(), free.center().y() + 0.5 - metrics.height() / 2))

    def _paint_note(self, painter: QPainter, note: str, room: Room) -> None:
        theme = self._theme
        font = theme.number_font(SMALL_PX)
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(note, Qt.TextElideMode.ElideMiddle, room.rect.width() * 2 // 5)
        painter.setFont(font)
        painter.setPen(theme.color("muted"))
        wide = metrics.horizontalAdvance(shown) + 1
        draw_line(painter, room.from_end(wide, theme.px(11)), shown, at_end=True)


class Palette(QFrame):
    """Finds actions, conversations and models while one types. `closed` follows every way out."""

    closed = Signal()

    def __init__(self, theme: Theme, rows: Rows, jumps: Jumps, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._source = rows
        self._jumps = jumps
        self._over = parent
        self._before: QWidget | None = None
        self._pointer: QPoint | None = None
        self.setProperty("kind", "float")
        self.setAccessibleName(self.tr("Do or open anything"))
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(self.tr("An action, a conversation or a model"))
        self.edit.setAccessibleName(self.tr("An action, a conversation or a model"))
        self.list = QListView()
        self.list.setAccessibleName(self.tr("What fits"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._model = _Model(self)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(theme, self.list))
        self.words = label(tone="muted")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self.edit)
        self._layout.addWidget(self.list, 1)
        self._layout.addWidget(self.words, 1)
        self.edit.textChanged.connect(self._on_typed)
        self.edit.installEventFilter(self)
        self.list.viewport().installEventFilter(self)
        self.list.clicked.connect(self.choose)
        jumps.changed.connect(self._on_jumps_changed)
        parent.installEventFilter(self)
        theme.changed.connect(self._on_theme_changed)
        self.hide()

    def open(self) -> None:
        """Show the palette over the window, empty, ready to type."""
        self._before = self._over.window().focusWidget()
        self._pointer = None
        self.edit.blockSignals(True)
        self.edit.clear()
        self.edit.blockSignals(False)
        self._jumps.read_recent()
        self._fill()
        self._place()
        self.show()
        self.raise_()
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def close_palette(self) -> None:
        """Put the palette away; the keyboard goes back to where it was."""
        if self.isVisible():
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            before, self._before = self._before, None
            had_focus = self.edit.hasFocus()
            self.hide()
            if had_focus and before is not None and before.isVisible():
                before.setFocus(Qt.FocusReason.PopupFocusReason)
            self.closed.emit()

    def rows(self) -> Sequence[Row]:
        """Return the rows as they stand."""
        return self._model.rows

    @property
    def current(self) -> Row | None:
        """The row that Enter would choose."""
        at = self.list.currentIndex().row()
        return self._model.rows[at] if 0 <= at < len(self._model.rows) else None

    def choose(self, index: _Index) -> None:
        """Do or open what a row says, if that can be done now."""
        row: Row | None = index.data(_ROLE) if index.isValid() else None
        if row is None or row.kind is Kind.GROUP:
            return
        if not row.is_possible:
            announce(self, row.spoken)
            return
        self.close_palette()
        row.do()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lead the list by the line's keys; close when the keyboard or a press goes elsewhere."""
        kind = event.type()
        if watched is self.edit:
            if isinstance(event, QKeyEvent) and not is_composing():
                if kind is QEvent.Type.KeyPress:
                    return self._on_key(event)
                if kind is QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                    # Escape closes the palette; the window would stop a reply with it.
                    event.accept()
                    return True
            if kind is QEvent.Type.FocusOut and QApplication.focusWidget() is not self.edit:
                self._on_focus_gone()
        elif watched is self.list.viewport() and isinstance(event, QMouseEvent):
            if kind is QEvent.Type.MouseMove:
                self._on_pointer(event)
        elif watched is self._over and kind is QEvent.Type.Resize and self.isVisible():
            self._place()
        elif kind is QEvent.Type.MouseButtonPress and isinstance(watched, QWidget) and self.isVisible():
            is_outside = watched is not self and not self.isAncestorOf(watched)
            if is_outside and watched.window() is self.window():
                self.close_palette()
        return super().eventFilter(watched, event)

    def _on_focus_gone(self) -> None:
        # A window that is left for another one keeps its palette.
        if self.isActiveWindow() and QApplication.activePopupWidget() is None:
            self.close_palette()

    def _on_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key is Qt.Key.Key_Escape:
            self.close_palette()
        elif key in _ENTER:
            self.choose(self.list.currentIndex())
        elif key in _STEPS and not held & ~Qt.KeyboardModifier.ShiftModifier:
            if held and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
                return False
            self._step(_STEPS[key])
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        """Go on by so many rows that can be chosen; one step over an end leads to the other."""
        rows = [at for at, row in enumerate(self._model.rows) if row.kind is not Kind.GROUP]
        if not rows:
            return
        current = self.list.currentIndex().row()
        at = rows.index(current) if current in rows else -1
        to = (at + by) % len(rows) if abs(by) == 1 else max(0, min(len(rows) - 1, at + by))
        self._point_at(rows[to])
        if to == 0:
            self.list.scrollToTop()

    def _point_at(self, at: int) -> None:
        self.list.setCurrentIndex(self._model.index(at))
        row = self.current
        if row is not None:
            announce(self, row.spoken)

    def _on_typed(self, text: str) -> None:
        # Actions at once; titles when they have been read.
        self._jumps.search(text)
        self._fill()

    def _on_jumps_changed(self) -> None:
        if self.isVisible():
            self._fill(keeps=True)

    def _on_pointer(self, event: QMouseEvent) -> None:
        # A list that moves under a pointer at rest is not pointed at.
        place = event.globalPosition().toPoint()
        before, self._pointer = self._pointer, place
        index = self.list.indexAt(event.position().toPoint())
        if before is not None and before != place and index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.list.setCurrentIndex(index)

    def _fill(self, *, keeps: bool = False) -> None:
        """Show the rows for what is typed; with `keeps` the row that was gone to stays the current one."""
        before = self.current if keeps and self.list.currentIndex().row() > self._first() else None
        self._model.put(self._source.of(self.edit.text()))
        rows = self._model.rows
        self.list.setVisible(bool(rows))
        self.words.setVisible(not rows)
        self.words.setText(self.tr("Nothing is called that.") if not rows else "")
        at = next((at for at, row in enumerate(rows) if before is not None and row == before), self._first())
        if 0 <= at < len(rows):
            self._point_at(at)
            if at == self._first():
                self.list.scrollToTop()

    def _first(self) -> int:
        rows = self._model.rows
        return next((at for at, row in enumerate(rows) if row.kind is not Kind.GROUP), -1)

    def _on_theme_changed(self) -> None:
        if self.isVisible():
            self._place()
            self._fill(keeps=True)

    def _place(self) -> None:
        theme, over = self._theme, self._over
        self._layout.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(8))
        self._layout.setSpacing(theme.px(6))
        width = min(theme.px(WIDTH), over.width() - theme.px(24))
        top = min(theme.px(64), over.height() // 10)
        height = min(theme.px(MOST_HEIGHT), over.height() - 2 * top)
        self.setGeometry((over.width() - width) // 2, top, width, height)
