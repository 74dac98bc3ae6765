"""How the parts of a message look: fonts, colours and the small painted controls."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle

from desktop.ui.controls import direction_of
from desktop.ui.sides import flipped, flipped_point, is_mirrored
from desktop.ui.theme import BODY_PX, LINE_HEIGHT, SMALL_PX, Theme
from desktop.ui.timeline.flow_place import Position

if TYPE_CHECKING:
    from desktop.ui.timeline.inlays import Inlays
    from desktop.ui.timeline.pieces import Pictures


class Look:
    """Fonts, colours and distances of the timeline, worked out once from the theme."""

    def __init__(
        self,
        theme: Theme,
        pictures: "Pictures | None" = None,
        inlays: "Inlays | None" = None,
        *,
        has_heads: bool = True,
        is_mirrored: bool = False,
    ) -> None:
        """Without `pictures` no image is decoded, without `inlays` no formula is set.

        With `has_heads` a line over each reply says whose it is. With `is_mirrored` everything but the
        texts themselves stands as in a window that reads from right to left.
        """
        self.theme = theme
        self.pictures = pictures
        self.inlays = inlays
        self.has_heads = has_heads
        self.is_mirrored = is_mirrored
        self.line_height = theme.px(BODY_PX * LINE_HEIGHT)
        self._colors: dict[str, QColor] = {}

    def px(self, logical: float) -> int:
        """Return a distance after zoom, in whole pixels."""
        return self.theme.px(logical)

    def at(self, rect: QRectF, width: float) -> QRectF:
        """Return where something stands in a column, given where it would, read from left to right."""
        return flipped(rect, width) if self.is_mirrored else rect

    def point(self, point: QPointF, width: float) -> QPointF:
        """Return the same for a point; it leads there and back."""
        return flipped_point(point, width) if self.is_mirrored else point

    @property
    def line_px(self) -> int:
        """How wide a border is, in pixels."""
        return self.theme.look.line_px

    @property
    def edge(self) -> QColor | None:
        """The border of surfaces that otherwise stand out by their colour alone, where the look wants one."""
        return self.color("line") if self.theme.look.is_contrast else None

    def color(self, name: str) -> QColor:
        """Return a colour of the theme, for reading alone."""
        found = self._colors.get(name)
        if found is None:
            found = self._colors[name] = self.theme.color(name)
        return found

    @cached_property
    def plain(self) -> QFont:
        """The font of what is small and does not change while it is looked at."""
        return self.theme.font(SMALL_PX)

    @cached_property
    def plain_metrics(self) -> QFontMetricsF:
        """The measure of `plain`."""
        return QFontMetricsF(self.plain)

    @cached_property
    def small(self) -> QFont:
        """The font of who, when, meters and marks; its figures are of one width."""
        return self.theme.number_font(SMALL_PX)

    @cached_property
    def small_strong(self) -> QFont:
        """The font of names and painted buttons."""
        return self.theme.font(SMALL_PX, QFont.Weight.DemiBold)

    @cached_property
    def small_metrics(self) -> QFontMetricsF:
        """The measure of `small`."""
        return QFontMetricsF(self.small)

    @cached_property
    def strong_metrics(self) -> QFontMetricsF:
        """The measure of `small_strong`."""
        return QFontMetricsF(self.small_strong)


@dataclass(frozen=True, slots=True)
class Ink:
    """What the painting of one section has to know beyond the section itself.

    `hover` is the name of the painted control under the pointer, `is_marked` whether the message is
    under the pointer or has the keyboard's attention.
    """

    selection: tuple[Position, Position] | None = None
    hover: str = ""
    is_marked: bool = False


def text_line(
    painter: QPainter,
    rect: QRectF,
    text: str,
    font: QFont,
    color: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Paint one line of plain text in its own direction, elided where the room ends, centred in height.

    Left means where reading begins, on what is painted on.
    """
    painter.setFont(font)
    painter.setPen(color)
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width() + 0.5)
    reads = painter.layoutDirection()
    side = QStyle.visualAlignment(reads, align)
    flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
    painter.setLayoutDirection(direction_of(text))
    painter.drawText(rect, int(flags.value) | int(Qt.TextFlag.TextSingleLine.value), shown)
    painter.setLayoutDirection(reads)


def card(
    painter: QPainter,
    rect: QRectF,
    fill: QColor,
    radius: float,
    border: QColor | None = None,
    width: float = 1,
) -> None:
    """Paint a rounded surface, with a border of a width in pixels within it where one is given."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen if border is None else QPen(border, width))
    painter.setBrush(fill)
    half = 0.0 if border is None else width / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)


def triangle(painter: QPainter, center: QPointF, size: float, color: QColor, is_down: bool) -> None:
    """Paint the mark of something that folds: the way one reads while folded, down while open."""
    half = size / 2
    ahead = -half if is_mirrored(painter) else half
    path = QPainterPath()
    if is_down:
        path.moveTo(center.x() - half, center.y() - half * 0.6)
        path.lineTo(center.x() + half, center.y() - half * 0.6)
        path.lineTo(center.x(), center.y() + half * 0.8)
    else:
        path.moveTo(center.x() - ahead * 0.6, center.y() - half)
        path.lineTo(center.x() + ahead * 0.8, center.y())
        path.lineTo(center.x() - ahead * 0.6, center.y() + half)
    path.closeSubpath()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(path, color)


def arrow(painter: QPainter, center: QPointF, size: float, color: QColor, is_left: bool) -> None:
    """Paint an open arrow, as in ‹ 2 / 3 ›."""
    half = size / 2
    side = -1 if is_left else 1
    path = QPainterPath()
    path.moveTo(center.x() - side * half * 0.5, center.y() - half)
    path.lineTo(center.x() + side * half * 0.5, center.y())
    path.lineTo(center.x() - side * half * 0.5, center.y() + half)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(color, 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPath(path)


class Buttons:
    """A row of painted buttons, hit-tested by their rectangles."""

    def __init__(self, look: Look, names: tuple[tuple[str, str], ...]) -> None:
        """`names` are pairs of the control's name and its label."""
        self._look = look
        self._names = names
        self.rects: list[QRectF] = []
        self.height = look.px(28)

    def lay_out(self, left: float, top: float, within: float) -> None:
        """Place the buttons from a corner on, in a column that is `within` wide."""
        look = self._look
        self.rects.clear()
        for _, label in self._names:
            width = look.strong_metrics.horizontalAdvance(label) + look.px(24)
            self.rects.append(look.at(QRectF(left, top, width, self.height), within))
            left += width + look.px(8)

    def at(self, point: QPointF) -> str:
        """Return the name of the button at a point, or an empty text."""
        for (name, _), rect in zip(self._names, self.rects, strict=True):
            if rect.contains(point):
                return name
        return ""

    def paint(self, painter: QPainter, hover: str, is_bare: bool = False) -> None:
        """Paint the buttons; bare ones have a border only under the pointer."""
        look = self._look
        for (name, label), rect in zip(self._names, self.rects, strict=True):
            if not is_bare or name == hover:
                fill = look.color("prompt" if name == hover else "card")
                border = look.edge if is_bare else look.color("line")
                card(painter, rect, fill, look.px(8), border, look.line_px)
            color = look.color("accent" if is_bare else "text")
            text_line(painter, rect, label, look.small_strong, color, Qt.AlignmentFlag.AlignHCenter)
