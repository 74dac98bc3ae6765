"""The plot: how long it was silent before each record, over the time of the reply."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.base import tongue
from desktop.domain.inspection import ShownRecord
from desktop.ui import wording
from desktop.ui.controls import is_chart
from desktop.ui.inspector import words
from desktop.ui.theme import GROUP_PX, Theme

_HEIGHT = 116
_BUCKETS = 512
_FIRST_WIDTH_S = 0.002
_LEAST_S = 0.001
_LONG_GAP_S = 5.0
_LINES = (0.01, 0.1, 1.0, 10.0, 100.0)


class Buckets:
    """The longest gap of each stretch of time: a fixed number of stretches, however much comes."""

    def __init__(self) -> None:
        self.width = _FIRST_WIDTH_S
        self.gaps: list[float] = []
        self.numbers: list[int] = []
        self.end = 0.0
        self.longest = 0.0
        self.longest_number = 0

    def add(self, record: ShownRecord) -> None:
        """Take the gap before a record."""
        self.end = max(self.end, record.at)
        at = int(record.at / self.width)
        while at >= _BUCKETS:
            self._halve()
            at = int(record.at / self.width)
        missing = at + 1 - len(self.gaps)
        if missing > 0:
            self.gaps += [0.0] * missing
            self.numbers += [0] * missing
        if record.gap >= self.gaps[at]:
            self.gaps[at], self.numbers[at] = record.gap, record.number
        if record.gap > self.longest:
            self.longest, self.longest_number = record.gap, record.number

    def _halve(self) -> None:
        """Make each two stretches one."""
        pairs = [
            max(zip(self.gaps[at : at + 2], self.numbers[at : at + 2], strict=True))
            for at in range(0, len(self.gaps), 2)
        ]
        self.gaps = [gap for gap, _ in pairs]
        self.numbers = [number for _, number in pairs]
        self.width *= 2


class GapPlot(QWidget):
    """Draws the gaps, on a logarithmic scale; `chosen` carries the number of a record that is clicked."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._buckets = Buckets()
        self._mark: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        is_chart(self)
        self.setAccessibleName(self.tr("Gaps between records over time"))
        self.setMouseTracking(True)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)
        self._describe()

    def clear(self) -> None:
        """Show nothing."""
        self._buckets = Buckets()
        self._mark = None
        self._describe()
        self.update()

    def add(self, records: Sequence[ShownRecord]) -> None:
        """Take more records."""
        for record in records:
            self._buckets.add(record)
        self._describe()
        self.update()

    def mark(self, record: ShownRecord | None) -> None:
        """Point out where a record is."""
        self._mark = record.at if record is not None else None
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height that the plot has."""
        return QSize(200, self._theme.px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(80, self._theme.px(_HEIGHT))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the record nearest to the pointer."""
        number = self._number_at(event.position().x())
        if number:
            self.chosen.emit(number)

    def event(self, event: object) -> bool:
        """Say what is under the pointer."""
        if isinstance(event, QHelpEvent):
            number = self._number_at(event.pos().x())
            if number:
                gap = next(
                    gap
                    for gap, known in zip(self._buckets.gaps, self._buckets.numbers, strict=True)
                    if known == number
                )
                text = self.tr("{gap} before record {number}")
                QToolTip.showText(
                    event.globalPos(), text.format(gap=words.gap(gap), number=tongue.number(number)), self
                )
            return True
        return super().event(event)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw lines, bars and the mark."""
        theme = self._theme
        painter = QPainter(self)
        # Time goes from left to right in every language's charts.
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setFont(theme.font(GROUP_PX - 0.5))
        room = self._room()
        top = max(1.0, self._buckets.longest * 1.3)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(QPointF(room.left(), room.bottom()), QPointF(room.right(), room.bottom()))
        for value in _LINES:
            if value >= top:
                break
            y = self._y(value, top, room)
            painter.setPen(QPen(theme.color("line"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(theme.color("faint"))
            box = QRectF(0, y - theme.px(8), room.left() - theme.px(8), theme.px(16))
            name = wording.milliseconds(value * 1000) if value < 1 else wording.seconds(value)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        self._paint_times(painter, room)
        self._paint_bars(painter, room, top)
        if self._mark is not None and self._buckets.end:
            x = room.left() + self._mark / self._buckets.end * room.width()
            painter.setPen(QPen(theme.color("text"), 1))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))

    def _room(self) -> QRectF:
        px = self._theme.px
        return QRectF(px(58), px(8), max(1, self.width() - px(58) - px(12)), self.height() - px(30))

    def _y(self, value: float, top: float, room: QRectF) -> float:
        share = math.log(max(value, _LEAST_S) / _LEAST_S) / math.log(top / _LEAST_S)
        return room.bottom() - share * room.height()

    def _paint_times(self, painter: QPainter, room: QRectF) -> None:
        theme = self._theme
        painter.setPen(theme.color("faint"))
        box = QRectF(room.left(), room.bottom() + theme.px(3), room.width(), theme.px(18))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, wording.seconds(0))
        words_below = self.tr("gap before each record, over time")
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words_below)
        if self._buckets.end:
            end = words.seconds(self._buckets.end)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, end)

    def _paint_bars(self, painter: QPainter, room: QRectF, top: float) -> None:
        buckets = self._buckets
        if not buckets.end:
            return
        usual, long = self._theme.color("accent"), self._theme.color("warn")
        least = max(1.0, self._theme.zoom * 1.5)
        width = max(least, buckets.width / buckets.end * room.width() * 0.8)
        for at, gap in enumerate(buckets.gaps):
            if not buckets.numbers[at]:
                continue
            x = room.left() + min(1.0, (at + 0.5) * buckets.width / buckets.end) * room.width()
            y = min(self._y(gap, top, room), room.bottom() - 2)
            color = QColor(long if gap >= _LONG_GAP_S else usual)
            painter.fillRect(
                QRectF(min(x, room.right() - width / 2) - width / 2, y, width, room.bottom() - y), color
            )

    def _number_at(self, x: float) -> int:
        room, buckets = self._room(), self._buckets
        if not buckets.end or not buckets.gaps:
            return 0
        wanted = int((x - room.left()) / room.width() * buckets.end / buckets.width)
        near = [at for at, number in enumerate(buckets.numbers) if number]
        return buckets.numbers[min(near, key=lambda at: abs(at - wanted))] if near else 0

    def _describe(self) -> None:
        buckets = self._buckets
        text = self.tr("Nothing yet")
        if buckets.longest_number:
            text = self.tr("The longest is {gap}, before record {number}").format(
                gap=words.gap(buckets.longest), number=tongue.number(buckets.longest_number)
            )
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
