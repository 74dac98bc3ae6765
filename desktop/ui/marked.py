"""Short texts with what was found in them marked, for lists that paint their rows."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QTextCharFormat, QTextLayout, QTextOption

from desktop.base import utf16
from desktop.base.graphemes import end_at, start_at
from desktop.ui.controls import direction_of


def marked_layout(
    text: str,
    font: QFont,
    marks: Iterable[tuple[int, int]],
    look: QTextCharFormat,
    width: float,
    *,
    lines: int = 1,
    line_height: float = 0.0,
    is_mirrored: bool = False,
) -> QTextLayout:
    """Return `text` laid out in its own direction, wrapped where it may have several `lines`.

    It stands at the left, with `is_mirrored` at the right. `marks` are start and length of what gets the
    `look`, in characters. Lines stand by their base lines: characters of another font are taller, and would
    push them together.
    """
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setTextDirection(direction_of(text))
    option.setAlignment(Qt.AlignmentFlag.AlignRight if is_mirrored else Qt.AlignmentFlag.AlignLeft)
    wrap = QTextOption.WrapMode
    option.setWrapMode(wrap.NoWrap if lines == 1 else wrap.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats([_span(text, start, length, look) for start, length in marks])
    layout.beginLayout()
    ascent = QFontMetrics(font).ascent()
    for number in range(lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(width, 1))
        line.setPosition(QPointF(0, number * line_height + ascent - line.ascent()))
    layout.endLayout()
    return layout


def _span(text: str, start: int, length: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    span = QTextLayout.FormatRange()
    # A format that begins or ends within an emoji would take it apart.
    first, last = start_at(text, start), end_at(text, start + length)
    span.start = utf16.length(text[:first])
    span.length = utf16.length(text[first:last])
    span.format = look
    return span
