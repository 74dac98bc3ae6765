"""Paragraphs of a plain text field, each set from the side it is read from."""

import unicodedata

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QTextBlock
from PySide6.QtWidgets import QPlainTextDocumentLayout, QPlainTextEdit

from desktop.base.direction import reads_right_to_left

_RIGHT = Qt.AlignmentFlag.AlignRight
_LEFT = Qt.AlignmentFlag.AlignLeft
_STRONG = ("L", "R", "AL")


class ParagraphLayout(QPlainTextDocumentLayout):
    """Plain text whose paragraphs begin at the side that their first strong character says.

    Qt works the direction out by itself, but sets plain text from the left whatever it is. A paragraph
    with nothing that has a direction, such as an empty one, begins where the field's own direction says.
    """

    def __init__(self, edit: QPlainTextEdit) -> None:
        super().__init__(edit.document())
        self._edit = edit

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        """Return the place of a paragraph, and align it: Qt asks for it before it uses or paints one."""
        rect = super().blockBoundingRect(block)
        layout = block.layout()
        option = layout.textOption()
        side = _RIGHT if self._begins_right(block) else _LEFT
        if option.alignment() != side:
            option.setAlignment(side)
            layout.setTextOption(option)
        return rect

    def _begins_right(self, block: QTextBlock) -> bool:
        composed = block.layout().preeditAreaText()
        if composed:
            # What is composed is not in the text yet, but shown in it.
            text, at = block.text(), block.layout().preeditAreaPosition()
            written = text[:at] + composed + text[at:]
            is_right = reads_right_to_left(written)
        else:
            written, is_right = block.text(), block.textDirection() is Qt.LayoutDirection.RightToLeft
        if is_right or self._edit.isLeftToRight():
            return is_right
        return not any(unicodedata.bidirectional(sign) in _STRONG for sign in written)


def set_by_paragraph(edit: QPlainTextEdit) -> None:
    """Have each paragraph of a field begin at its own side."""
    edit.document().setDocumentLayout(ParagraphLayout(edit))
