"""What a search found: each title, and each message with the words in their context."""

from PySide6.QtCore import (
    QDateTime,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem

from desktop.chat.finds import Finds
from desktop.domain.message import Role
from desktop.domain.search import Hit
from desktop.ui.marked import marked_layout
from desktop.ui.sides import Room, draw_line
from desktop.ui.style import ROW_PX
from desktop.ui.theme import GROUP_PX, RADIUS_CONTROL, Theme

_Index = QModelIndex | QPersistentModelIndex

SIDE = 10
_INSIDE = 9
_TEXT_PX = 12.0
_LINES = 2


def date_words(created: int) -> str:
    """Return a time in Unix milliseconds as a short date, or as the time of day if it is today."""
    when = QDateTime.fromMSecsSinceEpoch(created)
    if when.date() == QDateTime.currentDateTime().date():
        return QLocale().toString(when.time(), QLocale.FormatType.ShortFormat)
    return QLocale().toString(when.date(), QLocale.FormatType.ShortFormat)


class HitDelegate(QStyledItemDelegate):
    """Draws a hit: the conversation's title, and two lines of the message with the words marked."""

    def __init__(self, theme: Theme, view: "HitView") -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        """Work out once what every hit is drawn with."""
        theme = self._theme
        self._title_font = theme.font(ROW_PX, QFont.Weight.Medium)
        self._text_font = theme.font(_TEXT_PX)
        self._date_font = theme.font(GROUP_PX)
        self._title_metrics = QFontMetrics(self._title_font)
        self._date_metrics = QFontMetrics(self._date_font)
        self._line_height = round(QFontMetrics(self._text_font).lineSpacing() * 1.12)
        self._title_height = theme.px(35)
        self._whole_height = self._title_height + _LINES * self._line_height + theme.px(4)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of a hit; a title alone takes one line."""
        hit = index.data(Finds.Role.HIT)
        return QSize(10, self._whole_height if hit is not None and hit.message_id else self._title_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the hit."""
        theme = self._theme
        hit: Hit = index.data(Finds.Role.HIT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row: QRect = option.rect
        if self._view.currentIndex() == index:
            painter.setPen(theme.edge())
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(
                QRectF(row).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(RADIUS_CONTROL), theme.px(RADIUS_CONTROL)
            )
        room = row.adjusted(theme.px(_INSIDE), 0, -theme.px(_INSIDE), 0)
        head = QRect(room.left(), room.top(), room.width(), theme.px(33))
        self._paint_head(painter, str(index.data()), hit, head)
        if hit.message_id:
            self._paint_text(painter, hit, QRect(room.left(), head.bottom() - theme.px(3), room.width(), 0))
        painter.restore()

    def _paint_head(self, painter: QPainter, title: str, hit: Hit, head: QRect) -> None:
        theme = self._theme
        painter.setFont(self._date_font)
        painter.setPen(theme.color("faint"))
        when = date_words(hit.created)
        taken = self._date_metrics.horizontalAdvance(when) + theme.px(8)
        marks = () if hit.message_id else hit.marks
        free = Room(painter, head)
        draw_line(painter, free.from_end(taken), when, at_end=True)
        room = free.rect
        font = self._title_font
        shown = self._title_metrics.elidedText(title, Qt.TextElideMode.ElideRight, room.width())
        layout = self._layout(shown, font, marks, room.width(), 1)
        y = room.center().y() + 0.5 - self._title_metrics.height() / 2
        painter.setPen(theme.color("text"))
        layout.draw(painter, QPointF(room.left(), y))

    def _paint_text(self, painter: QPainter, hit: Hit, box: QRect) -> None:
        form = self.tr("You: {text}") if hit.role is Role.USER else "{text}"
        who = form.partition("{text}")[0]
        marks = tuple((start + len(who), length) for start, length in hit.marks)
        painter.setPen(self._theme.color("muted"))
        layout = self._layout(form.format(text=hit.excerpt), self._text_font, marks, box.width(), _LINES)
        layout.draw(painter, QPointF(box.left(), box.top()))

    def _layout(
        self, text: str, font: QFont, marks: tuple[tuple[int, int], ...], width: int, lines: int
    ) -> QTextLayout:
        look = QTextCharFormat()
        look.setBackground(self._theme.color("selection"))
        look.setForeground(self._theme.color("text"))
        return marked_layout(
            text, font, marks, look, width, lines=lines,
            line_height=self._line_height, is_mirrored=self._view.isRightToLeft(),
        )  # fmt: skip


class HitView(QListView):
    """The list of hits. The search field moves in it and opens from it; a click opens too."""

    opened = Signal(str, str)

    def __init__(self, theme: Theme, finds: Finds) -> None:
        super().__init__()
        self._theme = theme
        self._finds = finds
        self.setModel(finds)
        self.setItemDelegate(HitDelegate(theme, self))
        #: Name of the list of what a search found
        self.setAccessibleName(self.tr("Found"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_clicked)
        finds.modelReset.connect(self._on_reset)
        theme.changed.connect(self.scheduleDelayedItemsLayout)

    def step(self, by: int) -> None:
        """Go to another hit."""
        last = self._finds.rowCount() - 1
        if last >= 0:
            row = max(0, min(last, self.currentIndex().row() + by))
            self.setCurrentIndex(self._finds.index(row))

    def open_current(self) -> bool:
        """Open the hit that is marked; return whether there is one."""
        hit = self._finds.hit(self.currentIndex().row())
        if hit is not None:
            self.opened.emit(hit.conversation.id, hit.message_id)
        return hit is not None

    def _on_clicked(self, index: _Index) -> None:
        self.open_current()

    def _on_reset(self) -> None:
        if self._finds.rowCount():
            self.setCurrentIndex(self._finds.index(0))
            self.scrollToTop()
