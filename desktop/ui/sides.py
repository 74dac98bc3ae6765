"""Leading and trailing sides for what paints itself, so that a window reads from right to left as well.

A painter on a widget knows which way the widget reads; a text keeps the direction of its own words.
"""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle

from desktop.ui.controls import direction_of

_MIRRORED = Qt.LayoutDirection.RightToLeft
_TEXT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute


def is_mirrored(painter: QPainter) -> bool:
    """Whether what is painted on reads from right to left."""
    return painter.layoutDirection() is _MIRRORED


def placed(painter: QPainter, whole: QRect, rect: QRect) -> QRect:
    """Return where a rectangle goes that is given for reading from left to right within `whole`."""
    return QStyle.visualRect(painter.layoutDirection(), whole, rect)


def flipped(rect: QRectF, width: float) -> QRectF:
    """Return a rectangle on the other side of something that is `width` wide."""
    return QRectF(width - rect.right(), rect.top(), rect.width(), rect.height())


def flipped_point(point: QPointF, width: float) -> QPointF:
    """Return a point on the other side of something that is `width` wide."""
    return QPointF(width - point.x(), point.y())


def draw_line(
    painter: QPainter,
    room: QRect,
    text: str,
    *,
    at_end: bool = False,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """Paint one line of text in its own direction, at the side where reading begins, or where it ends.

    It is elided where the room ends, centred in height, and painted in the painter's font and pen.
    """
    reads = painter.layoutDirection()
    is_right = (reads is _MIRRORED) != at_end
    side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
    shown = QFontMetricsF(painter.font()).elidedText(text, elide, room.width() + 0.5)
    painter.setLayoutDirection(direction_of(text))
    painter.drawText(room, int((side | _TEXT).value) | Qt.TextFlag.TextSingleLine.value, shown)
    painter.setLayoutDirection(reads)


def write(painter: QPainter, left: QPointF, text: str) -> None:
    """Paint a text in its own direction from the left end of its baseline on."""
    reads = painter.layoutDirection()
    painter.setLayoutDirection(direction_of(text))
    painter.drawText(left, text)
    painter.setLayoutDirection(reads)


class Room:
    """The part of a row that is still free; what is painted in the row takes it from either side."""

    def __init__(self, painter: QPainter, rect: QRect) -> None:
        self.rect = QRect(rect)
        self._is_mirrored = is_mirrored(painter)

    def from_start(self, width: int, gap: int = 0) -> QRect:
        """Take a stretch where reading begins, with a gap behind it; return the stretch."""
        return self._take(width, gap, is_left=not self._is_mirrored)

    def from_end(self, width: int, gap: int = 0) -> QRect:
        """Take a stretch where reading ends, with a gap before it; return the stretch."""
        return self._take(width, gap, is_left=self._is_mirrored)

    def _take(self, width: int, gap: int, *, is_left: bool) -> QRect:
        rect = self.rect
        left = rect.left() if is_left else rect.right() - width + 1
        taken = QRect(left, rect.top(), width, rect.height())
        self.rect = rect.adjusted(width + gap, 0, 0, 0) if is_left else rect.adjusted(0, 0, -width - gap, 0)
        return taken
