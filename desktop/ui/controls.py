"""Small controls that the windows share."""

import sys

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QBoxLayout,
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QWidget,
)

from desktop.base.direction import reads_right_to_left
from desktop.base.graphemes import beginning
from desktop.ui.icons import icon, pixmap
from desktop.ui.theme import Theme

_LEAST_CHOOSER = 120


def set_look(widget: QWidget, **properties: str) -> None:
    """Set the properties that the style sheet goes by, and have it applied at once."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def hide_idle_bar(area: QAbstractScrollArea) -> None:
    """Leave an area's upright scroll bar its room, but show it only where there is something to scroll.

    A bar that comes with what is too long would push the rest aside.
    """
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    bar = area.verticalScrollBar()

    def look(least: int, most: int) -> None:
        set_look(bar, idle="yes" if most <= least else "")

    bar.rangeChanged.connect(look)
    look(bar.minimum(), bar.maximum())


def direction_of(text: str) -> Qt.LayoutDirection:
    """Return the direction of a text by its first strong character (UAX #9, rule P2)."""
    way = Qt.LayoutDirection
    return way.RightToLeft if reads_right_to_left(text) else way.LeftToRight


def first_words(text: str, most: int = 60) -> str:
    """Return the beginning of a text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{beginning(line, most - 1)}…"


def label(text: str = "", *, size: str = "", tone: str = "", wraps: bool = False) -> QLabel:
    """Return a label that shows `text` as it is, never as markup."""
    # Not with its text at once: what is said of it then would be said by a label that Python does not know.
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setWordWrap(wraps)
    if size:
        made.setProperty("type", size)
    if tone:
        made.setProperty("tone", tone)
    return made


def badge(text: str = "", tone: str = "plain") -> QLabel:
    """Return a small pill of plain text, with tone "plain" or "warn"."""
    made = label(text)
    made.setProperty("badge", tone)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def button(text: str, kind: str = "plain") -> QPushButton:
    """Return a push button of one of the style sheet's kinds. It takes the focus from the keyboard only."""
    made = QPushButton()
    made.setText(text)
    made.setProperty("kind", kind)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    return made


def separator() -> QFrame:
    """Return a line one pixel high."""
    made = QFrame()
    made.setProperty("kind", "line")
    made.setFixedHeight(1)
    return made


def turn(row: QBoxLayout, is_tight: bool) -> None:
    """Lay a row out from top to bottom where there is little room, from side to side elsewhere."""
    way = QBoxLayout.Direction.TopToBottom if is_tight else QBoxLayout.Direction.LeftToRight
    if way is not row.direction():
        row.setDirection(way)


class IconButton(QToolButton):
    """A button that shows an icon alone; its name is its tool tip and what a screen reader says."""

    def __init__(self, theme: Theme, name: str, words: str, *, kind: str = "icon", size: int = 18) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._size = size
        self.setProperty("kind", kind)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self._draw()
        theme.changed.connect(self._draw)

    def _draw(self) -> None:
        size = self._theme.px(self._size)
        self.setIcon(icon(self._name, self._theme.color("muted"), size))
        self.setIconSize(QSize(size, size))


class Chooser(QComboBox):
    """A combo box with the set's own arrow.

    It may be narrower than what it shows, which then ends in “…” and is its tool tip; the list that it
    opens is as wide as what is in it.
    """

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        if sys.platform.startswith("linux"):
            # What Qt gives there as the name of a combo box is its value.
            self.setAccessibleDescription(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.currentTextChanged.connect(self._update_tip)

    def minimumSizeHint(self) -> QSize:
        """Return the least size: some letters and the arrow."""
        usual = super().minimumSizeHint()
        return QSize(min(usual.width(), self._theme.px(_LEAST_CHOOSER)), usual.height())

    @property
    def list_width(self) -> int:
        """How wide the list is when it is open, in pixels."""
        room = self.screen().availableSize().width() - self._theme.px(16)
        return max(self.width(), min(room, self.view().sizeHintForColumn(0) + self._theme.px(32)))

    def showPopup(self) -> None:
        """Open the list, as wide as it has to be."""
        self.view().setMinimumWidth(self.list_width)
        super().showPopup()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the tool tip in step."""
        super().resizeEvent(event)
        self._update_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, as much of its text as there is room for, and the arrow."""
        self._update_tip()
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        text = self.currentText()
        option.currentText = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self._room)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        size = self._theme.px(14)
        arrow = pixmap("chevron-down", self._theme.colors.muted, size, self.devicePixelRatioF())
        room = self.rect().adjusted(self._theme.px(9), 0, -self._theme.px(9), 0)
        trailing = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        at = QStyle.alignedRect(self.layoutDirection(), trailing, QSize(size, size), room)
        painter.drawPixmap(at.topLeft(), arrow)

    @property
    def _room(self) -> int:
        """How wide the text may be; the style leaves a pixel at each side of it."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        return self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width() - 2

    def _update_tip(self) -> None:
        text = self.currentText()
        fits = QFontMetricsF(self.font()).horizontalAdvance(text) <= self._room
        tip = "" if fits else plain_tip(text)
        if tip != self.toolTip():
            self.setToolTip(tip)


class ElidedLabel(QLabel):
    """One line of plain text that ends in “…” where the room ends; the whole text is its tool tip then."""

    def __init__(self, text: str = "", *, size: str = "", tone: str = "") -> None:
        super().__init__()
        self._full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        if size:
            self.setProperty("type", size)
        if tone:
            self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show `text`."""
        self._full = " ".join(text.split())
        super().setText(self._full)
        self._update_tip()

    def minimumSizeHint(self) -> QSize:
        """Return the least size: any width will do."""
        return QSize(1, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the tool tip in step."""
        super().resizeEvent(event)
        self._update_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setLayoutDirection(direction_of(self._full))
        box = self.contentsRect()
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, box.width())
        # The words have a direction of their own; the side they stand at is the window's.
        aligned = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        side = aligned & Qt.AlignmentFlag.AlignRight or Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        painter.drawText(box, int(flags.value) | Qt.TextFlag.TextSingleLine.value, shown)

    def _update_tip(self) -> None:
        fits = QFontMetricsF(self.font()).horizontalAdvance(self._full) <= self.contentsRect().width()
        tip = "" if fits else plain_tip(self._full)
        if tip != self.toolTip():
            self.setToolTip(tip)


def plain_tip(text: str) -> str:
    """Return `text` for a tool tip, which shows markup as markup unless it is escaped."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<span>{escaped}</span>"


SPOKEN_ROLE = "spoken_role"
OPENS, TAB, CHART, DOCUMENT = "opens", "tab", "chart", "document"


def opens_something(button: QAbstractButton) -> None:
    """Have a button said to open a list or a menu, and whether that is open, where it is checkable."""
    button.setProperty(SPOKEN_ROLE, OPENS)


def is_tab(button: QAbstractButton) -> None:
    """Have a checkable button said to be one of several tabs."""
    button.setProperty(SPOKEN_ROLE, TAB)


def is_chart(widget: QWidget) -> None:
    """Have a widget that paints figures said to be a chart."""
    widget.setProperty(SPOKEN_ROLE, CHART)


def is_document(area: QWidget) -> None:
    """Have an area that takes the keyboard to be read through said to be a document."""
    area.setProperty(SPOKEN_ROLE, DOCUMENT)


def announce(widget: QWidget, words: str) -> None:
    """Have a screen reader say `words`, without moving the focus."""
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    if QAccessible.isActive() and QApplication.instance() is not None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))
