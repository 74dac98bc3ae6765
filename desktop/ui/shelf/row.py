"""A row of the shelf, and the place where it stands."""

from bisect import bisect_right
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.chat.arrivals import Mark
from desktop.chat.shelf import Shelf
from desktop.ui.icons import pixmap
from desktop.ui.sides import Room, draw_line, is_mirrored, placed
from desktop.ui.style import ROW_PX
from desktop.ui.theme import GROUP_PX, RADIUS_CONTROL, Theme

if TYPE_CHECKING:
    from desktop.ui.shelf.view import ShelfView

_Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 35
GROUP_HEIGHT = 37


class Rows:
    """Where each row stands, worked out from where groups begin: no row is looked at.

    All heights are whole pixels; a group's name stands above its first row, within its rectangle.
    """

    def __init__(self, starts: list[tuple[int, str]], count: int, row: int, group: int) -> None:
        self.starts = [start for start, _ in starts]
        self.count = count
        self.row = row
        self.group = group
        self.height = count * row + len(starts) * group

    def starts_group(self, row: int) -> bool:
        """Whether a row is the first of its group."""
        at = bisect_right(self.starts, row) - 1
        return at >= 0 and self.starts[at] == row

    def top(self, row: int) -> int:
        """Return where a row begins, its group's name included."""
        before = bisect_right(self.starts, row - 1)
        return row * self.row + before * self.group

    def height_of(self, row: int) -> int:
        """Return the height of a row, its group's name included."""
        return self.row + (self.group if self.starts_group(row) else 0)

    def at(self, y: int) -> int:
        """Return the row at a height, or -1."""
        if not 0 <= y < self.height or not self.starts:
            return -1
        tops = range(len(self.starts))
        at = bisect_right(tops, y, key=lambda each: self.starts[each] * self.row + each * self.group) - 1
        first = self.starts[at]
        into = y - first * self.row - at * self.group - self.group
        return first + max(0, into) // self.row


class RowDelegate(QStyledItemDelegate):
    """Draws a conversation's row, with its group's name above the first of each group."""

    def __init__(self, theme: Theme, view: "ShelfView") -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def starts_group(self, index: _Index) -> bool:
        """Whether the row is the first of its group."""
        return self._view.rows.starts_group(index.row())

    def row_rect(self, index: _Index, whole: QRect) -> QRect:
        """Return the part of an item's rectangle that is the row itself, without the group's name."""
        top = self._theme.px(GROUP_HEIGHT) if self.starts_group(index) else 0
        return whole.adjusted(0, top, 0, 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of a row, with its group's name where it has one."""
        return QSize(10, self._view.rows.height_of(index.row()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the row, and its group's name."""
        theme = self._theme
        view = self._view
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole: QRect = option.rect
        row = self.row_rect(index, whole)
        if self.starts_group(index):
            self._paint_group(painter, index, whole)
        is_current = index.data(Shelf.Role.ID) == view.current_id
        is_chosen = view.has_several and view.selectionModel().isSelected(index)
        box = QRectF(row).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = theme.px(RADIUS_CONTROL)
        if is_current or is_chosen or view.hovered == index.row():
            painter.setPen(theme.edge())
            painter.setBrush(theme.color("accent_soft" if is_current or is_chosen else "prompt"))
            painter.drawRoundedRect(box, radius, radius)
        if view.shows_focus and view.hasFocus() and view.currentIndex() == index:
            painter.setPen(QPen(theme.color("accent"), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius - 1, radius - 1)
        room = Room(painter, row.adjusted(theme.px(9), 0, -theme.px(9), 0))
        # What goes through Qt comes out as plain text.
        mark = Mark(str(index.data(Shelf.Role.MARK)))
        if mark:
            self._paint_mark(painter, mark, room.from_end(theme.px(16)))
        is_news = mark in (Mark.UNREAD, Mark.FAILED)
        weight = QFont.Weight.Medium if is_current else QFont.Weight.Normal
        painter.setFont(theme.font(ROW_PX, QFont.Weight.Bold if is_news else weight))
        painter.setPen(theme.color("text"))
        draw_line(painter, room.rect, str(index.data()))
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

    def _paint_mark(self, painter: QPainter, mark: Mark, room: QRect) -> None:
        """Draw a ring that breathes while a reply comes, a dot where it has come, a sign where it failed."""
        theme = self._theme
        if mark is Mark.FAILED:
            size = theme.px(13)
            sign = pixmap("warning", theme.colors.warn, size, self._view.devicePixelRatioF())
            box = QRect(0, room.center().y() - size // 2, size, size)
            box.moveRight(room.right() + theme.px(3))
            painter.drawPixmap(placed(painter, room, box).topLeft(), sign)
            return
        size = theme.px(8)
        left = room.left() if is_mirrored(painter) else room.right() - size + 1
        place = QRectF(left, room.center().y() - size / 2 + 0.5, size, size)
        accent = theme.color("accent")
        if mark is Mark.UNREAD:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(accent)
            painter.drawEllipse(place)
            return
        width = max(1.5, theme.zoom * 1.5)
        painter.setPen(QPen(accent, width))
        fill = QColor(accent)
        fill.setAlphaF(self._view.breath.depth)
        painter.setBrush(fill)
        painter.drawEllipse(place.adjusted(width / 2, width / 2, -width / 2, -width / 2))

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
