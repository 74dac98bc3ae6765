"""The line in a transcript above which nothing goes to the model any more, with the summary in its place."""

from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.domain.cut import Cut
from desktop.ui.timeline import words
from desktop.ui.timeline.paint import Ink, Look, text_line, triangle
from desktop.ui.timeline.section import HEAD, Thought
from desktop.ui.wording import dollars

CUT = HEAD - 1
"""The key of the line, which stands above everything else of the message below it."""


def cut_words(cut: Cut) -> str:
    """Return what a cut says: that the model sees nothing above, or a summary of it alone."""
    if cut.summary:
        return words.tr("Of what is above this line the model sees only a summary")
    return words.tr("The model no longer sees what is above this line")


def summary_words(cut: Cut) -> str:
    """Return the head of a summary: what it is of, who wrote it, and what that took."""
    found = [words.tr("Summary of %n message(s)", "", cut.count - cut.missed)]
    if cut.missed:
        found[0] = words.tr("Summary without the %n oldest message(s)", "", cut.missed)
    if cut.model:
        found.append(cut.model)
    usage = cut.usage
    if usage is not None and usage.input is not None and usage.output is not None:
        found.append(words.tr("%n token(s)", "", usage.input + usage.output))
    if usage is not None and usage.cost is not None:
        found.append(dollars(usage.cost, 4))
    return " · ".join(found)


class CutLine(Thought):
    """The line, and under it the summary, which folds as reasoning does."""

    def __init__(self, look: Look, cut: Cut, *, is_folded: bool) -> None:
        super().__init__(CUT, look, cut.summary, None, is_open=False)
        self.cut = cut
        self.is_folded = is_folded or not cut.summary

    @property
    def has_text(self) -> bool:
        return bool(self.cut.summary) and not self.is_folded

    @property
    def folds(self) -> bool:
        return bool(self.cut.summary)

    @property
    def _label(self) -> str:
        return summary_words(self.cut)

    @property
    def _line_height(self) -> int:
        return self.look.px(28)

    def lay_out(self, width: int) -> None:
        super().lay_out(width)
        above = self._line_height
        if not self.cut.summary:
            self.height = 0
        elif self.flow is not None:
            self.flow_at += QPointF(0, above)
        self.height += above + self.look.px(16)

    def control_at(self, point: QPointF) -> str:
        return super().control_at(point - QPointF(0, self._line_height)) if self.cut.summary else ""

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        look, above = self.look, self._line_height
        said = cut_words(self.cut)
        wide = min(float(self.width), look.small_metrics.horizontalAdvance(said) + 2.0)
        left, middle, gap = (self.width - wide) / 2, above / 2, look.px(12)
        for start, end in ((0.0, left - gap), (left + wide + gap, float(self.width))):
            if end > start:
                painter.fillRect(QRectF(start, int(middle), end - start, 1), look.color("line"))
        room = QRectF(left, 0, wide, above)
        text_line(painter, room, said, look.small, look.color("muted"), Qt.AlignmentFlag.AlignHCenter)
        if not self.cut.summary:
            return
        head = look.px(22)
        bar = QRectF(0, above, look.px(2), self.height - above - look.px(16))
        painter.fillRect(look.at(bar, self.width), look.color("line"))
        color = look.color("text" if ink.hover == "fold" else "muted")
        center = look.point(QPointF(look.px(17), above + ceil(head / 2)), self.width)
        triangle(painter, center, look.px(7), color, not self.is_folded)
        rest = look.at(QRectF(look.px(24), above, self.width - look.px(24), head), self.width)
        text_line(painter, rest, self._label, look.small, color)
        self.paint_flow(painter, clip, ink)
