"""The list that opens above the composer. It never has the focus: the caret stays in the text."""

from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.composer import SHADOW
from desktop.ui.controls import announce, button, label, plain_tip, separator
from desktop.ui.header import HEIGHT as HEADER_HEIGHT
from desktop.ui.icons import pixmap
from desktop.ui.sides import Room, draw_line
from desktop.ui.theme import GROUP_PX, RADIUS_CONTROL, SMALL_PX, Theme

_Index = QModelIndex | QPersistentModelIndex
_WIDTH = 460
_MOST_HEIGHT = 340
_LEAST_HEIGHT = 150
_ROW = 32
_TALL_ROW = 46
_GROUP = 28
_ROW_PX = 13.3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A row: `value` is what is taken, None for a heading or a note that can't be taken.

    `detail` stands below the words, `note` at the right. `star` says whether it is a favourite, None
    where it can't be one. `is_weak` for what only might be meant: Enter does not take it by itself.
    """

    words: str
    value: object = None
    detail: str = ""
    note: str = ""
    star: bool | None = None
    is_weak: bool = False
    tone: str = ""


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def height_of(self, row: Suggestion) -> int:
        """Return how high a row is."""
        plain = _TALL_ROW if row.detail else _ROW
        return self._theme.px(_GROUP if row.value is None and not row.tone else plain)

    def star_box(self, box: QRect) -> QRect:
        """Return where the star of a row is."""
        size = self._theme.px(26)
        left = box.right() - size if self._view.isLeftToRight() else box.left()
        return QRect(left, box.top(), size, box.height())

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        row: Suggestion = index.data(Qt.ItemDataRole.UserRole)
        return QSize(10, self.height_of(row))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = self._theme
        row: Suggestion = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect
        free = Room(painter, box.adjusted(theme.px(10), 0, -theme.px(10), 0))
        if row.value is None:
            font = theme.font(SMALL_PX) if row.tone else theme.font(GROUP_PX, QFont.Weight.DemiBold)
            self._write(painter, row.words, free.rect, font, row.tone or "faint")
            painter.restore()
            return
        is_current = index == self._view.currentIndex()
        if is_current:
            painter.setPen(theme.edge())
            painter.setBrush(theme.color("accent_soft"))
            radius = theme.px(RADIUS_CONTROL)
            painter.drawRoundedRect(QRectF(box), radius, radius)
        if row.star is not None:
            place = self.star_box(box)
            free.from_end(theme.px(20))
            if row.star or is_current:
                size = theme.px(15)
                color = theme.colors.accent if row.star else theme.colors.faint
                mark = pixmap(
                    "star-full" if row.star else "star", color, size, self._view.devicePixelRatioF()
                )
                painter.drawPixmap(
                    QPoint(place.center().x() - size // 2, place.center().y() - size // 2), mark
                )
        if row.note:
            font = theme.font(SMALL_PX)
            wide = min(QFontMetrics(font).horizontalAdvance(row.note) + 2, free.rect.width() // 2)
            self._write(painter, row.note, free.from_end(wide, theme.px(10)), font, "muted")
        room = free.rect
        if row.detail:
            half = room.height() // 2
            upper = QRect(room.left(), room.top() + theme.px(4), room.width(), half - theme.px(3))
            lower = QRect(room.left(), room.top() + half, room.width(), half - theme.px(4))
            self._write(painter, row.words, upper, theme.font(_ROW_PX, QFont.Weight.Medium), "text")
            self._write(painter, row.detail, lower, theme.font(SMALL_PX), "muted")
        else:
            self._write(painter, row.words, room, theme.font(_ROW_PX), "text")
        painter.restore()

    def _write(self, painter: QPainter, words: str, box: QRect, font: QFont, color: str) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(color))
        draw_line(painter, box, words)


class Suggestions(QFrame):
    """Shows rows above a composer. `taken` carries the value of a row, `starred` that of one whose star was
    pressed, `manage_requested` asks for the page where they are kept; `left` follows a press elsewhere.
    """

    taken = Signal(object)
    starred = Signal(object)
    manage_requested = Signal()
    left = Signal()

    def __init__(self, theme: Theme, composer: QWidget, over: QWidget) -> None:
        super().__init__(over)
        self._theme = theme
        self._composer = composer
        self._over = over
        self.setProperty("kind", "float")
        self.setAccessibleName(self.tr("Suggestions"))
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Suggestions"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.viewport().installEventFilter(self)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self._delegate = _Delegate(theme, self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.entered.connect(self._on_entered)
        self._hint = label(size="small", tone="faint")
        self.manage = button("", "text")
        self.manage.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.manage.clicked.connect(self.manage_requested)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.px(4), 0, theme.px(4), 0)
        foot.addWidget(self._hint, 1)
        foot.addWidget(self.manage)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self.list, 1)
        self._layout.addWidget(separator())
        self._layout.addLayout(foot)
        self.hide()

    @property
    def current(self) -> Suggestion | None:
        """The row that Enter takes, None where there is none."""
        index = self.list.currentIndex()
        return self._row(index.row()) if index.isValid() else None

    def rows(self) -> tuple[str, ...]:
        """Return the words of all rows, for reading aloud and for tests."""
        return tuple(self._row(number).words for number in range(self._model.rowCount()))

    def show_rows(self, rows: list[Suggestion], hint: str, manage: str = "") -> None:
        """Show these rows; the first that is surely meant is the current one."""
        before = self.current
        self._model.clear()
        for row in rows:
            item = QStandardItem(row.words)
            item.setData(row, Qt.ItemDataRole.UserRole)
            if row.detail:
                item.setData(plain_tip(row.detail), Qt.ItemDataRole.ToolTipRole)
            free = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(free if row.value is not None else Qt.ItemFlag.NoItemFlags)
            self._model.appendRow(item)
        self._hint.setText(hint)
        self.manage.setText(manage)
        self.manage.setVisible(bool(manage))
        self._place(rows)
        was_hidden = self.isHidden()
        self.show()
        self.raise_()
        if was_hidden:
            QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]
        first = next((at for at, row in enumerate(rows) if row.value is not None and not row.is_weak), -1)
        if first >= 0:
            self._point_at(first)
        if (now := self.current) is not None and (was_hidden or now != before):
            announce(self._composer, now.words)

    def close_list(self) -> None:
        """Put the list away."""
        if not self.isHidden():
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self.hide()

    def step(self, by: int) -> None:
        """Make another row the current one, around the ends."""
        free = [at for at in range(self._model.rowCount()) if self._row(at).value is not None]
        if not free:
            return
        now = self.list.currentIndex().row()
        if now not in free:
            at = free[0] if by > 0 else free[-1]
        elif abs(by) == 1:
            at = free[(free.index(now) + by) % len(free)]
        else:
            at = free[min(max(0, free.index(now) + by), len(free) - 1)]
        self._point_at(at)
        announce(self._composer, self._row(at).words)

    def take(self) -> bool:
        """Take the current row; return whether there was one."""
        row = self.current
        if row is None or row.value is None:
            return False
        self.taken.emit(row.value)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a row by a press, and leave by one elsewhere; the focus stays where it is."""
        if watched is self.list.viewport():
            if event.type() is QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
                self._on_pressed(event.position().toPoint())
            is_button = event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease)
            return is_button or super().eventFilter(watched, event)
        if event.type() is QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            if watched is not self and not self.isAncestorOf(watched) and watched.window() is self.window():
                self.left.emit()
        elif event.type() is QEvent.Type.Resize and watched in (self._over, self._composer):
            self._place([self._row(at) for at in range(self._model.rowCount())])
        return super().eventFilter(watched, event)

    def _on_pressed(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if not index.isValid() or self._row(index.row()).value is None:
            return
        row = self._row(index.row())
        if row.star is not None and self._delegate.star_box(self.list.visualRect(index)).contains(at):
            self.starred.emit(row.value)
        else:
            self.taken.emit(row.value)

    def _on_entered(self, index: QModelIndex) -> None:
        if self._row(index.row()).value is not None:
            self.list.setCurrentIndex(index)

    def _point_at(self, row: int) -> None:
        index = self._model.index(row, 0)
        self.list.setCurrentIndex(index)
        # The heading above the first row is part of what is looked for.
        self.list.scrollTo(self._model.index(0, 0) if row <= 1 else index)

    def _row(self, number: int) -> Suggestion:
        row: Suggestion = self._model.index(number, 0).data(Qt.ItemDataRole.UserRole)
        return row

    def _place(self, rows: list[Suggestion]) -> None:
        theme, over = self._theme, self._over
        self._layout.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(4))
        self._layout.setSpacing(theme.px(4))
        corner = self._composer.mapTo(over, QPoint(SHADOW, SHADOW))
        card = self._composer.width() - 2 * SHADOW
        width = min(theme.px(_WIDTH), card)
        left = corner.x() if self.isLeftToRight() else corner.x() + card - width
        foot = theme.px(32)
        self._hint.setFixedHeight(foot)
        wanted = sum(self._delegate.height_of(row) for row in rows) + foot + 1 + theme.px(22)
        room = corner.y() - theme.px(HEADER_HEIGHT + 8)
        if room < theme.px(_LEAST_HEIGHT):
            # Where there is hardly any, it may stand before the header.
            room = corner.y() - theme.px(14)
        height = min(wanted, theme.px(_MOST_HEIGHT), room)
        self.setGeometry(left, corner.y() - theme.px(6) - height, width, height)
