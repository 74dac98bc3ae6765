"""A formula on lines of its own: its source until it is set, then the formula in the middle."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.markup import inline
from desktop.markup.inline import Inline, Run
from desktop.markup.model import Block
from desktop.ui.timeline.flow_style import FlowStyle
from desktop.ui.timeline.flow_text import TextBox
from desktop.ui.timeline.inlays import Inlays, Key, Outlines, centred


class MathBox(TextBox):
    """A display formula. Its text is its source, whether that is seen or not."""

    def __init__(self, style: FlowStyle, block: Block, inlays: Inlays | None = None) -> None:
        super().__init__(style, block)
        self._setter = inlays
        self._outlines: Outlines | None = None
        self._size = 0.0
        self._x = 0.0
        self._shift = 0.0

    def update(self, block: Block, labels: dict[str, Any]) -> float:
        del labels
        was_set = self._outlines is not None
        self.block = block
        self._look = self._look_for(block)
        source = block.source.strip("\n")
        fresh = Inline(source, (Run(0, len(source), inline.MATH),) if source else ())
        self._ask(source)
        if fresh == self._inline and was_set == (self._outlines is not None):
            return self.height
        self.set_inline(fresh)
        self._fit()
        return 0.0

    def _ask(self, source: str) -> None:
        # Half a formula seldom is one; it is set when it is complete.
        self._outlines = None
        if self._setter is not None and source and not self.block.is_open:
            self._outlines = self._setter.formula(source, is_display=True)

    def set_width(self, width: float) -> None:
        super().set_width(width)
        self._fit()

    def take_inlays(self, keys: Collection[Key]) -> bool:
        if self._outlines is not None or ("formula", self.text, True) not in keys:
            return False
        self._ask(self.text)
        self._fit()
        return self._outlines is not None

    def _fit(self) -> None:
        outlines = self._outlines
        if outlines is None or not self.width:
            return
        self._size, self._x = centred(outlines, self._look, self.width)
        above, below = outlines.ascent * self._size, outlines.descent * self._size
        self.height = float(max(self._look.line_height, round(above + below + 2 * self._pad)))
        self._shift = min(self._shift, self._most_shift())

    @property
    def _pad(self) -> int:
        return self.style.px(5)

    @property
    def _baseline(self) -> float:
        assert self._outlines is not None  # noqa: S101 (for the type checker)
        tall = (self._outlines.ascent + self._outlines.descent) * self._size
        return round((self.height - tall) / 2 + self._outlines.ascent * self._size)

    def _place(self) -> QRectF:
        """Return where the formula stands."""
        wide = self._outlines.width * self._size if self._outlines is not None else 0.0
        return QRectF(self._x - round(self._shift), 0, wide, self.height)

    def _most_shift(self) -> float:
        if self._outlines is None:
            return 0.0
        return max(0.0, self._outlines.width * self._size + self.style.px(4) - self.width)

    def scroll_sideways(self, by: float) -> bool:
        shift = min(max(0.0, self._shift + by), self._most_shift())
        moved = shift != self._shift
        self._shift = shift
        return moved

    # What follows is the text's own as long as the source is seen

    def paint(self, painter: QPainter, clip: QRectF, selection: tuple[int, int] | None) -> None:
        if self._outlines is None:
            super().paint(painter, clip, selection)
            return
        painter.save()
        if self._most_shift():
            painter.setClipRect(QRectF(0, 0, self.width, self.height), Qt.ClipOperation.IntersectClip)
        place = self._place()
        if selection:
            painter.fillRect(place.adjusted(-2, 0, 2, 0), self.style.color("selection"))
        self._outlines.paint(painter, place.left(), self._baseline, self._size, self._look.color)
        painter.restore()

    def hit(self, point: QPointF) -> int:
        if self._outlines is None:
            return super().hit(point)
        return self.length if point.x() > self._place().center().x() else 0

    def rect_of(self, char: int) -> QRectF:
        if self._outlines is None:
            return super().rect_of(char)
        place = self._place()
        return QRectF(place.left() if char <= 0 else place.right(), 0, 1, self.height)

    def line_at(self, char: int) -> tuple[int, int]:
        return super().line_at(char) if self._outlines is None else (0, self.length)

    def first_baseline(self) -> float:
        return super().first_baseline() if self._outlines is None else self._baseline

    def natural_width(self) -> float:
        if self._outlines is None:
            return super().natural_width()
        return self._outlines.width * self._size
