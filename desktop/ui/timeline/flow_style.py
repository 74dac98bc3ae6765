"""Fonts, colours and distances of a flow, worked out once from the theme."""

from functools import cache, cached_property

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from desktop.markup import inline
from desktop.ui.theme import BODY_PX, CLEAR, CODE_PX, LINE_HEIGHT, SMALL_PX, Theme

_HEADING_PX = (0.0, 20.0, 17.5, 15.5, BODY_PX, BODY_PX, SMALL_PX)


# A mark of our own: room behind a character, for the soft box around what follows or ends there.
SPACED = 1 << 16
CHIPS = inline.CODE | inline.MATH | inline.IMAGE

STAND_IN = "i"
"""What Qt lays out in the place of an inlay: a letter, so that lines break beside it as beside a word."""


class TextStyle:
    """How one kind of text looks: its font, its line height in whole pixels, and a format for each mark."""

    def __init__(self, flow: "FlowStyle", font: QFont, color: str, line_height: float) -> None:
        self._flow = flow
        self.font = font
        self.color = QColor(flow.color(color))
        metrics = QFontMetricsF(font)
        self._metrics = metrics
        self.line_height = round(max(line_height, metrics.ascent() + metrics.descent()))
        # The first baseline below the top of a line, with the rest of the line height shared above and below.
        self.baseline = round(
            (self.line_height - metrics.ascent() - metrics.descent()) / 2 + metrics.ascent()
        )
        self._formats: dict[int, QTextCharFormat] = {}
        self._spare: QTextLayout | None = None

    def layout(self) -> QTextLayout:
        """Return a layout in this font without text and formats."""
        made, self._spare = self._spare, None
        if made is None:
            made = QTextLayout("", self.font)
            made.setCacheEnabled(True)
        return made

    def give_back(self, layout: QTextLayout) -> None:
        """Take a layout of `layout` that nobody needs any more: making one costs more than clearing one."""
        layout.clearFormats()
        self._spare = layout

    def format(self, marks: int) -> QTextCharFormat:
        """Return the character format of a set of marks of `markup.inline`."""
        found = self._formats.get(marks)
        if found is None:
            found = self._formats[marks] = self._make(marks)
        return found

    def width_of(self, text: str) -> float:
        """Return how wide a text without marks is."""
        return self._metrics.horizontalAdvance(text)

    def elided(self, text: str, width: float) -> str:
        """Return a text cut to a width, with the mark that says so."""
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, width))

    @cached_property
    def pixels(self) -> float:
        """The size of the font in pixels, with its fraction."""
        return self.font.pointSizeF() * QGuiApplication.primaryScreen().logicalDotsPerInchY() / 72.0

    def room(self, width: float) -> QTextCharFormat:
        """Return the format of a `STAND_IN` that nobody sees and that is as wide as said."""
        font = QFont(self.font)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, width - self.width_of(STAND_IN))
        made = QTextCharFormat()
        made.setFont(font)
        made.setForeground(QColor(CLEAR))
        return made

    def _make(self, marks: int) -> QTextCharFormat:
        theme = self._flow.theme
        made = QTextCharFormat()
        font = QFont(self.font)
        if marks & (inline.CODE | inline.MATH):
            font = QFont(self._flow.code_font)
            font.setPointSizeF(self.font.pointSizeF() * CODE_PX / BODY_PX)
        if marks & inline.STRONG:
            font.setWeight(
                QFont.Weight.DemiBold if self.font.weight() < QFont.Weight.DemiBold else QFont.Weight.Bold
            )
        if marks & (inline.EMPHASIS | inline.MATH):
            font.setItalic(True)
        if marks & inline.STRIKE:
            font.setStrikeOut(True)
        if marks & SPACED:
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, self._flow.px(4))
        made.setFont(font)
        if marks & inline.NOTE:
            made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
            made.setForeground(theme.color("accent"))
        if marks & inline.LINK:
            made.setForeground(theme.color("accent"))
            made.setFontUnderline(True)
            made.setUnderlineColor(theme.color("accent_soft"))
        elif marks & inline.IMAGE:
            made.setForeground(theme.color("muted"))
        return made


class FlowStyle:
    """Everything a flow needs to know to lay out and paint; made anew when the theme changes."""

    def __init__(self, theme: Theme, tone: str = "text") -> None:
        self.theme = theme
        self.tone = tone
        self.zoom = theme.zoom
        self.code_font = theme.code_font()
        # Ligatures would show signs that are not in the code.
        self.code_font.setFeature(QFont.Tag("calt"), 0)
        self.code_font.setFeature(QFont.Tag("liga"), 0)
        self.chosen = QTextCharFormat()
        self.chosen.setBackground(theme.color("selection"))
        self._code_formats: dict[str, QTextCharFormat] = {}
        self._colors: dict[str, QColor] = {}

    def code_format(self, color: str) -> QTextCharFormat:
        """Return the character format of a colour of `markup.code`."""
        found = self._code_formats.get(color)
        if found is None:
            found = self._code_formats[color] = QTextCharFormat()
            found.setForeground(self.color("code_" + color))
        return found

    def px(self, logical: float) -> int:
        """Return a distance after zoom, in whole pixels."""
        return round(logical * self.zoom)

    def color(self, name: str) -> QColor:
        """Return a colour of the theme, for reading alone; ordinary text takes the flow's tone."""
        found = self._colors.get(name)
        if found is None:
            found = self._colors[name] = self.theme.color(self.tone if name == "text" else name)
        return found

    def _text(
        self, px: float, weight: QFont.Weight, color: str = "text", ratio: float = LINE_HEIGHT
    ) -> TextStyle:
        return TextStyle(self, self.theme.font(px, weight), color, px * self.zoom * ratio)

    @cached_property
    def body(self) -> TextStyle:
        """Running text."""
        return self._text(BODY_PX, QFont.Weight.Normal)

    @cached_property
    def quote(self) -> TextStyle:
        """Running text inside a quote."""
        return self._text(BODY_PX, QFont.Weight.Normal, "muted")

    @cached_property
    def small(self) -> TextStyle:
        """The head of a code box."""
        return self._text(SMALL_PX, QFont.Weight.Normal, "muted")

    @cached_property
    def table_head(self) -> TextStyle:
        """The first row of a table."""
        return self._text(SMALL_PX, QFont.Weight.DemiBold, "muted")

    @cached_property
    def code(self) -> TextStyle:
        """The inside of a code box."""
        return TextStyle(self, self.code_font, "text", CODE_PX * self.zoom * LINE_HEIGHT)

    @cached_property
    def headings(self) -> tuple[TextStyle, ...]:
        """Headings by level; index 0 is unused."""
        return tuple(
            self._text(px or BODY_PX, QFont.Weight.DemiBold, "text" if level < 6 else "muted", 1.35)
            for level, px in enumerate(_HEADING_PX)
        )


@cache
def option(is_rtl: bool, wrap: bool = True) -> QTextOption:
    """Return the layout option of a paragraph whose own text decides its direction; nobody changes it."""
    made = QTextOption()
    made.setTextDirection(Qt.LayoutDirection.RightToLeft if is_rtl else Qt.LayoutDirection.LeftToRight)
    made.setAlignment(Qt.AlignmentFlag.AlignRight if is_rtl else Qt.AlignmentFlag.AlignLeft)
    made.setWrapMode(
        QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if wrap else QTextOption.WrapMode.NoWrap
    )
    return made


def style_for(theme: Theme, tone: str) -> FlowStyle:
    """Return the style of a theme and a tone, shared by all flows."""
    return theme.kept(f"flow {tone}", lambda: FlowStyle(theme, tone))
