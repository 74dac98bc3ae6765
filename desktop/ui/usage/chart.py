"""Charts: stacked bars and lines over days, in the theme's colours, for the eye, the keyboard and the ear."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.controls import announce, is_chart
from desktop.ui.theme import GROUP_PX, SMALL_PX, Theme
from desktop.ui.usage.scale import spread, ticks
from desktop.ui.usage.words import tr
from desktop.ui.wording import pair, parts, trimmed

HEIGHT = 190
_AXIS = 20
_ABOVE = 10
_LEAST_AXIS = 50
_WIDEST = 34
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a chart: its name, its colour, and a value for each step, None where there is none."""

    name: str
    color: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """What a chart shows.

    `labels` stand under the steps, `titles` name them in full; `words` makes the text of a value and
    `axis` those of the numbers on the scale, which look alike. Bars are stacked, lines are not.
    """

    labels: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    words: Callable[[float], str] = str
    axis: Callable[[Sequence[float]], Sequence[str]] = lambda scale: [trimmed(value, 6) for value in scale]
    is_stacked: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for line in self.lines for value in line.values)

    def values_at(self, place: int) -> list[tuple[Line, float]]:
        """Return the values of a step, the largest first."""
        found = [(line, line.values[place]) for line in self.lines]
        known = [(line, value) for line, value in found if value]
        return sorted(known, key=lambda item: -item[1])

    def line_words(self, line: Line, value: float) -> str:
        """Return a value after the name of its model."""
        #: A model and what was used of it: gpt-5 1,234
        return tr("{model} {value}").format(model=line.name, value=self.words(value))

    @property
    def largest(self) -> float:
        """The largest value that has to have room."""
        if self.is_stacked:
            return max(
                (sum(value for _, value in self.values_at(n)) for n in range(len(self.labels))), default=0
            )
        return max((value for line in self.lines for value in line.values if value), default=0)


