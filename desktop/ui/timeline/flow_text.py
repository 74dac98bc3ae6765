"""Running text, laid out line by line so that text appended at the end costs only the last lines."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QTextLine

from desktop.base.direction import reads_right_to_left
from desktop.base.graphemes import end_at, start_at
from desktop.markup import inline
from desktop.markup.inline import Inline, InlineText, Run
from desktop.markup.model import Around, Block, Kind
from desktop.ui.timeline.flow_box import Box, cursor_x, format_range
from desktop.ui.timeline.flow_segment import Placed, Segment, shown
from desktop.ui.timeline.flow_style import FlowStyle, TextStyle, option
from desktop.ui.timeline.inlays import Inlay, Inlays, Key
from desktop.ui.timeline.remote import PictureInlay

# A segment longer than this is cut at a line, and a growing one keeps only its last lines open.
_SEGMENT_CHARS = 4096
_SETTLED_LINES = 8
_OPEN_LINES = 3

_INLAID = inline.MATH | inline.IMAGE
_WORD = re.compile(r"\w+(?:['’]\w+)*|\s+|.", re.DOTALL)


class TextBox(Box):
    """A paragraph, a heading, or source shown as it is, such as raw HTML."""

    def __init__(
        self, style: FlowStyle, block: Block, keep_breaks: bool = False, inlays: Inlays | None = None
    ) -> None:
        super().__init__(style, block)
        self._inlays = inlays
        self._inline = Inline("")
        self._grower = InlineText(keep_breaks)
        self._segments: list[Segment] = []
        self._tops: list[float] = []
        self._is_rtl = False
        self._look = self._look_for(block)

    @property
    def is_rtl(self) -> bool:
        return self._is_rtl

    @property
    def look(self) -> TextStyle:
        """The style of the unmarked text."""
        return self._look

    def _look_for(self, block: Block) -> TextStyle:
        if block.kind is Kind.HEADING:
            return self.style.headings[block.level]
        if any(one.around is Around.QUOTE for one in block.containers):
            return self.style.quote
        return self.style.body

    def update(self, block: Block, labels: dict[str, Any]) -> float:
        self.block = block
        look = self._look_for(block)
        if block.kind is Kind.HTML:
            fresh = Inline(block.source)
        else:
            fresh = self._grower.parse(block.source.rstrip(" \t"), labels, block.is_open)
        if look is not self._look:
            self._look = look
            self._segments.clear()
        elif fresh == self._inline:
            return self.height
        return self.set_inline(fresh)

    def set_inline(self, fresh: Inline) -> float:
        """Show another text; return the y from which it has to be painted again."""
        # The character before a soft box changes with it.
        same = max(0, _common(self._inline, fresh) - 1)
        is_rtl = reads_right_to_left(fresh.text)
        if is_rtl != self._is_rtl:
            self._is_rtl = is_rtl
            same = 0
        self._inline = fresh
        self._text = fresh.text
        if not self.width:
            self._segments.clear()
            return 0.0
        return self._lay_out_from(same)

    def set_width(self, width: float) -> None:
        if width == self.width and self._segments:
            return
        self.width = width
        self._segments.clear()
        self._lay_out_from(0)

    def take_inlays(self, keys: Collection[Key]) -> bool:
        """Lay out again if one of these stands here; return whether it does."""
        text = self._inline.text
        if self._inlays is None or not any(
            run.marks & _INLAID and self._inlays.key(run, text[run.start : run.end]) in keys
            for run in self._inline.runs
        ):
            return False
        if self.width:
            self._segments.clear()
            self._lay_out_from(0)
        return True

    def _lay_out_from(self, same: int) -> float:
        """Lay out what changed at or after a character; return the y of the first line that did."""
        segments = self._segments
        changed = 0.0
        while segments and (segments[-1].start > same or not segments[-1].starts):
            self._look.give_back(segments.pop().layout)
        if segments:
            last = segments.pop()
            index = max(0, bisect_right(last.starts, same - last.start) - 2)
            changed = last.top + (last.layout.lineAt(index).y() if index else 0.0)
            start = last.start
            self._look.give_back(last.layout)
        else:
            start = 0
        text = self._inline.text
        while True:
            start = self._add_segment(start)
            if start >= len(text):
                break
        self._tops = [segment.top for segment in segments]
        self.height = segments[-1].top + segments[-1].height
        return max(0.0, changed - self._look.line_height)

    def _add_segment(self, start: int) -> int:
        """Lay out the text from a character on; return where the next segment has to begin."""
        text = self._inline.text
        end = min(len(text), start + _SEGMENT_CHARS)
        if end < len(text):
            end = self._before_inlay(start, end)
        segment = self._segment(start, end)
        lines = len(segment.starts)
        if (end < len(text) or lines > _SETTLED_LINES) and lines > _OPEN_LINES:
            end = start + segment.starts[lines - _OPEN_LINES]
            # A break right at the cut would open an empty line of its own.
            segment = self._segment(start, end - 1 if text[end - 1] == "\n" else end)
        self._segments.append(segment)
        return end

    def _before_inlay(self, start: int, end: int) -> int:
        """Return an end that does not lie within what is shown whole or not at all."""
        for run in self._runs_in(end - 1, end):
            if run.marks & _INLAID and start < run.start < end < run.end:
                return run.start
        return end

    def _segment(self, start: int, end: int) -> Segment:
        runs = self._runs_in(start, end)
        text = self._inline.text
        inlays: dict[Run, Inlay] = {}
        if self._inlays is not None:
            for run in runs:
                if run.marks & _INLAID and start <= run.start and run.end <= end:
                    found = self._inlays.inlay(
                        run, text[run.start : run.end], self.width, self.style, self._look
                    )
                    if found is not None:
                        inlays[run] = found
        look = self._look
        segment = Segment(shown(text[start:end]), start, runs, look, option(self._is_rtl), inlays)
        segment.lay_out(self.width, self._look)
        if self._segments:
            before = self._segments[-1]
            segment.top = before.top + before.height
        return segment

    def _runs_in(self, start: int, end: int) -> list[Run]:
        runs = self._inline.runs
        if not runs:
            return []
        first = bisect_right(runs, start, key=lambda run: run.end)
        last = bisect_right(runs, end - 1, lo=first, key=lambda run: run.start)
        return list(runs[first:last])

    def paint(self, painter: QPainter, clip: QRectF, selection: tuple[int, int] | None) -> None:
        self.paint_colored(painter, clip, selection, self._look)

    def paint_colored(
        self, painter: QPainter, clip: QRectF, selection: tuple[int, int] | None, look: TextStyle
    ) -> None:
        """Paint with the colour of a style."""
        first = max(0, bisect_right(self._tops, clip.top()) - 1)
        for segment in self._segments[first:]:
            if segment.top > clip.bottom():
                break
            if segment.has_chips:
                runs = self._runs_in(segment.start, segment.start + segment.length)
                self._paint_chips(painter, segment.top, segment.chips(runs), clip)
            ranges = []
            if selection:
                a, b = max(0, selection[0] - segment.start), min(segment.length, selection[1] - segment.start)
                if b > a:
                    ranges.append(format_range(segment.units, a, b, self.style.chosen))
            painter.setPen(look.color)
            segment.layout.draw(painter, QPointF(0.0, segment.top), ranges, clip)
            for x, baseline, inlay, _run in segment.placed:
                y = segment.top + baseline
                if y - inlay.ascent <= clip.bottom() + 2 and y + inlay.descent >= clip.top() - 2:
                    inlay.paint(painter, x, y, look.color)

    def _paint_chips(self, painter: QPainter, top: float, chips: list[QRectF], clip: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.style.color("code"))
        radius = self.style.px(4)
        pad = self.style.px(4)
        for chip in chips:
            rect = chip.translated(0, top).adjusted(-pad, 0, 0, 0)
            if rect.intersects(clip):
                painter.drawRoundedRect(rect, radius, radius)

    def hit(self, point: QPointF) -> int:
        if not self._segments:
            return 0
        segment = self._segments[max(0, bisect_right(self._tops, point.y()) - 1)]
        line = self._line_near(segment, point.y() - segment.top)
        char = segment.units.from_qt(line.xToCursor(point.x()))
        # The place behind a wrapped line's space belongs to the next line; stay on this one.
        end = segment.units.from_qt(line.textStart() + line.textLength())
        if char >= end and line.lineNumber() < segment.layout.lineCount() - 1 and end > 0:
            char = end - 1
        return segment.start + char

    @staticmethod
    def _line_near(segment: Segment, y: float) -> QTextLine:
        layout = segment.layout
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            following = layout.lineAt(number + 1) if number + 1 < layout.lineCount() else None
            if following is None or y < (line.y() + line.height() + following.y()) / 2:
                return line
        return layout.lineAt(0)

    def _segment_of(self, char: int) -> Segment | None:
        if not self._segments:
            return None
        index = bisect_right([segment.start for segment in self._segments], char) - 1
        return self._segments[max(0, index)]

    def rect_of(self, char: int) -> QRectF:
        segment = self._segment_of(char)
        if segment is None:
            return QRectF(0, 0, 1, self._look.line_height)
        unit = segment.units.to_qt(min(max(0, char - segment.start), segment.length))
        line = segment.layout.lineForTextPosition(unit)
        if not line.isValid():
            line = segment.layout.lineAt(segment.layout.lineCount() - 1)
        if not line.isValid():
            return QRectF(0, segment.top, 1, self._look.line_height)
        return QRectF(cursor_x(line, unit), segment.top + line.y(), 1, line.height())

    def first_baseline(self) -> float:
        if self._segments and self._segments[0].layout.lineCount():
            line = self._segments[0].layout.lineAt(0)
            return line.y() + line.ascent()
        return self._look.baseline

    def natural_width(self) -> float:
        """Return how wide the text would be on one line, as last laid out."""
        return max((segment.layout.maximumWidth() for segment in self._segments), default=0.0)

    def line_at(self, char: int) -> tuple[int, int]:
        segment = self._segment_of(char)
        if segment is None or not segment.starts:
            return 0, len(self.text)
        index = max(0, bisect_right(segment.starts, char - segment.start) - 1)
        start = segment.start + segment.starts[index]
        if index + 1 < len(segment.starts):
            end = segment.start + segment.starts[index + 1]
        else:
            number = self._segments.index(segment) + 1
            end = self._segments[number].start if number < len(self._segments) else len(self.text)
        return start, end

    def runs_between(self, start: int, end: int) -> list[Run]:
        return [
            Run(max(run.start, start), min(run.end, end), run.marks, run.href)
            for run in self._runs_in(start, end)
            if max(run.start, start) < min(run.end, end)
        ]

    def _inlay_at(self, point: QPointF) -> Placed | None:
        for segment in self._segments:
            for placed in segment.placed:
                if placed.rect.translated(0, segment.top).contains(point):
                    return placed
        return None

    def picture_at(self, point: QPointF) -> str | None:
        placed = self._inlay_at(point)
        return placed.run.href if placed is not None and isinstance(placed.inlay, PictureInlay) else None

    def link_at(self, point: QPointF) -> str | None:
        placed = self._inlay_at(point)
        if placed is not None:
            return placed.run.href or None
        char = self.hit(point)
        for run in self._runs_in(max(0, char - 1), char + 1):
            if run.href and run.start <= char <= run.end:
                segment = self._segment_of(run.start)
                while segment is not None:
                    first, last = (
                        max(0, run.start - segment.start),
                        min(segment.length, run.end - segment.start),
                    )
                    for rect in segment.rects(first, last) if last > first else ():
                        if rect.translated(0, segment.top).contains(point):
                            return run.href
                    number = self._segments.index(segment) + 1
                    if number >= len(self._segments) or self._segments[number].start >= run.end:
                        break
                    segment = self._segments[number]
        return None


def word_in(text: str, char: int) -> tuple[int, int]:
    """Return the range of the word (or run of spaces, or single sign) around a character."""
    start = max(0, char - 200)
    near = text[start : char + 200]
    if not near.isascii():
        # Accents and vowel signs are parts of words.
        near = "".join("x" if unicodedata.category(one)[0] == "M" else one for one in near)
    for match in _WORD.finditer(near):
        if match.start() <= char - start < match.end():
            return start_at(text, start + match.start()), end_at(text, start + match.end())
    return char, char


def _common(old: Inline, new: Inline) -> int:
    """Return up to which character two texts look the same."""
    a, b = old.text, new.text
    if b.startswith(a):
        same = len(a)
    else:
        same = min(len(a), len(b))
        low = 0
        while low < same:
            middle = (low + same + 1) // 2
            if a[:middle] == b[:middle]:
                low = middle
            else:
                same = middle - 1
        same = low
    for mine, theirs in zip(old.runs, new.runs, strict=False):
        if mine != theirs:
            # A run that only grew looks the same up to where it ended.
            if mine.start == theirs.start and mine.marks == theirs.marks:
                return min(same, mine.end, theirs.end)
            return min(same, mine.start, theirs.start)
    longer = old.runs if len(old.runs) > len(new.runs) else new.runs
    shared = min(len(old.runs), len(new.runs))
    return min(same, longer[shared].start) if len(longer) > shared else same