class Chart(QWidget):
    """Draws a plot. The pointer and the arrow keys choose a step, of which the values are shown and said."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._plot = Plot()
        self._place: int | None = None
        is_chart(self)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def plot(self) -> Plot:
        """What is shown."""
        return self._plot

    @property
    def place(self) -> int | None:
        """The step whose values are shown, from 0, or None."""
        return self._place

    def show_plot(self, plot: Plot, words: str) -> None:
        """Show a plot; `words` say what it shows to those who can't see it."""
        self._plot = plot
        self._place = None
        self.setAccessibleDescription(words)
        self.update()

    def text_at(self, place: int) -> str:
        """Return what is shown of a step, as a sentence."""
        plot = self._plot
        found = plot.values_at(place)
        values = parts(*(plot.line_words(line, value) for line, value in found))
        return pair(plot.titles[place], values or tr("nothing"))

    # Choosing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values under the pointer."""
        self._choose(self._place_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Show no values any more."""
        del event
        self._choose(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show no values any more."""
        super().focusOutEvent(event)
        self._choose(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through the steps with the arrow keys, Home and End."""
        count = len(self._plot.labels)
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: count - 1}.get(Qt.Key(event.key()))
        if not count or (by is None and ends is None):
            if event.key() == Qt.Key.Key_Escape and self._place is not None:
                self._choose(None)
                return
            super().keyPressEvent(event)
            return
        before = self._place if self._place is not None else count
        self._choose(ends if ends is not None else min(count - 1, max(0, before + (by or 0))))
        if self._place is not None:
            announce(self, self.text_at(self._place))

    def _choose(self, place: int | None) -> None:
        if place != self._place:
            self._place = place
            self.update()

    def _place_at(self, point: QPointF) -> int | None:
        area, count = self._area, len(self._plot.labels)
        if not count or self._plot.is_empty or not area.adjusted(0, -9, 0, 20).contains(point):
            return None
        return min(count - 1, int((point.x() - area.left()) / area.width() * count))

    # Drawing

    def sizeHint(self) -> QSize:
        """Return the usual size."""
        return QSize(self._theme.px(360), self._theme.px(HEIGHT))

    @property
    def _area(self) -> QRectF:
        px = self._theme.px
        left = px(2) + self._axis_width
        return QRectF(
            left, px(_ABOVE), max(1, self.width() - left - px(2)), self.height() - px(_ABOVE) - px(_AXIS)
        )

    @property
    def _axis_width(self) -> float:
        metrics = QFontMetricsF(self._small)
        texts = self._plot.axis(ticks(self._plot.largest))
        wide = max((metrics.horizontalAdvance(text) for text in texts), default=0.0) + self._theme.px(8)
        # Charts one above the other begin at the same place as far as their numbers allow.
        return max(wide, self._theme.px(_LEAST_AXIS))

    @property
    def _small(self) -> QFont:
        return self._theme.kept("usage-small", lambda: self._theme.number_font(GROUP_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the scale, the values, and those of the chosen step."""
        del event
        painter = QPainter(self)
        # Time goes from left to right in every language's charts.
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small)
        theme = self._theme
        if self._plot.is_empty:
            painter.setPen(theme.color("faint"))
            painter.setFont(theme.font(SMALL_PX))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter.value), tr("Nothing in this time"))
        else:
            area, scale = self._area, ticks(self._plot.largest)
            self._paint_scale(painter, area, scale)
            if self._plot.is_stacked:
                self._paint_bars(painter, area, scale[-1])
            else:
                self._paint_lines(painter, area, scale[-1])
            self._paint_days(painter, area)
            if self._place is not None:
                self._paint_values(painter, area, self._place)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.px(8), theme.px(8))

    def _paint_scale(self, painter: QPainter, area: QRectF, scale: Sequence[float]) -> None:
        theme = self._theme
        for value, text in zip(scale, self._plot.axis(scale), strict=True):
            y = round(area.bottom() - area.height() * value / scale[-1]) + 0.5
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.color("faint"))
            room = QRectF(0, y - theme.px(8), area.left() - theme.px(8), theme.px(16))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, int(flags.value), text)

    def _paint_days(self, painter: QPainter, area: QRectF) -> None:
        theme, labels = self._theme, self._plot.labels
        wide = max((QFontMetricsF(self._small).horizontalAdvance(text) for text in labels), default=1.0)
        each = area.width() / len(labels)
        painter.setPen(theme.color("faint"))
        for place in spread(len(labels), max(1, int(area.width() // (wide + theme.px(18))))):
            middle = area.left() + each * (place + 0.5)
            left = min(max(area.left(), middle - wide / 2), area.right() - wide)
            room = QRectF(left - 1, area.bottom() + theme.px(3), wide + 2, theme.px(_AXIS) - theme.px(3))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignHCenter.value), labels[place])

    def _paint_bars(self, painter: QPainter, area: QRectF, top: float) -> None:
        theme, plot = self._theme, self._plot
        each = area.width() / len(plot.labels)
        gap = min(theme.px(4), each * 0.25)
        wide = min(theme.px(_WIDEST), max(1.0, each - gap))
        painter.setPen(Qt.PenStyle.NoPen)
        for place in range(len(plot.labels)):
            left = area.left() + each * (place + 0.5) - wide / 2
            values = [(line, line.values[place] or 0.0) for line in plot.lines]
            whole = sum(value for _, value in values)
            if not whole:
                continue
            height = max(1.5, area.height() * whole / top)
            bar = QRectF(left, area.bottom() - height, wide, height)
            painter.save()
            path, radius = QPainterPath(), min(theme.px(3), wide / 3, height)
            path.addRoundedRect(bar.adjusted(0, 0, 0, radius), radius, radius)
            painter.setClipRect(bar, Qt.ClipOperation.IntersectClip)
            painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
            is_quiet = self._place is not None and place != self._place
            painter.setOpacity(0.45 if is_quiet else 1.0)
            y = bar.bottom()
            for line, value in values:
                part = height * value / whole
                painter.fillRect(QRectF(left, y - part, wide, part + 0.5), QColor(line.color))
                y -= part
            painter.restore()

    def _paint_lines(self, painter: QPainter, area: QRectF, top: float) -> None:
        theme, plot = self._theme, self._plot
        each = area.width() / len(plot.labels)
        if self._place is not None:
            x = round(area.left() + each * (self._place + 0.5)) + 0.5
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for line in reversed(plot.lines):
            color = QColor(line.color)
            points: list[tuple[int, QPointF]] = []
            for place, value in enumerate(line.values):
                if value is not None:
                    x = area.left() + each * (place + 0.5)
                    points.append((place, QPointF(x, area.bottom() - area.height() * value / top)))
            pen = QPen(color, max(1.6, theme.px(2) * 0.9))
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if len(points) > 1:
                painter.drawPolyline([point for _, point in points])
            painter.setPen(QPen(theme.color("card"), 1))
            painter.setBrush(color)
            is_sparse = len(points) <= 40
            for place, point in points:
                if is_sparse or place == self._place:
                    size = theme.px(4) if place == self._place else theme.px(2.6)
                    painter.drawEllipse(point, size, size)

    def _paint_values(self, painter: QPainter, area: QRectF, place: int) -> None:
        """Draw a small card with the values of a step beside it."""
        theme, plot = self._theme, self._plot
        found = plot.values_at(place)
        rows = [(line.color, line.name, plot.words(value)) for line, value in found[:_NAMED]]
        total = sum(value for _, value in found)
        head = plot.titles[place]
        if plot.is_stacked and len(found) > 1:
            head = f"{head} · {plot.words(total)}"
        painter.setFont(self._small)
        metrics = QFontMetricsF(self._small)
        room = self.width() - theme.px(60)
        names = [metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room * 0.5) for _, name, _ in rows]
        widths = [
            metrics.horizontalAdvance(name) + metrics.horizontalAdvance(row[2]) + theme.px(34)
            for name, row in zip(names, rows, strict=True)
        ]
        pad, step = theme.px(9), metrics.height() + theme.px(3)
        wide = max([metrics.horizontalAdvance(head), *widths]) + 2 * pad
        high = step * (len(rows) + 1) + 2 * pad - theme.px(3)
        x = area.left() + area.width() / len(plot.labels) * (place + 0.5)
        left = x + theme.px(12) if x + theme.px(12) + wide <= self.width() else x - theme.px(12) - wide
        card = QRectF(max(1.0, left), max(1.0, min(area.top(), self.height() - high - 1)), wide, high)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(card.translated(0.5, 0.5), theme.px(8), theme.px(8))
        line = QRectF(card.left() + pad, card.top() + pad, wide - 2 * pad, metrics.height())
        painter.setPen(theme.color("muted"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter.value), head)
        for name, (color, _, value) in zip(names, rows, strict=True):
            line.translate(0, step)
            chip = QRectF(line.left(), line.center().y() - theme.px(4), theme.px(8), theme.px(8))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(color))
            painter.drawRoundedRect(chip, theme.px(2), theme.px(2))
            painter.setPen(theme.color("text"))
            painter.drawText(
                line.adjusted(theme.px(14), 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter.value), name
            )
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(line, int(flags.value), value)

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))
        self.update()
